package place

import (
	"container/heap"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// shoot is a street about to grow: from a node, in a direction.
type shoot struct {
	node  int32
	angle float64
	ripe  float64 // the centre grows first
	order int
	way   int32
	steps int
}

type shoots []shoot

func (s shoots) Len() int { return len(s) }
func (s shoots) Less(i, j int) bool {
	return s[i].ripe < s[j].ripe || s[i].ripe == s[j].ripe && s[i].order < s[j].order
}
func (s shoots) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s *shoots) Push(x any)   { *s = append(*s, x.(shoot)) }
func (s *shoots) Pop() any {
	old := *s
	x := old[len(old)-1]
	*s = old[:len(old)-1]
	return x
}

// block is the distance between parallel streets in metres: short in old centres, long in suburbs and business parks.
func (w *World) block(i int) float64 {
	if w.business[i] > 0 {
		return 175
	}
	if w.urban[i] == 0 {
		return 0
	}
	v, t := w.villages[w.urban[i]-1], float64(w.ripeness[i])
	switch v.size {
	case 0:
		return mix(52, 96, clamp(t*2.2, 0, 1))
	case 3:
		return 120
	}
	return mix(56, 100, clamp(t*2.6, 0, 1))
}

func (w *World) growStreets() {
	n, r := w.network, w.Stream("streets")
	turn := newNoise(w.Seed, "turn")
	var open shoots
	order := 0
	sprout := func(node int32, angle float64, way int32, steps int) {
		i := cellAt(n.node[node])
		order++
		ripe := float64(w.ripeness[i])
		if w.business[i] > 0 {
			ripe = 0.5
		}
		heap.Push(&open, shoot{node, angle, ripe + 0.0004*float64(steps), order, way, steps})
	}
	for id := 0; id < len(n.node); id++ { // side streets of the roads that cross a village
		p := n.node[id]
		i := cellAt(p)
		if w.block(i) == 0 || n.degreeOf(int32(id), Motorway)+n.degreeOf(int32(id), Ramp) > 0 {
			continue
		}
		w.sideShoots(int32(id), sprout)
	}
	for len(open) > 0 {
		s := heap.Pop(&open).(shoot)
		w.growOne(s, turn, r.Float64, sprout)
	}
}

// sideShoots starts streets at right angles to the road through a node, if no other starts close by.
func (w *World) sideShoots(id int32, sprout func(int32, float64, int32, int)) {
	n := w.network
	for _, k := range n.of[id] {
		s := n.seg[k]
		if s.dead {
			continue
		}
		other := n.node[s.a+s.b-id]
		angle := math.Atan2(other[1]-n.node[id][1], other[0]-n.node[id][0])
		sprout(id, angle+math.Pi/2, 0, 0)
		sprout(id, angle-math.Pi/2, 0, 0)
		break
	}
}

// growOne lets one street grow until it meets another, leaves the village or comes too close to a parallel street.
func (w *World) growOne(s shoot, turn noise, draw func() float64, sprout func(int32, float64, int32, int)) {
	n := w.network
	node, angle, way := s.node, s.angle, s.way
	if way == 0 {
		way = n.newWay()
	}
	since, length := 0.0, 0.0
	for range 40 {
		p := n.node[node]
		i := cellAt(p)
		block := w.block(i)
		if block == 0 {
			return
		}
		if length == 0 && w.crowded(node, angle, block) {
			return
		}
		step := clamp(block/3, 18, 40)
		bend := 0.16
		if w.business[i] > 0 {
			bend = 0.05
		}
		angle += bend*turn.at(p[0]/190, p[1]/190) + 0.05*(draw()-0.5)
		q := offset(p, angle, step)
		j := cellAt(q)
		if !Bound.Contains(q) || w.block(j) == 0 || w.blocked(p, q) {
			return
		}
		if w.meet(node, p, q, angle, step, way) {
			return
		}
		if length > 0 && w.beside(q, angle, block*0.5, way) {
			return
		}
		next := n.addNode(q)
		n.addSegment(node, next, Local, way)
		node = next
		since, length = since+step, length+step
		if since > block*(0.7+0.45*draw()) {
			since = 0
			for _, side := range [2]float64{1, -1} {
				if draw() < 0.93 {
					sprout(node, angle+side*math.Pi/2+0.16*(draw()-0.5), 0, s.steps+1)
				}
			}
			if draw() < 0.05 { // and sometimes the street ends here
				return
			}
		}
	}
}

// crowded: another street already leaves the node in nearly that direction, or runs beside the first steps.
func (w *World) crowded(node int32, angle, block float64) bool {
	n := w.network
	for _, k := range n.of[node] {
		s := n.seg[k]
		if s.dead {
			continue
		}
		o := n.node[s.a+s.b-node]
		if math.Abs(turnBetween(math.Atan2(o[1]-n.node[node][1], o[0]-n.node[node][0]), angle)) < 0.9 {
			return true
		}
	}
	q := offset(n.node[node], angle, block*0.45)
	return w.beside(q, angle, block*0.5, -1)
}

func turnBetween(a, b float64) float64 { return math.Remainder(a-b, 2*math.Pi) }

// beside: a street nearly parallel to angle runs within d of q.
func (w *World) beside(q orb.Point, angle, d float64, way int32) bool {
	n, found := w.network, false
	n.near(q, q, d, func(_ int32, s *segment) {
		if found || s.way == way {
			return
		}
		a, b := n.node[s.a], n.node[s.b]
		if dist, _ := segmentDistance(q, a, b); dist > d {
			return
		}
		turn := math.Abs(turnBetween(math.Atan2(b[1]-a[1], b[0]-a[0]), angle))
		found = turn < 0.6 || turn > math.Pi-0.6
	})
	return found
}

// blocked: water or the motorway lies between p and q, and a village street does not bridge it.
func (w *World) blocked(p, q orb.Point) bool {
	for _, x := range [2]orb.Point{q, between(p, q, 0.5)} {
		if w.onWater(x, 14) || w.onMotorway(cellAt(x)) {
			return true
		}
	}
	return false
}

// onWater: within d metres of the river, the canal or a lake.
func (w *World) onWater(p orb.Point, d float64) bool {
	if w.terrain.toWater[cellAt(p)] > 130 {
		return false
	}
	return w.waterIndex().within(p, d)
}

// meet joins the street to what it runs into within the next step and a bit; it says whether it did.
func (w *World) meet(node int32, p, q orb.Point, angle, step float64, way int32) bool {
	n := w.network
	reach := offset(p, angle, step*1.7)
	first, hit, on := 2.0, int32(-1), 0.0
	n.near(p, reach, 0, func(id int32, s *segment) {
		if s.a == node || s.b == node {
			return
		}
		if t, u, ok := crossing(p, reach, n.node[s.a], n.node[s.b]); ok && (t < first || t == first && id < hit) {
			first, hit, on = t, id, u
		}
	})
	if hit < 0 {
		near := step * 0.55
		n.near(q, q, near, func(id int32, s *segment) {
			if s.a == node || s.b == node {
				return
			}
			if d, t := segmentDistance(q, n.node[s.a], n.node[s.b]); d < near {
				near, hit, on = d, id, t
			}
		})
	}
	if hit < 0 {
		return false
	}
	if c := n.seg[hit].class; c == Motorway || c == Ramp {
		return true
	}
	l := planar.Distance(n.node[n.seg[hit].a], n.node[n.seg[hit].b])
	if on*l < 14 {
		on = 0
	} else if (1-on)*l < 14 {
		on = 1
	}
	m := n.split(hit, on)
	if m != node && !n.joined(node, m) && !w.blocked(p, n.node[m]) {
		w.connect(node, m, Local, way)
	}
	return true
}
