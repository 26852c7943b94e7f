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

// makeStreets turns the roads of the grid into curves, adds the motorway and its junctions, and lets streets grow in villages.
func (w *World) makeStreets() {
	n := newNetwork()
	w.network = n
	nodes := map[int32]int32{}
	stop := map[int32]bool{}
	for _, v := range w.villages {
		stop[int32(v.site)] = true
	}
	nodeOf := func(c int32) int32 {
		if id, ok := nodes[c]; ok {
			return id
		}
		id := n.addNode(w.terrain.warp(centre(int(c))))
		nodes[c] = id
		return id
	}
	for _, ch := range w.grid.chains(stop) {
		line := w.densify(w.draw(ch))
		way := n.newWay()
		a, end := nodeOf(ch.cells[0]), nodeOf(ch.cells[len(ch.cells)-1])
		for i := 1; i < len(line); i++ {
			b := end
			if i+1 < len(line) {
				b = n.addNode(line[i])
			}
			a = w.connect(a, b, ch.class, way)
		}
	}
	w.addMotorway()
	w.growStreets()
	w.nameStreets()
}

// densify puts a point at least every 34 m of a road where it crosses a village: side streets start at points.
func (w *World) densify(line []orb.Point) []orb.Point {
	out := line[:1:1]
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		if parts := int(math.Ceil(planar.Distance(a, b) / 34)); w.block(cellAt(between(a, b, 0.5))) > 0 {
			for k := 1; k < parts; k++ {
				out = append(out, between(a, b, float64(k)/float64(parts)))
			}
		}
		out = append(out, b)
	}
	return out
}

// connect adds a segment from a to b and a node wherever it crosses another street. It returns b.
func (w *World) connect(a, b int32, class string, way int32) int32 {
	n := w.network
	for range 40 {
		if a == b {
			return b
		}
		p, q := n.node[a], n.node[b]
		first, hit := 2.0, int32(-1)
		var on float64
		n.near(p, q, 0, func(id int32, s *segment) {
			if s.a == a || s.b == a || s.a == b || s.b == b || s.class == Motorway {
				return
			}
			if t, u, ok := crossing(p, q, n.node[s.a], n.node[s.b]); ok && (t < first || t == first && id < hit) {
				first, hit, on = t, id, u
			}
		})
		if hit < 0 {
			if !n.joined(a, b) {
				n.addSegment(a, b, class, way)
			}
			return b
		}
		m := n.split(hit, on)
		if m != a && !n.joined(a, m) {
			n.addSegment(a, m, class, way)
		}
		if m == a { // the crossing is at a itself: step over it
			n.addSegment(a, b, class, way)
			return b
		}
		a = m
	}
	return b
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

func (n *network) degreeOf(node int32, class string) int {
	d := 0
	for _, id := range n.of[node] {
		if s := n.seg[id]; !s.dead && s.class == class {
			d++
		}
	}
	return d
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

// nameStreets keeps the connected network and names its ways by commune.
func (w *World) nameStreets() {
	n := w.network
	keep := n.largest()
	namer := &streetNamer{r: w.Stream("street names"), used: map[string]map[string]bool{}}
	names := map[int32]string{}
	for id := range n.seg {
		s := &n.seg[id]
		if s.dead {
			continue
		}
		if !keep[s.a] {
			s.dead = true
			continue
		}
		if _, ok := names[s.way]; ok {
			continue
		}
		p := n.node[s.a]
		commune := ""
		if l := w.label[cellAt(p)]; l >= 0 {
			commune = w.all[l].Name
		}
		switch {
		case s.class == Motorway:
			names[s.way] = "A 699 l'Orbelline"
		case s.class == Ramp:
			names[s.way] = ""
		case w.block(cellAt(p)) == 0 && s.class == Main:
			names[s.way] = "route départementale " + roadNumber(s.way, 20)
		case w.block(cellAt(p)) == 0 && s.class == Secondary:
			names[s.way] = "route départementale " + roadNumber(s.way, 90)
		default:
			names[s.way] = namer.name(commune, s.class)
		}
	}
	w.Streets = n.streets(func(way int32) string { return names[way] })
}
