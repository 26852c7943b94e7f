package frame

import (
	"fmt"
	"math"

	"jumeau/model"
)

// None is the number of a figure that has none (value not published or absent, no interval).
var None = math.NaN()

// Figures are the numbers of one slot, index by index. Lo and Hi bound the value where an interval is known, else NaN.
// Slices read from a file alias its mapping: they are valid until the file is closed and must not be written to.
type Figures struct {
	Value, Lo, Hi []float64
	Flag          []model.Flag
}

// NewFigures makes n figures, all flagged NoData.
func NewFigures(n int) Figures {
	f := Figures{Value: make([]float64, n), Lo: make([]float64, n), Hi: make([]float64, n), Flag: make([]model.Flag, n)}
	for i := range n {
		f.Value[i], f.Lo[i], f.Hi[i], f.Flag[i] = None, None, None, model.NoData
	}
	return f
}

// Len is the number of figures.
func (f Figures) Len() int { return len(f.Value) }

// Interval says whether any figure has a lower or an upper bound.
func (f Figures) Interval() bool {
	for i := range f.Lo {
		if !math.IsNaN(f.Lo[i]) || !math.IsNaN(f.Hi[i]) {
			return true
		}
	}
	return false
}

// Slice is the figures from a (included) to b (excluded), without copying.
func (f Figures) Slice(a, b int) Figures {
	return Figures{Value: f.Value[a:b], Lo: f.Lo[a:b], Hi: f.Hi[a:b], Flag: f.Flag[a:b]}
}

// check holds the figures to their meaning: a number exists exactly where the flag says so, bounds surround it.
func (f Figures) check(n int) error {
	if len(f.Value) != n || len(f.Lo) != n || len(f.Hi) != n || len(f.Flag) != n {
		return fmt.Errorf("columns of %d, %d, %d and %d figures where %d are due", len(f.Value), len(f.Lo), len(f.Hi), len(f.Flag), n)
	}
	for i, v := range f.Value {
		if reason := fault(v, f.Lo[i], f.Hi[i], f.Flag[i]); reason != "" {
			return fmt.Errorf("figure %d: %s", i, reason)
		}
	}
	return nil
}

func fault(v, lo, hi float64, flag model.Flag) string {
	absent := flag == model.NotPublished || flag == model.NoData
	switch {
	case flag > model.Partial:
		return fmt.Sprintf("unknown flag %d", uint8(flag))
	case absent && !(math.IsNaN(v) && math.IsNaN(lo) && math.IsNaN(hi)):
		return "flagged " + flag.String() + " but carries a number" // never print it: it may be withheld
	case !absent && math.IsNaN(v):
		return "flagged " + flag.String() + " but has no number"
	case math.IsInf(v, 0) || math.IsInf(lo, 0) || math.IsInf(hi, 0):
		return "infinite"
	case lo > v || hi < v:
		return fmt.Sprintf("value %g outside its interval %g to %g", v, lo, hi)
	}
	return ""
}
