package model

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Published is one table of protected figures that leaves the gate, under the name of a measure or of a flow.
type Published struct {
	// Name of the figures, as the page shows it.
	Title Text `yaml:"title" json:"title"`
	// What they count, and what they do not, in a sentence or two.
	Summary Text `yaml:"summary,omitempty" json:"summary"`
	// Unit of one figure; default the unit of the source ("people").
	Unit Text `yaml:"unit,omitempty" json:"unit"`
	// presence: distinct units by zone and slot. flow: by origin, destination and slot. links: by street segment or
	// zone passed, from GPS traces whose ends are cut. histogram: trips by class of a number. split: trips by category. sum: of a number (classes E, F), by
	// category if one is given (class E).
	Shape string `yaml:"shape" json:"shape"`
	// Zone system of the finest figures.
	Zones string `yaml:"zones" json:"zones"`
	// Coarser zone systems published too, finest first, each with its own part of the budget. presence, split, sum.
	Levels []string `yaml:"levels,omitempty" json:"levels,omitempty"`
	// presence of class C with levels: name of a zone system to be made, in which each place has the finest level that stands in all
	// slots, and what is left of the coarser ones around. It is made from published figures, and costs nothing.
	Adaptive string `yaml:"adaptive,omitempty" json:"adaptive,omitempty"`
	// Slot kind: all (default), hour, three_hours, half_day, day_type, date, month.
	Slot string `yaml:"slot,omitempty" json:"slot,omitempty"`
	// Column that says where a row is; default the column with role place, else the geometry.
	Place string `yaml:"place,omitempty" json:"place,omitempty"`
	// Where zones are lines (street segments): metres within which a position belongs to the nearest one; default 30.
	Snap float64 `yaml:"snap,omitempty" json:"snap,omitempty"`
	// flow: column of the origin; default the column with role origin.
	Origin string `yaml:"origin,omitempty" json:"origin,omitempty"`
	// flow: column of the destination; default the column with role destination.
	Destination string `yaml:"destination,omitempty" json:"destination,omitempty"`
	// histogram, sum: column of the number.
	Value string `yaml:"value,omitempty" json:"value,omitempty"`
	// histogram: bounds of the classes, in order; a class has its first bound and not its last.
	Edges []float64 `yaml:"edges,omitempty" json:"edges,omitempty"`
	// split, and sum of class E: column of the category, whose "in" lists the categories.
	Category string `yaml:"category,omitempty" json:"category,omitempty"`
	// What categories mean, where they are codes: how the page writes them.
	Labels map[string]Text `yaml:"labels,omitempty" json:"labels,omitempty"`
	// Class G: column of the survey weight, which never leaves.
	Weight string `yaml:"weight,omitempty" json:"weight,omitempty"`
	// Class C: zone × slot cells in which one unit may count at most, drawn among its own.
	L0 int `yaml:"l0,omitempty" json:"l0,omitempty"`
	// Class C: how often one unit may count in one cell; default 1: distinct units. Not for presence.
	Linf int `yaml:"linf,omitempty" json:"linf,omitempty"`
	// True: totals with a budget of their own, so that what is not published one by one is known as a rest. Always so for
	// flow: NAME_from and NAME_rest are measures by origin.
	Totals bool `yaml:"totals,omitempty" json:"totals,omitempty"`
	// True: measure how much l0 left out, with half of the budget of the totals.
	Bias bool `yaml:"bias,omitempty" json:"bias,omitempty"`
	// Hundredths of the release's budget; default an equal part.
	Share int `yaml:"share,omitempty" json:"share,omitempty"`
	// Decimals shown; default 0.
	Decimals int `yaml:"decimals,omitempty" json:"decimals"`
}

// Shapes of published figures.
const (
	ShapePresence  = "presence"
	ShapeFlow      = "flow"
	ShapeLinks     = "links"
	ShapeHistogram = "histogram"
	ShapeSplit     = "split"
	ShapeSum       = "sum"
)

// Companions of a published flow: what leaves each origin, and the part of it that is not published pair by pair.
func (p *Published) Companions(id string) (from, rest string) {
	if p.Shape != ShapeFlow {
		return "", ""
	}
	return id + "_from", id + "_rest"
}

// Systems are the zone systems of the figures, finest first.
func (p *Published) Systems() []string { return append([]string{p.Zones}, p.Levels...) }

// Personal says whether a class holds rows about single persons, devices, households or enterprises, which only the gate may
// read.
func Personal(class string) bool { return class == "C" || class == "E" || class == "F" || class == "G" }

var (
	yearForm     = regexp.MustCompile(`^\d{4}$`)
	quarterForm  = regexp.MustCompile(`^(\d{4})-Q([1-4])$`)
	intervalForm = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)$`)
)

// ParsePeriod reads a period as declared: its first date, and the date after its last.
func ParsePeriod(text string) (from, to string, err error) {
	var first, last time.Time
	months := 0
	switch m := quarterForm.FindStringSubmatch(text); {
	case m != nil:
		q, _ := strconv.Atoi(m[2])
		first, err = time.Parse("2006-01", fmt.Sprintf("%s-%02d", m[1], 3*q-2))
		months = 3
	case yearForm.MatchString(text):
		first, err = time.Parse("2006", text)
		months = 12
	case intervalForm.MatchString(text):
		m := intervalForm.FindStringSubmatch(text)
		if first, err = time.Parse(time.DateOnly, m[1]); err == nil {
			last, err = time.Parse(time.DateOnly, m[2])
		}
	default:
		first, err = time.Parse("2006-01", text)
		months = 1
	}
	if err != nil {
		return "", "", fmt.Errorf(`%q is not a period ("2025-11", "2025-Q4", "2025", "2025-11-03/2025-11-10")`, text)
	}
	if months > 0 {
		last = first.AddDate(0, months, 0)
	}
	if !first.Before(last) {
		return "", "", fmt.Errorf("the period %q is empty: its last date is excluded", text)
	}
	return first.Format(time.DateOnly), last.Format(time.DateOnly), nil
}
