package declare

import (
	"maps"
	"slices"
	"strings"

	"jumeau/model"
)

// collectPublished notes the measures and flows that leave the gate.
func (c *checker) collectPublished(s *model.Source, d *document) {
	if s.Behaviour == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.Behaviour.Publish)) {
		p, at := s.Behaviour.Publish[name], "behaviour.publish."+name
		c.collectAdaptive(d, at+".adaptive", p)
		if p.Shape != model.ShapeFlow {
			c.once(d, at, "measure", name, s)
			continue
		}
		c.once(d, at, "flow", name, s)
		from, rest := p.Companions(name)
		c.once(d, at, "measure", from, s)
		c.once(d, at, "measure", rest, s)
	}
}

// collectAdaptive notes the zone system that protected figures make.
func (c *checker) collectAdaptive(d *document, at string, p *model.Published) {
	switch name := p.Adaptive; {
	case name == "":
	case c.adaptive[name] || slices.Contains(c.t.Zones, name) || model.GridSize(name) > 0:
		d.addValue(at, "there is a zone system %q already: give the one to be made another name, and do not list it in territory.yaml", name)
	default:
		c.adaptive[name] = true
	}
}

// published finds what a source publishes under the name of a measure or flow: itself, or the companion of a flow.
func published(s *model.Source, name string) *model.Published {
	if s.Behaviour == nil {
		return nil
	}
	if p := s.Behaviour.Publish[name]; p != nil {
		return p
	}
	for id, p := range s.Behaviour.Publish {
		if from, rest := p.Companions(id); name == from || name == rest {
			return p
		}
	}
	return nil
}

// checkColumnsAboutPeople refuses rules that only a table could keep: rows about people are never one.
func (c *checker) checkColumnsAboutPeople(s *model.Source, d *document) {
	for _, name := range columnNames(s) {
		col, at := s.Contract.Columns[name], "contract.columns."+name
		if col.Unique || col.Role == "id" {
			d.addKey(at, "rows of class %s are never kept, so they cannot be held to be unique: remove unique and role id", s.Behaviour.Class)
		}
		if col.Refers == "" {
			continue
		}
		if other := c.sourceOf[strings.Split(col.Refers, ".")[0]]; other != nil && (other == s || other.Behaviour != nil && personal(other.Behaviour.Class)) {
			d.addValue(at+".refers", "rows of class %s refer to open sources only", s.Behaviour.Class)
		}
	}
	for i, k := range s.Keep {
		if k.Within != "" {
			d.addKey(index("keep", i)+".within", "the gate leaves out what is outside its zones: remove within")
		}
		if k.First {
			d.addKey(index("keep", i)+".first", "rows of class %s are never kept, so they cannot be compared: remove first", s.Behaviour.Class)
		}
	}
	if s.Zones != nil {
		d.addKey("zones", "rows of class %s are about single units: they make no zones", s.Behaviour.Class)
	}
}

func (c *checker) checkPublish(s *model.Source, d *document) {
	share := 0
	for _, name := range slices.Sorted(maps.Keys(s.Behaviour.Publish)) {
		p, at := s.Behaviour.Publish[name], "behaviour.publish."+name
		share += p.Share
		c.checkTable(s, d, at, p)
		c.checkShape(s, d, at, p)
	}
	if s.Behaviour.Class == "E" {
		c.checkMargins(s, d)
	}
	if share > 100 {
		d.addKey("behaviour.publish", "the shares add up to %d: they are hundredths of one budget", share)
	}
}

// checkTable holds zones, levels and slots to each other and to the class.
func (c *checker) checkTable(s *model.Source, d *document, at string, p *model.Published) {
	class := s.Behaviour.Class
	c.system(d, at+".zones", p.Zones)
	below := p.Zones
	for i, l := range p.Levels {
		path := index(at+".levels", i)
		switch {
		case !c.system(d, path, l):
		case c.areLines(l):
			d.addValue(path, "the zones of %q are lines, which hold nothing", l)
		case slices.Contains(c.t.Zones, below) && !c.coarser(l, below):
			d.addValue(path, "%q is not coarser than %q: territory.yaml lists zones from the coarsest to the finest", l, below)
		}
		below = l
	}
	if len(p.Levels) > 0 && p.Shape != model.ShapePresence && p.Shape != model.ShapeSplit && p.Shape != model.ShapeSum && p.Shape != "" {
		d.addKey(at+".levels", "levels are for presence, split and sum, not for %s", p.Shape)
	}
	if p.Adaptive != "" && (class != "C" || p.Shape != model.ShapePresence || len(p.Levels) == 0) {
		d.addKey(at+".adaptive", "adaptive is for presence of class C with levels: there must be coarser figures where finer ones do not stand")
	}
	if p.Snap != 0 && !c.areLines(p.Zones) {
		d.addKey(at+".snap", "snap is for zones that are lines, and those of %q are not", p.Zones)
	}
	for key, given := range map[string]bool{"l0": p.L0 != 0, "linf": p.Linf != 0, "bias": p.Bias, "share": p.Share != 0} {
		if given && class != "C" {
			d.addKey(at+"."+key, "%s is for class C: classes E, F and G have no budget to divide", key)
		}
	}
	if p.Linf > 1 && p.Shape == model.ShapePresence {
		d.addValue(at+".linf", "presence counts distinct units: linf is 1")
	}
	if p.Bias && !p.Totals && p.Shape != model.ShapeFlow {
		d.addKey(at+".bias", "bias is measured with the budget of the totals: set totals")
	}
	if p.Weight != "" && class != "G" {
		d.addKey(at+".weight", "weight is for class G")
	}
	c.numeric(s, d, at+".weight", p.Weight)
	if p.Slot != "" && p.Slot != model.SlotAll && c.role(s, "time") == "" && !d.broken {
		d.addValue(at+".slot", "slots by time need a column with role time")
	}
}

// checkShape asks for the columns that a shape is made of.
func (c *checker) checkShape(s *model.Source, d *document, at string, p *model.Published) {
	has := func(key, name, role string) {
		if c.column(s, at+"."+key, name) == nil && name == "" && c.role(s, role) == "" && !d.broken {
			d.addKey(at, "%s is missing: no column has the role %s", key, role)
		}
	}
	used := map[string]bool{"origin": p.Origin != "", "destination": p.Destination != "", "value": p.Value != "", "edges": p.Edges != nil, "category": p.Category != "", "place": p.Place != ""}
	allow := func(keys ...string) {
		for _, key := range slices.Sorted(maps.Keys(used)) {
			if used[key] && !slices.Contains(keys, key) {
				d.addKey(at+"."+key, "%s is not for %s", key, p.Shape)
			}
		}
	}
	if p.Shape != model.ShapeFlow && p.Shape != "" {
		if c.column(s, at+".place", p.Place) == nil && p.Place == "" && c.role(s, "place") == "" && s.Contract.Geometry == nil && !d.broken {
			d.addKey(at, "place is missing: no column has the role place, and there is no geometry")
		}
	}
	for _, text := range slices.Sorted(maps.Keys(p.Labels)) {
		if col := c.column(s, at+".category", p.Category); col == nil || !slices.Contains(col.In, text) {
			d.addKey(at+".labels", "%q has a label and is no category of the column", text)
		}
	}
	switch p.Shape {
	case model.ShapeFlow:
		has("origin", p.Origin, "origin")
		has("destination", p.Destination, "destination")
		allow("origin", "destination")
	case model.ShapeHistogram:
		allow("value", "edges", "place")
		if p.Value == "" || len(p.Edges) == 0 {
			d.addKey(at, "a histogram needs value (a column) and edges (the bounds of its classes)")
		}
		c.numeric(s, d, at+".value", p.Value)
		if !slices.IsSorted(p.Edges) || len(slices.Compact(slices.Clone(p.Edges))) < len(p.Edges) {
			d.addKey(at+".edges", "edges go up: [0, 1, 2, 5, 10]")
		}
	case model.ShapeSplit:
		allow("category", "place")
		if col := c.column(s, at+".category", p.Category); p.Category == "" {
			d.addKey(at, "category is missing: the column whose categories are counted")
		} else if col != nil && len(col.In) < 2 {
			d.addValue(at+".category", `column %q does not list its categories: give it "in", two at least; categories are declared, never learned from the rows`, p.Category)
		}
	case model.ShapeSum:
		allow("value", "place", "category")
		if s.Behaviour.Class != "E" && s.Behaviour.Class != "F" {
			d.addValue(at+".shape", "sum is for classes E and F")
		}
		c.checkSumByCategory(s, d, at, p)
		if p.Value == "" {
			d.addKey(at, "value is missing: the column that is summed")
		}
		c.numeric(s, d, at+".value", p.Value)
	case model.ShapeLinks:
		allow()
		if s.Contract.Geometry == nil && !d.broken {
			d.addValue(at+".shape", "links come from the points of traces: the source has no geometry")
		}
		if s.Behaviour.Class != "C" || c.role(s, "time") == "" {
			d.addValue(at+".shape", "links are for class C, with a column of role time")
		}
	case model.ShapePresence:
		allow("place")
	}
}

// role is the first column of the source with the role, "" when there is none.
func (c *checker) role(s *model.Source, role string) string {
	for _, name := range columnNames(s) {
		if s.Contract.Columns[name].Role == role {
			return name
		}
	}
	return ""
}

// checkSumByCategory wants every row to have its category: else the rows without one are the difference between two totals.
func (c *checker) checkSumByCategory(s *model.Source, d *document, at string, p *model.Published) {
	col := c.column(s, at+".category", p.Category)
	switch {
	case p.Category == "":
	case s.Behaviour.Class != "E":
		d.addKey(at+".category", "sums by category are for class E")
	case col != nil && (len(col.In) < 2 || !col.Required):
		d.addValue(at+".category", `column %q must list its categories ("in", two at least) and be required: rows without a category would be the difference between two totals`, p.Category)
	}
}

// checkMargins holds the tables of class E that sum one column to each other: what one hides, another must not show by difference.
func (c *checker) checkMargins(s *model.Source, d *document) {
	names := slices.Sorted(maps.Keys(s.Behaviour.Publish))
	for i, name := range names {
		p, at := s.Behaviour.Publish[name], "behaviour.publish."+name
		if p.Shape == model.ShapeHistogram || p.Shape == model.ShapeFlow {
			d.addValue(at+".shape", "class E publishes presence, split and sum, not %s", p.Shape)
		}
		for _, other := range names[:i] {
			q := s.Behaviour.Publish[other]
			switch {
			case p.Value != q.Value:
			case slotOr(p) != slotOr(q):
				d.addKey(at, "it sums the column of %q over other slots: give both the same slot, their difference may be one enterprise", other)
			case !slices.Contains(p.Systems(), q.Zones) && !slices.Contains(q.Systems(), p.Zones):
				d.addKey(at, "it sums the column of %q over zones that are not among its zones and levels: their difference may be one enterprise", other)
			}
		}
	}
}

func slotOr(p *model.Published) string {
	if p.Slot == "" {
		return model.SlotAll
	}
	return p.Slot
}
