package fetch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"jumeau/internal/durable"
	"jumeau/model"
)

// cacheName is the folder of the work folder that holds what was fetched:
// fetched/SOURCE/FIRST_12_OF_SHA256/NAME, so that a new file never overwrites one that a run is reading.
const cacheName = "fetched"

// keptFor is how long a file stays that the lock no longer names: a run may be reading it.
const keptFor = 48 * time.Hour

// cache is the folder of one territory, held by one process at a time.
type cache struct {
	work string
	held *os.File
}

// openCache waits for its turn: another fetch may be going on.
func openCache(ctx context.Context, work string) (*cache, error) {
	folder := filepath.Join(work, cacheName)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, diskError(folder, err)
	}
	ignore := filepath.Join(folder, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
			return nil, diskError(folder, err)
		}
	}
	held, err := os.OpenFile(filepath.Join(folder, ".lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, diskError(folder, err)
	}
	for {
		err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return &cache{work: work, held: held}, nil
		}
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
			err = sleep(ctx, 100*time.Millisecond)
		}
		if err != nil {
			held.Close()
			return nil, err
		}
	}
}

func (c *cache) close() { c.held.Close() }

// path of a file of the lock on disk.
func (c *cache) path(file string) string { return filepath.Join(c.work, filepath.FromSlash(file)) }

func (c *cache) folder(source string) string { return filepath.Join(c.work, cacheName, source) }

// has says whether the bytes of an entry seem to be there: their number is right.
func (c *cache) has(e Entry) bool {
	info, err := os.Stat(c.path(e.File))
	return err == nil && info.Mode().IsRegular() && info.Size() == e.Bytes
}

// verify reads the bytes of an entry.
func (c *cache) verify(ctx context.Context, e Entry) error {
	sum, n, err := sumFile(ctx, c.path(e.File))
	switch {
	case err != nil:
		return err
	case n != e.Bytes || sum != e.SHA256:
		return fmt.Errorf("%s is not what the lock says: it was changed after it was fetched", e.File)
	}
	return nil
}

// keep moves a finished download to its place and says which one it is.
func (c *cache) keep(source, from, name, sum string) (string, error) {
	file := path.Join(cacheName, source, sum[:12], name)
	into := c.path(file)
	if err := os.MkdirAll(filepath.Dir(into), 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(from, into); err != nil {
		return "", err
	}
	if err := durable.Sync(filepath.Dir(into)); err != nil {
		return "", err
	}
	return file, durable.Sync(c.folder(source))
}

// prune removes the files of a source that the lock no longer names, and downloads that nobody took up again.
func (c *cache) prune(source string, lock *Lock, now time.Time) error {
	named := map[string]bool{}
	for _, e := range lock.Of(source) {
		named[path.Base(path.Dir(e.File))] = true
	}
	entries, err := os.ReadDir(c.folder(source))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || named[e.Name()] || now.Sub(info.ModTime()) < keptFor {
			continue
		}
		if err := os.RemoveAll(filepath.Join(c.folder(source), e.Name())); err != nil {
			return err
		}
	}
	return nil
}

const checkedName = ".checked.json"

// checked is when the producer of each source was last asked; it is no part of the lock, which then stays the same from day to day.
func (c *cache) checked() map[string]time.Time {
	out := map[string]time.Time{}
	text, err := os.ReadFile(filepath.Join(c.work, cacheName, checkedName))
	if err == nil && json.Unmarshal(text, &out) != nil {
		return map[string]time.Time{} // as if nobody had been asked
	}
	return out
}

func (c *cache) setChecked(times map[string]time.Time) error {
	text, err := json.MarshalIndent(times, "", " ")
	if err != nil {
		return err
	}
	return durable.Replace(filepath.Join(c.work, cacheName, checkedName), text, 0o644)
}

// nameOf is a harmless name for the file of an address.
func nameOf(address string) string {
	base := address
	if u, err := url.Parse(address); err == nil {
		base = path.Base(u.Path)
	}
	base = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, base)
	base = strings.TrimLeft(base, "._-")
	if base == "" {
		base = "file"
	}
	return base[max(0, len(base)-100):]
}

// sumFile reads a file for its SHA-256 and its size.
func sumFile(ctx context.Context, name string) (string, int64, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	sum := sha256.New()
	var n int64
	for {
		k, err := io.CopyN(sum, file, 16<<20)
		n += k
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(sum.Sum(nil)), n, nil
		}
		if err != nil {
			return "", n, err
		}
		if ctx.Err() != nil {
			return "", n, ctx.Err()
		}
	}
}

func diskError(subject string, err error) error {
	hint := "look at the permissions of the work folder; choose another one with --work"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		hint = "free some space in the work folder; the release being served is untouched"
	}
	return &model.Error{Kind: model.Unavailable, Op: "fetch", Subject: subject, Hint: hint, Err: err}
}
