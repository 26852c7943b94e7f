package query

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/model/release/releasetest"
)

func TestErrorsSayWhatToTry(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for address, want := range map[string]struct {
		status int
		hint   string
	}{
		"/values/residants":                        {404, "did you mean residents?"},
		"/values/residents?zones=communes":         {404, "did you mean commune?"},
		"/values/residents?slot=weekday-08":        {404, "there are: all"},
		"/values/presence?slot=weekday-8":          {400, "did you mean weekday-08?"},
		"/values/presence?slto=all":                {400, "did you mean slot?"},
		"/values/presence?slot=all&slot=all":       {400, "write it once"},
		"/values/presence?slot=%zz":                {400, "?name=value"},
		"/values/presence?a;b":                     {400, "?name=value"},
		"/profile/presence":                        {400, "the id of a zone"},
		"/profile/presence?zone=31003":             {404, "did you mean 3100"},
		"/flows/commuter":                          {404, "did you mean commuters?"},
		"/flows/commuters?from=x":                  {404, "/zones/commune"},
		"/flows/commuters?zones=region":            {404, "there are: commune, epci"},
		"/zones/comune":                            {404, "did you mean commune?"},
		"/tiles/comunes/10/516/373.mvt":            {404, "did you mean communes?"},
		"/tiles/communes/3/0/0.mvt":                {404, "zooms 5 to 14"},
		"/tiles/communes/5/32/0.mvt":               {404, "x and y are 0 to 31"},
		"/tiles/communes/5/-1/0.mvt":               {400, "whole numbers"},
		"/tiles/communes/05/1/0.mvt":               {400, "whole numbers"},
		"/tiles/communes/5/1/0.png":                {404, ".mvt"},
		"/tiles/communes/5/16/11.mvt?slto=all":     {400, "did you mean slot?"},
		"/tiles/communes":                          {404, "/tiles/{layer}.json"},
		"/catalogue":                               {404, "did you mean /catalog?"},
		"/r/2026-01-01T0000Z-000000/catalog":       {404, "reload the page"},
		"/r/" + id + "/nothing":                    {404, "the addresses are"},
		"/r/..%2f..%2fkey/catalog":                 {404, "the addresses are"},
		"/assets/../../etc/passwd":                 {404, "the addresses are"},
		"/catalog?" + strings.Repeat("a", 13_000):  {400, "shorten it"},
		"/values/" + strings.Repeat("%C3%A9", 400): {404, "there are: residents, presence"},
	} {
		w := ask(s, address)
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		if w.Code != want.status || p.Status != want.status || !strings.Contains(p.Hint, want.hint) || p.Title == "" || p.Detail == "" || !strings.HasPrefix(p.Type, "urn:jumeau:problem:") {
			t.Errorf("%s: %+v, want %d and %q", address, p, want.status, want.hint)
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %v", address, w.Header())
		}
		if strings.Contains(w.Body.String(), dir) {
			t.Errorf("%s tells a path of the server: %s", address, w.Body)
		}
	}
	if w := askBy(s, http.MethodPost, "/catalog"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	if w := askBy(s, http.MethodOptions, "/catalog"); w.Code != http.StatusNoContent {
		t.Errorf("OPTIONS: %d", w.Code)
	}
}

func TestAPanicIsOneFailedRequestAndItsCauseStaysInTheLog(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, j := serve(t, dir, Options{})
	s.holder.mu.Lock()
	delete(s.holder.current.whole.layers, "communes") // encoding a nil layer panics
	s.holder.mu.Unlock()
	j.claim("request failed")
	w := ask(s, "/tiles/communes/5/16/11.mvt")
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 500 || !strings.HasPrefix(p.Instance, "urn:jumeau:fault:") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "nil pointer") {
		t.Errorf("the answer tells the cause: %s", w.Body)
	}
	if log := strings.Join(j.lines, ""); !strings.Contains(log, strings.TrimPrefix(p.Instance, "urn:jumeau:fault:")) || !strings.Contains(log, "nil pointer") {
		t.Errorf("the log does not tell the cause under the id: %s", log)
	}
	if w := ask(s, "/r/"+id+"/catalog"); w.Code != 200 {
		t.Errorf("after the panic: %d", w.Code)
	}
}

func TestAFileCutShortIsAFailedRequestNotADeadServer(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, j := serve(t, dir, Options{})
	j.claim("request failed")
	if err := os.Truncate(filepath.Join(dir, id, "values", "residents.epci.arrow"), 0); err != nil {
		t.Fatal(err)
	}
	if w := ask(s, "/values/residents?zones=epci"); w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
	if w := ask(s, "/values/residents?zones=commune"); w.Code != 200 {
		t.Errorf("other figures: %d", w.Code)
	}
}

func TestTheLogHasNoPersonalData(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, j := serve(t, dir, Options{})
	ask(s, "/catalog", "User-Agent", "a browser", "X-Forwarded-For", "198.51.100.7")
	log := strings.Join(j.lines, "")
	for _, personal := range []string{"192.0.2.1", "198.51.100.7", "a browser"} {
		if strings.Contains(log, personal) {
			t.Errorf("the log says %q: %s", personal, log)
		}
	}
	if !strings.Contains(log, "path=/catalog status=200") {
		t.Errorf("the log does not say what was asked: %s", log)
	}
}
