package tile_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"
	"pgregory.net/rapid"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
)

// star draws a simple ring around (x, y) in tile units of here.
func star(t *rapid.T, x, y, radius float64) [][2]float64 {
	n := rapid.IntRange(3, 60).Draw(t, "corners") * rapid.SampledFrom([]int{1, 1, 10}).Draw(t, "times") // from 128 on there are blocks
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	var ring [][2]float64
	for i := range n {
		angle := 2 * math.Pi * (float64(i) + 0.9*random.Float64()) / float64(n)
		r := radius * (0.2 + 0.8*random.Float64())
		ring = append(ring, [2]float64{x + r*math.Cos(angle), y + r*math.Sin(angle)})
	}
	return ring
}

func lonLatRing(at maptile.Tile, xy [][2]float64) orb.Ring {
	var flat []float64
	for _, p := range xy {
		flat = append(flat, p[0], p[1])
	}
	return ring(at, flat...)
}

func flatRing(xy [][2]float64) geom.LineString {
	var flat []float64
	for _, p := range append(append([][2]float64{}, xy...), xy[0]) {
		flat = append(flat, p[0], p[1])
	}
	return geom.NewLineString(geom.NewSequence(flat, geom.DimXY))
}

func perimeter(xy [][2]float64) float64 {
	sum := 0.0
	for i, p := range xy {
		q := xy[(i+1)%len(xy)]
		sum += math.Hypot(q[0]-p[0], q[1]-p[1])
	}
	return sum
}

// encodeOne writes one feature into a layer file and encodes the tile here.
func encodeOne(t *rapid.T, dir string, spec layer.Spec, rows []layertest.Row, at maptile.Tile) []byte {
	path := filepath.Join(dir, "one.arrow")
	if _, err := layer.Write(context.Background(), path, spec, layertest.Rows(spec, rows, 100), layer.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	f, err := layer.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, _, err := tile.Encode(nil, []*layer.File{f}, at, tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAnEncodedPolygonCoversWhatTheClippedOriginalCovers(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		x, y := rapid.Float64Range(-1000, 5000).Draw(r, "x"), rapid.Float64Range(-1000, 5000).Draw(r, "y")
		radius := rapid.Float64Range(20, 6000).Draw(r, "size")
		outer := star(r, x, y, radius)
		inner := star(r, x, y, radius*0.15)
		polygon := orb.Polygon{lonLatRing(here, outer), lonLatRing(here, inner)}
		if geom.NewPolygon([]geom.LineString{flatRing(outer), flatRing(inner)}).Validate() != nil {
			r.Skip() // the hole pokes through
		}
		body := encodeOne(r, dir, polygons(), []layertest.Row{{ID: "a", Key: 1, Geometry: polygon}}, here)
		decoded := check(t, body, here)

		clip := geom.NewEnvelope(geom.XY{X: -64, Y: -64}, geom.XY{X: 4160, Y: 4160}).AsGeometry()
		original := geom.NewPolygon([]geom.LineString{flatRing(outer), flatRing(inner)}).AsGeometry()
		want, err := geom.Intersection(original, clip)
		if err != nil {
			r.Skip()
		}
		have := geom.Geometry{}
		if len(decoded) > 0 {
			have = multiPolygon(decoded[0].Features[0]).AsGeometry()
		}
		differ, err := geom.SymmetricDifference(want, have)
		if err != nil {
			r.Skip()
		}
		// Vertices move by up to √½ of a unit, those on the edge of the buffer by up to one.
		if allowed := perimeter(outer) + perimeter(inner) + 10; differ.Area() > allowed {
			r.Fatalf("the tile differs from the original by %.1f square units, more than %.1f", differ.Area(), allowed)
		}
	})
}

// A lattice of zones with crooked borders: whatever their shape, zones of a tile do not overlap.
func TestCrookedZonesMeetAtEveryZoom(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		const n = 4
		at := maptile.New(516, 373, 10)
		size := rapid.Float64Range(30, 3000).Draw(r, "size")
		var node [n + 1][n + 1][2]float64
		for i := range node {
			for j := range node[i] {
				node[i][j] = [2]float64{
					(float64(i) + rapid.Float64Range(-0.3, 0.3).Draw(r, "x")) * size / n,
					(float64(j) + rapid.Float64Range(-0.3, 0.3).Draw(r, "y")) * size / n,
				}
			}
		}
		border := map[string][][2]float64{}
		side := func(a, b [2]int) [][2]float64 { // from a, without b
			key, p, q := fmt.Sprint(a, b), node[a[0]][a[1]], node[b[0]][b[1]]
			if list, ok := border[fmt.Sprint(b, a)]; ok {
				out := [][2]float64{p}
				for i := len(list) - 1; i > 0; i-- {
					out = append(out, list[i])
				}
				return out
			}
			list := [][2]float64{p}
			steps := rapid.IntRange(1, 8).Draw(r, "steps")
			for k := 1; k < steps; k++ {
				f := float64(k) / float64(steps)
				off := rapid.Float64Range(-0.15, 0.15).Draw(r, "off") * math.Min(f, 1-f)
				list = append(list, [2]float64{p[0] + f*(q[0]-p[0]) - off*(q[1]-p[1]), p[1] + f*(q[1]-p[1]) + off*(q[0]-p[0])})
			}
			border[key] = list
			return list
		}
		var rows []layertest.Row
		for i := range n {
			for j := range n {
				var xy [][2]float64
				corners := [][2]int{{i, j}, {i + 1, j}, {i + 1, j + 1}, {i, j + 1}, {i, j}}
				for k := range 4 {
					xy = append(xy, side(corners[k], corners[k+1])...)
				}
				rows = append(rows, layertest.Row{ID: fmt.Sprint(i, j), Key: uint64(i*n + j), Geometry: orb.Polygon{lonLatRing(at, xy)}})
			}
		}
		spec := layer.Spec{Name: "zones", Geometry: layer.Polygons, MaxZoom: 14, SharedBorders: true}
		path := filepath.Join(dir, "zones.arrow")
		if _, err := layer.Write(context.Background(), path, spec, layertest.Rows(spec, rows, 5), layer.WriteOptions{}); err != nil {
			r.Fatal(err)
		}
		f, err := layer.Open(path)
		if err != nil {
			r.Fatal(err)
		}
		defer f.Close()
		for up := at; up.Z > 2; up = up.Parent() {
			body, _, err := tile.Encode(nil, []*layer.File{f}, up, tile.Options{})
			if err != nil {
				r.Fatal(err)
			}
			if decoded := check(t, body, up); len(decoded) > 0 {
				checkPartition(t, up, decoded[0].Features)
			}
		}
		if t.Failed() {
			r.Fatal("zones overlap")
		}
	})
}

func FuzzEncodeAnyPolygon(f *testing.F) {
	f.Add([]byte("\x00\x00\x40\x00\x40\x40\x00\x40"), uint8(3))
	f.Add([]byte("\x00\x00\xff\xff\xff\x00\x00\xff\x80\x80\x81\x80\x80\x81"), uint8(9))
	f.Add([]byte("0000000000000000000000000000"), uint8(0))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte, zoom uint8) {
		if len(data) < 6 || len(data) > 200 {
			return
		}
		var polygon orb.Polygon
		for ; len(data) >= 6; data = data[min(len(data), 24):] {
			var xy []float64
			for i := 0; i+1 < min(len(data), 24); i += 2 {
				xy = append(xy, float64(data[i])*20-500, float64(data[i+1])*20-500)
			}
			polygon = append(polygon, ring(here, xy...))
		}
		spec := layer.Spec{Name: "any", Geometry: layer.Polygons, MaxZoom: 12, SharedBorders: zoom&1 == 1}
		path := filepath.Join(dir, "any.arrow")
		rows := []layertest.Row{{ID: "a", Key: 1, Geometry: polygon}, {ID: "b", Key: 2, Geometry: orb.MultiPolygon{polygon, polygon}}}
		if _, err := layer.Write(context.Background(), path, spec, layertest.Rows(spec, rows, 1), layer.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
		file, err := layer.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		at := maptile.New(here.X<<2|1, here.Y<<2|1, 12)
		for at.Z > maptile.Zoom(zoom>>1%12) {
			body, _, err := tile.Encode(nil, []*layer.File{file}, at, tile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			check(t, body, at)
			at = at.Parent()
		}
	})
}

// Whatever bytes a layer file holds, opening it is an error, or its tiles can be encoded.
func FuzzOpenAndEncode(f *testing.F) {
	spec := layer.Spec{Name: "all", Geometry: layer.Polygons, MaxZoom: 12, Properties: []layer.Property{
		{Name: "name", Type: layer.Text}, {Name: "floors", Type: layer.Integer}, {Name: "height", Type: layer.Number}, {Name: "open", Type: layer.Boolean},
	}}
	dir := f.TempDir()
	path := filepath.Join(dir, "seed.arrow")
	rows := []layertest.Row{
		{ID: "a", Key: 1, Geometry: orb.Polygon{ring(here, 0, 0, 900, 0, 900, 900)}, Values: []any{"x", int64(1), 1.5, true}},
		{ID: "b", Key: 2, Geometry: orb.Polygon{ring(here, 0, 900, 900, 900, 900, 1900)}, Values: []any{nil, nil, nil, nil}},
	}
	if _, err := layer.Write(context.Background(), path, spec, layertest.Rows(spec, rows, 10), layer.WriteOptions{}); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint16(0), []byte{}, uint16(0))
	f.Add(uint16(len(whole)/2), []byte{255, 255, 255, 127}, uint16(0))
	f.Add(uint16(8), []byte{0, 0}, uint16(300))
	f.Fuzz(func(t *testing.T, at uint16, patch []byte, cut uint16) {
		data := append([]byte{}, whole...)
		copy(data[int(at)%len(data):], patch)
		data = data[:len(data)-int(cut)%len(data)]
		path := filepath.Join(dir, "damaged.arrow")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		file, err := layer.Open(path)
		if err != nil {
			return
		}
		defer file.Close()
		for _, at := range []maptile.Tile{here, maptile.New(0, 0, 0), maptile.New(32, 23, 6)} {
			if _, _, err := tile.Encode(nil, []*layer.File{file}, at, tile.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range file.Len() {
			file.Feature(i)
		}
		file.Bounds()
	})
}
