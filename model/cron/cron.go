// Package cron says when a schedule is due: five fields (minute hour day month weekday) and a time zone go in, moments come out.
//
//	s, err := cron.Parse("30 2 * * *")
//	next := s.Next(time.Now(), paris) // the next night, half past two in Paris
//
// The fields are those of cron(5): "*", numbers, ranges, lists and steps; 0 and 7 are Sunday; where both day and weekday are
// restricted, either is enough. A time of day that the clocks jump over is due at the moment of the jump, and one that comes
// twice is due the first time: what is due once a day is due once on the days of change too.
package cron

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Schedule is a parsed expression.
type Schedule struct {
	fields  [5]uint64 // a bit for each value
	starred [5]bool   // the field begins with "*"
}

// The fields in order.
const (
	minute = iota
	hour
	day
	month
	weekday
)

// Fields of an expression, in order, with their inclusive ranges.
var Fields = [5]struct {
	Name        string
	Least, Most int
}{{"minute", 0, 59}, {"hour", 0, 23}, {"day", 1, 31}, {"month", 1, 12}, {"weekday", 0, 7}}

// Parse reads an expression.
func Parse(text string) (Schedule, error) {
	var s Schedule
	fields := strings.Fields(text)
	if len(fields) != len(Fields) {
		return s, fmt.Errorf(`needs five fields: minute hour day month weekday ("0 2 * * *" is every night at two); it has %d`, len(fields))
	}
	for i, f := range fields {
		s.starred[i] = strings.HasPrefix(f, "*")
		for _, part := range strings.Split(f, ",") {
			bits, err := parsePart(part, Fields[i].Least, Fields[i].Most)
			if err != nil {
				return s, fmt.Errorf("%s %q: %w", Fields[i].Name, f, err)
			}
			s.fields[i] |= bits
		}
	}
	if s.fields[weekday]&(1<<7) != 0 { // Sunday
		s.fields[weekday] |= 1
	}
	if s.Next(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC).IsZero() {
		return s, fmt.Errorf("day %q of month %q never comes", fields[day], fields[month])
	}
	return s, nil
}

// parsePart reads "*", "5", "1-5", each with an optional step ("*/15"; "5/15" is from 5 on).
func parsePart(part string, least, most int) (bits uint64, err error) {
	span, text, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		if step, err = strconv.Atoi(text); err != nil || step < 1 || step > most {
			return 0, fmt.Errorf("the step %q is not a number between 1 and %d", text, most)
		}
	}
	low, high := least, most
	if span != "*" {
		from, to, ranged := strings.Cut(span, "-")
		if low, err = strconv.Atoi(from); err != nil || low < least || low > most {
			return 0, fmt.Errorf("%q is not a number between %d and %d", from, least, most)
		}
		if ranged {
			if high, err = strconv.Atoi(to); err != nil || high < low || high > most {
				return 0, fmt.Errorf("%q is not a number between %d and %d", to, low, most)
			}
		} else if !stepped {
			high = low
		}
	}
	for v := low; v <= high; v += step {
		bits |= 1 << v
	}
	return bits, nil
}

func (s Schedule) has(field, value int) bool { return s.fields[field]&(1<<value) != 0 }

func (s Schedule) onDay(d time.Time) bool {
	if !s.has(month, int(d.Month())) {
		return false
	}
	byDay, byWeekday := s.has(day, d.Day()), s.has(weekday, int(d.Weekday()))
	if s.starred[day] || s.starred[weekday] {
		return byDay && byWeekday
	}
	return byDay || byWeekday
}

// horizon is how many days are looked at: 29 February comes within eight years.
const horizon = 9 * 366

// Next is the first moment after the given one that is due in the time zone; zero when none comes.
func (s Schedule) Next(after time.Time, in *time.Location) time.Time {
	local := after.In(in)
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC) // a date, not a moment
	for n := range horizon {
		date := today.AddDate(0, 0, n)
		if !s.onDay(date) {
			continue
		}
		for h := range 24 {
			if !s.has(hour, h) {
				continue
			}
			for m := range 60 {
				if !s.has(minute, m) {
					continue
				}
				if t := moment(date.Add(time.Duration(h)*time.Hour+time.Duration(m)*time.Minute), in); t.After(after) {
					return t
				}
			}
		}
	}
	return time.Time{}
}

// moment at which the clocks of a zone show a wall time, which is given as if it were UTC: the first one where it comes twice,
// the end of the jump where it does not come.
func moment(wall time.Time, in *time.Location) time.Time {
	_, before := wall.Add(-24 * time.Hour).In(in).Zone()
	_, after := wall.Add(24 * time.Hour).In(in).Zone()
	early, late := wall.Add(-time.Duration(max(before, after))*time.Second), wall.Add(-time.Duration(min(before, after))*time.Second)
	for _, t := range []time.Time{early, late} {
		if shows(t.In(in), wall) {
			return t.In(in)
		}
	}
	start, _ := late.In(in).ZoneBounds()
	return start.In(in)
}

func shows(t, wall time.Time) bool {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC).Equal(wall)
}

// Missed is how many times were due after one moment and up to another; it stops counting at 1000.
func (s Schedule) Missed(after, upTo time.Time, in *time.Location) (n int) {
	for t := s.Next(after, in); !t.IsZero() && !t.After(upTo) && n < 1000; t = s.Next(t, in) {
		n++
	}
	return n
}
