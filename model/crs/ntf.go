package crs

import "math"

// The French triangulation of 1873 to 1991: ellipsoid Clarke 1880 (IGN), longitudes from Paris, angles in grads.
var clarkeIGN = newEllipsoid(6378249.2, 293.466021293627)

const (
	paris     = 2.33722917 // degrees east of Greenwich (EPSG:8903)
	parisGrad = 2.5969213  // the same in grads
	grad      = 0.9        // degrees
)

// ntfShift is EPSG:1193, NTF to WGS 84 (1), see CRS.Accuracy. IGN's grid GR3DF97A, exact to a decimetre, is not used.
func ntfShift(inner projection, geographic bool) *shifted {
	return &shifted{el: clarkeIGN, x: -168, y: -60, z: 320, inner: inner, geographic: geographic}
}

// parisGrads are longitude and latitude in grads from Paris.
type parisGrads struct{}

func (parisGrads) forward(lon, lat float64) (x, y float64) { return (lon - paris) / grad, lat / grad }
func (parisGrads) inverse(x, y float64) (lon, lat float64) { return x*grad + paris, y * grad }

// newLCC1 is Lambert Conic Conformal with one standard parallel and a scale there (EPSG method 9801; Guidance Note 7-2,
// 3.1.1.2).
func newLCC1(el *ellipsoid, lat0, lon0, k0, x0, y0 float64) *lcc {
	s, c := math.Sincos(lat0 * rad)
	psi := el.isometric(s)
	aF := el.a * k0 * c / math.Sqrt(1-el.e*el.e*s*s) / s * math.Exp(s*psi)
	return &lcc{el: el, lon0: lon0, x0: x0, y0: y0, n: s, aF: aF, apexY: y0 + aF*math.Exp(-s*psi), lat0: lat0, sp1: lat0, sp2: lat0, k0: k0}
}

// lambertZones of NTF: latitude of origin in grads, scale, false easting, and the false northing of the zone's own system
// and of the one with the zone's number in front.
var lambertZones = []struct {
	own, numbered       string
	ownName, numberName string
	lat0, k0, x0        float64
	y0, y1              float64
	area, areaNumbered  [4]float64
}{
	{"EPSG:27561", "EPSG:27571", "Lambert Nord France", "Lambert zone I", 55, 0.999877341, 600000, 200000, 1200000,
		[4]float64{-4.87, 48.14, 8.23, 51.14}, [4]float64{-4.87, 48.14, 8.23, 51.14}},
	{"EPSG:27562", "EPSG:27572", "Lambert Centre France", "Lambert zone II", 52, 0.99987742, 600000, 200000, 2200000,
		[4]float64{-4.8, 45.44, 7.63, 48.15}, [4]float64{-4.87, 42.33, 8.23, 51.14}},
	{"EPSG:27563", "EPSG:27573", "Lambert Sud France", "Lambert zone III", 49, 0.999877499, 600000, 200000, 3200000,
		[4]float64{-1.79, 42.33, 7.71, 45.46}, [4]float64{-1.79, 42.33, 7.71, 45.46}},
	{"EPSG:27564", "EPSG:27574", "Lambert Corse", "Lambert zone IV", 46.85, 0.99994471, 234.358, 185861.369, 4185861.369,
		[4]float64{8.5, 41.31, 9.63, 43.07}, [4]float64{8.5, 41.31, 9.63, 43.07}},
}

func registerNTF() {
	france := bound(-4.87, 41.31, 9.63, 51.14)
	register("EPSG:4275", "NTF", datumNTF, ntfShift(nil, true), france)
	register("EPSG:4807", "NTF (Paris)", datumNTF, ntfShift(parisGrads{}, true), france)
	for _, z := range lambertZones {
		a, b := z.area, z.areaNumbered
		register(z.own, "NTF (Paris) / "+z.ownName, datumNTF,
			ntfShift(newLCC1(clarkeIGN, z.lat0*grad, paris, z.k0, z.x0, z.y0), false), bound(a[0], a[1], a[2], a[3]))
		register(z.numbered, "NTF (Paris) / "+z.numberName, datumNTF,
			ntfShift(newLCC1(clarkeIGN, z.lat0*grad, paris, z.k0, z.x0, z.y1), false), bound(b[0], b[1], b[2], b[3]))
	}
}

func registerOverseas() {
	geographic := func(code, name string, dat datum, west, south, east, north float64) {
		register(code, name, dat, nil, bound(west, south, east, north))
	}
	utm := func(code, name string, dat datum, lon0, y0, west, south, east, north float64) {
		register(code, name, dat, newTM(grs80, lon0, 0.9996, 500_000, y0), bound(west, south, east, north))
	}
	const south = 10_000_000
	utm("EPSG:2972", "RGFG95 / UTM zone 22N", datumRGFG95, -51, 0, -54, 2.17, -49.45, 8.88)
	utm("EPSG:2975", "RGR92 / UTM zone 40S", datumRGR92, 57, south, 54, -24.72, 58.24, -18.28)
	utm("EPSG:4471", "RGM04 / UTM zone 38S", datumRGM04, 45, south, 43.68, -14.49, 46.7, -11.33)
	utm("EPSG:5490", "RGAF09 / UTM zone 20N", datumRGAF09, -63, 0, -63.66, 14.08, -60, 18.31)
	utm("EPSG:4467", "RGSPM06 / UTM zone 21N", datumRGSPM06, -57, 0, -57.1, 43.41, -55.9, 47.37)
	geographic("EPSG:4624", "RGFG95", datumRGFG95, -54.61, 2.11, -49.45, 8.88)
	geographic("EPSG:4627", "RGR92", datumRGR92, 51.83, -24.72, 58.24, -18.28)
	geographic("EPSG:4470", "RGM04", datumRGM04, 43.68, -14.49, 46.7, -11.33)
	geographic("EPSG:5489", "RGAF09", datumRGAF09, -63.66, 14.08, -57.52, 18.53)
	geographic("EPSG:4463", "RGSPM06", datumRGSPM06, -57.1, 43.41, -55.9, 47.37)
}

// ntf recognises the systems on NTF by what they are made of. Writers count from Paris or from Greenwich, in grads or in
// degrees, with one standard parallel and a scale or with the two parallels where the scale is 1.
func (d description) ntf() (CRS, bool) {
	dat, anonymous := datumOf(d.datum)
	if !(dat == datumNTF || anonymous && d.projected) || math.Abs(d.a-clarkeIGN.a) > 0.05 || math.Abs(d.invf-clarkeIGN.invf) > 1e-3 {
		return CRS{}, false
	}
	for i, want := range []float64{-168, -60, 320, 0, 0, 0, 0} {
		if i < len(d.translation) && d.shifted && math.Abs(d.translation[i]-want) > 0.01 {
			return CRS{}, false
		}
	}
	unit := d.angle
	if unit == 0 {
		unit = 1
	}
	meridian := 0.0
	switch {
	case math.Abs(d.meridian-paris) < 1e-6, math.Abs(d.meridian-parisGrad) < 1e-6:
		meridian = paris
	case d.meridian != 0:
		return CRS{}, false
	}
	if !d.projected {
		code := "4807"
		if meridian == 0 {
			code = "4275"
		}
		if (meridian == 0) != (math.Abs(unit-1) < 1e-9) {
			return CRS{}, false
		}
		return lookup("EPSG", code)
	}
	return d.lambertZone(unit, meridian)
}

func (d description) lambertZone(unit, meridian float64) (CRS, bool) {
	at := func(want, tolerance, unit, from float64, names ...string) bool {
		for _, n := range names {
			if v, ok := d.parameters[n]; ok {
				return math.Abs(from+v*unit-want) <= tolerance
			}
		}
		return false
	}
	const degrees, metres = 2e-7, 0.01
	for _, def := range ordered {
		shift, ok := def.proj.(*shifted)
		if !ok || def.datum != datumNTF {
			continue
		}
		p, ok := shift.inner.(*lcc)
		if !ok || math.Abs(d.unit-1) > 1e-9 {
			continue
		}
		if at(p.lat0, degrees, unit, 0, "latitudeoforigin", "latitudeofnaturalorigin", "latitudeoffalseorigin") &&
			at(p.lon0, degrees, unit, meridian, "centralmeridian", "longitudeofnaturalorigin", "longitudeoffalseorigin") &&
			at(p.x0, metres, 1, 0, "falseeasting", "eastingatfalseorigin") && at(p.y0, metres, 1, 0, "falsenorthing", "northingatfalseorigin") &&
			(at(p.k0, 1e-9, 1, 0, "scalefactor", "scalefactoratnaturalorigin") || d.secant(p, unit)) {
			return CRS{def}, true
		}
	}
	return CRS{}, false
}

// secant says whether two standard parallels are those where the scale of p is 1, to half a second: the cone is then p's.
func (d description) secant(p *lcc, unit float64) bool {
	a, ok1 := d.parameters["standardparallel1"]
	b, ok2 := d.parameters["standardparallel2"]
	if !ok1 || !ok2 || a == b {
		return false
	}
	q := newLCC(p.el, p.lat0, p.lon0, a*unit, b*unit, p.x0, p.y0)
	return math.Abs(q.n-p.n) < 1e-6 && math.Abs(q.aF-p.aF) < 10
}
