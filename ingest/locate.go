package ingest

import (
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

	"jumeau/model"
)

// File is one file of a source on disk.
type File struct {
	Path   string // on disk
	Name   string // as declared: relative, with "/"
	Bytes  int64
	SHA256 string // hex; of a folder, over the names and digests of its files
}

// errAbsent says that no file of a source is there.
var errAbsent = errors.New("no such file")

// Locate finds the files of a source below the folders, in their order; the first folder that has any wins. Files of a
// pattern come sorted by name.
func Locate(src *model.Source, folders []string) ([]File, error) {
	pattern := src.From.Path
	if pattern == "" {
		return nil, absent(src, fmt.Errorf("%w: only an address is declared (%s)", errAbsent, src.From.URL),
			"download it and declare from.path, its place below the mirror folder")
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
				return nil, &model.Error{Kind: model.Unavailable, Op: "locate", Subject: src.ID, Err: err}
			}
		}
		return files, nil
	}
	return nil, absent(src, fmt.Errorf("%w: %s (looked in %s)", errAbsent, pattern, strings.Join(folders, ", ")), hintAbsent(src))
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

func describe(folder, name string) (File, error) {
	rel, err := filepath.Rel(folder, name)
	if err != nil {
		return File{}, err
	}
	f := File{Path: name, Name: filepath.ToSlash(rel)}
	sum := sha256.New()
	err = filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if path != name { // inside a folder
			fmt.Fprintln(sum, filepath.Base(path))
		}
		n, err := hashFile(path, sum)
		f.Bytes += n
		return err
	})
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return f, err
}

func hashFile(path string, into io.Writer) (int64, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	return io.Copy(into, in)
}
