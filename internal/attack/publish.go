package attack

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/ingest/gate"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// Published is what an attacker sees of a table: NaN where nothing is published. SD is what the rules say of the noise, Keep how
// many cells of a person count (0: all).
type Published struct {
	Cells, Totals   []float64
	CellSD, TotalSD []float64
	Keep            int
}

func unpublished(t *Table) Published {
	p := Published{Cells: make([]float64, t.Cells), CellSD: make([]float64, t.Cells), Totals: make([]float64, len(t.Totals)), TotalSD: make([]float64, len(t.Totals))}
	for i := range p.Cells {
		p.Cells[i] = math.NaN()
	}
	for i := range p.Totals {
		p.Totals[i] = math.NaN()
	}
	return p
}

// Publisher publishes the tables of a town without the persons that are out.
type Publisher interface {
	Publish(ctx context.Context, t *Town, tables []Table, out []bool) ([]Published, error)
}

// Redaction is the plain rule that is often taken for anonymisation: counts up to Limit are dropped, totals are exact.
type Redaction struct{ Limit float64 }

// Publish counts and drops.
func (r Redaction) Publish(_ context.Context, _ *Town, tables []Table, out []bool) ([]Published, error) {
	var all []Published
	for i := range tables {
		p := unpublished(&tables[i])
		cells, totals := tables[i].Count(out)
		for c, n := range cells {
			if n > r.Limit {
				p.Cells[c] = n
			}
		}
		copy(p.Totals, totals)
		all = append(all, p)
	}
	return all, nil
}

// Gate publishes through the gate itself, each time as a new release in a ledger of its own: the attacker of repeated runs is
// given what the ledger would refuse him.
type Gate struct {
	K              int
	Epsilon, Delta float64
	L0             int // default 4
	Dir            string
	runs           int
}

// Publish opens a gate, feeds the town and reads its cube.
func (g *Gate) Publish(ctx context.Context, t *Town, tables []Table, out []bool) ([]Published, error) {
	g.runs++
	l := ledger.At(filepath.Join(g.Dir, fmt.Sprintf("ledger-%d.jsonl", g.runs)))
	defer os.Remove(l.Path())
	cube, err := g.release(ctx, l, "attack", t, out)
	if err != nil {
		return nil, err
	}
	return g.see(cube, t, tables), nil
}

func (g *Gate) setup(release string, t *Town) gate.Setup {
	column := func(kind, role string) *model.Column { return &model.Column{Type: kind, Role: role} }
	src := &model.Source{ID: "attacked", Contract: model.Contract{Columns: map[string]*model.Column{
		"person": column("integer", "unit"), "span": column("text", "time"), "zone": column("integer", "place"),
		"from": column("integer", "origin"), "to": column("integer", "destination"), "start": column("integer", ""), "mode": column("text", "")}},
		Behaviour: &model.Behaviour{Class: "C", Unit: "person", Purpose: model.Text{FR: "éprouver la barrière", EN: "try the gate"},
			LegalBasis: "invented persons", Retention: "P1D"}}
	l0 := g.L0
	if l0 == 0 {
		l0 = 4
	}
	return gate.Setup{Source: src, Period: ledger.Period{From: "2026-01-01", To: "2026-04-01"}, Zone: time.UTC, Release: release, Author: "attack",
		Privacy: model.Privacy{K: g.K, Epsilon: g.Epsilon, Delta: g.Delta, EpsilonYear: max(4, g.Epsilon)},
		Tables: []gate.Table{
			{Name: "presence", Shape: gate.Presence, Slot: gate.SlotThreeHours, System: "leaf", Zones: t.Zones, Place: gate.Place{Column: "zone"},
				Levels: []gate.Level{{System: "commune", Zones: t.Communes, Parent: t.Parent}}, Totals: true, L0: l0, Share: 50},
			{Name: "trips", Shape: gate.Flow, System: "commune", Zones: t.Communes, Place: gate.Place{Column: "from"}, From: gate.Place{Column: "from"}, To: gate.Place{Column: "to"},
				Totals: true, L0: l0, Share: 25},
			{Name: "modes", Shape: gate.Split, System: "leaf", Zones: t.Zones, Place: gate.Place{Column: "start"}, Category: "mode", Categories: Modes,
				Totals: true, L0: l0, Share: 25},
		}}
}

func (g *Gate) release(ctx context.Context, l *ledger.Ledger, release string, t *Town, out []bool) (*gate.Cube, error) {
	door, err := gate.Open(ctx, g.setup(release, t))
	if err != nil {
		return nil, err
	}
	defer door.Close()
	if err := feed(door, t, out); err != nil {
		return nil, err
	}
	return door.Release(ctx, l)
}

// feed gives a person's stays and trips to the gate, a row each.
func feed(door *gate.Gate, t *Town, out []bool) error {
	schema := arrow.NewSchema([]arrow.Field{{Name: "person", Type: arrow.PrimitiveTypes.Int64}, {Name: "span", Type: arrow.BinaryTypes.String},
		{Name: "zone", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, {Name: "from", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "to", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, {Name: "start", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "mode", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	person, span := b.Field(0).(*array.Int64Builder), b.Field(1).(*array.StringBuilder)
	var whole [4]*array.Int32Builder
	for i := range whole {
		whole[i] = b.Field(2 + i).(*array.Int32Builder)
	}
	mode := b.Field(6).(*array.StringBuilder)
	var names [spans]string
	for i := range names {
		names[i] = spanName(i)
	}
	rows := 0
	send := func() error {
		batch := b.NewRecordBatch()
		defer batch.Release()
		rows = 0
		return door.Feed(batch)
	}
	for p := range t.Stay {
		if out != nil && out[p] {
			continue
		}
		for s, z := range t.Stay[p] {
			if z < 0 {
				continue
			}
			person.Append(int64(p))
			span.Append(names[s])
			whole[0].Append(z)
			for i := 1; i < 4; i++ {
				whole[i].AppendNull()
			}
			mode.AppendNull()
			rows++
		}
		for _, trip := range t.Trips[p] {
			person.Append(int64(p))
			span.Append(string(model.All))
			whole[0].AppendNull()
			whole[1].Append(trip.From)
			whole[2].Append(trip.To)
			whole[3].Append(trip.Zone)
			mode.Append(Modes[trip.Mode])
			rows++
		}
		if rows > 1<<15 {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}

// see lays the cube out as the attacker's tables.
func (g *Gate) see(cube *gate.Cube, t *Town, tables []Table) []Published {
	keep := g.L0
	if keep == 0 {
		keep = 4
	}
	var all []Published
	for i := range tables {
		p := unpublished(&tables[i])
		p.Keep = keep
		all = append(all, p)
	}
	put := func(into, sd []float64, at int, protected *gate.Protected, level int, f gate.Figure) {
		into[at], sd[at] = f.Y, float64(protected.HalfWidth(level))/1.96
	}
	n := t.Communes
	p := cube.Table("presence")
	for level := range p.Levels() {
		for f := range p.All(level) {
			a := &all[presence]
			switch {
			case f.Slot >= spans: // the other day types, where nobody is
			case level == 0:
				put(a.Cells, a.CellSD, f.Slot*t.Zones+int(f.Zone), p, level, f)
			case level == 1:
				put(a.Totals, a.TotalSD, f.Slot*n+int(f.Zone), p, level, f)
			default:
				put(a.Totals, a.TotalSD, spans*n+f.Slot, p, level, f)
			}
		}
	}
	p = cube.Table("trips")
	for level := range p.Levels() {
		for f := range p.All(level) {
			a := &all[flows]
			switch {
			case level == 0 && int(f.Zone) < n && int(f.To) < n:
				put(a.Cells, a.CellSD, int(f.Zone)*n+int(f.To), p, level, f)
			case level == 1 && int(f.Zone) < n:
				put(a.Totals, a.TotalSD, int(f.Zone), p, level, f)
			case level == 2:
				put(a.Totals, a.TotalSD, 2*n, p, level, f)
			}
		}
	}
	p = cube.Table("modes")
	for level := range min(2, p.Levels()) {
		for f := range p.All(level) {
			a := &all[modes]
			if level == 0 {
				put(a.Cells, a.CellSD, int(f.Zone)*len(Modes)+int(f.Class), p, level, f)
			} else {
				put(a.Totals, a.TotalSD, int(f.Zone), p, level, f)
			}
		}
	}
	return all
}
