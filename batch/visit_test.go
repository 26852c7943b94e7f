package batch

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/query"
)

const smallTour = `---
title: {fr: Visite, en: Tour}
---

# Français

## [Les arrêts](#/communes?show=stops&zone=1)

Texte.

# English

## [The stops](#/communes?show=stops&zone=1)

Text.
`

const stopsLayer = `layer: stops
title: {fr: Arrêts, en: Stops}
geometry: {source: stops, zoom: 5-12}
search: {title: {fr: Arrêts, en: Stops}, text: [id]}
`

// guided is the small territory with a tour and a layer that is searched.
func guided(t *testing.T, change map[string]string) (*Result, http.Handler) {
	t.Helper()
	files := map[string]string{"tours/visit.md": smallTour, "layers/stops.yaml": stopsLayer}
	for name, text := range small {
		files[name] = text
	}
	for name, text := range change {
		files[name] = text
	}
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, fill(t, files), releases)
	if err != nil {
		t.Fatal(err)
	}
	server := query.New(releases, query.Options{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { server.Close() })
	return result, server
}

func askFor(h http.Handler, address string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
	return w
}

func TestATourIsPublishedListedAndServed(t *testing.T) {
	result, server := guided(t, nil)
	tours := result.Manifest.Catalog.Tours
	if len(tours) != 1 || tours[0].ID != "visit" || tours[0].Steps != 1 || tours[0].Layers[0] != "communes" {
		t.Fatalf("the catalogue lists %+v", tours)
	}
	answer := askFor(server, "/r/"+result.Release+"/tours/visit")
	var got model.Tour
	if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil || answer.Code != 200 {
		t.Fatalf("%d %s %v", answer.Code, answer.Body, err)
	}
	if got.Steps[0].View != "#/communes?show=stops&zone=1" || got.Steps[0].EN.Title != "The stops" || got.Steps[0].FR.Blocks[0].Lines[0][0].Text != "Texte." {
		t.Errorf("served %+v", got)
	}
	if !strings.Contains(answer.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("kept for %q", answer.Header().Get("Cache-Control"))
	}
	if code := askFor(server, "/tours/..%2Fvisit").Code; code != 404 {
		t.Errorf("another file: %d", code)
	}
}

func TestATourOfALayerForAgentsIsNotForThePublic(t *testing.T) {
	layer := strings.Replace(small["layers/communes.yaml"], "measures: [stops]", "measures: [stops]\naudience: agent", 1)
	result, server := guided(t, map[string]string{"layers/communes.yaml": layer})
	if len(result.Manifest.Catalog.Tours) != 1 {
		t.Fatal("the release has no tour")
	}
	var c release.Catalog
	if err := json.Unmarshal(askFor(server, "/catalog").Body.Bytes(), &c); err != nil || len(c.Tours) != 0 {
		t.Errorf("the public sees %+v, %v", c.Tours, err)
	}
	if code := askFor(server, "/tours/visit").Code; code != 404 {
		t.Errorf("served all the same: %d", code)
	}
}

func TestATourOfAnAbsentLayerIsLeftOut(t *testing.T) {
	stops := strings.Replace(small["sources/stops.yaml"], "from: {path: stops.csv}", "from: {path: nowhere.csv}\noptional: true", 1)
	tour := strings.ReplaceAll(smallTour, "communes?show=stops&zone=1", "stops")
	result, server := guided(t, map[string]string{"sources/stops.yaml": stops, "tours/visit.md": tour})
	if len(result.Manifest.Catalog.Tours) != 0 {
		t.Errorf("%+v", result.Manifest.Catalog.Tours)
	}
	if code := askFor(server, "/search/stops/index").Code; code != 404 {
		t.Errorf("an index of an absent layer: %d", code)
	}
}

func TestTheSearchIndexIsServedInParts(t *testing.T) {
	result, server := guided(t, nil)
	l, _ := result.Manifest.Catalog.Layer("stops")
	if l.Search == nil || l.Search.Entries != 4 {
		t.Fatalf("searched by %+v", l.Search)
	}
	if got := strings.TrimSpace(askFor(server, "/search/stops/index").Body.String()); got != `{"place":"commune","entries":4,"words":["a"],"numbers":[]}` {
		t.Errorf("index %s", got)
	}
	if got := askFor(server, "/search/stops/w0").Body.String(); !strings.Contains(got, `["c",1,250000,4350000,"c"]`) {
		t.Errorf("names %s", got)
	}
	for _, address := range []string{"/search/stops/w9", "/search/stops/..%2Findex", "/search/communes/index", "/search/stops/manifest"} {
		if code := askFor(server, address).Code; code != 404 {
			t.Errorf("%s: %d", address, code)
		}
	}
}
