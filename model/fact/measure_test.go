package fact

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// world is a build file with two square zones "a" and "b" and a table "obs" made by SQL.
type world struct {
	store  *store.Store
	system *zone.System
}

func newWorld(t *testing.T, table string) *world {
	t.Helper()
	st, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "build.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	if err := Prepare(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	square := func(west float64) orb.Polygon {
		return orb.Polygon{{{west, 43}, {west + 1, 43}, {west + 1, 44}, {west, 44}, {west, 43}}}
	}
	system, err := zone.FromFeatures(zone.Spec{ID: "square"}, []zone.Feature{{ID: "a", Geometry: square(1)}, {ID: "b", Geometry: square(2)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		"CREATE TABLE zone (system VARCHAR, zone INTEGER, id VARCHAR)",
		"INSERT INTO zone VALUES ('square', 0, 'a'), ('square', 1, 'b')",
		"CREATE TABLE obs AS " + table,
	} {
		if _, err := st.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return &world{st, system}
}

// figures computes a measure and shows the slots asked for, a line each.
func (w *world) figures(t *testing.T, m model.Measure, columns map[string]*model.Column, class string, slots ...model.Slot) []string {
	t.Helper()
	m.Zones = "square"
	if m.Slots == nil {
		m.Slots = []string{model.SlotAll}
	}
	src := &model.Source{ID: "s", Contract: model.Contract{Columns: columns}, Behaviour: &model.Behaviour{Class: class}}
	frames, _, err := Measure(t.Context(), w.store, Input{ID: "m", Measure: &m, Source: src, Table: "obs", TimeZone: "Europe/Paris"}, w.system)
	if err != nil {
		t.Fatal(err)
	}
	return shown(frames, slots...)
}

func shown(frames *Frames, slots ...model.Slot) (out []string) {
	for i, slot := range frames.Slots {
		for _, want := range slots {
			if slot == want {
				out = append(out, string(slot)+" "+line(frames.Figures[i]))
			}
		}
	}
	return out
}

func line(f frame.Figures) string {
	var parts []string
	for i := range f.Value {
		text := f.Flag[i].String()
		if !math.IsNaN(f.Value[i]) {
			text = fmt.Sprintf("%g %s", f.Value[i], text)
		}
		if !math.IsNaN(f.Lo[i]) {
			text += fmt.Sprintf(" [%.3g %.3g]", f.Lo[i], f.Hi[i])
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " | ")
}

var columns = map[string]*model.Column{
	"zone": {Type: "text"}, "n": {Type: "number", Withheld: []string{"s"}}, "seen": {Type: "timestamp"}, "est": {Type: "boolean"},
}

func TestWithoutTime(t *testing.T) {
	values := func(rows string) string {
		return "SELECT row_number() OVER () - 1 AS _row, * FROM (VALUES " + rows + ") AS v(zone, n, _withheld_n, est)"
	}
	for name, c := range map[string]struct {
		rows, class string
		measure     model.Measure
		want        string
	}{
		"rows_of_a_zone_are_summed":                {"('a', 1.5, false, false), ('a', 2, false, false), ('b', 0, false, false)", "A", model.Measure{Value: "n", Zone: "zone"}, "all 3.5 ok | 0 ok"},
		"the_mean_where_declared":                  {"('a', 1.0, false, false), ('a', 2, false, false)", "A", model.Measure{Value: "n", Zone: "zone", Aggregate: "mean"}, "all 1.5 ok | no_data"},
		"a_secrecy_mark_is_not_published_not_zero": {"('a', NULL::DOUBLE, true, false), ('b', 0, false, false)", "A", model.Measure{Value: "n", Zone: "zone"}, "all not_published | 0 ok"},
		"a_sum_with_a_secret_part_is_partial":      {"('a', 5.0, false, false), ('a', NULL, true, false)", "A", model.Measure{Value: "n", Zone: "zone"}, "all 5 partial | no_data"},
		"an_imputed_row_marks_its_zone":            {"('a', 5.0, false, true)", "A", model.Measure{Value: "n", Zone: "zone", Estimated: "est"}, "all 5 estimated | no_data"},
		"an_empty_cell_is_no_data":                 {"('a', NULL::DOUBLE, false, false)", "A", model.Measure{Value: "n", Zone: "zone"}, "all no_data | no_data"},
		"a_thresholded_zone_without_rows_is_held":  {"('a', 25.0, false, false)", "D", model.Measure{Value: "n", Zone: "zone"}, "all 25 ok | not_published"},
		"a_count_of_nothing_is_zero":               {"('a', 1.0, false, false), ('a', 1, false, false)", "A", model.Measure{Zone: "zone"}, "all 2 ok | 0 ok"},
	} {
		t.Run(name, func(t *testing.T) {
			got := newWorld(t, values(c.rows)).figures(t, c.measure, columns, c.class, model.All)
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestByGeometry(t *testing.T) {
	// POINT (1.5 43.5) in a, twice; POINT (2.5 43.5) in b; POINT (9 43.5) in none.
	w := newWorld(t, `SELECT row_number() OVER () - 1 AS _row, ST_GeomFromWKB(unhex(hex)) AS geometry FROM (VALUES
		('0101000000000000000000F83F0000000000C04540'), ('0101000000000000000000F83F0000000000C04540'),
		('010100000000000000000004400000000000C04540'), ('010100000000000000000022400000000000C04540')) AS v(hex)`)
	src := &model.Source{ID: "s", Behaviour: &model.Behaviour{Class: "A"}}
	m := &model.Measure{Zones: "square", Slots: []string{model.SlotAll}}
	frames, account, err := Measure(t.Context(), w.store, Input{ID: "m", Measure: m, Source: src, Table: "obs"}, w.system)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"all 2 ok | 1 ok"}, shown(frames, model.All)); diff != "" {
		t.Error(diff)
	}
	if account != (Account{Rows: 4, Unplaced: 1}) {
		t.Errorf("account %+v", account)
	}
}

// hourly is one zone's counts over whole local days of a month, n per hour by SQL expression, without the hours excluded.
func hourly(from, to, value, where string) string {
	return fmt.Sprintf(`SELECT row_number() OVER (ORDER BY seen) - 1 AS _row, 'a' AS zone, (%s)::DOUBLE AS n, false AS _withheld_n, false AS est, seen
		FROM (SELECT unnest(generate_series(TIMESTAMPTZ '%s', TIMESTAMPTZ '%s', INTERVAL 1 HOUR)) AS seen) WHERE %s`, value, from, to, where)
}

func TestHourlyFigures(t *testing.T) {
	m := model.Measure{Value: "n", Zone: "zone", Time: "seen", Slots: []string{model.SlotHour, model.SlotDate, model.SlotMonth, model.SlotAll}}
	march := func(where string) *world { // local days of March 2025; the clocks go forward on the 30th
		return newWorld(t, hourly("2025-03-01 00:00:00+01", "2025-03-31 23:00:00+02", "10", where))
	}
	t.Run("a_steady_count_has_a_closed_interval", func(t *testing.T) {
		got := march("true").figures(t, m, columns, "B", "weekday-08", "saturday-08", "sunday-02", "2025-03-30", "2025-03", model.All)
		want := []string{
			"all 239.677419 ok [239 240] | no_data", // one day of 230, thirty of 240
			"weekday-08 10 ok [10 10] | no_data",
			"saturday-08 10 ok [10 10] | no_data",
			"sunday-02 10 ok [10 10] | no_data", // four Sundays, of five
			"2025-03 239.677419 ok [239 240] | no_data",
			"2025-03-30 230 ok | no_data",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a_missing_hour_makes_its_date_partial_and_leaves_the_mean_of_whole_days_alone", func(t *testing.T) {
		w := march("true")
		if _, err := w.store.Exec(t.Context(), "INSERT INTO obs SELECT _row + 10000, 'b', n, false, false, seen FROM obs"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.Exec(t.Context(), "DELETE FROM obs WHERE zone = 'a' AND seen = TIMESTAMPTZ '2025-03-12 08:00:00+01'"); err != nil {
			t.Fatal(err)
		}
		got := w.figures(t, m, columns, "B", "2025-03-11", "2025-03-12", "2025-03")
		want := []string{
			"2025-03 239.666667 ok [239 240] | 239.677419 ok [239 240]",
			"2025-03-11 240 ok | 240 ok",
			"2025-03-12 230 partial | 240 ok",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("the_hour_that_comes_twice_counts_for_both", func(t *testing.T) {
		w := newWorld(t, hourly("2025-10-26 00:00:00+02", "2025-10-26 23:00:00+01", "1", "true"))
		got := w.figures(t, m, columns, "B", "2025-10-26", "sunday-02", "sunday-03")
		want := []string{"sunday-02 1 ok [1 1] | no_data", "sunday-03 1 ok | no_data", "2025-10-26 25 ok | no_data"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("an_hour_of_which_one_direction_failed_is_not_measured", func(t *testing.T) {
		w := march("true")
		for _, statement := range []string{
			"INSERT INTO obs SELECT _row + 10000, 'a', 5, false, false, seen FROM obs",
			"UPDATE obs SET n = NULL WHERE n = 5 AND day(seen) = 12 AND hour(seen) = 7", // 08:00 in Paris
		} {
			if _, err := w.store.Exec(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		got := w.figures(t, m, columns, "B", "weekday-08", "2025-03-11", "2025-03-12")
		want := []string{"weekday-08 15 ok [15 15] | no_data", "2025-03-11 360 ok | no_data", "2025-03-12 345 partial | no_data"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("a_mean_over_less_than_half_of_the_days_is_partial", func(t *testing.T) {
		w := march("NOT (hour(seen) = 7 AND day(seen) > 12)") // 08:00 in Paris
		got := w.figures(t, m, columns, "B", "weekday-08", "weekday-09")
		want := []string{"weekday-08 10 partial [10 10] | no_data", "weekday-09 10 ok [10 10] | no_data"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheProducersOwnSlotsAreTaken(t *testing.T) {
	text := map[string]*model.Column{"zone": {Type: "text"}, "n": {Type: "integer"}, "slot": {Type: "text"}}
	m := model.Measure{Value: "n", Zone: "zone", Time: "slot", Slots: []string{model.SlotHour}}
	w := newWorld(t, "SELECT 0 AS _row, * FROM (VALUES ('a', 30, 'weekday-08'), ('b', 40, 'weekday-08'), ('b', 25, 'sunday-08')) AS v(zone, n, slot)")
	want := []string{"weekday-08 30 ok | 40 ok", "sunday-08 not_published | 25 ok"}
	if diff := cmp.Diff(want, w.figures(t, m, text, "D", "weekday-08", "sunday-08")); diff != "" {
		t.Error(diff)
	}
}

func TestRollupKeepsSumsAndSaysWhatIsMissing(t *testing.T) {
	leaf := frame.NewFigures(6)
	set := func(i int, v, lo, hi float64, flag model.Flag) {
		leaf.Value[i], leaf.Lo[i], leaf.Hi[i], leaf.Flag[i] = v, lo, hi, flag
	}
	set(0, 1, 0.5, 1.5, model.OK)
	set(1, 2, 1, 3, model.Estimated)
	set(2, 4, frame.None, frame.None, model.OK)
	leaf.Flag[3] = model.NotPublished
	leaf.Flag[4] = model.NotPublished
	f := &Frames{Measure: "m", System: "fine", Slots: []model.Slot{model.All}, Figures: []frame.Figures{leaf}}
	got := f.Rollup("coarse", []int32{0, 0, 1, 1, 2, 3}, 5)
	want := "3 estimated [1.5 4.5] | 4 partial | not_published | no_data | no_data"
	if text := line(got.Figures[0]); text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50).Draw(t, "leaves")
		leaf, total := frame.NewFigures(n), 0.0
		parents := make([]int32, n)
		for i := range n {
			leaf.Value[i], leaf.Flag[i] = float64(rapid.IntRange(0, 1000).Draw(t, "value"))/8, model.OK
			parents[i] = int32(rapid.IntRange(0, 4).Draw(t, "parent"))
			total += leaf.Value[i]
		}
		f := &Frames{Slots: []model.Slot{model.All}, Figures: []frame.Figures{leaf}}
		sum := 0.0
		for _, v := range f.Rollup("coarse", parents, 5).Figures[0].Value {
			if !math.IsNaN(v) {
				sum += v
			}
		}
		if math.Abs(sum-total) > 1e-5 {
			t.Fatalf("leaves sum to %v, zones to %v", total, sum)
		}
	})
}

func TestFlowsThatCrossTheBorderAreKeptApart(t *testing.T) {
	w := newWorld(t, "SELECT 0 AS _row, * FROM (VALUES ('a', 'b', 2.5), ('a', 'b', 1), ('a', 'a', 4), ('x', 'a', 7), ('b', 'y', 9), ('x', 'y', 100)) AS v(home, work, n)")
	src := &model.Source{ID: "s", Contract: model.Contract{Columns: map[string]*model.Column{"n": {Type: "number"}}}}
	in := FlowInput{ID: "f", Flow: &model.Flow{Zones: "square", Origin: "home", Destination: "work", Value: "n"}, Source: src, Table: "obs"}
	flows, account, err := Flow(t.Context(), w.store, in, w.system)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range flows.Pairs[0].Origin {
		got = append(got, fmt.Sprintf("%d>%d %g", flows.Pairs[0].Origin[i], flows.Pairs[0].Destination[i], flows.Pairs[0].Value[i]))
	}
	out := uint32(frame.Outside)
	want := []string{"0>0 4", "0>1 3.5", fmt.Sprintf("1>%d 9", out), fmt.Sprintf("%d>0 7", out)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if account != (FlowAccount{Rows: 6, Outside: 1}) {
		t.Errorf("account %+v", account)
	}
	path := filepath.Join(t.TempDir(), "f.arrow")
	if err := flows.Write(path, 2); err != nil {
		t.Fatal(err)
	}
	file, err := frame.OpenFlows(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := file.Check(); err != nil {
		t.Error(err)
	}
}
