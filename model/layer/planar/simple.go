package planar

import (
	"cmp"
	"slices"
)

// edge is one side of a ring, from a to b, with the left end first in lo..hi for the sweep.
type edge struct {
	a, b       Point
	minX, maxX int64
	ring, at   int32 // its ring, and its number within it
	last       int32 // number of the ring's last edge
}

// bruteEdges is the number of edges up to which every pair is looked at, without sorting.
const bruteEdges = 24

// Simple says whether the rings are simple and apart from one another: no two sides cross, touch or overlap, except
// neighbouring sides in their common end; and no ring turned inside out: ring i has the sign of positive(i).
// Exact while coordinates differ by less than 2³¹.
func (w *Work) Simple(r *Rings, positive func(i int) bool) bool {
	w.edges = w.edges[:0]
	for i := range r.Ends {
		ring := r.Ring(i)
		if positive != nil && (Area2(ring) > 0) != positive(i) {
			return false
		}
		for j, a := range ring {
			b := ring[(j+1)%len(ring)]
			w.edges = append(w.edges, edge{
				a: a, b: b, minX: min(a.X, b.X), maxX: max(a.X, b.X),
				ring: int32(i), at: int32(j), last: int32(len(ring) - 1),
			})
		}
	}
	if len(w.edges) <= bruteEdges {
		for i := range w.edges {
			for j := i + 1; j < len(w.edges); j++ {
				if meet(&w.edges[i], &w.edges[j]) {
					return false
				}
			}
		}
		return true
	}
	return w.sweep()
}

// sweep looks at the pairs of edges whose extents in x overlap, from west to east.
func (w *Work) sweep() bool {
	slices.SortFunc(w.edges, func(a, b edge) int { return cmp.Compare(a.minX, b.minX) })
	w.active = w.active[:0]
	for i := range w.edges {
		e := &w.edges[i]
		live := w.active[:0]
		for _, j := range w.active {
			f := &w.edges[j]
			if f.maxX < e.minX {
				continue
			}
			live = append(live, j)
			if meet(f, e) {
				return false
			}
		}
		live = append(live, int32(i))
		w.active = live
	}
	return true
}

// meet says whether two edges have a point in common that neighbours should not have.
func meet(e, f *edge) bool {
	if e.maxX < f.minX || f.maxX < e.minX ||
		max(e.a.Y, e.b.Y) < min(f.a.Y, f.b.Y) || max(f.a.Y, f.b.Y) < min(e.a.Y, e.b.Y) {
		return false
	}
	if e.ring == f.ring {
		switch {
		case f.at == e.at+1, e.at == e.last && f.at == 0:
			return foldsBack(e.a, e.b, f.b)
		case e.at == f.at+1, f.at == f.last && e.at == 0:
			return foldsBack(f.a, f.b, e.b)
		}
	}
	return segmentsMeet(e.a, e.b, f.a, f.b)
}

// foldsBack says whether the path a→b→c returns on itself.
func foldsBack(a, b, c Point) bool {
	return orient(a, b, c) == 0 && (a.X-b.X)*(c.X-b.X)+(a.Y-b.Y)*(c.Y-b.Y) > 0
}

// segmentsMeet says whether the closed segments ab and cd have a point in common.
func segmentsMeet(a, b, c, d Point) bool {
	d1, d2 := sign(orient(a, b, c)), sign(orient(a, b, d))
	d3, d4 := sign(orient(c, d, a)), sign(orient(c, d, b))
	if d1 != d2 && d3 != d4 {
		return true
	}
	return d1 == 0 && within(a, b, c) || d2 == 0 && within(a, b, d) || d3 == 0 && within(c, d, a) || d4 == 0 && within(c, d, b)
}

// within says whether p, on the line ab, lies between a and b.
func within(a, b, p Point) bool {
	return min(a.X, b.X) <= p.X && p.X <= max(a.X, b.X) && min(a.Y, b.Y) <= p.Y && p.Y <= max(a.Y, b.Y)
}

func sign(v int64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// Cross says whether the inside of segment ab has a point in common with the inside of cd, or holds one of its ends.
func Cross(a, b, c, d Point) bool {
	if max(a.X, b.X) < min(c.X, d.X) || max(c.X, d.X) < min(a.X, b.X) || max(a.Y, b.Y) < min(c.Y, d.Y) || max(c.Y, d.Y) < min(a.Y, b.Y) {
		return false
	}
	if a == c && b == d || a == d && b == c {
		return false
	}
	d1, d2 := sign(orient(a, b, c)), sign(orient(a, b, d))
	d3, d4 := sign(orient(c, d, a)), sign(orient(c, d, b))
	if d1*d2 < 0 && d3*d4 < 0 {
		return true
	}
	return d1 == 0 && inside(a, b, c) || d2 == 0 && inside(a, b, d) || d3 == 0 && inside(c, d, a) || d4 == 0 && inside(c, d, b)
}

func inside(a, b, p Point) bool { return p != a && p != b && within(a, b, p) }
