package format

import "github.com/paulmach/orb"

const (
	pointChunk = 16 << 10 // points
	ringChunk  = 1 << 10  // rings
)

// shaper builds geometries. Coordinates are gathered in scratch, as nested arrays flattened to ends, and copied into
// chunks of exact fit: a feature costs one small allocation.
type shaper struct {
	points []orb.Point // scratch
	rings  []int       // end of each list of points, in points
	groups []int       // end of each list of lists, in rings

	upper [20]byte // scratch of the parser of well-known text

	freePoints []orb.Point
	freeRings  []orb.Ring
	made       int // points handed out since the last reset by the reader
}

func (s *shaper) reset() {
	s.points, s.rings, s.groups = s.points[:0], s.rings[:0], s.groups[:0]
}

func (s *shaper) keep(points []orb.Point) []orb.Point {
	n := len(points)
	if n > len(s.freePoints) {
		s.freePoints = make([]orb.Point, max(n, pointChunk))
	}
	out := s.freePoints[:n:n]
	s.freePoints = s.freePoints[n:]
	copy(out, points)
	s.made += n
	return out
}

func (s *shaper) keepRings(n int) []orb.Ring {
	if n > len(s.freeRings) {
		s.freeRings = make([]orb.Ring, max(n, ringChunk))
	}
	out := s.freeRings[:n:n]
	s.freeRings = s.freeRings[n:]
	return out
}

// polygon takes the rings [from,to) of the scratch.
func (s *shaper) polygon(from, to int) orb.Polygon {
	p := s.keepRings(to - from)
	for i := range p {
		p[i] = s.keep(s.ring(from + i))
	}
	return p
}

func (s *shaper) ring(i int) []orb.Point {
	start := 0
	if i > 0 {
		start = s.rings[i-1]
	}
	return s.points[start:s.rings[i]]
}

func (s *shaper) lines() orb.MultiLineString {
	m := make(orb.MultiLineString, len(s.rings))
	for i := range m {
		m[i] = s.keep(s.ring(i))
	}
	return m
}

func (s *shaper) polygons() orb.MultiPolygon {
	m := make(orb.MultiPolygon, len(s.groups))
	from := 0
	for i, to := range s.groups {
		m[i] = s.polygon(from, to)
		from = to
	}
	return m
}

// The types of geometry of OGC 06-103, with the codes of WKB.
const (
	typePoint = 1 + iota
	typeLine
	typePolygon
	typeMultiPoint
	typeMultiLine
	typeMultiPolygon
	typeCollection
)

// depthOf is how deeply the coordinates of a type are nested: 1 is one position.
var depthOf = [...]int{typePoint: 1, typeLine: 2, typePolygon: 3, typeMultiPoint: 2, typeMultiLine: 3, typeMultiPolygon: 4, typeCollection: 0}

// build makes a geometry of the scratch; a point without coordinates is no geometry.
func (s *shaper) build(kind int) orb.Geometry {
	switch kind {
	case typePoint:
		if len(s.points) == 0 {
			return nil
		}
		s.made++
		return s.points[0]
	case typeLine:
		return orb.LineString(s.keep(s.points))
	case typePolygon:
		return s.polygon(0, len(s.rings))
	case typeMultiPoint:
		return orb.MultiPoint(s.keep(s.points))
	case typeMultiLine:
		return s.lines()
	}
	return s.polygons()
}
