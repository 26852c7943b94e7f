package declare

import (
	"maps"
	"slices"
	"strings"

	"jumeau/model"
)

// checker holds what was read of a folder while it is judged as a whole.
type checker struct {
	t         *model.Territory
	templates *templates
	documents []*document
	territory *document
	sourceOf  map[string]*model.Source // by id
	sourceDoc map[*model.Source]*document
	layerDoc  map[*model.Layer]*document
	tourDoc   map[*model.Tour]*document

	systems  map[string]*model.Source // the source of each zone system that is no built-in grid
	measures map[string]*model.Source
	flows    map[string]*model.Source
	adaptive map[string]bool // zone systems that protected figures make
}

func newChecker() *checker {
	return &checker{
		t: &model.Territory{}, sourceOf: map[string]*model.Source{},
		sourceDoc: map[*model.Source]*document{}, layerDoc: map[*model.Layer]*document{}, tourDoc: map[*model.Tour]*document{},
		systems: map[string]*model.Source{}, measures: map[string]*model.Source{}, flows: map[string]*model.Source{},
		adaptive: map[string]bool{},
	}
}

// check judges what the values of single keys do not show: references, and rules across keys and files.
func (c *checker) check() {
	c.collect()
	c.checkTerritory()
	for _, s := range c.t.Sources {
		c.checkSource(s)
	}
	c.checkCycles()
	for _, l := range c.t.Layers {
		c.checkLayer(l)
	}
	for _, t := range c.t.Tours {
		c.checkTour(t)
	}
}

// collect notes which source gives each zone system, measure and flow, and reports those given twice.
func (c *checker) collect() {
	for _, s := range c.t.Sources {
		d := c.sourceDoc[s]
		if z := s.Zones; z != nil && z.System != "" {
			switch other := c.systems[z.System]; {
			case model.GridSize(z.System) > 0:
				d.addValue("zones.system", "%q is built in: a source cannot give it", z.System)
			case other != nil:
				d.addValue("zones.system", "zone system %q is given by %s already", z.System, other.File)
			default:
				c.systems[z.System] = s
			}
		}
		for _, m := range slices.Sorted(maps.Keys(s.Measures)) {
			c.once(d, "measures."+m, "measure", m, s)
		}
		for _, f := range slices.Sorted(maps.Keys(s.Flows)) {
			c.once(d, "flows."+f, "flow", f, s)
		}
		c.collectPublished(s, d)
	}
}

// once notes who gives a measure or a flow. Both share one space of names: an address holds only the name.
func (c *checker) once(d *document, path, what, name string, s *model.Source) {
	for _, taken := range []map[string]*model.Source{c.measures, c.flows} {
		if other := taken[name]; other != nil {
			d.addKey(path, "the name %q is taken by %s: names of measures and flows are unique in a territory", name, other.File)
			return
		}
	}
	if what == "measure" {
		c.measures[name] = s
	} else {
		c.flows[name] = s
	}
}

func (c *checker) checkTerritory() {
	d, t := c.territory, c.t
	box := t.BBox
	if box != ([4]float64{}) {
		switch {
		case box[0] >= box[2] || box[1] >= box[3]:
			d.addValue("bbox", "bbox runs west, south, east, north: %v is not west of %v, or %v is not south of %v", box[0], box[2], box[1], box[3])
		case box[0] < -180 || box[2] > 180 || box[1] < -90 || box[3] > 90:
			d.addValue("bbox", "bbox is in degrees: longitudes within -180..180, latitudes within -90..90")
		}
	}
	if t.Publisher != (model.Text{}) && t.Publisher.FR+t.Publisher.EN == "" {
		d.addKey("publisher", "publisher is empty")
	}
	for i, z := range t.Zones {
		if z == "" || model.GridSize(z) > 0 || c.systems[z] != nil || c.anyBroken() {
			continue
		}
		d.addValue(index("zones", i), "no source gives the zone system %q%s", z, insteadOf(z, c.knownSystems()))
	}
	for _, z := range slices.Sorted(maps.Keys(c.systems)) {
		if !slices.Contains(t.Zones, z) && !d.broken {
			c.sourceDoc[c.systems[z]].addValue("zones.system", "zone system %q is not listed in territory.yaml: add it to zones, the coarsest first", z)
		}
	}
	c.checkAnnounce(d)
	c.checkCOG()
	if p := t.Privacy; p.EpsilonYear > 0 && p.Epsilon > p.EpsilonYear {
		d.addValue("privacy.epsilon", "epsilon of one release (%v) is above epsilon_year (%v)", p.Epsilon, p.EpsilonYear)
	}
}

// knownSystems are the zone systems that exist: the built-in grids and those given by sources.
func (c *checker) knownSystems() []string {
	return append([]string{model.Cell1km, model.Cell200m, model.AllCells1km, model.AllCells200m}, slices.Sorted(maps.Keys(c.systems))...)
}

// anyBroken says whether a source is only partly known, so that what it gives may be missing.
func (c *checker) anyBroken() bool {
	return slices.ContainsFunc(c.t.Sources, func(s *model.Source) bool { return c.sourceDoc[s].broken })
}

// system reports a reference to a zone system that is not part of the territory; false when it is not.
func (c *checker) system(d *document, path, name string) bool {
	if name == "" || c.territory.broken {
		return false
	}
	if slices.Contains(c.t.Zones, name) {
		return true
	}
	if c.systems[name] != nil { // reported at the source that gives it
		return false
	}
	hint := insteadOf(name, c.t.Zones)
	if model.GridSize(name) > 0 {
		hint = " (add it there)"
	}
	d.addValue(path, "zone system %q is not among the zones of territory.yaml%s", name, hint)
	return false
}

// column is a declared column of the source, or nil after reporting that there is none.
func (c *checker) column(s *model.Source, path, name string) *model.Column {
	d := c.sourceDoc[s]
	if name == "" {
		return nil
	}
	if col := s.Contract.Columns[name]; col != nil {
		return col
	}
	if !d.broken {
		d.addValue(path, "the contract has no column %q%s", name, insteadOf(name, columnNames(s)))
	}
	return nil
}

// reference reports a "source.column" that does not exist. It is the source when it does.
func (c *checker) reference(d *document, path, ref string) *model.Source {
	source, column, ok := strings.Cut(ref, ".")
	if !ok {
		return nil
	}
	s := c.sourceOf[source]
	if s == nil {
		d.addValue(path, "there is no source %q%s", source, insteadOf(source, slices.Sorted(maps.Keys(c.sourceOf))))
		return nil
	}
	if s.Contract.Columns[column] == nil && !c.sourceDoc[s].broken {
		d.addValue(path, "source %q has no column %q%s", source, column, insteadOf(column, columnNames(s)))
	}
	return s
}

func columnNames(s *model.Source) []string { return slices.Sorted(maps.Keys(s.Contract.Columns)) }
