// Package planar is plane geometry on an integer grid: clipping by a box, a test that polygons are simple, and the repair
// of those that are not.
//
// Rings are open lists of points (the last is joined to the first). An exterior has a positive area by the surveyor's
// formula Σ(xᵢyᵢ₊₁−xᵢ₊₁yᵢ)/2, a hole a negative one; with y pointing south, as in a tile, an exterior is clockwise to the
// eye, which is what the vector tile specification asks for. Every operation gives the same result for a segment whichever
// way it is walked, so that neighbours who share a border still share it afterwards.
//
// Nothing allocates once the scratch space of a Work has grown. A Work is not safe for concurrent use.
package planar

// Point is a position on the grid.
type Point struct{ X, Y int64 }

// Rings is a list of rings in one slice: ring i is Pts[Ends[i-1]:Ends[i]].
type Rings struct {
	Pts  []Point
	Ends []int
}

// Reset empties r and keeps its memory.
func (r *Rings) Reset() { r.Pts, r.Ends = r.Pts[:0], r.Ends[:0] }

// Len is the number of rings.
func (r *Rings) Len() int { return len(r.Ends) }

// Ring is the i-th ring.
func (r *Rings) Ring(i int) []Point {
	if i == 0 {
		return r.Pts[:r.Ends[0]]
	}
	return r.Pts[r.Ends[i-1]:r.Ends[i]]
}

// Add appends a copy of ring.
func (r *Rings) Add(ring []Point) {
	r.Pts = append(r.Pts, ring...)
	r.Ends = append(r.Ends, len(r.Pts))
}

// Open appends one point to the ring that Close will end.
func (r *Rings) Open(p Point) { r.Pts = append(r.Pts, p) }

// Start is where the ring that Close will end begins.
func (r *Rings) Start() int {
	if len(r.Ends) == 0 {
		return 0
	}
	return r.Ends[len(r.Ends)-1]
}

// Close ends the ring being built. Consecutive equal points were left out by the caller; the last one is dropped here when
// it equals the first. A ring of fewer than min points is forgotten and Close returns false.
func (r *Rings) Close(min int) bool {
	start := r.Start()
	for len(r.Pts)-start > 1 && r.Pts[len(r.Pts)-1] == r.Pts[start] {
		r.Pts = r.Pts[:len(r.Pts)-1]
	}
	if len(r.Pts)-start < min {
		r.Pts = r.Pts[:start]
		return false
	}
	r.Ends = append(r.Ends, len(r.Pts))
	return true
}

// Area2 is twice the signed area of the ring: positive for an exterior.
// Exact while coordinates differ by less than 2³⁰.
func Area2(ring []Point) int64 {
	if len(ring) < 3 {
		return 0
	}
	o := ring[0]
	var sum int64
	for i := 1; i+1 < len(ring); i++ {
		a, b := ring[i], ring[i+1]
		sum += (a.X-o.X)*(b.Y-o.Y) - (b.X-o.X)*(a.Y-o.Y)
	}
	return sum
}

// orient is positive when c lies on the side of a→b where the interior of an exterior ring would be.
func orient(a, b, c Point) int64 {
	return (b.X-a.X)*(c.Y-a.Y) - (b.Y-a.Y)*(c.X-a.X)
}

// Work is the scratch space of the operations of this package.
type Work struct {
	clip     [2][]Point
	edges    []edge
	active   []int32
	segments []segment
	splits   []split
	border   []segment
	rows     strips // of the segments, by y
	columns  strips // of the segments, by x
	used     []bool
	walk     []Point
	seen     map[Point]int
	traced   Rings
	areas    []int64
	boxes    []Box
}
