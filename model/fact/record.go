package fact

import (
	"context"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/model"
	"jumeau/model/store"
)

var measureSchema = arrow.NewSchema([]arrow.Field{
	{Name: "measure", Type: arrow.BinaryTypes.String},
	{Name: "system", Type: arrow.BinaryTypes.String},
	{Name: "slot", Type: arrow.BinaryTypes.String},
	{Name: "zone", Type: arrow.PrimitiveTypes.Int32},
	{Name: "value", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "lo", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "hi", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "flag", Type: arrow.PrimitiveTypes.Uint8},
}, nil)

// Prepare makes the tables measure and flow in a new build file.
func Prepare(ctx context.Context, st *store.Store) error {
	for _, name := range []string{"CreateMeasure", "CreateFlow"} {
		if _, err := st.Exec(ctx, statements[name]); err != nil {
			return err
		}
	}
	return nil
}

// Record appends frames to the table measure, without the zones that have no data.
func Record(ctx context.Context, st *store.Store, f *Frames) error {
	batches := make([]arrow.RecordBatch, 0, len(f.Slots))
	for s := range f.Slots {
		batches = append(batches, f.batch(s))
	}
	rows, err := array.NewRecordReader(measureSchema, batches)
	if err != nil {
		return err
	}
	defer rows.Release()
	return st.Append(ctx, "measure", rows)
}

func (f *Frames) batch(s int) arrow.RecordBatch {
	build := array.NewRecordBuilder(memory.DefaultAllocator, measureSchema)
	defer build.Release()
	number := func(column int, v float64) {
		if b := build.Field(column).(*array.Float64Builder); math.IsNaN(v) {
			b.AppendNull()
		} else {
			b.Append(v)
		}
	}
	figures := f.Figures[s]
	for z, flag := range figures.Flag {
		if flag == model.NoData {
			continue
		}
		for i, text := range []string{f.Measure, f.System, string(f.Slots[s])} {
			build.Field(i).(*array.StringBuilder).Append(text)
		}
		build.Field(3).(*array.Int32Builder).Append(int32(z))
		number(4, figures.Value[z])
		number(5, figures.Lo[z])
		number(6, figures.Hi[z])
		build.Field(7).(*array.Uint8Builder).Append(uint8(flag))
	}
	return build.NewRecordBatch()
}

var flowSchema = arrow.NewSchema([]arrow.Field{
	{Name: "flow", Type: arrow.BinaryTypes.String},
	{Name: "system", Type: arrow.BinaryTypes.String},
	{Name: "slot", Type: arrow.BinaryTypes.String},
	{Name: "origin", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "destination", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "value", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "lo", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "hi", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "flag", Type: arrow.PrimitiveTypes.Uint8},
}, nil)

// RecordFlows appends flows that were not computed from a table to the table flow.
func RecordFlows(ctx context.Context, st *store.Store, f *Flows) error {
	build := array.NewRecordBuilder(memory.DefaultAllocator, flowSchema)
	defer build.Release()
	for s, p := range f.Pairs {
		for i := range p.Origin {
			for k, text := range []string{f.Flow, f.System, string(f.Slots[s])} {
				build.Field(k).(*array.StringBuilder).Append(text)
			}
			build.Field(3).(*array.Uint32Builder).Append(p.Origin[i])
			build.Field(4).(*array.Uint32Builder).Append(p.Destination[i])
			for k, v := range []float64{p.Value[i], p.Lo[i], p.Hi[i]} {
				if b := build.Field(5 + k).(*array.Float64Builder); math.IsNaN(v) {
					b.AppendNull()
				} else {
					b.Append(v)
				}
			}
			build.Field(8).(*array.Uint8Builder).Append(uint8(p.Flag[i]))
		}
	}
	rows, err := array.NewRecordReader(flowSchema, []arrow.RecordBatch{build.NewRecordBatch()})
	if err != nil {
		return err
	}
	defer rows.Release()
	return st.Append(ctx, "flow", rows)
}
