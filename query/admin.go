package query

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/runlog"
	"jumeau/model/verify"
	"jumeau/query/door"
)

// steward is the handler of an address below /admin, nil when there is none. Whoever may not look is answered as for any address
// that does not exist.
func (s *Server) steward(name string, post bool) handler {
	switch {
	case name == "" && !post:
		return s.admin
	case name == "/runs.atom" && !post:
		return s.feed
	case name == "/rollback" && post:
		return s.rollback
	case name == "/resume" && post:
		return s.resume
	}
	return nil
}

// Of the administration page.
const (
	runsShown     = 12
	releasesShown = 20
	eventsShown   = 20
)

// adminData is what the page shows. A part that cannot be read is said to be so, and does not take the others with it.
type adminData struct {
	surround
	Territory string
	Release   string
	BuiltAt   time.Time
	Trouble   *trouble
	Hold      *release.Hold
	Runs      []runlog.Run // newest first
	Last      *runlog.Run  // the newest that is over
	Damaged   int
	Sources   []release.Source // with rejects
	Budget    []budget
	Ledger    int // faults
	Releases  []listed
	Move      bool // this server may move the pointer
	Tokens    []door.SeenToken
	Keeps     bool // there is a folder of tokens
	Events    []door.Event
	Now       time.Time
	Unread    []string // parts that could not be read
	Sessions  int
}

// listed is a release with what can be done with it.
type listed struct {
	release.Listed
	Bytes  int64
	Layers int
	Newer  bool // than the one served
}

// budget of a source in a year of its data.
type budget struct {
	Source           string
	Title            model.Text
	Year             int
	Spent, Cap, Left float64 // epsilon
	Drawings         int
}

var adminTemplate = pageTemplate("admin.html")

// admin answers GET /admin.
func (s *Server) admin(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	d := adminData{surround: s.surround(q), Move: s.opt.MovePointer, Now: time.Now(), Sessions: q.doors.Sessions()}
	read := func(part string, err error) {
		if err != nil {
			s.opt.Log.Info("a part of the administration page cannot be read", "part", part, "error", err)
			d.Unread = append(d.Unread, part)
		}
	}
	_, d.Trouble = s.holder.state()
	var sources []release.Source
	if leave, err := s.see(q); err == nil {
		defer leave()
		c := &q.rel.catalog
		d.Release, d.BuiltAt, d.Territory, sources = q.rel.id, c.BuiltAt, c.Territory.Title.In(d.Lang), c.Sources
		d.Sources = slices.DeleteFunc(slices.Clone(sources), func(s release.Source) bool { return rejects(s) == 0 && !s.Absent })
	}
	var err error
	d.Hold, err = release.ReadHold(s.holder.dir)
	read("hold", err)
	read("runs", d.diary(s.holder.dir))
	read("ledger", d.ledger(s.holder.dir, sources))
	read("releases", d.list(s.holder.dir))
	_, d.Keeps = q.doors.SignIn()
	d.Tokens, err = q.doors.Tokens()
	read("tokens", err)
	d.Events, err = q.doors.Audit(eventsShown)
	read("audit", err)
	return s.form(w, q, http.StatusOK, adminTemplate, d)
}

func (d *adminData) diary(dir string) error {
	diary, err := runlog.Read(dir)
	if err != nil {
		return err
	}
	d.Damaged = diary.Damaged
	for i := range slices.Backward(diary.Runs) {
		r := diary.Runs[i]
		if d.Last == nil && r.Over() {
			d.Last = &r
		}
		if len(d.Runs) < runsShown {
			d.Runs = append(d.Runs, r)
		}
	}
	return nil
}

// ledger sums what each source has spent in each year of its data.
func (d *adminData) ledger(dir string, sources []release.Source) error {
	text, err := os.ReadFile(filepath.Join(dir, verify.LedgerName))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	entries, faults := verify.ReadLedger(text)
	d.Ledger = len(faults)
	for _, e := range entries {
		for _, year := range e.Period.Years() {
			i := slices.IndexFunc(d.Budget, func(b budget) bool { return b.Source == e.Source && b.Year == year })
			if i < 0 {
				i = len(d.Budget)
				d.Budget = append(d.Budget, budget{Source: e.Source, Title: titleOf(sources, e.Source), Year: year})
			}
			b := &d.Budget[i]
			b.Drawings++
			b.Spent += float64(e.Epsilon) / 1e6
			b.Cap = float64(e.Cap) / 1e6
			b.Left = max(0, b.Cap-b.Spent)
		}
	}
	slices.SortStableFunc(d.Budget, func(a, b budget) int { return b.Year - a.Year })
	return nil
}

func titleOf(sources []release.Source, id string) model.Text {
	for _, s := range sources {
		if s.ID == id {
			return s.Title
		}
	}
	return model.Text{FR: id, EN: id}
}

func (d *adminData) list(dir string) error {
	all, err := release.List(dir)
	if err != nil {
		return err
	}
	newer := true
	for _, l := range all[:min(len(all), releasesShown)] {
		newer = newer && !l.Current
		row := listed{Listed: l, Newer: newer}
		if l.Manifest != nil {
			row.Bytes, row.Layers = l.Manifest.Bytes(), len(l.Manifest.Catalog.Layers)
		}
		d.Releases = append(d.Releases, row)
	}
	return nil
}

// feed answers GET /admin/runs.atom: what people were told of the runs.
func (s *Server) feed(w http.ResponseWriter, q *request) error {
	text, err := os.ReadFile(filepath.Join(s.holder.dir, runlog.FeedName))
	if errors.Is(err, os.ErrNotExist) {
		return missing("feed", "declare announce.feed in territory.yaml; the first message makes it", "there is no feed of the runs")
	}
	if err != nil {
		return err
	}
	return s.send(w, q, answer{contentType: "application/atom+xml; charset=utf-8", fresh: true, build: func(context.Context) ([]byte, error) { return text, nil }})
}

// moves holds a form that moves the pointer to what it needs, and returns its reason.
func (s *Server) moves(w http.ResponseWriter, q *request) (why string, err error) {
	q.Body = http.MaxBytesReader(w, q.Body, mostForm)
	if err := q.doors.Genuine(q.Request, q.who); err != nil {
		return "", err
	}
	if !s.opt.MovePointer {
		return "", &model.Error{Kind: model.Unavailable, Op: "move pointer", Err: errors.New("this server may not"),
			Hint: "set admin.move_pointer in the server's configuration, or use jumeau releases on the machine"}
	}
	return clip(strings.Join(strings.Fields(q.PostFormValue("why")), " "), 200), nil
}

// rollback answers POST /admin/rollback: serves another release, and holds it, as jumeau releases rollback does.
func (s *Server) rollback(w http.ResponseWriter, q *request) error {
	why, err := s.moves(w, q)
	if err != nil {
		return err
	}
	id := q.PostFormValue("release")
	if !release.IsID(id) {
		return invalid("release", "choose one of the list", "not the id of a release")
	}
	_, _, err = release.RollbackAndHold(s.holder.dir, id, release.Hold{Since: time.Now().UTC().Truncate(time.Second), By: q.who.Who + "@server", Why: why})
	return s.moved(w, q, door.RolledBack, id, err)
}

// resume answers POST /admin/resume: lifts the hold, and serves the newest release at once when that is asked.
func (s *Server) resume(w http.ResponseWriter, q *request) error {
	if _, err := s.moves(w, q); err != nil {
		return err
	}
	_, err := release.Resume(s.holder.dir)
	on := ""
	if err == nil && q.PostFormValue("newest") != "" {
		on, err = release.ServeNewest(s.holder.dir)
	}
	return s.moved(w, q, door.Resumed, on, err)
}

// moved notes what was done, takes it up at once, and shows the page again.
func (s *Server) moved(w http.ResponseWriter, q *request, what, on string, err error) error {
	q.doors.Note(q.who, door.Event{What: what, On: on, OK: err == nil})
	if err != nil {
		return inside(err)
	}
	s.opt.Log.Info("the steward moved the pointer", "what", what, "release", on, "who", q.who.Who)
	s.holder.follow(context.WithoutCancel(q.Context()))
	return s.redirect(w, "/admin")
}

// inside keeps the paths of the server out of an error that is shown.
func inside(err error) error {
	return &refusedError{&model.Error{Kind: model.KindOf(err), Op: "move pointer", Hint: "the server's log says more; jumeau releases on the machine does the same",
		Err: errors.New("it could not be done")}, err}
}
