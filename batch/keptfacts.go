package batch

import (
	"context"
	"slices"
	"time"

	"jumeau/batch/reuse"
	"jumeau/model/fact"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// keptFrames is the note beside the figures of a measure in one zone system.
type keptFrames struct {
	System  string
	Account fact.Account
	Rolled  bool
	Orphans int
}

func (r *run) keepMeasure(ctx context.Context, in reuse.Inputs, b builtMeasure, took time.Duration) {
	var note []keptFrames
	files := map[string]string{}
	for _, f := range b.frames {
		note = append(note, keptFrames{f.System, f.account, f.rolled, f.orphans})
		files[f.System+".arrow"] = r.path(release.ValuesPath(b.id, f.System))
	}
	r.keep(ctx, keptMeasure, b.id, in, took.Seconds(), note, files)
}

// takeMeasure brings the figures of an earlier run.
func (r *run) takeMeasure(ctx context.Context, e *reuse.Entry, b builtMeasure) error {
	var note []keptFrames
	if err := e.Read(&note); err != nil {
		return err
	}
	for _, n := range note {
		path := release.ValuesPath(b.id, n.System)
		if _, err := r.give(e, n.System+".arrow", path); err != nil {
			return err
		}
		f, err := r.recordFile(ctx, r.path(path))
		if err != nil {
			return err
		}
		built := builtFrames{Frames: f, account: n.Account, rolled: n.Rolled, orphans: n.Orphans}
		r.tellLeftOut(b.id, built)
		b.frames = append(b.frames, built)
	}
	r.frames = append(r.frames, b)
	r.reused.Measures = append(r.reused.Measures, b.id)
	return nil
}

// recordFile writes the figures of a file into the model. The frames it gives say their slots, and no figure.
func (r *run) recordFile(ctx context.Context, path string) (*fact.Frames, error) {
	values, err := frame.OpenValues(path)
	if err != nil {
		return nil, err
	}
	defer values.Close()
	f := &fact.Frames{Measure: values.Measure, System: values.System, Slots: slices.Clone(values.Slots)}
	for _, slot := range values.Slots {
		figures, _ := values.At(slot)
		f.Figures = append(f.Figures, figures)
	}
	err = fact.Record(ctx, r.store, f)
	f.Figures = nil // they lie in the file
	return f, err
}

// takeFlow brings the figures of an earlier run.
func (r *run) takeFlow(ctx context.Context, e *reuse.Entry, b builtFlow) error {
	if err := e.Read(&b.account); err != nil {
		return err
	}
	path := release.FlowsPath(b.id, b.flow.Zones)
	if _, err := r.give(e, b.flow.Zones+".arrow", path); err != nil {
		return err
	}
	flows, err := frame.OpenFlows(r.path(path))
	if err != nil {
		return err
	}
	defer flows.Close()
	b.flows = &fact.Flows{Flow: b.id, System: b.flow.Zones, Slots: slices.Clone(flows.Slots)}
	for _, slot := range flows.Slots {
		p, _ := flows.At(slot)
		b.flows.Pairs = append(b.flows.Pairs, frame.Pairs{Origin: slices.Clone(p.Origin), Destination: slices.Clone(p.Destination), Figures: frame.Figures{
			Value: slices.Clone(p.Value), Lo: slices.Clone(p.Lo), Hi: slices.Clone(p.Hi), Flag: slices.Clone(p.Flag)}})
	}
	if err := fact.RecordFlows(ctx, r.store, b.flows); err != nil {
		return err
	}
	r.flows = append(r.flows, b)
	r.reused.Flows = append(r.reused.Flows, b.id)
	return nil
}
