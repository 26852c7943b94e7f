package fact

import (
	"math"
	"slices"
	"strings"

	"jumeau/model"
	"jumeau/model/frame"
)

// Frames are the figures of one measure in one zone system: for each slot, one figure per zone in the system's order.
type Frames struct {
	Measure, System string
	Slots           []model.Slot
	Figures         []frame.Figures // one a slot

	empty model.Flag // of a zone of which a slot says nothing
}

// addEmpty appends a slot in which every zone is as it is without rows: zero where rows are counted, else without a number.
func (f *Frames) addEmpty(slot model.Slot, zones int) frame.Figures {
	value := frame.None
	if f.empty == model.OK {
		value = 0
	}
	return f.add(slot, zones, value, f.empty)
}

// Complete adds the slots that only other frames of a measure have, so that all have the same: in one zone system rows may
// fall outside every zone at a time when they do not in another.
func Complete(all []*Frames) {
	have := make([]map[model.Slot]bool, len(all))
	for i, f := range all {
		have[i] = map[model.Slot]bool{}
		for _, slot := range f.Slots {
			have[i][slot] = true
		}
	}
	for i, f := range all {
		zones := f.Figures[0].Len()
		for _, other := range all {
			for _, slot := range other.Slots {
				if !have[i][slot] {
					have[i][slot] = true
					f.addEmpty(slot, zones)
				}
			}
		}
		f.sort()
	}
}

// add appends a slot in which every zone has the value and the flag.
func (f *Frames) add(slot model.Slot, zones int, value float64, flag model.Flag) frame.Figures {
	figures := frame.NewFigures(zones)
	for i := range zones {
		figures.Value[i], figures.Flag[i] = value, flag
	}
	f.Slots, f.Figures = append(f.Slots, slot), append(f.Figures, figures)
	return figures
}

// Rollup sums the leaves into the zones of a coarser system. parents gives each leaf's zone, -1 for none. Intervals are
// added end to end, which is wider than the truth: the errors of leaves need not be independent. A total is partial when
// one of its leaves has no figure, and has none itself when no leaf has.
func (f *Frames) Rollup(system string, parents []int32, zones int) *Frames {
	out := &Frames{Measure: f.Measure, System: system, empty: model.NoData}
	for s, slot := range f.Slots {
		total := out.add(slot, zones, frame.None, model.NoData)
		sums := make([]sum, zones)
		for leaf, p := range parents {
			if p >= 0 {
				sums[p].add(f.Figures[s], leaf)
			}
		}
		for p, sum := range sums {
			total.Value[p], total.Lo[p], total.Hi[p], total.Flag[p] = sum.figure()
		}
	}
	return out
}

// sum is the total of some leaves.
type sum struct {
	value, lo, hi          float64
	leaves, bounds         int // leaves with a number, and with an interval
	held, absent           bool
	estimated, partialLeaf bool
}

func (s *sum) add(leaves frame.Figures, i int) {
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

func (s *sum) figure() (value, lo, hi float64, flag model.Flag) {
	switch {
	case s.leaves == 0 && s.held:
		return frame.None, frame.None, frame.None, model.NotPublished
	case s.leaves == 0:
		return frame.None, frame.None, frame.None, model.NoData
	case s.held || s.absent:
		return settle(s.value), frame.None, frame.None, model.Partial // no interval: what is missing is not known
	}
	lo, hi = frame.None, frame.None
	if s.bounds == s.leaves {
		lo, hi = settle(s.lo), settle(s.hi)
	}
	switch {
	case s.partialLeaf:
		flag = model.Partial
	case s.estimated:
		flag = model.Estimated
	}
	return settle(s.value), lo, hi, flag
}

// settle rounds to a millionth, the grain of every figure; above a thousand million a float64 holds little more than that.
func settle(v float64) float64 {
	const grain = 1e6
	if math.Abs(v) > 1e9 {
		return v
	}
	return math.Round(v*grain) / grain
}

// sort puts slots in the order in which people read them: all, day types, hours by day type, months, dates.
func (f *Frames) sort() {
	order := make([]int, len(f.Slots))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(rank(f.Slots[a]), rank(f.Slots[b])) })
	slots, figures := make([]model.Slot, len(order)), make([]frame.Figures, len(order))
	for i, from := range order {
		slots[i], figures[i] = f.Slots[from], f.Figures[from]
	}
	f.Slots, f.Figures = slots, figures
}

func rank(s model.Slot) string {
	switch s.Kind() {
	case model.SlotDayType:
		return "1" + string(rune('0'+slices.Index(model.DayTypes, string(s))))
	case model.SlotHour, model.SlotThreeHours, model.SlotHalfDay:
		for i, d := range model.DayTypes {
			if strings.HasPrefix(string(s), d+"-") {
				return "2" + string(rune('0'+i)) + string(s)
			}
		}
	case model.SlotMonth:
		return "3" + string(s)
	case model.SlotDate:
		return "4" + string(s)
	}
	return "0"
}

// Write writes the frames at path, as the file of a release.
func (f *Frames) Write(path string, zones int) error {
	out, err := frame.CreateValues(path, frame.ValuesSpec{Measure: f.Measure, System: f.System, Zones: zones, Slots: f.Slots})
	if err != nil {
		return err
	}
	for _, figures := range f.Figures {
		if err := out.Write(figures); err != nil {
			out.Close()
			return err
		}
	}
	return out.Close()
}
