package model

import (
	"fmt"
	"strings"
	"time"
)

// Slot is a time bucket as written in addresses: "all", "weekday-08" (day type and local hour), "weekday" (day type),
// "2026-03" (month), "2026-03-14" (date) or "weekday-06-09" (a span of hours).
type Slot string

// All is the slot of figures that do not depend on time.
const All Slot = "all"

// Slot kinds, as declared by a measure.
const (
	SlotAll     = "all"
	SlotHour    = "hour"
	SlotDayType = "day_type"
	SlotDate    = "date"
	SlotMonth   = "month"

	// Coarser than an hour; figures about people only. They are written "weekday-06-09": day type, first hour, end.
	SlotThreeHours = "three_hours"
	SlotHalfDay    = "half_day"
)

// DayTypes in the order in which they are shown. A public holiday counts as a Sunday.
var DayTypes = []string{"weekday", "saturday", "sunday"}

// DayType of a local date.
func DayType(t time.Time) string {
	switch {
	case t.Weekday() == time.Sunday || IsHoliday(t):
		return "sunday"
	case t.Weekday() == time.Saturday:
		return "saturday"
	}
	return "weekday"
}

// SlotOf is the slot of kind that contains the local time t.
func SlotOf(kind string, t time.Time) Slot {
	switch kind {
	case SlotHour:
		return Slot(fmt.Sprintf("%s-%02d", DayType(t), t.Hour()))
	case SlotDayType:
		return Slot(DayType(t))
	case SlotDate:
		return Slot(t.Format("2006-01-02"))
	case SlotMonth:
		return Slot(t.Format("2006-01"))
	}
	return All
}

// Day is the type of day of the slot, or "" when it is not about one.
func (s Slot) Day() string {
	for _, d := range DayTypes {
		if string(s) == d || strings.HasPrefix(string(s), d+"-") {
			return d
		}
	}
	return ""
}

// Kind is the slot kind, or "" when the slot is not well formed.
func (s Slot) Kind() string {
	if s == All {
		return SlotAll
	}
	if _, err := time.Parse("2006-01-02", string(s)); err == nil {
		return SlotDate
	}
	if _, err := time.Parse("2006-01", string(s)); err == nil {
		return SlotMonth
	}
	for _, d := range DayTypes {
		if string(s) == d {
			return SlotDayType
		}
		n := len(d)
		if len(s) == n+3 && string(s[:n]) == d && s[n] == '-' && s[n+1:] >= "00" && s[n+1:] <= "23" && s[n+2] >= '0' && s[n+2] <= '9' {
			return SlotHour
		}
		if len(s) == n+6 && string(s[:n]) == d && s[n] == '-' && s[n+3] == '-' {
			if kind := spanKind(string(s[n+1:n+3]), string(s[n+4:])); kind != "" {
				return kind
			}
		}
	}
	return ""
}

// spanKind is the kind of a span of hours "06" to "09" that begins and ends where such spans do.
func spanKind(from, to string) string {
	for kind, width := range map[string]int{SlotThreeHours: 3, SlotHalfDay: 12} {
		for h := 0; h < 24; h += width {
			if from == fmt.Sprintf("%02d", h) && to == fmt.Sprintf("%02d", h+width) {
				return kind
			}
		}
	}
	return ""
}

// IsHoliday says whether the local date is a public holiday in metropolitan France (Code du travail, L3133-1).
func IsHoliday(t time.Time) bool {
	switch t.Format("01-02") {
	case "01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25":
		return true
	}
	easter := Easter(t.Year())
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	for _, after := range []int{1, 39, 50} { // Easter Monday, Ascension, Whit Monday
		if day.Equal(easter.AddDate(0, 0, after)) {
			return true
		}
	}
	return false
}

// Easter is the date of Gregorian Easter Sunday, by the anonymous algorithm (Meeus, Astronomical Algorithms, ch. 8).
func Easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
