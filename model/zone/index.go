package zone

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// index answers which polygons hold a place. It lays a raster over them: a square of it that no border passes has one
// answer; the others list the polygons to ask, lowest position first.
type index struct {
	zones      []*prepared // nil for an empty geometry
	bound      orb.Bound
	cols, rows int
	perX, perY float64 // squares per unit
	square     []int32 // a zone, none, or -2-k: ask list k
	start      []int32 // list k is entry[start[k]:start[k+1]]
	entry      []entry
}

const none = -1

// entry of a list: a zone whose border passes the square, or that covers it.
type entry struct {
	zone   int32
	covers bool
}

// maxSquares bounds the raster to 16 MB.
const maxSquares = 1 << 22

func newIndex(geometries []orb.Geometry) *index {
	x := &index{zones: make([]*prepared, len(geometries))}
	for i, g := range geometries {
		if len(polygons(g)) == 0 {
			continue
		}
		x.zones[i] = prepare(g)
		if b := x.zones[i].bound; x.bound == (orb.Bound{}) {
			x.bound = b
		} else {
			x.bound = x.bound.Union(b)
		}
	}
	x.shape()
	x.fill()
	return x
}

// shape chooses about 800 squares a zone, as square as can be.
func (x *index) shape() {
	w, h := x.bound.Max[0]-x.bound.Min[0], x.bound.Max[1]-x.bound.Min[1]
	n := float64(max(1<<12, min(maxSquares, 800*len(x.zones))))
	x.cols, x.rows = 1, 1
	if w > 0 && h > 0 {
		x.cols = max(1, min(1<<12, int(math.Sqrt(n*w/h))))
		x.rows = max(1, min(1<<12, int(n)/x.cols))
		x.perX, x.perY = float64(x.cols)/w, float64(x.rows)/h
	}
}

// col and row never decrease with the coordinate.
func (x *index) col(v float64) int { return max(0, min(x.cols-1, int((v-x.bound.Min[0])*x.perX))) }
func (x *index) row(v float64) int { return max(0, min(x.rows-1, int((v-x.bound.Min[1])*x.perY))) }

// placed is an entry with its square, before the lists are packed.
type placed struct {
	square int32
	entry
}

func (x *index) fill() {
	var all []placed
	for i, z := range x.zones {
		if z != nil {
			all = x.rasterize(all, int32(i), z)
		}
	}
	// A counting sort by square keeps the zones of one square in order.
	begin := make([]int32, x.cols*x.rows+1)
	for _, p := range all {
		begin[p.square+1]++
	}
	for i := 1; i < len(begin); i++ {
		begin[i] += begin[i-1]
	}
	sorted, next := make([]entry, len(all)), slices.Clone(begin)
	for _, p := range all {
		sorted[next[p.square]] = p.entry
		next[p.square]++
	}
	x.square = make([]int32, x.cols*x.rows)
	x.start = []int32{0}
	for i := range x.square {
		x.square[i] = x.answer(sorted[begin[i]:begin[i+1]])
	}
}

// answer of one square, given the zones that pass or cover it; it stores the list when there is more than one answer.
func (x *index) answer(list []entry) int32 {
	switch {
	case len(list) == 0:
		return none
	case len(list) == 1 && list[0].covers:
		return list[0].zone
	}
	x.entry = append(x.entry, list...)
	x.start = append(x.start, int32(len(x.entry)))
	return -int32(len(x.start)) // -2 for list 0
}

// rasterize adds the squares of one zone: those its border passes, and those it covers.
func (x *index) rasterize(dst []placed, zone int32, z *prepared) []placed {
	c0, c1 := x.col(z.bound.Min[0]), x.col(z.bound.Max[0])
	r0, r1 := x.row(z.bound.Min[1]), x.row(z.bound.Max[1])
	width := c1 - c0 + 1
	passed := make([]bool, width*(r1-r0+1))
	for _, s := range z.segments {
		x.pass(s, func(col, row int) {
			if col >= c0 && col <= c1 { // slack may lead out of the zone's box, where it has no place
				passed[(row-r0)*width+col-c0] = true
			}
		})
	}
	for row := r0; row <= r1; row++ {
		known, inside := false, false // one answer for a run of squares that no border passes
		for col := c0; col <= c1; col++ {
			at := int32(row*x.cols + col)
			if passed[(row-r0)*width+col-c0] {
				known = false
				dst = append(dst, placed{at, entry{zone, false}})
				continue
			}
			if !known {
				known, inside = true, z.covers(x.middle(col, row))
			}
			if inside {
				dst = append(dst, placed{at, entry{zone, true}})
			}
		}
	}
	return dst
}

func (x *index) middle(col, row int) orb.Point {
	return orb.Point{
		x.bound.Min[0] + (float64(col)+0.5)*(x.bound.Max[0]-x.bound.Min[0])/float64(x.cols),
		x.bound.Min[1] + (float64(row)+0.5)*(x.bound.Max[1]-x.bound.Min[1])/float64(x.rows),
	}
}

// pass visits the squares that a segment passes, and sometimes a neighbour: rounding never loses one.
func (x *index) pass(s segment, visit func(col, row int)) {
	height := (x.bound.Max[1] - x.bound.Min[1]) / float64(x.rows)
	slack := 1e-6 * (x.bound.Max[0] - x.bound.Min[0]) / float64(x.cols)
	r0, r1 := x.row(s.ay), x.row(s.by)
	for row := r0; row <= r1; row++ {
		xa, xb := s.ax, s.bx
		if r0 != r1 && s.ay < s.by {
			low := x.bound.Min[1] + (float64(row)-1e-6)*height
			high := low + (1+2e-6)*height
			xa, xb = s.at(max(s.ay, min(s.by, low))), s.at(max(s.ay, min(s.by, high)))
		}
		for col := x.col(min(xa, xb) - slack); col <= x.col(max(xa, xb)+slack); col++ {
			visit(col, row)
		}
	}
}

// locate is the lowest zone that holds the point, borders included.
func (x *index) locate(p orb.Point) int32 {
	if !(p[0] >= x.bound.Min[0] && p[0] <= x.bound.Max[0] && p[1] >= x.bound.Min[1] && p[1] <= x.bound.Max[1]) {
		return none
	}
	if len(x.square) == 0 {
		return none
	}
	v := x.square[x.row(p[1])*x.cols+x.col(p[0])]
	if v >= none {
		return v
	}
	for _, e := range x.list(v) {
		if e.covers || x.zones[e.zone].covers(p) {
			return e.zone
		}
	}
	return none
}

func (x *index) list(v int32) []entry {
	k := -2 - v
	return x.entry[x.start[k]:x.start[k+1]]
}

// candidates adds the zones whose squares meet the box, each once, lowest first; sole is true when the only one covers all
// of them.
func (x *index) candidates(dst []int32, b orb.Bound) (zones []int32, sole bool) {
	if !b.Intersects(x.bound) || len(x.square) == 0 {
		return dst, false
	}
	c0, c1, r0, r1 := x.col(b.Min[0]), x.col(b.Max[0]), x.row(b.Min[1]), x.row(b.Max[1])
	first := x.square[r0*x.cols+c0]
	sole = first >= 0
	for row := r0; row <= r1; row++ {
		previous := int32(none)
		for _, v := range x.square[row*x.cols+c0 : row*x.cols+c1+1] {
			sole = sole && v == first
			if v == previous || v == none {
				continue
			}
			previous = v
			if v >= 0 {
				dst = append(dst, v)
				continue
			}
			for _, e := range x.list(v) {
				dst = append(dst, e.zone)
			}
		}
	}
	// Beyond the raster there is no zone.
	sole = sole && b.Min[0] >= x.bound.Min[0] && b.Max[0] <= x.bound.Max[0] && b.Min[1] >= x.bound.Min[1] && b.Max[1] <= x.bound.Max[1]
	slices.Sort(dst)
	return slices.Compact(dst), sole
}
