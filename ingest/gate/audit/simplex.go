package audit

import (
	"errors"
	"math"
)

// tableau is a linear system a x = b, x >= 0, in the form of a basis (Dantzig's method with Bland's rule, which never cycles).
// Tables with margins have coefficients of 0, 1 and -1 all along the way, so the arithmetic is exact for whole numbers.
type tableau struct {
	rows  [][]float64 // the last column is b
	basis []int
	n     int // variables; artificial ones follow them
	least []float64
	most  []float64 // values of each variable seen on the way: a first idea of its interval
}

const tiny = 1e-9

var errImpossible = errors.New("no table satisfies these equations: a margin is not the sum of its cells")

// newTableau finds a first solution, or says that there is none.
func newTableau(n int, rows [][]float64) (*tableau, error) {
	t := &tableau{n: n, basis: make([]int, len(rows)), least: make([]float64, n), most: make([]float64, n)}
	for i := range n {
		t.least[i], t.most[i] = math.Inf(1), math.Inf(-1)
	}
	size := 1.0
	for i, r := range rows {
		full := make([]float64, n+len(rows)+1)
		sign := 1.0
		if r[n] < 0 {
			sign = -1
		}
		for j := range n {
			full[j] = sign * r[j]
		}
		full[n+i], full[n+len(rows)] = 1, sign*r[n]
		size = max(size, sign*r[n])
		t.rows, t.basis[i] = append(t.rows, full), n+i
	}
	cost := make([]float64, n+len(rows))
	for i := range rows {
		cost[n+i] = 1
	}
	if left, _ := t.minimise(cost); left > tiny*size*float64(len(rows)+1) {
		return nil, errImpossible
	}
	t.dropArtificial()
	t.see()
	return t, nil
}

// dropArtificial takes artificial variables out of the basis; an equation that only repeats others goes with them.
func (t *tableau) dropArtificial() {
	for i := 0; i < len(t.rows); i++ {
		if t.basis[i] < t.n {
			continue
		}
		at := -1
		for j := range t.n {
			if math.Abs(t.rows[i][j]) > tiny {
				at = j
				break
			}
		}
		if at >= 0 {
			t.pivot(i, at)
			continue
		}
		last := len(t.rows) - 1
		t.rows[i], t.basis[i] = t.rows[last], t.basis[last]
		t.rows, t.basis = t.rows[:last], t.basis[:last]
		i--
	}
}

func (t *tableau) pivot(row, column int) {
	p := t.rows[row]
	by := p[column]
	for j := range p {
		p[j] /= by
	}
	for i, r := range t.rows {
		if by := r[column]; i != row && by != 0 {
			for j, v := range p {
				if v != 0 {
					r[j] -= by * v
				}
			}
			r[column] = 0
		}
	}
	t.basis[row] = column
}

// minimise moves to a solution of least cost; ok is false when there is no least.
func (t *tableau) minimise(cost []float64) (value float64, ok bool) {
	for {
		enter := -1
		for j := range t.n {
			reduced := cost[j]
			for i, r := range t.rows {
				if c := cost[t.basis[i]]; c != 0 {
					reduced -= c * r[j]
				}
			}
			if reduced < -tiny {
				enter = j
				break
			}
		}
		if enter < 0 {
			for i, r := range t.rows {
				value += cost[t.basis[i]] * r[len(r)-1]
			}
			return value, true
		}
		leave, best := -1, math.Inf(1)
		for i, r := range t.rows {
			if r[enter] > tiny {
				ratio := r[len(r)-1] / r[enter]
				if ratio < best-tiny || ratio <= best+tiny && t.basis[i] < t.basis[leave] {
					leave, best = i, ratio
				}
			}
		}
		if leave < 0 {
			return math.Inf(-1), false
		}
		t.pivot(leave, enter)
		t.see()
	}
}

// see notes the values of the present solution.
func (t *tableau) see() {
	value := make([]float64, t.n)
	for i, r := range t.rows {
		if t.basis[i] >= t.n {
			if r[len(r)-1] > tiny {
				return // not yet a solution
			}
			continue
		}
		value[t.basis[i]] = r[len(r)-1]
	}
	for j, v := range value {
		t.least[j], t.most[j] = min(t.least[j], v), max(t.most[j], v)
	}
}

// bounds are the least and greatest values of a variable.
func (t *tableau) bounds(j int) (lo, hi float64) {
	cost := make([]float64, t.n+len(t.rows[0]))
	cost[j] = 1
	lo, _ = t.minimise(cost)
	cost[j] = -1
	hi, ok := t.minimise(cost)
	if !ok {
		return lo, math.Inf(1)
	}
	return lo, -hi
}
