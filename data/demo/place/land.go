package place

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Land is a patch of one use of the soil.
type Land struct {
	Class string
	Shape orb.MultiPolygon
}

// Uses of the soil.
const (
	Wood      = "Bois"
	Meadow    = "Prairie"
	Vineyard  = "Vigne"
	Orchard   = "Verger"
	Wheat     = "Céréales"
	Sunflower = "Tournesol"
	Fallow    = "Jachère"
	BuiltUp   = "Bâti"
	Activity  = "Activités"
	Park      = "Parc"
)

var landClasses = []string{Wood, Meadow, Vineyard, Orchard, Wheat, Sunflower, Fallow, BuiltUp, Activity, Park}

const (
	landWood = int32(iota)
	landMeadow
	landVineyard
	landOrchard
	landWheat
	landSunflower
	landFallow
	landBuilt
	landActivity
	landPark
)

const landSide = Cell / 2

// makeLand covers the whole frame with patches of land use that share their borders.
func (w *World) makeLand() {
	cols, rows := Cols*2, Rows*2
	grid := raster{cols, rows, landSide, make([]int32, cols*rows)}
	built := w.builtCells(cols, rows)
	woods, kind := newNoise(w.Seed, "woods"), newNoise(w.Seed, "fields")
	for i := range grid.label {
		p := orb.Point{West + (float64(i%cols)+0.5)*landSide, South + (float64(i/cols)+0.5)*landSide}
		grid.label[i] = w.landAt(p, built[i], woods, kind)
	}
	grid.tidy()
	was, size := grid.components()
	grid.absorb(func(id int32) bool { return size[id] >= 8 }, len(was))
	label := make([]int32, len(grid.label)) // patches absorbed have changed: number them again
	for i, id := range grid.label {
		label[i] = was[id]
	}
	grid.label = label
	grid.tidy()
	was, _ = grid.components()
	arcs := grid.arcs(func(line []orb.Point) []orb.Point { return thin(w.terrain.warpAll(smooth(line, 2)), 4) })
	for k, shape := range polygons(arcs, len(was), func(l int32) int32 { return l }) {
		if len(shape) > 0 {
			w.Land = append(w.Land, Land{landClasses[was[k]], shape})
		}
	}
}

// builtCells marks the land cells around buildings: 1 dwellings and services, 2 business.
func (w *World) builtCells(cols, rows int) []uint8 {
	out := make([]uint8, cols*rows)
	put := func(p orb.Point, reach int, kind uint8) {
		c0, r0 := int((p[0]-West)/landSide), int((p[1]-South)/landSide)
		for r := r0 - reach; r <= r0+reach; r++ {
			for c := c0 - reach; c <= c0+reach; c++ {
				if c >= 0 && r >= 0 && c < cols && r < rows && (c-c0)*(c-c0)+(r-r0)*(r-r0) <= reach*reach+1 {
					out[r*cols+c] = max(out[r*cols+c], kind)
				}
			}
		}
	}
	for _, b := range w.Buildings {
		switch b.Kind {
		case "shop", "shed", "office":
			put(b.Centre, 2, 2)
		case "barn", "farm":
			put(b.Centre, 0, 1)
		default:
			put(b.Centre, 1, 1)
		}
	}
	shape := newNoise(w.Seed, "neighbours")
	for _, c := range w.all[Communes:] { // the villages next door, painted but not built
		for k := range 60 {
			a := float64(k) / 60 * 2 * math.Pi
			for d := 20.0; d < 240*(1+0.5*shape.at(3*math.Cos(a)+c.Seat[0], 3*math.Sin(a))); d += 20 {
				put(offset(c.Seat, a, d), 1, 1)
			}
		}
	}
	return out
}

func (w *World) landAt(p orb.Point, built uint8, woods, kind noise) int32 {
	t, i := w.terrain, cellAt(p)
	switch {
	case built == 2:
		return landActivity
	case built == 1:
		return landBuilt
	case w.urban[i] > 0 && w.ripeness[i] < 0.9*w.grown[w.urban[i]-1]:
		return landPark
	}
	x, y := (p[0]-West)/1000, (p[1]-South)/1000
	forest := woods.fbm(x/2.1, y/2.1, 4) + 2.6*t.slope(i) - 0.55*b2f(t.toRiver[i] < 900)
	bank := float64(t.toRiver[i])
	if forest > 0.52 || bank < 45+60*woods.at(x*3, y*3) || t.wet[i] == isStream && woods.at(x*1.7, y*1.7) > -0.35 {
		return landWood
	}
	seed := fieldSeed(p, kind)
	fx, fy := (seed[0]-West)/1000, (seed[1]-South)/1000
	draw := float64(uint32(kind.hash(seed)))/(1<<32) + 0.28*kind.fbm(fx/3.5, fy/3.5, 2)
	slope := t.slope(cellAt(clampTo(seed)))
	switch {
	case float64(t.toWater[i]) < 110 && draw < 0.6, draw < 0.10:
		return landMeadow
	case slope > 0.035 && kind.at(fx/2.2+40, fy/2.2) > 0.30:
		return landVineyard
	case draw > 1.02:
		return landOrchard
	case draw < 0.52:
		return landWheat
	case draw < 0.82:
		return landSunflower
	}
	return landFallow
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func clampTo(p orb.Point) orb.Point {
	return orb.Point{clamp(p[0], Bound.Min[0], Bound.Max[0]-1), clamp(p[1], Bound.Min[1], Bound.Max[1]-1)}
}

// fieldSeed is the middle of the field that holds p: fields are cells of jittered points, long and turned with the land.
func fieldSeed(p orb.Point, kind noise) orb.Point {
	const pitch = 330.0
	best, near := orb.Point{}, math.MaxFloat64
	gx, gy := math.Floor(p[0]/pitch), math.Floor(p[1]/pitch)
	for dy := -1.0; dy <= 1; dy++ {
		for dx := -1.0; dx <= 1; dx++ {
			x, y := int(gx+dx), int(gy+dy)
			s := orb.Point{(gx + dx + 0.5 + 0.42*kind.corner(x, y)) * pitch, (gy + dy + 0.5 + 0.42*kind.corner(y, x+7)) * pitch}
			turn := 2.4 * kind.at(s[0]/2100, s[1]/2100)
			c, n := math.Cos(turn), math.Sin(turn)
			a, b := (p[0]-s[0])*c+(p[1]-s[1])*n, -(p[0]-s[0])*n+(p[1]-s[1])*c
			if d := math.Max(math.Abs(a)*0.72, math.Abs(b)*1.15); d < near {
				best, near = s, d
			}
		}
	}
	return best
}

func (n noise) hash(p orb.Point) uint64 {
	return uint64(int64((n.corner(int(p[0]), int(p[1])) + 1) * (1 << 31)))
}

// InLake says whether p is in a lake.
func (w *World) InLake(p orb.Point) bool {
	for _, l := range w.Water.Lakes {
		if planar.RingContains(l.Ring, p) {
			return true
		}
	}
	return false
}
