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
	kindSQLite
	kindFlatGeobuf
	kindArrow
	kindPBF
	kindXML
	kindBzip2
	kindZstd
	kindXZ
	kind7z
	kindRealtime
	kindRefused
)

// refusal is a format that is recognised and not read.
type refusal struct {
	name string
	hint string
}

func (r refusal) error() error {
	return invalid(r.hint, "it is %s, which is not read", r.name)
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
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", refusal{"a legacy Office file (XLS)", toCSV}},
	{0, "Rar!", refusal{"a RAR archive", "unpack it, or pack it as zip"}},
	{257, "ustar", refusal{"a tar archive", "unpack it, or pack it as zip"}},
	{0, "%PDF", refusal{"a PDF document", notTabular}},
	{0, "PMTiles", refusal{"a PMTiles archive", notTabular}},
	{0, "II*\x00", refusal{"a TIFF image", notTabular}},
	{0, "MM\x00*", refusal{"a TIFF image", notTabular}},
	{0, "\x89PNG", refusal{"a PNG image", notTabular}},
	{0, "\xff\xd8\xff", refusal{"a JPEG image", notTabular}},
}

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
	for _, r := range readable {
		if len(head) > r.at && hasPrefix(head[r.at:], r.bytes) {
			return r.kind, refusal{}
		}
	}
	if isRealtime(head) {
		return kindRealtime, refusal{}
	}
	if part, ok := loosePart(head); ok {
		return kindRefused, part
	}
	return recogniseText(head)
}

// readable are the signatures of formats that are read.
var readable = []struct {
	at    int
	bytes string
	kind  kind
}{
	{0, "\x1f\x8b", kindGzip},
	{0, "BZh", kindBzip2},
	{0, "\x28\xb5\x2f\xfd", kindZstd},
	{0, "\xfd7zXZ\x00", kindXZ},
	{0, "PK\x03\x04", kindZip},
	{0, "PK\x05\x06", kindZip},
	{0, "7z\xbc\xaf\x27\x1c", kind7z},
	{0, "PAR1", kindParquet},
	{0, "\x00\x00\x27\x0a", kindShapefile},
	{0, sqliteMagic, kindSQLite},
	{0, "fgb\x03", kindFlatGeobuf},
	{0, "ARROW1\x00\x00", kindArrow},
	{0, "\xff\xff\xff\xff", kindArrow}, // a stream's continuation marker
	{4, "\x0a\x09OSMHeader", kindPBF},
	{0, "\xff\xfe", kindUTF16},
	{0, "\xfe\xff", kindUTF16},
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
		return recogniseXML(body)
	case bytes.IndexByte(head, 0) >= 0, 50*controls(head) > len(head):
		return kindRefused, unknownBinary(head)
	}
	return kindText, refusal{}
}

func unknownBinary(head []byte) refusal {
	if len(head) > 32 && (head[0]&7 == 3 || head[0] == 0x30) && head[2]-1 < 12 && head[3]-1 < 31 {
		return refusal{"a dBase table", "give the .shp file that belongs to it, or save it as CSV"}
	}
	return refusal{"a binary file of an unknown format", "use GeoPackage, GeoJSON, CSV or Parquet"}
}

// xmlRoot is the first element that is no declaration, comment or DOCTYPE of its own kind.
var xmlRoot = regexp.MustCompile(`<(?:[A-Za-z_][\w.-]*:)?([A-Za-z!][\w.-]*)`)

// recogniseXML tells pages and pictures, which are refused, from documents whose root is looked at when they are opened.
func recogniseXML(body []byte) (kind, refusal) {
	for _, m := range xmlRoot.FindAllSubmatch(body, 3) {
		switch strings.ToLower(string(m[1])) {
		case "html":
			return kindRefused, htmlPage
		case "!doctype":
			if bytes.Contains(bytes.ToLower(body[:min(len(body), 200)]), []byte("html")) {
				return kindRefused, htmlPage
			}
		case "svg":
			return kindRefused, refusal{"an SVG image", notTabular}
		}
	}
	return kindXML, refusal{}
}

var htmlPage = refusal{"an HTML page, perhaps the producer's error message", "open the download address in a browser"}
