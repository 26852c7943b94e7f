// Package cog brings codes of communes from one vintage of the Code officiel géographique to another.
//
// Movements of communes (INSEE, one row for each pair of a commune before and after a date) go in; for each code that changed, its
// parts in the other vintage come out:
//
//	history := cog.New(movements)
//	passage := history.Passage(2018, 2025, population)
//	passage["01033"] // [{01033 1}]; a split: [{…, 0.6, estimated} {…, 0.4, estimated}]
//
// A merger adds figures up and loses nothing. A split shares them by the population of the parts, and what comes of it is an
// estimate. The codes of a vintage are those of 1 January of its year, so that a movement of 1 January 2019 is in vintage 2019.
package cog

import (
	"cmp"
	"slices"
	"time"
)

// Movement is one row of the table of movements, from commune to commune.
type Movement struct {
	Date          time.Time // of effect
	Before, After string
}

// Part is what a code becomes: a share of its figures goes to the code.
type Part struct {
	Code  string
	Share float64 // the parts of a code add up to 1
	Even  bool    // its commune was split, and the population of a part is not known: the parts are equal
}

// Estimated says whether figures of the part are an estimate.
func (p Part) Estimated() bool { return p.Share < 1 }

// History holds movements by date. It is not changed once made.
type History struct{ movements []Movement }

// New sorts the movements.
func New(movements []Movement) *History {
	sorted := slices.Clone(movements)
	slices.SortStableFunc(sorted, func(a, b Movement) int { return a.Date.Compare(b.Date) })
	return &History{sorted}
}

// Passage gives the parts, in vintage to, of each code of vintage from that is not simply itself. An earlier vintage than from is
// reached too: mergers are then splits. Population is that of a commune, 0 when it is not known.
func (h *History) Passage(from, to int, population func(code string) float64) map[string][]Part {
	out := map[string][]Part{}
	for _, step := range h.steps(from, to) {
		step.apply(out, population)
	}
	for code, parts := range out {
		out[code] = joined(parts)
		if len(out[code]) == 1 && out[code][0].Code == code {
			delete(out, code)
		}
	}
	return out
}

// step is what each code becomes on one date.
type step map[string][]string

// steps are those after 1 January of from, up to 1 January of to, in order; backwards when to is the earlier one.
func (h *History) steps(from, to int) []step {
	first, last := min(from, to), max(from, to)
	begin, end := yearBegins(first), yearBegins(last)
	var out []step
	var date time.Time
	for _, m := range h.movements {
		if !m.Date.After(begin) || m.Date.After(end) {
			continue
		}
		if len(out) == 0 || !m.Date.Equal(date) {
			out, date = append(out, step{}), m.Date
		}
		before, after := m.Before, m.After
		if to < from {
			before, after = after, before
		}
		if s := out[len(out)-1]; !slices.Contains(s[before], after) {
			s[before] = append(s[before], after)
		}
	}
	if to < from {
		slices.Reverse(out)
	}
	return out
}

func yearBegins(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

// apply moves the parts that were reached so far, and begins those of codes that no earlier step knew.
func (s step) apply(reached map[string][]Part, population func(string) float64) {
	for code, parts := range reached {
		var next []Part
		for _, p := range parts {
			for _, q := range s.parts(p.Code, population) {
				next = append(next, Part{q.Code, p.Share * q.Share, p.Even || q.Even})
			}
		}
		reached[code] = next
	}
	for code := range s {
		if reached[code] == nil {
			reached[code] = s.parts(code, population)
		}
	}
}

// parts of a code in one step, by population; itself when the step does not touch it.
func (s step) parts(code string, population func(string) float64) []Part {
	after := s[code]
	if len(after) == 0 {
		return []Part{{code, 1, false}}
	}
	sum, known := 0.0, true
	for _, c := range after {
		sum += population(c)
		known = known && population(c) > 0
	}
	var out []Part
	for _, c := range after {
		share := 1 / float64(len(after))
		if known {
			share = population(c) / sum
		}
		out = append(out, Part{c, share, !known && len(after) > 1})
	}
	return out
}

// joined adds up the parts that came to the same code, sorted by code.
func joined(parts []Part) []Part {
	slices.SortFunc(parts, func(a, b Part) int { return cmp.Compare(a.Code, b.Code) })
	var out []Part
	for _, p := range parts {
		if n := len(out); n > 0 && out[n-1].Code == p.Code {
			out[n-1].Share += p.Share
			out[n-1].Even = out[n-1].Even || p.Even
			continue
		}
		out = append(out, p)
	}
	if len(out) == 1 { // what was split and came together again is whole, whatever rounding left
		out[0].Share, out[0].Even = 1, false
	}
	return out
}
