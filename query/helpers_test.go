package query

import (
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"jumeau/model/release/releasetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func minute(n int) time.Time { return time.Date(2026, 11, 23, 2, n, 0, 0, time.UTC) }

var tiny = releasetest.Options{BuiltAt: minute(0)}

// journal is a log that fails the test on a warning that nobody claims.
type journal struct {
	t      testing.TB
	mu     sync.Mutex
	lines  []string
	claims []string
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	return len(line), nil
}

// claim expects a warning or an error that contains the text.
func (j *journal) claim(text string) { j.claims = append(j.claims, text) }

func (j *journal) check() {
	j.mu.Lock()
	defer j.mu.Unlock()
	claimed := map[string]bool{}
lines:
	for _, line := range j.lines {
		if !strings.Contains(line, "level=WARN") && !strings.Contains(line, "level=ERROR") {
			continue
		}
		for _, text := range j.claims {
			if strings.Contains(line, text) {
				claimed[text] = true
				continue lines
			}
		}
		j.t.Errorf("unclaimed in the log: %s", line)
	}
	for _, text := range j.claims {
		if !claimed[text] {
			j.t.Errorf("the log does not say %q", text)
		}
	}
}

// serve makes a server over the folder, with a log that is checked.
func serve(t testing.TB, dir string, opt Options) (*Server, *journal) {
	t.Helper()
	j := &journal{t: t}
	opt.Log = slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if opt.Poll == 0 {
		opt.Poll = 10 * time.Millisecond
	}
	s := New(dir, opt)
	t.Cleanup(func() { s.Close(); j.check() })
	return s, j
}

// ask sends a request; headers are name, value, name, value.
func ask(s http.Handler, address string, headers ...string) *httptest.ResponseRecorder {
	return askBy(s, http.MethodGet, address, headers...)
}

func askBy(s http.Handler, method, address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://twin.example"+address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) (out T) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return out
}

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not come")
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}
