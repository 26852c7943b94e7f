package contract

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"jumeau/ingest/format"
	"jumeau/model"
)

// bindNative holds one column of a typed format to a contract: cell by cell its value, or the code of its reject.
func bindNative(t *testing.T, spec *model.Column, cells arrow.Array) []string {
	t.Helper()
	b, err := New(source(map[string]*model.Column{"c": spec}), paris(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.File(0, "file", format.Info{Columns: []format.Column{{Name: "c", Type: cells.DataType()}}}); err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range cells.Len() {
		batch := &format.Batch{Line: []int64{1}, Columns: []arrow.Array{array.NewSlice(cells, int64(i), int64(i+1))}}
		rec, rejects := b.Bind(batch)
		if rec == nil {
			out = append(out, rejects[0].Code)
			continue
		}
		out = append(out, show(rec)[0])
		rec.Release()
	}
	return out
}

func stamps(zone string, at ...time.Time) arrow.Array {
	b := array.NewTimestampBuilder(memory.DefaultAllocator, &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: zone})
	for _, t := range at {
		b.Append(arrow.Timestamp(t.UnixMicro()))
	}
	return b.NewArray()
}

func reals(values ...float64) arrow.Array {
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return b.NewArray()
}

func TestNativeTimes(t *testing.T) {
	summer := time.Date(2025, 7, 14, 23, 30, 0, 0, time.UTC)
	ancient := time.Date(1969, 12, 30, 12, 0, 0, 0, time.UTC)
	day := array.NewDate32Builder(memory.DefaultAllocator)
	day.Append(arrow.Date32FromTime(summer))
	dates := day.NewArray()
	for name, c := range map[string]struct {
		spec  model.Column
		cells arrow.Array
		want  []string
	}{
		"a_time_without_zone_is_local":                  {model.Column{Type: "timestamp"}, stamps("", summer), []string{"c=2025-07-14T21:30Z"}},
		"a_time_with_zone_is_an_instant":                {model.Column{Type: "timestamp"}, stamps("UTC", summer), []string{"c=2025-07-14T23:30Z"}},
		"the_date_of_an_instant_is_the_territorys":      {model.Column{Type: "date"}, stamps("UTC", summer, ancient), []string{"c=2025-07-15", "c=1969-12-30"}},
		"the_date_of_a_time_without_zone_is_its_own":    {model.Column{Type: "date"}, stamps("", summer, ancient), []string{"c=2025-07-14", "c=1969-12-30"}},
		"a_date_as_a_time_is_local_midnight":            {model.Column{Type: "timestamp"}, dates, []string{"c=2025-07-13T22:00Z"}},
		"a_time_as_text_is_written_out":                 {model.Column{Type: "text"}, stamps("", summer), []string{"c=2025-07-14T23:30:00"}},
		"a_date_as_text_is_written_out":                 {model.Column{Type: "text"}, dates, []string{"c=2025-07-14"}},
		"a_time_is_no_number":                           {model.Column{Type: "number"}, dates, []string{"type_number"}},
		"a_time_that_the_clocks_skip_does_not_exist":    {model.Column{Type: "timestamp"}, stamps("", time.Date(2025, 3, 30, 2, 30, 0, 0, time.UTC)), []string{"time_does_not_exist"}},
		"not_a_number_is_a_gap_and_infinity_is_refused": {model.Column{Type: "number"}, reals(1.5, math.NaN(), math.Inf(1)), []string{"c=1.5", "c=-", "type_number"}},
		"missing_and_withheld_are_written_as_numbers":   {model.Column{Type: "number", Missing: []string{"-999"}, Withheld: []string{"-1"}}, reals(3, -999, -1), []string{"c=3 _withheld_c=false", "c=- _withheld_c=false", "c=- _withheld_c=true"}},
		"not_a_number_is_missing_where_one_is_required": {model.Column{Type: "integer", Required: true}, reals(math.NaN()), []string{"missing_value"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, bindNative(t, &c.spec, c.cells)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheDateOfAWrittenInstantIsTheTerritorys(t *testing.T) {
	rows, rejects, _, err := bind(t, source(map[string]*model.Column{"d": {Type: "date"}}), "d\n2025-07-14T23:30:00Z\n2025-07-15T00:30:00+02:00\n2025-07-14\n")
	if err != nil || len(rejects) > 0 {
		t.Fatal(err, rejects)
	}
	if diff := cmp.Diff([]string{"d=2025-07-15", "d=2025-07-15", "d=2025-07-14"}, rows); diff != "" {
		t.Error(diff)
	}
}

func TestBothDirectionsOfACounterHaveBothHoursOfTheAutumn(t *testing.T) {
	src := source(map[string]*model.Column{"channel": {Type: "text", Refers: "channels.id"}, "start": {Type: "timestamp"}, "end": {Type: "timestamp"}})
	rows, rejects, _, err := bind(t, src, `channel,start,end
in,2025-10-26 02:00,2025-10-26 02:30
out,2025-10-26 02:00,2025-10-26 02:30
in,2025-10-26 02:30,2025-10-26 02:00
out,2025-10-26 02:30,2025-10-26 02:00
in,2025-10-26 02:00,2025-10-26 02:30
out,2025-10-26 02:00,2025-10-26 02:30
`)
	if err != nil || len(rejects) > 0 {
		t.Fatal(err, rejects)
	}
	want := []string{
		"channel=in end=2025-10-26T00:30Z start=2025-10-26T00:00Z", "channel=out end=2025-10-26T00:30Z start=2025-10-26T00:00Z",
		"channel=in end=2025-10-26T00:00Z start=2025-10-26T00:30Z", "channel=out end=2025-10-26T00:00Z start=2025-10-26T00:30Z",
		"channel=in end=2025-10-26T01:30Z start=2025-10-26T01:00Z", "channel=out end=2025-10-26T01:30Z start=2025-10-26T01:00Z",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
}

func TestNoReasonRepeatsACountBelowItsThreshold(t *testing.T) {
	for name, spec := range map[string]model.Column{
		"threshold": {Type: "integer"},
		"range":     {Type: "integer", Min: ptr(20)},
		"pattern":   {Type: "integer", Pattern: `\d{2,}`},
		"set":       {Type: "integer", In: []string{"20", "30"}},
		"type":      {Type: "integer"},
		"extract":   {Type: "integer", Extract: `n=(\d+)`},
	} {
		t.Run(name, func(t *testing.T) {
			src := source(map[string]*model.Column{"n": &spec})
			src.Behaviour = &model.Behaviour{Class: "D", Threshold: 20}
			src.Measures = map[string]*model.Measure{"m": {Value: "n"}}
			text := "7"
			if name == "type" {
				text = "7 or so"
			}
			_, rejects, _, err := bind(t, src, "n\n"+text+"\n")
			if err != nil || len(rejects) != 1 {
				t.Fatalf("%v, %v", err, rejects)
			}
			for _, r := range rejects[0].Reason {
				if r == '7' {
					t.Errorf("%s: %s", rejects[0].Code, rejects[0].Reason)
				}
			}
		})
	}
}

func TestWhatMeasuresAskOfTheirColumns(t *testing.T) {
	src := source(map[string]*model.Column{"cell": {Type: "text"}, "slot": {Type: "text"}, "day": {Type: "date"}, "n": {Type: "number"}})
	src.Measures = map[string]*model.Measure{
		"a": {Zones: model.Cell200m, Zone: "cell", Time: "slot", Value: "n"},
		"b": {Zones: model.Cell200m, Zone: "cell", Time: "day", Value: "n"},
	}
	header := "cell,slot,day,n\n"
	row := func(cell, slot, day, n string) string { return fmt.Sprintf("%s,%s,%s,%s\n", cell, slot, day, n) }
	const cell = "CRS3035RES200mN2029800E4252400"
	_, rejects, _, err := bind(t, src, header+row(cell, "weekday-08", "2025-01-01", "3")+row("CRS3035RES1000mN2029000E4252000", "all", "", "1")+
		row("200mN20298E42524", "all", "", "1")+row(cell, "weekday-24", "", "1")+row(cell, "all", "9999-12-31", "1")+row(cell, "all", "", "1e300")+row("", "", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"3 not_a_cell cell", "4 not_a_cell cell", "5 not_a_slot slot", "6 out_of_range day", "7 out_of_range n"}
	if diff := cmp.Diff(want, codes(rejects)); diff != "" {
		t.Error(diff)
	}
	if _, _, _, err := bind(t, src, "cell,slot,day\n"+cell+",all,2025-01-01\n"); model.KindOf(err) != model.Invalid || model.HintOf(err) == "" {
		t.Errorf("a file without the column of the figures: %v", err)
	}
}

func TestTimeFormsReadOffsetsAsStrptimeDoes(t *testing.T) {
	layout, err := Layout("%d/%m/%Y %H:%M:%S%z")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"14/07/2025 10:00:00+0200", "14/07/2025 10:00:00+02:00", "14/07/2025 08:00:00Z"} {
		at, ok := parseTime(text, layout)
		if !ok || !at.instant || !at.wall.Equal(time.Date(2025, 7, 14, 8, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %v, %v", text, at, ok)
		}
	}
	if _, err := Layout("%Y-01-%d"); err == nil {
		t.Error("a form with digits, which would be read as a month")
	}
}
