package fact

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/model"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// Outside is the origin or destination of a flow that leaves the zone system.
const Outside int32 = -1

// Flows are the figures of one flow in one zone system, sorted by origin, then destination. Lo and Hi are NaN where no
// interval is known.
type Flows struct {
	Flow, System        string
	Slot                model.Slot
	Origin, Destination []int32
	Value, Lo, Hi       []float64
	Flag                []model.Flag
}

// FlowInput names a flow and what it is computed from.
type FlowInput struct {
	ID     string
	Flow   *model.Flow
	Source *model.Source
	Table  string
}

// Flow sums the rows of a source by origin and destination. Rows with one end outside the system count as coming from or
// going to Outside; rows with both ends outside are not the territory's and are left out.
func Flow(ctx context.Context, st *store.Store, in FlowInput, system *zone.System) (*Flows, error) {
	if _, err := st.Exec(ctx, statements["CreateFlow"]); err != nil {
		return nil, err
	}
	holes := map[string]string{"table": in.Table, "system": store.Literal(system.ID), "value": "count(*)", "held": "false",
		"origin": store.Quote(in.Flow.Origin), "destination": store.Quote(in.Flow.Destination)}
	if v := in.Flow.Value; v != "" {
		holes["value"] = "sum(t." + store.Quote(v) + ")::DOUBLE"
		if in.Source.Contract.Columns[v].Withheld != nil {
			holes["held"] = "t." + store.Quote("_withheld_"+v)
		}
	}
	if _, err := st.Exec(ctx, store.Fill(statements["InsertFlow"], holes), in.ID, system.ID); err != nil {
		return nil, err
	}
	r, err := st.Query(ctx, statements["Flows"], in.ID, system.ID)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	out := &Flows{Flow: in.ID, System: system.ID, Slot: model.All}
	for r.Next() {
		b := r.RecordBatch()
		for i := range int(b.NumRows()) {
			out.Origin = append(out.Origin, b.Column(0).(*array.Int32).Value(i))
			out.Destination = append(out.Destination, b.Column(1).(*array.Int32).Value(i))
			out.Value = append(out.Value, orNaN(b.Column(2).(*array.Float64), i))
			out.Lo = append(out.Lo, orNaN(b.Column(3).(*array.Float64), i))
			out.Hi = append(out.Hi, orNaN(b.Column(4).(*array.Float64), i))
			out.Flag = append(out.Flag, model.Flag(b.Column(5).(*array.Uint8).Value(i)))
		}
	}
	return out, r.Err()
}
