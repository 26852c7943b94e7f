package declare

import (
	"maps"
	"slices"

	"jumeau/model"
)

// checkCOG judges where the history of communes comes from.
func (c *checker) checkCOG() {
	cog, d := c.t.COG, c.territory
	if cog == nil || c.anyBroken() {
		return
	}
	if s := c.namedSource(d, "cog.movements", cog.Movements); s != nil {
		for name, types := range map[string][]string{"date": {"date"}, "before": {"text"}, "after": {"text"}} {
			if col := s.Contract.Columns[name]; col == nil || col.Type != "" && !slices.Contains(types, col.Type) {
				d.addValue("cog.movements", "source %q has no column %q of type %s: the template insee/cog-mouvements has", cog.Movements, name, types[0])
			}
		}
	}
	if s := c.namedSource(d, "cog.population", cog.Population); s != nil && (c.role(s, "place") == "" || c.role(s, "value") == "") {
		d.addValue("cog.population", "source %q has no column with the role place, or none with the role value", cog.Population)
	}
}

func (c *checker) namedSource(d *document, path, id string) *model.Source {
	if id == "" {
		return nil
	}
	s := c.sourceOf[id]
	if s == nil {
		d.addValue(path, "there is no source %q%s", id, insteadOf(id, slices.Sorted(maps.Keys(c.sourceOf))))
	}
	return s
}

// checkCodes judges the commune codes of a source that are to be brought to the territory's vintage.
func (c *checker) checkCodes(s *model.Source, d *document) {
	if s.COG == nil || d.broken {
		return
	}
	for i, name := range s.COG.Columns {
		path := index("cog.columns", i)
		if col := c.column(s, path, name); col != nil && col.Type != "text" && col.Type != "" {
			d.addValue(path, "column %q is %s: codes of communes are text", name, col.Type)
		}
	}
	switch {
	case c.t.COG == nil && !c.territory.broken:
		d.addKey("cog", "territory.yaml does not say to which vintage codes are brought: cog: {year: 2025, movements: cog_mouvements}")
	case s.Contract.Geometry != nil:
		d.addKey("cog", "cog is for tables: what has a geometry is where it is, whatever the codes")
	case s.Behaviour != nil && personal(s.Behaviour.Class):
		d.addKey("cog", "rows of class %s are never a table: give them in the codes of the territory", s.Behaviour.Class)
	case s.Zones != nil && s.Zones.Members == nil:
		d.addKey("cog", "the zones of a source have their own codes")
	}
}
