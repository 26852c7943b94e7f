package zone

import (
	"math"

	"github.com/paulmach/orb"

	"jumeau/model/geom"
)

// arcs are directed pieces of border with the zone to their left. Two neighbours walk a common border in opposite directions:
// the second piece takes the first away, and what remains is the border of both together.
type arcs struct {
	out   map[orb.Point][]orb.Point // ends of the pieces that begin at a point
	order []orb.Point               // starts, as they came: the result does not depend on the order of a map
}

func (a *arcs) add(g orb.Geometry) {
	if a.out == nil {
		a.out = map[orb.Point][]orb.Point{}
	}
	for _, p := range polygons(g) {
		for k, r := range p {
			forward := (ringArea(r, flat) > 0) == (k == 0)
			for i := 1; i < len(r); i++ {
				if forward {
					a.piece(r[i-1], r[i])
				} else {
					a.piece(r[i], r[i-1])
				}
			}
		}
	}
}

func (a *arcs) piece(from, to orb.Point) {
	if from == to || a.take(to, from) {
		return
	}
	if len(a.out[from]) == 0 {
		a.order = append(a.order, from)
	}
	a.out[from] = append(a.out[from], to)
}

// take removes a piece; false when there is none.
func (a *arcs) take(from, to orb.Point) bool {
	ends := a.out[from]
	for i, end := range ends {
		if end == to {
			a.out[from] = append(ends[:i], ends[i+1:]...)
			return true
		}
	}
	return false
}

// rings joins the pieces into rings and sorts these into outer rings and the holes inside them.
func (a *arcs) rings() orb.MultiPolygon {
	var shells orb.MultiPolygon
	var holes []orb.Ring
	for _, start := range a.order {
		for len(a.out[start]) > 0 {
			r := a.walk(start)
			if ringArea(r, flat) > 0 {
				shells = append(shells, orb.Polygon{r})
			} else {
				holes = append(holes, r)
			}
		}
	}
	for _, h := range holes {
		if i := smallestAround(shells, h); i >= 0 {
			shells[i] = append(shells[i], h)
		}
	}
	return shells
}

// walk follows pieces from a point until it is back. Where several go on, it takes the first one clockwise from where it
// came: that keeps to the same piece of ground.
func (a *arcs) walk(start orb.Point) orb.Ring {
	r := orb.Ring{start}
	at, next := start, a.out[start][0]
	for {
		a.take(at, next)
		r = append(r, next)
		if next == start || len(a.out[next]) == 0 {
			return r
		}
		at, next = next, clockwise(at, next, a.out[next])
	}
}

// clockwise is the end of the piece from at that comes first when turning clockwise from the direction of before.
func clockwise(before, at orb.Point, ends []orb.Point) orb.Point {
	from := math.Atan2(before[1]-at[1], before[0]-at[0])
	best, least := ends[0], math.Inf(1)
	for _, end := range ends {
		turn := from - math.Atan2(end[1]-at[1], end[0]-at[0])
		if turn <= 0 {
			turn += 2 * math.Pi
		}
		if turn < least {
			best, least = end, turn
		}
	}
	return best
}

// smallestAround is the position of the smallest outer ring that holds the hole, -1 for none.
func smallestAround(shells orb.MultiPolygon, hole orb.Ring) int {
	best, area := -1, math.Inf(1)
	for i, p := range shells {
		if a := ringArea(p[0], flat); a < area && geom.RingInside(hole, p[0]) {
			best, area = i, a
		}
	}
	return best
}
