package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/query"
)

var testPage = fstest.MapFS{
	"index.html":       {Data: []byte(`<!doctype html><html><head><title>t</title></head><a href="catalog">c</a></html>`)},
	"assets/a.js":      {Data: []byte("let a")},
	"assets/a.js.br":   {Data: []byte("packed")},
	"assets/a.js.gz":   {Data: []byte("packed")},
	"assets/style.css": {Data: []byte("a{}")},
}

// folder exports the public part of a release, and lists the files.
func folder(t *testing.T, r *release.Release) (dir string, files []string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "public")
	stats, err := Static(t.Context(), r, "", Options{Path: dir, Page: testPage, PagePolicy: "default-src 'none'; script-src 'self'; frame-ancestors 'none'"})
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(name))
			info, _ := d.Info()
			size += info.Size()
		}
		return err
	})
	if stats.Bytes != size || stats.Tiles == 0 {
		t.Errorf("%+v, and the files have %d bytes", stats, size)
	}
	slices.Sort(files)
	return dir, files
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAFolderForAWebServerHoldsWhatIsPublicOnly(t *testing.T) {
	r := publish(t, releasetest.Options{Audience: "agent"})
	dir, files := folder(t, r)
	var others []string
	for _, f := range files {
		switch {
		case strings.Contains(f, "works"):
			t.Errorf("%s is for agents", f)
		case !strings.HasSuffix(f, ".mvt.gz") && !strings.HasPrefix(f, "values/presence/") && !strings.HasPrefix(f, "flows/commuters/") && !strings.HasPrefix(f, "profile/"):
			others = append(others, f)
		}
	}
	want := "README.md assets/a.js assets/style.css catalog.json flows/commuters.commune.arrow index.html layers/communes.parquet privacy.json privacy/en.html " +
		"privacy/index.html tiles/communes.pmtiles tiles/communes/index.json values/presence.commune.arrow values/residents.commune.arrow values/residents.epci.arrow " +
		"values/residents/commune/all.json values/residents/epci/all.json zones/commune.arrow zones/commune.json zones/epci.arrow zones/epci.json"
	if got := strings.Join(others, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	var c release.Catalog
	if err := json.Unmarshal(read(t, dir, "catalog.json"), &c); err != nil || len(c.Layers) != 1 || c.Layers[0].Tiles != "tiles/communes/{z}/{x}/{y}.mvt.gz" ||
		c.Layers[0].Download != "layers/communes.parquet" {
		t.Errorf("%v %+v", err, c.Layers)
	}
	if _, err := Static(t.Context(), r, "", Options{Path: dir}); model.KindOf(err) != model.Invalid {
		t.Errorf("a second time: %v", err)
	}
	if _, err := Static(t.Context(), r, "works", Options{Path: dir + "2"}); model.KindOf(err) != model.NotFound {
		t.Errorf("a layer for agents: %v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 1 {
		t.Errorf("temporary folders are left: %v", left)
	}
}

// answers is what a server says at an address.
func answers(t *testing.T, s http.Handler, address string, header ...string) []byte {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://twin.example"+address, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusOK && w.Code != http.StatusNoContent {
		t.Fatalf("%s: %d %s", address, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func TestTheFilesOfAFolderAreTheAnswersOfTheServer(t *testing.T) {
	r := publish(t, releasetest.Options{})
	dir, _ := folder(t, r)
	s := query.New(filepath.Dir(r.Dir), query.Options{})
	defer s.Close()
	same := func(name, address string, header ...string) {
		if want := answers(t, s, address, header...); !bytes.Equal(read(t, dir, name), want) {
			t.Errorf("%s is not what %s says", name, address)
		}
	}
	c := r.Manifest.Catalog
	for _, z := range c.ZoneSystems {
		same("zones/"+z.ID+".json", "/zones/"+z.ID)
	}
	for _, m := range c.Measures {
		for _, by := range m.Systems {
			for _, at := range m.Slots {
				same(fmt.Sprintf("values/%s/%s/%s.json", m.ID, by.Zones, at), fmt.Sprintf("/values/%s?zones=%s&slot=%s", m.ID, by.Zones, at))
			}
		}
	}
	for _, at := range c.Flows[0].Slots {
		same(fmt.Sprintf("flows/commuters/commune/%s.json", at), fmt.Sprintf("/flows/commuters?slot=%s", at))
		same(fmt.Sprintf("flows/commuters/epci/%s/300.json", at), fmt.Sprintf("/flows/commuters?slot=%s&top=300&zones=epci", at))
	}
	var zones struct{ IDs []string }
	if err := json.Unmarshal(answers(t, s, "/zones/commune"), &zones); err != nil {
		t.Fatal(err)
	}
	var profiles []json.RawMessage
	if err := json.Unmarshal(read(t, dir, "profile/presence/commune/0.json"), &profiles); err != nil || len(profiles) != min(len(zones.IDs), profileZones) {
		t.Fatalf("%d profiles of %d zones, %v", len(profiles), len(zones.IDs), err)
	}
	for i, p := range profiles {
		if want := answers(t, s, "/profile/presence?zones=commune&zone="+zones.IDs[i]); string(p) != strings.TrimSpace(string(want)) {
			t.Errorf("the profile of zone %d: %s", i, p)
		}
	}
	for _, lang := range []string{"fr", "en"} {
		page := string(read(t, dir, map[string]string{"fr": "privacy/index.html", "en": "privacy/en.html"}[lang]))
		if !strings.Contains(page, `<html lang="`+lang+`">`) || !strings.Contains(page, r.Manifest.ID) {
			t.Errorf("%s", page)
		}
	}
	for _, card := range r.Manifest.Privacy {
		same("privacy/"+card.Source+".json", "/r/"+r.Manifest.ID+"/privacy/"+card.Source, "Accept", "application/json")
	}
	tileFiles(t, s, r, dir)
}

// tileFiles holds the tiles of a folder, and its index of them, to the server's.
func tileFiles(t *testing.T, s http.Handler, r *release.Release, dir string) {
	for _, l := range r.Manifest.Catalog.Layers {
		var there map[string]map[string][]uint32
		if err := json.Unmarshal(read(t, dir, "tiles/"+l.ID+"/index.json"), &there); err != nil {
			t.Fatal(err)
		}
		listed := 0
		for _, columns := range there {
			for _, runs := range columns {
				for i := 0; i < len(runs); i += 2 {
					listed += int(runs[i+1] - runs[i] + 1)
				}
			}
		}
		for at, want := range tiles(t, r, l.ID) {
			if got := plain(t, read(t, dir, fmt.Sprintf("tiles/%s/%d/%d/%d.mvt.gz", l.ID, at.Z, at.X, at.Y))); !bytes.Equal(got, want) {
				t.Errorf("%s %v is another tile", l.ID, at)
			}
			listed--
			runs, found := there[fmt.Sprint(at.Z)][fmt.Sprint(at.X)], false
			for i := 0; i < len(runs); i += 2 {
				found = found || at.Y >= runs[i] && at.Y <= runs[i+1]
			}
			if !found {
				t.Errorf("%s %v is not listed", l.ID, at)
			}
		}
		if listed != 0 {
			t.Errorf("%s: %d more tiles are listed than there are", l.ID, listed)
		}
	}
}

func TestTheIndexOfAFolderKnowsThatItIsOneAndSaysThePagesPolicy(t *testing.T) {
	r := publish(t, releasetest.Options{})
	dir, _ := folder(t, r)
	want := `<!doctype html><html><head><meta name="jumeau-files" content="` + r.Manifest.ID + `"><meta http-equiv="Content-Security-Policy" ` +
		`content="default-src 'none'; script-src 'self'"><title>t</title></head><a href="catalog.json">c</a></html>`
	if got := string(read(t, dir, "index.html")); got != want {
		t.Error(got)
	}
}
