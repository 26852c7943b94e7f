package crs

import "math"

// tm is Transverse Mercator with its natural origin on the equator (EPSG method 9807; Guidance Note 7-2, 3.2.3, the JHS
// formulas). The intermediate angles are written as in Karney, "Transverse Mercator with an accuracy of a few nanometers",
// Journal of Geodesy 85, 2011, eqs 7-11 and 18-20: the same numbers, well conditioned near the poles.
type tm struct {
	el     *ellipsoid
	lon0   float64 // longitude of natural origin, degrees
	x0, y0 float64 // false origin, metres
	k0     float64 // scale at natural origin
	kB     float64 // k0·B
	h, hi  [4]float64
}

func newTM(el *ellipsoid, lon0, k0, x0, y0 float64) *tm {
	n := el.n
	n2, n3, n4 := n*n, n*n*n, n*n*n*n
	return &tm{
		el: el, lon0: lon0, x0: x0, y0: y0, k0: k0,
		kB: k0 * el.a / (1 + n) * (1 + n2/4 + n4/64),
		h: [4]float64{
			n/2 - 2*n2/3 + 5*n3/16 + 41*n4/180,
			13*n2/48 - 3*n3/5 + 557*n4/1440,
			61*n3/240 - 103*n4/140,
			49561 * n4 / 161280,
		},
		hi: [4]float64{
			n/2 - 2*n2/3 + 37*n3/96 - n4/360,
			n2/48 + n3/15 - 437*n4/1440,
			17*n3/480 - 37*n4/840,
			4397 * n4 / 161280,
		},
	}
}

func (p *tm) forward(lon, lat float64) (x, y float64) {
	s, c := math.Sincos(wrap(lon-p.lon0) * rad)
	tau := math.Sinh(p.el.isometric(math.Sin(lat * rad))) // tangent of the conformal latitude
	xi, eta := math.Atan2(tau, c), math.Asinh(s/math.Hypot(tau, c))
	dxi, deta := sines(xi, eta, &p.h)
	return p.x0 + p.kB*(eta+deta), p.y0 + p.kB*(xi+dxi)
}

func (p *tm) inverse(x, y float64) (lon, lat float64) {
	xi, eta := (y-p.y0)/p.kB, (x-p.x0)/p.kB
	dxi, deta := sines(xi, eta, &p.hi)
	xi, eta = xi-dxi, eta-deta
	sinXi, cosXi := math.Sincos(xi)
	sinhEta := math.Sinh(eta)
	r := math.Hypot(sinhEta, cosXi)
	tau := sinXi / r
	cos := 1 / math.Sqrt(1+tau*tau)
	lat = geodetic(math.Atan(tau), tau*cos, cos, &p.el.fromConformal)
	return wrap(p.lon0 + math.Atan2(sinhEta, cosXi)*deg), lat * deg
}

// sines is the sum of h[j] sin(2(j+1)(xi + i·eta)), by Clenshaw in complex numbers: real and imaginary part.
func sines(xi, eta float64, h *[4]float64) (re, im float64) {
	s, c := math.Sincos(2 * xi)
	e := math.Exp(2 * eta)
	sh, ch := (e-1/e)/2, (e+1/e)/2
	sinZ, t := complex(s*ch, c*sh), complex(2*c*ch, -2*s*sh)
	b3 := complex(h[3], 0)
	b2 := t*b3 + complex(h[2], 0)
	b1 := t*b2 - b3 + complex(h[1], 0)
	b0 := t*b1 - b2 + complex(h[0], 0)
	sum := sinZ * b0
	return real(sum), imag(sum)
}
