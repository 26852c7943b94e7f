package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/ingest/gate"
	"jumeau/model"
	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// errNoPlaces says that a column refers to a source that was declared optional and is not there.
var errNoPlaces = errors.New("the places are absent")

// tables says to the gate what a source publishes, with the places of its rows in the zones of this run. Tables whose zones are
// absent are left out.
func (r *run) tables(ctx context.Context, src *model.Source) ([]gate.Table, error) {
	var out []gate.Table
	for _, id := range sortedKeys(src.Behaviour.Publish) {
		p := src.Behaviour.Publish[id]
		system := r.systems.byID[p.Zones]
		if system == nil || system.Len() == 0 {
			r.Log.Warn("protected figures left out: their zones are absent", "table", id, "zones", p.Zones)
			continue
		}
		t, err := r.table(ctx, src, id, p, system)
		if errors.Is(err, errNoPlaces) {
			r.Log.Warn("protected figures left out: what their rows refer to is absent", "table", id)
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, &model.Error{Kind: model.Invalid, Op: "protect", Subject: src.ID, Err: fmt.Errorf("none of its tables has zones"),
			Hint: "the sources of the zones are absent: see the lines above; nothing was charged"}
	}
	return out, nil
}

func (r *run) table(ctx context.Context, src *model.Source, id string, p *model.Published, system *zone.System) (gate.Table, error) {
	t := gate.Table{Name: id, Shape: gate.Shape(p.Shape), Slot: p.Slot, System: p.Zones, Zones: system.Len(), Totals: p.Totals, Bias: p.Bias,
		L0: p.L0, Linf: p.Linf, Share: p.Share, Weight: p.Weight}
	var err error
	switch p.Shape {
	case model.ShapeFlow:
		if t.From, err = r.place(ctx, src, p.Origin, system, p.Snap); err == nil {
			t.To, err = r.place(ctx, src, p.Destination, system, p.Snap)
		}
	case model.ShapeHistogram:
		t.Value, t.Edges = p.Value, p.Edges
	case model.ShapeSplit:
		t.Category, t.Categories = p.Category, src.Contract.Columns[p.Category].In
	case model.ShapeSum:
		t.Shape, t.Value = gate.Presence, p.Value
		if p.Category != "" {
			t.Shape, t.Category, t.Categories = gate.Split, p.Category, src.Contract.Columns[p.Category].In
		}
	}
	if err == nil && p.Shape != model.ShapeFlow {
		t.Place, err = r.place(ctx, src, p.Place, system, p.Snap)
	}
	if err != nil {
		return t, err
	}
	if t.Before, err = r.shownBefore(src, id, p, t.Categories); err != nil {
		return t, err
	}
	t.Levels = r.levelsOf(id, p)
	return t, nil
}

// place says where rows are in a zone system: by a column that refers to the zones of a system, to places with coordinates (stops),
// by a column that holds ids of this system or of finer ones, or by the row's own point.
func (r *run) place(ctx context.Context, src *model.Source, column string, system *zone.System, snap float64) (gate.Place, error) {
	if column == "" {
		return gate.Place{Column: contract.GeometryColumn, Locate: locate(system, snap)}, nil
	}
	out := gate.Place{Column: column, Index: map[string]int32{}}
	source, referred, ok := strings.Cut(src.Contract.Columns[column].Refers, ".")
	if !ok {
		for i, id := range r.systems.order { // from the coarsest; ids of the system itself win
			if parents := r.systems.parents[id][system.ID]; parents != nil && i > slices.Index(r.systems.order, system.ID) {
				addZones(out.Index, r.systems.byID[id], parents)
			}
		}
		addZones(out.Index, system, nil)
		return out, nil
	}
	if !r.present(source) {
		return out, errNoPlaces
	}
	ref := r.source(source)
	if z := ref.Zones; z != nil && z.ID == referred && r.systems.byID[z.System] != nil {
		parents := r.systems.parents[z.System][system.ID]
		if z.System == system.ID || parents != nil {
			addZones(out.Index, r.systems.byID[z.System], parents)
			return out, nil
		}
	}
	if ref.Contract.Geometry == nil {
		return out, &model.Error{Kind: model.Invalid, Op: "place rows", Subject: src.ID + "." + column,
			Err:  fmt.Errorf("%s does not say where its rows are in %s", source, system.ID),
			Hint: "refer to a source that gives zones, finer or the same, or that has a geometry"}
	}
	return out, r.locateReferred(ctx, out.Index, ref, referred, locate(system, snap))
}

// addZones indexes the zones of a system by id: as they are, or as their parents.
func addZones(index map[string]int32, system *zone.System, parents []int32) {
	for i, z := range system.Zones {
		switch {
		case parents == nil:
			index[z.ID] = int32(i)
		case parents[i] >= 0:
			index[z.ID] = parents[i]
		}
	}
}

// locateReferred places what a column refers to by its geometry.
func (r *run) locateReferred(ctx context.Context, index map[string]int32, ref *model.Source, column string, at func(lon, lat float64) int32) error {
	rows, err := r.store.Query(ctx, store.Fill(statements["Places"], map[string]string{"id": store.Quote(column), "table": ingest.Table(ref.ID)}))
	if err != nil {
		return err
	}
	defer rows.Release()
	for rows.Next() {
		b := rows.RecordBatch()
		ids, shapes := b.Column(0).(*array.String), b.Column(1).(*array.Binary)
		for i := range int(b.NumRows()) {
			g, err := geom.DecodeWKB(shapes.Value(i))
			if err != nil {
				return err
			}
			c := g.Bound().Center()
			if z := at(c[0], c[1]); z >= 0 {
				index[strings.Clone(ids.Value(i))] = z
			}
		}
	}
	return rows.Err()
}

// locate gives the zone that holds a place or, where zones are lines, the nearest one within so many metres; -1 for none.
func locate(system *zone.System, snap float64) func(lon, lat float64) int32 {
	if system.Kind == zone.Line {
		return zone.NewNearest(system, snap).Locate
	}
	l := zone.NewLocator(system)
	return func(lon, lat float64) int32 {
		var out [1]int32
		l.Locate([]orb.Point{{lon, lat}}, out[:])
		return out[0]
	}
}
