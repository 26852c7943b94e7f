package schedule

import (
	"time"

	"jumeau/model/cron"
	"jumeau/model/runlog"
)

const (
	firstBackoff   = 10 * time.Minute
	longestBackoff = 4 * time.Hour
)

// Plan is when runs are due.
type Plan struct {
	Cron cron.Schedule
	Zone *time.Location
}

// Next says when the next run begins, which may be in the past, why, and to which time of the schedule it answers.
func (p Plan) Next(runs []runlog.Run, now time.Time) (at time.Time, why string, due time.Time) {
	if len(runs) == 0 { // the first release is made at once
		return now, runlog.OnTime, now
	}
	last := runs[len(runs)-1]
	began := last.Begin.At
	if began.After(now) { // the clock was wrong then, or is now
		began = now
	}
	due = p.Cron.Next(began, p.Zone)
	at, why = due, runlog.OnTime
	if n := failures(runs); n > 0 {
		ready := began.Add(backoff(n))
		switch {
		case ready.After(at):
			at = ready
		case last.MayPass():
			at, why = ready, runlog.Retry
			if due = last.Begin.Due; due.IsZero() {
				due = began
			}
		}
	}
	if why == runlog.OnTime && now.Sub(at) > firstBackoff {
		why = runlog.CatchUp
	}
	return at, why, due
}

// failures is how many runs failed since one did what it should.
func failures(runs []runlog.Run) (n int) {
	for i := len(runs) - 1; i >= 0 && runs[i].Over() && !runs[i].OK(); i-- {
		n++
	}
	return n
}

func backoff(failures int) time.Duration {
	return min(firstBackoff<<min(failures-1, 10), longestBackoff)
}
