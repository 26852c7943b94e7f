package batch

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"slices"

	"jumeau/model"
	"jumeau/model/release"
)

// makeTours writes the guided tours. One that shows a layer which this release does not have is left out, and said; a step whose
// zone is not there keeps its text and its map.
func (r *run) makeTours(context.Context) error {
	tours := slices.Clone(r.Territory.Tours)
	slices.SortStableFunc(tours, func(a, b *model.Tour) int { return cmp.Compare(cmp.Or(a.Order, 50), cmp.Or(b.Order, 50)) })
	for _, t := range tours {
		entry := release.Tour{ID: t.ID, Title: t.Title, Summary: t.Summary, Question: t.Question, Steps: len(t.Steps), Layers: []string{}}
		missing := ""
		for i, step := range t.Steps {
			if step.Layer == "" {
				continue
			}
			built := r.builtLayer(step.Layer)
			if built == nil {
				missing = step.Layer
				break
			}
			r.tellLost(t, i, built.layer)
			if !slices.Contains(entry.Layers, step.Layer) {
				entry.Layers = append(entry.Layers, step.Layer)
			}
		}
		if missing != "" {
			r.Log.Warn("tour left out: a layer is absent", "tour", t.ID, "layer", missing)
			continue
		}
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if err := os.WriteFile(r.path(release.TourPath(t.ID)), text, 0o644); err != nil {
			return err
		}
		r.tours = append(r.tours, entry)
	}
	return nil
}

func (r *run) builtLayer(id string) *builtLayer {
	for _, b := range r.layers {
		if b.layer.ID == id {
			return b
		}
	}
	return nil
}

// tellLost logs a zone of a step that is not there.
func (r *run) tellLost(t *model.Tour, step int, l *model.Layer) {
	system, id := r.systems.byID[l.Geometry.Zones], t.Steps[step].Zone
	if system == nil || id == "" {
		return
	}
	if _, ok := system.Index(id); !ok {
		r.Log.Warn("a tour shows a zone that is not there", "tour", t.ID, "step", step+1, "layer", l.ID, "zone", id)
	}
}
