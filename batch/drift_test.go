package batch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/quality"
	"jumeau/model/release"
)

// counters is the file of so many days of two counters, hour by hour; alter may change a value, or say that there is none.
func counters(days int, alter func(counter string, at time.Time, n int) (int, bool)) string {
	text := strings.Builder{}
	text.WriteString("stop,commune,to,at,n\n")
	for h := range 24 * days {
		at := time.Date(2026, 1, 5, h, 0, 0, 0, time.UTC)
		for k, counter := range []string{"a", "b"} {
			n, there := 10+(h*7+k*3)%23, true
			if alter != nil {
				n, there = alter(counter, at, n)
			}
			if there {
				fmt.Fprintf(&text, "%s,%d,1,%s,%d\n", counter, k+1, at.Format(time.RFC3339), n)
			}
		}
	}
	return text.String()
}

func told(drift []Drifted) string {
	var out []string
	for _, d := range drift {
		out = append(out, d.Source+" "+d.Kind+" "+d.Policy+" "+d.Text)
	}
	return strings.Join(out, "\n")
}

// Each file is read by a real run after five sound ones.
func TestARunSaysWhatIsNotAsBefore(t *testing.T) {
	for _, c := range []struct {
		name, file, text, want string
	}{
		{"nothing", "counts.csv", counters(12, nil), ""},
		{"a counter falls silent", "counts.csv", counters(16, func(k string, at time.Time, n int) (int, bool) { return n, k != "b" || at.Day() < 15 }),
			"counts time warn silent for days, when others are not: b"},
		{"a counter is stuck", "counts.csv", counters(12, func(k string, at time.Time, n int) (int, bool) {
			if k == "a" && at.Day() >= 14 {
				return 17, true
			}
			return n, true
		}), "counts time warn the same value for long: a"},
		{"two days are missing", "counts.csv", counters(12, func(_ string, at time.Time, n int) (int, bool) {
			return n, at.Add(time.Hour).Day() != 9 && at.Add(time.Hour).Day() != 10
		}),
			"counts time warn days without a row: 2026-01-10, 2026-01-09"},
		{"a tenth of the counts", "counts.csv", counters(12, func(_ string, _ time.Time, n int) (int, bool) { return n / 10, true }),
			"counts values warn middle of n: 2, usually 21 (score -21.11)"},
		{"a tenth of the days", "counts.csv", counters(1, nil), "counts rows warn rows: 48, before it was 528\ncounts time warn the last day is 2026-01-06, before it was 2026-01-16"},
		{"an unread column more", "counts.csv", widened(counters(12, nil)),
			"counts columns warn new columns: note"},
		{"trees elsewhere", "trees.geojson", tree("oak", 2.9, 43.9) + tree("elm", 2.95, 43.95), "trees place warn the features moved: they lie around 2.9250, 43.9250, before around 1.9950, 43.5500"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files, dir, releases := evolving(), t.TempDir(), t.TempDir()
			run := func() *Result {
				t.Helper()
				lay(t, dir, files)
				result, err := runIn(t.Context(), t, dir, releases)
				if err != nil {
					t.Fatal(err)
				}
				return result
			}
			for i := range 5 {
				files["counts.csv"] = counters(7+i, nil)
				files["trees.geojson"] = tree("oak", 1.5, 43.5) + tree("elm", 2.48+float64(i)/1000*5/2, 43.6)
				if got := told(run().Drift); got != "" {
					t.Fatalf("sound file %d: %s", i, got)
				}
			}
			files[c.file] = c.text
			if got := told(run().Drift); got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if again := run(); !again.Same || len(again.Drift) > 0 {
				t.Errorf("the night after, of the same files: %v, %s", again.Same, told(again.Drift))
			}
		})
	}
}

// widened adds a column that nothing reads.
func widened(text string) string {
	return strings.Replace(strings.ReplaceAll(text, "\n", ",x\n"), "at,n,x\n", "at,n,note\n", 1)
}

func TestAContractMayStopTheRun(t *testing.T) {
	files, dir, releases := evolving(), t.TempDir(), t.TempDir()
	run := func() (*Result, error) {
		t.Helper()
		lay(t, dir, files)
		return runIn(t.Context(), t, dir, releases)
	}
	files["sources/counts.yaml"] = strings.Replace(files["sources/counts.yaml"], "    n: {", "    note: {type: text}\n    n: {", 1)
	files["counts.csv"] = widened(counters(7, nil))
	first, err := run()
	if err != nil {
		t.Fatal(err)
	}
	files["counts.csv"] = counters(8, nil)
	for range 2 { // what was read and refused once is refused again, though it need not be read
		_, err = run()
		if model.KindOf(err) != model.Invalid || !strings.Contains(fmt.Sprint(err), "the column note, which the contract reads, is there no more") || model.HintOf(err) == "" {
			t.Fatalf("a lost column: %v", err)
		}
	}
	if current, err := release.Current(releases); err != nil || current != first.Release {
		t.Errorf("served: %s, %v", current, err)
	}
	files["sources/counts.yaml"] = strings.Replace(files["sources/counts.yaml"], "  reject_at_most: 90%\n", "  reject_at_most: 90%\n  drift: {columns: warn, rows: stop}\n", 1)
	second, err := run()
	if err != nil || told(second.Drift) != "counts columns warn the column note, which the contract reads, is there no more" {
		t.Fatalf("%v: %s", err, told(second.Drift))
	}
	files["counts.csv"] = counters(1, nil)
	if _, err = run(); err == nil || !strings.Contains(err.Error(), "rows: 48, before it was 384") {
		t.Fatalf("an eighth of the file: %v", err)
	}
	files["sources/counts.yaml"] = strings.Replace(files["sources/counts.yaml"], `vintage: "2026"`, `vintage: "2027"`, 1)
	if third, err := run(); err != nil || len(third.Drift) > 0 {
		t.Errorf("a new vintage begins a history of its own: %v", err)
	}
}

// The history goes from release to release, comes back with a rollback, and holds nothing of persons.
func TestTheHistoryIsThatOfTheServedRelease(t *testing.T) {
	files, dir, releases := evolving(), t.TempDir(), t.TempDir()
	run := func() quality.History {
		t.Helper()
		lay(t, dir, files)
		result, err := runIn(t.Context(), t, dir, releases)
		if err != nil {
			t.Fatal(err)
		}
		o := opened(t, releases, result.Release)
		if err := o.Verify(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		h, err := quality.Read(o.Path(quality.Name))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	rows := func(h quality.History) (out []int64) {
		for _, p := range h["trees"] {
			out = append(out, p.Loaded)
		}
		return out
	}
	run()
	files["trees.geojson"] += tree("oak", 1.6, 43.5)
	run()
	before, err := release.Current(releases)
	if err != nil {
		t.Fatal(err)
	}
	files["trees.geojson"] += tree("oak", 1.7, 43.5)
	if got := fmt.Sprint(rows(run())); got != "[2 3 4]" {
		t.Errorf("trees: %s", got)
	}
	if _, _, err := release.Rollback(releases, before); err != nil {
		t.Fatal(err)
	}
	files["trees.geojson"] = tree("oak", 1.6, 43.5) + tree("oak", 2.7, 43.6) + tree("oak", 1.7, 43.6) + tree("oak", 1.7, 43.6) + tree("oak", 1.7, 43.7)
	h := run()
	if got := fmt.Sprint(rows(h)); got != "[2 3 5]" {
		t.Errorf("after a rollback: %s", got)
	}
	if len(h["stops"]) != 1 {
		t.Errorf("stops never changed, and %d files of it are remembered", len(h["stops"]))
	}
	delete(files, "sources/trees.yaml")
	delete(files, "layers/trees.yaml")
	delete(files, "tours/trees.md")
	if h := run(); h["trees"] != nil {
		t.Error("a source that is gone is remembered")
	}
}
