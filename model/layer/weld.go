package layer

import (
	"math"
	"slices"

	"jumeau/model/layer/planar"
)

// weldUnits is how near a vertex must be to a neighbour's side to become a vertex of that side as well: 8 units of the
// grid, 5 cm on the ground at 43° north. Producers round coordinates to about that, so that a vertex of one zone that lies
// on a straight side of another is off it by as much.
const weldUnits = 8

// weld makes vertices that lie on a side of another ring part of that side, so that neighbours share vertices everywhere.
func (b *borders) weld() {
	sides := b.sides()
	at := newLattice(sides)
	inserts := make(map[[2]int32][]int32)
	for v, p := range b.pts {
		at.near(p, weldUnits, func(s *side) {
			if s.from == int32(v) || s.to == int32(v) || !b.onSide(p, s) {
				return
			}
			key := [2]int32{min(s.from, s.to), max(s.from, s.to)}
			if !slices.Contains(inserts[key], int32(v)) {
				inserts[key] = append(inserts[key], int32(v))
			}
		})
	}
	if len(inserts) > 0 {
		b.insert(inserts)
	}
}

// onSide says whether p is within weldUnits of the inside of side s.
func (b *borders) onSide(p planar.Point, s *side) bool {
	dx, dy := float64(s.b.X-s.a.X), float64(s.b.Y-s.a.Y)
	length2 := dx*dx + dy*dy
	along := (float64(p.X-s.a.X)*dx + float64(p.Y-s.a.Y)*dy) / length2
	if along <= 0 || along >= 1 {
		return false
	}
	return math.Abs(cross(s.a, s.b, p)) <= weldUnits*math.Sqrt(length2)
}

// insert adds vertices to the sides of all rings that have them, in the order in which they lie on the side.
func (b *borders) insert(inserts map[[2]int32][]int32) {
	for key, list := range inserts {
		from := b.pts[key[0]]
		slices.SortFunc(list, func(u, v int32) int {
			d := away(b.pts[u], []planar.Point{from}) - away(b.pts[v], []planar.Point{from})
			switch {
			case d < 0:
				return -1
			case d > 0:
				return 1
			}
			return int(u - v)
		})
	}
	for k, ring := range b.rings {
		b.rings[k] = withInserts(ring, true, inserts)
	}
	for k, arc := range b.arcs {
		b.arcs[k] = withInserts(arc, false, inserts)
	}
}

func withInserts(path []int32, closed bool, inserts map[[2]int32][]int32) []int32 {
	var out []int32
	for i, u := range path {
		out = append(out, u)
		if i == len(path)-1 && !closed {
			break
		}
		v := path[(i+1)%len(path)]
		list := inserts[[2]int32{min(u, v), max(u, v)}]
		if u < v {
			out = append(out, list...)
			continue
		}
		for j := len(list) - 1; j >= 0; j-- {
			out = append(out, list[j])
		}
	}
	return out
}

// side is one side of a ring.
type side struct {
	a, b     planar.Point
	from, to int32
}

// sides are the sides of all rings, each once.
func (b *borders) sides() []side {
	seen := make(map[[2]int32]bool)
	var sides []side
	for _, ring := range b.rings {
		for i, u := range ring {
			v := ring[(i+1)%len(ring)]
			if key := [2]int32{min(u, v), max(u, v)}; !seen[key] {
				seen[key] = true
				sides = append(sides, side{b.pts[key[0]], b.pts[key[1]], key[0], key[1]})
			}
		}
	}
	return sides
}

// lattice finds the sides near a position: they are sorted into squares about twice as wide as the mean side.
type lattice struct {
	width   int64
	squares map[[2]int64][]int32
	sides   []side
}

func newLattice(sides []side) *lattice {
	l := &lattice{width: 1, squares: make(map[[2]int64][]int32), sides: sides}
	if len(sides) == 0 {
		return l
	}
	var total int64
	for _, s := range sides {
		total += abs(s.b.X-s.a.X) + abs(s.b.Y-s.a.Y)
	}
	l.width = max(2*total/int64(len(sides)), 4*weldUnits)
	for i, s := range sides {
		eachSquare(s.a, s.b, l.width, func(key [2]int64) { l.squares[key] = append(l.squares[key], int32(i)) })
	}
	return l
}

// eachSquare calls f with the squares that the segment may touch: column by column, those between its heights there.
func eachSquare(a, b planar.Point, width int64, f func(key [2]int64)) {
	if a.X > b.X {
		a, b = b, a
	}
	for x := floorDiv(a.X, width); x <= floorDiv(b.X, width); x++ {
		y0, y1 := a.Y, b.Y
		if a.X != b.X {
			slope := float64(b.Y-a.Y) / float64(b.X-a.X)
			west, east := max(x*width, a.X), min((x+1)*width, b.X)
			y0 = a.Y + int64(math.Floor(slope*float64(west-a.X)))
			y1 = a.Y + int64(math.Floor(slope*float64(east-a.X)))
		}
		for y := floorDiv(min(y0, y1)-1, width); y <= floorDiv(max(y0, y1)+1, width); y++ {
			f([2]int64{x, y})
		}
	}
}

// near calls f with the sides whose squares come within reach of p, perhaps more than once.
func (l *lattice) near(p planar.Point, reach int64, f func(*side)) {
	for x := floorDiv(p.X-reach, l.width); x <= floorDiv(p.X+reach, l.width); x++ {
		for y := floorDiv(p.Y-reach, l.width); y <= floorDiv(p.Y+reach, l.width); y++ {
			for _, i := range l.squares[[2]int64{x, y}] {
				f(&l.sides[i])
			}
		}
	}
}
