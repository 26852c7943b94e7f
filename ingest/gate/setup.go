package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"jumeau/ingest/gate/internal/noise"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// Shape is what a table of protected figures counts. There is no shape that keeps the order of one unit's events.
type Shape string

const (
	Presence  Shape = "presence"  // distinct units by zone and slot
	Flow      Shape = "flow"      // distinct units (or trips, up to Linf each) by origin, destination and slot
	Links     Shape = "links"     // distinct units by street segment and slot, from traces whose ends are cut
	Histogram Shape = "histogram" // trips by class of a number (distance, duration)
	Split     Shape = "split"     // trips by category (mode), under the rule of diversity
)

// Setup is what a gate is opened with.
type Setup struct {
	Source   *model.Source  // Required: its contract gives roles, class, unit, purpose, legal basis, retention
	Privacy  model.Privacy  // Required: the territory's, with its defaults filled in
	Period   ledger.Period  // Required: the window of the data; rows outside are left out
	Zone     *time.Location // Required: of local days and hours
	Release  string         // Required: id of the release
	Corrects string         // the release of the same period that this one replaces
	Author   string         // Required: who answers for the release
	Tables   []Table        // Required: what is published, all from one reading of the source

	Units  int    // greatest number of units expected, as declared; default 100,000. delta must be at most 1/(10 Units)
	Memory int64  // bytes that rows may take; default 1 GiB, of which traces take 24 a position. A gate never spills: it stops
	Key    []byte // Required for classes F and G: 32 bytes, the same as long as the vintage is (see LoadKey)
}

// Table is one table of protected figures.
type Table struct {
	Name   string  // Required, unique in the setup
	Shape  Shape   // Required
	Slot   string  // slot kind: all (default), hour, three_hours, half_day, day_type, date, month
	System string  // Required: zone system of the leaves ("segments" for Links)
	Zones  int     // Required: number of its zones
	Place  Place   // where a row is; optional for Histogram and Split
	From   Place   // Flow: origin
	To     Place   // Flow: destination
	Levels []Level // coarser systems, finest first; Presence only
	Totals bool    // separately budgeted totals by slot (Flow: by origin and by slot), so that a "rest" is known

	Value      string    // Histogram: column of the number. Classes E and F: column that is summed
	Edges      []float64 // Histogram: class i is from Edges[i] (included) to Edges[i+1]; others are left out
	Category   string    // Split: column of the category
	Categories []string  // Split: the categories, declared
	Weight     string    // class G: column of the survey weight, which never leaves
	Width      int       // class E: least width of the interval in which a hidden figure can be placed; default k

	L0       int  // class C: cells one unit may count in; default 4
	Linf     int  // class C: how often in one cell; default 1, distinct units
	OnePlace bool // Presence: a unit counts in one zone a slot, drawn among its own; always so with Levels or Totals
	Bias     bool // measure what bounding left out, with half of the totals' budget; needs Totals
	Most     int  // Bias: cells of one unit that are measured at most; default the number of slots, at most 96; Links: 4 L0, at most 400
	Share    int  // hundredths of the release's budget; default an equal part
	Parts    Parts
	Before   []Shown       // class E: what the release before showed; nil when there is none
	Gap      time.Duration // Links: a pause that ends a trip; default 20 min
	Cut      float64       // Links: metres cut at both ends of a trip; at least and by default 200
}

// Parts are the hundredths of a table's budget that its leaves, coarser levels and totals have; default 50, 30, 20. What a
// table does not have goes to the leaves.
type Parts struct{ Leaves, Levels, Totals int }

// Place says where a row is. The column's type decides: a text is looked up in Index, a whole number is the zone itself, a
// geometry (well-known binary, a point, OGC:CRS84) is located.
type Place struct {
	Column string
	Index  map[string]int32
	Locate func(lon, lat float64) int32 // -1: outside; called from several goroutines
}

// Level is a coarser zone system. Parent gives the zone of each zone of the level below (-1: none).
type Level struct {
	System string
	Zones  int
	Parent []int32
}

func invalid(source, hint, format string, args ...any) error {
	return &model.Error{Kind: model.Invalid, Op: "open the gate", Subject: source, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// check holds the setup to the rules, before a row is read.
func (s *Setup) check() (Profile, error) {
	if s.Source == nil || s.Source.Behaviour == nil {
		return Profile{}, invalid("", "declare behaviour in the source", "the source has no behaviour: purpose, legal basis, retention, unit and class")
	}
	b, id := s.Source.Behaviour, s.Source.ID
	p, err := ProfileOf(b.Class)
	if err != nil {
		return p, err
	}
	if !p.Rows {
		return p, invalid(id, "load it as a table", "class %s has no rows about single units: the gate is not for it", b.Class)
	}
	for name, given := range map[string]bool{"purpose": b.Purpose != (model.Text{}), "legal_basis": b.LegalBasis != "", "retention": b.Retention != "",
		"unit": b.Unit != ""} {
		if !given {
			return p, invalid(id, "complete behaviour in the source's declaration", "the contract has no %s", name)
		}
	}
	if _, err := s.unitColumn(); err != nil {
		return p, err
	}
	switch {
	case s.Zone == nil || s.Release == "" || s.Author == "" || len(s.Tables) == 0:
		return p, invalid(id, "give Zone, Release, Author and Tables", "the setup is incomplete")
	case s.Privacy.K == 0 || s.Privacy.Epsilon == 0 || s.Privacy.Delta == 0 || s.Privacy.EpsilonYear == 0:
		return p, invalid(id, "declare privacy in territory.yaml", "thresholds and budget are not set")
	case s.Privacy.K < 11:
		return p, invalid(id, "k is at least 11", "k = %d", s.Privacy.K)
	case p.CellKey && len(s.Key) != 32:
		return p, invalid(id, "see gate.LoadKey", "class %s needs the key of its vintage, 32 bytes", b.Class)
	}
	if err := s.Period.Check(); err != nil {
		return p, invalid(id, "give dates", "%w", err)
	}
	return p, s.checkBudget(p)
}

func (s *Setup) checkBudget(p Profile) error {
	if !p.Noise {
		return nil
	}
	if s.Units == 0 {
		s.Units = 100_000
	}
	if limit := 1 / (10 * float64(s.Units)); !(s.Privacy.Delta > 0 && s.Privacy.Delta <= limit) {
		return invalid(s.Source.ID, "lower privacy.delta", "delta %v is above 1/(10 × %d units) = %.2g", s.Privacy.Delta, s.Units, limit)
	}
	if s.Privacy.Epsilon > s.Privacy.EpsilonYear {
		return invalid(s.Source.ID, "lower privacy.epsilon", "epsilon %v of one release is above %v of a year", s.Privacy.Epsilon, s.Privacy.EpsilonYear)
	}
	_, err := noise.EpsilonOf(s.Privacy.Epsilon)
	return err
}

func (s *Setup) column(role string) string {
	var names []string
	for name, c := range s.Source.Contract.Columns {
		if c.Role == role {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

func (s *Setup) unitColumn() (string, error) {
	n := 0
	for _, c := range s.Source.Contract.Columns {
		if c.Role == "unit" {
			n++
		}
	}
	if n != 1 {
		return "", invalid(s.Source.ID, "give exactly one column the role unit", "%d columns have the role unit", n)
	}
	return s.column("unit"), nil
}

// contractDigest is the SHA-256 of the source as declared, so that the ledger says under which contract it was read.
func contractDigest(src *model.Source) string {
	b, err := json.Marshal(src)
	if err != nil {
		panic(err) // the vocabulary is texts and numbers
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// check holds a table to its shape and fills its defaults.
func (t *Table) check(src *model.Source, p Profile) error {
	bad := func(format string, args ...any) error {
		return invalid(src.ID+" "+t.Name, "mend the table", format, args...)
	}
	set(&t.Slot, model.SlotAll)
	set(&t.L0, 4)
	set(&t.Linf, 1)
	set(&t.Gap, 20*time.Minute)
	t.Cut = max(t.Cut, 200)
	set(&t.Parts, Parts{50, 30, 20})
	t.OnePlace = t.Shape == Presence && (t.OnePlace || len(t.Levels) > 0 || t.Totals)
	for _, name := range []string{t.Place.Column, t.From.Column, t.To.Column, t.Value, t.Category, t.Weight} {
		if c := src.Contract.Columns[name]; name != "" && name != "geometry" && c == nil {
			return bad("column %q is not in the contract: only declared columns are read", name)
		} else if c != nil && c.Role == "unit" {
			return bad("column %q says whom a row is about; it never leaves the gate", name)
		}
	}
	switch {
	case t.Name == "" || t.System == "" || t.Zones < 1:
		return bad("name, zone system and number of zones are required")
	case t.L0 < 1 || t.L0 > 1000 || t.Linf < 1 || t.Linf > 1000:
		return bad("L0 = %d and Linf = %d: both from 1 to 1000", t.L0, t.Linf)
	case t.Linf > 1 && t.OnePlace:
		return bad("presence counts distinct units: Linf is 1")
	case t.Bias && !t.Totals:
		return bad("the bias is measured with the totals' budget: set Totals")
	case t.Parts.Leaves < 1 || t.Parts.Levels < 0 || t.Parts.Totals < 0 || t.Parts.Leaves+t.Parts.Levels+t.Parts.Totals != 100:
		return bad("parts %+v do not add up to 100", t.Parts)
	case len(t.Levels) > 0 && t.Shape != Presence && t.Shape != Split:
		return bad("coarser levels are for presence and splits")
	case !p.Noise && (t.Bias || t.Shape == Links):
		return bad("%s with bias or links is for class C", t.Shape)
	}
	return t.checkShape(bad)
}

func (t *Table) checkShape(bad func(string, ...any) error) error {
	switch t.Shape {
	case Presence, Links:
		if t.Place.Column == "" {
			return bad("%s needs a place", t.Shape)
		}
		if t.Shape == Links && t.Place.Locate == nil {
			return bad("links are located from points: give Place.Locate")
		}
	case Flow:
		if t.From.Column == "" || t.To.Column == "" {
			return bad("a flow needs an origin and a destination")
		}
		if t.Zones > math.MaxUint16*8 {
			return bad("%d zones are too many for a flow", t.Zones)
		}
	case Histogram:
		if t.Value == "" || len(t.Edges) < 2 || !slices.IsSorted(t.Edges) {
			return bad("a histogram needs a value and edges in order")
		}
	case Split:
		if t.Category == "" || len(t.Categories) < 2 {
			return bad("a split needs a category and at least two declared ones")
		}
	default:
		return bad("shape %q is unknown", t.Shape)
	}
	if t.Place.Column == "" && t.Zones != 1 && t.Shape != Flow {
		return bad("without a place there is one zone")
	}
	below := t.Zones
	for _, l := range t.Levels {
		if len(l.Parent) != below {
			return bad("level %s has %d parents for %d zones", l.System, len(l.Parent), below)
		}
		for _, p := range l.Parent {
			if int(p) >= l.Zones {
				return bad("level %s: parent %d of %d zones", l.System, p, l.Zones)
			}
		}
		below = l.Zones
	}
	return nil
}

func set[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

var errClosed = errors.New("the gate is closed")
