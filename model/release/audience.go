package release

import "slices"

var ranks = map[string]int{"": 0, "public": 0, "agent": 1, "steward": 2}

// visible says whether what is for wanted may be shown to audience. An unknown audience is for no one.
func visible(wanted, audience string) bool {
	rank, known := ranks[wanted]
	return known && rank <= ranks[audience]
}

// For is the catalogue as audience (public, agent or steward) may see it. A layer shows what it names: a measure in a zone system is hidden when
// layers of that system name it and none of them is visible, or, when none of that system does, when layers name it and
// none of them is visible. The same holds for flows and zone systems. What no layer names is shown. A source is hidden when what is
// made of it is hidden, unless its rows are about persons: that figures are drawn from them is everybody's business. A tour is
// shown where all its layers are.
func (c Catalog) For(audience string) Catalog {
	whole, all := c, c.Layers
	c.Layers = keep(all, func(l Layer) bool { return visible(l.Audience, audience) })
	open := func(names func(Layer) bool) bool {
		return !slices.ContainsFunc(all, names) || slices.ContainsFunc(c.Layers, names)
	}
	var measures []Measure
	for _, m := range c.Measures {
		named := func(l Layer) bool { return slices.Contains(l.Measures, m.ID) }
		m.Systems = keep(m.Systems, func(s MeasureSystem) bool {
			here := func(l Layer) bool { return l.Zones == s.Zones && named(l) }
			if slices.ContainsFunc(all, here) {
				return open(here)
			}
			return open(named)
		})
		if len(m.Systems) > 0 {
			measures = append(measures, m)
		}
	}
	c.Measures = keep(measures, func(Measure) bool { return true })
	c.Flows = keep(c.Flows, func(f Flow) bool {
		return open(func(l Layer) bool { return slices.Contains(l.Flows, f.ID) })
	})
	c.ZoneSystems = keep(c.ZoneSystems, func(z ZoneSystem) bool {
		return open(func(l Layer) bool { return l.Zones == z.ID })
	})
	c.unlink()
	c.Sources = whole.sourcesOf(c)
	return c
}

// sourcesOf are the sources of which something is in the part, of which nothing is in the whole, or whose rows are about persons.
func (c *Catalog) sourcesOf(part Catalog) []Source {
	all, shown := c.uses(), part.uses()
	return keep(c.Sources, func(s Source) bool { return shown[s.ID] || !all[s.ID] || s.Protected })
}

// uses are the sources that something in the catalogue is made of.
func (c *Catalog) uses() map[string]bool {
	used := map[string]bool{}
	for _, l := range c.Layers {
		used[l.Source] = true
		for _, id := range l.Sources {
			used[id] = true
		}
	}
	for _, m := range c.Measures {
		used[m.Source] = true
	}
	for _, f := range c.Flows {
		used[f.Source] = true
	}
	for _, z := range c.ZoneSystems {
		used[z.Source] = true
	}
	return used
}

// Only is the catalogue with these layers, and of all else what they name.
func (c Catalog) Only(layers []string) Catalog {
	whole := c
	c.Layers = keep(c.Layers, func(l Layer) bool { return slices.Contains(layers, l.ID) })
	var measures []Measure
	for _, m := range c.Measures {
		m.Systems = keep(m.Systems, func(s MeasureSystem) bool {
			return slices.ContainsFunc(c.Layers, func(l Layer) bool { return l.Zones == s.Zones && slices.Contains(l.Measures, m.ID) })
		})
		if len(m.Systems) > 0 {
			measures = append(measures, m)
		}
	}
	c.Measures = keep(measures, func(Measure) bool { return true })
	c.Flows = keep(c.Flows, func(f Flow) bool {
		return slices.ContainsFunc(c.Layers, func(l Layer) bool { return slices.Contains(l.Flows, f.ID) })
	})
	c.ZoneSystems = keep(c.ZoneSystems, func(z ZoneSystem) bool {
		return slices.ContainsFunc(c.Layers, func(l Layer) bool { return l.Zones == z.ID })
	})
	c.unlink()
	c.Sources = whole.sourcesOf(c)
	return c
}

// unlink takes out the references to what is not there: of zone systems to others, of tours to layers.
func (c *Catalog) unlink() {
	if len(c.Tours) > 0 {
		c.Tours = keep(c.Tours, func(t Tour) bool { // a tour tells what its layers show
			return !slices.ContainsFunc(t.Layers, func(id string) bool { _, shown := c.Layer(id); return !shown })
		})
	}
	for i := range c.ZoneSystems {
		z := &c.ZoneSystems[i]
		if _, ok := c.ZoneSystem(z.Finer); !ok {
			z.Finer = ""
		}
		if _, ok := c.ZoneSystem(z.Coarser); !ok {
			z.Coarser = ""
		}
	}
}

// keep copies the elements that pass; never nil, so that JSON has an empty list.
func keep[T any](list []T, pass func(T) bool) []T {
	out := make([]T, 0, len(list))
	for _, t := range list {
		if pass(t) {
			out = append(out, t)
		}
	}
	return out
}
