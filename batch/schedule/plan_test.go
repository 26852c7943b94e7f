package schedule_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"jumeau/batch/schedule"
	"jumeau/model/cron"
	"jumeau/model/runlog"
)

func paris(t testing.TB) *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func nightly(t testing.TB) schedule.Plan {
	c, err := cron.Parse("30 2 * * *")
	if err != nil {
		t.Fatal(err)
	}
	return schedule.Plan{Cron: c, Zone: paris(t)}
}

func at(t testing.TB, text string) time.Time {
	m, err := time.ParseInLocation("2006-01-02 15:04", text, paris(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run began at a time and ended somehow.
func ran(began time.Time, result string, code int) runlog.Run {
	return runlog.Run{Begin: runlog.Record{Event: runlog.Began, At: began, Why: runlog.OnTime}, End: runlog.Record{Event: runlog.Ended, At: began.Add(time.Minute), Result: result, Exit: code}}
}

func TestWhenTheNextRunIsDue(t *testing.T) {
	p := nightly(t)
	for name, c := range map[string]struct {
		runs []runlog.Run
		now  string
		at   string
		why  string
	}{
		"the first is made at once":            {nil, "2026-10-01 15:00", "2026-10-01 15:00", runlog.OnTime},
		"the next night":                       {[]runlog.Run{ran(at(t, "2026-10-01 02:30"), runlog.Published, 0)}, "2026-10-01 02:35", "2026-10-02 02:30", runlog.OnTime},
		"nights missed are made up for once":   {[]runlog.Run{ran(at(t, "2026-10-01 02:30"), runlog.Published, 0)}, "2026-10-04 09:00", "2026-10-02 02:30", runlog.CatchUp},
		"what may pass is tried again":         {[]runlog.Run{ran(at(t, "2026-10-01 02:30"), runlog.Failed, 4)}, "2026-10-01 02:35", "2026-10-01 02:40", runlog.Retry},
		"and again, later":                     {[]runlog.Run{ran(at(t, "2026-10-01 02:30"), runlog.Failed, 4), ran(at(t, "2026-10-01 02:40"), runlog.Failed, 4)}, "2026-10-01 02:45", "2026-10-01 03:00", runlog.Retry},
		"what will not pass waits a night":     {[]runlog.Run{ran(at(t, "2026-10-01 02:30"), runlog.Failed, 1)}, "2026-10-01 02:35", "2026-10-02 02:30", runlog.OnTime},
		"a power cut is made up for":           {[]runlog.Run{ran(at(t, "2026-10-01 02:30"), runlog.Interrupted, 4)}, "2026-10-01 07:40", "2026-10-01 02:40", runlog.Retry},
		"a clock that was ahead does not stop": {[]runlog.Run{ran(at(t, "2027-01-01 02:30"), runlog.Published, 0)}, "2026-10-01 12:00", "2026-10-02 02:30", runlog.OnTime},
	} {
		t.Run(name, func(t *testing.T) {
			when, why, _ := p.Next(c.runs, at(t, c.now))
			if !when.Equal(at(t, c.at)) || why != c.why {
				t.Errorf("%s, %s", when, why)
			}
		})
	}
}

// Whatever the runs before were, a failing run is never repeated sooner than after ten minutes, and a good schedule is never
// given up.
func TestRunsAreNeitherHammeredNorForgotten(t *testing.T) {
	p := nightly(t)
	rapid.Check(t, func(r *rapid.T) {
		now := at(t, "2026-03-20 12:00")
		var runs []runlog.Run
		for range rapid.IntRange(1, 30).Draw(r, "runs") {
			result := rapid.SampledFrom([]string{runlog.Published, runlog.Unchanged, runlog.Failed, runlog.Interrupted, runlog.Held}).Draw(r, "result")
			runs = append(runs, ran(now, result, rapid.SampledFrom([]int{0, 1, 4}).Draw(r, "exit")))
			next, _, _ := p.Next(runs, now.Add(time.Minute))
			if next.Sub(now) < 10*time.Minute && !runs[len(runs)-1].OK() {
				r.Fatalf("after a failure at %s comes %s", now, next)
			}
			if next.Sub(now) > 25*time.Hour {
				r.Fatalf("after %s comes %s", now, next)
			}
			now = next
		}
	})
}
