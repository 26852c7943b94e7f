package verify

import (
	"context"
	"fmt"
	"math"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// frames are the figures of a measure in one zone system, or of a flow.
type frames struct {
	figure
	system string
	slots  []model.Slot
	values []frame.Figures // by slot
	pairs  []frame.Pairs   // of a flow, by slot
	close  func() error
}

func (s *subject) close() {
	for _, t := range s.frames {
		t.close()
	}
}

// flags opens every file of figures and holds each number to its flag. Later checks use what it opens.
func (s *subject) flags(_ context.Context, f *finding) error {
	for _, m := range s.manifest.Catalog.Measures {
		for _, z := range m.Systems {
			v, err := frame.OpenValues(s.path(release.ValuesPath(m.ID, z.Zones)))
			if err != nil {
				f.add("measure %s by %s: %v", m.ID, z.Zones, err)
				continue
			}
			t := &frames{figure: figureOf(m.ID, m.Source, m.Class, m.Table), system: z.Zones, slots: v.Slots, close: v.Close}
			for _, slot := range v.Slots {
				figures, _ := v.At(slot)
				t.values = append(t.values, figures)
			}
			s.frames = append(s.frames, t)
		}
	}
	for _, m := range s.manifest.Catalog.Flows {
		v, err := frame.OpenFlows(s.path(release.FlowsPath(m.ID, m.Zones)))
		if err != nil {
			f.add("flow %s by %s: %v", m.ID, m.Zones, err)
			continue
		}
		t := &frames{figure: figureOf(m.ID, m.Source, m.Class, m.Table), system: m.Zones, slots: v.Slots, close: v.Close}
		for _, slot := range v.Slots {
			pairs, _ := v.At(slot)
			t.pairs = append(t.pairs, pairs)
			t.values = append(t.values, pairs.Figures)
		}
		s.frames = append(s.frames, t)
	}
	withheld := 0
	for _, t := range s.frames {
		t.each(func(slot model.Slot, i int, v, lo, hi float64, flag model.Flag) {
			f.looked++
			absent := flag == model.NotPublished || flag == model.NoData
			if absent {
				withheld++
			}
			switch {
			case flag > model.Partial:
				f.add("%s: figure %d has the unknown flag %d", t.at(slot), i, flag)
			case absent && !(math.IsNaN(v) && math.IsNaN(lo) && math.IsNaN(hi)):
				f.add("%s: figure %d is flagged %s and carries a number", t.at(slot), i, flag)
			case !absent && (math.IsNaN(v) || math.IsInf(v, 0)):
				f.add("%s: figure %d is flagged %s and has no number", t.at(slot), i, flag)
			case t.pairs != nil && single(t.class) && absent:
				f.add("%s: a pair is there and not published: it tells that somebody travels", t.at(slot))
			}
		})
	}
	f.note = fmt.Sprintf("%d figures, %d without a number", f.looked, withheld)
	return nil
}

func (t *frames) at(slot model.Slot) string { return fmt.Sprintf("%s by %s, %s", t.id, t.system, slot) }

func (t *frames) each(visit func(slot model.Slot, i int, v, lo, hi float64, flag model.Flag)) {
	for s, figures := range t.values {
		for i, v := range figures.Value {
			visit(t.slots[s], i, v, figures.Lo[i], figures.Hi[i], figures.Flag[i])
		}
	}
}

// threshold holds published figures to the least that their card lets be published.
func (s *subject) threshold(_ context.Context, f *finding) error {
	for _, t := range s.frames {
		card := s.card(t.source)
		if !single(t.class) || card == nil {
			continue
		}
		least := float64(max(card.K, floors[t.class]))
		level, alone := card.level(t.table, t.system)
		limit := least
		if level != nil && float64(level.Threshold) > limit {
			limit = float64(level.Threshold)
		}
		t.each(func(slot model.Slot, i int, v, _, hi float64, _ model.Flag) {
			if math.IsNaN(v) {
				return
			}
			f.looked++
			// A magnitude (E, F) is no count. A figure of several levels was made to agree with others after it passed the
			// threshold; its interval holds what it was.
			switch {
			case t.class == "E" || t.class == "F":
			case level != nil && !alone && v < limit && hi >= limit:
			case v < limit:
				f.add("%s: figure %d is below %g", t.at(slot), i, limit)
			}
		})
	}
	return nil
}

// producer holds classes D to the promise of whoever counted.
func (s *subject) producer(_ context.Context, f *finding) error {
	for _, t := range s.frames {
		card := s.card(t.source)
		if t.class != "D" || card == nil {
			continue
		}
		least := float64(max(card.Threshold, floors["D"]))
		t.each(func(slot model.Slot, i int, v, _, _ float64, _ model.Flag) {
			f.looked++
			if v > 0 && v < least {
				f.add("%s: figure %d lies between 1 and the producer's threshold %g", t.at(slot), i, least)
			}
		})
	}
	return nil
}

// intervals holds the intervals of noisy figures to the half-width of the card.
func (s *subject) intervals(_ context.Context, f *finding) error {
	for _, t := range s.frames {
		card := s.card(t.source)
		if !single(t.class) || t.class == "E" || card == nil {
			continue
		}
		level, _ := card.level(t.table, t.system)
		if level == nil || t.rest() { // a sum of leaves, or what is left: it has no noise of its own
			continue
		}
		half := float64(level.HalfWidth)
		t.each(func(slot model.Slot, i int, v, lo, hi float64, _ model.Flag) {
			if math.IsNaN(v) {
				return
			}
			f.looked++
			if t.class == "C" && !(lo <= v-half && hi >= v+half) || math.IsNaN(lo) || math.IsNaN(hi) || lo > v || hi < v {
				f.add("%s: the interval of figure %d is narrower than ± %g, or absent", t.at(slot), i, half)
			}
		})
	}
	return nil
}

// totals holds coarser figures about persons to the sum of the published leaves, unless their level has noise of its own.
func (s *subject) totals(_ context.Context, f *finding) error {
	s.wholes(f)
	if err := s.pieces(f); err != nil {
		return err
	}
	for i, leaf := range s.frames {
		if leaf.pairs != nil || leaf.class == "" || leaf.class == "A" || leaf.class == "B" {
			continue
		}
		for j, coarse := range s.frames {
			if i == j || coarse.id != leaf.id || coarse.pairs != nil {
				continue
			}
			if err := s.sums(f, leaf, coarse); err != nil {
				return err
			}
		}
	}
	for _, m := range s.manifest.Catalog.Flows {
		for _, t := range s.frames {
			if t.pairs == nil || t.id != m.ID || len(t.values) == 0 {
				continue
			}
			f.looked++
			sum := 0.0
			for _, v := range t.values[0].Value {
				if !math.IsNaN(v) {
					sum += v
				}
			}
			if math.Abs(sum-m.Total) > 1e-6*max(1, sum) {
				f.add("flow %s: the total of the catalogue is not the sum of what is published", m.ID)
			}
		}
	}
	return nil
}

func (s *subject) sums(f *finding, leaf, coarse *frames) error {
	zones, err := frame.ReadZones(s.path(release.ZonesPath(leaf.system)))
	if err != nil {
		return err
	}
	var up []uint32
	for _, p := range zones.Parents {
		if p.System == coarse.system {
			up = p.Index
		}
	}
	if up == nil { // the other one is the coarser
		return nil
	}
	if card := s.card(coarse.source); card != nil {
		if level, _ := card.level(coarse.table, coarse.system); level != nil && level.Mechanism != "" {
			f.looked++
			return nil
		}
	}
	at := map[model.Slot]int{}
	for i, slot := range coarse.slots {
		at[slot] = i
	}
	for i, slot := range leaf.slots {
		j, ok := at[slot]
		if !ok {
			continue
		}
		total := coarse.values[j]
		sum, some := make([]float64, total.Len()), make([]bool, total.Len())
		for z, v := range leaf.values[i].Value {
			if p := up[z]; p != frame.NoParent && !math.IsNaN(v) {
				sum[p] += v
				some[p] = true
			}
		}
		for z, v := range total.Value {
			f.looked++
			if some[z] == math.IsNaN(v) || some[z] && math.Abs(v-sum[z]) > 1e-5*max(1, sum[z]) {
				f.add("%s: figure %d is not the sum of the published figures by %s: the difference tells a withheld one", coarse.at(slot), z, leaf.system)
			}
		}
	}
	return nil
}
