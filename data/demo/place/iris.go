package place

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Iris is a statistical part of a commune; small communes are one single IRIS whose code ends in 0000.
type Iris struct {
	Code, Name string
	Type       string // H dwellings, A activities, D other, Z whole commune
	Commune    int
	Shape      orb.MultiPolygon
	Population int
}

var (
	quarterNames = []string{"Centre-Bourg", "Le Barry", "Les Capitouls", "La Gravette", "Bellevue", "Les Tuileries", "Le Moulin-Neuf", "Les Coteaux",
		"Borde-Haute", "Le Pastel", "Les Platanes", "Saint-Sernin-le-Vieux", "La Plaine", "Les Écluses"}
	businessNames = []string{"de l'Autan", "des Deux-Vals", "du Pastel", "de la Plaine"}
)

// makeIris divides the larger communes by the same rule, from points spread over their built area.
func (w *World) makeIris() {
	w.irisLabel = make([]int32, Cols*Rows)
	for i := range w.irisLabel {
		w.irisLabel[i] = none
	}
	s := newSearch()
	s.reset()
	for k, c := range w.Communes {
		from := []int{c.site}
		if n := w.irisCount(k); n > 1 {
			from = w.spread(k, n)
		}
		if k == 0 || k == EmploymentZone { // their business parks are IRIS of their own
			for _, p := range w.parks {
				if p.commune == k {
					from = append(from, p.site)
				}
			}
		}
		for n, cell := range from {
			iris := Iris{Code: c.Code + "0000", Name: c.Name, Type: "Z", Commune: k}
			if len(from) > 1 {
				iris.Code = fmt.Sprintf("%s%02d%02d", c.Code, 1+n/9, 1+n%9)
				iris.Type, iris.Name = "H", quarterNames[n%len(quarterNames)]
				if w.business[cell] > 0 {
					iris.Type, iris.Name = "A", "Parc d'activités "+businessNames[int(w.business[cell]-1)%len(businessNames)]
				}
			}
			w.irisLabel[cell] = int32(len(w.Iris))
			s.offer(cell, 0, none)
			c.Iris = append(c.Iris, len(w.Iris))
			w.Iris = append(w.Iris, &iris)
		}
	}
	for {
		i, cost, ok := s.next()
		if !ok {
			break
		}
		if p := s.from[i]; p != none {
			w.irisLabel[i] = w.irisLabel[p]
		}
		col, row := colRow(i)
		for k, d := range around[:4] {
			c, r := col+d[0], row+d[1]
			if inside(c, r) && w.label[index(c, r)] == w.label[i] {
				step := w.terrain.crossCost(i, index(c, r), k)
				if w.road[index(c, r)] != 0 && w.road[i] == 0 {
					step += 160 // quarters end at main roads
				}
				if w.Iris[w.irisLabel[i]].Type == "A" && w.business[index(c, r)] == 0 {
					step += 450
				}
				s.offer(index(c, r), cost+step, int32(i))
			}
		}
	}
	grid := raster{Cols, Rows, Cell, w.irisLabel}
	arcs := grid.arcs(func(line []orb.Point) []orb.Point { return thin(w.terrain.warpAll(smooth(line, 3)), 5) })
	for k, shape := range polygons(arcs, len(w.Iris), func(l int32) int32 { return l }) {
		w.Iris[k].Shape = shape
	}
	commune := func(l int32) int32 { return int32(w.Iris[l].Commune) }
	for k, shape := range polygons(arcs, len(w.Communes), commune) {
		w.Communes[k].Shape = shape
	}
	w.Outline = polygons(arcs, 1, func(int32) int32 { return 0 })[0]
}

// irisCount of a commune: about one for 1,600 inhabitants at full scale, where there are at least 2,500.
func (w *World) irisCount(k int) int {
	n := w.Communes[k].Population * 80000 / max(w.residents, 1)
	if n < 2500 {
		return 1
	}
	return max(2, int(math.Round(float64(n)/1600)))
}

// spread puts n points over the built cells of a commune (k-means, from the seat outwards).
func (w *World) spread(k, n int) []int {
	var cells []int
	for i, l := range w.label {
		if int(l) == k && w.urban[i] > 0 {
			cells = append(cells, i)
		}
	}
	centres := []orb.Point{centre(w.Communes[k].site)}
	for len(centres) < n { // the farthest built cell from those chosen
		best, far := 0, -1.0
		for _, i := range cells {
			near := math.MaxFloat64
			for _, c := range centres {
				near = math.Min(near, planar.Distance(c, centre(i)))
			}
			if near > far {
				best, far = i, near
			}
		}
		centres = append(centres, centre(best))
	}
	for range 12 {
		sum, count := make([]orb.Point, n), make([]float64, n)
		for _, i := range cells {
			p := centre(i)
			c := nearestIndex(centres, p)
			sum[c][0] += p[0]
			sum[c][1] += p[1]
			count[c]++
		}
		for c := range centres {
			if count[c] > 0 {
				centres[c] = orb.Point{sum[c][0] / count[c], sum[c][1] / count[c]}
			}
		}
	}
	out := make([]int, 0, n)
	taken := map[int]bool{}
	for _, c := range centres { // back onto a built cell of the commune
		best, near := -1, math.MaxFloat64
		for _, i := range cells {
			if d := planar.Distance(c, centre(i)); d < near && !taken[i] {
				best, near = i, d
			}
		}
		if best >= 0 {
			taken[best] = true
			out = append(out, best)
		}
	}
	return out
}

func nearestIndex(points []orb.Point, p orb.Point) int {
	best, near := 0, math.MaxFloat64
	for i, q := range points {
		if d := planar.Distance(p, q); d < near {
			best, near = i, d
		}
	}
	return best
}

// IrisAt is the index of the IRIS that contains p, or -1 outside the territory. Safe for concurrent use.
func (w *World) IrisAt(p orb.Point) int {
	if !Bound.Contains(p) {
		return -1
	}
	i := cellAt(p)
	col, row := colRow(i)
	first, mixed := w.irisLabel[i], false
	for dr := -2; dr <= 2; dr++ {
		for dc := -2; dc <= 2; dc++ {
			if c, r := col+dc, row+dr; inside(c, r) && w.irisLabel[index(c, r)] != first {
				mixed = true
			}
		}
	}
	if !mixed {
		return int(first)
	}
	tried := map[int32]bool{}
	for dr := -2; dr <= 2; dr++ { // near a border the drawn line decides, not the grid
		for dc := -2; dc <= 2; dc++ {
			c, r := col+dc, row+dr
			if !inside(c, r) {
				continue
			}
			l := w.irisLabel[index(c, r)]
			if l == none || tried[l] {
				continue
			}
			tried[l] = true
			if planar.MultiPolygonContains(w.Iris[l].Shape, p) {
				return int(l)
			}
		}
	}
	return -1
}
