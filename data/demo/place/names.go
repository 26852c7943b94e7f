package place

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
)

// Names of communes and towns: made up; a test checks that no French commune bears one of them. The first ones go to the
// largest places.
var communeNames = []string{
	"Castelorbe", "Villorbe-la-Neuve", "Montvernel", "Saint-Fulcran-d'Orbelle", "Labastide-Orbelle", "Puylaurel",
	"Aurenque-le-Château", "Verfontaine-sur-Orbelle", "Mazerolle-des-Prés", "Peyregrande", "Cantelauze", "Roquesérène",
	"Saint-Amaran-les-Vignes", "Escalquières", "Belvèze-Haute", "Fontarède", "Lagardiole-Basse", "Montbrunel",
	"Vignoulès", "Ségalas-du-Bosc", "Tréboulès", "Auriolet", "Pechaurel", "Saint-Orens-des-Bois",
	"Combelongue", "Mirevalet", "Bordenave-Sainte-Quitterie", "Rieuclar", "Lauzières", "Camparnal",
	"Sainte-Alauze", "Pouzols-le-Vieux", "Gargasset", "Mourvilhac", "Espanès-le-Bas", "Noguerolles",
}

// Names of neighbouring communes, outside the territory.
var neighbourNames = []string{
	"Tolzac-la-Rouge", "Varilhette", "Montgazel", "Cépetols", "Lavernière", "Auzevals", "Pompignol", "Bessarède", "Roumenguet",
	"Calmontet", "Garidelle", "Vieillevigne-Neuve", "Issalès", "Marquevielle", "Nailhac-du-Roc", "Segrevals", "Toutensac",
	"Baziéguet", "Lux-la-Plaine", "Gibrelle", "Trébonnet", "Caragoule", "Vallegue-Haute", "Odarset", "Belberac", "Fourquevel",
	"Labègue-Petite", "Maurenx", "Préserval", "Saussenelle", "Juzargues", "Beaupuyet", "Drémilac", "Mondoulet", "Flourenx", "Quintal-le-Sec",
}

var streamNames = []string{
	"la Vernelle", "ruisseau de Cantegril", "ruisseau de la Saurelle", "ruisseau du Gardijou", "ruisseau de Rivals", "le Tricoulet",
	"ruisseau de l'Amadou", "ruisseau de Péchabout", "ruisseau des Agals", "ruisseau de Rieutort", "la Marcassane", "ruisseau de Berjean",
	"ruisseau de Nostre-Seigne", "ruisseau de Tourrède", "ruisseau de la Pichounelle", "ruisseau du Grand-Vallat", "ruisseau de Trujol",
	"ruisseau de Malrieu", "ruisseau de Rosiès", "ruisseau de la Tuilerie", "ruisseau de Visenc", "ruisseau des Mazes", "ruisseau de Fontbazi",
	"ruisseau de la Garrigue", "ruisseau de Campferran", "ruisseau du Moulinet", "ruisseau de Ticaille", "ruisseau de Peyrencou",
}

var lakeNames = []string{
	"lac de la Thésauque", "lac de Bordeneuve", "retenue de l'Estrade", "lac de Fontréal", "étang du Bosquet", "lac de Gourdil", "retenue de Cabirole",
	"lac du Mas", "étang de Sainte-Alauze", "lac des Graves", "lac des Sablières", "grand lac d'Orbelle", "petit lac d'Orbelle", "lac des Pêcheurs", "étang du Ramier",
}

// RiverName and CanalName are the two waters everybody knows.
const (
	RiverName = "l'Orbelle"
	CanalName = "canal des Deux-Vals"
)

var (
	mainStreets = []string{
		"avenue de la République", "avenue de Castelorbe", "grand-rue", "rue du Faubourg", "avenue du Canal", "avenue de l'Orbelle", "route des Coteaux",
		"avenue de la Gare", "avenue des Pyrénées", "boulevard de la Liberté", "avenue de Tolzac", "route de la Crête",
	}
	streetKinds = []string{"rue", "rue", "rue", "rue", "chemin", "impasse", "allée", "place"}
	streetWords = strings.Split("de l'Église|du Moulin|des Écoles|du Château|de la Fontaine|du Lavoir|des Jardins|du Barry|de la Mairie|"+
		"des Remparts|du Four|de la Halle|du Cimetière|des Tisserands|des Potiers|du Pastel|des Violettes|des Acacias|des Tilleuls|des Platanes|"+
		"des Chênes|des Peupliers|des Érables|des Cèdres|des Amandiers|des Lauriers|des Mésanges|des Hirondelles|des Rossignols|des Alouettes|"+
		"du Stade|de la Plaine|du Coteau|des Vignes|de la Vigne|du Pressoir|de Bellevue|du Levant|du Couchant|du Midi|des Pyrénées|de l'Autan|"+
		"de la Cigale|des Cigales|des Genêts|des Bruyères|de la Garenne|du Bois|du Bosquet|de la Forge|du Pigeonnier|de l'Écluse|du Canal|du Pont|"+
		"du Ruisseau|de la Source|du Puits|des Prés|des Champs|de la Métairie|de la Tuilerie|de la Briqueterie|des Artisans|du Marché|de l'Union|"+
		"de la Paix|de la Liberté|de l'Égalité|de la Fraternité|du Progrès|de la Croix|de la Chapelle|des Capucins|des Cordeliers|de Cantegril|"+
		"de Fontbelle|de Borde-Haute|de Borde-Basse|des Crêtes|du Belvédère|de l'Ormeau|du Tambour|des Troubadours|de la Farandole|des Bastides", "|")
	laneWords = strings.Split("de Bordeneuve|d'en Garrigue|d'en Rouch|de Pechmaurel|de la Crête|de Montplaisir|des Clauzels|d'en Salvan|de Rivals|de Ticaille|"+
		"de Lapeyre|du Cammas|de Labourdette|d'en Gouzy|des Tourelles|de la Serre|de Camp-Long|de la Borie|d'en Touts|du Roc|de Matens|de Ninaret|des Bousquets|"+
		"de Peyre-Longue|du Gué|du Pont-Vieux|de Saint-Sernin-le-Vieux|de Gargas-Haut|de Rieutord|de Fontaurié", "|")
)

// streetNamer gives each street of a commune a name once.
type streetNamer struct {
	r    *rand.Rand
	used map[string]map[string]bool
}

func (n *streetNamer) name(commune, class string) string {
	seen := n.used[commune]
	if seen == nil {
		seen = map[string]bool{}
		n.used[commune] = seen
	}
	for try := range 60 {
		var s string
		switch {
		case class == Lane:
			s = "chemin " + laneWords[n.r.IntN(len(laneWords))]
		case (class == Main || class == Secondary) && try < 20:
			s = mainStreets[n.r.IntN(len(mainStreets))]
		default:
			s = streetKinds[n.r.IntN(len(streetKinds))] + " " + streetWords[n.r.IntN(len(streetWords))]
		}
		if !seen[s] {
			seen[s] = true
			return s
		}
	}
	return fmt.Sprintf("voie %d", 100+len(seen))
}

func (w *World) nameWater() {
	streams := w.Water.Streams
	order := make([]int, len(streams))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order[1:], func(a, b int) bool {
		return lengthOf(streams[order[a+1]].Line) > lengthOf(streams[order[b+1]].Line)
	})
	for k, i := range order {
		if k < len(streamNames) {
			streams[i].Name = streamNames[k]
		}
	}
	for i := range w.Water.Lakes {
		w.Water.Lakes[i].Name = lakeNames[i%len(lakeNames)]
	}
}
