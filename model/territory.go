package model

// Text is a sentence or a name in the two languages of the product.
type Text struct {
	// In French.
	FR string `yaml:"fr" json:"fr"`
	// In English.
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
	ID string `yaml:"territory" json:"territory"`
	// Name of the territory, as the page shows it.
	Title Text `yaml:"title" json:"title"`
	// The authority that publishes the model, as shown in the page.
	Publisher Text `yaml:"publisher,omitempty" json:"publisher"`
	// True when every figure is invented; the page then says so on every view.
	Synthetic bool `yaml:"synthetic,omitempty" json:"synthetic"`
	// West, south, east, north in degrees (OGC:CRS84): the first view of the map.
	BBox [4]float64 `yaml:"bbox" json:"bbox"`
	// IANA time zone of local times in sources and of slots.
	TimeZone string `yaml:"time_zone" json:"time_zone"`
	// Zone systems, coarsest first, finest last. cell_200m and cell_1km are built in, the squares that open figures name; so are
	// all_cells_200m and all_cells_1km, every square of the territory. A source gives each other one.
	Zones []string `yaml:"zones" json:"zones"`
	// To which vintage the commune codes of sources are brought; absent: codes are taken as they are.
	COG *COG `yaml:"cog,omitempty" json:"cog,omitempty"`
	// Cron expression (minute hour day month weekday) in the time zone.
	Schedule string `yaml:"schedule,omitempty" json:"schedule,omitempty"`
	// E-mail or web address of the publisher. Producers from whose servers sources are fetched see it, and the feed of runs.
	Contact string `yaml:"contact,omitempty" json:"contact,omitempty"`
	// Who is told when a run fails, and when all is well again.
	Announce *Announce `yaml:"announce,omitempty" json:"announce,omitempty"`
	// Thresholds and privacy budget of every source about people.
	Privacy Privacy `yaml:"privacy,omitempty" json:"privacy"`

	Dir     string    `yaml:"-" json:"-"` // the folder it was read from
	Sources []*Source `yaml:"-" json:"-"` // in the order of their file names
	Layers  []*Layer  `yaml:"-" json:"-"` // in the order of their file names
	Tours   []*Tour   `yaml:"-" json:"-"` // likewise
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

// COG says in which vintage of the Code officiel géographique the communes of the territory are, and where their history is.
type COG struct {
	// The vintage: the codes of 1 January of this year.
	Year int `yaml:"year" json:"year"`
	// Source of the movements of communes, with the columns date, before and after (template insee/cog-mouvements).
	Movements string `yaml:"movements" json:"movements"`
	// Source of the population of communes, by its columns with the roles place and value: it shares the figures of a commune that
	// was split. Absent: its parts are equal.
	Population string `yaml:"population,omitempty" json:"population,omitempty"`
}

// Codes says which columns of a source hold codes of communes, and of which vintage.
type Codes struct {
	// The vintage: the codes of 1 January of this year.
	Year int `yaml:"year" json:"year"`
	// The columns. Arrondissements of Paris, Lyon and Marseille become their commune. A merger adds figures up; a split shares
	// them, and they are flagged as estimated.
	Columns []string `yaml:"columns" json:"columns"`
}

// Source is one thing jumeau may read: where it is, how to read it, and the contract it must keep.
type Source struct {
	// Identifier, and the name of the file: sources/<source>.yaml.
	ID string `yaml:"source" json:"source"`
	// A template that says everything else, with its edition ("insee/filosofi-200m@2019"): jumeau templates lists them. Any key
	// given here holds instead of the template's; null takes one away.
	Template string `yaml:"template,omitempty" json:"template,omitempty"`
	// What the template asks for ("departement").
	With map[string]string `yaml:"with,omitempty" json:"with,omitempty"`
	// Name of the source, as the page shows it.
	Title Text `yaml:"title" json:"title"`
	// Where its bytes are.
	From From `yaml:"from" json:"from"`
	// What the file does not say about itself.
	Read Read `yaml:"read,omitempty" json:"read"`
	// Who made the data.
	Producer string `yaml:"producer" json:"producer"`
	// Under which licence it may be reused ("Licence Ouverte 2.0", "ODbL 1.0").
	Licence string `yaml:"licence" json:"licence"`
	// The sentence that the licence wants beside the map; default the producer.
	Attribution string `yaml:"attribution,omitempty" json:"attribution,omitempty"`
	// The state of the world it describes ("2026", "2024-01", "COG 2018").
	Vintage string `yaml:"vintage" json:"vintage"`
	// When true, an absent file is reported and the run goes on without it.
	Optional bool `yaml:"optional,omitempty" json:"optional,omitempty"`
	// What the source promises.
	Contract Contract `yaml:"contract" json:"contract"`
	// Codes of communes that are brought to the territory's vintage.
	COG *Codes `yaml:"cog,omitempty" json:"cog,omitempty"`
	// Which rows belong to the territory; the others are counted as skipped, not rejected.
	Keep []Keep `yaml:"keep,omitempty" json:"keep,omitempty"`
	// Required when the source carries figures about people or enterprises, aggregated or not.
	Behaviour *Behaviour `yaml:"behaviour,omitempty" json:"behaviour,omitempty"`
	// Set when the features of this source are the zones of a system.
	Zones *ZoneSystem `yaml:"zones,omitempty" json:"zones,omitempty"`
	// Numbers by zone and slot made from its rows; the names are unique in the territory.
	Measures map[string]*Measure `yaml:"measures,omitempty" json:"measures,omitempty"`
	// Numbers by origin and destination made from its rows; the names are unique in the territory.
	Flows map[string]*Flow `yaml:"flows,omitempty" json:"flows,omitempty"`
	// Rows and what must come of them.
	Examples []Example `yaml:"examples,omitempty" json:"examples,omitempty"`

	File string `yaml:"-" json:"-"` // the declaration's file, for messages
}

// From says where a source's bytes are. Path or URL must be set, or both: then the mirror is asked for Path.
type From struct {
	// File, folder or glob, relative to the territory folder or to the mirror folder.
	Path string `yaml:"path,omitempty" json:"path,omitempty"`
	// The producer's download address: https://, http:// or s3://bucket/key, where the key may be a pattern. Several files of one
	// source, read in this order, are written {a,b} or {01..12}.
	URL string `yaml:"url,omitempty" json:"url,omitempty"`
	// False until someone downloaded from URL and the contract held.
	Verified bool `yaml:"verified,omitempty" json:"verified,omitempty"`
	// Path inside an archive ("stops.txt"); "*" patterns allowed. Default: the only readable member.
	Member string `yaml:"member,omitempty" json:"member,omitempty"`
	// SHA-256 of the file that url gives (hexadecimal). Other bytes are refused.
	SHA256 string `yaml:"sha256,omitempty" json:"sha256,omitempty"`
	// Address of the checksum that the producer publishes, as sha256sum, sha1sum or md5sum write it.
	Checksum string `yaml:"checksum,omitempty" json:"checksum,omitempty"`
	// For s3: address of the server; default Amazon's in the region.
	Endpoint string `yaml:"endpoint,omitempty" json:"endpoint,omitempty"`
	// For s3: region of the bucket; default us-east-1.
	Region string `yaml:"region,omitempty" json:"region,omitempty"`
	// The secret that the producer asks for, never written here.
	Auth *Auth `yaml:"auth,omitempty" json:"auth,omitempty"`
	// ISO 8601 duration: the producer is not asked again before; default PT12H.
	Every string `yaml:"every,omitempty" json:"every,omitempty"`
	// Greatest size of one file, in MiB; default 8192.
	MaxMiB int `yaml:"max_mib,omitempty" json:"max_mib,omitempty"`
}

// Secret says where a password, token or key is kept: in the environment or in a file that only its owner reads.
type Secret struct {
	// Name of the environment variable that holds it; or
	Env string `yaml:"env,omitempty" json:"env,omitempty"`
	// absolute path of a file outside the territory folder, mode 0600 or stricter.
	File string `yaml:"file,omitempty" json:"file,omitempty"`
}

// Auth says where a secret is kept and how it is shown to the producer.
type Auth struct {
	// Name of the environment variable that holds it; or
	Env string `yaml:"env,omitempty" json:"env,omitempty"`
	// absolute path of a file outside the territory folder, mode 0600 or stricter.
	File string `yaml:"file,omitempty" json:"file,omitempty"`
	// bearer (default), basic (user:password), header or query. For s3 the secret is always ACCESS_KEY:SECRET_KEY.
	As string `yaml:"as,omitempty" json:"as,omitempty"`
	// Name of the header or of the query parameter.
	Name string `yaml:"name,omitempty" json:"name,omitempty"`
}

// Announce says who is told when runs begin to fail, on each day that they go on failing, and when all is well again.
type Announce struct {
	// Language of the messages: fr (default) or en.
	Language string `yaml:"language,omitempty" json:"language,omitempty"`
	// By e-mail.
	Mail *Mail `yaml:"mail,omitempty" json:"mail,omitempty"`
	// By a signed request to a web address.
	Webhook *Webhook `yaml:"webhook,omitempty" json:"webhook,omitempty"`
	// When true, the file runs.atom of the releases folder is a feed of what was announced.
	Feed bool `yaml:"feed,omitempty" json:"feed,omitempty"`
}

// Mail is an SMTP server, a sender and those who are written to.
type Mail struct {
	// Those who are written to.
	To []string `yaml:"to" json:"to"`
	// The sender.
	From string `yaml:"from" json:"from"`
	// Host and port of the SMTP server ("smtp.example.org:587"). TLS from the start on port 465, STARTTLS on the others.
	Server string `yaml:"server" json:"server"`
	// User name, when the server asks for one.
	User string `yaml:"user,omitempty" json:"user,omitempty"`
	// Its password.
	Password *Secret `yaml:"password,omitempty" json:"password,omitempty"`
	// True: the server of this machine or network takes mail without encryption. Not with a password.
	Plain bool `yaml:"plain,omitempty" json:"plain,omitempty"`
}

// Webhook is a web address that is sent each message as JSON, signed as Standard Webhooks say.
type Webhook struct {
	// Where it is sent.
	URL string `yaml:"url" json:"url"`
	// Key of the signature (HMAC-SHA256); without one the request is not signed.
	Secret *Secret `yaml:"secret,omitempty" json:"secret,omitempty"`
}

// ClipTerritory is the read.clip that stands for the bbox of the territory.
const ClipTerritory = "territory"

// Read holds what a file does not say about itself. Everything is detected when absent.
type Read struct {
	// What the file must be; default: recognised by its content. Needed only for json that could be geojson, and for csv that
	// could be json.
	Format string `yaml:"format,omitempty" json:"format,omitempty"`
	// Which table of a file that holds several: a layer of a GeoPackage, a sheet of a workbook, a folder of KML, a feature type of
	// GML, an object of TopoJSON; points, lines or polygons of OpenStreetMap; stops, routes, shapes or passages of GTFS; vehicles
	// or delays of GTFS Realtime.
	Table string `yaml:"table,omitempty" json:"table,omitempty"`
	// Only what touches this box is read, through the file's index where it has one (FlatGeobuf, GeoPackage): "territory" for the
	// territory's bbox, or a zone system for the box around its zones. What lies outside is not counted.
	Clip string `yaml:"clip,omitempty" json:"clip,omitempty"`
	// The row of a sheet that holds the names of the columns, from 1; default: the first with two texts side by side.
	HeaderRow int `yaml:"header_row,omitempty" json:"header_row,omitempty"`
	// Features of OpenStreetMap to read, by any of these tags ("highway", "building=yes", "amenity=school|college"); default all.
	Tags []string `yaml:"tags,omitempty" json:"tags,omitempty"`
	// Days of GTFS passages to read ("2026-01-12/2026-01-18"); default: the feed's whole calendar.
	Dates string `yaml:"dates,omitempty" json:"dates,omitempty"`
	// utf-8 (with or without BOM), windows-1252 or iso-8859-1; for csv, json and shapefile.
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
	Match string `yaml:"match,omitempty" json:"match,omitempty"`
	// The columns that are read, by the name used in the model.
	Columns map[string]*Column `yaml:"columns" json:"columns"`
	// Absent when the source is a table.
	Geometry *Geometry `yaml:"geometry,omitempty" json:"geometry,omitempty"`
	// Share of rows that may be rejected before the run stops, as a percentage ("0.5%"); default 0%.
	RejectAtMost Percent `yaml:"reject_at_most,omitempty" json:"reject_at_most"`
	// What becomes of a file that is not as the ones before it.
	Drift *Drift `yaml:"drift,omitempty" json:"drift,omitempty"`
}

// What a run does about a kind of drift.
const (
	DriftIgnore = "ignore"
	DriftWarn   = "warn"
	DriftStop   = "stop"
)

// Drift says what a run does when the files of a source are not as those of the same vintage before: ignore, warn (it is said, and
// the release is made) or stop (no release is made). Sources about people have no such history.
type Drift struct {
	// A column that the contract binds is in the file no more: ignore, warn or stop (default). Other columns that are lost, new
	// or of another type are told as a warning, unless ignore.
	Columns string `yaml:"columns,omitempty" json:"columns,omitempty"`
	// Many more or fewer rows, or rejects, than before: ignore, warn (default) or stop.
	Rows string `yaml:"rows,omitempty" json:"rows,omitempty"`
	// The values of a column lie elsewhere, or are more often missing: ignore, warn (default) or stop.
	Values string `yaml:"values,omitempty" json:"values,omitempty"`
	// Days without any row, counters that fell silent or that show one value for long: ignore, warn (default) or stop.
	Time string `yaml:"time,omitempty" json:"time,omitempty"`
	// The features lie elsewhere, or have another size: ignore, warn (default) or stop.
	Place string `yaml:"place,omitempty" json:"place,omitempty"`
	// The file speaks of another vintage than the declaration: ignore, warn (default) or stop.
	Vintage string `yaml:"vintage,omitempty" json:"vintage,omitempty"`
	// From which robust z-score on a number is far from its history; default 6.
	Score float64 `yaml:"score,omitempty" json:"score,omitempty"`
}

// Policy is what a run does about a kind of drift: columns, rows, values, time, place or vintage. A nil d has the defaults.
func (d *Drift) Policy(kind string) string {
	policy := ""
	if d != nil {
		policy = map[string]string{"columns": d.Columns, "rows": d.Rows, "values": d.Values, "time": d.Time, "place": d.Place, "vintage": d.Vintage}[kind]
	}
	switch {
	case policy != "":
		return policy
	case kind == "columns":
		return DriftStop
	}
	return DriftWarn
}

// Limit is the score from which on a number is far from its history.
func (d *Drift) Limit() float64 {
	if d == nil || d.Score == 0 {
		return 6
	}
	return d.Score
}

// Percent is a share between 0 and 1, written "0.5%" in a declaration.
type Percent float64

// Column binds one declared column to the file's and gives its type and quality rules. Undeclared columns are never read.
type Column struct {
	// Name in the file; default: the declared name. A regular expression when it starts with "^"; what its group "vintage"
	// takes out of the name ("^NBFLUX_C(?P<vintage>[0-9]{2})_") is held against the source's vintage, and a difference is reported.
	// "#row", for role unit: the row itself, where each row is another unit and bears no identifier.
	From string `yaml:"from,omitempty" json:"from,omitempty"`
	// text, integer, number, boolean, date, timestamp.
	Type string `yaml:"type" json:"type"`
	// id, name, time, place, origin, destination, value, unit. Role unit is a person, household, device or vehicle.
	Role string `yaml:"role,omitempty" json:"role,omitempty"`
	// Title shown to planners; default the column's name.
	Title Text `yaml:"title,omitempty" json:"title"`
	// Unit shown to planners ("m", "km/h").
	Unit string `yaml:"unit,omitempty" json:"unit,omitempty"`
	// Regular expression that takes the value out of a longer text: its first group, else the whole match. A text that
	// it does not match is rejected (code "pattern"). Type, pattern and the other rules apply to what is taken.
	Extract string `yaml:"extract,omitempty" json:"extract,omitempty"`
	// Layout of dates and times in strptime form ("%d/%m/%y"); default ISO 8601. For ISO intervals the start is kept.
	Format string `yaml:"format,omitempty" json:"format,omitempty"`
	// When true a row without value is rejected.
	Required bool `yaml:"required,omitempty" json:"required,omitempty"`
	// When true a row whose value came before is rejected.
	Unique bool `yaml:"unique,omitempty" json:"unique,omitempty"`
	// Least number allowed.
	Min *float64 `yaml:"min,omitempty" json:"min,omitempty"`
	// Greatest number allowed.
	Max *float64 `yaml:"max,omitempty" json:"max,omitempty"`
	// When true its values add up (dwellings, but not heights): where features are drawn as one, it carries their sum.
	Sum bool `yaml:"sum,omitempty" json:"sum,omitempty"`
	// Regular expression that the whole text must match.
	Pattern string `yaml:"pattern,omitempty" json:"pattern,omitempty"`
	// The only texts allowed.
	In []string `yaml:"in,omitempty" json:"in,omitempty"`
	// "source.column" in which the value must be found; the same source for a parent.
	Refers string `yaml:"refers,omitempty" json:"refers,omitempty"`
	// Texts that mean "no data" ("#N/A", "-"); the empty text always does.
	Missing []string `yaml:"missing,omitempty" json:"missing,omitempty"`
	// Texts that mean "not published" ("s", "nd", "c"): the value is null and its figure is flagged.
	Withheld []string `yaml:"withheld,omitempty" json:"withheld,omitempty"`
}

// RowItself, as the place that a column comes from, is the row: every one is a unit of its own.
const RowItself = "#row"

// Geometry says what shape the features have and where their coordinates are.
type Geometry struct {
	// point, line, polygon or any.
	Type string `yaml:"type" json:"type"`
	// The file's column of x (or longitude), in the file's CRS, for tables.
	X string `yaml:"x,omitempty" json:"x,omitempty"`
	// The file's column of y (or latitude), in the file's CRS, for tables.
	Y string `yaml:"y,omitempty" json:"y,omitempty"`
	// The file's column holding well-known text, for tables.
	WKT string `yaml:"wkt,omitempty" json:"wkt,omitempty"`
	// The file's column holding each row's CRS as an EPSG code ("2154"), where rows have different ones.
	CRS string `yaml:"crs,omitempty" json:"crs,omitempty"`
	// When true a row without geometry is kept; else it is rejected.
	Optional bool `yaml:"optional,omitempty" json:"optional,omitempty"`
}

// Keep is one condition on the rows that belong to the territory; all conditions of a source must hold.
type Keep struct {
	// Declared column on which the condition is.
	Column string `yaml:"column,omitempty" json:"column,omitempty"`
	// The values that belong to the territory.
	In []string `yaml:"in,omitempty" json:"in,omitempty"`
	// True: of the rows that share a value, the first one that keeps the contract; for files that repeat a thing on several rows.
	First bool `yaml:"first,omitempty" json:"first,omitempty"`
	// "source.column" in which the value must be found.
	FoundIn string `yaml:"found_in,omitempty" json:"found_in,omitempty"`
	// Zone system, given by a source: the feature must have a point, or some of its length or area, in one of its zones.
	Within string `yaml:"within,omitempty" json:"within,omitempty"`
}

// Behaviour is the part of a contract that concerns people or enterprises.
type Behaviour struct {
	// A open aggregates, B counts without identity, C person or device data, D aggregates thresholded by their producer,
	// E enterprise magnitudes, F household or tax data, G survey microdata.
	Class string `yaml:"class" json:"class"`
	// What one row is about in classes C, E, F, G: person, device, vehicle, household, enterprise, respondent.
	Unit string `yaml:"unit,omitempty" json:"unit,omitempty"`
	// What the figures are for. Classes C, E, F, G.
	Purpose Text `yaml:"purpose,omitempty" json:"purpose"`
	// On which ground the data is processed ("public task", "consent"). Classes C, E, F, G.
	LegalBasis string `yaml:"legal_basis,omitempty" json:"legal_basis,omitempty"`
	// ISO 8601 duration after which raw files must be deleted ("P30D").
	Retention string `yaml:"retention,omitempty" json:"retention,omitempty"`
	// Class D: the least count its producer publishes; default the territory's k, at least 11.
	Threshold int `yaml:"threshold,omitempty" json:"threshold,omitempty"`
	// Classes C, E, F, G: the window that figures are drawn from, once: a month ("2025-11"), a quarter ("2025-Q4"), a year
	// ("2025"), or local dates of which the last is excluded ("2025-11-03/2025-11-10"). Rows outside are left out.
	Period string `yaml:"period,omitempty" json:"period,omitempty"`
	// Classes C, E, F, G: the types of day on which something was measured; of others there is no data, which is not the same as not
	// published. Default all three.
	Days []string `yaml:"days,omitempty" json:"days,omitempty"`
	// Which drawing of the period this is; raise it by one to correct a publication, which is charged anew. Default 1.
	Edition int `yaml:"edition,omitempty" json:"edition,omitempty"`
	// Class C: the greatest number of units expected; default 100,000.
	Units int `yaml:"units,omitempty" json:"units,omitempty"`
	// Classes C, E, F, G: what leaves the gate. The names are unique in the territory among measures and flows.
	Publish map[string]*Published `yaml:"publish,omitempty" json:"publish,omitempty"`
}

// ZoneSystem makes the rows of a source the zones of a system: polygons, points (counters), lines (street segments), or groups of
// finer zones.
type ZoneSystem struct {
	// Identifier of the system, listed in territory.zones.
	System string `yaml:"system" json:"system"`
	// Name of the system, as the page shows it ("Communes").
	Title Text `yaml:"title" json:"title"`
	// Column of the zone's id.
	ID string `yaml:"id" json:"id"`
	// Column of the zone's name; default its id.
	Name string `yaml:"name,omitempty" json:"name,omitempty"`
	// For a table without geometry: each row names a member, and the zone is the union of its members.
	Members *Members `yaml:"members,omitempty" json:"members,omitempty"`
}

// Members says of which finer system a group is made, and which column holds the member's id.
type Members struct {
	// The finer system.
	System string `yaml:"system" json:"system"`
	// Column of the member's id.
	ID string `yaml:"id" json:"id"`
}

// Measure is a number with unit and source, by zone and slot.
type Measure struct {
	// Name of the measure, as the page shows it.
	Title Text `yaml:"title" json:"title"`
	// What it counts, and what it does not, in a sentence or two.
	Summary Text `yaml:"summary,omitempty" json:"summary"`
	// Unit of one figure ("residents", "bicycles per day").
	Unit Text `yaml:"unit" json:"unit"`
	// Column of the value; absent: rows are counted.
	Value string `yaml:"value,omitempty" json:"value,omitempty"`
	// sum (default), mean: what becomes of the rows of one moment and, for a day, of its moments. Slots other than dates are
	// then means over their days, so that an hourly slot reads "in an average hour". Where rows are counted (no value) an
	// hour or a day without rows is zero; where a value is given it was not measured.
	Aggregate string `yaml:"aggregate,omitempty" json:"aggregate,omitempty"`
	// Zone system of the leaves.
	Zones string `yaml:"zones" json:"zones"`
	// Column holding the zone's id; absent: the zone is where the row's geometry is. In a grid, ids are cells as INSEE writes them.
	Zone string `yaml:"zone,omitempty" json:"zone,omitempty"`
	// Column of the time: a date, a timestamp, or a text that is a slot as its producer wrote it ("weekday-08"). Years run
	// from 1900 to 2100.
	Time string `yaml:"time,omitempty" json:"time,omitempty"`
	// The slot kinds published: all (default), hour, day_type, date, month.
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
	// Name of the flow, as the page shows it.
	Title Text `yaml:"title" json:"title"`
	// What it counts, and what it does not, in a sentence or two.
	Summary Text `yaml:"summary,omitempty" json:"summary"`
	// Unit of one figure ("residents").
	Unit Text `yaml:"unit" json:"unit"`
	// Zone system of origins and destinations.
	Zones string `yaml:"zones" json:"zones"`
	// Column holding the id of the origin zone.
	Origin string `yaml:"origin" json:"origin"`
	// Column holding the id of the destination zone.
	Destination string `yaml:"destination" json:"destination"`
	// Column of the value; absent: rows are counted.
	Value string `yaml:"value,omitempty" json:"value,omitempty"`
	// Decimals shown; default 0.
	Decimals int `yaml:"decimals,omitempty" json:"decimals"`
}

// Example is a row given to a contract and what must come of it; run by `jumeau check` and by the tests.
type Example struct {
	// The row as the file has it: texts by the file's column names.
	Given map[string]string `yaml:"given" json:"given"`
	// The typed row, by declared column: what the contract makes of it. Dates are texts in ISO 8601, and so are
	// timestamps, in UTC ("2026-11-23T02:00:00Z").
	Expect map[string]any `yaml:"expect,omitempty" json:"expect,omitempty"`
	// The code with which the row is rejected, instead of expect.
	Reject string `yaml:"reject,omitempty" json:"reject,omitempty"`
}

// Layer is what a planner sees: geometry, properties and measures.
type Layer struct {
	// Identifier, and the name of the file: layers/<layer>.yaml.
	ID string `yaml:"layer" json:"layer"`
	// Name of the layer, as the page shows it: a question or a plain name.
	Title Text `yaml:"title" json:"title"`
	// What it shows and what it does not, in a sentence or two.
	Summary Text `yaml:"summary,omitempty" json:"summary"`
	// Number of the planners' question it answers (doc/questions.md), 0 when it is background.
	Question int `yaml:"question,omitempty" json:"question,omitempty"`
	// What is drawn, and at which zooms.
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
	Order int `yaml:"order,omitempty" json:"order,omitempty"`
	// How it is drawn; defaults follow from the geometry.
	Style Style `yaml:"style,omitempty" json:"style"`
	// Its features can be searched for in the page, by these texts. Source layers for the public only.
	Search *Search `yaml:"search,omitempty" json:"search,omitempty"`

	File string `yaml:"-" json:"-"`
}

// Search says by which texts the features of a layer are found.
type Search struct {
	// What is found, as the page heads the results: Adresses.
	Title Text `yaml:"title" json:"title"`
	// Columns that make the name, in order: the street of an address, the name of a facility.
	Text []string `yaml:"text" json:"text"`
	// Columns that make the house number, in order. Features of one name in one place are then one street.
	Number []string `yaml:"number,omitempty" json:"number,omitempty"`
}

// LayerGeometry names the zone system or the source whose features are drawn, and the zooms at which they are.
type LayerGeometry struct {
	// Zone system whose zones are drawn; or
	Zones string `yaml:"zones,omitempty" json:"zones,omitempty"`
	// the source whose features are drawn.
	Source string `yaml:"source,omitempty" json:"source,omitempty"`
	// Tile zooms at which it is drawn.
	Zoom ZoomRange `yaml:"zoom" json:"zoom"`
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
	// Fixed colour.
	Colour string `yaml:"colour,omitempty" json:"colour,omitempty"`
	// Colour of the outline of areas and circles.
	Outline string `yaml:"outline,omitempty" json:"outline,omitempty"`
	// From 0 (invisible) to 1; default 1 for lines, 0.9 for circles and extrusions, 0.7 for areas.
	Opacity float64 `yaml:"opacity,omitempty" json:"opacity,omitempty"`
	// Width of a line or of an outline, radius of a circle, in pixels at zoom 14.
	Width float64 `yaml:"width,omitempty" json:"width,omitempty"`
	// True: lines and outlines are dashed.
	Dashed bool `yaml:"dashed,omitempty" json:"dashed,omitempty"`
	// Property that chooses the colour among colours, or the height of an extrusion.
	By string `yaml:"by,omitempty" json:"by,omitempty"`
	// Colour of each text of the property named by "by"; other texts have the fixed colour.
	Colours map[string]string `yaml:"colours,omitempty" json:"colours,omitempty"`
	// What such a text means, where it is a code: how legend, table and panel write it.
	Labels map[string]Text `yaml:"labels,omitempty" json:"labels,omitempty"`
	// For measures: sequential (default) or diverging.
	Ramp string `yaml:"ramp,omitempty" json:"ramp,omitempty"`
	// For measures: number of classes, 3 to 8; default 6.
	Classes int `yaml:"classes,omitempty" json:"classes,omitempty"`
	// Property written beside the feature.
	Label string `yaml:"label,omitempty" json:"label,omitempty"`
}
