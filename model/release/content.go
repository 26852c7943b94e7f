package release

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// walk goes through a release folder and returns its files, sorted by path, without the manifest and its signature. What is
// neither a file nor a folder is refused: a release must mean the same wherever it is copied.
func walk(dir string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return fmt.Errorf("%s is not a regular file", name)
		}
		if name != manifestName && name != signatureName {
			files = append(files, File{Path: name, Bytes: info.Size()})
		}
		return nil
	})
	sort.Slice(files, func(i, j int) bool { return files[i].Path < files[j].Path })
	return files, err
}

// hash fills the SHA-256 of each file, two at a time, calling each on every file while it is open.
func hash(ctx context.Context, dir string, files []File, each func(*os.File) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2)
	for i := range files {
		group.Go(func() (err error) {
			files[i].SHA256, err = hashFile(ctx, filepath.Join(dir, filepath.FromSlash(files[i].Path)), each)
			return err
		})
	}
	return group.Wait()
}

func hashFile(ctx context.Context, path string, each func(*os.File) error) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.CopyBuffer(sum, contextReader{ctx, file}, make([]byte, 1<<18)); err != nil {
		return "", err
	}
	if each != nil {
		if err := each(file); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// contextReader stops reading when the context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(b []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(b)
}

// ContentID works the content id out from what the manifest says, for whoever re-checks it.
func (m *Manifest) ContentID() (string, error) { return m.contentID() }

// contentID is the SHA-256 over the sorted lines "path\x00digest\n" of the files, and of what the manifest says apart from
// when, by whom and at what cost the release was built.
func (m *Manifest) contentID() (string, error) {
	said := struct {
		Format  int
		Catalog Catalog
		Privacy []Card
	}{m.Format, m.Catalog, m.Privacy}
	said.Catalog.Release, said.Catalog.BuiltAt = "", time.Time{}
	said.Catalog.Layers = append([]Layer{}, m.Catalog.Layers...)
	for i := range said.Catalog.Layers {
		said.Catalog.Layers[i].Tiles, said.Catalog.Layers[i].Download = "", ""
	}
	text, err := json.Marshal(said)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	lines := []string{manifestName + "\x00" + hex.EncodeToString(sum[:]) + "\n"}
	for _, f := range m.Files {
		digest := f.SHA256
		if f.Digest != "" {
			digest = f.Digest
		}
		lines = append(lines, f.Path+"\x00"+digest+"\n")
	}
	sort.Strings(lines)
	sum = sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:]), nil
}
