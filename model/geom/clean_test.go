package geom

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/planar"
	sf "github.com/peterstace/simplefeatures/geom"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
)

func parseWKT(t testing.TB, text string) orb.Geometry {
	t.Helper()
	g, err := wkt.Unmarshal(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return g
}

func TestCleanRepairsWhatIsSafe(t *testing.T) {
	for _, test := range []struct {
		name, in, want string
		repairs        []Repair
	}{
		{"a good polygon is left alone", "POLYGON((0 0,9 0,9 9,0 0))", "POLYGON((0 0,9 0,9 9,0 0))", nil},
		{"an outer ring is wound counter-clockwise", "POLYGON((0 0,9 9,9 0,0 0))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{RingReoriented}},
		{
			"a hole is wound clockwise", "POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 1,2 2,1 1))",
			"POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,2 2,2 1,1 1))", []Repair{RingReoriented},
		},
		{"a ring that is not closed is closed", "POLYGON((0 0,9 0,9 9))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{RingClosed}},
		{"ends that nearly meet are joined", "POLYGON((0 0,9 0,9 9,0 0.0000001))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{RingClosed}},
		{"a repeated point goes", "POLYGON((0 0,9 0,9 0,9 9,0 0))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{PointsDropped}},
		{"a spike goes", "POLYGON((0 0,9 0,12 -3,9 0,9 9,0 0))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{PointsDropped}},
		{"a spike at the seam goes", "POLYGON((5 5,0 0,9 0,9 9,0 0,5 5))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{PointsDropped}},
		{"a multi of one part is unwrapped", "MULTIPOLYGON(((0 0,9 0,9 9,0 0)))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{Unwrapped}},
		{"a collection of lines is a multi", "GEOMETRYCOLLECTION(LINESTRING(0 0,1 1),LINESTRING(2 2,3 3))", "MULTILINESTRING((0 0,1 1),(2 2,3 3))", []Repair{Unwrapped}},
		{"a part without length goes", "MULTILINESTRING((0 0,1 1),(2 2,2 2),(4 4,5 5))", "MULTILINESTRING((0 0,1 1),(4 4,5 5))", []Repair{PartDropped, PointsDropped}},
		{"a hole without area goes", "POLYGON((0 0,9 0,9 9,0 0),(2 1,3 1,2 1))", "POLYGON((0 0,9 0,9 9,0 0))", []Repair{PartDropped, PointsDropped}},
		{
			"a ring that touches itself from outside becomes two", "POLYGON((0 0,4 0,4 4,5 5,5 8,2 8,4 4,0 4,0 0))",
			"MULTIPOLYGON(((4 4,5 5,5 8,2 8,4 4)),((0 0,4 0,4 4,0 4,0 0)))", []Repair{RingSplit},
		},
		{
			"a ring that touches itself from inside gets a hole", "POLYGON((0 0,9 0,9 9,3 9,4 4,2 4,3 9,0 9,0 0))",
			"POLYGON((0 0,9 0,9 9,3 9,0 9,0 0),(3 9,4 4,2 4,3 9))", []Repair{RingSplit},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, repairs, d := CleanPlanar(parseWKT(t, test.in), Any)
			if d != nil {
				t.Fatal(d)
			}
			if text := wkt.MarshalString(got); text != test.want || !reflect.DeepEqual(repairs, test.repairs) {
				t.Errorf("got %s %v, want %s %v", text, repairs, test.want, test.repairs)
			}
		})
	}
}

func TestCleanRefusesTheRestWithItsCode(t *testing.T) {
	for _, test := range []struct {
		name string
		in   orb.Geometry
		kind Kind
		want string
	}{
		{"no geometry", nil, Any, Missing},
		{"an empty line", orb.LineString{}, Any, Empty},
		{"a polygon with an empty ring", orb.Polygon{{}}, Any, Empty},
		{"a collection of nothing", orb.Collection{orb.MultiPoint{}}, Any, Empty},
		{"an empty point, as WKB writes it", orb.Point{math.NaN(), math.NaN()}, Any, Empty},
		{"not a number", orb.LineString{{1, 2}, {math.NaN(), 2}}, Any, NotFinite},
		{"infinite", orb.Point{math.Inf(1), 2}, Any, NotFinite},
		{"Lambert-93 taken for degrees", orb.Point{574000, 6279000}, Any, OutOfBounds},
		{"latitude beyond the pole", orb.Polygon{{{0, 0}, {9, 0}, {9, 91}, {0, 0}}}, Any, OutOfBounds},
		{"a line for a polygon", orb.LineString{{1, 2}, {3, 4}}, Polygon, WrongType},
		{"a polygon for a point", orb.Polygon{square(0, 0, 1)}, Point, WrongType},
		{"a mixed collection for a polygon", orb.Collection{orb.Point{1, 2}, square(0, 0, 1)}, Polygon, WrongType},
		{"a line of one place", orb.LineString{{1, 2}, {1, 2}}, Any, TooFewPoints},
		{"a ring of two places", orb.Polygon{{{1, 2}, {3, 4}, {1, 2}}}, Any, TooFewPoints},
		{"a ring that is all spike", orb.Polygon{{{0, 0}, {3, 3}, {5, 3}, {3, 3}, {0, 0}}}, Any, TooFewPoints},
		{"a ring cut short", orb.Polygon{{{0, 0}, {1, 0}, {2, 0.1}, {3, 0.3}, {4, 0.6}}}, Any, UnclosedRing},
		{"a bow tie", orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}, Any, SelfIntersection},
		{"a bow tie with a knot", orb.Polygon{{{0, 0}, {1, 1}, {2, 2}, {2, 0}, {1, 1}, {0, 2}, {0, 0}}}, Any, SelfTouch},
		{"a ring over itself", orb.Polygon{{{0, 0}, {9, 0}, {5, 0}, {5, 5}, {0, 0}}}, Any, SelfIntersection},
		{"a hole across the border", orb.Polygon{square(0, 0, 9), square(8, 8, 3)}, Any, SelfIntersection},
		{"a hole through a corner", orb.Polygon{square(0, 0, 9), {{5, 5}, {9, 9}, {12, 15}, {5, 5}}}, Any, SelfIntersection},
		{"a hole outside", orb.Polygon{square(0, 0, 9), square(20, 20, 3)}, Any, HoleOutside},
		{"a hole in a hole", orb.Polygon{square(0, 0, 9), square(1, 1, 7), square(2, 2, 2)}, Any, HolesNested},
		{"the same hole twice", orb.Polygon{square(0, 0, 9), square(1, 1, 7), square(1, 1, 7)}, Any, SelfIntersection},
		{"a part in a part", orb.MultiPolygon{{square(0, 0, 9)}, {square(1, 1, 2)}}, Any, PartsOverlap},
		{"a part inscribed in a part", orb.MultiPolygon{
			{{{0, 0}, {3, 0}, {6, 0}, {6, 6}, {3, 6}, {0, 6}, {0, 0}}}, {{{3, 0}, {6, 6}, {0, 6}, {3, 0}}},
		}, Any, SelfIntersection},
		{"a part with all its corners on a part", orb.MultiPolygon{
			{square(0, 0, 6)}, {{{3, 0}, {6, 3}, {3, 6}, {0, 3}, {3, 0}}},
		}, Any, PartsOverlap},
		{"holes in a chain from border to border", orb.Polygon{
			square(0, 0, 9), {{0, 4}, {4, 5}, {4, 3}, {0, 4}}, {{9, 4}, {4, 5}, {6, 2}, {9, 4}},
		}, Any, InteriorDisconnected},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _, d := Clean(test.in, test.kind)
			if d == nil || d.Code != test.want || got != nil || d.Reason == "" {
				t.Errorf("got %v, %v; want %s", got, d, test.want)
			}
		})
	}
}

func TestTouchingIsNotCrossing(t *testing.T) {
	for name, g := range map[string]orb.Geometry{
		"a hole that touches the border":    orb.Polygon{square(0, 0, 9), {{0, 4}, {4, 5}, {4, 3}, {0, 4}}},
		"two holes that touch":              orb.Polygon{square(0, 0, 9), square(1, 1, 2), square(3, 3, 2)},
		"parts that touch at a corner":      orb.MultiPolygon{{square(0, 0, 3)}, {square(3, 3, 3)}},
		"a part in the hole of another":     orb.MultiPolygon{{square(0, 0, 9), square(1, 1, 7)}, {square(2, 2, 2)}},
		"a part that fills touching a hole": orb.MultiPolygon{{square(0, 0, 9), square(1, 1, 7)}, {{{1, 4}, {4, 1}, {8, 4}, {4, 8}, {1, 4}}}},
		"parts that touch at two corners":   orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 1}, {1, 1}, {1, 3}, {4, 3}, {4, 4}, {0, 4}, {0, 0}}}, {{{4, 1}, {6, 2}, {4, 3}, {5, 2}, {4, 1}}}},
		"a lake on a corner of the border":  orb.Polygon{square(0, 0, 9), {{0, 0}, {2, 3}, {3, 2}, {0, 0}}},
	} {
		if d := Valid(g); d != nil {
			t.Errorf("%s: %v", name, d)
		}
	}
}

func TestCleaningKeepsTheAreaAndIsDoneOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	cleaned := 0
	for range 20000 {
		g := randomShape(r)
		before, source := area(g), wkt.MarshalString(g)
		first, _, d := CleanPlanar(g, Polygon)
		if d != nil {
			continue
		}
		cleaned++
		if d := Valid(first); d != nil {
			t.Fatalf("%s is invalid after cleaning: %v", wkt.MarshalString(first), d)
		}
		if after := area(first); math.Abs(after-before) > 1e-9 {
			t.Fatalf("area %v became %v: %s, was %s", before, after, wkt.MarshalString(first), source)
		}
		text := wkt.MarshalString(first)
		again, repairs, d := CleanPlanar(first, Polygon)
		if d != nil || len(repairs) > 0 || wkt.MarshalString(again) != text {
			t.Fatalf("%s was cleaned again: %v %v", text, repairs, d)
		}
	}
	if cleaned < 2000 {
		t.Errorf("only %d shapes could be cleaned", cleaned)
	}
}

// area without regard to orientation: outer rings add, holes subtract.
func area(g orb.Geometry) float64 {
	sum := 0.0
	switch g := g.(type) {
	case orb.Polygon:
		for i, r := range g {
			if a := math.Abs(ringArea(r)); i == 0 {
				sum += a
			} else {
				sum -= a
			}
		}
	case orb.MultiPolygon:
		for _, p := range g {
			sum += area(p)
		}
	}
	return sum
}

// The same verdict as an independent implementation that is always at hand. It overlooks a hole that lies outside and touches the
// outer ring from there, which is invalid (OGC 06-103r4, 6.1.11.1, and GEOS agrees); such a hole must be found by us.
func TestValidityIsThatOfSimpleFeatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := randomShape(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 7)))
		_, err := sf.UnmarshalWKT(wkt.MarshalString(g))
		d := Valid(g)
		if d != nil && err == nil && d.Code == HoleOutside && hasHoleOutside(g) {
			return
		}
		if (d == nil) != (err == nil) {
			t.Fatalf("%s: we say %v, simplefeatures %v", wkt.MarshalString(g), d, err)
		}
	})
}

// hasHoleOutside reports whether a vertex of a hole, or the middle of a side, is outside the outer ring: by orb, not by our predicates.
func hasHoleOutside(g orb.Geometry) bool {
	polygons, ok := g.(orb.MultiPolygon)
	if !ok {
		polygons = orb.MultiPolygon{g.(orb.Polygon)}
	}
	for _, p := range polygons {
		for _, hole := range p[1:] {
			for i := range len(hole) - 1 {
				a, b := hole[i], hole[i+1]
				if !planar.RingContains(p[0], a) || !planar.RingContains(p[0], orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}) {
					return true
				}
			}
		}
	}
	return false
}

func TestSmallAndIndexedChecksAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		ring := randomRing(r, 3+r.IntN(20), 3+r.IntN(10))
		if wellFormed(ring) != nil {
			continue
		}
		small, indexed := validSmallRing(ring), validPolygons(orb.MultiPolygon{{ring}})
		if (small == nil) != (indexed == nil) {
			t.Fatalf("%v: %v pair by pair, %v through the index", ring, small, indexed)
		}
	}
}

func TestOrientIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Points a few ulps from a line through (12, 12) and (24, 24): the case of Kettner and others, 2008.
		ulp := func(name string) float64 { return 0.5 + float64(rapid.IntRange(0, 256).Draw(t, name))*math.Pow(2, -53) }
		p, q, r := orb.Point{ulp("x"), ulp("y")}, orb.Point{12, 12}, orb.Point{24, 24}
		want := 0
		if p[1] > p[0] {
			want = 1
		} else if p[1] < p[0] {
			want = -1
		}
		if got := sign(Orient(q, r, p)); got != want {
			t.Fatalf("%v is on side %d, not %d", p, got, want)
		}
		if sign(Orient(p, q, r)) != want || sign(Orient(r, q, p)) != -want {
			t.Fatalf("%v: the side depends on the order of the points", p)
		}
	})
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

func TestARingWithAMillionPointsIsChecked(t *testing.T) {
	ring := wavyRing(1_000_000)
	if d := Valid(orb.Polygon{ring}); d != nil {
		t.Fatal(d)
	}
	ring[500_000], ring[500_001] = ring[500_001], ring[500_000]
	if d := Valid(orb.Polygon{ring}); d == nil || d.Code != SelfIntersection {
		t.Errorf("two exchanged points gave %v", d)
	}
}

func TestAHostileHatchingIsRefusedSoon(t *testing.T) {
	const n = 50_000
	ring := make(orb.Ring, 0, 2*n+5)
	for i := range n {
		x := float64(i) / n
		ring = append(ring, orb.Point{x, 0}, orb.Point{x + 0.5/n + 90, 89})
	}
	ring = append(ring, orb.Point{92, 90}, orb.Point{-1, 90}, orb.Point{-1, -1}, orb.Point{0, -1}, ring[0])
	if _, _, d := Clean(orb.Polygon{ring}, Polygon); d == nil || d.Code != TooComplex {
		t.Errorf("got %v", d)
	}
}

// wavyRing is a closed, simple ring of n points.
func wavyRing(n int) orb.Ring {
	ring := make(orb.Ring, n, n+1)
	for i := range ring {
		s, c := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		r := 1 + 0.3*math.Sin(2*math.Pi*float64(i)/float64(n)*40)
		ring[i] = orb.Point{r * c, r * s}
	}
	return append(ring, ring[0])
}

func TestTheInvalidBuildingOfMontpellierIsSplit(t *testing.T) {
	split := 0
	for _, f := range realdata.Features(t, "montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz") {
		invalid := Valid(f.Geometry)
		before := area(f.Geometry)
		g, repairs, d := Clean(f.Geometry, Polygon)
		if d != nil {
			t.Errorf("%v: %v", f.Properties, d)
			continue
		}
		if math.Abs(area(g)-before) > 1e-15 {
			t.Errorf("%v: area %g became %g", f.Properties, before, area(g))
		}
		for _, r := range repairs {
			if r == RingSplit {
				split++
			}
		}
		if invalid != nil && invalid.Code != SelfTouch {
			t.Errorf("%v: %v", f.Properties, invalid)
		}
	}
	if split != 1 {
		t.Errorf("%d buildings were split, 1 is invalid", split)
	}
}

// BenchmarkValid prints the time for rings of growing size.
func BenchmarkValid(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		p := orb.Polygon{wavyRing(n)}
		b.Run(fmt.Sprintf("ring_of_%d", n), func(b *testing.B) {
			for b.Loop() {
				if d := Valid(p); d != nil {
					b.Fatal(d)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
		})
	}
}

func BenchmarkCleanBuildings(b *testing.B) {
	dir := os.Getenv("JUMEAU_BENCH")
	if dir == "" {
		b.Skip("set JUMEAU_BENCH to the folder that the benchmark generator wrote")
	}
	polygons := readBuildings(b, dir+"/buildings.wkb.csv")
	b.ResetTimer()
	for b.Loop() {
		for _, p := range polygons {
			if _, _, d := Clean(p, Polygon); d != nil {
				b.Fatal(d)
			}
		}
	}
	b.ReportMetric(float64(len(polygons))*float64(b.N)/b.Elapsed().Seconds(), "polygons/s")
}

func readBuildings(b *testing.B, path string) []orb.Geometry {
	f, err := os.Open(path)
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	var out []orb.Geometry
	lines := bufio.NewScanner(f)
	for lines.Scan(); lines.Scan(); {
		raw, err := hex.DecodeString(lines.Text()[strings.LastIndexByte(lines.Text(), ',')+1:])
		if err != nil {
			b.Fatal(err)
		}
		g, err := DecodeWKB(raw)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, g)
	}
	return out
}
