package declare

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"jumeau/model"
)

func index(path string, i int) string { return path + "." + strconv.Itoa(i) }

func (c *checker) checkSource(s *model.Source) {
	d := c.sourceDoc[s]
	c.checkFrom(s, d)
	id := ""
	for _, name := range columnNames(s) {
		c.checkColumn(s, d, name)
		if s.Contract.Columns[name].Role == "id" {
			if id != "" {
				d.addValue("contract.columns."+name+".role", "column %q has role id already: a row has one", id)
			}
			id = name
		}
	}
	c.checkGeometry(s, d)
	if s.Contract.Drift != nil && s.Behaviour != nil && personal(s.Behaviour.Class) {
		d.addKey("contract.drift", "drift is for open sources: no history is kept of rows about people")
	}
	c.checkClip(s, d)
	for i, k := range s.Keep {
		c.checkKeep(s, d, index("keep", i), k)
	}
	c.checkCodes(s, d)
	c.checkZones(s, d)
	for _, name := range slices.Sorted(maps.Keys(s.Measures)) {
		c.checkMeasure(s, d, "measures."+name, s.Measures[name])
	}
	for _, name := range slices.Sorted(maps.Keys(s.Flows)) {
		c.checkFlow(s, d, "flows."+name, s.Flows[name])
	}
	c.checkBehaviour(s, d)
	for i, e := range s.Examples {
		c.checkExample(s, d, index("examples", i), e)
	}
}

func (c *checker) checkFrom(s *model.Source, d *document) {
	if s.From.Path == "" && s.From.URL == "" && !d.broken {
		d.addKey("from", "from needs path (a file) or url (an address)")
	}
	if s.From.Verified && s.From.URL == "" {
		d.addKey("from.verified", "verified is about url, and there is none")
	}
	c.checkFetch(s, d)
	r := s.Read
	text := r.Format == "" || r.Format == "csv"
	switch {
	case r.Delimiter != "" && !text:
		d.addKey("read.delimiter", "delimiter is for csv, not for %s", r.Format)
	case r.HeaderStrip != "" && !text:
		d.addKey("read.header_strip", "header_strip is for csv, not for %s", r.Format)
	case r.Explode != "" && r.Format != "" && r.Format != "json":
		d.addKey("read.explode", "explode is for json, not for %s", r.Format)
	case r.Delimiter == "," && r.Decimal == ",":
		d.addKey("read.decimal", "the delimiter and the decimal sign cannot both be a comma")
	}
	if r.CRS != "" && s.Contract.Geometry == nil && !d.broken {
		d.addKey("read.crs", "crs is of no use without contract.geometry")
	}
}

func (c *checker) checkColumn(s *model.Source, d *document, name string) {
	col, at := s.Contract.Columns[name], "contract.columns."+name
	numeric := col.Type == "integer" || col.Type == "number"
	time := col.Type == "date" || col.Type == "timestamp"
	known := col.Type != ""
	if col.Min != nil && known && !numeric {
		d.addKey(at+".min", "min is for integer and number, the type is %s", col.Type)
	}
	if col.Max != nil && known && !numeric {
		d.addKey(at+".max", "max is for integer and number, the type is %s", col.Type)
	}
	if col.Sum && known && !numeric {
		d.addKey(at+".sum", "sum is for integer and number, the type is %s", col.Type)
	}
	if col.Min != nil && col.Max != nil && *col.Min > *col.Max {
		d.addValue(at+".max", "max (%v) is below min (%v)", *col.Max, *col.Min)
	}
	if col.Format != "" && known && !time {
		d.addKey(at+".format", "format is for date and timestamp, the type is %s", col.Type)
	}
	for _, v := range col.Withheld {
		if slices.Contains(col.Missing, v) {
			d.addKey(at+".withheld", "%q cannot be both missing and withheld", v)
		}
	}
	if col.From == model.RowItself && (col.Role != "unit" || col.Type != "text") {
		d.addValue(at+".from", "%q is the row itself: it is for a text with role unit", col.From)
	}
	c.checkIn(d, at, col)
	if col.Refers != "" {
		c.reference(d, at+".refers", col.Refers)
	}
	switch col.Role {
	case "time":
		if known && !time {
			d.addValue(at+".role", "role time is for date and timestamp, the type is %s", col.Type)
		}
	case "value":
		if known && !numeric {
			d.addValue(at+".role", "role value is for integer and number, the type is %s", col.Type)
		}
	case "unit":
		if s.Behaviour == nil || !personal(s.Behaviour.Class) && s.Behaviour.Class != "" {
			d.addValue(at+".role", "role unit names a person, household, device, vehicle or enterprise: it is for classes C, E, F and G (behaviour.class)")
		}
	}
}

// checkIn holds the allowed texts against the other rules of the column.
func (c *checker) checkIn(d *document, at string, col *model.Column) {
	var re *regexp.Regexp
	if col.Pattern != "" && pattern.test(col.Pattern) == nil {
		re = regexp.MustCompile("^(?:" + col.Pattern + ")$")
	}
	for i, v := range col.In {
		if re != nil && !re.MatchString(v) {
			d.addValue(index(at+".in", i), "%q does not match the pattern %s", v, col.Pattern)
		}
		if slices.Contains(col.Missing, v) || slices.Contains(col.Withheld, v) {
			d.addValue(index(at+".in", i), "%q is also listed as missing or withheld", v)
		}
	}
}

func (c *checker) checkGeometry(s *model.Source, d *document) {
	g := s.Contract.Geometry
	if g == nil || d.broken {
		return
	}
	if s.Contract.Columns["geometry"] != nil {
		d.addKey("contract.columns.geometry", "the shape of a feature has this name already: call the column otherwise, with from: geometry")
	}
	switch {
	case (g.X == "") != (g.Y == ""):
		d.addKey("contract.geometry", "x and y go together")
	case g.CRS != "" && g.X == "":
		d.addKey("contract.geometry.crs", "a column of CRS goes with x and y")
	case g.X != "" && g.WKT != "":
		d.addKey("contract.geometry.wkt", "give x and y, or wkt, not both")
	case g.X != "" && g.Type != "point" && g.Type != "":
		d.addValue("contract.geometry.type", "x and y make points, the type is %s", g.Type)
	case g.X != "" && (s.Read.Format == "geojson" || s.Read.Format == "geojsonseq" || s.Read.Format == "shapefile"):
		d.addKey("contract.geometry.x", "a %s file has geometry of its own: x and y are for tables", s.Read.Format)
	}
}

// checkClip: the box is the territory's, or that of zones of areas which another source gives.
func (c *checker) checkClip(s *model.Source, d *document) {
	clip := s.Read.Clip
	if clip == "" {
		return
	}
	switch g := s.Contract.Geometry; {
	case d.broken:
	case g == nil:
		d.addKey("read.clip", "clip needs contract.geometry")
	case g.CRS != "":
		d.addKey("read.clip", "rows with coordinates of different systems cannot be looked up in one box: use keep with within")
	case s.Behaviour != nil && personal(s.Behaviour.Class):
		d.addKey("read.clip", "clip is for open sources: rows about people are counted whole, and the gate chooses")
	}
	if clip != model.ClipTerritory {
		c.areas(s, d, "read.clip", clip)
	}
}

// areas holds a zone system to one of areas that another source gives.
func (c *checker) areas(s *model.Source, d *document, at, system string) {
	switch {
	case !c.system(d, at, system):
	case model.GridSize(system) > 0:
		d.addValue(at, "the cells of %q are those that rows lie in: name a system that a source gives", system)
	case c.areLines(system):
		d.addValue(at, "the zones of %q are lines, which hold nothing: name a system of areas", system)
	}
}

func (c *checker) checkKeep(s *model.Source, d *document, at string, k model.Keep) {
	ways := 0
	for _, given := range []bool{k.In != nil, k.First, k.FoundIn != "", k.Within != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 && !d.broken {
		d.addKey(at, "a condition has one of in, first, found_in and within")
		return
	}
	if k.Within != "" {
		if k.Column != "" {
			d.addKey(at+".column", "within looks at the geometry, not at a column")
		}
		if s.Contract.Geometry == nil && !d.broken {
			d.addKey(at+".within", "within needs contract.geometry")
		}
		c.areas(s, d, at+".within", k.Within)
		return
	}
	if k.Column == "" && !d.broken {
		d.addKey(at, "column is missing: on which column is the condition?")
	}
	c.column(s, at+".column", k.Column)
	if k.FoundIn != "" && c.reference(d, at+".found_in", k.FoundIn) == s {
		d.addValue(at+".found_in", "every value is found in its own source: name another one")
	}
}

// areLines says whether the zones of a system are lines.
func (c *checker) areLines(system string) bool {
	s := c.systems[system]
	return s != nil && s.Contract.Geometry != nil && s.Contract.Geometry.Type == "line"
}

func (c *checker) checkZones(s *model.Source, d *document) {
	z := s.Zones
	if z == nil || d.broken {
		return
	}
	c.column(s, "zones.id", z.ID)
	c.column(s, "zones.name", z.Name)
	geometry := s.Contract.Geometry
	switch {
	case z.Members == nil && geometry == nil:
		d.addKey("zones", "zones need contract.geometry, or members (groups of finer zones)")
	case z.Members == nil && geometry.Type == "any":
		d.addValue("contract.geometry.type", "zones are polygons, points or lines, the type is %s", geometry.Type)
	case z.Members != nil && geometry != nil:
		d.addKey("zones.members", "a group has the shape of its members: remove contract.geometry, or members")
	}
	if m := z.Members; m != nil {
		c.column(s, "zones.members.id", m.ID)
		if m.System == z.System {
			d.addValue("zones.members.system", "a system is not made of itself")
		} else {
			c.system(d, "zones.members.system", m.System)
		}
	}
}

func (c *checker) checkMeasure(s *model.Source, d *document, at string, m *model.Measure) {
	c.system(d, at+".zones", m.Zones)
	c.numeric(s, d, at+".value", m.Value)
	c.column(s, at+".zone", m.Zone)
	if m.Zone == "" && s.Contract.Geometry == nil && !d.broken {
		d.addKey(at, "zone is missing: the source has no geometry, so a column must hold the zone's id")
	}
	if m.Zone == "" && c.areLines(m.Zones) {
		d.addKey(at, "zone is missing: the zones of %q are lines, which hold nothing, so a column must hold the line's id", m.Zones)
	}
	if m.Aggregate == "mean" && m.Value == "" {
		d.addValue(at+".aggregate", "a mean needs a value: without one, rows are counted")
	}
	c.checkSlots(s, d, at, m)
	for i, z := range m.Rollup {
		path := index(at+".rollup", i)
		switch {
		case !c.system(d, path, z):
		case c.areLines(z):
			d.addValue(path, "the zones of %q are lines, which hold nothing", z)
		case !c.coarser(z, m.Zones) && slices.Contains(c.t.Zones, m.Zones):
			d.addValue(path, "%q is not coarser than %q: territory.yaml lists zones from the coarsest to the finest", z, m.Zones)
		}
	}
	if len(m.Rollup) > 0 && m.Aggregate == "mean" {
		d.addKey(at+".rollup", "means cannot be added up to coarser zones")
	}
	if col := c.column(s, at+".estimated", m.Estimated); col != nil && col.Type != "boolean" && col.Type != "integer" && col.Type != "" {
		d.addValue(at+".estimated", "%q is %s: a mark is a boolean, or an integer that is 1", m.Estimated, col.Type)
	}
}

func (c *checker) checkSlots(s *model.Source, d *document, at string, m *model.Measure) {
	timed := slices.ContainsFunc(m.Slots, func(k string) bool { return k != model.SlotAll })
	if timed && m.Time == "" {
		d.addKey(at+".slots", "slots by time need time, the column of the time")
	}
	col := c.column(s, at+".time", m.Time)
	if col == nil || col.Type == "" {
		return
	}
	if col.Type != "date" && col.Type != "timestamp" && col.Type != "text" {
		d.addValue(at+".time", "column %q is %s: a time is a date, a timestamp, or a text that is a slot (\"weekday-08\")", m.Time, col.Type)
	} else if i := slices.Index(m.Slots, model.SlotHour); i >= 0 && col.Type == "date" {
		d.addValue(index(at+".slots", i), "column %q is a date: it has no hour", m.Time)
	}
}

// coarser compares by the order of territory.zones.
func (c *checker) coarser(a, b string) bool {
	return slices.Index(c.t.Zones, a) < slices.Index(c.t.Zones, b)
}

func (c *checker) checkFlow(s *model.Source, d *document, at string, f *model.Flow) {
	c.system(d, at+".zones", f.Zones)
	c.column(s, at+".origin", f.Origin)
	c.column(s, at+".destination", f.Destination)
	c.numeric(s, d, at+".value", f.Value)
}

func (c *checker) numeric(s *model.Source, d *document, at, name string) {
	if col := c.column(s, at, name); col != nil && col.Type != "integer" && col.Type != "number" && col.Type != "" {
		d.addValue(at, "column %q is %s: a value is an integer or a number", name, col.Type)
	}
}

func (c *checker) checkExample(s *model.Source, d *document, at string, e model.Example) {
	if (e.Expect == nil) == (e.Reject == "") {
		d.addKey(at, "an example has expect (the typed row) or reject (a code), one of both")
	}
	for _, name := range slices.Sorted(maps.Keys(e.Expect)) {
		if s.Contract.Columns[name] == nil && !d.broken {
			d.addKey(at+".expect."+name, "the contract has no column %q%s", name, insteadOf(name, columnNames(s)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(e.Given)) {
		if !d.broken && !c.fileHas(s, name) {
			d.addKey(at+".given."+name, "no column of the contract comes from %q%s", name, insteadOf(name, fileColumns(s)))
		}
	}
}

// fileHas says whether a column of the file is bound by the contract.
func (c *checker) fileHas(s *model.Source, name string) bool {
	if g := s.Contract.Geometry; g != nil && slices.Contains([]string{g.X, g.Y, g.WKT, g.CRS}, name) {
		return true
	}
	for _, from := range fileColumns(s) {
		switch {
		case from == name, s.Contract.Match == "ignore_case" && strings.EqualFold(from, name):
			return true
		case strings.HasPrefix(from, "^"):
			if re, err := regexp.Compile(from); err == nil && re.MatchString(name) {
				return true
			}
		}
	}
	return false
}

func fileColumns(s *model.Source) []string {
	var out []string
	for _, name := range columnNames(s) {
		if from := s.Contract.Columns[name].From; from != "" {
			name = from
		}
		out = append(out, name)
	}
	return out
}
