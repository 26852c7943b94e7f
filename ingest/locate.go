package ingest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/model"
)

// File is one file of a source on disk, or one folder (a Shapefile).
type File struct {
	Path   string // on disk
	Name   string // as declared: relative, with "/"
	Bytes  int64
	SHA256 string // hex; of a folder, over the names and bytes of its files; "" until it is loaded

	changed time.Time // when it, or the last of its files, was last written
}

// errAbsent says that no file of a source is there.
var errAbsent = errors.New("no such file")

// IsAbsent says whether an error of Locate or Load is that no file of the source is there.
func IsAbsent(err error) bool { return errors.Is(err, errAbsent) }

// Locate finds the files of a source below the folders, in their order; the first folder that has any wins. Files of a
// pattern come sorted by name. It opens none of them.
func Locate(src *model.Source, folders []string) ([]File, error) {
	pattern := src.From.Path
	if pattern == "" {
		return nil, absent(src, fmt.Errorf("%w: only an address is declared (%s)", errAbsent, src.From.URL),
			"fetch it: jumeau fetch, or jumeau run without --offline; or declare from.path, its place below the mirror folder")
	}
	if !filepath.IsLocal(filepath.FromSlash(pattern)) {
		return nil, &model.Error{Kind: model.Invalid, Op: "locate", Subject: src.ID, Err: fmt.Errorf("from.path %q leaves its folder", pattern),
			Hint: "write it relative to the territory folder or to the mirror folder, without .."}
	}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil {
			return nil, &model.Error{Kind: model.Invalid, Op: "locate", Subject: src.ID, Err: err}
		}
		if len(names) == 0 {
			continue
		}
		slices.Sort(names)
		files := make([]File, len(names))
		for i, name := range names {
			if files[i], err = describe(folder, name); err != nil {
				return nil, &model.Error{Kind: model.Unavailable, Op: "locate", Subject: src.ID, Err: err, Hint: hintUnreadable}
			}
		}
		return files, nil
	}
	return nil, absent(src, fmt.Errorf("%w: %s (looked in %s)", errAbsent, pattern, strings.Join(folders, ", ")), hintAbsent(src))
}

// Fetched are files on this machine of sources that have an address, by the source's id.
type Fetched map[string][]File

// Find finds the files of a source: those found before, those fetched, or those below the folders.
func (o Options) Find(src *model.Source) ([]File, error) {
	if found := o.Found[src.ID]; len(found) > 0 {
		return slices.Clone(found), nil
	}
	fetched := o.Fetched[src.ID]
	if len(fetched) == 0 {
		return Locate(src, o.Folders)
	}
	files := make([]File, len(fetched))
	for i, f := range fetched {
		files[i] = File{Path: f.Path, Name: f.Name}
		if err := files[i].measure(); err != nil {
			return nil, &model.Error{Kind: model.Unavailable, Op: "locate", Subject: src.ID, Err: err, Hint: hintUnreadable}
		}
	}
	return files, nil
}

func absent(src *model.Source, err error, hint string) error {
	return &model.Error{Kind: model.NotFound, Op: "locate", Subject: src.ID, Err: err, Hint: hint}
}

func hintAbsent(src *model.Source) string {
	if src.From.URL != "" {
		return "download " + src.From.URL + " to that place, or give its folder with --mirror"
	}
	return "put the file there, or give its folder with --mirror"
}

const hintUnreadable = "look at the file's permissions; it must be a file, or a folder of files"

func describe(folder, name string) (File, error) {
	rel, err := filepath.Rel(folder, name)
	if err != nil {
		return File{}, err
	}
	f := File{Path: name, Name: filepath.ToSlash(rel)}
	err = f.measure()
	return f, err
}

// measure finds the size, and the time of the last change.
func (f *File) measure() error {
	f.Bytes, f.changed = 0, time.Time{}
	return f.each(func(_ string, info fs.FileInfo) error {
		f.Bytes += info.Size()
		if info.ModTime().After(f.changed) {
			f.changed = info.ModTime()
		}
		return nil
	})
}

// each visits the file, or the files of the folder in the order of their names. What is neither, such as a pipe, is an error:
// reading it could wait for ever.
func (f *File) each(do func(path string, info fs.FileInfo) error) error {
	root, err := filepath.EvalSymlinks(f.Path)
	if err != nil {
		return err
	}
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a file", path)
		}
		return do(path, info)
	})
}

// Digest reads the file for its SHA-256, unless it is known.
func (f *File) Digest(ctx context.Context) error {
	if f.SHA256 != "" {
		return nil
	}
	info, err := os.Stat(f.Path)
	if err != nil {
		return err
	}
	sum := sha256.New()
	err = f.each(func(path string, _ fs.FileInfo) error {
		if info.IsDir() {
			fmt.Fprintln(sum, filepath.Base(path))
		}
		return hashFile(ctx, path, sum)
	})
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return err
}

// Grew says whether the file is what it was, with more behind it: its first size bytes had the digest, and ended a line. It reads the whole file
// for its own digest too. line is the one on which the rest begins, from 1.
func (f *File) Grew(ctx context.Context, size int64, digest string) (line int64, ok bool, err error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return 0, false, err
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() || f.Bytes <= size {
		return 0, false, err
	}
	sum, lines := sha256.New(), &lineCounter{}
	if _, err := io.CopyN(io.MultiWriter(sum, lines), contextReader{ctx, in}, size); err != nil {
		return 0, false, err
	}
	ok = hex.EncodeToString(sum.Sum(nil)) == digest && lines.last == '\n'
	if _, err := io.Copy(sum, contextReader{ctx, in}); err != nil {
		return 0, false, err
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return lines.n + 1, ok, nil
}

// lineCounter counts the line ends of what is written to it.
type lineCounter struct {
	n    int64
	last byte
}

func (l *lineCounter) Write(b []byte) (int, error) {
	if len(b) > 0 {
		l.n, l.last = l.n+int64(bytes.Count(b, []byte{'\n'})), b[len(b)-1]
	}
	return len(b), nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(b)
}

// unchanged is an error when the file is not as it was when it was found: its digest may then be of other rows than those read.
func (f *File) unchanged() error {
	now := File{Path: f.Path}
	err := now.measure()
	if err == nil && (now.Bytes != f.Bytes || !now.changed.Equal(f.changed)) {
		err = errors.New("it was changed while it was read")
	}
	return err
}

func hashFile(ctx context.Context, path string, into io.Writer) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	for {
		_, err := io.CopyN(into, in, 16<<20)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
	}
}
