package place

import (
	"math"

	"github.com/paulmach/orb"
)

// The frame is the largest rectangle of Lambert-93 metres inside the bounding box 1.40, 43.40, 1.75, 43.62.
const (
	West, South = 570850.0, 6257000.0
	Cell        = 50.0 // side of a terrain cell in metres
	Cols, Rows  = 556, 478
)

// Bound is the frame in metres.
var Bound = orb.Bound{Min: orb.Point{West, South}, Max: orb.Point{West + Cols*Cell, South + Rows*Cell}}

const none = int32(-1)

func index(col, row int) int      { return row*Cols + col }
func colRow(i int) (col, row int) { return i % Cols, i / Cols }
func inside(col, row int) bool    { return col >= 0 && row >= 0 && col < Cols && row < Rows }

// centre of a terrain cell.
func centre(i int) orb.Point {
	c, r := colRow(i)
	return orb.Point{West + (float64(c)+0.5)*Cell, South + (float64(r)+0.5)*Cell}
}

// cellAt is the terrain cell under a point, clamped to the frame.
func cellAt(p orb.Point) int {
	c := int(clamp(math.Floor((p[0]-West)/Cell), 0, Cols-1))
	r := int(clamp(math.Floor((p[1]-South)/Cell), 0, Rows-1))
	return index(c, r)
}

var around = [8][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}, {1, 1}, {-1, 1}, {-1, -1}, {1, -1}}

func stepLength(k int) float64 {
	if k < 4 {
		return Cell
	}
	return Cell * math.Sqrt2
}

type visit struct {
	cost float64
	at   int32
}

// frontier is a binary heap of visits by cost, then by cell: the order never depends on the heap's history.
type frontier []visit

func (f frontier) before(i, j int) bool {
	return f[i].cost < f[j].cost || f[i].cost == f[j].cost && f[i].at < f[j].at
}

func (f *frontier) push(v visit) {
	*f = append(*f, v)
	h := *f
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.before(i, up) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func (f *frontier) pop() visit {
	h := *f
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	*f = h
	for i := 0; ; {
		least := i
		for _, c := range [2]int{2*i + 1, 2*i + 2} {
			if c < last && h.before(c, least) {
				least = c
			}
		}
		if least == i {
			return top
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

// search is a reusable Dijkstra over the terrain grid.
type search struct {
	cost  []float64
	from  []int32
	stamp []int32
	run   int32
	open  frontier
}

func newSearch() *search {
	n := Cols * Rows
	return &search{cost: make([]float64, n), from: make([]int32, n), stamp: make([]int32, n)}
}

func (s *search) reset() {
	s.run++
	s.open = s.open[:0]
}

func (s *search) seen(i int) bool { return s.stamp[i] == s.run }

func (s *search) offer(i int, cost float64, from int32) {
	if s.seen(i) && s.cost[i] <= cost {
		return
	}
	s.stamp[i], s.cost[i], s.from[i] = s.run, cost, from
	s.open.push(visit{cost, int32(i)})
}

// next is the cheapest cell not yet settled.
func (s *search) next() (int, float64, bool) {
	for len(s.open) > 0 {
		v := s.open.pop()
		if v.cost == s.cost[v.at] {
			return int(v.at), v.cost, true
		}
	}
	return 0, 0, false
}

// path from the start to i.
func (s *search) path(i int) []int {
	var cells []int
	for at := int32(i); at != none; at = s.from[at] {
		cells = append(cells, int(at))
	}
	for a, b := 0, len(cells)-1; a < b; a, b = a+1, b-1 {
		cells[a], cells[b] = cells[b], cells[a]
	}
	return cells
}

// distances in metres from a set of cells to every cell.
func distances(from []int) []float32 {
	s := newSearch()
	s.reset()
	for _, i := range from {
		s.offer(i, 0, none)
	}
	out := make([]float32, Cols*Rows)
	for i := range out {
		out[i] = math.MaxFloat32
	}
	for {
		i, cost, ok := s.next()
		if !ok {
			return out
		}
		out[i] = float32(cost)
		col, row := colRow(i)
		for k, d := range around {
			if c, r := col+d[0], row+d[1]; inside(c, r) {
				s.offer(index(c, r), cost+stepLength(k), int32(i))
			}
		}
	}
}
