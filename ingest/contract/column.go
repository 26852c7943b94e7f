package contract

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/model"
)

// column binds one declared column: it reads a cell, types it, and applies the rules that need no other row.
type column struct {
	name     string
	spec     *model.Column
	at       int // position in the batch; -1 when the file has no such column
	comma    bool
	layout   string
	extract  *regexp.Regexp
	pattern  *regexp.Regexp
	in       map[string]bool
	keep     map[string]bool // values that belong to the territory; nil: all
	missing  map[string]bool
	withheld map[string]bool
	known    map[string]bool // values that a reference allows; nil: not checked here
	floor    float64         // class D: least positive count

	clocks *clocks

	// One value per row of the batch, in the slice of the column's type.
	valid []bool
	held  []bool // the cell bore a secrecy mark
	texts []string
	ints  []int64 // integers; days since 1970 for dates; microseconds since 1970 UTC for timestamps
	reals []float64
	bools []bool
}

func newColumn(name string, spec *model.Column, src *model.Source, clocks *clocks) (*column, error) {
	c := &column{name: name, spec: spec, at: -1, comma: src.Read.Decimal == ",", clocks: clocks,
		in: set(spec.In), missing: set(spec.Missing), withheld: set(spec.Withheld)}
	var err error
	if spec.Extract != "" {
		if c.extract, err = regexp.Compile(spec.Extract); err != nil {
			return nil, err
		}
	}
	if spec.Pattern != "" {
		if c.pattern, err = regexp.Compile("^(?:" + spec.Pattern + ")$"); err != nil {
			return nil, err
		}
	}
	if spec.Format != "" {
		if c.layout, err = Layout(spec.Format); err != nil {
			return nil, err
		}
	}
	for _, k := range src.Keep {
		if k.Column == name && k.In != nil {
			c.keep = set(k.In)
		}
	}
	if src.Behaviour != nil && src.Behaviour.Class == "D" && isValue(src, name) {
		c.floor = float64(src.Behaviour.Threshold)
	}
	return c, nil
}

// isValue says whether a measure or a flow publishes the column.
func isValue(src *model.Source, name string) bool {
	for _, m := range src.Measures {
		if m.Value == name {
			return true
		}
	}
	for _, f := range src.Flows {
		if f.Value == name {
			return true
		}
	}
	return false
}

func set(values []string) map[string]bool {
	if values == nil {
		return nil
	}
	out := make(map[string]bool, len(values))
	for _, v := range values {
		out[v] = true
	}
	return out
}

// breach is a rule that a cell broke; the zero breach is none.
type breach struct{ code, reason string }

// reset prepares for a batch of n rows.
func (c *column) reset(n int) {
	c.valid, c.held = zeroed(c.valid, n), zeroed(c.held, n)
	switch c.spec.Type {
	case "text":
		c.texts = zeroed(c.texts, n)
	case "number":
		c.reals = zeroed(c.reals, n)
	case "boolean":
		c.bools = zeroed(c.bools, n)
	default:
		c.ints = zeroed(c.ints, n)
	}
}

func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// read types row i. A null cell is valid unless the column is required.
func (c *column) read(i int, get cell, key string) breach {
	text, number, state := get(i)
	if state == isText {
		text = strings.TrimSpace(text)
		if text == "" || c.missing[text] {
			state = isNull
		} else if c.withheld[text] {
			c.held[i] = true
			return breach{}
		}
	}
	if state == isNull {
		if c.spec.Required {
			return breach{"missing_value", "no value in a required column"}
		}
		return breach{}
	}
	if c.extract != nil {
		full := numberText(text, number, state)
		found := c.extract.FindStringSubmatch(full)
		if found == nil {
			return breach{"pattern", fmt.Sprintf("%q does not match %s", clip(full), c.spec.Extract)}
		}
		text, state = found[min(1, len(found)-1)], isText
	}
	if b := c.convert(i, text, number, state, key); b.code != "" {
		return b
	}
	c.valid[i] = true
	return c.check(i, text, number, state)
}

func (c *column) convert(i int, text string, number float64, state cellState, key string) breach {
	var ok bool
	switch c.spec.Type {
	case "text":
		c.texts[i], ok = numberText(text, number, state), true
	case "number":
		if c.reals[i], ok = number, true; state == isText {
			c.reals[i], ok = parseNumber(text, c.comma)
		}
	case "integer":
		if state == isText {
			c.ints[i], ok = parseInteger(text, c.comma)
		} else {
			c.ints[i], ok = wholeNumber(number)
		}
	case "boolean":
		if c.bools[i], ok = number != 0, true; state == isText {
			c.bools[i], ok = parseBoolean(text)
		}
	case "date", "timestamp":
		return c.convertTime(i, text, number, state, key)
	}
	if !ok {
		return breach{"type_" + c.spec.Type, fmt.Sprintf("%s is not %s", shown(text, number, state), article[c.spec.Type])}
	}
	return breach{}
}

var article = map[string]string{
	"integer": "a whole number", "number": "a number", "boolean": "true or false", "date": "a date", "timestamp": "a time",
}

func (c *column) convertTime(i int, text string, number float64, state cellState, key string) breach {
	if state == isInstant { // a native time: microseconds, already UTC
		c.ints[i] = int64(number)
		if c.spec.Type == "date" {
			c.ints[i] = int64(number) / (24 * 3600 * 1e6)
		}
		return breach{}
	}
	at, ok := parseTime(text, c.layout)
	if !ok || state != isText {
		return breach{"type_" + c.spec.Type, fmt.Sprintf("%s is not %s", shown(text, number, state), article[c.spec.Type])}
	}
	if c.spec.Type == "date" {
		c.ints[i] = at.wall.Unix() / (24 * 3600)
		return breach{}
	}
	if !at.instant {
		instant, b := c.clocks.place(at.wall, key)
		if b.code != "" {
			return b
		}
		at.wall = instant
	}
	c.ints[i] = at.wall.UnixMicro()
	return breach{}
}

// check applies range, pattern, set and threshold.
func (c *column) check(i int, text string, number float64, state cellState) breach {
	s := c.spec
	if c.floor > 0 || s.Min != nil || s.Max != nil {
		v := number
		switch s.Type {
		case "number":
			v = c.reals[i]
		case "integer":
			v = float64(c.ints[i])
		}
		if s.Min != nil && v < *s.Min {
			return breach{"out_of_range", fmt.Sprintf("%v is below %v", v, *s.Min)}
		}
		if s.Max != nil && v > *s.Max {
			return breach{"out_of_range", fmt.Sprintf("%v is above %v", v, *s.Max)}
		}
		if v > 0 && v < c.floor {
			return breach{"below_threshold", fmt.Sprintf("a count below the producer's threshold of %v", c.floor)}
		}
	}
	if c.pattern == nil && c.in == nil && c.known == nil {
		return breach{}
	}
	text = numberText(text, number, state)
	if c.pattern != nil && !c.pattern.MatchString(text) {
		return breach{"pattern", fmt.Sprintf("%q does not match %s", clip(text), s.Pattern)}
	}
	if c.known != nil && !c.known[text] {
		return breach{"reference_unknown", fmt.Sprintf("%q is not in %s", clip(text), s.Refers)}
	}
	if c.in != nil && !c.in[text] {
		return breach{"not_in_set", fmt.Sprintf("%q is not one of %s", clip(text), clip(strings.Join(s.In, ", ")))}
	}
	return breach{}
}

// numberText is the text of a cell, also where the file holds a number.
func numberText(text string, number float64, state cellState) string {
	if state == isNumber && text == "" {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return text
}

func shown(text string, number float64, state cellState) string {
	if state == isText {
		return strconv.Quote(clip(text))
	}
	return strconv.FormatFloat(number, 'g', -1, 64)
}

// clip shortens a text for a message.
func clip(text string) string {
	const most = 40
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// arrowType is the type under which the column is loaded.
func (c *column) arrowType() arrow.DataType {
	switch c.spec.Type {
	case "integer":
		return arrow.PrimitiveTypes.Int64
	case "number":
		return arrow.PrimitiveTypes.Float64
	case "boolean":
		return arrow.FixedWidthTypes.Boolean
	case "date":
		return arrow.FixedWidthTypes.Date32
	case "timestamp":
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	}
	return arrow.BinaryTypes.String
}

// build appends the rows that are kept.
func (c *column) build(into array.Builder, rows []int) {
	into.Reserve(len(rows))
	for _, i := range rows {
		if !c.valid[i] {
			into.AppendNull()
			continue
		}
		switch b := into.(type) {
		case *array.StringBuilder:
			b.Append(c.texts[i])
		case *array.Int64Builder:
			b.Append(c.ints[i])
		case *array.Float64Builder:
			b.Append(c.reals[i])
		case *array.BooleanBuilder:
			b.Append(c.bools[i])
		case *array.Date32Builder:
			b.Append(arrow.Date32(c.ints[i]))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(c.ints[i]))
		}
	}
}

// clocks places local wall-clock readings in time. Where the clocks show an hour twice, the first row of a key (a counter)
// is the earlier hour and the next one the later.
type clocks struct {
	zone *time.Location
	seen map[string]int
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
