package format

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb"
)

// parquetReader reads Parquet and GeoParquet, a row group at a time and of it a batch at a time. The library may panic on
// hostile files: a panic is an error about the file.
type parquetReader struct {
	locator
	ctx     context.Context
	src     *source
	arrow   *pqarrow.FileReader
	info    Info
	limit   int
	leaves  [][]int // leaf columns of each column of the file
	chosen  []int
	all     []int // of the file's columns: the ones that are read, in file order
	group   int
	records pqarrow.RecordReader
	row     int64
	ready   bool
	err     error
}

func newParquet(ctx context.Context, src *source, opt Options) (r *parquetReader, err error) {
	defer recovered(&err)
	at, size, err := src.random()
	if err != nil {
		return nil, err
	}
	counted := &countedAt{ReaderAt: at, n: &src.consumed}
	props := parquet.NewReaderProperties(memory.DefaultAllocator)
	props.BufferedStreamEnabled = true
	pf, err := file.NewParquetReader(io.NewSectionReader(counted, 0, size), file.WithReadProps(props))
	if err != nil {
		return nil, invalid("download it again: it looks truncated or damaged", "the Parquet file cannot be read: %w", err)
	}
	r = &parquetReader{ctx: ctx, src: src, limit: opt.batchRows()}
	r.arrow, err = pqarrow.NewFileReader(pf, pqarrow.ArrowReadProperties{BatchSize: int64(r.limit)}, memory.DefaultAllocator)
	if err != nil {
		return nil, err
	}
	r.info = Info{Format: "parquet", CRS: opt.CRS, Bytes: src.size, Rows: pf.NumRows()}
	if err := r.describe(opt); err != nil {
		return nil, err
	}
	return r, r.Select(columnNames(r.info.Columns))
}

// describe lists the columns and finds the geometry.
func (r *parquetReader) describe(opt Options) error {
	schema, err := r.arrow.Schema()
	if err != nil {
		return err
	}
	names := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		names[i] = f.Name
	}
	columns := make([]Column, len(names))
	for i, name := range unique(names) {
		columns[i] = Column{name, schema.Field(i).Type}
	}
	r.leaves = make([][]int, len(names))
	for i, f := range r.arrow.Manifest.Fields {
		r.leaves[i] = leavesOf(f, nil)
	}
	r.info.Columns = columns
	r.wkt, r.x, r.y, r.comma = -1, -1, -1, opt.Decimal == ","
	geo, err := geoMetadata(r.arrow.ParquetReader().MetaData())
	if err != nil {
		return err
	}
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
	r.info.CRS, err = settleCRS(geo.crs, opt)
	if geo.crs == "" {
		r.info.CRSText = ""
	}
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

func leavesOf(f pqarrow.SchemaField, to []int) []int {
	if f.ColIndex >= 0 && len(f.Children) == 0 {
		return append(to, f.ColIndex)
	}
	for _, c := range f.Children {
		to = leavesOf(c, to)
	}
	return to
}

func (r *parquetReader) Info() Info { return r.info }

func (r *parquetReader) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	chosen, err := positions(r.info.Columns, names)
	if err != nil {
		return err
	}
	r.chosen = chosen
	wanted := make([]bool, len(r.leaves))
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

func (r *parquetReader) Next() (b *Batch, err error) {
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.ready = true
	b, err = r.next()
	if err != nil {
		r.err = err
		if !errors.Is(err, io.EOF) {
			r.err = located(r.src.name, invalid("download it again: it looks damaged", "the Parquet file cannot be read: %w", err))
		}
	}
	return b, r.err
}

func (r *parquetReader) next() (b *Batch, err error) {
	defer recovered(&err)
	for {
		if r.records != nil && r.records.Next() {
			b := r.convert(r.records.RecordBatch())
			if b != nil {
				return b, nil
			}
			continue
		}
		if r.records != nil {
			if err := r.records.Err(); err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
			r.records.Release()
			r.records = nil
		}
		pf := r.arrow.ParquetReader()
		if r.group == pf.NumRowGroups() {
			return nil, r.complete()
		}
		if r.records, err = r.arrow.GetRecordReader(r.ctx, r.leafColumns(), []int{r.group}); err != nil {
			return nil, err
		}
		r.group++
	}
}

// complete is io.EOF when as many rows came as the file promises.
func (r *parquetReader) complete() error {
	if len(r.all) > 0 && r.row != r.info.Rows {
		return fmt.Errorf("%d rows came, its metadata says %d", r.row, r.info.Rows)
	}
	return io.EOF
}

func (r *parquetReader) leafColumns() []int {
	var leaves []int
	for _, c := range r.all {
		leaves = append(leaves, r.leaves[c]...)
	}
	return leaves
}

// convert makes a batch of a record batch whose columns are r.all. Rows without a readable geometry leave it.
func (r *parquetReader) convert(rec arrow.RecordBatch) *Batch {
	n := int(rec.NumRows())
	if n == 0 {
		return nil
	}
	b := &Batch{Line: make([]int64, 0, n)}
	good := make([]bool, n)
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
			b.Geometry = append(b.Geometry, g)
		}
		good[i] = true
		b.Line = append(b.Line, line)
	}
	r.row += int64(n)
	for _, c := range r.chosen {
		col := rec.Column(r.read(c))
		if len(b.Bad) > 0 {
			col = only(col, good)
		} else {
			col.Retain()
		}
		b.Columns = append(b.Columns, col)
	}
	return b
}

// read is the place of a column of the file among those that are read.
func (r *parquetReader) read(column int) int {
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

func (r *parquetReader) locate(rec arrow.RecordBatch, row int) (orb.Geometry, error) {
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
func (r *parquetReader) fromCell(col arrow.Array, row int) (orb.Geometry, error) {
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

func (r *parquetReader) Read() int64 { return r.src.read() }

func (r *parquetReader) Close() (err error) {
	defer recovered(&err)
	if r.records != nil {
		r.records.Release()
		r.records = nil
	}
	return r.src.close()
}

func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("its content contradicts itself (%v)", p)
	}
}

type countedAt struct {
	io.ReaderAt
	n *atomic.Int64
}

func (c *countedAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n.Add(int64(n))
	return n, err
}
