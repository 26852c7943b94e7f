package model

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPercentagesAreReadAsShares(t *testing.T) {
	for text, want := range map[string]Percent{"0%": 0, "0.5%": 0.005, "100%": 1, " 12 % ": 0.12, "'1.5%'": 0.015, `"2%"`: 0.02} {
		var p Percent
		if err := p.UnmarshalYAML([]byte(text)); err != nil || p != want {
			t.Errorf("%s is %v, %v; want %v", text, float64(p), err, float64(want))
		}
	}
	for _, text := range []string{"", "0.5", "%", "-1%", "101%", "NaN%", "inf%", "5%%", "half%"} {
		if p, err := ParsePercent(text); err == nil {
			t.Errorf("%q is accepted as %v", text, float64(p))
		}
	}
}

func TestZoomsAreReadAsARange(t *testing.T) {
	for text, want := range map[string]ZoomRange{"8-16": {8, 16}, "0-0": {0, 0}, " 4 - 9 ": {4, 9}, `"5-22"`: {5, 22}} {
		var z ZoomRange
		if err := z.UnmarshalYAML([]byte(text)); err != nil || z != want {
			t.Errorf("%s is %v, %v; want %v", text, z, err, want)
		}
	}
	for text, want := range map[string]string{"8": "not a range", "": "not a range", "16-8": `"8-16"`, "8-23": "above 22", "-1-5": "not a range", "a-b": "not a range"} {
		if z, err := ParseZoomRange(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q gives %v, %v; want an error with %s", text, z, err, want)
		}
	}
}

func TestWrittenFormsReadBackAsTheyWere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Percent(float64(rapid.IntRange(0, 1_000_000).Draw(t, "millionths")) / 1e6)
		if back, err := ParsePercent(p.String()); err != nil || back-p > 1e-12 || p-back > 1e-12 {
			t.Fatalf("%v is written %s and read %v, %v", float64(p), p, float64(back), err)
		}
		low := rapid.IntRange(0, MaxZoom).Draw(t, "low")
		z := ZoomRange{low, rapid.IntRange(low, MaxZoom).Draw(t, "high")}
		if back, err := ParseZoomRange(z.String()); err != nil || back != z {
			t.Fatalf("%v is read %v, %v", z, back, err)
		}
	})
}

func TestSlotsOfADayTypeAreKnown(t *testing.T) {
	for _, d := range DayTypes {
		if kind := Slot(d).Kind(); kind != SlotDayType {
			t.Errorf("slot %s is of kind %q", d, kind)
		}
	}
	if kind := Slot("weekdays").Kind(); kind != "" {
		t.Errorf("slot weekdays is of kind %q", kind)
	}
}
