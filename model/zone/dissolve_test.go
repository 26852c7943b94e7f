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

func TestSicovalIsTheUnionOfItsCommunes(t *testing.T) {
	communes := realCommunes(t)
	epci := realEPCI(t, communes)
	i, ok := epci.Index("243100633")
	if !ok {
		t.Fatal("Sicoval is absent")
	}
	members := sicovalMembers(t)
	area := 0.0
	for _, m := range members {
		k, ok := communes.Index(m)
		if !ok {
			t.Errorf("commune %s is absent", m)
		}
		area += communes.Zones[k].Area
	}
	z := epci.Zones[i]
	if len(members) != 36 || math.Abs(z.Area-area) > 1e-9*area {
		t.Errorf("%d members; %.3f m² together, %.3f m² apart", len(members), z.Area, area)
	}
	if p, ok := z.Geometry.(orb.Polygon); !ok || len(p) != 1 {
		t.Errorf("its borders inside did not vanish: %T of %d rings", z.Geometry, len(p))
	}
	for i, parent := range Parents(communes, epci) {
		if slices.Contains(members, communes.Zones[i].ID) != (parent >= 0 && epci.Zones[parent].ID == "243100633") {
			t.Errorf("the parent of %s is %d", communes.Zones[i].Name, parent)
		}
	}
}

func TestMembersThatAreNotThereAreReturned(t *testing.T) {
	s := mustSystem(t, []Feature{{"a", "", box(1, 44, 1, 1)}, {"b", "", box(2, 44, 1, 1)}})
	groups, unknown, err := Dissolve(Spec{ID: "group"}, s, []Member{{"g", "G", "a"}, {"g", "G", "b"}, {"g", "G", "c"}, {"h", "H", "d"}, {"g", "G", "a"}})
	if err != nil || groups.Len() != 1 || len(unknown) != 2 || groups.Kind != Group || groups.Zones[0].Name != "G" {
		t.Errorf("%+v, %v, %v", groups, unknown, err)
	}
	_, _, err = Dissolve(Spec{ID: "group"}, s, []Member{{"g", "G", "a"}, {"g", "Other", "b"}})
	if model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), `"G" and "Other"`) {
		t.Errorf("%v", err)
	}
}

func TestUnionsOfEveryForm(t *testing.T) {
	for _, test := range []struct {
		name     string
		parts    []orb.Geometry
		polygons int
		rings    int
		area     float64 // of the flat union, in the units of the boxes
	}{
		{"neighbours", []orb.Geometry{box(1, 44, 1, 1), box(2, 44, 1, 1)}, 1, 1, 2},
		{"strangers", []orb.Geometry{box(1, 44, 1, 1), box(5, 44, 1, 1)}, 2, 2, 2},
		{"at a corner", []orb.Geometry{box(1, 44, 1, 1), box(2, 45, 1, 1)}, 2, 2, 2},
		{"around a hole", []orb.Geometry{
			box(0, 0, 1, 1), box(1, 0, 1, 1), box(2, 0, 1, 1), box(0, 1, 1, 1), box(2, 1, 1, 1), box(0, 2, 1, 1), box(1, 2, 1, 1), box(2, 2, 1, 1),
		}, 1, 2, 8},
		{"around a hole that touches outside", []orb.Geometry{
			box(0, 0, 1, 1), box(1, 0, 1, 1), box(2, 0, 1, 1), box(0, 1, 1, 1), box(2, 1, 1, 1), box(0, 2, 1, 1), box(1, 2, 1, 1),
		}, 1, 2, 7},
		{"a hole filled", []orb.Geometry{orb.Polygon{box(0, 0, 3, 3)[0], box(1, 1, 1, 1)[0]}, box(1, 1, 1, 1)}, 1, 1, 9},
		{"overlapping", []orb.Geometry{box(0, 0, 2, 2), box(1, 1, 2, 2)}, 1, 1, 7},
		{"neighbours whose corners differ", []orb.Geometry{box(0, 0, 1, 2), box(1, 0, 1, 1), box(1, 1, 1, 1)}, 1, 1, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			var features []Feature
			var members []Member
			for i, g := range test.parts {
				id := string(rune('a' + i))
				features, members = append(features, Feature{id, "", g}), append(members, Member{"g", "", id})
			}
			s, _, err := Dissolve(Spec{ID: "g"}, mustSystem(t, features), members)
			if err != nil {
				t.Fatal(err)
			}
			mp := polygons(s.Zones[0].Geometry)
			rings := 0
			for _, p := range mp {
				rings += len(p)
			}
			if len(mp) != test.polygons || rings != test.rings || math.Abs(flatArea(mp)-test.area) > 1e-9 {
				t.Errorf("%d polygons, %d rings, area %v: %v", len(mp), rings, flatArea(mp), mp)
			}
		})
	}
}

func TestGroupsOfAPartitionKeepItsArea(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		fine := systemOf(t, partition(r, 2+r.IntN(5), 2+r.IntN(5), 1+r.IntN(8)))
		var members []Member
		want := map[string]float64{}
		for _, z := range fine.Zones {
			g := string(rune('a' + r.IntN(4)))
			members = append(members, Member{g, "", z.ID})
			want[g] += z.Area
		}
		groups, _, err := Dissolve(Spec{ID: "g"}, fine, members)
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range groups.Zones {
			if d := geom.Valid(z.Geometry); d != nil {
				t.Fatalf("%s is invalid: %v", z.ID, d)
			}
			if math.Abs(z.Area-want[z.ID]) > 1e-9*want[z.ID] {
				t.Fatalf("%s measures %v, its members %v", z.ID, z.Area, want[z.ID])
			}
		}
	})
}

func flatArea(g orb.Geometry) float64 {
	sum := 0.0
	for _, p := range polygons(g) {
		for i, r := range p {
			if a := math.Abs(ringArea(r, flat)); i == 0 {
				sum += a
			} else {
				sum -= a
			}
		}
	}
	return sum
}
