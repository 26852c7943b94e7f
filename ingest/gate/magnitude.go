package gate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"jumeau/ingest/gate/audit"
	"jumeau/model"
)

// Shown says which zones of a system had a published figure in an earlier release of a table, so that its mask stays the same where it
// can: two masks side by side may give away what each of them hides.
type Shown struct {
	System string // "" for totals
	Slot   model.Slot
	Class  string // category of a split; "" elsewhere
	Zones  []bool // by zone of the system as it is now
}

// cellID is what an exact figure is a figure of. Tables that sum one column share cells: the total of a commune over sectors is its
// total over neighbourhoods, and what one table hides the other must not show.
type cellID struct {
	system, category string
	slot             model.Slot
	zone, class      int32
}

// exactCell is a cell with its places in the tables that have it.
type exactCell struct {
	content
	at []tableCell
}

type tableCell struct {
	table, level int
	figure       Figure
}

// margins are the exact figures of the tables that sum one column, bound by all their equations.
type margins struct {
	cells  []exactCell
	index  map[cellID]int
	before map[int]bool // cells that were hidden in the release before
	width  float64
}

// protectMagnitudes publishes exact sums (class E) of cells with enough units and none that dominates, then hides as many more
// as an attacker with all margins of all tables and no negative number would need to place a hidden one within the width.
func (g *Gate) protectMagnitudes() (protected []*Protected, err error) {
	groups := map[string][]int{}
	for i, t := range g.tables {
		groups[t.Value] = append(groups[t.Value], i)
		protected = append(protected, t.protected())
	}
	for _, value := range sorted(groups) {
		m := &margins{index: map[cellID]int{}, before: map[int]bool{}}
		for _, i := range groups[value] {
			if err := m.add(g.tables[i], protected[i], i); err != nil {
				return nil, err
			}
		}
		if err := m.publish(g, protected, groups[value]); err != nil {
			return nil, err
		}
	}
	return protected, nil
}

func sorted[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var errDisagree = errors.New("two tables of one column do not agree on a total: their rows are placed by different columns, or not all are placed")

// add brings the cells of a table.
func (m *margins) add(t *table, p *Protected, at int) error {
	m.width = max(m.width, float64(max(t.k, t.Width)))
	for level := range t.levels {
		contents := t.contents(level)
		order := make([]uint64, 0, len(contents))
		for cell := range contents {
			order = append(order, cell)
		}
		slices.Sort(order)
		for _, cell := range order {
			f := p.levels[level].figure(cell)
			id := t.cellID(level, f)
			i, ok := m.index[id]
			if !ok {
				i = len(m.cells)
				m.index[id] = i
				m.cells = append(m.cells, exactCell{content: *contents[cell]})
			}
			c := &m.cells[i]
			if c.units != contents[cell].units || math.Abs(c.sum-contents[cell].sum) > 1e-6*max(1, c.sum) {
				return errDisagree
			}
			f.Y = math.Round(c.sum*1e6) / 1e6
			f.Lo, f.Hi = f.Y, f.Y
			c.at = append(c.at, tableCell{at, level, f})
			if t.hiddenBefore(id) {
				m.before[i] = true
			}
		}
	}
	return nil
}

func (t *table) cellID(level int, f Figure) cellID {
	id := cellID{system: t.levels[level].system, slot: t.calendar.slots[f.Slot], zone: f.Zone, class: f.Class}
	if f.Class != none {
		id.category = t.Category
	}
	return id
}

// hiddenBefore says whether the release before had the place and did not show its figure.
func (t *table) hiddenBefore(id cellID) bool {
	for _, s := range t.Before {
		class := ""
		if id.class != none {
			class = t.Categories[id.class]
		}
		if s.System == id.system && s.Slot == id.slot && s.Class == class && int(id.zone) < len(s.Zones) {
			return !s.Zones[id.zone]
		}
	}
	return false
}

// publish hides what must be hidden, and gives the rest to the tables.
func (m *margins) publish(g *Gate, protected []*Protected, tables []int) error {
	table := audit.Table{Values: make([]float64, len(m.cells))}
	primary, before := make([]bool, len(m.cells)), make([]bool, len(m.cells))
	for i := range m.cells {
		c := &m.cells[i]
		table.Values[i], before[i] = c.sum, m.before[i]
		primary[i] = c.units < int64(g.tables[tables[0]].k) || c.dominated(g.profile)
	}
	for _, i := range tables {
		table.Equations = append(table.Equations, m.equationsOf(g.tables[i], i)...)
	}
	hidden, err := table.Protect(primary, audit.Options{Width: m.width, Widths: m.widths(primary), Previous: before})
	if err != nil {
		return fmt.Errorf("complementary suppression: %w", err)
	}
	for i := range m.cells {
		for _, at := range m.cells[i].at {
			if !hidden[i] {
				level := &protected[at.table].levels[at.level]
				level.figures = append(level.figures, at.figure)
			}
		}
	}
	for _, i := range tables {
		for level := range protected[i].levels {
			sortFigures(protected[i].levels[level].figures)
		}
	}
	return nil
}

// widths of the cells that are hidden for themselves: their interval must leave the largest contribution open by the percentage of
// the dominance rule on either side.
func (m *margins) widths(primary []bool) []float64 {
	out := make([]float64, len(m.cells))
	for i := range m.cells {
		if primary[i] {
			out[i] = 2 * m.cells[i].first * dominancePercent / 100
		}
	}
	return out
}

// equationsOf says which cells of one level of a table add up to which of the next. A cell whose zones have no parent belongs to the
// totals.
func (m *margins) equationsOf(t *table, number int) (out []audit.Equation) {
	type place struct {
		level, slot int
		place       uint64
	}
	index := map[place]int{}
	var places []place
	for i := range m.cells {
		for _, at := range m.cells[i].at {
			if at.table == number {
				p := place{at.level, at.figure.Slot, at.figure.place}
				index[p] = i
				places = append(places, p)
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.slot, b.slot), cmp.Compare(a.place, b.place))
	})
	above := t.above()
	equation := map[place]int{}
	for _, p := range places {
		if p.level+1 == len(t.levels) {
			continue
		}
		level, up := p.level+1, above[p.level](p.place)
		if up < 0 {
			if level, up = len(t.levels)-1, 0; !t.levels[level].totals {
				continue
			}
		}
		total := place{level, p.slot, uint64(up)}
		at, ok := index[total]
		if !ok {
			continue
		}
		e, ok := equation[total]
		if !ok {
			e = len(out)
			equation[total], out = e, append(out, audit.Equation{Total: at})
		}
		out[e].Parts = append(out[e].Parts, index[p])
	}
	return out
}

// checkMargins refuses tables of one column whose figures could be subtracted from each other in ways that no equation says.
func checkMargins(source string, tables []Table) error {
	for i, a := range tables {
		if a.Shape != Presence && a.Shape != Split {
			return invalid(source+" "+a.Name, "take presence, sum or split", "class E publishes no %s", a.Shape)
		}
		for _, b := range tables[:i] {
			if a.Value != b.Value {
				continue
			}
			if cmp.Or(a.Slot, model.SlotAll) != cmp.Or(b.Slot, model.SlotAll) {
				return invalid(source+" "+a.Name, "give both the same slot", "it sums the column of %s over other slots", b.Name)
			}
			if !a.within(b) && !b.within(a) {
				return invalid(source+" "+a.Name, "take zones that are among the other's zones and levels",
					"it sums the column of %s over zones that do not nest: their difference may be one enterprise", b.Name)
			}
		}
	}
	return nil
}

// within says whether the zones of a table are a level of the other.
func (t *Table) within(other Table) bool {
	return t.System == other.System || slices.ContainsFunc(other.Levels, func(l Level) bool { return l.System == t.System })
}
