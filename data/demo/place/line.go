package place

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"
)

// smooth averages each inner point with its neighbours n times; the ends stay. A closed line stays closed.
func smooth(line []orb.Point, n int) []orb.Point {
	out := append([]orb.Point(nil), line...)
	last := len(out) - 1
	if last < 2 {
		return out
	}
	closed := out[0] == out[last]
	next := make([]orb.Point, len(out))
	for range n {
		copy(next, out)
		for i := 1; i < last; i++ {
			next[i] = third(out[i-1], out[i], out[i+1])
		}
		if closed {
			next[0] = third(out[last-1], out[0], out[1])
			next[last] = next[0]
		}
		out, next = next, out
	}
	return out
}

func third(a, b, c orb.Point) orb.Point {
	return orb.Point{(a[0] + 2*b[0] + c[0]) / 4, (a[1] + 2*b[1] + c[1]) / 4}
}

// chaikin cuts the corners of an open line once.
func chaikin(line []orb.Point) []orb.Point {
	if len(line) < 3 {
		return line
	}
	out := []orb.Point{line[0]}
	for i := 0; i+1 < len(line); i++ {
		a, b := line[i], line[i+1]
		if i > 0 {
			out = append(out, between(a, b, 0.25))
		}
		if i+2 < len(line) {
			out = append(out, between(a, b, 0.75))
		}
	}
	return append(out, line[len(line)-1])
}

func between(a, b orb.Point, t float64) orb.Point {
	return orb.Point{mix(a[0], b[0], t), mix(a[1], b[1], t)}
}

// thin removes points that change the line by less than tolerance (Douglas-Peucker), keeping the ends.
func thin(line []orb.Point, tolerance float64) []orb.Point {
	if len(line) < 3 {
		return line
	}
	if line[0] == line[len(line)-1] { // a loop: keep it a ring of at least four points
		half := len(line) / 2
		a := simplify.DouglasPeucker(tolerance).LineString(append(orb.LineString(nil), line[:half+1]...))
		b := simplify.DouglasPeucker(tolerance).LineString(append(orb.LineString(nil), line[half:]...))
		if a = append(a, b[1:]...); len(a) >= 4 {
			return a
		}
		return line
	}
	return simplify.DouglasPeucker(tolerance).LineString(append(orb.LineString(nil), line...))
}

// spline passes a smooth curve through points (Catmull-Rom), a point about every step metres.
func spline(through []orb.Point, step float64) []orb.Point {
	var out []orb.Point
	n := len(through)
	for i := 0; i+1 < n; i++ {
		p0, p1, p2, p3 := through[max(i-1, 0)], through[i], through[i+1], through[min(i+2, n-1)]
		parts := max(1, int(planar.Distance(p1, p2)/step))
		for k := range parts {
			t := float64(k) / float64(parts)
			var p orb.Point
			for d := range 2 {
				p[d] = 0.5 * (2*p1[d] + (p2[d]-p0[d])*t + (2*p0[d]-5*p1[d]+4*p2[d]-p3[d])*t*t + (3*p1[d]-p0[d]-3*p2[d]+p3[d])*t*t*t)
			}
			out = append(out, p)
		}
	}
	return append(out, through[n-1])
}

// lengthOf a line in metres.
func lengthOf(line []orb.Point) float64 {
	sum := 0.0
	for i := 0; i+1 < len(line); i++ {
		sum += planar.Distance(line[i], line[i+1])
	}
	return sum
}

// along is the point at d metres from the start, and the direction there in radians.
func along(line []orb.Point, d float64) (orb.Point, float64) {
	for i := 0; i+1 < len(line); i++ {
		l := planar.Distance(line[i], line[i+1])
		if d <= l || i+2 == len(line) {
			t := 0.0
			if l > 0 {
				t = clamp(d/l, 0, 1)
			}
			return between(line[i], line[i+1], t), math.Atan2(line[i+1][1]-line[i][1], line[i+1][0]-line[i][0])
		}
		d -= l
	}
	return line[0], 0
}

// ribbon is the polygon of a line widened to half on each side, half depending on the distance from the start.
func ribbon(line []orb.Point, half func(d float64) float64) orb.Ring {
	n := len(line)
	left, right := make([]orb.Point, n), make([]orb.Point, n)
	d := 0.0
	for i, p := range line {
		a, b := line[max(i-1, 0)], line[min(i+1, n-1)]
		if i > 0 {
			d += planar.Distance(line[i-1], p)
		}
		l := math.Max(planar.Distance(a, b), 1e-9)
		nx, ny, h := -(b[1]-a[1])/l, (b[0]-a[0])/l, half(d)
		left[i] = orb.Point{p[0] + nx*h, p[1] + ny*h}
		right[n-1-i] = orb.Point{p[0] - nx*h, p[1] - ny*h}
	}
	ring := append(orb.Ring{}, right...)
	for i := n - 1; i >= 0; i-- {
		ring = append(ring, left[n-1-i])
	}
	ring = append(ring, ring[0])
	if ring.Orientation() == orb.CW {
		ring.Reverse()
	}
	return ring
}

func offset(p orb.Point, angle, d float64) orb.Point {
	return orb.Point{p[0] + d*math.Cos(angle), p[1] + d*math.Sin(angle)}
}

// segmentDistance from p to the segment ab, and where on it (0..1).
func segmentDistance(p, a, b orb.Point) (float64, float64) {
	dx, dy := b[0]-a[0], b[1]-a[1]
	l2 := dx*dx + dy*dy
	t := 0.0
	if l2 > 0 {
		t = clamp(((p[0]-a[0])*dx+(p[1]-a[1])*dy)/l2, 0, 1)
	}
	return planar.Distance(p, orb.Point{a[0] + t*dx, a[1] + t*dy}), t
}

// crossing of segments ab and cd, as positions (0..1) on each.
func crossing(a, b, c, d orb.Point) (t, u float64, ok bool) {
	rx, ry, sx, sy := b[0]-a[0], b[1]-a[1], d[0]-c[0], d[1]-c[1]
	den := rx*sy - ry*sx
	if math.Abs(den) < 1e-9 {
		return 0, 0, false
	}
	t = ((c[0]-a[0])*sy - (c[1]-a[1])*sx) / den
	u = ((c[0]-a[0])*ry - (c[1]-a[1])*rx) / den
	return t, u, t >= 0 && t <= 1 && u >= 0 && u <= 1
}

// distanceTo is how far p is from the nearest point of the line.
func distanceTo(line []orb.Point, p orb.Point) float64 {
	best := math.MaxFloat64
	for i := 0; i+1 < len(line); i++ {
		d, _ := segmentDistance(p, line[i], line[i+1])
		best = min(best, d)
	}
	return best
}
