package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the producers' clocks, also on a machine without a zone database

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/data/demo/place"
	"jumeau/model"
)

// What a counter counts, as the national schema names it.
const (
	bikes   = "BIKE"
	walkers = "PEDESTRIAN"
	cars    = "CAR"
)

var paris = must(time.LoadLocation("Europe/Paris"))

// site is a place with one counter of two channels, one for each direction.
type site struct {
	id, name string
	kind     string
	at       orb.Point
	iris     int
	daily    float64 // passages of both directions on an average working day in May
	leisure  float64 // 0 only commuters, 1 only strolls
	way      string  // kind of way
}

// chooseSites puts 24 counters where an authority would: bridges, the towpath, station, schools, main roads.
func (m *maker) chooseSites() []site {
	w := m.w
	seat := func(rank int) orb.Point { return w.Communes[rank].Seat }
	facility := func(code string) orb.Point {
		for _, f := range w.Facilities {
			if f.Type == code {
				return f.At
			}
		}
		return seat(0)
	}
	halfway := func(a, b int) orb.Point {
		p, q := seat(a), seat(b)
		return orb.Point{(p[0] + q[0]) / 2, (p[1] + q[1]) / 2}
	}
	canal := w.Water.Canal
	list := []site{
		{name: "Voie verte du canal, amont", kind: bikes, at: canal[len(canal)*5/12], daily: 520, leisure: 0.65, way: "Voie verte"},
		{name: "Voie verte du canal, aval", kind: bikes, at: canal[len(canal)*7/12], daily: 640, leisure: 0.55, way: "Voie verte"},
		{name: "Pont de l'Orbelle", kind: bikes, at: bridgeNear(w, seat(0)), daily: 1150, leisure: 0.15, way: place.Main},
		{name: "Gare", kind: bikes, at: facility("E107"), daily: 830, leisure: 0.12, way: place.Local},
		{name: "Lycée", kind: bikes, at: facility("C301"), daily: 460, leisure: 0.05, way: place.Local},
		{name: "Route de " + w.Communes[1].Name, kind: bikes, at: halfway(0, 1), daily: 310, leisure: 0.25, way: place.Main},
		{name: w.Communes[1].Name + " centre", kind: bikes, at: seat(1), daily: 380, leisure: 0.2, way: place.Main},
		{name: w.Communes[2].Name + " centre", kind: bikes, at: seat(2), daily: 240, leisure: 0.25, way: place.Main},
		{name: "Parc d'activités", kind: bikes, at: seat(place.EmploymentZone), daily: 290, leisure: 0.03, way: place.Main},
		{name: "Tour du lac", kind: bikes, at: w.Water.Lakes[0].Ring[0], daily: 150, leisure: 0.9, way: place.Lane},
		{name: "Place de la mairie", kind: walkers, at: seat(0), daily: 5200, leisure: 0.45, way: place.Main},
		{name: "Rue de la Halle", kind: walkers, at: orb.Point{seat(0)[0] + 130, seat(0)[1] + 60}, daily: 6900, leisure: 0.5, way: place.Local},
		{name: "Parvis de la gare", kind: walkers, at: facility("E107"), daily: 3400, leisure: 0.1, way: place.Main},
		{name: w.Communes[1].Name + " grand-rue", kind: walkers, at: seat(1), daily: 1500, leisure: 0.35, way: place.Local},
		{name: "Promenade du lac", kind: walkers, at: w.Water.Lakes[0].Ring[36], daily: 420, leisure: 0.95, way: place.Lane},
		{name: "A 699 nord", kind: cars, at: motorwayAt(w, 0.3), daily: 46200, leisure: 0.3, way: place.Motorway},
		{name: "A 699 sud", kind: cars, at: motorwayAt(w, 0.7), daily: 39800, leisure: 0.35, way: place.Motorway},
		{name: "RD vers " + w.Communes[1].Name, kind: cars, at: halfway(0, 1), daily: 12400, leisure: 0.15, way: place.Main},
		{name: "RD vers " + w.Communes[2].Name, kind: cars, at: halfway(0, 2), daily: 8900, leisure: 0.15, way: place.Main},
		{name: "RD vers " + w.Communes[3].Name, kind: cars, at: halfway(0, 3), daily: 7300, leisure: 0.2, way: place.Main},
		{name: "Accès au parc d'activités", kind: cars, at: seat(place.EmploymentZone), daily: 10600, leisure: 0.02, way: place.Main},
		{name: "Traversée de " + w.Communes[4].Name, kind: cars, at: seat(4), daily: 5400, leisure: 0.2, way: place.Main},
		{name: "Route de " + w.Communes[20].Name, kind: cars, at: seat(20), daily: 1450, leisure: 0.25, way: place.Secondary},
		{name: "Route des crêtes", kind: cars, at: seat(30), daily: 640, leisure: 0.5, way: place.Secondary},
	}
	for i := range list {
		x := &list[i]
		x.id = fmt.Sprintf("C%02d", i+1)
		if x.way != "Voie verte" {
			x.at = onStreet(w, x.at, x.way)
		}
		x.iris = w.IrisAt(x.at)
	}
	return list
}

// onStreet is the middle of the nearest street of a class.
func onStreet(w *place.World, p orb.Point, class string) orb.Point {
	out, near := p, math.MaxFloat64
	for _, s := range w.Streets {
		if s.Class != class {
			continue
		}
		for i := 0; i+1 < len(s.Line); i++ {
			m := orb.Point{(s.Line[i][0] + s.Line[i+1][0]) / 2, (s.Line[i][1] + s.Line[i+1][1]) / 2}
			if d := planar.Distance(m, p); d < near && w.IrisAt(m) >= 0 {
				out, near = m, d
			}
		}
	}
	return out
}

func bridgeNear(w *place.World, p orb.Point) orb.Point {
	out, near := p, math.MaxFloat64
	for _, q := range w.Water.River {
		if d := planar.Distance(p, q); d < near {
			out, near = q, d
		}
	}
	return out
}

func motorwayAt(w *place.World, share float64) orb.Point {
	var inside []orb.Point
	for _, s := range w.Streets {
		if s.Class == place.Motorway {
			for _, p := range s.Line {
				if w.IrisAt(p) >= 0 {
					inside = append(inside, p)
				}
			}
		}
	}
	if len(inside) == 0 {
		return w.Communes[0].Seat
	}
	return inside[int(share*float64(len(inside)-1))]
}

// counterSites in the layout of the national schema's site file.
func (s *sheet) counterSites() error {
	return s.text(func(o *out) {
		o.row(',', "site_id", "site_provider_id", "name", "insee", "xlong", "ylat", "road_type")
		for _, x := range s.sites {
			q := lonLat(x.at)
			insee := ""
			if x.iris >= 0 {
				insee = s.w.Iris[x.iris].Code[:5]
			}
			o.row(',', x.id, "ORB-"+x.id, x.name, insee, short(q[0], 6), short(q[1], 6), x.way)
			s.rows++
		}
	})
}

// counterChannels in the layout of the national schema's channel file.
func (s *sheet) counterChannels() error {
	return s.text(func(o *out) {
		o.row(',', "channel_id", "channel_provider_id", "site_provider_id", "site_id", "mobility_type", "comment", "counter_transmission_type",
			"publication_transmission_type", "counter_type", "direction", "provider_direction_code", "provider_direction_name", "data_provider_name",
			"temporality", "started_at", "ended_at", "last_updated_at", "time_step", "provider_portal_url")
		for _, x := range s.sites {
			technology := map[string]string{bikes: "INDUCTION LOOP", walkers: "PYROELECTRIC", cars: "INDUCTION LOOP"}[x.kind]
			provider := "Terres d'Orbelle (fictif)"
			if x.kind == cars {
				provider = "Département 99 (fictif)"
			}
			for d := range 2 {
				channel := x.id + "-" + strconv.Itoa(d+1)
				o.row(',', channel, "ORB-"+channel, "ORB-"+x.id, x.id, x.kind, "", "REMOTE TRANSMISSION", "API", technology, [2]string{"TO", "FROM"}[d], strconv.Itoa(d+1),
					[2]string{"vers le centre", "depuis le centre"}[d], provider, "PERMANENT", "2024-06-01", "", "2026-01-05T06:00:00Z", "60", "https://orbelle.example/comptages")
				s.rows++
			}
		}
	})
}

// counts of one mode over 2025, in the layout of the national schema's measure file. Bicycles and pedestrians come in UTC with
// offset; the department's road counts in local time without zone: on 30 March the hour 02 is absent, on 26 October it comes
// twice. Among the road counts, two rows bear the hour that does not exist and one a negative count.
func (s *sheet) counts(kind string) error {
	weather := newYear(s.w)
	first := time.Date(2025, 1, 1, 0, 0, 0, 0, paris)
	last := time.Date(2026, 1, 1, 0, 0, 0, 0, paris)
	write := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
	if kind == cars {
		write = func(t time.Time) string { return t.In(paris).Format("2006-01-02 15:04:05") }
	}
	return s.text(func(o *out) {
		o.row(',', "channel_id", "counter_id", "start_datetime", "end_datetime", "count")
		for _, x := range s.sites {
			if x.kind != kind {
				continue
			}
			for d := range 2 {
				channel := x.id + "-" + strconv.Itoa(d+1)
				r := s.w.Stream("counter " + channel)
				row := func(start, end, count string) {
					o.row(',', channel, x.id, start, end, count)
					s.rows++
				}
				for t := first; t.Before(last); t = t.Add(time.Hour) {
					row(write(t), write(t.Add(time.Hour)), x.count(r, weather, t, d))
					if kind == cars && t.Equal(time.Date(2025, 3, 30, 1, 0, 0, 0, paris)) && x.id == "C18" {
						row("2025-03-30 02:00:00", "2025-03-30 03:00:00", "112")
					}
					if kind == cars && d == 0 && t.Equal(time.Date(2025, 6, 3, 9, 0, 0, 0, paris)) && x.id == "C19" {
						row(write(t), write(t.Add(time.Hour)), "-12")
					}
				}
			}
		}
	})
}

// count of one channel in the hour from t, or "" when the counter was out of order.
func (x *site) count(r *rand.Rand, y *year, t time.Time, direction int) string {
	local := t.In(paris)
	mean := x.daily / 2 * x.profile(local, direction) * y.factor(x, local)
	n := place.Poisson(r, mean*(1+0.06*r.NormFloat64()))
	if x.id == "C07" && !local.Before(time.Date(2025, 9, 8, 0, 0, 0, 0, paris)) && local.Before(time.Date(2025, 9, 29, 0, 0, 0, 0, paris)) {
		return ""
	}
	return strconv.Itoa(n)
}

// bump is a bell of the hour of the day around a peak.
func bump(hour, peak, width float64) float64 {
	return math.Exp(-(hour - peak) * (hour - peak) / (2 * width * width))
}

// profile is the share of a day's passages in the hour; direction 0 runs to the centre, busier in the morning.
func (x *site) profile(t time.Time, direction int) float64 {
	h := float64(t.Hour()) + 0.5
	morning, evening := 1.25, 0.75
	if direction == 1 {
		morning, evening = 0.75, 1.25
	}
	work := (1.05*morning*bump(h, 8.1, 0.85) + 0.9*evening*bump(h, 17.4, 1.35) + 0.28*bump(h, 12.6, 1.3) + 0.23*bump(h, 13.5, 4.2)) / 7.1
	stroll := (0.7*bump(h, 10.8, 1.7) + 1.0*bump(h, 16.1, 2.4)) / 10.4
	night := map[string]float64{cars: 0.0045, bikes: 0.0007, walkers: 0.0009}[x.kind]
	if x.daily < 400 && x.kind != cars || h > 0 && h < 5 {
		night *= 0.3
	}
	switch model.DayType(t) {
	case "weekday":
		if t.Weekday() == time.Wednesday {
			work *= 0.95
		}
		return mixed(work, stroll*0.8, x.leisure) + night
	case "saturday":
		return mixed(0.42*work+0.5*stroll, 1.35*stroll, x.leisure) + night*1.6
	}
	return mixed(0.13*work+0.34*stroll, 1.6*stroll, x.leisure) + night*1.4
}

func mixed(a, b, share float64) float64 { return a*(1-share) + b*share }

// year is the weather and the calendar of 2025.
type year struct{ rain, warm [366]float64 }

// newYear draws weather that lasts a few days: rain (0..1) and degrees above the season.
func newYear(w *place.World) *year {
	r, y := w.Stream("weather"), &year{}
	wet, warm := 0.0, 0.0
	for d := range y.rain {
		wet = 0.62*wet + 0.78*r.NormFloat64()
		warm = 0.75*warm + 2.4*r.NormFloat64()
		season := 0.35 * math.Cos(2*math.Pi*(float64(d)-100)/365)
		y.rain[d], y.warm[d] = math.Max(0, math.Min(1, (wet+season-0.55)/1.6)), warm
	}
	return y
}

// holidays of schools in zone C and the summer, 2025: first and last day off.
var schoolHolidays = []string{"01-01/01-05", "02-15/03-02", "04-12/04-27", "05-29/06-01", "07-05/08-31", "10-18/11-02", "12-20/12-31"}

func schoolHoliday(t time.Time) bool {
	day := t.Format("01-02")
	for _, h := range schoolHolidays {
		from, to, _ := strings.Cut(h, "/")
		if day >= from && day <= to {
			return true
		}
	}
	return false
}

// factor of season, school holidays, weather and the festival (Saturday 21 June, in the streets of the town until late).
func (y *year) factor(x *site, t time.Time) float64 {
	d := t.YearDay() - 1
	summer := math.Cos(2 * math.Pi * (float64(d) - 190) / 365)
	f := 1.0
	switch x.kind {
	case bikes:
		f = (1 + (0.28+0.3*x.leisure)*summer) * (1 - (0.5+0.25*x.leisure)*y.rain[d]) * math.Exp(0.018*y.warm[d])
	case walkers:
		f = (1 + 0.14*summer) * (1 - 0.38*y.rain[d])
	case cars:
		f = (1 + 0.04*summer) * (1 + 0.03*y.rain[d])
	}
	if schoolHoliday(t) {
		f *= mixed(0.74, 1.12, x.leisure)
		if x.name == "Lycée" {
			f *= 0.15
		}
	}
	if t.Month() == time.August {
		f *= mixed(0.82, 1.05, x.leisure)
	}
	festival := t.Month() == time.June && (t.Day() == 21 && t.Hour() >= 15 || t.Day() == 22 && t.Hour() < 2)
	if festival && x.kind == walkers && x.leisure < 0.6 {
		f *= 3.4
		if t.Hour() >= 20 || t.Hour() < 2 {
			f *= 7
		}
	}
	return f
}
