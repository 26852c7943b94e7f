package contract

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/ingest/format"
	"jumeau/model"
)

// CheckExample holds the contract of src to one of its examples: the given row must become the expected typed row, or be
// rejected with the expected code. Geometry and the rules that need the whole source are left aside.
func CheckExample(src *model.Source, e model.Example, zone *time.Location) error {
	table := *src
	table.Contract.Geometry = nil
	table.Keep = nil
	b, err := New(&table, zone)
	if err != nil {
		return err
	}
	b.example = true
	names := slices.Sorted(maps.Keys(e.Given))
	info := format.Info{Format: "example", Rows: 1}
	cells := map[string]arrow.Array{}
	for _, name := range names {
		build := array.NewStringBuilder(memory.DefaultAllocator)
		build.Append(e.Given[name])
		cells[name] = build.NewArray()
		info.Columns = append(info.Columns, format.Column{Name: name, Type: arrow.BinaryTypes.String})
	}
	wanted, err := b.File(0, "example", info)
	if err != nil {
		return err
	}
	batch := &format.Batch{Line: []int64{1}}
	for _, name := range wanted {
		batch.Columns = append(batch.Columns, cells[name])
	}
	rec, rejects := b.Bind(batch)
	if len(rejects) > 0 {
		if r := rejects[0]; r.Code != e.Reject {
			return fmt.Errorf("the row is rejected with %s (%s: %s), expected %s", r.Code, r.Column, r.Reason, orText(e.Reject, "a row"))
		}
		return nil
	}
	defer rec.Release()
	if e.Reject != "" {
		return fmt.Errorf("the row is loaded, expected %s", e.Reject)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Expect)) {
		at := rec.Schema().FieldIndices(name)
		if len(at) == 0 {
			return fmt.Errorf("the contract has no column %s", name)
		}
		if got, want := shownValue(rec.Column(at[0])), shownExpected(e.Expect[name]); got != want {
			return fmt.Errorf("%s is %s, expected %s", name, got, want)
		}
	}
	return nil
}

func orText(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// shownValue is the first value of a column as the declaration writes it; times in ISO 8601, UTC.
func shownValue(a arrow.Array) string {
	if a.IsNull(0) {
		return "null"
	}
	switch v := a.(type) {
	case *array.Timestamp:
		return v.Value(0).ToTime(arrow.Microsecond).UTC().Format(time.RFC3339)
	case *array.Date32:
		return v.Value(0).ToTime().Format(time.DateOnly)
	case *array.Float64:
		return fmt.Sprint(v.Value(0))
	}
	return a.ValueStr(0)
}

func shownExpected(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case float64:
		return fmt.Sprint(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}
