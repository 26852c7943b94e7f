package contract

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"jumeau/ingest/format"
	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/geom"
)

// Columns that every bound table has beside the declared ones.
const (
	RowColumn      = "_row"  // position in the source, from 0 across its files
	FileColumn     = "_file" // index of the file
	LineColumn     = "_line" // line or record number in the file
	GeometryColumn = "geometry"
	WithheldPrefix = "_withheld_" // true where the cell of the column bore a secrecy mark
)

// Reject is one row that broke its contract.
type Reject struct {
	File   int
	Line   int64
	Code   string // stable: missing_value, out_of_range, geometry_self_intersection…
	Column string // "" when the rule is about the whole row
	Reason string
}

// Binder holds the rows of one source to its contract. It keeps state from file to file; not safe for concurrent use.
type Binder struct {
	src     *model.Source
	columns []*column // sorted by name
	keys    []*column // columns that tell apart rows of one moment
	schema  *arrow.Schema
	crs     crs.CRS
	example bool // rows name the columns that they are about, and no others
	file    int
	row     int64
	Skipped int64             // rows that do not belong to the territory
	Absent  []string          // declared columns that a file lacks
	Drift   []string          // what a file says otherwise than the declaration, in sentences: another vintage
	Bound   map[string]string // by column: the name it has in the file, where a pattern or the case found another one
	Repairs map[string]int64
	vintage string // of the declaration
	rowCRS  int    // position in the batch of each row's CRS; -1: the file has one
	known   map[string]crs.CRS
	firsts  []*first

	breaches []breach
	broken   []string // column of the breach
	skip     []bool
	wkb      [][]byte
	buffer   []byte
}

// New prepares a binder. Times without an offset are local times of zone.
func New(src *model.Source, zone *time.Location) (*Binder, error) {
	b := &Binder{src: src, Repairs: map[string]int64{}, Bound: map[string]string{}, vintage: src.Vintage, rowCRS: -1, known: map[string]crs.CRS{}}
	names := make([]string, 0, len(src.Contract.Columns))
	for name := range src.Contract.Columns {
		names = append(names, name)
	}
	slices.Sort(names)
	var fields []arrow.Field
	for _, name := range names {
		c, err := newColumn(name, src.Contract.Columns[name], src, zone)
		if err != nil {
			return nil, &model.Error{Kind: model.Invalid, Op: "bind", Subject: src.ID + "." + name, Err: err}
		}
		b.columns = append(b.columns, c)
		if c.identifies(src) {
			b.keys = append(b.keys, c)
		}
		fields = append(fields, arrow.Field{Name: name, Type: c.arrowType(), Nullable: true})
	}
	for _, c := range b.columns {
		if c.withheld != nil {
			fields = append(fields, arrow.Field{Name: WithheldPrefix + c.name, Type: arrow.FixedWidthTypes.Boolean})
		}
	}
	fields = append(fields,
		arrow.Field{Name: RowColumn, Type: arrow.PrimitiveTypes.Int64},
		arrow.Field{Name: FileColumn, Type: arrow.PrimitiveTypes.Int32},
		arrow.Field{Name: LineColumn, Type: arrow.PrimitiveTypes.Int64})
	if src.Contract.Geometry != nil {
		fields = append(fields, arrow.Field{Name: GeometryColumn, Type: arrow.BinaryTypes.Binary, Nullable: true})
	}
	b.schema = arrow.NewSchema(fields, nil)
	b.findFirsts()
	return b, nil
}

// Continue numbers the rows from there on.
func (b *Binder) Continue(row int64) { b.row = row }

// Ambiguous says that an hour came that the clocks show twice: which of the two it is depends on the rows before.
func (b *Binder) Ambiguous() bool {
	return slices.ContainsFunc(b.columns, func(c *column) bool { return len(c.clocks.seen) > 0 })
}

// Rows is the number of rows that kept the contract, with those before Continue.
func (b *Binder) Rows() int64 { return b.row }

// Schema of the bound batches: the declared columns by name, then the withheld marks, _row, _file, _line, geometry.
func (b *Binder) Schema() *arrow.Schema { return b.schema }

// Known gives the values that a column may refer to; a row with another one is rejected (reference_unknown). Only for sources
// that are never a table, where references cannot be checked afterwards.
func (b *Binder) Known(column string, values map[string]bool) {
	for _, c := range b.columns {
		if c.name == column {
			c.known = values
		}
	}
}

// Own gives the values of a column that belong to the territory; rows with another one, or none, are skipped.
func (b *Binder) Own(column string, values map[string]bool) {
	for _, c := range b.columns {
		if c.name == column {
			c.keep = values
		}
	}
}

// File begins file number n of the source and returns the columns that its reader must deliver, in order. A required
// column that the file lacks is an error naming what the file has instead.
func (b *Binder) File(n int, name string, info format.Info) ([]string, error) {
	b.file = n
	b.crs = info.CRS
	if b.src.Contract.Geometry != nil {
		if !info.Geometry {
			return nil, invalid(b.src, name, "say where the coordinates are: contract.geometry.x and .y, or .wkt",
				"the file has no geometry, and the contract declares one")
		}
		if info.CRS == (crs.CRS{}) && b.src.Contract.Geometry.CRS == "" {
			return nil, invalid(b.src, name, "declare it: read.crs: EPSG:2154, EPSG:3857, EPSG:3035 or EPSG:4326",
				"the file does not say its CRS")
		}
	}
	var wanted []string
	for _, c := range b.columns {
		if c.at = -1; c.spec.From == model.RowItself {
			continue
		}
		at, err := b.find(c, info.Columns)
		if err != nil {
			return nil, invalid(b.src, name, "the file's columns are: "+clipList(info.Columns), err.Error())
		}
		if at < 0 && !slices.Contains(b.Absent, c.name) {
			b.Absent = append(b.Absent, c.name)
		}
		if c.at = -1; at >= 0 {
			if c.at = slices.Index(wanted, info.Columns[at].Name); c.at < 0 { // two columns may come from one
				c.at = len(wanted)
				wanted = append(wanted, info.Columns[at].Name)
			}
			b.report(c, name, info.Columns[at].Name)
		}
	}
	return b.wantCRS(wanted, name, info)
}

// find is the position of a declared column in the file, or -1 when it is absent and not required.
func (b *Binder) find(c *column, have []format.Column) (int, error) {
	want := c.spec.From
	if want == "" {
		want = c.name
	}
	match := func(name string) bool { return name == want }
	switch {
	case c.from != nil:
		match = c.from.MatchString
	case b.src.Contract.Match == "ignore_case":
		match = func(name string) bool { return strings.EqualFold(name, want) }
	}
	found := -1
	for i, column := range have {
		if !match(column.Name) {
			continue
		}
		if found >= 0 {
			return -1, fmt.Errorf("two columns match %s: %q and %q", c.name, have[found].Name, column.Name)
		}
		found = i
	}
	switch {
	case found >= 0:
	case c.spec.Required || c.spec.Unique || c.spec.Role == "id":
		return -1, fmt.Errorf("no column %q for the required %s", want, c.name)
	case !b.example && c.needed(b.src): // its cells may be empty, but without the column every figure would be
		return -1, fmt.Errorf("no column %q for %s, which zones, measures, flows or keep need", want, c.name)
	}
	return found, nil
}

func invalid(src *model.Source, file, hint, text string) error {
	return &model.Error{Kind: model.Invalid, Op: "bind", Subject: src.ID + " (" + file + ")", Hint: hint, Err: fmt.Errorf("%s", text)}
}

func clipList(columns []format.Column) string {
	var out []string
	for i, c := range columns {
		if i == 30 {
			out = append(out, fmt.Sprintf("and %d more", len(columns)-i))
			break
		}
		out = append(out, c.Name)
	}
	return strings.Join(out, ", ")
}

// Bind types and checks one batch. The record is nil when no row is left; the caller releases it.
func (b *Binder) Bind(batch *format.Batch) (arrow.RecordBatch, []Reject) {
	n := len(batch.Line)
	b.breaches, b.broken, b.skip = zeroed(b.breaches, n), zeroed(b.broken, n), zeroed(b.skip, n)
	b.readColumns(batch, n)
	if b.src.Contract.Geometry != nil {
		b.readGeometry(batch, n)
	}
	var rejects []Reject
	for _, bad := range batch.Bad {
		if b.src.Behaviour != nil && b.src.Behaviour.Class == "D" { // a broken row may show a count anywhere
			bad.Reason = "the record cannot be read as declared"
		}
		rejects = append(rejects, Reject{File: b.file, Line: bad.Line, Code: bad.Code, Reason: bad.Reason})
	}
	rows := make([]int, 0, n)
	for i := range n {
		switch {
		case b.skip[i]:
			b.Skipped++
		case b.breaches[i].code != "":
			rejects = append(rejects, Reject{b.file, batch.Line[i], b.breaches[i].code, b.broken[i], b.breaches[i].reason})
		case b.repeats(i):
			b.Skipped++
		default:
			rows = append(rows, i)
		}
	}
	if len(rows) == 0 {
		return nil, rejects
	}
	return b.record(batch, rows), rejects
}

func (b *Binder) readColumns(batch *format.Batch, n int) {
	getters := make([]cell, len(b.columns))
	for k, c := range b.columns {
		c.reset(n)
		if getters[k] = func(int) (string, float64, cellState) { return "", 0, isNull }; c.at >= 0 {
			getters[k] = cells(batch.Columns[c.at])
		}
		if c.spec.From == model.RowItself {
			getters[k] = func(i int) (string, float64, cellState) {
				return fmt.Sprintf("%d:%d", b.file, batch.Line[i]), 0, isText
			}
		}
	}
	for pass := range 3 {
		for k, c := range b.columns {
			if c.turn() != pass {
				continue
			}
			for i := range n {
				if b.skip[i] || b.breaches[i].code != "" {
					continue
				}
				key := ""
				if pass == 2 {
					key = b.key(i)
				}
				if broken := c.read(i, getters[k], key); broken.code != "" {
					b.breaches[i], b.broken[i] = broken, c.name
					b.skip[i] = c.valid[i] && c.keep != nil && !c.keep[c.text(i)]
				} else if c.keep != nil && !c.keep[c.text(i)] {
					b.skip[i] = true
				}
			}
		}
	}
}

// turn is when a column is read: first those that say whose row it is, so that broken rows of other territories are
// skipped; last the times, because the reading of an hour shown twice depends on the row's key.
func (c *column) turn() int {
	switch {
	case c.keep != nil:
		return 0
	case c.spec.Type == "timestamp":
		return 2
	}
	return 1
}

// identifies says whether the column helps to tell apart the rows of one moment: what is named or referred to, not what is
// counted or said about it.
func (c *column) identifies(src *model.Source) bool {
	if c.spec.Type != "text" && c.spec.Type != "integer" {
		return false
	}
	for _, m := range src.Measures {
		if m.Zone == c.name {
			return true
		}
	}
	return c.spec.Refers != "" || slices.Contains([]string{"place", "name", "origin", "destination"}, c.spec.Role)
}

// needed says whether what a source gives cannot do without the column.
func (c *column) needed(src *model.Source) bool {
	in := func(names ...string) bool { return slices.Contains(names, c.name) }
	for _, m := range src.Measures {
		if in(m.Value, m.Zone, m.Time, m.Estimated) {
			return true
		}
	}
	for _, f := range src.Flows {
		if in(f.Value, f.Origin, f.Destination) {
			return true
		}
	}
	for _, k := range src.Keep {
		if in(k.Column) {
			return true
		}
	}
	z := src.Zones
	return z != nil && (in(z.ID, z.Name) || z.Members != nil && in(z.Members.ID))
}

// key tells the rows of one moment apart (the counter's id, and the direction's).
func (b *Binder) key(i int) string {
	if len(b.keys) == 1 {
		return b.keys[0].text(i)
	}
	parts := make([]string, len(b.keys))
	for k, c := range b.keys {
		parts[k] = c.text(i)
	}
	return strings.Join(parts, "\x00")
}

// text is the typed value as text, for comparison with a declared list.
func (c *column) text(i int) string {
	if !c.valid[i] {
		return ""
	}
	switch c.spec.Type {
	case "text":
		return c.texts[i]
	case "integer":
		return fmt.Sprint(c.ints[i])
	case "number":
		return fmt.Sprint(c.reals[i])
	case "boolean":
		return fmt.Sprint(c.bools[i])
	case "date":
		return time.Unix(c.ints[i]*24*3600, 0).UTC().Format(time.DateOnly)
	}
	return time.UnixMicro(c.ints[i]).UTC().Format(time.RFC3339)
}

func (b *Binder) readGeometry(batch *format.Batch, n int) {
	b.wkb = zeroed(b.wkb, n)
	b.buffer = b.buffer[:0]
	spec := b.src.Contract.Geometry
	for i := range n {
		if b.skip[i] || b.breaches[i].code != "" {
			continue
		}
		if batch.Geometry == nil || batch.Geometry[i] == nil {
			if !spec.Optional {
				b.breaches[i] = breach{"geometry_missing", "no geometry"}
			}
			continue
		}
		system, unknown := b.crsOf(batch, i)
		if unknown.code != "" {
			b.breaches[i] = unknown
			continue
		}
		g, err := system.Transform(batch.Geometry[i])
		if err != nil {
			b.breaches[i] = breach{"geometry_unreadable", err.Error()}
			continue
		}
		if where := outside(system, g); where != "" {
			b.breaches[i] = breach{"geometry_out_of_bounds", where}
			continue
		}
		g, repairs, defect := geom.Clean(g, geom.Kind(spec.Type))
		if defect != nil {
			b.breaches[i] = breach{defect.Code, defect.Reason}
			continue
		}
		for _, r := range repairs {
			b.Repairs[string(r)]++
		}
		from := len(b.buffer)
		b.buffer = geom.AppendWKB(b.buffer, g)
		b.wkb[i] = b.buffer[from:len(b.buffer):len(b.buffer)]
	}
}

func (b *Binder) record(batch *format.Batch, rows []int) arrow.RecordBatch {
	build := array.NewRecordBuilder(memory.DefaultAllocator, b.schema)
	defer build.Release()
	at := 0
	next := func() array.Builder { at++; return build.Field(at - 1) }
	for _, c := range b.columns {
		c.build(next(), rows)
	}
	for _, c := range b.columns {
		if c.withheld != nil {
			held := next().(*array.BooleanBuilder)
			for _, i := range rows {
				held.Append(c.held[i])
			}
		}
	}
	row, file, line := next().(*array.Int64Builder), next().(*array.Int32Builder), next().(*array.Int64Builder)
	for _, i := range rows {
		row.Append(b.row)
		file.Append(int32(b.file))
		line.Append(batch.Line[i])
		b.row++
	}
	if b.src.Contract.Geometry != nil {
		geometry := next().(*array.BinaryBuilder)
		for _, i := range rows {
			if b.wkb[i] == nil {
				geometry.AppendNull()
			} else {
				geometry.Append(b.wkb[i])
			}
		}
	}
	return build.NewRecordBatch()
}
