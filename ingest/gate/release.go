package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"jumeau/ingest/gate/internal/noise"
	"jumeau/ingest/gate/ledger"
)

var errReleased = errors.New("it was released already, or closed")

// Release charges the ledger, draws the noise, and gives the cube. It works once; the rows are zeroed when it returns, whether
// it succeeds or not. A charge is not given back when what follows fails.
func (g *Gate) Release(ctx context.Context, l *ledger.Ledger) (*Cube, error) {
	if g.done {
		return nil, g.fault(errReleased)
	}
	g.finish()
	defer g.Close()
	if err := errors.Join(g.failed(), ctx.Err()); err != nil {
		return nil, err
	}
	for _, t := range g.tables {
		if t.tracks != nil {
			if err := t.walk(); err != nil {
				return nil, g.fault(err)
			}
		}
	}
	limit, err := noise.EpsilonOf(g.setup.Privacy.EpsilonYear)
	if err != nil {
		return nil, g.fault(err)
	}
	cube := &Cube{}
	if g.profile.margins() { // nothing is drawn, so that a fault found here charges nothing
		if cube.tables, err = g.protectMagnitudes(); err != nil {
			return nil, g.fault(err)
		}
	}
	if cube.entry, err = l.Charge(ctx, charge(&g.setup, g.profile, g.tables), ledger.Millionths(limit)); err != nil {
		return nil, err
	}
	for _, t := range g.tables[len(cube.tables):] {
		cube.tables = append(cube.tables, g.protect(t))
	}
	cube.card = g.card(cube)
	return cube, nil
}

// protected is the table without any figure yet.
func (t *table) protected() *Protected {
	p := &Protected{name: t.Name, shape: t.Shape, slots: t.slots(), zones: t.Zones, classes: t.classNames()}
	for i, l := range t.levels {
		out := published{system: l.system, totals: l.totals, classes: 1, zones: l.places, places: l.places}
		if i == 0 {
			out.classes, out.zones, out.pairs = t.classes(), t.Zones, t.Shape == Flow
		}
		if t.tally != nil {
			out.half, out.threshold = l.mechanism.HalfWidth, l.mechanism.Threshold
		}
		p.levels = append(p.levels, out)
	}
	return p
}

// protect makes the protected figures of one table of class C, F or G; those of class E are protected together.
func (g *Gate) protect(t *table) *Protected {
	p := t.protected()
	if g.profile.CellKey {
		g.protectKeyed(t, p)
		return p
	}
	exact := t.count()
	random := g.random()
	for i := range t.levels {
		p.levels[i].figures = t.draw(i, exact.levels[i], &p.levels[i], random)
		exact.levels[i].zero()
	}
	p.scale = t.bias.draw(exact, random)
	*exact = counts{}
	if t.Shape == Split {
		p.diversify()
	}
	if len(p.levels) > 1 {
		t.reconcile(p)
	}
	return p
}

// draw publishes the cells of a level that have k units and whose noisy figure reaches the threshold. This is the only place
// where a count becomes a figure.
func (t *table) draw(at int, exact *counter, out *published, random *noise.Source) (figures []Figure) {
	l := &t.levels[at]
	intervals := noise.NewIntervals(l.mechanism, t.k)
	exact.each(func(cell uint64, n count) {
		if int(n.units) < t.k {
			return
		}
		y := int64(n.total) + l.draw(random)
		if y < l.mechanism.Threshold {
			return
		}
		f, i := out.figure(cell), intervals.Of(y)
		f.Y, f.Lo, f.Hi, f.Near = float64(y), float64(i.Lo), float64(i.Hi), i.Near
		figures = append(figures, f)
	})
	slices.SortFunc(figures, func(a, b Figure) int { return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.place, b.place)) })
	return figures
}

// draw measures the two totals of the bias.
func (b *bias) draw(exact *counts, random *noise.Source) *Scale {
	if b == nil {
		return nil
	}
	const each = 1 - (1-noise.Level)/2 // both intervals hold together at the level
	before, after := float64(exact.before+b.before.Draw(random)), float64(exact.after+b.after.Draw(random))
	apart, below := float64(noise.HalfWidth(b.before, each)), float64(noise.HalfWidth(b.after, each))
	if after <= 2*below || before <= 2*apart {
		return nil
	}
	before = max(before, after) // bounding only takes away
	s := &Scale{Factor: before / after, Lo: max(1, (before-apart)/(after+below)), Hi: (before + apart) / (after - below)}
	s.Kept = 1 / s.Factor
	return s
}

func (t *table) classNames() (names []string) {
	switch t.Shape {
	case Histogram:
		for i := range t.classes() {
			names = append(names, fmt.Sprintf("%g to %g", t.Edges[i], t.Edges[i+1]))
		}
	case Split:
		return slices.Clone(t.Categories)
	}
	return names
}

// uneven is the greatest share of one category in a breakdown that is published.
const uneven = 0.95

// diversify takes out the breakdowns of splits that would say what nearly everybody in a zone does: fewer than two categories
// published, or one that may exceed 95 %. It looks at published figures only, on the safe side of their half-width. What is taken
// out is still in the zone's total.
func (p *Protected) diversify() {
	leaves := &p.levels[0]
	var kept []Figure
	for from := 0; from < len(leaves.figures); {
		to := from + 1
		for to < len(leaves.figures) && leaves.figures[to].Slot == leaves.figures[from].Slot && leaves.figures[to].Zone == leaves.figures[from].Zone {
			to++
		}
		if diverse(leaves.figures[from:to], float64(leaves.half)) {
			kept = append(kept, leaves.figures[from:to]...)
		}
		from = to
	}
	leaves.figures = kept
}

func diverse(breakdown []Figure, half float64) bool {
	var sum, most float64
	for _, f := range breakdown {
		sum += max(0, f.Y-half)
		most = max(most, f.Y)
	}
	others := sum - max(0, most-half)
	return len(breakdown) >= 2 && most+half <= uneven*(most+half+others)
}
