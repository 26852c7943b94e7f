package tile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	orbmvt "github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/maptile"
	"github.com/paulmach/orb/project"
	"github.com/peterstace/simplefeatures/geom"

	"jumeau/internal/realdata"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/layer/planar"
	"jumeau/query/tile"
)

// Tiles that others made and serve: decoded by another library, moved to degrees, written as a layer, and encoded as
// the same tile. Every line and point of the tile comes back vertex by vertex, every valid polygon with its area.
func TestTilesOfOthersComeBackAsTheyAre(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(realdata.Path(t, "mvt-real-world"), "*", "*.mvt"))
	if err != nil || len(paths) == 0 {
		t.Fatal(err, len(paths))
	}
	seen := map[string]int{}
	for i, path := range paths {
		if i%7 != 0 {
			continue
		}
		var at maptile.Tile
		if n, err := fmt.Sscanf(filepath.Base(path), "%d-%d-%d.mvt", &at.Z, &at.X, &at.Y); n != 3 {
			t.Fatal(path, err)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := orbmvt.Unmarshal(body)
		if err != nil {
			theirs, err = orbmvt.UnmarshalGzipped(body)
		}
		if err != nil {
			t.Fatal(path, err)
		}
		for _, l := range theirs {
			if l.Extent != tile.Extent {
				continue
			}
			rows, wanted := map[string][]layertest.Row{}, map[string]orb.Geometry{}
			for k, f := range l.Features {
				id := strconv.Itoa(k)
				wanted[id] = f.Geometry
				kind := map[int]string{0: layer.Points, 1: layer.Lines, 2: layer.Polygons}[f.Geometry.Dimensions()]
				rows[kind] = append(rows[kind], layertest.Row{ID: id, Key: uint64(k + 1), Geometry: f.Geometry})
			}
			for kind, of := range rows {
				for k := range of {
					of[k].Geometry = project.Geometry(orb.Clone(of[k].Geometry), func(p orb.Point) orb.Point { return unit(at, p[0], p[1]) })
				}
				f := layertest.File(t, layer.Spec{Name: "l", Geometry: kind, MinZoom: int(at.Z), MaxZoom: int(at.Z)}, of)
				made, _, err := tile.Encode(nil, []*layer.File{f}, at, tile.Options{})
				if err != nil {
					t.Fatal(err)
				}
				for _, layers := range check(t, made, at) {
					for _, got := range layers.Features {
						seen[kind] += compareGeometry(t, fmt.Sprint(filepath.Base(path), " ", l.Name, " ", got.Properties["id"]), wanted[got.Properties["id"].(string)], got.Parts, got.Kind)
					}
				}
			}
		}
	}
	t.Log(seen)
	if seen[layer.Points] == 0 || seen[layer.Lines] == 0 || seen[layer.Polygons] == 0 {
		t.Errorf("%v", seen)
	}
}

// compareGeometry counts 1 when the two could be compared.
func compareGeometry(t *testing.T, name string, want orb.Geometry, got [][]planar.Point, kind int) int {
	b := want.Bound()
	if b.Min[0] < -64 || b.Min[1] < -64 || b.Max[0] > tile.Extent+64 || b.Max[1] > tile.Extent+64 {
		return 0 // clipped by us
	}
	if kind == 3 {
		have := 0.0
		for _, part := range got {
			have += float64(planar.Area2(part)) / 2
		}
		text, err := wkb.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		g, err := geom.UnmarshalWKB(text) // which holds it to the rules of OGC
		if err != nil {
			return 0 // their polygon is not valid: ours is repaired
		}
		if area := g.Area(); have != area {
			t.Errorf("%s: area %v instead of %v", name, have, area)
		}
		return 1
	}
	if a, b := fmt.Sprint(got), fmt.Sprint(partsOf(want)); a != b {
		t.Errorf("%s: %s instead of %s", name, a, b)
	}
	return 1
}

// partsOf are the vertices of points and lines without consecutive equal ones; lines of one place are left out.
func partsOf(g orb.Geometry) (out [][]planar.Point) {
	lines := func(list ...orb.LineString) {
		for _, l := range list {
			var part []planar.Point
			for _, p := range l {
				q := planar.Point{X: int64(p[0]), Y: int64(p[1])}
				if len(part) == 0 || part[len(part)-1] != q {
					part = append(part, q)
				}
			}
			if len(part) > 1 {
				out = append(out, part)
			}
		}
	}
	switch g := g.(type) {
	case orb.Point:
		return [][]planar.Point{{{X: int64(g[0]), Y: int64(g[1])}}}
	case orb.MultiPoint:
		out = make([][]planar.Point, 1)
		for _, p := range g {
			out[0] = append(out[0], planar.Point{X: int64(p[0]), Y: int64(p[1])})
		}
	case orb.LineString:
		lines(g)
	case orb.MultiLineString:
		lines(g...)
	}
	return out
}
