package place

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"

	"github.com/paulmach/orb"
)

// Facility of INSEE's Base permanente des équipements: a service open to the public.
type Facility struct {
	Type     string // TYPEQU
	Name     string
	At       orb.Point
	Building int32
	Iris     int
	Capacity int // places or pupils, 0 when it has none
}

// service says how many facilities of a type a commune of given population has, and where.
type service struct {
	code, name string
	one        int    // there is one from this population on
	each       int    // and one more for each so many inhabitants
	where      string // kinds of buildings
}

var services = []service{
	{"A129", "Mairie", 0, 0, "town hall"},
	{"A101", "Police nationale", 6000, 0, "row"},
	{"A104", "Gendarmerie", 3000, 0, "row,block"},
	{"A203", "Banque", 1800, 2400, "row"},
	{"A206", "Bureau de poste", 2200, 9000, "row"},
	{"A207", "Relais poste", 500, 6000, "row"},
	{"A501", "Coiffure", 700, 850, "row,house"},
	{"A504", "Restaurant", 450, 560, "row,shop"},
	{"A301", "Réparation automobile", 900, 1500, "shed,shop"},
	{"A401", "Maçon", 300, 900, "house"},
	{"A404", "Électricien", 500, 1100, "house"},
	{"B104", "Hypermarché", 7000, 16000, "shop"},
	{"B105", "Supermarché", 2200, 3600, "shop,row"},
	{"B201", "Supérette", 900, 3500, "row"},
	{"B207", "Boulangerie-pâtisserie", 420, 1250, "row"},
	{"B204", "Boucherie-charcuterie", 1500, 3200, "row"},
	{"B301", "Librairie-papeterie", 3000, 5000, "row"},
	{"B302", "Magasin de vêtements", 3200, 1100, "row,shop"},
	{"B316", "Station-service", 1600, 5200, "shop,shed"},
	{"C107", "École maternelle", 1500, 3400, "school"},
	{"C108", "École primaire", 250, 2600, "school"},
	{"C201", "Collège", 3300, 7500, "school"},
	{"C301", "Lycée général et technologique", 5600, 14000, "lycée"},
	{"C501", "Antenne universitaire", 15000, 0, "office"},
	{"D106", "Urgences", 15000, 0, "hospital"},
	{"D101", "Établissement de santé de court séjour", 15000, 0, "hospital"},
	{"D265", "Médecin généraliste", 700, 1050, "row,house"},
	{"D281", "Infirmier", 450, 900, "row,house"},
	{"D277", "Chirurgien-dentiste", 1500, 1900, "row"},
	{"D279", "Masseur-kinésithérapeute", 1100, 1300, "row,house"},
	{"D307", "Pharmacie", 1300, 2700, "row"},
	{"D401", "Hébergement pour personnes âgées", 2400, 5500, "block,house"},
	{"D502", "Crèche", 1700, 3000, "school,row"},
	{"E107", "Gare", 15000, 0, "station"},
	{"F102", "Boulodrome", 250, 3000, "row,house"},
	{"F103", "Tennis", 900, 3800, "hall,house"},
	{"F113", "Terrain de grands jeux", 600, 3200, "hall,school"},
	{"F121", "Salle multisport", 1900, 4500, "hall"},
	{"F101", "Bassin de natation", 6000, 14000, "hall"},
	{"F303", "Cinéma", 6000, 16000, "row,shop"},
	{"F307", "Bibliothèque", 800, 5000, "town hall,row"},
	{"G101", "Agence de voyages", 7000, 9000, "row"},
	{"G102", "Hôtel", 3000, 5200, "row,shop"},
}

// makeFacilities puts services into buildings of the right kind, the centre first.
func (w *World) makeFacilities() {
	r := w.Stream("facilities")
	for c, commune := range w.Communes {
		kinds := map[string][]int32{}
		for k, b := range w.Buildings {
			if w.Iris[b.Iris].Commune == c {
				kinds[b.Kind] = append(kinds[b.Kind], int32(k))
			}
		}
		for _, list := range kinds {
			sort.SliceStable(list, func(i, j int) bool { return w.Buildings[list[i]].Ripe < w.Buildings[list[j]].Ripe })
		}
		pop := commune.Population * 80000 / w.residents
		for _, s := range services {
			n := 0
			if pop >= s.one {
				n = 1
				if s.each > 0 {
					n += (pop - s.one) / s.each
				}
			}
			if c == EmploymentZone && (s.code == "A504" || s.code == "B302" || s.code == "G102") {
				n += 9
			}
			for k := range n {
				w.addFacility(r, s, kinds, commune, k)
			}
		}
	}
	w.listSchools()
}

func (w *World) addFacility(r *rand.Rand, s service, kinds map[string][]int32, c *Commune, n int) {
	for _, kind := range strings.Split(s.where, ",") {
		list := kinds[kind]
		if len(list) == 0 {
			continue
		}
		if s.code[0] != 'C' { // services crowd in the centre, but not all of them
			reach := max(1, len(list)/3)
			if r.IntN(4) == 0 {
				reach = len(list)
			}
			n = r.IntN(reach)
		}
		k := list[n%len(list)]
		b := w.Buildings[k]
		f := Facility{Type: s.code, Name: fmt.Sprintf("%s – %s", s.name, c.Name), At: b.Centre, Building: k, Iris: b.Iris}
		switch s.code {
		case "C107", "C108":
			f.Capacity = 60 + 10*r.IntN(22)
		case "C201":
			f.Capacity = 380 + 10*r.IntN(30)
		case "C301":
			f.Capacity = 900 + 10*r.IntN(60)
		case "D502":
			f.Capacity = 12 + 2*r.IntN(16)
		case "D401":
			f.Capacity = 40 + 2*r.IntN(30)
		case "F303":
			f.Capacity = 150 + 10*r.IntN(60)
		}
		w.Facilities = append(w.Facilities, f)
		return
	}
}

// listSchools keeps the buildings where pupils of each level go.
func (w *World) listSchools() {
	level := map[string]int{"C107": 0, "C108": 0, "C201": 1, "C301": 2, "C501": 3}
	for _, f := range w.Facilities {
		if l, ok := level[f.Type]; ok {
			w.schools[l] = append(w.schools[l], f.Building)
		}
	}
}
