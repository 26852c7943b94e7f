package gate

import (
	"fmt"
	"math"

	"jumeau/ingest/gate/internal/noise"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// table is a Table with what follows from it.
type table struct {
	Table
	calendar *calendar
	places   int     // of the leaves: zones, pairs, zones × classes
	levels   []level // leaves first, then coarser ones, then totals
	k        int
	epsilon  noise.Epsilon
	delta    float64
	bias     *bias

	tally  *tally // class C
	exact  *exact // classes E, F, G
	tracks *tracks
}

// level is one level of the tree of figures.
type level struct {
	system string
	places int
	of     func(place uint64) int64 // place of a leaf at this level, -1: none; nil at the leaves
	leaves []int                    // number of leaves of each place; nil for flows
	totals bool

	epsilon   noise.Epsilon
	mechanism noise.Mechanism
	draw      func(*noise.Source) int64
}

// bias is the measurement of what bounding left out.
type bias struct {
	epsilon       noise.Epsilon
	before, after noise.Law
}

// classes is the number of classes of a histogram or split, 1 for other shapes.
func (t *Table) classes() int {
	switch t.Shape {
	case Histogram:
		return len(t.Edges) - 1
	case Split:
		return len(t.Categories)
	}
	return 1
}

// compile checks a table and works out its places, levels and noise. epsilon and delta are the table's part of the budget.
func compile(spec Table, s *Setup, p Profile, epsilon noise.Epsilon, delta float64) (*table, error) {
	if err := spec.check(s.Source, p); err != nil {
		return nil, err
	}
	t := &table{Table: spec, epsilon: epsilon, delta: delta, k: p.least(s.Privacy, s.Source.Behaviour.Threshold)}
	var err error
	if t.calendar, err = newCalendar(spec.Slot, s.Period, s.Zone); err != nil {
		return nil, invalid(s.Source.ID+" "+spec.Name, "all, hour, three_hours, half_day, day_type, date or month", "%w", err)
	}
	t.places = spec.Zones * spec.classes()
	if spec.Shape == Flow {
		t.places = (spec.Zones + 1) * (spec.Zones + 1) // the last zone is outside
	}
	t.Most = max(t.L0, min(max(t.Most, 1), 1000))
	if spec.Most == 0 {
		t.Most = max(t.L0, min(len(t.calendar.slots), 96))
		if spec.Shape == Links { // one unit passes many segments in a slot
			t.Most = max(t.L0, min(4*t.L0, 400))
		}
	}
	t.buildLevels()
	if !p.Noise {
		t.exact = newExact(s.Memory / int64(len(s.Tables)))
		return t, nil
	}
	if err := t.calibrate(); err != nil {
		return nil, invalid(s.Source.ID+" "+spec.Name, "raise epsilon or lower L0", "%w", err)
	}
	b := bounding{coding: newCoding(t.places, t.OnePlace), cells: t.L0, repeat: t.Linf, keep: t.L0}
	if !b.fits(len(t.calendar.slots)) {
		return nil, invalid(s.Source.ID+" "+spec.Name, "take a coarser zone system or slot", "%d places in %d slots are too many", t.places, len(t.calendar.slots))
	}
	if t.Bias {
		b.keep = t.Most
	}
	t.tally = newTally(b, s.Memory/int64(len(s.Tables)))
	if t.Shape == Links {
		t.tracks = newTracks(s.Memory / int64(len(s.Tables)))
	}
	return t, nil
}

func (t *table) buildLevels() {
	t.levels = []level{{system: t.System, places: t.places}}
	classes := uint64(t.classes())
	if t.Shape == Split && t.Zones > 1 || t.Shape == Split && (t.Totals || len(t.Levels) > 0) {
		t.addLevel(t.System, t.Zones, func(place uint64) int64 { return int64(place / classes) })
	}
	if t.Shape == Flow && t.Totals {
		n := uint64(t.Zones + 1)
		t.levels = append(t.levels, level{system: t.System, places: t.Zones + 1, of: func(place uint64) int64 { return int64(place / n) }})
	}
	zones := make([]int32, t.Zones)
	for i := range zones {
		zones[i] = int32(i)
	}
	for _, l := range t.Levels {
		up := make([]int32, t.Zones)
		for i, z := range zones {
			if up[i] = none; z >= 0 {
				up[i] = l.Parent[z]
			}
		}
		t.addLevel(l.System, l.Zones, func(place uint64) int64 { return int64(up[place/classes]) })
		zones = up
	}
	if t.Totals {
		t.levels = append(t.levels, level{system: "", places: 1, totals: true, of: func(uint64) int64 { return 0 }})
		if t.Shape != Flow {
			t.levels[len(t.levels)-1].leaves = []int{t.places}
		}
	}
}

func (t *table) addLevel(system string, places int, of func(uint64) int64) {
	l := level{system: system, places: places, of: of, leaves: make([]int, places)}
	for p := range t.places {
		if at := of(uint64(p)); at >= 0 {
			l.leaves[at]++
		}
	}
	t.levels = append(t.levels, l)
}

// calibrate divides the table's budget over its levels and chooses each level's noise. A unit counts once in a level's cell when
// it has one place a slot; else all its cells may fall into one of a coarser level.
func (t *table) calibrate() error {
	middle := len(t.levels) - 1
	parts := t.Parts
	if t.Totals {
		middle--
	} else {
		parts.Leaves, parts.Totals = parts.Leaves+parts.Totals, 0
	}
	if middle == 0 {
		parts.Leaves, parts.Levels = parts.Leaves+parts.Levels, 0
	}
	leaf := noise.Leaf(t.L0, int64(t.Linf))
	for i := range t.levels {
		l := &t.levels[i]
		bound, share := leaf, float64(parts.Leaves)/100
		switch {
		case i == 0:
			l.epsilon = t.epsilon.Share(parts.Leaves)
		case l.totals:
			l.epsilon, share = t.epsilon.Share(parts.Totals), float64(parts.Totals)/100
			if t.Bias {
				t.measureBias(l.epsilon / 2)
				l.epsilon -= l.epsilon / 2
			}
		default:
			l.epsilon, share = t.epsilon.Share(parts.Levels)/noise.Epsilon(middle), float64(parts.Levels)/100/float64(middle)
		}
		if i > 0 && !t.OnePlace {
			bound.PerCell = bound.Total
		}
		if l.epsilon <= 0 {
			return fmt.Errorf("level %q has no budget", l.system)
		}
		m, err := noise.Choose(l.epsilon, t.delta*share, bound, t.k)
		if err != nil {
			return err
		}
		l.mechanism, l.draw = m, m.Law.Draw
	}
	return nil
}

// measureBias gives half of the budget to each of two totals over all cells: contributions of at most Most cells a unit, and those
// kept.
func (t *table) measureBias(e noise.Epsilon) {
	half := e / 2
	linf := uint64(t.Linf)
	t.bias = &bias{epsilon: 2 * half,
		before: noise.NewLaplace(uint64(t.Most)*linf*1_000_000, uint64(max(1, half))),
		after:  noise.NewLaplace(uint64(t.L0)*linf*1_000_000, uint64(max(1, half)))}
}

// rho is the zCDP loss of the table's noise.
func (t *table) rho() (sum float64) {
	if t.tally == nil {
		return 0
	}
	for _, l := range t.levels {
		sum += l.mechanism.Rho
	}
	if t.bias != nil {
		half := t.bias.epsilon.Float() / 2
		sum += half * half // two totals, half²/2 each
	}
	return sum
}

// slots of the table, in order.
func (t *table) slots() []model.Slot { return t.calendar.slots }

// charge of a release: the sum over its tables.
func charge(s *Setup, p Profile, tables []*table) ledger.Charge {
	c := ledger.Charge{Source: s.Source.ID, Release: s.Release, Period: s.Period, Corrects: s.Corrects, Class: p.Class, Author: s.Author,
		Contract: contractDigest(s.Source), Mechanism: p.mechanism()}
	laws := map[string]bool{}
	for _, t := range tables {
		c.K = max(c.K, t.k)
		if t.tally == nil {
			continue
		}
		c.L0, c.Linf = max(c.L0, t.L0), max(c.Linf, int64(t.Linf))
		c.Rho += t.rho()
		for _, l := range t.levels {
			laws[l.mechanism.Law.Name()] = true
		}
	}
	if !p.Noise {
		return c
	}
	e, _ := noise.EpsilonOf(s.Privacy.Epsilon) // checked by the setup
	c.Epsilon, c.Delta = ledger.Millionths(e), s.Privacy.Delta
	c.Mechanism = noise.NamedLaplace
	if laws[noise.NamedGaussian] {
		c.Mechanism = noise.NamedGaussian
		if laws[noise.NamedLaplace] {
			c.Mechanism = noise.NamedLaplace + ", " + noise.NamedGaussian
		}
	}
	c.Rho = math.Ceil(c.Rho*1e9) / 1e9
	return c
}
