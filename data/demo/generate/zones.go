package generate

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/data/demo/place"
)

func (s *sheet) communes() error {
	return s.collection("commune", func(add func(orb.Geometry, ...field)) {
		for _, c := range s.w.Communes {
			add(c.Shape, field{"code_insee", c.Code}, field{"nom_officiel", c.Name}, field{"statut", status(c)}, field{"population", c.Population},
				field{"superficie_ha", int(math.Round(planar.Area(c.Shape) / 1e4))}, field{"codes_siren_des_epci", place.EPCI})
		}
	})
}

func status(c *place.Commune) string {
	if c.Rank == 0 {
		return "Ville-centre"
	}
	return "Commune simple"
}

func (s *sheet) epci() error {
	return s.text(func(o *out) {
		o.row(';', "siren", "raison_sociale", "insee", "nom_membre")
		for _, c := range s.w.Communes {
			o.row(';', place.EPCI, place.EPCIName, c.Code, c.Name)
			s.rows++
		}
	})
}

func (s *sheet) iris() error {
	shp := &shapefile{kind: polygonShape, fields: []dbfField{{"INSEE_COM", 'C', 5, 0}, {"NOM_COM", 'C', 45, 0}, {"IRIS", 'C', 4, 0},
		{"CODE_IRIS", 'C', 9, 0}, {"NOM_IRIS", 'C', 45, 0}, {"TYP_IRIS", 'C', 1, 0}}}
	for _, i := range s.w.Iris {
		c := s.w.Communes[i.Commune]
		shp.addPolygon(i.Shape, c.Code, c.Name, i.Code[5:], i.Code, i.Name, i.Type)
		s.rows++
	}
	return shp.write(s.path, "CONTOURS-IRIS")
}

func (s *sheet) land() error {
	return s.collection("occupation_du_sol", func(add func(orb.Geometry, ...field)) {
		for k, l := range s.w.Land {
			add(l.Shape, field{"id", "OCS" + strconv.Itoa(100000+k)}, field{"classe", l.Class}, field{"surface_ha", math.Round(planar.Area(l.Shape)/100) / 100})
		}
	})
}

func (s *sheet) waterAreas() error {
	return s.collection("surface_hydrographique", func(add func(orb.Geometry, ...field)) {
		w := s.w.Water
		add(orb.Polygon{w.RiverBank}, field{"cleabs", "SURF_EAU9900000001"}, field{"nature", "Ecoulement naturel"}, field{"toponyme", place.RiverName})
		add(orb.Polygon{w.CanalBank}, field{"cleabs", "SURF_EAU9900000002"}, field{"nature", "Canal"}, field{"toponyme", place.CanalName})
		for k, l := range w.Lakes {
			add(orb.Polygon{l.Ring}, field{"cleabs", "SURF_EAU99000001" + strconv.Itoa(10+k)}, field{"nature", "Plan d'eau"}, field{"toponyme", l.Name})
		}
	})
}

func (s *sheet) waterLines() error {
	return s.collection("cours_d_eau", func(add func(orb.Geometry, ...field)) {
		w := s.w.Water
		id := func(k int) field { return field{"cleabs", "COURDEAU9900000" + strconv.Itoa(100+k)} }
		add(w.River, id(0), field{"toponyme", place.RiverName}, field{"importance", 2})
		add(w.Canal, id(1), field{"toponyme", place.CanalName}, field{"importance", 3})
		for k, st := range w.Streams {
			importance := 5
			if st.Km2 > 6 {
				importance = 4
			}
			if st.Km2 > 50 {
				importance = 3
			}
			var name any
			if st.Name != "" {
				name = st.Name
			}
			add(st.Line, id(2+k), field{"toponyme", name}, field{"importance", importance})
		}
	})
}
