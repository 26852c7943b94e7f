package tile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
)

// huge is zones in a row with long crooked borders of n vertices each, about as large as a region.
func huge(t testing.TB, zones, n int) *layer.File {
	r := rand.New(rand.NewPCG(7, 7))
	borders := make([][]orb.Point, zones+1)
	for i := range borders {
		x, walk := float64(i), 0.0
		for k := range n {
			walk = walk*0.9999 + (r.Float64()-0.5)*3/float64(n)
			borders[i] = append(borders[i], orb.Point{x + walk + 0.02*math.Sin(float64(k)/2000), 43 + 2*float64(k)/float64(n)})
		}
	}
	var rows []layertest.Row
	for i := range zones {
		ring := append(orb.Ring{}, borders[i]...)
		for k := n - 1; k >= 0; k-- {
			ring = append(ring, borders[i+1][k])
		}
		ring = append(ring, ring[0])
		rows = append(rows, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i + 1), Geometry: orb.Polygon{ring}})
	}
	return layertest.File(t, layer.Spec{Name: "regions", Geometry: layer.Polygons, MaxZoom: 14, MinZoom: 4}, rows)
}

// BenchmarkHugePolygons encodes tiles of five polygons of 400,000 vertices each, at low zooms and deep inside.
func BenchmarkHugePolygons(b *testing.B) {
	f := huge(b, 5, 200_000)
	for _, z := range []maptile.Zoom{5, 6, 8, 10, 12, 14} {
		at := maptile.At(orb.Point{2, 44}, z)
		b.Run(fmt.Sprint("z", z), func(b *testing.B) {
			var buf []byte
			var err error
			for b.Loop() {
				if buf, _, err = tile.Encode(buf[:0], []*layer.File{f}, at, tile.Options{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(buf)), "bytes")
		})
	}
}
