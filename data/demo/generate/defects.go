package generate

// Defect is a deliberate fault in a file, as a run's reject table must show it.
type Defect struct {
	Source string // the source whose declaration reads the file
	File   string
	Code   string // of the reject, or the kind of repair
	Count  int
	Repair bool // repaired, and the row loaded
	What   string
}

// Defects of the full-size territory with seed 1. Nothing else in raw/ breaks its contract.
var Defects = []Defect{
	{Source: "batiments", File: "raw/batiments.geojsonl.gz", Code: "geometry_self_intersection", Count: 1, What: "a bow-tie building"},
	{Source: "batiments", File: "raw/batiments.geojsonl.gz", Code: "duplicate", Count: 1, What: "a building twice under one identifier"},
	{Source: "batiments", File: "raw/batiments.geojsonl.gz", Code: "out_of_range", Count: 1, What: "a building 812.5 m high"},
	{Source: "batiments", File: "raw/batiments.geojsonl.gz", Code: "json_syntax", Count: 1, What: "a line cut short"},
	{Source: "batiments", File: "raw/batiments.geojsonl.gz", Code: "ring_closed", Count: 1, Repair: true, What: "a ring whose last point is missing"},
	{Source: "equipements", File: "raw/equipements.csv", Code: "geometry_missing", Count: 2, What: "facilities that their producer did not locate"},
	{Source: "equipements", File: "raw/equipements.csv", Code: "out_of_range", Count: 1, What: "coordinates a thousand times too large"},
	{Source: "equipements", File: "raw/equipements.csv", Code: "duplicate", Count: 1, What: "a facility twice under one identifier"},
	{Source: "adresses", File: "raw/adresses.csv.gz", Code: "csv_field_count", Count: 1, What: "a record that lost three fields"},
	{Source: "rues", File: "raw/troncons-de-route.zip", Code: "geometry_missing", Count: 1, What: "a street without geometry"},
	{Source: "carreaux", File: "raw/carreaux-200m.csv", Code: "duplicate", Count: 1, What: "a cell twice"},
	{Source: "carreaux", File: "raw/carreaux-200m.csv", Code: "out_of_range", Count: 1, What: "a cell of -4 inhabitants"},
	{Source: "flux_domicile_travail", File: "raw/flux-domicile-travail.csv", Code: "reference_unknown", Count: 2, What: "commune codes that do not exist"},
	{Source: "presence_operateur", File: "raw/presence-operateur.csv", Code: "below_threshold", Count: 1, What: "a count of 7 that the operator should have withheld"},
	{Source: "comptages_routiers", File: "raw/comptage-routier-2025.csv.gz", Code: "time_does_not_exist", Count: 2, What: "the hour that the clocks skipped on 30 March"},
	{Source: "comptages_routiers", File: "raw/comptage-routier-2025.csv.gz", Code: "out_of_range", Count: 1, What: "a count of -12 vehicles"},
	{Source: "arrets_bus", File: "raw/reseau-bus-gtfs.zip", Code: "duplicate", Count: 1, What: "a stop twice"},
}
