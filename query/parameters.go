package query

import (
	"net/url"
	"slices"

	"jumeau/model"
)

// parameters reads the query of an address. One that is unknown, written twice or unreadable is an error: a misspelt
// parameter must not give an answer to another question.
func (q *request) parameters(known ...string) (map[string]string, error) {
	values, err := url.ParseQuery(q.URL.RawQuery)
	if err != nil {
		return nil, invalid("parameters", "write them as ?name=value&name=value", "they cannot be read")
	}
	out := make(map[string]string, len(values))
	for name, given := range values {
		if !slices.Contains(known, name) {
			hint := "there are none here"
			if len(known) > 0 {
				hint = suggest(name, known)
			}
			return nil, invalid("parameter "+clip(name, 40), hint, "it means nothing here")
		}
		if len(given) > 1 {
			return nil, invalid("parameter "+name, "write it once", "it is written %d times", len(given))
		}
		out[name] = given[0]
	}
	return out, nil
}

// slot finds the slot asked for among those of a frame; the first one when none is asked for.
func slot(asked string, slots []model.Slot) (model.Slot, error) {
	if asked == "" {
		return slots[0], nil
	}
	if s := model.Slot(asked); slices.Contains(slots, s) {
		return s, nil
	}
	names := make([]string, len(slots))
	for i, s := range slots {
		names[i] = string(s)
	}
	if model.Slot(asked).Kind() == "" {
		return "", invalid("slot "+clip(asked, 40), "slots are written all, weekday-08, weekday, 2026-03 or 2026-03-14; "+suggest(asked, names), "not a slot")
	}
	return "", notFound("slot", asked, names)
}

// zone finds a zone by its id.
func (z *zones) zone(id string) (int, error) {
	if i, ok := z.index[id]; ok {
		return i, nil
	}
	hint := "ids are in /zones/" + z.System
	if best := nearest(id, z.ID[:min(len(z.ID), 20_000)]); best != "" {
		hint = "did you mean " + best + "? " + hint
	}
	return 0, missing("zone "+clip(id, 80), hint, "not in "+z.System)
}
