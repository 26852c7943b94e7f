package gate

import (
	"jumeau/model"
)

// System is a zone system as the gate needs it.
type System struct {
	ID     string
	Zones  int
	Index  map[string]int32             // zone of each text that the source's place column may hold: zone ids, or stops already placed
	Locate func(lon, lat float64) int32 // for sources with a geometry
	Coarse []Level                      // systems above it, finest first
}

// Declared are the tables that a source's behaviour.publish asks for: presence with every coarser level, totals and the measure of
// bounding; flows with totals.
func Declared(src *model.Source, systems map[string]System) ([]Table, error) {
	if src.Behaviour == nil || src.Behaviour.Publish == nil {
		return nil, invalid(src.ID, "declare behaviour.publish", "the source does not say what it publishes")
	}
	s := Setup{Source: src}
	noise := src.Behaviour.Class == "C"
	var out []Table
	if grain := src.Behaviour.Publish.Presence; grain != nil {
		sys, ok := systems[grain.Zones]
		if !ok {
			return nil, invalid(src.ID, "list it in territory.zones", "zone system %q is unknown", grain.Zones)
		}
		column := s.column("place")
		if column == "" && src.Contract.Geometry != nil {
			column = "geometry"
		}
		out = append(out, Table{Name: "presence", Shape: Presence, System: sys.ID, Zones: sys.Zones, Slot: grain.Slot, L0: cellsFor(grain.Slot),
			Place: Place{Column: column, Index: sys.Index, Locate: sys.Locate}, Levels: sys.Coarse, Totals: noise, Bias: noise})
	}
	if grain := src.Behaviour.Publish.Flow; grain != nil {
		sys, ok := systems[grain.Zones]
		if !ok {
			return nil, invalid(src.ID, "list it in territory.zones", "zone system %q is unknown", grain.Zones)
		}
		place := func(role string) Place { return Place{Column: s.column(role), Index: sys.Index} }
		out = append(out, Table{Name: "flow", Shape: Flow, System: sys.ID, Zones: sys.Zones, Slot: grain.Slot,
			From: place("origin"), To: place("destination"), Totals: noise})
	}
	return out, nil
}

// cellsFor is an L0 that suits a slot kind when nothing else is known: every slot of a unit where they are few, a day's worth where
// they are many. Plan finds a better one.
func cellsFor(slot string) int {
	switch slot {
	case model.SlotAll, "":
		return 1
	case model.SlotDayType:
		return 3
	case SlotHalfDay:
		return 6
	case SlotThreeHours, model.SlotMonth:
		return 12
	}
	return 24
}
