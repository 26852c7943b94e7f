package fact

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// Assign makes the table into (_row, zone) that gives each feature of table its zone: a point by the zone it lies in, a
// line or polygon by the zone that holds the largest share of it. zone is NULL outside the system. It is one pass of
// Arrow batches through the system's index.
func Assign(ctx context.Context, st *store.Store, table, into string, system *zone.System) error {
	if _, err := st.Exec(ctx, "DROP TABLE IF EXISTS "+into); err != nil {
		return err
	}
	rows, err := st.Query(ctx, "SELECT _row, ST_AsWKB(geometry) AS geometry FROM "+table+" WHERE geometry IS NOT NULL")
	if err != nil {
		return err
	}
	defer rows.Release()
	_, err = st.Load(ctx, into, &assigner{rows: rows, locator: zone.NewLocator(system)})
	return err
}

var assignedSchema = arrow.NewSchema([]arrow.Field{
	{Name: "_row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "zone", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
}, nil)

// assigner is an array.RecordReader that turns (_row, geometry) into (_row, zone).
type assigner struct {
	rows    array.RecordReader
	locator *zone.Locator
	current arrow.RecordBatch
	err     error
	shapes  []orb.Geometry
	zones   []int32
}

func (a *assigner) Retain()                        {}
func (a *assigner) Release()                       {}
func (a *assigner) Schema() *arrow.Schema          { return assignedSchema }
func (a *assigner) RecordBatch() arrow.RecordBatch { return a.current }
func (a *assigner) Record() arrow.RecordBatch      { return a.current }
func (a *assigner) Err() error                     { return a.err }

func (a *assigner) Next() bool {
	if a.err != nil || !a.rows.Next() {
		if a.err == nil {
			a.err = a.rows.Err()
		}
		return false
	}
	in := a.rows.RecordBatch()
	if a.err = a.locate(in.Column(1).(*array.Binary)); a.err != nil {
		return false
	}
	build := array.NewRecordBuilder(memory.DefaultAllocator, assignedSchema)
	defer build.Release()
	build.Field(0).(*array.Int64Builder).AppendValues(in.Column(0).(*array.Int64).Int64Values(), nil)
	out := build.Field(1).(*array.Int32Builder)
	for _, z := range a.zones {
		if z < 0 {
			out.AppendNull()
		} else {
			out.Append(z)
		}
	}
	a.current = build.NewRecordBatch()
	return true
}

// locate fills zones, in one batch through the index: points by where they lie, other shapes by their largest share.
func (a *assigner) locate(geometries *array.Binary) error {
	n := geometries.Len()
	a.shapes, a.zones = a.shapes[:0], append(a.zones[:0], make([]int32, n)...)
	for i := range n {
		g, err := geom.DecodeWKB(geometries.Value(i))
		if err != nil {
			return err
		}
		a.shapes = append(a.shapes, g)
	}
	a.locator.LocateGeometries(a.shapes, a.zones)
	return nil
}
