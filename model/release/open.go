package release

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/model"
)

type publicEd25519 = ed25519.PublicKey

// Release is an open release: its manifest is signed by a trusted key, and every file it names is there with its size.
type Release struct {
	Dir      string
	Manifest *Manifest
}

// Open opens releases/<id>. Its signature must be by one of the keys; without any, by a key of the releases folder itself.
// Hashing every file is left to Verify.
func Open(releases, id string, keys ...ed25519.PublicKey) (*Release, error) {
	if !IsID(id) {
		return nil, unknown(releases, id)
	}
	r, err := openDir(filepath.Join(releases, id), id, keys)
	if errors.Is(err, os.ErrNotExist) && !exists(filepath.Join(releases, id)) {
		return nil, unknown(releases, id)
	}
	return r, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// openDir opens the release id that lies in dir.
func openDir(dir, id string, keys []ed25519.PublicKey) (*Release, error) {
	if len(keys) == 0 {
		var err error
		if keys, err = PublicKeys(filepath.Dir(dir)); err != nil && exists(dir) {
			return nil, err
		}
	}
	m, err := readManifest(dir, keys)
	if err != nil {
		return nil, refused(id, err)
	}
	if m.ID != id {
		return nil, refused(id, fmt.Errorf("its manifest is that of %s", m.ID))
	}
	r := &Release{Dir: dir, Manifest: m}
	if err := r.sizes(); err != nil {
		return nil, refused(id, err)
	}
	return r, nil
}

// sizes looks that every file of the manifest is there with its size. Other files are no part of the release and ignored.
func (r *Release) sizes() error {
	for _, f := range r.Manifest.Files {
		info, err := os.Lstat(r.Path(f.Path))
		switch {
		case errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("%s is missing", f.Path)
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s is not a regular file", f.Path)
		case info.Size() != f.Bytes:
			return fmt.Errorf("%s has %d bytes, %d were published", f.Path, info.Size(), f.Bytes)
		}
	}
	return nil
}

// Verify hashes the files and compares them with the manifest. Files for which skip says true are left out; skip may be nil.
func (r *Release) Verify(ctx context.Context, skip func(path string) bool) error {
	var want, got []File
	for _, f := range r.Manifest.Files {
		if skip == nil || !skip(f.Path) {
			want = append(want, f)
			got = append(got, File{Path: f.Path})
		}
	}
	if err := hash(ctx, r.Dir, got, nil); err != nil {
		return refused(r.Manifest.ID, err)
	}
	for i, f := range want {
		if got[i].SHA256 != f.SHA256 {
			return refused(r.Manifest.ID, fmt.Errorf("the bytes of %s are not those that were published", f.Path))
		}
	}
	return nil
}

// Path is the path on disk of a file of the release, given relative with slashes.
func (r *Release) Path(file string) string { return filepath.Join(r.Dir, filepath.FromSlash(file)) }

// Current is the id of the release being served.
func Current(releases string) (string, error) {
	text, err := os.ReadFile(filepath.Join(releases, currentName))
	if errors.Is(err, os.ErrNotExist) {
		return "", &model.Error{Kind: model.NotFound, Op: "open release", Subject: releases,
			Hint: "publish one: jumeau run TERRITORY --releases " + releases, Err: errors.New("nothing is published here yet")}
	}
	if err != nil {
		return "", diskError("open release", releases, err)
	}
	id := strings.TrimSpace(string(text))
	if !IsID(id) {
		return "", &model.Error{Kind: model.Invalid, Op: "open release", Subject: filepath.Join(releases, currentName),
			Hint: "choose one: jumeau releases rollback ID --releases " + releases, Err: fmt.Errorf("%.40q is not the id of a release", id)}
	}
	return id, nil
}

func openCurrent(releases string) (*Release, error) {
	id, err := Current(releases)
	if err != nil {
		return nil, err
	}
	return Open(releases, id)
}

// Listed is one release of a folder. Err says why it cannot be opened; then only ID is known.
type Listed struct {
	ID       string
	Current  bool
	Manifest *Manifest
	Err      error
}

// List gives the releases of a folder, newest first.
func List(releases string) ([]Listed, error) {
	entries, err := os.ReadDir(releases)
	if errors.Is(err, os.ErrNotExist) {
		return nil, &model.Error{Kind: model.NotFound, Op: "list releases", Subject: releases,
			Hint: "publish one: jumeau run TERRITORY --releases " + releases, Err: errors.New("there is no such folder")}
	}
	if err != nil {
		return nil, diskError("list releases", releases, err)
	}
	current, _ := Current(releases)
	var out []Listed
	for _, e := range entries {
		if !e.IsDir() || !IsID(e.Name()) {
			continue
		}
		l := Listed{ID: e.Name(), Current: e.Name() == current}
		r, err := Open(releases, e.Name())
		if l.Err = err; err == nil {
			l.Manifest = r.Manifest
		}
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Listed) int { return cmp.Or(b.builtAt().Compare(a.builtAt()), strings.Compare(b.ID, a.ID)) })
	return out, nil
}

// builtAt is to the second, of a release that cannot be read to the minute: what follows the minute in an id says nothing of time.
func (l Listed) builtAt() time.Time {
	if l.Manifest != nil {
		return l.Manifest.BuiltAt
	}
	return builtAt(l.ID)
}

// Find completes the id of a release: the whole id, "current", or enough of its start or of its end to be the only one.
func Find(releases, part string) (string, error) {
	if part == currentName {
		return Current(releases)
	}
	all, err := List(releases)
	if err != nil {
		return "", err
	}
	var found []string
	for _, l := range all {
		if l.ID == part {
			return part, nil
		}
		if part != "" && (strings.HasPrefix(l.ID, part) || strings.HasSuffix(l.ID, part)) {
			found = append(found, l.ID)
		}
	}
	switch len(found) {
	case 0:
		return "", unknown(releases, part)
	case 1:
		return found[0], nil
	}
	return "", &model.Error{Kind: model.Invalid, Op: "open release", Subject: part,
		Hint: "write more of it: " + strings.Join(found, ", "), Err: fmt.Errorf("%d releases match", len(found))}
}

func unknown(releases, id string) error {
	return &model.Error{Kind: model.NotFound, Op: "open release", Subject: id,
		Hint: "see what there is: jumeau releases list --releases " + releases, Err: errors.New("there is no such release")}
}

func refused(id string, err error) error {
	return &model.Error{Kind: model.Invalid, Op: "open release", Subject: id,
		Hint: "the release is damaged: serve another one with `jumeau releases rollback`, then run again", Err: err}
}
