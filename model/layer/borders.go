package layer

import (
	"math"
	"slices"

	"jumeau/model/layer/planar"
)

// borders simplifies the polygons of a zone system together. Vertices with the same position are one; a vertex with more
// than two neighbours is a junction; the border between two junctions is an arc, simplified once, whoever it belongs to.
// Junctions are drawn at every zoom, so neighbours meet exactly at all of them.
type borders struct {
	index     map[planar.Point]int32
	pts       []planar.Point
	neighbour [][2]int32
	junction  []bool
	done      []bool
	zooms     []uint8
	rings     [][]int32 // vertex numbers of each ring
	arcs      [][]int32 // vertex numbers of each arc, ends included
	weigher   Weigher
}

// share sets the zooms of the vertices of all shapes.
func share(shapes []*shape, minZoom, maxZoom int) {
	b := &borders{index: make(map[planar.Point]int32)}
	for _, s := range shapes {
		for i := range s.rings.Ends {
			b.add(s.rings.Ring(i))
		}
	}
	b.weld()
	b.linkAll()
	b.zooms = make([]uint8, len(b.pts))
	b.done = make([]bool, len(b.pts))
	for _, ring := range b.rings {
		b.cut(ring)
	}
	for _, arc := range b.arcs {
		b.weigh(arc, maxZoom)
	}
	for _, ring := range b.rings {
		b.keepThree(ring)
	}
	for z := minZoom; z < maxZoom; z++ {
		b.uncross(z)
	}
	b.give(shapes)
}

// give writes the rings back to their shapes, with the vertices that were inserted and the zooms of all.
func (b *borders) give(shapes []*shape) {
	k := 0
	for _, s := range shapes {
		rings := s.rings.Len()
		s.rings.Reset()
		s.zooms = s.zooms[:0]
		for range rings {
			for _, v := range b.rings[k] {
				s.rings.Open(b.pts[v])
				s.zooms = append(s.zooms, b.zooms[v])
			}
			s.rings.Ends = append(s.rings.Ends, len(s.rings.Pts))
			k++
		}
	}
}

func (b *borders) add(ring []planar.Point) {
	ids := make([]int32, len(ring))
	for i, p := range ring {
		id, ok := b.index[p]
		if !ok {
			id = int32(len(b.pts))
			b.index[p] = id
			b.pts = append(b.pts, p)
		}
		ids[i] = id
	}
	b.rings = append(b.rings, ids)
}

// linkAll finds the junctions.
func (b *borders) linkAll() {
	b.junction = make([]bool, len(b.pts))
	b.neighbour = make([][2]int32, len(b.pts))
	for i := range b.neighbour {
		b.neighbour[i] = [2]int32{-1, -1}
	}
	for _, ring := range b.rings {
		for i, v := range ring {
			next := ring[(i+1)%len(ring)]
			b.link(v, next)
			b.link(next, v)
		}
	}
}

func (b *borders) link(v, to int32) {
	n := &b.neighbour[v]
	switch {
	case n[0] == to || n[1] == to:
	case n[0] < 0:
		n[0] = to
	case n[1] < 0:
		n[1] = to
	default:
		b.junction[v] = true
	}
}

// cut adds the arcs of a ring that no ring before it had.
func (b *borders) cut(ring []int32) {
	first := slices.IndexFunc(ring, func(v int32) bool { return b.junction[v] })
	if first < 0 { // an island, or a hole filled by one zone
		first = b.least(ring)
	}
	n := len(ring)
	arc := []int32{ring[first]}
	for i := 1; i <= n; i++ {
		v := ring[(first+i)%n]
		arc = append(arc, v)
		if i < n && !b.junction[v] {
			continue
		}
		if len(arc) > 2 && !b.done[arc[1]] {
			for _, u := range arc[1 : len(arc)-1] {
				b.done[u] = true
			}
			b.arcs = append(b.arcs, b.canonical(arc))
		} else if len(arc) == 2 {
			b.arcs = append(b.arcs, b.canonical(arc)) // twice when shared: it only matters to uncross, which does not mind
		}
		arc = []int32{v}
	}
}

func (b *borders) least(ring []int32) int {
	at := 0
	for i, v := range ring {
		if p, q := b.pts[v], b.pts[ring[at]]; p.X < q.X || p.X == q.X && p.Y < q.Y {
			at = i
		}
	}
	return at
}

// canonical turns an arc so that it does not depend on the ring it was met in.
func (b *borders) canonical(arc []int32) []int32 {
	for i, j := 0, len(arc)-1; i < j; i, j = i+1, j-1 {
		p, q := b.pts[arc[i]], b.pts[arc[j]]
		if p == q {
			continue
		}
		if p.X > q.X || p.X == q.X && p.Y > q.Y {
			slices.Reverse(arc)
		}
		break
	}
	return arc
}

func (b *borders) weigh(arc []int32, maxZoom int) {
	closed := arc[0] == arc[len(arc)-1] && !b.junction[arc[0]]
	if closed {
		arc = arc[:len(arc)-1]
	}
	pts := make([]planar.Point, len(arc))
	for i, v := range arc {
		pts[i] = b.pts[v]
	}
	zooms := make([]uint8, len(arc))
	b.weigher.Weigh(pts, zooms, closed, maxZoom)
	for i, v := range arc {
		b.zooms[v] = zooms[i]
	}
}

// keepThree makes sure that a ring keeps three vertices at every zoom: between two junctions both arcs may have become the
// same straight line.
func (b *borders) keepThree(ring []int32) {
	for {
		var kept []planar.Point
		for _, v := range ring {
			if p := b.pts[v]; b.zooms[v] == 0 && !slices.Contains(kept, p) {
				kept = append(kept, p)
			}
			if len(kept) == 3 {
				return
			}
		}
		best, far := int32(-1), -1.0
		for _, v := range ring {
			if d := away(b.pts[v], kept); b.zooms[v] > 0 && d > far {
				best, far = v, d
			}
		}
		if best < 0 {
			return
		}
		b.zooms[best] = 0
	}
}

// away is a measure of the distance of p from nothing, a point or a line, for comparison.
func away(p planar.Point, from []planar.Point) float64 {
	switch len(from) {
	case 0:
		return 0
	case 1:
		return math.Hypot(float64(p.X-from[0].X), float64(p.Y-from[0].Y))
	}
	return math.Abs(cross(from[0], from[1], p))
}

func cross(a, b, p planar.Point) float64 {
	return float64(float64(b.X-a.X)*float64(p.Y-a.Y)) - float64(float64(b.Y-a.Y)*float64(p.X-a.X))
}
