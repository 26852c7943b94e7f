package batch

import (
	"context"
	"slices"

	"jumeau/ingest/gate"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/zone"
)

// pieceID names a piece of a mosaic by its level, which so stands beside every figure: "iris:990070101", "commune:99007".
func pieceID(system, id string) string { return system + ":" + id }

// grain adds to a measure its figures at the finest level that stands at each place, in a zone system made for them.
func (r *run) grain(ctx context.Context, b *builtMeasure, spec *model.Published, p *gate.Protected) error {
	up := r.levelsOf(b.table, spec)
	g := p.Grain(up)
	ids := make([]string, len(g.Pieces))
	stands := map[string]bool{}
	for i, piece := range g.Pieces {
		system := p.System(piece.Level)
		ids[i] = pieceID(system, r.systems.byID[system].Zones[piece.Zone].ID)
		stands[ids[i]] = true
	}
	system, err := r.mosaic(ctx, spec, up, stands)
	if err != nil {
		return err
	}
	f := &fact.Frames{Measure: b.id, System: spec.Adaptive, Slots: p.Slots()}
	for slot := range f.Slots {
		pieces, figures := g.Figures(slot), hiddenFigures(system.Len())
		for i, id := range ids {
			if z, ok := system.Index(id); ok {
				figures.Value[z], figures.Lo[z], figures.Hi[z], figures.Flag[z] = pieces.Value[i], pieces.Lo[i], pieces.Hi[i], pieces.Flag[i]
			}
		}
		f.Figures = append(f.Figures, figures)
	}
	b.frames = append(b.frames, builtFrames{Frames: f})
	return nil
}

// hiddenFigures are n figures that are not published.
func hiddenFigures(n int) frame.Figures {
	out := frame.NewFigures(n)
	for i := range out.Flag {
		out.Flag[i] = model.NotPublished
	}
	return out
}

// mosaic makes the zone system of an adaptive grain: each place belongs to the finest zone around it whose id stands, where none does
// to the coarsest. The zones are disjoint, and cover what the leaves cover.
func (r *run) mosaic(ctx context.Context, spec *model.Published, up []gate.Level, stands map[string]bool) (*zone.System, error) {
	leaves := r.systems.byID[spec.Zones]
	for leaf := range leaves.Zones {
		around := r.around(leaves, up, leaf)
		if !slices.ContainsFunc(around, func(at enclosing) bool { return stands[pieceID(at.system, at.id)] }) {
			coarsest := around[len(around)-1]
			stands[pieceID(coarsest.system, coarsest.id)] = true // without a figure
		}
	}
	var members []zone.Member
	finer := map[string]bool{} // pieces with another one inside
	for leaf := range leaves.Zones {
		found, name := "", ""
		for _, at := range r.around(leaves, up, leaf) {
			id := pieceID(at.system, at.id)
			switch {
			case !stands[id]:
			case found == "":
				found, name = id, at.name
			default:
				finer[id] = true
			}
		}
		members = append(members, zone.Member{Group: found, Name: name, Zone: leaves.Zones[leaf].ID})
	}
	for i := range members {
		if m := &members[i]; finer[m.Group] {
			m.Name += " (reste)"
		}
	}
	title := model.Text{FR: "Grain adapté : " + spec.Title.In("fr"), EN: "Adaptive grain: " + spec.Title.In("en")}
	system, _, err := zone.Dissolve(zone.Spec{ID: spec.Adaptive, Title: title}, leaves, members)
	if err != nil {
		return nil, err
	}
	coarsest := spec.Zones
	if n := len(up); n > 0 {
		coarsest = up[n-1].System
	}
	return system, r.addSystem(ctx, system, coarsest)
}

// enclosing is a zone around a place.
type enclosing struct{ system, id, name string }

// around lists the zones around a leaf, itself first, the coarsest last.
func (r *run) around(leaves *zone.System, up []gate.Level, leaf int) []enclosing {
	out := []enclosing{{leaves.ID, leaves.Zones[leaf].ID, nameOf(leaves.Zones[leaf])}}
	at := int32(leaf)
	for _, level := range up {
		if at = level.Parent[at]; at < 0 {
			break
		}
		z := r.systems.byID[level.System].Zones[at]
		out = append(out, enclosing{level.System, z.ID, nameOf(z)})
	}
	return out
}

func nameOf(z zone.Zone) string {
	if z.Name != "" {
		return z.Name
	}
	return z.ID
}

// addSystem brings a system that was made after the others, with its parents in the systems down to the coarsest that it is made of.
func (r *run) addSystem(ctx context.Context, system *zone.System, coarsest string) error {
	s := r.systems
	s.byID[system.ID], s.mosaics[system.ID] = system, true
	s.order = append(s.order, system.ID)
	s.parents[system.ID] = map[string][]int32{}
	for _, id := range s.order[:slices.Index(s.order, coarsest)+1] {
		if s.byID[id].HasArea() {
			overlaps := zone.Overlaps(system, s.byID[id])
			s.parents[system.ID][id] = zone.ParentsOf(system.Len(), overlaps)
			if err := writeOverlaps(ctx, r.store, system.ID, id, overlaps); err != nil {
				return err
			}
		}
	}
	if err := s.write(ctx, r.store, system.ID); err != nil {
		return err
	}
	return frame.WriteZones(r.path(release.ZonesPath(system.ID)), s.frame(system.ID))
}

// carryMosaic makes the mosaic of a measure again, of the pieces that an earlier release has.
func (r *run) carryMosaic(ctx context.Context, old *release.Release, table string, spec *model.Published) error {
	if r.systems.byID[spec.Adaptive] != nil || r.systems.byID[spec.Zones] == nil {
		return nil
	}
	zones, err := frame.ReadZones(old.Path(release.ZonesPath(spec.Adaptive)))
	if err != nil {
		return err
	}
	stands := map[string]bool{}
	for _, id := range zones.ID {
		stands[id] = true
	}
	_, err = r.mosaic(ctx, spec, r.levelsOf(table, spec), stands)
	return err
}

// levelsOf are the coarser levels of a table that exist in this run.
func (r *run) levelsOf(table string, spec *model.Published) (out []gate.Level) {
	below := spec.Zones
	for _, l := range spec.Levels {
		parents := r.systems.parents[below][l]
		if parents == nil {
			r.Log.Warn("level left out: its zones are absent", "table", table, "zones", l)
			continue
		}
		out = append(out, gate.Level{System: l, Zones: r.systems.byID[l].Len(), Parent: parents})
		below = l
	}
	return out
}
