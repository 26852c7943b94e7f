package runlog

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/model"
)

const childEnv = "JUMEAU_TEST_TURN"

// TestMain lets the test binary take a turn in a process of its own, to be killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	if _, err := Begin(dir, Record{Territory: "ville", Why: OnTime}, time.Now()); err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("begun\n")
	select {}
}

func TestOneRunGoesOnAtATimeAndAKilledOneIsNoted(t *testing.T) {
	dir := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	_, err = Begin(dir, Record{Why: ByHand}, time.Now())
	if model.KindOf(err) != model.Unavailable || !strings.Contains(err.Error(), "schedule") {
		t.Errorf("a second run beside it: %v", err)
	}
	if busy, err := Recover(dir, time.Now()); !busy || err != nil {
		t.Errorf("it is not seen to go on: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait()
	turn, err := Begin(dir, Record{Why: Retry}, time.Now())
	if err != nil {
		t.Fatalf("the lock outlives its holder: %v", err)
	}
	if err := turn.End(Record{Result: Published, Release: "r"}, time.Now()); err != nil {
		t.Fatal(err)
	}
	d, err := Read(dir)
	if err != nil || len(d.Runs) != 2 || d.Damaged != 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	if d.Runs[0].End.Result != Interrupted || !d.Runs[0].MayPass() || d.Runs[1].End.Result != Published || !d.Last().OK() {
		t.Errorf("%+v", d.Runs)
	}
}

func TestHalfALineIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	turn, err := Begin(dir, Record{Why: ByHand}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := turn.End(Record{Result: Failed, Exit: 1}, time.Now()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, Name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(whole) { // a power cut at any byte
		if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		turn, err := Begin(dir, Record{Why: ByHand}, time.Now().Add(time.Hour))
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := turn.End(Record{Result: Published}, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		d, err := Read(dir)
		if err != nil || !d.Last().OK() {
			t.Fatalf("cut at %d: %+v, %v", cut, d, err)
		}
		for _, r := range d.Runs {
			if !r.Over() {
				t.Fatalf("cut at %d: a run has no end", cut)
			}
		}
	}
}

func FuzzDiary(f *testing.F) {
	f.Add([]byte(`{"run":"a","event":"begin","at":"2026-11-24T01:00:00Z"}` + "\n" + `{"run":"a","event":"end","at":"2026-11-24T01:01:00Z","result":"failed"}` + "\n{\"ru"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := parse(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if lines := bytes.Count(text, []byte("\n")) + 1; len(d.Runs)+len(d.Told)+d.Damaged > lines {
			t.Errorf("%d lines are %d runs, %d messages and %d damaged", lines, len(d.Runs), len(d.Told), d.Damaged)
		}
	})
}
