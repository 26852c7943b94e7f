package place

import (
	"math"
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Classes of streets, widest first.
const (
	Motorway  = "autoroute"
	Ramp      = "bretelle"
	Main      = "principale"
	Secondary = "secondaire"
	Local     = "rue"
	Lane      = "chemin"
)

var classRank = map[string]uint8{Lane: 1, Local: 2, Secondary: 3, Main: 4, Ramp: 5, Motorway: 6}

// Metres the centre line keeps from a front wall: half the carriageway and a pavement.
var halfWidth = map[string]float64{Lane: 2.5, Local: 3, Secondary: 4, Main: 5, Ramp: 4, Motorway: 15}

// gridRoads are the roads of the countryside, still on terrain cells: an edge joins two neighbouring cells.
type gridRoads struct {
	edge map[[2]int32]string
	next map[int32][]int32
}

func (g *gridRoads) has(a, b int32) (string, bool) {
	c, ok := g.edge[[2]int32{min(a, b), max(a, b)}]
	return c, ok
}

func (g *gridRoads) add(a, b int32, class string) {
	key := [2]int32{min(a, b), max(a, b)}
	old, ok := g.edge[key]
	if !ok {
		g.next[a], g.next[b] = append(g.next[a], b), append(g.next[b], a)
	}
	if classRank[class] > classRank[old] {
		g.edge[key] = class
	}
}

// makeRoads links villages by the cheapest way over the relief; a road that exists is cheaper than a new one, so roads meet.
func (w *World) makeRoads() {
	w.road = make([]uint8, Cols*Rows)
	g := &gridRoads{edge: map[[2]int32]string{}, next: map[int32][]int32{}}
	w.grid = g
	for _, l := range w.links() {
		w.build(l.a, l.class, func(i int) bool { return i == l.b }, centre(l.b))
	}
	for _, c := range w.all[Communes:] { // neighbours lead on to the rest of the world
		p := centre(c.site)
		toEdge := math.Min(math.Min(p[0]-Bound.Min[0], Bound.Max[0]-p[0]), math.Min(p[1]-Bound.Min[1], Bound.Max[1]-p[1]))
		if toEdge < 4200 {
			w.build(c.site, Secondary, onEdge, orb.Point{})
		}
	}
}

func onEdge(i int) bool {
	col, row := colRow(i)
	return col == 0 || row == 0 || col == Cols-1 || row == Rows-1
}

type link struct {
	a, b  int
	long  float64
	class string
}

// links are the pairs of villages with no third village between them (Gabriel graph); the tree that joins the larger ones
// and all links of the town are main roads.
func (w *World) links() []link {
	var out []link
	for i, a := range w.all {
		for j := i + 1; j < len(w.all); j++ {
			p, q := centre(a.site), centre(w.all[j].site)
			mid, r := between(p, q, 0.5), planar.Distance(p, q)/2
			empty := true
			for k, c := range w.all {
				if k != i && k != j && planar.Distance(centre(c.site), mid) < r*0.97 {
					empty = false
					break
				}
			}
			if empty && r < 4500 {
				out = append(out, link{a.site, w.all[j].site, 2 * r, Secondary})
			}
		}
	}
	big := map[int]float64{}
	for _, c := range w.all {
		big[c.site] = 1
		if c.Rank >= 0 {
			big[c.site] = 1 - 0.55*math.Exp(-float64(c.Rank)/6)
		}
	}
	weight := func(l link) float64 { return l.long * big[l.a] * big[l.b] }
	sort.SliceStable(out, func(i, j int) bool { return weight(out[i]) < weight(out[j]) })
	group := map[int]int{}
	find := func(x int) int {
		for group[x] != 0 {
			x = group[x] - 1
		}
		return x
	}
	for i := range out {
		a, b := find(out[i].a), find(out[i].b)
		if a != b {
			group[a] = b + 1
			if big[out[i].a]*big[out[i].b] < 0.9 {
				out[i].class = Main
			}
		}
		if out[i].a == w.all[0].site || out[i].b == w.all[0].site {
			out[i].class = Main
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return classRank[out[i].class] > classRank[out[j].class] })
	return out
}

// build lays a road from a cell to the first cell that is a goal.
func (w *World) build(from int, class string, goal func(int) bool, toward orb.Point) bool {
	t, s := w.terrain, w.search
	s.reset()
	guide := func(i int) float64 {
		if toward == (orb.Point{}) {
			return 0
		}
		return 0.28 * planar.Distance(centre(i), toward)
	}
	s.offer(from, guide(from), none)
	for {
		i, cost, ok := s.next()
		if !ok {
			return false
		}
		if goal(i) && i != from {
			path := s.path(i)
			for k := 0; k+1 < len(path); k++ {
				w.grid.add(int32(path[k]), int32(path[k+1]), class)
				w.road[path[k]] = max(w.road[path[k]], classRank[class])
				w.road[path[k+1]] = max(w.road[path[k+1]], classRank[class])
			}
			return true
		}
		cost -= guide(i)
		col, row := colRow(i)
		for k, d := range around {
			c, r := col+d[0], row+d[1]
			if !inside(c, r) {
				continue
			}
			j := index(c, r)
			step := stepLength(k)
			if _, ok := w.grid.has(int32(i), int32(j)); ok {
				step *= 0.3
			} else {
				if k >= 4 { // two diagonals must not cross without meeting
					if _, crossed := w.grid.has(int32(index(c, row)), int32(index(col, r))); crossed {
						continue
					}
				}
				step *= t.roadCost(i, j, step)
				if w.road[j] != 0 && w.road[i] != 0 || w.besideRoad(j) {
					step *= 1.5
				}
			}
			s.offer(j, cost+step+guide(j), int32(i))
		}
	}
}

// besideRoad: a road runs in a neighbouring cell but not here.
func (w *World) besideRoad(i int) bool {
	if w.road[i] != 0 {
		return false
	}
	col, row := colRow(i)
	for _, d := range around[:4] {
		if c, r := col+d[0], row+d[1]; inside(c, r) && w.road[index(c, r)] != 0 {
			return true
		}
	}
	return false
}

// roadCost multiplies the length of a new road between two cells: slopes, floods and water are dear.
func (t *terrain) roadCost(i, j int, length float64) float64 {
	p := centre(j)
	grade := math.Abs(float64(t.height[j]-t.height[i])) / length
	cost := 0.95 + 14*grade + 0.42*t.roughness.fbm(p[0]/640+9, p[1]/640, 2)
	switch t.wet[j] {
	case isRiver:
		cost += 14
	case isCanal:
		cost += 7
	case isStream:
		cost += 1.2
	case isLake:
		cost += 200
	}
	if t.toRiver[j] < 150 {
		cost += 0.8
	}
	return math.Max(cost, 0.35)
}

// chain is a road between two junctions.
type chain struct {
	cells []int32
	class string
}

// chains of the grid, in a fixed order: from each junction or dead end to the next.
func (g *gridRoads) chains(stop map[int32]bool) []chain {
	cells := make([]int32, 0, len(g.next))
	for c := range g.next {
		cells = append(cells, c)
	}
	sort.Slice(cells, func(i, j int) bool { return cells[i] < cells[j] })
	node := func(c int32) bool {
		n := g.next[c]
		if len(n) != 2 || stop[c] {
			return true
		}
		a, _ := g.has(c, n[0])
		b, _ := g.has(c, n[1])
		return a != b
	}
	done := map[[2]int32]bool{}
	var out []chain
	walk := func(a, b int32) {
		class, _ := g.has(a, b)
		ch := chain{cells: []int32{a, b}, class: class}
		done[[2]int32{min(a, b), max(a, b)}] = true
		for !node(b) && b != ch.cells[0] {
			n := g.next[b]
			a, b = b, n[0]+n[1]-a
			done[[2]int32{min(a, b), max(a, b)}] = true
			ch.cells = append(ch.cells, b)
		}
		out = append(out, ch)
	}
	for pass := range 2 {
		for _, c := range cells {
			if pass == 0 && !node(c) {
				continue
			}
			for _, n := range g.next[c] {
				if !done[[2]int32{min(c, n), max(c, n)}] {
					walk(c, n)
				}
			}
		}
	}
	return out
}

// draw turns a chain of cells into a curve whose ends stay on their cells.
func (w *World) draw(ch chain) []orb.Point {
	line := make([]orb.Point, len(ch.cells))
	for i, c := range ch.cells {
		line[i] = centre(int(c))
	}
	return thin(chaikin(w.terrain.warpAll(smooth(line, 7))), 0.7)
}
