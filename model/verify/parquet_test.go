package verify_test

import (
	"os"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"jumeau/model/release"
	"jumeau/model/verify"
)

// parquetLayer gives the layer "works" a Parquet file with a column more.
func (w *world) parquetLayer(column string, kind arrow.DataType, text string) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}, {Name: "kind", Type: arrow.BinaryTypes.String}, {Name: column, Type: kind}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	b.Field(0).(*array.StringBuilder).Append("1")
	b.Field(1).(*array.StringBuilder).Append(text)
	b.Field(2).AppendEmptyValue()
	out, err := os.Create(w.path(release.ParquetPath("works")))
	w.must(err)
	f, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(), pqarrow.DefaultWriterProps())
	w.must(err)
	w.must(f.Write(b.NewRecordBatch()))
	w.must(f.Close())
}

func TestParquetFilesAreLookedInto(t *testing.T) {
	for _, c := range []struct {
		name, check, says, column, text string
		kind                            arrow.DataType
		listed                          bool // in the catalogue
	}{
		{"nothing to say", "", "", "name", "gas", arrow.BinaryTypes.String, false},
		{"a column that the catalogue does not have", "columns", "column age of type int32", "age", "gas", arrow.PrimitiveTypes.Int32, false},
		{"an instant that the catalogue has", "columns", "is an instant", "opened", "gas", arrow.FixedWidthTypes.Timestamp_us, true},
		{"who drew it, though the catalogue has it", "columns", "one person or device", "user", "gas", arrow.BinaryTypes.String, true},
		{"an e-mail address in a text", "texts", "looks like an e-mail address", "name", "ask marie@example.org", arrow.BinaryTypes.String, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := made(t)
			w.parquetLayer(c.column, c.kind, c.text)
			if c.listed {
				w.m.Catalog.Layers[1].Properties = append(w.m.Catalog.Layers[1].Properties, release.Property{Name: c.column, Type: "text"})
			}
			r := w.seal().verified()
			if c.check == "" {
				if !r.OK() {
					t.Errorf("%+v", r.Checks)
				}
				return
			}
			if got := r.Check(c.check); got.State != verify.Failed || !strings.Contains(strings.Join(got.Found, "\n"), c.says) {
				t.Errorf("%+v does not say %q", got, c.says)
			}
		})
	}
}
