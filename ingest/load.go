package ingest

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"jumeau/ingest/contract"
	"jumeau/ingest/format"
	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/quality"
	"jumeau/model/store"
)

//go:embed sql/*.sql
var files embed.FS

var statements = must(store.Statements(files))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Options of an ingest.
type Options struct {
	Folders  []string       // where from.path is looked for, in order; required
	Fetched  Fetched        // files of sources that were fetched: they are not looked for
	Found    Fetched        // files that were found, and perhaps hashed, before: nothing is looked for
	Zone     *time.Location // of local times; required
	Progress Progress       // nil: silent
	Log      *slog.Logger   // required
	// Within drops the rows of the account's source that lie outside the zone systems which its declaration names (KeepWithin).
	// Required when a source has such a condition: only the caller knows the zones.
	Within func(context.Context, *Account) error
	// Clip is the box in degrees that read.clip names. Required when a source has one, for the same reason.
	Clip       func(clip string) (orb.Bound, error)
	Population *model.Source            // that COG names; required when it names one
	COG        *model.COG               // of the territory; nil: codes of communes are taken as they are
	Grown      *Grown                   // the file only grew since it was read last; nil: it is read from its start
	Absent     func(source string) bool // whether a source was declared optional and is not there; nil: none is
}

// Progress is told how far a long piece of work is. Its methods may be called from any goroutine.
type Progress interface {
	// Begin starts a bar or a line for a source of so many bytes; the returned functions report bytes read, and the end.
	Begin(source string, bytes int64) (at func(int64), end func(summary string))
}

// Count is a number of rejects by code.
type Count struct {
	Code string `json:"code"`
	Rows int64  `json:"count"`
}

// Account is what became of a source: Read = Loaded + Skipped + the sum of Rejected.
type Account struct {
	Source   *model.Source
	Files    []File
	Format   string
	CRS      string
	Absent   bool // optional and not there
	Read     int64
	Loaded   int64
	Skipped  int64 // outside the territory
	Rejected []Count
	Repairs  map[string]int64  // geometry repairs by kind
	Drift    []string          // what its files say otherwise than the declaration
	Encoding string            // of text
	Rows     int64             // that kept the contract while they were read, before the rules that need the whole table
	Columns  []quality.Column  // of its files
	Findings []quality.Finding // in what its files are not as those before
	Elapsed  time.Duration
	Reused   bool   // nothing changed: its rows are those of an earlier run
	Carried  string // about people: the release from which the figures of a period already charged were taken; nothing was read
	Lost     bool   // about people: its period was charged, and no release has the figures; nothing was read
}

// RejectedRows is the sum over codes.
func (a *Account) RejectedRows() int64 {
	var n int64
	for _, c := range a.Rejected {
		n += c.Rows
	}
	return n
}

// Table is the name of a source's table in the build file, quoted.
func Table(source string) string { return store.Quote("source_" + source) }

// open classes may be loaded: nobody is in them, or their producer protected those who are.
var open = []string{"A", "B", "D"}

// AboutPeople says whether the rows of a source are, or may be, about single persons, devices, households, enterprises or
// respondents: then only Protect may read them.
func AboutPeople(src *model.Source) bool {
	if b := src.Behaviour; b != nil && (!slices.Contains(open, b.Class) || b.Unit != "" || b.Publish != nil) {
		return true
	}
	for _, c := range src.Contract.Columns {
		if c.Role == "unit" {
			return true
		}
	}
	return false
}

// Refuse says whether a source may be read at all: rows about people only under a class that says how they are protected, and
// only when figures are declared to leave the gate. It looks at the declaration only.
func Refuse(src *model.Source) error {
	if !AboutPeople(src) {
		return nil
	}
	refuse := func(hint, format string, args ...any) error {
		return &model.Error{Kind: model.Withheld, Op: "load", Subject: src.ID, Hint: hint + "; no byte of the file was read",
			Err: fmt.Errorf(format, args...)}
	}
	switch b := src.Behaviour; {
	case b == nil || !model.Personal(b.Class):
		return refuse("declare behaviour.class C, E, F or G, or give aggregates that its producer already protected (class A, B or D)",
			"its rows may be about single units, and no class says how they are protected")
	case len(b.Publish) == 0:
		return refuse("declare behaviour.publish and behaviour.period, or remove the source",
			"rows of class %s leave the gate as protected figures only, and the source declares none", b.Class)
	}
	return nil
}

// Load reads one source into its table, applies its contract, and accounts for every row.
// An absent optional source is not an error. Too many rejects are, and then the table is gone.
func Load(ctx context.Context, st *store.Store, src *model.Source, opt Options) (*Account, error) {
	start := time.Now()
	if AboutPeople(src) {
		class := "none"
		if src.Behaviour != nil {
			class = src.Behaviour.Class
		}
		return nil, &model.Error{Kind: model.Withheld, Op: "load", Subject: src.ID, Err: fmt.Errorf("its rows are about single units (class %s) and never become a table", class),
			Hint: "such sources go through the gate; no byte of the file was read"}
	}
	account := &Account{Source: src, Repairs: map[string]int64{}}
	var err error
	if account.Files, err = opt.Find(src); err != nil {
		if src.Optional && IsAbsent(err) {
			account.Absent = true
			opt.Log.Info("source absent", "source", src.ID)
			return account, nil
		}
		return nil, err
	}
	binder, err := contract.New(src, opt.Zone)
	if err != nil {
		return nil, err
	}
	hashed := digests(ctx, src, account.Files)
	defer hashed.stop()
	if opt.Grown != nil {
		binder.Continue(opt.Grown.Rows)
	}
	stream := newStream(ctx, src, account, binder, opt, false)
	defer stream.stop()
	if err := fillTable(ctx, st, src, stream, opt.Grown); err != nil {
		return nil, err
	}
	stream.stop()
	if stream.err != nil {
		return nil, stream.err
	}
	if opt.Grown != nil && binder.Ambiguous() {
		return nil, ErrNotGrown
	}
	if account.Files, err = hashed.wait(); err != nil {
		return nil, err
	}
	for _, f := range account.Files {
		if err := f.unchanged(); err != nil {
			return nil, unreadable(src, f, err)
		}
	}
	account.Read, account.Skipped, account.Rows = stream.read, binder.Skipped, binder.Rows()
	account.Repairs, account.Drift = binder.Repairs, binder.Drift
	if opt.Grown != nil {
		if err := opt.Grown.add(ctx, st, account, stream); err != nil {
			return nil, err
		}
	}
	if err := settle(ctx, st, account, stream); err != nil {
		return nil, err
	}
	for _, text := range binder.Drift {
		opt.Log.Warn("another vintage than declared", "source", src.ID, "drift", text)
	}
	for _, name := range binder.Absent {
		opt.Log.Warn("column absent from a file: its cells are empty", "source", src.ID, "column", name)
	}
	if n := account.RejectedRows(); n > detailed {
		opt.Log.Warn("only the first rejects are listed one by one", "source", src.ID, "rejected", n, "listed", detailed)
	}
	account.Elapsed = time.Since(start)
	opt.Log.Info("source loaded", "source", src.ID, "rows", account.Loaded, "rejected", account.RejectedRows(),
		"skipped", account.Skipped, "elapsed", account.Elapsed)
	return account, tolerate(ctx, st, account)
}

// hashing is the digests of a source's files, on their way while the rows are read.
type hashing struct {
	cancel context.CancelFunc
	done   chan struct{}
	files  []File
	err    error
}

func digests(ctx context.Context, src *model.Source, files []File) *hashing {
	ctx, cancel := context.WithCancel(ctx)
	h := &hashing{cancel: cancel, done: make(chan struct{}), files: slices.Clone(files)}
	go func() {
		defer close(h.done)
		for i := range h.files {
			if err := h.files[i].Digest(ctx); err != nil {
				h.err = unreadable(src, h.files[i], err)
				return
			}
		}
	}()
	return h
}

// wait is the files with their digests.
func (h *hashing) wait() ([]File, error) {
	<-h.done
	return h.files, h.err
}

// stop ends what is still read.
func (h *hashing) stop() {
	h.cancel()
	<-h.done
}

// tolerate fails when more rows were rejected than the contract allows.
func tolerate(ctx context.Context, st *store.Store, a *Account) error {
	rejected := a.RejectedRows()
	share := float64(rejected) / float64(max(rejected+a.Loaded, 1))
	if rejected == 0 || share <= float64(a.Source.Contract.RejectAtMost) {
		return nil
	}
	var worst []string
	for _, c := range a.Rejected[:min(3, len(a.Rejected))] {
		var file, column, reason string
		var line int64
		if err := st.Scan(ctx, `SELECT file, line, "column", reason FROM reject WHERE source = ? AND code = ? ORDER BY file, line LIMIT 1`,
			[]any{a.Source.ID, c.Code}, &file, &line, &column, &reason); err != nil {
			return err
		}
		if column != "" {
			column += ": "
		}
		worst = append(worst, fmt.Sprintf("%d × %s (%s:%d: %s%s)", c.Rows, c.Code, file, line, column, reason))
	}
	return &model.Error{Kind: model.Invalid, Op: "load", Subject: a.Source.ID,
		Err: fmt.Errorf("%d of %d rows break the contract (%.2g %%, tolerance %.2g %%): %s", rejected, rejected+a.Loaded,
			100*share, 100*float64(a.Source.Contract.RejectAtMost), strings.Join(worst, "; ")),
		Hint: "mend the file or the contract; if these rows may be left out, raise contract.reject_at_most"}
}

// expected lists the columns that the contract asks for by name.
func expected(src *model.Source) []string {
	var names []string
	for name, c := range src.Contract.Columns {
		if c.From != "" {
			name = c.From
		}
		if !strings.HasPrefix(name, "^") && !strings.HasPrefix(name, "#") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Open opens a file of a source as its declaration says.
func Open(ctx context.Context, src *model.Source, f File) (format.Reader, error) {
	return openWithin(ctx, src, f, nil)
}

// openWithin delivers what touches the box, in degrees; nil: everything.
func openWithin(ctx context.Context, src *model.Source, f File, box *orb.Bound) (format.Reader, error) {
	options := format.Options{
		Format: src.Read.Format, Encoding: src.Read.Encoding, Delimiter: src.Read.Delimiter, Decimal: src.Read.Decimal,
		HeaderStrip: src.Read.HeaderStrip, Explode: src.Read.Explode, Member: src.From.Member, Geometry: src.Contract.Geometry,
		Table: src.Read.Table, HeaderRow: src.Read.HeaderRow, Tags: src.Read.Tags, Dates: src.Read.Dates, Expect: expected(src), BBox: box,
	}
	if src.Read.CRS != "" {
		declared, err := crs.Parse(src.Read.CRS)
		if err != nil {
			return nil, err
		}
		options.CRS = declared
	}
	reader, err := format.Open(ctx, f.Path, options)
	if err != nil {
		return nil, located(src, f, err)
	}
	return reader, nil
}

func unreadable(src *model.Source, f File, err error) error {
	return &model.Error{Kind: model.Unavailable, Op: "read", Subject: src.ID + " (" + f.Name + ")", Err: err,
		Hint: "look at the file's permissions, and run again when nothing writes to it"}
}

func located(src *model.Source, f File, err error) error {
	return &model.Error{Kind: model.KindOf(err), Op: "read", Subject: src.ID + " (" + f.Name + ")", Err: err, Hint: model.HintOf(err)}
}

// box is what read.clip names, or nil.
func (s *stream) box() (*orb.Bound, error) {
	if s.src.Read.Clip == "" {
		return nil, nil
	}
	box, err := s.opt.Clip(s.src.Read.Clip)
	if err != nil {
		return nil, &model.Error{Kind: model.KindOf(err), Op: "clip", Subject: s.src.ID, Err: err, Hint: model.HintOf(err)}
	}
	return &box, nil
}
