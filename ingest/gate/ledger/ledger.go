package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"jumeau/internal/durable"
	"jumeau/model"
)

// Ledger is a file of charges. Safe for concurrent use, also by several processes.
type Ledger struct {
	path string
	now  func() time.Time
}

// At is the ledger in a file, which the first charge makes.
func At(path string) *Ledger { return &Ledger{path, time.Now} }

// Path of the file.
func (l *Ledger) Path() string { return l.path }

// Charge enters a charge, if the source's cap for the year of the data allows it, its release is new, and its period is
// disjoint from those charged before (or the very one of the release it corrects). It returns once the entry is on disk.
func (l *Ledger) Charge(ctx context.Context, c Charge, limit Millionths) (Entry, error) {
	if err := c.check(); err != nil {
		return Entry{}, refuse(model.Invalid, c, err, "complete the charge")
	}
	file, err := l.lock(ctx)
	if err != nil {
		return Entry{}, err
	}
	defer func() { _ = file.Close() }() // and the lock with it; what was written is synced
	entries, whole, err := load(file)
	if err != nil {
		return Entry{}, l.broken(err)
	}
	if err := l.admit(entries, c, limit); err != nil {
		return Entry{}, err
	}
	e := Entry{Seq: len(entries) + 1, At: l.now().UTC().Truncate(time.Second), Charge: c, Cap: limit}
	if n := len(entries); n > 0 {
		e.Previous = entries[n-1].Hash
		if e.At.Before(entries[n-1].At) { // the clock went back; the order of entries does not
			e.At = entries[n-1].At
		}
	}
	e.Hash = e.digest()
	return e, appendLine(file, whole, e)
}

// check says whether a charge is complete.
func (c Charge) check() error {
	for name, given := range map[string]bool{"source": c.Source != "", "release": c.Release != "", "class": c.Class != "",
		"author": c.Author != "", "contract": c.Contract != "", "mechanism": c.Mechanism != ""} {
		if !given {
			return fmt.Errorf("no %s", name)
		}
	}
	if c.Epsilon < 0 || !(c.Delta >= 0 && c.Delta < 1) || !(c.Rho >= 0) || math.IsInf(c.Rho, 0) {
		return fmt.Errorf("a loss of epsilon %v, delta %v, rho %v", c.Epsilon.Float(), c.Delta, c.Rho)
	}
	return c.Period.Check()
}

// Would says whether a charge would be refused now, and writes nothing.
func (l *Ledger) Would(c Charge, limit Millionths) error {
	entries, err := Read(l.path)
	if err != nil {
		return err
	}
	return l.admit(entries, c, limit)
}

// admit says whether the charge may follow the entries, and whatever was lost between them and now.
func (l *Ledger) admit(entries []Entry, c Charge, limit Millionths) error {
	gap, err := model.ReadLedgerGap(l.path)
	if err != nil {
		return err
	}
	if err := gap.Hides(c.Period.From); err != nil {
		return refuse(model.Withheld, c, err, "publish data of a later year, or, if nothing was drawn in between, have somebody answer for it: jumeau restore --nothing-drawn WHY")
	}
	return admit(entries, c, limit)
}

// admit says whether the charge may follow the entries.
func admit(entries []Entry, c Charge, limit Millionths) error {
	corrected := c.Corrects == ""
	for _, e := range entries {
		switch {
		case e.Source != c.Source:
		case e.Release == c.Release:
			return refuse(model.Withheld, c, fmt.Errorf("release %s of this source was produced on %s", c.Release, e.At.Format(time.DateOnly)),
				"a release is drawn once: averaging over repetitions would undo its noise; a correction is a new release and is charged")
		case e.Release == c.Corrects && e.Period == c.Period:
			corrected = true
		case e.Period == c.Period && c.Corrects != "":
		case e.Period.overlaps(c.Period):
			return refuse(model.Withheld, c, fmt.Errorf("the period %s to %s overlaps %s to %s of release %s", c.Period.From, c.Period.To,
				e.Period.From, e.Period.To, e.Release), "windows are disjoint: begin where the last one ended, or correct that very period")
		}
	}
	if !corrected {
		return refuse(model.Invalid, c, fmt.Errorf("it corrects release %s, which is not in the ledger for this period", c.Corrects),
			"name the release of the same period that it replaces")
	}
	for _, year := range c.Period.years() {
		if spent := spentIn(entries, c.Source, year); spent.Epsilon+c.Epsilon > limit {
			return refuse(model.Withheld, c, fmt.Errorf("epsilon %v is spent of the %v that %d allows; this release would add %v",
				spent.Epsilon.Float(), limit.Float(), year, c.Epsilon.Float()),
				"publish less often, or with a smaller epsilon; the cap is privacy.epsilon_year in territory.yaml")
		}
	}
	return nil
}

func refuse(kind model.Kind, c Charge, err error, hint string) error {
	return &model.Error{Kind: kind, Op: "charge", Subject: c.Source + " " + c.Release, Err: err, Hint: hint}
}

func (l *Ledger) broken(err error) error {
	return &model.Error{Kind: model.Invalid, Op: "read", Subject: l.path, Err: err,
		Hint: "the ledger was changed by another hand; restore it from a backup: nothing is released on a broken ledger"}
}

// load reads and verifies the entries. whole is the length of the file without a line torn by a crash.
func load(file io.ReadSeeker) (entries []Entry, whole int64, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, 0, err
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, 0, err
	}
	previous := ""
	for len(data) > 0 {
		line, rest, complete := bytes.Cut(data, []byte("\n"))
		if !complete {
			return entries, whole, nil
		}
		e, err := parse(line, len(entries)+1, previous)
		if err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", len(entries)+1, err)
		}
		entries, previous = append(entries, e), e.Hash
		whole += int64(len(line)) + 1
		data = rest
	}
	return entries, whole, nil
}

func parse(line []byte, seq int, previous string) (e Entry, err error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil {
		return e, err
	}
	written, err := json.Marshal(e)
	switch {
	case err != nil:
		return e, err
	case !bytes.Equal(written, line):
		return e, errors.New("not written by this ledger")
	case e.Seq != seq:
		return e, fmt.Errorf("entry %d where %d is due", e.Seq, seq)
	case e.Previous != previous:
		return e, errors.New("does not follow the entry above it")
	case e.Hash != e.digest():
		return e, errors.New("does not have the hash it says")
	}
	return e, e.check()
}

func appendLine(file *os.File, at int64, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := file.Truncate(at); err != nil {
		return err
	}
	if _, err := file.WriteAt(append(line, '\n'), at); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	return durable.Sync(filepath.Dir(file.Name()))
}
