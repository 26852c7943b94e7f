package durable

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestReadersSeeOneContentOrTheOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	a, b := strings.Repeat("a", 100_000), strings.Repeat("b", 100_000)
	if err := Replace(path, []byte(a), 0o640); err != nil {
		t.Fatal(err)
	}
	var writing sync.WaitGroup
	for _, text := range []string{a, b} {
		writing.Go(func() {
			for range 20 {
				if err := Replace(path, []byte(text), 0o640); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 200 {
		if text, err := os.ReadFile(path); err != nil || string(text) != a && string(text) != b {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
	}
	writing.Wait()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestWhatCannotBePutInPlaceLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "taken", "by a folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Replace(filepath.Join(dir, "taken"), []byte("text"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".new-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := Replace(filepath.Join(dir, "no such folder", "file"), nil, 0o600); err == nil {
		t.Error("written into nowhere")
	}
}
