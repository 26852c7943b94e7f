package place

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Status of a person on a working day.
type Status uint8

// What people do.
const (
	AtHome Status = iota
	Pupil
	Student
	Worker
)

// Person is a simulated resident. Nobody real is described.
type Person struct {
	Household int32
	Age       uint8
	Woman     bool
	Status    Status
	Place     int32 // building of work or school, -1 for none
	HasCard   bool  // holds a bus pass
}

// Household lives in one dwelling.
type Household struct {
	Home         int32   // building
	First, Count int32   // its persons
	Income       float64 // standard of living: euros a year per consumption unit
	Poor         bool
	Owner        bool
	SingleParent bool
	Social       bool
	Surface      float64 // m²
}

// Facts are what the invention of people adds to a World.
type Facts struct {
	Persons    []Person
	Households []Household
	Jobs       []float64 // per building
	Facilities []Facility

	jobsIn   []float64 // per commune
	workIn   []drawer  // per commune, over workplaces
	workList [][]int32
	toWork   []drawer // per commune of residence, over communes
	shopIn   []drawer
	shopList [][]int32
	toShop   []drawer
	schools  [4][]int32 // primary, collège, lycée, university: buildings
}

// PovertyLine is 60 % of the median standard of living, in euros a year.
const PovertyLine = 12800.0

// makePeople fills dwellings with households until each commune has its population, then gives each person a day place.
func (w *World) makePeople() {
	r := w.Stream("people")
	rich := newNoise(w.Seed, "income")
	homes := make([][]int32, len(w.Communes))
	for k, b := range w.Buildings {
		c := w.Iris[b.Iris].Commune
		for range b.Dwellings {
			homes[c] = append(homes[c], int32(k))
		}
	}
	for c, list := range homes {
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		left := w.Communes[c].Population
		for _, home := range list {
			if left == 0 {
				break
			}
			left -= w.moveIn(r, home, left, rich)
		}
		for left > 0 && len(list) > 0 { // dwellings ran out: large households share
			left -= w.moveIn(r, list[r.IntN(len(list))], left, rich)
		}
	}
	w.makeFacilities()
	w.makeJobs()
	for i := range w.Persons {
		w.occupy(r, &w.Persons[i])
	}
	for i := range w.Persons {
		w.Iris[w.IrisOf(&w.Persons[i])].Population++
	}
}

// HomeOf is the building a person lives in.
func (w *World) HomeOf(p *Person) *Building { return &w.Buildings[w.Households[p.Household].Home] }

// IrisOf is the IRIS a person lives in.
func (w *World) IrisOf(p *Person) int { return w.HomeOf(p).Iris }

// CommuneOf is the commune a person lives in.
func (w *World) CommuneOf(p *Person) int { return w.Iris[w.IrisOf(p)].Commune }

// moveIn makes a household of at most left persons; it returns their number.
func (w *World) moveIn(r *rand.Rand, home int32, left int, rich noise) int {
	b := &w.Buildings[home]
	sizes := []float64{30, 34, 15.5, 14.5, 6}
	if b.Kind == "block" || b.Kind == "row" {
		sizes = []float64{46, 29, 12, 9, 4}
	}
	n := min(1+pick(r, sizes), left)
	if n == 5 && r.Float64() < 0.2 && left > 6 {
		n += 1 + r.IntN(2)
	}
	h := Household{Home: home, First: int32(len(w.Persons)), Count: int32(n)}
	ages, single := w.ages(r, n)
	h.SingleParent = single
	p := b.Centre
	level := 0.30*rich.fbm(p[0]/1600, p[1]/1600, 3) + 0.38*r.NormFloat64() - 0.16*b2f(b.Kind == "block") - 0.22*b2f(single)
	h.Income = math.Round(23600 * math.Exp(level-0.1))
	h.Poor = h.Income < PovertyLine
	h.Social = b.Kind == "block" && r.Float64() < 0.42-0.3*math.Tanh(level)
	owner := 0.78
	if b.Kind == "block" || b.Kind == "row" {
		owner = 0.42
	}
	h.Owner = !h.Social && r.Float64() < owner+0.2*math.Tanh(level)
	h.Surface = math.Round(34 + 21*float64(n) + 26*r.Float64() + 18*b2f(b.Kind == "house") + 12*level)
	id := int32(len(w.Households))
	for k, a := range ages {
		w.Persons = append(w.Persons, Person{Household: id, Age: uint8(clamp(float64(a), 0, 103)), Woman: (k+r.IntN(2))%2 == 0, Place: -1})
	}
	w.Households = append(w.Households, h)
	return n
}

// ages of a household of n: alone, a couple, or parents and children.
func (w *World) ages(r *rand.Rand, n int) (ages []int, single bool) {
	grown := func() int {
		switch q := r.Float64(); {
		case q < 0.17:
			return 19 + r.IntN(11)
		case q < 0.48:
			return 30 + r.IntN(25)
		case q < 0.68:
			return 55 + r.IntN(13)
		}
		return 66 + int(29*math.Pow(r.Float64(), 1.25))
	}
	if n == 1 {
		return []int{grown()}, false
	}
	single = r.Float64() < 0.21 && n < 5
	if n == 2 && !single {
		a := grown()
		return []int{a, max(18, a-2+r.IntN(5))}, false
	}
	parent := 27 + r.IntN(26)
	ages = []int{parent}
	if !single {
		ages = append(ages, max(20, parent-3+r.IntN(6)))
	}
	for len(ages) < n {
		ages = append(ages, max(0, parent-24-r.IntN(14)))
	}
	for i := range ages {
		if i > 0 && ages[i] > 24 && ages[i] < parent-15 {
			ages[i] = 5 + r.IntN(17)
		}
	}
	return ages, single
}

// makeJobs counts the jobs of each building and how far people of each commune go for work and for shops.
func (w *World) makeJobs() {
	r := w.Stream("jobs")
	w.Jobs = make([]float64, len(w.Buildings))
	for k, b := range w.Buildings {
		area := math.Abs(planar.Area(b.Shape)) * float64(b.Floors)
		switch b.Kind {
		case "office":
			w.Jobs[k] = area / 30
		case "shop":
			w.Jobs[k] = area / 85
		case "shed":
			w.Jobs[k] = area / 110
		case "hospital":
			w.Jobs[k] = 900
		case "lycée":
			w.Jobs[k] = 95
		case "school":
			w.Jobs[k] = 22
		case "town hall":
			w.Jobs[k] = 6 + float64(w.Communes[w.Iris[b.Iris].Commune].Population)/110
		case "farm":
			w.Jobs[k] = 1.4
		case "row":
			w.Jobs[k] = 0.35 * r.Float64()
		}
	}
	for _, f := range w.Facilities {
		w.Jobs[f.Building] += 2.5
	}
	n := len(w.Communes)
	w.jobsIn, w.workIn, w.workList = make([]float64, n), make([]drawer, n), make([][]int32, n)
	w.shopIn, w.shopList = make([]drawer, n), make([][]int32, n)
	shops := make([]float64, n)
	shopWeight, workWeight := make([][]float64, n), make([][]float64, n)
	for k, b := range w.Buildings {
		c := w.Iris[b.Iris].Commune
		if w.Jobs[k] > 0 {
			w.jobsIn[c] += w.Jobs[k]
			w.workList[c], workWeight[c] = append(w.workList[c], int32(k)), append(workWeight[c], w.Jobs[k])
		}
		pull := 0.0
		switch b.Kind {
		case "shop":
			pull = 9
		case "market hall":
			pull = 30
		case "row":
			pull = math.Max(0, w.Jobs[k]-0.3)
		}
		if pull > 0 {
			shops[c] += pull
			w.shopList[c], shopWeight[c] = append(w.shopList[c], int32(k)), append(shopWeight[c], pull)
		}
	}
	for c := range w.Communes {
		w.workIn[c], w.shopIn[c] = newDrawer(workWeight[c]), newDrawer(shopWeight[c])
		work, shop := make([]float64, n), make([]float64, n)
		for d := range w.Communes {
			km := planar.Distance(w.Communes[c].Seat, w.Communes[d].Seat) / 1000
			work[d] = math.Pow(w.jobsIn[d], 0.95) * math.Exp(-km/5.6) * (1 + 0.9*b2f(c == d))
			shop[d] = shops[d] * math.Exp(-km/2.6) * (1 + 1.5*b2f(c == d))
		}
		w.toWork, w.toShop = append(w.toWork, newDrawer(work)), append(w.toShop, newDrawer(shop))
	}
}

// occupy gives a person a status and the building where the day is spent.
func (w *World) occupy(r *rand.Rand, p *Person) {
	c := w.CommuneOf(p)
	home := w.HomeOf(p).Centre
	study := func(level int) {
		p.Status, p.Place = Pupil, w.nearestOf(w.schools[level], home, c)
		if level == 3 {
			p.Status = Student
		}
	}
	q := r.Float64()
	switch a := p.Age; {
	case a < 3:
	case a < 11:
		study(0)
	case a < 15:
		study(1)
	case a < 18:
		study(2)
	case a < 25 && q < 0.46:
		study(3)
	case a < 25 && q < 0.80, a >= 25 && a < 55 && q < 0.81, a >= 55 && a < 62 && q < 0.66, a >= 62 && a < 66 && q < 0.22:
		p.Status = Worker
		d := w.toWork[c].draw(r)
		p.Place = w.workList[d][w.workIn[d].draw(r)]
	}
	p.HasCard = p.Status != AtHome && p.Age >= 11 && r.Float64() < [4]float64{0, 0.5, 0.7, 0.17}[p.Status] || p.Status == AtHome && p.Age > 11 && r.Float64() < 0.08
}

// nearestOf a list of buildings, those of the same commune first.
func (w *World) nearestOf(list []int32, p orb.Point, commune int) int32 {
	best, near := int32(-1), math.MaxFloat64
	for _, k := range list {
		d := planar.Distance(w.Buildings[k].Centre, p)
		if w.Iris[w.Buildings[k].Iris].Commune != commune {
			d += 3000
		}
		if d < near {
			best, near = k, d
		}
	}
	return best
}
