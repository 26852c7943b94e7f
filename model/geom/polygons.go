package geom

import (
	"github.com/paulmach/orb"
)

// validPolygons checks every rule on the parts of a multipolygon whose rings are closed and long enough.
func validPolygons(mp orb.MultiPolygon) *Defect {
	s := boundaries.Get().(*boundary)
	defer boundaries.Put(s)
	s.load(mp)
	if d := s.join(s.pair); d != nil {
		return d
	}
	if d := s.crossAtTouch(); d != nil {
		return d
	}
	if d := s.nesting(); d != nil {
		return d
	}
	return s.connected()
}

// pair judges two edges whose boxes meet. Real boundaries have a few such pairs per edge; a hatching of long slanting lines has
// them all, and is refused rather than let hold up a run.
func (s *boundary) pair(i, j int32) *Defect {
	if s.pairs++; s.pairs > 1<<24+64*len(s.edges) {
		return defectAt(TooComplex, s.edges[i].a, "the boundary is too dense to be checked")
	}
	e, f := &s.edges[i], &s.edges[j]
	kind, at := meet(e.a, e.b, f.a, f.b)
	switch {
	case kind == apart:
	case kind != touching:
		return contactDefect(kind, at)
	case e.ring != f.ring:
		s.touch = append(s.touch, touchPoint{at, i, j})
	case !s.follow(i, j, at):
		return contactDefect(kind, at)
	}
	return nil
}

// follow says whether edges i < j of one ring are neighbours and at is their common end.
func (s *boundary) follow(i, j int32, at orb.Point) bool {
	r := s.rings[s.edges[i].ring]
	return j == i+1 && at == s.edges[j].a || i == r.start && j == r.end-1 && at == s.edges[i].a
}

// corner is the two neighbours, along a ring, of a point of that ring.
type corner struct{ before, after orb.Point }

func (s *boundary) corner(i int32, at orb.Point) corner {
	e, r := s.edges[i], s.rings[s.edges[i].ring]
	switch at {
	case e.a:
		k := i - 1
		if i == r.start {
			k = r.end - 1
		}
		return corner{s.edges[k].a, e.b}
	case e.b:
		k := i + 1
		if k == r.end {
			k = r.start
		}
		return corner{e.a, s.edges[k].b}
	}
	return corner{e.a, e.b}
}

// left says whether q, seen from at, lies to the left of the path before → at → after.
func (c corner) left(at, q orb.Point) bool {
	in, out := Orient(c.before, at, q) > 0, Orient(at, c.after, q) > 0
	if Orient(c.before, at, c.after) >= 0 {
		return in && out
	}
	return in || out
}

// crossAtTouch refuses rings that pass through each other at a point that is a vertex of one of them.
func (s *boundary) crossAtTouch() *Defect {
	for _, t := range s.touch {
		a, b := s.corner(t.i, t.at), s.corner(t.j, t.at)
		if a.left(t.at, b.before) != a.left(t.at, b.after) {
			return contactDefect(crossing, t.at)
		}
	}
	return nil
}

// nesting refuses holes outside their outer ring or inside each other, and parts inside each other. Rings are known not to
// cross here, so that one point which is not on the other ring decides.
func (s *boundary) nesting() *Defect {
	shell := int32(0)
	for i := range s.rings {
		r := &s.rings[i]
		if !r.hole {
			shell = int32(i)
			continue
		}
		if side, at := s.side(i, int(shell)); side == Outside {
			return defectAt(HoleOutside, at, "a hole lies outside its outer ring")
		}
		for k := int(shell) + 1; k < i; k++ {
			if in, at := s.either(i, k); in {
				return defectAt(HolesNested, at, "a hole lies inside another hole")
			}
		}
	}
	return s.partsApart()
}

// either says whether one of two rings lies inside the other.
func (s *boundary) either(i, k int) (bool, orb.Point) {
	if !s.rings[i].box.meets(s.rings[k].box) {
		return false, orb.Point{}
	}
	if side, at := s.side(i, k); side == Inside {
		return true, at
	}
	side, at := s.side(k, i)
	return side == Inside, at
}

// side is where ring i lies relative to ring k, with the point that told: its first vertex that is not on k, else the first
// middle of an edge.
func (s *boundary) side(i, k int) (Side, orb.Point) {
	r, other := &s.rings[i], &s.rings[k]
	for _, p := range r.ring {
		if side := other.locate(p); side != OnEdge {
			return side, p
		}
	}
	for _, e := range s.edges[r.start:r.end] {
		middle := orb.Point{(e.a[0] + e.b[0]) / 2, (e.a[1] + e.b[1]) / 2}
		if side := other.locate(middle); side != OnEdge {
			return side, middle
		}
	}
	return OnEdge, orb.Point{}
}

func (r *ringSpan) locate(p orb.Point) Side {
	if b := r.box; p[0] < b.minX || p[0] > b.maxX || p[1] < b.minY || p[1] > b.maxY {
		return Outside
	}
	return PointInRing(p, r.ring)
}

// partsApart refuses an outer ring inside another part, unless it lies in a hole of that part.
func (s *boundary) partsApart() *Defect {
	for i := range s.rings {
		for k := range s.rings {
			a, b := &s.rings[i], &s.rings[k]
			if i == k || a.hole || b.hole || !a.box.meets(b.box) {
				continue
			}
			side, at := s.side(i, k)
			if side == Inside && !s.inHoleOf(i, k) {
				return defectAt(PartsOverlap, at, "a part lies inside another part")
			}
		}
	}
	return nil
}

// inHoleOf says whether ring i lies in a hole of the part whose outer ring is k.
func (s *boundary) inHoleOf(i, k int) bool {
	for h := k + 1; h < len(s.rings) && s.rings[h].hole; h++ {
		if side, _ := s.side(i, h); side != Outside {
			return true
		}
	}
	return false
}

// connected refuses a part whose rings, touching at points, close a loop: they cut its interior in two. Rings and touching
// points are the two kinds of nodes of a graph; an edge that joins nodes already joined closes a loop.
func (s *boundary) connected() *Defect {
	if len(s.touch) == 0 {
		return nil
	}
	type incidence struct {
		at   orb.Point
		ring int32
	}
	parent := make([]int32, len(s.rings), len(s.rings)+len(s.touch))
	for i := range parent {
		parent[i] = int32(i)
	}
	points := map[orb.Point]map[int32]int32{} // node of a point, by part: loops through several parts cut nothing
	seen := map[incidence]bool{}
	root := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	for _, t := range s.touch {
		a, b := s.edges[t.i].ring, s.edges[t.j].ring
		part := s.rings[a].part
		if part != s.rings[b].part {
			continue
		}
		if points[t.at] == nil {
			points[t.at] = map[int32]int32{}
		}
		node, ok := points[t.at][part]
		if !ok {
			node = int32(len(parent))
			parent = append(parent, node)
			points[t.at][part] = node
		}
		for _, ring := range []int32{a, b} {
			if key := (incidence{t.at, ring}); !seen[key] {
				seen[key] = true
				if root(ring) == root(node) {
					return defectAt(InteriorDisconnected, t.at, "rings that touch cut the interior in two,")
				}
				parent[root(ring)] = root(node)
			}
		}
	}
	return nil
}
