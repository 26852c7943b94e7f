// Package runlog is the diary of a releases folder: which runs there were, by whom and why, how long they took, and how they
// ended. In: what a run says when it begins and ends. Out: runs.jsonl, one JSON object a line, only ever appended to, and the
// lock that lets one run go on at a time.
//
//	turn, err := runlog.Begin(releases, runlog.Record{Territory: "sicoval", Why: runlog.ByHand}, now)
//	…
//	err = turn.End(runlog.Record{Result: runlog.Published, Release: id}, now)
//
// A run that ends without a word (killed, out of memory, a power cut) leaves its beginning; the next one notes that it was
// interrupted. Nothing in the diary is a row, a figure or a secret.
package runlog

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"jumeau/model"
)

// Name of the diary in a releases folder.
const Name = "runs.jsonl"

// FeedName is the Atom feed of a releases folder, made from the diary. It is for those who look after the model.
const FeedName = "runs.atom"

const lockName = ".run.lock"

// Events of a record.
const (
	Began = "begin"
	Ended = "end"
	Told  = "told" // somebody was told about the state of the runs
)

// Results of a run.
const (
	Published   = "published"
	Unchanged   = "unchanged"   // the served release has the same content
	Held        = "held"        // built, and not served: the folder is held
	Failed      = "failed"      // nothing was published
	Stopped     = "stopped"     // by a signal
	Interrupted = "interrupted" // it ended without a word
)

// Reasons of a run.
const (
	ByHand  = "by hand"
	OnTime  = "schedule"
	CatchUp = "catch-up" // the machine was off at the time
	Retry   = "retry"    // after a failure that may pass
)

// Exit codes of run, schedule and fetch; doc/operations.md explains them.
const (
	ExitDone        = 0
	ExitFailed      = 1 // another try will fail too: the declaration, the data or the program
	ExitLate        = 3 // done, with older files of some sources
	ExitUnavailable = 4 // another try may succeed: network, disk, another run, a signal
)

// Late is a source of which an older file was used.
type Late struct {
	Source string    `json:"source"`
	Since  time.Time `json:"since"` // when the file used was fetched
	Reason string    `json:"reason"`
}

// Drift says in a sentence in what the files of a source are not as those before, or not as declared: another vintage.
type Drift struct {
	Source string `json:"source"`
	Text   string `json:"text"`
}

func (d Drift) String() string { return d.Source + ": " + d.Text }

// Record is one line. Times are UTC.
type Record struct {
	Run   string    `json:"run"`
	Event string    `json:"event"`
	At    time.Time `json:"at"`

	// Of a beginning.
	Territory string    `json:"territory,omitempty"`
	By        string    `json:"by,omitempty"` // user@machine
	Why       string    `json:"why,omitempty"`
	Due       time.Time `json:"due,omitzero"` // the time of the schedule that it answers to
	PID       int       `json:"pid,omitempty"`
	Version   string    `json:"version,omitempty"`

	// Of an end.
	Result  string   `json:"result,omitempty"`
	Exit    int      `json:"exit,omitempty"`
	Seconds float64  `json:"seconds,omitempty"`
	Release string   `json:"release,omitempty"` // built or confirmed
	Served  string   `json:"served,omitempty"`  // when the run ended
	Fetched []string `json:"fetched,omitempty"` // sources of which new bytes came
	Late    []Late   `json:"late,omitempty"`
	Drift   []Drift  `json:"drift,omitempty"`
	Error   string   `json:"error,omitempty"`
	Hint    string   `json:"hint,omitempty"`

	// Of a message.
	Message string            `json:"message,omitempty"` // its id
	State   string            `json:"state,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Text    string            `json:"text,omitempty"`
	Via     []string          `json:"via,omitempty"`
	Missed  map[string]string `json:"missed,omitempty"` // channels that failed, and why
}

// Run is one run as the diary tells it. End is zero while it goes on.
type Run struct {
	Begin Record `json:"begin"`
	End   Record `json:"end"`
}

// Over says whether the end is known.
func (r Run) Over() bool { return r.End.Event == Ended }

// OK says whether the run did what it should.
func (r Run) OK() bool {
	return r.End.Result == Published || r.End.Result == Unchanged || r.End.Result == Held
}

// MayPass says whether another try may succeed where this one failed.
func (r Run) MayPass() bool {
	return r.End.Result == Interrupted || r.End.Result == Stopped || r.End.Exit == ExitUnavailable
}

// Diary is what was read of a runs.jsonl.
type Diary struct {
	Runs    []Run    // oldest first
	Told    []Record // oldest first
	Damaged int      // lines that are no records: a power cut leaves half of one
}

// Last is the newest run, nil when there was none.
func (d *Diary) Last() *Run {
	if len(d.Runs) == 0 {
		return nil
	}
	return &d.Runs[len(d.Runs)-1]
}

// Read reads the diary of a releases folder; none is an empty one.
func Read(releases string) (*Diary, error) {
	file, err := os.Open(filepath.Join(releases, Name))
	if errors.Is(err, os.ErrNotExist) {
		return &Diary{}, nil
	}
	if err != nil {
		return nil, diskError(releases, err)
	}
	defer file.Close()
	d, err := parse(file)
	if err != nil {
		return nil, diskError(releases, err)
	}
	return d, nil
}

func parse(in io.Reader) (*Diary, error) {
	d := &Diary{}
	at := map[string]int{}
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var r Record
			switch {
			case json.Unmarshal(line, &r) != nil || r.At.IsZero():
				d.Damaged++
			case r.Event == Began:
				at[r.Run] = len(d.Runs)
				d.Runs = append(d.Runs, Run{Begin: r})
			case r.Event == Ended:
				if i, ok := at[r.Run]; ok && !d.Runs[i].Over() {
					d.Runs[i].End = r
				} else {
					d.Damaged++
				}
			case r.Event == Told:
				d.Told = append(d.Told, r)
			default:
				d.Damaged++
			}
		}
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Append writes one record, and waits until it is on disk. A half line that a power cut left is ended first.
func Append(releases string, r Record) error {
	r.At = r.At.UTC().Truncate(time.Second)
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(filepath.Join(releases, Name), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return diskError(releases, err)
	}
	defer file.Close()
	text = append(text, '\n')
	if info, err := file.Stat(); err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			text = append([]byte{'\n'}, text...)
		}
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync()); err != nil {
		return diskError(releases, err)
	}
	return nil
}

// Turn is the right to run in a releases folder. The system takes it back when the process ends, however it ends.
type Turn struct {
	releases string
	run      string
	began    time.Time
	held     *os.File
}

// Begin takes the turn, notes what became of a run that never ended, and writes the beginning of this one. When another run
// goes on it is Unavailable, and says which.
func Begin(releases string, r Record, now time.Time) (*Turn, error) {
	held, err := take(releases)
	if err != nil {
		return nil, err
	}
	t := &Turn{releases: releases, held: held, began: now, run: fmt.Sprintf("%s-%d", now.UTC().Format("2006-01-02T150405Z"), os.Getpid())}
	if err := noteInterrupted(releases, now); err != nil {
		t.release()
		return nil, err
	}
	r.Run, r.Event, r.At, r.PID = t.run, Began, now, os.Getpid()
	if err := Append(releases, r); err != nil {
		t.release()
		return nil, err
	}
	who := fmt.Sprintf("run %s of process %d, %s, since %s\n", r.Run, r.PID, r.Why, now.UTC().Format(time.RFC3339))
	if err := errors.Join(held.Truncate(0), writeAt(held, who)); err != nil {
		t.release()
		return nil, diskError(releases, err)
	}
	return t, nil
}

func writeAt(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// End writes the end of the run and gives the turn back.
func (t *Turn) End(r Record, now time.Time) error {
	defer t.release()
	r.Run, r.Event, r.At = t.run, Ended, now
	r.Seconds = now.Sub(t.began).Seconds()
	return Append(t.releases, r)
}

// Run is the name of the run in the diary.
func (t *Turn) Run() string { return t.run }

func (t *Turn) release() { t.held.Close() }

func take(releases string) (*os.File, error) {
	if err := os.MkdirAll(releases, 0o755); err != nil {
		return nil, diskError(releases, err)
	}
	file, err := os.OpenFile(filepath.Join(releases, lockName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, diskError(releases, err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err == nil {
		return file, nil
	}
	defer file.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, diskError(releases, err)
	}
	who, _ := io.ReadAll(io.LimitReader(file, 1000)) // the message does without
	return nil, &model.Error{Kind: model.Unavailable, Op: "run", Subject: releases, Hint: "wait for it to end, or stop it",
		Err: fmt.Errorf("another run is going on here: %s", strings.TrimSpace(string(who)))}
}

// Recover notes what became of a run that never ended, unless one is going on; then busy is true.
func Recover(releases string, now time.Time) (busy bool, err error) {
	file, err := take(releases)
	if model.KindOf(err) == model.Unavailable && strings.Contains(err.Error(), "another run") {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	return false, noteInterrupted(releases, now)
}

// noteInterrupted is called by the holder of the turn only: whoever began and did not end is gone.
func noteInterrupted(releases string, now time.Time) error {
	d, err := Read(releases)
	if err != nil {
		return err
	}
	for _, r := range d.Runs {
		if r.Over() {
			continue
		}
		err := Append(releases, Record{Run: r.Begin.Run, Event: Ended, At: now, Result: Interrupted, Exit: ExitUnavailable,
			Error: "the run ended without a word: a power cut, no memory left, or it was killed",
			Hint:  "look into the system's log for the time of the run; it is tried again"})
		if err != nil {
			return err
		}
	}
	return nil
}

func diskError(releases string, err error) error {
	hint := "look at the permissions of the releases folder"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		hint = "free some space: `jumeau releases prune` removes old releases"
	}
	return &model.Error{Kind: model.Unavailable, Op: "write diary", Subject: releases, Err: err, Hint: hint}
}
