package zone

import (
	"math"

	"github.com/paulmach/orb"
)

// Area of a polygon in degrees, in square metres on the ellipsoid GRS 80, its edges being straight in longitude and latitude
// (RFC 7946, 3.1.1). 0 for other geometries.
func Area(g orb.Geometry) float64 {
	sum := 0.0
	for _, p := range polygons(g) {
		for i, r := range p {
			if a := math.Abs(ringArea(r, squareMetres)); i == 0 {
				sum += a
			} else {
				sum -= a
			}
		}
	}
	return sum
}

// density is the area of a unit square of the plane at a height.
type density func(y float64) float64

// flat is the density of a plane.
func flat(float64) float64 { return 1 }

// squareMetres in a square degree at a latitude: a²(1−e²) cos φ / (1−e² sin²φ)², the product of the radii of curvature of the
// meridian and of the parallel (IOGP 373-7-2, annex B: ρ and ν cos φ).
func squareMetres(lat float64) float64 {
	const a, f = 6378137.0, 1 / 298.257222101
	const e2, rad = f * (2 - f), math.Pi / 180
	s, c := math.Sincos(lat * rad)
	w := 1 - e2*s*s
	return rad * rad * a * a * (1 - e2) * c / (w * w)
}

// gauss is the offset, from the middle of an interval of length 1, of the two points at which a cubic has its mean.
var gauss = 1 / (2 * math.Sqrt(3))

// ringArea is signed, positive when counter-clockwise: the sum over edges of the area to their west.
func ringArea(r orb.Ring, d density) float64 {
	if len(r) == 0 {
		return 0
	}
	sum := 0.0
	for i := 1; i < len(r); i++ {
		x, y := (r[i-1][0]+r[i][0])/2-r[0][0], (r[i-1][1]+r[i][1])/2
		dx, dy := (r[i][0]-r[i-1][0])*gauss, (r[i][1]-r[i-1][1])*gauss
		sum += (r[i][1] - r[i-1][1]) * ((x-dx)*d(y-dy) + (x+dx)*d(y+dy))
	}
	return sum / 2
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
