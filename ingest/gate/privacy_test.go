package gate

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

// outcomes are the figures of a level of one run, 0 where nothing is published.
type outcomes []float64

// rehearse runs the whole gate but the ledger many times on the same rows, each time with new keys and the noise of another seed.
func rehearse(t *testing.T, s Setup, rows arrow.RecordBatch, level, runs int, m mutation) []outcomes {
	t.Helper()
	out := make([]outcomes, runs)
	onEveryCore(t, runs, func(i int) error {
		p, err := rehearsal(s, rows, uint64(i)<<32|uint64(rows.NumRows()), m) // another seed for the neighbour
		if err != nil {
			return err
		}
		out[i] = make(outcomes, p.levels[level].places)
		for f := range p.All(level) {
			out[i][f.Zone] = f.Y
		}
		return nil
	})
	return out
}

// rehearsal is one run of a gate without its ledger.
func rehearsal(s Setup, rows arrow.RecordBatch, seed uint64, m mutation) (*Protected, error) {
	g, err := Open(context.Background(), s)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	if g.seed(seed); m != nil {
		m(g)
	}
	if err := g.Feed(rows); err != nil {
		return nil, err
	}
	g.finish()
	if g.profile.margins() {
		together, err := g.protectMagnitudes()
		if err != nil {
			return nil, err
		}
		return together[0], nil
	}
	return g.protect(g.tables[0]), nil
}

// onEveryCore does a thing n times, several at once. Gates of a few rows leave little behind but much garbage, so that it is
// collected seldom.
func onEveryCore(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	var next atomic.Int64
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
}

// epsilonHat is a lower bound, at 99.9 %, of the privacy loss that runs on neighbouring data show: the event that tells them apart
// best on one half of the runs is measured on the other half, with Clopper and Pearson's bounds.
func epsilonHat(with, without []outcomes, base, delta float64) float64 {
	best, event := 0.0, func(outcomes) bool { return false }
	half := len(with) / 2
	try := func(e func(outcomes) bool) {
		a, b := share(with[:half], e), share(without[:half], e)
		if a < 20/float64(half) {
			return
		}
		if score := (a - delta) / (b + 3/float64(half)); score > best {
			best, event = score, e
		}
	}
	n := len(with[0])
	for t := 1; t <= n; t++ {
		try(func(o outcomes) bool { return above(o, base) >= t })
	}
	for t := -2 * n; t <= 2*n; t++ {
		try(func(o outcomes) bool { return total(o) == float64(n)*base+float64(t) })
	}
	try(func(o outcomes) bool { return total(o) > 0 })
	a, b := hits(with[half:], event), hits(without[half:], event)
	rest := len(with) - half
	if least := lowest(a, rest) - delta; least > 0 {
		return max(0, math.Log(least/highest(b, rest)))
	}
	return 0 // no event tells anything
}

func above(o outcomes, base float64) (n int) {
	for _, y := range o {
		if y > base {
			n++
		}
	}
	return n
}

func total(o outcomes) (sum float64) {
	for _, y := range o {
		sum += y
	}
	return sum
}

func hits(runs []outcomes, event func(outcomes) bool) (n int) {
	for _, o := range runs {
		if event(o) {
			n++
		}
	}
	return n
}

func share(runs []outcomes, event func(outcomes) bool) float64 {
	return float64(hits(runs, event)) / float64(len(runs))
}

// lowest and highest are Clopper and Pearson's bounds at 99.9 %, one side each.
func lowest(hits, n int) float64 {
	if hits == 0 {
		return 0
	}
	return bisect(func(p float64) bool { return binomialTail(hits, n, p) < 1e-3 })
}

func highest(hits, n int) float64 {
	if hits == n {
		return 1
	}
	return bisect(func(p float64) bool { return 1-binomialTail(hits+1, n, p) > 1e-3 })
}

func bisect(below func(float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for range 60 {
		if mid := (lo + hi) / 2; below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// binomialTail is P(B >= k) of n trials.
func binomialTail(k, n int, p float64) (sum float64) {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	for i := k; i <= n; i++ {
		term := math.Exp(lg(n) - lg(i) - lg(n-i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
		sum += term
		if float64(i) > float64(n)*p && term < sum*1e-12 {
			break
		}
	}
	return min(1, sum)
}

// neighbours are data with and without one unit that is in every zone; each zone has others beside it.
func neighbours(zones int, others int) (with, without arrow.RecordBatch) {
	var events []event
	for z := range int64(zones) {
		events = append(events, crowd(others, z, 0, 1000*(z+1))...)
	}
	without = batch(events)
	for z := range int64(zones) {
		events = append(events, event{unit: 1, zone: z})
	}
	return batch(events), without
}

// T6: no event tells data with a unit from data without it better than epsilon allows, whatever the number of its cells.
func TestNoRunTellsWhetherOneUnitWasThere(t *testing.T) {
	runs, faulty := scaled(1000, 200_000), scaled(2000, 20_000)
	for _, scene := range []struct {
		name   string
		zones  int
		others int
		level  int                 // looked at: leaves, or the total
		caught map[string]mutation // faults that this scene must catch
	}{
		{"four cells", 4, 70, 0, map[string]mutation{"noise off": noiseOff, "half noise": halfNoise, "key reused": keyReused}},
		{"twenty cells", 20, 70, 0, map[string]mutation{"bounding off": boundingOff}},
		{"at the threshold", 1, 19, 0, map[string]mutation{"threshold off": func(g *Gate) {
			each(g, func(_ *table, l *level) { l.mechanism.Threshold = 20 })
		}}},
		{"below the threshold", 1, 18, 0, map[string]mutation{"threshold lower by one": thresholdLower}},
		{"the total", 10, 25, 1, map[string]mutation{"totals from raw": totalsFromRaw}},
	} {
		t.Run(scene.name, func(t *testing.T) {
			with, without := neighbours(scene.zones, scene.others)
			s := setup(presence(scene.zones, "all"))
			s.Privacy.Epsilon = 2 // thresholds are lower and runs shorter than at 1
			base := scene.others
			if scene.level > 0 {
				s.Tables[0].Totals = true
				base *= scene.zones
			}
			measure := func(runs int, m mutation) float64 {
				return epsilonHat(rehearse(t, s, with, scene.level, runs, m), rehearse(t, s, without, scene.level, runs, m), float64(base), s.Privacy.Delta)
			}
			got := measure(runs, nil)
			t.Logf("the gate shows epsilon %.3f in 2 × %d runs, of %.3f", got, runs, s.Privacy.Epsilon)
			if got > s.Privacy.Epsilon {
				t.Errorf("the gate shows epsilon %.2f", got)
			}
			for name, m := range scene.caught {
				got := measure(faulty, m)
				t.Logf("%s shows epsilon %.3f in 2 × %d runs", name, got, faulty)
				if got <= s.Privacy.Epsilon {
					t.Errorf("%s shows epsilon %.2f only: it is not caught", name, got)
				}
			}
		})
	}
}

// The same audit of the discrete Gaussian, with L0 = 24 cells.
func TestNoRunTellsWhetherOneUnitWasThereUnderGaussianNoise(t *testing.T) {
	table := presence(30, "all")
	table.L0 = 24
	s := setup(table)
	s.Privacy.Epsilon = 2
	g := open(t, s)
	if name := g.tables[0].levels[0].mechanism.Law.Name(); name != "discrete Gaussian" {
		t.Fatalf("the scene is about the Gaussian, not the %s", name)
	}
	g.Close()
	with, without := neighbours(30, 130)
	runs := scaled(400, 50_000)
	measure := func(runs int, m mutation) float64 {
		return epsilonHat(rehearse(t, s, with, 0, runs, m), rehearse(t, s, without, 0, runs, m), 130, s.Privacy.Delta)
	}
	got, faulty := measure(runs, nil), measure(400, noiseOff)
	t.Logf("the gate shows epsilon %.3f in 2 × %d runs, of 2; noise off %.3f in 2 × 400", got, runs, faulty)
	if got > 2 {
		t.Errorf("the gate shows epsilon %.2f", got)
	}
	if faulty <= 2 {
		t.Errorf("noise off shows epsilon %.2f only", faulty)
	}
}

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
