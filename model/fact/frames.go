package fact

import (
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

// Rollup sums the leaves into the zones of a coarser system (frame.Sum). parents gives each leaf's zone, -1 for none.
func (f *Frames) Rollup(system string, parents []int32, zones int) *Frames {
	out := &Frames{Measure: f.Measure, System: system, empty: model.NoData}
	for s, slot := range f.Slots {
		total := out.add(slot, zones, frame.None, model.NoData)
		sums := make([]frame.Sum, zones)
		for leaf, p := range parents {
			if p >= 0 {
				sums[p].Add(f.Figures[s], leaf)
			}
		}
		for p, sum := range sums {
			total.Value[p], total.Lo[p], total.Hi[p], total.Flag[p] = sum.Figure()
		}
	}
	return out
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
