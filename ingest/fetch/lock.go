package fetch

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"jumeau/internal/durable"
	"jumeau/model"
)

// LockName is the file of the work folder that says what was fetched.
const LockName = "jumeau.lock"

// Entry is one fetched file. Times are UTC.
type Entry struct {
	Source       string    `yaml:"source" json:"source"`
	URL          string    `yaml:"url" json:"url"`                                 // as declared; of a pattern, the file's own
	FinalURL     string    `yaml:"final_url,omitempty" json:"final_url,omitempty"` // after redirects, when it differs
	File         string    `yaml:"file" json:"file"`                               // below the work folder
	Bytes        int64     `yaml:"bytes" json:"bytes"`
	SHA256       string    `yaml:"sha256" json:"sha256"`
	ETag         string    `yaml:"etag,omitempty" json:"etag,omitempty"`
	LastModified time.Time `yaml:"last_modified,omitempty" json:"last_modified,omitzero"` // as the server says
	Produced     time.Time `yaml:"produced,omitempty" json:"produced,omitzero"`           // newest date inside the archive
	FetchedAt    time.Time `yaml:"fetched_at" json:"fetched_at"`                          // when these bytes were first brought
}

// Lock is what was fetched: by source in the order of their ids, the files of one source in the order in which they are read.
type Lock struct {
	Version int     `yaml:"version"`
	Files   []Entry `yaml:"files"`
}

const lockHead = `# What was fetched, from where, and when. jumeau fetch and jumeau run write this file; keep it beside the territory.
# With --offline a run reads exactly these bytes, or says what is missing.
`

// ReadLock reads the lock of a work folder; none is an empty one.
func ReadLock(work string) (*Lock, error) {
	text, err := os.ReadFile(filepath.Join(work, LockName))
	if errors.Is(err, os.ErrNotExist) {
		return &Lock{Version: 1}, nil
	}
	if err != nil {
		return nil, lockError(work, err)
	}
	l, err := parseLock(text)
	if err != nil {
		return nil, lockError(work, err)
	}
	return l, nil
}

func lockError(work string, err error) error {
	return &model.Error{Kind: model.Invalid, Op: "read lock", Subject: filepath.Join(work, LockName), Err: err,
		Hint: "restore the file, or remove it and fetch again"}
}

func parseLock(text []byte) (*Lock, error) {
	l := &Lock{}
	if err := yaml.UnmarshalWithOptions(text, l, yaml.Strict()); err != nil {
		return nil, errors.New(strings.SplitN(err.Error(), "\n", 2)[0])
	}
	if l.Version != 1 {
		return nil, fmt.Errorf("it is of version %d, this program reads version 1", l.Version)
	}
	for _, e := range l.Files {
		switch {
		case !filepath.IsLocal(filepath.FromSlash(e.File)) || !strings.HasPrefix(e.File, cacheName+"/"):
			return nil, fmt.Errorf("the file %q is not below %s", e.File, cacheName)
		case len(e.SHA256) != 64 || e.Bytes < 0 || e.Source == "":
			return nil, fmt.Errorf("the entry of %q is not whole", e.URL)
		}
	}
	return l, nil
}

// Of are the entries of a source, in order.
func (l *Lock) Of(source string) (out []Entry) {
	for _, e := range l.Files {
		if e.Source == source {
			out = append(out, e)
		}
	}
	return out
}

// replace puts the entries of one source in the place of those it had.
func (l *Lock) replace(source string, entries []Entry) {
	l.Files = slices.DeleteFunc(l.Files, func(e Entry) bool { return e.Source == source })
	l.Files = append(l.Files, entries...)
	slices.SortStableFunc(l.Files, func(a, b Entry) int { return cmp.Compare(a.Source, b.Source) })
}

func (l *Lock) text() ([]byte, error) {
	l.Version = 1
	text, err := yaml.MarshalWithOptions(l, yaml.Indent(2), yaml.IndentSequence(true))
	return append([]byte(lockHead), text...), err
}

// write replaces the lock of a work folder, unless it says the same already.
func (l *Lock) write(work string) error {
	text, err := l.text()
	if err != nil {
		return err
	}
	path := filepath.Join(work, LockName)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return durable.Replace(path, text, 0o644)
}
