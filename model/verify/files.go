package verify

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"jumeau/model/release"
)

const (
	manifestName  = "manifest.json"
	signatureName = "manifest.sig"
)

// signature reads the manifest and checks who signed it. Later checks are made whatever it finds: a report that says all that is
// wrong is worth more than one that stops.
func (s *subject) signature(_ context.Context, f *finding) error {
	f.looked = 1
	var err error
	if s.text, err = os.ReadFile(filepath.Join(s.dir, manifestName)); err != nil {
		return err
	}
	m := &release.Manifest{}
	if err := json.Unmarshal(s.text, m); err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	if s.cards, err = readCards(s.text); err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	s.manifest = m
	mark, err := os.ReadFile(filepath.Join(s.dir, signatureName))
	if err != nil {
		return err
	}
	if len(s.Keys) == 0 {
		return errors.New("there is no public key to check the signature with")
	}
	for _, key := range s.Keys {
		if ed25519.Verify(key, s.text, mark) {
			f.note = "key " + release.Fingerprint(key)
			if m.Key != release.Fingerprint(key) {
				f.add("the manifest says key %s, key %s signed it", m.Key, release.Fingerprint(key))
			}
			return nil
		}
	}
	return errors.New("the signature is not by a trusted key: the manifest was changed, or signed by somebody else")
}

// files hashes every file of the manifest, and looks for others.
func (s *subject) files(ctx context.Context, f *finding) error {
	var bytes int64
	for _, file := range s.manifest.Files {
		if !filepath.IsLocal(filepath.FromSlash(file.Path)) {
			f.add("%s lies outside the release", file.Path)
			continue
		}
		sum, n, err := digest(ctx, s.path(file.Path))
		switch {
		case errors.Is(err, os.ErrNotExist):
			f.add("%s is missing", file.Path)
		case err != nil:
			return err
		case sum != file.SHA256 || n != file.Bytes:
			f.add("the bytes of %s are not those that were published", file.Path)
		}
		f.looked++
		bytes += n
	}
	f.note = fmt.Sprintf("%d files, %.1f MB", f.looked, float64(bytes)/1e6)
	return filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(s.dir, path)
		name = filepath.ToSlash(name)
		if _, named := s.manifest.File(name); !named && name != manifestName && name != signatureName {
			f.add("%s is there, and the manifest does not name it", name)
		}
		return err
	})
}

func digest(ctx context.Context, path string) (string, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	if err == nil {
		err = ctx.Err()
	}
	return hex.EncodeToString(sum.Sum(nil)), n, err
}

func (s *subject) path(file string) string { return filepath.Join(s.dir, filepath.FromSlash(file)) }

// content works the content id out again.
func (s *subject) content(_ context.Context, f *finding) error {
	f.looked = 1
	m := s.manifest
	got, err := m.ContentID()
	if err != nil {
		return err
	}
	f.note = got
	if got != m.Content {
		f.add("the content is %.12s…, the manifest says %.12s…", got, m.Content)
	}
	if m.ID != s.ID {
		f.add("the manifest is that of %s", m.ID)
	}
	if len(m.Content) < 6 || !strings.HasSuffix(s.ID, "-"+m.Content[:6]) {
		f.add("the id does not end in the start of the content %.6s", m.Content)
	}
	return nil
}
