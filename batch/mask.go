package batch

import (
	"jumeau/ingest/gate"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// shownBefore says which figures of a table of class E the release before showed, in the zones of this run, so that the gate hides
// the same ones where it can. Nil when the source was never drawn.
func (r *run) shownBefore(src *model.Source, table string, spec *model.Published, categories []string) (out []gate.Shown, err error) {
	if src.Behaviour.Class != "E" {
		return nil, nil
	}
	old := r.lastDrawn(src.ID)
	if old == nil {
		return nil, nil
	}
	classes := map[string]string{table: ""} // measure: category
	for i, c := range categories {
		classes[table+"_"+classID(spec, i, categories)] = c
	}
	for i := range old.Manifest.Catalog.Measures {
		m := &old.Manifest.Catalog.Measures[i]
		class, ok := classes[m.ID]
		if !ok || m.Source != src.ID {
			continue
		}
		for _, s := range m.Systems {
			if system := r.systems.byID[s.Zones]; system != nil {
				to, err := positions(old, system)
				if err != nil {
					return nil, err
				}
				shown, err := shownIn(old.Path(release.ValuesPath(m.ID, s.Zones)), s.Zones, class, to, system.Len())
				if err != nil {
					return nil, err
				}
				out = append(out, shown...)
			}
		}
	}
	return out, nil
}

// shownIn reads from a file of an earlier release which of today's zones had a figure in each slot. A zone that is new was not hidden.
func shownIn(path, system, class string, to []int32, zones int) (out []gate.Shown, err error) {
	values, err := frame.OpenValues(path)
	if err != nil {
		return nil, err
	}
	defer values.Close()
	for _, slot := range values.Slots {
		s := gate.Shown{System: system, Slot: slot, Class: class, Zones: make([]bool, zones)}
		for z := range s.Zones {
			s.Zones[z] = true
		}
		had, _ := values.At(slot)
		for i, z := range to {
			if z >= 0 {
				s.Zones[z] = had.Flag[i] == model.OK
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// lastDrawn is the release with the latest figures of a source: the current one, else the newest.
func (r *run) lastDrawn(source string) *release.Release {
	return r.find(func(e release.Entry) bool { return e.Source == source })
}
