package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/klauspost/compress/gzip"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/maptile"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/pmtiles"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/query/extract"
	"jumeau/query/tile"
)

// publish publishes the tiny release, with a GeoParquet file of its layer of works.
func publish(t testing.TB, opt releasetest.Options) *release.Release {
	t.Helper()
	dir := t.TempDir()
	opt.BuiltAt = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), opt)
	if err != nil {
		t.Fatal(err)
	}
	writeParquet(t, filepath.Join(d.Dir(), release.ParquetPath("works")))
	id, _, err := d.Publish(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	r, err := release.Open(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// writeParquet writes three works: one with every value, one in a smaller place with awkward text, one with nothing.
func writeParquet(t testing.TB, path string) {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "kind", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "floors", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "width", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "open", Type: arrow.FixedWidthTypes.Boolean, Nullable: true}, {Name: "since", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "geometry", Type: arrow.BinaryTypes.Binary}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	shapes := []orb.Geometry{orb.LineString{{1.5, 43.5}, {1.51, 43.51}}, orb.MultiLineString{{{0.0000001, 43}, {0, 43.1}}, {{1, 2}, {3, 4}}}, orb.LineString{{1.6, 43.5}, {1.61, 43.51}}}
	for i, g := range shapes {
		text, err := wkb.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprint("w", i+1))
		b.Field(6).(*array.BinaryBuilder).Append(text)
	}
	b.Field(1).(*array.StringBuilder).AppendValues([]string{"gas", "L'été, \"rue\"\nde l'Eau", ""}, []bool{true, true, false})
	b.Field(2).(*array.Int64Builder).AppendValues([]int64{9007199254740993, -1, 0}, []bool{true, true, false})
	b.Field(3).(*array.Float64Builder).AppendValues([]float64{0.00000012, 2.5, 0}, []bool{true, true, false})
	b.Field(4).(*array.BooleanBuilder).AppendValues([]bool{true, false, false}, []bool{true, true, false})
	b.Field(5).(*array.Date32Builder).AppendValues([]arrow.Date32{20000, 0, 0}, []bool{true, true, false})
	batch := b.NewRecordBatch()
	defer batch.Release()
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(schema, out, nil, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(batch); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// written exports a layer and gives the path of the file.
func written(t testing.TB, r *release.Release, id string, opt Options) (string, Stats) {
	t.Helper()
	opt.Path = filepath.Join(t.TempDir(), "out."+opt.Format)
	stats, err := Layer(t.Context(), r, id, opt)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(opt.Path)
	if err != nil || info.Size() != stats.Bytes || info.Mode().Perm() != 0o644 {
		t.Errorf("%v, %v, %+v", info, err, stats)
	}
	if left, _ := os.ReadDir(filepath.Dir(opt.Path)); len(left) != 1 {
		t.Errorf("temporary files are left: %v", left)
	}
	return opt.Path, stats
}

// tiles are all tiles of a layer that hold something within its box.
func tiles(t testing.TB, r *release.Release, id string) map[maptile.Tile][]byte {
	t.Helper()
	file, err := layer.Open(r.Path(release.LayerPath(id)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	l, _ := r.Manifest.Catalog.Layer(id)
	out := map[maptile.Tile][]byte{}
	for z := maptile.Zoom(l.MinZoom); z <= maptile.Zoom(l.MaxZoom); z++ {
		from, to := maptile.At(orb.Point{l.BBox[0] - 0.01, l.BBox[3] + 0.01}, z), maptile.At(orb.Point{l.BBox[2] + 0.01, l.BBox[1] - 0.01}, z)
		for x := from.X; x <= to.X; x++ {
			for y := from.Y; y <= to.Y; y++ {
				at := maptile.New(x, y, z)
				body, _, err := tile.Encode(nil, []*layer.File{file}, at, tile.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if len(body) > 0 {
					out[at] = body
				}
			}
		}
	}
	return out
}

func plain(t testing.TB, packed []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAPMTilesArchiveHoldsTheTilesOfTheServer(t *testing.T) {
	r := publish(t, releasetest.Options{})
	path, stats := written(t, r, "communes", Options{Format: "pmtiles", Language: "en"})
	a, err := pmtiles.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	want := tiles(t, r, "communes")
	n := 0
	err = a.Each(func(id uint64, body []byte) error {
		n++
		at, _ := pmtiles.Tile(id)
		if !bytes.Equal(plain(t, body), want[at]) {
			t.Errorf("%v is another tile", at)
		}
		return nil
	})
	if err != nil || n != len(want) || uint64(n) != stats.Tiles || a.Contents != stats.Contents || a.Contents >= a.Addressed {
		t.Errorf("%d tiles of %d, %+v, %+v, %v", n, len(want), stats, a.Header, err)
	}
	if a.MinZoom != 5 || a.MaxZoom != 14 || a.Bounds != [4]float64{1.45, 43.45, 1.65, 43.55} || a.Tiles != pmtiles.Gzip || !a.Clustered {
		t.Errorf("%+v", a.Header)
	}
	var about struct {
		Name, Attribution string
		VectorLayers      []struct {
			ID      string
			MinZoom int
			Fields  map[string]string
		} `json:"vector_layers"`
	}
	if err := json.Unmarshal(a.Metadata, &about); err != nil {
		t.Fatal(err)
	}
	if about.Name != "Who lives where?" || about.Attribution != "© IGN (Licence Ouverte 2.0)" || len(about.VectorLayers) != 1 ||
		about.VectorLayers[0].ID != "communes" || about.VectorLayers[0].Fields["name"] != "String" || about.VectorLayers[0].MinZoom != 5 {
		t.Errorf("%s", a.Metadata)
	}
}

// TestTheReaderOfThePagesFindsEveryTile asks the PMTiles library for JavaScript, the one that maps use.
func TestTheReaderOfThePagesFindsEveryTile(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat("node/node_modules/pmtiles"); err != nil {
		t.Skip("the library pmtiles is not installed: npm ci in query/export/node, or make test")
	}
	r := publish(t, releasetest.Options{Works: 500})
	for _, id := range []string{"communes", "works"} {
		path, stats := written(t, r, id, Options{Format: "pmtiles"})
		want := tiles(t, r, id)
		var ask strings.Builder
		for at := range want {
			fmt.Fprintf(&ask, "%d/%d/%d\n", at.Z, at.X, at.Y)
		}
		ask.WriteString("14/0/0\n5/31/31\n")
		cmd := exec.Command("node", "node/read.mjs", path)
		cmd.Stdin = strings.NewReader(ask.String())
		text, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Header   struct{ SpecVersion, TileType, MinZoom, MaxZoom, NumAddressedTiles int }
			Metadata map[string]any
			Tiles    map[string]*string
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		for at, body := range want {
			sum := sha256.Sum256(body)
			if found := got.Tiles[fmt.Sprintf("%d/%d/%d", at.Z, at.X, at.Y)]; found == nil || *found != hex.EncodeToString(sum[:]) {
				t.Errorf("%s %v is another tile", id, at)
			}
		}
		if got.Tiles["14/0/0"] != nil || got.Tiles["5/31/31"] != nil {
			t.Error("there are tiles where there is nothing")
		}
		if got.Header.SpecVersion != 3 || got.Header.TileType != 1 || uint64(got.Header.NumAddressedTiles) != stats.Tiles || got.Metadata["vector_layers"] == nil {
			t.Errorf("%s: %+v", id, got.Header)
		}
	}
}

func TestAnMBTilesArchiveHoldsTheTilesOfTheServer(t *testing.T) {
	r := publish(t, releasetest.Options{Works: 300})
	path, stats := written(t, r, "works", Options{Format: "mbtiles"})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT zoom_level, tile_column, (1 << zoom_level) - 1 - tile_row, tile_data FROM tiles")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	want := tiles(t, r, "works")
	n := 0
	for rows.Next() {
		var z, x, y uint32
		var body []byte
		if err := rows.Scan(&z, &x, &y, &body); err != nil {
			t.Fatal(err)
		}
		n++
		if at := maptile.New(x, y, maptile.Zoom(z)); !bytes.Equal(plain(t, body), want[at]) {
			t.Errorf("%v is another tile", at)
		}
	}
	if err := rows.Err(); err != nil || n != len(want) || uint64(n) != stats.Tiles {
		t.Errorf("%d tiles of %d, %+v, %v", n, len(want), stats, err)
	}
	var format, vector string
	if err := db.QueryRow("SELECT (SELECT value FROM metadata WHERE name = 'format'), (SELECT value FROM metadata WHERE name = 'json')").Scan(&format, &vector); err != nil || format != "pbf" || !strings.Contains(vector, `"id":"works"`) {
		t.Errorf("%s %s %v", format, vector, err)
	}
}

func TestGDALReadsWhatIsExported(t *testing.T) {
	if _, err := exec.LookPath("ogrinfo"); err != nil {
		t.Skip("gdal-bin is not installed")
	}
	r := publish(t, releasetest.Options{Works: 300})
	for format, want := range map[string][]string{
		"mbtiles": {"works", "Metadata:\n  ZOOM_LEVEL=14"}, "geojson": {"Feature Count: 3", "GEOGCRS[\"WGS 84\""}, "csv": {"Feature Count: 3", "width: "},
	} {
		path, _ := written(t, r, "works", Options{Format: format})
		out, err := exec.Command("ogrinfo", "-so", "-al", path).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", format, err)
		}
		for _, text := range want {
			if !strings.Contains(string(out), text) {
				t.Errorf("%s: no %q in\n%s", format, text, out)
			}
		}
		if strings.Contains(string(out), "Warning") || strings.Contains(string(out), "ERROR") {
			t.Errorf("%s: %s", format, out)
		}
	}
}

func TestGeoJSONHasEveryValueAsItIs(t *testing.T) {
	path, stats := written(t, publish(t, releasetest.Options{}), "works", Options{Format: "geojson"})
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"FeatureCollection","name":"Travaux","features":[
{"id":"w1","type":"Feature","geometry":{"type":"LineString","coordinates":[[1.5,43.5],[1.51,43.51]]},"properties":{"floors":9007199254740993,"id":"w1","kind":"gas","open":true,"since":"2024-10-04","width":1.2e-7}},
{"id":"w2","type":"Feature","geometry":{"type":"MultiLineString","coordinates":[[[1e-7,43],[0,43.1]],[[1,2],[3,4]]]},"properties":{"floors":-1,"id":"w2","kind":"L'été, \"rue\"\nde l'Eau","open":false,"since":"1970-01-01","width":2.5}},
{"id":"w3","type":"Feature","geometry":{"type":"LineString","coordinates":[[1.6,43.5],[1.61,43.51]]},"properties":{"floors":null,"id":"w3","kind":null,"open":null,"since":null,"width":null}}
]}
`
	if string(got) != want || stats.Features != 3 {
		t.Errorf("%+v\n%s", stats, got)
	}
	if !json.Valid(got) {
		t.Error("it is no JSON")
	}
}

func TestCSVQuotesTextAndWritesNumbersWithoutExponent(t *testing.T) {
	box := [4]float64{-1, 0, 1.55, 44}
	path, stats := written(t, publish(t, releasetest.Options{}), "works", Options{Format: "csv", Within: &box})
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `id,kind,floors,width,open,since,geometry
w1,gas,9007199254740993,0.00000012,true,2024-10-04,"LINESTRING (1.5 43.5,1.51 43.51)"
w2,"L'été, ""rue""
de l'Eau",-1,2.5,false,1970-01-01,"MULTILINESTRING ((0.0000001 43,0 43.1),(1 2,3 4))"
`
	if string(got) != want || stats.Features != 2 {
		t.Errorf("%+v\n%s", stats, got)
	}
}

func TestWKTOfEveryGeometry(t *testing.T) {
	for want, g := range map[string]orb.Geometry{
		"POINT (1 2)":                                  orb.Point{1, 2},
		"MULTIPOINT ((1 2),(3 4))":                     orb.MultiPoint{{1, 2}, {3, 4}},
		"LINESTRING EMPTY":                             orb.LineString{},
		"POLYGON ((0 0,1 0,0 1,0 0))":                  orb.Polygon{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}},
		"MULTIPOLYGON (((0 0,1 0,0 1,0 0)))":           orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}},
		"GEOMETRYCOLLECTION (POINT (1 2),POINT (3 4))": orb.Collection{orb.Point{1, 2}, orb.Point{3, 4}},
	} {
		if got := extract.WKT(g); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestFilesOfTheReleaseAreCopied(t *testing.T) {
	r := publish(t, releasetest.Options{})
	for format, name := range map[string]string{"geoparquet": release.ParquetPath("works"), "arrow": release.LayerPath("works")} {
		path, _ := written(t, r, "works", Options{Format: format})
		got, _ := os.ReadFile(path)
		want, err := os.ReadFile(r.Path(name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from the release's file, %v", format, err)
		}
	}
}

func TestWhatCannotBeExportedIsRefusedWithAHint(t *testing.T) {
	r := publish(t, releasetest.Options{})
	at := func(n int) *int { return &n }
	for _, c := range []struct {
		layer string
		opt   Options
		kind  model.Kind
		hint  string
	}{
		{"roads", Options{Format: "pmtiles"}, model.NotFound, "its layers are: communes, works"},
		{"works", Options{Format: "shapefile"}, model.Invalid, "write one of pmtiles"},
		{"works", Options{Format: "pmtiles", MinZoom: at(5)}, model.Invalid, "choose within 10-14"},
		{"works", Options{Format: "pmtiles", MinZoom: at(13), MaxZoom: at(11)}, model.Invalid, "choose within 10-14"},
		{"works", Options{Format: "csv", MinZoom: at(11)}, model.Invalid, "pmtiles or mbtiles"},
		{"works", Options{Format: "arrow", Within: &[4]float64{0, 0, 1, 1}}, model.Invalid, "geojson or csv"},
		{"works", Options{Format: "pmtiles", Within: &[4]float64{2, 0, 1, 1}}, model.Invalid, "west,south,east,north"},
		{"works", Options{Format: "pmtiles", Within: &[4]float64{100, 0, 101, 1}}, model.Invalid, "widen the box"},
		{"works", Options{Format: "mbtiles", Within: &[4]float64{100, 0, 101, 1}}, model.Invalid, "widen the box"},
	} {
		dir := t.TempDir()
		c.opt.Path = filepath.Join(dir, "x")
		_, err := Layer(t.Context(), r, c.layer, c.opt)
		if model.KindOf(err) != c.kind || !strings.Contains(model.HintOf(err), c.hint) {
			t.Errorf("%s %s: %v; %s", c.layer, c.opt.Format, err, model.HintOf(err))
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s %s leaves %v", c.layer, c.opt.Format, left)
		}
	}
}

func TestAFileThatIsThereIsKeptUnlessItIsToBeReplaced(t *testing.T) {
	r := publish(t, releasetest.Options{})
	path := filepath.Join(t.TempDir(), "x.csv")
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Layer(t.Context(), r, "works", Options{Format: "csv", Path: path})
	if got, _ := os.ReadFile(path); model.KindOf(err) != model.Invalid || !strings.Contains(model.HintOf(err), "--force") || string(got) != "mine" {
		t.Errorf("%v, the file is %q", err, got)
	}
	if _, err := Layer(t.Context(), r, "works", Options{Format: "csv", Path: path, Replace: true}); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(path); !strings.HasPrefix(string(got), "id,kind") {
		t.Errorf("the file is %q", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	other := filepath.Join(t.TempDir(), "x.pmtiles")
	if _, err := Layer(ctx, r, "works", Options{Format: "pmtiles", Path: other}); err == nil {
		t.Error("an export that was stopped went well")
	}
	if left, _ := os.ReadDir(filepath.Dir(other)); len(left) != 0 {
		t.Errorf("it leaves %v", left)
	}
}
