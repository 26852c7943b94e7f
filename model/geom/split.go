package geom

import (
	"slices"

	"github.com/paulmach/orb"
)

// split repairs rings that touch themselves at a vertex, by cutting them there, when that leaves no doubt about the area
// meant: the loops lie beside each other and turn the same way, or lie inside the outer loop and turn the other way (a hole
// that was drawn as part of the outer ring). Anything else is the defect d.
func (c *cleaner) split(mp orb.MultiPolygon, d *Defect) (orb.Geometry, *Defect) {
	if d.Code != SelfTouch {
		return nil, d
	}
	var out orb.MultiPolygon
	for _, p := range mp {
		parts, ok := splitPolygon(p)
		if !ok {
			return nil, d
		}
		out = append(out, parts...)
	}
	if again := validPolygons(out); again != nil {
		return nil, d
	}
	c.done |= ringSplit
	for _, p := range out {
		c.orient(p)
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return out, nil
}

func splitPolygon(p orb.Polygon) (orb.MultiPolygon, bool) {
	var shells, holes []orb.Ring
	turn := ringArea(p[0]) > 0
	for _, loop := range loops(p[0]) {
		if (ringArea(loop) > 0) == turn {
			shells = append(shells, loop)
		} else {
			holes = append(holes, loop)
		}
	}
	for _, hole := range p[1:] {
		turn := ringArea(hole) > 0
		for _, loop := range loops(hole) {
			if (ringArea(loop) > 0) != turn {
				return nil, false // an island inside the hole
			}
			holes = append(holes, loop)
		}
	}
	out := make(orb.MultiPolygon, len(shells))
	for i, s := range shells {
		out[i] = orb.Polygon{s}
	}
	for _, h := range holes {
		i := slices.IndexFunc(out, func(p orb.Polygon) bool { return RingInside(h, p[0]) })
		if i < 0 {
			return nil, false
		}
		out[i] = append(out[i], h)
	}
	return out, true
}

// loops cuts a closed ring at every vertex that it passes more than once.
func loops(r orb.Ring) []orb.Ring {
	var out []orb.Ring
	path := orb.Ring{}
	position := map[orb.Point]int{}
	for _, p := range r {
		start, seen := position[p]
		if !seen {
			position[p] = len(path)
			path = append(path, p)
			continue
		}
		loop := append(slices.Clone(path[start:]), p)
		for _, q := range path[start+1:] {
			delete(position, q)
		}
		path = path[:start+1]
		if len(loop) >= 4 {
			out = append(out, loop)
		}
	}
	return out
}

// RingInside says whether a lies inside b, for closed rings that do not cross.
func RingInside(a, b orb.Ring) bool {
	for _, p := range a {
		if side := PointInRing(p, b); side != OnEdge {
			return side == Inside
		}
	}
	return false
}
