package fact

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// Flows are the figures of one flow in one zone system, slot by slot.
type Flows struct {
	Flow, System string
	Slots        []model.Slot
	Pairs        []frame.Pairs // one a slot
}

// Write writes the flows at path, as the file of a release.
func (f *Flows) Write(path string, zones int) error {
	out, err := frame.CreateFlows(path, frame.FlowsSpec{Flow: f.Flow, System: f.System, Zones: zones, Slots: f.Slots})
	if err != nil {
		return err
	}
	for _, pairs := range f.Pairs {
		if err := out.Write(pairs); err != nil {
			out.Close()
			return err
		}
	}
	return out.Close()
}

// FlowInput names a flow and what it is computed from.
type FlowInput struct {
	ID     string
	Flow   *model.Flow
	Source *model.Source
	Table  string
}

// FlowAccount says how many rows a flow used: Rows - Unknown - Outside.
type FlowAccount struct {
	Rows    int64 // rows of the source
	Unknown int64 // rows without an origin or without a destination
	Outside int64 // rows with both ends outside the system
}

// Flow sums the rows of a source by origin and destination. Rows with one end outside the system count as coming from or
// going to frame.Outside; rows with both ends outside are not the territory's, and rows that do not say an end cannot be
// placed: both are counted apart.
func Flow(ctx context.Context, st *store.Store, in FlowInput, system *zone.System) (*Flows, FlowAccount, error) {
	holes := map[string]string{"table": in.Table, "system": store.Literal(system.ID), "value": "1::DOUBLE", "held": "false", "estimated": "false",
		"origin": store.Quote(in.Flow.Origin), "destination": store.Quote(in.Flow.Destination)}
	if in.Source.COG != nil {
		holes["value"], holes["estimated"] = "t._share", "t._estimated"
	}
	if v := in.Flow.Value; v != "" {
		holes["value"] = "t." + store.Quote(v) + "::DOUBLE"
		if in.Source.Contract.Columns[v].Withheld != nil {
			holes["held"] = "t." + store.Quote("_withheld_"+v)
		}
	}
	var account FlowAccount
	for _, statement := range []string{statements["Macros"], store.Fill(statements["FlowRow"], holes)} {
		if _, err := st.Exec(ctx, statement); err != nil {
			return nil, account, err
		}
	}
	if err := st.Scan(ctx, statements["FlowAccount"], nil, &account.Rows, &account.Unknown, &account.Outside); err != nil {
		return nil, account, err
	}
	if _, err := st.Exec(ctx, statements["InsertFlow"], in.ID, system.ID); err != nil {
		return nil, account, err
	}
	flows, err := readFlows(ctx, st, in.ID, system.ID)
	return flows, account, err
}

func readFlows(ctx context.Context, st *store.Store, id, system string) (*Flows, error) {
	r, err := st.Query(ctx, statements["Flows"], id, system)
	if err != nil {
		return nil, err
	}
	defer r.Release()
	out := &Flows{Flow: id, System: system, Slots: []model.Slot{model.All}, Pairs: make([]frame.Pairs, 1)}
	p := &out.Pairs[0]
	for r.Next() {
		b := r.RecordBatch()
		for i := range int(b.NumRows()) {
			p.Origin = append(p.Origin, b.Column(0).(*array.Uint32).Value(i))
			p.Destination = append(p.Destination, b.Column(1).(*array.Uint32).Value(i))
			p.Value = append(p.Value, number(b.Column(2).(*array.Float64), i))
			p.Lo = append(p.Lo, number(b.Column(3).(*array.Float64), i))
			p.Hi = append(p.Hi, number(b.Column(4).(*array.Float64), i))
			p.Flag = append(p.Flag, model.Flag(b.Column(5).(*array.Uint8).Value(i)))
		}
	}
	return out, r.Err()
}
