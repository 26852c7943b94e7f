package tile_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/paulmach/orb"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// columnsOf makes layers of n features whose columns take every form that the encoding has.
func columnsOf(t *testing.T, n int) sample {
	t.Helper()
	spec := layer.Spec{Name: "columns", Geometry: layer.Points, MaxZoom: 10, Properties: []layer.Property{
		{Name: "same", Type: layer.Text}, {Name: "few", Type: layer.Text}, {Name: "other", Type: layer.Text}, {Name: "sparse", Type: layer.Text},
		{Name: "constant", Type: layer.Integer}, {Name: "rising", Type: layer.Integer}, {Name: "runs", Type: layer.Integer},
		{Name: "wide", Type: layer.Integer}, {Name: "long", Type: layer.Integer}, {Name: "huge", Type: layer.Integer}, {Name: "seldom", Type: layer.Integer},
		{Name: "number", Type: layer.Number}, {Name: "flag", Type: layer.Boolean}, {Name: "true", Type: layer.Boolean},
	}}
	var rows []layertest.Row
	for i := range n {
		k := int64(i)
		v := []any{"same", fmt.Sprint("é", i%3), fmt.Sprint("t", i*i), nil, int64(-7), k * 3, k / 40, (k*k*7919)%(1<<32) - 1<<31, k << 40, k<<58 - 1<<62, nil,
			float64(i) / 8, i%3 == 0, true}
		if i%17 == 5 {
			v[3], v[10] = "now and then", -k
		}
		if i%5 == 2 {
			v[1], v[5], v[11], v[12] = nil, nil, nil, nil
		}
		row := layertest.Row{ID: fmt.Sprint(i), Key: uint64(i + 1), Geometry: unit(here, float64(i%60)*60, float64(i/60)*60), Values: v}
		if i%4 == 3 {
			row.Geometry = orb.MultiPoint{unit(here, float64(i%60)*60, float64(i/60)*60), unit(here, 10, 4000)}
		}
		rows = append(rows, row)
	}
	f := layertest.File(t, spec, rows)
	body, _, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return sample{name: fmt.Sprintf("%d features", n), at: here, body: body, decoded: check(t, body, here)}
}

// asJavaScript is what the decoder makes of integers that JavaScript's numbers do not hold.
func asJavaScript(layers []mvt.Layer) {
	for _, l := range layers {
		for _, f := range l.Features {
			if v, ok := f.Properties["huge"]; ok {
				f.Properties["huge"] = fmt.Sprint(v)
			}
		}
	}
}

func TestTheReferenceDecoderOfMLTSeesTheSameTile(t *testing.T) {
	list := samples(t)
	for _, n := range []int{1, 2, 3, 9, 200, 1500} {
		s := columnsOf(t, n)
		if n > 1 { // one alone is small
			asJavaScript(s.decoded)
		} else {
			s.decoded[0].Features[0].Properties["huge"] = fmt.Sprint(s.decoded[0].Features[0].Properties["huge"])
		}
		list = append(list, s)
	}
	var bodies [][]byte
	for _, s := range list {
		body, err := tile.MLT([]byte("before"), s.body)
		if err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		body, ok := bytes.CutPrefix(body, []byte("before"))
		if !ok {
			t.Fatal("dst was not kept")
		}
		bodies = append(bodies, body)
		t.Logf("%-24s MVT %7d gzip %6d brotli %6d   MLT %7d gzip %6d brotli %6d", s.name, len(s.body), len(tile.Gzip(nil, s.body)), brotlied(s.body),
			len(body), len(tile.Gzip(nil, body)), brotlied(body))
	}
	for i, seen := range decodeWith(t, "decode-mlt.js", bodies) {
		compareSeen(t, list[i].name, seen, list[i].decoded)
	}
}

func brotlied(body []byte) int {
	var out bytes.Buffer
	w := brotli.NewWriterLevel(&out, 5)
	w.Write(body)
	w.Close()
	return out.Len()
}

func TestMLTOfNothingIsNothing(t *testing.T) {
	if body, err := tile.MLT(nil, nil); err != nil || len(body) != 0 {
		t.Errorf("%v %v", body, err)
	}
}

// Whatever it is given, the transcoder answers with an error or a tile.
func FuzzMLT(f *testing.F) {
	spec := polygons(layer.Property{Name: "name", Type: layer.Text}, layer.Property{Name: "height", Type: layer.Number})
	file := layertest.File(f, spec, []layertest.Row{
		{ID: "a", Key: 1, Geometry: square(10, 10, 300), Values: []any{"x", 1.5}}, {ID: "b", Key: math.MaxUint64, Geometry: square(1000, 10, 300), Values: []any{nil, nil}},
	})
	body, _, err := tile.Encode(nil, []*layer.File{file}, here, tile.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		tile.MLT(nil, body)
	})
}

// BenchmarkMLT encodes the tiles of the benchmark's list in both encodings and compares their sizes.
func BenchmarkMLT(b *testing.B) {
	file := buildings(b)
	var mvt, mlt [][]byte
	for _, at := range layertest.BenchTiles(b, "mixed.txt") {
		body, _, err := tile.Encode(nil, []*layer.File{file}, at, tile.Options{})
		if err != nil {
			b.Fatal(err)
		}
		other, err := tile.MLT(nil, body)
		if err != nil {
			b.Fatal(err)
		}
		mvt, mlt = append(mvt, body), append(mlt, other)
	}
	i, out := 0, []byte(nil)
	for b.Loop() {
		out, _ = tile.MLT(out[:0], mvt[i%len(mvt)])
		i++
	}
	for name, list := range map[string][][]byte{"MVT": mvt, "MLT": mlt} {
		var raw, zip, br, heaviest int
		for _, body := range list {
			n := len(tile.Gzip(nil, body))
			raw, zip, br, heaviest = raw+len(body), zip+n, br+brotlied(body), max(heaviest, n)
		}
		b.Logf("%s: %.1f MB, gzip %.1f, brotli %.1f; the heaviest %d with gzip", name, float64(raw)/1e6, float64(zip)/1e6, float64(br)/1e6, heaviest)
	}
}
