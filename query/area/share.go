package area

import (
	"math"
	"sort"

	"jumeau/model/layer"
)

// Share is the part of a feature that lies in the polygons of the shape, from 0 to 1: of a zone its area (on the ellipsoid), of a line
// its length, of points their number.
//
// The area in common of two polygons is the sum over the pairs of their edges of the area below both, with the signs of their directions: the
// indicator of a polygon is the signed sum of those of the trapezes below its edges, and a product of sums is a sum of
// products. Nothing is cut, so that borders in common, corners that touch and vertices on edges need no care.
func (s *Shape) Share(b *layer.Batch, row int) float64 {
	if s.plane == nil || int64(b.MinX[row]) > s.box.MaxX || int64(b.MaxX[row]) < s.box.MinX ||
		int64(b.MinY[row]) > s.box.MaxY || int64(b.MaxY[row]) < s.box.MinY {
		return 0
	}
	if b.Vertex[b.Part[row]] == b.Vertex[b.Part[row+1]] {
		return 0
	}
	if !s.near(b, row) {
		if s.covers(at(b, b.Vertex[b.Part[row]])) {
			return 1
		}
		return 0
	}
	whole, inside := 0.0, 0.0
	switch kind := kindOf(b); kind {
	case layer.Polygons:
		zone := trapezes(b, row)
		whole, inside = math.Abs(sum(zone)), s.common(zone)
	default:
		for p := b.Part[row]; p < b.Part[row+1]; p++ {
			from, to := b.Vertex[p], b.Vertex[p+1]
			for v := from; v < to; v++ {
				all, in := 1.0, 0.0
				switch {
				case kind == layer.Points && s.covers(at(b, v)):
					in = 1
				case kind == layer.Lines && v == from:
					all = 0
				case kind == layer.Lines:
					all, in = s.along(at(b, v-1), at(b, v))
				}
				whole, inside = whole+all, inside+in
			}
		}
	}
	if whole == 0 {
		return 0
	}
	return max(0, min(1, inside/whole))
}

// near says whether the box of an edge meets that of a feature; else the feature is all inside or all outside.
func (s *Shape) near(b *layer.Batch, row int) bool {
	minX, minY, maxX, maxY := int64(b.MinX[row]), int64(b.MinY[row]), int64(b.MaxX[row]), int64(b.MaxY[row])
	for k := s.strips.of(minY); k <= s.strips.of(maxY); k++ {
		for _, i := range s.strips.edges[k] {
			e := &s.edges[i]
			if min(e.a.x, e.b.x) <= maxX && max(e.a.x, e.b.x) >= minX && min(e.a.y, e.b.y) <= maxY && max(e.a.y, e.b.y) >= minY {
				return true
			}
		}
	}
	return false
}

// trapeze is the signed area below an edge: from west to east, so that x1 ≤ x2, with the sign of the edge's direction. x is in radians,
// y such that dx·dy are square metres on the ellipsoid.
type trapeze struct{ x1, y1, x2, y2, sign float64 }

// The ellipsoid of WGS 84.
const (
	semiMajor    = 6378137.0
	eccentricity = 0.0818191908426215
)

// plane is the position in a cylindrical equal-area projection (Snyder, Map Projections: A Working Manual, 1987, 3-12 and 10-14
// to 10-16).
func plane(p point) (x, y float64) { return planeAt(float64(p.x), float64(p.y)) }

func planeAt(gx, gy float64) (x, y float64) {
	const world = 1 << 32
	x = gx / world * 2 * math.Pi
	sin := math.Tanh(-gy / world * 2 * math.Pi)
	e := eccentricity
	q := (1 - e*e) * (sin/(1-e*e*sin*sin) - math.Log((1-e*sin)/(1+e*sin))/(2*e))
	return x, semiMajor * semiMajor * q / 2
}

func appendEdge(list []trapeze, ax, ay, bx, by float64) []trapeze {
	switch {
	case ax < bx:
		return append(list, trapeze{ax, ay, bx, by, 1})
	case ax > bx:
		return append(list, trapeze{bx, by, ax, ay, -1})
	}
	return list
}

func appendRing(list []trapeze, ring []point) []trapeze {
	ax, ay := plane(ring[len(ring)-1])
	for _, p := range ring {
		bx, by := plane(p)
		list = appendEdge(list, ax, ay, bx, by)
		ax, ay = bx, by
	}
	return list
}

// exactArea is the area of the polygons with the edges that they have on the grid, which bend in the equal-area projection.
func (s *Shape) exactArea() (area float64) {
	const bend, most = 1 << 15, 64 // a chain of pieces of 200 m is a millimetre from the edge
	var list []trapeze
	for i, part := range s.parts {
		if !s.ring[i] {
			continue
		}
		last := part[len(part)-1]
		for _, p := range part {
			n := min(most, magnitude(p.y-last.y)/bend+1)
			ax, ay := plane(last)
			for k := uint64(1); k <= n; k++ {
				t := float64(k) / float64(n)
				bx, by := planeAt(float64(last.x)+float64(p.x-last.x)*t, float64(last.y)+float64(p.y-last.y)*t)
				list = appendEdge(list, ax, ay, bx, by)
				ax, ay = bx, by
			}
			last = p
		}
	}
	return sum(list)
}

func trapezes(b *layer.Batch, row int) (list []trapeze) {
	var ring []point
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		ring = ring[:0]
		for v := b.Vertex[p]; v < b.Vertex[p+1]; v++ {
			ring = append(ring, at(b, v))
		}
		if len(ring) > 2 {
			list = appendRing(list, ring)
		}
	}
	return list
}

// sum is the signed area of closed rings. Heights are taken from the first one, so that little cancels.
func sum(list []trapeze) (area float64) {
	for _, t := range list {
		area += t.sign * (t.x2 - t.x1) * ((t.y1 - list[0].y1) + (t.y2 - list[0].y1)) / 2
	}
	return area
}

// common is the area that the polygons of the shape and a zone have in common.
func (s *Shape) common(zone []trapeze) float64 {
	if len(zone) == 0 {
		return 0
	}
	west, east, base := math.Inf(1), math.Inf(-1), math.Inf(1)
	for _, t := range zone {
		west, east, base = min(west, t.x1), max(east, t.x2), min(base, t.y1, t.y2)
	}
	// What of the shape is below the zone is below all of it: there it counts as if it were at the zone's foot.
	near := make([]trapeze, 0, 64)
	for _, t := range s.plane {
		if t.x1 < east && t.x2 > west {
			near = append(near, t)
		}
	}
	sort.Slice(near, func(i, j int) bool { return near[i].x1 < near[j].x1 })
	area := 0.0
	for _, z := range zone {
		for _, t := range near {
			if t.x1 >= z.x2 {
				break
			}
			if t.x2 > z.x1 {
				area += z.sign * t.sign * below(z, t, base)
			}
		}
	}
	return math.Abs(area)
}

// below is the area under both edges and above a height.
func below(a, b trapeze, base float64) float64 {
	x1, x2 := max(a.x1, b.x1), min(a.x2, b.x2)
	a1, a2 := a.height(x1)-base, a.height(x2)-base
	b1, b2 := b.height(x1)-base, b.height(x2)-base
	l, r := max(0, min(a1, b1)), max(0, min(a2, b2))
	if (a1-b1)*(a2-b2) >= 0 && (b1 >= 0) == (b2 >= 0) {
		return (x2 - x1) * (l + r) / 2
	}
	return pieces(x2-x1, a1, a2, b1, b2)
}

// height of the edge at x.
func (t *trapeze) height(x float64) float64 {
	switch x {
	case t.x1:
		return t.y1
	case t.x2:
		return t.y2
	}
	return t.y1 + (t.y2-t.y1)*((x-t.x1)/(t.x2-t.x1))
}

// pieces is the integral of max(0, min(a, b)) over a width where the lines cross one another, or the base.
func pieces(width, a1, a2, b1, b2 float64) float64 {
	cuts := [5]float64{0, 1}
	n := 2
	for _, line := range [3][2]float64{{a1 - b1, a2 - b2}, {a1, a2}, {b1, b2}} {
		if line[0]*line[1] < 0 {
			cuts[n] = line[0] / (line[0] - line[1])
			n++
		}
	}
	sort.Float64s(cuts[:n])
	at := func(t float64) float64 { return max(0, min(a1+(a2-a1)*t, b1+(b2-b1)*t)) }
	area := 0.0
	for i := 1; i < n; i++ {
		area += (cuts[i] - cuts[i-1]) * (at(cuts[i-1]) + at(cuts[i])) / 2
	}
	return area * width
}

// along is the length of a segment, in units of the grid, and of what of it lies in the polygons.
func (s *Shape) along(a, b point) (all, inside float64) {
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	all = math.Hypot(dx, dy)
	if all == 0 || !s.touches(a, b) {
		if s.covers(a) {
			return all, all
		}
		return all, 0
	}
	cuts, along := []float64{0, 1}, [][2]float64{}
	for k := s.strips.of(min(a.y, b.y)); k <= s.strips.of(max(a.y, b.y)); k++ {
		for _, i := range s.strips.edges[k] {
			e := s.edges[i]
			if !meet(a, b, e.a, e.b) {
				continue
			}
			from, to := cutsOf(a, b, e)
			cuts = append(cuts, from, to)
			if from < to {
				along = append(along, [2]float64{from, to})
			}
		}
	}
	sort.Float64s(cuts)
	for i := 1; i < len(cuts); i++ {
		t := (cuts[i] + cuts[i-1]) / 2
		if cuts[i] > cuts[i-1] && (within(along, t) || s.holds(float64(a.x)+dx*t, float64(a.y)+dy*t)) {
			inside += (cuts[i] - cuts[i-1]) * all
		}
	}
	return all, inside
}

func within(spans [][2]float64, t float64) bool {
	for _, s := range spans {
		if s[0] < t && t < s[1] {
			return true
		}
	}
	return false
}

// holds says whether a position between those of the grid, which is on no edge, is in the polygons.
func (s *Shape) holds(x, y float64) bool {
	in := false
	for _, i := range s.strips.edges[s.strips.of(int64(math.Floor(y)))] {
		e := &s.edges[i]
		ax, ay, bx, by := float64(e.a.x), float64(e.a.y), float64(e.b.x), float64(e.b.y)
		if (ay > y) != (by > y) && x < ax+(bx-ax)*((y-ay)/(by-ay)) {
			in = !in
		}
	}
	return in
}

// cutsOf is where along the segment from a to b, from 0 to 1, it meets an edge: twice the same, or the ends of what they share.
func cutsOf(a, b point, e edge) (from, to float64) {
	dx, dy := float64(b.x-a.x), float64(b.y-a.y)
	ex, ey := float64(e.b.x-e.a.x), float64(e.b.y-e.a.y)
	ax, ay := float64(e.a.x-a.x), float64(e.a.y-a.y)
	if orient(a, b, e.a) == 0 && orient(a, b, e.b) == 0 {
		n := dx*dx + dy*dy
		from, to = clamp((ax*dx+ay*dy)/n), clamp(((ax+ex)*dx+(ay+ey)*dy)/n)
		return min(from, to), max(from, to)
	}
	from = clamp((ax*ey - ay*ex) / (dx*ey - dy*ex))
	return from, from
}

func clamp(t float64) float64 { return max(0, min(1, t)) }

// Of is the area of a feature's polygons in square metres on the ellipsoid; 0 of points and lines.
func Of(b *layer.Batch, row int) float64 {
	if b.Area == nil {
		return 0
	}
	return math.Abs(sum(trapezes(b, row)))
}
