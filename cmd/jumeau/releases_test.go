package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

// threeReleases publishes three tiny releases, a minute apart, oldest first.
func threeReleases(t *testing.T) (dir string, ids []string) {
	t.Helper()
	dir = t.TempDir()
	for i := range 3 {
		ids = append(ids, releasetest.Publish(t, dir, releasetest.Options{Residents: float64(10 * i), BuiltAt: time.Date(2026, 11, 23, 2, i, 0, 0, time.UTC)}))
	}
	return dir, ids
}

var (
	hashes    = regexp.MustCompile(`[0-9a-f]{64}|\b[0-9a-f]{16}\b|\b[0-9a-f]{12}\b`)
	spaces    = regexp.MustCompile(`(?m) +$`)
	bytesSaid = regexp.MustCompile(`"bytes": \d+`)
	sizes     = regexp.MustCompile(`\b\d+ kB`)
)

// said runs a command line and gives its output with ids, hashes and sizes named, so that it can be read and compared.
func said(t *testing.T, ids []string, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(args, &out, &errOut)
	text := out.String() + errOut.String()
	if code != 0 {
		text += "exit 1\n"
	}
	for i, id := range ids {
		text = strings.ReplaceAll(text, id, "release-"+string(rune('A'+i)))
	}
	return spaces.ReplaceAllString(sizes.ReplaceAllString(hashes.ReplaceAllString(text, "HASH"), "N kB"), "")
}

func TestReleasesAreListedComparedRolledBackAndPruned(t *testing.T) {
	dir, ids := threeReleases(t)
	for _, step := range []struct {
		args string
		want string
	}{
		{"list", `
  release                 built (UTC)       size   layers  measures
* release-C  2026-11-23 02:02  N kB  2       2
  release-B  2026-11-23 02:01  N kB  2       2
  release-A  2026-11-23 02:00  N kB  2       2
`},
		{"rollback", `
Now served: release-B (before: release-C). Running servers change over by themselves.
It stays so: runs build without publishing, until jumeau releases resume --releases DIR
`},
		{"resume", `
The hold is lifted: the next run publishes.
Now served: release-B
Newer, built meanwhile: release-C
`},
		{"resume --newest", `
There was no hold.
Now served: release-C
`},
		{"rollback --no-hold", `
Now served: release-B (before: release-C). Running servers change over by themselves.
The next run publishes anew: correct the sources or the declarations first, or the same content comes back.
`},
		{"prune --keep 1 --min-age 0s --dry-run", `
would remove release-A (N kB)
would remove 1 release, N kB
`},
		{"prune --keep 1 --min-age 999999h", `
removed 0 releases, N kB
`},
		{"prune --keep 1 --min-age 0s", `
removed release-A (N kB)
removed 1 release, N kB
`},
		{"rollback", `
Error: roll back release-B: there is no older release
Try: see what there is: jumeau releases list --releases DIR
exit 1
`},
		{"show nothing", `
Error: open release nothing: there is no such release
Try: see what there is: jumeau releases list --releases DIR
exit 1
`},
	} {
		args := append(append([]string{"releases"}, strings.Fields(step.args)...), "--releases", dir)
		got := strings.ReplaceAll(said(t, ids, args...), dir, "DIR")
		if diff := cmp.Diff(flat(step.want), flat(got)); diff != "" {
			t.Errorf("releases %s: %s", step.args, diff)
		}
	}
}

// flat ignores how wide columns are.
func flat(text string) string {
	return strings.TrimSpace(regexp.MustCompile(` +`).ReplaceAllString(text, " "))
}

func TestDiffReadsWell(t *testing.T) {
	dir, ids := threeReleases(t)
	got := said(t, ids, "releases", "diff", ids[0], "current", "--releases", dir)
	for _, line := range []string{"flow commuters changed total 740 → 780", "residents epci 1 1 0 0 0", "largest changes of residents by epci", "243100633 Sicoval all 2500 → 2520"} {
		if !strings.Contains(flat(got), line) {
			t.Errorf("does not say %q:\n%s", line, got)
		}
	}
	if same := said(t, ids, "releases", "diff", "current", "current", "--releases", dir); !strings.Contains(same, "The content is the same.") {
		t.Error(same)
	}
}

func TestJSONOfReleasesIsWhatIsPrintedForPeople(t *testing.T) {
	dir, ids := threeReleases(t)
	read := func(into any, args ...string) {
		t.Helper()
		var out, errOut bytes.Buffer
		if code := run(append(append([]string{"releases"}, args...), "--json", "--releases", dir), &out, &errOut); code != 0 {
			t.Fatal(errOut.String())
		}
		if err := json.Unmarshal(out.Bytes(), into); err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
	}
	var list []listedRelease
	read(&list, "list")
	if len(list) != 3 || !list[0].Current || list[0].ID != ids[2] || list[0].Layers != 2 || list[2].BuiltAt.Minute() != 0 {
		t.Errorf("%+v", list)
	}
	var manifest release.Manifest
	read(&manifest, "show", ids[1][:16])
	if manifest.ID != ids[1] || len(manifest.Files) == 0 {
		t.Errorf("%+v", manifest)
	}
	var diff release.Diff
	read(&diff, "diff", ids[0], ids[1])
	if diff.A != ids[0] || len(diff.Figures) != 4 {
		t.Errorf("%+v", diff)
	}
	var moved struct {
		Current, Before string
		Held            bool
	}
	read(&moved, "rollback", ids[0])
	if moved.Current != ids[0] || moved.Before != ids[2] || !moved.Held {
		t.Errorf("%+v", moved)
	}
	var pruned struct {
		DryRun  bool `json:"dry_run"`
		Removed []struct{ ID string }
	}
	read(&pruned, "prune", "--keep", "1", "--min-age", "0s", "--dry-run")
	if !pruned.DryRun || len(pruned.Removed) != 1 || pruned.Removed[0].ID != ids[1] {
		t.Errorf("%+v", pruned)
	}
}

func TestShowAndInspectTellWhatAReleaseHolds(t *testing.T) {
	dir, ids := threeReleases(t)
	shown := flat(said(t, ids, "releases", "show", "--releases", dir))
	for _, line := range []string{"Tiny territory (synthetic data)", "communes 2 5-14 residents, presence, commuters", "presence people commune 4", "communes 2026 3 2 0 1 geometry_unclosed_ring 1"} {
		if !strings.Contains(shown, line) {
			t.Errorf("show does not say %q:\n%s", line, shown)
		}
	}
	inspected := flat(said(t, ids, "inspect", "release", "--releases", dir))
	for _, line := range []string{"HASH tiles of communes, 2 features", "presence commune 4 2 4 0 1 1", "The signature holds, and the bytes of all 10 files are those that were published."} {
		if !strings.Contains(inspected, line) {
			t.Errorf("inspect does not say %q:\n%s", line, inspected)
		}
	}
}
