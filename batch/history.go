package batch

import (
	"errors"
	"slices"
	"strings"
	"time"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/quality"
	"jumeau/model/release"
)

// readHistory takes over what the served release remembers of its sources.
func (r *run) readHistory() error {
	r.history = quality.History{}
	id, err := release.Current(r.Releases)
	if err != nil {
		return nil //nolint:nilerr // the first run has no release before it
	}
	old, err := release.Open(r.Releases, id)
	if err != nil {
		return nil //nolint:nilerr // one that cannot be read has no history either
	}
	r.history, err = quality.Read(old.Path(quality.Name))
	return err
}

// judge holds what was read of a source to its history. The files that the served release was made of were judged when they came.
func (r *run) judge(src *model.Source, a *ingest.Account) error {
	p := r.profile(src.ID)
	p.At = r.now().UTC().Truncate(time.Second)
	policy := src.Contract.Drift
	if !r.history.Known(src.ID, p) {
		a.Findings = quality.Judge(r.history[src.ID], p, policy)
		if vintage := policy.Policy("vintage"); vintage != model.DriftIgnore {
			for _, text := range a.Drift {
				a.Findings = append(a.Findings, quality.Finding{Kind: "vintage", Policy: vintage, Text: text})
			}
		}
	}
	var stops []string
	for _, f := range a.Findings {
		r.Log.Warn("a source is not as it was", "source", src.ID, "kind", f.Kind, "finding", f.Text, "policy", f.Policy)
		r.drift = append(r.drift, Drifted{src.ID, f})
		if f.Policy == model.DriftStop {
			stops = append(stops, f.Text)
		}
	}
	if len(stops) > 0 {
		return &model.Error{Kind: model.Invalid, Op: "judge", Subject: src.ID, Err: errors.New(strings.Join(stops, "; ")),
			Hint: "ask the producer; where the new file is right, declare its vintage, or contract.drift: warn for this kind"}
	}
	p.Findings = a.Findings
	r.history.Add(src.ID, p)
	return nil
}

// profile of a source, as it was kept when it was read.
func (r *run) profile(source string) quality.Profile {
	var n keptAccount
	if k := r.known[source]; k.entry == nil || k.entry.Read(&n) != nil {
		return quality.Profile{}
	}
	return n.Profile
}

func (r *run) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// Drifted is a finding about a source.
type Drifted struct {
	Source string `json:"source"`
	quality.Finding
}

// drifted is the error of a run that had found drift before it failed.
type drifted struct {
	error
	drift []Drifted
}

func (d *drifted) Unwrap() error { return d.error }

// writeHistory puts what is remembered of the sources into the release. It says how they came to be, not what they are: two releases
// with the same content may remember differently.
func (r *run) writeHistory() error {
	for id := range r.history {
		if !slices.ContainsFunc(r.Territory.Sources, func(s *model.Source) bool { return s.ID == id && !ingest.AboutPeople(s) }) {
			delete(r.history, id)
		}
	}
	if err := r.history.Write(r.path(quality.Name)); err != nil {
		return err
	}
	r.draft.Digest(quality.Name, "history")
	return nil
}
