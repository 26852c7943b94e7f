package frame

import (
	"math"

	"jumeau/model"
)

// Sum is the total of published figures. Intervals are added end to end, which is wider than the truth: the errors of the parts
// need not be independent. A total is partial when one of its parts has no figure, and has none itself when no part has. The zero
// value is the total of nothing.
type Sum struct {
	value, lo, hi          float64
	leaves, bounds         int // leaves with a number, and with an interval
	held, absent           bool
	estimated, partialLeaf bool
}

// Add takes in the i-th of some figures.
func (s *Sum) Add(leaves Figures, i int) {
	switch leaves.Flag[i] {
	case model.NotPublished:
		s.held = true
		return
	case model.NoData:
		s.absent = true
		return
	case model.Estimated:
		s.estimated = true
	case model.Partial:
		s.partialLeaf = true
	}
	s.leaves++
	s.value += leaves.Value[i]
	if !math.IsNaN(leaves.Lo[i]) {
		s.bounds++
		s.lo += leaves.Lo[i]
		s.hi += leaves.Hi[i]
	}
}

// Figure is the total.
func (s *Sum) Figure() (value, lo, hi float64, flag model.Flag) {
	switch {
	case s.leaves == 0 && s.held:
		return None, None, None, model.NotPublished
	case s.leaves == 0:
		return None, None, None, model.NoData
	case s.held || s.absent:
		return Settle(s.value), None, None, model.Partial // no interval: what is missing is not known
	}
	lo, hi = None, None
	if s.bounds == s.leaves {
		lo, hi = Settle(s.lo), Settle(s.hi)
	}
	switch {
	case s.partialLeaf:
		flag = model.Partial
	case s.estimated:
		flag = model.Estimated
	}
	return Settle(s.value), lo, hi, flag
}

// Settle rounds to a millionth, the grain of every figure; above a thousand million a float64 holds little more than that.
func Settle(v float64) float64 {
	const grain = 1e6
	if math.Abs(v) > 1e9 {
		return v
	}
	return math.Round(v*grain) / grain
}
