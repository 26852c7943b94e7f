package crs

import (
	"fmt"
	"math"
	"strings"
)

// description is what a WKT or PROJJSON text says of a system, before it is matched with the registry.
type description struct {
	name, authority, code string
	malformed, projected  bool
	datum                 string
	a, invf               float64 // ellipsoid
	meridian              float64 // prime meridian, degrees east of Greenwich
	shifted               bool    // a TOWGS84 that is not zero
	method                string
	parameters            map[string]float64 // by plain name; in the units of the text, mostly degrees and metres
	angle                 float64            // degrees in one unit of angle
	translation           []float64          // to WGS 84, metres, as far as given
	unit                  float64            // metres in one unit, projected systems
}

// resolve finds the registered system: by code, else by what it is made of. A name alone proves nothing.
func (d description) resolve() (CRS, error) {
	if c, ok := lookup(d.authority, d.code); ok {
		return c, nil
	}
	if d.malformed {
		return CRS{}, errForm
	}
	if c, ok := d.ntf(); ok {
		return c, nil
	}
	if d.meridian == 0 && !d.shifted {
		for _, def := range ordered {
			if d.is(def) {
				return CRS{def}, nil
			}
		}
	}
	what := d.name
	if d.code != "" {
		what += " (" + d.authority + ":" + d.code + ")"
	}
	return CRS{}, fmt.Errorf("%w: %s", errSupported, shorten(what))
}

func (d description) is(def *definition) bool {
	dat, anonymous := datumOf(d.datum)
	if def.datum == datumNTF {
		return false // by ntf
	}
	if def.geographic {
		return !d.projected && dat == def.datum && (d.a == 0 || d.onEllipsoid(ellipsoidOf(def)))
	}
	if !d.projected || !d.onEllipsoid(ellipsoidOf(def)) || math.Abs(d.unit-1) > 1e-9 {
		return false
	}
	// Parameters say enough when the datum is written "unknown"; a datum that has a name must be the right one.
	return (anonymous || compatible(dat, def.datum)) && d.projectsLike(def.proj)
}

// compatible: RGF93 and its sisters overseas are French realisations of what ETRS89 is in Europe.
func compatible(a, b datum) bool {
	closed := func(d datum) bool { return d == datumUnknown || d == datumWGS84 || d == datumNTF }
	return a == b || !closed(a) && !closed(b)
}

func ellipsoidOf(def *definition) *ellipsoid {
	if def.datum == datumWGS84 {
		return wgs84
	}
	return grs80
}

func (d description) onEllipsoid(el *ellipsoid) bool {
	return math.Abs(d.a-el.a) < 1e-3 && math.Abs(d.invf-el.invf) < 1e-7
}

func (d description) projectsLike(p projection) bool {
	method := plain(d.method)
	switch p := p.(type) {
	case *lcc:
		conic := strings.HasPrefix(method, "lambertconformalconic") || strings.HasPrefix(method, "lambertconicconformal")
		return conic && !strings.Contains(method, "1sp") &&
			d.has(p.lat0, "latitudeoforigin", "latitudeoffalseorigin") &&
			d.origin(p.lon0, p.x0, p.y0) && d.parallels(p.sp1, p.sp2)
	case *laea:
		return strings.HasPrefix(method, "lambertazimuthalequalarea") &&
			d.has(p.lat0, "latitudeoforigin", "latitudeofcenter", "latitudeofnaturalorigin") && d.origin(p.lon0, p.x0, p.y0)
	case *tm:
		return method == "transversemercator" && d.origin(p.lon0, p.x0, p.y0) &&
			d.has(p.k0, "scalefactor", "scalefactoratnaturalorigin") &&
			d.has(0, "latitudeoforigin", "latitudeofnaturalorigin")
	case webMercator:
		return (method == "mercatorauxiliarysphere" || method == "popularvisualisationpseudomercator") && d.origin(0, 0, 0)
	}
	return false
}

// origin compares the central meridian and the false easting and northing under the names that WKT 1, ESRI and EPSG use.
func (d description) origin(lon0, x0, y0 float64) bool {
	return d.has(lon0, "centralmeridian", "longitudeofcenter", "longitudeofnaturalorigin", "longitudeoffalseorigin", "longitudeoforigin") &&
		d.has(x0, "falseeasting", "eastingatfalseorigin") &&
		d.has(y0, "falsenorthing", "northingatfalseorigin")
}

// parallels compares the standard parallels, in either order.
func (d description) parallels(a, b float64) bool {
	first := []string{"standardparallel1", "latitudeof1ststandardparallel"}
	second := []string{"standardparallel2", "latitudeof2ndstandardparallel"}
	return d.has(a, first...) && d.has(b, second...) || d.has(b, first...) && d.has(a, second...)
}

// has says whether the first of the names that is present has the value, to 1e-9 (degrees, metres or ratio).
func (d description) has(want float64, names ...string) bool {
	for _, n := range names {
		if v, ok := d.parameters[n]; ok {
			return math.Abs(v-want) < 1e-9
		}
	}
	return false
}

// datumOf recognises the datum by its name in OGC, ESRI or EPSG spelling; anonymous when the text does not name one.
func datumOf(name string) (dat datum, anonymous bool) {
	switch n := strings.TrimPrefix(plain(name), "d"); {
	case strings.HasPrefix(n, "wgs1984"), n == "wgs84", strings.HasPrefix(n, "worldgeodeticsystem1984"):
		return datumWGS84, false
	case strings.HasPrefix(n, "rgf1993"), strings.HasPrefix(n, "rgf93"), strings.HasPrefix(n, "reseaugeodesiquefrancais1993"),
		strings.HasPrefix(n, "rseaugodsiquefranais1993"):
		return datumRGF93, false
	case strings.HasPrefix(n, "etrs1989"), strings.HasPrefix(n, "etrs89"), strings.HasPrefix(n, "europeanterrestrialreferencesystem1989"):
		return datumETRS89, false
	case n == "ntf", n == "ntfparis", strings.HasPrefix(n, "nouvelletriangulationfrancaise"), strings.HasPrefix(n, "nouvelletriangulationfranaise"):
		return datumNTF, false
	case strings.HasPrefix(n, "reseaugeodesiquefrancaisguyane"), strings.HasPrefix(n, "rgfg"):
		return datumRGFG95, false
	case strings.HasPrefix(n, "reseaugeodesiquedelareunion"), strings.HasPrefix(n, "rgr"):
		return datumRGR92, false
	case strings.HasPrefix(n, "reseaugeodesiquedemayotte"), strings.HasPrefix(n, "rgm"):
		return datumRGM04, false
	case strings.HasPrefix(n, "reseaugeodesiquedesantilles"), strings.HasPrefix(n, "rgaf"):
		return datumRGAF09, false
	case strings.HasPrefix(n, "reseaugeodesiquedesaintpierre"), strings.HasPrefix(n, "reseaugeodesiquedestpierre"), strings.HasPrefix(n, "rgspm"):
		return datumRGSPM06, false
	case n == "", strings.HasPrefix(n, "unknown"), strings.HasPrefix(n, "unnamed"), strings.HasPrefix(n, "notspecified"):
		return datumUnknown, true
	}
	return datumUnknown, false
}

// plain keeps the letters and digits of a name, in lower case, without accents' bytes.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}
