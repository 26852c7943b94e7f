package crs

import "math"

// lcc is Lambert Conic Conformal, with two standard parallels (EPSG method 9802; Guidance Note 7-2, 3.1.1.1) unless it comes
// from newLCC1.
type lcc struct {
	el             *ellipsoid
	lon0           float64 // longitude of false origin, degrees
	x0, y0         float64 // false origin, metres
	n, aF, apexY   float64 // cone constant; a·F; northing of the apex
	lat0, sp1, sp2 float64 // as declared, degrees
	k0             float64 // scale at the one standard parallel; 0: there are two
}

func newLCC(el *ellipsoid, lat0, lon0, sp1, sp2, x0, y0 float64) *lcc {
	m := func(lat float64) float64 {
		s, c := math.Sincos(lat * rad)
		return c / math.Sqrt(1-el.e*el.e*s*s)
	}
	// The note's t is exp(−isometric latitude).
	psi := func(lat float64) float64 { return el.isometric(math.Sin(lat * rad)) }
	n := (math.Log(m(sp1)) - math.Log(m(sp2))) / (psi(sp2) - psi(sp1))
	aF := el.a * m(sp1) / n * math.Exp(n*psi(sp1))
	return &lcc{
		el: el, lon0: lon0, x0: x0, y0: y0,
		n: n, aF: aF, apexY: y0 + aF*math.Exp(-n*psi(lat0)),
		lat0: lat0, sp1: sp1, sp2: sp2,
	}
}

func (p *lcc) forward(lon, lat float64) (x, y float64) {
	r := p.aF * math.Exp(-p.n*p.el.isometric(math.Sin(lat*rad)))
	s, c := math.Sincos(p.n * wrap(lon-p.lon0) * rad)
	return p.x0 + r*s, p.apexY - r*c
}

func (p *lcc) inverse(x, y float64) (lon, lat float64) {
	dx, dy := x-p.x0, p.apexY-y
	t := math.Exp(-math.Log(math.Sqrt(dx*dx+dy*dy)/p.aF) / p.n) // tan(π/4 + conformal latitude / 2)
	sin, cos := (t*t-1)/(t*t+1), 2*t/(t*t+1)
	lat = geodetic(2*math.Atan(t)-math.Pi/2, sin, cos, &p.el.fromConformal)
	return wrap(p.lon0 + math.Atan2(dx, dy)/p.n*deg), lat * deg
}
