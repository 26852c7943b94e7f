package place

import (
	"math"
	"math/rand/v2"
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Uses of buildings, as IGN's BD TOPO words them.
const (
	Residential  = "Résidentiel"
	Annex        = "Annexe"
	Commercial   = "Commercial et services"
	Industrial   = "Industriel"
	Agricultural = "Agricole"
	Religious    = "Religieux"
	Sport        = "Sportif"
	Public       = "Indifférencié"
)

// Building of the territory.
type Building struct {
	Shape     orb.Polygon
	Centre    orb.Point
	Use       string
	Kind      string // church, town hall, school, hall, house, row, block, shop, shed, office, farm, barn, annex
	Height    float64
	Floors    int
	Dwellings int
	Year      int
	Iris      int
	Street    int // index in Streets, -1 when on none
	Number    int // metres from the start of the street, even on the right
	Ripe      float64
}

// front is one side of a street inside a built place.
type front struct {
	street int
	side   float64 // +1 left, -1 right
	ripe   float64
	at     float64 // first free metre
	length float64
}

type builder struct {
	w      *World
	r      *rand.Rand
	ground ground
}

// makeBuildings builds along the streets of each place, from its centre outwards, until its people are housed.
func (w *World) makeBuildings() {
	b := &builder{w: w, r: w.Stream("buildings"), ground: ground{cell: map[[2]int32][]int32{}}}
	fronts := b.fronts()
	for v := range w.villages {
		b.publicBuildings(v, fronts[v])
		b.settle(v, fronts[v])
	}
	b.businessParks()
	b.farms()
	b.houseTheRest()
	w.pruneStreets()
	b.annexes()
	w.fixBuildings()
}

// fronts of every settlement, the ripest first.
func (b *builder) fronts() [][]*front {
	w := b.w
	out := make([][]*front, len(w.villages))
	for k, s := range w.Streets {
		if s.Class == Motorway || s.Class == Ramp {
			continue
		}
		l := lengthOf(s.Line)
		mid, _ := along(s.Line, l/2)
		i := cellAt(mid)
		if w.urban[i] == 0 || l < 12 {
			continue
		}
		for _, side := range [2]float64{1, -1} {
			v := w.urban[i] - 1
			out[v] = append(out[v], &front{street: k, side: side, ripe: float64(w.ripeness[i]), length: l, at: 2})
		}
	}
	for _, f := range out {
		sort.SliceStable(f, func(i, j int) bool { return f[i].ripe < f[j].ripe })
	}
	return out
}

// place sets a rectangle beside a front, at metre d, if the ground is free there.
func (b *builder) place(f *front, d, setback, width, depth, margin float64) (footprint, bool) {
	s := &b.w.Streets[f.street]
	p, angle := along(s.Line, d)
	// the direction over the whole frontage, so that a house stands straight where the street bends
	p0, _ := along(s.Line, math.Max(0, d-width/2))
	p1, _ := along(s.Line, math.Min(f.length, d+width/2))
	if planar.Distance(p0, p1) > 1 {
		angle = math.Atan2(p1[1]-p0[1], p1[0]-p0[0])
	}
	away := halfWidth[s.Class] + setback + depth/2
	fp := footprint{offset(p, angle+f.side*math.Pi/2, away), angle, width, depth}
	if f.side < 0 {
		fp.angle += math.Pi // the front faces the street
	}
	return fp, b.buildable(fp, margin)
}

func (b *builder) buildable(fp footprint, margin float64) bool {
	w := b.w
	corners := fp.corners()
	for _, c := range corners {
		if !Bound.Contains(c) || w.terrain.wet[cellAt(c)] == isLake || w.onWater(c, 7) || w.onMotorway(cellAt(c)) {
			return false
		}
	}
	hit := false
	lo, hi := corners[0], corners[0]
	for _, c := range corners {
		lo = orb.Point{math.Min(lo[0], c[0]), math.Min(lo[1], c[1])}
		hi = orb.Point{math.Max(hi[0], c[0]), math.Max(hi[1], c[1])}
	}
	w.network.near(lo, hi, 8, func(_ int32, s *segment) {
		if hit {
			return
		}
		p, q := w.network.node[s.a], w.network.node[s.b]
		l := planar.Distance(p, q)
		road := footprint{between(p, q, 0.5), math.Atan2(q[1]-p[1], q[0]-p[0]), l, 2 * (halfWidth[s.class] - 0.3)}
		hit = fp.overlaps(road)
	})
	return !hit && b.ground.free(fp.grown(margin))
}

func (b *builder) add(f *front, fp footprint, d float64, x Building) {
	notch := 0.0
	switch x.Kind {
	case "house", "school", "farm":
		if b.r.Float64() < 0.36 {
			notch = 0.35 + 0.25*b.r.Float64()
		}
	}
	x.Shape = orb.Polygon{fp.ring(notch, b.r.IntN(2) == 0)}
	x.Centre = fp.centre
	x.Street = -1
	if f != nil {
		x.Street, x.Ripe = f.street, f.ripe
		x.Number = 2 * int(d/2)
		if f.side > 0 {
			x.Number++
		}
		x.Number = max(x.Number, 1)
	}
	b.ground.take(fp)
	b.w.Buildings = append(b.w.Buildings, x)
}

// publicBuildings stand first: church and town hall on the square, schools and halls where there is room.
func (b *builder) publicBuildings(v int, fronts []*front) {
	vil := b.w.villages[v]
	if vil.size == 3 {
		return
	}
	pop := b.w.Communes[vil.commune].Population * 80000 / b.w.residents
	type wish struct {
		kind, use            string
		width, depth, height float64
		from                 float64
	}
	wishes := []wish{{"church", Religious, 13, 27, 15, 0}, {"town hall", Public, 18, 13, 10, 0}}
	for k := range 1 + pop/2100 {
		wishes = append(wishes, wish{"school", Public, 42, 20, 6.5, math.Min(0.08+0.11*float64(k), 0.8)})
	}
	for k := range (pop + 600) / 2600 {
		wishes = append(wishes, wish{"hall", Sport, 40, 24, 9, math.Min(0.35+0.1*float64(k), 0.85)})
	}
	if vil.commune == 0 {
		wishes = append(wishes, wish{"station", Public, 46, 14, 9, 0.18}, wish{"hospital", Public, 70, 30, 16, 0.5}, wish{"market hall", Commercial, 30, 22, 9, 0})
	}
	if vil.commune < 2 {
		wishes = append(wishes, wish{"lycée", Public, 80, 26, 12, 0.55})
	}
	for _, x := range wishes {
	search:
		for _, relax := range [2]float64{0, -1} {
			for _, f := range fronts {
				if f.ripe < x.from+relax {
					continue
				}
				for d := 4.0; d < f.length; d += 9 {
					if fp, ok := b.place(f, d, 5, x.width, x.depth, 3); ok {
						b.add(f, fp, d, Building{Kind: x.kind, Use: x.use, Height: x.height + math.Round(20*b.r.Float64())/10, Floors: max(1, int(x.height/3.6)),
							Year: 1880 + b.r.IntN(120)})
						break search
					}
				}
			}
		}
	}
}

// settle builds dwellings along the fronts, in up to three passes: street fronts, gaps, then second rows.
func (b *builder) settle(v int, fronts []*front) {
	vil := &b.w.villages[v]
	need := int(float64(vil.people)/2.16/0.93 + 0.5)
	for pass := range 3 {
		for _, f := range fronts {
			if need <= 0 {
				return
			}
			if pass > 0 {
				f.at = 2
			}
			for f.at < f.length-3 && need > 0 {
				step, n := b.dwelling(vil, f, pass)
				need -= n
				f.at += step
			}
		}
	}
	vil.people = need // left to house elsewhere
}

// dwelling tries one building at the front's free metre; it returns how far to go on and the dwellings built.
func (b *builder) dwelling(vil *settlement, f *front, pass int) (float64, int) {
	r := b.r
	core := [4]float64{0.06, 0.05, 0.055, 0}[vil.size]
	blocks := [4]float64{0.17, 0.08, 0.01, 0}[vil.size]
	x := Building{Use: Residential}
	var width, depth, setback, margin, gap float64
	switch {
	case f.ripe < core:
		x.Kind, width, depth, setback, margin = "row", 6.5+5*r.Float64(), 9.5+4*r.Float64(), 0.6*r.Float64(), -0.05
		x.Floors = 2 + r.IntN(2)
		if vil.size == 0 {
			x.Floors += r.IntN(2)
		}
		x.Dwellings = 1
		if vil.size < 2 && r.Float64() < 0.6 {
			x.Dwellings = x.Floors
		}
	case r.Float64() < blocks && f.ripe < 0.8 && pass == 0:
		x.Kind, width, depth, setback, margin, gap = "block", 18+18*r.Float64(), 11+3*r.Float64(), 5+4*r.Float64(), 5, 12
		x.Floors = 3 + r.IntN(3) - vil.size
		x.Dwellings = max(4, int(width*depth*float64(x.Floors)*0.8/72))
	default:
		x.Kind, width, depth, setback, margin, gap = "house", 9+6*r.Float64(), 8+3.5*r.Float64(), 3.5+8*r.Float64(), 3, 7+15*r.Float64()
		if f.ripe < 3*core {
			setback, gap = setback*0.5, gap*0.5
		}
		x.Floors = 1 + r.IntN(2)
		x.Dwellings = 1
		if vil.size < 3 && r.Float64() < 0.10 {
			width, x.Dwellings = width+7, 2
		}
	}
	if pass == 2 {
		setback += 19 + 8*r.Float64()
		gap += 4
	}
	d := f.at + width/2
	fp, ok := b.place(f, d, setback, width, depth, margin)
	if !ok {
		return 2.5 + 2*r.Float64(), 0
	}
	x.Height = math.Round(10*(float64(x.Floors)*2.8+1.2+1.3*r.Float64())) / 10
	x.Year = b.year(f.ripe, x.Kind)
	b.add(f, fp, d, x)
	return width + gap, x.Dwellings
}

func (b *builder) year(ripe float64, kind string) int {
	y := 1700 + 320*math.Pow(clamp(ripe+0.16*b.r.NormFloat64(), 0, 1), 0.36)
	if kind == "house" {
		y = math.Max(y, 1900+20*b.r.Float64())
	}
	if kind == "block" {
		y = math.Max(y, 1955+10*b.r.Float64())
	}
	return int(math.Min(y, 2024))
}
