package format

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// gtfsServices are the days on which services run.
type gtfsServices struct {
	ids  map[string]int32
	days []map[int32]bool // of each service: days since 1970
}

const gtfsMaxDays = 20 * 366 // of one calendar line

func (s *gtfsServices) of(id string) map[int32]bool {
	n, fresh := once(s.ids, id)
	if fresh {
		s.days = append(s.days, map[int32]bool{})
	}
	return s.days[n]
}

func gtfsDate(s string) (int32, bool) {
	at, err := time.Parse("20060102", s)
	return int32(at.Unix() / 86400), err == nil
}

// gtfsPeriod reads "2024-01-15/2024-01-21" as days since 1970.
func gtfsPeriod(text string) (first, last int32, err error) {
	if text == "" {
		return math.MinInt32, math.MaxInt32, nil
	}
	from, to, _ := strings.Cut(text, "/")
	a, err1 := time.Parse(time.DateOnly, from)
	b, err2 := time.Parse(time.DateOnly, or(to, from))
	if err1 != nil || err2 != nil || b.Before(a) {
		return 0, 0, invalid(`write "2024-01-15/2024-01-21"`, "%q is no period of days", text)
	}
	return int32(a.Unix() / 86400), int32(b.Unix() / 86400), nil
}

// readServices reads the weekly calendar, then its exceptions: 1 adds a day, 2 takes one away.
func (r *gtfs) readServices() error {
	s := &r.service
	s.ids = map[string]int32{}
	week := []string{"service_id", "start_date", "end_date", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}
	err := r.each("calendar.txt", week, func(row gtfsRow) error {
		from, ok1 := gtfsDate(row.cells[1])
		to, ok2 := gtfsDate(row.cells[2])
		days := s.of(row.cells[0])
		if !ok1 || !ok2 || to < from || to-from > gtfsMaxDays {
			r.rejectIn("calendar.txt", row.line, BadDate, fmt.Sprintf("%.12q to %.12q is no period", row.cells[1], row.cells[2]))
			return nil
		}
		for d := from; d <= to; d++ {
			if row.cells[3+(d+4)%7] == "1" { // 1 January 1970 was a Thursday
				days[d] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.each("calendar_dates.txt", []string{"service_id", "date", "exception_type"}, func(row gtfsRow) error {
		d, ok := gtfsDate(row.cells[1])
		days := s.of(row.cells[0])
		switch {
		case ok && row.cells[2] == "1":
			days[d] = true
		case ok && row.cells[2] == "2":
			delete(days, d)
		default:
			r.rejectIn("calendar_dates.txt", row.line, BadDate, fmt.Sprintf("date %.12q with exception %.12q", row.cells[1], row.cells[2]))
		}
		return nil
	})
}

// gtfsCount is how often vehicles leave a stop in an hour of the day of service, on one day of a service.
type gtfsCount map[int64]int32 // stop*gtfsHours + hour

const gtfsHours = 24 * 9 // trips that start late and run for days

// gtfsFrequency repeats a trip.
type gtfsFrequency struct{ from, to, every int32 }

// deliverPassages counts departures by service, stop and hour, then adds up the services of each day.
func (r *gtfs) deliverPassages() error {
	repeated := map[int32][]gtfsFrequency{}
	err := r.each("frequencies.txt", []string{"trip_id", "start_time", "end_time", "headway_secs"}, func(row gtfsRow) error {
		trip, known := r.trips[row.cells[0]]
		from, ok1 := gtfsSeconds(row.cells[1])
		to, ok2 := gtfsSeconds(row.cells[2])
		every, ok3 := xmlInt([]byte(row.cells[3]))
		switch {
		case !known:
			r.rejectIn("frequencies.txt", row.line, BadReference, fmt.Sprintf("the trip %.40q is not known", row.cells[0]))
		case !ok1 || !ok2 || !ok3 || every <= 0 || every > 1<<20:
			r.rejectIn("frequencies.txt", row.line, BadTime, "a time or the headway cannot be read")
		default:
			repeated[trip] = append(repeated[trip], gtfsFrequency{from, to, int32(every)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	counts := make([]gtfsCount, len(r.service.days))
	for i := range counts {
		counts[i] = gtfsCount{}
	}
	r.eachTrip(func(trip int32, times []gtfsTime) {
		if service := r.trip[trip].service; service >= 0 {
			counts[service].add(times, repeated[trip])
		}
	})
	r.times = nil
	r.days(counts)
	return nil
}

// eachTrip visits the stop times of each trip, in order and with every time; trips that contradict themselves are rejected.
func (r *gtfs) eachTrip(visit func(trip int32, times []gtfsTime)) {
	for i := 0; i < len(r.times); {
		n := i + 1
		for n < len(r.times) && r.times[n].trip == r.times[i].trip {
			n++
		}
		times := r.times[i:n]
		i = n
		trip := times[0].trip
		if code, reason := gtfsDefect(times); code != "" {
			r.rejectIn("trips.txt", r.trip[trip].line, code, reason)
			continue
		}
		interpolate(times)
		visit(trip, times)
	}
}

func gtfsDefect(times []gtfsTime) (code, reason string) {
	if !slices.ContainsFunc(times, func(t gtfsTime) bool { return t.stop != times[0].stop }) {
		return BadTrip, "the trip has one stop"
	}
	last := int32(-1)
	for i, t := range times {
		if i > 0 && t.sequence == times[i-1].sequence {
			return BadSequence, fmt.Sprintf("the trip has stop_sequence %d twice", t.sequence)
		}
		if t.at >= 0 {
			if t.arrival < last || t.at < t.arrival {
				return BadTimeOrder, fmt.Sprintf("the trip's times go back at stop_sequence %d", t.sequence)
			}
			last = t.at
		}
	}
	if times[0].at < 0 || times[len(times)-1].at < 0 {
		return BadTime, "the trip has no time at its first or last stop"
	}
	return "", ""
}

// interpolate fills times left out, evenly between those around them.
func interpolate(times []gtfsTime) {
	for i := 1; i < len(times); i++ {
		if times[i].at >= 0 {
			continue
		}
		n := i
		for times[n].at < 0 {
			n++
		}
		from, to, steps := times[i-1].at, times[n].at, int32(n-i+1)
		for k := i; k < n; k++ {
			times[k].at = from + (to-from)*int32(k-i+1)/steps
		}
	}
}

// add counts a trip: once at its own times, or as often as it is repeated. Nobody gets on at the last stop.
func (c gtfsCount) add(times []gtfsTime, repeated []gtfsFrequency) {
	leave := times[:len(times)-1]
	one := func(shift int32) {
		for _, t := range leave {
			if hour := (t.at + shift) / 3600; hour >= 0 && hour < gtfsHours {
				c[int64(t.stop)*gtfsHours+int64(hour)]++
			}
		}
	}
	if len(repeated) == 0 {
		one(0)
		return
	}
	for _, f := range repeated {
		for start := f.from; start < f.to; start += f.every {
			one(start - times[0].at)
		}
	}
}

// days hands out the days one after the other. What happens after midnight belongs to the next day.
func (r *gtfs) days(counts []gtfsCount) {
	all := map[int32]bool{}
	late := int32(0)
	for service, days := range r.service.days {
		for key := range counts[service] {
			late = max(late, int32(key%gtfsHours)/24)
		}
		for d := range days {
			if len(counts[service]) > 0 {
				all[d] = true
			}
		}
	}
	for _, d := range slices.Collect(maps.Keys(all)) {
		for k := int32(1); k <= late; k++ {
			all[d+k] = true
		}
	}
	order := make([]int32, 0, len(all))
	for d := range all {
		if d >= r.first && d <= r.last {
			order = append(order, d)
		}
	}
	slices.Sort(order)
	var step func() error
	step = func() error {
		if len(order) == 0 {
			return nil
		}
		day := order[0]
		order = order[1:]
		sum := gtfsCount{}
		for service, days := range r.service.days {
			for back := int32(0); back <= late; back++ {
				if !days[day-back] {
					continue
				}
				for key, n := range counts[service] {
					if hour := int32(key % gtfsHours); hour/24 == back {
						sum[key/gtfsHours*24+int64(hour%24)] += n
					}
				}
			}
		}
		r.day(day, sum)
		r.pending = append(r.pending, step)
		return nil
	}
	r.pending = append(r.pending, step)
}

func (r *gtfs) day(day int32, sum gtfsCount) {
	keys := make([]int64, 0, len(sum))
	for k := range sum {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	date := time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly)
	for _, k := range keys {
		stop, hour := &r.stop[k/24], k%24
		if !stop.placed {
			continue // rejected when it was read
		}
		r.putText("stop_id", stop.id)
		r.putText("stop_name", stop.name)
		r.putText("date", date)
		r.putText("hour", itoa(hour))
		r.putText("at", date+"T"+pad2(hour)+":00:00")
		r.putText("passages", strconv.Itoa(int(sum[k])))
		r.shaper.made++
		r.feature(int64(day)*24+hour, stop.at)
	}
}

func pad2(n int64) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return strings.Clone(itoa(n))
}
