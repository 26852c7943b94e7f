package crs

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"jumeau/model"
)

// CRS is one supported coordinate reference system. It is comparable with ==; the zero value is the unknown system.
// Safe for concurrent use.
type CRS struct{ def *definition }

// projection is one map projection with its parameters: degrees to metres and back.
type projection interface {
	forward(lon, lat float64) (x, y float64)
	inverse(x, y float64) (lon, lat float64)
}

// Known is false for the zero value.
func (c CRS) Known() bool { return c.def != nil }

// Code is "EPSG:2154", "OGC:CRS84", or "" for the unknown system.
func (c CRS) Code() string {
	if c.def == nil {
		return ""
	}
	return c.def.code
}

// Name as in the EPSG register ("RGF93 v1 / Lambert-93").
func (c CRS) Name() string {
	if c.def == nil {
		return ""
	}
	return c.def.name
}

// String is the code, or "unknown".
func (c CRS) String() string {
	if c.def == nil {
		return "unknown"
	}
	return c.def.code
}

// Geographic says whether coordinates are longitude and latitude in degrees.
func (c CRS) Geographic() bool { return c.def != nil && c.def.geographic }

// Accuracy is how far, in metres, longitude and latitude may be from the true WGS 84 ones because of the datum alone: 1 for
// the datums that are taken for WGS 84; 4 for NTF, of which EPSG:1193 declares 2, and IGN's grid GR3DF97A differs by 0.6 to
// 4.0 in ten towns from Lille to Ajaccio; 0 when c is WGS 84 or unknown.
func (c CRS) Accuracy() float64 {
	switch {
	case c.def == nil || c.def.datum == datumWGS84:
		return 0
	case c.def.datum == datumNTF:
		return 4
	}
	return 1
}

// Area is the area of use in degrees, as the EPSG register gives it. Coordinates outside it are a sign of a wrong
// declaration.
func (c CRS) Area() orb.Bound {
	if c.def == nil {
		return orb.Bound{}
	}
	return c.def.area
}

// ToLonLat turns coordinates of c into degrees. It gives NaN where the projection has no inverse, and always when c is
// unknown.
func (c CRS) ToLonLat(x, y float64) (lon, lat float64) {
	switch {
	case c.def == nil:
		return math.NaN(), math.NaN()
	case c.def.proj == nil:
		return x, y
	}
	return c.def.proj.inverse(x, y)
}

// FromLonLat turns degrees into coordinates of c; NaN when c is unknown.
func (c CRS) FromLonLat(lon, lat float64) (x, y float64) {
	switch {
	case c.def == nil:
		return math.NaN(), math.NaN()
	case c.def.proj == nil:
		return lon, lat
	}
	return c.def.proj.forward(lon, lat)
}

// Transform replaces the coordinates of g, given in c, by degrees. Slices are changed in place; use the returned geometry,
// because a point or a bound cannot be. A bound becomes the bound of its four corners. It fails only when c is unknown.
func (c CRS) Transform(g orb.Geometry) (orb.Geometry, error) {
	if c.def == nil {
		return g, c.unknown("transform")
	}
	if c.def.proj == nil {
		return g, nil
	}
	return apply(g, c.def.proj.inverse), nil
}

// Project is the reverse of Transform: degrees in, coordinates of c out.
func (c CRS) Project(g orb.Geometry) (orb.Geometry, error) {
	if c.def == nil {
		return g, c.unknown("project")
	}
	if c.def.proj == nil {
		return g, nil
	}
	return apply(g, c.def.proj.forward), nil
}

func (c CRS) unknown(op string) error {
	return &model.Error{
		Kind: model.Invalid, Op: op, Err: errUnknown,
		Hint: "declare the coordinate system of the source (crs: EPSG:2154); supported: " + supportedText,
	}
}

var errUnknown = fmt.Errorf("crs: unknown coordinate reference system")

func apply(g orb.Geometry, f func(x, y float64) (float64, float64)) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		x, y := f(g[0], g[1])
		return orb.Point{x, y}
	case orb.MultiPoint:
		applyPoints(g, f)
	case orb.LineString:
		applyPoints(g, f)
	case orb.Ring:
		applyPoints(g, f)
	case orb.MultiLineString:
		for _, line := range g {
			applyPoints(line, f)
		}
	case orb.Polygon:
		applyPolygon(g, f)
	case orb.MultiPolygon:
		for _, p := range g {
			applyPolygon(p, f)
		}
	case orb.Collection:
		for i := range g {
			g[i] = apply(g[i], f)
		}
	case orb.Bound:
		corners := orb.MultiPoint{g.Min, g.Max, {g.Min[0], g.Max[1]}, {g.Max[0], g.Min[1]}}
		applyPoints(corners, f)
		return corners.Bound()
	}
	return g
}

func applyPolygon(p orb.Polygon, f func(x, y float64) (float64, float64)) {
	for _, ring := range p {
		applyPoints(ring, f)
	}
}

func applyPoints(points []orb.Point, f func(x, y float64) (float64, float64)) {
	for i, p := range points {
		points[i][0], points[i][1] = f(p[0], p[1])
	}
}
