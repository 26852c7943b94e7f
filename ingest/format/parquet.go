package format

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// parquetReader reads Parquet and GeoParquet, a row group at a time and of it a batch at a time. The library may panic on
// hostile files: a panic is an error about the file.
type parquetReader struct {
	recordRows
	ctx     context.Context
	src     *source
	arrow   *pqarrow.FileReader
	limit   int
	leaves  [][]int // leaf columns of each column of the file
	group   int
	records pqarrow.RecordReader
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
	for _, f := range r.arrow.Manifest.Fields {
		r.leaves = append(r.leaves, leavesOf(f, nil))
	}
	geo, err := geoMetadata(r.arrow.ParquetReader().MetaData())
	if err != nil {
		return err
	}
	return r.columnsOf(schema, geo, opt)
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
