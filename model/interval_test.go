package model_test

import (
	"testing"
	"time"

	"jumeau/model"
)

func TestIntervalsAreAddedUpAndWhatIsNoneIsTheOtherOne(t *testing.T) {
	for text, want := range map[string]time.Duration{"PT12H": 12 * time.Hour, "P1D": 24 * time.Hour, "P1W": 168 * time.Hour, "PT90M": 90 * time.Minute, "P1DT1S": 24*time.Hour + time.Second,
		"": 7 * time.Second, "1 day": 7 * time.Second} {
		if got := model.Interval(text, 7*time.Second); got != want {
			t.Errorf("%s is %s", text, got)
		}
	}
}
