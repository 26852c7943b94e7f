package query

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"jumeau/model/release/releasetest"
)

// leak is what no answer may contain: statements, places in our code, paths of this machine.
var leak = regexp.MustCompile(`(?i)(INSERT INTO|CREATE TABLE|SELECT [a-z*]+ FROM|\.go:\d+|goroutine \d|/tmp/|panic)`)

// harmless says whether the answer is one that a client may get whatever it asked.
func harmless(t *testing.T, asked string, w *httptest.ResponseRecorder, elapsed time.Duration) {
	t.Helper()
	if w.Code >= 500 {
		t.Fatalf("%q: %d %s", asked, w.Code, w.Body)
	}
	if elapsed > 5*time.Second {
		t.Fatalf("%q took %v", asked, elapsed)
	}
	if w.Code >= 400 && w.Code != http.StatusRequestedRangeNotSatisfiable {
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code {
			t.Fatalf("%q: not a problem document: %s", asked, w.Body)
		}
		p.Instance = "" // what was asked
		for _, text := range []string{p.Title, p.Detail, p.Hint} {
			if found := leak.FindString(text); found != "" && !strings.Contains(asked, found) {
				t.Fatalf("%q tells %q: %s", asked, found, w.Body)
			}
		}
	}
	if w.Body.Len() > 20<<20 {
		t.Fatalf("%q: %d bytes", asked, w.Body.Len())
	}
	if place := w.Header().Get("Location"); place != "" && (!strings.HasPrefix(place, "/") || strings.HasPrefix(place, "//")) {
		t.Fatalf("%q leads away: %s", asked, place)
	}
}

// FuzzAPI asks the addresses of the API for anything: parameters, filters of both kinds, headers.
func FuzzAPI(f *testing.F) {
	dir := f.TempDir()
	opt := tiny
	opt.Works = 250
	releasetest.Publish(f, dir, opt)
	s, _ := serve(f, dir, Options{ExportBytes: 8 << 20})
	addresses := []string{"/collections/works/items", "/collections/communes/items", "/collections/communes/items/31001", "/counts/works", "/figures/residents", "/export/works.csv", "/export/communes.gpkg",
		"/export/communes.parquet", "/export/works.geojson", "/export/works.fr.csv", "/export/communes.xlsx", "/export/communes.arrows", "/export/communes.pmtiles", "/api/go", "/api", "/collections", "/",
		"/collections/communes/tiles/WebMercatorQuad/10/373/516", "/tiles/communes/10/516/374.mvt", "/collections/works/queryables", "/catalog.jsonld", "/tiles"}
	for i, query := range []string{"limit=10&after=3", "bbox=1,43,2,44&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4326", "filter=kind='gas' AND S_INTERSECTS(geometry, POLYGON((1 43,2 43,2 44,1 43)))",
		`filter={"op":"=","args":[{"property":"kind"},"gas"]}&filter-lang=cql2-json`, "bbox=1,43,2,44&slots=all", "slot=weekday-08&measure=presence", "datetime=2026-03-14/..", "kind=gas&crs=http://www.opengis.net/def/crs/EPSG/0/2154",
		"within=POLYGON((1 43,2 43,2 44,1 43))&crs=EPSG:2154", "operation=getFeature&collectionId=works&featureId=..", "f=html&filter=name LIKE '%_'", "filter=%00&bbox=1e308,1e308,1e309,1e309"} {
		f.Add(uint8(i), query, "application/json", "bytes=0-5")
	}
	f.Fuzz(func(t *testing.T, which uint8, query, accept, ranges string) {
		address := addresses[int(which)%len(addresses)]
		raw := url.Values{}
		for part := range strings.SplitSeq(query, "&") { // written as a client that encodes would
			name, value, _ := strings.Cut(part, "=")
			raw.Add(name, value)
		}
		for _, q := range []string{query, raw.Encode()} {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.URL = &url.URL{Path: address, RawQuery: q}
			r.Header.Set("Accept", accept)
			r.Header.Set("Accept-Language", accept)
			r.Header.Set("Range", ranges)
			w := httptest.NewRecorder()
			started := time.Now()
			s.ServeHTTP(w, r)
			harmless(t, address+"?"+q, w, time.Since(started))
		}
	})
}

// FuzzBody sends any body.
func FuzzBody(f *testing.F) {
	dir := f.TempDir()
	releasetest.Publish(f, dir, tiny)
	s, _ := serve(f, dir, Options{})
	for _, body := range []string{`{"type":"Polygon","coordinates":[[[1.4,43.4],[1.7,43.4],[1.7,43.6],[1.4,43.4]]]}`, `{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]}}`, `{"type":"FeatureCollection","features":[{"geometry":null}]}`,
		`{"type":"MultiPolygon","coordinates":[[[[1,43],[2,43],[2,44],[1,43]],[[1.5,43.1],[1.6,43.1],[1.6,43.2],[1.5,43.1]]]]}`, `{"type":"GeometryCollection","geometries":[]}`, "[[[", "null", `{"type":"Polygon","coordinates":[]}`} {
		f.Add([]byte(body), "slot=all")
	}
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		for _, address := range []string{"/figures/residents", "/counts/works"} {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(string(body)))
			r.URL = &url.URL{Path: address, RawQuery: query}
			w := httptest.NewRecorder()
			started := time.Now()
			s.ServeHTTP(w, r)
			harmless(t, address+"?"+query+" "+string(body), w, time.Since(started))
		}
	})
}
