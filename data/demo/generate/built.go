package generate

import (
	"fmt"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/data/demo/place"
)

// buildings as newline-delimited GeoJSON. Five defects are slipped in among the features.
func (s *sheet) buildings() error {
	return s.text(func(o *out) {
		var b []byte
		line := func(cleabs string, x place.Building, shape orb.Polygon) {
			var homes, year any
			if x.Use == place.Residential {
				homes = x.Dwellings
			}
			if x.Year > 0 {
				year = strconv.Itoa(x.Year)
			}
			b = appendFeature(b[:0], []field{{"cleabs", cleabs}, {"nature", nature(x)}, {"usage_1", x.Use}, {"nombre_de_logements", homes},
				{"nombre_d_etages", x.Floors}, {"hauteur", x.Height}, {"date_d_apparition", year}, {"insee_commune", s.w.Communes[s.w.Iris[x.Iris].Commune].Code}}, shape)
			o.Write(append(b, '\n'))
			s.rows++
		}
		for k, x := range s.w.Buildings {
			id := fmt.Sprintf("BATIMENT99%08d", k+1)
			ring := x.Shape[0]
			switch k {
			case 1200: // its last point is missing: closed when read
				line(id, x, orb.Polygon{ring[:len(ring)-1]})
				continue
			case 2400: // two corners swapped: a bow-tie
				twisted := append(orb.Ring(nil), ring...)
				twisted[1], twisted[2] = twisted[2], twisted[1]
				line("BATIMENT9990000001", x, orb.Polygon{twisted})
			case 3600: // the same building again
				line(id, x, x.Shape)
			case 4200:
				tall := x
				tall.Height = 812.5
				line("BATIMENT9990000002", tall, x.Shape)
			case 4800: // a line cut short
				o.WriteString(`{"type":"Feature","properties":{"cleabs":"BATIMENT9990000003","nature":"Indifférenciée","usage_1":"Rés` + "\n")
				s.rows++
			}
			line(id, x, x.Shape)
		}
	})
}

func nature(x place.Building) string {
	switch x.Kind {
	case "church":
		return "Eglise"
	case "shed":
		return "Industriel, agricole ou commercial"
	case "barn":
		return "Industriel, agricole ou commercial"
	case "town hall":
		return "Mairie"
	}
	return "Indifférenciée"
}

// streets as a shapefile in Lambert-93; one record has no geometry.
func (s *sheet) streets() error {
	shp := &shapefile{kind: polyLine, fields: []dbfField{{"ID", 'C', 24, 0}, {"NATURE", 'C', 30, 0}, {"CLASSE", 'C', 12, 0}, {"NOM_VOIE", 'C', 60, 0},
		{"IMPORTANCE", 'C', 1, 0}, {"VIT_MOY_VL", 'N', 3, 0}, {"LONGUEUR", 'N', 9, 1}, {"NOEUD_DEB", 'N', 9, 0}, {"NOEUD_FIN", 'N', 9, 0}}}
	nature := map[string]string{place.Motorway: "Type autoroutier", place.Ramp: "Bretelle", place.Lane: "Route empierrée"}
	importance := map[string]string{place.Motorway: "1", place.Ramp: "2", place.Main: "2", place.Secondary: "3", place.Local: "5", place.Lane: "6"}
	speed := map[string]int{place.Motorway: 115, place.Ramp: 60, place.Main: 66, place.Secondary: 58, place.Local: 26, place.Lane: 22}
	add := func(id string, st place.Street, parts [][]orb.Point) {
		n := nature[st.Class]
		if n == "" {
			n = "Route à 1 chaussée"
		}
		length := 0.0
		for i := 0; i+1 < len(st.Line); i++ {
			length += planar.Distance(st.Line[i], st.Line[i+1])
		}
		shp.add(parts, id, n, st.Class, st.Name, importance[st.Class], strconv.Itoa(speed[st.Class]), number(length, 1), strconv.Itoa(int(st.From)), strconv.Itoa(int(st.To)))
		s.rows++
	}
	for k, st := range s.w.Streets {
		add(fmt.Sprintf("TRONROUT99%014d", k+1), st, [][]orb.Point{centimetres(st.Line)})
	}
	add("TRONROUT9999999999999999", place.Street{Class: place.Lane, Name: "chemin sans géométrie"}, nil)
	return shp.write(s.path, "TRONCON_DE_ROUTE")
}

// facilities in the layout of INSEE's BPE: ISO-8859-1, semicolons, decimal commas, Lambert-93.
func (s *sheet) facilities() error {
	return s.text(func(o *out) {
		row := func(cells ...string) {
			for i := range cells {
				cells[i] = latin1(cells[i])
			}
			o.row(';', cells...)
			s.rows++
		}
		o.row(';', "AN", "IDEQU", "NOMRS", "DEPCOM", "DEP", "DCIRIS", "DOM", "TYPEQU", "LAMBERT_X", "LAMBERT_Y", "EPSG", "QUALITE_XY", "CAPACITE")
		for k, f := range s.w.Facilities {
			i := s.w.Iris[f.Iris]
			capacity := ""
			if f.Capacity > 0 {
				capacity = strconv.Itoa(f.Capacity)
			}
			id := fmt.Sprintf("99%07d", k+1)
			x, y, quality := comma(number(f.At[0], 2)), comma(number(f.At[1], 2)), "Bonne"
			switch k {
			case 40, 41: // not located by the producer
				x, y, quality = "", "", "_U"
			case 120: // x and y a thousand times too large
				x, y = comma(number(f.At[0]*1000, 2)), comma(number(f.At[1]*1000, 2))
			}
			row("2025", id, f.Name, i.Code[:5], "99", i.Code, f.Type[:1], f.Type, x, y, "2154", quality, capacity)
			if k == 200 { // twice in the file
				row("2025", id, f.Name, i.Code[:5], "99", i.Code, f.Type[:1], f.Type, x, y, "2154", quality, capacity)
			}
		}
	})
}

// addresses in the layout of the Base adresse nationale; one record has lost a field.
func (s *sheet) addresses() error {
	return s.text(func(o *out) {
		o.row(';', "id", "id_fantoir", "numero", "rep", "nom_voie", "code_postal", "code_insee", "nom_commune", "code_insee_ancienne_commune",
			"nom_ancienne_commune", "x", "y", "lon", "lat", "type_position", "alias", "nom_ld", "libelle_acheminement", "nom_afnor",
			"source_position", "source_nom_voie", "certification_commune", "cad_parcelles")
		type key struct {
			commune int
			street  string
			number  int
		}
		seen := map[key]int{}
		fantoir := map[string]int{}
		for _, b := range s.w.Buildings {
			if b.Street < 0 || b.Kind == "annex" {
				continue
			}
			st, c := s.w.Streets[b.Street], s.w.Iris[b.Iris].Commune
			if st.Name == "" {
				continue
			}
			commune := s.w.Communes[c]
			k := key{c, st.Name, b.Number}
			seen[k]++
			rep := [...]string{"", "bis", "ter", "quater"}[min(seen[k]-1, 3)]
			if seen[k] > 4 {
				continue
			}
			way := commune.Code + st.Name
			if fantoir[way] == 0 {
				fantoir[way] = len(fantoir) + 1
			}
			id := fmt.Sprintf("%s_%04d_%05d", commune.Code, fantoir[way], b.Number)
			if rep != "" {
				id += "_" + rep
			}
			door := orb.Point{(b.Shape[0][0][0] + b.Shape[0][1][0]) / 2, (b.Shape[0][0][1] + b.Shape[0][1][1]) / 2}
			q := lonLat(door)
			cells := []string{id, fmt.Sprintf("%s_%04d", commune.Code, fantoir[way]), strconv.Itoa(b.Number), rep, st.Name, commune.Code, commune.Code,
				commune.Name, "", "", short(door[0], 2), short(door[1], 2), short(q[0], 6), short(q[1], 6), "entrée", "", "", upper(commune.Name), upper(st.Name),
				"commune", "commune", "1", ""}
			if s.rows == 5000 {
				cells = cells[:20]
			}
			o.row(';', cells...)
			s.rows++
		}
	})
}

// upper is a name in plain capitals, as the post writes it.
func upper(name string) string {
	out := make([]rune, 0, len(name))
	for _, r := range name {
		if p, ok := plainLetters[r]; ok {
			r = p
		}
		switch {
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r == '\'' || r == '-':
			r = ' '
		}
		out = append(out, r)
	}
	return string(out)
}

var plainLetters = map[rune]rune{'é': 'E', 'è': 'E', 'ê': 'E', 'à': 'A', 'â': 'A', 'î': 'I', 'ï': 'I', 'ô': 'O', 'û': 'U', 'ù': 'U', 'ç': 'C', 'É': 'E', 'ë': 'E'}
