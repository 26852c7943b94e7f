package profile

import (
	"regexp"
	"strings"
	"time"

	"jumeau/ingest/contract"
)

// dateForm is a way of writing dates or times: a pattern for speed, layouts for truth.
type dateForm struct {
	kind    string // date, timestamp
	pattern *regexp.Regexp
	form    string // as a declaration has it; "" for ISO 8601
	twin    bool   // another form reads the same digits otherwise
}

const (
	isoDate = `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	isoTime = isoDate + `[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?`
	dmy     = `[0-9]{2}/[0-9]{2}/[0-9]{4}`
)

var dateForms = []dateForm{
	{"date", regexp.MustCompile(`^` + isoDate + `$`), "", false},
	{"timestamp", regexp.MustCompile(`^` + isoTime + `(/` + isoTime + `)?$`), "", false},
	{"date", regexp.MustCompile(`^` + dmy + `$`), "%d/%m/%Y", true},
	{"date", regexp.MustCompile(`^` + dmy + `$`), "%m/%d/%Y", true},
	{"date", regexp.MustCompile(`^[0-9]{2}/[0-9]{2}/[0-9]{2}$`), "%d/%m/%y", true},
	{"date", regexp.MustCompile(`^[0-9]{2}-[0-9]{2}-[0-9]{4}$`), "%d-%m-%Y", true},
	{"date", regexp.MustCompile(`^[0-9]{4}/[0-9]{2}/[0-9]{2}$`), "%Y/%m/%d", false},
	{"date", regexp.MustCompile(`^(19|20)[0-9]{6}$`), "%Y%m%d", false},
	{"date", regexp.MustCompile(`^[0-9]{4}\.[0-9]{2}\.[0-9]{2}$`), "%Y.%m.%d", false},
	{"timestamp", regexp.MustCompile(`^` + dmy + ` [0-9]{2}:[0-9]{2}$`), "%d/%m/%Y %H:%M", true},
	{"timestamp", regexp.MustCompile(`^` + dmy + ` [0-9]{2}:[0-9]{2}:[0-9]{2}$`), "%d/%m/%Y %H:%M:%S", true},
	{"timestamp", regexp.MustCompile(`^` + dmy + ` [0-9]{2}:[0-9]{2}:[0-9]{2} [AP]M$`), "%m/%d/%Y %I:%M:%S %p", false},
}

// dates is the form in which every value that is no mark is written, or nothing. Years outside 1900 to 2100 are no dates.
func (c *Column) dates() (kind, form, doubt string) {
	for _, f := range dateForms {
		if !f.holds(c) {
			continue
		}
		if f.twin && !f.certain(c) {
			doubt = "day before month, as in French? / le jour avant le mois ?"
		}
		return f.kind, f.form, doubt
	}
	return "", "", ""
}

func (f dateForm) holds(c *Column) bool {
	some := false
	layout, err := contract.Layout(f.form)
	if err != nil {
		return false
	}
	for text := range c.values {
		if c.marks[text] > 0 {
			continue
		}
		some = true
		if !f.pattern.MatchString(text) || !parses(layout, text) {
			return false
		}
	}
	return some
}

func parses(layout, text string) bool {
	if layout == "" { // the pattern leaves few ways
		at, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
		clock := strings.TrimLeft(text[len(time.DateOnly):], "T ")
		return err == nil && at.Year() >= 1900 && at.Year() < 2100 && (clock == "" || clock[:2] < "24" && clock[3:5] < "60")
	}
	at, err := time.Parse(layout, text)
	return err == nil && at.Year() >= 1900 && at.Year() < 2100
}

// certain says whether a value can be read in this form only, and not with day and month exchanged.
func (f dateForm) certain(c *Column) bool {
	month := strings.HasPrefix(f.form, "%m")
	for text := range c.values {
		if len(text) > 4 && c.marks[text] == 0 && (!month && text[:2] > "12" || month && text[3:5] > "12") {
			return true
		}
	}
	return false
}
