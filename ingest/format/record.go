package format

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// recordRows makes batches of Arrow record batches: the common part of the readers of Parquet and of Arrow.
type recordRows struct {
	locator
	info   Info
	chosen []int
	all    []int // of the file's columns: the ones that are read, in file order
	row    int64
	ready  bool
	box    *orb.Bound
}

// columnsOf lists the columns of a schema and finds the geometry.
func (r *recordRows) columnsOf(schema *arrow.Schema, geo geoColumn, opt Options) error {
	names := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = f.Name
	}
	columns := make([]Column, len(names))
	for i, name := range unique(names) {
		columns[i] = Column{name, schema.Field(i).Type}
	}
	r.info.Columns = columns
	r.wkt, r.x, r.y, r.comma = -1, -1, -1, opt.Decimal == ","
	var err error
	switch {
	case opt.Geometry != nil && (opt.Geometry.WKT != "" || opt.Geometry.X != ""), geo.column == "" && opt.Geometry != nil:
		if r.wkt, r.x, r.y, err = opt.find(names); err != nil {
			return err
		}
		if r.wkt < 0 || names[r.wkt] != geo.column {
			geo.crs = ""
		}
	case geo.column != "":
		if r.wkt, err = indexOf(names, geo.column); err != nil {
			return err
		}
	default:
		return nil
	}
	r.info.Geometry, r.info.CRSText = true, geo.crsText
	if r.info.CRS, err = settleCRS(geo.crs, opt); err != nil {
		return err
	}
	if geo.crs == "" {
		r.info.CRSText = ""
	}
	if r.info.CRS == (crs.CRS{}) && opt.BBox == nil {
		return nil
	}
	r.box, err = opt.boxIn(r.info.CRS)
	return err
}

func indexOf(names []string, name string) (int, error) {
	for i, n := range names {
		if n == name {
			return i, nil
		}
	}
	return -1, invalid("name the column with `wkt`", "the metadata names a geometry column %q that does not exist", name)
}

func (r *recordRows) Info() Info { return r.info }

func (r *recordRows) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	chosen, err := positions(r.info.Columns, names)
	if err != nil {
		return err
	}
	r.chosen = chosen
	wanted := make([]bool, len(r.info.Columns))
	for _, c := range chosen {
		wanted[c] = true
	}
	for _, c := range []int{r.wkt, r.x, r.y} {
		if c >= 0 {
			wanted[c] = true
		}
	}
	r.all = r.all[:0]
	for i, w := range wanted {
		if w {
			r.all = append(r.all, i)
		}
	}
	return nil
}

// convert makes a batch of a record batch whose columns are r.all. Rows without a readable geometry leave it.
func (r *recordRows) convert(rec arrow.RecordBatch) *Batch {
	n := int(rec.NumRows())
	if n == 0 {
		return nil
	}
	b := &Batch{Line: make([]int64, 0, n)}
	good, left := make([]bool, n), false
	r.made = 0
	if r.info.Geometry {
		b.Geometry = make([]orb.Geometry, 0, n)
	}
	for i := range n {
		line := r.row + int64(i) + 1
		if r.info.Geometry {
			g, err := r.locate(rec, i)
			if err != nil {
				b.Bad = append(b.Bad, Bad{line, BadGeometry, err.Error()})
				continue
			}
			if outsideBox(r.box, g) {
				left = true
				continue
			}
			b.Geometry = append(b.Geometry, g)
		}
		good[i] = true
		b.Line = append(b.Line, line)
	}
	r.row += int64(n)
	for _, c := range r.chosen {
		col := rec.Column(r.read(c))
		if len(b.Bad) > 0 || left {
			col = only(col, good)
		} else {
			col.Retain()
		}
		b.Columns = append(b.Columns, col)
	}
	if len(b.Line) == 0 && len(b.Bad) == 0 {
		return nil
	}
	return b
}

// read is the place of a column of the file among those that are read.
func (r *recordRows) read(column int) int {
	for i, c := range r.all {
		if c == column {
			return i
		}
	}
	return -1
}

// only copies the rows that are good, run by run.
func only(col arrow.Array, good []bool) arrow.Array {
	var runs []arrow.Array
	for i := 0; i < len(good); {
		if !good[i] {
			i++
			continue
		}
		start := i
		for i < len(good) && good[i] {
			i++
		}
		runs = append(runs, array.NewSlice(col, int64(start), int64(i)))
	}
	if len(runs) == 0 {
		return array.NewSlice(col, 0, 0)
	}
	joined, err := array.Concatenate(runs, memory.DefaultAllocator)
	if err != nil {
		panic(err) // slices of one array have one type; recovered by next
	}
	return joined
}

func (r *recordRows) locate(rec arrow.RecordBatch, row int) (orb.Geometry, error) {
	if r.wkt >= 0 {
		return r.fromCell(rec.Column(r.read(r.wkt)), row)
	}
	x, y := rec.Column(r.read(r.x)), rec.Column(r.read(r.y))
	px, okX := numberAt(x, row)
	py, okY := numberAt(y, row)
	if okX && okY {
		if !finite(px) || !finite(py) {
			return nil, fmt.Errorf("a coordinate is not a finite number")
		}
		return orb.Point{px, py}, nil
	}
	return r.fromXY([]byte(textAt(x, row)), []byte(textAt(y, row)))
}

func textAt(col arrow.Array, row int) string {
	if col.IsNull(row) {
		return ""
	}
	return col.ValueStr(row)
}

func numberAt(col arrow.Array, row int) (float64, bool) {
	if col.IsNull(row) {
		return 0, false
	}
	switch c := col.(type) {
	case *array.Float64:
		return c.Value(row), true
	case *array.Float32:
		return float64(c.Value(row)), true
	case *array.Int64:
		return float64(c.Value(row)), true
	case *array.Int32:
		return float64(c.Value(row)), true
	}
	return 0, false
}

// fromCell reads WKB from binary columns and well-known text from text columns.
func (r *recordRows) fromCell(col arrow.Array, row int) (orb.Geometry, error) {
	if col.IsNull(row) {
		return nil, nil
	}
	if ext, ok := col.(array.ExtensionArray); ok {
		col = ext.Storage()
	}
	switch c := col.(type) {
	case *array.Binary:
		return r.wkb(c.Value(row))
	case *array.LargeBinary:
		return r.wkb(c.Value(row))
	case *array.String:
		return r.fromText([]byte(c.Value(row)))
	case *array.LargeString:
		return r.fromText([]byte(c.Value(row)))
	}
	return nil, fmt.Errorf("a column of type %s holds no geometry", col.DataType())
}
