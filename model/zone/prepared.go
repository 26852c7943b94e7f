package zone

import (
	"math"

	"github.com/paulmach/orb"

	"jumeau/model/geom"
)

// prepared is a polygon made ready for many questions: its segments, listed by horizontal slabs.
type prepared struct {
	bound    orb.Bound
	segments []segment
	start    []int32 // slab k holds the segments listed in item[start[k]:start[k+1]]
	item     []int32
	slabs    int
	perSlab  float64 // slabs per unit of height
}

func prepare(g orb.Geometry) *prepared {
	p := &prepared{bound: g.Bound(), segments: appendSegments(nil, g)}
	p.shape()
	p.start = make([]int32, p.slabs+2)
	for _, s := range p.segments {
		for k := p.slab(s.ay); k <= p.slab(s.by); k++ {
			p.start[k+2]++
		}
	}
	for k := 2; k < len(p.start); k++ {
		p.start[k] += p.start[k-1]
	}
	p.item = make([]int32, p.start[p.slabs+1])
	for i, s := range p.segments {
		for k := p.slab(s.ay); k <= p.slab(s.by); k++ {
			p.item[p.start[k+1]] = int32(i)
			p.start[k+1]++
		}
	}
	p.start = p.start[:p.slabs+1]
	return p
}

// shape chooses half as many slabs as segments, or fewer where these are so high that each would be listed many times.
func (p *prepared) shape() {
	height, all := p.bound.Max[1]-p.bound.Min[1], 0.0
	for _, s := range p.segments {
		all += s.by - s.ay
	}
	p.slabs = 1
	if n := float64(len(p.segments)); all > 0 { // else it is flat, and invalid
		p.slabs = int(max(1, min(1<<16, n/2, 8*n*height/all)))
		p.perSlab = float64(p.slabs) / height
	}
}

// slab never decreases with y, so that a segment is listed in the slab of each of its heights whatever the rounding.
func (p *prepared) slab(y float64) int {
	return max(0, min(p.slabs-1, int((y-p.bound.Min[1])*p.perSlab)))
}

// covers says whether the point lies in the polygon or on its border; exactly, by the parity of the borders to its east.
func (p *prepared) covers(at orb.Point) bool {
	x, y := at[0], at[1]
	if !(x >= p.bound.Min[0] && x <= p.bound.Max[0] && y >= p.bound.Min[1] && y <= p.bound.Max[1]) {
		return false
	}
	in := false
	k := p.slab(y)
	for _, i := range p.item[p.start[k]:p.start[k+1]] {
		s := &p.segments[i]
		if y < s.ay || y > s.by || x > s.ax && x > s.bx {
			continue
		}
		if s.ay == s.by {
			if x >= s.ax || x >= s.bx {
				return true
			}
			continue
		}
		if x < s.ax && x < s.bx {
			in = in != (y < s.by)
			continue
		}
		o := geom.Orient(orb.Point{s.ax, s.ay}, orb.Point{s.bx, s.by}, at)
		if o == 0 {
			return true
		}
		if o > 0 && y < s.by { // to the left of the segment, which points up: west of it
			in = !in
		}
	}
	return in
}

// cuts adds the positions along ab, between 0 and 1, at which it meets the border.
func (p *prepared) cuts(dst []float64, a, b orb.Point) []float64 {
	low, high := min(a[1], b[1]), max(a[1], b[1])
	if high < p.bound.Min[1] || low > p.bound.Max[1] {
		return dst
	}
	ux, uy := b[0]-a[0], b[1]-a[1]
	length2 := ux*ux + uy*uy
	left, right := min(a[0], b[0]), max(a[0], b[0])
	for _, i := range p.item[p.start[p.slab(low)]:p.start[p.slab(high)+1]] {
		s := &p.segments[i]
		if s.ay > high || s.by < low || s.ax < left && s.bx < left || s.ax > right && s.bx > right {
			continue
		}
		vx, vy := s.bx-s.ax, s.by-s.ay
		wx, wy := s.ax-a[0], s.ay-a[1]
		if d := ux*vy - uy*vx; d != 0 {
			if t := (wx*vy - wy*vx) / d; t > 0 && t < 1 {
				dst = append(dst, t)
			}
		}
		// Ends of the segment that lie along ab: where it runs over the border.
		for _, t := range [2]float64{(wx*ux + wy*uy) / length2, ((s.bx-a[0])*ux + (s.by-a[1])*uy) / length2} {
			if t > 0 && t < 1 && nearLine(a, ux, uy, t, s) {
				dst = append(dst, t)
			}
		}
	}
	return dst
}

// nearLine says whether the place t along a + t·u is an end of the segment, to a millionth of u.
func nearLine(a orb.Point, ux, uy, t float64, s *segment) bool {
	x, y := a[0]+t*ux, a[1]+t*uy
	near := 1e-6 * (math.Abs(ux) + math.Abs(uy))
	return math.Abs(x-s.ax)+math.Abs(y-s.ay) <= near || math.Abs(x-s.bx)+math.Abs(y-s.by) <= near
}
