package audit

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// square is a table of rows × columns with its margins and its total.
func square(rows, columns int, values []float64) Table {
	at := func(r, c int) int { return r*(columns+1) + c }
	t := Table{Values: make([]float64, (rows+1)*(columns+1))}
	for r := range rows {
		for c := range columns {
			v := values[r*columns+c]
			for _, cell := range []int{at(r, c), at(r, columns), at(rows, c), at(rows, columns)} {
				t.Values[cell] += v
			}
		}
	}
	for r := range rows + 1 {
		e := Equation{Total: at(r, columns)}
		for c := range columns {
			e.Parts = append(e.Parts, at(r, c))
		}
		t.Equations = append(t.Equations, e)
	}
	for c := range columns + 1 {
		e := Equation{Total: at(rows, c)}
		for r := range rows {
			e.Parts = append(e.Parts, at(r, c))
		}
		t.Equations = append(t.Equations, e)
	}
	return t
}

func drawSquare(t *rapid.T) (Table, []bool) {
	rows, columns := rapid.IntRange(1, 3).Draw(t, "rows"), rapid.IntRange(2, 3).Draw(t, "columns")
	values := make([]float64, rows*columns)
	for i := range values {
		values[i] = float64(rapid.IntRange(0, 5).Draw(t, "value"))
	}
	table := square(rows, columns, values)
	hidden := make([]bool, len(table.Values))
	for r := range rows {
		for c := range columns {
			hidden[r*(columns+1)+c] = rapid.Bool().Draw(t, "hidden")
		}
	}
	return table, hidden
}

// What the simplex finds, counting through all tables of whole numbers finds too: the vertices of such tables are whole.
func TestIntervalsAreThoseOfAllPossibleTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, hidden := drawSquare(t)
		got, err := table.Intervals(hidden)
		if err != nil {
			t.Fatal(err)
		}
		want := enumerate(table, hidden)
		for c := range table.Values {
			if hidden[c] && (math.Abs(got[c].Lo-want[c].Lo) > 1e-6 || math.Abs(got[c].Hi-want[c].Hi) > 1e-6) {
				t.Fatalf("cell %d of %v hidden %v: %v, by counting %v", c, table.Values, hidden, got[c], want[c])
			}
		}
	})
}

func enumerate(t Table, hidden []bool) []Interval {
	out := make([]Interval, len(t.Values))
	for i := range out {
		out[i] = Interval{math.Inf(1), math.Inf(-1)}
	}
	values := append([]float64(nil), t.Values...)
	var cells []int
	for c := range values {
		if hidden[c] {
			cells = append(cells, c)
			values[c] = 0
		}
	}
	var try func(i int)
	try = func(i int) {
		for _, e := range t.Equations { // no part may pass its total
			sum := 0.0
			for _, p := range e.Parts {
				sum += values[p]
			}
			if sum > values[e.Total] || i == len(cells) && sum != values[e.Total] {
				return
			}
		}
		if i == len(cells) {
			for c, v := range values {
				out[c] = Interval{min(out[c].Lo, v), max(out[c].Hi, v)}
			}
			return
		}
		for v := 0.0; v <= 15; v++ {
			values[cells[i]] = v
			try(i + 1)
		}
		values[cells[i]] = 0
	}
	try(0)
	return out
}

// T9, for classes D and E.
func TestProtectLeavesEveryHiddenCellWide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, primary := smallCells(func(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(t, what) })
		hidden, err := table.Protect(primary, Options{Width: 20})
		if err != nil {
			t.Skip(err)
		}
		if fault := narrow(table, primary, hidden); fault != "" {
			t.Fatal(fault)
		}
	})
}

// T9 can fail: hiding small cells alone, or too few beside them.
func TestTheAuditCatchesMasksThatAreTooSmall(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	alone, halfway, lower := 0, 0, 0
	for range 200 {
		table, primary := smallCells(func(lo, hi int, _ string) int { return lo + random.IntN(hi-lo+1) })
		if narrow(table, primary, primary) != "" {
			alone++
		}
		if hidden, err := table.Protect(primary, Options{Width: 5}); err == nil && narrow(table, primary, hidden) != "" {
			halfway++
		}
		small := slices.Clone(primary) // a threshold lower by one: what is 19 shows
		for c, v := range table.Values {
			small[c] = v < 19
		}
		if hidden, err := table.Protect(small, Options{Width: 20}); err == nil && narrow(table, primary, hidden) != "" {
			lower++
		}
	}
	if alone == 0 || halfway == 0 || lower == 0 {
		t.Errorf("caught: no complementary suppression %d, a width of 5 %d, a threshold lower by one %d", alone, halfway, lower)
	}
}

// smallCells is a table with margins whose values below 20 must not show; draws are numbers from lo to hi.
func smallCells(draw func(lo, hi int, what string) int) (Table, []bool) {
	rows, columns := draw(2, 5, "rows"), draw(2, 6, "columns")
	values := make([]float64, rows*columns)
	for i := range values {
		values[i] = float64(draw(0, 200, "value"))
	}
	table := square(rows, columns, values)
	primary := make([]bool, len(table.Values))
	for c, v := range table.Values {
		primary[c] = v < 20
	}
	return table, primary
}

// narrow says what an attacker finds behind a mask.
func narrow(table Table, primary, hidden []bool) string {
	intervals, err := table.Intervals(hidden)
	if err != nil {
		return err.Error()
	}
	for c := range hidden {
		if primary[c] && !hidden[c] {
			return "a primary cell shows"
		}
		if hidden[c] && intervals[c].Width() < 20-1e-6 {
			return fmt.Sprintf("cell %d can be placed in %v", c, intervals[c])
		}
		if hidden[c] && (table.Values[c] < intervals[c].Lo-1e-6 || table.Values[c] > intervals[c].Hi+1e-6) {
			return fmt.Sprintf("cell %d = %v is outside %v", c, table.Values[c], intervals[c])
		}
	}
	return ""
}

// The attack that Protect is there for: drop what is small, publish exact totals.
func TestDroppingSmallCellsAloneGivesThemAway(t *testing.T) {
	table := Table{Values: []float64{7, 80, 120, 207}, Equations: []Equation{{3, []int{0, 1, 2}}}}
	dropped := []bool{true, false, false, false}
	intervals, err := table.Intervals(dropped)
	if err != nil || intervals[0] != (Interval{7, 7}) {
		t.Fatalf("the dropped cell is placed in %v (%v)", intervals[0], err)
	}
	hidden, err := table.Protect(dropped, Options{Width: 20})
	if err != nil || !hidden[1] || hidden[2] || hidden[3] {
		t.Fatalf("hidden %v (%v): the next smallest part is due", hidden, err)
	}
}

func TestTheMaskStaysWhatItWas(t *testing.T) {
	table := Table{Values: []float64{7, 80, 120, 207}, Equations: []Equation{{3, []int{0, 1, 2}}}}
	hidden, err := table.Protect([]bool{true, false, false, false}, Options{Width: 20, Previous: []bool{true, false, true, false}})
	if err != nil || hidden[1] || !hidden[2] {
		t.Fatalf("hidden %v (%v): the cell hidden last time is due", hidden, err)
	}
}

func TestMarginsThatDoNotAddUpAreRefused(t *testing.T) {
	table := Table{Values: []float64{7, 80, 100}, Equations: []Equation{{2, []int{0, 1}}}}
	if _, err := table.Protect([]bool{true, false, false}, Options{Width: 20}); err == nil {
		t.Error("accepted")
	}
}

func BenchmarkProtect(b *testing.B) {
	values := make([]float64, 36*24)
	for i := range values {
		values[i] = float64(i * 7919 % 200)
	}
	table := square(36, 24, values)
	primary := make([]bool, len(table.Values))
	for c, v := range table.Values {
		primary[c] = v < 20
	}
	for b.Loop() {
		if _, err := table.Protect(primary, Options{Width: 20}); err != nil {
			b.Fatal(err)
		}
	}
}
