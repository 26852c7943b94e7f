package tile_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"jumeau/internal/realdata"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

var update = flag.Bool("update", false, "rewrite the golden tiles")

// golden compares the text of a tile with testdata/golden/<name>/<z>-<x>-<y>.txt, after checking every rule on it.
func golden(t *testing.T, name string, layers []*layer.File, at maptile.Tile) {
	t.Helper()
	body, stats, err := tile.Encode(nil, layers, at, tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	decoded := check(t, body, at)
	got := mvt.Text(decoded, fmt.Sprintf("tile %d/%d/%d  bytes=%d features=%d aggregated=%d aggregates=%d collapsed=%d repaired=%d",
		at.Z, at.X, at.Y, len(body), stats.Features, stats.Aggregated, stats.Aggregates, stats.Collapsed, stats.Repaired))
	path := filepath.Join("testdata", "golden", name, fmt.Sprintf("%d-%d-%d.txt", at.Z, at.X, at.Y))
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; see it with -update and git diff:\n%s", path, got)
	}
}

// unit is the longitude and latitude of a position in tile units of a tile.
func unit(at maptile.Tile, x, y float64) orb.Point {
	box := layer.TileBox(uint32(at.Z), at.X, at.Y, 0)
	side := float64(box.MaxX-box.MinX) / tile.Extent
	lon, lat := layer.LonLat(int32(float64(box.MinX)+x*side), int32(float64(box.MinY)+y*side))
	return orb.Point{lon, lat}
}

// ring is a closed ring given in tile units, x and y in turn.
func ring(at maptile.Tile, xy ...float64) orb.Ring {
	var r orb.Ring
	for i := 0; i < len(xy); i += 2 {
		r = append(r, unit(at, xy[i], xy[i+1]))
	}
	return append(r, r[0])
}

var here = maptile.New(516, 373, 10)

func polygons(props ...layer.Property) layer.Spec {
	return layer.Spec{Name: "zones", Geometry: layer.Polygons, MinZoom: 0, MaxZoom: 10, Properties: props}
}

func TestGoldenPolygons(t *testing.T) {
	at := here
	for name, geometry := range map[string]orb.Geometry{
		"square_with_a_hole":                   orb.Polygon{ring(at, 100, 100, 900, 100, 900, 900, 100, 900), ring(at, 300, 300, 300, 600, 600, 600, 600, 300)},
		"exterior_given_the_wrong_way_round":   orb.Polygon{ring(at, 100, 100, 100, 900, 900, 900, 900, 100)},
		"two_parts_one_with_a_hole":            orb.MultiPolygon{{ring(at, 0, 0, 900, 0, 900, 900, 0, 900), ring(at, 300, 300, 600, 300, 600, 600, 300, 600)}, {ring(at, 2000, 2000, 2100, 2000, 2100, 2100)}},
		"larger_than_the_tile":                 orb.Polygon{ring(at, -5000, -5000, 9000, -5000, 9000, 9000, -5000, 9000)},
		"tile_inside_a_hole":                   orb.Polygon{ring(at, -9000, -9000, 9000, -9000, 9000, 9000, -9000, 9000), ring(at, -5000, -5000, 8000, -5000, 8000, 8000, -5000, 8000)},
		"hole_across_the_edge":                 orb.Polygon{ring(at, 3000, 1000, 6000, 1000, 6000, 3000, 3000, 3000), ring(at, 3500, 1500, 5000, 1500, 5000, 2500, 3500, 2500)},
		"comb_leaves_the_tile_four_times":      orb.Polygon{ring(at, 3000, 500, 5000, 500, 5000, 800, 3500, 800, 3500, 1100, 5000, 1100, 5000, 1400, 3500, 1400, 3500, 1700, 5000, 1700, 5000, 2000, 3000, 2000)},
		"comb_seen_from_outside":               orb.Polygon{ring(at, 5000, 500, 3000, 500, 3000, 800, 4500, 800, 4500, 1100, 3000, 1100, 3000, 1400, 5000, 1400)},
		"bow_tie_keeps_its_larger_lobe":        orb.Polygon{ring(at, 500, 500, 1500, 1500, 1500, 700, 500, 1500)},
		"spike_is_taken_off":                   orb.Polygon{ring(at, 500, 500, 1500, 500, 2500, 500, 1500, 500, 1500, 1500, 500, 1500)},
		"neck_narrower_than_a_unit":            orb.Polygon{ring(at, 500, 500, 1000, 500, 1000, 999.9, 1500, 999.9, 1500, 500, 2000, 500, 2000, 1500, 1500, 1500, 1500, 1000.1, 1000, 1000.1, 1000, 1500, 500, 1500)},
		"hole_touches_the_exterior":            orb.Polygon{ring(at, 500, 500, 1500, 500, 1500, 1500, 500, 1500), ring(at, 500, 1000, 1000, 700, 1000, 1300)},
		"two_parts_overlap":                    orb.MultiPolygon{{ring(at, 500, 500, 1500, 500, 1500, 1500, 500, 1500)}, {ring(at, 1000, 1000, 2000, 1000, 2000, 2000, 1000, 2000)}},
		"less_than_a_unit_is_drawn_as_one":     orb.Polygon{ring(at, 500.1, 500.1, 500.2, 500.1, 500.2, 500.2)},
		"diamond_touches_all_corners":          orb.Polygon{ring(at, 2048, -2112, 6208, 2048, 2048, 6208, -2112, 2048)},
		"only_the_corner_of_the_buffer":        orb.Polygon{ring(at, 4150, 4150, 5000, 4150, 5000, 5000, 4150, 5000)},
		"only_beyond_the_buffer_is_no_feature": orb.Polygon{ring(at, 4170, 4170, 5000, 4170, 5000, 5000, 4170, 5000)},
	} {
		t.Run(name, func(t *testing.T) {
			f := layertest.File(t, polygons(), []layertest.Row{{ID: "a", Key: 7, Geometry: geometry}})
			golden(t, name, []*layer.File{f}, at)
		})
	}
}

func TestGoldenLinesAndPoints(t *testing.T) {
	at := here
	lines := layer.Spec{Name: "streets", Geometry: layer.Lines, MinZoom: 0, MaxZoom: 14}
	points := layer.Spec{Name: "stops", Geometry: layer.Points, MinZoom: 0, MaxZoom: 14}
	for name, c := range map[string]struct {
		spec     layer.Spec
		geometry orb.Geometry
	}{
		"line_leaves_and_comes_back":   {lines, orb.LineString{unit(at, 3000, 100), unit(at, 5000, 100), unit(at, 5000, 300), unit(at, 3000, 300), unit(at, 3000, 900)}},
		"line_passes_through":          {lines, orb.LineString{unit(at, -1000, -1000), unit(at, 6000, 6000)}},
		"line_in_the_buffer_only":      {lines, orb.LineString{unit(at, 4120, 100), unit(at, 4120, 4000)}},
		"closed_line_stays_closed":     {lines, orb.LineString{unit(at, 100, 100), unit(at, 500, 100), unit(at, 500, 500), unit(at, 100, 100)}},
		"two_lines":                    {lines, orb.MultiLineString{{unit(at, 100, 100), unit(at, 500, 100)}, {unit(at, 100, 200), unit(at, 500, 200)}}},
		"line_shorter_than_a_unit":     {lines, orb.LineString{unit(at, 100.1, 100.1), unit(at, 100.3, 100.1)}},
		"several_points":               {points, orb.MultiPoint{unit(at, 0, 0), unit(at, 4096, 4096), unit(at, 4160, -64), unit(at, 4170, 0)}},
		"point_in_a_collection":        {points, orb.Collection{unit(at, 10, 20), orb.LineString{unit(at, 0, 0), unit(at, 9, 9)}}},
		"point_beyond_the_buffer":      {points, unit(at, 4200, 10)},
		"lines_of_a_collection":        {lines, orb.Collection{unit(at, 10, 20), orb.LineString{unit(at, 0, 0), unit(at, 900, 900)}}},
		"line_along_the_buffer_s_edge": {lines, orb.LineString{unit(at, -64, -64), unit(at, 4160, -64)}},
	} {
		t.Run(name, func(t *testing.T) {
			f := layertest.File(t, c.spec, []layertest.Row{{ID: "a", Key: 7, Geometry: c.geometry}})
			golden(t, name, []*layer.File{f}, at)
		})
	}
}

func TestGoldenProperties(t *testing.T) {
	at := here
	spec := polygons(layer.Property{Name: "name", Type: layer.Text}, layer.Property{Name: "floors", Type: layer.Integer},
		layer.Property{Name: "height", Type: layer.Number}, layer.Property{Name: "open", Type: layer.Boolean})
	square := func(x float64) orb.Geometry { return orb.Polygon{ring(at, x, 100, x+90, 100, x+90, 190, x, 190)} }
	f := layertest.File(t, spec, []layertest.Row{
		{ID: "a", Key: 1, Geometry: square(0), Values: []any{"Église", int64(3), 12.5, true}},
		{ID: "b", Key: 1 << 53, Geometry: square(100), Values: []any{"Église", int64(-3), 12.5, false}},
		{ID: "c", Key: 1<<64 - 1, Geometry: square(200), Values: []any{nil, nil, nil, nil}},
		{ID: "d", Key: 0, Geometry: square(300), Values: []any{"", int64(-1 << 63), -0.1, true}},
	})
	golden(t, "typed_properties", []*layer.File{f}, at)
}

func TestGoldenSmallFeaturesAreAggregated(t *testing.T) {
	at := here
	kind := []layer.Property{{Name: "kind", Type: layer.Text}, {Name: "floors", Type: layer.Integer}}
	build := func(spec layer.Spec, shape func(x, y float64) orb.Geometry) *layer.File {
		var rows []layertest.Row
		for i := range 6 {
			rows = append(rows, layertest.Row{
				ID: fmt.Sprint(i), Key: uint64(i), Geometry: shape(float64(800+2*(i%3)), float64(800+3*(i/3))),
				Values: []any{"house", int64(i / 5)},
			})
		}
		rows = append(rows, layertest.Row{ID: "alone", Key: 99, Geometry: shape(2000, 2000), Values: []any{"barn", int64(1)}})
		return layertest.File(t, spec, rows)
	}
	t.Run("points", func(t *testing.T) {
		f := build(layer.Spec{Name: "trees", Geometry: layer.Points, MinZoom: 0, MaxZoom: 14, Properties: kind},
			func(x, y float64) orb.Geometry { return unit(at, x, y) })
		golden(t, "points_in_a_cell", []*layer.File{f}, at)
	})
	t.Run("polygons", func(t *testing.T) {
		f := build(layer.Spec{Name: "houses", Geometry: layer.Polygons, MinZoom: 0, MaxZoom: 14, Properties: kind},
			func(x, y float64) orb.Geometry { return orb.Polygon{ring(at, x, y, x+1.5, y, x+1.5, y+1.5, x, y+1.5)} })
		golden(t, "polygons_in_a_cell", []*layer.File{f}, at)
	})
}

func TestGoldenOneZoneAcrossFourTiles(t *testing.T) {
	at := here
	f := layertest.File(t, polygons(), []layertest.Row{{ID: "a", Key: 1, Geometry: orb.Polygon{ring(at, 3000, 3000, 5000, 3200, 4900, 5100, 3100, 4800)}}})
	for _, d := range [][2]uint32{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		golden(t, "one_zone_across_four_tiles", []*layer.File{f}, maptile.New(at.X+d[0], at.Y+d[1], at.Z))
	}
	golden(t, "one_zone_across_four_tiles", []*layer.File{f}, maptile.New(0, 0, 0))
}

func TestGoldenSeveralLayersInOneTile(t *testing.T) {
	at := here
	zones := layertest.File(t, polygons(), []layertest.Row{{ID: "a", Key: 1, Geometry: orb.Polygon{ring(at, 0, 0, 900, 0, 900, 900)}}})
	stops := layertest.File(t, layer.Spec{Name: "stops", Geometry: layer.Points, MaxZoom: 12},
		[]layertest.Row{{ID: "s", Key: 2, Geometry: unit(at, 5, 6)}})
	away := layertest.File(t, layer.Spec{Name: "away", Geometry: layer.Points, MaxZoom: 12},
		[]layertest.Row{{ID: "s", Key: 2, Geometry: orb.Point{-100, 10}}})
	closer := layertest.File(t, layer.Spec{Name: "closer", Geometry: layer.Points, MinZoom: 11, MaxZoom: 12},
		[]layertest.Row{{ID: "s", Key: 2, Geometry: unit(at, 5, 6)}})
	empty := layertest.File(t, layer.Spec{Name: "empty", Geometry: layer.Points, MaxZoom: 12}, nil)
	golden(t, "several_layers", []*layer.File{zones, stops, away, closer, empty}, at)
	golden(t, "several_layers", []*layer.File{zones, stops, away, closer, empty}, maptile.New(0, 0, 10))
}

func TestGoldenEdgesOfTheWorld(t *testing.T) {
	world := layer.Spec{Name: "world", Geometry: layer.Polygons, MaxZoom: 6}
	row := func(g orb.Geometry) []layertest.Row { return []layertest.Row{{ID: "a", Key: 1, Geometry: g}} }
	t.Run("a polygon past 180° comes back on the other side", func(t *testing.T) {
		f := layertest.File(t, world, row(orb.Polygon{{{170, -10}, {190, -10}, {190, 10}, {170, 10}, {170, -10}}}))
		for _, at := range []maptile.Tile{{Z: 0}, {X: 0, Y: 0, Z: 1}, {X: 1, Y: 1, Z: 1}, {X: 2, Y: 1, Z: 2}} {
			golden(t, "past_the_date_line", []*layer.File{f}, at)
		}
	})
	t.Run("a point at 180° is in the buffer of both sides", func(t *testing.T) {
		f := layertest.File(t, layer.Spec{Name: "world", Geometry: layer.Points, MaxZoom: 6}, row(orb.Point{179.999, 0}))
		golden(t, "buffer_across_the_date_line", []*layer.File{f}, maptile.New(0, 2, 2))
		golden(t, "buffer_across_the_date_line", []*layer.File{f}, maptile.New(3, 2, 2))
	})
	t.Run("the whole world, poles included", func(t *testing.T) {
		f := layertest.File(t, world, row(orb.Polygon{{{-180, -90}, {180, -90}, {180, 90}, {-180, 90}, {-180, -90}}}))
		golden(t, "whole_world", []*layer.File{f}, maptile.New(0, 0, 0))
		golden(t, "whole_world", []*layer.File{f}, maptile.New(3, 0, 2))
	})
}

func TestGoldenRealTiles(t *testing.T) {
	communes := layer.Spec{
		Name: "communes", Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 14, SharedBorders: true,
		Properties: []layer.Property{{Name: "nom", Type: layer.Text}},
	}
	f := layertest.File(t, communes, layertest.Read(t, realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson"), communes, "code"))
	golden(t, "communes", []*layer.File{f}, maptile.New(1032, 749, 11))
	golden(t, "communes", []*layer.File{f}, maptile.New(258, 187, 9))
	batiments := layer.Spec{Name: "batiments", Geometry: layer.Polygons, MinZoom: 8, MaxZoom: 16}
	f = layertest.File(t, batiments, layertest.Read(t, realdata.Path(t, "montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz"), batiments, "OBJECTID"))
	golden(t, "batiments", []*layer.File{f}, maptile.At(orb.Point{3.8767, 43.6108}, 16))
	golden(t, "batiments", []*layer.File{f}, maptile.At(orb.Point{3.8767, 43.6108}, 14))
	golden(t, "batiments", []*layer.File{f}, maptile.At(orb.Point{3.8767, 43.6108}, 8))
}
