package batch

import (
	"slices"
	"testing"

	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/frame"
)

func TestOnATypeOfDayWithoutMeasurementThereIsNoDataAndElsewhereNothingIsTold(t *testing.T) {
	made := func() *fact.Frames {
		f := &fact.Frames{Slots: []model.Slot{"weekday-08", "sunday-08", "sunday", "2025-11", "all"}}
		for range f.Slots {
			one := frame.NewFigures(2)
			one.Value[0], one.Flag[0] = 5, model.OK
			one.Flag[1] = model.NotPublished
			f.Figures = append(f.Figures, one)
		}
		return f
	}
	flags := func(f *fact.Frames) (out []model.Flag) {
		for _, one := range f.Figures {
			out = append(out, one.Flag...)
		}
		return out
	}
	f := made()
	unmeasured(f, []string{"weekday", "saturday"})
	ok, no, none := model.OK, model.NotPublished, model.NoData
	if got, want := flags(f), []model.Flag{ok, no, ok, none, ok, none, ok, no, ok, no}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	f = made()
	unmeasured(f, nil)
	if got := flags(f); !slices.Equal(got, flags(made())) {
		t.Errorf("where all days are measured: %v", got)
	}
}
