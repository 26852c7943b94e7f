package schedule_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"mime/quotedprintable"

	"github.com/google/go-cmp/cmp"

	"jumeau/batch/schedule"
	"jumeau/model/release"
	"jumeau/model/runlog"
	"jumeau/query"
)

var update = flag.Bool("update", false, "rewrite the golden text")

// month is a simulated month of nightly runs: real fetches, real runs, real releases, real messages; only the time is invented.
type month struct {
	t         *testing.T
	clock     *clock
	dir       string
	releases  string
	producer  *httptest.Server
	post      *postOffice
	scheduler *schedule.Scheduler
	planner   *httptest.Server
	names     map[string]string // release by id: R1, R2 …
	text      strings.Builder   // what is read in the mornings
	shown     int               // runs that were

	mu    sync.Mutex
	serve http.HandlerFunc
	run   func(night) (int, error) // nil: in this process
}

func stops(header string, n int) string {
	text := header + ",lon,lat\n"
	for i := range n {
		text += fmt.Sprintf("s%03d,1.%02d,43.5\n", i, 10+i%80)
	}
	return text
}

func good(n int) http.HandlerFunc {
	text := stops("stop_id", n)
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, n))
		http.ServeContent(w, r, "stops.csv", time.Time{}, strings.NewReader(text))
	}
}

func half(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		text := stops("stop_id", n)
		w.Header().Set("Content-Length", fmt.Sprint(len(text)))
		io.WriteString(w, text[:len(text)/2])
	}
}

func newMonth(t *testing.T) *month {
	m := &month{t: t, clock: &clock{at(t, "2026-09-30 10:00")}, releases: t.TempDir(), names: map[string]string{}, serve: good(100)}
	m.producer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		serve := m.serve
		m.mu.Unlock()
		serve(w, r)
	}))
	t.Cleanup(m.producer.Close)
	m.dir = town(t, m.producer.URL)
	m.post = newPostOffice(t, "")
	territory := declared(t, m.dir, m.post)
	m.scheduler = &schedule.Scheduler{Releases: m.releases, Territory: "ville", Title: "Ville", Plan: nightly(t), Clock: m.clock,
		Announcer: announcer(t, territory, m.post, os.Getenv), Log: slog.New(slog.DiscardHandler),
		Run: func(ctx context.Context, why string, due time.Time) (int, error) {
			n := night{m.dir, m.releases, why, m.clock.now, due}
			if m.run != nil {
				return m.run(n)
			}
			return n.run(ctx, false)
		}}
	server := query.New(m.releases, query.Options{Log: slog.New(slog.DiscardHandler), Poll: 5 * time.Millisecond})
	m.planner = httptest.NewServer(server)
	t.Cleanup(func() { m.planner.Close(); server.Close() })
	return m
}

func (m *month) publishes(serve http.HandlerFunc) {
	m.mu.Lock()
	m.serve = serve
	m.mu.Unlock()
}

// until lets the scheduler do what it does up to a time, which is then.
func (m *month) until(text string) {
	m.t.Helper()
	end := at(m.t, text)
	for range 200 {
		_, next, err := m.scheduler.Once(m.t.Context())
		if err != nil {
			m.t.Fatal(err)
		}
		if next.After(end) {
			m.clock.now = end
			return
		}
		if next.After(m.clock.now) {
			m.clock.now = next
		}
	}
	m.t.Fatalf("the scheduler turns on the spot at %s", m.clock.now)
}

// morning is what the operator finds, and what a planner is served.
func (m *month) morning(remark string) {
	m.t.Helper()
	id, err := release.Current(m.releases)
	if err != nil {
		m.t.Fatal(err)
	}
	opened, err := release.Open(m.releases, id)
	if err != nil {
		m.t.Fatalf("%s: the served release is broken: %v", m.clock.now, err)
	}
	if err := opened.Verify(m.t.Context(), nil); err != nil {
		m.t.Fatalf("%s: the served release is not what was signed: %v", m.clock.now, err)
	}
	m.asked(id)
	fmt.Fprintf(&m.text, "\n== %s, en ligne %s", m.clock.now.Format("Mon 02 Jan 15:04 MST"), m.name(id))
	if remark != "" {
		fmt.Fprintf(&m.text, " (%s)", remark)
	}
	m.text.WriteString("\n")
	diary, err := runlog.Read(m.releases)
	if err != nil || diary.Damaged > 0 {
		m.t.Fatalf("the diary is damaged: %v", err)
	}
	for _, r := range diary.Runs[m.shown:] {
		fmt.Fprintf(&m.text, "run %s %s: %s, exit %d, %s\n", r.Begin.At.In(paris(m.t)).Format("02 15:04"), r.Begin.Why, r.End.Result, r.End.Exit, m.name(r.End.Release))
	}
	m.shown = len(diary.Runs)
	for _, letter := range m.post.take() {
		m.letter(letter)
	}
}

func (m *month) letter(raw string) {
	m.t.Helper()
	l, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		m.t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(l.Header.Get("Subject"))
	if err != nil {
		m.t.Fatal(err)
	}
	body := l.Body
	if l.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		m.t.Fatal(err)
	}
	date, _ := l.Header.Date()
	fmt.Fprintf(&m.text, "mail %s: %s\n", date.In(paris(m.t)).Format("02 15:04"), subject)
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\r\n", "\n")) {
		fmt.Fprintf(&m.text, "   | %s\n", strings.TrimSpace(line))
	}
}

// asked holds the server to the release: its catalogue is that one, within a second.
func (m *month) asked(id string) {
	m.t.Helper()
	var got struct{ Release string }
	for range 200 {
		r, err := http.Get(m.planner.URL + "/catalog")
		if err != nil {
			m.t.Fatal(err)
		}
		err = json.NewDecoder(r.Body).Decode(&got)
		r.Body.Close()
		if err == nil && r.StatusCode == http.StatusOK && got.Release == id {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	m.t.Fatalf("the server answers from %q, the release is %q", got.Release, id)
}

func (m *month) name(id string) string {
	if id == "" {
		return "-"
	}
	if m.names[id] == "" {
		m.names[id] = fmt.Sprintf("R%d", len(m.names)+1)
	}
	return m.names[id]
}

// told is the text of the month, without what differs from machine to machine.
func (m *month) told() string {
	text := m.text.String()
	for id, name := range m.names {
		text = strings.ReplaceAll(text, id, name)
	}
	text = strings.NewReplacer(strings.TrimPrefix(m.producer.URL, "http://"), "PRODUCER", m.dir, "DIR", m.releases, "RELEASES").Replace(text)
	text = regexp.MustCompile(`(jumeau runs show \S+Z)-\d+`).ReplaceAllString(text, "$1")
	return regexp.MustCompile(`(draft-|-build\.tmp|source\.\w+\.)\d+`).ReplaceAllString(text, "${1}N")
}

func TestAMonthOfNights(t *testing.T) {
	m := newMonth(t)
	days := func(from, to int, remark string) {
		for d := from; d <= to; d++ {
			m.until(fmt.Sprintf("2026-10-%02d 08:00", d))
			m.morning(remark)
		}
	}
	m.until("2026-09-30 10:30")
	m.morning("premier jour")
	days(1, 2, "")
	m.publishes(good(120))
	days(3, 4, "")
	m.publishes(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	days(5, 6, "le producteur est en panne")
	m.publishes(good(130))
	days(7, 8, "")
	m.publishes(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, stops("id_arret", 130)) })
	days(9, 10, "une colonne a changé de nom")
	m.publishes(good(131))
	days(11, 12, "")
	m.publishes(half(140))
	days(13, 13, "la moitié d'un fichier")
	m.publishes(good(140))
	days(14, 15, "")

	m.publishes(good(150))
	m.run = night.killed
	m.until("2026-10-16 02:29")
	_, _, _ = m.scheduler.Once(t.Context())
	m.clock.now = at(t, "2026-10-16 02:30")
	n := night{m.dir, m.releases, runlog.OnTime, m.clock.now, m.clock.now}
	if _, err := n.killed(); err == nil || err.Error() != "signal: killed" { // and the scheduler with it: nobody notes anything
		t.Fatal(err)
	}
	m.clock.now = at(t, "2026-10-16 07:40")
	m.run = nil
	days(16, 17, "coupure de courant à 02:30, retour à 07:40")

	m.publishes(good(160))
	m.until("2026-10-19 00:00")
	m.morning("")
	m.publishes(good(165))
	m.run = night.full
	m.until("2026-10-19 05:50")
	m.run = nil
	days(19, 20, "disque plein jusqu'à 05:50")

	m.until("2026-10-22 09:00")
	if _, _, err := release.RollbackAndHold(m.releases, "", release.Hold{Since: m.clock.now, By: "sig@ville", Why: "arrêts faux"}); err != nil {
		t.Fatal(err)
	}
	m.publishes(good(170))
	days(23, 24, "retour en arrière le 22 à 09:00")
	if _, err := release.Resume(m.releases); err != nil {
		t.Fatal(err)
	}
	days(25, 27, "reprise le 24 à 08:00")
	m.publishes(good(180))
	m.clock.now = at(t, "2026-10-29 10:00")
	m.until("2026-10-29 10:01")
	m.morning("machine éteinte deux nuits")
	m.publishes(good(60))
	days(30, 30, "un fichier entier, mais bien plus court")
	m.publishes(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Replace(stops("stop_id", 180), "stop_id,lon,lat", "stop_id,lat,lon", 1))
	})
	days(31, 31, "longitude et latitude échangées")
	m.publishes(good(181))
	m.until("2026-11-01 08:00")
	m.morning("")

	path := filepath.Join("testdata", "month.golden")
	got := m.told()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what the operator reads has changed (-update rewrites it):\n%s", diff)
	}
	feed, err := os.ReadFile(filepath.Join(m.releases, runlog.FeedName))
	if err != nil || strings.Count(string(feed), "<entry>") != strings.Count(got, "\nmail ") {
		t.Errorf("the feed and the letters differ: %v\n%s", err, feed)
	}
}
