package geom

import (
	"math"

	"github.com/paulmach/orb"
)

// Valid returns the first defect of g against the rules of OGC Simple Features (06-103r4, section 6.1), or nil. Orientation is
// not part of them. Points and lines are valid when they have enough finite coordinates; lines may cross themselves.
//
// Polygons of up to a few dozen points are checked pair by pair, larger ones through an index over their segments.
func Valid(g orb.Geometry) *Defect {
	if d := wellFormed(g); d != nil {
		return d
	}
	return validShape(g)
}

func validShape(g orb.Geometry) *Defect {
	switch g := g.(type) {
	case orb.Ring:
		return validPolygons(orb.MultiPolygon{{g}})
	case orb.Polygon:
		if len(g) == 1 && len(g[0]) <= smallRing {
			return validSmallRing(g[0])
		}
		return validPolygons(orb.MultiPolygon{g})
	case orb.MultiPolygon:
		return validPolygons(g)
	case orb.Collection:
		for _, part := range g {
			if d := validShape(part); d != nil {
				return d
			}
		}
	}
	return nil
}

// wellFormed checks presence, finiteness, closing and the least numbers of points, not shapes.
func wellFormed(g orb.Geometry) *Defect {
	switch g := g.(type) {
	case nil:
		return defect(Missing, "no geometry")
	case orb.Point:
		return finite(g)
	case orb.MultiPoint:
		return wellFormedPoints(g, 1, false)
	case orb.LineString:
		return wellFormedPoints(g, 2, false)
	case orb.Ring:
		return wellFormedPoints(g, 4, true)
	case orb.Bound:
		return wellFormedPoints([]orb.Point{g.Min, g.Max}, 2, false)
	case orb.MultiLineString:
		return wellFormedParts(g, func(p orb.LineString) *Defect { return wellFormedPoints(p, 2, false) })
	case orb.Polygon:
		return wellFormedParts(g, func(p orb.Ring) *Defect { return wellFormedPoints(p, 4, true) })
	case orb.MultiPolygon:
		return wellFormedParts(g, func(p orb.Polygon) *Defect { return wellFormed(p) })
	case orb.Collection:
		return wellFormedParts(g, wellFormed)
	}
	return defect(WrongType, "unknown geometry type")
}

func wellFormedParts[P any](parts []P, check func(P) *Defect) *Defect {
	if len(parts) == 0 {
		return defect(Empty, "no coordinates")
	}
	for _, p := range parts {
		if d := check(p); d != nil {
			return d
		}
	}
	return nil
}

func wellFormedPoints(points []orb.Point, least int, closed bool) *Defect {
	if len(points) == 0 {
		return defect(Empty, "no coordinates")
	}
	distinct := 1
	for i, p := range points {
		if d := finite(p); d != nil {
			return d
		}
		if i > 0 && p != points[i-1] {
			distinct++
		}
	}
	switch {
	case closed && points[0] != points[len(points)-1]:
		return defectAt(UnclosedRing, points[len(points)-1], "ring does not end where it begins,")
	case distinct < least:
		return defectAt(TooFewPoints, points[0], "too few distinct points")
	}
	return nil
}

func finite(p orb.Point) *Defect {
	// x - x is NaN for NaN and infinities alike.
	if p[0]-p[0] == 0 && p[1]-p[1] == 0 {
		return nil
	}
	if math.IsNaN(p[0]) && math.IsNaN(p[1]) {
		return defect(Empty, "no coordinates (NaN)") // how WKB writes an empty point
	}
	return defect(NotFinite, "a coordinate is not a number")
}

// smallRing is the number of points up to which comparing all pairs of segments beats building an index.
const smallRing = 40

// validSmallRing checks a closed ring alone.
func validSmallRing(r orb.Ring) *Defect {
	n := len(r) - 1
	for i := range n {
		a, b := r[i], r[i+1]
		if a == b {
			continue
		}
		minX, maxX, minY, maxY := min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])
		for j := i + 1; j < n; j++ {
			c, d := r[j], r[j+1]
			if c[0] > maxX && d[0] > maxX || c[0] < minX && d[0] < minX ||
				c[1] > maxY && d[1] > maxY || c[1] < minY && d[1] < minY || c == d {
				continue
			}
			kind, at := meet(a, b, c, d)
			if kind == apart || kind == touching && neighbours(r, i, j, at) {
				continue
			}
			return contactDefect(kind, at)
		}
	}
	return nil
}

// neighbours says whether segments i < j of the closed ring r follow each other and at is their common end; repeated
// points between them do not count.
func neighbours(r orb.Ring, i, j int, at orb.Point) bool {
	return at == r[i+1] && run(r[i+1:j+1]) || at == r[i] && run(r[j+1:]) && run(r[:i+1])
}

// run says whether all points are the same.
func run(points []orb.Point) bool {
	for _, p := range points {
		if p != points[0] {
			return false
		}
	}
	return true
}

func contactDefect(kind contact, at orb.Point) *Defect {
	switch kind {
	case touching:
		return defectAt(SelfTouch, at, "the boundary touches itself")
	case overlaid:
		return defectAt(SelfIntersection, at, "the boundary runs over itself")
	}
	return defectAt(SelfIntersection, at, "the boundary crosses itself")
}
