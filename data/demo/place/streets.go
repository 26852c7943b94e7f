package place

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

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

func (n *network) degreeOf(node int32, class string) int {
	d := 0
	for _, id := range n.of[node] {
		if s := n.seg[id]; !s.dead && s.class == class {
			d++
		}
	}
	return d
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
