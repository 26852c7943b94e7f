// Package layertest makes rows for layer files in tests: from GeoJSON features to the Arrow batches that layer.Write takes.
package layertest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"jumeau/model/layer"
)

// Schema is the schema of the rows of a layer.
func Schema(spec layer.Spec) *arrow.Schema {
	fields := []arrow.Field{
		{Name: "id", Type: arrow.BinaryTypes.String},
		{Name: "key", Type: arrow.PrimitiveTypes.Uint64},
		{Name: "geometry", Type: arrow.BinaryTypes.Binary, Nullable: true},
	}
	for _, p := range spec.Properties {
		types := map[string]arrow.DataType{
			layer.Text: arrow.BinaryTypes.String, layer.Integer: arrow.PrimitiveTypes.Int64,
			layer.Number: arrow.PrimitiveTypes.Float64, layer.Boolean: arrow.FixedWidthTypes.Boolean,
		}
		fields = append(fields, arrow.Field{Name: p.Name, Type: types[p.Type], Nullable: true})
	}
	return arrow.NewSchema(fields, nil)
}

// Row is one feature. A nil geometry and nil values are null.
type Row struct {
	ID       string
	Key      uint64
	Geometry orb.Geometry
	WKB      []byte // instead of Geometry
	Values   []any  // string, int64, float64 or bool, in the order of the properties
}

// Rows is a reader of rows in batches of at most size.
func Rows(spec layer.Spec, rows []Row, size int) array.RecordReader {
	schema := Schema(spec)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	var batches []arrow.RecordBatch
	for i, row := range rows {
		add(b, row)
		if (i+1)%size == 0 || i == len(rows)-1 {
			batches = append(batches, b.NewRecordBatch())
		}
	}
	r, err := array.NewRecordReader(schema, batches)
	if err != nil {
		panic(err)
	}
	return r
}

func add(b *array.RecordBuilder, row Row) {
	b.Field(0).(*array.StringBuilder).Append(row.ID)
	b.Field(1).(*array.Uint64Builder).Append(row.Key)
	g := b.Field(2).(*array.BinaryBuilder)
	switch {
	case row.WKB != nil:
		g.Append(row.WKB)
	case row.Geometry == nil:
		g.AppendNull()
	default:
		g.Append(wkb.MustMarshal(row.Geometry))
	}
	for j, v := range row.Values {
		switch f := b.Field(3 + j).(type) {
		case *array.StringBuilder:
			if s, ok := v.(string); ok {
				f.Append(s)
				continue
			}
		case *array.Int64Builder:
			if n, ok := v.(int64); ok {
				f.Append(n)
				continue
			}
		case *array.Float64Builder:
			if n, ok := v.(float64); ok {
				f.Append(n)
				continue
			}
		case *array.BooleanBuilder:
			if t, ok := v.(bool); ok {
				f.Append(t)
				continue
			}
		}
		b.Field(3 + j).AppendNull()
	}
}

// Read is the rows of a GeoJSON file, which may be compressed, or of features one after the other with or without commas. The id is the property called id, or the row's number.
func Read(t testing.TB, path string, spec layer.Spec, id string) []Row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	var features []*geojson.Feature
	for text = bytes.TrimLeft(text, " \r\n\t,"); len(text) > 0; text = bytes.TrimLeft(text, " \r\n\t,") {
		in := json.NewDecoder(bytes.NewReader(text))
		var document json.RawMessage
		if err := in.Decode(&document); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		text = text[in.InputOffset():]
		if !bytes.Contains(document, []byte(`"type"`)) {
			continue // a notice of the producer
		}
		if collection, err := geojson.UnmarshalFeatureCollection(document); err == nil {
			features = append(features, collection.Features...)
			continue
		}
		feature, err := geojson.UnmarshalFeature(document)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		features = append(features, feature)
	}
	var rows []Row
	for i, feature := range features {
		row := Row{ID: strconv.Itoa(i + 1), Key: uint64(i + 1), Geometry: feature.Geometry}
		if v, ok := feature.Properties[id]; ok {
			row.ID = fmt.Sprint(v)
		}
		for _, p := range spec.Properties {
			row.Values = append(row.Values, value(feature.Properties[p.Name], p.Type))
		}
		rows = append(rows, row)
	}
	return rows
}

func value(v any, kind string) any {
	n, ok := v.(float64)
	switch {
	case ok && kind == layer.Integer:
		return int64(n)
	case ok && kind == layer.Text:
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return v
}

// File writes rows to a layer file and opens it until the end of the test.
func File(t testing.TB, spec layer.Spec, rows []Row) *layer.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), spec.Name+".arrow")
	if _, err := layer.Write(context.Background(), path, spec, Rows(spec, rows, 1000), layer.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return Open(t, path)
}

// Open opens a layer file until the end of the test.
func Open(t testing.TB, path string) *layer.File {
	t.Helper()
	f, err := layer.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}
