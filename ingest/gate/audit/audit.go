package audit

import (
	"fmt"
	"math"
	"slices"
)

// Equation says that a cell is the sum of others.
type Equation struct {
	Total int
	Parts []int
}

// Table is a set of cells with exact values, bound by equations.
type Table struct {
	Values    []float64
	Equations []Equation
}

// Interval is where an attacker can place a hidden cell. Hi is infinite when no equation binds it.
type Interval struct{ Lo, Hi float64 }

// Width of the interval.
func (i Interval) Width() float64 { return i.Hi - i.Lo }

// Check says whether the values satisfy the equations, and are no less than zero.
func (t Table) Check() error {
	for i, v := range t.Values {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("cell %d is not a number from zero up", i)
		}
	}
	for i, e := range t.Equations {
		sum, size := 0.0, 1.0
		for _, p := range e.Parts {
			sum += t.Values[p]
		}
		size = max(size, sum)
		if math.Abs(sum-t.Values[e.Total]) > 1e-6*size {
			return fmt.Errorf("equation %d: the total is not the sum of its parts", i)
		}
	}
	return nil
}

// Intervals are those of the hidden cells; a published cell has the interval of its value.
func (t Table) Intervals(hidden []bool) ([]Interval, error) {
	out := make([]Interval, len(t.Values))
	for i, v := range t.Values {
		if out[i] = (Interval{v, v}); hidden[i] {
			out[i] = Interval{0, math.Inf(1)}
		}
	}
	err := t.solve(hidden, func(s *tableau, cells []int) {
		for j, cell := range cells {
			lo, hi := s.bounds(j)
			out[cell] = Interval{max(0, lo), hi}
		}
	})
	return out, err
}

// narrow lists the hidden cells whose interval is less wide than it must be, without looking for the ends of those that are seen to
// be wide enough.
func (t Table) narrow(hidden []bool, opt Options) (cells []int, err error) {
	err = t.solve(hidden, func(s *tableau, hiddenCells []int) {
		for j, cell := range hiddenCells {
			width := opt.width(cell)
			if s.most[j]-s.least[j] >= width {
				continue
			}
			if lo, hi := s.bounds(j); hi-lo < width-tiny {
				cells = append(cells, cell)
			}
		}
	})
	slices.Sort(cells)
	return cells, err
}

// solve gives each set of hidden cells that equations bind together to visit, with a first solution.
func (t Table) solve(hidden []bool, visit func(s *tableau, cells []int)) error {
	group := make([]int, len(t.Values)) // union-find
	for i := range group {
		group[i] = i
	}
	var root func(int) int
	root = func(i int) int {
		if group[i] != i {
			group[i] = root(group[i])
		}
		return group[i]
	}
	first := make([]int, len(t.Equations))
	for i, e := range t.Equations {
		first[i] = -1
		for _, c := range append([]int{e.Total}, e.Parts...) {
			if !hidden[c] {
				continue
			}
			if first[i] < 0 {
				first[i] = c
			}
			group[root(c)] = root(first[i])
		}
	}
	members, equations := map[int][]int{}, map[int][]int{}
	var order []int
	for i, e := range t.Equations {
		if first[i] >= 0 {
			r := root(first[i])
			if equations[r] == nil {
				order = append(order, r)
			}
			equations[r] = append(equations[r], i)
		} else if err := (Table{t.Values, []Equation{e}}).Check(); err != nil {
			return errImpossible
		}
	}
	for c := range t.Values {
		if hidden[c] {
			members[root(c)] = append(members[root(c)], c)
		}
	}
	for _, r := range order {
		s, err := newTableau(len(members[r]), t.rows(members[r], equations[r], hidden))
		if err != nil {
			return err
		}
		if len(s.rows) > 0 {
			visit(s, members[r])
		}
	}
	return nil
}

// rows are the equations over the hidden cells, what is published being on the right.
func (t Table) rows(cells, equations []int, hidden []bool) [][]float64 {
	at := map[int]int{}
	for j, c := range cells {
		at[c] = j
	}
	var rows [][]float64
	for _, i := range equations {
		row := make([]float64, len(cells)+1)
		add := func(c int, by float64) {
			if hidden[c] {
				row[at[c]] += by
			} else {
				row[len(cells)] -= by * t.Values[c]
			}
		}
		for _, p := range t.Equations[i].Parts {
			add(p, 1)
		}
		add(t.Equations[i].Total, -1)
		rows = append(rows, row)
	}
	return rows
}

// Options of Protect.
type Options struct {
	Width    float64   // least width of a hidden cell's interval
	Widths   []float64 // of each cell, where it is more than Width; nil: of none
	Previous []bool    // mask of the release before: hidden there, hidden first here, so that two masks do not give a cell away
}

// width that the interval of a cell must have.
func (o *Options) width(cell int) float64 {
	if o.Widths == nil {
		return o.Width
	}
	return max(o.Width, o.Widths[cell])
}

// Protect hides more cells than the primary ones until no hidden cell can be placed in an interval narrower than the width. Parts
// are hidden before totals; among them those hidden before, then the smallest that is wide enough by itself.
func (t Table) Protect(primary []bool, opt Options) ([]bool, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	hidden := slices.Clone(primary)
	for {
		narrow, err := t.narrow(hidden, opt)
		if err != nil {
			return nil, err
		}
		if len(narrow) == 0 {
			return hidden, nil
		}
		before := slices.Clone(hidden)
		for _, cell := range narrow {
			if partner := t.partner(cell, hidden, before, opt); partner >= 0 {
				hidden[partner] = true
			}
		}
		if slices.Equal(before, hidden) { // nothing that binds these cells is left to hide
			return nil, fmt.Errorf("%d hidden cells cannot be protected: every cell that binds them is hidden", len(narrow))
		}
	}
}

// partner is the published cell to hide for a cell that is too well known, -1 when there is none, or when this pass hid one in
// the same equation already.
func (t Table) partner(cell int, hidden, before []bool, opt Options) int {
	best, rank := -1, [3]float64{}
	for _, e := range t.Equations {
		if e.Total != cell && !slices.Contains(e.Parts, cell) {
			continue
		}
		for i, c := range append([]int{e.Total}, e.Parts...) {
			if hidden[c] != before[c] {
				return -1
			}
			if c == cell || hidden[c] {
				continue
			}
			r := [3]float64{0, 0, t.Values[c]}
			if i == 0 {
				r[0] = 1
			}
			if opt.Previous != nil && opt.Previous[c] {
				r[0] = -1
			}
			if t.Values[c] < opt.width(cell) {
				r[1], r[2] = 1, -t.Values[c]
			}
			if best < 0 || slices.Compare(r[:], rank[:]) < 0 {
				best, rank = c, r
			}
		}
	}
	return best
}
