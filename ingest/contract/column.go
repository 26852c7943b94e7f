package contract

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

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
	from     *regexp.Regexp // of the name in the file; nil: a plain name
	extract  *regexp.Regexp
	pattern  *regexp.Regexp
	in       map[string]bool
	keep     map[string]bool // values that belong to the territory; nil: all
	missing  map[string]bool
	withheld map[string]bool
	known    map[string]bool // values that a reference allows; nil: not checked here
	floor    float64         // class D: least positive count; the values of such a column are never shown
	figure   bool            // a measure or a flow publishes it
	time     bool            // a measure's time
	cell     int             // side in metres of the grid cells that it names, 0: it names none

	zone   *time.Location
	clocks *clocks

	// One value per row of the batch, in the slice of the column's type.
	valid []bool
	held  []bool // the cell bore a secrecy mark
	texts []string
	ints  []int64 // integers; days since 1970 for dates; microseconds since 1970 UTC for timestamps
	reals []float64
	bools []bool
}

func newColumn(name string, spec *model.Column, src *model.Source, zone *time.Location) (*column, error) {
	c := &column{name: name, spec: spec, at: -1, comma: src.Read.Decimal == ",", zone: zone, clocks: &clocks{zone, map[string]int{}},
		in: set(spec.In), missing: set(spec.Missing), withheld: set(spec.Withheld)}
	var err error
	if strings.HasPrefix(spec.From, "^") {
		if c.from, err = regexp.Compile(spec.From); err != nil {
			return nil, err
		}
	}
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
			c.keep = both(c.keep, set(k.In))
		}
	}
	c.uses(src)
	return c, nil
}

// uses notes what measures and flows make of the column, because that asks more of its values than its type does.
func (c *column) uses(src *model.Source) {
	c.figure = c.spec.Role == "value"
	for _, m := range src.Measures {
		c.figure = c.figure || m.Value == c.name
		c.time = c.time || m.Time == c.name
		if m.Zone == c.name {
			c.cell = max(c.cell, model.GridSize(m.Zones))
		}
	}
	for _, f := range src.Flows {
		c.figure = c.figure || f.Value == c.name
		if f.Origin == c.name || f.Destination == c.name {
			c.cell = max(c.cell, model.GridSize(f.Zones))
		}
	}
	if src.Behaviour != nil && src.Behaviour.Class == "D" && c.figure {
		c.floor = float64(src.Behaviour.Threshold)
	}
}

// both is what two conditions on one column allow; nil allows everything.
func both(a, b map[string]bool) map[string]bool {
	if a == nil {
		return b
	}
	out := map[string]bool{}
	for v := range a {
		if b[v] {
			out[v] = true
		}
	}
	return out
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
	state = c.special(i, &text, number, state)
	switch {
	case c.held[i]:
		return breach{}
	case state == isNull && c.spec.Required:
		return breach{"missing_value", "no value in a required column"}
	case state == isNull:
		return breach{}
	case !utf8.ValidString(text):
		return breach{"encoding_invalid", "bytes that are not text in UTF-8"}
	}
	if c.extract != nil {
		full := numberText(text, number, state)
		found := c.extract.FindStringSubmatch(full)
		if found == nil {
			return breach{"pattern", fmt.Sprintf("%s does not match %s", c.quoted(full), c.spec.Extract)}
		}
		text, state = found[min(1, len(found)-1)], isText
	}
	if b := c.convert(i, text, number, state, key); b.code != "" {
		return b
	}
	c.valid[i] = true
	return c.check(i, text, number, state)
}

// special finds the cells that hold no value: empty ones, those that the declaration calls missing, secrecy marks, and the
// not-a-number with which some writers of Parquet fill gaps.
func (c *column) special(i int, text *string, number float64, state cellState) cellState {
	switch state {
	case isText:
		*text = strings.TrimSpace(*text)
		if *text == "" {
			return isNull
		}
	case isNumber:
		if math.IsNaN(number) {
			return isNull
		}
	}
	if c.missing == nil && c.withheld == nil || state != isText && state != isNumber {
		return state
	}
	written := numberText(*text, number, state)
	if c.missing[written] {
		return isNull
	}
	c.held[i] = c.withheld[written]
	return state
}

func (c *column) convert(i int, text string, number float64, state cellState, key string) breach {
	var ok bool
	switch c.spec.Type {
	case "text":
		c.texts[i], ok = numberText(text, number, state), true
	case "number":
		if c.reals[i], ok = number, finite(number); state == isText {
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
	if !ok || state > isNumber && c.spec.Type != "text" {
		return breach{"type_" + c.spec.Type, fmt.Sprintf("%s is not %s", c.shown(text, number, state), article[c.spec.Type])}
	}
	return breach{}
}

var article = map[string]string{
	"integer": "a whole number", "number": "a number", "boolean": "true or false", "date": "a date", "timestamp": "a time",
}

// convertTime places a time: a date is a date of the territory's clocks, also where the file gives an instant.
func (c *column) convertTime(i int, text string, number float64, state cellState, key string) breach {
	var at clock
	ok := true
	switch state {
	case isInstant, isWall: // a native time
		at = clock{wall: time.UnixMicro(int64(number)).UTC(), instant: state == isInstant}
	case isText:
		at, ok = parseTime(text, c.layout)
	default:
		ok = false
	}
	if !ok {
		return breach{"type_" + c.spec.Type, fmt.Sprintf("%s is not %s", c.shown(text, number, state), article[c.spec.Type])}
	}
	if c.spec.Type == "date" {
		if at.instant {
			at.wall = at.wall.In(c.zone)
		}
		y, m, d := at.wall.Date()
		c.ints[i] = time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 3600)
		return c.checkYear(y)
	}
	if !at.instant {
		instant, b := c.clocks.place(at.wall, key)
		if b.code != "" {
			return b
		}
		at.wall = instant
	}
	c.ints[i] = at.wall.UnixMicro()
	return c.checkYear(at.wall.Year())
}

// numberText is the text of a cell, also where the file holds a number or a time.
func numberText(text string, number float64, state cellState) string {
	switch {
	case state == isNumber && text == "":
		return strconv.FormatFloat(number, 'f', -1, 64)
	case state == isInstant:
		return time.UnixMicro(int64(number)).UTC().Format(time.RFC3339)
	case state == isWall:
		at := time.UnixMicro(int64(number)).UTC()
		return strings.TrimSuffix(at.Format("2006-01-02T15:04:05"), "T00:00:00")
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
