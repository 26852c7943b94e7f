package layer

import (
	"math"

	"jumeau/model/layer/planar"
)

// minTriangle is the effective area, in square tile units (of 4096), from which a vertex is drawn: an eighth of a square
// pixel on a map whose tiles are 512 pixels wide.
const minTriangle = 8

// Weigher computes effective areas (Visvalingam and Whyatt, 1993, "Line generalisation by repeated elimination of points"):
// the vertex with the smallest triangle is taken away first, and no vertex weighs less than one taken away before it. Its
// memory is used again by the next call; not safe for concurrent use.
type Weigher struct {
	prev, next []int32
	stamp      []uint32
	heap       []candidate
}

type candidate struct {
	area  float64
	at    int32
	stamp uint32
}

func (c candidate) before(d candidate) bool {
	return c.area < d.area || c.area == d.area && c.at < d.at
}

// Weigh writes the lowest zoom at which each vertex is drawn. The ends of a line and the last three vertices of a ring are
// drawn at every zoom; at maxZoom every vertex is.
func (w *Weigher) Weigh(pts []planar.Point, zooms []uint8, closed bool, maxZoom int) {
	clear(zooms)
	n := len(pts)
	left, least := n, 2
	if closed {
		least = 3
	}
	if n <= least {
		return
	}
	w.begin(pts, closed)
	var floor float64
	for left > least && len(w.heap) > 0 {
		c := w.pop()
		if c.stamp != w.stamp[c.at] {
			continue
		}
		floor = max(floor, c.area)
		zooms[c.at] = uint8(min(zoomOf(floor), maxZoom))
		left--
		w.stamp[c.at]++
		a, b := w.prev[c.at], w.next[c.at]
		w.next[a], w.prev[b] = b, a
		w.touch(pts, a, closed)
		w.touch(pts, b, closed)
	}
}

func (w *Weigher) begin(pts []planar.Point, closed bool) {
	n := len(pts)
	w.prev, w.next, w.stamp, w.heap = w.prev[:0], w.next[:0], w.stamp[:0], w.heap[:0]
	for i := range n {
		w.prev = append(w.prev, int32((i+n-1)%n))
		w.next = append(w.next, int32((i+1)%n))
		w.stamp = append(w.stamp, 0)
	}
	for i := range n {
		if closed || i > 0 && i < n-1 {
			w.push(candidate{w.triangle(pts, int32(i)), int32(i), 0})
		}
	}
}

// touch weighs a vertex again after a neighbour went.
func (w *Weigher) touch(pts []planar.Point, i int32, closed bool) {
	if !closed && (i == 0 || int(i) == len(pts)-1) {
		return
	}
	w.stamp[i]++
	w.push(candidate{w.triangle(pts, i), i, w.stamp[i]})
}

// triangle is the area that a vertex spans with its neighbours. One where a line doubles back upon itself spans none, but what
// would go is the whole way there: it counts as half the square over the shorter side.
func (w *Weigher) triangle(pts []planar.Point, i int32) float64 {
	a, b, c := pts[w.prev[i]], pts[i], pts[w.next[i]]
	ux, uy, vx, vy := float64(a.X-b.X), float64(a.Y-b.Y), float64(c.X-b.X), float64(c.Y-b.Y)
	area := math.Abs(float64(ux*vy)-float64(uy*vx)) / 2
	if area == 0 && float64(ux*vx)+float64(uy*vy) > 0 {
		return min(float64(ux*ux)+float64(uy*uy), float64(vx*vx)+float64(vy*vy)) / 2
	}
	return area
}

func (w *Weigher) push(c candidate) {
	w.heap = append(w.heap, c)
	i := len(w.heap) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !c.before(w.heap[up]) {
			break
		}
		w.heap[i] = w.heap[up]
		i = up
	}
	w.heap[i] = c
}

func (w *Weigher) pop() candidate {
	top := w.heap[0]
	n := len(w.heap) - 1
	c := w.heap[n]
	w.heap = w.heap[:n]
	i := 0
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && w.heap[down+1].before(w.heap[down]) {
			down++
		}
		if !w.heap[down].before(c) {
			break
		}
		w.heap[i] = w.heap[down]
		i = down
	}
	if n > 0 {
		w.heap[i] = c
	}
	return top
}

// zoomOf is the lowest zoom at which an effective area in square grid units reaches minTriangle tile units.
func zoomOf(area float64) int {
	if area < minTriangle {
		return ZoomLimit
	}
	_, exp := math.Frexp(area / minTriangle) // 2^(exp-1) <= area/minTriangle < 2^exp
	return max(0, ZoomLimit-(exp-1)/2)
}
