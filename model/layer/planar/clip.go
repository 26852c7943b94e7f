package planar

import "math"

// Box is a closed rectangle.
type Box struct{ MinX, MinY, MaxX, MaxY int64 }

// Contains says whether b holds the whole of c.
func (b Box) Contains(c Box) bool {
	return c.MinX >= b.MinX && c.MaxX <= b.MaxX && c.MinY >= b.MinY && c.MaxY <= b.MaxY
}

// Holds says whether p is in b or on its edge.
func (b Box) Holds(p Point) bool {
	return p.X >= b.MinX && p.X <= b.MaxX && p.Y >= b.MinY && p.Y <= b.MaxY
}

// BoxOf is the bounding box of points.
func BoxOf(points []Point) Box {
	b := Box{math.MaxInt64, math.MaxInt64, math.MinInt64, math.MinInt64}
	for _, p := range points {
		b.MinX, b.MaxX = min(b.MinX, p.X), max(b.MaxX, p.X)
		b.MinY, b.MaxY = min(b.MinY, p.Y), max(b.MaxY, p.Y)
	}
	return b
}

// ClipRing clips a ring by box (Sutherland and Hodgman, 1974, "Reentrant polygon clipping", one side after the other).
// Where the ring leaves the box and comes back, the result runs along the edge of the box, possibly twice: Simple finds
// that and Repair cuts it apart. The signed area inside the box is kept. The result is valid until the next call.
func (w *Work) ClipRing(ring []Point, box Box) []Point {
	at := BoxOf(ring)
	if at.MaxX < box.MinX || at.MinX > box.MaxX || at.MaxY < box.MinY || at.MinY > box.MaxY {
		return nil
	}
	in, turn := ring, 0
	pass := func(keep func(Point) int64, cut func(a, b Point) Point) {
		out := w.clip[turn][:0]
		for i, b := range in {
			a := in[(i+len(in)-1)%len(in)]
			da, db := keep(a), keep(b)
			if (da < 0) != (db < 0) {
				out = appendNew(out, cut(a, b))
			}
			if db >= 0 {
				out = appendNew(out, b)
			}
		}
		w.clip[turn], in, turn = out, out, 1-turn
	}
	if at.MinX < box.MinX {
		pass(func(p Point) int64 { return p.X - box.MinX }, func(a, b Point) Point { return cutX(a, b, box.MinX) })
	}
	if at.MaxX > box.MaxX {
		pass(func(p Point) int64 { return box.MaxX - p.X }, func(a, b Point) Point { return cutX(a, b, box.MaxX) })
	}
	if at.MinY < box.MinY {
		pass(func(p Point) int64 { return p.Y - box.MinY }, func(a, b Point) Point { return cutY(a, b, box.MinY) })
	}
	if at.MaxY > box.MaxY {
		pass(func(p Point) int64 { return box.MaxY - p.Y }, func(a, b Point) Point { return cutY(a, b, box.MaxY) })
	}
	return in
}

// ClipLine clips a polyline by box and appends the pieces inside it to dst, each of two points at least.
func ClipLine(dst *Rings, line []Point, box Box) {
	for i := 1; i < len(line); i++ {
		a, b, ok := clipSegment(line[i-1], line[i], box)
		if !ok {
			closeLine(dst)
			continue
		}
		if a != line[i-1] || len(dst.Pts) == dst.Start() {
			closeLine(dst)
			dst.Open(a)
		}
		if b != dst.Pts[len(dst.Pts)-1] {
			dst.Open(b)
		}
		if b != line[i] {
			closeLine(dst)
		}
	}
	closeLine(dst)
}

// closeLine ends a line; unlike a ring it may come back to its first point.
func closeLine(r *Rings) {
	if start := r.Start(); len(r.Pts)-start < 2 {
		r.Pts = r.Pts[:start]
		return
	}
	r.Ends = append(r.Ends, len(r.Pts))
}

func clipSegment(a, b Point, box Box) (Point, Point, bool) {
	if max(a.X, b.X) < box.MinX || min(a.X, b.X) > box.MaxX || max(a.Y, b.Y) < box.MinY || min(a.Y, b.Y) > box.MaxY {
		return a, b, false
	}
	if box.Holds(a) && box.Holds(b) {
		return a, b, true
	}
	if (a.X < box.MinX) != (b.X < box.MinX) {
		replaceEnd(&a, &b, a.X < box.MinX, cutX(a, b, box.MinX))
	}
	if (a.X > box.MaxX) != (b.X > box.MaxX) {
		replaceEnd(&a, &b, a.X > box.MaxX, cutX(a, b, box.MaxX))
	}
	if (a.Y < box.MinY) != (b.Y < box.MinY) {
		replaceEnd(&a, &b, a.Y < box.MinY, cutY(a, b, box.MinY))
	}
	if (a.Y > box.MaxY) != (b.Y > box.MaxY) {
		replaceEnd(&a, &b, a.Y > box.MaxY, cutY(a, b, box.MaxY))
	}
	return a, b, box.Holds(a) && box.Holds(b)
}

func replaceEnd(a, b *Point, first bool, p Point) {
	if first {
		*a = p
	} else {
		*b = p
	}
}

// cutX is where the segment crosses the vertical line at x; the same for a→b and b→a.
func cutX(a, b Point, x int64) Point {
	if a.X > b.X {
		a, b = b, a
	}
	return Point{x, a.Y + between(x-a.X, b.X-a.X, b.Y-a.Y)}
}

// cutY is where the segment crosses the horizontal line at y; the same for a→b and b→a.
func cutY(a, b Point, y int64) Point {
	if a.Y > b.Y {
		a, b = b, a
	}
	return Point{a.X + between(y-a.Y, b.Y-a.Y, b.X-a.X), y}
}

// between is rise·part/whole to the nearest integer. In float64 because the product may pass 2⁶³; the error is far below
// half a unit.
func between(part, whole, rise int64) int64 {
	return int64(math.Floor(float64(rise)*(float64(part)/float64(whole)) + 0.5))
}

func appendNew(ring []Point, p Point) []Point {
	if n := len(ring); n > 0 && ring[n-1] == p {
		return ring
	}
	return append(ring, p)
}
