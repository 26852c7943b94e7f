package batch

import (
	"context"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// systems are the zone systems of a run and who is whose parent.
type systems struct {
	byID    map[string]*zone.System
	source  map[string]string             // system → the source that gives it; "" for grids
	order   []string                      // as declared: coarsest first; then the others by name
	parents map[string]map[string][]int32 // system → coarser system → index of the parent, -1 for none
	mosaics map[string]bool               // systems made of protected figures, after all others
}

func newSystems() *systems {
	return &systems{byID: map[string]*zone.System{}, source: map[string]string{}, parents: map[string]map[string][]int32{},
		mosaics: map[string]bool{}}
}

// make builds the systems of the sources, and returns those whose members do not exist yet.
func (s *systems) make(ctx context.Context, st *store.Store, sources []*model.Source) (waiting []*model.Source, err error) {
	for _, src := range sources {
		if m := src.Zones.Members; m != nil && s.byID[m.System] == nil {
			waiting = append(waiting, src)
			continue
		}
		if err := s.fromSource(ctx, st, src); err != nil {
			return nil, err
		}
	}
	if len(waiting) == 0 || len(waiting) == len(sources) {
		return waiting, nil
	}
	return s.make(ctx, st, waiting) // what came last may be the members of what came first
}

// fromSource builds the system that a source gives, from its features or from its members.
func (s *systems) fromSource(ctx context.Context, st *store.Store, src *model.Source) error {
	spec := src.Zones
	holes := map[string]string{"id": store.Quote(spec.ID), "name": "NULL", "table": ingest.Table(src.ID)}
	if spec.Name != "" {
		holes["name"] = store.Quote(spec.Name)
	}
	var system *zone.System
	var err error
	if spec.Members != nil {
		holes["member"] = store.Quote(spec.Members.ID)
		system, err = s.group(ctx, st, spec, store.Fill(statements["ZoneMembers"], holes))
	} else {
		system, err = features(ctx, st, spec, store.Fill(statements["ZoneFeatures"], holes))
	}
	if err != nil {
		return &model.Error{Kind: model.KindOf(err), Op: "make zones", Subject: spec.System + " of " + src.ID, Err: err, Hint: model.HintOf(err)}
	}
	s.byID[spec.System], s.source[spec.System] = system, src.ID
	return nil
}

func features(ctx context.Context, st *store.Store, spec *model.ZoneSystem, query string) (*zone.System, error) {
	r, err := st.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	var in []zone.Feature
	for r.Next() {
		b := r.RecordBatch()
		id, name, shape := b.Column(0).(*array.String), b.Column(1).(*array.String), b.Column(2).(*array.Binary)
		for i := range int(b.NumRows()) {
			g, err := geom.DecodeWKB(shape.Value(i))
			if err != nil {
				return nil, err
			}
			in = append(in, zone.Feature{ID: strings.Clone(id.Value(i)), Name: strings.Clone(name.Value(i)), Geometry: g})
		}
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return zone.FromFeatures(zone.Spec{ID: spec.System, Title: spec.Title}, in)
}

// group unites the members of each group. Members that are not zones of the finer system lie outside the territory; a group
// without any member inside is left out.
func (s *systems) group(ctx context.Context, st *store.Store, spec *model.ZoneSystem, query string) (*zone.System, error) {
	finer := s.byID[spec.Members.System]
	rows, err := st.Rows(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var members []zone.Member
	for rows.Next() {
		var m zone.Member
		if err := rows.Scan(&m.Group, &m.Name, &m.Zone); err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	system, _, err := zone.Dissolve(zone.Spec{ID: spec.System, Title: spec.Title}, finer, members)
	return system, err
}

// within keeps the features of a source that have a point, or some of their length or area, in a zone of the systems that its
// declaration names. To touch a border from outside is not enough: the neighbours of a territory do.
func (s *systems) within(ctx context.Context, st *store.Store, a *ingest.Account) error {
	for _, k := range a.Source.Keep {
		if k.Within == "" {
			continue
		}
		system := s.byID[k.Within]
		if system == nil {
			return &model.Error{Kind: model.Invalid, Op: "keep", Subject: a.Source.ID, Err: fmt.Errorf("zone system %s has no zones", k.Within),
				Hint: "its source is absent: give its files, or take the condition out"}
		}
		if err := fact.Assign(ctx, st, ingest.Table(a.Source.ID), "assigned", system); err != nil {
			return err
		}
		if err := ingest.KeepWithin(ctx, st, a, "assigned"); err != nil {
			return err
		}
	}
	return nil
}
