package zone

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	sf "github.com/peterstace/simplefeatures/geom"

	"jumeau/model/geom"
)

// Member is one row of a table of groups: the zone of the finer system that belongs to the group.
type Member struct {
	Group, Name string // id and name of the group
	Zone        string // id in the finer system
}

// Dissolve makes a system of groups: each zone is the union of its members, whose common borders vanish. Members that the
// finer system does not have are returned; a group that has no other member is left out.
func Dissolve(spec Spec, fine *System, members []Member) (s *System, unknown []Member, err error) {
	s = &System{ID: spec.ID, Title: spec.Title, Kind: Group}
	if !fine.HasArea() {
		return nil, nil, s.invalid("groups of points or lines have no area", "group the zones of a system of polygons")
	}
	parts := map[string][]int32{}
	names := map[string]string{}
	for _, m := range members {
		i, ok := fine.Index(m.Zone)
		if !ok {
			unknown = append(unknown, m)
			continue
		}
		if first, known := names[m.Group]; known && first != m.Name {
			return nil, nil, s.invalid(fmt.Sprintf("group %q has two names: %q and %q", m.Group, first, m.Name), "give each group one name")
		}
		names[m.Group] = m.Name
		if !slices.Contains(parts[m.Group], i) {
			parts[m.Group] = append(parts[m.Group], i)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(parts)) {
		g, err := fine.union(parts[id])
		if err != nil {
			return nil, nil, s.invalid(fmt.Sprintf("the zones of group %q cannot be joined: %v", id, err), "check their geometry")
		}
		s.Zones = append(s.Zones, Zone{ID: id, Name: names[id], Geometry: g})
	}
	if err := s.finish(); err != nil {
		return nil, nil, err
	}
	for i := range s.Zones {
		s.Zones[i].measure()
	}
	return s, unknown, nil
}

// union of zones. Neighbours that share every point of their border, as the zones of one published edition do, are joined by
// dropping what they share. Where that does not give a valid polygon of the right area, a general overlay does it.
func (s *System) union(zones []int32) (orb.Geometry, error) {
	slices.Sort(zones)
	if len(zones) == 1 {
		return orb.Clone(s.Zones[zones[0]].Geometry), nil
	}
	area := 0.0
	var arcs arcs
	for _, i := range zones {
		area += s.Zones[i].Area
		arcs.add(s.Zones[i].Geometry)
	}
	g, _, defect := geom.Clean(arcs.rings(), geom.Polygon)
	if defect == nil && math.Abs(Area(g)-area) <= 1e-6*area {
		return g, nil
	}
	return s.overlay(zones)
}

// overlay is union for zones that overlap or whose common borders differ.
func (s *System) overlay(zones []int32) (orb.Geometry, error) {
	members := make([]sf.Geometry, len(zones))
	for k, i := range zones {
		g, err := sf.UnmarshalWKB(geom.AppendWKB(nil, s.Zones[i].Geometry), sf.NoValidate{})
		if err != nil {
			return nil, err
		}
		members[k] = g
	}
	joined, err := sf.UnionMany(members)
	if err != nil {
		return nil, err
	}
	g, err := geom.DecodeWKB(joined.AsBinary())
	if err != nil {
		return nil, err
	}
	g, _, defect := geom.Clean(g, geom.Polygon)
	if defect != nil {
		return nil, defect
	}
	return g, nil
}
