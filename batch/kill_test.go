package batch

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"jumeau/model/declare"
	"jumeau/model/release"
	"jumeau/query"
)

// watch serves the releases to one restless planner, and fails the test at any answer that is not whole. The returned
// function ends it and says how many requests were answered.
func watch(t *testing.T, releases string) (stop func() int) {
	t.Helper()
	server := query.New(releases, query.Options{Log: slog.New(slog.DiscardHandler), Poll: 10 * time.Millisecond})
	listener := httptest.NewServer(server)
	quit, done := make(chan struct{}), make(chan int)
	go func() {
		answered := 0
		defer func() { done <- answered }()
		for {
			for _, path := range []string{"/catalog", "/values/stops?zones=commune&slot=all", "/tiles/communes/8/129/93.mvt"} {
				select {
				case <-quit:
					return
				default:
				}
				r, err := http.Get(listener.URL + path)
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				_, err = io.Copy(io.Discard, r.Body)
				r.Body.Close()
				if err != nil || r.StatusCode != http.StatusOK {
					t.Errorf("%s: %s, %v", path, r.Status, err)
				}
				answered++
			}
		}
	}()
	return func() int {
		close(quit)
		n := <-done
		listener.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		return n
	}
}

const childEnv = "JUMEAU_TEST_CHILD_RUN"

// TestMain lets the test binary run a batch in a process of its own, to be killed.
func TestMain(m *testing.M) {
	dir, releases, child := strings.Cut(os.Getenv(childEnv), "|")
	if !child {
		os.Exit(m.Run())
	}
	t, err := declare.Read(os.DirFS(dir))
	if err == nil {
		_, err = Run(context.Background(), Options{Territory: t, Releases: releases, Folders: []string{dir}, Log: slog.New(slog.DiscardHandler)})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// kills is how many runs are killed: a few here, a hundred with JUMEAU_KILLS=100.
func kills(t *testing.T) int {
	if text := os.Getenv("JUMEAU_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 12
}

func TestAKilledRunLeavesTheOldReleaseOrTheNewOneComplete(t *testing.T) {
	releases := t.TempDir()
	child := func(i int) *exec.Cmd {
		stops := small["stops.csv"] + fmt.Sprintf("n%d,1.%d,43.5\n", i, 1+i%8)
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childEnv+"="+write(t, map[string]string{"stops.csv": stops})+"|"+releases)
		return cmd
	}
	start := time.Now()
	if out, err := child(0).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	whole := time.Since(start)
	before, err := release.Current(releases)
	if err != nil {
		t.Fatal(err)
	}
	planner := watch(t, releases)
	finished := 0
	for i := range kills(t) {
		cmd := child(i + 1)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.Float64() * 1.1 * float64(whole)))
		if err := cmd.Process.Kill(); err == nil {
			cmd.Wait()
		}
		current, err := release.Current(releases)
		if err != nil {
			t.Fatalf("kill %d: the pointer cannot be read: %v", i, err)
		}
		opened, err := release.Open(releases, current)
		if err != nil {
			t.Fatalf("kill %d: the release %s is broken: %v", i, current, err)
		}
		if err := opened.Verify(t.Context(), nil); err != nil {
			t.Fatalf("kill %d: the release %s is not what was signed: %v", i, current, err)
		}
		if current != before {
			finished++
		}
		before = current
	}
	t.Logf("%d runs killed, %d of them after they had published; %d requests answered meanwhile", kills(t), finished, planner())
	if out, err := child(1000).CombinedOutput(); err != nil {
		t.Errorf("a run after the kills fails: %v\n%s", err, out)
	}
	entries, err := os.ReadDir(releases)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			t.Errorf("%s was left behind and not cleaned up", e.Name())
		}
	}
}
