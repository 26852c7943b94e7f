package declare

import (
	"maps"
	"slices"

	"jumeau/model"
)

func (c *checker) checkLayer(l *model.Layer) {
	d := c.layerDoc[l]
	if d.broken {
		return
	}
	g := l.Geometry
	switch {
	case g.Zones == "" && g.Source == "":
		d.addKey("geometry", "geometry needs zones (a zone system) or source (whose features are drawn)")
		return
	case g.Zones != "" && g.Source != "":
		d.addKey("geometry.source", "geometry has zones or source, not both")
		return
	case g.Zones != "":
		c.checkZoneLayer(l, d)
	default:
		c.checkSourceLayer(l, d)
	}
	c.checkStyle(l, d)
	c.checkSearch(l, d)
}

// checkSearch: what is searched by are columns of the source, and the public may see them.
func (c *checker) checkSearch(l *model.Layer, d *document) {
	if l.Search == nil {
		return
	}
	s := c.sourceOf[l.Geometry.Source]
	if s == nil {
		if l.Geometry.Source == "" {
			d.addKey("search", "zones are found by their names: leave search out")
		}
		return
	}
	if l.Audience != "" && l.Audience != "public" {
		d.addKey("search", "the index is public, the layer is for %s: leave search out", l.Audience)
	}
	for key, columns := range map[string][]string{"search.text": l.Search.Text, "search.number": l.Search.Number} {
		for i, name := range columns {
			if s.Contract.Columns[name] == nil && !c.sourceDoc[s].broken {
				d.addValue(index(key, i), "source %q has no column %q%s", s.ID, name, insteadOf(name, columnNames(s)))
			}
		}
	}
}

func (c *checker) checkZoneLayer(l *model.Layer, d *document) {
	if !c.adaptive[l.Geometry.Zones] && !c.system(d, "geometry.zones", l.Geometry.Zones) {
		return
	}
	for i, name := range l.Measures {
		s := c.measures[name]
		if s == nil {
			c.unknownFigure(d, index("measures", i), "measure", name, c.measures)
			continue
		}
		var have []string
		where := "levels"
		if m := s.Measures[name]; m != nil {
			have, where = append([]string{m.Zones}, m.Rollup...), "rollup"
		} else {
			p := published(s, name)
			if have = p.Systems(); p.Adaptive != "" {
				have = append(have, p.Adaptive)
			}
		}
		if !slices.Contains(have, l.Geometry.Zones) {
			d.addValue(index("measures", i), "measure %q is not known by %q, only by %s: add it to its %s in %s", name, l.Geometry.Zones, quoted(have), where, s.File)
		}
	}
	for i, name := range l.Flows {
		s := c.flows[name]
		if s == nil {
			c.unknownFigure(d, index("flows", i), "flow", name, c.flows)
			continue
		}
		zones := ""
		if f := s.Flows[name]; f != nil {
			zones = f.Zones
		} else {
			zones = published(s, name).Zones
		}
		if zones != l.Geometry.Zones {
			d.addValue(index("flows", i), "flow %q is between zones of %q, the layer shows %q", name, zones, l.Geometry.Zones)
		}
	}
	source := c.systems[l.Geometry.Zones]
	for i, p := range l.Properties {
		switch {
		case p == "id" || p == "name":
			d.addValue(index("properties", i), "zones always carry %q: remove it", p)
		case c.adaptive[l.Geometry.Zones]:
			d.addValue(index("properties", i), "zones of the adaptive grain have no properties but their level")
		case source == nil:
			d.addValue(index("properties", i), "cells of a built-in grid have no properties")
		case source.Zones.Members != nil:
			d.addValue(index("properties", i), "a group of zones has no properties: source %q has a row for each member", source.ID)
		case source.Contract.Columns[p] == nil && !c.sourceDoc[source].broken:
			d.addValue(index("properties", i), "source %q, which gives the zones, has no column %q%s", source.ID, p, insteadOf(p, columnNames(source)))
		}
	}
}

func (c *checker) unknownFigure(d *document, at, what, name string, known map[string]*model.Source) {
	if !c.anyBroken() {
		d.addValue(at, "no source gives the %s %q%s", what, name, insteadOf(name, slices.Sorted(maps.Keys(known))))
	}
}

func (c *checker) checkSourceLayer(l *model.Layer, d *document) {
	if len(l.Measures) > 0 {
		d.addKey("measures", "measures belong to zones: give geometry.zones instead of geometry.source")
	}
	if len(l.Flows) > 0 {
		d.addKey("flows", "flows belong to zones: give geometry.zones instead of geometry.source")
	}
	s := c.sourceOf[l.Geometry.Source]
	if s == nil {
		d.addValue("geometry.source", "there is no source %q%s", l.Geometry.Source, insteadOf(l.Geometry.Source, slices.Sorted(maps.Keys(c.sourceOf))))
		return
	}
	if c.sourceDoc[s].broken {
		return
	}
	if s.Contract.Geometry == nil {
		d.addValue("geometry.source", "source %q is a table: it has no contract.geometry to draw", s.ID)
	} else if s.Contract.Geometry.Type == "any" {
		d.addValue("geometry.source", "a layer draws points, lines or polygons: say which in contract.geometry.type of source %q", s.ID)
	}
	if s.Behaviour != nil && personal(s.Behaviour.Class) {
		d.addValue("geometry.source", "rows of source %q (class %s) are about single units and are never drawn", s.ID, s.Behaviour.Class)
	}
	for i, p := range l.Properties {
		if s.Contract.Columns[p] == nil {
			d.addValue(index("properties", i), "source %q has no column %q%s", s.ID, p, insteadOf(p, columnNames(s)))
		} else if unprotected(s, p) {
			d.addValue(index("properties", i), "figures of class D are shown only where their producer's threshold is checked: give column %q role value in source %q", p, s.ID)
		}
	}
}

// unprotected says whether a column of a class D source may hold counts that no threshold was held against.
func unprotected(s *model.Source, column string) bool {
	col := s.Contract.Columns[column]
	if s.Behaviour == nil || s.Behaviour.Class != "D" || col.Role == "value" || col.Type != "integer" && col.Type != "number" {
		return false
	}
	for _, m := range s.Measures {
		if m.Value == column {
			return false
		}
	}
	for _, f := range s.Flows {
		if f.Value == column {
			return false
		}
	}
	return true
}

func (c *checker) checkStyle(l *model.Layer, d *document) {
	st, shape := l.Style, c.shape(l)
	if st.As != "" && !slices.Contains(drawnAs[shape], st.As) {
		d.addValue("style.as", "%ss are drawn as %s, not as %s", shape, quoted(drawnAs[shape]), st.As)
	}
	carried := slices.Clone(l.Properties)
	if l.Geometry.Zones != "" {
		carried = append(carried, "id", "name")
	}
	for key, property := range map[string]string{"by": st.By, "label": st.Label} {
		if property != "" && !slices.Contains(carried, property) {
			d.addValue("style."+key, "%q is not among the properties of the layer%s", property, insteadOf(property, carried))
		}
	}
	switch {
	case len(st.Colours) > 0 && st.By == "":
		d.addKey("style.colours", "colours need by, the property that chooses among them")
	case st.As == "extrusion" && st.By == "":
		d.addKey("style.as", "an extrusion needs by, the property that is the height in metres")
	case st.By != "" && st.As != "extrusion" && len(st.Colours) == 0:
		d.addKey("style.by", "by chooses among colours, and there are none")
	}
	for _, text := range slices.Sorted(maps.Keys(st.Labels)) {
		if _, ok := st.Colours[text]; !ok {
			d.addKey("style.labels", "%q has a label and no colour%s", text, insteadOf(text, slices.Sorted(maps.Keys(st.Colours))))
		}
	}
	if (st.Ramp != "" || st.Classes != 0) && len(l.Measures) == 0 {
		d.addKey("style", "ramp and classes colour measures, and the layer has none")
	}
}

var drawnAs = map[string][]string{
	"point":   {"circle"},
	"line":    {"line"},
	"polygon": {"fill", "line", "extrusion"},
	"any":     {"fill", "line", "circle", "extrusion"},
}

// shape of the features of a layer: point, line, polygon, or any when it is not known.
func (c *checker) shape(l *model.Layer) string { return shapeOf(l, c.sourceOf, c.systems) }

func shapeOf(l *model.Layer, sources, systems map[string]*model.Source) string {
	s := sources[l.Geometry.Source]
	if z := l.Geometry.Zones; z != "" {
		if s = systems[z]; s == nil || s.Zones.Members != nil {
			return "polygon"
		}
	}
	if s == nil || s.Contract.Geometry == nil || drawnAs[s.Contract.Geometry.Type] == nil {
		return "any"
	}
	return s.Contract.Geometry.Type
}
