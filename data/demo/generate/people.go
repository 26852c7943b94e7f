package generate

import (
	"fmt"
	"strconv"
	"time"

	"github.com/paulmach/orb/planar"

	"jumeau/data/demo/place"
)

// peopleWriters write rows about simulated persons, households and enterprises. They describe nobody, but have the shape of files that only the gate may read.
func peopleWriters() []writer {
	return []writer{
		{"raw-people/deplacements.csv.gz", (*sheet).trips},
		{"raw-people/positions-2025-11.parquet", (*sheet).positions},
		{"raw-people/validations-2025-11.csv.gz", (*sheet).validations},
		{"raw-people/traces-gps.csv.gz", (*sheet).traces},
		{"raw-people/residents.csv.gz", (*sheet).residents},
		{"raw-people/application-2025-11.parquet", (*sheet).application},
		{"raw-people/etablissements.csv.gz", (*sheet).establishments},
		{"raw-people/logements.csv.gz", (*sheet).dwellings},
	}
}

func personID(i int) string { return fmt.Sprintf("P%06d", i+1) }

// cardID does not follow the order of persons.
func cardID(i int) string { return fmt.Sprintf("%010X", uint64(i+1)*0x9E3779B97F4A7C15>>24) }

// residents is the truth about each simulated person.
func (s *sheet) residents() error {
	names := [4]string{"au foyer", "scolaire", "étudiant", "actif occupé"}
	return s.text(func(o *out) {
		o.row(',', "personne", "menage", "annee_naissance", "sexe", "statut", "commune", "iris", "carreau_200m", "lon", "lat",
			"commune_activite", "iris_activite", "carreau_activite", "carte")
		for i := range s.w.Persons {
			p := &s.w.Persons[i]
			home := s.w.HomeOf(p)
			q := lonLat(home.Centre)
			iris := s.w.Iris[home.Iris].Code
			sex, card, there := "H", "", [3]string{}
			if p.Woman {
				sex = "F"
			}
			if p.HasCard {
				card = cardID(i)
			}
			if p.Place >= 0 {
				b := &s.w.Buildings[p.Place]
				code := s.w.Iris[b.Iris].Code
				there = [3]string{code[:5], code, squareAt(b.Centre, 200).id(200)}
			}
			o.row(',', personID(i), "M"+strconv.Itoa(int(p.Household)+1), strconv.Itoa(2025-int(p.Age)), sex, names[p.Status], iris[:5], iris,
				squareAt(home.Centre, 200).id(200), short(q[0], 6), short(q[1], 6), there[0], there[1], there[2], card)
			s.rows++
		}
	})
}

// buildingText are the texts of a building that trips repeat.
type buildingText struct{ lon, lat, cell, iris string }

// tripDays are the Tuesday and the Saturday of November 2025 whose trips are written.
var tripDays = []struct{ kind, date string }{{"weekday", "2025-11-04"}, {"saturday", "2025-11-08"}}

// trips of every resident on a Tuesday and on a Saturday of the month of the operator's table.
func (s *sheet) trips() error {
	known := make([]buildingText, len(s.w.Buildings))
	where := func(k int32) *buildingText {
		if known[k].cell == "" {
			b := &s.w.Buildings[k]
			q := lonLat(b.Centre)
			known[k] = buildingText{short(q[0], 6), short(q[1], 6), squareAt(b.Centre, 200).id(200), s.w.Iris[b.Iris].Code}
		}
		return &known[k]
	}
	distance := func(a, b int32) float64 { // kilometres, as the crow flies
		return planar.Distance(s.w.Buildings[a].Centre, s.w.Buildings[b].Centre) / 1000
	}
	return s.text(func(o *out) {
		o.row(',', "personne", "numero", "depart", "arrivee", "motif", "mode", "lon_origine", "lat_origine", "carreau_origine", "iris_origine",
			"lon_destination", "lat_destination", "carreau_destination", "iris_destination", "distance_km", "duree_min")
		for _, day := range tripDays {
			date := must(time.Parse(time.DateOnly, day.date))
			at := func(minute int) string {
				return date.Add(time.Duration(minute) * time.Minute).Format("2006-01-02T15:04")
			}
			for i := range s.w.Persons {
				for k, t := range s.w.Day(i, day.kind, 0) {
					a, b := where(t.From), where(t.To)
					o.row(',', personID(i), strconv.Itoa(k+1), at(t.Depart), at(t.Arrive), t.Purpose, t.Mode, a.lon, a.lat, a.cell, a.iris, b.lon, b.lat, b.cell, b.iris,
						short(distance(t.From, t.To), 2), strconv.Itoa(t.Arrive-t.Depart))
					s.rows++
				}
			}
		}
	})
}

// validations of bus passes in November 2025: card, time, stop and line, in local time as the ticketing system shows it.
func (s *sheet) validations() error {
	stopOf := make([]int, len(s.w.Buildings)) // nearest stop + 1
	lineOf := map[int]string{}
	for _, l := range s.transit.Lines {
		for _, x := range l.Stops {
			if lineOf[x] == "" {
				lineOf[x] = l.Short
			}
		}
	}
	return s.text(func(o *out) {
		o.row(';', "carte", "horodatage", "arret", "ligne", "titre")
		for d := range 30 {
			date := time.Date(2025, 11, 1+d, 0, 0, 0, 0, time.UTC)
			for i := range s.w.Persons {
				p := &s.w.Persons[i]
				if !p.HasCard {
					continue
				}
				for _, t := range s.w.Day(i, dayType(date), uint64(1000+d)) {
					if t.Mode != place.Bus {
						continue
					}
					if stopOf[t.From] == 0 {
						k, _ := s.nearestStop(s.w.Buildings[t.From].Centre)
						stopOf[t.From] = k + 1
					}
					stop := stopOf[t.From] - 1
					title := "Abonnement"
					if p.Age < 26 {
						title = "Abonnement jeune"
					}
					second := (t.Depart+5)*60 + (i*37+d*11)%60
					o.row(';', cardID(i), date.Add(time.Duration(second)*time.Second).Format("2006-01-02 15:04:05"), s.transit.Stops[stop].ID, lineOf[stop], title)
					s.rows++
				}
			}
		}
	})
}

func dayType(t time.Time) string {
	switch t.Weekday() {
	case time.Saturday:
		return "saturday"
	case time.Sunday:
		return "sunday"
	}
	if t.Month() == time.November && (t.Day() == 1 || t.Day() == 11) {
		return "sunday"
	}
	return "weekday"
}
