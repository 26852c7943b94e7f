package release

import (
	"math"
	"slices"
	"sort"

	"jumeau/model"
	"jumeau/model/frame"
)

// ScaleOptions say how figures are classed.
type ScaleOptions struct {
	Classes   int  // default 6
	Diverging bool // bounds lie symmetrically around zero
	Decimals  int  // shown with the measure: bounds have no more
	// Finer classes among the high figures: for figures by hour, most of which are those of the night.
	Top bool
}

// sample is the most figures that quantiles are taken from; more are thinned out evenly.
const sample = 200_000

// Summarize gives the range of a measure over all its slots, for the catalogue; by slot kind too when there are several.
func Summarize(v *frame.Values, opt ScaleOptions) MeasureSystem {
	kinds := map[string][]model.Slot{}
	for _, slot := range v.Slots {
		kinds[slot.Kind()] = append(kinds[slot.Kind()], slot)
	}
	whole := opt
	whole.Top = len(kinds) == 1 && kinds[model.SlotHour] != nil
	s := MeasureSystem{Zones: v.System, Scale: ScaleOf(figuresOf(v, v.Slots), whole)}
	if len(kinds) < 2 {
		return s
	}
	s.Kinds = map[string]Scale{}
	for kind, slots := range kinds {
		opt.Top = kind == model.SlotHour
		s.Kinds[kind] = ScaleOf(figuresOf(v, slots), opt)
	}
	return s
}

func figuresOf(v *frame.Values, slots []model.Slot) [][]float64 {
	columns := make([][]float64, 0, len(slots))
	for _, slot := range slots {
		f, _ := v.At(slot)
		columns = append(columns, f.Value)
	}
	return columns
}

// SummarizeFlow gives the total of the first slot of a flow and its greatest figure, for the catalogue.
func SummarizeFlow(f *frame.Flows) (total, greatest float64) {
	for i, slot := range f.Slots {
		p, _ := f.At(slot)
		for _, v := range p.Value {
			if math.IsNaN(v) {
				continue
			}
			if greatest = max(greatest, v); i == 0 {
				total += v
			}
		}
	}
	return total, greatest
}

// ScaleOf gives the range and the class bounds of columns of figures; NaN is no figure. Bounds are quantiles, so that each
// class colours about as many zones, rounded to numbers that can be said aloud.
func ScaleOf(columns [][]float64, opt ScaleOptions) Scale {
	if opt.Classes == 0 {
		opt.Classes = 6
	}
	n := 0
	s := Scale{Min: math.Inf(1), Max: math.Inf(-1), Breaks: []float64{}}
	for _, column := range columns {
		for _, v := range column {
			if !math.IsNaN(v) {
				s.Min, s.Max, n = min(s.Min, v), max(s.Max, v), n+1
			}
		}
	}
	if n == 0 {
		return Scale{Breaks: []float64{}}
	}
	figures := make([]float64, 0, min(n, sample+1))
	step, i := n/sample+1, 0
	for _, column := range columns {
		for _, v := range column {
			if !math.IsNaN(v) {
				if i%step == 0 {
					figures = append(figures, v)
				}
				i++
			}
		}
	}
	sort.Float64s(figures)
	if opt.Diverging && s.Min < 0 && s.Max > 0 {
		s.Breaks = diverging(figures, opt, s)
	} else {
		s.Breaks = quantiles(figures, opt, s)
	}
	return s
}

// quantiles of the figures, and of the distinct figures where many are equal (a measure that is mostly zero).
func quantiles(sorted []float64, opt ScaleOptions, s Scale) []float64 {
	breaks := cut(sorted, opt, s)
	if len(breaks) < opt.Classes-1 {
		if more := cut(slices.Compact(slices.Clone(sorted)), opt, s); len(more) > len(breaks) {
			return more
		}
	}
	return breaks
}

func cut(sorted []float64, opt ScaleOptions, s Scale) []float64 {
	breaks := []float64{}
	for k := 1; k < opt.Classes; k++ {
		b := round(sorted[opt.rank(k, len(sorted))], opt.Decimals)
		if b > s.Min && b < s.Max && (len(breaks) == 0 || b > breaks[len(breaks)-1]) {
			breaks = append(breaks, b)
		}
	}
	return breaks
}

// rank of the bound above class k of n figures: k of Classes parts; with Top the share above it shrinks by the power 1.6.
func (o ScaleOptions) rank(k, n int) int {
	if !o.Top {
		return k * n / o.Classes
	}
	above := math.Pow(1-float64(k)/float64(o.Classes), 1.6)
	return min(int(float64(n)*(1-above)), n-1)
}

// diverging bounds are quantiles of the distances from zero, on both sides.
func diverging(sorted []float64, opt ScaleOptions, s Scale) []float64 {
	distances := make([]float64, len(sorted))
	for i, v := range sorted {
		distances[i] = math.Abs(v)
	}
	sort.Float64s(distances)
	reach := Scale{Min: 0, Max: max(-s.Min, s.Max)}
	half := cut(distances, ScaleOptions{Classes: opt.Classes/2 + opt.Classes%2, Decimals: opt.Decimals}, reach)
	var breaks []float64
	for i := len(half) - 1; i >= 0; i-- {
		breaks = append(breaks, -half[i])
	}
	if opt.Classes%2 == 0 {
		breaks = append(breaks, 0)
	}
	breaks = append(breaks, half...)
	return slices.DeleteFunc(breaks, func(b float64) bool { return b <= s.Min || b >= s.Max })
}

// round to two significant digits, and to no more decimals than are shown.
func round(v float64, decimals int) float64 {
	if v == 0 {
		return 0
	}
	places := 1 - int(math.Floor(math.Log10(math.Abs(v))))
	places = min(places, decimals)
	scale := math.Pow(10, math.Abs(float64(places)))
	if places < 0 {
		return math.Round(v/scale) * scale
	}
	return math.Round(v*scale) / scale
}
