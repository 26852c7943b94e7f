package data

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jumeau/model"
)

func TestBuiltInTerritoriesAreFoundByNameAndFoldersByPath(t *testing.T) {
	for _, name := range []string{"montpellier", "sicoval"} {
		if !slices.Contains(Names(), name) {
			t.Fatalf("%s is not among %v", name, Names())
		}
		fsys, folder, err := Open(filepath.Join(t.TempDir(), "..", "..", name)) // no such path: nothing is built in under it
		if err == nil {
			t.Errorf("%s is found as a path: %v %s", name, fsys, folder)
		}
	}
	here := filepath.Join(t.TempDir(), "own")
	if err := os.Mkdir(here, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, folder, err := Open(here); err != nil || folder != filepath.ToSlash(here) {
		t.Errorf("a folder on disk is %q, %v", folder, err)
	}
	_, _, err := Open("atlantis")
	if model.KindOf(err) != model.NotFound || !strings.Contains(model.HintOf(err), "sicoval") {
		t.Errorf("%v, hint %q", err, model.HintOf(err))
	}
}

func TestABuiltInTerritoryIsCopiedWhole(t *testing.T) {
	scratch := t.TempDir()
	t.Chdir(scratch) // so that no folder of that name is near
	folder, err := Folder("montpellier", scratch)
	if err != nil {
		t.Fatal(err)
	}
	fsys, _, err := Open("montpellier")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = fs.WalkDir(os.DirFS(folder), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "reference", "compteurs.csv")); err != nil {
		t.Error(err)
	}
	want := 0
	fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			want++
		}
		return err
	})
	if files != want || files < 30 {
		t.Errorf("%d files of %d", files, want)
	}
}

func TestTheSchemasComeAlong(t *testing.T) {
	for _, kind := range []string{"territory", "source", "layer", "template"} {
		if text, err := fs.ReadFile(Schemas(), kind+".schema.json"); err != nil || len(text) < 1000 {
			t.Errorf("%s: %d bytes, %v", kind, len(text), err)
		}
	}
}

func TestAFolderOfTheNameOfABuiltInTerritoryIsNotTakenForIt(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("demo", 0o755); err != nil {
		t.Fatal(err)
	}
	if _, folder, err := Open("demo"); err != nil || folder != "" {
		t.Errorf("an empty folder named demo stands in the way: %q %v", folder, err)
	}
	if err := os.WriteFile("demo/territory.yaml", []byte("territory: mine\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, folder, err := Open("demo"); err != nil || folder != "demo" {
		t.Errorf("a territory of that name on disk comes first: %q %v", folder, err)
	}
	built, err := BuiltIn("demo", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(built, "territory.yaml"))
	if err != nil || !strings.Contains(string(text), "territory: demo") {
		t.Errorf("the demonstration is not the built-in one: %.60s %v", text, err)
	}
	if _, err := BuiltIn("nowhere", t.TempDir()); err == nil {
		t.Error("a territory that does not exist")
	}
}
