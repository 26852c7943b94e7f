package verify

import (
	"math"
	"strings"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// near says that two figures are the same but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-5*max(1, math.Abs(b)) }

// wholes holds the totals that the catalogue tells to the figures: a total has an interval and stands in a slot of its measure, and what
// it says is in no published figure is the difference.
func (s *subject) wholes(f *finding) {
	for i := range s.manifest.Catalog.Measures {
		m := &s.manifest.Catalog.Measures[i]
		at := map[model.Slot]bool{}
		for _, slot := range m.Slots {
			at[slot] = true
		}
		for _, total := range m.Totals {
			f.looked++
			switch {
			case !at[total.Slot]:
				f.add("%s: a total for %s, which is no slot of it", m.ID, total.Slot)
			case !(total.Lo <= total.Value && total.Value <= total.Hi) || math.IsInf(total.Value, 0):
				f.add("%s, %s: the total is outside its interval, or is no number", m.ID, total.Slot)
			}
			s.rests(f, m.ID, total)
		}
	}
}

func (s *subject) rests(f *finding, measure string, total release.Total) {
	for system, rest := range total.Rests {
		figures, ok := s.figuresOf(measure, system, total.Slot)
		if !ok {
			f.add("%s, %s: a rest by %s, which has no figures", measure, total.Slot, system)
			continue
		}
		sum := 0.0
		for _, v := range figures.Value {
			if !math.IsNaN(v) {
				sum += v
			}
		}
		f.looked++
		if !near(rest, total.Value-sum) {
			f.add("%s, %s: the rest by %s is not the total without what is published", measure, total.Slot, system)
		}
	}
}

// figuresOf a measure in a zone system and a slot.
func (s *subject) figuresOf(measure, system string, slot model.Slot) (frame.Figures, bool) {
	for _, t := range s.frames {
		if t.id != measure || t.system != system || t.pairs != nil {
			continue
		}
		for i, other := range t.slots {
			if other == slot {
				return t.values[i], true
			}
		}
	}
	return frame.Figures{}, false
}

// pieces holds the figures of a mosaic, whose zones are named SYSTEM:ID, to those of the zones that they are made of: a whole piece has
// their figure, and what is left of one around finer pieces has no more than it.
func (s *subject) pieces(f *finding) error {
	for _, t := range s.frames {
		if t.pairs != nil {
			continue
		}
		mosaic, err := frame.ReadZones(s.path(release.ZonesPath(t.system)))
		if err != nil {
			return err
		}
		if !s.madeOfPieces(mosaic.ID) {
			continue
		}
		index := map[string]map[string]int{}
		for i, slot := range t.slots {
			for z, v := range t.values[i].Value {
				if math.IsNaN(v) {
					continue
				}
				system, id, _ := strings.Cut(mosaic.ID[z], ":")
				if index[system] == nil {
					if index[system], err = s.indexOf(system); err != nil {
						return err
					}
				}
				f.looked++
				whole, ok := s.figuresOf(t.id, system, slot)
				at, known := index[system][id]
				switch {
				case !ok || !known || math.IsNaN(whole.Value[at]):
					f.add("%s: piece %s has a figure, and the zone that it is made of has none", t.at(slot), mosaic.ID[z])
				case isRest(mosaic.Name[z]) && v > whole.Value[at] && !near(v, whole.Value[at]), !isRest(mosaic.Name[z]) && !near(v, whole.Value[at]):
					f.add("%s: piece %s has another figure than the zone that it is made of", t.at(slot), mosaic.ID[z])
				}
			}
		}
	}
	return nil
}

// isRest says whether a piece is what is left of a zone around finer pieces.
func isRest(name string) bool { return strings.HasSuffix(name, " (reste)") }

// madeOfPieces says whether all the ids of a zone system name a zone of another one.
func (s *subject) madeOfPieces(ids []string) bool {
	known := map[string]bool{}
	for _, z := range s.manifest.Catalog.ZoneSystems {
		known[z.ID] = true
	}
	for _, id := range ids {
		if system, _, ok := strings.Cut(id, ":"); !ok || !known[system] {
			return false
		}
	}
	return len(ids) > 0
}

func (s *subject) indexOf(system string) (map[string]int, error) {
	zones, err := frame.ReadZones(s.path(release.ZonesPath(system)))
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for i, id := range zones.ID {
		out[id] = i
	}
	return out, nil
}
