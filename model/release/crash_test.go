package release_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

// The test binary runs itself as a child that publishes: JUMEAU_TEST_PUBLISH is the releases folder,
// JUMEAU_TEST_RESIDENTS what makes the content new, JUMEAU_TEST_LIMIT the greatest size of a file it may write.
func TestMain(m *testing.M) {
	if dir := os.Getenv("JUMEAU_TEST_PUBLISH"); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintf(os.Stderr, "%v\nTry: %s\n", err, model.HintOf(err))
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(dir string) error {
	if text := os.Getenv("JUMEAU_TEST_LIMIT"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return err
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
			return err
		}
	}
	residents, err := strconv.ParseFloat(os.Getenv("JUMEAU_TEST_RESIDENTS"), 64)
	if err != nil {
		return err
	}
	d, err := release.Begin(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), releasetest.Options{Residents: residents, BuiltAt: minute(int(residents))})
	if err != nil {
		return err
	}
	_, _, err = d.Publish(context.Background(), m)
	return err
}

func command(dir string, residents int, more ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "JUMEAU_TEST_PUBLISH="+dir, "JUMEAU_TEST_RESIDENTS="+strconv.Itoa(residents))
	c.Env = append(c.Env, more...)
	return c
}

// TestAKillAtAnyMomentLeavesTheOldReleaseOrTheNew kills publishing children; JUMEAU_KILLS says how many (default 12). A third
// of the kills come at any moment of the child's life; the others close in on the moment of publication: later after a kill
// that came before it, sooner after one that came too late.
func TestAKillAtAnyMomentLeavesTheOldReleaseOrTheNew(t *testing.T) {
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("JUMEAU_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	whole := time.Now()
	if out, err := command(dir, 1).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	aim := time.Since(whole)
	served, _ := release.Current(dir)
	outcomes := map[string]int{}
	for i := range kills {
		before, residents := served, i+2
		c := command(dir, residents)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		spread := 0.9 + 0.2*rand.Float64()
		if i%3 == 0 {
			spread = rand.Float64()
		}
		time.Sleep(time.Duration(spread * float64(aim)))
		c.Process.Kill()
		c.Wait()

		var err error
		if served, err = release.Current(dir); err != nil {
			t.Fatal(err)
		}
		r, err := release.Open(dir, served)
		if err == nil {
			err = r.Verify(context.Background(), nil)
		}
		if err != nil {
			t.Fatalf("after kill %d the release served is broken: %v", i, err)
		}
		switch got := residentsOf(t, r); {
		case served == before:
			outcomes["old"]++
			if i%3 != 0 {
				aim += aim / 10
			}
		case got == 2500+float64(residents):
			outcomes["new"]++
			aim -= aim / 10
		default:
			t.Fatalf("after kill %d: %s serves %v residents", i, served, got)
		}
		all, err := release.List(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			if l.Err != nil {
				t.Fatalf("after kill %d: %s has its name and is not whole: %v", i, l.ID, l.Err)
			}
		}
	}
	t.Logf("%d kills: %v", kills, outcomes)
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatalf("the lock outlives its process: %v", err)
	}
	d.Close()
	for _, name := range entries(t, dir) {
		if strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s is left over", name)
		}
	}
}

func residentsOf(t *testing.T, r *release.Release) float64 {
	t.Helper()
	v, err := frame.OpenValues(r.Path(release.ValuesPath("residents", "epci")))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	f, _ := v.At(model.All)
	return f.Value[0]
}

func replaceValues(t *testing.T, dir, measure, system string, f frame.Figures) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(release.ValuesPath(measure, system)))
	os.Remove(path)
	w, err := frame.CreateValues(path, frame.ValuesSpec{Measure: measure, System: system, Zones: f.Len(), Slots: []model.Slot{model.All}})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(f); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAFullDiskIsSaidAndHarmsNothing(t *testing.T) {
	for _, limit := range []string{"600", "2000", "3000", "7000"} {
		dir := t.TempDir()
		served := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
		out, err := command(dir, 1, "JUMEAU_TEST_LIMIT="+limit).CombinedOutput()
		if err == nil {
			t.Fatalf("published although no file may pass %s bytes", limit)
		}
		if text := string(out); !strings.Contains(text, "file too large") || !strings.Contains(text, "Try: ") || strings.Contains(text, "Try: \n") {
			t.Errorf("limit %s: %s", limit, out)
		}
		stillServed(t, dir, served)
	}
}

func TestAFolderWithoutPermissionIsSaidAndHarmsNothing(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("runs the child as another user: needs root")
	}
	dir := t.TempDir()
	served := releasetest.Publish(t, dir, releasetest.Options{BuiltAt: minute(0)})
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) { // let the other user reach the folder
		os.Chmod(at, 0o755)
		if at == filepath.Clean(os.TempDir()) {
			break
		}
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "child")
	os.Chmod(filepath.Dir(filepath.Dir(binary)), 0o755)
	os.Chmod(filepath.Dir(binary), 0o755)
	if err := os.WriteFile(binary, self, 0o755); err != nil {
		t.Fatal(err)
	}
	c := command(dir, 1)
	c.Path, c.Dir = binary, "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "permission denied") || !strings.Contains(string(out), "Try: look at the permissions") {
		t.Errorf("%v: %s", err, out)
	}
	stillServed(t, dir, served)
}

func stillServed(t *testing.T, dir, id string) {
	t.Helper()
	if current, err := release.Current(dir); current != id || err != nil {
		t.Errorf("current is %q, %v", current, err)
	}
	r, err := release.Open(dir, id)
	if err == nil {
		err = r.Verify(context.Background(), nil)
	}
	if err != nil {
		t.Error(err)
	}
}
