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
	t := math.Exp(p.el.isometric(math.Sin(lat * rad)))
	tau := (t - 1/t) / 2 // tangent of the conformal latitude
	r2 := tau*tau + c*c
	sinh := s / math.Sqrt(r2)
	cosh := math.Sqrt(1 + sinh*sinh)
	dxi, deta := sines(2*tau*c/r2, (c*c-tau*tau)/r2, 2*sinh*cosh, 1+2*sinh*sinh, &p.h)
	return p.x0 + p.kB*(math.Asinh(sinh)+deta), p.y0 + p.kB*(math.Atan2(tau, c)+dxi)
}

func (p *tm) inverse(x, y float64) (lon, lat float64) {
	xi, eta := (y-p.y0)/p.kB, (x-p.x0)/p.kB
	s, c := math.Sincos(2 * xi)
	e := math.Exp(2 * eta)
	dxi, deta := sines(s, c, (e-1/e)/2, (e+1/e)/2, &p.hi)
	xi, eta = xi-dxi, eta-deta
	sinXi, cosXi := math.Sincos(xi)
	e = math.Exp(eta)
	sinh := (e - 1/e) / 2
	tau := sinXi / math.Sqrt(sinh*sinh+cosXi*cosXi)
	cos := 1 / math.Sqrt(1+tau*tau)
	lat = geodetic(math.Atan(tau), tau*cos, cos, &p.el.fromConformal)
	return wrap(p.lon0 + math.Atan2(sinh, cosXi)*deg), lat * deg
}

// sines is the sum of h[j] sin(2(j+1)(ξ + iη)), by Clenshaw in complex numbers, real and imaginary part; it is given the
// circular functions of 2ξ and the hyperbolic ones of 2η.
func sines(sin, cos, sinh, cosh float64, h *[4]float64) (re, im float64) {
	z, t := complex(sin*cosh, cos*sinh), complex(2*cos*cosh, -2*sin*sinh)
	b3 := complex(h[3], 0)
	b2 := t*b3 + complex(h[2], 0)
	b1 := t*b2 - b3 + complex(h[1], 0)
	b0 := t*b1 - b2 + complex(h[0], 0)
	sum := z * b0
	return real(sum), imag(sum)
}
