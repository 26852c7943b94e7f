package fact

import (
	"context"
	"embed"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/store"
	"jumeau/model/zone"
)

//go:embed sql/*.sql
var files embed.FS

var statements = func() map[string]string {
	out, err := store.Statements(files)
	if err != nil {
		panic(err)
	}
	return out
}()

// Input names a measure and what it is computed from.
type Input struct {
	ID       string
	Measure  *model.Measure
	Source   *model.Source
	Table    string // of the source, quoted
	TimeZone string // IANA name, of local hours and dates
}

// Account says how many rows a measure used.
type Account struct {
	Rows     int64 // rows of the source
	Unplaced int64 // rows whose zone is not in the system, or that have no geometry
}

// Measure computes the figures of a measure in one zone system, by the zone column where declared (the leaf system), else
// by the features' geometry. It also writes them into the table measure.
func Measure(ctx context.Context, st *store.Store, in Input, system *zone.System) (*Frames, Account, error) {
	account, err := rows(ctx, st, in, system)
	if err != nil {
		return nil, account, err
	}
	kind := in.timeKind()
	if kind == "timestamp" || kind == "date" {
		if err := moments(ctx, st, in, kind); err != nil {
			return nil, account, err
		}
	}
	frames := &Frames{Measure: in.ID, System: system.ID}
	for _, slots := range in.Measure.Slots {
		name, err := in.statement(slots, kind)
		if err != nil {
			return nil, account, err
		}
		if _, err := st.Exec(ctx, store.Fill(statements[name], map[string]string{"aggregate": in.aggregate()})); err != nil {
			return nil, account, err
		}
		if err := collect(ctx, st, in, frames, len(system.Zones)); err != nil {
			return nil, account, err
		}
		if kind == "text" {
			break // the producer's own slots, whatever their kinds
		}
	}
	if len(frames.Slots) == 0 { // an empty source still has its one frame
		frames.add(model.All, len(system.Zones), in.emptyValue(), in.emptyFlag())
	}
	return frames, account, Record(ctx, st, frames)
}

// timeKind is the type of the time column: "timestamp", "date", "text" (a slot written by the producer), or "".
func (in Input) timeKind() string {
	if in.Measure.Time == "" {
		return ""
	}
	return in.Source.Contract.Columns[in.Measure.Time].Type
}

func (in Input) aggregate() string {
	switch {
	case in.Measure.Value == "":
		return "count(*)::DOUBLE"
	case in.Measure.Aggregate == "mean":
		return "avg(value)"
	}
	return "sum(value)"
}

// statement names the query for a slot kind.
func (in Input) statement(slots, kind string) (string, error) {
	switch {
	case kind == "":
		return "Still", nil
	case kind == "text":
		return "Slotted", nil
	case slots == model.SlotHour && kind == "timestamp":
		return "Hourly", nil
	case slots == model.SlotDayType:
		return "DayTyped", nil
	case slots == model.SlotDate:
		return "Daily", nil
	case slots == model.SlotMonth:
		return "Monthly", nil
	case slots == model.SlotAll:
		return "Overall", nil
	}
	return "", &model.Error{Kind: model.Invalid, Op: "measure", Subject: in.ID,
		Err:  fmt.Errorf("slots: %s cannot be made of a %s column", slots, kind),
		Hint: "hours need a timestamp; day types, dates, months and all also work with a date"}
}

// rows fills fact_row: the rows of the source in their zones.
func rows(ctx context.Context, st *store.Store, in Input, system *zone.System) (Account, error) {
	m, account := in.Measure, Account{}
	holes := map[string]string{"table": in.Table, "value": "1::DOUBLE", "held": "false", "estimated": "false", "time": "NULL"}
	if m.Value != "" {
		holes["value"] = "t." + store.Quote(m.Value) + "::DOUBLE"
		if in.Source.Contract.Columns[m.Value].Withheld != nil {
			holes["held"] = "t." + store.Quote("_withheld_"+m.Value)
		}
	}
	if m.Estimated != "" {
		holes["estimated"] = "coalesce(CAST(t." + store.Quote(m.Estimated) + " AS BOOLEAN), false)"
	}
	if m.Time != "" {
		holes["time"] = "t." + store.Quote(m.Time)
		if in.timeKind() == "timestamp" {
			holes["time"] = "date_trunc('hour', t." + store.Quote(m.Time) + ")"
		}
	}
	if m.Zone != "" && m.Zones == system.ID {
		holes["join"] = "JOIN zone AS z ON z.system = " + store.Literal(system.ID) + " AND z.id = CAST(t." + store.Quote(m.Zone) + " AS VARCHAR)"
	} else {
		if err := Assign(ctx, st, in.Table, "assigned", system); err != nil {
			return account, err
		}
		holes["join"] = "JOIN assigned AS z ON z._row = t._row AND z.zone IS NOT NULL"
	}
	if _, err := st.Exec(ctx, store.Fill(statements["Row"], holes)); err != nil {
		return account, err
	}
	if err := st.Scan(ctx, "SELECT count(*) FROM "+in.Table, nil, &account.Rows); err != nil {
		return account, err
	}
	return account, st.Scan(ctx, store.Fill(statements["Unplaced"], map[string]string{"table": in.Table}), nil, &account.Unplaced)
}

// moments prepares the tables moment and day.
func moments(ctx context.Context, st *store.Store, in Input, kind string) error {
	local := func(column string) string {
		if kind == "date" {
			return "CAST(" + column + " AS TIMESTAMP)"
		}
		return "timezone(" + store.Literal(in.TimeZone) + ", " + column + ")"
	}
	column := store.Quote(in.Measure.Time)
	if err := calendar(ctx, st, in.Table, column, local(column)); err != nil {
		return err
	}
	if _, err := st.Exec(ctx, store.Fill(statements["Moment"], map[string]string{"moment": local("instant"), "aggregate": in.aggregate()})); err != nil {
		return err
	}
	for _, name := range []string{"Day", "Interval"} {
		if _, err := st.Exec(ctx, statements[name]); err != nil {
			return err
		}
	}
	return nil
}

// emptyFlag is what a zone without rows is: a count of nothing is zero; what a producer thresholded is not published;
// else nothing was measured.
func (in Input) emptyFlag() model.Flag {
	switch {
	case in.Source.Behaviour != nil && in.Source.Behaviour.Class == "D":
		return model.NotPublished
	case in.Measure.Value == "":
		return model.OK
	}
	return model.NoData
}

func (in Input) emptyValue() float64 {
	if in.emptyFlag() == model.OK {
		return 0
	}
	return frame.None
}

// collect appends the slots of the table figure to the frames, in order.
func collect(ctx context.Context, st *store.Store, in Input, into *Frames, zones int) error {
	r, err := st.Query(ctx, statements["Figures"])
	if err != nil {
		return err
	}
	defer r.Release()
	var current frame.Figures
	var slot model.Slot
	for r.Next() {
		b := r.RecordBatch()
		slots, z := b.Column(0).(*array.String), b.Column(1).(*array.Int32)
		value, lo, hi := b.Column(2).(*array.Float64), b.Column(3).(*array.Float64), b.Column(4).(*array.Float64)
		held, estimated, partial := b.Column(5).(*array.Boolean), b.Column(6).(*array.Boolean), b.Column(7).(*array.Boolean)
		for i := range int(b.NumRows()) {
			if name := slots.Value(i); name != string(slot) {
				slot = model.Slot(strings.Clone(name))
				if slot.Kind() == "" {
					return &model.Error{Kind: model.Invalid, Op: "measure", Subject: in.ID, Err: fmt.Errorf("%q is not a slot", slot),
						Hint: "slots are written weekday-08, saturday-08, sunday-08, 2026-03, 2026-03-14 or all"}
				}
				current = into.add(slot, zones, in.emptyValue(), in.emptyFlag())
			}
			k := z.Value(i)
			current.Value[k], current.Lo[k], current.Hi[k] = number(value, i), number(lo, i), number(hi, i)
			current.Flag[k] = flagOf(value.IsValid(i), held.Value(i), estimated.Value(i), partial.Value(i))
		}
	}
	into.sort()
	return r.Err()
}

func flagOf(valid, held, estimated, partial bool) model.Flag {
	switch {
	case !valid && held:
		return model.NotPublished
	case !valid:
		return model.NoData
	case held || partial:
		return model.Partial
	case estimated:
		return model.Estimated
	}
	return model.OK
}

func number(a *array.Float64, i int) float64 {
	if a.IsNull(i) {
		return frame.None
	}
	return settle(a.Value(i))
}
