package format

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"

	"jumeau/model"
	"jumeau/model/crs"
)

// Options is what the declaration says about a file. The zero value of a field means: detect.
type Options struct {
	Format      string  // one of formats: geojson, csv, geopackage, …
	Encoding    string  // utf-8, windows-1252, iso-8859-1; for csv, json and shapefile
	Delimiter   string  // of csv: one of , ; \t |
	Decimal     string  // decimal sign of x and y columns: "." or ","
	HeaderStrip string  // regular expression removed from csv header cells
	Explode     string  // json: dotted name of the array whose elements become rows
	Member      string  // of an archive or a folder: path or name, * patterns allowed
	CRS         crs.CRS // when the file does not say it; an error when the file says another one
	// Where coordinates are in a table. X and Y in the same column: a cell "latitude, longitude". The WKT column may hold
	// well-known text, hexadecimal WKB, a GeoJSON geometry, or WKB bytes (Parquet).
	Geometry *model.Geometry
	// Which of its tables, when a file holds several: a layer of a GeoPackage, a sheet of a workbook, a folder of KML, a
	// feature type of GML, an object of TopoJSON, a table made of GTFS or of OpenStreetMap. Default: the only one.
	Table     string
	HeaderRow int        // of a sheet: the row that holds the names, from 1; 0: the first row with two texts side by side
	Tags      []string   // of OpenStreetMap: "highway", "building=yes"; a feature with any of them is delivered; none: all
	Dates     string     // of the passages of GTFS: the days that are wanted, "2024-01-15/2024-01-21"; default: all of the calendar
	Expect    []string   // columns that the contract asks for: OpenStreetMap has as many columns as keys, and offers these too
	BBox      *orb.Bound // degrees: features whose bounds do not meet it are left out; through an index where there is one
	BatchRows int        // default 4096

	depth int // of archives around the file
}

// Info is what is known of an open file. Columns of JSON are those of its first megabytes; they grow while it is read.
type Info struct {
	Format   string // as in Options
	Encoding string // of text: utf-8, windows-1252, …; "" when it has none or nothing but ASCII was met so far
	Columns  []Column
	Geometry bool
	CRS      crs.CRS // zero: unknown
	CRSText  string  // how the file names its CRS, also when it is not supported; "" when it does not
	Bytes    int64   // on disk
	Rows     int64   // -1: unknown
}

// Column of a file. Names are unique: a repeated one gets "_2", "_3", …
type Column struct {
	Name string
	Type arrow.DataType
}

// Reader delivers the records of one file. Not safe for concurrent use.
type Reader interface {
	Info() Info
	// Select chooses the columns to deliver and their order, by exact name, before the first Next; default: all.
	// JSON readers accept names they have not met: the column is null until it appears.
	Select(names []string) error
	// Next is the next batch; io.EOF at the end. A batch may have no rows but only Bad records.
	Next() (*Batch, error)
	// Read is the number of source bytes consumed so far, comparable with Info().Bytes.
	Read() int64
	Close() error
}

// Batch holds consecutive records. Arrow arrays follow Arrow's ownership; everything else is valid until the next call.
type Batch struct {
	// Per row: the physical line on which the record starts (text, XML), its identifier (geopackage, openstreetmap), or
	// its number from 1 (the others).
	Line     []int64
	Columns  []arrow.Array  // text formats: *array.String, null when absent or empty; typed formats: native Arrow
	Geometry []orb.Geometry // in the file's CRS; nil entry: no geometry; nil slice: a table
	Bad      []Bad          // records that could not be read; they are not among the rows
}

// Bad is one record that could not be read. Code is stable.
type Bad struct {
	Line   int64
	Code   string
	Reason string
}

// Codes of Bad records.
const (
	BadJSON       = "json_syntax"         // not JSON
	BadNotFeature = "geojson_not_feature" // JSON, but not what GeoJSON has in this place
	BadNotObject  = "json_not_object"     // a JSON table's record that is no object
	BadFields     = "csv_field_count"     // more or fewer cells than the header
	BadQuote      = "csv_quote"           // a quoted cell that never ends
	BadEncoding   = "encoding_invalid"    // bytes that are no text in the file's encoding
	BadGeometry   = "geometry_unreadable" // coordinates that are no geometry
	BadValue      = "value_unreadable"    // a typed cell that does not hold its type
	BadRecord     = "record_unreadable"   // a binary record whose parts contradict each other
)

const defaultBatchRows = 4096

func (opt Options) batchRows() int {
	if opt.BatchRows > 0 {
		return opt.BatchRows
	}
	return defaultBatchRows
}

// Open recognises the file (or the folder of a Shapefile) at path and returns its reader.
func Open(ctx context.Context, path string, opt Options) (Reader, error) {
	r, err := open(ctx, path, opt)
	if err != nil {
		return nil, located(path, err)
	}
	return r, nil
}

// located says of which file an error is, unless it says so already.
func located(path string, err error) error {
	name := filepath.Base(path)
	var e *model.Error
	if errors.As(err, &e) {
		if e.Subject == "" {
			e.Subject = name
		}
		if e.Op == "" {
			e.Op = "read"
		}
		return e
	}
	return &model.Error{Kind: model.Invalid, Op: "read", Subject: name, Err: err}
}

// invalid is an error about the file, with what to try.
func invalid(hint, sentence string, args ...any) error {
	return &model.Error{Kind: model.Invalid, Hint: hint, Err: fmt.Errorf(sentence, args...)}
}

// settleCRS compares what the file says with what is declared. An empty text means that the file says nothing.
func settleCRS(text string, opt Options) (crs.CRS, error) {
	if strings.TrimSpace(text) == "" {
		return opt.CRS, nil
	}
	said, err := crs.Parse(text)
	if err != nil {
		return opt.CRS, nil //nolint:nilerr // unsupported: only a declaration can help; Info.CRSText says what the file says
	}
	if opt.CRS != (crs.CRS{}) && said != opt.CRS && !bothWGS84(said, opt.CRS) {
		return crs.CRS{}, invalid("remove `crs` from the declaration, or correct it",
			"the file says %s, the declaration says %s", said.Code(), opt.CRS.Code())
	}
	return said, nil
}

// bothWGS84: files write longitude first under either name.
func bothWGS84(a, b crs.CRS) bool {
	is := func(c crs.CRS) bool { return c.Code() == "EPSG:4326" || c.Code() == "OGC:CRS84" }
	return is(a) && is(b)
}

// known says whether the text names a supported CRS.
func known(text string) bool {
	_, err := crs.Parse(text)
	return err == nil
}

func validUTF8(b []byte) bool { return ascii(b) || utf8.Valid(b) }
