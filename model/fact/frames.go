package fact

import (
	"math"

	"jumeau/model"
)

// Frames are the figures of one measure in one zone system: for each slot, one entry per zone in the system's order.
// Value, Lo and Hi are NaN where there is none.
type Frames struct {
	Measure, System string
	Slots           []model.Slot
	Value, Lo, Hi   [][]float64
	Flag            [][]model.Flag
}

func newFrames(measure, system string) *Frames { return &Frames{Measure: measure, System: system} }

// add appends a slot in which every zone holds value with flag.
func (f *Frames) add(slot model.Slot, zones int, value float64, flag model.Flag) {
	column := func(v float64) []float64 {
		out := make([]float64, zones)
		for i := range out {
			out[i] = v
		}
		return out
	}
	flags := make([]model.Flag, zones)
	for i := range flags {
		flags[i] = flag
	}
	f.Slots = append(f.Slots, slot)
	f.Value, f.Lo, f.Hi = append(f.Value, column(value)), append(f.Lo, column(math.NaN())), append(f.Hi, column(math.NaN()))
	f.Flag = append(f.Flag, flags)
}

// Rollup sums the leaves into the zones of a coarser system. parents gives each leaf's zone, -1 for none. Intervals are
// added end to end, which is wider than the truth: the errors of leaves need not be independent. A total is partial when
// one of its leaves has no figure, and has none itself when no leaf has.
func (f *Frames) Rollup(system string, parents []int32, zones int) *Frames {
	out := newFrames(f.Measure, system)
	for s, slot := range f.Slots {
		out.add(slot, zones, math.NaN(), model.NoData)
		value, lo, hi, flag := out.Value[s], out.Lo[s], out.Hi[s], out.Flag[s]
		missing, bounds := make([]bool, zones), make([]int, zones)
		leaves := make([]int, zones)
		for leaf, p := range parents {
			if p < 0 {
				continue
			}
			leafFlag := f.Flag[s][leaf]
			if math.IsNaN(f.Value[s][leaf]) {
				missing[p] = true
				if leafFlag == model.NotPublished && leaves[p] == 0 {
					flag[p] = model.NotPublished
				}
				continue
			}
			if leaves[p] == 0 {
				value[p], lo[p], hi[p], flag[p] = 0, 0, 0, model.OK
			}
			leaves[p]++
			value[p] += f.Value[s][leaf]
			if !math.IsNaN(f.Lo[s][leaf]) {
				lo[p] += f.Lo[s][leaf]
				hi[p] += f.Hi[s][leaf]
				bounds[p]++
			}
			if leafFlag != model.OK && flag[p] != model.Partial {
				flag[p] = leafFlag
			}
		}
		for p := range zones {
			if leaves[p] > 0 && missing[p] {
				flag[p] = model.Partial
			}
			if bounds[p] < leaves[p] || leaves[p] == 0 || missing[p] {
				lo[p], hi[p] = math.NaN(), math.NaN()
			}
		}
	}
	return out
}
