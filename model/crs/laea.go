package crs

import "math"

// laea is Lambert Azimuthal Equal Area, oblique aspect (EPSG method 9820; Guidance Note 7-2, 3.4.2).
type laea struct {
	el           *ellipsoid
	lat0, lon0   float64 // natural origin, degrees
	x0, y0       float64 // false origin, metres
	qP, rq, d    float64 // the note's αP, Rq, D
	sinB0, cosB0 float64 // of the authalic latitude of the origin
}

func newLAEA(el *ellipsoid, lat0, lon0, x0, y0 float64) *laea {
	s, c := math.Sincos(lat0 * rad)
	p := &laea{el: el, lat0: lat0, lon0: lon0, x0: x0, y0: y0, qP: el.q(1)}
	p.rq = el.a * math.Sqrt(p.qP/2)
	p.sinB0 = el.q(s) / p.qP
	p.cosB0 = math.Sqrt(1 - p.sinB0*p.sinB0)
	p.d = el.a * c / math.Sqrt(1-el.e*el.e*s*s) / (p.rq * p.cosB0)
	return p
}

func (p *laea) forward(lon, lat float64) (x, y float64) {
	sinB := p.el.q(math.Sin(lat*rad)) / p.qP
	cosB := math.Sqrt(math.Max(0, (1-sinB)*(1+sinB)))
	s, c := math.Sincos(wrap(lon-p.lon0) * rad)
	b := p.rq * math.Sqrt(2/(1+p.sinB0*sinB+p.cosB0*cosB*c))
	return p.x0 + b*p.d*cosB*s, p.y0 + b/p.d*(p.cosB0*sinB-p.sinB0*cosB*c)
}

func (p *laea) inverse(x, y float64) (lon, lat float64) {
	u, v := (x-p.x0)/p.d, (y-p.y0)*p.d
	// With C = 2 asin(ρ/2Rq): sin C / ρ and cos C, without dividing by ρ.
	h := (u*u + v*v) / (4 * p.rq * p.rq)
	sinCr, cosC := math.Sqrt(1-h)/p.rq, 1-2*h
	sinB := cosC*p.sinB0 + v*sinCr*p.cosB0
	b := math.Asin(sinB)
	lat = geodetic(b, sinB, math.Sqrt((1-sinB)*(1+sinB)), &p.el.fromAuthalic)
	lon = math.Atan2(u*sinCr, p.cosB0*cosC-v*p.sinB0*sinCr)
	return wrap(p.lon0 + lon*deg), lat * deg
}
