package batch

import (
	"context"
	"errors"
	"time"

	"jumeau/ingest"
	"jumeau/ingest/fetch"
	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/runlog"
)

// RefreshOptions of a run that fetches first and is written into the diary.
type RefreshOptions struct {
	Options
	Fetch fetch.Options // Progress, Log, Folders and Now are those of the run
	By    string        // user@machine
	Why   string        // one of runlog's reasons
	Due   time.Time     // the time of the schedule that the run answers to; zero: none
}

// Refreshed is what a refresh did.
type Refreshed struct {
	*Result // nil when it failed
	Fetch   *fetch.Result
	Record  runlog.Record // of its end
}

// Refresh fetches what is due, runs, and writes both into the diary of the releases folder, whatever becomes of them. One
// refresh goes on at a time.
func Refresh(ctx context.Context, opt RefreshOptions) (*Refreshed, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	for _, src := range opt.Territory.Sources { // before anything is asked for, or written
		if err := ingest.Refuse(src); err != nil {
			return nil, err
		}
	}
	turn, err := runlog.Begin(opt.Releases, runlog.Record{Territory: opt.Territory.ID, By: opt.By, Why: opt.Why, Due: opt.Due, Version: opt.Version}, opt.Now())
	if err != nil {
		return nil, err
	}
	done := &Refreshed{}
	err = done.do(ctx, opt)
	done.Record = done.end(ctx, err)
	done.Record.Served, _ = release.Current(opt.Releases) // "" before the first
	if noted := turn.End(done.Record, opt.Now()); err == nil && noted != nil {
		err = noted
	}
	return done, err
}

func (d *Refreshed) do(ctx context.Context, opt RefreshOptions) (err error) {
	f := opt.Fetch
	f.Folders, f.Progress, f.Log, f.Now = opt.Folders, opt.Progress, opt.Log, opt.Now
	if d.Fetch, err = fetch.Run(ctx, opt.Territory, opt.Territory.Sources, f); err != nil {
		return err
	}
	if err := missing(opt.Territory, d.Fetch); err != nil {
		return err
	}
	opt.Fetched = d.Fetch.Files
	d.Result, err = Run(ctx, opt.Options)
	return err
}

// missing is the first failure to fetch of a source without which there is no run.
func missing(t *model.Territory, r *fetch.Result) error {
	for i, out := range r.Outcomes {
		if src := t.Sources[i]; out.State == fetch.Failed && !src.Optional && src.From.URL != "" && model.KindOf(out.Err) != model.Withheld {
			return out.Err
		}
	}
	return nil
}

// end says how a refresh ended.
func (d *Refreshed) end(ctx context.Context, err error) runlog.Record {
	r := runlog.Record{}
	if d.Fetch != nil {
		for _, out := range d.Fetch.Outcomes {
			switch out.State {
			case fetch.Fetched:
				r.Fetched = append(r.Fetched, out.Source)
			case fetch.Late:
				r.Late = append(r.Late, runlog.Late{Source: out.Source, Since: out.Entries[0].FetchedAt, Reason: out.Err.Error()})
			}
		}
	}
	var found *drifted
	if errors.As(err, &found) {
		r.Drift = noted(found.drift)
	}
	if err != nil {
		r.Result, r.Error, r.Hint, r.Exit = runlog.Failed, err.Error(), model.HintOf(err), ExitCode(err)
		if ctx.Err() != nil {
			r.Result, r.Error, r.Hint = runlog.Stopped, "the run was told to stop", ""
		}
		return r
	}
	r.Result, r.Release, r.Drift = runlog.Unchanged, d.Release, noted(d.Drift)
	switch {
	case d.Held:
		r.Result = runlog.Held
	case d.Published:
		r.Result = runlog.Published
	}
	if len(r.Late) > 0 {
		r.Exit = runlog.ExitLate
	}
	return r
}

// ExitCode of an error: whether another try may succeed.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return runlog.ExitDone
	case errors.Is(err, context.Canceled), model.KindOf(err) == model.Unavailable:
		return runlog.ExitUnavailable
	}
	return runlog.ExitFailed
}

// noted is what drifted, as the diary has it.
func noted(all []Drifted) (out []runlog.Drift) {
	for _, d := range all {
		out = append(out, runlog.Drift{Source: d.Source, Text: d.Text})
	}
	return out
}
