package format

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// ringOf is what is needed to know of a ring to find its place.
type ringOf struct {
	index int // in the scratch
	area  float64
	bound orb.Bound
	shell int // index among shells of the polygon it belongs to
	depth int
}

// nested makes polygons of the rings in the scratch. A Shapefile writes outer rings clockwise and holes counter-clockwise,
// in any order. Where a shape has rings of both directions they are believed, and a hole goes to the smallest outer
// ring around it. Where all turn the same way the writer did not care: then a ring inside an odd number of others is a hole.
func (s *shaper) nested() orb.Geometry {
	if len(s.rings) == 1 {
		return s.polygon(0, 1)
	}
	rings := make([]ringOf, len(s.rings))
	clockwise := 0
	for i := range rings {
		points := s.ring(i)
		rings[i] = ringOf{index: i, area: signedArea(points), bound: orb.Ring(points).Bound(), shell: -1}
		if rings[i].area < 0 {
			clockwise++
		}
	}
	var shells [][]int
	if clockwise > 0 && clockwise < len(rings) {
		shells = s.byDirection(rings)
	} else {
		shells = s.byDepth(rings)
	}
	return s.assemble(shells)
}

// byNesting makes polygons of the rings in the scratch, none of which cross: a ring inside an odd number of others is a hole.
func (s *shaper) byNesting() orb.Geometry {
	if len(s.rings) == 1 {
		return s.polygon(0, 1)
	}
	rings := make([]ringOf, len(s.rings))
	for i := range rings {
		points := s.ring(i)
		rings[i] = ringOf{index: i, area: signedArea(points), bound: orb.Ring(points).Bound(), shell: -1}
	}
	return s.assemble(s.byDepth(rings))
}

// byDirection groups rings as [shell, hole, hole…]. A hole outside every shell becomes a shell: nothing is lost.
func (s *shaper) byDirection(rings []ringOf) [][]int {
	var shells [][]int
	for i := range rings {
		if rings[i].area < 0 {
			rings[i].shell = len(shells)
			shells = append(shells, []int{i})
		}
	}
	outer := len(shells)
	for i := range rings {
		if rings[i].area < 0 {
			continue
		}
		best := -1
		for k, group := range shells[:outer] {
			shell := &rings[group[0]]
			if outer == 1 || contains(shell.bound, rings[i].bound) && s.inside(i, group[0]) &&
				(best < 0 || -shell.area < -rings[shells[best][0]].area) {
				best = k
			}
		}
		if best < 0 {
			shells = append(shells, []int{i})
		} else {
			shells[best] = append(shells[best], i)
		}
	}
	return shells
}

// byDepth groups rings by how many others are around them: even is a shell, odd a hole of the smallest one around it.
func (s *shaper) byDepth(rings []ringOf) [][]int {
	order := make([]*ringOf, len(rings)) // from large to small: what is around a ring comes before it
	for i := range rings {
		rings[i].area = max(rings[i].area, -rings[i].area)
		order[i] = &rings[i]
	}
	slices.SortStableFunc(order, func(a, b *ringOf) int { return cmp.Compare(b.area, a.area) })
	var shells [][]int
	for n, r := range order {
		parent := (*ringOf)(nil)
		for k := n - 1; k >= 0 && parent == nil; k-- {
			if contains(order[k].bound, r.bound) && s.inside(r.index, order[k].index) {
				parent = order[k]
			}
		}
		if parent != nil {
			r.depth = parent.depth + 1
		}
		if r.depth%2 == 1 {
			r.shell = parent.shell
			shells[r.shell] = append(shells[r.shell], r.index)
			continue
		}
		r.shell = len(shells)
		shells = append(shells, []int{r.index})
	}
	slices.SortStableFunc(shells, func(a, b []int) int { return cmp.Compare(a[0], b[0]) }) // the file's order
	return shells
}

func (s *shaper) assemble(shells [][]int) orb.Geometry {
	m := make(orb.MultiPolygon, len(shells))
	for i, group := range shells {
		m[i] = s.keepRings(len(group))
		for k, ring := range group {
			m[i][k] = s.keep(s.ring(ring))
		}
	}
	if len(m) == 1 {
		return m[0]
	}
	return m
}

// signedArea is twice the area of a ring, negative when it turns clockwise. Relative to the first point, so that
// Lambert-93 coordinates in the millions keep their digits.
func signedArea(ring []orb.Point) float64 {
	sum, o := 0.0, ring[0]
	for i := 1; i < len(ring)-1; i++ {
		ax, ay := ring[i][0]-o[0], ring[i][1]-o[1]
		bx, by := ring[i+1][0]-o[0], ring[i+1][1]-o[1]
		sum += ax*by - bx*ay
	}
	return sum
}

func contains(outer, inner orb.Bound) bool {
	return outer.Min[0] <= inner.Min[0] && outer.Min[1] <= inner.Min[1] &&
		outer.Max[0] >= inner.Max[0] && outer.Max[1] >= inner.Max[1]
}

// inside says whether ring a lies in ring b. Rings of one shape may touch but not cross, so the first vertex of a that is
// not on b's border decides; when all are on it, a's area does: it was compared before.
func (s *shaper) inside(a, b int) bool {
	border := s.ring(b)
	for _, p := range s.ring(a) {
		switch locate(p, border) {
		case 1:
			return true
		case -1:
			return false
		}
	}
	return true
}

// locate is 1 inside the ring, -1 outside, 0 on its border (crossing number, O'Rourke 1998, §7.4).
func locate(p orb.Point, ring []orb.Point) int {
	in := false
	for i, j := 0, len(ring)-1; i < len(ring); j, i = i, i+1 {
		a, b := ring[i], ring[j]
		if p == a {
			return 0
		}
		if (a[1] > p[1]) == (b[1] > p[1]) {
			if a[1] == p[1] && b[1] == p[1] && min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) {
				return 0
			}
			continue
		}
		cross := (b[0]-a[0])*(p[1]-a[1]) - (p[0]-a[0])*(b[1]-a[1])
		if cross == 0 {
			return 0
		}
		if (cross > 0) == (b[1] > a[1]) {
			in = !in
		}
	}
	if in {
		return 1
	}
	return -1
}
