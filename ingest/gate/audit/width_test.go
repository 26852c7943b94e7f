package audit

import "testing"

// A cell hidden for itself may need a wider interval than those that are hidden to hide it.
func TestACellMayNeedAWiderIntervalThanOthers(t *testing.T) {
	table := Table{Values: []float64{500, 30, 60, 90, 680}, Equations: []Equation{{4, []int{0, 1, 2, 3}}}}
	primary := []bool{true, false, false, false, false}
	hidden, err := table.Protect(primary, Options{Width: 3})
	if err != nil || !hidden[1] || hidden[2] || hidden[3] {
		t.Fatalf("hidden %v (%v): one partner is enough for three", hidden, err)
	}
	widths := []float64{100, 0, 0, 0, 0}
	hidden, err = table.Protect(primary, Options{Width: 3, Widths: widths})
	if err != nil {
		t.Fatal(err)
	}
	intervals, err := table.Intervals(hidden)
	if err != nil || intervals[0].Width() < 100 {
		t.Fatalf("hidden %v: the first cell lies in %v (%v)", hidden, intervals[0], err)
	}
}
