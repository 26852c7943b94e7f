package gate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
)

// scene is microdata drawn at random, the table made of them, and which rows a figure is about.
type scene struct {
	table  Table
	events []event
	about  func(level int, f Figure, e event) bool
}

// parents of the four zones of a scene; the last one has none.
var parents = []int32{0, 0, 1, none}

// microdata are rows that gather around the threshold, of any shape.
func microdata(seed uint64) scene {
	random := rand.New(rand.NewPCG(3, seed))
	s := scene{table: presence(4, "day_type")}
	s.table.L0, s.table.Linf = 1+random.IntN(4), 1
	s.table.Totals = random.IntN(2) == 0
	class := func(e event) int32 { return int32(e.value) }
	switch random.IntN(4) {
	case 0:
		if s.table.Totals {
			s.table.Levels = []Level{{"big", 2, parents}}
		}
		s.about = func(level int, f Figure, e event) bool {
			return level == 0 && int64(f.Zone) == e.zone || level == 1 && parents[e.zone] == f.Zone || level == 2
		}
	case 1:
		s.table.Shape, s.table.From, s.table.To = Flow, Place{Column: "stop"}, Place{Column: "alight"}
		s.about = func(level int, f Figure, e event) bool {
			return level == 0 && int64(f.Zone) == e.zone && int64(f.To) == e.to || level == 1 && int64(f.Zone) == e.zone || level == 2
		}
	case 2:
		s.table.Shape, s.table.Value, s.table.Edges, s.table.Linf = Histogram, "metres", []float64{0, 1, 2, 3}, 1+random.IntN(3)
		s.about = func(level int, f Figure, e event) bool {
			return level == 0 && int64(f.Zone) == e.zone && f.Class == class(e) || level == 1
		}
	case 3:
		s.table.Shape, s.table.Category, s.table.Categories = Split, "mode", []string{"0", "1", "2"}
		s.about = func(level int, f Figure, e event) bool {
			return level == 0 && int64(f.Zone) == e.zone && f.Class == class(e) || level == 1 && int64(f.Zone) == e.zone || level == 2
		}
	}
	unit := int64(0)
	for zone := range int64(4) {
		for slot := range int64(3) {
			n := random.IntN(3) * (15 + random.IntN(10))
			if random.IntN(4) == 0 {
				n = 60 + random.IntN(100)
			}
			for range n {
				if unit++; random.IntN(6) == 0 {
					unit -= 3
				}
				e := event{unit: unit, zone: zone, slot: slot, to: (zone + int64(random.IntN(3))/2) % 4, value: float64(random.IntN(6) / 3)}
				e.category = fmt.Sprint(int(e.value))
				s.events = append(s.events, e)
			}
		}
	}
	return s
}

// units behind a figure.
func (s *scene) units(level int, f Figure) int {
	seen := map[int64]bool{}
	for _, e := range s.events {
		if int(e.slot) == f.Slot && s.about(level, f, e) {
			seen[e.unit] = true
		}
	}
	return len(seen)
}

// T3: whatever the rows, a published cell has k units behind it, at every level.
func TestEveryPublishedCellHasKUnits(t *testing.T) {
	cases := scaled(400, 10_000)
	bad, shown := tooFew(t, cases, nil)
	t.Logf("%d figures of %d cases, %d of fewer than k units", shown, cases, bad)
	if bad > 0 || shown < cases {
		t.Errorf("%d of %d figures have fewer than k units", bad, shown)
	}
	for name, m := range map[string]mutation{"threshold lower by one": thresholdLower, "threshold off": thresholdOff} {
		if bad, _ := tooFew(t, 200, m); bad == 0 {
			t.Errorf("the test does not see: %s", name)
		}
	}
}

func tooFew(t *testing.T, cases int, m mutation) (bad, shown int) {
	var few, all atomic.Int64
	onEveryCore(t, cases, func(i int) error {
		s := microdata(uint64(i))
		with := setup(s.table)
		with.Privacy.Epsilon = 4 // little noise: more cells near the threshold
		rows := batch(s.events)
		defer rows.Release()
		p, err := rehearsal(with, rows, uint64(i), m)
		if err != nil {
			return err
		}
		for level := range p.Levels() {
			for f := range p.All(level) {
				if all.Add(1); s.units(level, f) < 20 {
					few.Add(1)
				}
			}
		}
		return nil
	})
	return int(few.Load()), int(all.Load())
}

// T3 for classes E and F: enough units, and none that is most of the figure.
func TestEveryPublishedSumHasItsUnitsAndNoGiant(t *testing.T) {
	lower := func(g *Gate) { g.tables[0].k-- }
	for class, rule := range map[string]struct {
		unit   string
		least  int
		caught map[string]mutation
	}{
		// Two enterprises are always dominated: each knows the other. So the threshold alone is not seen.
		"E": {"enterprise", 3, map[string]mutation{"dominance off": dominanceOff, "dominance off, threshold lower by one": func(g *Gate) { dominanceOff(g); lower(g) }}},
		"F": {"household", 20, map[string]mutation{"dominance off": dominanceOff, "threshold lower by one": lower}},
	} {
		broken := func(cases int, m mutation) (bad, shown int) {
			var wrong, all atomic.Int64
			onEveryCore(t, cases, func(i int) error {
				events := sums(uint64(i), rule.least)
				table := presence(6, "all")
				table.Value = "metres"
				if i%2 == 0 && class == "E" {
					table.Levels, table.Totals = []Level{{"commune", 2, []int32{0, 0, 0, 1, 1, 1}}}, true
				}
				s := setup(table)
				s.Source, s.Key = source(class, rule.unit), make([]byte, 32)
				rows := batch(events)
				defer rows.Release()
				p, err := rehearsal(s, rows, uint64(i), m)
				if err != nil {
					return err
				}
				for f := range p.All(0) {
					units, share := contributors(events, int64(f.Zone))
					if all.Add(1); units < rule.least || share > 0.85 {
						wrong.Add(1)
					}
				}
				return nil
			})
			return int(wrong.Load()), int(all.Load())
		}
		cases := scaled(300, 10_000)
		bad, shown := broken(cases, nil)
		t.Logf("class %s: %d figures of %d cases, %d against the rules", class, shown, cases, bad)
		if bad > 0 || shown < cases/2 {
			t.Errorf("class %s: %d of %d figures are against the rules", class, bad, shown)
		}
		for name, m := range rule.caught {
			if bad, _ := broken(300, m); bad == 0 {
				t.Errorf("class %s: the test does not see: %s", class, name)
			}
		}
	}
}

// sums are zones of about least units, some of which have a giant.
func sums(seed uint64, least int) (events []event) {
	random := rand.New(rand.NewPCG(33, seed))
	for zone := range int64(6) {
		n := max(0, least-1+random.IntN(4)*random.IntN(4))
		for i := range n {
			e := event{unit: 1000*zone + int64(i), zone: zone, value: 1 + float64(random.IntN(20)), weight: 1}
			if i == 0 && random.IntN(3) == 0 {
				e.value *= float64(2 * least * (1 + random.IntN(20)))
			}
			events = append(events, e)
		}
	}
	return events
}

// contributors of a zone: how many units, and the share of the largest.
func contributors(events []event, zone int64) (units int, share float64) {
	var sums []float64
	total := 0.0
	for _, e := range events { // a unit has one row
		if e.zone == zone {
			sums, total = append(sums, e.value), total+e.value
		}
	}
	return len(sums), slices.Max(append(sums, 0)) / max(total, 1)
}
