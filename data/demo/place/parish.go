package place

import (
	"fmt"
	"math"
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Commune of the territory, or a neighbour when Code is empty.
type Commune struct {
	Code, Name string
	Seat       orb.Point // town hall square
	Shape      orb.MultiPolygon
	Population int
	Rank       int // 0 is the central town
	Iris       []int
	site       int // cell
}

const (
	// Communes is how many communes the territory has.
	Communes = 36
	// EPCI is the code and the name of the authority over them.
	EPCI, EPCIName = "999900036", "Communauté d'agglomération des Terres d'Orbelle"
	// EmploymentZone is the rank of the commune that holds the business park.
	EmploymentZone = 9
)

var heartOfTown = at(14.35, 12.4)

// sites chooses where villages stand: dry, not steep, near but not in the flood plain, about 3.3 km apart.
func (w *World) sites() []int {
	t, r := w.terrain, w.Stream("sites")
	town := cellAt(heartOfTown)
	out := []int{town}
	score := func(i int) float64 {
		river := float64(t.toRiver[i])
		s := -2.2*t.slope(i) - 0.4*math.Abs(river-700)/1000
		if river < 260 || t.wet[i] != dry {
			s -= 5
		}
		if float64(t.toWater[i]) < 420 {
			s += 0.35
		}
		return s + 0.5*r.Float64()
	}
	gap := func(p orb.Point) float64 {
		g := math.MaxFloat64
		for _, o := range out {
			d := planar.Distance(centre(o), p)
			if o == town {
				d *= 0.8
			}
			g = math.Min(g, d)
		}
		return g
	}
	for spacing := 3250.0; spacing > 2350; spacing -= 100 {
		for range 40 {
			best, top := -1, math.Inf(-1)
			for range 24 {
				i := index(8+r.IntN(Cols-16), 8+r.IntN(Rows-16))
				if gap(centre(i)) < spacing {
					continue
				}
				if s := score(i); s > top {
					best, top = i, s
				}
			}
			if best >= 0 {
				out = append(out, best)
			}
		}
	}
	return out
}

// slope of a cell, in metres per metre.
func (t *terrain) slope(i int) float64 {
	col, row := colRow(i)
	c0, c1 := max(col-1, 0), min(col+1, Cols-1)
	r0, r1 := max(row-1, 0), min(row+1, Rows-1)
	dx := float64(t.height[index(c1, row)]-t.height[index(c0, row)]) / (float64(c1-c0) * Cell)
	dy := float64(t.height[index(col, r1)]-t.height[index(col, r0)]) / (float64(r1-r0) * Cell)
	return math.Hypot(dx, dy)
}

// makeCommunes gives every cell to the village from which it is easiest to reach: streams, the river, slopes and ridges cost,
// so borders come to follow them.
func (w *World) makeCommunes() {
	sites := w.sites()
	heart := at(14.0, 11.9)
	reach := newNoise(w.Seed, "outline")
	remote := func(i int) float64 { // an irregular outline, longer along the valley
		p := centre(i)
		x, y := (p[0]-heart[0])/1000, (p[1]-heart[1])/1000
		a, b := x*math.Cos(-0.6)-y*math.Sin(-0.6), x*math.Sin(-0.6)+y*math.Cos(-0.6)
		edge := math.Min(math.Min(p[0]-Bound.Min[0], Bound.Max[0]-p[0]), math.Min(p[1]-Bound.Min[1], Bound.Max[1]-p[1]))
		return math.Hypot(b*1.18, a)*(1+0.22*reach.fbm(p[0]/7000, p[1]/7000, 2)) + 9*clamp(1-edge/2900, 0, 1)
	}
	order := append([]int(nil), sites...)
	sort.SliceStable(order, func(a, b int) bool { return remote(order[a]) < remote(order[b]) })
	for k, s := range order {
		w.all = append(w.all, &Commune{site: s, Seat: w.terrain.warp(centre(s)), Rank: -1})
		if k < Communes {
			w.all[k].Rank = k
		}
	}
	w.rank()
	label := w.partition(w.all)
	grid := raster{Cols, Rows, Cell, label}
	grid.tidy()
	w.label = grid.label
	w.mend()
}

// rank orders the territory's communes by size and gives names and codes: the town first, the business park near it.
func (w *World) rank() {
	r := w.Stream("rank")
	ours := w.all[:Communes]
	town := 0
	for i, c := range ours {
		if c.site == cellAt(heartOfTown) {
			town = i
		}
	}
	ours[0], ours[town] = ours[town], ours[0]
	rest := ours[1:]
	weight := make(map[*Commune]float64)
	for _, c := range rest {
		d := planar.Distance(c.Seat, ours[0].Seat) / 1000
		weight[c] = -d/9 - float64(w.terrain.toRiver[c.site])/5200 + 0.9*r.Float64()
	}
	sort.SliceStable(rest, func(a, b int) bool { return weight[rest[a]] > weight[rest[b]] })
	park := 0
	for i, c := range rest { // the business park lies on the motorway, a few kilometres from the town
		if w.parkScore(c, ours[0]) < w.parkScore(rest[park], ours[0]) {
			park = i
		}
	}
	rest[park], rest[EmploymentZone-1] = rest[EmploymentZone-1], rest[park]
	for k, c := range ours {
		c.Rank, c.Name = k, communeNames[k]
	}
	byName := append([]*Commune(nil), ours...)
	sort.Slice(byName, func(a, b int) bool { return byName[a].Name < byName[b].Name })
	for k, c := range byName {
		c.Code = fmt.Sprintf("99%03d", k+1)
	}
	for k, c := range w.all[Communes:] {
		c.Name = neighbourNames[k%len(neighbourNames)]
	}
	w.Communes = ours
	weights := make([]float64, Communes)
	for k := range weights {
		switch k {
		case 0:
			weights[k] = 21.4
		case 1:
			weights[k] = 8.3
		case 2:
			weights[k] = 6.1
		case 3:
			weights[k] = 4.6
		case EmploymentZone:
			weights[k] = 1.35
		default:
			weights[k] = 4.3*math.Pow(0.915, float64(k-4)) + 0.25*r.Float64()
		}
	}
	for k, n := range share(w.residents, weights) {
		ours[k].Population = n
	}
}

func (w *World) parkScore(c, town *Commune) float64 {
	d := distanceTo(w.motorway, c.Seat)
	return d + 0.5*math.Abs(planar.Distance(c.Seat, town.Seat)-4800)
}

func (w *World) partition(from []*Commune) []int32 {
	t := w.terrain
	s := newSearch()
	s.reset()
	label := make([]int32, Cols*Rows)
	for k, c := range from {
		start := 1400.0
		switch {
		case c.Rank == 0:
			start = 0
		case c.Rank > 0 && c.Rank < 4:
			start = 900
		}
		s.offer(c.site, start, none)
		label[c.site] = int32(k)
	}
	for i := range label { // the land along the frame's edge belongs to nobody
		if onEdge(i) {
			s.offer(i, 2900, none)
			label[i] = none
		}
	}
	for {
		i, cost, ok := s.next()
		if !ok {
			return label
		}
		if p := s.from[i]; p != none {
			label[i] = label[p]
		}
		col, row := colRow(i)
		for k, d := range around[:4] {
			if c, r := col+d[0], row+d[1]; inside(c, r) {
				j := index(c, r)
				s.offer(j, cost+t.crossCost(i, j, k), int32(i))
			}
		}
	}
}

// crossCost is the effort of walking from cell i to its neighbour j: what a parish border would not want to cross.
func (t *terrain) crossCost(i, j, k int) float64 {
	p := centre(j)
	cost := stepLength(k) * math.Max(0.25, 1.25+0.95*t.roughness.fbm(p[0]/380, p[1]/380, 3))
	cost += 9 * math.Abs(float64(t.height[j]-t.height[i]))
	if t.wet[j] != t.wet[i] {
		switch max(t.wet[i], t.wet[j]) {
		case isRiver:
			cost += 700
		case isCanal:
			cost += 220
		case isStream:
			cost += 330
		}
	}
	return cost
}

// mend gives pieces of a commune that lost contact with its village to the neighbour around them.
func (w *World) mend() {
	grid := raster{Cols, Rows, Cell, append([]int32(nil), w.label...)}
	was, _ := grid.components()
	main := map[int32]bool{}
	for _, c := range w.all {
		main[grid.label[c.site]] = true
	}
	grid.absorb(func(id int32) bool { return main[id] }, len(was))
	for i, id := range grid.label {
		if id != none {
			w.label[i] = was[id]
		}
	}
}
