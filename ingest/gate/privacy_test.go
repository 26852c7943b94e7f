package gate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

// T16: given publication, intervals cover the truth; bias and coverage by n are logged.
func TestIntervalsOfPublishedFiguresCoverTheTruth(t *testing.T) {
	sizes := []int{60, 70, 79, 85, 100, 120, 200, 400}
	own := func(f Figure, _ float64) (lo, hi float64) { return f.Lo, f.Hi }
	for z, c := range covered(t, sizes, scaled(2000, 200_000), nil, own) {
		if c.published == 0 {
			continue
		}
		t.Logf("n = %d: published %.1f %%, covered %.1f %%, bias %+.1f", sizes[z], 100*c.published/c.runs, 100*c.share, c.bias)
		if c.short() {
			t.Errorf("n = %d: covered %.1f %%", sizes[z], 100*c.share)
		}
	}
	plain := func(f Figure, half float64) (lo, hi float64) { return f.Y - half, f.Y + half }
	for name, faulty := range map[string][]coverage{
		"intervals y ± c, as if publication were no choice": covered(t, sizes, 2000, nil, plain),
		"noise twice as wide as the card says":              covered(t, sizes, 2000, doubleNoise, own),
	} {
		if !slices.ContainsFunc(faulty, coverage.short) {
			t.Errorf("the test does not see: %s", name)
		}
	}
}

type coverage struct{ runs, published, share, bias float64 }

// short says whether fewer than 95 % are covered, beyond chance.
func (c coverage) short() bool {
	return c.published > 0 && c.share < 0.95-3*math.Sqrt(0.95*0.05/c.published)
}

// covered runs the gate on zones of these sizes, and says how often an interval holds the truth.
func covered(t *testing.T, sizes []int, runs int, m mutation, interval func(f Figure, half float64) (lo, hi float64)) []coverage {
	var events []event
	for z, n := range sizes {
		events = append(events, crowd(n, int64(z), 0, int64(z)*1000)...)
	}
	rows, s := batch(events), setup(presence(len(sizes), "all"))
	out := make([]coverage, len(sizes))
	var mu sync.Mutex
	onEveryCore(t, runs, func(i int) error {
		p, err := rehearsal(s, rows, uint64(i), m)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for f := range p.All(0) {
			n, c := float64(sizes[f.Zone]), &out[f.Zone]
			c.published++
			c.bias += f.Y - n
			if lo, hi := interval(f, float64(p.HalfWidth(0))); lo <= n && n <= hi {
				c.share++
			}
		}
		return nil
	})
	for i := range out {
		c := &out[i]
		c.runs = float64(runs)
		c.share, c.bias = c.share/max(c.published, 1), c.bias/max(c.published, 1)
	}
	return out
}

// T12: a few points single a person out of the rows; no published cell is of fewer than k.
func TestRowsAreUniqueAndFiguresAreNot(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 12))
	const people, zones, slots = 6000, 200, 72
	table := presence(zones, "hour")
	table.L0 = 24
	lives := make([][]event, people)
	truth := map[[2]int64]int{}
	var events []event
	for u := range lives {
		home, work := int64(random.IntN(zones)), int64(random.IntN(zones/4))
		for slot := range int64(slots) {
			zone := home
			if h := slot % 24; slot < 24 && h >= 8 && h <= 17 {
				zone = work
				if random.IntN(2) == 0 {
					zone = 0 // the town centre
				}
			}
			if random.IntN(2) == 0 {
				zone = int64(random.IntN(zones))
			}
			if random.IntN(3) > 0 {
				lives[u] = append(lives[u], event{unit: int64(u), zone: zone, slot: slot})
				truth[[2]int64{slot, zone}]++
			}
		}
		events = append(events, lives[u]...)
	}
	for p, least := range map[int]float64{2: 0.5, 4: 0.9} {
		if got := uniqueness(lives, p, random); got < least {
			t.Errorf("%d points single %.0f %% of people out of the rows: the scene is too easy", p, 100*got)
		}
	}
	rows := batch(events)
	few := func(m mutation) (bad, shown int) {
		p, err := rehearsal(setup(table), rows, 12, m)
		if err != nil {
			t.Fatal(err)
		}
		for f := range p.All(0) {
			if shown++; truth[[2]int64{int64(f.Slot), int64(f.Zone)}] < 20 {
				bad++
			}
		}
		return bad, shown
	}
	if bad, shown := few(nil); bad > 0 || shown == 0 {
		t.Errorf("%d of %d published cells have fewer than k people", bad, shown)
	}
	if bad, _ := few(thresholdOff); bad == 0 {
		t.Error("the test does not see a gate without threshold")
	}
}

// uniqueness is the share of units that p of their own cells, drawn at random, tell from all others (de Montjoye et al. 2013).
func uniqueness(lives [][]event, p int, random *rand.Rand) float64 {
	at := map[[2]int64]map[int64]bool{}
	for _, life := range lives {
		for _, e := range life {
			cell := [2]int64{e.slot, e.zone}
			if at[cell] == nil {
				at[cell] = map[int64]bool{}
			}
			at[cell][e.unit] = true
		}
	}
	unique := 0
	for u, life := range lives {
		alone := true
		order := random.Perm(len(life))[:p]
		for other := range at[[2]int64{life[order[0]].slot, life[order[0]].zone}] {
			same := other != int64(u)
			for _, i := range order {
				same = same && at[[2]int64{life[i].slot, life[i].zone}][other]
			}
			alone = alone && !same
		}
		if alone {
			unique++
		}
	}
	return float64(unique) / float64(len(lives))
}

// T15: no published breakdown says what nearly everybody does.
func TestNoBreakdownSaysWhatNearlyEverybodyDoes(t *testing.T) {
	table := Table{Name: "modes", Shape: Split, System: "commune", Zones: 4, Place: Place{Column: "stop"}, Category: "mode", Categories: []string{"car", "bus", "bike"}, L0: 1}
	scene := func(zone int64, car, bus, bike int) (events []event) {
		for mode, n := range map[string]int{"car": car, "bus": bus, "bike": bike} {
			for _, e := range crowd(n, zone, 0, 100_000*(zone+1)+int64(len(mode))*10_000+int64(len(events))) {
				e.category = mode
				events = append(events, e)
			}
		}
		return events
	}
	var events []event
	events = append(events, scene(0, 1000, 700, 300)...) // mixed
	events = append(events, scene(1, 5000, 60, 0)...)    // 99 % by car
	events = append(events, scene(2, 900, 0, 0)...)      // all by car
	events = append(events, scene(3, 3000, 158, 0)...)   // 95.0 %: on the limit
	rows := batch(events)
	told := func(runs int, m mutation) (faults []string) {
		var mu sync.Mutex
		onEveryCore(t, runs, func(i int) error {
			p, err := split(setup(table), rows, uint64(i), m)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			faults = append(faults, uniform(p)...)
			return nil
		})
		return faults
	}
	for _, fault := range told(scaled(100, 2000), nil) {
		t.Error(fault)
	}
	if len(told(20, diversityOff)) == 0 {
		t.Error("the test does not see a gate without the rule of diversity")
	}
	if diverse([]Figure{{Y: 5000}, {Y: 60}}, 0) || !diverse([]Figure{{Y: 50}, {Y: 60}}, 0) {
		t.Error("the rule of diversity is off")
	}
}

// split is one run of a gate whose fault is put in after the rows were read.
func split(s Setup, rows arrow.RecordBatch, seed uint64, m mutation) (*Protected, error) {
	g, err := Open(context.Background(), s)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	if err := g.seed(seed).Feed(rows); err != nil {
		return nil, err
	}
	if g.finish(); m != nil {
		m(g)
	}
	return g.protect(g.tables[0]), nil
}

// uniform says what is wrong with the breakdowns of the four zones: one mixed, two of which nearly everybody goes by car, one on the limit.
func uniform(p *Protected) (faults []string) {
	zones, sums, most := map[int32]int{}, map[int32]float64{}, map[int32]float64{}
	for f := range p.All(0) {
		zones[f.Zone]++
		sums[f.Zone] += f.Y
		most[f.Zone] = max(most[f.Zone], f.Y)
	}
	if zones[0] != 3 {
		faults = append(faults, fmt.Sprintf("the mixed zone has %d categories", zones[0]))
	}
	for z, n := range zones {
		if n < 2 || most[z] > 0.95*sums[z] || z == 1 || z == 2 {
			faults = append(faults, fmt.Sprintf("zone %d: %d categories, the largest %.1f %%", z, n, 100*most[z]/sums[z]))
		}
	}
	if got := figures(p, 1); len(got) != 4 {
		faults = append(faults, fmt.Sprintf("%d zones have a total, of 4", len(got)))
	}
	return faults
}

func TestTheGuardLetsOnlyFiguresOut(t *testing.T) {
	field := func(name string, t arrow.DataType) *arrow.Schema {
		return arrow.NewSchema([]arrow.Field{{Name: name, Type: t}}, nil)
	}
	for _, s := range []*arrow.Schema{field("zone", arrow.PrimitiveTypes.Uint32), field("value", arrow.PrimitiveTypes.Float64), field("slot", arrow.BinaryTypes.String)} {
		if err := Guard("presence", s); err != nil {
			t.Error(err)
		}
	}
	passing := func() (names []string) {
		for _, s := range []*arrow.Schema{field("card", arrow.BinaryTypes.String), field("unit", arrow.PrimitiveTypes.Uint64), field("zone", arrow.BinaryTypes.String),
			field("slot", arrow.FixedWidthTypes.Timestamp_us), field("value", arrow.BinaryTypes.String), field("n", arrow.PrimitiveTypes.Int64)} {
			if err := Guard("presence", s); err == nil {
				names = append(names, s.Field(0).Name)
			} else if model.KindOf(err) != model.Withheld {
				t.Error(err)
			}
		}
		return names
	}
	if names := passing(); names != nil {
		t.Errorf("%v pass", names)
	}
	allowed["card"] = []arrow.Type{arrow.STRING} // an id column let through
	defer delete(allowed, "card")
	if names := passing(); len(names) != 1 {
		t.Errorf("the test does not see an id column: %v", names)
	}
}
