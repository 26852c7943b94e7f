package attack

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"jumeau/ingest/gate/audit"
	"jumeau/model"
)

// reconstruction is T9: solve for what is hidden, from every equation between what is published (linear programme), and from
// answers about any union of zones (Dinur and Nissim 2003).
func (s *suite) reconstruction(ctx context.Context) ([]*Result, error) {
	lp := &Result{Test: "T9", Name: "reconstruction",
		What: model.Text{FR: "Résoudre, par programmation linéaire, toutes les équations entre les chiffres publiés pour retrouver les effectifs cachés.",
			EN: "Solve every equation between published figures, by linear programming, for the hidden counts."},
		Measure: model.Text{FR: "effectifs cachés retrouvés exactement ; la borne est celle du meilleur pari, plus 5 points", EN: "hidden counts found exactly; the bound is that of the best bet, plus 5 points"}}
	polygons := &Result{Test: "T9", Name: "polygons",
		What:    model.Text{FR: "Interroger des centaines de polygones au hasard et résoudre le système (Dinur-Nissim).", EN: "Ask about hundreds of random polygons and solve the system (Dinur-Nissim)."},
		Measure: lp.Measure}
	for _, side := range []struct {
		p    Publisher
		ask  func(seen *Published, truth []float64) asker
		mine bool
	}{
		{s.gate, ofLeaves, true},
		{s.plain, ofTruth, false},
	} {
		seen, err := side.p.Publish(ctx, s.town, s.tables, nil)
		if err != nil {
			return nil, err
		}
		a, b := s.solve(seen, side.ask)
		if side.mine {
			lp.Gate, lp.Bound, lp.Trials = a.match(), a.best()+0.05, a.cells
			polygons.Gate, polygons.Bound, polygons.Trials = b.match(), b.best()+0.05, b.cells
		} else {
			lp.Redaction, polygons.Redaction = a.match(), b.match()
			lp.Note = model.Text{FR: fmt.Sprintf("Caviardage : le meilleur pari sans résoudre en trouverait %.1f %%.", 100*a.best()),
				EN: fmt.Sprintf("Redaction: the best bet without solving would find %.1f %%.", 100*a.best())}
		}
	}
	return []*Result{lp, polygons}, nil
}

// tally counts guesses of hidden cells.
type tally struct {
	cells, solved int
	truth         map[float64]int
}

func (t *tally) add(truth, guess float64) {
	if t.truth == nil {
		t.truth = map[float64]int{}
	}
	t.cells++
	t.truth[truth]++
	if math.Round(guess) == truth {
		t.solved++
	}
}

// best is the share found by always betting on the most frequent count.
func (t *tally) best() float64 {
	most := 0
	for _, n := range t.truth {
		most = max(most, n)
	}
	return float64(most) / float64(max(1, t.cells))
}

func (t *tally) match() float64 { return float64(t.solved) / float64(max(1, t.cells)) }

func (s *suite) solve(seen []Published, ask func(*Published, []float64) asker) (lp, polygons tally) {
	for i := range s.tables {
		truth, _ := s.tables[i].Count(nil)
		guesses := Bounds(&s.tables[i], &seen[i])
		for c, y := range seen[i].Cells {
			if math.IsNaN(y) {
				lp.add(truth[c], guesses[c])
			}
		}
	}
	truth, _ := s.tables[presence].Count(nil)
	for span := range spans {
		from := span * s.town.Zones
		x := Polygons(s.town.Zones, 4*s.town.Zones, s.random, func(zones []int) float64 {
			var e Equation
			for _, z := range zones {
				e = append(e, from+z)
			}
			return ask(&seen[presence], truth)(e)
		})
		for z, guess := range x {
			if math.IsNaN(seen[presence].Cells[from+z]) {
				polygons.add(truth[from+z], guess)
			}
		}
	}
	return lp, polygons
}

// Bounds guesses every hidden cell: the middle of the interval that the equations leave it when that is narrow, else none at all,
// which is the most frequent count of a cell that was hidden for being small.
func Bounds(t *Table, seen *Published) []float64 {
	at := audit.Table{Values: append(append([]float64{}, seen.Cells...), seen.Totals...)}
	hidden := make([]bool, len(at.Values))
	for i, v := range at.Values {
		if math.IsNaN(v) {
			at.Values[i], hidden[i] = 0, true
		}
	}
	for j, e := range t.Totals {
		if !hidden[t.Cells+j] {
			at.Equations = append(at.Equations, audit.Equation{Total: t.Cells + j, Parts: e})
		}
	}
	guesses := make([]float64, t.Cells)
	intervals, err := at.Intervals(hidden)
	if err != nil { // noise left no solution: the attacker knows nothing more
		return guesses
	}
	for c := range guesses {
		if i := intervals[c]; hidden[c] && i.Width() < 1 {
			guesses[c] = (i.Lo + i.Hi) / 2
		}
	}
	return guesses
}

// asker answers a question about a union of cells; NaN: no answer.
type asker func(cells Equation) float64

// ofLeaves answers as the product does: the sum of the published leaves.
func ofLeaves(seen *Published, _ []float64) asker {
	return func(cells Equation) (sum float64) {
		for _, c := range cells {
			if y := seen.Cells[c]; !math.IsNaN(y) {
				sum += y
			}
		}
		return sum
	}
}

// ofTruth answers as a redacting service does: the exact count, when it is large enough.
func ofTruth(_ *Published, truth []float64) asker {
	return func(cells Equation) (sum float64) {
		for _, c := range cells {
			sum += truth[c]
		}
		if sum <= RedactionLimit {
			return math.NaN()
		}
		return sum
	}
}

// Polygons asks about random unions of n zones and finds the zones' counts by least squares.
func Polygons(n, questions int, random *rand.Rand, ask func(zones []int) float64) []float64 {
	matrix := make([][]float64, n) // normal equations
	for i := range matrix {
		matrix[i] = make([]float64, n+1)
		matrix[i][i] = 1e-9
	}
	for range questions {
		var zones []int
		for z := range n {
			if random.IntN(2) == 0 {
				zones = append(zones, z)
			}
		}
		answer := ask(zones)
		if math.IsNaN(answer) {
			continue
		}
		for _, a := range zones {
			for _, b := range zones {
				matrix[a][b]++
			}
			matrix[a][n] += answer
		}
	}
	return eliminate(matrix)
}

// eliminate solves n equations in n unknowns (Gauss, with pivots), the right side being the last column.
func eliminate(m [][]float64) []float64 {
	n := len(m)
	for c := range n {
		best := c
		for r := c + 1; r < n; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[best][c]) {
				best = r
			}
		}
		m[c], m[best] = m[best], m[c]
		if math.Abs(m[c][c]) < 1e-12 {
			continue
		}
		for r := range n {
			if f := m[r][c] / m[c][c]; r != c && f != 0 {
				for k := c; k <= n; k++ {
					m[r][k] -= f * m[c][k]
				}
			}
		}
	}
	x := make([]float64, n)
	for i := range x {
		if math.Abs(m[i][i]) >= 1e-12 {
			x[i] = m[i][n] / m[i][i]
		}
	}
	return x
}
