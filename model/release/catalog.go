package release

import (
	"slices"
	"strings"
	"time"

	"jumeau/model"
)

// Catalog is what a release says of itself to the page and to every other client: the body of GET /catalog.
// Publish fills Release, BuiltAt and the addresses of layers; the run that built the release gives the rest.
type Catalog struct {
	Release     string       `json:"release"`
	BuiltAt     time.Time    `json:"built_at"` // UTC
	Territory   Territory    `json:"territory"`
	ZoneSystems []ZoneSystem `json:"zone_systems"` // coarsest first
	Layers      []Layer      `json:"layers"`
	Measures    []Measure    `json:"measures"`
	Flows       []Flow       `json:"flows"`
	Sources     []Source     `json:"sources"`
	Tours       []Tour       `json:"tours,omitempty"` // as they are listed
}

// Tour is a guided visit; its steps are in TourPath.
type Tour struct {
	ID       string     `json:"id"`
	Title    model.Text `json:"title"`
	Summary  model.Text `json:"summary"`
	Question int        `json:"question,omitempty"`
	Steps    int        `json:"steps"`
	Layers   []string   `json:"layers"` // that its steps show
}

// Territory is what the page shows of the territory.
type Territory struct {
	ID        string     `json:"id"`
	Title     model.Text `json:"title"`
	Publisher model.Text `json:"publisher"`
	Synthetic bool       `json:"synthetic"`
	BBox      [4]float64 `json:"bbox"` // west, south, east, north in degrees
	TimeZone  string     `json:"time_zone"`
}

// ZoneSystem is a set of zones; its zones are in ZonesPath.
type ZoneSystem struct {
	ID       string     `json:"id"`
	Title    model.Text `json:"title"`
	Count    int        `json:"count"`
	Geometry string     `json:"geometry"` // polygon, point, line or cell
	Finer    string     `json:"finer,omitempty"`
	Coarser  string     `json:"coarser,omitempty"`
	Source   string     `json:"source,omitempty"`
}

// Layer is what a planner sees: LayerPath holds what its tiles are made of.
type Layer struct {
	ID         string      `json:"id"`
	Title      model.Text  `json:"title"`
	Summary    model.Text  `json:"summary"`
	Question   int         `json:"question,omitempty"`
	Geometry   string      `json:"geometry"` // point, line or polygon
	Zones      string      `json:"zones"`    // the zone system it draws, or ""
	Source     string      `json:"source"`   // the source whose features it draws, or ""
	Sources    []string    `json:"sources"`  // every source to be credited
	MinZoom    int         `json:"minzoom"`
	MaxZoom    int         `json:"maxzoom"`
	BBox       [4]float64  `json:"bbox"`
	Features   int64       `json:"features"`
	Tiles      string      `json:"tiles"` // filled by Publish
	Properties []Property  `json:"properties"`
	Measures   []string    `json:"measures"`
	Flows      []string    `json:"flows"`
	Background bool        `json:"background"`
	Order      int         `json:"order"`
	Audience   string      `json:"audience"`
	Style      model.Style `json:"style"`
	Download   string      `json:"download,omitempty"` // filled by Publish when there is a GeoParquet file
	// Its features can be searched for, in SearchPath.
	Search *LayerSearch `json:"search,omitempty"`
}

// LayerSearch is what a search of features finds.
type LayerSearch struct {
	Title     model.Text `json:"title"`               // of what is found: "Adresses"
	Entries   int        `json:"entries"`             // streets or features
	Addresses bool       `json:"addresses,omitempty"` // streets with house numbers
}

// Property of the features of a layer.
type Property struct {
	Name  string     `json:"name"`
	Type  string     `json:"type"` // text, integer, number, boolean
	Title model.Text `json:"title"`
	Unit  string     `json:"unit,omitempty"`
}

// Measure is a number by zone and slot; its figures are in ValuesPath, one file a system.
type Measure struct {
	ID       string          `json:"id"`
	Title    model.Text      `json:"title"`
	Summary  model.Text      `json:"summary"`
	Unit     model.Text      `json:"unit"`
	Decimals int             `json:"decimals"`
	Class    string          `json:"class"` // A to G, or "" for open geodata
	Source   string          `json:"source"`
	Systems  []MeasureSystem `json:"systems"`
	Slots    []model.Slot    `json:"slots"`
	// The figure of two zones is not the sum of theirs: a temperature, an average.
	Mean bool `json:"mean,omitempty"`
	// Of protected figures: the declared table that it belongs to, and, in a histogram or split, its class.
	Table  string     `json:"table,omitempty"`
	Member model.Text `json:"member,omitzero"`
	// Of protected figures: the whole territory, where it was published with a budget of its own, or exactly (class E).
	Totals []Total `json:"totals,omitempty"`
}

// Total is the figure of the whole territory in a slot, with its interval at 95 %. A slot without one is not there.
type Total struct {
	Slot  model.Slot `json:"slot"`
	Value float64    `json:"value"`
	Lo    float64    `json:"lo"`
	Hi    float64    `json:"hi"`
	// By zone system: what is in the total and in no published figure of the system. Absent where it is below the limit.
	Rests map[string]float64 `json:"rests,omitempty"`
}

// MeasureSystem is the range of a measure in one zone system.
type MeasureSystem struct {
	Zones   string  `json:"zones"`
	Account Account `json:"account"`
	Scale
	// The scale of each slot kind, when the measure has several: a figure of a day is not one of an hour.
	Kinds map[string]Scale `json:"kinds,omitempty"`
}

// Account says what the figures of a measure in one zone system leave out. Where rows are placed: Rows, of which Outside lie in
// no zone or name none, and Untimed lack the time that the measure needs. Where finer zones are added up instead, Rows is 0
// and Orphans finer zones lie in no zone of the system.
type Account struct {
	Rows    int64 `json:"rows"`
	Outside int64 `json:"outside"`
	Untimed int64 `json:"untimed"`
	Orphans int   `json:"orphans"`
}

// FlowAccount says what the figures of a flow leave out: of Rows, those with both ends Outside the zone system, and those of
// which an end is Unknown.
type FlowAccount struct {
	Rows    int64 `json:"rows"`
	Outside int64 `json:"outside"`
	Unknown int64 `json:"unknown"`
}

// Scale is the range of the figures that have a number, and the bounds between colour classes: increasing, strictly between
// Min and Max, one fewer than the classes asked for or less when there are not enough distinct figures.
type Scale struct {
	Min    float64   `json:"min"`
	Max    float64   `json:"max"`
	Breaks []float64 `json:"breaks"`
}

// Flow is a number by origin, destination and slot; its figures are in FlowsPath.
type Flow struct {
	ID       string       `json:"id"`
	Title    model.Text   `json:"title"`
	Summary  model.Text   `json:"summary"`
	Unit     model.Text   `json:"unit"`
	Decimals int          `json:"decimals"`
	Class    string       `json:"class"`
	Source   string       `json:"source"`
	Zones    string       `json:"zones"`
	Slots    []model.Slot `json:"slots"`
	Total    float64      `json:"total"`           // sum of the published figures of the first slot
	Max      float64      `json:"max"`             // greatest figure of any slot
	Table    string       `json:"table,omitempty"` // of protected figures: the declared table
	Account  FlowAccount  `json:"account"`
	Totals   []Total      `json:"totals,omitempty"` // of protected flows
}

// Source is where figures and features come from, and what became of its rows: read = loaded + skipped + rejected.
type Source struct {
	ID          string     `json:"id"`
	Title       model.Text `json:"title"`
	Producer    string     `json:"producer"`
	Licence     string     `json:"licence"`
	Attribution string     `json:"attribution"`
	Vintage     string     `json:"vintage"`
	URL         string     `json:"url"`
	Class       string     `json:"class"`
	Read        int64      `json:"read"`
	Loaded      int64      `json:"loaded"`
	Skipped     int64      `json:"skipped"`
	Rejected    []Rejected `json:"rejected"`
	Repaired    []Repaired `json:"repaired"` // geometries mended without changing what they mean
	SHA256      string     `json:"sha256"`
	Absent      bool       `json:"absent"` // declared optional, and not there
	// Its rows are about single units: they went through the gate, and neither their number nor the digest of the file is
	// published, because both would change with one person.
	Protected bool `json:"protected,omitempty"`
	// Of a protected source: what one unit is (person, device, vehicle, household, enterprise, respondent), and the window
	// that its figures are drawn from, as declared ("2025-11").
	Unit   string `json:"unit,omitempty"`
	Period string `json:"period,omitempty"`
}

// Rejected counts the rows of a source that broke their contract in one way.
type Rejected struct {
	Code  string `json:"code"`
	Count int64  `json:"count"`
}

// Repaired counts the geometries of a source that were mended in one way.
type Repaired struct {
	Kind  string `json:"kind"`
	Count int64  `json:"count"`
}

// complete makes lists that are nil empty, so that every client finds a list in the JSON.
func (c *Catalog) complete() {
	list(&c.ZoneSystems)
	list(&c.Layers)
	list(&c.Measures)
	list(&c.Flows)
	list(&c.Sources)
	for i := range c.Layers {
		l := &c.Layers[i]
		list(&l.Sources)
		list(&l.Properties)
		list(&l.Measures)
		list(&l.Flows)
	}
	for i := range c.Measures {
		list(&c.Measures[i].Systems)
		list(&c.Measures[i].Slots)
		for j := range c.Measures[i].Systems {
			list(&c.Measures[i].Systems[j].Breaks)
		}
	}
	for i := range c.Flows {
		list(&c.Flows[i].Slots)
	}
	for i := range c.Sources {
		list(&c.Sources[i].Rejected)
		list(&c.Sources[i].Repaired)
	}
}

func list[T any](s *[]T) {
	if *s == nil {
		*s = []T{}
	}
}

// Layer of the catalogue by id.
func (c *Catalog) Layer(id string) (*Layer, bool) {
	return find(c.Layers, func(l *Layer) bool { return l.ID == id })
}

// Measure of the catalogue by id.
func (c *Catalog) Measure(id string) (*Measure, bool) {
	return find(c.Measures, func(m *Measure) bool { return m.ID == id })
}

// Flow of the catalogue by id.
func (c *Catalog) Flow(id string) (*Flow, bool) {
	return find(c.Flows, func(f *Flow) bool { return f.ID == id })
}

// ZoneSystem of the catalogue by id.
func (c *Catalog) ZoneSystem(id string) (*ZoneSystem, bool) {
	return find(c.ZoneSystems, func(z *ZoneSystem) bool { return z.ID == id })
}

// Tour of the catalogue by id.
func (c *Catalog) Tour(id string) (*Tour, bool) {
	return find(c.Tours, func(t *Tour) bool { return t.ID == id })
}

// Source of the catalogue by id.
func (c *Catalog) Source(id string) (*Source, bool) {
	return find(c.Sources, func(s *Source) bool { return s.ID == id })
}

// Attribution names whom a layer must credit, with the licences.
func (c *Catalog) Attribution(l *Layer) string { return c.Credits(l.Sources) }

// Credits names whom sources must be credited to, with the licences.
func (c *Catalog) Credits(sources []string) string {
	var out []string
	for _, id := range sources {
		source, ok := c.Source(id)
		if !ok {
			continue
		}
		text := source.Attribution
		if text == "" {
			text = source.Producer
		}
		if source.Licence != "" {
			text += " (" + source.Licence + ")"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return strings.Join(out, ", ")
}

func find[T any](list []T, is func(*T) bool) (*T, bool) {
	for i := range list {
		if is(&list[i]) {
			return &list[i], true
		}
	}
	return nil, false
}

// EditionPath holds digests of the keys and rows of a source (package edition).
func EditionPath(source string) string { return "editions/" + source + ".bin" }

// LayerPath is the file of which a layer's tiles are made. All paths are relative to the release's folder, with slashes.
func LayerPath(layer string) string { return "layers/" + layer + ".arrow" }

// ParquetPath is the file by which a layer is downloaded.
func ParquetPath(layer string) string { return "layers/" + layer + ".parquet" }

// ZonesPath is the list of the zones of a system.
func ZonesPath(system string) string { return "zones/" + system + ".arrow" }

// ValuesPath holds the figures of a measure by zones of one system.
func ValuesPath(measure, system string) string { return "values/" + measure + "." + system + ".arrow" }

// FlowsPath holds the figures of a flow between zones of a system.
func FlowsPath(flow, system string) string { return "flows/" + flow + "." + system + ".arrow" }

// SearchPath is a file of a layer's search index (package search).
func SearchPath(layer, name string) string { return "search/" + layer + "/" + name + ".json" }

// TourPath holds the steps of a guided tour, as JSON.
func TourPath(tour string) string { return "tours/" + tour + ".json" }

// BakedPath is the archive of a layer's baked tiles in a content coding of package bake.
func BakedPath(layer, coding string) string { return "tiles/" + layer + "." + coding + ".pmtiles" }
