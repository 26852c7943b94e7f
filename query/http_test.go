package query

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"jumeau/model/release/releasetest"
)

func TestAnswersAreRevalidatedByTheirETag(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	seen := map[string]string{}
	for _, address := range []string{"/catalog", "/zones/commune", "/values/presence", "/values/presence?slot=2025-01", "/profile/presence?zone=31001", "/flows/commuters",
		"/tiles/communes.json", "/tiles/communes/5/16/11.mvt", "/style.json", "/r/" + id + "/download/communes.parquet"} {
		for _, code := range []string{"", "gzip", "br"} {
			w := ask(s, address, "Accept-Encoding", code)
			tag := w.Header().Get("ETag")
			if w.Code != http.StatusOK || !strings.HasPrefix(tag, `"`+id+".") {
				t.Fatalf("%s: %d, ETag %s", address, w.Code, tag)
			}
			if other, ok := seen[tag]; ok && !strings.Contains(address, "download") {
				t.Errorf("%s %q has the tag of %s", address, code, other)
			}
			seen[tag] = address + " " + code
			for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
				again := ask(s, address, "Accept-Encoding", code, "If-None-Match", header)
				if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
					t.Errorf("%s with %s: %d", address, header, again.Code)
				}
			}
			if other := ask(s, address, "Accept-Encoding", code, "If-None-Match", `"other"`); other.Code != http.StatusOK {
				t.Errorf("%s with another tag: %d", address, other.Code)
			}
		}
	}
	if w := ask(s, "/values/noise", "If-None-Match", "*"); w.Code != http.StatusNotFound {
		t.Errorf("what does not exist is not modified: %d", w.Code)
	}
}

func TestTheClientChoosesTheCompression(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	plain := ask(s, "/catalog").Body.String()
	for accept, want := range map[string]string{
		"gzip, deflate, br": "br", "gzip": "gzip", "br;q=0, gzip": "gzip", "": "", "identity": "", "*": "gzip", "*;q=0": "", "gzip;q=0, *": "", "GZIP;q=0.2": "gzip",
	} {
		w := ask(s, "/catalog", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q", accept, got)
		}
		var r io.Reader = w.Body
		switch want {
		case "br":
			r = brotli.NewReader(r)
		case "gzip":
			var err error
			if r, err = gzip.NewReader(r); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := io.ReadAll(r); err != nil || string(text) != plain {
			t.Errorf("%q: other bytes, %v", accept, err)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary %q", accept, w.Header().Get("Vary"))
		}
	}
}

func TestHeadSaysWhatGetWouldSend(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for _, address := range []string{"/catalog", "/tiles/communes/5/16/11.mvt", "/r/" + id + "/download/communes.parquet", "/values/noise", "/healthz"} {
		get, head := ask(s, address), askBy(s, http.MethodHead, address)
		if head.Code != get.Code || head.Body.Len() != 0 {
			t.Errorf("%s: %d with %d bytes, GET says %d", address, head.Code, head.Body.Len(), get.Code)
		}
		if diff := cmp.Diff(get.Header(), head.Header()); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
}

func TestDownloadsComeInRanges(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	address := "/r/" + id + "/download/communes.parquet"
	whole := ask(s, address)
	if whole.Body.String() != "PAR1 a table of communes PAR1" || whole.Header().Get("Content-Disposition") != `attachment; filename="tiny-communes-`+id+`.parquet"` {
		t.Errorf("%s %v", whole.Body, whole.Header())
	}
	part := ask(s, address, "Range", "bytes=5-11")
	if part.Code != http.StatusPartialContent || part.Body.String() != "a table" || part.Header().Get("Content-Range") != "bytes 5-11/29" {
		t.Errorf("%d %q %v", part.Code, part.Body, part.Header())
	}
	if part := ask(s, address, "Range", "bytes=5-11", "If-Range", `"older"`); part.Code != http.StatusOK {
		t.Errorf("a range of another version: %d", part.Code)
	}
	if part := ask(s, address, "Range", "bytes=99-"); part.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range beyond the end: %d", part.Code)
	}
	if w := ask(s, "/download/works.parquet"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "communes.parquet") {
		t.Errorf("no such download: %s", w.Body)
	}
}

func TestTheServerStopsGracefully(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, listener) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + listener.Addr().String() + "/catalog")
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(err)
	}
	cancel() // with the body of an answer still unread
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !json.Valid(body) {
		t.Errorf("the answer under way was cut: %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
