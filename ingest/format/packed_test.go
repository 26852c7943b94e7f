package format

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"jumeau/internal/realdata"
)

func table7z(t testing.TB) []byte {
	content, err := os.ReadFile("testdata/table.7z")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestArchivesInArchivesAreOpened(t *testing.T) {
	seven := table7z(t)
	csv := "a,b\n1,2\n"
	var z, x bytes.Buffer
	zw, _ := zstd.NewWriter(&z)
	zw.Write([]byte(csv))
	zw.Close()
	xw, _ := xz.NewWriter(&x)
	xw.Write([]byte(csv))
	xw.Close()
	for name, content := range map[string][]byte{
		"7z": seven, "7z in zip": zipped(t, "d/table.7z", string(seven)), "7z in gzip": gzipped(seven), "zstd": z.Bytes(), "xz": x.Bytes(),
		"zip in zip in gzip": gzipped(zipped(t, "a.zip", string(zipped(t, "x.csv", csv)))),
		"zstd in zip":        zipped(t, "x.csv.zst", z.String()),
	} {
		got := mustRead(t, tempFile(t, "x", content), Options{})
		expect(t, name, got.rows(), "1|2")
	}
	two := zipped(t, "a.zip", string(zipped(t, "x.csv", csv, "y.csv", "a,b\n3,4\n")), "b.zip", string(zipped(t, "x.csv", csv)))
	path := tempFile(t, "x", two)
	expect(t, "a path through archives", mustRead(t, path, Options{Member: "a.zip/y.csv"}).rows(), "3|4")
	_, err := read(path, Options{})
	expectError(t, err, "several files", "a.zip", "b.zip")
	deep := zipped(t, "x.csv", csv)
	for range 5 {
		deep = zipped(t, "x.zip", string(deep))
	}
	_, err = read(tempFile(t, "x", deep), Options{})
	expectError(t, err, "packed 5 times over")
	_, err = read(tempFile(t, "x", seven[:len(seven)-9]), Options{})
	expectError(t, err, "7z archive cannot be read")
	_, err = read(tempFile(t, "x", zipped(t, "../../etc/x.csv", csv)), Options{})
	expectError(t, err, "no file that can be read")
	left, _ := filepath.Glob(filepath.Join(t.TempDir(), "jumeau-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The way of INSEE: a GeoPackage in 7z in zip.
func TestAGeoPackageIsReadThrough7zAndZip(t *testing.T) {
	if _, err := exec.LookPath("7z"); err != nil {
		t.Skip("7z is absent: install p7zip-full to make this file")
	}
	archive := filepath.Join(t.TempDir(), "x.7z")
	if out, err := exec.Command("7z", "a", "-bd", archive, realdata.Path(t, "flows-grand-est/GE.gpkg"), realdata.Path(t, "flows-grand-est/nav.csv")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	content, _ := os.ReadFile(archive)
	got := mustRead(t, tempFile(t, "x", zipped(t, "x.7z", string(content))), Options{Member: "x.7z/GE.gpkg", Table: "urban_area"})
	if len(got.cells) != 159 || got.info.CRS.Code() != "EPSG:2154" {
		t.Errorf("%d rows in %s", len(got.cells), got.info.CRS)
	}
}

func FuzzArchive(f *testing.F) {
	f.Add(table7z(f))
	f.Add(zipped(f, "x.csv", "a,b\n1,2\n"))
	f.Add(gzipped(table7z(f)))
	f.Add([]byte("BZh91AY&SY\x9a\xd0\x86\xc5\x00\x00\x02\x19\x80@\x00\x10\x00\x10\x00 \x00\"\x06\x86\xd4 \xc9\x88\xc7i\x0e\x82\x81\x1f\x8b\xb9\"\x9c(HMhCb\x80"))
	f.Fuzz(func(t *testing.T, content []byte) {
		src := inMemory(content)
		r, err := openSource(context.Background(), src, "", Options{})
		if err != nil {
			said(t, located("fuzz", err))
			_ = src.close()
			return
		}
		defer r.Close()
		if _, err := drain(r); err != nil {
			said(t, err)
		}
	})
}
