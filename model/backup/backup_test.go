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
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/model/runlog"
	"jumeau/model/verify"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// house is a releases folder with two releases, a ledger of n lines, a diary and a state folder.
func house(t *testing.T, n int) (releases, state string) {
	t.Helper()
	releases, state = filepath.Join(t.TempDir(), "releases"), t.TempDir()
	for i := range 2 {
		releasetest.Publish(t, releases, releasetest.Options{Residents: float64(i), BuiltAt: noon.Add(time.Duration(i-2) * time.Hour)})
	}
	for name, text := range map[string]string{filepath.Join(releases, verify.LedgerName): string(ledger(t, n)), filepath.Join(state, "tokens.json"): `{"tokens":[]}`,
		filepath.Join(state, "audit", "audit-2026-11.jsonl"): "{}\n", filepath.Join(releases, "key", "phones.2026-01.cell.key"): "a key"} {
		must(t, os.MkdirAll(filepath.Dir(name), 0o755))
		must(t, os.WriteFile(name, []byte(text), 0o600))
	}
	must(t, runlog.Append(releases, runlog.Record{Run: "r", Event: runlog.Began, At: noon}))
	return releases, state
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ledger of n monthly charges of one source, chained as the gate chains them.
func ledger(t *testing.T, n int) (out []byte) {
	t.Helper()
	previous := ""
	for i := range n {
		e := verify.Entry{Seq: i + 1, At: noon, Source: "phones", Release: fmt.Sprintf("2026-%02d", i+1), Class: "C", Epsilon: 1e6, Delta: 1e-6, K: 20, L0: 1, Linf: 1,
			Period: verify.Period{From: fmt.Sprintf("2026-%02d-01", i+1), To: fmt.Sprintf("2026-%02d-01", i+2)}, Mechanism: "m", Author: "a", Contract: "c", Cap: 9e6, Previous: previous}
		bare, err := json.Marshal(e)
		must(t, err)
		sum := sha256.Sum256(bare)
		e.Hash = hex.EncodeToString(sum[:])
		previous = e.Hash
		line, err := json.Marshal(e)
		must(t, err)
		out = append(out, append(line, '\n')...)
	}
	if _, faults := verify.ReadLedger(out); len(faults) > 0 {
		t.Fatal(faults)
	}
	return out
}

func backedUp(t *testing.T, releases, state string) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := Write(t.Context(), &out, Options{Releases: releases, State: state, Now: noon}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func restore(text []byte, releases string, opt RestoreOptions) (*Restored, error) {
	opt.Releases, opt.Now = releases, noon.Add(24*time.Hour)
	return Restore(context.Background(), bytes.NewReader(text), opt)
}

func TestWhatWasBackedUpComesBackAndIsServedAgain(t *testing.T) {
	releases, state := house(t, 2)
	text := backedUp(t, releases, state)
	there, stateThere := filepath.Join(t.TempDir(), "new"), filepath.Join(t.TempDir(), "state")
	done, err := restore(text, there, RestoreOptions{State: stateThere})
	must(t, err)
	if len(done.Releases) != 2 {
		t.Errorf("%+v", done)
	}
	before, _ := release.Current(releases)
	after, err := release.Current(there)
	if err != nil || after != before {
		t.Errorf("served is %s, was %s: %v", after, before, err)
	}
	if _, err := release.Open(there, after); err != nil {
		t.Error(err)
	}
	for _, name := range []string{verify.LedgerName, runlog.Name, "key/release.key", "key/release.pub", "key/phones.2026-01.cell.key"} {
		a, _ := os.ReadFile(filepath.Join(releases, name))
		b, err := os.ReadFile(filepath.Join(there, name))
		if err != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"key/release.key", "key/phones.2026-01.cell.key"} {
		if info, err := os.Stat(filepath.Join(there, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is open to others: %v", name, info.Mode())
		}
	}
	if _, err := os.Stat(filepath.Join(stateThere, "audit", "audit-2026-11.jsonl")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(stateThere, "tokens.json")); err == nil {
		t.Error("tokens come back without being asked for: one that was revoked since would open again")
	}
	// The restored folder publishes on.
	if id := releasetest.Publish(t, there, releasetest.Options{Residents: 9, BuiltAt: noon}); id == "" {
		t.Error("it does not publish")
	}
	left, _ := filepath.Glob(filepath.Join(there, ".restore-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTokensComeBackWhenAskedFor(t *testing.T) {
	releases, state := house(t, 0)
	there := filepath.Join(t.TempDir(), "state")
	_, err := restore(backedUp(t, releases, state), t.TempDir(), RestoreOptions{State: there, Tokens: true})
	must(t, err)
	if info, err := os.Stat(filepath.Join(there, "tokens.json")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v", err)
	}
}

func TestALedgerThatKnowsMoreStaysAndOneThatKnowsLessLeavesAGap(t *testing.T) {
	three := ledger(t, 3)
	other := bytes.Replace(ledger(t, 1), []byte(`"mechanism":"m"`), []byte(`"mechanism":"n"`), 1)
	for name, c := range map[string]struct {
		there []byte // nil: none
		want  []byte
		gap   bool
		fails string
	}{
		"none there":    {nil, ledger(t, 2), true, ""},
		"the same":      {ledger(t, 2), ledger(t, 2), false, ""},
		"a longer one":  {three, three, false, ""},
		"a shorter one": {ledger(t, 1), ledger(t, 2), true, ""},
		"another one":   {other, other, false, "differ"},
	} {
		t.Run(name, func(t *testing.T) {
			releases, _ := house(t, 2)
			text, there := backedUp(t, releases, ""), t.TempDir()
			path := filepath.Join(there, verify.LedgerName)
			if c.there != nil {
				must(t, os.WriteFile(path, c.there, 0o644))
			}
			done, err := restore(text, there, RestoreOptions{})
			if c.fails != "" {
				if err == nil || !strings.Contains(err.Error(), c.fails) {
					t.Errorf("error %v", err)
				}
			} else if err != nil || (done.Gap != nil) != c.gap {
				t.Fatalf("%+v, %v", done, err)
			}
			if got, _ := os.ReadFile(path); !bytes.Equal(got, c.want) {
				t.Errorf("the ledger is now\n%s", got)
			}
			gap, err := model.ReadLedgerGap(path)
			if err != nil || (gap != nil) != c.gap {
				t.Errorf("gap %+v, %v", gap, err)
			}
		})
	}
}

func TestAGapClosesWhenSomebodyAnswersForIt(t *testing.T) {
	releases, _ := house(t, 2)
	there := t.TempDir()
	_, err := restore(backedUp(t, releases, ""), there, RestoreOptions{})
	must(t, err)
	path := filepath.Join(there, verify.LedgerName)
	gap, _ := model.ReadLedgerGap(path)
	if gap.Hides("2026-12-01") == nil || gap.Hides("2027-01-01") != nil {
		t.Errorf("it hides December %v, January %v", gap.Hides("2026-12-01"), gap.Hides("2027-01-01"))
	}
	if _, err := State(there, model.Statement{By: "me", Why: "  "}); err == nil {
		t.Error("no reason is needed")
	}
	_, err = State(there, model.Statement{By: "me", At: noon, Why: "the machine was off"})
	must(t, err)
	if gap, err = model.ReadLedgerGap(path); err != nil || gap.Hides("2026-12-01") != nil || gap.Stated.Why != "the machine was off" {
		t.Errorf("%+v, %v", gap, err)
	}
	if _, err := State(releases, model.Statement{By: "me", Why: "x"}); err == nil {
		t.Error("a ledger without a gap is answered for")
	}
}

func TestABackupThatWasChangedIsRefusedAndNothingIsWritten(t *testing.T) {
	releases, state := house(t, 2)
	text := backedUp(t, releases, state)
	cut := text[:len(text)*2/3]
	flipped := bytes.Clone(text)
	flipped[len(flipped)/2] ^= 1
	for name, bad := range map[string][]byte{"repacked, with another ledger": repacked(t, text), "cut short": cut, "a byte changed": flipped, "empty": nil, "another file": []byte("PAR1")} {
		there := t.TempDir()
		if _, err := restore(bad, there, RestoreOptions{}); err == nil {
			t.Errorf("%s: restored", name)
		}
		if left, _ := os.ReadDir(there); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

// repacked is a backup of which a forger with a tar and a zstd changed one file, and not the sums.
func repacked(t *testing.T, text []byte) []byte {
	t.Helper()
	plain, err := zstd.NewReader(bytes.NewReader(text))
	must(t, err)
	defer plain.Close()
	var out bytes.Buffer
	packed, err := zstd.NewWriter(&out)
	must(t, err)
	w, r := tar.NewWriter(packed), tar.NewReader(plain)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		must(t, err)
		body, err := io.ReadAll(r)
		must(t, err)
		if h.Name == "releases/"+verify.LedgerName {
			body = body[:bytes.IndexByte(body, '\n')+1] // the second charge never was
			h.Size = int64(len(body))
		}
		must(t, w.WriteHeader(h))
		_, err = w.Write(body)
		must(t, err)
	}
	must(t, errors.Join(w.Close(), packed.Close()))
	return out.Bytes()
}

func TestAKeyThatIsThereIsNotReplaced(t *testing.T) {
	releases, _ := house(t, 0)
	other, _ := house(t, 0)
	if _, err := restore(backedUp(t, releases, ""), other, RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "another one") {
		t.Errorf("restored over another key: %v", err)
	}
}

func TestTarAndSha256sumReadABackup(t *testing.T) {
	for _, tool := range []string{"tar", "zstd", "sha256sum"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	releases, state := house(t, 1)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "b.tar.zst"), backedUp(t, releases, state), 0o600))
	for _, line := range []string{"tar --zstd -xf b.tar.zst", "sha256sum --quiet -c SHA256SUMS"} {
		c := exec.Command("sh", "-c", line)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
	}
}

// FuzzRestore reads anything as a backup: nothing is written outside the folder, and nothing fails but with an error.
func FuzzRestore(f *testing.F) {
	f.Add([]byte("(\xb5/\xfd"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := restore(text, t.TempDir(), RestoreOptions{}); err == nil {
			t.Error("restored")
		}
	})
}
