package query

import (
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // a reader that we did not write

	"jumeau/model/pmtiles"
	"jumeau/model/release/releasetest"
)

func TestEveryExportIsAFileThatCanBeAskedForInParts(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for _, form := range exportForms {
		address := "/export/communes" + form.extension
		whole := ask(s, address+"?slot=weekday-08&measure=presence")
		if whole.Code != http.StatusOK || whole.Header().Get("Content-Type") != form.media || whole.Body.Len() == 0 {
			t.Errorf("%s: %d %s", address, whole.Code, whole.Body)
			continue
		}
		if got := whole.Header().Get("Content-Disposition"); !strings.Contains(got, "tiny-communes"+form.extension) {
			t.Errorf("%s: %s", address, got)
		}
		part := ask(s, address+"?slot=weekday-08&measure=presence", "Range", "bytes=1-3")
		if part.Code != http.StatusPartialContent || part.Body.String() != whole.Body.String()[1:4] {
			t.Errorf("%s: %d %q", address, part.Code, part.Body)
		}
		if again := ask(s, address+"?measure=presence&slot=weekday-08", "If-None-Match", whole.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s: the same question again: %d", address, again.Code)
		}
		if other := ask(s, address+"?slot=weekday-07&measure=presence", "If-None-Match", whole.Header().Get("ETag")); other.Code != http.StatusOK {
			t.Errorf("%s: another slot: %d", address, other.Code)
		}
		if got := ask(s, "/r/"+id+address).Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: %s", address, got)
		}
	}
	for address, want := range map[string]int{"/export/communes.doc": 404, "/export/nothing.csv": 404, "/export/communes.csv?filter=x": 400, "/export/communes.csv?limit=3": 400, "/export/communes.csv?slot=never": 400,
		"/export/communes.pmtiles?filter=FALSE": 400} {
		if got := ask(s, address); got.Code != want {
			t.Errorf("%s: %d %s", address, got.Code, got.Body)
		}
	}
}

func TestWhatIsNotPublishedIsAFlagInEveryTable(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	const asked = "?slot=weekday-08&measure=presence"
	if got := ask(s, "/export/communes.csv"+asked).Body.String(); !strings.Contains(got, "31002,Labège-l'Été,,,,not_published,") || !strings.Contains(got, "31001,Ayguesvives,100.5,100,101,estimated,") {
		t.Errorf("%s", got)
	}
	if got := ask(s, "/export/communes.fr.csv"+asked).Body.String(); !strings.HasPrefix(got, "\ufeffid;name;") || !strings.Contains(got, "31001;Ayguesvives;100,5;100;101;estimated;1,5;") {
		t.Errorf("%s", got)
	}
	if got := ask(s, "/export/communes.geojson"+asked).Body.String(); !strings.Contains(got, `"name":"Labège-l'Été","value":null,"lo":null,"hi":null,"flag":"not_published"`) {
		t.Errorf("%s", got)
	}
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), "communes.parquet")
	if err := os.WriteFile(path, ask(s, "/export/communes.parquet"+asked).Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var rows, numbers int
	var flag string
	if err := db.QueryRow("SELECT count(*), count(value), max(flag) FILTER (WHERE value IS NULL) FROM read_parquet(?)", path).Scan(&rows, &numbers, &flag); err != nil {
		t.Fatal(err)
	}
	if rows != 2 || numbers != 1 || flag != "not_published" {
		t.Errorf("%d rows, %d numbers, %s", rows, numbers, flag)
	}
}

func TestAnExportHoldsWhatItsFilterAndBoxChoose(t *testing.T) {
	dir := t.TempDir()
	opt := tiny
	opt.Works = 250
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{})
	lines := func(address string) int { return strings.Count(ask(s, address).Body.String(), "\r\n") - 1 }
	for query, want := range map[string]int{"": 251, "?filter=kind%3D'gas'": 1, "?bbox=1.44995,43.4,1.45095,43.6": 10, "?filter=kind%3D'water'&bbox=1.44995,43.4,1.45095,43.6": 10, "?filter=FALSE": 0} {
		if got := lines("/export/works.csv" + query); got != want {
			t.Errorf("%s: %d rows", query, got)
		}
	}
	path := filepath.Join(t.TempDir(), "works.pmtiles")
	if err := os.WriteFile(path, ask(s, "/export/works.pmtiles?filter=kind%3D'gas'").Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	archive, err := pmtiles.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
}

func TestExportsTakeBoundedRoomAndAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	opt := tiny
	opt.Works = 2000
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{ExportBytes: 1 << 20})
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			if got := ask(s, "/export/works.csv"); got.Code != http.StatusOK {
				t.Errorf("%d %s", got.Code, got.Body)
			}
		})
	}
	group.Wait()
	if len(s.exports.kept) != 1 {
		t.Errorf("%d files for one question", len(s.exports.kept))
	}
	for i := range 20 {
		if got := ask(s, "/export/works.geojson?bbox=1,43,2,44."+strings.Repeat("0", i)+"1"); got.Code != http.StatusOK {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	}
	room := int64(0)
	files, err := os.ReadDir(s.exports.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		room += info.Size()
	}
	if room > 1<<20 || room == 0 {
		t.Errorf("%d bytes are kept in %d files", room, len(files))
	}
	at := s.exports.dir
	s.Close()
	if _, err := os.Stat(at); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left behind: %v", at, err)
	}
}

func TestAnExportThatTakesTooLongSaysSoAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	opt := tiny
	opt.Works = 30_000
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{ExportTime: time.Millisecond})
	if got := ask(s, "/export/works.gpkg"); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") == "" {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	files, err := os.ReadDir(s.exports.dir)
	if err != nil || len(files) != 0 {
		t.Errorf("%v %v", files, err)
	}
}
