package planar

import (
	"cmp"
	"slices"
	"sort"
)

// trace joins the border segments into simple rings: at a vertex where several meet it takes the one that keeps to the
// same part of the region, and a ring that comes back to a vertex is cut there.
func (w *Work) trace() {
	w.traced.Reset()
	slices.SortFunc(w.border, func(s, t segment) int {
		return cmp.Or(comparePoints(s.a, t.a), comparePoints(s.b, t.b))
	})
	w.used = append(w.used[:0], make([]bool, len(w.border))...)
	if w.seen == nil {
		w.seen = make(map[Point]int)
	}
	for i := range w.border {
		if w.used[i] {
			continue
		}
		w.walk = w.walk[:0]
		clear(w.seen)
		for e := i; e >= 0; e = w.follow(e) {
			w.used[e] = true
			w.visit(w.border[e].a)
		}
		w.visit(w.border[i].a)
	}
}

// visit appends p to the walk, or, when p was there before, cuts off the ring since.
func (w *Work) visit(p Point) {
	if from, ok := w.seen[p]; ok && from < len(w.walk) && w.walk[from] == p {
		if ring := w.walk[from:]; len(ring) >= 3 {
			w.traced.Add(ring)
		}
		for _, q := range w.walk[from+1:] {
			delete(w.seen, q)
		}
		w.walk = w.walk[:from+1]
		return
	}
	w.seen[p] = len(w.walk)
	w.walk = append(w.walk, p)
}

// follow is the unused border segment that leaves the end of segment e closest to its interior side, or -1.
func (w *Work) follow(e int) int {
	at, back := w.border[e].b, w.border[e].a
	from := sort.Search(len(w.border), func(i int) bool { return comparePoints(w.border[i].a, at) >= 0 })
	best := -1
	for i := from; i < len(w.border) && w.border[i].a == at; i++ {
		if !w.used[i] && (best < 0 || closer(at, back, w.border[i].b, w.border[best].b)) {
			best = i
		}
	}
	return best
}

// closer says whether the direction at→p comes before at→q when one turns, from at→back, through the interior side.
func closer(at, back, p, q Point) bool {
	hp, hq := half(at, back, p), half(at, back, q)
	if hp != hq {
		return hp < hq
	}
	return orient(at, p, q) < 0
}

func half(at, back, p Point) int {
	switch o := orient(at, back, p); {
	case o < 0:
		return 0
	case o > 0:
		return 2
	case (back.X-at.X)*(p.X-at.X)+(back.Y-at.Y)*(p.Y-at.Y) < 0:
		return 1
	}
	return 3
}

// nest writes the traced rings to r, each exterior followed by the holes it holds.
func (w *Work) nest(r *Rings) {
	w.areas = w.areas[:0]
	for i := range w.traced.Ends {
		w.areas = append(w.areas, Area2(w.traced.Ring(i)))
	}
	for i, area := range w.areas {
		if area <= 0 {
			continue
		}
		r.Add(w.traced.Ring(i))
		for j, hole := range w.areas {
			if hole < 0 && w.parent(j) == i {
				r.Add(w.traced.Ring(j))
			}
		}
	}
}

// parent is the smallest exterior around hole j, or -1.
func (w *Work) parent(j int) int {
	hole := w.traced.Ring(j)
	m := Point{hole[0].X + hole[1].X, hole[0].Y + hole[1].Y} // the middle of a side lies on no other ring
	best := -1
	for i, area := range w.areas {
		if area > 0 && (best < 0 || area < w.areas[best]) && insideHalf(w.traced.Ring(i), m) {
			best = i
		}
	}
	return best
}

// insideHalf says whether m, given in half units, lies inside ring.
func insideHalf(ring []Point, m Point) bool {
	in := false
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		a, b := Point{2 * a.X, 2 * a.Y}, Point{2 * b.X, 2 * b.Y}
		if (a.Y > m.Y) != (b.Y > m.Y) && (orient(a, b, m) > 0) == (b.Y > a.Y) {
			in = !in
		}
	}
	return in
}
