package zone

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"
)

func streets(lines ...orb.LineString) *System {
	var features []Feature
	for i, l := range lines {
		features = append(features, Feature{ID: string(rune('a'+i%26)) + string(rune('a'+i/26)), Geometry: l})
	}
	s, err := FromFeatures(Spec{ID: "street"}, features)
	if err != nil {
		panic(err)
	}
	return s
}

// metresTo is the distance to a line by sampling it every thousandth, in a plane around the place: another way than the tree's.
func metresTo(lon, lat float64, line orb.LineString) float64 {
	best := math.Inf(1)
	for i := 1; i < len(line); i++ {
		for k := range 1001 {
			t := float64(k) / 1000
			x := line[i-1][0] + t*(line[i][0]-line[i-1][0])
			y := line[i-1][1] + t*(line[i][1]-line[i-1][1])
			best = min(best, math.Hypot((x-lon)*math.Cos(lat*math.Pi/180), y-lat)*6371008.8*math.Pi/180)
		}
	}
	return best
}

func TestAPlaceBelongsToTheNearestLineWithinReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		point := func(name string) orb.Point {
			return orb.Point{1.4 + rapid.Float64Range(0, 0.004).Draw(t, name+" lon"), 43.5 + rapid.Float64Range(0, 0.004).Draw(t, name+" lat")}
		}
		var lines []orb.LineString
		for range rapid.IntRange(1, 60).Draw(t, "lines") {
			line := orb.LineString{}
			for range rapid.IntRange(2, 4).Draw(t, "points") {
				line = append(line, point("vertex"))
			}
			lines = append(lines, line)
		}
		s := streets(lines...)
		reach := rapid.Float64Range(5, 80).Draw(t, "reach")
		n := NewNearest(s, reach)
		for range 20 {
			p := point("place")
			got := n.Locate(p[0], p[1])
			distances := make([]float64, s.Len())
			for i, z := range s.Zones {
				distances[i] = metresTo(p[0], p[1], z.Geometry.(orb.LineString))
			}
			least := slices.Min(distances)
			switch {
			case got == none && least < reach-1:
				t.Fatalf("no line within %.1f m, one is at %.1f m", reach, least)
			case got != none && least > reach:
				t.Fatalf("line %d within %.1f m, the nearest is at %.1f m", got, reach, least)
			case got != none && distances[got] > least+1:
				t.Fatalf("line %d at %.1f m, one is at %.1f m", got, distances[got], least)
			}
		}
	})
}

func TestAtAJunctionTheFirstLineCounts(t *testing.T) {
	s := streets(orb.LineString{{1, 43}, {1.001, 43}}, orb.LineString{{1, 43.001}, {1, 43}})
	if got := NewNearest(s, 30).Locate(1, 43); got != 0 {
		t.Errorf("line %d", got)
	}
	if got := NewNearest(streets(), 30).Locate(1, 43); got != none {
		t.Errorf("of no lines, line %d", got)
	}
}

func TestLinesAreZonesThatHoldNothingAndLieInOthers(t *testing.T) {
	s := streets(orb.LineString{{1, 43.5}, {1.4, 43.5}}, orb.LineString{{3, 43}, {3.1, 43}})
	if z := s.Zones[0]; s.Kind != Line || s.HasArea() || z.Area != 0 || math.Abs(z.Label[0]-1.2) > 1e-9 || z.Label[1] != 43.5 {
		t.Errorf("%+v of kind %s", s.Zones[0], s.Kind)
	}
	around := mustSystem(t, []Feature{{"1", "West", box(0.9, 43, 0.2, 1)}, {"2", "East", box(1.1, 43, 1, 1)}})
	overlaps := Overlaps(s, around)
	if len(overlaps) != 2 || math.Abs(overlaps[0].ShareOfFine-0.25) > 1e-9 || math.Abs(overlaps[1].ShareOfFine-0.75) > 1e-9 || overlaps[1].ShareOfCoarse != 0 {
		t.Errorf("overlaps %+v", overlaps)
	}
	if got := Parents(s, around); !slices.Equal(got, []int32{1, none}) {
		t.Errorf("parents %v", got)
	}
	if got := Overlaps(around, s); got != nil {
		t.Errorf("communes lie in streets: %v", got)
	}
	out := []int32{5}
	if NewLocator(s).Locate([]orb.Point{{1.2, 43.5}}, out); out[0] != none {
		t.Errorf("a place lies in street %d", out[0])
	}
}

func BenchmarkNearest(b *testing.B) {
	var lines []orb.LineString
	for i := range 26 * 26 {
		x, y := 1.4+float64(i%26)*0.001, 43.5+float64(i/26)*0.001
		lines = append(lines, orb.LineString{{x, y}, {x + 0.001, y}, {x + 0.001, y + 0.001}})
	}
	n := NewNearest(streets(lines...), 30)
	i := 0
	for b.Loop() {
		n.Locate(1.4+float64(i%2600)*1e-5, 43.5+float64(i%2599)*1e-5)
		i++
	}
}
