package ingest

import (
	"fmt"
	"slices"
	"strings"

	"jumeau/model"
)

// Order sorts sources so that each comes after those it refers to. Cycles are an error naming their members.
func Order(t *model.Territory) ([]*model.Source, error) {
	byID, giver := map[string]*model.Source{}, map[string]string{}
	for _, s := range t.Sources {
		byID[s.ID] = s
		if s.Zones != nil {
			giver[s.Zones.System] = s.ID
		}
	}
	var out []*model.Source
	state := map[string]int{} // 1 on the path, 2 done
	var visit func(id string, path []string) error
	visit = func(id string, path []string) error {
		switch {
		case state[id] == 2 || byID[id] == nil:
			return nil
		case state[id] == 1:
			return &model.Error{Kind: model.Invalid, Op: "order", Subject: "sources",
				Err:  fmt.Errorf("%s refer to each other", strings.Join(append(path[slices.Index(path, id):], id), " → ")),
				Hint: "remove one of the refers, found_in or within that make the circle"}
		}
		state[id] = 1
		for _, need := range append(needs(byID[id], byID, giver), history(byID[id], t.COG)...) {
			if err := visit(need, append(path, id)); err != nil {
				return err
			}
		}
		state[id] = 2
		out = append(out, byID[id])
		return nil
	}
	for _, s := range t.Sources {
		if err := visit(s.ID, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Needs lists the sources of a territory without which the rows of a source cannot be judged: those it refers to, those whose zones
// it must lie in, and the history of its commune codes.
func Needs(t *model.Territory, src *model.Source) []string {
	byID, giver := map[string]*model.Source{}, map[string]string{}
	for _, s := range t.Sources {
		byID[s.ID] = s
		if s.Zones != nil {
			giver[s.Zones.System] = s.ID
		}
	}
	var out []string
	for _, id := range append(needs(src, byID, giver), history(src, t.COG)...) {
		if byID[id] != nil {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// history lists the sources without which the commune codes of s cannot be brought to the territory's vintage.
func history(s *model.Source, cog *model.COG) []string {
	if s.COG == nil || cog == nil || s.ID == cog.Population {
		return nil
	}
	return []string{cog.Movements, cog.Population}
}

// givers are the sources that must be read before a zone system exists: the one that gives it, and for a group of finer
// zones the one that gives those.
func givers(system string, byID map[string]*model.Source, giver map[string]string) []string {
	id := giver[system]
	if s := byID[id]; s != nil && s.Zones.Members != nil {
		return append(givers(s.Zones.Members.System, byID, giver), id)
	}
	return []string{id}
}

// needs lists the sources that s refers to.
func needs(s *model.Source, byID map[string]*model.Source, giver map[string]string) []string {
	var out []string
	for _, c := range s.Contract.Columns {
		if source, _, ok := strings.Cut(c.Refers, "."); ok && source != s.ID {
			out = append(out, source)
		}
	}
	if clip := s.Read.Clip; clip != "" && clip != model.ClipTerritory {
		out = append(out, givers(clip, byID, giver)...)
	}
	for _, k := range s.Keep {
		if source, _, ok := strings.Cut(k.FoundIn, "."); ok {
			out = append(out, source)
		}
		if k.Within != "" {
			out = append(out, givers(k.Within, byID, giver)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
