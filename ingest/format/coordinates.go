package format

import (
	"github.com/paulmach/orb"
)

// Reasons for which a geometry cannot be read.
const (
	reasonSyntax   = "not JSON"
	reasonPosition = "a position is not an array of at least two finite numbers"
	reasonNesting  = "the nesting of the coordinates does not fit the type"
	reasonType     = "the geometry's type is missing or unknown"
	reasonDeep     = "the geometry is nested too deeply"
)

const maxCollections = 16

// geojsonType is a GeoJSON type name as a type code, or 0.
func geojsonType(name []byte) int {
	switch string(name) {
	case "Point":
		return typePoint
	case "LineString":
		return typeLine
	case "Polygon":
		return typePolygon
	case "MultiPoint":
		return typeMultiPoint
	case "MultiLineString":
		return typeMultiLine
	case "MultiPolygon":
		return typeMultiPolygon
	case "GeometryCollection":
		return typeCollection
	}
	return 0
}

// geojson reads the geometry object (or null) at b[i]. Members may come in any order, coordinates before the type too.
// A reason other than "" says why it could not; end is then where reading stopped.
func (s *shaper) geojson(b []byte, i, level int) (g orb.Geometry, end int, reason string) {
	if b[i] != '{' {
		if end, ok := literalEnd(b, i); ok && b[i] == 'n' {
			return nil, end, ""
		} else if !ok {
			return nil, end, reasonSyntax
		}
		return nil, i, reasonType
	}
	if level > maxCollections {
		return nil, i, reasonDeep
	}
	s.reset()
	kind, depth := 0, -1
	var parts orb.Collection
	end, ok := members(b, i, func(key, keyEnd, v int) (int, bool, bool) {
		var at int
		ok := true
		switch string(b[key:keyEnd]) {
		case "type":
			if at, ok = valueString(b, v); ok {
				kind = geojsonType(b[v+1 : at-1])
			}
		case "coordinates":
			depth, at, reason = s.coordinates(b, v, 1)
		case "geometries":
			depth = 0
			parts, at, reason = s.geometries(b, v, level+1)
		default:
			at, ok = valueEnd(b, v, 0)
		}
		return at, ok && reason == "", false
	})
	if reason != "" || !ok {
		return nil, end, or(reason, reasonSyntax)
	}
	if kind == 0 || depth < 0 {
		return nil, end, reasonType
	}
	if kind == typeCollection {
		if parts == nil {
			return nil, end, reasonType
		}
		return parts, end, ""
	}
	if depth != depthOf[kind] && depth != 0 {
		return nil, end, reasonNesting
	}
	return s.build(kind), end, ""
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// valueString skips a string value; not ok when the value is something else.
func valueString(b []byte, i int) (end int, ok bool) {
	if b[i] != '"' {
		return i, false
	}
	end, _, ok = stringEnd(b, i)
	return end, ok
}

func (s *shaper) geometries(b []byte, i, level int) (parts orb.Collection, end int, reason string) {
	if b[i] != '[' {
		return nil, i, reasonNesting
	}
	parts = orb.Collection{}
	if i = space(b, i+1); b[i] == ']' {
		return parts, i + 1, ""
	}
	for {
		g, end, reason := s.geojson(b, i, level)
		if reason != "" {
			return nil, end, reason
		}
		if g != nil {
			parts = append(parts, g)
		}
		switch i = space(b, end); b[i] {
		case ',':
			i = space(b, i+1)
		case ']':
			return parts, i + 1, ""
		default:
			return nil, i, reasonSyntax
		}
	}
}

// coordinates reads nested arrays of positions into the scratch. depth is 1 for one position, 0 for an empty array.
func (s *shaper) coordinates(b []byte, i, level int) (depth, end int, reason string) {
	if b[i] != '[' || level > 4 {
		return 0, i, reasonNesting
	}
	j := space(b, i+1)
	switch b[j] {
	case ']':
		return 0, j + 1, ""
	case '[':
		return s.lists(b, j, level)
	}
	end, ok := s.position(b, i)
	if !ok {
		return 0, end, reasonPosition
	}
	return 1, end, ""
}

// lists reads the elements of an array of arrays, the first of which starts at b[i].
func (s *shaper) lists(b []byte, i, level int) (depth, end int, reason string) {
	inner := -1
	for {
		var d int
		if end, ok := s.position(b, i); ok { // the common case first
			d, i = 1, end
		} else if d, end, reason = s.coordinates(b, i, level+1); reason != "" {
			return 0, end, reason
		} else {
			i = end
		}
		if inner >= 0 && d != inner || d == 0 {
			return 0, i, reasonNesting
		}
		inner = d
		switch i = space(b, i); b[i] {
		case ',':
			i = space(b, i+1)
		case ']':
			s.close(inner + 1)
			return inner + 1, i + 1, ""
		default:
			return 0, i, reasonSyntax
		}
	}
}

// close ends a list of the given depth.
func (s *shaper) close(depth int) {
	switch depth {
	case 2:
		s.rings = append(s.rings, len(s.points))
	case 3:
		s.groups = append(s.groups, len(s.rings))
	}
}

// position reads [x, y, …] and keeps x and y.
func (s *shaper) position(b []byte, i int) (end int, ok bool) {
	var p orb.Point
	if b[i] != '[' {
		return i, false
	}
	if i++; b[i] <= ' ' {
		i = space(b, i)
	}
	if p[0], i, ok = number(b, i); !ok {
		return i, false
	}
	if b[i] <= ' ' {
		i = space(b, i)
	}
	if b[i] != ',' {
		return i, false
	}
	if i++; b[i] <= ' ' {
		i = space(b, i)
	}
	if p[1], i, ok = number(b, i); !ok {
		return i, false
	}
	for {
		if b[i] <= ' ' {
			i = space(b, i)
		}
		if b[i] == ']' {
			break
		}
		if b[i] != ',' {
			return i, false
		}
		if i, ok = scalarEnd(b, space(b, i+1)); !ok {
			return i, false
		}
	}
	if !finite(p[0]) || !finite(p[1]) {
		return i, false
	}
	s.points = append(s.points, p)
	return i + 1, true
}
