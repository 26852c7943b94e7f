package gate

import (
	"fmt"

	"jumeau/model"
)

// Merged is a class B count over one or several slots that follow each other.
type Merged struct {
	From, To int // slots, both included
	Value    int64
}

// Rules of class B: on a path that serves few dwellings a small count says who was out.
const (
	fewDwellings = 20
	smallCount   = 5
)

// MergeCounts merges the slots of one counter, in order of time, until each has a count of at least 5, when its path serves fewer
// than 20 dwellings; other counters keep every slot. A last small rest joins the slots before it. If the whole is small, it is one.
func MergeCounts(counts []int64, dwellings int) []Merged {
	var out []Merged
	for i, n := range counts {
		last := len(out) - 1
		if dwellings < fewDwellings && last >= 0 && out[last].Value < smallCount {
			out[last].To, out[last].Value = i, out[last].Value+n
			continue
		}
		out = append(out, Merged{i, i, n})
	}
	if last := len(out) - 1; dwellings < fewDwellings && last > 0 && out[last].Value < smallCount {
		out[last-1].To, out[last-1].Value = out[last].To, out[last-1].Value+out[last].Value
		out = out[:last]
	}
	return out
}

// CheckThreshold holds the counts of a class D source to its producer's promise: none from 1 to threshold-1.
func CheckThreshold(source string, counts []float64, threshold int) error {
	broken := 0
	for _, v := range counts {
		if v > 0 && v < float64(threshold) {
			broken++
		}
	}
	if broken == 0 {
		return nil
	}
	return &model.Error{Kind: model.Withheld, Op: "check", Subject: source,
		Err:  fmt.Errorf("%d figures are below the producer's threshold of %d", broken, threshold),
		Hint: "ask the producer; a figure that he should have withheld is not passed on"}
}
