package crs

import "math"

// shifted is a system on another datum than WGS 84: a geocentric translation (EPSG method 9603; Guidance Note 7-2, 4.3.1)
// around a projection, or around degrees. Heights are taken to be 0 on either side, as for maps.
type shifted struct {
	el         *ellipsoid // of the other datum
	x, y, z    float64    // metres, from it to WGS 84
	inner      projection // nil: degrees of the other datum
	geographic bool       // inner is no projection but another unit and meridian
}

func (s *shifted) forward(lon, lat float64) (x, y float64) {
	lon, lat = translate(wgs84, s.el, lon, lat, -s.x, -s.y, -s.z)
	if s.inner == nil {
		return lon, lat
	}
	return s.inner.forward(lon, lat)
}

func (s *shifted) inverse(x, y float64) (lon, lat float64) {
	if s.inner != nil {
		x, y = s.inner.inverse(x, y)
	}
	return translate(s.el, wgs84, x, y, s.x, s.y, s.z)
}

// translate moves a point on one ellipsoid to the coordinates it has on another (EPSG method 9602 there and back; the way
// back by Bowring, "Transformation from spatial to geographical coordinates", Survey Review 23, 1976, exact to 1e-11 radian
// near the ground).
func translate(from, to *ellipsoid, lon, lat, dx, dy, dz float64) (float64, float64) {
	sinLat, cosLat := math.Sincos(lat * rad)
	sinLon, cosLon := math.Sincos(lon * rad)
	e2 := from.e * from.e
	nu := from.a / math.Sqrt(1-e2*sinLat*sinLat)
	x, y, z := nu*cosLat*cosLon+dx, nu*cosLat*sinLon+dy, nu*(1-e2)*sinLat+dz

	e2 = to.e * to.e
	b := to.a * math.Sqrt(1-e2)
	second := e2 / (1 - e2)
	p := math.Hypot(x, y)
	q := math.Atan2(z*to.a, p*b)
	s, c := math.Sincos(q)
	return math.Atan2(y, x) * deg, math.Atan2(z+second*b*s*s*s, p-e2*to.a*c*c*c) * deg
}
