package release_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

// five publishes five releases a minute apart and returns their ids, oldest first.
func five(t *testing.T) (dir string, ids []string) {
	dir = t.TempDir()
	for i := range 5 {
		ids = append(ids, releasetest.Publish(t, dir, releasetest.Options{Residents: float64(i), BuiltAt: minute(i)}))
	}
	return dir, ids
}

func TestRollbackGoesToTheReleaseBeforeOrToTheOneAskedFor(t *testing.T) {
	dir, ids := five(t)
	step := func(ask, want string) {
		t.Helper()
		now, _, err := release.Rollback(dir, ask)
		if current, _ := release.Current(dir); err != nil || now != want || current != want {
			t.Errorf("rollback %q: now %s, current %s, %v; want %s", ask, now, current, err, want)
		}
	}
	step("", ids[3])
	step("", ids[2])
	step(ids[4], ids[4])
	step(ids[1][len(ids[1])-6:], ids[1]) // the end of an id is enough
	step("2026-11-23T0200Z", ids[0])
	if _, _, err := release.Rollback(dir, ""); model.KindOf(err) != model.NotFound {
		t.Errorf("beyond the oldest: %v", err)
	}
	if _, _, err := release.Rollback(dir, "2026-11-23"); model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), "5 releases match") {
		t.Errorf("an ambiguous id: %v", err)
	}
	if _, _, err := release.Rollback(dir, "../key"); model.KindOf(err) != model.NotFound {
		t.Errorf("a path for an id: %v", err)
	}
	if current, _ := release.Current(dir); current != ids[0] {
		t.Errorf("a refused rollback moved current to %s", current)
	}
}

// The end of an id follows from the content, so that the ids of releases of one minute are in any order.
func TestReleasesOfOneMinuteAreInTheOrderInWhichTheyWereBuilt(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for i := range 8 {
		ids = append(ids, releasetest.Publish(t, dir, releasetest.Options{Residents: float64(i), BuiltAt: minute(0).Add(time.Duration(i) * time.Second)}))
	}
	all, err := release.List(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range all {
		if l.ID != ids[len(ids)-1-i] {
			t.Errorf("place %d of the list has %s, not %s", i, l.ID, ids[len(ids)-1-i])
		}
	}
	for i := len(ids) - 2; i >= 0; i-- {
		if now, _, err := release.Rollback(dir, ""); now != ids[i] || err != nil {
			t.Errorf("back to %s, %v, not %s", now, err, ids[i])
		}
	}
}

func TestRollbackRefusesABrokenRelease(t *testing.T) {
	dir, ids := five(t)
	os.Remove(filepath.Join(dir, ids[2], "manifest.sig"))
	if _, _, err := release.Rollback(dir, ids[2]); err == nil {
		t.Error("a release without signature is served")
	}
	release.Rollback(dir, "") // 3
	if now, _, err := release.Rollback(dir, ""); now != ids[1] || err != nil {
		t.Errorf("the one before the broken one: %s, %v", now, err)
	}
}

func TestRollbackMendsABrokenPointer(t *testing.T) {
	dir, ids := five(t)
	os.WriteFile(filepath.Join(dir, "current"), []byte("\x00\x00"), 0o644)
	if now, _, err := release.Rollback(dir, ids[4]); now != ids[4] || err != nil {
		t.Errorf("%s, %v", now, err)
	}
}

func TestPruneKeepsTheCurrentTheNewestAndTheYoung(t *testing.T) {
	at := minute(60)
	for name, c := range map[string]struct {
		opt     release.PruneOptions
		current int // which release is served
		removed []int
	}{
		"keep two":                    {release.PruneOptions{Keep: 2, Now: at}, 4, []int{2, 1, 0}},
		"keep the rolled back":        {release.PruneOptions{Keep: 2, Now: at}, 1, []int{2, 0}},
		"none younger than an hour":   {release.PruneOptions{Keep: 1, MinAge: 59 * time.Minute, Now: at}, 4, []int{1, 0}},
		"a dry run says and does not": {release.PruneOptions{Keep: 1, Now: at, DryRun: true}, 4, []int{3, 2, 1, 0}},
		"more than there are":         {release.PruneOptions{Keep: 9, Now: at}, 4, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir, ids := five(t)
			if _, _, err := release.Rollback(dir, ids[c.current]); err != nil {
				t.Fatal(err)
			}
			removed, err := release.Prune(dir, c.opt)
			if err != nil {
				t.Fatal(err)
			}
			gone := map[string]bool{}
			for i, p := range removed {
				if i >= len(c.removed) || p.ID != ids[c.removed[i]] || p.Bytes == 0 {
					t.Errorf("removed %v, want %v", removed, c.removed)
				}
				gone[p.ID] = true
			}
			all, _ := release.List(dir)
			want := 5 - len(c.removed)
			if c.opt.DryRun {
				want = 5
			}
			if len(removed) != len(c.removed) || len(all) != want {
				t.Errorf("%d removed, %d left, want %d", len(removed), len(all), want)
			}
			if current, err := release.Current(dir); err != nil || gone[current] {
				t.Errorf("the release being served is gone")
			}
		})
	}
}

func TestPruneKeepsAtLeastOne(t *testing.T) {
	if _, err := release.Prune(t.TempDir(), release.PruneOptions{}); model.KindOf(err) != model.Invalid {
		t.Errorf("got %v", err)
	}
}

func TestListShowsABrokenReleaseWithItsReason(t *testing.T) {
	dir, ids := five(t)
	os.Remove(filepath.Join(dir, ids[1], "manifest.json"))
	os.Mkdir(filepath.Join(dir, "draft-1.tmp"), 0o755)
	all, err := release.List(dir)
	if err != nil || len(all) != 5 {
		t.Fatalf("%d releases, %v", len(all), err)
	}
	if !all[0].Current || all[0].ID != ids[4] || all[3].Err == nil || !errors.Is(all[3].Err, os.ErrNotExist) {
		t.Errorf("list is %+v", all)
	}
}
