package pyramid

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/bake"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/pmtiles"
	"jumeau/query/tile"
)

// write writes a layer file and opens it.
func write(t testing.TB, spec layer.Spec, rows []layertest.Row) (string, *layer.File) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "layer.arrow")
	reader := layertest.Rows(spec, rows, 1000)
	defer reader.Release()
	if _, err := layer.Write(context.Background(), path, spec, reader, layer.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return path, layertest.Open(t, path)
}

// scattered is points around the world, on both sides of the 180° meridian among them, and most in one town.
func scattered(t testing.TB, n int) (string, *layer.File) {
	random := rand.New(rand.NewPCG(1, 2))
	rows := []layertest.Row{{ID: "east", Key: 1, Geometry: orb.Point{179.9999, 10}}, {ID: "west", Key: 2, Geometry: orb.Point{-179.9999, 10}},
		{ID: "north", Key: 3, Geometry: orb.Point{12, 89}}}
	for i := range n {
		at := orb.Point{1.4 + 0.1*random.NormFloat64(), 43.6 + 0.1*random.NormFloat64()}
		if i%10 == 0 {
			at = orb.Point{360*random.Float64() - 180, 170*random.Float64() - 85}
		}
		rows = append(rows, layertest.Row{ID: fmt.Sprint("p", i), Key: uint64(i + 10), Geometry: at, Values: nil})
	}
	return write(t, layer.Spec{Name: "points", Geometry: layer.Points, MinZoom: 0, MaxZoom: 7}, rows)
}

// all encodes a layer and holds what comes to what Encode promises: ascending ids, no empty tile.
func all(t testing.TB, file *layer.File, opt Options) map[maptile.Tile][]byte {
	t.Helper()
	out := map[maptile.Tile][]byte{}
	last := int64(-1)
	err := Encode(context.Background(), file, opt, func(_ Place, b *Encoded) ([]byte, error) { return bytes.Clone(b.Body), nil },
		func(p Place, b []byte) error {
			if int64(p.ID) <= last || pmtiles.ID(p.Tile) != p.ID || len(b) == 0 || p.Features == 0 {
				t.Errorf("%v after id %d, %d bytes", p, last, len(b))
			}
			last = int64(p.ID)
			out[p.Tile] = b
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryTileOfTheWorldThatHoldsSomethingIsThereAndNoOther(t *testing.T) {
	_, file := scattered(t, 3000)
	got := all(t, file, Options{MinZoom: 0, MaxZoom: 7, Workers: 3})
	n := 0
	for z := range maptile.Zoom(8) {
		for x := range uint32(1) << z {
			for y := range uint32(1) << z {
				at := maptile.New(x, y, z)
				want, _, err := tile.Encode(nil, []*layer.File{file}, at, tile.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if len(want) > 0 {
					n++
				}
				if !bytes.Equal(got[at], want) {
					t.Fatalf("%v: %d bytes, want %d", at, len(got[at]), len(want))
				}
			}
		}
	}
	if n != len(got) || n < 1000 {
		t.Errorf("%d tiles, want %d", len(got), n)
	}
}

func TestZoomsAndABoxChooseTiles(t *testing.T) {
	_, file := scattered(t, 3000)
	whole := all(t, file, Options{MinZoom: 0, MaxZoom: 7})
	box := [4]float64{1, 43, 2, 44}
	some := all(t, file, Options{MinZoom: 3, MaxZoom: 5, Within: &box, Workers: 1})
	for at, body := range some {
		b := at.Bound()
		if at.Z < 3 || at.Z > 5 || !bytes.Equal(whole[at], body) || b.Min[0] > box[2] || b.Max[0] < box[0] || b.Min[1] > box[3] || b.Max[1] < box[1] {
			t.Errorf("%v is among the tiles", at)
		}
	}
	for at := range whole {
		b := at.Bound()
		if at.Z >= 3 && at.Z <= 5 && b.Min[0] < box[2] && b.Max[0] > box[0] && b.Min[1] < box[3] && b.Max[1] > box[1] && some[at] == nil {
			t.Errorf("%v is not among the tiles", at)
		}
	}
	err := Encode(context.Background(), file, Options{MinZoom: 9, MaxZoom: 12}, func(Place, *Encoded) (int, error) { return 0, nil }, func(Place, int) error { return nil })
	if model.KindOf(err) != model.Invalid || model.HintOf(err) != "it is drawn at zooms 0 to 7" {
		t.Errorf("zooms without tiles: %v, %s", err, model.HintOf(err))
	}
}

func TestProgressEndsAtTheWhole(t *testing.T) {
	_, file := scattered(t, 2000)
	var done, total, last int64
	err := Encode(context.Background(), file, Options{MaxZoom: 7, Progress: func(d, n int64) {
		if done, total = d, n; done < last || done > total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}}, func(Place, *Encoded) (int, error) { return 0, nil }, func(Place, int) error { return nil })
	if err != nil || done != total || done == 0 {
		t.Errorf("%d of %d, %v", done, total, err)
	}
}

func TestAnErrorOrACancelledContextEndsIt(t *testing.T) {
	_, file := scattered(t, 3000)
	mine := errors.New("mine")
	pack := func(Place, *Encoded) (int, error) { return 0, nil }
	for name, err := range map[string]error{
		"in emit": Encode(context.Background(), file, Options{MaxZoom: 7}, pack, func(p Place, _ int) error {
			if p.Tile.Z == 4 {
				return mine
			}
			return nil
		}),
		"in pack": Encode(context.Background(), file, Options{MaxZoom: 7}, func(Place, *Encoded) (int, error) { return 0, mine }, func(Place, int) error { return nil }),
	} {
		if !errors.Is(err, mine) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	err := Encode(ctx, file, Options{MaxZoom: 7}, pack, func(Place, int) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func bakeryOf(t testing.TB, path string, opt BakeOptions) (Baked, BakeOptions) {
	t.Helper()
	dir := t.TempDir()
	opt.Gzip, opt.Brotli = filepath.Join(dir, "g.pmtiles"), filepath.Join(dir, "b.pmtiles")
	b, err := Bake(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	return b, opt
}

func TestBakedTilesAreWhatTheEncoderMakes(t *testing.T) {
	path, file := scattered(t, 20_000)
	b, opt := bakeryOf(t, path, BakeOptions{From: 200_000})
	if b.Tiles < 8 || b.MinZoom != 0 || b.MaxZoom < 3 {
		t.Fatalf("%+v", b)
	}
	brotliPath := opt.Brotli
	if !b.Brotli {
		brotliPath = ""
	}
	tiles, err := bake.Open(opt.Gzip, brotliPath)
	if err != nil {
		t.Fatal(err)
	}
	defer tiles.Close()
	if len(tiles.Sample(5)) != 5 || len(tiles.Sample(1_000_000)) != b.Tiles {
		t.Errorf("samples of %d and %d", len(tiles.Sample(5)), len(tiles.Sample(1_000_000)))
	}
	n := 0
	for at, body := range all(t, file, Options{MaxZoom: 7}) {
		got := tiles.Get(at)
		if got.Gzip == nil {
			continue
		}
		n++
		r, err := gzip.NewReader(bytes.NewReader(got.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, body) {
			t.Errorf("%v: gzip is another tile, %v", at, err)
		}
		if b.Brotli {
			if plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(got.Brotli))); err != nil || !bytes.Equal(plain, body) {
				t.Errorf("%v: brotli is another tile, %v", at, err)
			}
		}
	}
	if n != b.Tiles {
		t.Errorf("%d of %d baked tiles were found", n, b.Tiles)
	}
}

func TestABakedTileSaysWhatWasGeneralised(t *testing.T) {
	var rows []layertest.Row
	random := rand.New(rand.NewPCG(3, 4))
	spec := layer.Spec{Name: "points", Geometry: layer.Points, MinZoom: 10, MaxZoom: 10, Properties: []layer.Property{{Name: "name", Type: layer.Text}}}
	bound := maptile.New(516, 373, 10).Bound()
	for i := range 60_000 { // at the highest zoom nothing is aggregated: only the budget makes this tile coarser
		at := orb.Point{bound.Min[0] + random.Float64()*(bound.Max[0]-bound.Min[0]), bound.Min[1] + random.Float64()*(bound.Max[1]-bound.Min[1])}
		rows = append(rows, layertest.Row{ID: fmt.Sprint("p", i), Key: uint64(i + 1), Geometry: at, Values: []any{fmt.Sprint(random.Uint64())}})
	}
	path, file := write(t, spec, rows)
	_, opt := bakeryOf(t, path, BakeOptions{})
	tiles, err := bake.Open(opt.Gzip, "")
	if err != nil {
		t.Fatal(err)
	}
	defer tiles.Close()
	_, stats, err := tile.Encode(nil, []*layer.File{file}, maptile.New(516, 373, 10), tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := tiles.Get(maptile.New(516, 373, 10)); got.Gzip == nil || got.Generalised == "" || got.Generalised != tile.Generalised(stats.Coarse) {
		t.Errorf("%d bytes, generalised %q, the encoder says %+v", len(got.Gzip), got.Generalised, stats.Coarse)
	}
}

func TestBakingTwiceGivesTheSameBytesWhateverTheWorkers(t *testing.T) {
	path, _ := scattered(t, 20_000)
	_, one := bakeryOf(t, path, BakeOptions{From: 100_000, Workers: 1})
	_, four := bakeryOf(t, path, BakeOptions{From: 100_000, Workers: 4})
	for _, pair := range [][2]string{{one.Gzip, four.Gzip}, {one.Brotli, four.Brotli}} {
		a, errA := os.ReadFile(pair[0])
		b, errB := os.ReadFile(pair[1])
		if !bytes.Equal(a, b) || (errA == nil) != (errB == nil) {
			t.Errorf("%s: %d and %d bytes, %v, %v", filepath.Base(pair[0]), len(a), len(b), errA, errB)
		}
	}
}

func TestALayerWithoutHeavyTilesHasNoArchive(t *testing.T) {
	path, _ := scattered(t, 500)
	b, opt := bakeryOf(t, path, BakeOptions{})
	left, err := os.ReadDir(filepath.Dir(opt.Gzip))
	if err != nil || b != (Baked{}) || len(left) != 0 {
		t.Errorf("%+v, %v, %v", b, left, err)
	}
}

func TestCommunesOfARegionAreBakedWithinTheirShare(t *testing.T) {
	spec := layer.Spec{Name: "communes", Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 12, SharedBorders: true, Properties: []layer.Property{{Name: "nom", Type: layer.Text}}}
	rows := layertest.Read(t, realdata.Path(t, "france-geojson-occitanie/communes-occitanie-2017.geojson.gz"), spec, "code")
	path, _ := write(t, spec, rows)
	b, opt := bakeryOf(t, path, BakeOptions{})
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d communes, file of %d kB: %+v", len(rows), info.Size()/1000, b)
	if b.Bytes > 2*max(info.Size()/share, bakeFloor) {
		t.Errorf("%+v of %d", b, info.Size())
	}
	if b.Tiles > 0 {
		a, err := pmtiles.Open(opt.Gzip)
		if err != nil {
			t.Fatal(err)
		}
		a.Close()
	}
}

// BenchmarkPyramid encodes and compresses all tiles of the million buildings.
func BenchmarkPyramid(b *testing.B) {
	dir := os.Getenv("JUMEAU_BENCH")
	if dir == "" {
		b.Skip("JUMEAU_BENCH names no folder of generated data")
	}
	file, err := layer.Open(filepath.Join(dir, "buildings.v1.arrow"))
	if err != nil {
		b.Skip(err)
	}
	defer file.Close()
	for b.Loop() {
		tiles, bytes := 0, 0
		err := Encode(context.Background(), file, Options{MinZoom: 8, MaxZoom: 14}, func(_ Place, t *Encoded) (int, error) { return len(t.Body), nil },
			func(_ Place, n int) error { tiles++; bytes += n; return nil })
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(tiles), "tiles")
		b.ReportMetric(float64(bytes)/1e6, "MB")
	}
}
