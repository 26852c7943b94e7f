package generate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// full is the full-size territory of seed 1 with its people, made once for all tests.
var full = sync.OnceValues(func() (made, error) {
	dir, err := os.MkdirTemp("", "jumeau-demo-")
	if err != nil {
		return made{}, err
	}
	report, err := Generate(context.Background(), dir, Options{Seed: 1, People: true})
	return made{dir, report}, err
})

type made struct {
	dir    string
	report *Report
}

func demo(t testing.TB) made {
	t.Helper()
	m, err := full()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMain(m *testing.M) {
	code := m.Run()
	if made, err := full(); err == nil {
		os.RemoveAll(made.dir)
	}
	os.Exit(code)
}

// digests of every file below dir.
func digests(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		sum := sha256.Sum256(data)
		name, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheSameSeedGivesTheSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	make := func(procs int, seed uint64) map[string]string {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		dir := t.TempDir()
		if _, err := Generate(t.Context(), dir, Options{Seed: seed, Scale: 0.05, People: true}); err != nil {
			t.Fatal(err)
		}
		return digests(t, dir)
	}
	one, four, other := make(1, 7), make(4, 7), make(2, 8)
	if diff := cmp.Diff(one, four); diff != "" {
		t.Errorf("bytes depend on the number of processors:\n%s", diff)
	}
	for name, sum := range other {
		if name != "raw/comptage-canaux.csv" && name != "raw/epci-communes.csv" && sum == one[name] { // these hold names and codes only
			t.Errorf("%s does not depend on the seed", name)
		}
	}
}

func TestPeopleAreWrittenOnlyWhenAsked(t *testing.T) {
	dir := t.TempDir()
	if _, err := Generate(t.Context(), dir, Options{Seed: 1, Scale: 0.02}); err != nil {
		t.Fatal(err)
	}
	for name := range digests(t, dir) {
		if strings.HasPrefix(name, "raw-people/") {
			t.Errorf("%s was written", name)
		}
	}
}

func TestFilesAreOfModerateSize(t *testing.T) {
	var raw, people int64
	for _, f := range demo(t).report.Files {
		if strings.HasPrefix(f.Name, "raw-people/") {
			people += f.Bytes
		} else {
			raw += f.Bytes
		}
	}
	if raw > 20e6 || people > 40e6 {
		t.Errorf("raw/ has %d bytes, raw-people/ %d", raw, people)
	}
}

func TestAGenerationThatIsStoppedSaysSo(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	_, err := Generate(ctx, t.TempDir(), Options{Seed: 1, Scale: 0.02, Progress: func(string) { stop() }})
	if err == nil {
		t.Error("no error although the context ended")
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(b.Context(), b.TempDir(), Options{Seed: 1}); err != nil {
			b.Fatal(err)
		}
	}
}
