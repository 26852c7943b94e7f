package fact

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jumeau/model"
	"jumeau/model/frame"
)

// observation is one row of a random source.
type observation struct {
	zone      string // "" is NULL; "x" is in no zone
	at        time.Time
	timed     bool
	value     float64
	valid     bool
	held      bool
	estimated bool
}

// oracle computes figures as the doc comments say, in plain Go, without a line of the SQL.
type oracle struct {
	measure model.Measure
	kind    string // of the time column
	class   string
	clock   *time.Location
}

type figure struct {
	value, lo, hi float64
	flag          model.Flag
}

// moment of a zone: an hour that happened, or a date.
type moment struct {
	zone string
	at   int64 // of the beginning of the hour, or of the date
}

type tally struct {
	total           float64
	rows, numbers   int
	held, estimated bool
	date            string
	hour            int
}

func (t *tally) add(o observation) {
	t.rows++
	t.held = t.held || o.held
	t.estimated = t.estimated || o.estimated
	if o.valid {
		t.numbers++
		t.total += o.value
	}
}

// result is the value of the rows of one moment.
func (o oracle) result(t *tally) float64 {
	switch {
	case o.measure.Value == "":
		return float64(t.rows)
	case o.measure.Aggregate == "mean":
		return t.total / float64(t.numbers)
	}
	return t.total
}

func (o oracle) figures(rows []observation) map[model.Slot]map[string]figure {
	out := map[model.Slot]map[string]figure{}
	put := func(slot model.Slot, zone string, f figure) {
		if out[slot] == nil {
			out[slot] = map[string]figure{}
		}
		out[slot][zone] = f
	}
	if o.kind == "" {
		for zone, t := range o.byZone(rows) {
			if t.numbers > 0 || t.held {
				put(model.All, zone, o.finish(o.result(t), frame.None, frame.None, t.numbers > 0, t.held, t.estimated, false))
			}
		}
		return out
	}
	moments := o.moments(rows)
	days := o.days(moments)
	for _, slots := range o.measure.Slots {
		if slots == model.SlotDate {
			for _, d := range days {
				put(model.Slot(d.date), d.zone, o.finish(d.value, frame.None, frame.None, d.numbers > 0, d.held, d.estimated, !d.whole))
			}
			continue
		}
		for slot, byZone := range o.means(slots, moments, days) {
			for zone, f := range byZone {
				put(slot, zone, f)
			}
		}
	}
	return out
}

func (o oracle) finish(v, lo, hi float64, known, held, estimated, partial bool) figure {
	switch {
	case !known && held:
		return figure{frame.None, frame.None, frame.None, model.NotPublished}
	case held || partial:
		return figure{v, lo, hi, model.Partial}
	case estimated:
		return figure{v, lo, hi, model.Estimated}
	}
	return figure{v, lo, hi, model.OK}
}

func (o oracle) byZone(rows []observation) map[string]*tally {
	out := map[string]*tally{}
	for _, r := range rows {
		if r.zone != "a" && r.zone != "b" {
			continue
		}
		if out[r.zone] == nil {
			out[r.zone] = &tally{}
		}
		out[r.zone].add(r)
	}
	return out
}

func (o oracle) local(r observation) time.Time {
	if o.kind == "date" {
		return r.at.UTC()
	}
	return r.at.In(o.clock)
}

func (o oracle) moments(rows []observation) map[moment]*tally {
	out := map[moment]*tally{}
	for _, r := range rows {
		if !r.timed || r.zone != "a" && r.zone != "b" {
			continue
		}
		local := o.local(r)
		start := local.Add(-time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second)
		m := moment{r.zone, start.Unix()}
		if out[m] == nil {
			out[m] = &tally{date: local.Format(time.DateOnly), hour: local.Hour()}
		}
		out[m].add(r)
	}
	for m, t := range out {
		if t.numbers < t.rows && !t.held {
			delete(out, m)
		}
	}
	return out
}

type day struct {
	zone, date             string
	value                  float64
	moments, numbers       int
	held, estimated, whole bool
}

func (o oracle) days(moments map[moment]*tally) []*day {
	byKey, seen, lengths := map[[2]string]*day{}, map[string]map[int64]bool{}, map[int]int{}
	for m, t := range moments {
		key := [2]string{m.zone, t.date}
		d := byKey[key]
		if d == nil {
			d = &day{zone: m.zone, date: t.date}
			byKey[key] = d
		}
		if seen[t.date] == nil {
			seen[t.date] = map[int64]bool{}
		}
		seen[t.date][m.at] = true
		d.moments++
		d.held, d.estimated = d.held || t.held, d.estimated || t.estimated
		if t.numbers == t.rows {
			d.numbers++
			d.value += o.result(t)
		}
	}
	var out []*day
	for _, d := range byKey {
		lengths[d.moments]++
		out = append(out, d)
	}
	usual := 0
	for n, times := range lengths {
		if times > lengths[usual] || times == lengths[usual] && n > usual {
			usual = n
		}
	}
	for _, d := range out {
		if o.measure.Aggregate == "mean" {
			d.value /= float64(d.numbers)
		}
		due := usual
		if o.kind == "timestamp" && o.hours(d.date) == 23 {
			due--
		}
		d.whole = o.measure.Value == "" || d.numbers >= max(due, len(seen[d.date]))
	}
	slices.SortFunc(out, func(a, b *day) int { return cmp.Or(cmp.Compare(a.zone, b.zone), cmp.Compare(a.date, b.date)) })
	return out
}

func (o oracle) hours(date string) int {
	start, _ := time.ParseInLocation(time.DateOnly, date, o.clock)
	n := 0
	for t := start; t.Format(time.DateOnly) == date; t = t.Add(time.Hour) {
		n++
	}
	return n
}

// sample is what is averaged for a zone and a slot.
type sample struct {
	values          []float64
	held, estimated bool
}

func (o oracle) means(slots string, moments map[moment]*tally, days []*day) map[model.Slot]map[string]figure {
	samples := map[model.Slot]map[string]*sample{}
	at := func(date string, hour int, zone string) *sample {
		local, _ := time.Parse(time.DateOnly, date)
		slot := model.SlotOf(slots, local.Add(time.Duration(hour)*time.Hour))
		if samples[slot] == nil {
			samples[slot] = map[string]*sample{}
		}
		if samples[slot][zone] == nil {
			samples[slot][zone] = &sample{}
		}
		return samples[slot][zone]
	}
	if slots == model.SlotHour {
		for m, t := range moments {
			s := at(t.date, t.hour, m.zone)
			s.held, s.estimated = s.held || t.held, s.estimated || t.estimated
			if t.numbers == t.rows {
				s.values = append(s.values, o.result(t))
			}
		}
	} else {
		for _, d := range days {
			s := at(d.date, 0, d.zone)
			s.held, s.estimated = s.held || d.held, s.estimated || d.estimated && d.whole
			if d.whole {
				s.values = append(s.values, d.value)
			}
		}
	}
	out := map[model.Slot]map[string]figure{}
	for slot, byZone := range samples {
		days, stands := o.period(slots, slot, days)
		out[slot] = map[string]figure{}
		for zone, s := range byZone {
			if o.measure.Value == "" {
				s.values = append(s.values, make([]float64, max(0, days-len(s.values)))...)
			}
			if len(s.values) == 0 && !s.held {
				continue
			}
			mean, lo, hi := meanOf(s.values)
			out[slot][zone] = o.finish(mean, lo, hi, len(s.values) > 0, s.held, s.estimated, 2*len(s.values) < stands)
		}
	}
	return out
}

// period counts the days of a slot between the first and the last date that any zone has, and the days that it stands for.
func (o oracle) period(slots string, slot model.Slot, days []*day) (in, stands int) {
	first, last := days[0].date, days[0].date
	for _, d := range days {
		first, last = min(first, d.date), max(last, d.date)
	}
	for at, _ := time.Parse(time.DateOnly, first); at.Format(time.DateOnly) <= last; at = at.AddDate(0, 0, 1) {
		if slots == model.SlotHour && strings.HasPrefix(string(slot), model.DayType(at)+"-") || slots != model.SlotHour && model.SlotOf(slots, at) == slot {
			in++
		}
	}
	if slots != model.SlotMonth {
		return in, in
	}
	month, _ := time.Parse("2006-01", string(slot))
	return in, month.AddDate(0, 1, -1).Day()
}

func meanOf(values []float64) (mean, lo, hi float64) {
	n := float64(len(values))
	least, square := math.Inf(1), 0.0
	for _, v := range values {
		mean += v / n
		least = min(least, v)
	}
	for _, v := range values {
		square += (v - mean) * (v - mean)
	}
	if len(values) < 2 {
		return mean, frame.None, frame.None
	}
	half := 1.96 * math.Sqrt(square/(n-1)) / math.Sqrt(n)
	if lo = mean - half; least >= 0 {
		lo = max(lo, 0)
	}
	return mean, lo, mean + half
}

func drawRows(t *rapid.T, clock *time.Location, kind string) []observation {
	// Around a change of the clocks, a public holiday and the end of a month.
	start := rapid.SampledFrom([]string{"2025-03-29", "2025-10-25", "2025-05-07", "2025-12-24"}).Draw(t, "from")
	from, err := time.ParseInLocation(time.DateOnly, start, clock)
	if err != nil {
		t.Fatal(err)
	}
	days := rapid.IntRange(1, 9).Draw(t, "days")
	var out []observation
	for range rapid.IntRange(0, 60).Draw(t, "rows") {
		o := observation{zone: rapid.SampledFrom([]string{"a", "a", "b", "b", "b", "x", ""}).Draw(t, "zone")}
		minutes := rapid.IntRange(0, 4).Draw(t, "hour")*60 + rapid.SampledFrom([]int{0, 15, 30}).Draw(t, "minute")
		o.at = from.AddDate(0, 0, rapid.IntRange(0, days-1).Draw(t, "day")).Add(time.Duration(minutes) * time.Minute)
		if kind == "date" {
			y, m, d := o.at.Date()
			o.at = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		}
		o.timed = rapid.IntRange(0, 19).Draw(t, "timed") > 0
		switch rapid.IntRange(0, 9).Draw(t, "cell") {
		case 0:
			o.held = true
		case 1:
		default:
			o.value, o.valid = float64(rapid.IntRange(-8, 400).Draw(t, "value"))/8, true
		}
		o.estimated = rapid.IntRange(0, 9).Draw(t, "estimated") == 0
		out = append(out, o)
	}
	return out
}

func tableOf(rows []observation, kind string) string {
	var values []string
	for i, r := range rows {
		zone, value, at := "NULL", "NULL", "NULL"
		if r.zone != "" {
			zone = "'" + r.zone + "'"
		}
		if r.valid {
			value = fmt.Sprint(r.value)
		}
		if r.timed {
			at = "'" + r.at.UTC().Format("2006-01-02 15:04:05+00") + "'"
			if kind == "date" {
				at = "'" + r.at.Format(time.DateOnly) + "'"
			}
		}
		values = append(values, fmt.Sprintf("(%d, %s, %s, %v, %v, %s)", i, zone, value, r.held, r.estimated, at))
	}
	typed := map[string]string{"date": "DATE"}[kind]
	table := "CREATE OR REPLACE TABLE obs (_row BIGINT, zone VARCHAR, n DOUBLE, _withheld_n BOOLEAN, est BOOLEAN, seen " + cmp.Or(typed, "TIMESTAMPTZ") + ")"
	if len(values) > 0 {
		table += "; INSERT INTO obs VALUES " + strings.Join(values, ", ")
	}
	return table
}

func TestFiguresAreThoseOfAnIndependentComputation(t *testing.T) {
	w := newWorld(t, "SELECT 1 AS dummy")
	rapid.Check(t, func(t *rapid.T) {
		o := oracle{class: rapid.SampledFrom([]string{"A", "B", "D"}).Draw(t, "class"), kind: rapid.SampledFrom([]string{"", "date", "timestamp"}).Draw(t, "kind")}
		name := rapid.SampledFrom([]string{"Europe/Paris", "Pacific/Marquesas", "Asia/Kolkata", "America/Miquelon"}).Draw(t, "time zone")
		var err error
		if o.clock, err = time.LoadLocation(name); err != nil {
			t.Fatal(err)
		}
		o.measure = model.Measure{Zones: "square", Zone: "zone", Slots: []string{model.SlotAll}, Estimated: "est"}
		if rapid.IntRange(0, 3).Draw(t, "counted") > 0 {
			o.measure.Value = "n"
			o.measure.Aggregate = rapid.SampledFrom([]string{"sum", "mean"}).Draw(t, "aggregate")
		}
		columns := map[string]*model.Column{"zone": {Type: "text"}, "n": {Type: "number", Withheld: []string{"s"}}, "est": {Type: "boolean"}}
		if o.kind != "" {
			o.measure.Time, columns["seen"] = "seen", &model.Column{Type: o.kind}
			o.measure.Slots = []string{model.SlotAll, model.SlotDayType, model.SlotDate, model.SlotMonth}
			if o.kind == "timestamp" {
				o.measure.Slots = append(o.measure.Slots, model.SlotHour)
			}
		}
		rows := drawRows(t, o.clock, o.kind)
		if o.measure.Value == "" {
			for i := range rows {
				rows[i].value, rows[i].valid, rows[i].held = 1, true, false
			}
		}
		if _, err := w.store.Exec(t.Context(), tableOf(rows, o.kind)); err != nil {
			t.Fatal(err)
		}
		in := Input{ID: "m", Measure: &o.measure, Table: "obs", TimeZone: name,
			Source: &model.Source{ID: "s", Contract: model.Contract{Columns: columns}, Behaviour: &model.Behaviour{Class: o.class}}}
		frames, account, err := Measure(t.Context(), w.store, in, w.system)
		if err != nil {
			t.Fatal(err)
		}
		o.compare(t, frames, rows)
		o.checkAccount(t, account, rows)
	})
}

func (o oracle) checkAccount(t *rapid.T, got Account, rows []observation) {
	want := Account{Rows: int64(len(rows))}
	for _, r := range rows {
		switch {
		case r.zone != "a" && r.zone != "b":
			want.Unplaced++
		case o.kind != "" && !r.timed:
			want.Untimed++
		}
	}
	if got != want {
		t.Fatalf("account %+v, want %+v", got, want)
	}
}

func (o oracle) compare(t *rapid.T, frames *Frames, rows []observation) {
	want := o.figures(rows)
	if len(want) == 0 {
		want[model.All] = nil
	}
	if len(frames.Slots) != len(want) {
		t.Fatalf("slots %v, want %d: %v", frames.Slots, len(want), want)
	}
	for i, slot := range frames.Slots {
		for z, zone := range []string{"a", "b"} {
			f, ok := want[slot][zone]
			if !ok {
				f = figure{frame.None, frame.None, frame.None, model.NoData}
				switch {
				case o.class == "D":
					f.flag = model.NotPublished
				case o.measure.Value == "":
					f.value, f.flag = 0, model.OK
				}
			}
			g := frames.Figures[i]
			if !near(g.Value[z], f.value) || !near(g.Lo[z], f.lo) || !near(g.Hi[z], f.hi) || g.Flag[z] != f.flag {
				t.Fatalf("%s %s: got %v [%v %v] %v, want %v", slot, zone, g.Value[z], g.Lo[z], g.Hi[z], g.Flag[z], f)
			}
		}
	}
}

func near(a, b float64) bool { return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) < 2e-6 }
