package tile_test

import (
	"testing"

	"github.com/paulmach/orb/maptile"
	"github.com/peterstace/simplefeatures/geom"

	"jumeau/model/layer/planar"
	"jumeau/query/tile"
)

// check decodes a tile strictly and holds every feature against the rules of the specification.
func check(t testing.TB, body []byte, at maptile.Tile) []decodedLayer {
	t.Helper()
	layers, err := decode(body)
	if err != nil {
		t.Fatalf("%v: %v", at, err)
	}
	box := planar.Box{MinX: -tile.DefaultBuffer, MinY: -tile.DefaultBuffer, MaxX: tile.Extent + tile.DefaultBuffer, MaxY: tile.Extent + tile.DefaultBuffer}
	for _, l := range layers {
		for _, f := range l.features {
			for _, part := range f.parts {
				for _, p := range part {
					if !box.Holds(p) {
						t.Fatalf("%v: layer %s feature %d: %v is outside the tile and its buffer", at, l.name, f.id, p)
					}
				}
			}
			if f.kind == 3 {
				checkPolygon(t, at, l.name, f)
			}
		}
	}
	return layers
}

func checkPolygon(t testing.TB, at maptile.Tile, layer string, f decodedFeature) {
	t.Helper()
	if planar.Area2(f.parts[0]) <= 0 {
		t.Fatalf("%v: layer %s feature %d: the first ring is not an exterior", at, layer, f.id)
	}
	for _, part := range f.parts {
		if planar.Area2(part) == 0 {
			t.Fatalf("%v: layer %s feature %d: a ring has no area", at, layer, f.id)
		}
	}
	if err := multiPolygon(f).Validate(); err != nil {
		t.Fatalf("%v: layer %s feature %d is not valid: %v\n%v", at, layer, f.id, err, f.parts)
	}
}

// multiPolygon is a decoded polygon as another library's geometry, whose Validate is the judge of our repairs.
func multiPolygon(f decodedFeature) geom.MultiPolygon {
	var polygons []geom.Polygon
	var rings []geom.LineString
	flush := func() {
		if len(rings) > 0 {
			polygons = append(polygons, geom.NewPolygon(rings))
		}
		rings = nil
	}
	for _, part := range f.parts {
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
