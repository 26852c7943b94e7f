package contract

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"jumeau/model"
	"jumeau/model/zone"
)

// breach is a rule that a cell broke; the zero breach is none.
type breach struct{ code, reason string }

// check applies threshold, range, pattern, set, and what measures ask for.
func (c *column) check(i int, text string, number float64, state cellState) breach {
	if b := c.checkNumber(i); b.code != "" {
		return b
	}
	s := c.spec
	if c.pattern == nil && c.in == nil && c.cell == 0 && !c.time && c.known == nil {
		return breach{}
	}
	text = numberText(text, number, state)
	switch {
	case c.pattern != nil && !c.pattern.MatchString(text):
		return breach{"pattern", fmt.Sprintf("%s does not match %s", c.quoted(text), s.Pattern)}
	case c.known != nil && !c.known[text]:
		return breach{"reference_unknown", fmt.Sprintf("%s is not in %s", c.quoted(text), s.Refers)}
	case c.in != nil && !c.in[text]:
		return breach{"not_in_set", fmt.Sprintf("%s is not one of %s", c.quoted(text), clip(strings.Join(s.In, ", ")))}
	case c.time && s.Type == "text" && model.Slot(text).Kind() == "":
		return breach{"not_a_slot", fmt.Sprintf("%s is not a slot: weekday-08, saturday-08, sunday-08, 2026-03, 2026-03-14 or all", c.quoted(text))}
	}
	if c.cell > 0 {
		if cell, err := zone.ParseCell(text); err != nil || cell.Size != c.cell {
			return breach{"not_a_cell", fmt.Sprintf("%s is not the id of a cell of %d m", c.quoted(text), c.cell)}
		}
	}
	return breach{}
}

// greatest is the number beyond which figures cannot be added to a millionth.
const greatest = 1e15

func (c *column) checkNumber(i int) breach {
	var v float64
	switch c.spec.Type {
	case "number":
		v = c.reals[i]
	case "integer":
		v = float64(c.ints[i])
	default:
		return breach{}
	}
	shown := func() string { return c.quoted(strconv.FormatFloat(v, 'f', -1, 64)) }
	switch s := c.spec; {
	case v > 0 && v < c.floor:
		return breach{"below_threshold", fmt.Sprintf("a count below the producer's threshold of %v", c.floor)}
	case s.Min != nil && v < *s.Min:
		return breach{"out_of_range", fmt.Sprintf("%s is below %v", shown(), *s.Min)}
	case s.Max != nil && v > *s.Max:
		return breach{"out_of_range", fmt.Sprintf("%s is above %v", shown(), *s.Max)}
	case c.figure && math.Abs(v) > greatest:
		return breach{"out_of_range", fmt.Sprintf("%s is more than %.0e, the greatest figure", shown(), greatest)}
	}
	return breach{}
}

// quoted is a cell's text for a message. A count that its producer might not publish is not repeated.
func (c *column) quoted(text string) string {
	if c.floor > 0 {
		return "the value"
	}
	if c.spec.Type == "number" || c.spec.Type == "integer" {
		return clip(text)
	}
	return strconv.Quote(clip(text))
}

func (c *column) shown(text string, number float64, state cellState) string {
	switch {
	case c.floor > 0:
		return "the value"
	case state == isText:
		return strconv.Quote(clip(text))
	}
	return numberText(text, number, state)
}

// Years of the times of measures. A placeholder such as 9999-12-31 would stretch the period over which figures are averaged.
const firstYear, lastYear = 1900, 2100

func (c *column) checkYear(year int) breach {
	if c.time && (year < firstYear || year > lastYear) {
		return breach{"out_of_range", fmt.Sprintf("the year %d is not between %d and %d", year, firstYear, lastYear)}
	}
	return breach{}
}

// clip shortens a text for a message.
func clip(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
