package zone

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"jumeau/model"
)

// Kind is what the zones of a system are.
type Kind string

const (
	Polygon Kind = "polygon"
	Point   Kind = "point" // counters, stops: places without extent
	Line    Kind = "line"  // street segments: places that have a length and hold nothing
	Cell    Kind = "cell"  // squares of the INSEE grid
	Group   Kind = "group" // unions of zones of another system
)

// Zone is one place. Coordinates are degrees (OGC:CRS84).
type Zone struct {
	ID       string
	Name     string
	Geometry orb.Geometry // Point, LineString, MultiLineString, Polygon or MultiPolygon
	Label    orb.Point    // inside the zone, as far from its border as can be; half way along a line
	Bound    orb.Bound
	Area     float64 // square metres, 0 for a point or a line
}

// System is a set of zones, sorted by id. The position of a zone in Zones is its index everywhere else. Do not change it
// once made; reading is safe for concurrent use.
type System struct {
	ID    string
	Title model.Text
	Kind  Kind
	Zones []Zone

	size  int // side of cells, metres
	index map[string]int32
}

// Spec names a system to be made.
type Spec struct {
	ID    string // Required.
	Title model.Text
}

// Feature is one zone to be: its geometry is valid and in degrees.
type Feature struct {
	ID, Name string
	Geometry orb.Geometry
}

// HasArea says whether the zones can hold a place: lines and points hold nothing.
func (s *System) HasArea() bool { return s.Kind != Point && s.Kind != Line }

// Len is the number of zones.
func (s *System) Len() int { return len(s.Zones) }

// Index is the position of the zone with the id.
func (s *System) Index(id string) (int32, bool) {
	i, ok := s.index[id]
	return i, ok
}

// CellSize is the side of a cell in metres, 0 when the zones are not cells.
func (s *System) CellSize() int { return s.size }

// Bound of all zones.
func (s *System) Bound() orb.Bound {
	if len(s.Zones) == 0 {
		return orb.Bound{}
	}
	b := s.Zones[0].Bound
	for _, z := range s.Zones[1:] {
		b = b.Union(z.Bound)
	}
	return b
}

// FromFeatures makes a system of polygons, of points or of lines. An id that is empty or comes twice, a geometry of another kind, and
// kinds that are mixed are errors.
func FromFeatures(spec Spec, features []Feature) (*System, error) {
	s := &System{ID: spec.ID, Title: spec.Title, Kind: Polygon}
	if len(features) > 0 {
		s.Kind = cmp.Or(kindOf(features[0].Geometry), Polygon)
	}
	s.Zones = make([]Zone, len(features))
	for i, f := range features {
		if kindOf(f.Geometry) != s.Kind {
			return nil, s.invalid(fmt.Sprintf("zone %q (feature %d) is a %s among %ss", f.ID, i+1, typeName(f.Geometry), s.Kind),
				"make the zones of one system all polygons, all points or all lines")
		}
		s.Zones[i] = Zone{ID: f.ID, Name: f.Name, Geometry: f.Geometry}
	}
	if err := s.finish(); err != nil {
		return nil, err
	}
	for i := range s.Zones {
		s.Zones[i].measure()
	}
	return s, nil
}

func kindOf(g orb.Geometry) Kind {
	switch g.(type) {
	case orb.Point:
		return Point
	case orb.LineString, orb.MultiLineString:
		return Line
	case orb.Polygon, orb.MultiPolygon:
		return Polygon
	}
	return ""
}

func typeName(g orb.Geometry) string {
	if g == nil {
		return "zone without geometry"
	}
	return strings.ToLower(g.GeoJSONType())
}

// measure fills what follows from the geometry.
func (z *Zone) measure() {
	z.Bound = z.Geometry.Bound()
	switch g := z.Geometry.(type) {
	case orb.Point:
		z.Label = g
		return
	case orb.LineString:
		z.Label = halfWay(g)
		return
	case orb.MultiLineString:
		z.Label = halfWay(longest(g))
		return
	}
	z.Area = Area(z.Geometry)
	z.Label = label(z.Geometry)
}

// finish sorts the zones by id and indexes them.
func (s *System) finish() error {
	order := make([]int, len(s.Zones)) // position of each zone as given, for messages
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(s.Zones[a].ID, s.Zones[b].ID) })
	sorted := make([]Zone, len(s.Zones))
	s.index = make(map[string]int32, len(s.Zones))
	for i, from := range order {
		z := s.Zones[from]
		if z.ID == "" {
			return s.invalid(fmt.Sprintf("feature %d (%s) has no id", from+1, z.Name), "give the column that holds the id (zones: id)")
		}
		if i > 0 && sorted[i-1].ID == z.ID {
			return s.invalid(fmt.Sprintf("two zones have the id %q: features %d (%s) and %d (%s)",
				z.ID, order[i-1]+1, sorted[i-1].Name, from+1, z.Name),
				"choose a column that is unique, or keep only the rows of one vintage")
		}
		sorted[i] = z
		s.index[z.ID] = int32(i)
	}
	s.Zones = sorted
	return nil
}

func (s *System) invalid(what, hint string) error {
	return &model.Error{Kind: model.Invalid, Op: "build zones", Subject: s.ID, Hint: hint, Err: fmt.Errorf("zone: %s", what)}
}
