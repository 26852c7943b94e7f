package zone

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"jumeau/model"
	"jumeau/model/geom"
)

func box(x, y, w, h float64) orb.Polygon {
	return orb.Polygon{{{x, y}, {x + w, y}, {x + w, y + h}, {x, y + h}, {x, y}}}
}

func TestZonesAreSortedByIdAndFoundByIt(t *testing.T) {
	s := mustSystem(t, []Feature{{"b", "B", box(1, 44, 1, 1)}, {"a", "A", box(2, 44, 1, 1)}, {"10", "", box(3, 44, 1, 1)}})
	for i, id := range []string{"10", "a", "b"} {
		if k, ok := s.Index(id); !ok || int(k) != i || s.Zones[i].ID != id {
			t.Errorf("%s is at %d %t, not %d", id, k, ok, i)
		}
	}
	if _, ok := s.Index("c"); ok {
		t.Error("found a zone that is not there")
	}
	if s.Bound() != (orb.Bound{Min: orb.Point{1, 44}, Max: orb.Point{4, 45}}) {
		t.Errorf("bound %v", s.Bound())
	}
}

func TestTwoZonesWithOneIdAreNamedInTheError(t *testing.T) {
	_, err := FromFeatures(Spec{ID: "commune"}, []Feature{{"31555", "Toulouse", box(1, 43, 1, 1)}, {"31113", "Castanet", box(2, 43, 1, 1)}, {"31555", "Toulouse Nord", box(3, 43, 1, 1)}})
	if model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), `"31555": features 1 (Toulouse) and 3 (Toulouse Nord)`) || model.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
}

func TestWhatCannotBeAZoneIsRefused(t *testing.T) {
	for name, features := range map[string][]Feature{
		"no id":       {{"", "nowhere", box(1, 43, 1, 1)}},
		"no geometry": {{"a", "A", nil}},
		"many points": {{"a", "A", orb.MultiPoint{{1, 2}, {3, 4}}}},
		"a mixture":   {{"a", "A", box(1, 43, 1, 1)}, {"b", "B", orb.Point{1, 2}}},
	} {
		if s, err := FromFeatures(Spec{ID: "x"}, features); model.KindOf(err) != model.Invalid || model.HintOf(err) == "" || s != nil {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
}

func TestCountersAreZonesWithoutArea(t *testing.T) {
	s := mustSystem(t, []Feature{{"1", "Albert 1er", orb.Point{3.874, 43.616}}, {"2", "Beracasa", orb.Point{3.888, 43.609}}})
	if z := s.Zones[0]; s.Kind != Point || z.Area != 0 || z.Label != (orb.Point{3.874, 43.616}) {
		t.Errorf("%+v", s.Zones[0])
	}
	around := mustSystem(t, []Feature{{"34172", "Montpellier", box(3.88, 43.55, 0.2, 0.2)}})
	if got := Parents(s, around); !slices.Equal(got, []int32{none, 0}) {
		t.Errorf("parents %v", got)
	}
	if got := Parents(around, s); !slices.Equal(got, []int32{none}) {
		t.Errorf("a commune has the parent %v among counters", got)
	}
	out := []int32{5}
	if NewLocator(s).Locate([]orb.Point{{3.874, 43.616}}, out); out[0] != none {
		t.Errorf("a point is in the counter %d", out[0])
	}
}

// The département measures 6,309 km² (INSEE); its outline here is simplified.
func TestHauteGaronneHasItsArea(t *testing.T) {
	sum := 0.0
	for _, z := range realCommunes(t).Zones {
		sum += z.Area
	}
	if km2 := sum / 1e6; math.Abs(km2-6309) > 65 {
		t.Errorf("%.0f km²", km2)
	}
}

func TestLabelsLieInTheirZones(t *testing.T) {
	for _, s := range []*System{realCommunes(t), realSystem(t, "france-geojson-31/cantons-31-haute-garonne.geojson"), generatedZones(t)} {
		for _, z := range s.Zones {
			if !prepare(z.Geometry).covers(z.Label) {
				t.Errorf("%s %s: label at %v", z.ID, z.Name, z.Label)
			}
		}
	}
}

func TestLabelsOfThinAndHollowShapesLieInThem(t *testing.T) {
	ring := orb.Polygon{box(0, 44, 1, 1)[0], box(0.01, 44.01, 0.98, 0.98)[0]}
	for name, g := range map[string]orb.Geometry{
		"a frame":              ring,
		"a thread":             orb.Polygon{{{0, 44}, {1, 44.3}, {1, 44.3000001}, {0, 44}}},
		"a bow":                orb.Polygon{{{0, 44}, {1, 44.5}, {0, 45}, {0.95, 44.5}, {0, 44}}},
		"an island of islands": orb.MultiPolygon{box(0, 44, 0.1, 0.1), box(3, 44, 0.3, 0.3)},
	} {
		s := mustSystem(t, []Feature{{"a", "", g}})
		if z := s.Zones[0]; !prepare(z.Geometry).covers(z.Label) {
			t.Errorf("%s: label at %v", name, z.Label)
		}
	}
}

func TestABorderBelongsToTheFirstZone(t *testing.T) {
	s := mustSystem(t, []Feature{{"a", "", box(1, 44, 1, 1)}, {"b", "", box(2, 44, 1, 1)}, {"c", "", box(1, 45, 2, 1)}})
	l := NewLocator(s)
	out := make([]int32, 5)
	l.Locate([]orb.Point{{2, 44.5}, {2, 45}, {2.5, 45}, {3, 44}, {3.0000001, 44}}, out)
	if !slices.Equal(out, []int32{0, 0, 1, 1, none}) {
		t.Errorf("%v", out)
	}
	out = make([]int32, 4)
	l.LocateGeometries([]orb.Geometry{
		orb.LineString{{2, 44.2}, {2, 44.8}}, // along the border
		box(1.9, 44.4, 0.2, 0.2),             // half and half
		box(1.89, 44.4, 0.22, 0.7),           // more in b? equal: a
		orb.MultiPoint{{2.5, 44.5}, {2.6, 44.5}, {1.5, 44.5}},
	}, out)
	if !slices.Equal(out, []int32{0, 0, 0, 1}) {
		t.Errorf("%v", out)
	}
}

func TestWhatLiesOutsideIsNowhere(t *testing.T) {
	l := NewLocator(generatedZones(t))
	out := []int32{7, 7, 7, 7, 7}
	l.LocateGeometries([]orb.Geometry{nil, orb.Point{5, 5}, orb.LineString{{5, 5}, {6, 6}}, box(-1, 40, 1, 1), orb.Point{math.NaN(), 43.5}}, out)
	if !slices.Equal(out, []int32{none, none, none, none, none}) {
		t.Errorf("%v", out)
	}
	touched := make([]bool, 3)
	l.Touches([]orb.Geometry{nil, box(-1, 40, 1, 1), box(-10, 30, 40, 40)}, touched)
	if !slices.Equal(touched, []bool{false, false, true}) {
		t.Errorf("%v", touched)
	}
	empty := NewLocator(mustSystem(t, nil))
	if empty.Locate([]orb.Point{{1, 2}}, out[:1]); out[0] != none {
		t.Errorf("a system without zones holds a point: %d", out[0])
	}
}

// Zones that overlap each other, with holes, in any position: the raster and the slabs must say what every polygon says.
func TestTheIndexAgreesWithAskingEveryZone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var geometries []orb.Geometry
		for range 1 + r.IntN(12) {
			x, y, w, h := float64(r.IntN(8)), float64(r.IntN(8)), float64(1+r.IntN(6)), float64(1+r.IntN(6))
			p := box(x, y, w, h)
			if w > 2 && h > 2 && r.IntN(2) == 0 {
				p = append(p, orb.Ring{{x + 1, y + 1}, {x + 1, y + h - 1}, {x + w - 1, y + 1}, {x + 1, y + 1}})
			}
			geometries = append(geometries, p)
		}
		x := newIndex(geometries)
		for range 200 {
			p := orb.Point{float64(r.IntN(64)) / 4, float64(r.IntN(64)) / 4}
			if r.IntN(2) == 0 {
				p = orb.Point{r.Float64() * 15, r.Float64() * 15}
			}
			want := int32(none)
			for i, g := range geometries {
				if inPolygon(p, g.(orb.Polygon)) {
					want = int32(i)
					break
				}
			}
			if got := x.locate(p); got != want {
				t.Fatalf("%v is in %d, not %d, of %v", p, got, want, geometries)
			}
		}
	})
}

func inPolygon(p orb.Point, g orb.Polygon) bool {
	for i, r := range g {
		switch geom.PointInRing(p, r) {
		case geom.OnEdge:
			return true
		case geom.Inside:
			if i > 0 {
				return false
			}
		case geom.Outside:
			if i == 0 {
				return false
			}
		}
	}
	return true
}
