package query

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"jumeau/model/release/releasetest"
)

// FuzzRequest asks for anything with any headers: no answer is a fault of the server, and every error is a problem document.
func FuzzRequest(f *testing.F) {
	dir := f.TempDir()
	id := releasetest.Publish(f, dir, tiny)
	s, _ := serve(f, dir, Options{})
	for _, address := range []string{"/", "/catalog", "/values/presence?zones=commune&slot=weekday-08", "/profile/presence?zone=31001", "/flows/commuters?from=31001&to=31002",
		"/tiles/communes.json", "/tiles/communes/5/16/11.mvt", "/tiles/communes/4294967296/0/0.mvt", "/style.json", "/status", "/r/" + id + "/zones/epci",
		"/r/" + id + "/download/communes.parquet", "/r//catalog", "/r/" + id, "//", "/values/%00?slot=%ff", "/values/presence?%"} {
		f.Add(address, "gzip, br;q=0.5", "*/*", "bytes=0-5", `"x"`)
	}
	f.Fuzz(func(t *testing.T, address, encoding, accept, ranges, match string) {
		path, query, _ := strings.Cut(address, "?")
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path, RawQuery: query}
		for name, value := range map[string]string{"Accept-Encoding": encoding, "Accept": accept, "Accept-Language": accept, "Range": ranges, "If-None-Match": match, "If-Range": match} {
			r.Header.Set(name, value)
		}
		r.Host = accept
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%q: %d %s", address, w.Code, w.Body)
		}
		if w.Code >= 400 && w.Code != http.StatusRequestedRangeNotSatisfiable {
			var p problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Status != w.Code {
				t.Fatalf("%q: not a problem document: %s", address, w.Body)
			}
		}
	})
}
