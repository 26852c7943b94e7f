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
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"jumeau/internal/durable"
	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/runlog"
	"jumeau/model/verify"
)

// RestoreOptions say where to.
type RestoreOptions struct {
	Releases string // Required; may hold releases already
	State    string // "": the state of the server is left out
	Tokens   bool   // also those of the backup, which may have been revoked since
	Now      time.Time
}

// Restored is what was brought back.
type Restored struct {
	About    About
	Releases []string // that were not there
	Gap      *model.LedgerGap
	Kept     []string // files that were there and stayed
}

// Restore brings a backup back. Everything is read, and held to its sums and signatures, beside the folder first; on an error the
// folder is as it was, but for releases that were added whole.
func Restore(ctx context.Context, in io.Reader, opt RestoreOptions) (*Restored, error) {
	if err := os.MkdirAll(opt.Releases, 0o755); err != nil {
		return nil, failed(opt.Releases, err)
	}
	draft, err := os.MkdirTemp(opt.Releases, ".restore-*")
	if err != nil {
		return nil, failed(opt.Releases, err)
	}
	defer os.RemoveAll(draft)
	about, err := unpack(ctx, in, draft)
	if err != nil {
		return nil, err
	}
	r := &restoring{opt: opt, from: filepath.Join(draft, "releases"), done: &Restored{About: *about}}
	for _, step := range []func() error{r.checkLedger, r.checkKeys, func() error { return r.releases(ctx) }, r.files, func() error { return r.state(filepath.Join(draft, "state")) }} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return r.done, nil
}

func failed(subject string, err error) error {
	return &model.Error{Kind: model.Unavailable, Op: "restore", Subject: subject, Err: err, Hint: "look at the permissions and the free space of the folder"}
}

func refused(subject, hint, format string, args ...any) error {
	return &model.Error{Kind: model.Invalid, Op: "restore", Subject: subject, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// unpack writes the files of a backup below a folder, and holds them to their sums.
func unpack(ctx context.Context, in io.Reader, dir string) (*About, error) {
	broken := func(err error) error {
		return refused("backup", "take another copy: this one is cut short or was changed", "%w", err)
	}
	packed, err := zstd.NewReader(in, zstd.WithDecoderMaxWindow(128<<20))
	if err != nil {
		return nil, broken(err)
	}
	defer packed.Close()
	about := &About{}
	var sums bytes.Buffer
	var stated []byte
	for files := tar.NewReader(packed); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		if stated != nil {
			return nil, broken(errors.New("there is something after the sums"))
		}
		if h.Name == sumsName {
			if stated, err = io.ReadAll(io.LimitReader(files, 64<<20)); err != nil {
				return nil, broken(err)
			}
			continue
		}
		sum, text, err := one(files, h, dir)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&sums, "%s  %s\n", sum, h.Name)
		if h.Name == aboutName {
			if err := json.Unmarshal(text, about); err != nil || about.Format != format {
				return nil, refused("backup", "use the program that wrote it, or a newer one", "it is of another format")
			}
		}
	}
	if stated == nil || !bytes.Equal(stated, sums.Bytes()) {
		return nil, broken(errors.New("the files are not those that were backed up"))
	}
	if about.Format == 0 {
		return nil, refused("backup", "name a file that jumeau backup wrote", "it is none")
	}
	return about, nil
}

// one writes one file; text is its content when it is that of the description.
func one(in io.Reader, h *tar.Header, dir string) (sum string, text []byte, err error) {
	inside := strings.HasPrefix(h.Name, releasesPart) || strings.HasPrefix(h.Name, statePart) || h.Name == aboutName
	if h.Typeflag != tar.TypeReg || !inside || path.Clean(h.Name) != h.Name || !filepath.IsLocal(filepath.FromSlash(h.Name)) {
		return "", nil, refused("backup", "take another copy: this one was made by another hand", "%.80q does not belong into one", h.Name)
	}
	name := filepath.Join(dir, filepath.FromSlash(h.Name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", nil, failed(name, err)
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, os.FileMode(h.Mode)&0o644|0o600)
	if err != nil {
		return "", nil, failed(name, err)
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(file, hash), in)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", nil, failed(name, err)
	}
	if h.Name == aboutName {
		text, err = os.ReadFile(name)
	}
	return hex.EncodeToString(hash.Sum(nil)), text, err
}

// restoring brings back what was unpacked.
type restoring struct {
	opt    RestoreOptions
	from   string // the unpacked releases folder
	done   *Restored
	ledger []byte // to be written; nil: that of the folder stays
}

func (r *restoring) here(name string) string { return filepath.Join(r.opt.Releases, name) }

// checkLedger decides which ledger counts. That of the folder, when it goes on where the backup ends: it knows more. That of the
// backup, when the folder's is gone or older; then there is a gap, which ends now. Two that part are nobody's ledger.
func (r *restoring) checkLedger() error {
	theirs, err := optional(filepath.Join(r.from, verify.LedgerName))
	if err != nil {
		return failed(r.from, err)
	}
	ours, err := optional(r.here(verify.LedgerName))
	if err != nil {
		return failed(r.opt.Releases, err)
	}
	if _, faults := verify.ReadLedger(theirs); len(faults) > 0 {
		return refused(verify.LedgerName, "take an earlier backup", "the ledger of the backup is broken: %w", faults[0])
	}
	switch {
	case ours != nil && bytes.HasPrefix(ours, theirs):
		r.done.Kept = append(r.done.Kept, verify.LedgerName)
		return nil
	case ours != nil && !bytes.HasPrefix(theirs, ours):
		return refused(r.here(verify.LedgerName), "restore into an empty folder, and compare the two ledgers: each charge in either was spent",
			"the ledger there and that of the backup differ")
	}
	r.ledger = append([]byte{}, theirs...)
	r.done.Gap = &model.LedgerGap{From: r.done.About.At, Until: r.opt.Now.UTC().Truncate(time.Second)}
	for _, name := range []string{filepath.Join(r.from, verify.LedgerName), r.here(verify.LedgerName)} { // a gap that was there goes on
		before, err := model.ReadLedgerGap(name)
		if err != nil {
			return err
		}
		if before != nil && before.Stated == nil && before.From.Before(r.done.Gap.From) {
			r.done.Gap.From = before.From
		}
	}
	return nil
}

// optional reads a file; nil when it is not there.
func optional(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return append([]byte{}, text...), err
}

// checkKeys refuses a backup whose keys are others than those there.
func (r *restoring) checkKeys() error {
	return eachFile(filepath.Join(r.from, "key"), func(name string, text []byte) error {
		ours, err := optional(r.here(filepath.Join("key", name)))
		if err != nil {
			return failed(name, err)
		}
		if ours != nil && !bytes.Equal(ours, text) && name != "release.pub" {
			return refused(filepath.Join("key", name), "restore into an empty folder", "the key there is another one than that of the backup")
		}
		return nil
	})
}

func eachFile(dir string, do func(name string, text []byte) error) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return failed(dir, err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return failed(e.Name(), err)
		}
		if err := do(e.Name(), text); err != nil {
			return err
		}
	}
	return nil
}

// releases moves those in that are not there, each verified.
func (r *restoring) releases(ctx context.Context) error {
	trusted := r.from // the keys of the folder count, when it has some
	if _, err := os.Stat(r.here("key/release.pub")); err == nil {
		trusted = r.opt.Releases
	}
	keys, err := release.PublicKeys(trusted)
	if err != nil && len(r.done.About.Releases) > 0 {
		return err
	}
	for _, id := range r.done.About.Releases {
		if !release.IsID(id) {
			return refused("release "+id, "take another copy of the backup", "not the id of a release")
		}
		if _, err := os.Stat(r.here(id)); err == nil {
			continue
		}
		opened, err := release.Open(r.from, id, keys...)
		if err != nil {
			return err
		}
		if err := opened.Verify(ctx, nil); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(r.from, id), r.here(id)); err != nil {
			return failed(id, err)
		}
		r.done.Releases = append(r.done.Releases, id)
	}
	return nil
}

// files brings back what is not a release: what is there stays. The ledger and its gap come first: no run may find one without the other.
func (r *restoring) files() error {
	if r.done.Gap != nil {
		text, err := json.MarshalIndent(r.done.Gap, "", " ")
		if err != nil {
			return err
		}
		ledger := r.here(verify.LedgerName)
		if err := write(model.LedgerGapPath(ledger), append(text, '\n'), 0o644); err != nil {
			return err
		}
		if len(r.ledger) > 0 {
			if err := write(ledger, r.ledger, 0o644); err != nil {
				return err
			}
		}
	}
	if err := eachFile(filepath.Join(r.from, "key"), func(name string, text []byte) error { return r.keep(filepath.Join("key", name), text, 0o600) }); err != nil {
		return err
	}
	for _, name := range []string{"hold.json", runlog.Name, runlog.FeedName, "current"} {
		text, err := optional(filepath.Join(r.from, name))
		if err != nil {
			return failed(name, err)
		}
		if text != nil {
			if err := r.keep(name, text, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep writes a file unless it is there.
func (r *restoring) keep(name string, text []byte, mode os.FileMode) error {
	if filepath.Ext(name) == ".pub" {
		mode = 0o644
	}
	if _, err := os.Stat(r.here(name)); err == nil {
		r.done.Kept = append(r.done.Kept, name)
		return nil
	}
	return write(r.here(name), text, mode)
}

// state brings back the state folder of a server: what is there stays.
func (r *restoring) state(from string) error {
	if r.opt.State == "" {
		return nil
	}
	root := os.DirFS(from)
	for _, pattern := range []string{"*", "audit/*"} {
		names, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil {
			return err
		}
		for _, name := range names {
			inside, _ := filepath.Rel(from, name)
			info, err := os.Stat(name)
			if err != nil || info.IsDir() || inside == "tokens.json" && !r.opt.Tokens {
				continue
			}
			file, err := root.Open(filepath.ToSlash(inside))
			if err != nil {
				return failed(inside, err)
			}
			text, err := io.ReadAll(file)
			file.Close()
			if err != nil {
				return failed(inside, err)
			}
			if _, err := os.Stat(filepath.Join(r.opt.State, inside)); err == nil {
				r.done.Kept = append(r.done.Kept, filepath.Join("state", inside))
				continue
			}
			if err := write(filepath.Join(r.opt.State, inside), text, 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

// write writes a file whole or not at all, and waits until it is on disk.
func write(name string, text []byte, mode os.FileMode) error {
	folder := os.FileMode(0o755)
	if mode == 0o600 {
		folder = 0o700
	}
	if strings.HasSuffix(filepath.Dir(name), "key") {
		folder = 0o755
	}
	if err := os.MkdirAll(filepath.Dir(name), folder); err != nil {
		return failed(name, err)
	}
	if err := durable.Replace(name, text, mode); err != nil {
		return failed(name, err)
	}
	return nil
}

// State writes down that somebody answers for it that nothing was drawn in the gap of a releases folder.
func State(releases string, s model.Statement) (*model.LedgerGap, error) {
	ledger := filepath.Join(releases, verify.LedgerName)
	gap, err := model.ReadLedgerGap(ledger)
	if err != nil {
		return nil, err
	}
	if gap == nil {
		return nil, refused(releases, "there is nothing to answer for", "its ledger has no gap")
	}
	if strings.TrimSpace(s.Why) == "" {
		return nil, refused(releases, "say how you know: --nothing-drawn \"the machine was off\"", "a statement needs a reason")
	}
	gap.Stated = &s
	text, err := json.MarshalIndent(gap, "", " ")
	if err != nil {
		return nil, err
	}
	return gap, write(model.LedgerGapPath(ledger), append(text, '\n'), 0o644)
}
