package query

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"jumeau/model/release/releasetest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestHeadersAreAsReviewed holds the status and the headers of every kind of answer to testdata/golden/headers.txt.
func TestHeadersAreAsReviewed(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{Version: "golden", Page: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "assets/a.js": {Data: []byte("1")}}})
	var out strings.Builder
	for _, request := range []string{
		"GET /", "GET /assets/a.js", "GET /catalog", "GET /catalog br", "GET /r/ID/catalog", "GET /zones/commune", "GET /values/presence", "GET /profile/presence?zone=31001",
		"GET /flows/commuters", "GET /tiles/communes.json", "GET /tiles/communes/5/16/11.mvt", "GET /r/ID/tiles/communes/5/16/11.mvt gzip", "GET /r/ID/tiles/communes/5/0/0.mvt",
		"GET /style.json", "GET /r/ID/download/communes.parquet", "GET /status", "GET /healthz", "GET /readyz", "GET /nothing", "GET /values/presence?slot=never",
		"GET /r/2026-01-01T0000Z-000000/catalog", "POST /catalog", "OPTIONS /catalog", "HEAD /catalog",
	} {
		fields := strings.Fields(request)
		code := strings.Join(fields[2:], "")
		w := askBy(s, fields[0], strings.Replace(fields[1], "ID", id, 1), "Accept-Encoding", code)
		fmt.Fprintf(&out, "%s → %d\n", request, w.Code)
		for _, name := range slices.Sorted(maps.Keys(w.Header())) {
			value := w.Header().Get(name)
			if name == "Content-Length" && fields[1] != "/healthz" {
				value = "n"
			}
			fmt.Fprintf(&out, "  %s: %s\n", name, strings.ReplaceAll(value, id, "ID"))
		}
	}
	golden(t, "headers.txt", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; look at it and run with -update:\n%s", path, got)
	}
}
