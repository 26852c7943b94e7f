package figure

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/area"
	"jumeau/query/filter"
)

// BenchmarkAreas lays a circle of 500 vertices over 200,000 squares, about half of which are inside, counts those that a filter chooses, and makes the figure's shares.
func BenchmarkAreas(b *testing.B) {
	spec := layer.Spec{Name: "squares", Geometry: layer.Polygons, MaxZoom: 14, Properties: []layer.Property{{Name: "floors", Type: layer.Integer}}}
	var rows []layertest.Row
	for n := range 200_000 {
		x, y := 1+float64(n%500)/1000, 43+float64(n/500)/1000
		rows = append(rows, layertest.Row{ID: fmt.Sprint(n), Key: uint64(n + 1), Values: []any{int64(n % 9)},
			Geometry: orb.Polygon{{{x, y}, {x + 0.0009, y}, {x + 0.0009, y + 0.0009}, {x, y + 0.0009}, {x, y}}}})
	}
	file := layertest.File(b, spec, rows)
	var ring orb.Ring
	for i := range 500 {
		angle := float64(i) / 500 * 2 * math.Pi
		ring = append(ring, orb.Point{1.25 + 0.2*math.Cos(angle), 43.2 + 0.16*math.Sin(angle)})
	}
	shape, err := area.New(orb.Polygon{append(ring, ring[0])}, crs.CRS84)
	if err != nil {
		b.Fatal(err)
	}
	parsed, err := filter.Parse("floors > 3 AND floors <> 7", spec.Properties)
	if err != nil {
		b.Fatal(err)
	}
	bound := parsed.Bind(file)
	count := func(b *testing.B, chosen func(*layer.Batch, int) bool) {
		n := 0
		for b.Loop() {
			n = 0
			for i := range file.Len() {
				if batch, row := file.At(i); chosen(batch, row) {
					n++
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(file.Len()), "ns/feature")
		b.ReportMetric(float64(n), "chosen")
	}
	b.Run("filter", func(b *testing.B) { count(b, bound.Match) })
	b.Run("place", func(b *testing.B) { count(b, shape.Match) })
	b.Run("lay", func(b *testing.B) {
		for b.Loop() {
			if _, err := Lay(context.Background(), shape, file, len(rows)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
