package geom

import (
	"math"

	"github.com/paulmach/orb"
)

// Orient is positive when c lies to the left of the line from a to b, negative to the right, zero when exactly on it.
// The sign is exact unless products overflow or underflow.
func Orient(a, b, c orb.Point) float64 {
	left := (a[0] - c[0]) * (b[1] - c[1])
	right := (a[1] - c[1]) * (b[0] - c[0])
	det := left - right
	// Error bound of the rounded determinant: J. R. Shewchuk, "Adaptive precision floating-point arithmetic and fast robust
	// geometric predicates", 1997, section 4.3 (constant A).
	const bound = (3 + 16*epsilon) * epsilon
	if limit := bound * (math.Abs(left) + math.Abs(right)); det > limit || -det > limit {
		return det
	}
	if a == b || b == c || a == c {
		return 0
	}
	return orientExact(a, b, c)
}

const epsilon = 1.0 / (1 << 53)

// orientExact sums the six products of the expanded determinant without rounding, as an expansion of components that do not
// overlap (same paper, section 2).
func orientExact(a, b, c orb.Point) float64 {
	var e [12]float64
	n := 0
	for _, p := range [6][2]float64{
		{a[0], b[1]}, {-a[0], c[1]}, {-c[0], b[1]},
		{-a[1], b[0]}, {a[1], c[0]}, {c[1], b[0]},
	} {
		hi := p[0] * p[1]
		n = grow(&e, n, math.FMA(p[0], p[1], -hi))
		n = grow(&e, n, hi)
	}
	for n--; n >= 0; n-- {
		if e[n] != 0 {
			return e[n]
		}
	}
	return 0
}

// grow adds v to the expansion e[:n], smallest component first.
func grow(e *[12]float64, n int, v float64) int {
	for i := range n {
		sum := v + e[i]
		bv := sum - v
		e[i] = (v - (sum - bv)) + (e[i] - bv)
		v = sum
	}
	e[n] = v
	return n + 1
}

// ringArea is the signed area of a closed ring, positive when counter-clockwise, computed about its first point.
func ringArea(r orb.Ring) float64 {
	if len(r) < 4 {
		return 0
	}
	ox, oy := r[0][0], r[0][1]
	sum := 0.0
	px, py := r[1][0]-ox, r[1][1]-oy
	for _, p := range r[2:] {
		x, y := p[0]-ox, p[1]-oy
		sum += px*y - x*py
		px, py = x, y
	}
	return sum / 2
}

// Side says where a point lies relative to a ring.
type Side int8

const (
	Outside Side = -1
	OnEdge  Side = 0
	Inside  Side = 1
)

// PointInRing locates p relative to the closed ring r, exactly, by counting crossings of the ray towards +x.
func PointInRing(p orb.Point, r orb.Ring) Side {
	in := false
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		if (a[1] > p[1]) == (b[1] > p[1]) {
			if a[1] == p[1] && b[1] == p[1] && between(p[0], a[0], b[0]) || p == a || p == b {
				return OnEdge
			}
			continue
		}
		if a[0] < p[0] && b[0] < p[0] {
			continue
		}
		o := Orient(a, b, p)
		if o == 0 {
			return OnEdge
		}
		if (o > 0) == (b[1] > a[1]) {
			in = !in
		}
	}
	if in {
		return Inside
	}
	return Outside
}

func between(v, a, b float64) bool { return a <= v && v <= b || b <= v && v <= a }
