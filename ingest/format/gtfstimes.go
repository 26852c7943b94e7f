package format

import (
	"fmt"
	"slices"
)

// gtfsSeconds reads H:MM:SS, hours beyond 24 too.
func gtfsSeconds(s string) (int32, bool) {
	var part [3]int32
	n, digits := 0, 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == ':' && n < 2 && digits > 0:
			n++
			digits = 0
		case c >= '0' && c <= '9' && digits < 3:
			part[n] = part[n]*10 + int32(c-'0')
			digits++
		default:
			return 0, false
		}
	}
	return part[0]*3600 + part[1]*60 + part[2], n == 2 && digits > 0 && part[1] < 60 && part[2] < 60 && part[0] < 24*8
}

func (r *gtfs) readStopTimes() error {
	if r.names["stop_times.txt"] == "" {
		return nil
	}
	sorted := true
	err := r.each("stop_times.txt", []string{"trip_id", "stop_id", "stop_sequence", "departure_time", "arrival_time"}, func(row gtfsRow) error {
		trip, ok1 := r.trips[row.cells[0]]
		stop, ok2 := r.stops[row.cells[1]]
		if !ok1 || !ok2 {
			r.rejectIn("stop_times.txt", row.line, BadReference, fmt.Sprintf("the trip %.40q or the stop %.40q is not known", row.cells[0], row.cells[1]))
			return nil
		}
		if kind := r.stop[stop].kind; kind != "" && kind != "0" {
			r.rejectIn("stop_times.txt", row.line, BadPassageStop, "trip "+row.cells[0]+" stops at "+row.cells[1]+", whose location_type is "+kind)
			return nil
		}
		t := gtfsTime{trip: trip, stop: stop, arrival: -1, at: -1}
		sequence, ok := xmlInt([]byte(row.cells[2]))
		if leave, arrive := or(row.cells[3], row.cells[4]), or(row.cells[4], row.cells[3]); leave != "" {
			var ok1, ok2 bool
			t.at, ok1 = gtfsSeconds(leave)
			t.arrival, ok2 = gtfsSeconds(arrive)
			ok = ok && ok1 && ok2
		}
		if !ok || sequence < 0 || sequence > 1<<30 {
			r.rejectIn("stop_times.txt", row.line, BadTime, fmt.Sprintf("time %.20q or sequence %.20q cannot be read", or(row.cells[3], row.cells[4]), row.cells[2]))
			return nil
		}
		t.sequence = int32(sequence)
		if n := len(r.times); n > 0 && (r.times[n-1].trip > trip || r.times[n-1].trip == trip && r.times[n-1].sequence > t.sequence) {
			sorted = false
		}
		r.times = append(r.times, t)
		return nil
	})
	if err == nil && !sorted {
		slices.SortStableFunc(r.times, func(a, b gtfsTime) int {
			if a.trip != b.trip {
				return int(a.trip) - int(b.trip)
			}
			return int(a.sequence) - int(b.sequence)
		})
	}
	return err
}
