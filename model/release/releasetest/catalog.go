package releasetest

import (
	"jumeau/model"
	"jumeau/model/release"
)

func text(fr, en string) model.Text { return model.Text{FR: fr, EN: en} }

func catalog(opt Options) release.Catalog {
	bbox := [4]float64{1.45, 43.45, 1.65, 43.55}
	return release.Catalog{
		Territory: release.Territory{ID: "tiny", Title: text("Tout petit territoire", "Tiny territory"), Publisher: text("Personne", "Nobody"),
			Synthetic: true, BBox: bbox, TimeZone: "Europe/Paris"},
		ZoneSystems: []release.ZoneSystem{
			{ID: "epci", Title: text("Intercommunalité", "Intercommunality"), Count: 1, Geometry: "polygon", Finer: "commune"},
			{ID: "commune", Title: text("Communes", "Communes"), Count: 2, Geometry: "polygon", Coarser: "epci", Source: "communes"},
		},
		Layers: []release.Layer{
			{ID: "communes", Title: text("Qui habite où ?", "Who lives where?"), Summary: text("Les communes", "The communes"), Question: 1,
				Geometry: "polygon", Zones: "commune", Sources: []string{"communes"}, MinZoom: 5, MaxZoom: 14, BBox: bbox, Features: 2,
				Properties: []release.Property{{Name: "name", Type: "text", Title: text("Nom", "Name")}},
				Measures:   []string{"residents", "presence"}, Flows: []string{"commuters"}, Order: 50, Audience: "public",
				Style: model.Style{As: "fill", Ramp: "sequential", Classes: 3}},
			{ID: "works", Title: text("Travaux", "Works"), Geometry: "line", Source: "works", Sources: []string{"works"}, MinZoom: 10, MaxZoom: 14,
				BBox: bbox, Features: 1, Properties: []release.Property{{Name: "kind", Type: "text", Title: text("Nature", "Kind")}},
				Measures: []string{}, Flows: []string{}, Order: 60, Audience: opt.Audience,
				Style: model.Style{As: "line", Colour: "#b04020", Width: 3, By: "kind", Colours: map[string]string{"gas": "#ccaa00", "water": "#0060c0"}}},
		},
		Measures: []release.Measure{
			{ID: "residents", Title: text("Habitants", "Residents"), Unit: text("habitants", "residents"), Class: "A", Source: "communes", Slots: []model.Slot{model.All}},
			{ID: "presence", Title: text("Présence", "Presence"), Unit: text("personnes", "people"), Decimals: 1, Class: "B", Source: "counts", Slots: Slots},
		},
		Flows: []release.Flow{
			{ID: "commuters", Title: text("Navetteurs", "Commuters"), Unit: text("personnes", "people"), Class: "D", Source: "counts", Zones: "commune", Slots: []model.Slot{model.All}},
		},
		Sources: []release.Source{
			{ID: "communes", Title: text("Communes", "Communes"), Producer: "IGN", Licence: "Licence Ouverte 2.0", Attribution: "© IGN", Vintage: "2026",
				Class: "A", Read: 3, Loaded: 2, Rejected: []release.Rejected{{Code: "geometry_unclosed_ring", Count: 1}}, SHA256: "0123456789abcdef"},
			{ID: "counts", Title: text("Comptages", "Counts"), Producer: "Mairie", Licence: "ODbL 1.0", Vintage: "2025", Class: "B", Read: 8, Loaded: 8,
				Rejected: []release.Rejected{}, SHA256: "fedcba9876543210"},
			{ID: "works", Title: text("Travaux", "Works"), Producer: "Mairie", Licence: "ODbL 1.0", Vintage: "2025", Rejected: []release.Rejected{}, Read: 1, Loaded: 1},
		},
	}
}
