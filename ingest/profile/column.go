package profile

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/ingest/format"
)

// Column is what was seen of one column.
type Column struct {
	Name  string // in the file
	ID    string // proposed for the declaration
	Type  string // text, integer, number, boolean, date, timestamp
	Date  string // layout of dates that are not ISO 8601
	Doubt string // what the type rests on that a steward must confirm
	Unit  string
	Key   bool
	Place bool // one of the coordinates

	Filled, Empty int64
	Min, Max      float64  // of numbers
	Missing       []string // texts that seem to mean "no data"
	Withheld      []string // texts that seem to mean "not published"
	Suspicions    []Suspicion

	native   string // type by the format, "" for texts
	values   map[string]int64
	overflow bool // more different values than are remembered
	longest  int
	zeros    bool           // a number that begins with 0: a code
	reals    map[byte]int64 // numbers with a decimal part, by their sign
	ints     int64
	marks    map[string]int64
	content  map[string]int64 // by kind of personal data
}

// mostValues is how many different values of a column are remembered.
const mostValues = 50_000

func newColumn(c format.Column) *Column {
	return &Column{Name: c.Name, native: nativeType(c.Type), values: map[string]int64{}, reals: map[byte]int64{}, marks: map[string]int64{},
		content: map[string]int64{}, Min: math.Inf(1), Max: math.Inf(-1)}
}

// nativeType is the type of a declaration for the type of a format that has some.
func nativeType(t arrow.DataType) string {
	switch t.ID() {
	case arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT8, arrow.UINT16, arrow.UINT32, arrow.UINT64:
		return "integer"
	case arrow.FLOAT16, arrow.FLOAT32, arrow.FLOAT64, arrow.DECIMAL32, arrow.DECIMAL64, arrow.DECIMAL128, arrow.DECIMAL256:
		return "number"
	case arrow.BOOL:
		return "boolean"
	case arrow.DATE32, arrow.DATE64:
		return "date"
	case arrow.TIMESTAMP:
		return "timestamp"
	case arrow.STRING, arrow.LARGE_STRING, arrow.STRING_VIEW, arrow.DICTIONARY:
		return ""
	}
	return "text"
}

// Texts that stand for an absent value. Secrecy marks are INSEE's and DREES's; a lone one proves nothing in a column of texts.
var (
	missingMarks  = []string{"#N/A", "N/A", "NA", "n/a", "na", "NULL", "null", "NaN", "nan", "None", "-", "--", "?", "#REF!", "#VALEUR!", "Non renseigné", "non renseigné", "\\N"}
	withheldMarks = []string{"s", "nd", "c", "nc", "secret", "sec"}
)

func (c *Column) see(text string, empty bool) {
	if empty {
		c.Empty++
		return
	}
	c.Filled++
	if slices.Contains(missingMarks, text) || slices.Contains(withheldMarks, text) {
		c.marks[text]++
	}
	if !c.overflow {
		c.values[text]++
		c.overflow = len(c.values) > mostValues
	}
	c.longest = max(c.longest, len(text))
	if c.native == "date" || c.native == "timestamp" {
		return
	}
	c.seeNumber(text)
	if len(text) <= 400 {
		for _, kind := range contents {
			if kind.match(text) {
				c.content[kind.name]++
			}
		}
	}
}

func (c *Column) seeNumber(text string) {
	if !strings.ContainsAny(text[len(text)-1:], "0123456789") || strings.ContainsAny(text, "xXpPnN_") {
		return
	}
	digits := strings.TrimLeft(text, "+-")
	if len(digits) > 1 && digits[0] == '0' && digits[1] != '.' && digits[1] != ',' {
		c.zeros = true
	}
	sign := byte(0)
	switch {
	case strings.Count(text, ",") == 1 && !strings.Contains(text, "."):
		sign = ','
	case strings.Contains(text, "."):
		sign = '.'
	}
	v, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return
	}
	if sign == 0 && v == math.Trunc(v) && math.Abs(v) < 1<<53 && !strings.ContainsAny(text, "eE") {
		c.ints++
	} else if sign == 0 {
		c.reals['.']++
	} else {
		c.reals[sign]++
	}
	c.Min, c.Max = min(c.Min, v), max(c.Max, v)
}

// conclude chooses the type that every value has, marks for "no data" aside. decimal is the sign that the file uses.
func (c *Column) conclude(decimal byte) {
	c.Unit = unitOf(c.Name)
	if c.native != "" {
		c.Type = c.native
		return
	}
	marked := int64(0)
	for _, n := range c.marks {
		marked += n
	}
	rest := c.Filled - marked
	other := byte('.')
	if decimal == '.' {
		other = ','
	}
	switch {
	case c.Filled == 0 || rest == 0:
		c.Type = "text"
		c.Doubt = "no value was seen / aucune valeur n'a été vue"
		return
	case c.reals[other] > 0 || c.ints+c.reals[decimal] < rest:
		if c.Type, c.Date, c.Doubt = c.dates(); c.Type == "" {
			c.Type = "text"
		}
	case c.zeros || isCode(c.Name):
		c.Type = "text"
	case c.reals[decimal] > 0:
		c.Type = "number"
	default:
		c.Type = "integer"
		if date, form, doubt := c.dates(); date != "" && words(c.Name).any("date", "jour", "day") {
			c.Type, c.Date, c.Doubt = date, form, doubt
		}
	}
	if c.Type == "text" {
		return
	}
	for _, mark := range slices.Sorted(keys(c.marks)) {
		if slices.Contains(withheldMarks, mark) {
			c.Withheld = append(c.Withheld, mark)
		} else {
			c.Missing = append(c.Missing, mark)
		}
	}
}

// Distinct is the number of different values seen, and whether there are more.
func (c *Column) Distinct() (int, bool) { return len(c.values), c.overflow }

// isCode says whether a column of digits is by its name a code: leading zeros may come with the next rows.
func isCode(name string) bool {
	return words(name).any("code", "codes", "id", "insee", "siret", "siren", "depcom", "codgeo", "dclt", "iris", "com", "dep", "reg", "commune", "departement", "region",
		"ident", "identifiant", "ref", "numero", "osm")
}
