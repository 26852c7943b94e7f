package figure

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"jumeau/internal/pgtest"
	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/area"
	"jumeau/query/filter"
)

func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

// drawnPolygon is one that crosses cells, with a few corners at random angles around a middle.
func drawnPolygon(r *rand.Rand) orb.Polygon {
	middle, n := orb.Point{1.02 + 0.06*r.Float64(), 43.02 + 0.06*r.Float64()}, 3+r.IntN(9)
	var ring orb.Ring
	for i := range n {
		angle, far := (float64(i)+0.8*r.Float64())/float64(n)*2*math.Pi, 0.005+0.03*r.Float64()
		ring = append(ring, orb.Point{middle[0] + far*math.Cos(angle), middle[1] + far*math.Sin(angle)})
	}
	return orb.Polygon{append(ring, ring[0])}
}

// The figure of a polygon and a filtered count are those that PostGIS makes of the same cells: areas in an equal-area projection
// (EPSG:6933), the rule for slivers, what is not published left out.
func TestFiguresAndCountsOfPolygonsAreThoseOfPostGIS(t *testing.T) {
	postgis := pgtest.Need(t)
	r := rand.New(rand.NewPCG(21, 4))
	spec := layer.Spec{Name: "cells", Geometry: layer.Polygons, MaxZoom: 14, SharedBorders: true, Properties: []layer.Property{{Name: "kind", Type: layer.Text}, {Name: "floors", Type: layer.Integer}}}
	var rows []layertest.Row
	var cells strings.Builder
	f := frame.NewFigures(400)
	for n := range 400 {
		x, y := 1+float64(n%20)/200, 43+float64(n/20)/200
		p := orb.Polygon{{{x, y}, {x + 0.005, y}, {x + 0.005, y + 0.005}, {x, y + 0.005}, {x, y}}}
		kind, floors := string("abc"[r.IntN(3)]), int64(r.IntN(9))
		rows = append(rows, layertest.Row{ID: fmt.Sprint(n), Key: uint64(n + 1), Geometry: p, Values: []any{kind, floors}})
		value := `\N`
		if f.Flag[n] = model.NotPublished; r.IntN(40) > 0 {
			f.Value[n], f.Flag[n] = float64(r.IntN(500)), model.OK
			value = fmt.Sprint(f.Value[n])
		}
		fmt.Fprintf(&cells, "%s\t%s\t%d\t%s\n", wkt.MarshalString(p), kind, floors, value)
	}
	file := layertest.File(t, spec, rows)
	postgis.MustSQL(t, "\\o /dev/null\nDROP TABLE IF EXISTS cell; CREATE TABLE cell (g geometry, kind text, floors int, value float);\n\\o\nCOPY cell FROM STDIN;\n-- data\n"+
		"ALTER TABLE cell ADD d geometry, ADD m geometry; UPDATE cell SET d = ST_SetSRID(g, 4326); UPDATE cell SET m = ST_Transform(d, 6933);", strings.NewReader(cells.String()))
	chosen, err := filter.Parse("kind IN ('a', 'b') AND floors > 2", spec.Properties)
	if err != nil {
		t.Fatal(err)
	}
	bound := chosen.Bind(file)
	partial := 0
	for range 40 {
		polygon := drawnPolygon(r)
		shape, err := area.New(polygon, crs.CRS84)
		if err != nil {
			t.Fatal(err)
		}
		cover, err := Lay(context.Background(), shape, file, 400)
		if err != nil {
			t.Fatal(err)
		}
		got := cover.Compose(f)
		count := 0
		for i := range file.Len() {
			if b, row := file.At(i); bound.Match(b, row) && shape.Match(b, row) {
				count++
			}
		}
		line := postgis.MustSQL(t, `WITH q AS (SELECT ST_Transform(ST_Segmentize(ST_SetSRID('`+wkt.MarshalString(polygon)+`'::geometry, 4326), 0.001), 6933) g, ST_SetSRID('`+wkt.MarshalString(polygon)+`'::geometry, 4326) d),
s AS (SELECT cell.*, a.v / ST_Area(cell.m) share, a.v / ST_Area(q.g) part, ST_Intersects(cell.d, q.d) meets FROM q JOIN cell ON cell.d && q.d,
  LATERAL (SELECT ST_Area(ST_Intersection(cell.m, q.g)) v) a),
z AS (SELECT *, share >= 0.999 inside, share < 0.999 AND (share >= 0.001 OR part >= 0.001) crossed FROM s)
SELECT coalesce(sum(CASE WHEN inside THEN value WHEN crossed THEN value * share END), 0), coalesce(sum(value) FILTER (WHERE inside), 0), coalesce(sum(value) FILTER (WHERE inside OR crossed), 0),
  count(*) FILTER (WHERE (inside OR crossed) AND value IS NULL), count(*) FILTER (WHERE inside), count(*) FILTER (WHERE crossed), count(*) FILTER (WHERE meets AND kind IN ('a', 'b') AND floors > 2) FROM z;`, nil)[0]
		var want [7]float64
		for i, text := range strings.Split(line, "|") {
			if want[i], err = strconv.ParseFloat(text, 64); err != nil {
				t.Fatal(line)
			}
		}
		if float64(len(cover.Inside)) != want[4] || float64(len(cover.Crossed)) != want[5] || float64(count) != want[6] || float64(got.NotPublished) != want[3] {
			t.Fatalf("%s: %d inside, %d crossed, %d counted, %d not published; PostGIS %s", wkt.MarshalString(polygon), len(cover.Inside), len(cover.Crossed), count, got.NotPublished, line)
		}
		if math.Abs(got.Value-want[0]) > 1e-5*want[0]+1e-3 || got.Whole != want[1] {
			t.Errorf("%s: %+v; PostGIS %s", wkt.MarshalString(polygon), got, line)
		}
		if want[3] > 0 {
			partial++
			if got.Flag != model.Partial || !math.IsNaN(got.Lo) {
				t.Errorf("%+v", got)
			}
		} else if len(cover.Crossed) > 0 && (got.Lo != want[1] || got.Hi != want[2]) {
			t.Errorf("%+v; PostGIS %s", got, line)
		}
	}
	if partial == 0 || partial == 40 {
		t.Errorf("%d of 40 are partial", partial)
	}
}
