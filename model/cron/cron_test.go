package cron_test

import (
	"strings"
	"testing"
	"time"

	oracle "github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"jumeau/model/cron"
)

func paris(t interface{ Fatal(...any) }) *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func parse(t *testing.T, text string) cron.Schedule {
	t.Helper()
	s, err := cron.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// due lists the local times due between two dates.
func due(s cron.Schedule, zone *time.Location, from, to string) (out []string) {
	a, _ := time.ParseInLocation(time.DateOnly, from, zone)
	b, _ := time.ParseInLocation(time.DateOnly, to, zone)
	for t := s.Next(a.Add(-time.Second), zone); t.Before(b); t = s.Next(t, zone) {
		out = append(out, t.Format("02 15:04 MST"))
	}
	return out
}

func TestANightlyJobRunsOnceOnBothDaysOfChange(t *testing.T) {
	s, zone := parse(t, "30 2 * * *"), paris(t)
	if got, want := strings.Join(due(s, zone, "2026-03-28", "2026-03-31"), ", "), "28 02:30 CET, 29 03:00 CEST, 30 02:30 CEST"; got != want {
		t.Errorf("in spring %s, want %s", got, want)
	}
	if got, want := strings.Join(due(s, zone, "2026-10-24", "2026-10-27"), ", "), "24 02:30 CEST, 25 02:30 CEST, 26 02:30 CET"; got != want {
		t.Errorf("in autumn %s, want %s", got, want)
	}
}

func TestTimesThatTheClocksJumpOverAreDueOnceTogether(t *testing.T) {
	s, zone := parse(t, "0,30 2,3 29 3 *"), paris(t)
	if got, want := strings.Join(due(s, zone, "2026-03-29", "2026-03-30"), ", "), "29 03:00 CEST, 29 03:30 CEST"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestEveryDayOfEveryYearHasOneNight(t *testing.T) {
	for _, name := range []string{"Europe/Paris", "America/Cayenne", "Pacific/Noumea", "America/Miquelon", "Australia/Lord_Howe", "Africa/Casablanca"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		rapid.Check(t, func(t *rapid.T) {
			h, m := rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute")
			s, err := cron.Parse(strings.Join([]string{itoa(m), itoa(h), "*", "*", "*"}, " "))
			if err != nil {
				t.Fatal(err)
			}
			year := rapid.IntRange(2010, 2034).Draw(t, "year")
			nights := map[string]int{}
			for next := s.Next(time.Date(year, 1, 1, 0, 0, 0, 0, zone).Add(-time.Nanosecond), zone); next.Year() == year; next = s.Next(next, zone) {
				nights[next.Format(time.DateOnly)]++
			}
			for date := time.Date(year, 1, 1, 12, 0, 0, 0, zone); date.Year() == year; date = date.AddDate(0, 0, 1) {
				if n := nights[date.Format(time.DateOnly)]; n != 1 {
					t.Fatalf("%s: %d times on %s", name, n, date.Format(time.DateOnly))
				}
			}
		})
	}
}

func itoa(n int) string { return strings.TrimLeft(string(rune('0'+n/10))+string(rune('0'+n%10)), "") }

// robfig/cron counts as we do where the clocks do not change.
func TestSchedulesAreThoseOfAnotherProgram(t *testing.T) {
	field := func(t *rapid.T, least, most int, starOnly bool) string {
		if starOnly || rapid.Bool().Draw(t, "star") {
			return "*"
		}
		low := rapid.IntRange(least, most).Draw(t, "low")
		form := rapid.IntRange(0, 3).Draw(t, "form")
		if most == 6 && form == 1 { // from a weekday on: to Sunday in cron(5), to Saturday there
			form = 0
		}
		switch form {
		case 0:
			return itoa(low) + "-" + itoa(rapid.IntRange(low, most).Draw(t, "high"))
		case 1:
			return itoa(low) + "/" + itoa(rapid.IntRange(1, most).Draw(t, "step"))
		case 2:
			return itoa(low) + "," + itoa(rapid.IntRange(least, most).Draw(t, "other"))
		}
		return itoa(low)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join([]string{field(t, 0, 59, false), field(t, 0, 23, false), field(t, 1, 28, false), field(t, 1, 12, false), field(t, 0, 6, false)}, " ")
		ours, err := cron.Parse(text)
		theirs, err2 := oracle.ParseStandard(text)
		if err != nil || err2 != nil {
			t.Fatalf("%q: %v, %v", text, err, err2)
		}
		at := time.Date(2026, 1, 1, 0, 0, rapid.IntRange(0, 100_000_000).Draw(t, "second"), 0, time.UTC)
		for range 20 {
			a, b := ours.Next(at, time.UTC), theirs.Next(at)
			if !a.Equal(b) {
				t.Fatalf("%q after %s: %s, and %s by robfig/cron", text, at, a, b)
			}
			at = a
		}
	})
}

func TestADayThatNeverComesIsRefused(t *testing.T) {
	if _, err := cron.Parse("0 2 30 2 *"); err == nil || !strings.Contains(err.Error(), "never comes") {
		t.Errorf("30 February passes: %v", err)
	}
	parse(t, "0 2 29 2 *")
}

func TestMissedTimesAreCounted(t *testing.T) {
	s, zone := parse(t, "0 2 * * *"), paris(t)
	at := time.Date(2026, 11, 1, 2, 0, 0, 0, zone)
	if n := s.Missed(at, at.AddDate(0, 0, 3).Add(time.Hour), zone); n != 3 {
		t.Errorf("%d nights missed, not 3", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("0 2 * * *")
	f.Add("*/15 1-5,7/2 1 2 7")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := cron.Parse(text)
		if err != nil {
			return
		}
		at := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
		next := s.Next(at, paris(t))
		if next.IsZero() || !next.After(at) {
			t.Errorf("%q: next is %s", text, next)
		}
	})
}
