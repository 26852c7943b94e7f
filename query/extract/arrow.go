package extract

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/paulmach/orb/encoding/wkb"

	"jumeau/model/layer"
)

var arrowTypes = map[string]arrow.DataType{layer.Text: arrow.BinaryTypes.String, layer.Integer: arrow.PrimitiveTypes.Int64,
	layer.Number: arrow.PrimitiveTypes.Float64, layer.Boolean: arrow.FixedWidthTypes.Boolean}

// schema is that of the table, with the geometry as WKB in degrees.
func (r *Rows) schema(geometry, meta arrow.Metadata) *arrow.Schema {
	var fields []arrow.Field
	for _, c := range r.columns() {
		fields = append(fields, arrow.Field{Name: c.name, Type: arrowTypes[c.kind], Nullable: c.name != "id"})
	}
	fields = append(fields, arrow.Field{Name: r.geometryName(), Type: arrow.BinaryTypes.Binary, Nullable: true, Metadata: geometry})
	return arrow.NewSchema(fields, &meta)
}

// records hands the features on in batches.
func (r *Rows) records(ctx context.Context, path string, schema *arrow.Schema, emit func(arrow.RecordBatch) error) error {
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	flush := func() error {
		batch := builder.NewRecordBatch()
		defer batch.Release()
		return emit(batch)
	}
	var values []any
	n := 0
	err := r.visit(ctx, path, func(b *layer.Batch, row int) error {
		values = r.values(values[:0], b, row)
		for i, v := range values {
			appendValue(builder.Field(i), v)
		}
		last := builder.Field(len(values)).(*array.BinaryBuilder)
		g := r.geometry(b, row)
		if g == nil {
			last.AppendNull()
		} else {
			bytes, err := wkb.Marshal(g)
			if err != nil {
				return err
			}
			last.Append(bytes)
		}
		if n++; n%batchRows == 0 {
			return flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return flush()
}

func appendValue(b array.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.AppendNull()
	case string:
		b.(*array.StringBuilder).Append(v)
	case int64:
		b.(*array.Int64Builder).Append(v)
	case float64:
		b.(*array.Float64Builder).Append(v)
	case bool:
		b.(*array.BooleanBuilder).Append(v)
	}
}

// arrowStream writes an Arrow IPC stream; the geometry is an extension (geoarrow.wkb).
func arrowStream(ctx context.Context, path string, r *Rows) error {
	geometry := arrow.NewMetadata([]string{"ARROW:extension:name", "ARROW:extension:metadata"}, []string{"geoarrow.wkb", `{"crs":"OGC:CRS84","crs_type":"authority_code"}`})
	meta := arrow.NewMetadata([]string{"title", "attribution"}, []string{r.Title, r.Credits})
	schema := r.schema(geometry, meta)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := ipc.NewWriter(file, ipc.WithSchema(schema))
	err = r.records(ctx, path, schema, func(batch arrow.RecordBatch) error { return w.Write(batch) })
	return errors.Join(err, w.Close(), file.Close())
}

// geoParquet writes GeoParquet 1.1; its system is the default one, OGC:CRS84.
func geoParquet(ctx context.Context, path string, r *Rows) error {
	types := map[string][]string{layer.Points: {"Point", "MultiPoint"}, layer.Lines: {"LineString", "MultiLineString"}, layer.Polygons: {"Polygon", "MultiPolygon"}}
	describe := map[string]any{"encoding": "WKB", "geometry_types": types[r.File.Spec().Geometry]}
	geo, err := json.Marshal(map[string]any{"version": "1.1.0", "primary_column": r.geometryName(), "columns": map[string]any{r.geometryName(): describe}})
	if err != nil {
		return err
	}
	schema := r.schema(arrow.Metadata{}, arrow.NewMetadata([]string{"title", "attribution"}, []string{r.Title, r.Credits}))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w, err := pqarrow.NewFileWriter(schema, struct{ io.Writer }{file}, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithMaxRowGroupLength(8*batchRows)), pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
	if err != nil {
		return errors.Join(err, file.Close())
	}
	err = errors.Join(w.AppendKeyValueMetadata("geo", string(geo)), r.records(ctx, path, schema, w.WriteBuffered))
	return errors.Join(err, w.Close(), file.Close())
}
