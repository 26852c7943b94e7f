package place

import (
	"math"

	"github.com/paulmach/orb"
)

// footprint is an oriented rectangle on the ground: centre, direction of its front, width along it, depth across it.
type footprint struct {
	centre       orb.Point
	angle        float64
	width, depth float64
}

func (f footprint) point(x, y float64) orb.Point {
	c, s := math.Cos(f.angle), math.Sin(f.angle)
	return orb.Point{f.centre[0] + x*c - y*s, f.centre[1] + x*s + y*c}
}

func (f footprint) corners() [4]orb.Point {
	w, d := f.width/2, f.depth/2
	return [4]orb.Point{f.point(-w, -d), f.point(w, -d), f.point(w, d), f.point(-w, d)}
}

func (f footprint) grown(by float64) footprint {
	f.width, f.depth = f.width+2*by, f.depth+2*by
	return f
}

// overlaps another rectangle (separating axes).
func (f footprint) overlaps(g footprint) bool {
	reach := math.Hypot(f.width, f.depth)/2 + math.Hypot(g.width, g.depth)/2
	if math.Hypot(f.centre[0]-g.centre[0], f.centre[1]-g.centre[1]) > reach {
		return false
	}
	a, b := f.corners(), g.corners()
	for _, angle := range [4]float64{f.angle, f.angle + math.Pi/2, g.angle, g.angle + math.Pi/2} {
		x, y := math.Cos(angle), math.Sin(angle)
		lo1, hi1 := extent(a, x, y)
		lo2, hi2 := extent(b, x, y)
		if hi1 <= lo2 || hi2 <= lo1 {
			return false
		}
	}
	return true
}

func extent(c [4]orb.Point, x, y float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range c {
		v := p[0]*x + p[1]*y
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	return lo, hi
}

// ring of the rectangle; with notch, an L: the back right (or left) quarter is missing.
func (f footprint) ring(notch float64, left bool) orb.Ring {
	w, d := f.width/2, f.depth/2
	c := f.corners()
	if notch == 0 {
		return orb.Ring{c[0], c[1], c[2], c[3], c[0]}
	}
	x, y := w-f.width*notch, d-f.depth*0.45
	if left {
		return orb.Ring{c[0], c[1], c[2], f.point(-x, d), f.point(-x, y), f.point(-w, y), c[0]}
	}
	return orb.Ring{c[0], c[1], f.point(w, y), f.point(x, y), f.point(x, d), c[3], c[0]}
}

// ground remembers what is built, to refuse what would overlap.
type ground struct {
	cell map[[2]int32][]int32
	at   []footprint
}

func bucket(p orb.Point) [2]int32 {
	return [2]int32{int32(math.Floor(p[0] / 40)), int32(math.Floor(p[1] / 40))}
}

func (g *ground) free(f footprint) bool {
	r := math.Hypot(f.width, f.depth)/2 + 45
	lo, hi := bucket(orb.Point{f.centre[0] - r, f.centre[1] - r}), bucket(orb.Point{f.centre[0] + r, f.centre[1] + r})
	for y := lo[1]; y <= hi[1]; y++ {
		for x := lo[0]; x <= hi[0]; x++ {
			for _, k := range g.cell[[2]int32{x, y}] {
				if f.overlaps(g.at[k]) {
					return false
				}
			}
		}
	}
	return true
}

func (g *ground) take(f footprint) {
	b := bucket(f.centre)
	g.cell[b] = append(g.cell[b], int32(len(g.at)))
	g.at = append(g.at, f)
}
