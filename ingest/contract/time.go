package contract

import (
	"fmt"
	"strings"
	"time"
)

// Layout turns a strptime form ("%d/%m/%y %H:%M") into a Go layout.
func Layout(strptime string) (string, error) {
	var out strings.Builder
	for i := 0; i < len(strptime); i++ {
		if strptime[i] != '%' {
			if strptime[i] >= '0' && strptime[i] <= '9' { // time.Parse would read it as a part of the date
				return "", fmt.Errorf("the form %q holds the digit %c", strptime, strptime[i])
			}
			out.WriteByte(strptime[i])
			continue
		}
		i++
		if i == len(strptime) {
			return "", fmt.Errorf("the form %q ends with a lone %%", strptime)
		}
		part, ok := directives[strptime[i]]
		if !ok {
			return "", fmt.Errorf("the form %q has %%%c, which is not one of %%d %%m %%Y %%y %%H %%I %%M %%S %%f %%p %%b %%B %%j %%z %%%%", strptime, strptime[i])
		}
		out.WriteString(part)
	}
	return out.String(), nil
}

var directives = map[byte]string{
	'd': "02", 'e': "_2", 'm': "01", 'Y': "2006", 'y': "06", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'f': "000000",
	'p': "PM", 'b': "Jan", 'B': "January", 'j': "002", 'z': "-0700", 'T': "15:04:05", 'F': "2006-01-02", '%': "%",
}

// clock is a wall-clock reading, with the instant when the text gave an offset.
type clock struct {
	wall    time.Time // as UTC, whatever the zone
	instant bool      // wall is an instant in UTC
}

var isoLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
	"2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05Z07", "20060102",
}

// parseTime reads a date or time in the layout, or in ISO 8601 when layout is empty; of an interval "start/end" the start.
func parseTime(text, layout string) (clock, bool) {
	if layout != "" {
		instant := strings.Contains(layout, "-0700")
		t, err := time.Parse(layout, text)
		if err != nil && instant { // as strptime, %z also reads "+02:00" and "Z"
			t, err = time.Parse(strings.Replace(layout, "-0700", "Z07:00", 1), text)
		}
		return clock{wall: t.UTC(), instant: instant}, err == nil
	}
	text, _, _ = strings.Cut(text, "/")
	for _, iso := range isoLayouts {
		if t, err := time.Parse(iso, text); err == nil {
			return clock{wall: t.UTC(), instant: strings.Contains(iso, "Z07")}, true
		}
	}
	return clock{}, false
}

// resolve places a wall-clock reading of zone in time. A reading that the clocks skipped in spring is absent; one that they
// showed twice in autumn is twice, and both instants are given in order.
func resolve(wall time.Time, zone *time.Location) (first, second time.Time, n int) {
	guess := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	_, now := guess.Zone()
	offsets := []int{now}
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		if _, off := guess.Add(near).Zone(); off != now {
			offsets = append(offsets, off)
		}
	}
	for _, off := range offsets {
		t := wall.Add(-time.Duration(off) * time.Second)
		if _, actual := t.In(zone).Zone(); actual != off {
			continue
		}
		switch {
		case n == 0:
			first, n = t, 1
		case t.Before(first):
			first, second, n = t, first, 2
		case t.After(first):
			second, n = t, 2
		}
	}
	return first, second, n
}

// clocks places local wall-clock readings in time. Where the clocks show an hour twice, the first row of a key (a counter)
// is the earlier hour and the next one the later.
type clocks struct {
	zone *time.Location
	seen map[string]int // readings that the clocks show twice
}

func (k *clocks) place(wall time.Time, key string) (time.Time, breach) {
	first, second, n := resolve(wall, k.zone)
	switch n {
	case 0:
		return first, breach{"time_does_not_exist", wall.Format("2006-01-02 15:04") + " was skipped when the clocks went forward"}
	case 1:
		return first, breach{}
	}
	id := key + wall.Format("|2006-01-02T15:04:05")
	k.seen[id]++
	if k.seen[id] == 1 {
		return first, breach{}
	}
	return second, breach{}
}
