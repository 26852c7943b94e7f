package zone

import (
	"container/heap"
	"math"

	"github.com/paulmach/orb"
)

// label is the pole of a polygon in degrees, found with longitudes shortened to the scale of latitudes.
func label(g orb.Geometry) orb.Point {
	k := math.Cos(g.Bound().Center()[1] * math.Pi / 180)
	scaled := orb.Clone(g)
	for _, p := range polygons(scaled) {
		for _, r := range p {
			for i := range r {
				r[i][0] *= k
			}
		}
	}
	at := pole(scaled)
	return orb.Point{at[0] / k, at[1]}
}

// pole is a point of the largest part of a polygon that is nearly as far from its border as any: within a hundredth of its
// size (V. Agafonkin, "A new algorithm for finding a visual center of a polygon", 2016: squares are halved, best first, as
// long as one may still hold a better point).
func pole(g orb.Geometry) orb.Point {
	p := largest(polygons(g))
	b := p.Bound()
	w, h := b.Max[0]-b.Min[0], b.Max[1]-b.Min[1]
	precision := max(w, h) / 100
	best := seed(p, b.Center(), 0)
	if c := seed(p, centroid(p[0]), 0); c.distance > best.distance {
		best = c
	}
	if c := seed(p, interior(p), 0); c.distance > best.distance {
		best = c
	}
	queue := seeds{}
	side := min(w, h)
	if side <= 0 {
		return best.at
	}
	side = max(side, max(w, h)/64) // long thin shapes: not too many squares
	for x := b.Min[0]; x < b.Max[0]; x += side {
		for y := b.Min[1]; y < b.Max[1]; y += side {
			queue = append(queue, seed(p, orb.Point{x + side/2, y + side/2}, side/2))
		}
	}
	heap.Init(&queue)
	for len(queue) > 0 {
		s := heap.Pop(&queue).(square)
		if s.distance > best.distance {
			best = s
		}
		if s.most-best.distance <= precision {
			break
		}
		half := s.half / 2
		for _, d := range [4]orb.Point{{-half, -half}, {half, -half}, {-half, half}, {half, half}} {
			heap.Push(&queue, seed(p, orb.Point{s.at[0] + d[0], s.at[1] + d[1]}, half))
		}
	}
	return best.at
}

// square around a candidate.
type square struct {
	at       orb.Point
	half     float64
	distance float64 // from the border, negative outside
	most     float64 // no point of the square is farther from the border
}

func seed(p orb.Polygon, at orb.Point, half float64) square {
	d := borderDistance(p, at)
	return square{at, half, d, d + half*math.Sqrt2}
}

type seeds []square

func (s seeds) Len() int           { return len(s) }
func (s seeds) Less(i, j int) bool { return s[i].most > s[j].most }
func (s seeds) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *seeds) Push(x any)        { *s = append(*s, x.(square)) }
func (s *seeds) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	*s = (*s)[:last]
	return x
}

func largest(mp orb.MultiPolygon) orb.Polygon {
	best, area := mp[0], -1.0
	for _, p := range mp {
		if a := math.Abs(ringArea(p[0], flat)); a > area {
			best, area = p, a
		}
	}
	return best
}

// borderDistance is the distance of at from the border of p, negative outside.
func borderDistance(p orb.Polygon, at orb.Point) float64 {
	inside := false
	least := math.Inf(1)
	for _, r := range p {
		for i := 1; i < len(r); i++ {
			a, b := r[i-1], r[i]
			if (a[1] > at[1]) != (b[1] > at[1]) && at[0] < (b[0]-a[0])*(at[1]-a[1])/(b[1]-a[1])+a[0] {
				inside = !inside
			}
			least = min(least, squaredDistance(a, b, at))
		}
	}
	if least = math.Sqrt(least); !inside {
		return -least
	}
	return least
}

// squaredDistance of p from the segment ab.
func squaredDistance(a, b, p orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	x, y := p[0]-a[0], p[1]-a[1]
	if l := dx*dx + dy*dy; l > 0 {
		t := max(0, min(1, (x*dx+y*dy)/l))
		x, y = x-t*dx, y-t*dy
	}
	return x*x + y*y
}

// centroid of a ring, its first point when it has no area.
func centroid(r orb.Ring) orb.Point {
	var x, y, area float64
	for i := 1; i < len(r); i++ {
		ax, ay, bx, by := r[i-1][0]-r[0][0], r[i-1][1]-r[0][1], r[i][0]-r[0][0], r[i][1]-r[0][1]
		cross := ax*by - bx*ay
		x, y, area = x+(ax+bx)*cross, y+(ay+by)*cross, area+cross
	}
	if area == 0 {
		return r[0]
	}
	return orb.Point{r[0][0] + x/(3*area), r[0][1] + y/(3*area)}
}

// interior is the middle of the widest stretch of p on the horizontal line halfway between two of its vertices: inside even
// the thinnest polygon.
func interior(p orb.Polygon) orb.Point {
	b := p.Bound()
	middle := (b.Min[1] + b.Max[1]) / 2
	below, above := b.Min[1], b.Max[1] // the vertices next to the middle
	for _, v := range p[0] {
		if v[1] <= middle {
			below = max(below, v[1])
		} else {
			above = min(above, v[1])
		}
	}
	at := orb.Point{p[0][0][0], (below + above) / 2}
	widest := 0.0
	for xs := crossings(p, at[1]); len(xs) >= 2; xs = xs[2:] {
		if w := xs[1] - xs[0]; w > widest {
			widest, at[0] = w, (xs[0]+xs[1])/2
		}
	}
	return at
}
