package model

import (
	"regexp"
	"strconv"
	"time"
)

var durationForm = regexp.MustCompile(`^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$`)

// Interval is the length of an ISO 8601 duration; a month has 30 days, a year 365. What is none is the other one.
func Interval(text string, otherwise time.Duration) time.Duration {
	m := durationForm.FindStringSubmatch(text)
	if m == nil {
		return otherwise
	}
	const day = 24 * time.Hour
	var sum time.Duration
	for i, unit := range []time.Duration{365 * day, 30 * day, 7 * day, day, time.Hour, time.Minute, time.Second} {
		n, _ := strconv.Atoi(m[i+1]) // digits, or nothing
		sum += time.Duration(n) * unit
	}
	return sum
}
