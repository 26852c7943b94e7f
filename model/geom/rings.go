package geom

import (
	"math"

	"github.com/paulmach/orb"
)

func (c *cleaner) polygon(p orb.Polygon) (orb.Geometry, *Defect) {
	p, d := c.tidy(p)
	if d != nil {
		return nil, d
	}
	if d := validShape(p); d != nil {
		return c.split(orb.MultiPolygon{p}, d)
	}
	c.orient(p)
	return p, nil
}

func (c *cleaner) polygons(mp orb.MultiPolygon) (orb.Geometry, *Defect) {
	kept := mp[:0]
	var first *Defect
	for _, p := range mp {
		holes := len(p) > 1
		p, d := c.tidy(p)
		switch {
		case d == nil:
			kept = append(kept, p)
		case d.Code != TooFewPoints || holes: // holes of nothing: something else was meant
			return nil, d
		case first == nil:
			first = d
		}
	}
	switch {
	case len(kept) == 0:
		return nil, first
	case first != nil:
		c.done |= partDropped
	}
	if len(kept) == 1 {
		c.done |= unwrapped
		return c.polygon(kept[0])
	}
	if d := validPolygons(kept); d != nil {
		return c.split(kept, d)
	}
	for _, p := range kept {
		c.orient(p)
	}
	return kept, nil
}

// tidy closes the rings of p and drops repeated points, spikes and holes without area.
func (c *cleaner) tidy(p orb.Polygon) (orb.Polygon, *Defect) {
	n := 0
	for i, r := range p {
		r, d := c.ring(r)
		switch {
		case d == nil:
			p[n] = r
			n++
		case i == 0 || d.Code != TooFewPoints:
			return nil, d
		default:
			c.done |= partDropped
		}
	}
	return p[:n], nil
}

func (c *cleaner) ring(r orb.Ring) (orb.Ring, *Defect) {
	if d := c.inside(r); d != nil {
		return nil, d
	}
	first := r[0]
	r, d := c.close(c.distinct(r))
	if d != nil {
		return nil, d
	}
	if r = c.dropSpikes(r); len(r) < 4 {
		return nil, defectAt(TooFewPoints, first, "a ring without area")
	}
	return r, nil
}

// close repeats the first point of an open ring. Ends that nearly meet (a millionth of the ring's diagonal) become one point.
// A gap longer than twice the longest side is more likely a missing stretch, and is a defect.
func (c *cleaner) close(r orb.Ring) (orb.Ring, *Defect) {
	last := len(r) - 1
	if last < 2 || r[0] == r[last] {
		return r, nil
	}
	longest := 0.0
	for i := 1; i < len(r); i++ {
		longest = max(longest, distance(r[i-1], r[i]))
	}
	b := r.Bound()
	switch gap := distance(r[0], r[last]); {
	case gap <= 1e-6*distance(b.Min, b.Max):
		r[last] = r[0]
	case gap <= 2*longest:
		r = append(r[:len(r):len(r)], r[0]) // never into the next ring of a shared slice
	default:
		return nil, defectAt(UnclosedRing, r[last], "the ring ends far from where it begins,")
	}
	c.done |= ringClosed
	return r, nil
}

func distance(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

// dropSpikes removes excursions A, B, A from a closed ring, in place: they have no width. It gives fewer than 4 points when
// nothing else is left.
func (c *cleaner) dropSpikes(r orb.Ring) orb.Ring {
	if !hasSpike(r) {
		return r
	}
	c.done |= pointsDropped
	kept := r[:1]
	for _, p := range r[1:] {
		n := len(kept)
		switch {
		case p == kept[n-1]:
		case n >= 2 && p == kept[n-2]:
			kept = kept[:n-1]
		default:
			kept = append(kept, p)
		}
	}
	// A spike whose tip is where the ring begins and ends.
	for len(kept) > 3 && kept[1] == kept[len(kept)-2] {
		kept = kept[1 : len(kept)-1]
	}
	return kept
}

func hasSpike(r orb.Ring) bool {
	n := len(r) - 1
	for i := 2; i <= n; i++ {
		if r[i] == r[i-2] {
			return true
		}
	}
	return n > 2 && r[1] == r[n-1]
}

// orient winds the outer ring counter-clockwise and holes clockwise.
func (c *cleaner) orient(p orb.Polygon) {
	for i, r := range p {
		if (ringArea(r) > 0) != (i == 0) {
			r.Reverse()
			c.done |= ringReoriented
		}
	}
}
