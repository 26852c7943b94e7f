package profile

import (
	"context"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/ingest/format"
	"jumeau/model/crs"
)

// Options of a look.
type Options struct {
	Rows   int    // rows looked at, from the first; default 20,000
	Member string // of an archive
	Format string // when it is not recognised
}

const (
	defaultRows = 20_000
	previewRows = 5
)

// Profile is what was seen of a file.
type Profile struct {
	Format, Encoding string
	Member           string
	CRS              string // EPSG code of the coordinates, said by the file or guessed; "" when unknown
	CRSGuessed       bool
	Decimal          string // "," when numbers are written so
	HeaderStrip      string // what to remove from the header cells, "" for nothing
	Columns          []*Column
	Rows             int64 // looked at
	Whole            bool  // every row of the file was
	Broken           int64 // records that could not be read, among those looked at
	Preview          [][]string
	Shape            string // point, line, polygon, any; "" for a table
	InFile           bool   // the format has geometry of its own
	X, Y, WKT        string // columns of a table's coordinates
	Bound            orb.Bound
	Proposed         Class
}

// typedHeader is what a dBase table leaves behind when it is saved as CSV: "OBJECTID,N,10,0".
const typedHeader = `,[CNDFL](,[0-9]+)*$`

var typed = regexp.MustCompile(typedHeader)

// Look reads the first rows of the file at path.
func Look(ctx context.Context, path string, opt Options) (*Profile, error) {
	if opt.Rows <= 0 {
		opt.Rows = defaultRows
	}
	p, err := look(ctx, path, opt, "")
	if err != nil {
		return nil, err
	}
	strange := 0
	for _, c := range p.Columns {
		if typed.MatchString(c.Name) {
			strange++
		}
	}
	if p.Format == "csv" && strange > 0 && 2*strange >= len(p.Columns) {
		if p, err = look(ctx, path, opt, typedHeader); err != nil {
			return nil, err
		}
	}
	p.Member = opt.Member
	p.conclude()
	return p, nil
}

func look(ctx context.Context, path string, opt Options, strip string) (*Profile, error) {
	r, err := format.Open(ctx, path, format.Options{Member: opt.Member, Format: opt.Format, HeaderStrip: strip})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	info := r.Info()
	p := &Profile{Format: info.Format, Encoding: info.Encoding, HeaderStrip: strip, InFile: info.Geometry, Bound: orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}}
	if info.CRS != (crs.CRS{}) {
		p.CRS = info.CRS.Code()
	}
	for _, c := range info.Columns {
		p.Columns = append(p.Columns, newColumn(c))
	}
	var names []string
	for _, c := range p.Columns {
		names = append(names, c.Name)
	}
	if err := r.Select(names); err != nil {
		return nil, err
	}
	for p.Rows < int64(opt.Rows) {
		batch, err := r.Next()
		if errors.Is(err, io.EOF) {
			p.Whole = true
			break
		}
		if err != nil {
			return nil, err
		}
		p.Broken += int64(len(batch.Bad))
		p.see(batch, opt.Rows)
	}
	if p.Encoding = r.Info().Encoding; p.Encoding == "" && info.Encoding != "" {
		p.Encoding = info.Encoding
	}
	return p, nil
}

// see adds a batch to what is known. Rows beyond the most looked at are left.
func (p *Profile) see(batch *format.Batch, most int) {
	n := min(len(batch.Line), most-int(p.Rows))
	for i := range n {
		var row []string
		for k, c := range p.Columns {
			text, empty := cellText(batch.Columns[k], i)
			c.see(text, empty)
			if len(p.Preview) < previewRows {
				row = append(row, text)
			}
		}
		if len(p.Preview) < previewRows {
			p.Preview = append(p.Preview, row)
		}
		if batch.Geometry != nil && batch.Geometry[i] != nil {
			p.shape(batch.Geometry[i])
		}
	}
	p.Rows += int64(n)
}

func cellText(values arrow.Array, i int) (text string, empty bool) {
	if values.IsNull(i) {
		return "", true
	}
	switch v := values.(type) {
	case *array.String:
		text = v.Value(i)
	case *array.Binary:
		text = "(bytes)"
	case *array.Float64:
		if math.IsNaN(v.Value(i)) {
			return "", true
		}
		text = values.ValueStr(i)
	default:
		text = values.ValueStr(i)
	}
	text = strings.TrimSpace(text)
	return text, text == ""
}

// shape notes the kind and the bounds of a geometry.
func (p *Profile) shape(g orb.Geometry) {
	kind := "any"
	switch g.(type) {
	case orb.Point:
		kind = "point"
	case orb.LineString, orb.MultiLineString:
		kind = "line"
	case orb.Polygon, orb.MultiPolygon:
		kind = "polygon"
	}
	if p.Shape != "" && p.Shape != kind {
		kind = "any"
	}
	p.Shape = kind
	if b := g.Bound(); !b.IsEmpty() {
		p.Bound = p.Bound.Union(b)
	}
}

// conclude draws what needs all rows: types, coordinates, key, suspicions, class.
func (p *Profile) conclude() {
	p.findPlace()
	comma, point := 0, 0
	for _, c := range p.Columns {
		if c.Place { // coordinates have points beside figures with commas, and are read either way
			continue
		}
		if c.reals[','] > c.reals['.'] {
			comma++
		} else if c.reals['.'] > 0 {
			point++
		}
	}
	if p.Decimal = "."; comma > 0 && comma >= point {
		p.Decimal = ","
	}
	taken := map[string]bool{"geometry": true}
	for _, c := range p.Columns {
		c.conclude(p.Decimal[0])
		c.ID = identifier(c.Name, taken)
		if c.Place && c.numeric() {
			c.Type = "number"
		}
	}
	p.findKey()
	p.suspect()
	p.Proposed = p.class()
}

// findKey marks the column that tells rows apart: every row has one, no two the same, the best name first.
func (p *Profile) findKey() {
	best, score := -1, 0
	for i, c := range p.Columns {
		if p.Rows < 2 || c.Empty > 0 || c.overflow || int64(len(c.values)) != p.Rows || c.Type == "number" || c.Type == "timestamp" || c.Type == "date" {
			continue
		}
		s := 1
		name := words(c.Name)
		switch {
		case name.any("id", "identifiant", "cle", "key", "uid", "gid", "fid", "objectid", "cleabs", "idu"):
			s = 4
		case name.any("code", "ref", "reference", "numero", "siret", "insee"):
			s = 3
		case c.Type == "text" && c.longest > 60:
			s = 0
		}
		if s > score {
			best, score = i, s
		}
	}
	if best >= 0 {
		p.Columns[best].Key = true
		p.Columns[best].Type = "text"
	}
}

// Column is the column of that name, or nil.
func (p *Profile) Column(name string) *Column {
	if i := slices.IndexFunc(p.Columns, func(c *Column) bool { return c.Name == name }); i >= 0 {
		return p.Columns[i]
	}
	return nil
}
