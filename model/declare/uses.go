package declare

import (
	"maps"
	"slices"
	"strings"

	"jumeau/model"
)

// uses says which sources end up in the model: drawn, counted, giving zones, or needed by another source.
func uses(t *model.Territory) map[string]bool {
	used := map[string]bool{}
	for _, l := range t.Layers {
		used[l.Geometry.Source] = true
	}
	for _, s := range t.Sources {
		if s.Zones != nil || len(s.Measures)+len(s.Flows) > 0 || s.Behaviour != nil && s.Behaviour.Publish != nil {
			used[s.ID] = true
		}
		for _, col := range s.Contract.Columns {
			if other, _, _ := strings.Cut(col.Refers, "."); other != s.ID {
				used[other] = true
			}
		}
		for _, k := range s.Keep {
			other, _, _ := strings.Cut(k.FoundIn, ".")
			used[other] = true
		}
	}
	return used
}

// Figures are the names of the measures and flows of a source.
func Figures(s *model.Source) []string {
	out := slices.Concat(slices.Sorted(maps.Keys(s.Measures)), slices.Sorted(maps.Keys(s.Flows)))
	if s.Behaviour != nil {
		out = append(out, slices.Sorted(maps.Keys(s.Behaviour.Publish))...)
	}
	return out
}

// IsFlow says whether a figure of a source is a flow.
func IsFlow(s *model.Source, name string) bool {
	if s.Behaviour != nil && s.Behaviour.Publish[name] != nil {
		return s.Behaviour.Publish[name].Shape == model.ShapeFlow
	}
	return s.Flows[name] != nil
}
