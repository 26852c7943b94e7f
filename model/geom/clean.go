package geom

import (
	"github.com/paulmach/orb"
)

// Kind of geometry that a source declares.
type Kind string

const (
	Any     Kind = "any"
	Point   Kind = "point"
	Line    Kind = "line"
	Polygon Kind = "polygon"
)

// Repair is a change that Clean made without changing the place described.
type Repair string

// The repairs, in the order in which they are made.
const (
	Unwrapped      Repair = "unwrapped"       // a collection or multi of one part became that part
	PartDropped    Repair = "part_dropped"    // an empty part, or one without extent, among others was dropped
	PointsDropped  Repair = "points_dropped"  // a point repeated at once, or a spike without width, was dropped
	RingClosed     Repair = "ring_closed"     // the first point was repeated at the end, or the last one moved onto it
	RingSplit      Repair = "ring_split"      // a ring that touches itself at a vertex became several
	RingReoriented Repair = "ring_reoriented" // outer rings counter-clockwise, holes clockwise (RFC 7946, 3.1.6)
)

// repairs is a set of Repair, by position in allRepairs.
type repairs uint8

var allRepairs = [...]Repair{Unwrapped, PartDropped, PointsDropped, RingClosed, RingSplit, RingReoriented}

const (
	unwrapped repairs = 1 << iota
	partDropped
	pointsDropped
	ringClosed
	ringSplit
	ringReoriented
	repairSets
)

// repairLists holds the list of every set, so that Clean allocates none.
var repairLists = func() (lists [repairSets][]Repair) {
	for set := range lists {
		for i, r := range allRepairs {
			if set>>i&1 == 1 {
				lists[set] = append(lists[set], r)
			}
		}
	}
	return lists
}()

// Clean repairs what is safe to repair in g, checks the result, and returns it as the declared kind, or a Defect.
//
// Coordinates are degrees: outside ±180, ±90 is a defect. Clean owns g: slices are changed in place and may be shared with
// the result. The list of repairs is shared; do not change it. A result is never a collection unless kind is Any and its
// parts differ in type.
func Clean(g orb.Geometry, kind Kind) (orb.Geometry, []Repair, *Defect) {
	return clean(g, kind, &orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}})
}

// CleanPlanar is Clean for coordinates in a plane, of any size.
func CleanPlanar(g orb.Geometry, kind Kind) (orb.Geometry, []Repair, *Defect) {
	return clean(g, kind, nil)
}

func clean(g orb.Geometry, kind Kind, within *orb.Bound) (orb.Geometry, []Repair, *Defect) {
	c := cleaner{within: within}
	g = c.flatten(g)
	if g == nil {
		return nil, nil, c.absent()
	}
	if !kind.allows(g) {
		return nil, nil, defect(WrongType, "a "+g.GeoJSONType()+" where a "+string(kind)+" is declared")
	}
	g, d := c.shape(g)
	if d != nil {
		return nil, nil, d
	}
	return g, repairLists[c.done], nil
}

func (k Kind) allows(g orb.Geometry) bool {
	switch g.(type) {
	case orb.Point, orb.MultiPoint:
		return k == Point || k == Any
	case orb.LineString, orb.MultiLineString:
		return k == Line || k == Any
	case orb.Polygon, orb.MultiPolygon:
		return k == Polygon || k == Any
	}
	return k == Any
}

type cleaner struct {
	done   repairs
	within *orb.Bound // nil: anywhere
	empty  bool       // something was there, without coordinates
}

func (c *cleaner) absent() *Defect {
	if c.empty {
		return defect(Empty, "no coordinates")
	}
	return defect(Missing, "no geometry")
}

// inside refuses a coordinate that is not finite or out of bounds.
func (c *cleaner) inside(points []orb.Point) *Defect {
	for _, p := range points {
		if d := finite(p); d != nil {
			return d
		}
		if c.within != nil && !c.within.Contains(p) {
			return defectAt(OutOfBounds, p, "not a longitude and latitude,")
		}
	}
	return nil
}

func (c *cleaner) shape(g orb.Geometry) (orb.Geometry, *Defect) {
	switch g := g.(type) {
	case orb.Point:
		return g, c.inside([]orb.Point{g})
	case orb.MultiPoint:
		return g, c.inside(g)
	case orb.LineString:
		line, d := c.line(g)
		return line, d
	case orb.MultiLineString:
		return c.lines(g)
	case orb.Polygon:
		return c.polygon(g)
	case orb.MultiPolygon:
		return c.polygons(g)
	case orb.Collection:
		for i := range g {
			var d *Defect
			if g[i], d = c.shape(g[i]); d != nil {
				return nil, d
			}
		}
		return g, nil
	}
	return nil, defect(WrongType, "unknown geometry type")
}

// line drops repeated points.
func (c *cleaner) line(l orb.LineString) (orb.LineString, *Defect) {
	if d := c.inside(l); d != nil {
		return nil, d
	}
	l = c.distinct(l)
	if len(l) < 2 {
		return nil, defectAt(TooFewPoints, l[0], "a line without length")
	}
	return l, nil
}

func (c *cleaner) lines(m orb.MultiLineString) (orb.Geometry, *Defect) {
	kept := m[:0]
	var first *Defect
	for _, l := range m {
		l, d := c.line(l)
		switch {
		case d == nil:
			kept = append(kept, l)
		case d.Code != TooFewPoints:
			return nil, d
		case first == nil:
			first = d
		}
	}
	switch {
	case len(kept) == 0:
		return nil, first
	case first != nil:
		c.done |= partDropped
	}
	if len(kept) == 1 {
		c.done |= unwrapped
		return kept[0], nil
	}
	return kept, nil
}

// distinct drops points equal to the one before, in place.
func (c *cleaner) distinct(points []orb.Point) []orb.Point {
	n := 0
	for i, p := range points {
		if i > 0 && p == points[n-1] {
			continue
		}
		points[n] = p
		n++
	}
	if n < len(points) {
		c.done |= pointsDropped
	}
	return points[:n]
}
