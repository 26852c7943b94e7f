package zone

import (
	"github.com/paulmach/orb"

	"jumeau/model/geom"
)

func (f *finder) touches(g orb.Geometry) bool {
	switch g := g.(type) {
	case nil:
		return false
	case orb.Point:
		return f.largest(g) != none
	case orb.MultiPoint:
		for _, p := range g {
			if f.largest(p) != none {
				return true
			}
		}
		return false
	case orb.Collection:
		for _, part := range g {
			if f.touches(part) {
				return true
			}
		}
		return false
	}
	var sole bool
	f.candidates, sole = f.locator.index.candidates(f.candidates[:0], g.Bound())
	if sole {
		return true
	}
	for _, c := range f.candidates {
		if meets(g, f.locator.index.zones[c]) {
			return true
		}
	}
	return false
}

// meets says whether a line or polygon has a place in common with z: a vertex in it, a crossing of borders, or, for a
// polygon, a vertex of z inside.
func meets(g orb.Geometry, z *prepared) bool {
	if !g.Bound().Intersects(z.bound) {
		return false
	}
	if anyPath(g, func(points []orb.Point) bool { return pathMeets(points, z) }) {
		return true
	}
	if len(polygons(g)) == 0 {
		return false
	}
	// No borders meet: z lies in g with all of its points, or with none. Of a multipolygon each part may.
	in := prepare(g)
	for _, s := range z.segments {
		if in.covers(orb.Point{s.ax, s.ay}) {
			return true
		}
	}
	return false
}

func pathMeets(points []orb.Point, z *prepared) bool {
	for i, p := range points {
		if z.covers(p) || i > 0 && z.meets(points[i-1], p) {
			return true
		}
	}
	return false
}

// anyPath calls yes with the lines or rings of g until it says so.
func anyPath(g orb.Geometry, yes func([]orb.Point) bool) bool {
	switch g := g.(type) {
	case orb.LineString:
		return yes(g)
	case orb.MultiLineString:
		for _, line := range g {
			if yes(line) {
				return true
			}
		}
	}
	for _, p := range polygons(g) {
		for _, r := range p {
			if yes(r) {
				return true
			}
		}
	}
	return false
}

// meets says whether ab has a place in common with the border.
func (p *prepared) meets(a, b orb.Point) bool {
	low, high := min(a[1], b[1]), max(a[1], b[1])
	if high < p.bound.Min[1] || low > p.bound.Max[1] {
		return false
	}
	for _, i := range p.item[p.start[p.slab(low)]:p.start[p.slab(high)+1]] {
		s := &p.segments[i]
		if geom.SegmentsMeet(a, b, orb.Point{s.ax, s.ay}, orb.Point{s.bx, s.by}) {
			return true
		}
	}
	return false
}
