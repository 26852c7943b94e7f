package area

import (
	"math"
	"math/bits"
)

// point is a position on the grid of package layer.
type point struct{ x, y int64 }

// orient is the side of the line from a to b on which c lies: 1, -1, or 0 on it. Differences are up to 2³³, and products of them pass 64
// bits: floating point decides where it can (its error is below 2⁻⁵¹ of the products), 128 bits where it cannot.
func orient(a, b, c point) int {
	ux, uy, vx, vy := b.x-a.x, b.y-a.y, c.x-a.x, c.y-a.y
	p, q := float64(ux)*float64(vy), float64(uy)*float64(vx)
	if d := p - q; math.Abs(d) > (math.Abs(p)+math.Abs(q))*0x1p-50 {
		if d > 0 {
			return 1
		}
		return -1
	}
	return compareProducts(ux, vy, uy, vx)
}

// compareProducts is the sign of a·b − c·d.
func compareProducts(a, b, c, d int64) int {
	ph, pl, ps := product(a, b)
	qh, ql, qs := product(c, d)
	switch {
	case ps != qs:
		return sign(ps - qs)
	case ph != qh:
		if (ph > qh) == (ps > 0) {
			return 1
		}
		return -1
	case pl != ql:
		if (pl > ql) == (ps > 0) {
			return 1
		}
		return -1
	}
	return 0
}

// product is |a·b| in 128 bits, and its sign.
func product(a, b int64) (high, low uint64, s int) {
	s = sign64(a) * sign64(b)
	high, low = bits.Mul64(magnitude(a), magnitude(b))
	return high, low, s
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return uint64(-a)
	}
	return uint64(a)
}

func sign64(a int64) int {
	switch {
	case a > 0:
		return 1
	case a < 0:
		return -1
	}
	return 0
}

func sign(a int) int { return sign64(int64(a)) }

// between says whether p, which is on the line through a and b, is on the segment.
func between(a, b, p point) bool {
	return min(a.x, b.x) <= p.x && p.x <= max(a.x, b.x) && min(a.y, b.y) <= p.y && p.y <= max(a.y, b.y)
}

// meet says whether two closed segments have a point in common. Either may be a single point.
func meet(a, b, c, d point) bool {
	if max(a.x, b.x) < min(c.x, d.x) || max(c.x, d.x) < min(a.x, b.x) || max(a.y, b.y) < min(c.y, d.y) || max(c.y, d.y) < min(a.y, b.y) {
		return false
	}
	c1, d1, a1, b1 := orient(a, b, c), orient(a, b, d), orient(c, d, a), orient(c, d, b)
	if c1*d1 < 0 && a1*b1 < 0 {
		return true
	}
	return c1 == 0 && between(a, b, c) || d1 == 0 && between(a, b, d) || a1 == 0 && between(c, d, a) || b1 == 0 && between(c, d, b)
}

// crossing is one edge of a ring seen from p: whether p is on it, and whether a ray from p to the east crosses it.
func crossing(a, b, p point) (on, crosses bool) {
	if max(a.y, b.y) < p.y || min(a.y, b.y) > p.y || max(a.x, b.x) < p.x {
		return false, false
	}
	side := orient(a, b, p)
	if side == 0 && between(a, b, p) {
		return true, false
	}
	return false, (a.y > p.y) != (b.y > p.y) && (side > 0) == (b.y > a.y)
}
