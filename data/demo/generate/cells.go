package generate

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/paulmach/orb"

	"jumeau/data/demo/place"
)

// square is the south-west corner of an INSEE grid cell in EPSG:3035, in metres.
type square struct{ n, e int }

// squareAt is the cell of side metres that holds a point given in Lambert-93.
func squareAt(p orb.Point, side int) square {
	x, y := laea.FromLonLat(lambert93.ToLonLat(p[0], p[1]))
	return square{int(math.Floor(y/float64(side))) * side, int(math.Floor(x/float64(side))) * side}
}

func (q square) up(side int) square { return square{floorTo(q.n, side), floorTo(q.e, side)} }

func floorTo(v, side int) int { return int(math.Floor(float64(v)/float64(side))) * side }

func (q square) id(side int) string { return fmt.Sprintf("CRS3035RES%dmN%dE%d", side, q.n, q.e) }

// The published sums of a cell, in the order of Filosofi's columns from "ind" on.
var sums = []string{"ind", "men", "men_pauv", "men_1ind", "men_5ind", "men_prop", "men_fmp", "ind_snv", "men_surf", "men_coll", "men_mais",
	"log_av45", "log_45_70", "log_70_90", "log_ap90", "log_inc", "log_soc", "ind_0_3", "ind_4_5", "ind_6_10", "ind_11_17", "ind_18_24",
	"ind_25_39", "ind_40_54", "ind_55_64", "ind_65_79", "ind_80p", "ind_inc"}

const leastHouseholds = 11 // below, every figure but ind and men is imputed

type cell struct {
	at       square
	sum      []float64
	communes map[string]bool
	natural  string
	imputed  bool
	group    int
}

// countCells sums residents and households by 200 m cell, from the south-west.
func countCells(w *place.World) []*cell {
	by := map[square]*cell{}
	where := make([]*cell, len(w.Buildings))
	for _, h := range w.Households {
		b := &w.Buildings[h.Home]
		c := where[h.Home]
		if c == nil {
			at := squareAt(b.Centre, 200)
			if c = by[at]; c == nil {
				c = &cell{at: at, sum: make([]float64, len(sums)), communes: map[string]bool{}}
				by[at] = c
			}
			where[h.Home] = c
		}
		c.communes[w.Communes[w.Iris[b.Iris].Commune].Code] = true
		c.add(w, &h, b)
	}
	cells := make([]*cell, 0, len(by))
	for _, c := range by {
		cells = append(cells, c)
	}
	sort.Slice(cells, func(i, j int) bool {
		a, b := cells[i].at, cells[j].at
		return a.n < b.n || a.n == b.n && a.e < b.e
	})
	return cells
}

func (c *cell) add(w *place.World, h *place.Household, b *place.Building) {
	n := float64(h.Count)
	put := func(name string, v float64) { c.sum[column[name]] += v }
	yes := func(name string, is bool) {
		if is {
			put(name, 1)
		}
	}
	put("ind", n)
	put("men", 1)
	yes("men_pauv", h.Poor)
	yes("men_1ind", h.Count == 1)
	yes("men_5ind", h.Count >= 5)
	yes("men_prop", h.Owner)
	yes("men_fmp", h.SingleParent)
	put("ind_snv", n*h.Income)
	put("men_surf", h.Surface)
	yes("men_coll", b.Kind == "block" || b.Kind == "row" && b.Dwellings > 1)
	yes("men_mais", !(b.Kind == "block" || b.Kind == "row" && b.Dwellings > 1))
	yes("log_av45", b.Year < 1945)
	yes("log_45_70", b.Year >= 1945 && b.Year < 1970)
	yes("log_70_90", b.Year >= 1970 && b.Year < 1990)
	yes("log_ap90", b.Year >= 1990)
	yes("log_soc", h.Social)
	for k := h.First; k < h.First+h.Count; k++ {
		put(ageBand(int(w.Persons[k].Age)), 1)
	}
}

var column = func() map[string]int {
	m := map[string]int{}
	for i, s := range sums {
		m[s] = i
	}
	return m
}()

func ageBand(age int) string {
	for _, b := range []struct {
		upTo int
		name string
	}{{3, "ind_0_3"}, {5, "ind_4_5"}, {10, "ind_6_10"}, {17, "ind_11_17"}, {24, "ind_18_24"}, {39, "ind_25_39"}, {54, "ind_40_54"}, {64, "ind_55_64"}, {79, "ind_65_79"}} {
		if age <= b.upTo {
			return b.name
		}
	}
	return "ind_80p"
}

// impute hides cells of fewer than 11 households as INSEE does: cells that are too small are put together within the smallest
// square (1 km, 2 km, … ) where they reach 11 households, and the square's sums are shared among them by households.
// Persons and households stay true; sums over the square stay exact.
func impute(cells []*cell) {
	pending := []*cell{}
	for i, c := range cells {
		c.natural, c.group = c.at.id(200), 990000+i
		if c.sum[column["men"]] < leastHouseholds {
			pending = append(pending, c)
		}
	}
	for side := 1000; len(pending) > 0; side *= 2 {
		groups, order := map[square][]*cell{}, []square{}
		for _, c := range pending {
			k := c.at.up(side)
			if groups[k] == nil {
				order = append(order, k)
			}
			groups[k] = append(groups[k], c)
		}
		pending = pending[:0]
		for g, k := range order {
			list, men := groups[k], 0.0
			for _, c := range list {
				men += c.sum[column["men"]]
			}
			if men < leastHouseholds && side < 64000 {
				pending = append(pending, list...)
				continue
			}
			spread(list, men)
			for _, c := range list {
				c.natural, c.imputed, c.group = k.id(side), true, 100000*side/1000+g
			}
		}
	}
}

// spread shares each sum of the cells among them by households, in tenths that add up to the whole.
func spread(list []*cell, men float64) {
	weights := make([]float64, len(list))
	for i, c := range list {
		weights[i] = c.sum[column["men"]] / men
	}
	for k, name := range sums {
		if name == "ind" || name == "men" {
			continue
		}
		total := 0.0
		for _, c := range list {
			total += c.sum[k]
		}
		for i, tenths := range place.Share(int(math.Round(total*10)), weights) {
			list[i].sum[k] = float64(tenths) / 10
		}
	}
}

// cells in the layout of Filosofi's 200 m data; one count is impossible, one cell comes twice.
func (s *sheet) cells() error {
	cells := countCells(s.w)
	impute(cells)
	imputed1km := map[square]float64{}
	for _, c := range cells {
		imputed1km[c.at.up(1000)] += c.sum[column["men"]]
	}
	return s.text(func(o *out) {
		o.row(',', append([]string{"idcar_200m", "idcar_1km", "idcar_nat", "i_est_200", "i_est_1km", "lcog_geo", "groupe"}, sums...)...)
		for i, c := range cells {
			codes := make([]string, 0, len(c.communes))
			for code := range c.communes {
				codes = append(codes, code)
			}
			sort.Strings(codes)
			km := c.at.up(1000)
			row := []string{c.at.id(200), km.id(1000), c.natural, flag(c.imputed), flag(imputed1km[km] < leastHouseholds), strings.Join(codes, ""), fmt.Sprint(c.group)}
			for _, v := range c.sum {
				row = append(row, short(v, 1))
			}
			o.row(',', row...)
			s.rows++
			switch i {
			case 100:
				o.row(',', row...)
				s.rows++
			case 300:
				bad := append([]string(nil), row...)
				bad[0], bad[7] = square{c.at.n, c.at.e - 200000}.id(200), "-4"
				o.row(',', bad...)
				s.rows++
			}
		}
	})
}

func flag(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}
