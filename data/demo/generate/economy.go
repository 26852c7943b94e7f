package generate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/paulmach/orb/planar"

	"jumeau/data/demo/place"
)

// Sectors of establishments, as the file names them.
const (
	farming      = "agriculture"
	industry     = "industrie"
	construction = "construction"
	trade        = "commerce"
	services     = "services"
	public       = "public"
)

// establishment is a place of work.
type establishment struct {
	building   int
	enterprise string // nine digits, as SIREN
	sector     string
	jobs       int
	area       float64 // m²
	power      float64 // MWh a year
}

// establishmentsOf divides the workers of every building into establishments, some of which belong to one enterprise: chains of shops
// and offices, the communes' services. Their jobs are exactly the employed residents of the territory.
func establishmentsOf(w *place.World) (out []establishment) {
	r := w.Stream("establishments")
	workers := make([]int, len(w.Buildings))
	for i := range w.Persons {
		if p := &w.Persons[i]; p.Status == place.Worker {
			workers[p.Place]++
		}
	}
	enterprises := 0
	enterprise := func() string {
		enterprises++
		return fmt.Sprintf("99%07d", enterprises)
	}
	chains := map[string][]string{}
	for _, sector := range []string{trade, services} {
		for range 14 {
			chains[sector] = append(chains[sector], enterprise())
		}
	}
	communes := make([]string, len(w.Communes))
	for i := range communes {
		communes[i] = enterprise()
	}
	for k, n := range workers {
		b := &w.Buildings[k]
		area := math.Abs(planar.Area(b.Shape)) * float64(b.Floors)
		for i, jobs := range parts(r, n, b.Kind) {
			e := establishment{building: k, sector: sectorOf(r, b.Kind), jobs: jobs, area: math.Round(max(12, area*float64(jobs)/float64(n)*(0.5+0.5*r.Float64())))}
			switch {
			case e.sector == public && b.Kind != "hospital" && b.Kind != "lycée":
				e.enterprise = communes[w.Iris[b.Iris].Commune]
			case len(chains[e.sector]) > 0 && i == 0 && r.Float64() < 0.09:
				e.enterprise = chains[e.sector][r.IntN(len(chains[e.sector]))]
			default:
				e.enterprise = enterprise()
			}
			each := map[string]float64{farming: 0.03, industry: 0.24, construction: 0.06, trade: 0.21, services: 0.13, public: 0.11}[e.sector] // MWh by m²
			e.power = math.Round(10*e.area*each*math.Exp(0.4*r.NormFloat64())) / 10
			out = append(out, e)
		}
	}
	return out
}

// parts divides the workers of a building among its establishments: most are small.
func parts(r *rand.Rand, workers int, kind string) (out []int) {
	most := map[string]int{"office": 24, "shop": 16, "shed": 30, "row": 5, "block": 4, "house": 2}[kind] // workers of an ordinary one
	for workers > 0 {
		n := workers
		if most > 0 {
			n = min(workers, 1+int(float64(most)*math.Pow(r.Float64(), 2.2)*1.6))
		}
		out = append(out, n)
		workers -= n
	}
	return out
}

func sectorOf(r *rand.Rand, kind string) string {
	q := r.Float64()
	switch kind {
	case "farm", "barn":
		return farming
	case "shed":
		switch {
		case q < 0.5:
			return industry
		case q < 0.75:
			return construction
		}
		return trade
	case "shop", "market hall":
		return trade
	case "hospital", "lycée", "school", "town hall":
		return public
	case "row", "block":
		if q < 0.45 {
			return trade
		}
	case "house":
		if q < 0.4 {
			return construction
		}
	}
	return services
}

// establishments in the layout of a register of enterprises joined with a social declaration and a supplier's meter.
func (s *sheet) establishments() error {
	return s.text(func(o *out) {
		o.row(';', "siret", "siren", "secteur", "code_iris", "emplois", "surface_m2", "electricite_mwh")
		for k, e := range establishmentsOf(s.w) {
			o.row(';', fmt.Sprintf("%s%05d", e.enterprise, k+1), e.enterprise, e.sector, s.w.Iris[s.w.Buildings[e.building].Iris].Code,
				strconv.Itoa(e.jobs), number(e.area, 0), number(e.power, 1))
			s.rows++
		}
	})
}

// Bands of the standard of living of a household, euros a year for a consumption unit.
var incomeBands = []struct {
	below float64
	name  string
}{{15000, "moins de 15 000 €"}, {22000, "15 000 à 22 000 €"}, {30000, "22 000 à 30 000 €"}, {math.Inf(1), "plus de 30 000 €"}}

func incomeBand(income float64) string {
	for _, b := range incomeBands {
		if income < b.below {
			return b.name
		}
	}
	return ""
}

// labels of energy performance by kWh of primary energy for each m² and year (DPE 2021).
var energyLabels = []struct {
	upTo float64
	name string
}{{70, "A"}, {110, "B"}, {180, "C"}, {250, "D"}, {330, "E"}, {420, "F"}, {math.Inf(1), "G"}}

// dwelling is a household's home as a supplier of energy and a tax office would know it together.
type dwelling struct {
	label string
	power float64 // MWh a year
}

func dwellingOf(r *rand.Rand, w *place.World, h *place.Household) dwelling {
	b := &w.Buildings[h.Home]
	need := 245.0 // kWh for each m², by the rules in force when it was built
	for _, rule := range []struct {
		from int
		kwh  float64
	}{{1948, 290}, {1975, 215}, {1989, 170}, {2001, 130}, {2013, 78}} {
		if b.Year >= rule.from {
			need = rule.kwh
		}
	}
	if b.Kind == "block" || b.Kind == "row" {
		need *= 0.85
	}
	if b.Year < 2001 && r.Float64() < 0.3 { // renovated
		need *= 0.6
	}
	need *= math.Exp(0.18 * r.NormFloat64())
	d := dwelling{power: math.Round(10*h.Surface*need*(0.75+0.08*float64(h.Count))*math.Exp(0.2*r.NormFloat64())/1000) / 10}
	for _, l := range energyLabels {
		if need <= l.upTo {
			d.label = l.name
			break
		}
	}
	return d
}

// dwellings of every household.
func (s *sheet) dwellings() error {
	r := s.w.Stream("dwellings")
	return s.text(func(o *out) {
		o.row(';', "menage", "code_iris", "personnes", "tranche_niveau_de_vie", "classe_dpe", "consommation_mwh")
		for i := range s.w.Households {
			h := &s.w.Households[i]
			d := dwellingOf(r, s.w, h)
			o.row(';', "M"+strconv.Itoa(i+1), s.w.Iris[s.w.Buildings[h.Home].Iris].Code, strconv.Itoa(int(h.Count)), incomeBand(h.Income), d.label, number(d.power, 1))
			s.rows++
		}
	})
}
