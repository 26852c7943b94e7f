// Package realdata finds the real public files that tests read.
//
// They are not part of the repository: they lie in ../shared/real beside the checkout, or where JUMEAU_REAL says.
package realdata

import (
	"os"
	"path/filepath"
	"testing"
)

// Path is the absolute path of a real file ("france-geojson-31/communes-31-haute-garonne.geojson").
// The test is skipped with a message when the file is absent.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Dir(t), filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("real file %s is absent: put the real files in ../shared/real beside the checkout, or set JUMEAU_REAL", name)
	}
	return path
}

// Dir is the folder of the real files; the test is skipped when there is none.
func Dir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("JUMEAU_REAL"); dir != "" {
		return dir
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			break
		}
		if at == filepath.Dir(at) {
			t.Fatal("no go.mod above the test")
		}
		at = filepath.Dir(at)
	}
	dir := filepath.Join(at, "..", "shared", "real")
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	t.Skip("no real files: put them in ../shared/real beside the checkout, or set JUMEAU_REAL")
	return ""
}
