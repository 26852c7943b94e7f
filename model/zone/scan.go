package zone

import (
	"slices"

	"github.com/paulmach/orb"
)

// segment of a border, with a below or level with b.
type segment struct{ ax, ay, bx, by float64 }

func newSegment(a, b orb.Point) segment {
	if a[1] > b[1] {
		a, b = b, a
	}
	return segment{a[0], a[1], b[0], b[1]}
}

// at is the x of the segment at height y, for ay <= y <= by and ay < by.
func (s segment) at(y float64) float64 {
	switch y {
	case s.ay:
		return s.ax
	case s.by:
		return s.bx
	}
	return s.ax + (s.bx-s.ax)*((y-s.ay)/(s.by-s.ay))
}

// appendSegments adds the segments of all rings of a polygon.
func appendSegments(dst []segment, g orb.Geometry) []segment {
	for _, p := range polygons(g) {
		for _, r := range p {
			for i := 1; i < len(r); i++ {
				if r[i] != r[i-1] {
					dst = append(dst, newSegment(r[i-1], r[i]))
				}
			}
		}
	}
	return dst
}

// crossings is the sorted x at which the borders of p cross the height y.
func crossings(p orb.Polygon, y float64) []float64 {
	var xs []float64
	for _, s := range appendSegments(nil, p) {
		if s.ay <= y && y < s.by {
			xs = append(xs, s.at(y))
		}
	}
	slices.Sort(xs)
	return xs
}

// scanner computes areas common to two polygons. It keeps its buffers: not safe for concurrent use.
type scanner struct {
	density density
	waiting [2][]segment // of each polygon, not yet begun, by lower end
	open    [2][]segment // begun and not ended
	ys      []float64
	cuts    []float64
	xs      [2][]float64
}

// common is the area in which two polygons, given by their segments, overlap inside the box; it is exact but for rounding,
// also where borders coincide. It cuts the plane into strips at every vertex and crossing: within a strip all borders are
// straight and apart, so that the common width is linear in the height and two heights give its integral.
func (s *scanner) common(a, b []segment, within orb.Bound) float64 {
	if within.Min[0] >= within.Max[0] || within.Min[1] >= within.Max[1] {
		return 0
	}
	s.ys = append(s.ys[:0], within.Min[1], within.Max[1])
	s.load(0, a, within)
	s.load(1, b, within)
	if len(s.waiting[0]) == 0 || len(s.waiting[1]) == 0 {
		return 0
	}
	slices.Sort(s.ys)
	s.ys = slices.Compact(s.ys)
	sum := 0.0
	next := s.waiting
	for i := 1; i < len(s.ys); i++ {
		for k := range next {
			next[k] = s.advance(k, next[k], s.ys[i-1])
		}
		sum += s.strip(s.ys[i-1], s.ys[i], within)
	}
	return sum
}

// load takes the segments that matter for the box, sorted by their lower end, and their ends as heights to cut at.
func (s *scanner) load(k int, segments []segment, within orb.Bound) {
	s.waiting[k], s.open[k] = s.waiting[k][:0], s.open[k][:0]
	for _, e := range segments {
		if e.by <= within.Min[1] || e.ay >= within.Max[1] || e.ay == e.by || min(e.ax, e.bx) >= within.Max[0] {
			continue
		}
		s.waiting[k] = append(s.waiting[k], e)
		for _, y := range [2]float64{e.ay, e.by} {
			if y > within.Min[1] && y < within.Max[1] {
				s.ys = append(s.ys, y)
			}
		}
	}
	slices.SortFunc(s.waiting[k], func(p, q segment) int {
		switch {
		case p.ay < q.ay:
			return -1
		case p.ay > q.ay:
			return 1
		}
		return 0
	})
}

// advance closes the segments that end at the height y or below, opens those that begin there, and returns the rest.
func (s *scanner) advance(k int, waiting []segment, y float64) []segment {
	open := s.open[k][:0]
	for _, e := range s.open[k] {
		if e.by > y {
			open = append(open, e)
		}
	}
	for len(waiting) > 0 && waiting[0].ay <= y {
		if waiting[0].by > y {
			open = append(open, waiting[0])
		}
		waiting = waiting[1:]
	}
	s.open[k] = open
	return waiting
}

// strip is the common area between two heights with no vertex between them.
func (s *scanner) strip(y0, y1 float64, within orb.Bound) float64 {
	if len(s.open[0]) == 0 || len(s.open[1]) == 0 {
		return 0
	}
	s.cuts = append(s.cuts[:0], y0)
	for _, e := range s.open[0] {
		e0, e1 := e.at(y0), e.at(y1)
		for _, f := range s.open[1] {
			s.cut(y0, y1, e0-f.at(y0), e1-f.at(y1))
		}
	}
	for _, open := range s.open {
		for _, e := range open {
			e0, e1 := e.at(y0), e.at(y1)
			s.cut(y0, y1, e0-within.Min[0], e1-within.Min[0])
			s.cut(y0, y1, e0-within.Max[0], e1-within.Max[0])
		}
	}
	s.cuts = append(s.cuts, y1)
	slices.Sort(s.cuts)
	sum := 0.0
	for i := 1; i < len(s.cuts); i++ {
		if h := s.cuts[i] - s.cuts[i-1]; h > 0 {
			low, high := s.cuts[i-1]+h*(0.5-gauss), s.cuts[i-1]+h*(0.5+gauss)
			sum += h / 2 * (s.width(low, within)*s.density(low) + s.width(high, within)*s.density(high))
		}
	}
	return sum
}

// cut adds the height between y0 and y1 where a difference that is linear between d0 and d1 changes its sign.
func (s *scanner) cut(y0, y1, d0, d1 float64) {
	if d0 < 0 && d1 > 0 || d0 > 0 && d1 < 0 {
		s.cuts = append(s.cuts, y0+(y1-y0)*(d0/(d0-d1)))
	}
}

// width is the length of the height y, inside the box, that both polygons cover.
func (s *scanner) width(y float64, within orb.Bound) float64 {
	for k, segments := range s.open {
		xs := s.xs[k][:0]
		for _, e := range segments {
			xs = append(xs, max(within.Min[0], min(within.Max[0], e.at(y))))
		}
		slices.Sort(xs)
		if len(xs)%2 == 1 { // a border beyond the eastern side was left out
			xs = append(xs, within.Max[0])
		}
		s.xs[k] = xs
	}
	sum := 0.0
	a, b := s.xs[0], s.xs[1]
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if w := min(a[i+1], b[j+1]) - max(a[i], b[j]); w > 0 {
			sum += w
		}
		if a[i+1] < b[j+1] {
			i += 2
		} else {
			j += 2
		}
	}
	return sum
}
