package tile_test

import (
	"testing"

	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"jumeau/model/layer/planar"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// check decodes a tile strictly and holds every feature against the rules of the specification.
func check(t testing.TB, body []byte, at maptile.Tile) []mvt.Layer {
	t.Helper()
	layers, err := mvt.Decode(body)
	if err != nil {
		t.Fatalf("%v: %v", at, err)
	}
	box := planar.Box{MinX: -tile.DefaultBuffer, MinY: -tile.DefaultBuffer, MaxX: tile.Extent + tile.DefaultBuffer, MaxY: tile.Extent + tile.DefaultBuffer}
	for _, l := range layers {
		for _, f := range l.Features {
			for _, part := range f.Parts {
				for _, p := range part {
					if !box.Holds(p) {
						t.Fatalf("%v: layer %s feature %d: %v is outside the tile and its buffer", at, l.Name, f.ID, p)
					}
				}
			}
			if f.Kind == 3 {
				checkPolygon(t, at, l.Name, f)
			}
		}
	}
	return layers
}

func checkPolygon(t testing.TB, at maptile.Tile, layer string, f mvt.Feature) {
	t.Helper()
	if planar.Area2(f.Parts[0]) <= 0 {
		t.Fatalf("%v: layer %s feature %d: the first ring is not an exterior", at, layer, f.ID)
	}
	for _, part := range f.Parts {
		if planar.Area2(part) == 0 {
			t.Fatalf("%v: layer %s feature %d: a ring has no area", at, layer, f.ID)
		}
	}
	if err := multiPolygon(f).Validate(); err != nil {
		t.Fatalf("%v: layer %s feature %d is not valid: %v\n%v", at, layer, f.ID, err, f.Parts)
	}
}

// multiPolygon is a decoded polygon as another library's geometry, whose Validate is the judge of our repairs.
func multiPolygon(f mvt.Feature) geom.MultiPolygon {
	var polygons []geom.Polygon
	var rings []geom.LineString
	flush := func() {
		if len(rings) > 0 {
			polygons = append(polygons, geom.NewPolygon(rings))
		}
		rings = nil
	}
	for _, part := range f.Parts {
		if planar.Area2(part) > 0 {
			flush()
		}
		var xy []float64
		for _, p := range append(append([]planar.Point{}, part...), part[0]) {
			xy = append(xy, float64(p.X), float64(p.Y))
		}
		rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
	}
	flush()
	return geom.NewMultiPolygon(polygons)
}
