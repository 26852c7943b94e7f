package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"jumeau/model/store"
)

// marks belong to planted records and to nothing else: texts, the digits of coordinates, and the high bytes of their binary form, least
// significant byte first, as every format here writes them.
type marks [][]byte

// in says whether bytes, or what is packed in them, hold a mark: the bytes themselves, then gzip, brotli (coding says so), zstd and zip
// unpacked, Parquet and Arrow column by column, DuckDB table by table.
func (m marks) in(t testing.TB, data []byte, coding string) bool {
	t.Helper()
	for _, mark := range m {
		if bytes.Contains(data, mark) {
			return true
		}
	}
	for _, part := range unpacked(t, data, coding) {
		if m.in(t, part, "") {
			return true
		}
	}
	return false
}

func unpacked(t testing.TB, data []byte, coding string) (parts [][]byte) {
	t.Helper()
	all := func(r io.Reader, err error) {
		if err == nil {
			if text, err := io.ReadAll(r); err == nil {
				parts = append(parts, text)
			}
		}
	}
	switch {
	case coding == "br":
		all(brotli.NewReader(bytes.NewReader(data)), nil)
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(bytes.NewReader(data))
		all(r, err)
	case bytes.HasPrefix(data, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(bytes.NewReader(data))
		all(r, err)
	case bytes.HasPrefix(data, []byte("PK")):
		if z, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
			for _, f := range z.File {
				r, err := f.Open()
				all(r, err)
			}
		}
	case bytes.HasPrefix(data, []byte("PAR1")):
		parts = append(parts, parquetColumns(t, data))
	case bytes.HasPrefix(data, []byte("ARROW1")):
		if r, err := ipc.NewFileReader(bytes.NewReader(data)); err == nil {
			for i := range r.NumRecords() {
				if b, err := r.RecordBatch(i); err == nil {
					parts = append(parts, columns(b.Columns()...))
				}
			}
		}
	case len(data) > 12 && string(data[8:12]) == "DUCK":
		parts = append(parts, tables(t, data))
	}
	return parts
}

// columns are the values as text, and the bytes of binary ones.
func columns(all ...arrow.Array) (out []byte) {
	for _, c := range all {
		for i := range c.Len() {
			if b, ok := c.(*array.Binary); ok && b.IsValid(i) {
				out = append(out, b.Value(i)...)
			}
			out = append(append(out, c.ValueStr(i)...), '\n')
		}
	}
	return out
}

func parquetColumns(t testing.TB, data []byte) []byte {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	read, err := pqarrow.NewFileReader(r, pqarrow.ArrowReadProperties{}, memory.DefaultAllocator)
	if err != nil {
		t.Fatal(err)
	}
	table, err := read.ReadTable(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer table.Release()
	var out []byte
	for i := range int(table.NumCols()) {
		out = append(out, table.Column(i).Name()...)
		out = append(out, columns(table.Column(i).Data().Chunks()...)...)
	}
	return out
}

// tables are the rows of a database as text; none of a file that a kill left without a state to read.
func tables(t testing.TB, data []byte) (out []byte) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "copy.duckdb")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	st, err := store.Create(ctx, filepath.Join(dir, "own.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.Exec(ctx, "ATTACH "+store.Literal(path)+" AS looked (READ_ONLY)"); err != nil {
		return nil
	}
	names := texts(t, st, "SELECT table_name FROM duckdb_tables() WHERE database_name = 'looked'")
	for _, name := range names {
		for _, row := range texts(t, st, "SELECT r::VARCHAR FROM looked."+store.Quote(name)+" AS r") {
			out = append(append(out, row...), '\n')
		}
	}
	return out
}

func texts(t testing.TB, st *store.Store, query string) (out []string) {
	t.Helper()
	rows, err := st.Rows(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		out = append(out, v)
	}
	return out
}

// below lists the files below folders that hold a mark. What goes while it is looked at is left out.
func (m marks) below(t testing.TB, folders ...string) (hits []string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			if data, err := os.ReadFile(path); err == nil && m.in(t, data, "") {
				hits = append(hits, path)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	return hits
}

// The scan finds a planted record wherever one could hide.
func TestTheScanFindsWhatIsPlanted(t *testing.T) {
	needle := marks{[]byte(canary), lonBytes}
	text := strings.Repeat("nothing to see ", 2000) + canary + "-card-0007"
	var zipped, packed, brotlied bytes.Buffer
	w := gzip.NewWriter(&zipped)
	w.Write([]byte(text))
	w.Close()
	b := brotli.NewWriter(&brotlied)
	b.Write([]byte(text))
	b.Close()
	z, _ := zstd.NewWriter(&packed)
	z.Write([]byte(text))
	z.Close()
	parquet, err := os.ReadFile(filepath.Join(plantedTown(t, 1000), "trips.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(parquet, []byte(canary+"-trip-0007")) {
		t.Error("the Parquet pages are not compressed: this shows nothing")
	}
	dir := t.TempDir()
	st, err := store.Create(t.Context(), filepath.Join(dir, "planted.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Exec(t.Context(), "CREATE TABLE rows AS SELECT 'a common beginning "+canary[:2]+"' || '"+canary[2:]+"-' || (i % 1000) AS card FROM range(200000) r(i)"); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	database, err := os.ReadFile(filepath.Join(dir, "planted.duckdb"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data   []byte
		coding string
	}{"plain": {[]byte(text), ""}, "gzip": {zipped.Bytes(), "gzip"}, "brotli": {brotlied.Bytes(), "br"}, "zstd": {packed.Bytes(), ""}, "parquet": {parquet, ""},
		"duckdb": {database, ""}, "a coordinate in binary": {wkbPoint(plantedLon(7), 43.5), ""}} {
		if !needle.in(t, c.data, c.coding) {
			t.Errorf("%s: not found", name)
		}
	}
	if needle.in(t, []byte(strings.ReplaceAll(text, canary, "")), "") {
		t.Error("found where nothing is")
	}
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
