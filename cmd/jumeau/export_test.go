package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExportWritesAFileAndSaysWhatIsInIt(t *testing.T) {
	dir, ids := threeReleases(t)
	file := filepath.Join(t.TempDir(), "communes.pmtiles")
	for _, step := range []struct{ args, want string }{
		{"communes --format pmtiles --zoom 5-12", "FILE: 19 tiles, N kB\n"},
		{"communes --format pmtiles", "Error: export FILE: there is a file of this name already\nTry: choose another name, or replace it with --force\nexit 1\n"},
		{"communes --format pmtiles --zoom 5 --force --json", "{\n \"release\": \"release-C\",\n \"path\": \"FILE\",\n \"tiles\": 1,\n \"contents\": 1,\n \"bytes\": N\n}\n"},
		{"communes --format pmtiles --zoom five --force", "Error: export --zoom: \"five\" cannot be read\nTry: write one zoom or two: --zoom 8-14\nexit 1\n"},
		{"communes --format geojson --bbox 1,2,3 --force", "Error: export --bbox: \"1,2,3\" cannot be read\nTry: write west,south,east,north in degrees: --bbox 1.40,43.40,1.75,43.62\nexit 1\n"},
		{"--format csv --force", "Error: export csv: no layer is named\nTry: jumeau export LAYER --format csv\nexit 1\n"},
	} {
		args := append(append([]string{"export"}, strings.Fields(step.args)...), "-o", file, "--releases", dir, "--quiet")
		got := bytesSaid.ReplaceAllString(strings.ReplaceAll(said(t, ids, args...), file, "FILE"), `"bytes": N`)
		if got != step.want {
			t.Errorf("export %s says\n%swant\n%s", step.args, got, step.want)
		}
	}
	folder := filepath.Join(t.TempDir(), "public")
	got := said(t, ids, "export", "--format", "static", "-o", folder, "--releases", dir, "--quiet")
	if _, err := os.Stat(filepath.Join(folder, "catalog.json")); err != nil || !strings.Contains(got, "tiles") {
		t.Errorf("%v, %s", err, got)
	}
}
