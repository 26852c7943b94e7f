package format

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// arrowReader reads Arrow IPC files (Feather 2) and streams, a record batch at a time. The library may panic on hostile
// files: a panic is an error about the file.
type arrowReader struct {
	recordRows
	ctx    context.Context
	src    *source
	stream *ipc.Reader
	err    error
}

func newArrow(ctx context.Context, src *source, opt Options) (_ Reader, err error) {
	defer recovered(&err)
	r := &arrowReader{ctx: ctx, src: src}
	r.info = Info{Format: "arrow", CRS: opt.CRS, Bytes: src.size, Rows: -1}
	schema, err := r.open()
	if err != nil {
		return nil, damagedArrow(err)
	}
	geo, err := arrowGeometry(schema)
	if err == nil {
		err = r.columnsOf(schema, geo, opt)
	}
	if err != nil {
		return nil, err
	}
	return r, r.Select(columnNames(r.info.Columns))
}

func damagedArrow(err error) error {
	return invalid("download it again: it looks truncated or damaged", "the Arrow file cannot be read: %w", err)
}

// open reads a file as the stream that it is between its magic and its footer.
func (r *arrowReader) open() (*arrow.Schema, error) {
	head, err := r.src.head()
	if err != nil {
		return nil, err
	}
	file := hasPrefix(head, "ARROW1")
	if file {
		if _, err := r.src.stream.Discard(8); err != nil {
			return nil, err
		}
	}
	if r.stream, err = ipc.NewReader(&arrowGuard{r: r.src.stream, file: file}, ipc.WithAllocator(boundedAllocator{memory.DefaultAllocator})); err != nil {
		return nil, err
	}
	return r.stream.Schema(), nil
}

// arrowGeometry finds the geometry: a field of the extension type geoarrow.wkb or geoarrow.wkt, or the "geo" metadata that
// writers of GeoParquet leave in the schema.
func arrowGeometry(schema *arrow.Schema) (geoColumn, error) {
	for _, f := range schema.Fields() {
		kind, _ := f.Metadata.GetValue("ARROW:extension:name")
		if ext, ok := f.Type.(arrow.ExtensionType); ok {
			kind = ext.ExtensionName()
		}
		switch {
		case kind == "geoarrow.wkb" || kind == "ogc.wkb" || kind == "geoarrow.wkt":
			meta, _ := f.Metadata.GetValue("ARROW:extension:metadata")
			if ext, ok := f.Type.(arrow.ExtensionType); ok {
				meta = or(meta, ext.Serialize())
			}
			return arrowSystem(f.Name, meta), nil
		case strings.HasPrefix(kind, "geoarrow."):
			return geoColumn{}, refusal{"Arrow with the geometry encoding " + kind, "write it with WKB encoding (geoarrow.wkb)"}.error()
		}
	}
	if raw, ok := schema.Metadata().GetValue("geo"); ok {
		return geoJSONMetadata(raw)
	}
	return geoColumn{}, nil
}

func arrowSystem(name, meta string) geoColumn {
	g := geoColumn{column: name}
	var said struct {
		CRS json.RawMessage `json:"crs"`
	}
	if json.Unmarshal([]byte(meta), &said) != nil || len(said.CRS) == 0 || string(said.CRS) == "null" {
		return g
	}
	g.crs, g.crsText = string(said.CRS), projName(said.CRS)
	var text string
	if json.Unmarshal(said.CRS, &text) == nil {
		g.crs, g.crsText = text, crsName(text)
	}
	return g
}

func (r *arrowReader) Next() (b *Batch, err error) {
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.ready = true
	if b, err = r.batch(); err != nil {
		if r.err = err; !errors.Is(err, io.EOF) {
			r.err = located(r.src.name, damagedArrow(err))
		}
	}
	return b, r.err
}

func (r *arrowReader) batch() (b *Batch, err error) {
	defer recovered(&err)
	for {
		if !r.stream.Next() {
			return nil, cmp.Or(r.stream.Err(), io.EOF)
		}
		all := r.stream.RecordBatch()
		columns, fields := make([]arrow.Array, len(r.all)), make([]arrow.Field, len(r.all))
		for i, c := range r.all {
			columns[i], fields[i] = all.Column(c), all.Schema().Field(c)
			if columns[i].Len() != int(all.NumRows()) {
				return nil, errors.New("columns of different length")
			}
		}
		some := array.NewRecordBatch(arrow.NewSchema(fields, nil), columns, all.NumRows())
		b := r.convert(some)
		some.Release()
		if b != nil {
			return b, nil
		}
	}
}

func (r *arrowReader) Read() int64 { return r.src.read() }

func (r *arrowReader) Close() (err error) {
	defer recovered(&err)
	r.stream.Release()
	return r.src.close()
}
