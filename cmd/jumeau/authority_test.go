package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/data"
	"jumeau/internal/realdata"
)

// runOf is what `jumeau run --json` says of a territory.
func runOf(t *testing.T, args ...string) runAccount {
	t.Helper()
	out, errOut, code := command(append([]string{"run", "--json", "-q"}, args...)...)
	if code != 0 {
		t.Fatal(errOut)
	}
	var account runAccount
	if err := json.Unmarshal([]byte(out), &account); err != nil {
		t.Fatal(err)
	}
	return account
}

func TestATerritoryForAnyAuthorityRunsFromItsNumber(t *testing.T) {
	mirror := realdata.Dir(t)
	for _, c := range []struct {
		siren, geometry, id, bbox string
		communes                  int64
	}{
		{"243100633", "france-geojson-31/communes-31-haute-garonne.geojson", "sicoval", "bbox: [1.380, 43.375, 1.729, 43.583]", 36},
		{"243400017", "france-geojson-occitanie/communes-occitanie-2017.geojson.gz", "montpellier_mediterranee_metropole", "bbox: [3.6", 31},
	} {
		t.Run(c.id, func(t *testing.T) {
			dir := t.TempDir()
			town := filepath.Join(dir, "town")
			out, errOut, code := command("init", town, "--epci", c.siren, "--mirror", mirror, "--communes", realdata.Path(t, c.geometry))
			if code != 0 {
				t.Fatal(errOut)
			}
			if !strings.Contains(out, "https://adresse.data.gouv.fr/data/ban/adresses/latest/csv/adresses-3") {
				t.Errorf("does not say which files to get:\n%s", out)
			}
			if out, errOut, code := command("check", town); code != 0 || strings.Contains(out, "is shown by no layer") {
				t.Fatal(out, errOut)
			}
			text, err := os.ReadFile(filepath.Join(town, "territory.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), "territory: "+c.id+"\n") || !strings.Contains(string(text), c.bbox) ||
				!strings.Contains(string(text), "cog: {year: 2025, movements: cog_mouvements") {
				t.Errorf("%s", text)
			}
			account := runOf(t, town, "--mirror", mirror, "--releases", filepath.Join(dir, "releases"))
			loaded := map[string]int64{}
			for _, s := range account.Sources {
				loaded[s.ID] = s.Loaded
			}
			if loaded["epci"] != c.communes || loaded["communes"] != c.communes {
				t.Errorf("loaded %v", loaded)
			}
			var systems []string
			for _, m := range account.Measures {
				systems = append(systems, m.ID+" "+m.Zones)
			}
			if got := strings.Join(systems, ", "); got != "population commune, population epci" {
				t.Errorf("figures: %s", got)
			}
		})
	}
}

func TestAnAuthorityWithoutFilesPassesCheckAndRunSaysWhatToGet(t *testing.T) {
	list := filepath.Join(t.TempDir(), "epci.json")
	text := `[{"code":"200000001","nom":"CC du Val Perdu","membres":[{"code":"99001","nom":"Amont","populationMunicipale":120},{"code":"99002","nom":"Aval"}]}]`
	if err := os.WriteFile(list, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	t.Chdir(dir)
	out, errOut, code := command("init", "--epci", "200000001", "--communes", list, "--name", "Le Val")
	if code != 0 || !strings.Contains(out, "Made le_val: Le Val, 2 communes.") || !strings.Contains(out, "communes         needed") {
		t.Fatalf("%s%s", out, errOut)
	}
	if _, errOut, code := command("check", "le_val"); code != 0 {
		t.Fatal(errOut)
	}
	_, errOut, code = command("run", "le_val", "--releases", "releases", "-q", "--offline")
	if code != exitFailed || !strings.Contains(errOut, "needed    raw/communes-100m-2025.geojson*") ||
		!strings.Contains(errOut, "https://etalab-datasets.geo.data.gouv.fr/contours-administratifs/2025/geojson/communes-100m.geojson.gz") {
		t.Errorf("%d %s", code, errOut)
	}
}

func TestAnAuthorityThatIsNotListedIsSaidSo(t *testing.T) {
	list := filepath.Join(t.TempDir(), "epci.csv")
	if err := os.WriteFile(list, []byte("epci,code,nom\n200000002,99001,Amont\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		want string
		args []string
	}{
		{"no commune of 200000001 is in", []string{"--epci", "200000001", "--communes", list}},
		{"which communes are its members is not known", []string{"--epci", "200000001"}},
		{"a SIREN has nine digits", []string{"--epci", "31"}},
	} {
		if _, errOut, code := command(append([]string{"init"}, c.args...)...); code != exitFailed || !strings.Contains(errOut, c.want) {
			t.Errorf("%v: %d %s", c.args, code, errOut)
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheListMayBeAskedOnceOnline(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/epcis/200000001":
			w.Write([]byte(`{"nom":"CC du Val Perdu"}`))
		case "/epcis/200000001/communes":
			w.Write([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"99001","nom":"Amont","population":120},
				"geometry":{"type":"Polygon","coordinates":[[[1,43],[1.1,43],[1.1,43.1],[1,43.1],[1,43]]]}}]}`))
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	dir := t.TempDir()
	town := filepath.Join(dir, "town")
	_, errOut, code := command("init", town, "--epci", "200000001", "--online", "--api", srv.URL)
	if code != 0 || asked != 2 || !strings.Contains(errOut, "Asking "+srv.URL) {
		t.Fatalf("asked %d times: %s", asked, errOut)
	}
	account := runOf(t, town, "--releases", filepath.Join(dir, "releases"))
	if asked != 2 || len(account.Measures) != 2 {
		t.Errorf("asked %d times; figures %+v", asked, account.Measures)
	}
	if _, errOut, code := command("init", filepath.Join(dir, "other"), "--epci", "200000009", "--online", "--api", srv.URL); code != exitFailed || !strings.Contains(errOut, "404") {
		t.Errorf("%d %s", code, errOut)
	}
}

// With a file for each source, every figure that the territory declares is made.
func TestEverySourceOfAnAuthorityIsReadWhenItsFileIsThere(t *testing.T) {
	dir := t.TempDir()
	town := filepath.Join(dir, "town")
	if _, errOut, code := command("init", town, "--epci", "243100633", "--communes", realdata.Path(t, "decoupage-administratif-2026/epci.json.gz"),
		"--mirror", realdata.Dir(t), "--communes", realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson")); code != 0 {
		t.Fatal(errOut)
	}
	for name, example := range map[string]string{
		"adresses-31.csv": "ban/adresses/example.csv", "gtfs.zip": "", "Filosofi2019_carreaux_200m_met.csv": "insee/filosofi-200m/example.csv",
		"bnlc.csv": "transport/covoiturage/example.csv", "BPE25.csv": "insee/bpe/example.csv",
		"base-flux-mobilite-domicile-lieu-travail-2022.csv": "insee/flux-domicile-travail/example.csv",
		"CONTOURS-IRIS-2024.geojson":                        "ign/contours-iris/example.geojson",
		"base-ic-evol-struct-pop-2022.CSV":                  "insee/rp-population-iris/example.csv", "dvf-2024-31.csv": "dgfip/dvf/example.csv",
	} {
		text := zipped(t, "stops.txt", "transport/gtfs-arrets/example.txt")
		if example != "" {
			var err error
			if text, err = fs.ReadFile(data.Templates(), example); err != nil {
				t.Fatal(err)
			}
		}
		if err := put(filepath.Join(town, "raw", name), text); err != nil {
			t.Fatal(err)
		}
	}
	account := runOf(t, town, "--mirror", realdata.Dir(t), "--releases", filepath.Join(dir, "releases"))
	loaded := map[string]string{}
	for _, s := range account.Sources {
		loaded[s.ID] = fmt.Sprint(s.Read, " ", s.Loaded, " ", s.Rejected)
	}
	for id, want := range map[string]string{"adresses": "3 2 []", "arrets": "3 2 []", "carreaux": "3 3 []", "covoiturage": "1 1 []", "equipements": "3 3 []",
		"flux_travail": "5 5 []", "iris": "2 2 []", "population_iris": "2 2 []", "ventes": "4 2 []"} {
		if loaded[id] != want {
			t.Errorf("%s: read, loaded, rejected %s; expected %s", id, loaded[id], want)
		}
	}
	made := map[string]bool{}
	for _, m := range account.Measures {
		made[m.ID] = true
	}
	for _, m := range []string{"addresses", "stops", "residents", "poor_households", "facilities", "jobs_held", "workers_living", "iris_population", "sales", "sales_value", "population"} {
		if !made[m] {
			t.Errorf("%s is not made", m)
		}
	}
	if len(account.Flows) != 1 {
		t.Errorf("flows %+v", account.Flows)
	}
}

func zipped(t *testing.T, name, example string) []byte {
	t.Helper()
	text, err := fs.ReadFile(data.Templates(), example)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create(name)
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
