package schedule

import (
	"time"

	"jumeau/model/runlog"
)

// States of a territory's runs, as people are told.
const (
	Good    = "good"
	IsLate  = "late"    // releases are made, with older files of some sources
	IsHeld  = "held"    // releases are made and not served
	Failing = "failing" // no release is made
	Changed = "changed" // a release is made, and the files of some sources are not as before: told once
)

// Message is what people are told.
type Message struct {
	ID        string    `json:"id"` // the same when it is sent again
	At        time.Time `json:"at"`
	Territory string    `json:"territory"`
	State     string    `json:"state"`
	Before    string    `json:"before"` // the state told before
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
	Run       string    `json:"run"`
	Release   string    `json:"served"` // being served
}

// stateOf the runs, and the run that shows it. Runs by hand that fail are seen by who starts them, and do not count.
func stateOf(runs []runlog.Run) (state string, shown runlog.Run) {
	for i := len(runs) - 1; i >= 0; i-- {
		r := runs[i]
		switch {
		case !r.Over(), !r.OK() && r.Begin.Why == runlog.ByHand:
			continue
		case !r.OK():
			return Failing, r
		case len(r.End.Late) > 0:
			return IsLate, r
		case r.End.Result == runlog.Held:
			return IsHeld, r
		case len(r.End.Drift) > 0:
			return Changed, r
		}
		return Good, r
	}
	return Good, runlog.Run{}
}

// reminders are how long people are left alone in a state that lasts.
var reminders = map[string]time.Duration{IsLate: 20 * time.Hour, Failing: 20 * time.Hour, IsHeld: 7*24*time.Hour - 4*time.Hour}

// due says whether people should be told something now: the state, the one told before, and the run. id is "" when not.
func due(d *runlog.Diary, now time.Time) (id, state, before string, run runlog.Run) {
	state, run = stateOf(d.Runs)
	before = Good
	var told runlog.Record
	if len(d.Told) > 0 {
		told = d.Told[len(d.Told)-1]
		before = told.State
	}
	if run.Begin.Run == "" || state == Good && (before == Good || before == Changed) {
		return "", state, before, run
	}
	if state == before && (state == Good || now.Sub(told.At) < reminders[state] || told.Message == state+"@"+run.Begin.Run) { // a change has no reminder: its message is told
		return "", state, before, run
	}
	return state + "@" + run.Begin.Run, state, before, run
}

// undelivered is the last message and those of the channels that it did not reach, when it is time to try again.
func undelivered(d *runlog.Diary, channels []string, now time.Time) (m runlog.Record, missing []string) {
	if len(d.Told) == 0 {
		return m, nil
	}
	m = d.Told[len(d.Told)-1]
	if now.Sub(m.At) < 15*time.Minute || now.Sub(m.At) > 7*24*time.Hour {
		return m, nil
	}
	reached := map[string]bool{}
	for _, t := range d.Told {
		if t.Message == m.Message {
			for _, via := range t.Via {
				reached[via] = true
			}
		}
	}
	for _, c := range channels {
		if !reached[c] {
			missing = append(missing, c)
		}
	}
	return m, missing
}
