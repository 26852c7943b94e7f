package tile_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/paulmach/orb"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/layer/planar"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// segment is one side of a line, whichever way it is walked, with the class of the line.
type segment struct {
	class string
	a, b  planar.Point
}

func segmentOf(class string, a, b planar.Point) segment {
	if b.X < a.X || b.X == a.X && b.Y < a.Y {
		a, b = b, a
	}
	return segment{class, a, b}
}

// pieces are the parts of a side between the crossings that it passes: a joint on a straight line need not be drawn.
func pieces(class string, a, b planar.Point) (out []segment) {
	const step = 400
	n, m := max(a.X-b.X, b.X-a.X)/step, max(a.Y-b.Y, b.Y-a.Y)/step
	for m != 0 {
		n, m = m, n%m
	}
	dx, dy := (b.X-a.X)/n, (b.Y-a.Y)/n
	for range n {
		next := planar.Point{X: a.X + dx, Y: a.Y + dy}
		out = append(out, segmentOf(class, a, next))
		a = next
	}
	return out
}

// A random network of streets between the crossings of a lattice, drawn below its highest zoom: what is joined has the same
// class, every piece of a side is drawn as often as there are lines over it, and metres add up class by class.
func TestJoinedLinesCoverTheSameSidesOfTheSameClassAndKeepTheirSums(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		spec := layer.Spec{Name: "streets", Geometry: layer.Lines, MinZoom: 8, MaxZoom: 12, Properties: []layer.Property{
			{Name: "class", Type: layer.Text}, {Name: "lanes", Type: layer.Integer}, {Name: "metres", Type: layer.Number, Sum: true}}}
		crossing := func() planar.Point {
			return planar.Point{X: int64(600 + 400*rapid.IntRange(0, 5).Draw(r, "x")), Y: int64(600 + 400*rapid.IntRange(0, 5).Draw(r, "y"))}
		}
		wanted, metres := map[segment]int{}, map[string]float64{}
		var rows []layertest.Row
		for i := range rapid.IntRange(1, 60).Draw(r, "streets") {
			a, b := crossing(), crossing()
			if a == b {
				continue
			}
			class, lanes := rapid.SampledFrom([]any{"main", "side", nil}).Draw(r, "class"), rapid.SampledFrom([]any{int64(1), int64(2), nil}).Draw(r, "lanes")
			long := float64(rapid.IntRange(1, 500).Draw(r, "metres"))
			rows = append(rows, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i + 1), Values: []any{class, lanes, long},
				Geometry: orb.LineString{unit(here, float64(a.X), float64(a.Y)), unit(here, float64(b.X), float64(b.Y))}})
			kind := fmt.Sprint(class, lanes)
			for _, piece := range pieces(kind, a, b) {
				wanted[piece]++
			}
			metres[kind] += long
		}
		if len(rows) == 0 {
			return
		}
		path := filepath.Join(dir, "streets.arrow")
		reader := layertest.Rows(spec, rows, 10)
		defer reader.Release()
		if _, err := layer.Write(r.Context(), path, spec, reader, layer.WriteOptions{}); err != nil {
			r.Fatal(err)
		}
		f, err := layer.Open(path)
		if err != nil {
			r.Fatal(err)
		}
		defer func() { f.Close(); os.Remove(path) }()
		body, stats, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{})
		if err != nil {
			r.Fatal(err)
		}
		layers, err := mvt.Decode(body)
		if err != nil {
			r.Fatal(err)
		}
		lines := int64(0)
		for _, l := range layers[0].Features {
			kind := fmt.Sprint(l.Properties["class"], l.Properties["lanes"])
			for _, part := range l.Parts {
				for i := 1; i < len(part); i++ {
					for _, piece := range pieces(kind, part[i-1], part[i]) {
						wanted[piece]--
					}
				}
			}
			metres[kind] -= l.Properties["metres"].(float64)
			if n, ok := l.Properties["count"]; ok {
				lines += n.(int64)
				continue
			}
			lines++
		}
		if lines != int64(len(rows)) || stats.Collapsed != 0 {
			r.Fatalf("%d lines of %d, %+v", lines, len(rows), stats)
		}
		for s, n := range wanted {
			if n != 0 {
				r.Fatalf("%v is drawn %d times too little", s, n)
			}
		}
		for kind, left := range metres {
			if math.Abs(left) > 1e-6 {
				r.Fatalf("%v metres of %s are missing", left, kind)
			}
		}
	})
}
