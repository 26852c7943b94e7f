package place

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Street is a piece of street between two junctions. Its ends are exactly the ends of the streets it meets.
type Street struct {
	Name  string // "" for ramps and unnamed lanes
	Class string
	Line  orb.LineString
	From  int32 // junction numbers
	To    int32
}

// segment is a straight piece of the network.
type segment struct {
	a, b  int32
	class string
	way   int32 // pieces of one way bear one name
	dead  bool  // replaced by its halves
}

// network is the planar graph of all streets: segments meet at nodes only.
type network struct {
	node  []orb.Point
	seg   []segment
	of    [][]int32 // segments at a node, dead ones included
	cell  map[[2]int32][]int32
	ways  int32
	stamp []int32
	run   int32
}

const hash = 64.0 // side of a bucket of the index in metres

func newNetwork() *network { return &network{cell: map[[2]int32][]int32{}} }

func (n *network) addNode(p orb.Point) int32 {
	n.node = append(n.node, orb.Point{math.Round(p[0]*100) / 100, math.Round(p[1]*100) / 100})
	n.of = append(n.of, nil)
	return int32(len(n.node) - 1)
}

func (n *network) addSegment(a, b int32, class string, way int32) {
	id := int32(len(n.seg))
	n.seg = append(n.seg, segment{a: a, b: b, class: class, way: way})
	n.stamp = append(n.stamp, 0)
	n.of[a], n.of[b] = append(n.of[a], id), append(n.of[b], id)
	n.buckets(n.node[a], n.node[b], 0, func(k [2]int32) { n.cell[k] = append(n.cell[k], id) })
}

func (n *network) buckets(p, q orb.Point, margin float64, f func([2]int32)) {
	x0, x1 := math.Floor((math.Min(p[0], q[0])-margin)/hash), math.Floor((math.Max(p[0], q[0])+margin)/hash)
	y0, y1 := math.Floor((math.Min(p[1], q[1])-margin)/hash), math.Floor((math.Max(p[1], q[1])+margin)/hash)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			f([2]int32{int32(x), int32(y)})
		}
	}
}

// near calls f once for each live segment in the buckets around pq.
func (n *network) near(p, q orb.Point, margin float64, f func(id int32, s *segment)) {
	n.run++
	n.buckets(p, q, margin, func(k [2]int32) {
		for _, id := range n.cell[k] {
			if s := &n.seg[id]; !s.dead && n.stamp[id] != n.run {
				n.stamp[id] = n.run
				f(id, s)
			}
		}
	})
}

// split puts a node on a segment at t (0..1); near an end it is that end.
func (n *network) split(id int32, t float64) int32 {
	s := n.seg[id]
	a, b := n.node[s.a], n.node[s.b]
	l := planar.Distance(a, b)
	if t*l < 4 {
		return s.a
	}
	if (1-t)*l < 4 {
		return s.b
	}
	m := n.addNode(between(a, b, t))
	n.seg[id].dead = true
	n.addSegment(s.a, m, s.class, s.way)
	n.addSegment(m, s.b, s.class, s.way)
	return m
}

func (n *network) degree(node int32) int {
	d := 0
	for _, id := range n.of[node] {
		if !n.seg[id].dead {
			d++
		}
	}
	return d
}

func (n *network) joined(a, b int32) bool {
	for _, id := range n.of[a] {
		if s := n.seg[id]; !s.dead && (s.a == b || s.b == b) {
			return true
		}
	}
	return false
}

func (n *network) newWay() int32 {
	n.ways++
	return n.ways
}

// addLine puts a line into the network from node a to node b (made when -1), whole, without meeting what it crosses.
func (n *network) addLine(line []orb.Point, a, b int32, class string) (int32, int32) {
	way := n.newWay()
	if a < 0 {
		a = n.addNode(line[0])
	}
	first := a
	for i := 1; i < len(line); i++ {
		next := b
		if i+1 < len(line) || b < 0 {
			next = n.addNode(line[i])
		}
		if next != a {
			n.addSegment(a, next, class, way)
		}
		a = next
	}
	return first, a
}

// streets joins segments into pieces between junctions, in a fixed order.
func (n *network) streets(name func(way int32) string) []Street {
	var live []int32
	for id, s := range n.seg {
		if !s.dead {
			live = append(live, int32(id))
		}
	}
	through := func(node int32) (int32, int32, bool) {
		var two []int32
		for _, id := range n.of[node] {
			if !n.seg[id].dead {
				two = append(two, id)
			}
		}
		if len(two) != 2 {
			return 0, 0, false
		}
		s, t := n.seg[two[0]], n.seg[two[1]]
		return two[0], two[1], s.way == t.way && s.class == t.class
	}
	done := make([]bool, len(n.seg))
	var out []Street
	for pass := range 2 {
		for _, id := range live {
			s := n.seg[id]
			for _, start := range [2]int32{s.a, s.b} {
				if done[id] {
					continue
				}
				if _, _, ok := through(start); ok && pass == 0 {
					continue
				}
				st := Street{Class: s.class, Name: name(s.way), From: start}
				st.Line = append(st.Line, n.node[start])
				for at, cur := start, id; ; {
					done[cur] = true
					at = n.seg[cur].a + n.seg[cur].b - at
					st.Line = append(st.Line, n.node[at])
					st.To = at
					x, y, ok := through(at)
					if !ok || at == start {
						break
					}
					if cur = x + y - cur; done[cur] {
						break
					}
				}
				out = append(out, st)
			}
		}
	}
	return out
}

// largest marks the nodes of the largest connected part.
func (n *network) largest() []bool {
	part := make([]int32, len(n.node))
	var sizes []int
	for i := range part {
		if part[i] != 0 || n.degree(int32(i)) == 0 {
			continue
		}
		id := int32(len(sizes) + 1)
		stack, size := []int32{int32(i)}, 0
		part[i] = id
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			size++
			for _, k := range n.of[at] {
				if s := n.seg[k]; !s.dead {
					if to := s.a + s.b - at; part[to] == 0 {
						part[to] = id
						stack = append(stack, to)
					}
				}
			}
		}
		sizes = append(sizes, size)
	}
	best := 0
	for k := range sizes {
		if sizes[k] > sizes[best] {
			best = k
		}
	}
	out := make([]bool, len(n.node))
	for i := range out {
		out[i] = part[i] == int32(best+1)
	}
	return out
}
