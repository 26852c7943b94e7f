package schedule_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"jumeau/batch"
	"jumeau/batch/schedule"
	"jumeau/ingest/fetch"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/model/runlog"
)

// clock stands still until somebody waits.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	return ctx.Err()
}

// town is a territory with one source on disk and one that a producer publishes.
func town(t *testing.T, producer string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"territory.yaml": `territory: ville
title: {fr: Ville, en: Town}
contact: sig@ville.example
bbox: [1, 43, 3, 44]
time_zone: Europe/Paris
zones: [commune]
schedule: "30 2 * * *"
announce:
  mail: {to: [sig@ville.example], from: jumeau@ville.example, server: "smtp.example:25"}
  feed: true
`,
		"sources/communes.yaml": `source: communes
title: {fr: Communes, en: Communes}
from: {path: communes.geojson}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    code: {type: text, role: id}
  geometry: {type: polygon}
zones: {system: commune, title: {fr: Communes, en: Communes}, id: code}
`,
		"sources/stops.yaml": `source: stops
title: {fr: Arrêts, en: Stops}
from: {url: "` + producer + `/stops.csv"}
read: {crs: "EPSG:4326"}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    stop_id: {type: text, role: id, required: true}
  geometry: {type: point, x: lon, y: lat}
behaviour: {class: A}
measures:
  stops: {title: {fr: Arrêts, en: Stops}, unit: {fr: arrêts, en: stops}, zones: commune}
`,
		"communes.geojson": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"1"},"geometry":{"type":"Polygon","coordinates":[[[1,43],[2,43],[2,44],[1,44],[1,43]]]}}]}`,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// night is one run, in this process or in a child.
type night struct {
	dir, releases, why string
	now, due           time.Time
}

// halting is a progress that says when the layers are built, and then goes no further: a child to be killed in the middle.
type halting struct{}

func (halting) Begin(name string, _ int64) (func(int64), func(string)) {
	if name == "layers" {
		fmt.Println("in the middle")
		select {}
	}
	return func(int64) {}, func(string) {}
}

func (n night) run(ctx context.Context, halt bool) (int, error) {
	t, err := declare.Read(os.DirFS(n.dir))
	if err != nil {
		return runlog.ExitFailed, err
	}
	c := &clock{n.now}
	opt := batch.RefreshOptions{By: "sig@ville", Why: n.why, Due: n.due,
		Options: batch.Options{Territory: t, Releases: n.releases, Folders: []string{n.dir}, Version: "test", Threads: 1, Log: slog.New(slog.DiscardHandler), Now: c.Now},
		Fetch:   fetch.Options{Work: n.dir, Version: "test", Attempts: 3, Stall: time.Second, Sleep: c.Wait}}
	if halt {
		opt.Progress = halting{}
	}
	done, err := batch.Refresh(ctx, opt)
	if err != nil {
		return batch.ExitCode(err), err
	}
	return done.Record.Exit, nil
}

const childEnv = "JUMEAU_TEST_NIGHT"

// TestMain lets the test binary be a run: DIR|RELEASES|WHY|NOW|DUE|LIMIT, where LIMIT is the greatest file it may write, 0: none and
// stop in the middle.
func TestMain(m *testing.M) {
	text := os.Getenv(childEnv)
	if text == "" {
		os.Exit(m.Run())
	}
	f := strings.Split(text, "|")
	now, _ := time.Parse(time.RFC3339, f[3])
	due, _ := time.Parse(time.RFC3339, f[4])
	limit, _ := strconv.ParseUint(f[5], 10, 64)
	if limit > 0 {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			os.Exit(9)
		}
	}
	code, err := night{f[0], f[1], f[2], now, due}.run(context.Background(), limit == 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func (n night) child(limit int) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{n.dir, n.releases, n.why, n.now.Format(time.RFC3339), n.due.Format(time.RFC3339), strconv.Itoa(limit)}, "|"))
	return c
}

// killed is a run that a power cut ends.
func (n night) killed() (int, error) {
	c := n.child(0)
	out, err := c.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := c.Start(); err != nil {
		return 0, err
	}
	if _, err := io.ReadFull(out, make([]byte, len("in the middle"))); err != nil {
		return 0, fmt.Errorf("the run never came to the middle: %w", err)
	}
	if err := c.Process.Kill(); err != nil {
		return 0, err
	}
	c.Wait()
	return runlog.ExitUnavailable, errors.New("signal: killed")
}

// full is a run on a disk that takes no file above a few kilobytes.
func (n night) full() (int, error) {
	c := n.child(48 << 10)
	out, err := c.CombinedOutput()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), errors.New(string(out))
	}
	return 0, err
}

// postOffice is an SMTP server that insists on STARTTLS and, when it has a password, on it.
type postOffice struct {
	mu       sync.Mutex
	password string
	letters  []string
	down     bool
	address  string
	roots    *x509.CertPool
}

func newPostOffice(t *testing.T, password string) *postOffice {
	certified := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate
	t.Cleanup(certified.Close)
	p := &postOffice{password: password, roots: x509.NewCertPool()}
	p.roots.AddCert(certified.Certificate())
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.down {
			return nil, errors.New("closed")
		}
		return &letterBox{p, c, false}, nil
	}))
	s.TLSConfig, s.Domain = certified.TLS, "smtp.example"
	l := httptest.NewUnstartedServer(nil).Listener
	p.address = l.Addr().String()
	go s.Serve(l)
	t.Cleanup(func() { s.Close() })
	return p
}

func (p *postOffice) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.letters
	p.letters = nil
	return out
}

type letterBox struct {
	*postOffice
	conn  *smtp.Conn
	known bool
}

func (l *letterBox) AuthMechanisms() []string { return []string{sasl.Plain} }

func (l *letterBox) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "jumeau" || password != l.password {
			return errors.New("no")
		}
		l.known = true
		return nil
	}), nil
}

func (l *letterBox) Mail(string, *smtp.MailOptions) error {
	if _, encrypted := l.conn.TLSConnectionState(); !encrypted {
		return errors.New("encrypt first")
	}
	if l.password != "" && !l.known {
		return errors.New("say who you are")
	}
	return nil
}

func (l *letterBox) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (l *letterBox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.letters = append(l.letters, string(text))
	return err
}

func (l *letterBox) Reset()        {}
func (l *letterBox) Logout() error { return nil }

// declared is the territory, with the post office that listens in the place of the declared one.
func declared(t *testing.T, dir string, p *postOffice) *model.Territory {
	t.Helper()
	territory, err := declare.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	territory.Announce.Mail.Server = p.address
	return territory
}

func announcer(t *testing.T, territory *model.Territory, p *postOffice, getenv func(string) string) *schedule.Announcer {
	t.Helper()
	a, err := schedule.NewAnnouncer(territory, schedule.SendOptions{Getenv: getenv, Roots: p.roots})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
