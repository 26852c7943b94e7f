package batch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/release"
	"jumeau/model/zone"
)

func (r *run) makeFacts(ctx context.Context) error {
	for _, a := range r.order {
		if a.Absent {
			continue
		}
		for _, id := range sortedKeys(a.Source.Measures) {
			if err := r.makeMeasure(ctx, a.Source, id, a.Source.Measures[id]); err != nil {
				return err
			}
		}
		for _, id := range sortedKeys(a.Source.Flows) {
			if err := r.makeFlow(ctx, a.Source, id, a.Source.Flows[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeMeasure computes a measure in its own zone system and in the coarser ones it is rolled up to. Where rows are placed by
// their geometry each system is computed from the rows themselves; where they name a zone, coarser figures are sums.
func (r *run) makeMeasure(ctx context.Context, src *model.Source, id string, m *model.Measure) error {
	in := fact.Input{ID: id, Measure: m, Source: src, Table: ingest.Table(src.ID), TimeZone: r.Territory.TimeZone}
	built := builtMeasure{id: id, source: src, measure: m}
	inputs, start := r.tracer.measure(src, id, m), time.Now()
	if e := r.again(ctx, keptMeasure, id, inputs); e != nil {
		return r.takeMeasure(ctx, e, built)
	}
	if err := r.need(ctx, src.ID); err != nil {
		return err
	}
	for i, name := range append([]string{m.Zones}, m.Rollup...) {
		system := r.systems.byID[name]
		switch {
		case system == nil && i == 0:
			r.Log.Warn("measure left out: its zones are absent", "measure", id, "zones", name)
			return nil
		case system == nil:
			r.Log.Warn("measure not rolled up: the zones are absent", "measure", id, "zones", name)
			continue
		}
		frames, err := r.figures(ctx, in, built, system)
		if err != nil {
			return err
		}
		built.frames = append(built.frames, frames)
	}
	all := make([]*fact.Frames, len(built.frames))
	for i, f := range built.frames {
		all[i] = f.Frames
	}
	fact.Complete(all)
	for _, f := range built.frames {
		if err := fact.Record(ctx, r.store, f.Frames); err != nil {
			return err
		}
		if err := f.Write(r.path(release.ValuesPath(id, f.System)), r.systems.byID[f.System].Len()); err != nil {
			return err
		}
		r.tellLeftOut(id, f)
	}
	r.frames = append(r.frames, built)
	r.keepMeasure(ctx, inputs, built, time.Since(start))
	return nil
}

// figures of a measure in one system: of its rows, or rolled up from those of its leaves, the first of built.
func (r *run) figures(ctx context.Context, in fact.Input, built builtMeasure, system *zone.System) (builtFrames, error) {
	m := in.Measure
	if len(built.frames) == 0 || m.Zone == "" {
		frames, account, err := fact.Measure(ctx, r.store, in, system)
		return builtFrames{Frames: frames, account: account}, err
	}
	parents := r.systems.parents[m.Zones][system.ID]
	if parents == nil {
		return builtFrames{}, &model.Error{Kind: model.Invalid, Op: "roll up", Subject: in.ID, Err: fmt.Errorf("%s is not coarser than %s", system.ID, m.Zones),
			Hint: "list zone systems in territory.zones from the coarsest to the finest"}
	}
	f := builtFrames{Frames: built.frames[0].Rollup(system.ID, parents, system.Len()), rolled: true}
	for _, p := range parents {
		if p < 0 {
			f.orphans++
		}
	}
	return f, nil
}

// tellLeftOut logs the rows that no figure counts; the release says so too.
func (r *run) tellLeftOut(id string, f builtFrames) {
	a := f.account
	level := slog.LevelInfo
	if a.Rows > 0 && a.Unplaced == a.Rows { // ids in another form, or another territory's rows
		level = slog.LevelWarn
	}
	if a.Unplaced+a.Untimed > 0 {
		r.Log.Log(context.Background(), level, "rows that no figure counts", "measure", id, "zones", f.System, "rows", a.Rows,
			"outside", a.Unplaced, "without_time", a.Untimed)
	}
	if f.orphans > 0 {
		r.Log.Info("finer zones in no zone", "measure", id, "zones", f.System, "finer", f.orphans)
	}
}

func (r *run) makeFlow(ctx context.Context, src *model.Source, id string, f *model.Flow) error {
	system := r.systems.byID[f.Zones]
	if system == nil {
		r.Log.Warn("flow left out: its zones are absent", "flow", id, "zones", f.Zones)
		return nil
	}
	inputs, start := r.tracer.flow(src, id, f), time.Now()
	if e := r.again(ctx, keptFlow, id, inputs); e != nil {
		return r.takeFlow(ctx, e, builtFlow{id: id, source: src, flow: f})
	}
	if err := r.need(ctx, src.ID); err != nil {
		return err
	}
	flows, account, err := fact.Flow(ctx, r.store, fact.FlowInput{ID: id, Flow: f, Source: src, Table: ingest.Table(src.ID)}, system)
	if err != nil {
		return err
	}
	if account.Unknown+account.Outside > 0 {
		r.Log.Info("rows that no figure counts", "flow", id, "rows", account.Rows, "without_end", account.Unknown, "outside", account.Outside)
	}
	r.flows = append(r.flows, builtFlow{id: id, source: src, flow: f, flows: flows, account: account})
	path := r.path(release.FlowsPath(id, f.Zones))
	if err := flows.Write(path, len(system.Zones)); err != nil {
		return err
	}
	r.keep(ctx, keptFlow, id, inputs, time.Since(start).Seconds(), account, map[string]string{f.Zones + ".arrow": path})
	return nil
}
