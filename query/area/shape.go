package area

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/geom"
	"jumeau/model/layer"
)

// Limits of a shape, so that using one costs little whoever drew it.
const (
	MaxVertices = 5_000  // as drawn
	maxChain    = 20_000 // on the grid, long edges being chains there
)

// Shape is a geometry on the grid. Immutable; safe for concurrent use.
type Shape struct {
	parts  [][]point // points, lines, and rings whose last point is joined to the first
	ring   []bool    // whether the part is one
	edges  []edge    // of lines and rings
	strips strips
	box    layer.Box
	bound  orb.Bound // degrees
	plane  []trapeze // of the rings, for areas
	around float64   // area of the rings in square metres on the ellipsoid
}

type edge struct{ a, b point }

// New lays a geometry on the grid; its coordinates are those of from, easting or longitude first. Polygons must be valid; which way
// their rings turn does not matter. The geometry is not changed.
func New(g orb.Geometry, from crs.CRS) (*Shape, error) {
	if n := count(g); n > MaxVertices {
		return nil, invalid(fmt.Sprintf("simplify it to at most %d", MaxVertices), "it has %d vertices", n)
	}
	if !finite(g) {
		return nil, invalid("write longitudes and latitudes, or give the system of the coordinates", "a coordinate is outside the system %s", from)
	}
	d := &drawing{from: from}
	if err := d.add(orb.Clone(g)); err != nil {
		return nil, err
	}
	if len(d.parts) == 0 {
		return nil, invalid("draw a point, a line or a polygon", "it is empty")
	}
	s := &Shape{parts: d.parts, ring: d.ring, bound: d.bound}
	s.index()
	return s, nil
}

// Rectangle is the shape of west, south, east, north in the coordinates of a system. In degrees, one whose west is greater than its east
// crosses the 180th meridian.
func Rectangle(b [4]float64, from crs.CRS) (*Shape, error) {
	if b[1] > b[3] || b[0] > b[2] && !from.Geographic() {
		return nil, invalid("write the lower corner first: west,south,east,north", "%v is not a box", b)
	}
	if b[0] > b[2] {
		return New(orb.MultiPolygon{rectangle(b[0], b[1], 180, b[3]), rectangle(-180, b[1], b[2], b[3])}, from)
	}
	if corner, far := (orb.Point{b[0], b[1]}), (orb.Point{b[2], b[3]}); corner == far {
		return New(corner, from)
	} else if b[0] == b[2] || b[1] == b[3] {
		return New(orb.LineString{corner, far}, from)
	}
	return New(rectangle(b[0], b[1], b[2], b[3]), from)
}

func rectangle(west, south, east, north float64) orb.Polygon {
	return orb.Polygon{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}
}

func invalid(hint, format string, args ...any) error {
	return &model.Error{Kind: model.Invalid, Subject: "geometry", Hint: hint, Err: fmt.Errorf(format, args...)}
}

// Box is the bounding box on the grid.
func (s *Shape) Box() layer.Box { return s.box }

// Bound is the bounding box in degrees.
func (s *Shape) Bound() orb.Bound { return s.bound }

// Area is that of the polygons in square metres, on the ellipsoid of WGS 84; 0 of points and lines.
func (s *Shape) Area() float64 { return s.around }

// Vertices on the grid.
func (s *Shape) Vertices() (n int) {
	for _, part := range s.parts {
		n += len(part)
	}
	return n
}

func count(g orb.Geometry) (n int) {
	each(g, func(orb.Point) { n++ })
	return n
}

func finite(g orb.Geometry) bool {
	ok := true
	each(g, func(p orb.Point) {
		for _, v := range p {
			ok = ok && math.Abs(v) < 1e8 // no system has coordinates beyond, and NaN is not below
		}
	})
	return ok
}

// each calls on every vertex.
func each(g orb.Geometry, f func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		f(g)
	case orb.MultiPoint:
		for _, p := range g {
			f(p)
		}
	case orb.LineString:
		for _, p := range g {
			f(p)
		}
	case orb.MultiLineString:
		for _, l := range g {
			each(l, f)
		}
	case orb.Polygon:
		for _, r := range g {
			for _, p := range r {
				f(p)
			}
		}
	case orb.MultiPolygon:
		for _, p := range g {
			each(p, f)
		}
	case orb.Collection:
		for _, p := range g {
			each(p, f)
		}
	}
}

// drawing collects the parts of a geometry on the grid.
type drawing struct {
	from  crs.CRS
	parts [][]point
	ring  []bool
	bound orb.Bound
	total int
}

func (d *drawing) add(g orb.Geometry) (err error) {
	switch g := g.(type) {
	case orb.Point:
		return d.part([]orb.Point{g}, false)
	case orb.MultiPoint:
		for _, p := range g {
			err = errors.Join(err, d.part([]orb.Point{p}, false))
		}
	case orb.LineString:
		return d.line(g)
	case orb.MultiLineString:
		for _, l := range g {
			err = errors.Join(err, d.line(l))
		}
	case orb.Polygon, orb.MultiPolygon:
		return d.polygons(g)
	case orb.Collection:
		return invalid("ask about one geometry, or join conditions with OR", "a collection is not one geometry")
	default:
		return invalid("draw a point, a line or a polygon", "there is no geometry")
	}
	return err
}

func (d *drawing) line(l orb.LineString) error {
	if len(l) < 2 {
		return invalid("a line has two positions or more", "a line has %d", len(l))
	}
	return d.part(l, false)
}

func (d *drawing) polygons(g orb.Geometry) error {
	clean, _, defect := geom.CleanPlanar(g, geom.Polygon)
	if defect != nil {
		return invalid("draw it without crossing itself, rings closed", "the polygon is not valid: %s", defect.Reason)
	}
	var all orb.MultiPolygon
	switch clean := clean.(type) {
	case orb.Polygon:
		all = orb.MultiPolygon{clean}
	case orb.MultiPolygon:
		all = clean
	}
	for _, p := range all {
		for _, r := range p {
			if err := d.part(r, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// part is a point, a line or a closed ring, in the coordinates that it was drawn in.
func (d *drawing) part(points []orb.Point, ring bool) error {
	var out []point
	for i, p := range points {
		q, err := d.place(p)
		if err != nil {
			return err
		}
		if i > 0 {
			if out, err = d.chain(out, points[i-1], p, out[len(out)-1], q, 0); err != nil {
				return err
			}
		}
		if len(out) == 0 || out[len(out)-1] != q {
			out = append(out, q)
		}
	}
	if ring {
		if out = out[:len(out)-1]; len(out) < 3 {
			return nil // smaller than the grid can say
		}
	}
	if d.total += len(out); d.total > maxChain {
		return invalid("draw something smaller, or with fewer long edges", "it is too long for one question")
	}
	d.parts, d.ring = append(d.parts, out), append(d.ring, ring)
	return nil
}

// place is the position of a coordinate on the grid.
func (d *drawing) place(p orb.Point) (point, error) {
	lon, lat := d.from.ToLonLat(p[0], p[1])
	if !(lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90) {
		return point{}, invalid("write longitudes and latitudes, or give the system of the coordinates", "a position is outside the world in %s", d.from)
	}
	if at := (orb.Point{lon, lat}); len(d.parts) == 0 && d.bound == (orb.Bound{}) {
		d.bound = orb.Bound{Min: at, Max: at}
	} else {
		d.bound = d.bound.Extend(at)
	}
	x, y := layer.Position(lon, lat)
	return point{min(x, 1<<31-1), y}, nil
}

// chain adds the positions between two vertices at which the straight edge that was drawn leaves the one on the grid by a unit or more.
func (d *drawing) chain(out []point, a, b orb.Point, from, to point, depth int) ([]point, error) {
	if depth == 14 || len(out) > maxChain {
		return out, nil
	}
	middle := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
	at, err := d.place(middle)
	if err != nil {
		return nil, err
	}
	dx, dy := float64(to.x-from.x), float64(to.y-from.y)
	length := math.Hypot(dx, dy)
	if length == 0 {
		return out, nil
	}
	if off := math.Abs(dx*float64(at.y-from.y)-dy*float64(at.x-from.x)) / length; off <= 1 {
		return out, nil
	}
	if out, err = d.chain(out, a, middle, from, at, depth+1); err != nil {
		return nil, err
	}
	return d.chain(append(out, at), middle, b, at, to, depth+1)
}
