package format

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// Why the ways of an area make no polygon; codes of Bad records.
const (
	BadAreaIncomplete = "area_incomplete" // a way or a node of it is not in the file
	BadAreaOpen       = "area_open_ring"  // a ring does not close
	BadAreaCrossing   = "area_crossing"   // two of its segments cross, or touch where neither has a node
	BadAreaDuplicate  = "area_duplicate"  // a segment occurs twice
)

// areaMaker makes polygons of the ways of a multipolygon (https://wiki.openstreetmap.org/wiki/Relation:multipolygon). Roles
// are often wrong and are not believed: what is inside follows from the lines alone, by the even-odd rule.
type areaMaker struct {
	shaper
	vertices map[osmPoint]int32
	points   []osmPoint
	segments []areaSegment
	around   [][]int32 // of each vertex: its segments
	used     []bool
	forked   bool // more than two segments meet somewhere
	path     []int32
	seen     map[int32]int
	loops    [][]int32
}

// areaSegment joins two vertices; a < b.
type areaSegment struct {
	a, b  int32
	inner bool
}

func (m *areaMaker) start() {
	m.vertices, m.points, m.segments, m.loops = map[osmPoint]int32{}, m.points[:0], m.segments[:0], nil
}

func (m *areaMaker) vertex(p osmPoint) int32 {
	v, ok := m.vertices[p]
	if !ok {
		v = int32(len(m.points))
		m.vertices[p] = v
		m.points = append(m.points, p)
	}
	return v
}

// add takes the segments of one way.
func (m *areaMaker) add(way []osmPoint, inner bool) {
	for i := 1; i < len(way); i++ {
		a, b := m.vertex(way[i-1]), m.vertex(way[i])
		if a != b {
			m.segments = append(m.segments, areaSegment{min(a, b), max(a, b), inner})
		}
	}
}

// area is the geometry of the segments added since start, or the code and the reason why there is none.
func (m *areaMaker) area() (g orb.Geometry, bad Bad) {
	if !m.pairless() {
		return nil, Bad{Code: BadAreaDuplicate, Reason: "a segment occurs twice"}
	}
	if len(m.segments) == 0 {
		return nil, Bad{Code: BadAreaOpen, Reason: "its ways enclose nothing"}
	}
	if p, crosses := m.crossing(); crosses {
		return nil, Bad{Code: BadAreaCrossing, Reason: "its lines cross or touch without a node near " + p.String()}
	}
	m.star()
	for v, s := range m.around {
		if len(s)%2 == 1 {
			return nil, Bad{Code: BadAreaOpen, Reason: "a ring ends at " + m.points[v].String()}
		}
	}
	m.walk()
	m.reset()
	for _, loop := range m.loops {
		for _, v := range loop {
			m.shaper.points = append(m.shaper.points, m.points[v].degrees())
		}
		m.shaper.points = append(m.shaper.points, m.points[loop[0]].degrees())
		m.close(2)
	}
	return m.byNesting(), Bad{}
}

func (p osmPoint) degrees() orb.Point { return orb.Point{float64(p.lon) / 1e7, float64(p.lat) / 1e7} }

func (p osmPoint) String() string {
	d := p.degrees()
	return trimFloat(d[0]) + " " + trimFloat(d[1])
}

// pairless removes segments that occur twice: there two rings of the same role touch, or one goes back on itself. An inner
// ring along an outer one, and a spike, are mistakes.
func (m *areaMaker) pairless() bool {
	slices.SortFunc(m.segments, func(x, y areaSegment) int {
		return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	ends := make([]int32, len(m.points)) // segments at each vertex: two that are one pair are a spike
	for _, s := range m.segments {
		ends[s.a]++
		ends[s.b]++
	}
	kept := m.segments[:0]
	for i := 0; i < len(m.segments); {
		n := 1
		for i+n < len(m.segments) && m.segments[i+n].a == m.segments[i].a && m.segments[i+n].b == m.segments[i].b {
			n++
		}
		switch {
		case n == 1:
			kept = append(kept, m.segments[i])
		case n != 2 || m.segments[i].inner != m.segments[i+1].inner, ends[m.segments[i].a] == 2, ends[m.segments[i].b] == 2:
			return false
		}
		i += n
	}
	m.segments = kept
	return true
}

// crossing finds two segments that meet elsewhere than at a vertex of both; segments are compared from west to east.
func (m *areaMaker) crossing() (osmPoint, bool) {
	type extent struct {
		s            int32
		west, east   int32
		south, north int32
	}
	all := make([]extent, len(m.segments))
	for i, s := range m.segments {
		a, b := m.points[s.a], m.points[s.b]
		all[i] = extent{int32(i), min(a.lon, b.lon), max(a.lon, b.lon), min(a.lat, b.lat), max(a.lat, b.lat)}
	}
	slices.SortFunc(all, func(x, y extent) int { return cmp.Compare(x.west, y.west) })
	for i, x := range all {
		for _, y := range all[i+1:] {
			if y.west > x.east {
				break
			}
			if y.south > x.north || y.north < x.south {
				continue
			}
			if m.meet(m.segments[x.s], m.segments[y.s]) {
				return m.points[m.segments[x.s].a], true
			}
		}
	}
	return osmPoint{}, false
}

// side is the sign of the turn from a to b to c.
func side(a, b, c osmPoint) int {
	ux, uy := float64(b.lon)-float64(a.lon), float64(b.lat)-float64(a.lat)
	vx, vy := float64(c.lon)-float64(a.lon), float64(c.lat)-float64(a.lat)
	l, r := ux*vy, uy*vx // each exact up to 2^53: below 9 degrees
	switch {
	case l > r:
		return 1
	case l < r:
		return -1
	}
	return 0
}

func (m *areaMaker) meet(s, t areaSegment) bool {
	a, b, c, d := m.points[s.a], m.points[s.b], m.points[t.a], m.points[t.b]
	if s.a == t.a || s.a == t.b || s.b == t.a || s.b == t.b {
		// From the shared vertex on they overlap when they point the same way.
		shared, p, q := a, b, d
		switch {
		case s.a == t.b:
			q = c
		case s.b == t.a:
			shared, p = b, a
		case s.b == t.b:
			shared, p, q = b, a, c
		}
		if side(shared, p, q) != 0 {
			return false
		}
		px, py := float64(p.lon)-float64(shared.lon), float64(p.lat)-float64(shared.lat)
		qx, qy := float64(q.lon)-float64(shared.lon), float64(q.lat)-float64(shared.lat)
		return px*qx+py*qy > 0
	}
	s1, s2, s3, s4 := side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
	if s1 == 0 && s2 == 0 { // on one line, and their boxes meet
		return true
	}
	return s1*s2 <= 0 && s3*s4 <= 0
}

// star lists the segments around each vertex, counter-clockwise from the east where there are more than two.
func (m *areaMaker) star() {
	m.around = make([][]int32, len(m.points))
	for i, s := range m.segments {
		m.around[s.a] = append(m.around[s.a], int32(i))
		m.around[s.b] = append(m.around[s.b], int32(i))
	}
	m.forked = false
	for v, s := range m.around {
		if len(s) > 2 {
			m.forked = true
			at := m.points[v]
			slices.SortFunc(s, func(x, y int32) int {
				p, q := m.points[m.other(x, int32(v))], m.points[m.other(y, int32(v))]
				if hx, hy := half(at, p), half(at, q); hx != hy {
					return cmp.Compare(hx, hy)
				}
				return -side(at, p, q)
			})
		}
	}
}

// half is 0 for directions from the east to the west through the north, else 1.
func half(o, p osmPoint) int {
	if p.lat > o.lat || p.lat == o.lat && p.lon > o.lon {
		return 0
	}
	return 1
}

func (m *areaMaker) other(segment, v int32) int32 {
	if s := m.segments[segment]; s.a != v {
		return s.a
	}
	return m.segments[segment].b
}

// walk follows the border of each piece of the inside, keeping it on the left, and cuts the path where it meets itself: what
// is left are simple rings. Each connected part begins at its westernmost vertex, where the west is outside.
func (m *areaMaker) walk() {
	m.used = make([]bool, len(m.segments))
	order := make([]int32, len(m.points))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		p, q := m.points[x], m.points[y]
		return cmp.Or(cmp.Compare(p.lon, q.lon), cmp.Compare(p.lat, q.lat))
	})
	outward := m.directions(order)
	for i := range m.segments {
		if !m.used[i] {
			m.follow(int32(i), outward)
		}
	}
}

// directions decides for each segment from which end the inside is on its left: its start. The segments around a vertex
// alternate, so that one of them decides for all that are connected to it.
func (m *areaMaker) directions(order []int32) []int32 {
	from := make([]int32, len(m.segments))
	for i := range from {
		from[i] = -1
	}
	var stack []int32
	for _, v := range order {
		if len(m.around[v]) == 0 || from[m.around[v][0]] >= 0 {
			continue
		}
		// Of the segments at a westernmost vertex, the lowest has the outside below it: it starts here.
		low := m.around[v][0]
		for _, s := range m.around[v] {
			if side(m.points[v], m.points[m.other(s, v)], m.points[m.other(low, v)]) > 0 {
				low = s
			}
		}
		if from[low] = v; m.forked && m.within(v) {
			from[low] = m.other(low, v)
		}
		stack = append(stack[:0], v, m.other(low, v))
		for len(stack) > 0 {
			u := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			stack = m.spread(u, from, stack)
		}
	}
	return from
}

// within says whether the area just west of v is inside: the number of segments between it and the far west is odd. None
// of them is of v's own part, of which it is the westernmost vertex.
func (m *areaMaker) within(v int32) bool {
	at, odd := m.points[v], false
	for _, s := range m.segments {
		a, b := m.points[s.a], m.points[s.b]
		if (a.lat > at.lat) == (b.lat > at.lat) {
			continue
		}
		if a.lat > b.lat {
			a, b = b, a
		}
		if side(a, b, at) < 0 {
			odd = !odd
		}
	}
	return odd
}

// spread settles the segments around u from one that is settled.
func (m *areaMaker) spread(u int32, from, stack []int32) []int32 {
	ring := m.around[u]
	for k, s := range ring {
		if from[s] < 0 {
			continue
		}
		for i := 1; i < len(ring); i++ {
			t := ring[(k+i)%len(ring)]
			leaves := (from[s] == u) == (i%2 == 0)
			if from[t] < 0 {
				from[t] = u
				if !leaves {
					from[t] = m.other(t, u)
				}
				stack = append(stack, m.other(t, u))
			}
		}
		break
	}
	return stack
}

// follow traces one border from a segment on.
func (m *areaMaker) follow(first int32, from []int32) {
	m.path = m.path[:0]
	m.seen = map[int32]int{}
	for s := first; !m.used[s]; {
		m.used[s] = true
		v := from[s]
		m.visit(v)
		to := m.other(s, v)
		s = m.turn(to, s, from)
	}
	m.visit(from[first])
}

// visit adds a vertex to the path; when it is there already, what lies between is a ring of its own.
func (m *areaMaker) visit(v int32) {
	at, met := m.seen[v]
	if !met {
		m.seen[v] = len(m.path)
		m.path = append(m.path, v)
		return
	}
	if len(m.path)-at >= 3 {
		m.loops = append(m.loops, slices.Clone(m.path[at:]))
	}
	for _, u := range m.path[at+1:] {
		delete(m.seen, u)
	}
	m.path = m.path[:at+1]
}

// turn is the segment by which a border goes on at v: the next one clockwise, the inside lies between the two.
func (m *areaMaker) turn(v, s int32, from []int32) int32 {
	ring := m.around[v]
	k := slices.Index(ring, s)
	if len(ring) == 2 {
		return ring[1-k]
	}
	for i := 1; i < len(ring); i++ {
		if t := ring[(k-i+len(ring))%len(ring)]; from[t] == v {
			return t
		}
	}
	return s
}
