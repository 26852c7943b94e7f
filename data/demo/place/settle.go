package place

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// settlement is a built place: a town, a village, a hamlet.
type settlement struct {
	commune int
	site    int // cell
	people  int
	size    int // 0 town, 1 small town, 2 village, 3 hamlet
	cells   []int
}

// People per built hectare, by size of place.
var density = [4]float64{38, 24, 13, 7}

const business = 255 // marks growth of business areas

// makeSettlements says where each commune is built: around its village, in hamlets, and in business areas.
func (w *World) makeSettlements() {
	n := Cols * Rows
	w.urban, w.ripeness, w.business = make([]uint16, n), make([]float32, n), make([]uint8, n)
	r := w.Stream("hamlets")
	for k, c := range w.Communes {
		size := 2
		if k == 0 {
			size = 0
		} else if k < 5 {
			size = 1
		}
		share := [4]float64{0.96, 0.86, 0.68, 0}[size]
		w.villages = append(w.villages, settlement{commune: k, site: c.site, people: int(float64(c.Population) * share), size: size})
	}
	for k, c := range w.Communes {
		left := c.Population - w.villages[k].people
		count := min(3+r.IntN(5), 1+left*80000/max(w.residents, 1)/25)
		for h := range count {
			if site := w.hamletSite(k, r.IntN); site >= 0 {
				w.villages = append(w.villages, settlement{commune: k, site: site, people: left / count, size: 3})
				w.build(site, [2]string{Lane, Secondary}[min(1, (h+1)%3)], func(i int) bool { return w.road[i] != 0 }, orb.Point{})
			}
		}
	}
	w.growBusiness()
	for i := range w.villages {
		v := &w.villages[i]
		ha := float64(v.people) * 80000 / float64(max(w.residents, 1)) / density[v.size]
		v.cells = w.grow(v.site, int(math.Max(ha*1e4/(Cell*Cell), 9)), v.commune, v.size)
		for k, c := range v.cells {
			w.urban[c] = uint16(i + 1)
			w.ripeness[c] = float32(k) / float32(len(v.cells))
		}
	}
	w.makeLanes()
}

// hamletSite is a dry cell of the commune away from every other place, or -1.
func (w *World) hamletSite(commune int, draw func(int) int) int {
	home := centre(w.Communes[commune].site)
	for range 300 {
		p := orb.Point{home[0] + float64(draw(7000)) - 3500, home[1] + float64(draw(7000)) - 3500}
		if !Bound.Contains(p) {
			continue
		}
		i := cellAt(p)
		if int(w.label[i]) != commune || w.terrain.toWater[i] < 90 || w.terrain.toRiver[i] < 200 || w.terrain.slope(i) > 0.14 {
			continue
		}
		far := planar.Distance(p, home) > 1000
		for _, v := range w.villages {
			far = far && planar.Distance(centre(v.site), p) > 800
		}
		if d := distanceTo(w.motorway, p); far && d > 200 {
			return i
		}
	}
	return -1
}

// grow spreads a built area from a cell over n cells, along roads, away from slopes and floods.
func (w *World) grow(from, n, commune, size int) []int {
	t, s := w.terrain, w.search
	s.reset()
	s.offer(from, 0, none)
	var out []int
	for len(out) < n {
		i, cost, ok := s.next()
		if !ok {
			return out
		}
		if w.urban[i] == 0 && w.business[i] == 0 {
			out = append(out, i)
		}
		col, row := colRow(i)
		for k, d := range around[:4] {
			c, r := col+d[0], row+d[1]
			if !inside(c, r) || int(w.label[index(c, r)]) != commune {
				continue
			}
			j := index(c, r)
			p := centre(j)
			step := stepLength(k) * (1 + 11*t.slope(j) + 0.75*t.roughness.fbm(p[0]/260+3, p[1]/260, 3))
			if w.road[j] > 0 {
				step *= 0.62
			}
			if size == business {
				step = stepLength(k) * (1 + 20*t.slope(j) + 0.2*t.roughness.fbm(p[0]/300, p[1]/300, 2))
			}
			switch t.wet[j] {
			case isRiver, isLake:
				step += 260
			case isCanal:
				step += 130
			case isStream:
				step += 60
			}
			if t.toRiver[j] < 130 && size != 0 {
				step *= 2.2
			}
			if w.onMotorway(j) {
				step += 400
			}
			s.offer(j, cost+math.Max(step, 12), int32(i))
		}
	}
	return out
}

func (w *World) onMotorway(i int) bool {
	if w.motorCells == nil {
		w.motorCells = map[int]bool{}
		for _, c := range cellsUnder(w.motorway) {
			w.motorCells[c] = true
		}
	}
	return w.motorCells[i]
}

// growBusiness lays out business parks: the large one of the employment zone, and some at the gates of towns.
func (w *World) growBusiness() {
	r := w.Stream("business")
	place := func(commune int, hectares float64, away float64) {
		home := centre(w.Communes[commune].site)
		best, top := -1, math.Inf(-1)
		for range 400 {
			p := offset(home, 2*math.Pi*r.Float64(), away*(0.6+0.8*r.Float64()))
			if !Bound.Contains(p) {
				continue
			}
			i := cellAt(p)
			if int(w.label[i]) != commune || w.terrain.toWater[i] < 120 || w.business[i] > 0 {
				continue
			}
			m := distanceTo(w.motorway, p)
			score := -m/600 - 30*w.terrain.slope(i) - float64(w.terrain.toRoad(w.road, i))/300
			if m < 150 {
				score -= 2
			}
			if score > top {
				best, top = i, score
			}
		}
		if best < 0 {
			return
		}
		w.parks = append(w.parks, park{commune, best, hectares})
		w.build(best, Secondary, func(i int) bool { return w.road[i] != 0 }, orb.Point{})
		for _, c := range w.grow(best, int(hectares*4), commune, business) {
			w.business[c] = uint8(len(w.parks))
		}
	}
	place(EmploymentZone, 115, 1300)
	place(EmploymentZone, 45, 1700)
	place(0, 55, 2300)
	place(0, 38, 2400)
	place(1, 34, 1300)
	place(2, 22, 1200)
	place(3, 16, 1000)
	place(6, 9, 800)
	place(8, 7, 800)
}

// park is a business area.
type park struct {
	commune, site int
	hectares      float64
}

// toRoad is 0 on a road, 50 beside one, else 600.
func (t *terrain) toRoad(road []uint8, i int) int {
	col, row := colRow(i)
	if road[i] != 0 {
		return 0
	}
	for _, d := range around {
		if c, r := col+d[0], row+d[1]; inside(c, r) && road[index(c, r)] != 0 {
			return 50
		}
	}
	return 600
}

// makeLanes lays the lanes that lead to fields and farms, and some that join two roads.
func (w *World) makeLanes() {
	r := w.Stream("lanes")
	for range 620 {
		i := index(r.IntN(Cols), r.IntN(Rows))
		t := w.terrain
		if w.road[i] != 0 || t.wet[i] != dry || w.urban[i] != 0 || t.toRiver[i] < 160 || t.toRoad(w.road, i) < 600 {
			continue
		}
		if !w.build(i, Lane, func(j int) bool { return w.road[j] != 0 }, orb.Point{}) {
			continue
		}
		if w.label[i] >= 0 && int(w.label[i]) < len(w.Communes) {
			w.farms = append(w.farms, i)
		}
		if r.Float64() < 0.45 { // goes on to another road
			start := centre(i)
			w.build(i, Lane, func(j int) bool {
				return w.road[j] != 0 && planar.Distance(centre(j), start) > 500 && !w.sameWay(i, j)
			}, orb.Point{})
		}
	}
}

// sameWay: the road found is the lane that already leads here (its cells were laid last from i).
func (w *World) sameWay(i, j int) bool {
	at, back := int32(i), none
	for range 60 {
		n := w.grid.next[at]
		next := none
		for _, c := range n {
			if c != back {
				next = c
				break
			}
		}
		if next == none {
			return false
		}
		if int(next) == j {
			return true
		}
		back, at = at, next
		if len(w.grid.next[at]) > 2 {
			return int(at) == j
		}
	}
	return false
}
