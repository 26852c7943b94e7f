package fetch_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jumeau/ingest/fetch"
	"jumeau/model"
)

// producer is a real server whose answers a test chooses, and which remembers what it was asked.
type producer struct {
	*httptest.Server
	mu    sync.Mutex
	asked []*http.Request
	serve http.HandlerFunc
}

func newProducer(t *testing.T, serve http.HandlerFunc) *producer {
	p := &producer{serve: serve}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.asked = append(p.asked, r)
		serve := p.serve
		p.mu.Unlock()
		serve(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *producer) becomes(serve http.HandlerFunc) {
	p.mu.Lock()
	p.serve, p.asked = serve, nil
	p.mu.Unlock()
}

func (p *producer) times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.asked)
}

func (p *producer) request(i int) *http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[i]
}

// rig is a work folder, a source and a clock.
type rig struct {
	t     *testing.T
	work  string
	src   *model.Source
	now   time.Time
	waits []time.Duration
	opt   fetch.Options
	log   *bytes.Buffer
}

func newRig(t *testing.T, url string) *rig {
	r := &rig{t: t, work: t.TempDir(), now: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC), log: &bytes.Buffer{}}
	r.src = &model.Source{ID: "stops", From: model.From{URL: url, Every: "PT12H", MaxMiB: 1}}
	r.opt = fetch.Options{Work: r.work, Version: "1.2", Attempts: 3, Stall: 300 * time.Millisecond, Now: func() time.Time { return r.now },
		Sleep: func(ctx context.Context, d time.Duration) error { r.waits = append(r.waits, d); return ctx.Err() },
		Log:   slog.New(slog.NewTextHandler(r.log, nil))}
	return r
}

func (r *rig) run() fetch.Outcome {
	r.t.Helper()
	territory := &model.Territory{ID: "ville", Contact: "sig@ville.example", Sources: []*model.Source{r.src}}
	result, err := fetch.Run(r.t.Context(), territory, territory.Sources, r.opt)
	if err != nil {
		r.t.Fatal(err)
	}
	return result.Outcomes[0]
}

// is runs, and holds the outcome to a state and, when there are bytes, to them.
func (r *rig) is(state, content string) fetch.Outcome {
	r.t.Helper()
	out := r.run()
	if out.State != state {
		r.t.Fatalf("it is %s (%v), not %s", out.State, out.Err, state)
	}
	if content == "" {
		return out
	}
	for _, e := range out.Entries {
		got, err := os.ReadFile(filepath.Join(r.work, e.File))
		if err != nil {
			r.t.Fatal(err)
		}
		if string(got) != content {
			r.t.Fatalf("there are %d bytes, not the %d of the producer", len(got), len(content))
		}
		if e.SHA256 != sum(content) || e.Bytes != int64(len(content)) {
			r.t.Fatalf("the lock says %+v", e)
		}
	}
	return out
}

// fails runs, and holds the error to its kind and to words of it.
func (r *rig) fails(kind model.Kind, words string) {
	r.t.Helper()
	out := r.run()
	if out.State != fetch.Failed || model.KindOf(out.Err) != kind || !strings.Contains(out.Err.Error(), words) {
		r.t.Fatalf("it is %s, %v: %v; want %v and %q", out.State, model.KindOf(out.Err), out.Err, kind, words)
	}
	if model.HintOf(out.Err) == "" {
		r.t.Errorf("%v has no hint", out.Err)
	}
}

func (r *rig) later() { r.now = r.now.Add(24 * time.Hour) }

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func zipped(t *testing.T, members map[string]string) string {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for name, text := range members {
		m, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := m.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// file serves a text with an ETag, as a good server does: ranges and conditions included.
func file(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+sum(text)[:8]+`"`)
		http.ServeContent(w, r, "", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), strings.NewReader(text))
	}
}

// cut serves a good answer up to so many bytes, then the connection ends.
func cut(text string, at int, good http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Range") != "" {
			good(w, r)
			return
		}
		rec := httptest.NewRecorder()
		good(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		w.Write(rec.Body.Bytes()[:at])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}
