package contract

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestNumbersAsFrenchProducersWriteThem(t *testing.T) {
	for _, c := range []struct {
		text  string
		comma bool
		want  float64
		ok    bool
	}{
		{"12.5", false, 12.5, true},
		{"12,5", true, 12.5, true},
		{"12,5", false, 0, false},
		{"1 234,5", true, 1234.5, true},
		{"1\u202f234", false, 1234, true},
		{"-3", false, -3, true},
		{"NaN", false, 0, false},
		{"inf", false, 0, false},
		{"0x10", false, 0, false},
		{"1_000", false, 0, false},
		{"1e400", false, 0, false},
		{"", false, 0, false},
		{"12 rue", false, 0, false},
	} {
		if got, ok := parseNumber(c.text, c.comma); ok != c.ok || ok && got != c.want {
			t.Errorf("%q (comma %v): got %v, %v", c.text, c.comma, got, ok)
		}
	}
}

func TestIntegersMayBeWrittenAsReals(t *testing.T) {
	for text, want := range map[string]int64{"7": 7, "7.0": 7, "9007199254740993": 9007199254740993} {
		if got, ok := parseInteger(text, false); !ok || got != want {
			t.Errorf("%q: got %d, %v", text, got, ok)
		}
	}
	for _, text := range []string{"7.5", "1e300", "x"} {
		if got, ok := parseInteger(text, false); ok {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

func TestTimesAreReadInTheDeclaredForm(t *testing.T) {
	layout, err := Layout("%m/%d/%Y %I:%M:%S %p")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, layout, want string
		instant            bool
	}{
		{"10/03/2012 01:00:00 PM", layout, "2012-10-03T13:00:00Z", false},
		{"2020-12-17T00:00:00/2020-12-18T00:00:00", "", "2020-12-17T00:00:00Z", false},
		{"2025-03-30 02:30", "", "2025-03-30T02:30:00Z", false},
		{"2025-03-30T02:30:00+02:00", "", "2025-03-30T00:30:00Z", true},
		{"2025-03-30T02:30:00.250Z", "", "2025-03-30T02:30:00Z", true},
		{"2025-03-30", "", "2025-03-30T00:00:00Z", false},
	} {
		got, ok := parseTime(c.text, c.layout)
		if !ok || got.wall.Format(time.RFC3339) != c.want || got.instant != c.instant {
			t.Errorf("%q: got %v, %v", c.text, got, ok)
		}
	}
	for _, text := range []string{"31/02/2020", "hier", "2025-13-01", ""} {
		if got, ok := parseTime(text, ""); ok {
			t.Errorf("%q: got %v", text, got)
		}
	}
	if _, err := Layout("%d %Q"); err == nil {
		t.Error("%Q is not a directive")
	}
}

func TestClocksThatChange(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	at := func(text string) time.Time {
		c, ok := parseTime(text, "")
		if !ok {
			t.Fatal(text)
		}
		return c.wall
	}
	if _, _, n := resolve(at("2025-03-30T02:30:00"), paris); n != 0 {
		t.Error("02:30 did not exist on 30 March 2025")
	}
	first, second, n := resolve(at("2025-10-26T02:30:00"), paris)
	if n != 2 || !first.Equal(at("2025-10-26T00:30:00")) || !second.Equal(at("2025-10-26T01:30:00")) {
		t.Errorf("02:30 came twice on 26 October 2025: got %v, %v, %d", first, second, n)
	}
	rapid.Check(t, func(t *rapid.T) {
		instant := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "instant"), 0).UTC()
		local := instant.In(paris)
		_, off := local.Zone()
		first, second, n := resolve(instant.Add(time.Duration(off)*time.Second), paris)
		if n == 0 || !first.Equal(instant) && !(n == 2 && second.Equal(instant)) {
			t.Fatalf("%v is not among %v, %v (%d)", instant, first, second, n)
		}
	})
}
