package gate

import (
	"cmp"
	"math"
	"slices"
	"sync"
)

// magnitude is a row of classes E, F and G: a unit in a cell, with a number and a survey weight.
type magnitude struct {
	unit, cell    uint64
	value, weight float64
}

// exact holds the rows of a table whose class has no contribution bounding: 32 bytes each.
type exact struct {
	mu    sync.Mutex
	rows  []magnitude
	limit int
}

func newExact(memory int64) *exact { return &exact{limit: int(memory / 32)} }

func (e *exact) add(rows []magnitude) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.rows)+len(rows) > e.limit {
		return errMemory
	}
	e.rows = append(e.rows, rows...)
	return nil
}

func (e *exact) zero() {
	clear(e.rows[:cap(e.rows)])
	e.rows = nil
}

// content is what the rules of classes E, F and G look at in a cell.
type content struct {
	units          int64
	key            uint64 // sum of the units' keys modulo 2^64
	sum            float64
	first, second  float64 // largest contributions of one unit
	weight, square float64 // sums of weights and of their squares
}

// dominancePercent is p of the rule p %.
const dominancePercent = 10

// dominated says whether one unit could be read out of the sum: its share exceeds the profile's, or the second largest, who knows his
// own, can estimate the largest within p % (INSEE's rule of 85 %, and p = 10).
func (c *content) dominated(p Profile) bool {
	return p.Largest > 0 && (c.first*100 > c.sum*float64(p.Largest) || (c.sum-c.first-c.second)*100 < dominancePercent*c.first)
}

// contents groups the rows of a level. A unit's rows in one cell are one contribution; its weight there is the sum over its rows
// (weighted trips), but for presence, which counts it once.
func (t *table) contents(at int) map[uint64]*content {
	l := &t.levels[at]
	rows := make([]magnitude, 0, len(t.exact.rows))
	for _, r := range t.exact.rows {
		if at > 0 {
			slot := r.cell / uint64(t.places)
			place := l.of(r.cell % uint64(t.places))
			if place < 0 {
				continue
			}
			r.cell = slot*uint64(l.places) + uint64(place)
		}
		rows = append(rows, r)
	}
	defer clear(rows)
	slices.SortFunc(rows, func(a, b magnitude) int { // to the last number, so that sums are the same on every run
		return cmp.Or(cmp.Compare(a.cell, b.cell), cmp.Compare(a.unit, b.unit), cmp.Compare(a.value, b.value), cmp.Compare(a.weight, b.weight))
	})
	out := map[uint64]*content{}
	for from := 0; from < len(rows); {
		to, value, w := from, 0.0, 0.0
		for to < len(rows) && rows[to].cell == rows[from].cell && rows[to].unit == rows[from].unit {
			value += rows[to].value
			if w += rows[to].weight; t.Shape == Presence {
				w = rows[to].weight
			}
			to++
		}
		c := out[rows[from].cell]
		if c == nil {
			c = &content{}
			out[rows[from].cell] = c
		}
		c.units++
		c.key += rows[from].unit
		c.sum += value
		c.weight += w
		c.square += w * w
		if value > c.first {
			c.first, c.second = value, c.first
		} else {
			c.second = max(c.second, value)
		}
		from = to
	}
	return out
}

// protectKeyed publishes under the rules of classes F and G.
func (g *Gate) protectKeyed(t *table, p *Protected) {
	for i := range t.levels {
		t.publishKeyed(g.profile, i, &p.levels[i])
	}
	if t.Shape == Split {
		p.levels[0].half = cellKeyReach
		p.diversify()
	}
}

// publishKeyed publishes counts, sums and weighted estimates with the noise of the cell key, each level by itself. A sum and an
// estimate follow the perturbed count, so that neither gives the true one away.
func (t *table) publishKeyed(profile Profile, at int, out *published) {
	out.half = cellKeyReach
	for cell, c := range t.contents(at) {
		if c.units < int64(t.k) || t.Value != "" && t.Shape != Histogram && c.dominated(profile) {
			continue
		}
		f := out.figure(cell)
		n := float64(perturb(c.units, c.key))
		ratio := n / float64(c.units)
		switch {
		case t.Weight != "":
			f.Y = significant(c.weight * ratio)
			effect := float64(c.units) * c.square / (c.weight * c.weight) // Kish's design effect
			f.Lo, f.Hi = around(f.Y, 1.96*math.Sqrt((effect+cellKeySD*cellKeySD/n)/n))
		case t.Value != "" && t.Shape != Histogram:
			f.Y = significant(c.sum * ratio)
			f.Lo, f.Hi = around(f.Y, cellKeyReach/n)
		default:
			f.Y = n
			f.Lo, f.Hi = n-cellKeyReach, n+cellKeyReach
		}
		out.figures = append(out.figures, f)
	}
	sortFigures(out.figures)
}

// significant rounds to three significant digits: a finer figure would let weights or values be solved for.
func significant(v float64) float64 {
	if v == 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-2)
	return math.Round(v/unit) * unit
}

// around is the interval of a figure for a relative error, with the rounding to three digits.
func around(y, relative float64) (lo, hi float64) {
	by := y * (relative + 0.005)
	return max(0, y-by), y + by
}

func sortFigures(figures []Figure) {
	slices.SortFunc(figures, func(a, b Figure) int { return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.place, b.place)) })
}
