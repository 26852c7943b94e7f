package reuse

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"jumeau/model"
)

// format of an entry; another one is not read.
const format = 1

const (
	entryName = "entry.json"
	unkept    = ".tmp" // a folder that is being filled, or that a kill left
)

// File of an entry.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Entry is one thing that was kept.
type Entry struct {
	Format  int             `json:"format"`
	Kind    string          `json:"kind"` // source, layer…
	ID      string          `json:"id"`
	Made    time.Time       `json:"made"`
	Inputs  Inputs          `json:"inputs"`
	Files   []File          `json:"files"`
	Note    json.RawMessage `json:"note"` // what its maker wants to know again
	Seconds float64         `json:"seconds"`
	Sum     string          `json:"sum"` // of the rest

	dir    string
	intact *bool
}

// Key of its inputs.
func (e *Entry) Key() string { return e.Inputs.Key() }

// Read fills v from the note.
func (e *Entry) Read(v any) error { return json.Unmarshal(e.Note, v) }

// Bytes is the size of its files.
func (e *Entry) Bytes() (n int64) {
	for _, f := range e.Files {
		n += f.Bytes
	}
	return n
}

// Path of one of its files. Nobody may write to it.
func (e *Entry) Path(name string) string { return filepath.Join(e.dir, name) }

// Intact reads every file and says whether all are as they were kept; once for the life of e.
func (e *Entry) Intact(ctx context.Context) bool {
	if e.intact == nil {
		ok := !slices.ContainsFunc(e.Files, func(f File) bool {
			got, err := hashed(ctx, e.Path(f.Name))
			return err != nil || got != f
		})
		if ctx.Err() != nil {
			return false
		}
		e.intact = &ok
	}
	return *e.intact
}

// Give puts a file at another place: the same bytes on disk where the file system can, else a copy. An absent file is no error, and
// given is false.
func (e *Entry) Give(name, to string) (given bool, err error) {
	if !slices.ContainsFunc(e.Files, func(f File) bool { return f.Name == name }) {
		return false, nil
	}
	return true, link(e.Path(name), to)
}

func (e *Entry) sum() string {
	bare := *e
	bare.Sum = ""
	return Hash(&bare)
}

// Store is a folder of entries. One run at a time changes it.
type Store struct {
	dir     string
	entries []*Entry // newest first
}

// Open reads the entries below dir; none when it is not there. An entry that is damaged is passed over. It changes nothing.
func Open(dir string) *Store {
	s := &Store{dir: dir}
	names, _ := filepath.Glob(filepath.Join(dir, "*", entryName)) // the pattern is well formed
	for _, name := range names {
		if strings.HasSuffix(filepath.Dir(name), unkept) {
			continue
		}
		text, err := os.ReadFile(name)
		e := &Entry{dir: filepath.Dir(name)}
		if err == nil && json.Unmarshal(text, e) == nil && e.Format == format && e.sum() == e.Sum {
			s.entries = append(s.entries, e)
		}
	}
	slices.SortStableFunc(s.entries, func(a, b *Entry) int { return b.Made.Compare(a.Made) })
	return s
}

// Find is the entry that follows from the same inputs, nil when there is none.
func (s *Store) Find(kind, id string, in Inputs) *Entry {
	for _, e := range s.entries {
		if e.Kind == kind && e.ID == id && e.Inputs.Key() == in.Key() {
			return e
		}
	}
	return nil
}

// All are the entries of a thing, newest first.
func (s *Store) All(kind, id string) (out []*Entry) {
	for _, e := range s.entries {
		if e.Kind == kind && e.ID == id {
			out = append(out, e)
		}
	}
	return out
}

// Latest is the newest entry of a thing, whatever its inputs; nil when there is none.
func (s *Store) Latest(kind, id string) *Entry {
	if all := s.All(kind, id); len(all) > 0 {
		return all[0]
	}
	return nil
}

// Bytes is the size of everything kept.
func (s *Store) Bytes() (n int64) {
	for _, e := range s.entries {
		n += e.Bytes()
	}
	return n
}

// Sweep removes every entry but those to keep, and what a killed run left.
func (s *Store) Sweep(keep func(*Entry) bool) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return failed("sweep", s.dir, err)
	}
	s.entries = slices.DeleteFunc(s.entries, func(e *Entry) bool { return !keep(e) })
	for _, entry := range entries {
		dir := filepath.Join(s.dir, entry.Name())
		if slices.ContainsFunc(s.entries, func(e *Entry) bool { return e.dir == dir }) {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return failed("sweep", dir, err)
		}
	}
	return nil
}

// Draft is an entry being made.
type Draft struct {
	store *Store
	entry *Entry
}

// New begins an entry. A draft that is neither kept nor dropped is gone with the next Sweep.
func (s *Store) New(kind, id string) (*Draft, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, failed("keep", s.dir, err)
	}
	dir, err := os.MkdirTemp(s.dir, kind+"."+id+".*"+unkept)
	if err != nil {
		return nil, failed("keep", s.dir, err)
	}
	return &Draft{store: s, entry: &Entry{Format: format, Kind: kind, ID: id, dir: dir}}, nil
}

// Path is where a file of the entry is written.
func (d *Draft) Path(name string) string { return d.entry.Path(name) }

// Take puts a file into the entry that stays where it is; nobody may write to it any more. An absent one is left out.
func (d *Draft) Take(name, from string) error {
	if _, err := os.Stat(from); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return link(from, d.Path(name))
}

// Keep ends the entry with what it follows from, how long it took to make, and a note.
func (d *Draft) Keep(ctx context.Context, in Inputs, seconds float64, note any) (*Entry, error) {
	e := d.entry
	names, err := os.ReadDir(e.dir)
	if err != nil {
		return nil, failed("keep", e.dir, err)
	}
	for _, name := range names {
		f, err := hashed(ctx, e.Path(name.Name()))
		if err != nil {
			return nil, failed("keep", e.dir, err)
		}
		e.Files = append(e.Files, f)
	}
	if e.Note, err = json.Marshal(note); err != nil {
		return nil, err
	}
	e.Inputs, e.Made, e.Seconds = in, time.Now().UTC(), seconds
	e.Sum = e.sum()
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(e.Path(entryName), text, 0o600); err != nil {
		return nil, failed("keep", e.dir, err)
	}
	to := strings.TrimSuffix(e.dir, unkept)
	if err := os.Rename(e.dir, to); err != nil {
		return nil, failed("keep", e.dir, err)
	}
	e.dir = to
	whole := true
	e.intact = &whole
	d.store.add(e)
	return e, nil
}

// Drop removes the draft.
func (d *Draft) Drop() { os.RemoveAll(d.entry.dir) } //nolint:errcheck // the next Sweep removes what stays

// add puts an entry first; of the same thing at most one older stays, so that runs which fail one after the other do not fill the disk.
func (s *Store) add(e *Entry) {
	older := 0
	s.entries = slices.DeleteFunc(s.entries, func(o *Entry) bool {
		if o.Kind != e.Kind || o.ID != e.ID {
			return false
		}
		older++
		return older > 1 && os.RemoveAll(o.dir) == nil
	})
	s.entries = slices.Insert(s.entries, 0, e)
}

func hashed(ctx context.Context, path string) (File, error) {
	in, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	sum := sha256.New()
	f := File{Name: filepath.Base(path)}
	for {
		n, err := io.CopyN(sum, in, 8<<20)
		f.Bytes += n
		if errors.Is(err, io.EOF) {
			f.SHA256 = hex.EncodeToString(sum.Sum(nil))
			return f, nil
		}
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return f, err
		}
	}
}

// link makes a second name of a file, or a copy where the file system has no second names.
func link(from, to string) error {
	if err := os.Link(from, to); err == nil {
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return failed("copy", from, err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return failed("copy", to, err)
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return failed("copy", to, err)
	}
	return nil
}

func failed(op, subject string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	hint := "look at the permissions of the releases folder"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		hint = "free some space: `jumeau releases prune` removes old releases"
	}
	return &model.Error{Kind: model.Unavailable, Op: op, Subject: subject, Err: fmt.Errorf("what is kept for the next run: %w", err), Hint: hint}
}
