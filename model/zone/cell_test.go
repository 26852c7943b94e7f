package zone

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/crs"
)

func TestCellIdsAreThoseOfINSEE(t *testing.T) {
	c, err := ParseCell("CRS3035RES200mN2029800E4252400")
	if err != nil || c != (GridCell{200, 2029800, 4252400}) || c.String() != "CRS3035RES200mN2029800E4252400" {
		t.Errorf("%+v, %s, %v", c, c, err)
	}
	if got := c.Parent(1000).String(); got != "CRS3035RES1000mN2029000E4252000" {
		t.Errorf("its parent is %s", got)
	}
}

func TestOtherTextsAreNotCellIds(t *testing.T) {
	for _, id := range []string{
		"", "31555", "CRS3035RES200m", "CRS3035RES200mN2029800", "CRS3035RES200mN2029800E", "CRS3035RES200mE4252400N2029800",
		"CRS3035RES200mN2029900E4252400", // not a multiple of 200
		"CRS3035RES0mN0E0", "CRS3035RES200mN02029800E4252400", "CRS3035RES200mN-200E4252400", "CRS3035RES200mN2029800E4252400 ",
		"CRS3035RES200mN99999999E4252400", "CRS3035RES200mN2029800E99999999999999999999", "crs3035RES200mN2029800E4252400",
	} {
		if c, err := ParseCell(id); !errors.Is(err, errCell) {
			t.Errorf("%q is %+v, %v", id, c, err)
		}
	}
}

func FuzzParseCell(f *testing.F) {
	f.Add("CRS3035RES200mN2029800E4252400")
	f.Add("CRS3035RES1000mN2029000E4252000")
	f.Add("CRS3035RES1mN0E0")
	f.Fuzz(func(t *testing.T, id string) {
		if c, err := ParseCell(id); err == nil && c.String() != id {
			t.Fatalf("%q was read as %s", id, c)
		}
	})
}

func drawCell(t *rapid.T) GridCell {
	size := rapid.SampledFrom([]int{200, 1000}).Draw(t, "size")
	return GridCell{
		Size: size,
		N:    int32(rapid.IntRange(2_000_000/size, 3_100_000/size).Draw(t, "n") * size), // mainland France
		E:    int32(rapid.IntRange(3_200_000/size, 4_300_000/size).Draw(t, "e") * size),
	}
}

func TestAPlaceInACellIsInThatCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCell(t)
		if again, err := ParseCell(c.String()); err != nil || again != c {
			t.Fatalf("%s was read as %v, %v", c, again, err)
		}
		x := float64(c.E) + rapid.Float64Range(0.001, float64(c.Size)-0.001).Draw(t, "x")
		y := float64(c.N) + rapid.Float64Range(0.001, float64(c.Size)-0.001).Draw(t, "y")
		lon, lat := crs.LAEAEurope.ToLonLat(x, y)
		p := orb.Point{lon, lat}
		if got, ok := CellAt(p, c.Size); !ok || got != c {
			t.Fatalf("%v is in %s, not %s", p, got, c)
		}
		if got, ok := CellAt(p, 1000); !ok || got != c.Parent(1000) {
			t.Fatalf("the kilometre of %v is %s, that of its cell %s", p, got, c.Parent(1000))
		}
		if !c.Polygon().Bound().Contains(p) {
			t.Fatalf("%v lies outside the polygon of its cell", p)
		}
		if a := Area(c.Polygon()); math.Abs(a/float64(c.Size*c.Size)-1) > 1e-8 {
			t.Fatalf("the polygon of %s measures %v m²", c, a)
		}
	})
}

func TestPlacesFarFromEuropeAreInNoCell(t *testing.T) {
	for _, p := range []orb.Point{{-150, -17}, {55.5, -21.1}, {math.NaN(), 43}, {10, -80}} {
		if c, ok := CellAt(p, 200); ok {
			t.Errorf("%v is in %s", p, c)
		}
	}
}

// INSEE's own squares, as exported in Lambert-93 with coordinates rounded to 1 cm. Cells at the edge of the metropolis were
// clipped there.
func TestCellsAreWhereINSEEDrawsThem(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(realdata.Unzipped(t, "insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var ids, kilometres []string
	whole := 0
	for _, row := range rows[1:] {
		ids, kilometres = append(ids, row[0]), append(kilometres, row[1])
		c, err := ParseCell(row[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Parent(1000).String(); got != row[1] {
			t.Errorf("the kilometre of %s is %s, INSEE says %s", c, got, row[1])
		}
		drawn, err := wkt.Unmarshal(row[len(row)-1])
		if err != nil {
			t.Fatal(err)
		}
		if isDrawnSquare(t, c, drawn) {
			whole++
		}
	}
	if len(ids) != 6735 || whole < 6000 {
		t.Errorf("%d cells, %d of them whole", len(ids), whole)
	}
	s, err := Grid(Spec{ID: "cell_200m"}, 200, ids)
	if err != nil || s.Len() != 6735 || s.CellSize() != 200 || s.Kind != Cell {
		t.Fatalf("%d cells, %v", s.Len(), err)
	}
	coarse, err := Grid(Spec{ID: "cell_1km"}, 1000, kilometres) // with many repetitions
	if err != nil {
		t.Fatal(err)
	}
	for i, parent := range Parents(s, coarse) {
		c, _ := ParseCell(s.Zones[i].ID)
		if got := coarse.Zones[parent].ID; got != c.Parent(1000).String() {
			t.Fatalf("the parent of %s is %s", c, got)
		}
	}
}

// isDrawnSquare says whether the drawn polygon is the whole cell; every corner drawn must be in the cell or on its edge.
func isDrawnSquare(t *testing.T, c GridCell, drawn orb.Geometry) bool {
	t.Helper()
	const centimetre = 0.011
	corners, ring := 0, c.square()[0]
	for _, p := range polygons(drawn) {
		for _, q := range p[0] {
			x, y := crs.LAEAEurope.FromLonLat(crs.Lambert93.ToLonLat(q[0], q[1]))
			if x < ring[0][0]-centimetre || x > ring[2][0]+centimetre || y < ring[0][1]-centimetre || y > ring[2][1]+centimetre {
				t.Errorf("%s: INSEE draws a corner at %.3f %.3f", c, x, y)
			}
			for _, r := range ring[:4] {
				if math.Hypot(x-r[0], y-r[1]) < centimetre {
					corners++
					break
				}
			}
		}
	}
	return corners >= 5 && math.Abs(flatArea(drawn)-40_000) < 100
}

func TestGridRefusesAnIdOfAnotherGrid(t *testing.T) {
	_, err := Grid(Spec{ID: "cell_200m"}, 200, []string{"CRS3035RES200mN2029800E4252400", "CRS3035RES1000mN2029000E4252000"})
	if model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), "RES1000m") {
		t.Errorf("%v", err)
	}
}

func TestPlacesAreFoundInAGrid(t *testing.T) {
	var ids []string
	origin := GridCell{200, 2_300_000, 3_600_000}
	for i := range int32(10) {
		for j := range int32(10) {
			if i != 5 {
				ids = append(ids, GridCell{200, origin.N + 200*i, origin.E + 200*j}.String())
			}
		}
	}
	s, err := Grid(Spec{ID: "cell_200m"}, 200, ids)
	if err != nil {
		t.Fatal(err)
	}
	l := NewLocator(s)
	for i, z := range s.Zones {
		var out [3]int32
		l.Locate([]orb.Point{z.Label}, out[:1])
		l.LocateGeometries([]orb.Geometry{z.Geometry, orb.LineString{z.Label, z.Geometry.(orb.Polygon)[0][0]}}, out[1:])
		if out != [3]int32{int32(i), int32(i), int32(i)} {
			t.Errorf("%s: its middle, its square and a line in it are in %v, not %d", z.ID, out, i)
		}
	}
	hole := GridCell{200, origin.N + 1000, origin.E}
	out := []int32{7}
	l.Locate([]orb.Point{hole.Center()}, out)
	if out[0] != none {
		t.Errorf("the middle of a cell that is not there is in %d", out[0])
	}
}
