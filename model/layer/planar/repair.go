package planar

import (
	"cmp"
	"math"
	"slices"
)

// segment is a piece of the arrangement, a before b by x then y, walked turns more times from a to b than from b to a.
type segment struct {
	a, b  Point
	turns int32
}

type split struct {
	at int32
	p  Point
}

// nodeRounds bounds the passes that make every crossing a vertex: rounding a crossing to the grid moves two sides and may
// make new crossings, rarely more than twice.
const nodeRounds = 24

// Repair replaces the rings by the boundary of the region they wind around a positive number of times, on the same grid:
// exteriors each followed by their holes, all of them simple, touching in vertices at most. Sides walked both ways cancel.
// Because winding numbers of neighbours add up to one, the repaired shapes of neighbours neither overlap nor part where
// only the two of them meet. It returns false, with no ring, when the crossings could not be resolved.
// For coordinates below 2²⁸.
func (w *Work) Repair(r *Rings) bool {
	w.collect(r)
	r.Reset()
	if !w.node() {
		return false
	}
	w.outline()
	w.trace()
	w.nest(r)
	return true
}

func (w *Work) collect(r *Rings) {
	w.segments = w.segments[:0]
	for i := range r.Ends {
		ring := r.Ring(i)
		for j, a := range ring {
			w.segments = appendSegment(w.segments, a, ring[(j+1)%len(ring)], 1)
		}
	}
	w.merge()
}

func appendSegment(list []segment, a, b Point, turns int32) []segment {
	switch c := comparePoints(a, b); {
	case c == 0:
		return list
	case c > 0:
		return append(list, segment{b, a, -turns})
	}
	return append(list, segment{a, b, turns})
}

func comparePoints(a, b Point) int {
	return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
}

// merge sorts the segments and adds up equal ones; those walked as often forth as back vanish.
func (w *Work) merge() {
	slices.SortFunc(w.segments, func(s, t segment) int {
		return cmp.Or(comparePoints(s.a, t.a), comparePoints(s.b, t.b))
	})
	out := w.segments[:0]
	for _, s := range w.segments {
		if n := len(out); n > 0 && out[n-1].a == s.a && out[n-1].b == s.b {
			out[n-1].turns += s.turns
			continue
		}
		out = append(out, s)
	}
	w.segments = slices.DeleteFunc(out, func(s segment) bool { return s.turns == 0 })
}

// node splits segments until they meet in their ends only.
func (w *Work) node() bool {
	for range nodeRounds {
		w.splits = w.splits[:0]
		w.active = w.active[:0]
		for i := range w.segments {
			s := &w.segments[i]
			live := w.active[:0]
			for _, j := range w.active {
				if w.segments[j].b.X < s.a.X {
					continue
				}
				live = append(live, j)
				w.cross(j, int32(i))
			}
			live = append(live, int32(i))
			w.active = live
		}
		if len(w.splits) == 0 {
			return true
		}
		w.applySplits()
	}
	return false
}

// cross notes where the segments i and j must be split.
func (w *Work) cross(i, j int32) {
	s, t := &w.segments[i], &w.segments[j]
	a, b, c, d := s.a, s.b, t.a, t.b
	if max(a.Y, b.Y) < min(c.Y, d.Y) || max(c.Y, d.Y) < min(a.Y, b.Y) {
		return
	}
	d1, d2 := orient(a, b, c), orient(a, b, d)
	d3, d4 := orient(c, d, a), orient(c, d, b)
	if sign(d1)*sign(d2) < 0 && sign(d3)*sign(d4) < 0 {
		at := float64(d3) / (float64(d3) - float64(d4))
		p := Point{
			a.X + int64(math.Floor(float64(b.X-a.X)*at+0.5)),
			a.Y + int64(math.Floor(float64(b.Y-a.Y)*at+0.5)),
		}
		w.splitAt(i, p)
		w.splitAt(j, p)
		return
	}
	if d1 == 0 && within(a, b, c) {
		w.splitAt(i, c)
	}
	if d2 == 0 && within(a, b, d) {
		w.splitAt(i, d)
	}
	if d3 == 0 && within(c, d, a) {
		w.splitAt(j, a)
	}
	if d4 == 0 && within(c, d, b) {
		w.splitAt(j, b)
	}
}

func (w *Work) splitAt(i int32, p Point) {
	if s := &w.segments[i]; p != s.a && p != s.b {
		w.splits = append(w.splits, split{i, p})
	}
}

func (w *Work) applySplits() {
	slices.SortFunc(w.splits, func(s, t split) int {
		if s.at != t.at {
			return cmp.Compare(s.at, t.at)
		}
		a := w.segments[s.at].a
		return cmp.Compare(distance2(a, s.p), distance2(a, t.p))
	})
	for k := 0; k < len(w.splits); {
		i := w.splits[k].at
		s := w.segments[i]
		from := s.a
		w.segments[i].turns = 0
		for ; k < len(w.splits) && w.splits[k].at == i; k++ {
			w.segments = appendSegment(w.segments, from, w.splits[k].p, s.turns)
			from = w.splits[k].p
		}
		w.segments = appendSegment(w.segments, from, s.b, s.turns)
	}
	w.segments = slices.DeleteFunc(w.segments, func(s segment) bool { return s.turns == 0 })
	w.merge()
}

func distance2(a, b Point) int64 { return (a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y) }

// outline keeps the segments with the region on one side only, each directed as it is walked by an exterior ring.
func (w *Work) outline() {
	w.border = w.border[:0]
	w.rows.build(len(w.segments), func(i int) (low, high int64) {
		s := &w.segments[i]
		return min(s.a.Y, s.b.Y), max(s.a.Y, s.b.Y)
	})
	w.columns.build(len(w.segments), func(i int) (low, high int64) { return w.segments[i].a.X, w.segments[i].b.X })
	for i := range w.segments {
		s := &w.segments[i]
		before := w.windingBefore(i)
		horizontal := s.a.Y == s.b.Y
		after := before + step(s, horizontal)
		if (before > 0) == (after > 0) {
			continue
		}
		// Exterior rings go down (towards smaller y) where the region lies at greater x, and right where it lies at greater y.
		forward := s.b.Y < s.a.Y
		if horizontal {
			forward = true
		}
		if (after > 0) == forward {
			w.border = append(w.border, segment{s.a, s.b, 1})
		} else {
			w.border = append(w.border, segment{s.b, s.a, 1})
		}
	}
}

// step is what the winding number gains when s is crossed towards greater x (or greater y when s is horizontal).
func step(s *segment, horizontal bool) int32 {
	if horizontal || s.b.Y < s.a.Y {
		return s.turns
	}
	return -s.turns
}

// windingBefore is the winding number just beside the middle of segment i, on the side of smaller x (smaller y when it
// is horizontal): the sum of the crossings of a ray that comes from infinity on that side.
func (w *Work) windingBefore(i int) int32 {
	s := &w.segments[i]
	m := Point{s.a.X + s.b.X, s.a.Y + s.b.Y} // in half units
	horizontal := s.a.Y == s.b.Y
	var sum int32
	near := w.rows.at(m.Y >> 1)
	if horizontal {
		near = w.columns.at(m.X >> 1)
	}
	for _, j := range near {
		t := &w.segments[j]
		if 2*t.a.X > m.X {
			break // sorted by a.X: all further segments lie at greater x
		}
		if int(j) == i {
			continue
		}
		a, b := Point{2 * t.a.X, 2 * t.a.Y}, Point{2 * t.b.X, 2 * t.b.Y}
		if horizontal {
			if a.X <= m.X && m.X < b.X && orient(a, b, m) > 0 {
				sum += t.turns
			}
			continue
		}
		switch {
		case b.Y < a.Y && b.Y <= m.Y && m.Y < a.Y && orient(a, b, m) > 0:
			sum += t.turns
		case a.Y < b.Y && a.Y <= m.Y && m.Y < b.Y && orient(a, b, m) < 0:
			sum -= t.turns
		}
	}
	return sum
}
