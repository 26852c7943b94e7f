package place

import (
	"math"
	"sort"

	"github.com/paulmach/orb"
)

// businessParks builds sheds, shops and offices along the streets of business areas.
func (b *builder) businessParks() {
	w, r := b.w, b.r
	for k, s := range w.Streets {
		l := lengthOf(s.Line)
		if s.Class == Motorway || s.Class == Ramp || l < 20 {
			continue
		}
		mid, _ := along(s.Line, l/2)
		area := w.business[cellAt(mid)]
		if area == 0 {
			continue
		}
		for _, side := range [2]float64{1, -1} {
			f := &front{street: k, side: side, ripe: 0.9, length: l}
			for d := 8.0; d < l-6; {
				x := Building{Use: Commercial, Kind: "shop", Floors: 1, Year: 1978 + r.IntN(46)}
				width, depth := 22+34*r.Float64(), 18+26*r.Float64()
				switch q := r.Float64(); {
				case q < 0.30:
					x.Use, x.Kind = Industrial, "shed"
					width += 14
				case q < 0.55:
					x.Kind, x.Floors = "office", 2+r.IntN(3)
					width, depth = 18+20*r.Float64(), 13+5*r.Float64()
				}
				x.Height = math.Round(10*(float64(x.Floors)*3.4+3*r.Float64()+1.5)) / 10
				fp, ok := b.place(f, d+width/2, 9+8*r.Float64(), width, depth, 6)
				if !ok {
					d += 7
					continue
				}
				b.add(f, fp, d+width/2, x)
				d += width + 12 + 14*r.Float64()
			}
		}
	}
}

// farms stand at the end of lanes: a house, and barns around a yard.
func (b *builder) farms() {
	r := b.r
	for _, i := range b.w.farms {
		p := b.w.terrain.warp(centre(i))
		angle := 2 * math.Pi * r.Float64()
		built := 0
		for k := range 2 + r.IntN(3) {
			x := Building{Use: Agricultural, Kind: "barn", Floors: 1, Height: math.Round(10*(5+3*r.Float64())) / 10, Year: 1850 + r.IntN(170)}
			width, depth := 18+22*r.Float64(), 10+8*r.Float64()
			if k == 0 {
				x = Building{Use: Residential, Kind: "farm", Floors: 2, Height: 7, Dwellings: 1, Year: 1800 + r.IntN(130), Ripe: 1}
				width, depth = 17, 10
			}
			a := angle + float64(k)*math.Pi/2
			fp := footprint{offset(p, a, 22+8*r.Float64()), a + math.Pi/2, width, depth}
			if b.w.IrisAt(fp.centre) >= 0 && b.buildable(fp, 2) {
				b.add(nil, fp, 0, x)
				built++
			}
		}
	}
}

// houseTheRest adds dwellings to blocks and rows where the streets gave too few.
func (b *builder) houseTheRest() {
	w := b.w
	homes := make([]int, len(w.Communes))
	byCommune := make([][]int, len(w.Communes))
	kept := w.Buildings[:0]
	for _, x := range w.Buildings {
		x.Iris = w.IrisAt(x.Centre)
		if x.Iris < 0 {
			continue
		}
		kept = append(kept, x)
	}
	w.Buildings = kept
	for k, x := range w.Buildings {
		c := w.Iris[x.Iris].Commune
		homes[c] += x.Dwellings
		if x.Dwellings > 0 {
			byCommune[c] = append(byCommune[c], k)
		}
	}
	for c, list := range byCommune {
		need := int(float64(w.Communes[c].Population)/2.16/0.93+1) - homes[c]
		order := map[string]int{"block": 0, "row": 1, "house": 2, "farm": 3}
		sort.SliceStable(list, func(i, j int) bool { return order[w.Buildings[list[i]].Kind] < order[w.Buildings[list[j]].Kind] })
		for round := 0; need > 0 && round < 12 && len(list) > 0; round++ {
			for _, k := range list {
				x := &w.Buildings[k]
				if need <= 0 {
					break
				}
				add := 1
				if x.Kind == "block" {
					add = 2
				}
				if x.Dwellings+add > 3 && x.Kind != "block" && round < 8 {
					continue
				}
				x.Dwellings += add
				need -= add
			}
		}
	}
}

// annexes (garages, sheds, pools' huts) bring the count of buildings to the number asked for.
func (b *builder) annexes() {
	w, r := b.w, b.r
	houses := make([]int, 0, len(w.Buildings))
	for k, x := range w.Buildings {
		if x.Kind == "house" || x.Kind == "farm" || x.Kind == "row" {
			houses = append(houses, k)
		}
	}
	for try := 0; len(w.Buildings) < w.buildings && try < 40*w.buildings; try++ {
		home := w.Buildings[houses[r.IntN(len(houses))]]
		ring := home.Shape[0]
		angle := math.Atan2(ring[1][1]-ring[0][1], ring[1][0]-ring[0][0])
		width, depth := 3+3.5*r.Float64(), 3+4*r.Float64()
		fp := footprint{offset(home.Centre, angle+float64(r.IntN(4))*math.Pi/2+0.5*(r.Float64()-0.5), 8+9*r.Float64()), angle, width, depth}
		if !b.buildable(fp, 0.6) {
			continue
		}
		x := Building{Use: Annex, Kind: "annex", Floors: 1, Height: math.Round(10*(2.4+r.Float64())) / 10, Year: min(2024, home.Year+r.IntN(30)), Ripe: home.Ripe}
		if x.Iris = w.IrisAt(fp.centre); x.Iris < 0 {
			continue
		}
		b.add(nil, fp, 0, x)
	}
	if len(w.Buildings) > w.buildings {
		w.Buildings = w.Buildings[:w.buildings]
	}
}

// fixBuildings rounds coordinates to the centimetre, turns rings counter-clockwise and orders buildings from north to south.
func (w *World) fixBuildings() {
	for k := range w.Buildings {
		x := &w.Buildings[k]
		for i, p := range x.Shape[0] {
			x.Shape[0][i] = orb.Point{math.Round(p[0]*100) / 100, math.Round(p[1]*100) / 100}
		}
		if x.Shape[0].Orientation() == orb.CW {
			x.Shape[0].Reverse()
		}
		x.Centre = orb.Point{math.Round(x.Centre[0]*100) / 100, math.Round(x.Centre[1]*100) / 100}
	}
	sort.SliceStable(w.Buildings, func(i, j int) bool {
		a, b := w.Buildings[i].Centre, w.Buildings[j].Centre
		return a[1] > b[1] || a[1] == b[1] && a[0] < b[0]
	})
}
