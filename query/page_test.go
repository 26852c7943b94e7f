package query

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"jumeau/model/release/releasetest"
)

func TestThePageIsServedWithItsPolicy(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	page := fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>map</title>")},
		"assets/app-1a2b.js":  {Data: bytes.Repeat([]byte("let x = 1;\n"), 100)},
		"assets/app-1a2b.css": {Data: []byte("body {}")},
		"assets/app-3c.js":    {Data: bytes.Repeat([]byte("let y = 1;\n"), 100)},
		"assets/app-3c.js.br": {Data: []byte("packed by the builder")},
	}
	s, _ := serve(t, dir, Options{Page: page})
	w := ask(s, "/?layer=communes", "Accept-Encoding", "br")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<title>map") || w.Header().Get("Cache-Control") != "public, no-cache" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, part := range []string{"default-src 'self'", "worker-src 'self' blob:", "style-src 'self'", "frame-ancestors 'self'"} {
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), part) {
			t.Errorf("policy %q lacks %q", w.Header().Get("Content-Security-Policy"), part)
		}
	}
	js := ask(s, "/assets/app-1a2b.js", "Accept-Encoding", "br")
	if js.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || js.Header().Get("Content-Encoding") != "br" || js.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%v", js.Header())
	}
	if packed := ask(s, "/assets/app-3c.js", "Accept-Encoding", "br"); packed.Body.String() != "packed by the builder" || packed.Header().Get("Content-Encoding") != "br" {
		t.Errorf("a file packed by the builder: %v", packed.Header())
	}
	if w := ask(s, "/assets/app-3c.js.br"); w.Code != 404 {
		t.Errorf("a packed file by its own name: %d", w.Code)
	}
	if again := ask(s, "/", "If-None-Match", ask(s, "/").Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("the page again: %d", again.Code)
	}
	if w := ask(s, "/assets/none.js"); w.Code != 404 {
		t.Errorf("a file that is not there: %d", w.Code)
	}
}

func TestWithoutABuiltPageTheRootExplainsItself(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for lang, words := range map[string][]string{
		"fr-FR, en;q=0.5": {`lang="fr"`, "sans la page", "Qui habite où ?", id, "/tiles/communes.json"},
		"en":              {`lang="en"`, "without the map page", "Who lives where?", id},
	} {
		w := ask(s, "/", "Accept-Language", lang, "Accept", "text/html")
		for _, word := range words {
			if !strings.Contains(w.Body.String(), word) {
				t.Errorf("%s: does not say %q: %s", lang, word, w.Body)
			}
		}
	}
}

func TestTheStatusPageIsForPeopleAndPrograms(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{Version: "1.2.3"})
	ask(s, "/catalog")
	got := decode[report](t, ask(s, "/status", "Accept", "application/json"))
	if got.Release != id || got.Layers != 2 || got.Server.Requests != 1 || got.Server.Version != "1.2.3" || got.Sources[0].Rejected[0].Count != 1 || got.Cost.WallSeconds != 1.5 {
		t.Errorf("status is %+v", got)
	}
	french := ask(s, "/status", "Accept", "text/html,*/*;q=0.1", "Accept-Language", "fr")
	for _, word := range []string{`<html lang="fr">`, id, "Publication servie", "Licence Ouverte 2.0", "aucun chiffre n’est réel", "Tout petit territoire"} {
		if !strings.Contains(french.Body.String(), word) {
			t.Errorf("does not say %q: %s", word, french.Body)
		}
	}
	if english := ask(s, "/status", "Accept", "text/html", "Accept-Language", "en"); !strings.Contains(english.Body.String(), "Rows read") {
		t.Error(english.Body)
	}
}

func TestAnEmptyFolderIsServedKindlyAndFilledWithoutRestart(t *testing.T) {
	dir := t.TempDir()
	s, _ := serve(t, dir, Options{})
	if w := ask(s, "/healthz"); w.Code != 200 {
		t.Errorf("healthz %d", w.Code)
	}
	w := ask(s, "/catalog")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "jumeau run") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(s, "/readyz"); w.Code != 503 {
		t.Errorf("readyz %d", w.Code)
	}
	if w := ask(s, "/", "Accept", "text/html"); w.Code != 200 || !strings.Contains(w.Body.String(), "jumeau run") {
		t.Errorf("/ %d %s", w.Code, w.Body)
	}
	id := releasetest.Publish(t, dir, tiny)
	eventually(t, func() bool { return ask(s, "/readyz").Body.String() == id+"\n" })
}
