package batch

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"jumeau/ingest/gate"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/zone"
)

// unpack turns a protected table into measures and flows.
func (r *run) unpack(ctx context.Context, src *model.Source, p *gate.Protected) error {
	id := p.Name()
	spec := src.Behaviour.Publish[id]
	if spec.Shape == model.ShapeFlow {
		return r.unpackFlow(ctx, src, id, spec, p)
	}
	if p.Classes() == nil {
		b := r.levels(src, id, spec, p, 0)
		if spec.Adaptive != "" {
			if err := r.grain(ctx, &b, spec, p); err != nil {
				return err
			}
		}
		return r.addMeasure(ctx, b)
	}
	for class, name := range classNames(src, spec, p.Classes()) {
		b := newProtected(src, id+"_"+classID(spec, class, p.Classes()), id, spec)
		b.member = name
		b.measure.Title = model.Text{FR: spec.Title.In("fr") + " : " + name.In("fr"), EN: spec.Title.In("en") + ": " + name.In("en")}
		b.frames = []builtFrames{{Frames: r.frameOf(b.id, p, 0, class)}}
		if err := r.addMeasure(ctx, b); err != nil {
			return err
		}
	}
	if p.Levels() > 1 && p.System(1) != "" { // all categories of a split
		return r.addMeasure(ctx, r.levels(src, id, spec, p, 1))
	}
	return nil
}

func newProtected(src *model.Source, id, table string, spec *model.Published) builtMeasure {
	return builtMeasure{id: id, source: src, table: table,
		measure: &model.Measure{Title: spec.Title, Summary: spec.Summary, Unit: spec.Unit, Decimals: spec.Decimals, Zones: spec.Zones}}
}

// levels is the measure whose systems are the levels of a table from one on. Totals of the whole territory have no zone: they are in
// the catalogue.
func (r *run) levels(src *model.Source, id string, spec *model.Published, p *gate.Protected, from int) builtMeasure {
	b := newProtected(src, id, id, spec)
	b.totals = totalsOf(p)
	for level := from; level < p.Levels(); level++ {
		if p.System(level) != "" {
			b.frames = append(b.frames, builtFrames{Frames: r.frameOf(id, p, level, 0)})
		}
	}
	return b
}

// totalsOf are the published totals of a table.
func totalsOf(p *gate.Protected) (out []release.Total) {
	for i, slot := range p.Slots() {
		if f, ok := p.Total(i); ok {
			out = append(out, release.Total{Slot: slot, Value: f.Y, Lo: f.Lo, Hi: f.Hi, Rests: p.Rests(i)})
		}
	}
	return out
}

func (r *run) frameOf(id string, p *gate.Protected, level, class int) *fact.Frames {
	f := &fact.Frames{Measure: id, System: p.System(level), Slots: p.Slots()}
	for slot := range f.Slots {
		f.Figures = append(f.Figures, p.Figures(level, slot, class))
	}
	return f
}

// unpackFlow makes the flow, and the measures of what leaves each origin and of the part of it that no pair shows.
func (r *run) unpackFlow(ctx context.Context, src *model.Source, id string, spec *model.Published, p *gate.Protected) error {
	flow := builtFlow{id: id, source: src, table: id, totals: totalsOf(p),
		flow:  &model.Flow{Title: spec.Title, Summary: spec.Summary, Unit: spec.Unit, Zones: spec.Zones, Decimals: spec.Decimals},
		flows: &fact.Flows{Flow: id, System: spec.Zones, Slots: p.Slots()}}
	for slot := range p.Slots() {
		flow.flows.Pairs = append(flow.flows.Pairs, p.Pairs(slot))
	}
	if err := r.addFlow(ctx, flow); err != nil || p.Levels() < 2 {
		return err
	}
	from, rest := spec.Companions(id)
	zones := r.systems.byID[spec.Zones].Len()
	leaving, left := newProtected(src, from, id, spec), newProtected(src, rest, id, spec)
	leaving.measure.Title = model.Text{FR: spec.Title.In("fr") + " : total au départ", EN: spec.Title.In("en") + ": total by origin"}
	left.measure.Title = model.Text{FR: spec.Title.In("fr") + " : reste non détaillé", EN: spec.Title.In("en") + ": rest, not detailed"}
	all, parts := &fact.Frames{Measure: from, System: spec.Zones, Slots: p.Slots()}, &fact.Frames{Measure: rest, System: spec.Zones, Slots: p.Slots()}
	for slot := range p.Slots() { // the last origin of the gate is outside the system
		all.Figures = append(all.Figures, p.Figures(1, slot, 0).Slice(0, zones))
		parts.Figures = append(parts.Figures, hiddenFigures(zones))
	}
	for f := range p.All(1) {
		if int(f.Zone) < zones && !math.IsNaN(f.Rest) {
			parts.Figures[f.Slot].Value[f.Zone], parts.Figures[f.Slot].Flag[f.Zone] = f.Rest, model.OK
		}
	}
	leaving.frames, left.frames = []builtFrames{{Frames: all}}, []builtFrames{{Frames: parts}}
	if err := r.addMeasure(ctx, leaving); err != nil {
		return err
	}
	return r.addMeasure(ctx, left)
}

// classNames are the titles of the classes of a histogram or split.
func classNames(src *model.Source, spec *model.Published, classes []string) (out []model.Text) {
	for i, c := range classes {
		if spec.Shape != model.ShapeHistogram {
			name, ok := spec.Labels[c]
			if !ok {
				name = model.Text{FR: c, EN: c}
			}
			out = append(out, name)
			continue
		}
		lo, hi := strconv.FormatFloat(spec.Edges[i], 'f', -1, 64), strconv.FormatFloat(spec.Edges[i+1], 'f', -1, 64)
		unit := src.Contract.Columns[spec.Value].Unit
		if unit != "" {
			unit = " " + unit
		}
		out = append(out, model.Text{FR: fmt.Sprintf("de %s à %s%s", strings.ReplaceAll(lo, ".", ","), strings.ReplaceAll(hi, ".", ","), unit),
			EN: fmt.Sprintf("%s to %s%s", lo, hi, unit)})
	}
	return out
}

// classID is the part of a measure's id that says its class: the category where all of the table read as identifiers, else its number.
func classID(spec *model.Published, class int, all []string) string {
	if spec.Shape != model.ShapeHistogram && legible(all) {
		return slug(all[class])
	}
	return fmt.Sprintf("%0*d", len(strconv.Itoa(len(all))), class+1) // so that the order of ids is that of classes
}

// legible says whether categories are plain words, each of its own, of which an identifier loses nothing but capitals and blanks.
func legible(all []string) bool {
	seen := map[string]bool{}
	for _, name := range all {
		id := slug(name)
		if id == "" || len(id) != len(name) || id[0] < 'a' || id[0] > 'z' || seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}

func slug(text string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			b.WriteRune(c)
		case c == ' ' || c == '-' || c == '_' || c == '.':
			b.WriteByte('_')
		}
	}
	return b.String()
}

// carryMeasure takes a measure over from an earlier release, its names included. Zones are found again by their ids, because their
// positions may have changed; a zone that is no more is left out, a new one has no figure.
func (r *run) carryMeasure(ctx context.Context, src *model.Source, old *release.Release, m *release.Measure) error {
	b := builtMeasure{id: m.ID, source: src, table: m.Table, member: m.Member, totals: m.Totals,
		measure: &model.Measure{Title: m.Title, Summary: m.Summary, Unit: m.Unit, Decimals: m.Decimals}}
	for _, s := range m.Systems {
		if spec := src.Behaviour.Publish[m.Table]; spec != nil && spec.Adaptive == s.Zones {
			if err := r.carryMosaic(ctx, old, m.Table, spec); err != nil {
				return err
			}
		}
		system := r.systems.byID[s.Zones]
		if system == nil {
			continue
		}
		to, err := positions(old, system)
		if err != nil {
			return err
		}
		values, err := frame.OpenValues(old.Path(release.ValuesPath(m.ID, s.Zones)))
		if err != nil {
			return err
		}
		f := &fact.Frames{Measure: m.ID, System: s.Zones, Slots: values.Slots}
		for _, slot := range values.Slots {
			had, _ := values.At(slot)
			figures := hiddenFigures(system.Len())
			for i, z := range to {
				if z >= 0 {
					figures.Value[z], figures.Lo[z], figures.Hi[z], figures.Flag[z] = had.Value[i], had.Lo[i], had.Hi[i], had.Flag[i]
				}
			}
			f.Figures = append(f.Figures, figures)
		}
		if err := values.Close(); err != nil {
			return err
		}
		b.frames = append(b.frames, builtFrames{Frames: f})
	}
	if len(b.frames) == 0 {
		return nil
	}
	return r.addMeasure(ctx, b)
}

// carryFlow takes a flow over from an earlier release.
func (r *run) carryFlow(ctx context.Context, src *model.Source, old *release.Release, f *release.Flow) error {
	system := r.systems.byID[f.Zones]
	if system == nil {
		return nil
	}
	to, err := positions(old, system)
	if err != nil {
		return err
	}
	flows, err := frame.OpenFlows(old.Path(release.FlowsPath(f.ID, f.Zones)))
	if err != nil {
		return err
	}
	defer flows.Close()
	b := builtFlow{id: f.ID, source: src, table: f.Table, totals: f.Totals,
		flow:  &model.Flow{Title: f.Title, Summary: f.Summary, Unit: f.Unit, Zones: f.Zones, Decimals: f.Decimals},
		flows: &fact.Flows{Flow: f.ID, System: f.Zones, Slots: flows.Slots}}
	for _, slot := range flows.Slots {
		had, _ := flows.At(slot)
		b.flows.Pairs = append(b.flows.Pairs, movePairs(had, to))
	}
	return r.addFlow(ctx, b)
}

// movePairs gives pairs the zones of another numbering; pairs of zones that are no more are left out.
func movePairs(had frame.Pairs, to []int32) (out frame.Pairs) {
	at := func(z uint32) (uint32, bool) {
		if z == frame.Outside {
			return z, true
		}
		return uint32(to[z]), to[z] >= 0
	}
	for i := range had.Origin {
		from, ok1 := at(had.Origin[i])
		dest, ok2 := at(had.Destination[i])
		if ok1 && ok2 {
			out.Origin, out.Destination = append(out.Origin, from), append(out.Destination, dest)
			out.Value, out.Lo = append(out.Value, had.Value[i]), append(out.Lo, had.Lo[i])
			out.Hi, out.Flag = append(out.Hi, had.Hi[i]), append(out.Flag, had.Flag[i])
		}
	}
	return out // zones are sorted by id in both numberings, so the order of pairs holds
}

// positions gives, for each zone of a system in an earlier release, its position now, -1 when it is no more.
func positions(old *release.Release, system *zone.System) ([]int32, error) {
	zones, err := frame.ReadZones(old.Path(release.ZonesPath(system.ID)))
	if err != nil {
		return nil, err
	}
	to := make([]int32, len(zones.ID))
	for i, id := range zones.ID {
		to[i] = -1
		if z, ok := system.Index(id); ok {
			to[i] = z
		}
	}
	return to, nil
}
