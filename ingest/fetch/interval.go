package fetch

import (
	"regexp"
	"strconv"
	"time"
)

var iso = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// interval is the length of an ISO 8601 duration; a month has 30 days, a year 365. What is none is half a day.
func interval(text string) time.Duration {
	m := iso.FindStringSubmatch(text)
	if m == nil {
		return 12 * time.Hour
	}
	const day = 24 * time.Hour
	var sum time.Duration
	for i, unit := range []time.Duration{365 * day, 30 * day, 7 * day, day, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // digits, or nothing
		sum += time.Duration(n) * unit
	}
	return sum
}
