package zone

import (
	"math"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// project is a copy of g in the plane of EPSG:3035.
func project(g orb.Geometry) orb.Geometry {
	flat, _ := crs.LAEAEurope.Project(orb.Clone(g)) // fails only for the unknown system
	return flat
}

// Area of a polygon in degrees, in square metres, in the plane of EPSG:3035 (equal-area, so that it is the area on the
// ellipsoid but for the bending of long edges). 0 for other geometries.
func Area(g orb.Geometry) float64 { return planarArea(project(g)) }

// planarArea adds outer rings and subtracts holes, whatever their orientation.
func planarArea(g orb.Geometry) float64 {
	sum := 0.0
	for _, p := range polygons(g) {
		for i, r := range p {
			if a := math.Abs(ringArea(r)); i == 0 {
				sum += a
			} else {
				sum -= a
			}
		}
	}
	return sum
}

func polygons(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// ringArea is signed, positive when counter-clockwise, computed about the first point.
func ringArea(r orb.Ring) float64 {
	if len(r) == 0 {
		return 0
	}
	sum := 0.0
	for i := 1; i < len(r); i++ {
		a, b := r[i-1], r[i]
		sum += (a[0]-r[0][0])*(b[1]-r[0][1]) - (b[0]-r[0][0])*(a[1]-r[0][1])
	}
	return sum / 2
}
