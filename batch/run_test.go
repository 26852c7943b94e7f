package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/data"
	"jumeau/ingest/format"
	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// small is a territory of two communes with stops in them, as files.
var small = map[string]string{
	"territory.yaml": `territory: small
title: {fr: Petit, en: Small}
bbox: [1, 43, 3, 44]
time_zone: Europe/Paris
zones: [commune]
`,
	"sources/communes.yaml": `source: communes
title: {fr: Communes, en: Communes}
from: {path: communes.geojson}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    code: {type: text, role: id, unique: true, required: true}
    name: {type: text}
  geometry: {type: polygon}
zones: {system: commune, title: {fr: Communes, en: Communes}, id: code, name: name}
`,
	"sources/stops.yaml": `source: stops
title: {fr: Arrêts, en: Stops}
from: {path: stops.csv}
read: {crs: "EPSG:4326"}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    id: {type: text, role: id, unique: true, required: true}
  geometry: {type: point, x: lon, y: lat}
  reject_at_most: 50%
behaviour: {class: A}
measures:
  stops:
    title: {fr: Arrêts, en: Stops}
    unit: {fr: arrêts, en: stops}
    zones: commune
`,
	"layers/communes.yaml": `layer: communes
title: {fr: Communes, en: Communes}
geometry: {zones: commune, zoom: 5-12}
measures: [stops]
`,
	"communes.geojson": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"1","name":"Ouest"},"geometry":{"type":"Polygon","coordinates":[[[1,43],[2,43],[2,44],[1,44],[1,43]]]}},
{"type":"Feature","properties":{"code":"2","name":"Est"},"geometry":{"type":"Polygon","coordinates":[[[2,43],[3,43],[3,44],[2,44],[2,43]]]}}]}
`,
	"stops.csv": "id,lon,lat\na,1.5,43.5\nb,1.6,43.5\nc,2.5,43.5\nc,2.6,43.5\nd,9,43.5\n",
}

// persons declares the stops file as what it is not: one row a person.
const persons = `source: stops
title: {fr: Validations, en: Validations}
from: {path: stops.csv}
read: {crs: "EPSG:4326"}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    card: {from: id, type: text, role: unit}
  geometry: {type: point, x: lon, y: lat}
behaviour:
  class: C
  unit: person
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
`

// write puts the files of a territory into a folder, with some of them changed.
func write(t testing.TB, change map[string]string) string {
	t.Helper()
	files := map[string]string{}
	for name, text := range small {
		if other, ok := change[name]; ok {
			text = other
		}
		files[name] = text
	}
	return fill(t, files)
}

// fill puts files into a new folder.
func fill(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func territory(t testing.TB, dir string) *model.Territory {
	t.Helper()
	read, err := declare.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func runIn(ctx context.Context, t testing.TB, dir, releases string, folders ...string) (*Result, error) {
	t.Helper()
	return Run(ctx, Options{Territory: territory(t, dir), Releases: releases, Folders: append(folders, dir), Log: slog.New(slog.DiscardHandler)})
}

func TestARunPublishesWhatItWasGiven(t *testing.T) {
	dir, releases := write(t, nil), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	if !result.Published {
		t.Error("nothing was published")
	}
	stops, _ := result.Manifest.Catalog.Source("stops")
	if got := fmt.Sprint(stops.Read, stops.Loaded, stops.Rejected); got != "5 4 [{duplicate 1}]" {
		t.Errorf("stops: %s", got)
	}
	values, err := frame.OpenValues(filepath.Join(releases, result.Release, filepath.FromSlash(release.ValuesPath("stops", "commune"))))
	if err != nil {
		t.Fatal(err)
	}
	defer values.Close()
	if f, ok := values.At(model.All); !ok || fmt.Sprint(f.Value) != "[2 1]" {
		t.Errorf("figures %v", f)
	}
	// The download is GeoParquet to a reader that knows nothing of it.
	parquet, err := format.Open(t.Context(), filepath.Join(releases, result.Release, filepath.FromSlash(release.ParquetPath("communes"))), format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer parquet.Close()
	if info := parquet.Info(); !info.Geometry || info.CRS.Code() != "OGC:CRS84" || info.Rows != 2 {
		t.Errorf("download: %+v", info)
	}
	leftovers, err := filepath.Glob(filepath.Join(releases, "*.tmp"))
	if err != nil || len(leftovers) > 0 {
		t.Errorf("a build file is left: %v, %v", leftovers, err)
	}
}

func TestTheSameInputsAreTheSameRelease(t *testing.T) {
	dir, releases := write(t, nil), t.TempDir()
	first, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	second, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	if second.Published || second.Release != first.Release {
		t.Errorf("first %s, second %s, published %v", first.Release, second.Release, second.Published)
	}
	other := write(t, map[string]string{"stops.csv": strings.Replace(small["stops.csv"], "b,1.6", "b,2.6", 1)})
	third, err := runIn(t.Context(), t, other, releases)
	if err != nil {
		t.Fatal(err)
	}
	if !third.Published || third.Release == first.Release {
		t.Errorf("a stop moved to the other commune, and the release is %s, published %v", third.Release, third.Published)
	}
}

func TestAFailedRunLeavesTheServedRelease(t *testing.T) {
	dir, releases := write(t, nil), t.TempDir()
	good, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]map[string]string{
		"too_many_rejects":                  {"stops.csv": "id,lon,lat\na,1.5,43.5\na,1.5,43.5\na,1.5,43.5\n"},
		"broken_file":                       {"communes.geojson": `{"type":"FeatureCollection","features":[{"type":"Feature"`},
		"empty_file":                        {"communes.geojson": ""},
		"missing_column":                    {"stops.csv": "key,lon,lat\na,1.5,43.5\n"},
		"persons_without_protected_figures": {"sources/stops.yaml": persons, "layers/communes.yaml": strings.Replace(small["layers/communes.yaml"], "measures: [stops]\n", "", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := runIn(t.Context(), t, write(t, change), releases)
			if err == nil {
				t.Fatal("the run succeeded")
			}
			if kind := model.KindOf(err); kind == model.Internal {
				t.Errorf("an internal error: %v", err)
			}
			if model.HintOf(err) == "" {
				t.Errorf("no hint: %v", err)
			}
			if current, err := release.Current(releases); err != nil || current != good.Release {
				t.Errorf("the pointer is at %s, %v", current, err)
			}
			entries, err := os.ReadDir(releases)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if strings.HasPrefix(e.Name(), "draft-") {
					t.Errorf("%s is left behind", e.Name())
				}
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := runIn(ctx, t, dir, releases); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestARunFitsItsDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := runIn(ctx, t, write(t, nil), t.TempDir()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// The real territories, from files that nobody here wrote. Counts are those of the list that comes with the files.
func TestRealTerritories(t *testing.T) {
	mirror := realdata.Dir(t)
	for _, c := range []struct {
		territory string
		read      map[string]int64
		zones     map[string]int
	}{
		{"sicoval", map[string]int64{"communes": 587, "communes_occitanie": 4516, "departements_occitanie": 13, "cantons": 27,
			"arrondissements": 3, "tisseo_stops": 5569, "tisseo_lines": 125, "schools_primary": 27588}, map[string]int{"commune": 36, "epci": 1}},
		{"montpellier", map[string]int64{"adresses": 36395, "batiments": 3356, "voies": 8011, "comptages_routiers": 3314, "comptages_velo": 599,
			"eclairage": 29969, "quartiers": 7, "sous_quartiers": 31, "etablissements": 1024, "limite": 1, "pistes_cyclables": 319,
			"tam_stops": 2054}, map[string]int{"quartier": 7, "sous_quartier": 31, "compteur": 7}},
	} {
		t.Run(c.territory, func(t *testing.T) {
			dir, err := data.Folder(c.territory, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			result, err := runIn(t.Context(), t, dir, t.TempDir(), mirror)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range result.Accounts {
				if a.Read != a.Loaded+a.Skipped+a.RejectedRows() {
					t.Errorf("%s: read %d, loaded %d, skipped %d, rejected %d", a.Source.ID, a.Read, a.Loaded, a.Skipped, a.RejectedRows())
				}
				if want, ok := c.read[a.Source.ID]; ok && a.Read != want {
					t.Errorf("%s: read %d, want %d", a.Source.ID, a.Read, want)
				}
			}
			for id, want := range c.zones {
				if z, ok := result.Manifest.Catalog.ZoneSystem(id); !ok || z.Count != want {
					t.Errorf("zone system %s: %+v, want %d zones", id, z, want)
				}
			}
		})
	}
}
