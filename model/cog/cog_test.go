package cog

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func on(date string, pairs ...string) (out []Movement) {
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Movement{at, pairs[i], pairs[i+1]})
	}
	return out
}

func people(of map[string]float64) func(string) float64 {
	return func(code string) float64 { return of[code] }
}

func join(lists ...[]Movement) (out []Movement) {
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

func TestPassages(t *testing.T) {
	merger := on("2019-01-01", "A", "A", "B", "A")
	split := on("2023-01-01", "A", "A", "A", "B")
	for _, c := range []struct {
		name     string
		history  []Movement
		from, to int
		people   map[string]float64
		want     map[string][]Part
	}{
		{"a merger sums", merger, 2018, 2025, nil, map[string][]Part{"B": {{"A", 1, false}}}},
		{"a movement of 1 January is in that year's codes", merger, 2019, 2025, nil, map[string][]Part{}},
		{"and not in those of the year before", merger, 2018, 2019, nil, map[string][]Part{"B": {{"A", 1, false}}}},
		{"a movement of June is in the next year's codes", on("2018-06-01", "B", "A"), 2018, 2019, nil, map[string][]Part{"B": {{"A", 1, false}}}},
		{"a split shares by population", split, 2022, 2025, map[string]float64{"A": 300, "B": 100}, map[string][]Part{"A": {{"A", 0.75, false}, {"B", 0.25, false}}}},
		{"a split without population is even, and says so", split, 2022, 2025, nil, map[string][]Part{"A": {{"A", 0.5, true}, {"B", 0.5, true}}}},
		{"merged, then split again", join(split, merger), 2018, 2025, map[string]float64{"A": 300, "B": 100},
			map[string][]Part{"A": {{"A", 0.75, false}, {"B", 0.25, false}}, "B": {{"A", 0.75, false}, {"B", 0.25, false}}}},
		{"split, then merged again, is whole", join(on("2018-06-01", "A", "A", "A", "B"), merger), 2018, 2025, nil, map[string][]Part{"B": {{"A", 1, false}}}},
		{"a code that changed", on("2020-01-01", "55001", "52001"), 2016, 2025, nil, map[string][]Part{"55001": {{"52001", 1, false}}}},
		{"two mergers in a row", join(on("2017-01-01", "C", "B", "B", "B"), merger), 2016, 2025, nil, map[string][]Part{"B": {{"A", 1, false}}, "C": {{"A", 1, false}}}},
		{"backwards a merger is a split", merger, 2025, 2018, map[string]float64{"A": 60, "B": 40}, map[string][]Part{"A": {{"A", 0.6, false}, {"B", 0.4, false}}}},
		{"a new name changes nothing", on("2020-01-01", "A", "A"), 2016, 2025, nil, map[string][]Part{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := New(c.history).Passage(c.from, c.to, people(c.people)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, expected %v", got, c.want)
			}
		})
	}
}

// Whatever moved, nothing is lost and nothing is made: the parts of a code are positive and add up to it.
func TestThePartsOfACodeAddUpToIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.Map(rapid.IntRange(0, 6), func(i int) string { return fmt.Sprintf("9900%d", i) })
		movements := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Movement {
			return Movement{time.Date(rapid.IntRange(2016, 2025).Draw(t, "year"), 1, rapid.IntRange(1, 2).Draw(t, "day"), 0, 0, 0, 0, time.UTC), code.Draw(t, "before"), code.Draw(t, "after")}
		}), 0, 20).Draw(t, "movements")
		known := rapid.Bool().Draw(t, "known")
		size := func(code string) float64 {
			if !known {
				return 0
			}
			return float64(code[4]-'0') + 1
		}
		from, to := rapid.IntRange(2015, 2026).Draw(t, "from"), rapid.IntRange(2015, 2026).Draw(t, "to")
		passage := New(movements).Passage(from, to, size)
		if from == to && len(passage) > 0 {
			t.Fatalf("from a year to itself: %v", passage)
		}
		for code, parts := range passage {
			sum := 0.0
			for _, p := range parts {
				if p.Share <= 0 || p.Share > 1+1e-12 {
					t.Fatalf("%s: %v", code, parts)
				}
				sum += p.Share
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Fatalf("%s: the parts add up to %v", code, sum)
			}
		}
	})
}

func TestThereAreFortyFiveArrondissements(t *testing.T) {
	a := Arrondissements()
	if len(a) != 45 || a["75116"] != "75056" || a["69385"] != "69123" || a["13208"] != "13055" || a["13055"] != "" {
		t.Errorf("%d: %v", len(a), a)
	}
}
