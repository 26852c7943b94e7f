package model

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPublicHolidaysCountAsSundays(t *testing.T) {
	for date, want := range map[string]string{
		"2025-04-21": "sunday",   // Easter Monday
		"2025-05-29": "sunday",   // Ascension
		"2025-06-09": "sunday",   // Whit Monday
		"2024-05-09": "sunday",   // Ascension
		"2026-04-06": "sunday",   // Easter Monday
		"2025-07-14": "sunday",   // a Monday
		"2025-07-15": "weekday",  // a Tuesday
		"2025-11-01": "sunday",   // a Saturday that is a holiday
		"2025-11-08": "saturday", //
		"2025-11-09": "sunday",   //
		"2025-04-18": "weekday",  // Good Friday is a holiday in Alsace-Moselle only
	} {
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		if got := DayType(day); got != want {
			t.Errorf("%s is a %s, want %s", date, got, want)
		}
	}
}

func TestEasterFallsOnASundayBetween22MarchAnd25April(t *testing.T) {
	for year := 1583; year < 4100; year++ {
		e := Easter(year)
		if e.Weekday() != time.Sunday || e.Format("01-02") < "03-22" || e.Format("01-02") > "04-25" {
			t.Fatalf("%d: %v", year, e)
		}
	}
	for year, want := range map[int]string{1961: "04-02", 2000: "04-23", 2008: "03-23", 2038: "04-25"} {
		if got := Easter(year).Format("01-02"); got != want {
			t.Errorf("%d: %s, want %s", year, got, want)
		}
	}
}

func TestASlotHasTheKindItWasMadeWith(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0).UTC()
		kind := rapid.SampledFrom([]string{SlotAll, SlotHour, SlotDate, SlotMonth}).Draw(t, "kind")
		if got := SlotOf(kind, at).Kind(); got != kind {
			t.Fatalf("%s of %v is %q", kind, at, got)
		}
	})
	for _, wrong := range []Slot{"", "weekday-24", "weekday-8", "weekday-0x", "holiday-08", "2026-13", "2026-02-30", "ALL", "weekday-08 "} {
		if kind := wrong.Kind(); kind != "" {
			t.Errorf("%q is taken for a slot of kind %s", wrong, kind)
		}
	}
}
