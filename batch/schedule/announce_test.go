package schedule_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/batch/schedule"
	"jumeau/model"
	"jumeau/model/runlog"
)

// told is a scheduler whose runs end as a test says.
type told struct {
	*schedule.Scheduler
	t      *testing.T
	clock  *clock
	result runlog.Record
	log    strings.Builder
}

func newTold(t *testing.T, territory *model.Territory, opt schedule.SendOptions) *told {
	r := &told{t: t, clock: &clock{at(t, "2026-10-01 02:30")}, result: runlog.Record{Result: runlog.Published}}
	a, err := schedule.NewAnnouncer(territory, opt)
	if err != nil {
		t.Fatal(err)
	}
	r.Scheduler = &schedule.Scheduler{Releases: t.TempDir(), Territory: "ville", Title: "Ville", Plan: nightly(t), Clock: r.clock, Announcer: a,
		Log: slog.New(slog.NewTextHandler(&r.log, nil)), Run: func(_ context.Context, why string, due time.Time) (int, error) {
			r.write(why, r.result)
			return r.result.Exit, nil
		}}
	return r
}

func (r *told) write(why string, end runlog.Record) {
	turn, err := runlog.Begin(r.Releases, runlog.Record{Why: why}, r.clock.now)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := turn.End(end, r.clock.now); err != nil {
		r.t.Fatal(err)
	}
}

// once lets the scheduler look at a time.
func (r *told) once(text string) {
	r.t.Helper()
	r.clock.now = at(r.t, text)
	if _, _, err := r.Once(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
}

var broken = runlog.Record{Result: runlog.Failed, Exit: runlog.ExitFailed, Error: "no column", Hint: "look"}

func TestALetterNeedsEncryptionAndAPassword(t *testing.T) {
	post := newPostOffice(t, "correct-horse")
	territory := &model.Territory{ID: "ville", TimeZone: "Europe/Paris", Announce: &model.Announce{Language: "en", Mail: &model.Mail{
		To: []string{"a@ville.example", "b@ville.example"}, From: "jumeau@ville.example", Server: post.address, User: "jumeau", Password: &model.Secret{Env: "SMTP"}}}}
	secrets := map[string]string{"SMTP": "correct-horse"}
	opt := schedule.SendOptions{Getenv: func(name string) string { return secrets[name] }, Roots: post.roots}
	r := newTold(t, territory, opt)
	r.result = broken
	r.once("2026-10-01 02:30")
	letters := post.take()
	if len(letters) != 1 || !strings.Contains(letters[0], "Subject: Ville: the update failed") || !strings.Contains(letters[0], "Auto-Submitted: auto-generated") ||
		!strings.Contains(letters[0], "no column") || !strings.Contains(letters[0], "b@ville.example") {
		t.Fatalf("%q\n%s", letters, r.log.String())
	}
	secrets["SMTP"] = "wrong-horse-battery"
	wrong := newTold(t, territory, opt)
	wrong.result = broken
	wrong.once("2026-10-01 02:30")
	if len(post.take()) != 0 || !strings.Contains(wrong.log.String(), "could not be told") || strings.Contains(wrong.log.String(), "wrong-horse") {
		t.Errorf("a wrong password: %s", wrong.log.String())
	}
	territory.Announce.Mail.User, territory.Announce.Mail.Password = "", nil
	strangers := newTold(t, territory, schedule.SendOptions{Getenv: os.Getenv}) // which do not know the certificate
	strangers.result = broken
	strangers.once("2026-10-01 02:30")
	if len(post.take()) != 0 || !strings.Contains(strangers.log.String(), "certificate") {
		t.Errorf("a certificate that nobody vouches for: %s", strangers.log.String())
	}
	delete(secrets, "SMTP")
	territory.Announce.Mail.User, territory.Announce.Mail.Password = "jumeau", &model.Secret{Env: "SMTP"}
	if _, err := schedule.NewAnnouncer(territory, opt); err == nil || !strings.Contains(err.Error(), "SMTP") {
		t.Errorf("a missing password is noticed too late: %v", err)
	}
}

func TestAWebhookIsSignedAndTriedAgain(t *testing.T) {
	code := http.StatusInternalServerError
	var bodies, ids []string
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := hmac.New(sha256.New, []byte("key-of-the-hook"))
		io.WriteString(h, r.Header.Get("Webhook-Id")+"."+r.Header.Get("Webhook-Timestamp")+".")
		h.Write(body)
		if want := "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)); r.Header.Get("Webhook-Signature") != want {
			t.Errorf("the signature is %s, not %s", r.Header.Get("Webhook-Signature"), want)
		}
		bodies, ids = append(bodies, string(body)), append(ids, r.Header.Get("Webhook-Id"))
		w.WriteHeader(code)
	}))
	defer s.Close()
	territory := &model.Territory{ID: "ville", TimeZone: "Europe/Paris", Announce: &model.Announce{Language: "fr",
		Webhook: &model.Webhook{URL: s.URL + "/hook?token=abc", Secret: &model.Secret{Env: "HOOK"}}}}
	roots := newPostOffice(t, "").roots
	roots.AddCert(s.Certificate())
	r := newTold(t, territory, schedule.SendOptions{Getenv: func(string) string { return "key-of-the-hook" }, Roots: roots})
	r.result = broken
	r.once("2026-10-01 02:30")
	r.once("2026-10-01 02:35") // too soon
	code = http.StatusNoContent
	r.once("2026-10-01 02:50")
	r.once("2026-10-01 03:30")
	if len(bodies) != 2 || ids[0] != ids[1] || !strings.Contains(bodies[1], `"state":"failing"`) {
		t.Fatalf("%q %q", ids, bodies)
	}
	if strings.Contains(r.log.String(), "token=abc") || strings.Contains(r.log.String(), "key-of-the-hook") {
		t.Errorf("the log tells secrets: %s", r.log.String())
	}
}

func TestPeopleAreToldOfChangesAndOnceADay(t *testing.T) {
	var subjects []string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, after, _ := strings.Cut(string(body), `"subject":"`)
		subject, _, _ := strings.Cut(after, `"`)
		subjects = append(subjects, subject)
	}))
	defer s.Close()
	territory := &model.Territory{ID: "ville", TimeZone: "Europe/Paris", Contact: "sig@ville.example",
		Announce: &model.Announce{Language: "fr", Webhook: &model.Webhook{URL: s.URL}, Feed: true}}
	r := newTold(t, territory, schedule.SendOptions{Getenv: os.Getenv})
	expect := func(what string, want ...string) {
		t.Helper()
		if strings.Join(subjects, "; ") != strings.Join(want, "; ") {
			t.Errorf("%s: told %q, want %q", what, subjects, want)
		}
		subjects = nil
	}
	r.once("2026-10-01 02:30")
	expect("all is well")
	r.clock.now = at(t, "2026-10-01 15:00")
	r.write(runlog.ByHand, broken)
	r.once("2026-10-01 15:05")
	expect("a run by hand that fails is seen by who started it")
	r.result = runlog.Record{Result: runlog.Failed, Exit: runlog.ExitUnavailable, Error: "down"}
	r.once("2026-10-02 02:30")
	expect("it fails", "Ville : la mise à jour a échoué")
	for _, retry := range []string{"02:40", "03:00", "03:40", "05:00", "07:40", "11:40"} {
		r.once("2026-10-02 " + retry)
	}
	expect("it fails again, the same day")
	r.once("2026-10-03 02:30")
	expect("it fails the next day", "Ville : la mise à jour a échoué")
	r.clock.now = at(t, "2026-10-03 09:00")
	r.write(runlog.ByHand, runlog.Record{Result: runlog.Published})
	r.once("2026-10-03 09:01")
	expect("a run by hand mends it", "Ville : la mise à jour fonctionne de nouveau")
	r.result = runlog.Record{Result: runlog.Published}
	r.once("2026-10-04 02:30")
	expect("all is well again")

	text, err := os.ReadFile(filepath.Join(r.Releases, runlog.FeedName))
	if err != nil {
		t.Fatal(err)
	}
	var feed struct {
		ID      string `xml:"http://www.w3.org/2005/Atom id"`
		Updated string `xml:"http://www.w3.org/2005/Atom updated"`
		Entries []struct {
			ID    string `xml:"id"`
			Title string `xml:"title"`
		} `xml:"http://www.w3.org/2005/Atom entry"`
	}
	if err := xml.Unmarshal(text, &feed); err != nil {
		t.Fatal(err)
	}
	if len(feed.Entries) != 3 || feed.Entries[0].Title != "Ville : la mise à jour fonctionne de nouveau" || feed.Updated != "2026-10-03T07:01:00Z" || feed.ID == "" {
		t.Errorf("%+v", feed)
	}
}

func TestTheLoopWaitsForWhatIsDueAndEnds(t *testing.T) {
	r := newTold(t, &model.Territory{TimeZone: "Europe/Paris"}, schedule.SendOptions{})
	runs := 0
	ctx, cancel := context.WithCancel(t.Context())
	run := r.Run
	r.Run = func(ctx context.Context, why string, due time.Time) (int, error) {
		if runs++; runs == 8 {
			cancel()
		}
		return run(ctx, why, due)
	}
	if err := r.Loop(ctx); err != nil {
		t.Fatal(err)
	}
	if want := at(t, "2026-10-08 02:30"); r.clock.now.Before(want) || r.clock.now.Sub(want) > time.Minute {
		t.Errorf("after a week of nights it is %s", r.clock.now)
	}
}
