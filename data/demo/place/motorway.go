package place

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// makeMotorway draws the motorway along the left side of the valley.
func (w *World) makeMotorway() {
	axis := spline(mainValley, 200)
	side := make([]orb.Point, len(axis))
	for i, p := range axis {
		a, b := axis[max(i-1, 0)], axis[min(i+1, len(axis)-1)]
		l := planar.Distance(a, b)
		d := 1500 + 260*w.terrain.roughness.at(float64(i)/14, 40)
		side[i] = orb.Point{p[0] - (b[1]-a[1])/l*d, p[1] + (b[0]-a[0])/l*d}
	}
	w.motorway = clipLine(thin(spline(smooth(side, 40), 60), 0.6))
}

// addMotorway adds the motorway and its interchanges, where the roads nearest to four places cross it.
func (w *World) addMotorway() {
	n := w.network
	first := int32(len(n.node))
	n.addLine(w.motorway, -1, -1, Motorway)
	last := int32(len(n.node)) - 1
	var crossings []junction
	for m := first; m < last; m++ {
		p, q := n.node[m], n.node[m+1]
		n.near(p, q, 0, func(id int32, s *segment) {
			if c := classRank[s.class]; c != classRank[Main] && c != classRank[Secondary] {
				return
			}
			if t, _, ok := crossing(p, q, n.node[s.a], n.node[s.b]); ok {
				crossings = append(crossings, junction{m, id, between(p, q, t)})
			}
		})
	}
	var built []orb.Point
	for _, goal := range []orb.Point{w.Communes[0].Seat, centre(w.parks[0].site), at(25, 4), at(5.2, 19.6)} {
		best, near := -1, math.MaxFloat64
		for k, c := range crossings {
			d := planar.Distance(c.at, goal)
			for _, b := range built {
				if planar.Distance(b, c.at) < 2500 {
					d = math.MaxFloat64
				}
			}
			if d < near {
				best, near = k, d
			}
		}
		if best >= 0 {
			built = append(built, crossings[best].at)
			w.interchange(crossings[best], first, last)
		}
	}
}

// junction is where a road passes over the motorway.
type junction struct {
	motor, road int32 // motorway node before it, road segment
	at          orb.Point
}

// interchange joins both ends of the bridge to the motorway on both sides, four ramps in a diamond.
func (w *World) interchange(j junction, first, last int32) {
	n := w.network
	var motor [2]int32
	for side := range 2 {
		m := j.motor + int32(side)
		for step := int32(2*side - 1); m > first && m < last && planar.Distance(n.node[m], j.at) < 330; {
			m += step
		}
		motor[side] = m
	}
	s := n.seg[j.road]
	for _, start := range [2][2]int32{{s.a, s.b}, {s.b, s.a}} {
		at, from := start[0], start[1]
		for range 30 {
			if planar.Distance(n.node[at], j.at) > 130 {
				break
			}
			next := n.straightOn(from, at)
			if next < 0 {
				break
			}
			from, at = at, next
		}
		for _, m := range motor {
			w.ramp(m, at, j.at)
		}
	}
}

// straightOn is the node after b when coming from a, by the straightest live segment, or -1.
func (n *network) straightOn(a, b int32) int32 {
	in := math.Atan2(n.node[b][1]-n.node[a][1], n.node[b][0]-n.node[a][0])
	best, out := 1.2, int32(-1)
	for _, id := range n.of[b] {
		s := n.seg[id]
		c := s.a + s.b - b
		if s.dead || c == a || s.class == Motorway || s.class == Ramp {
			continue
		}
		turn := math.Abs(turnBetween(math.Atan2(n.node[c][1]-n.node[b][1], n.node[c][0]-n.node[b][0]), in))
		if turn < best {
			best, out = turn, c
		}
	}
	return out
}

// ramp curves from a motorway node to a road node, leaving the motorway along its side.
func (w *World) ramp(from, to int32, bridge orb.Point) {
	n := w.network
	p, q := n.node[from], n.node[to]
	if n.joined(from, to) || planar.Distance(p, q) > 1200 {
		return
	}
	toward := between(p, bridge, 0.55)
	mid := between(toward, q, 0.42)
	line := thin(spline([]orb.Point{p, mid, q}, 20), 0.6)
	a, way := from, n.newWay()
	for i := 1; i < len(line); i++ {
		b := to
		if i+1 < len(line) {
			b = n.addNode(line[i])
		}
		n.addSegment(a, b, Ramp, way)
		a = b
	}
}
