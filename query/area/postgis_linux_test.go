package area

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"jumeau/internal/pgtest"
	"jumeau/model/crs"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
)

// lattice positions are few, so that corners touch, borders are shared and vertices lie on edges all the time.
func lattice(r *rand.Rand) orb.Point {
	return orb.Point{1.4 + float64(r.IntN(9))*0.001, 43.5 + float64(r.IntN(9))*0.001}
}

// star is a simple polygon around a middle: its vertices are sorted by angle.
func star(r *rand.Rand) orb.Polygon {
	for {
		a, b := lattice(r), lattice(r)
		if r.IntN(3) == 0 && a[0] != b[0] && a[1] != b[1] {
			return rectangle(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
		}
		c := lattice(r)
		if area := (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]); math.Abs(area) > 1e-9 {
			p := orb.Polygon{{a, b, c, a}}
			if area < 0 {
				p[0].Reverse()
			}
			return p
		}
	}
}

func shapes(r *rand.Rand, kind string) orb.Geometry {
	switch kind {
	case layer.Points:
		p := orb.MultiPoint{lattice(r), lattice(r)}
		if p[0] == p[1] {
			return p[:1]
		}
		return p[:1+r.IntN(2)]
	case layer.Lines:
		l := orb.LineString{lattice(r)}
		for len(l) < 2+r.IntN(4) { // to the east, so that it does not run over itself
			if p := lattice(r); p[0] > l[len(l)-1][0] || p[0] == l[0][0] && len(l) == 1 && p != l[0] {
				l = append(l, p)
			} else if r.IntN(9) == 0 {
				l = orb.LineString{lattice(r)}
			}
		}
		return l
	}
	if r.IntN(4) == 0 { // with a hole
		outer, inner := rectangle(1.4, 43.5, 1.408, 43.508), rectangle(1.402, 43.502, 1.405, 43.506)
		inner[0].Reverse()
		return orb.Polygon{outer[0], inner[0]}
	}
	return star(r)
}

// text is WKT of parts in coordinates that are as.
func text(kind string, parts [][]point, as func(point) (x, y float64)) string {
	write := func(part []point, closed bool) string {
		var b strings.Builder
		for i := range len(part) + 1 {
			if i == len(part) && !closed {
				break
			}
			x, y := as(part[i%len(part)])
			fmt.Fprintf(&b, "%s%s %s", map[bool]string{true: ","}[i > 0], strconv.FormatFloat(x, 'f', -1, 64), strconv.FormatFloat(y, 'f', -1, 64))
		}
		return "(" + b.String() + ")"
	}
	var all []string
	for _, part := range parts {
		all = append(all, write(part, kind == layer.Polygons))
	}
	list := strings.Join(all, ",")
	switch kind {
	case layer.Points:
		return "MULTIPOINT(" + list + ")"
	case layer.Lines:
		return "MULTILINESTRING(" + list + ")"
	}
	return "POLYGON(" + list + ")"
}

func grid(p point) (x, y float64)   { return float64(p.x), float64(p.y) }
func metres(p point) (x, y float64) { x, y = plane(p); return x * semiMajor, y / semiMajor }

func partsOf(b *layer.Batch, row int) (parts [][]point) {
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		var part []point
		for v := b.Vertex[p]; v < b.Vertex[p+1]; v++ {
			if part = append(part, at(b, v)); kindOf(b) == layer.Points {
				parts, part = append(parts, part), nil
			}
		}
		if part != nil {
			parts = append(parts, part)
		}
	}
	return parts
}

// Lengths and points are compared on the grid, where angles are true, areas in the projection that keeps them.
//
// Every pair of a shape and a feature, of all kinds, is judged by PostGIS from the same whole coordinates.
func TestShapesMeetFeaturesWherePostGISSaysSoAndCoverTheShareThatItSays(t *testing.T) {
	postgis := pgtest.Need(t)
	r := rand.New(rand.NewPCG(3, 9))
	for _, kind := range []string{layer.Points, layer.Lines, layer.Polygons} {
		var rows []layertest.Row
		for i := range 60 {
			rows = append(rows, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i + 1), Geometry: shapes(r, kind), Values: []any{}})
		}
		f := layertest.File(t, layer.Spec{Name: "l", Geometry: kind, MaxZoom: 14}, rows)
		var script strings.Builder
		script.WriteString("\\o /dev/null\nDROP TABLE IF EXISTS pair; CREATE TABLE pair (n int, g text, q text, gm text, qm text);\n\\o\nCOPY pair FROM STDIN;\n-- data\n")
		var data strings.Builder
		var meet []bool
		var share []float64
		for _, asked := range []string{layer.Points, layer.Lines, layer.Polygons} {
			for range 40 {
				s, err := New(shapes(r, asked), crs.CRS84)
				if err != nil {
					t.Fatal(err)
				}
				for i := range f.Len() {
					b, row := f.At(i)
					fmt.Fprintf(&data, "%d\t%s\t%s\t%s\t%s\n", len(meet), text(kind, partsOf(b, row), grid), text(asked, s.parts, grid),
						text(kind, partsOf(b, row), metres), text(asked, s.parts, metres))
					meet, share = append(meet, s.Match(b, row)), append(share, s.Share(b, row))
				}
			}
		}
		measure := map[string]string{layer.Points: "ST_NumGeometries(ST_Multi(%s))::float", layer.Lines: "ST_Length(%s)", layer.Polygons: "ST_Area(%s)"}[kind]
		part := strings.ReplaceAll(measure, "%s", "ST_CollectionExtract(ST_Intersection(a, b), "+map[string]string{layer.Points: "1", layer.Lines: "2", layer.Polygons: "3"}[kind]+")")
		script.WriteString(`SELECT n, ST_Intersects(g::geometry, q::geometry), CASE WHEN ST_Dimension(b) < 2 THEN 0 ELSE ` + part + ` / ` +
			strings.ReplaceAll(measure, "%s", "a") + ` END FROM (SELECT *, CASE WHEN g LIKE 'MULTI%' THEN g ELSE gm END::geometry a, CASE WHEN g LIKE 'MULTI%' THEN q ELSE qm END::geometry b FROM pair) x ORDER BY n;`)
		lines := postgis.MustSQL(t, script.String(), strings.NewReader(data.String()))
		if len(lines) != len(meet) {
			t.Fatalf("%d answers to %d questions", len(lines), len(meet))
		}
		met, partly := 0, 0
		for n, line := range lines {
			fields := strings.Split(line, "|")
			if (fields[1] == "t") != meet[n] {
				t.Errorf("%s %d: PostGIS says %s: %s", kind, n, fields[1], strings.Split(data.String(), "\n")[n])
			}
			want, err := strconv.ParseFloat(fields[2], 64)
			if err != nil {
				t.Fatal(line)
			}
			if math.Abs(want-share[n]) > 1e-7 {
				t.Errorf("%s %d: a share of %v, PostGIS %v: %s", kind, n, share[n], want, strings.Split(data.String(), "\n")[n])
			}
			if meet[n] {
				met++
			}
			if want > 0 && want < 1 {
				partly++
			}
		}
		t.Logf("%s: %d pairs, %d meet, %d partly", kind, len(meet), met, partly)
		if met == 0 || met == len(meet) {
			t.Error("the pairs are all alike")
		}
	}
}

func TestTheAreaIsThatOfTheEllipsoid(t *testing.T) {
	postgis := pgtest.Need(t)
	for _, polygon := range []orb.Polygon{rectangle(1.40, 43.40, 1.41, 43.41), {{{2, 48}, {2.02, 48.01}, {2.01, 48.03}, {2, 48}}}, rectangle(-61.6, 16.2, -61.59, 16.21)} {
		s, err := New(polygon, crs.CRS84)
		if err != nil {
			t.Fatal(err)
		}
		line := postgis.MustSQL(t, "SELECT ST_Area(ST_Segmentize('SRID=4326;"+wkt.MarshalString(polygon)+"'::geometry, 0.0002)::geography);", nil)[0]
		want, err := strconv.ParseFloat(line, 64)
		if err != nil {
			t.Fatal(line)
		}
		if math.Abs(s.Area()-want)/want > 2e-5 { // a unit of the grid on a side of a kilometre
			t.Errorf("%v: %f m², PostGIS %f", polygon, s.Area(), want)
		}
	}
}
