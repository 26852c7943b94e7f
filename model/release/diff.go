package release

import (
	"fmt"
	"reflect"

	"jumeau/model"
	"jumeau/model/edition"
)

// Diff says what changed from release A to release B.
type Diff struct {
	A       string       `json:"a"`
	B       string       `json:"b"`
	Same    bool         `json:"same"` // the same content id
	Bytes   [2]int64     `json:"bytes"`
	Things  []Thing      `json:"things"`  // zone systems, layers, measures, flows, sources that changed
	Figures []FigureDiff `json:"figures"` // of measures and flows that are in both
	Rows    []Edition    `json:"rows"`    // of sources whose rows have a key, in both
}

// Thing is a part of the catalogue that came, went or changed.
type Thing struct {
	Kind    string   `json:"kind"` // zones, layer, measure, flow, source
	ID      string   `json:"id"`
	Change  string   `json:"change"` // added, removed, changed
	Details []string `json:"details,omitempty"`
}

// FigureDiff compares the figures of a measure or flow in one zone system: figures of the same zones and slot.
type FigureDiff struct {
	Kind     string       `json:"kind"` // measure, flow
	ID       string       `json:"id"`
	Zones    string       `json:"zones"`
	Compared int          `json:"compared"`
	Added    int          `json:"added"`   // figures only in B
	Removed  int          `json:"removed"` // figures only in A
	Numbers  int          `json:"numbers"` // figures whose number changed
	Flags    int          `json:"flags"`   // figures whose flag changed
	Largest  []Difference `json:"largest"` // the largest changes of a number, at most five
}

// Difference of one figure. A figure withheld in one of the releases is never here: its number is in neither.
type Difference struct {
	Zone   string     `json:"zone"` // of a flow: origin → destination
	Name   string     `json:"name"`
	Slot   model.Slot `json:"slot"`
	Before float64    `json:"before"`
	After  float64    `json:"after"`
}

// Compare opens releases a and b and says what changed.
func Compare(releases, a, b string) (*Diff, error) {
	first, err := Open(releases, a)
	if err != nil {
		return nil, err
	}
	second, err := Open(releases, b)
	if err != nil {
		return nil, err
	}
	d := &Diff{A: a, B: b, Same: first.Manifest.Content == second.Manifest.Content,
		Bytes: [2]int64{first.Manifest.Bytes(), second.Manifest.Bytes()}, Things: []Thing{}, Figures: []FigureDiff{}, Rows: []Edition{}}
	if err := d.rows(first, second); err != nil || d.Same {
		return d, err
	}
	d.things(first, second)
	return d, d.figures(first, second)
}

// rows compares the editions of the sources that have one in both releases.
func (d *Diff) rows(a, b *Release) error {
	for _, s := range b.Manifest.Catalog.Sources {
		path := EditionPath(s.ID)
		_, inA := a.Manifest.File(path)
		if _, inB := b.Manifest.File(path); !inA || !inB {
			continue
		}
		change, err := edition.Compare(a.Path(path), b.Path(path))
		if err != nil {
			return err
		}
		if change.Any() || change.Redeclared {
			d.Rows = append(d.Rows, Edition{Source: s.ID, Since: a.Manifest.ID, Change: change})
		}
	}
	return nil
}

func (d *Diff) things(a, b *Release) {
	x, y := &a.Manifest.Catalog, &b.Manifest.Catalog
	d.Things = append(d.Things, compare("zones", x.ZoneSystems, y.ZoneSystems, func(z ZoneSystem) (string, []fact) {
		return z.ID, []fact{{"zones", z.Count}, {"title", z.Title}}
	})...)
	layers := func(r *Release) func(Layer) (string, []fact) {
		return func(l Layer) (string, []fact) {
			sum := ""
			if f, ok := r.Manifest.File(LayerPath(l.ID)); ok {
				sum = f.SHA256[:12]
			}
			return l.ID, []fact{{"features", l.Features}, {"geometry and attributes", sum}, {"title", l.Title}, {"summary", l.Summary},
				{"audience", l.Audience}, {"style", l.Style}, {"zooms", [2]int{l.MinZoom, l.MaxZoom}}, {"measures", l.Measures}}
		}
	}
	d.Things = append(d.Things, compare2("layer", x.Layers, y.Layers, layers(a), layers(b))...)
	d.Things = append(d.Things, compare("measure", x.Measures, y.Measures, func(m Measure) (string, []fact) {
		systems := []string{}
		for _, s := range m.Systems {
			systems = append(systems, s.Zones)
		}
		return m.ID, []fact{{"title", m.Title}, {"summary", m.Summary}, {"unit", m.Unit}, {"zones", systems}, {"slots", len(m.Slots)}}
	})...)
	d.Things = append(d.Things, compare("flow", x.Flows, y.Flows, func(f Flow) (string, []fact) {
		return f.ID, []fact{{"title", f.Title}, {"summary", f.Summary}, {"unit", f.Unit}, {"zones", f.Zones}, {"total", f.Total}}
	})...)
	d.Things = append(d.Things, compare("source", x.Sources, y.Sources, func(s Source) (string, []fact) {
		facts := []fact{{"absent", s.Absent}, {"vintage", s.Vintage}, {"licence", s.Licence}, {"rows read", s.Read}, {"rows loaded", s.Loaded},
			{"rows skipped", s.Skipped}, {"bytes", fmt.Sprintf("%.12s", s.SHA256)}}
		for _, r := range s.Rejected {
			facts = append(facts, fact{"rejected " + r.Code, r.Count})
		}
		return s.ID, facts
	})...)
}

// fact is one thing that the catalogue says, for comparison.
type fact struct {
	name  string
	value any
}

func compare[T any](kind string, a, b []T, describe func(T) (string, []fact)) []Thing {
	return compare2(kind, a, b, describe, describe)
}

func compare2[T any](kind string, a, b []T, describeA, describeB func(T) (string, []fact)) []Thing {
	before := map[string][]fact{}
	var order []string
	for _, t := range a {
		id, facts := describeA(t)
		before[id] = facts
		order = append(order, id)
	}
	var out []Thing
	for _, t := range b {
		id, after := describeB(t)
		facts, ok := before[id]
		delete(before, id)
		if !ok {
			out = append(out, Thing{Kind: kind, ID: id, Change: "added"})
		} else if details := changes(facts, after); len(details) > 0 {
			out = append(out, Thing{Kind: kind, ID: id, Change: "changed", Details: details})
		}
	}
	for _, id := range order {
		if _, ok := before[id]; ok {
			out = append(out, Thing{Kind: kind, ID: id, Change: "removed"})
		}
	}
	return out
}

// changes lists the facts that differ: numbers and short texts with both values, the others by name.
func changes(a, b []fact) (out []string) {
	before := map[string]any{}
	for _, f := range a {
		before[f.name] = f.value
	}
	say := func(name string, was, is any) {
		switch is.(type) {
		case model.Text, model.Style, []string, [2]int:
			out = append(out, name)
		default:
			out = append(out, fmt.Sprintf("%s %v → %v", name, was, is))
		}
	}
	for _, f := range b {
		was, ok := before[f.name]
		delete(before, f.name)
		if !ok {
			was = zeroOf(f.value)
		}
		if !reflect.DeepEqual(was, f.value) {
			say(f.name, was, f.value)
		}
	}
	for _, f := range a {
		if was, gone := before[f.name]; gone {
			say(f.name, was, zeroOf(was))
		}
	}
	return out
}

func zeroOf(v any) any { return reflect.Zero(reflect.TypeOf(v)).Interface() }
