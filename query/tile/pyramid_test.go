package tile_test

import (
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"math"
	"os"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"jumeau/internal/realdata"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/layer/planar"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// pyramid checks every tile of a layer that can hold something, and gives each to f.
func pyramid(t *testing.T, l *layer.File, deepest int, f func(at maptile.Tile, body []byte, stats tile.Stats, decoded []mvt.Layer)) {
	t.Helper()
	pyramidWith(t, l, deepest, tile.Options{}, f)
}

func pyramidWith(t *testing.T, l *layer.File, deepest int, opt tile.Options, f func(at maptile.Tile, body []byte, stats tile.Stats, decoded []mvt.Layer)) {
	t.Helper()
	tiles := 0
	var visit func(at maptile.Tile)
	visit = func(at maptile.Tile) {
		if len(l.Search(nil, layer.TileBox(uint32(at.Z), at.X, at.Y, 64))) == 0 {
			return
		}
		if int(at.Z) >= l.Spec().MinZoom {
			body, stats, err := tile.Encode(nil, []*layer.File{l}, at, opt)
			if err != nil {
				t.Fatal(err)
			}
			tiles++
			if budget := cmp.Or(opt.Budget, tile.DefaultBudget); len(body) > budget && len(tile.Gzip(nil, body)) > budget {
				t.Errorf("%v weighs more than %d bytes", at, budget)
			}
			decoded := check(t, body, at)
			if f != nil {
				f(at, body, stats, decoded)
			}
		}
		if int(at.Z) < min(deepest, l.Spec().MaxZoom) {
			for _, child := range at.Children() {
				visit(child)
			}
		}
	}
	visit(maptile.New(0, 0, 0))
	t.Logf("%d tiles", tiles)
}

func TestEveryTileOfRealLayersKeepsTheRules(t *testing.T) {
	for _, c := range []struct {
		file, id string
		spec     layer.Spec
		deepest  int
	}{
		{"france-geojson-31/communes-31-haute-garonne.geojson", "code", layer.Spec{Geometry: layer.Polygons, MaxZoom: 14, SharedBorders: true}, 13},
		{"france-geojson-31/communes-31-haute-garonne.geojson", "code", layer.Spec{Geometry: layer.Polygons, MaxZoom: 14}, 12},
		{"france-geojson-occitanie/communes-occitanie-2017.geojson.gz", "code", layer.Spec{Geometry: layer.Polygons, MinZoom: 4, MaxZoom: 14, SharedBorders: true}, 11},
		{"iris-2016/iris-34-herault.geojson.gz", "code_iris", layer.Spec{Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 14, SharedBorders: true}, 13},
		{"iris-2016/iris-09-ariege.geojson.gz", "code_iris", layer.Spec{Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 14, SharedBorders: true}, 12},
		{"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", "", layer.Spec{Geometry: layer.Polygons, MinZoom: 0, MaxZoom: 18}, 18},
		{"montpellier-quartiers/VilleMTP_MTP_SousQuartiers.geojson", "", layer.Spec{Geometry: layer.Polygons, MinZoom: 0, MaxZoom: 16, SharedBorders: true}, 15},
		{"flatgeobuf-suite/countries.geojson", "id", layer.Spec{Geometry: layer.Polygons, MinZoom: 0, MaxZoom: 8, SharedBorders: true}, 5},
		{"flatgeobuf-suite/tiger_roads.geojson.gz", "", layer.Spec{Geometry: layer.Lines, MinZoom: 0, MaxZoom: 14}, 14},
		{"geojson-odd-cases/dateline.geojson", "", layer.Spec{Geometry: layer.Lines, MaxZoom: 8}, 8},
		{"geojson-odd-cases/dateline.geojson", "", layer.Spec{Geometry: layer.Polygons, MaxZoom: 8}, 6},
		{"geojson-odd-cases/nullisland.geojson", "", layer.Spec{Geometry: layer.Points, MaxZoom: 8}, 8},
		{"geojson-odd-cases/nullisland.geojson", "", layer.Spec{Geometry: layer.Polygons, MaxZoom: 8}, 8},
		{"geojson-odd-cases/empty-linestring.geojson", "", layer.Spec{Geometry: layer.Lines, MaxZoom: 8}, 8},
		{"geojson-odd-cases/intersection.geojson", "", layer.Spec{Geometry: layer.Lines, MaxZoom: 8}, 8},
		{"geojson-odd-cases/single-polygons.geojson", "", layer.Spec{Geometry: layer.Polygons, MaxZoom: 10}, 10},
		{"geojson-odd-cases/wraparound2.geojson", "", layer.Spec{Geometry: layer.Polygons, MaxZoom: 6}, 5},
		{"geojson-odd-cases/muni.geojson.gz", "", layer.Spec{Geometry: layer.Points, MaxZoom: 14}, 13},
	} {
		t.Run(fmt.Sprintf("%s as %s shared %v", c.file, c.spec.Geometry, c.spec.SharedBorders), func(t *testing.T) {
			c.spec.Name = "layer"
			f := layertest.File(t, c.spec, layertest.Read(t, realdata.Path(t, c.file), c.spec, c.id))
			if testing.Short() {
				c.deepest = min(c.deepest, 9)
			}
			repaired := map[maptile.Zoom]int{}
			pyramid(t, f, c.deepest, func(at maptile.Tile, _ []byte, stats tile.Stats, _ []mvt.Layer) { repaired[at.Z] += stats.Repaired })
			t.Logf("%d features; repaired by zoom: %v", f.Len(), repaired)
		})
	}
}

func TestGeometriesThatMadeOtherGeneratorsFailAreDrawn(t *testing.T) {
	for _, n := range []int{1, 2, 4, 5, 7, 8} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			file, err := os.Open(realdata.Path(t, fmt.Sprintf("wkb-invalid-geometries/exception_%d.wkb.gz", n)))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			unzipped, err := gzip.NewReader(file)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(unzipped)
			if err != nil {
				t.Fatal(err)
			}
			f := layertest.File(t, layer.Spec{Name: "odd", Geometry: layer.Polygons, MaxZoom: 14, SharedBorders: n%2 == 0}, inDegrees(t, body))
			if f.Len() == 0 {
				t.Fatal("nothing was kept")
			}
			pyramid(t, f, 8, nil)
		})
	}
}

// inDegrees makes rows of a WKB collection, moving coordinates that are not degrees (tile units) near null island.
func inDegrees(t *testing.T, body []byte) []layertest.Row {
	t.Helper()
	g, err := geom.UnmarshalWKB(body, geom.NoValidate{})
	if err != nil {
		t.Fatal(err)
	}
	low, high, _ := g.Envelope().MinMaxXYs()
	if low.X < -180 || high.X > 180 || low.Y < -85 || high.Y > 85 {
		span := math.Max(high.X-low.X, high.Y-low.Y)
		g = g.TransformXY(func(p geom.XY) geom.XY { return geom.XY{X: (p.X - low.X) / span, Y: (p.Y - low.Y) / span} })
	}
	var rows []layertest.Row
	for i, part := range g.Dump() {
		rows = append(rows, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i), WKB: part.AsBinary()})
	}
	return rows
}

// The zones of a system neither overlap nor part in any tile: the areas of the zones add up to the area of their union,
// which another library computes, and the union has no hole that is not in the source.
func TestZonesMeetExactlyAtEveryZoom(t *testing.T) {
	for _, c := range []struct {
		file, id string
		min, max int
	}{
		{"france-geojson-31/communes-31-haute-garonne.geojson", "code", 3, 12},
		{"iris-2016/iris-09-ariege.geojson.gz", "code_iris", 4, 12},
		{"iris-2016/iris-34-herault.geojson.gz", "code_iris", 4, 12},
		{"montpellier-quartiers/VilleMTP_MTP_SousQuartiers.geojson", "", 5, 14},
	} {
		t.Run(c.file, func(t *testing.T) {
			spec := layer.Spec{Name: "zones", Geometry: layer.Polygons, MinZoom: c.min, MaxZoom: 14, SharedBorders: true}
			f := layertest.File(t, spec, layertest.Read(t, realdata.Path(t, c.file), spec, c.id))
			seen := map[maptile.Zoom]int{}
			pyramid(t, f, c.max, func(at maptile.Tile, _ []byte, _ tile.Stats, decoded []mvt.Layer) {
				if seen[at.Z]++; len(decoded) == 0 || seen[at.Z] > 5 {
					return
				}
				checkPartition(t, at, decoded[0].Features)
			})
		})
	}
}

// checkPartition compares the sum of areas with the area of the union.
func checkPartition(t *testing.T, at maptile.Tile, features []mvt.Feature) {
	t.Helper()
	var sum int64
	var all []geom.Geometry
	for _, f := range features {
		for _, part := range f.Parts {
			sum += planar.Area2(part)
		}
		all = append(all, multiPolygon(f).AsGeometry())
	}
	union, err := geom.UnionMany(all)
	if err != nil {
		t.Fatal(err)
	}
	if area := union.Area() * 2; math.Abs(area-float64(sum)) > 0.5 {
		t.Errorf("%v: %d zones cover %d half units, their union %.2f: they overlap by %.1f", at, len(features), sum, area, float64(sum)-area)
	}
}

// holds says whether an aggregated feature belongs to the tile itself, not to its buffer.
func holds(f mvt.Feature) bool {
	b := planar.BoxOf(f.Parts[0])
	return b.MinX >= 0 && b.MinY >= 0 && b.MaxX <= tile.Extent && b.MaxY <= tile.Extent && b.MinX < tile.Extent && b.MinY < tile.Extent
}

func TestATileOutsideTheGridIsRefused(t *testing.T) {
	for _, at := range []maptile.Tile{maptile.New(1, 0, 0), maptile.New(0, 4, 2), maptile.New(0, 0, 21)} {
		if _, _, err := tile.Encode(nil, nil, at, tile.Options{}); err == nil {
			t.Errorf("%v was encoded", at)
		}
	}
}

func TestWithoutBufferNothingIsOutsideTheTile(t *testing.T) {
	f := layertest.File(t, polygons(), []layertest.Row{{ID: "a", Key: 1, Geometry: orb.Polygon{ring(here, -100, -100, 5000, -100, 5000, 5000)}}})
	body, _, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{Buffer: -1})
	if err != nil {
		t.Fatal(err)
	}
	decoded := check(t, body, here)
	if b := planar.BoxOf(decoded[0].Features[0].Parts[0]); b != (planar.Box{MaxX: 4096, MaxY: 4096}) {
		t.Errorf("%v", b)
	}
}
