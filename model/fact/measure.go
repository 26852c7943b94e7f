package fact

import (
	"context"
	"embed"
	"fmt"
	"strconv"
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

// Account says how many rows a measure used: Rows - Unplaced - Untimed.
type Account struct {
	Rows     int64 // rows of the source
	Unplaced int64 // rows whose zone is not in the system, or that have no geometry
	Untimed  int64 // rows in a zone that lack the time which the measure needs
}

// Measure computes the figures of a measure in one zone system, by the zone column where declared (the leaf system), else
// by the features' geometry. It also writes them into the table measure.
func Measure(ctx context.Context, st *store.Store, in Input, system *zone.System) (*Frames, Account, error) {
	if _, err := st.Exec(ctx, statements["Macros"]); err != nil {
		return nil, Account{}, err
	}
	account, err := rows(ctx, st, in, system)
	if err != nil {
		return nil, account, err
	}
	kind := in.timeKind()
	if kind == "timestamp" || kind == "date" {
		if err := moments(ctx, st, in); err != nil {
			return nil, account, err
		}
	}
	frames := &Frames{Measure: in.ID, System: system.ID, empty: in.emptyFlag()}
	for _, slots := range in.Measure.Slots {
		statement, err := in.statement(slots, kind)
		if err != nil {
			return nil, account, err
		}
		if _, err := st.Exec(ctx, statement); err != nil {
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
		frames.addEmpty(model.All, len(system.Zones))
	}
	return frames, account, nil
}

// timeKind is the type of the time column: "timestamp", "date", "text" (a slot written by the producer), or "".
func (in Input) timeKind() string {
	if in.Measure.Time == "" {
		return ""
	}
	return in.Source.Contract.Columns[in.Measure.Time].Type
}

// counted says whether rows themselves are counted: then a moment without rows is zero, not a failure to measure.
func (in Input) counted() bool { return in.Measure.Value == "" }

// aggregate is what becomes of several values of one place and moment.
func (in Input) aggregate() string {
	switch {
	case in.counted() && in.Source.COG == nil:
		return "count(*)::DOUBLE"
	case in.counted(): // a row may be a share of one
		return "exact_sum(value)"
	case in.Measure.Aggregate == "mean":
		return "exact_sum(value) / count(value)"
	}
	return "exact_sum(value)"
}

// observed names the query of what is averaged for each slot kind.
var observed = map[string]string{
	model.SlotHour: "Hourly", model.SlotDayType: "DayTyped", model.SlotMonth: "Monthly", model.SlotAll: "Overall",
}

// statement is the query that fills the table figure for a slot kind.
func (in Input) statement(slots, kind string) (string, error) {
	switch {
	case kind == "":
		return store.Fill(statements["Still"], map[string]string{"aggregate": in.aggregate()}), nil
	case kind == "text":
		return store.Fill(statements["Slotted"], map[string]string{"aggregate": in.aggregate()}), nil
	case slots == model.SlotDate:
		return statements["Daily"], nil
	case observed[slots] == "" || slots == model.SlotHour && kind == "date":
		return "", &model.Error{Kind: model.Invalid, Op: "measure", Subject: in.ID,
			Err:  fmt.Errorf("slots: %s cannot be made of a %s column", slots, kind),
			Hint: "hours need a timestamp; day types, dates, months and all also work with a date"}
	}
	// Of a measured value, the mean is over the moments that were measured; of counted rows, over all days of the slot, and
	// over one more where the hour that the clocks showed twice was seen twice.
	holes := map[string]string{"observed": statements[observed[slots]], "n": "count(value)",
		"deviation": "stddev_samp(value ORDER BY value)", "least": "min(value)"}
	if in.counted() {
		const n = "greatest(any_value(days), count(*))"
		holes["n"], holes["least"] = n, "CASE WHEN count(*) < any_value(days) THEN 0 ELSE min(value) END"
		holes["deviation"] = "sqrt(greatest(sum(value * value) - sum(value) * sum(value) / " + n + ", 0) / nullif(" + n + " - 1, 0))"
	}
	return store.Fill(statements["Means"], holes), nil
}

// rows fills fact_row: the rows of the source in their zones.
func rows(ctx context.Context, st *store.Store, in Input, system *zone.System) (Account, error) {
	m, account := in.Measure, Account{}
	holes := map[string]string{"table": in.Table, "value": "1::DOUBLE", "held": "false", "estimated": "false", "time": "NULL"}
	if in.Source.COG != nil {
		holes["value"], holes["estimated"] = "t._share", "t._estimated"
	}
	if m.Value != "" {
		holes["value"] = "t." + store.Quote(m.Value) + "::DOUBLE"
		if in.Source.Contract.Columns[m.Value].Withheld != nil {
			holes["held"] = "t." + store.Quote("_withheld_"+m.Value)
		}
	}
	if m.Estimated != "" {
		holes["estimated"] += " OR coalesce(CAST(t." + store.Quote(m.Estimated) + " AS BOOLEAN), false)"
	}
	if m.Time != "" {
		holes["time"] = "t." + store.Quote(m.Time)
		if in.timeKind() == "timestamp" { // the beginning of the local hour, also where offsets are not whole hours
			local := in.local(holes["time"])
			holes["time"] += " - (" + local + " - date_trunc('hour', " + local + "))"
		}
	}
	if m.Zone != "" && m.Zones == system.ID {
		holes["join"] = "JOIN zone AS z ON z.system = " + store.Literal(system.ID) + " AND z.id = CAST(t." + store.Quote(m.Zone) + " AS VARCHAR)"
		if _, err := st.Exec(ctx, store.Fill(statements["Row"], holes)); err != nil {
			return account, err
		}
	} else {
		outside, err := place(ctx, st, placement{in.Table, store.Fill(statements["RowColumns"], holes), "fact_row"}, system)
		if err == nil && outside > 0 {
			_, err = st.Exec(ctx, "DELETE FROM fact_row WHERE zone IS NULL")
		}
		if err != nil {
			return account, err
		}
	}
	query := store.Fill(statements["Account"], map[string]string{"table": in.Table, "timed": strconv.FormatBool(m.Time != "")})
	return account, st.Scan(ctx, query, nil, &account.Rows, &account.Unplaced, &account.Untimed)
}

// local is the SQL expression of the local time of an instant, or of midnight of a date.
func (in Input) local(column string) string {
	if in.timeKind() == "date" {
		return "CAST(" + column + " AS TIMESTAMP)"
	}
	return "timezone(" + store.Literal(in.TimeZone) + ", " + column + ")"
}

// moments prepares the tables moment, day and period.
func moments(ctx context.Context, st *store.Store, in Input) error {
	column := store.Quote(in.Measure.Time)
	if err := calendar(ctx, st, in, column); err != nil {
		return err
	}
	moment := store.Fill(statements["Moment"], map[string]string{"moment": in.local("instant"), "aggregate": in.aggregate()})
	day := "exact_sum(value)"
	if in.Measure.Aggregate == "mean" {
		day = "exact_sum(value) / count(value)"
	}
	days := statements["Day"]
	if in.counted() {
		days = statements["CountedDay"]
	}
	for _, statement := range []string{moment, store.Fill(days, map[string]string{"day": day}), statements["Period"]} {
		if _, err := st.Exec(ctx, statement); err != nil {
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
	case in.counted():
		return model.OK
	}
	return model.NoData
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
				current = into.addEmpty(slot, zones)
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
	return frame.Settle(a.Value(i))
}
