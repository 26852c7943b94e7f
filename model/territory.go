package model

// Text is a sentence or a name in the two languages of the product.
type Text struct {
	FR string `yaml:"fr" json:"fr"`
	EN string `yaml:"en" json:"en"`
}

// In returns the text in the language "fr" or "en", falling back to the other one.
func (t Text) In(lang string) string {
	if lang == "en" && t.EN != "" || t.FR == "" {
		return t.EN
	}
	return t.FR
}

// Territory is a folder that an authority owns: territory.yaml, sources/ and layers/.
type Territory struct {
	// Identifier: lower-case letters, digits and underscores.
	ID    string `yaml:"territory" json:"territory"`
	Title Text   `yaml:"title" json:"title"`
	// The authority that publishes the model, as shown in the page.
	Publisher Text `yaml:"publisher,omitempty" json:"publisher"`
	// True when every figure is invented; the page then says so on every view.
	Synthetic bool `yaml:"synthetic,omitempty" json:"synthetic"`
	// West, south, east, north in degrees (OGC:CRS84): the first view of the map.
	BBox [4]float64 `yaml:"bbox" json:"bbox"`
	// IANA time zone of local times in sources and of slots.
	TimeZone string `yaml:"time_zone" json:"time_zone"`
	// Zone systems, coarsest first, finest last. cell_200m and cell_1km are built in; a source gives each other one.
	Zones []string `yaml:"zones" json:"zones"`
	// Cron expression (minute hour day month weekday) in the time zone.
	Schedule string  `yaml:"schedule,omitempty" json:"schedule,omitempty"`
	Privacy  Privacy `yaml:"privacy,omitempty" json:"privacy"`

	Dir     string    `yaml:"-" json:"-"` // the folder it was read from
	Sources []*Source `yaml:"-" json:"-"` // in the order of their file names
	Layers  []*Layer  `yaml:"-" json:"-"` // in the order of their file names
}

// Privacy holds the territory's thresholds and budget; a source may only be stricter. See doc/gate.
type Privacy struct {
	// Least number of distinct units behind a published figure; at least 11, default 20.
	K int `yaml:"k,omitempty" json:"k"`
	// Privacy loss of one release of one source; default 1.
	Epsilon float64 `yaml:"epsilon,omitempty" json:"epsilon"`
	// Failure probability of one release; default 1e-6.
	Delta float64 `yaml:"delta,omitempty" json:"delta"`
	// Cap on the sum of epsilon of one source over a calendar year; default 4.
	EpsilonYear float64 `yaml:"epsilon_year,omitempty" json:"epsilon_year"`
}

// Source is one thing jumeau may read: where it is, how to read it, and the contract it must keep.
type Source struct {
	ID          string `yaml:"source" json:"source"`
	Title       Text   `yaml:"title" json:"title"`
	From        From   `yaml:"from" json:"from"`
	Read        Read   `yaml:"read,omitempty" json:"read"`
	Producer    string `yaml:"producer" json:"producer"`
	Licence     string `yaml:"licence" json:"licence"`
	Attribution string `yaml:"attribution,omitempty" json:"attribution,omitempty"`
	// The state of the world it describes ("2026", "2024-01", "COG 2018").
	Vintage string `yaml:"vintage" json:"vintage"`
	// When true, an absent file is reported and the run goes on without it.
	Optional bool     `yaml:"optional,omitempty" json:"optional,omitempty"`
	Contract Contract `yaml:"contract" json:"contract"`
	// Which rows belong to the territory; the others are counted as skipped, not rejected.
	Keep []Keep `yaml:"keep,omitempty" json:"keep,omitempty"`
	// Required when the source carries figures about people or enterprises, aggregated or not.
	Behaviour *Behaviour `yaml:"behaviour,omitempty" json:"behaviour,omitempty"`
	// Set when the features of this source are the zones of a system.
	Zones    *ZoneSystem         `yaml:"zones,omitempty" json:"zones,omitempty"`
	Measures map[string]*Measure `yaml:"measures,omitempty" json:"measures,omitempty"`
	Flows    map[string]*Flow    `yaml:"flows,omitempty" json:"flows,omitempty"`
	Examples []Example           `yaml:"examples,omitempty" json:"examples,omitempty"`

	File string `yaml:"-" json:"-"` // the declaration's file, for messages
}

// From says where a source's bytes are. Exactly one of Path and URL must be set, or both: then the mirror is asked for Path.
type From struct {
	// File, folder or glob, relative to the territory folder or to the mirror folder.
	Path string `yaml:"path,omitempty" json:"path,omitempty"`
	// The producer's download address.
	URL string `yaml:"url,omitempty" json:"url,omitempty"`
	// False until someone downloaded from URL and the contract held.
	Verified bool `yaml:"verified,omitempty" json:"verified,omitempty"`
	// Path inside an archive ("stops.txt"); "*" patterns allowed. Default: the only readable member.
	Member string `yaml:"member,omitempty" json:"member,omitempty"`
}

// Read holds what a file does not say about itself. Everything is detected when absent.
type Read struct {
	// geojson, geojsonseq, json, csv, parquet, shapefile.
	Format string `yaml:"format,omitempty" json:"format,omitempty"`
	// utf-8 (with or without BOM) or windows-1252; for csv and shapefile.
	Encoding string `yaml:"encoding,omitempty" json:"encoding,omitempty"`
	// Field separator of csv: ",", ";", "\t" or "|".
	Delimiter string `yaml:"delimiter,omitempty" json:"delimiter,omitempty"`
	// Decimal sign of numbers written as text: "." (default) or ",".
	Decimal string `yaml:"decimal,omitempty" json:"decimal,omitempty"`
	// Removed from the header cells before columns are bound: a regular expression (",[A-Z],[0-9,]+$").
	HeaderStrip string `yaml:"header_strip,omitempty" json:"header_strip,omitempty"`
	// For json: the array property whose elements become rows, with the enclosing object's fields beside them.
	Explode string `yaml:"explode,omitempty" json:"explode,omitempty"`
	// CRS of the coordinates when the file does not say it: EPSG:2154, EPSG:3857, EPSG:3035, EPSG:4326, OGC:CRS84.
	CRS string `yaml:"crs,omitempty" json:"crs,omitempty"`
}

// Contract is what a source promises: columns, geometry, quality, and how much of it may be broken.
type Contract struct {
	// "exact" (default) or "ignore_case": how column names are matched with the file's.
	Match   string             `yaml:"match,omitempty" json:"match,omitempty"`
	Columns map[string]*Column `yaml:"columns" json:"columns"`
	// Absent when the source is a table.
	Geometry *Geometry `yaml:"geometry,omitempty" json:"geometry,omitempty"`
	// Share of rows that may be rejected before the run stops, as a percentage ("0.5%"); default 0%.
	RejectAtMost Percent `yaml:"reject_at_most,omitempty" json:"reject_at_most"`
}

// Percent is a share between 0 and 1, written "0.5%" in a declaration.
type Percent float64

// Column binds one declared column to the file's and gives its type and quality rules. Undeclared columns are never read.
type Column struct {
	// Name in the file; default: the declared name. A regular expression when it starts with "^".
	From string `yaml:"from,omitempty" json:"from,omitempty"`
	// text, integer, number, boolean, date, timestamp.
	Type string `yaml:"type" json:"type"`
	// id, name, time, place, origin, destination, value, unit. Role unit is a person, household, device or vehicle.
	Role string `yaml:"role,omitempty" json:"role,omitempty"`
	// Title and unit shown to planners.
	Title Text   `yaml:"title,omitempty" json:"title"`
	Unit  string `yaml:"unit,omitempty" json:"unit,omitempty"`
	// Layout of dates and times in strptime form ("%d/%m/%y"); default ISO 8601. For ISO intervals the start is kept.
	Format   string `yaml:"format,omitempty" json:"format,omitempty"`
	Required bool   `yaml:"required,omitempty" json:"required,omitempty"`
	Unique   bool   `yaml:"unique,omitempty" json:"unique,omitempty"`
	// Inclusive bounds of a number.
	Min     *float64 `yaml:"min,omitempty" json:"min,omitempty"`
	Max     *float64 `yaml:"max,omitempty" json:"max,omitempty"`
	Pattern string   `yaml:"pattern,omitempty" json:"pattern,omitempty"` // regular expression the whole text must match
	In      []string `yaml:"in,omitempty" json:"in,omitempty"`
	// "source.column" in which the value must be found.
	Refers string `yaml:"refers,omitempty" json:"refers,omitempty"`
	// Texts that mean "no data" ("#N/A", "-"); the empty text always does.
	Missing []string `yaml:"missing,omitempty" json:"missing,omitempty"`
	// Texts that mean "not published" ("s", "nd", "c"): the value is null and its figure is flagged.
	Withheld []string `yaml:"withheld,omitempty" json:"withheld,omitempty"`
}

// Geometry says what shape the features have and where their coordinates are.
type Geometry struct {
	// point, line, polygon or any.
	Type string `yaml:"type" json:"type"`
	// Columns of x (or longitude) and y (or latitude) in the file's CRS, for tables.
	X string `yaml:"x,omitempty" json:"x,omitempty"`
	Y string `yaml:"y,omitempty" json:"y,omitempty"`
	// Column holding well-known text, for tables.
	WKT string `yaml:"wkt,omitempty" json:"wkt,omitempty"`
	// When true a row without geometry is kept; else it is rejected.
	Optional bool `yaml:"optional,omitempty" json:"optional,omitempty"`
}

// Keep is one condition on the rows that belong to the territory; all conditions of a source must hold.
type Keep struct {
	Column string   `yaml:"column,omitempty" json:"column,omitempty"`
	In     []string `yaml:"in,omitempty" json:"in,omitempty"`
	// "source.column" in which the value must be found.
	FoundIn string `yaml:"found_in,omitempty" json:"found_in,omitempty"`
	// Zone system: the feature must touch one of its zones.
	Within string `yaml:"within,omitempty" json:"within,omitempty"`
}

// Behaviour is the part of a contract that concerns people or enterprises.
type Behaviour struct {
	// A open aggregates, B counts without identity, C person or device data, D aggregates thresholded by their producer,
	// E enterprise magnitudes, F household or tax data, G survey microdata.
	Class string `yaml:"class" json:"class"`
	// What one row is about in classes C, E, F, G: person, device, vehicle, household, enterprise, respondent.
	Unit       string `yaml:"unit,omitempty" json:"unit,omitempty"`
	Purpose    Text   `yaml:"purpose,omitempty" json:"purpose"`
	LegalBasis string `yaml:"legal_basis,omitempty" json:"legal_basis,omitempty"`
	// ISO 8601 duration after which raw files must be deleted ("P30D").
	Retention string `yaml:"retention,omitempty" json:"retention,omitempty"`
	// Class D: the least count its producer publishes; default the territory's k, at least 11.
	Threshold int `yaml:"threshold,omitempty" json:"threshold,omitempty"`
	// Classes C, F, G: what the gate publishes.
	Publish *Publish `yaml:"publish,omitempty" json:"publish,omitempty"`
}

// Publish names the shapes of protected figures that leave the gate.
type Publish struct {
	Presence *Grain `yaml:"presence,omitempty" json:"presence,omitempty"`
	Flow     *Grain `yaml:"flow,omitempty" json:"flow,omitempty"`
}

// Grain is a zone system and a slot kind.
type Grain struct {
	Zones string `yaml:"zones" json:"zones"`
	Slot  string `yaml:"slot" json:"slot"`
}

// ZoneSystem makes the rows of a source the zones of a system: polygons, points (counters), or groups of finer zones.
type ZoneSystem struct {
	System string `yaml:"system" json:"system"`
	Title  Text   `yaml:"title" json:"title"`
	// Column of the zone's id and of its name.
	ID   string `yaml:"id" json:"id"`
	Name string `yaml:"name,omitempty" json:"name,omitempty"`
	// For a table without geometry: each row names a member, and the zone is the union of its members.
	Members *Members `yaml:"members,omitempty" json:"members,omitempty"`
}

// Members says of which finer system a group is made, and which column holds the member's id.
type Members struct {
	System string `yaml:"system" json:"system"`
	ID     string `yaml:"id" json:"id"`
}

// Measure is a number with unit and source, by zone and slot.
type Measure struct {
	Title   Text `yaml:"title" json:"title"`
	Summary Text `yaml:"summary,omitempty" json:"summary"`
	Unit    Text `yaml:"unit" json:"unit"`
	// Column of the value; absent: rows are counted.
	Value string `yaml:"value,omitempty" json:"value,omitempty"`
	// sum (default), mean. Within one slot, sums over rows of one moment, then the mean over moments of the slot
	// (the days of a day type), so that an hourly slot reads "in an average hour".
	Aggregate string `yaml:"aggregate,omitempty" json:"aggregate,omitempty"`
	// Zone system of the leaves, and the column holding the zone's id; absent: assigned by the row's geometry.
	Zones string `yaml:"zones" json:"zones"`
	Zone  string `yaml:"zone,omitempty" json:"zone,omitempty"`
	// Column of the time, and the slot kinds published: all (default), hour, date, month.
	Time  string   `yaml:"time,omitempty" json:"time,omitempty"`
	Slots []string `yaml:"slots,omitempty" json:"slots,omitempty"`
	// Coarser systems for which the sum of leaves is published too.
	Rollup []string `yaml:"rollup,omitempty" json:"rollup,omitempty"`
	// Column that is true (1) where the producer imputed the value.
	Estimated string `yaml:"estimated,omitempty" json:"estimated,omitempty"`
	// Decimals shown; default 0.
	Decimals int `yaml:"decimals,omitempty" json:"decimals"`
}

// Flow is a measure by origin zone, destination zone and slot.
type Flow struct {
	Title       Text   `yaml:"title" json:"title"`
	Summary     Text   `yaml:"summary,omitempty" json:"summary"`
	Unit        Text   `yaml:"unit" json:"unit"`
	Zones       string `yaml:"zones" json:"zones"`
	Origin      string `yaml:"origin" json:"origin"`
	Destination string `yaml:"destination" json:"destination"`
	Value       string `yaml:"value,omitempty" json:"value,omitempty"` // absent: rows are counted
	Decimals    int    `yaml:"decimals,omitempty" json:"decimals"`
}

// Example is a row given to a contract and what must come of it; run by `jumeau check` and by the tests.
type Example struct {
	Given map[string]string `yaml:"given" json:"given"`
	// The typed row, by declared column; or
	Expect map[string]any `yaml:"expect,omitempty" json:"expect,omitempty"`
	// the code with which it is rejected.
	Reject string `yaml:"reject,omitempty" json:"reject,omitempty"`
}

// Layer is what a planner sees: geometry, properties and measures.
type Layer struct {
	ID      string `yaml:"layer" json:"layer"`
	Title   Text   `yaml:"title" json:"title"`
	Summary Text   `yaml:"summary,omitempty" json:"summary"`
	// Number of the planners' question it answers (doc/questions.md), 0 when it is background.
	Question int           `yaml:"question,omitempty" json:"question,omitempty"`
	Geometry LayerGeometry `yaml:"geometry" json:"geometry"`
	// Columns of the source shown with a feature, in order; zone layers always carry id and name.
	Properties []string `yaml:"properties,omitempty" json:"properties,omitempty"`
	// Measures that may colour it, the first by default. Zone layers only.
	Measures []string `yaml:"measures,omitempty" json:"measures,omitempty"`
	// Flows between its zones. Zone layers only.
	Flows []string `yaml:"flows,omitempty" json:"flows,omitempty"`
	// public (default), agent, steward.
	Audience string `yaml:"audience,omitempty" json:"audience,omitempty"`
	// True: part of the background map, not of the list of subjects.
	Background bool `yaml:"background,omitempty" json:"background,omitempty"`
	// Drawing order; higher is above. Default 50.
	Order int   `yaml:"order,omitempty" json:"order,omitempty"`
	Style Style `yaml:"style,omitempty" json:"style"`

	File string `yaml:"-" json:"-"`
}

// LayerGeometry names the zone system or the source whose features are drawn, and the zooms at which they are.
type LayerGeometry struct {
	Zones  string    `yaml:"zones,omitempty" json:"zones,omitempty"`
	Source string    `yaml:"source,omitempty" json:"source,omitempty"`
	Zoom   ZoomRange `yaml:"zoom" json:"zoom"`
}

// ZoomRange is a pair of tile zooms, both included, written "8-16" in a declaration.
type ZoomRange struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Style says how a layer is drawn. Colours are CSS hex colours.
type Style struct {
	// fill, line, circle, extrusion (height in metres from By).
	As string `yaml:"as,omitempty" json:"as,omitempty"`
	// Fixed colour, outline colour, opacity 0..1, width or radius in pixels at zoom 14.
	Colour  string  `yaml:"colour,omitempty" json:"colour,omitempty"`
	Outline string  `yaml:"outline,omitempty" json:"outline,omitempty"`
	Opacity float64 `yaml:"opacity,omitempty" json:"opacity,omitempty"`
	Width   float64 `yaml:"width,omitempty" json:"width,omitempty"`
	Dashed  bool    `yaml:"dashed,omitempty" json:"dashed,omitempty"`
	// Property that chooses the colour among Colours (text → colour), or the height of an extrusion.
	By      string            `yaml:"by,omitempty" json:"by,omitempty"`
	Colours map[string]string `yaml:"colours,omitempty" json:"colours,omitempty"`
	// For measures: sequential (default) or diverging; number of classes 3..8, default 6.
	Ramp    string `yaml:"ramp,omitempty" json:"ramp,omitempty"`
	Classes int    `yaml:"classes,omitempty" json:"classes,omitempty"`
	// Property written beside the feature.
	Label string `yaml:"label,omitempty" json:"label,omitempty"`
}
