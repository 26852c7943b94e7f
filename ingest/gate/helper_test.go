package gate

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/crs"
)

// event is what the tests feed: a unit, a place (or an origin and a destination), a slot, a number, a category, a weight.
type event struct {
	unit, zone, to, slot int64
	value, weight        float64
	category             string
}

var eventSchema = arrow.NewSchema([]arrow.Field{
	{Name: "card", Type: arrow.PrimitiveTypes.Int64}, {Name: "stop", Type: arrow.PrimitiveTypes.Int64},
	{Name: "alight", Type: arrow.PrimitiveTypes.Int64}, {Name: "at", Type: arrow.PrimitiveTypes.Int64},
	{Name: "metres", Type: arrow.PrimitiveTypes.Float64}, {Name: "weight", Type: arrow.PrimitiveTypes.Float64},
	{Name: "mode", Type: arrow.BinaryTypes.String},
}, nil)

func batch(events []event) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, eventSchema)
	defer b.Release()
	for _, e := range events {
		for i, v := range []int64{e.unit, e.zone, e.to, e.slot} {
			b.Field(i).(*array.Int64Builder).Append(v)
		}
		b.Field(4).(*array.Float64Builder).Append(e.value)
		b.Field(5).(*array.Float64Builder).Append(e.weight)
		b.Field(6).(*array.StringBuilder).Append(e.category)
	}
	return b.NewRecordBatch()
}

func source(class, unit string) *model.Source {
	return &model.Source{ID: "tickets", Contract: model.Contract{Columns: map[string]*model.Column{
		"card": {Type: "integer", Role: "unit"}, "stop": {Type: "integer", Role: "place"}, "alight": {Type: "integer"},
		"at": {Type: "integer", Role: "time"}, "metres": {Type: "number"}, "weight": {Type: "number"}, "mode": {Type: "text"},
	}}, Behaviour: &model.Behaviour{Class: class, Unit: unit, Purpose: model.Text{FR: "essai", EN: "test"}, LegalBasis: "public task", Retention: "P30D"}}
}

// setup is a class C source with one table.
func setup(t Table) Setup {
	return Setup{Source: source("C", "person"), Privacy: model.Privacy{K: 20, Epsilon: 1, Delta: 1e-6, EpsilonYear: 4},
		Period: ledger.Period{From: "2026-01-01", To: "2026-04-01"}, Zone: time.UTC, Release: "r1", Author: "steward", Tables: []Table{t}}
}

func presence(zones int, slot string) Table {
	return Table{Name: "presence", Shape: Presence, System: "cell", Zones: zones, Slot: slot, Place: Place{Column: "stop"}}
}

func open(t testing.TB, s Setup) *Gate {
	t.Helper()
	g, err := Open(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func emptyLedger(t testing.TB) *ledger.Ledger {
	return ledger.At(filepath.Join(t.TempDir(), "ledger.jsonl"))
}

// run feeds events in batches and releases.
func run(t testing.TB, g *Gate, events []event) *Cube {
	t.Helper()
	for from := 0; from < len(events); from += 5000 {
		b := batch(events[from:min(from+5000, len(events))])
		err := g.Feed(b)
		b.Release()
		if err != nil {
			t.Fatal(err)
		}
	}
	cube, err := g.Release(context.Background(), emptyLedger(t))
	if err != nil {
		t.Fatal(err)
	}
	return cube
}

// figures of a level by "slot zone to class".
func figures(p *Protected, level int) map[string]Figure {
	out := map[string]Figure{}
	for f := range p.All(level) {
		out[fmt.Sprint(f.Slot, f.Zone, f.To, f.Class)] = f
	}
	return out
}

// crowd is n units, once each, in a zone and a slot.
func crowd(n int, zone, slot int64, from int64) (events []event) {
	for i := range n {
		events = append(events, event{unit: from + int64(i), zone: zone, slot: slot, value: 1, weight: 1})
	}
	return events
}

type arrowRecord = arrow.RecordBatch

func wgs84(t *testing.T) crs.CRS {
	c, err := crs.Parse("EPSG:4326")
	if err != nil {
		t.Fatal(err)
	}
	return c
}
