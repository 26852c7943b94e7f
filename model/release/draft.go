package release

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"jumeau/internal/durable"
	"jumeau/model"
)

const draftSuffix = ".tmp"

// Draft is a release being built. Not safe for concurrent use.
type Draft struct {
	releases string
	dir      string
	digests  map[string]string
	lock     *lock
	held     bool
}

// Held says, after Publish, that the release was built and is not served, because the folder is held.
func (d *Draft) Held() bool { return d.held }

// Begin makes the folder of the next release. It holds a lock until Close or the end of the process, so that one run at a
// time builds; folders left by a killed run are removed.
func Begin(releases string) (*Draft, error) {
	if err := os.MkdirAll(releases, 0o755); err != nil {
		return nil, diskError("begin release", releases, err)
	}
	held, err := takeLock(releases, ".lock", false)
	if errors.Is(err, errHeld) {
		return nil, &model.Error{Kind: model.Unavailable, Op: "begin release", Subject: releases,
			Hint: "wait for the other run to end, or stop it", Err: errors.New("another run is building a release here")}
	}
	if err != nil {
		return nil, diskError("begin release", releases, err)
	}
	d := &Draft{releases: releases, digests: map[string]string{}, lock: held}
	if err := removeStale(releases); err != nil {
		d.Close()
		return nil, diskError("remove what a killed run left", releases, err)
	}
	if d.dir, err = os.MkdirTemp(releases, "draft-*"+draftSuffix); err != nil {
		d.Close()
		return nil, diskError("begin release", releases, err)
	}
	return d, nil
}

func removeStale(releases string) error {
	entries, err := os.ReadDir(releases)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasSuffix(e.Name(), draftSuffix) {
			if err := os.RemoveAll(filepath.Join(releases, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Dir is the folder to write the release's files into.
func (d *Draft) Dir() string { return d.dir }

// Digest gives the content digest (hexadecimal) of a file whose bytes differ between runs over the same inputs, such as a
// database; path is relative to Dir, with slashes.
func (d *Draft) Digest(path, digest string) { d.digests[path] = digest }

// Close removes the draft, unless it was published, and lets other runs begin. It may be called twice.
func (d *Draft) Close() error {
	defer d.lock.release()
	if d.dir == "" {
		return nil
	}
	dir := d.dir
	d.dir = ""
	return os.RemoveAll(dir)
}

// Publish makes the draft the current release, and says its id. When the current release has the same content, its id is
// returned and published is false; so it is when the folder is held (see Hold): then the release is there, and the pointer is not
// moved to it. On an error the releases folder is as it was, and the draft is still there.
func (d *Draft) Publish(ctx context.Context, m Manifest) (id string, published bool, err error) {
	id, published, err = d.publish(ctx, m)
	if err != nil {
		var known *model.Error
		if !errors.As(err, &known) {
			err = diskError("publish release", d.releases, err)
		}
		return "", false, err
	}
	return id, published, d.Close()
}

func (d *Draft) publish(ctx context.Context, m Manifest) (string, bool, error) {
	if d.dir == "" {
		return "", false, &model.Error{Kind: model.Internal, Op: "publish release", Err: errors.New("the draft is closed")}
	}
	key, err := signingKey(d.releases)
	if err != nil {
		return "", false, err
	}
	if err := d.fill(ctx, &m); err != nil {
		return "", false, err
	}
	var there string
	if there, d.held = Has(d.releases, m.Content); there != "" {
		return there, false, nil
	}
	m.Key = Fingerprint(key.Public().(publicEd25519))
	if err := check(d.dir, &m); err != nil {
		return "", false, err
	}
	if err := m.seal(d.dir, key); err != nil {
		return "", false, err
	}
	if err := freeze(d.dir); err != nil {
		return "", false, err
	}
	keys, err := PublicKeys(d.releases)
	if err != nil {
		return "", false, err
	}
	if _, err := openDir(d.dir, m.ID, keys); err != nil {
		return "", false, err
	}
	if err := ctx.Err(); err != nil {
		return "", false, err
	}
	err = d.install(&m)
	return m.ID, !d.held, err
}

// Has is the release with a content that a run need not publish: the current one or, while the folder is held, the newest that has
// it; "" when there is none. held says that what is published now is not served.
func Has(releases, content string) (id string, held bool) {
	if current, err := openCurrent(releases); err == nil && current.Manifest.Content == content {
		return current.Manifest.ID, false
	}
	hold, _ := ReadHold(releases) // one that cannot be read holds
	if hold == nil {
		return "", false
	}
	return newestWith(releases, content), true
}

// fill completes the manifest from the files of the draft, which are on disk when it returns.
func (d *Draft) fill(ctx context.Context, m *Manifest) error {
	files, err := walk(d.dir)
	if err != nil {
		return err
	}
	if err := hash(ctx, d.dir, files, (*os.File).Sync); err != nil {
		return err
	}
	for path, digest := range d.digests {
		f, ok := find(files, func(f *File) bool { return f.Path == path })
		if !ok {
			return &model.Error{Kind: model.Internal, Op: "publish release", Subject: path, Err: errors.New("a digest of a file that is not there")}
		}
		f.Digest = digest
	}
	m.Format, m.Files = Format, files
	m.Catalog.complete()
	if m.BuiltAt.IsZero() {
		m.BuiltAt = time.Now()
	}
	m.BuiltAt = m.BuiltAt.UTC().Truncate(time.Second)
	if m.Content, err = m.contentID(); err != nil {
		return err
	}
	m.ID = makeID(m.BuiltAt, m.Content)
	m.address()
	return nil
}

// freeze makes the files read-only, lets every user read them, and waits until all names are on disk.
func freeze(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.IsDir() {
			return os.Chmod(path, 0o444)
		}
		if err := os.Chmod(path, 0o755); err != nil {
			return err
		}
		return durable.Sync(path)
	})
}

// install gives the draft its name and moves the pointer to it: two renames, each after everything before is on disk.
func (d *Draft) install(m *Manifest) error {
	pointer, err := takeLock(d.releases, ".pointer", true)
	if err != nil {
		return err
	}
	defer pointer.release()
	path := filepath.Join(d.releases, m.ID)
	switch existing, err := openDir(path, m.ID, nil); {
	case errors.Is(err, os.ErrNotExist):
		if err := os.Rename(d.dir, path); err != nil {
			return err
		}
		d.dir = ""
	case existing != nil && existing.Manifest.Content == m.Content:
		// The same content, published in the same minute and then rolled back: it is already there.
	default:
		return &model.Error{Kind: model.Unavailable, Op: "publish release", Subject: m.ID,
			Hint: "run again in a minute", Err: fmt.Errorf("a release with this id is already there: %w", os.ErrExist)}
	}
	if err := durable.Sync(d.releases); err != nil {
		return err
	}
	hold, _ := ReadHold(d.releases) // again, now that nobody else moves the pointer
	if d.held = hold != nil; d.held {
		return nil
	}
	return moveCurrent(d.releases, m.ID)
}

func moveCurrent(releases, id string) error {
	return replaceFile(filepath.Join(releases, currentName), []byte(id+"\n"), 0o644)
}

func diskError(op, subject string, err error) error {
	hint := "look at the permissions of the releases folder"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		hint = "free some space: `jumeau releases prune` removes old releases; the release being served is untouched"
	}
	return &model.Error{Kind: model.Unavailable, Op: op, Subject: subject, Hint: hint, Err: err}
}
