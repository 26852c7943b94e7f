package crs

import "math"

// ellipsoid of revolution, with what the projections derive from its two parameters.
type ellipsoid struct {
	a    float64 // semi-major axis, metres
	invf float64 // inverse flattening
	e, n float64 // first eccentricity, third flattening

	fromConformal [4]float64 // conformal to geodetic latitude
	fromAuthalic  [4]float64 // authalic to geodetic latitude
}

var (
	grs80 = newEllipsoid(6378137, 298.257222101)
	wgs84 = newEllipsoid(6378137, 298.257223563)
)

// newEllipsoid computes the series that turn an auxiliary latitude into the geodetic one: powers of the third flattening
// n up to the fourth, so that what is left out is below 1e-12 radian (C. F. F. Karney, "On auxiliary latitudes", Survey
// Review 56, 2024, eqs A19 and A22; the same as Kawase, Bulletin of the GSI 59, 2011, for the conformal one).
// They replace the iterations of Guidance Note 7-2 and agree with it.
func newEllipsoid(a, invf float64) *ellipsoid {
	f := 1 / invf
	n := f / (2 - f)
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	return &ellipsoid{
		a: a, invf: invf, e: math.Sqrt(f * (2 - f)), n: n,
		fromConformal: [4]float64{
			2*n - 2*n2/3 - 2*n3 + 116*n4/45,
			7*n2/3 - 8*n3/5 - 227*n4/45,
			56*n3/15 - 136*n4/35,
			4279 * n4 / 630,
		},
		fromAuthalic: [4]float64{
			4*n/3 + 4*n2/45 - 16*n3/35 - 2582*n4/14175,
			46*n2/45 + 152*n3/945 - 11966*n4/14175,
			3044*n3/2835 + 3802*n4/14175,
			6059 * n4 / 4725,
		},
	}
}

// isometric latitude of a geodetic latitude given by its sine (Guidance Note 7-2, 3.2.2: Q = asinh(tan φ) − e atanh(e sin φ)).
func (el *ellipsoid) isometric(sin float64) float64 {
	return math.Atanh(sin) - el.e*math.Atanh(el.e*sin)
}

// q is the authalic function of the sine of a latitude (Guidance Note 7-2, 3.4.2, "α").
func (el *ellipsoid) q(sin float64) float64 {
	es := el.e * sin
	return (1 - el.e*el.e) * (sin/(1-es*es) + math.Atanh(es)/el.e)
}

// geodetic latitude from an auxiliary latitude given by its sine and cosine, by the series c.
func geodetic(aux, sin, cos float64, c *[4]float64) float64 {
	sin2, cos2 := 2*sin*cos, (cos-sin)*(cos+sin)
	// Clenshaw's sum of c[j] sin(2(j+1) aux).
	t := 2 * cos2
	b3 := c[3]
	b2 := t*b3 + c[2]
	b1 := t*b2 - b3 + c[1]
	b0 := t*b1 - b2 + c[0]
	return aux + sin2*b0
}

const (
	rad = math.Pi / 180 // radians in a degree
	deg = 180 / math.Pi // degrees in a radian
)

// wrap brings a longitude or a difference of longitudes that left [-180, 180] by less than a turn back.
func wrap(lon float64) float64 {
	switch {
	case lon > 180:
		return lon - 360
	case lon < -180:
		return lon + 360
	}
	return lon
}
