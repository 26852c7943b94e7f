package fact

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// Assign makes the table into (zone, _row) that gives each feature of table its zone: a point by the zone it lies in, a
// line or polygon by the zone that holds the largest share of it. zone is NULL outside the system.
func Assign(ctx context.Context, st *store.Store, table, into string, system *zone.System) error {
	_, err := place(ctx, st, placement{table: table, columns: "_row", into: into}, system)
	return err
}

// placement says what place makes: the table into, of the columns of table (or expressions of them) after the zone of each row
// that has a geometry.
type placement struct{ table, columns, into string }

// place is one pass of Arrow batches through the system's index. It gives the number of rows outside the system, whose zone is
// NULL.
func place(ctx context.Context, st *store.Store, p placement, system *zone.System) (outside int64, err error) {
	if _, err := st.Exec(ctx, "DROP TABLE IF EXISTS "+p.into); err != nil {
		return 0, err
	}
	var end int64
	if err := st.Scan(ctx, "SELECT coalesce(max(_row) + 1, 0) FROM "+p.table, nil, &end); err != nil {
		return 0, err
	}
	rows, err := st.Ranges(ctx, "SELECT ST_AsWKB(geometry) AS shape, "+p.columns+" FROM "+p.table+" AS t WHERE geometry IS NOT NULL AND _row >= ? AND _row < ?", end)
	if err != nil {
		return 0, err
	}
	defer rows.Release()
	a := newAssigner(rows, zone.NewLocator(system))
	defer a.clear()
	_, err = st.Load(ctx, p.into, a)
	return a.outside, err
}

// assigner is an array.RecordReader that puts a zone in the place of the first column of its rows, a geometry.
type assigner struct {
	rows    array.RecordReader
	locator *zone.Locator
	schema  *arrow.Schema
	zones   *array.Int32Builder
	current arrow.RecordBatch
	outside int64
	err     error
	points  []orb.Point
	shapes  []orb.Geometry
	found   []int32
}

func newAssigner(rows array.RecordReader, locator *zone.Locator) *assigner {
	fields := append([]arrow.Field{{Name: "zone", Type: arrow.PrimitiveTypes.Int32, Nullable: true}}, rows.Schema().Fields()[1:]...)
	return &assigner{rows: rows, locator: locator, schema: arrow.NewSchema(fields, nil), zones: array.NewInt32Builder(memory.DefaultAllocator)}
}

func (a *assigner) Retain()                        {}
func (a *assigner) Release()                       {}
func (a *assigner) Schema() *arrow.Schema          { return a.schema }
func (a *assigner) RecordBatch() arrow.RecordBatch { return a.current }
func (a *assigner) Record() arrow.RecordBatch      { return a.current }
func (a *assigner) Err() error                     { return a.err }

func (a *assigner) clear() {
	if a.current != nil {
		a.current.Release()
		a.current = nil
	}
}

func (a *assigner) Next() bool {
	a.clear()
	if a.err != nil || !a.rows.Next() {
		if a.err == nil {
			a.err = a.rows.Err()
		}
		return false
	}
	in := a.rows.RecordBatch()
	if a.err = a.locate(in.Column(0).(*array.Binary)); a.err != nil {
		return false
	}
	for _, z := range a.found {
		if z < 0 {
			a.zones.AppendNull()
			a.outside++
		} else {
			a.zones.Append(z)
		}
	}
	zones := a.zones.NewArray()
	defer zones.Release()
	a.current = array.NewRecordBatch(a.schema, append([]arrow.Array{zones}, in.Columns()[1:]...), in.NumRows())
	return true
}

// locate finds the zones of one batch through the index: of points by where they lie, of other shapes by their largest share.
func (a *assigner) locate(geometries *array.Binary) error {
	n := geometries.Len()
	a.points, a.shapes, a.found = a.points[:0], a.shapes[:0], slices.Grow(a.found[:0], n)[:n]
	for i := range n {
		p, ok := point(geometries.Value(i))
		if !ok {
			break
		}
		a.points = append(a.points, p)
	}
	if len(a.points) == n {
		a.locator.Locate(a.points, a.found)
		return nil
	}
	for i := range n {
		g, err := geom.DecodeWKB(geometries.Value(i))
		if err != nil {
			return err
		}
		a.shapes = append(a.shapes, g)
	}
	a.locator.LocateGeometries(a.shapes, a.found)
	return nil
}

// point reads the well-known binary of a point in the plane, as DuckDB writes it; false of anything else.
func point(b []byte) (orb.Point, bool) {
	if len(b) != 21 || b[0] != 1 || binary.LittleEndian.Uint32(b[1:]) != 1 {
		return orb.Point{}, false
	}
	return orb.Point{math.Float64frombits(binary.LittleEndian.Uint64(b[5:])), math.Float64frombits(binary.LittleEndian.Uint64(b[13:]))}, true
}
