package planar

// Nested says whether rings that are simple and apart lie in one another as they should: every exterior outside the region
// of the others, every hole inside one exterior and outside the other holes.
func (w *Work) Nested(r *Rings, hole func(i int) bool) bool {
	n := r.Len()
	if n < 2 {
		return true
	}
	w.boxes = w.boxes[:0]
	for i := range n {
		w.boxes = append(w.boxes, BoxOf(r.Ring(i)))
	}
	for i := range n {
		p := r.Ring(i)[0]
		around := 0
		for j := range n {
			if j == i || !w.boxes[j].Holds(p) || !holds(r.Ring(j), p) {
				continue
			}
			if hole(j) {
				around--
			} else {
				around++
			}
		}
		if hole(i) && around != 1 || !hole(i) && around != 0 {
			return false
		}
	}
	return true
}

// holds says whether p, which is not on the ring, lies inside it.
func holds(ring []Point, p Point) bool {
	in := false
	for i, b := range ring {
		a := ring[(i+len(ring)-1)%len(ring)]
		if (a.Y > p.Y) != (b.Y > p.Y) && (orient(a, b, p) > 0) == (b.Y > a.Y) {
			in = !in
		}
	}
	return in
}
