package ogc

import (
	"slices"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// System is a coordinate reference system as the standards write it: by its address, with the axes in the order of its register.
type System struct {
	crs.CRS
	URI      string
	Flipped  bool // northing or latitude first
	Decimals int  // of coordinates that are written: a centimetre
}

// Degrees is the default of every answer and of every question.
var Degrees = System{CRS: crs.CRS84, URI: "http://www.opengis.net/def/crs/OGC/1.3/CRS84", Decimals: 7}

// general are offered everywhere, the others where their area of use meets the territory.
var general = []string{"4326", "3857", "3035"}

var regional = []string{"2154", "4258", "3942", "3943", "3944", "3945", "3946", "3947", "3948", "3949", "3950", "2972", "2975", "4471", "5490", "4467"}

// Systems are those offered for features within a box in degrees, the default first.
func Systems(box [4]float64) []System {
	out := []System{Degrees}
	bound := orb.Bound{Min: orb.Point{box[0], box[1]}, Max: orb.Point{box[2], box[3]}}
	for _, code := range slices.Concat(general, regional) {
		s, ok := epsg(code)
		if ok && (slices.Contains(general, code) || s.Area().Intersects(bound)) {
			out = append(out, s)
		}
	}
	return out
}

func epsg(code string) (System, bool) {
	c, err := crs.Parse("EPSG:" + code)
	if err != nil {
		return System{}, false
	}
	s := System{CRS: c, URI: "http://www.opengis.net/def/crs/EPSG/0/" + code, Decimals: 2}
	if c.Geographic() {
		s.Decimals = 7
	}
	s.Flipped = crs.NorthingFirst(s.URI)
	return s, true
}

// Find is the system of an address among those offered.
func Find(uri string, offered []System) (System, bool) {
	i := slices.IndexFunc(offered, func(s System) bool { return s.URI == uri })
	if i < 0 {
		return System{}, false
	}
	return offered[i], true
}

// URIs are the addresses of systems.
func URIs(systems []System) []string {
	out := make([]string, len(systems))
	for i, s := range systems {
		out[i] = s.URI
	}
	return out
}

// Box puts the numbers of a box in this system into the order of package crs.
func (s System) Box(b [4]float64) [4]float64 {
	if s.Flipped {
		return [4]float64{b[1], b[0], b[3], b[2]}
	}
	return b
}

// at is a position in degrees in this system and its order of axes.
func (s System) at(lon, lat float64) (a, b float64) {
	a, b = s.FromLonLat(lon, lat)
	if s.Flipped {
		a, b = b, a
	}
	return a, b
}
