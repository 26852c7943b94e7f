package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/klauspost/compress/zstd"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/runlog"
	"jumeau/model/verify"
)

// Names inside the file.
const (
	aboutName    = "backup.json"
	sumsName     = "SHA256SUMS"
	releasesPart = "releases/"
	statePart    = "state/"
)

// Format of the file.
const format = 1

// About says what a backup is.
type About struct {
	Format   int       `json:"format"`
	At       time.Time `json:"at"`
	Current  string    `json:"current,omitempty"`
	Releases []string  `json:"releases"` // oldest first
	State    bool      `json:"state"`
}

// Options of a backup.
type Options struct {
	Releases string // Required
	State    string // state folder of a server; "": none
	Newest   int    // how many of the newest releases, besides the one served; 0: all
	Now      time.Time
}

// Write writes a backup.
func Write(ctx context.Context, out io.Writer, opt Options) (*About, error) {
	about := &About{Format: format, At: opt.Now.UTC().Truncate(time.Second), State: opt.State != "", Releases: []string{}}
	var err error
	if about.Current, err = release.Current(opt.Releases); err != nil && model.KindOf(err) != model.NotFound {
		return nil, err
	}
	all, err := release.List(opt.Releases)
	if err != nil {
		return nil, err
	}
	for i, l := range all { // newest first
		if l.Err == nil && (opt.Newest == 0 || i < opt.Newest || l.ID == about.Current) {
			about.Releases = append(about.Releases, l.ID)
		}
	}
	slices.Sort(about.Releases)
	packed, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest)) // tiles and Parquet are packed already
	if err != nil {
		return nil, err
	}
	w := &writer{ctx: ctx, tar: tar.NewWriter(packed), at: about.At}
	if err := w.all(about, opt); err != nil {
		return nil, &model.Error{Kind: model.Unavailable, Op: "back up", Subject: opt.Releases, Err: err, Hint: "try again; a release that was pruned meanwhile, or a full disk, are the usual causes"}
	}
	return about, errors.Join(w.tar.Close(), packed.Close())
}

type writer struct {
	ctx  context.Context
	tar  *tar.Writer
	at   time.Time
	sums bytes.Buffer
}

func (w *writer) all(about *About, opt Options) error {
	text, err := json.MarshalIndent(about, "", " ")
	if err != nil {
		return err
	}
	if err := w.text(aboutName, append(text, '\n')); err != nil {
		return err
	}
	for _, id := range about.Releases {
		if err := w.folder(filepath.Join(opt.Releases, id), releasesPart+id); err != nil {
			return err
		}
	}
	if err := w.folder(filepath.Join(opt.Releases, "key"), releasesPart+"key"); err != nil {
		return err
	}
	for _, name := range []string{"current", "hold.json", runlog.Name, runlog.FeedName, model.LedgerGapPath(verify.LedgerName), verify.LedgerName} {
		if err := w.file(filepath.Join(opt.Releases, name), releasesPart+name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if opt.State != "" {
		if err := w.folder(opt.State, statePart[:len(statePart)-1]); err != nil {
			return err
		}
	}
	sums := bytes.Clone(w.sums.Bytes())
	return w.text(sumsName, sums)
}

// folder writes the files of a folder, and those of its folders.
func (w *writer) folder(dir, name string) error {
	return filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && file == dir: // no key yet
			return nil
		case err != nil:
			return err
		case !entry.Type().IsRegular() || entry.Name()[0] == '.': // locks
			return nil
		}
		inside, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		return w.file(file, path.Join(name, filepath.ToSlash(inside)))
	})
}

// file writes one file as long as it was when it was opened: those that grow grow at their end.
func (w *writer) file(file, name string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return w.entry(name, int64(info.Mode().Perm()), info.Size(), io.LimitReader(f, info.Size()))
}

func (w *writer) text(name string, text []byte) error {
	return w.entry(name, 0o644, int64(len(text)), bytes.NewReader(text))
}

func (w *writer) entry(name string, mode, size int64, from io.Reader) error {
	if err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: size, ModTime: w.at, Format: tar.FormatPAX}); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(w.tar, sum), from); err != nil {
		return err
	}
	fmt.Fprintf(&w.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}
