package batch

import (
	"context"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// settle orders the systems, finds every zone's overlaps with the coarser ones and its parent among them, and writes the
// tables zone, zone_parent and zone_overlap.
func (s *systems) settle(ctx context.Context, st *store.Store, t *model.Territory) error {
	for _, id := range t.Zones {
		if s.byID[id] != nil {
			s.order = append(s.order, id)
		}
	}
	var others []string
	for id := range s.byID {
		if !slices.Contains(s.order, id) {
			others = append(others, id)
		}
	}
	slices.Sort(others)
	s.order = append(s.order, others...)
	for i, id := range s.order {
		s.parents[id] = map[string][]int32{}
		for _, coarser := range s.coarser(i) {
			overlaps := zone.Overlaps(s.byID[id], s.byID[coarser])
			s.parents[id][coarser] = zone.ParentsOf(s.byID[id].Len(), overlaps)
			if err := writeOverlaps(ctx, st, id, coarser, overlaps); err != nil {
				return err
			}
		}
		if err := s.write(ctx, st, id); err != nil {
			return err
		}
	}
	return nil
}

// coarser lists the systems that may hold parents of system number i: those before it that have areas.
func (s *systems) coarser(i int) []string {
	var out []string
	for _, id := range s.order[:i] {
		if s.byID[id].HasArea() {
			out = append(out, id)
		}
	}
	return out
}

var zoneSchema = arrow.NewSchema([]arrow.Field{
	{Name: "system", Type: arrow.BinaryTypes.String},
	{Name: "zone", Type: arrow.PrimitiveTypes.Int32},
	{Name: "id", Type: arrow.BinaryTypes.String},
	{Name: "name", Type: arrow.BinaryTypes.String},
	{Name: "lon", Type: arrow.PrimitiveTypes.Float64},
	{Name: "lat", Type: arrow.PrimitiveTypes.Float64},
	{Name: "area_m2", Type: arrow.PrimitiveTypes.Float64},
	{Name: "geometry", Type: arrow.BinaryTypes.Binary},
}, nil)

func (s *systems) write(ctx context.Context, st *store.Store, id string) error {
	build := array.NewRecordBuilder(memory.DefaultAllocator, zoneSchema)
	defer build.Release()
	for i, z := range s.byID[id].Zones {
		build.Field(0).(*array.StringBuilder).Append(id)
		build.Field(1).(*array.Int32Builder).Append(int32(i))
		build.Field(2).(*array.StringBuilder).Append(z.ID)
		build.Field(3).(*array.StringBuilder).Append(z.Name)
		build.Field(4).(*array.Float64Builder).Append(z.Label[0])
		build.Field(5).(*array.Float64Builder).Append(z.Label[1])
		build.Field(6).(*array.Float64Builder).Append(z.Area)
		build.Field(7).(*array.BinaryBuilder).Append(geom.AppendWKB(nil, z.Geometry))
	}
	if err := load(ctx, st, "zone", build.NewRecordBatch()); err != nil {
		return err
	}
	return s.writeParents(ctx, st, id)
}

var parentSchema = arrow.NewSchema([]arrow.Field{
	{Name: "system", Type: arrow.BinaryTypes.String},
	{Name: "zone", Type: arrow.PrimitiveTypes.Int32},
	{Name: "parent_system", Type: arrow.BinaryTypes.String},
	{Name: "parent", Type: arrow.PrimitiveTypes.Int32},
}, nil)

func (s *systems) writeParents(ctx context.Context, st *store.Store, id string) error {
	build := array.NewRecordBuilder(memory.DefaultAllocator, parentSchema)
	defer build.Release()
	for _, coarser := range s.order {
		for i, p := range s.parents[id][coarser] {
			if p < 0 {
				continue
			}
			build.Field(0).(*array.StringBuilder).Append(id)
			build.Field(1).(*array.Int32Builder).Append(int32(i))
			build.Field(2).(*array.StringBuilder).Append(coarser)
			build.Field(3).(*array.Int32Builder).Append(p)
		}
	}
	return load(ctx, st, "zone_parent", build.NewRecordBatch())
}

var overlapSchema = arrow.NewSchema([]arrow.Field{
	{Name: "system", Type: arrow.BinaryTypes.String},
	{Name: "zone", Type: arrow.PrimitiveTypes.Int32},
	{Name: "coarse_system", Type: arrow.BinaryTypes.String},
	{Name: "coarse", Type: arrow.PrimitiveTypes.Int32},
	{Name: "share_of_zone", Type: arrow.PrimitiveTypes.Float64},
	{Name: "share_of_coarse", Type: arrow.PrimitiveTypes.Float64},
}, nil)

func writeOverlaps(ctx context.Context, st *store.Store, id, coarser string, overlaps []zone.Overlap) error {
	build := array.NewRecordBuilder(memory.DefaultAllocator, overlapSchema)
	defer build.Release()
	for _, o := range overlaps {
		build.Field(0).(*array.StringBuilder).Append(id)
		build.Field(1).(*array.Int32Builder).Append(o.Fine)
		build.Field(2).(*array.StringBuilder).Append(coarser)
		build.Field(3).(*array.Int32Builder).Append(o.Coarse)
		build.Field(4).(*array.Float64Builder).Append(o.ShareOfFine)
		build.Field(5).(*array.Float64Builder).Append(o.ShareOfCoarse)
	}
	return load(ctx, st, "zone_overlap", build.NewRecordBatch())
}

// load appends one batch to a table that exists.
func load(ctx context.Context, st *store.Store, table string, rec arrow.RecordBatch) error {
	defer rec.Release()
	rows, err := array.NewRecordReader(rec.Schema(), []arrow.RecordBatch{rec})
	if err != nil {
		return err
	}
	defer rows.Release()
	return st.Append(ctx, table, rows)
}

// frame is the zones file of a system.
func (s *systems) frame(id string) *frame.Zones {
	system := s.byID[id]
	out := &frame.Zones{System: id}
	for _, z := range system.Zones {
		out.ID, out.Name = append(out.ID, z.ID), append(out.Name, z.Name)
		out.Lon, out.Lat = append(out.Lon, z.Label[0]), append(out.Lat, z.Label[1])
		out.BBox = append(out.BBox, [4]float64{z.Bound.Min[0], z.Bound.Min[1], z.Bound.Max[0], z.Bound.Max[1]})
		out.Area = append(out.Area, z.Area)
	}
	for _, coarser := range s.order {
		parents := s.parents[id][coarser]
		if parents == nil {
			continue
		}
		index := make([]uint32, len(parents))
		for i, p := range parents {
			if index[i] = frame.NoParent; p >= 0 {
				index[i] = uint32(p)
			}
		}
		out.Parents = append(out.Parents, frame.Parents{System: coarser, Index: index})
	}
	return out
}

// prepareZones makes the tables zone, zone_parent and zone_overlap.
func prepareZones(ctx context.Context, st *store.Store) error {
	_, err := st.Exec(ctx, statements["CreateZone"])
	return err
}
