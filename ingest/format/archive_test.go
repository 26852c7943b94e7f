package format

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/internal/realdata"
)

// zipped packs name, content pairs.
func zipped(t testing.TB, parts ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, parts[i+1])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func gzipped(content []byte) []byte {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	z.Write(content)
	z.Close()
	return buf.Bytes()
}

func TestTheOneReadableMemberOfAnArchiveIsRead(t *testing.T) {
	csv := "a,b\n1,2\n"
	for name, parts := range map[string][]string{
		"alone":               {"x.csv", csv},
		"in a folder":         {"d/", "", "d/e/x.csv", csv},
		"beside a note":       {"README.txt", "hello", "x.csv", csv, "meta.xml", "<x/>", "__MACOSX/._x.csv", "\x00\x05"},
		"text":                {"x.txt", csv},
		"without extension":   {"export", csv},
		"compressed inside":   {"x.csv.gz", string(gzipped([]byte(csv)))},
		"a Windows backslash": {`d\x.csv`, csv},
	} {
		got := mustRead(t, tempFile(t, "x.zip", zipped(t, parts...)), Options{})
		expect(t, name, got.rows(), "1|2")
	}
	for _, c := range map[string]struct {
		member string
		words  []string
	}{
		"two": {"", []string{"several files", `"a.csv", "d/b.csv", "d/c.csv"`, "member"}},
		"no":  {"x.csv", []string{`no file "x.csv"`, `"a.csv"`}},
		"all": {"d/*.csv", []string{"matches several"}},
		"bad": {"[", []string{"member"}},
	} {
		_, err := read(tempFile(t, "x.zip", zipped(t, "a.csv", csv, "d/b.csv", csv, "d/c.csv", csv)), Options{Member: c.member})
		expectError(t, err, c.words...)
	}
	for _, member := range []string{"b.csv", "d/b.csv", "d/*.csv", "b*"} {
		got := mustRead(t, tempFile(t, "x.zip", zipped(t, "a.csv", "a,b\n", "d/b.csv", csv)), Options{Member: member})
		expect(t, member, got.rows(), "1|2")
	}
	_, err := read(tempFile(t, "x.zip", zipped(t, "a.pdf", "%PDF")), Options{})
	expectError(t, err, "no file that can be read")
	_, err = read(tempFile(t, "x.xlsx", zipped(t, "[Content_Types].xml", "", "xl/workbook.xml", "")), Options{})
	expectError(t, err, "no sheet")
	_, err = read(tempFile(t, "x.zip", zipped(t, "a.csv", csv)[:40]), Options{})
	expectError(t, err, "zip archive cannot be read", "truncated")
}

func TestAChangedMemberFailsItsChecksum(t *testing.T) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, _ := z.CreateHeader(&zip.FileHeader{Name: "x.csv", Method: zip.Store})
	io.WriteString(w, "a,b\n1,2\n")
	z.Close()
	changed := bytes.Replace(buf.Bytes(), []byte("1,2"), []byte("1,3"), 1)
	_, err := read(tempFile(t, "x.zip", changed), Options{})
	expectError(t, err, "checksum")
}

func TestDecompressionBombsAreStopped(t *testing.T) {
	blanks := make([]byte, alwaysAllow+1<<20)
	copy(blanks, "a,b\n1,2\n")
	for i := 8; i < len(blanks); i++ {
		blanks[i] = '\n'
	}
	for _, content := range map[string][]byte{
		"gzip":        gzipped(blanks),
		"gzip in zip": zipped(t, "x.csv.gz", string(gzipped(blanks))),
	} {
		_, err := read(tempFile(t, "x", content), Options{})
		expectError(t, err, "decompression bomb")
	}
	nested := []byte("a,b\n1,2\n")
	for range 5 {
		nested = gzipped(nested)
	}
	_, err := read(tempFile(t, "x", nested), Options{})
	expectError(t, err, "packed 5 times over")
}

func TestParquetIsReadThroughCompressionAndLeavesNoFileBehind(t *testing.T) {
	content, err := os.ReadFile(realdata.Path(t, "geoparquet-ogc/example.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for name, packed := range map[string][]byte{"gzip": gzipped(content), "zip": zipped(t, "e.parquet", string(content)),
		"zip in gzip": gzipped(zipped(t, "e.parquet", string(content)))} {
		got := mustRead(t, tempFile(t, "x", packed), Options{})
		if len(got.cells) != 5 {
			t.Errorf("%s: %d rows", name, len(got.cells))
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, "jumeau-*"))
	if len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestProgressEndsAtTheSizeOnDisk(t *testing.T) {
	for _, name := range []string{"montpellier-voies/VilleMTP_MTP_FilaireVoies.csv.gz", "montpellier-voies/VilleMTP_MTP_FilaireVoies.zip",
		"flatgeobuf-suite/countries.shp", "flatgeobuf-suite/countries.geojson", "entd-2008/short_dist_trips.parquet"} {
		r, err := Open(context.Background(), realdata.Path(t, name), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := drain(r); err != nil {
			t.Fatal(err)
		}
		if read, size := r.Read(), r.Info().Bytes; read > size || float64(read) < 0.98*float64(size) {
			t.Errorf("%s: %d of %d bytes are counted", name, read, size)
		}
		r.Close()
	}
}

func TestReadingStopsWhenTheContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	for _, name := range []string{"france-geojson-31/communes-31-haute-garonne.geojson", "decoupage-administratif-2026/regions.json",
		"flights-3m/airports.csv", "flatgeobuf-suite/countries.shp", "schools-2024/schools.parquet"} {
		r, err := Open(ctx, realdata.Path(t, name), Options{BatchRows: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if _, err := r.Next(); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}()
	}
	cancel()
}

func TestAForcedFormatMustFitTheContent(t *testing.T) {
	csv, json := tempFile(t, "x", []byte("a,b\n1,2\n")), tempFile(t, "y", []byte(`{"a":1}`))
	for format, path := range map[string]string{"geojson": csv, "json": csv, "parquet": csv, "shapefile": json, "tsv": csv} {
		_, err := read(path, Options{Format: format})
		expectError(t, err, format)
	}
	expect(t, "json as csv", readText(t, "{\"a\";b\n1;2\n", Options{Format: "csv"}).rows(), "1|2")
	expect(t, "geojson as a table", readText(t, `{"type":"Feature","properties":{"a":1},"geometry":null}`,
		Options{Format: "json"}, "type", "properties.a").rows(), "Feature|1")
	_, err := read(filepath.Join(t.TempDir(), "absent"), Options{})
	expectError(t, err, "absent")
	_, err = read(tempFile(t, "x", []byte("\x01\x02\x00binary")), Options{})
	expectError(t, err, "unknown format")
	_, err = read(tempFile(t, "x", []byte("<!DOCTYPE html><html><body>404</body></html>")), Options{})
	expectError(t, err, "HTML", "browser")
	_, err = read(tempFile(t, "x", []byte(" \n")), Options{})
	expectError(t, err, "empty")
	if _, err := read(t.TempDir(), Options{}); err == nil || !strings.Contains(err.Error(), "no file that can be read") {
		t.Errorf("an empty folder: %v", err)
	}
}
