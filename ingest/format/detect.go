package format

import (
	"bytes"
	"regexp"
	"strings"
)

// kind is what the first bytes of a file say.
type kind uint8

const (
	kindText kind = iota
	kindEmpty
	kindGzip
	kindZip
	kindParquet
	kindShapefile
	kindJSON
	kindUTF16
	kindRefused
)

// refusal is a format that is recognised and not read.
type refusal struct {
	name string
	hint string
}

func (r refusal) error() error {
	return invalid(r.hint, "it is %s: that comes in a later version", r.name)
}

const (
	toGeoJSON  = "convert it: ogr2ogr -f GeoJSONSeq out.geojsonl IN"
	toCSV      = "save it as CSV (UTF-8) with your spreadsheet program"
	toPlain    = "decompress it first"
	notTabular = "it holds no table and no features; look for another download of the same data"
)

// magics are the signatures of formats that are refused with a name, at their offsets.
var magics = []struct {
	at    int
	bytes string
	refusal
}{
	{0, "fgb\x03", refusal{"FlatGeobuf", toGeoJSON}},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", refusal{"a legacy Office file (XLS)", toCSV}},
	{0, "ARROW1", refusal{"an Arrow IPC (Feather) file", "convert it to Parquet"}},
	{0, "BZh", refusal{"compressed with bzip2", toPlain}},
	{0, "\xfd7zXZ\x00", refusal{"compressed with xz", toPlain}},
	{0, "\x28\xb5\x2f\xfd", refusal{"compressed with zstd", toPlain}},
	{0, "7z\xbc\xaf\x27\x1c", refusal{"a 7z archive", "unpack it, or pack it as zip"}},
	{0, "Rar!", refusal{"a RAR archive", "unpack it, or pack it as zip"}},
	{257, "ustar", refusal{"a tar archive", "unpack it, or pack it as zip"}},
	{0, "%PDF", refusal{"a PDF document", notTabular}},
	{0, "PMTiles", refusal{"a PMTiles archive", notTabular}},
	{0, "II*\x00", refusal{"a TIFF image", notTabular}},
	{0, "MM\x00*", refusal{"a TIFF image", notTabular}},
	{0, "\x89PNG", refusal{"a PNG image", notTabular}},
	{0, "\xff\xd8\xff", refusal{"a JPEG image", notTabular}},
	{4, "\x0a\x09OSMHeader", refusal{"OpenStreetMap PBF", "convert it: osmium export or ogr2ogr -f GeoJSONSeq out.geojsonl IN LAYER"}},
}

var xmlKinds = map[string]refusal{
	"kml":               {"KML", toGeoJSON},
	"gpx":               {"GPX", toGeoJSON},
	"osm":               {"OpenStreetMap XML", "convert it: osmium export or ogr2ogr -f GeoJSONSeq out.geojsonl IN LAYER"},
	"citymodel":         {"CityGML", toGeoJSON},
	"featurecollection": {"GML", toGeoJSON},
	"html":              {"an HTML page, perhaps the producer's error message", "open the download address in a browser"},
	"!doctype":          {"an HTML page, perhaps the producer's error message", "open the download address in a browser"},
}

// xmlRoot is the first element that is no declaration, comment or DOCTYPE of its own kind.
var xmlRoot = regexp.MustCompile(`<(?:[A-Za-z_][\w.-]*:)?([A-Za-z!][\w.-]*)`)

// recognise tells the kind of a file from its first bytes.
func recognise(head []byte) (kind, refusal) {
	if len(head) == 0 {
		return kindEmpty, refusal{}
	}
	for _, m := range magics {
		if len(head) > m.at && hasPrefix(head[m.at:], m.bytes) {
			return kindRefused, m.refusal
		}
	}
	switch {
	case hasPrefix(head, "\x1f\x8b"):
		return kindGzip, refusal{}
	case hasPrefix(head, "PK\x03\x04"), hasPrefix(head, "PK\x05\x06"):
		return kindZip, refusal{}
	case hasPrefix(head, "PAR1"):
		return kindParquet, refusal{}
	case hasPrefix(head, "\x00\x00\x27\x0a"):
		return kindShapefile, refusal{}
	case hasPrefix(head, "SQLite format 3\x00"):
		return kindRefused, sqlite(head)
	case hasPrefix(head, "\xff\xfe"), hasPrefix(head, "\xfe\xff"):
		return kindUTF16, refusal{}
	}
	return recogniseText(head)
}

func sqlite(head []byte) refusal {
	if len(head) > 72 && (hasPrefix(head[68:], "GP")) {
		return refusal{"GeoPackage", toGeoJSON}
	}
	return refusal{"an SQLite database (GeoPackage, SpatiaLite or MBTiles)", toGeoJSON}
}

const bom = "\xef\xbb\xbf"

func recogniseText(head []byte) (kind, refusal) {
	body := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), " \t\r\n\x1e")
	switch {
	case len(body) == 0 && len(head) < headSize:
		return kindEmpty, refusal{}
	case len(body) > 0 && (body[0] == '{' || body[0] == '['):
		return kindJSON, refusal{}
	case len(body) > 1 && body[0] == '<' && !bytes.ContainsAny(body[1:2], " <;,\t="):
		return kindRefused, xml(body)
	case bytes.IndexByte(head, 0) >= 0:
		return kindRefused, unknownBinary(head)
	}
	return kindText, refusal{}
}

func unknownBinary(head []byte) refusal {
	if len(head) > 32 && (head[0]&7 == 3 || head[0] == 0x30) && head[2]-1 < 12 && head[3]-1 < 31 {
		return refusal{"a dBase table", "give the .shp file that belongs to it, or save it as CSV"}
	}
	return refusal{"a binary file of an unknown format", "use GeoJSON, CSV, Parquet or Shapefile"}
}

func xml(body []byte) refusal {
	for _, m := range xmlRoot.FindAllSubmatch(body, 4) {
		if r, ok := xmlKinds[strings.ToLower(string(m[1]))]; ok {
			return r
		}
	}
	if bytes.Contains(body, []byte("/gml")) {
		return refusal{"GML", toGeoJSON}
	}
	return refusal{"an XML file", toGeoJSON}
}
