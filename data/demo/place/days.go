package place

import (
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb/planar"
)

// Modes of transport and purposes of trips, as raw files name them.
const (
	Walk = "marche"
	Bike = "velo"
	Car  = "voiture"
	Bus  = "transport_collectif"

	ToHome    = "domicile"
	ToWork    = "travail"
	ToSchool  = "etude"
	ToShop    = "achat"
	ToLeisure = "loisir"
	ToHealth  = "sante"
)

// Trip of one person on one day; minutes count from local midnight and may pass 1440.
type Trip struct {
	Person         int32
	From, To       int32 // buildings
	Depart, Arrive int
	Purpose, Mode  string
}

// Day is what a person does on a day of type weekday, saturday or sunday. The same person, type and salt give the same day.
// Safe for concurrent use.
func (w *World) Day(person int, dayType string, salt uint64) []Trip {
	r := rand.New(rand.NewPCG(w.Seed^salt*0x9E3779B97F4A7C15, uint64(person)<<8|uint64(dayType[1])))
	d := day{w: w, r: r, person: int32(person), at: w.Households[w.Persons[person].Household].Home, now: 300}
	d.home = d.at
	p := &w.Persons[person]
	works := map[string]float64{"weekday": 0.91, "saturday": 0.11, "sunday": 0.05}[dayType]
	switch {
	case p.Status == Worker && r.Float64() < works:
		d.work(p)
	case p.Status >= Pupil && p.Status <= Student && p.Place >= 0 && dayType == "weekday" && r.Float64() < 0.95:
		d.school(p)
	case p.Age < 3:
		return nil
	default:
		d.free(p, dayType)
	}
	return d.trips
}

// day is a person's day while it is being lived.
type day struct {
	w        *World
	r        *rand.Rand
	person   int32
	home, at int32
	now      int
	mode     string
	trips    []Trip
}

func (d *day) normal(mean, sd float64) int { return int(mean + sd*d.r.NormFloat64()) }

// goTo adds a trip that leaves at or after the minute given.
func (d *day) goTo(place int32, leave int, purpose string) {
	if place < 0 || place == d.at {
		return
	}
	km := planar.Distance(d.w.Buildings[d.at].Centre, d.w.Buildings[place].Centre) / 1000 * 1.27
	if d.at == d.home || d.mode == "" {
		d.mode = d.choose(km)
	}
	mode := d.mode
	if (mode == Walk || mode == Bike) && km > 9 {
		mode = Car
	}
	speed := map[string]float64{Walk: 4.6, Bike: 14.5, Car: 27 + 1.3*math.Min(km, 20), Bus: 19}[mode]
	minutes := 1 + int(math.Ceil(km/speed*60))
	switch mode {
	case Car:
		minutes += 3
	case Bus:
		minutes += 8
	}
	leave = max(leave, d.now+3)
	d.trips = append(d.trips, Trip{d.person, d.at, place, leave, leave + minutes, purpose, mode})
	d.at, d.now = place, leave+minutes
}

func (d *day) choose(km float64) string {
	p := &d.w.Persons[d.person]
	walk := 1.15 * math.Exp(-km/0.9)
	bike := 0.10 * math.Exp(-math.Abs(km-2)/3)
	bus := 0.075 * math.Min(km, 4) / 2
	car := 0.24 + 0.4*math.Tanh(km/3)
	if p.HasCard {
		bus *= 7
	}
	if p.Age < 18 {
		car *= 0.55
		bike *= 1.8
	}
	return [4]string{Walk, Bike, Bus, Car}[pick(d.r, []float64{walk, bike, bus, car})]
}

func (d *day) work(p *Person) {
	start := d.normal(8*60+5, 42)
	switch q := d.r.Float64(); {
	case q < 0.07:
		start = d.normal(5*60+40, 25)
	case q < 0.13:
		start = d.normal(13*60+20, 45)
	}
	d.goTo(p.Place, start-20, ToWork)
	if d.r.Float64() < 0.24 && start < 10*60 {
		lunch := d.shop(d.w.Iris[d.w.Buildings[p.Place].Iris].Commune)
		d.goTo(lunch, max(d.now, d.normal(12*60+10, 18)), ToShop)
		d.goTo(p.Place, d.now+d.normal(42, 10), ToWork)
	}
	leave := start + d.normal(9*60, 50)
	if d.r.Float64() < 0.21 {
		d.goTo(d.shop(d.w.Iris[d.w.Buildings[d.at].Iris].Commune), leave, ToShop)
		leave = d.now + 12 + d.r.IntN(30)
	}
	d.goTo(d.home, leave, ToHome)
	d.evening()
}

func (d *day) school(p *Person) {
	start, end := d.normal(8*60+15, 9), d.normal(16*60+45, 28)
	if p.Status == Student {
		start, end = d.normal(9*60+10, 55), d.normal(16*60+30, 80)
	}
	d.goTo(p.Place, start-12, ToSchool)
	d.goTo(d.home, max(end, d.now+60), ToHome)
	if p.Age > 8 {
		d.evening()
	}
}

func (d *day) free(p *Person, dayType string) {
	shop := map[string]float64{"weekday": 0.52, "saturday": 0.58, "sunday": 0.17}[dayType]
	fun := map[string]float64{"weekday": 0.36, "saturday": 0.42, "sunday": 0.46}[dayType]
	if p.Age > 78 {
		shop, fun = shop*0.6, fun*0.5
	}
	if p.Age < 14 {
		shop *= 0.45
	}
	c := d.w.CommuneOf(p)
	if d.r.Float64() < shop {
		at := d.normal(10*60+20, 45)
		if d.r.Float64() < 0.42 && dayType != "sunday" {
			at = d.normal(15*60+40, 75)
		}
		d.goTo(d.shop(c), at, ToShop)
		d.goTo(d.home, d.now+22+d.r.IntN(55), ToHome)
	}
	if d.r.Float64() < 0.09 && dayType == "weekday" {
		d.goTo(d.shop(c), max(d.now, d.normal(11*60, 90)), ToHealth)
		d.goTo(d.home, d.now+30+d.r.IntN(30), ToHome)
	}
	if d.r.Float64() < fun {
		d.goTo(d.visit(c), max(d.now, d.normal(15*60, 95)), ToLeisure)
		d.goTo(d.home, d.now+60+d.r.IntN(130), ToHome)
	}
	if p.Age > 13 {
		d.evening()
	}
}

// evening out: one person in eight.
func (d *day) evening() {
	if d.now > 20*60 || d.r.Float64() > 0.13 {
		return
	}
	d.goTo(d.visit(d.w.Iris[d.w.Buildings[d.home].Iris].Commune), max(d.now, d.normal(19*60+20, 40)), ToLeisure)
	d.goTo(d.home, d.now+70+d.r.IntN(110), ToHome)
}

func (d *day) shop(commune int) int32 {
	to := d.w.toShop[commune].draw(d.r)
	if list := d.w.shopList[to]; len(list) > 0 {
		return list[d.w.shopIn[to].draw(d.r)]
	}
	return -1
}

// visit is someone's home in a commune chosen like a shop's, or a public place in it.
func (d *day) visit(commune int) int32 {
	if d.r.Float64() < 0.35 {
		return d.shop(commune)
	}
	for range 8 {
		h := d.w.Households[d.r.IntN(len(d.w.Households))]
		km := planar.Distance(d.w.Buildings[h.Home].Centre, d.w.Buildings[d.home].Centre) / 1000
		if d.r.Float64() < math.Exp(-km/3.5) {
			return h.Home
		}
	}
	return d.shop(commune)
}
