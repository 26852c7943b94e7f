package gate

import (
	"context"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
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
