package quality

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"jumeau/model"
)

// Finding is one way in which a file is not as those before it.
type Finding struct {
	Kind   string  `json:"kind"`   // columns, rows, values, time, place, vintage
	Policy string  `json:"policy"` // warn or stop
	Text   string  `json:"text"`
	Score  float64 `json:"score,omitempty"`
}

// enough profiles of one vintage for a score; with fewer, only a number that doubles or halves is told.
const enough = 5

// Judge holds a profile to those of the same declared vintage before it. What the policy ignores is left out.
func Judge(before []Profile, now Profile, policy *model.Drift) []Finding {
	j := &judge{now: now, policy: policy}
	for _, p := range before {
		if p.Vintage == now.Vintage {
			j.before = append(j.before, p)
		}
	}
	if len(j.before) == 0 {
		return nil
	}
	j.last = j.before[len(j.before)-1]
	j.columns()
	j.rows()
	j.values()
	j.time()
	j.place()
	return j.found
}

type judge struct {
	before []Profile
	last   Profile
	now    Profile
	policy *model.Drift
	found  []Finding
	lost   bool // a column that the contract reads
}

func (j *judge) add(kind, policy, format string, args ...any) {
	if policy != model.DriftIgnore {
		j.found = append(j.found, Finding{Kind: kind, Policy: policy, Text: fmt.Sprintf(format, args...)})
	}
}

// columns tells what was lost, is new, or is of another type. A column that the contract reads and that is lost follows the policy;
// the rest is a warning.
func (j *judge) columns() {
	policy := j.policy.Policy("columns")
	mild := policy
	if mild == model.DriftStop {
		mild = model.DriftWarn
	}
	named := func(columns []Column) map[string]Column {
		out := map[string]Column{}
		for _, c := range columns {
			out[c.Name] = c
		}
		return out
	}
	had, has := named(j.last.Columns), named(j.now.Columns)
	var lost, fresh []string
	for _, c := range j.last.Columns {
		switch other, there := has[c.Name]; {
		case !there && c.Bound:
			j.lost = true
			j.add("columns", policy, "the column %s, which the contract reads, is there no more", c.Name)
		case !there:
			lost = append(lost, c.Name)
		case other.Type != c.Type:
			j.add("columns", mild, "the column %s was %s and is %s", c.Name, c.Type, other.Type)
		}
	}
	for _, c := range j.now.Columns {
		if _, there := had[c.Name]; !there {
			fresh = append(fresh, c.Name)
		}
	}
	if len(lost) > 0 {
		j.add("columns", mild, "columns that nothing reads are there no more: %s", clip(lost))
	}
	if len(fresh) > 0 {
		j.add("columns", mild, "new columns: %s", clip(fresh))
	}
}

func (j *judge) rows() {
	rows := func(p Profile) (float64, bool) { return float64(p.Loaded), true }
	if !j.number("rows", "rows", rows, 0.05, 1) && halved(j.last.Loaded, j.now.Loaded) { // a file that grew for long has a wide history
		if sound := j.sound("rows"); halved(sound.Loaded, j.now.Loaded) {
			j.add("rows", j.policy.Policy("rows"), "rows: %d, before it was %d", j.now.Loaded, sound.Loaded)
		}
	}
	j.number("rows", "share of rejected rows", func(p Profile) (float64, bool) {
		return float64(p.Rejected) / float64(max(p.Rejected+p.Loaded, 1)), true
	}, 0, 0.01)
}

func (j *judge) values() {
	names := make([]string, 0, len(j.now.Values))
	for name := range j.now.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if j.lost && j.now.Values[name].Filled == 0 {
			continue // it was said already
		}
		of := func(get func(Value) float64, number bool) func(Profile) (float64, bool) {
			return func(p Profile) (float64, bool) {
				v, ok := p.Values[name]
				return get(v), ok && (!number || v.Number)
			}
		}
		j.number("values", "share of rows with "+name, of(func(v Value) float64 { return v.Filled }, false), 0, 0.02)
		spread := 0.0 // of the column itself: its middle wanders within it
		if v, ok := j.last.Values[name]; ok {
			spread = (v.High - v.Low) / 20
		}
		if j.number("values", "middle of "+name, of(func(v Value) float64 { return v.Middle }, true), 0.02, spread) {
			continue // its mean would say the same
		}
		j.number("values", "mean of "+name, of(func(v Value) float64 { return v.Mean }, true), 0.05, spread)
	}
}

// number judges one number of the profiles. Its spread is taken to be at least a share of the middle, and at least an amount: what never
// moved may move a little.
func (j *judge) number(kind, name string, of func(Profile) (float64, bool), share, amount float64) bool {
	now, ok := of(j.now)
	if !ok {
		return false
	}
	var history []float64
	for _, p := range j.before {
		if v, ok := of(p); ok {
			history = append(history, v)
		}
	}
	if len(history) == 0 {
		return false
	}
	policy := j.policy.Policy(kind)
	if policy == model.DriftIgnore {
		return false
	}
	if len(history) < enough {
		near := func(was float64) bool {
			return math.Abs(now-was) <= 4*amount || was != 0 && now/was > 0.5 && now/was < 2
		}
		was, ok := of(j.sound(kind))
		if !ok {
			was = history[len(history)-1]
		}
		if near(was) || near(history[len(history)-1]) {
			return false
		}
		j.add(kind, policy, "%s: %s, before it was %s", name, short(now), short(was))
		return true
	}
	score, middle := Score(history, now, share, amount)
	if math.Abs(score) <= j.policy.Limit() {
		return false
	}
	j.add(kind, policy, "%s: %s, usually %s (score %s)", name, short(now), short(middle), short(score))
	j.found[len(j.found)-1].Score = math.Round(score*10) / 10
	return true
}

// Score is the robust z-score of a number: 0.6745 (x − median) / MAD, after Iglewicz and Hoaglin, How to Detect and Handle Outliers
// (1993). The MAD is at least a share of the median and at least an amount, times 0.6745: so that a spread that is never less
// than that counts as one standard deviation.
func Score(history []float64, x, share, amount float64) (score, middle float64) {
	const normal = 0.6745 // MAD of a normal law of standard deviation 1
	middle = median(history)
	away := make([]float64, len(history))
	for i, v := range history {
		away[i] = math.Abs(v - middle)
	}
	spread := max(median(away), normal*share*math.Abs(middle), normal*amount)
	switch {
	case x == middle:
		return 0, middle
	case spread == 0:
		return math.Copysign(math.MaxFloat64, x-middle), middle
	}
	return normal * (x - middle) / spread, middle
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

func (j *judge) time() {
	if j.now.Time == nil || j.last.Time == nil {
		return
	}
	policy := j.policy.Policy("time")
	now, last := j.now.Time, j.last.Time
	if now.Last < last.Last {
		j.add("time", policy, "the last day is %s, before it was %s", now.Last, last.Last)
	}
	news := func(now, before []string, format string) {
		var fresh []string
		for _, s := range now {
			if !slices.Contains(before, s) {
				fresh = append(fresh, s)
			}
		}
		if len(fresh) > 0 {
			j.add("time", policy, format, clip(fresh))
		}
	}
	news(now.Missing, last.Missing, "days without a row: %s")
	news(now.Silent, last.Silent, "silent for days, when others are not: %s")
	news(now.Stuck, last.Stuck, "the same value for long: %s")
}

// halved says whether a number is less than half, or more than twice, of what it was, and not by a few.
func halved(was, is int64) bool {
	return (2*is < was || is > 2*was) && max(is-was, was-is) > 4
}

// sound is the last profile of which nothing of a kind was said, or the last of all.
func (j *judge) sound(kind string) Profile {
	for _, p := range slices.Backward(j.before) {
		if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Kind == kind }) {
			return p
		}
	}
	return j.last
}

// place tells when features moved, against the last profile of which nothing was said, and against the last of all: what moved stays
// where it is without a word, and so does what comes back.
func (j *judge) place() {
	if j.now.Place == nil || j.last.Place == nil {
		return
	}
	sound := j.sound("place").Place
	if sound == nil {
		sound = j.last.Place
	}
	told := moved(sound, j.now.Place)
	if len(told) == 0 || len(moved(j.last.Place, j.now.Place)) == 0 {
		return
	}
	for _, text := range told {
		j.add("place", j.policy.Policy("place"), "%s", text)
	}
}

// moved says how features lie otherwise: their centre moved by more than a fifth of the diagonal of their box, the boxes have less than
// half in common, or their size doubled or halved.
func moved(last, now *Place) (told []string) {
	diagonal := math.Hypot(last.Box[2]-last.Box[0], last.Box[3]-last.Box[1])
	away := diagonal > 0 && math.Hypot(now.Centre[0]-last.Centre[0], now.Centre[1]-last.Centre[1]) > diagonal/5
	switch {
	case away && inside(last.Box, now.Centre[1], now.Centre[0]):
		return []string{fmt.Sprintf("longitude and latitude look exchanged: the features lie around %.4f, %.4f", now.Centre[0], now.Centre[1])}
	case away:
		told = append(told, fmt.Sprintf("the features moved: they lie around %.4f, %.4f, before around %.4f, %.4f", now.Centre[0], now.Centre[1], last.Centre[0], last.Centre[1]))
	case common(now.Box, last.Box) < 0.5:
		told = append(told, fmt.Sprintf("the features cover %.3f %.3f %.3f %.3f, before %.3f %.3f %.3f %.3f", now.Box[0], now.Box[1], now.Box[2], now.Box[3],
			last.Box[0], last.Box[1], last.Box[2], last.Box[3]))
	}
	if now.Size > 0 && last.Size > 0 && (now.Size > 2*last.Size || now.Size < last.Size/2) {
		told = append(told, fmt.Sprintf("the features are %.1f times as large as before", now.Size/last.Size))
	}
	return told
}

func inside(box [4]float64, lon, lat float64) bool {
	return lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3]
}

// common is the share that two boxes have in common of what either covers; boxes without extent are judged by their centres alone.
func common(a, b [4]float64) float64 {
	area := func(box [4]float64) float64 { return max(0, box[2]-box[0]) * max(0, box[3]-box[1]) }
	both := area([4]float64{max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])})
	either := area(a) + area(b) - both
	if area(a) == 0 || area(b) == 0 {
		return 1
	}
	return both / either
}

func clip(names []string) string {
	if len(names) > 6 {
		return strings.Join(names[:6], ", ") + fmt.Sprintf(" and %d more", len(names)-6)
	}
	return strings.Join(names, ", ")
}

func short(v float64) string {
	switch {
	case math.Abs(v) >= 1e15:
		return fmt.Sprintf("%.3g", v)
	case v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}
