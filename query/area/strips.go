package area

import (
	"math"

	"jumeau/model/layer"
)

// strips cut the height of a shape into bands of equal height, with the edges that reach into each.
type strips struct {
	low, height int64
	edges       [][]int32
}

const mostStrips = 512

// index prepares the edges, the boxes and the areas of the parts.
func (s *Shape) index() {
	s.box = layer.Box{MinX: math.MaxInt64, MinY: math.MaxInt64, MaxX: math.MinInt64, MaxY: math.MinInt64}
	for i, part := range s.parts {
		for k, p := range part {
			s.box = layer.Box{MinX: min(s.box.MinX, p.x), MinY: min(s.box.MinY, p.y), MaxX: max(s.box.MaxX, p.x), MaxY: max(s.box.MaxY, p.y)}
			switch {
			case k > 0:
				s.edges = append(s.edges, edge{part[k-1], p})
			case s.ring[i]:
				s.edges = append(s.edges, edge{part[len(part)-1], p})
			}
		}
		if s.ring[i] {
			s.plane = appendRing(s.plane, part)
		}
	}
	s.around = math.Abs(s.exactArea())
	n := min(len(s.edges)/8+1, mostStrips)
	s.strips = strips{low: s.box.MinY, height: (s.box.MaxY-s.box.MinY)/int64(n) + 1, edges: make([][]int32, n)}
	for i, e := range s.edges {
		for k := s.strips.of(min(e.a.y, e.b.y)); k <= s.strips.of(max(e.a.y, e.b.y)); k++ {
			s.strips.edges[k] = append(s.strips.edges[k], int32(i))
		}
	}
}

// of is the strip of a position, the nearest one outside.
func (t *strips) of(y int64) int {
	return int(max(0, min(int64(len(t.edges)-1), (y-t.low)/t.height)))
}

// covers says whether p is in a polygon of the shape or on its border, or on one of its lines or points.
func (s *Shape) covers(p point) bool {
	if p.x < s.box.MinX || p.x > s.box.MaxX || p.y < s.box.MinY || p.y > s.box.MaxY {
		return false
	}
	in := false
	for _, i := range s.strips.edges[s.strips.of(p.y)] {
		on, crosses := crossing(s.edges[i].a, s.edges[i].b, p)
		if on {
			return true
		}
		in = in != (crosses && s.polygonal())
	}
	if in {
		return true
	}
	for i, part := range s.parts {
		if len(part) == 1 && !s.ring[i] && part[0] == p {
			return true
		}
	}
	return false
}

// polygonal says whether the parts are rings: all are, or none.
func (s *Shape) polygonal() bool { return s.ring[0] }

// touches says whether a segment meets an edge of the shape.
func (s *Shape) touches(a, b point) bool {
	if max(a.x, b.x) < s.box.MinX || min(a.x, b.x) > s.box.MaxX || max(a.y, b.y) < s.box.MinY || min(a.y, b.y) > s.box.MaxY {
		return false
	}
	for k := s.strips.of(min(a.y, b.y)); k <= s.strips.of(max(a.y, b.y)); k++ {
		for _, i := range s.strips.edges[k] {
			if e := &s.edges[i]; meet(a, b, e.a, e.b) {
				return true
			}
		}
	}
	return false
}
