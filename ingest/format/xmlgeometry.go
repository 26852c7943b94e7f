package format

import (
	"errors"

	"github.com/paulmach/orb"
)

// xmlShape reads the geometries of GML (2 and 3) and KML, which nest alike: whatever is around the coordinates, points,
// lines and polygons are collected, and the outermost element says what they make.
type xmlShape struct {
	shaper
	x         *xmlReader
	swap      bool // the first coordinate is the northing
	dimension int  // of positions in a list; 0: not said
	joint     bool // the next position may repeat the last one
	curve     int  // open elements whose lines are pieces of one
	found     []orb.Geometry
	numbers   []float64
	text      []byte
	reason    string
	system    func(name []byte) string // a srsName: why it cannot be used, or ""
}

var (
	errShapeCurve = "it has arcs or splines: convert it (ogr2ogr -nlt CONVERT_TO_LINEAR)"
	errShapeTrack = "it is a track of positions in time: convert it (ogr2ogr -f CSV)"
)

// shapeNames are the elements that are geometries.
var shapeNames = map[string]bool{"Point": true, "LineString": true, "LinearRing": true, "Polygon": true, "MultiPoint": true,
	"MultiLineString": true, "MultiCurve": true, "MultiPolygon": true, "MultiSurface": true, "MultiGeometry": true, "Curve": true,
	"Surface": true, "CompositeCurve": true, "CompositeSurface": true, "PolyhedralSurface": true, "OrientableCurve": true,
	"OrientableSurface": true, "TriangulatedSurface": true, "Tin": true, "Solid": true, "MultiSolid": true, "Track": true, "MultiTrack": true}

// read reads the geometry element just started, up to its end. A reason other than "" says why it is none.
func (s *xmlShape) read() (g orb.Geometry, reason string, err error) {
	kind := string(s.x.name)
	s.found, s.reason, s.dimension, s.curve = nil, "", 0, 0
	if err := s.element(); err != nil {
		return nil, "", err
	}
	if s.reason != "" {
		return nil, s.reason, nil
	}
	return s.assembled(kind), "", nil
}

// element reads the geometry element just started.
func (s *xmlShape) element() error {
	x := s.x
	name := string(x.name)
	if system := x.attr("srsName"); system != nil && s.system != nil {
		s.fail(s.system(system))
	}
	before := s.dimension
	s.setDimension()
	defer func() { s.dimension = before }()
	switch name {
	case "Point":
		s.reset()
		err := s.inside()
		if len(s.points) > 0 {
			s.found = append(s.found, s.points[0])
			s.made++
		}
		return err
	case "LineString", "Curve", "CompositeCurve", "OrientableCurve", "LinearRing":
		s.reset()
		s.curve++
		err := s.inside()
		s.curve--
		if len(s.points) > 0 {
			s.found = append(s.found, orb.LineString(s.keep(s.points)))
		}
		return err
	case "Polygon", "PolygonPatch", "Triangle", "Rectangle":
		s.reset()
		err := s.inside()
		if len(s.rings) > 0 {
			s.found = append(s.found, s.polygon(0, len(s.rings)))
		}
		return err
	case "Track", "MultiTrack":
		s.fail(errShapeTrack)
	}
	return s.inside()
}

func (s *xmlShape) fail(reason string) {
	if s.reason == "" {
		s.reason = reason
	}
}

func (s *xmlShape) setDimension() {
	if n, ok := xmlInt(s.x.attr("srsDimension")); ok && n >= 2 && n <= 4 {
		s.dimension = int(n)
	}
}

// inside reads what the element just started holds: coordinates, rings and further geometries.
func (s *xmlShape) inside() error {
	x := s.x
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return x.inside(err)
		}
		if x.depth < depth {
			return nil
		}
		if x.kind != xmlStart {
			continue
		}
		var err error
		switch name := string(x.name); name {
		case "pos", "posList", "coordinates":
			err = s.positions(name)
		case "Ring", "LinearRing":
			from := len(s.points)
			s.curve++
			err = s.inside()
			s.curve--
			if len(s.points) > from {
				s.rings = append(s.rings, len(s.points))
			}
		case "LineStringSegment", "curveMember", "segments", "baseCurve", "exterior", "interior", "outerBoundaryIs", "innerBoundaryIs",
			"pointMember", "pointMembers", "lineStringMember", "curveMembers", "polygonMember", "surfaceMember", "surfaceMembers",
			"geometryMember", "geometryMembers", "patches", "polygonPatches", "trianglePatches", "baseSurface", "Shell", "solidMember", "shell":
			err = s.inside()
		case "Arc", "ArcString", "ArcByCenterPoint", "ArcStringByBulge", "ArcByBulge", "Circle", "CircleByCenterPoint", "CubicSpline",
			"BSpline", "Bezier", "Clothoid", "Geodesic", "GeodesicString":
			s.fail(errShapeCurve)
			err = x.skip()
		case "LineString", "Curve", "CompositeCurve", "OrientableCurve":
			err = s.piece()
		default:
			if shapeNames[name] || name == "PolygonPatch" || name == "Triangle" || name == "Rectangle" {
				err = s.element()
			} else {
				err = x.skip()
			}
		}
		if err != nil {
			return err
		}
	}
}

// piece is a line in a line, whose positions go on the enclosing one's, or a line of its own.
func (s *xmlShape) piece() error {
	if s.curve > 0 {
		return s.inside()
	}
	return s.element()
}

// positions reads numbers: of one position (pos), of many (posList), or tuples (coordinates: "x,y,z x,y,z").
func (s *xmlShape) positions(name string) error {
	dimension := s.dimension
	if n, ok := xmlInt(s.x.attr("srsDimension")); ok && n >= 2 && n <= 4 {
		dimension = int(n)
	}
	var err error
	if s.text, err = s.x.content(s.text[:0]); err != nil {
		return err
	}
	if name == "coordinates" {
		return s.tuples(append(s.text, 0))
	}
	s.numbers = s.numbers[:0]
	b := append(s.text, 0)
	for i := space(b, 0); i < len(b)-1; i = space(b, i) {
		v, end, ok := signedNumber(b, i)
		if !ok || b[end] > ' ' {
			s.fail("its coordinates are not numbers: " + quote(b[i:min(len(b)-1, i+20)]))
			return nil
		}
		s.numbers = append(s.numbers, v)
		i = end
	}
	switch n := len(s.numbers); {
	case name == "pos":
		dimension = n
	case dimension == 0 && n%2 == 1 && n%3 == 0:
		dimension = 3
	case dimension == 0:
		dimension = 2
	}
	if dimension < 2 || len(s.numbers)%dimension != 0 {
		s.fail(reasonPosition)
		return nil
	}
	s.joint = name == "posList" && s.curve > 0
	for n := s.numbers; len(n) > 0; n = n[dimension:] {
		s.add(n[0], n[1])
		s.joint = false
	}
	return nil
}

// signedNumber allows the plus sign that XML Schema allows.
func signedNumber(b []byte, i int) (v float64, end int, ok bool) {
	if b[i] == '+' {
		i++
	}
	return number(b, i)
}

func (s *xmlShape) tuples(b []byte) error {
	for i := space(b, 0); i < len(b)-1; i = space(b, i) {
		x, end, ok := signedNumber(b, i)
		if !ok || b[space(b, end)] != ',' {
			s.fail(reasonPosition)
			return nil
		}
		y, end, ok := signedNumber(b, space(b, space(b, end)+1))
		if !ok {
			s.fail(reasonPosition)
			return nil
		}
		for i = end; b[i] == ','; i = end {
			if _, end, ok = signedNumber(b, space(b, i+1)); !ok {
				end = space(b, i+1) // an empty altitude
			}
		}
		if b[i] > ' ' {
			s.fail(reasonPosition)
			return nil
		}
		s.add(x, y)
	}
	return nil
}

func (s *xmlShape) add(x, y float64) {
	if s.swap {
		x, y = y, x
	}
	if !finite(x) || !finite(y) {
		s.fail(reasonPosition)
		return
	}
	p := orb.Point{x, y}
	first := 0
	if n := len(s.rings); n > 0 {
		first = s.rings[n-1]
	}
	if n := len(s.points); s.joint && n > first && s.points[n-1] == p {
		return // where two pieces of a curve meet
	}
	s.points = append(s.points, p)
}

// assembled makes one geometry of what was found.
func (s *xmlShape) assembled(kind string) orb.Geometry {
	multi := len(kind) > 5 && kind[:5] == "Multi"
	if len(s.found) == 0 {
		return nil
	}
	if len(s.found) == 1 && (!multi || kind == "MultiGeometry") {
		return s.found[0]
	}
	var points orb.MultiPoint
	var lines orb.MultiLineString
	var polygons orb.MultiPolygon
	for _, g := range s.found {
		switch g := g.(type) {
		case orb.Point:
			points = append(points, g)
		case orb.LineString:
			lines = append(lines, g)
		case orb.Polygon:
			polygons = append(polygons, g)
		}
	}
	switch len(s.found) {
	case len(points):
		return points
	case len(lines):
		return lines
	case len(polygons):
		return polygons
	}
	return orb.Collection(s.found)
}

var errNoFeatures = errors.New("it holds no features")
