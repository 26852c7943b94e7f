package profile

import (
	"slices"
	"strings"

	"jumeau/model/crs"
)

// pairs are names of columns that hold x and y, most telling first.
var pairs = [][2]string{
	{"longitude", "latitude"}, {"lon", "lat"}, {"long", "lat"}, {"lng", "lat"}, {"stop_lon", "stop_lat"}, {"xlong", "ylat"}, {"x_long", "y_lat"},
	{"lambert_x", "lambert_y"}, {"x_l93", "y_l93"}, {"coord_x", "coord_y"}, {"coordx", "coordy"}, {"x_wgs84", "y_wgs84"}, {"geom_x", "geom_y"}, {"x", "y"},
}

var shapes = []string{"wkt", "geometry", "geom", "the_geom", "geo_shape", "geojson", "wkb_geometry", "geo shape"}

// both are columns that hold "latitude, longitude".
var both = []string{"geo_point_2d", "geo point", "geo_point", "geopoint", "coordinates"}

// findPlace finds where a table's coordinates are and, when nothing says it, guesses their CRS by their range.
func (p *Profile) findPlace() {
	if p.InFile {
		if p.CRS == "" && !p.Bound.IsEmpty() {
			p.guess(p.Bound.Min[0], p.Bound.Max[0], p.Bound.Min[1], p.Bound.Max[1])
		}
		return
	}
	find := func(name string) *Column {
		i := slices.IndexFunc(p.Columns, func(c *Column) bool { return strings.EqualFold(c.Name, name) })
		if i < 0 || p.Columns[i].Filled == 0 {
			return nil
		}
		return p.Columns[i]
	}
	for _, pair := range pairs {
		x, y := find(pair[0]), find(pair[1])
		if x == nil || y == nil || !x.numeric() || !y.numeric() {
			continue
		}
		p.X, p.Y, p.Shape = x.Name, y.Name, "point"
		x.Place, y.Place = true, true
		p.guess(x.Min, x.Max, y.Min, y.Max)
		return
	}
	for _, name := range shapes {
		if c := find(name); c != nil && c.holdsShapes() {
			p.WKT, c.Place = c.Name, true
			p.Shape = c.shape()
			return
		}
	}
	for _, name := range both {
		if c := find(name); c != nil && !c.numeric() {
			p.X, p.Y, p.Shape = c.Name, c.Name, "point"
			c.Place = true
			p.CRS, p.CRSGuessed = "OGC:CRS84", true
			return
		}
	}
}

func (c *Column) numeric() bool {
	return c.ints+c.reals['.']+c.reals[','] == c.Filled && c.Filled > 0
}

// holdsShapes says whether every value seems to be well-known text, hexadecimal WKB or GeoJSON.
func (c *Column) holdsShapes() bool {
	for text := range c.values {
		upper := strings.ToUpper(text[:min(len(text), 20)])
		if !strings.HasPrefix(upper, "{") && !strings.HasPrefix(upper, "01") && !strings.HasPrefix(upper, "00") && c.shapeOf(text) == "" && text != "(bytes)" {
			return false
		}
	}
	return true
}

func (c *Column) shapeOf(text string) string {
	upper := strings.ToUpper(text[:min(len(text), 60)])
	switch {
	case strings.HasPrefix(upper, "POINT"):
		return "point"
	case strings.HasPrefix(upper, "LINESTRING"), strings.HasPrefix(upper, "MULTILINESTRING"):
		return "line"
	case strings.HasPrefix(upper, "POLYGON"), strings.HasPrefix(upper, "MULTIPOLYGON"):
		return "polygon"
	case strings.HasPrefix(upper, "MULTIPOINT"), strings.HasPrefix(upper, "GEOMETRYCOLLECTION"):
		return "any"
	}
	return ""
}

func (c *Column) shape() string {
	kind := ""
	for text := range c.values {
		k := c.shapeOf(text)
		if k == "" || kind != "" && k != kind {
			return "any"
		}
		kind = k
	}
	return kind
}

// guess is the CRS whose usual area holds the coordinates. Degrees first: metres near 0, 0 are rare.
func (p *Profile) guess(west, east, south, north float64) {
	p.CRSGuessed = true
	switch {
	case west >= -180 && east <= 180 && south >= -90 && north <= 90:
		p.CRS = "OGC:CRS84"
	case west >= 0 && east <= 1_300_000 && south >= 6_000_000 && north <= 7_200_000:
		p.CRS = "EPSG:2154"
	case west >= 2_500_000 && east <= 7_500_000 && south >= 1_300_000 && north <= 5_500_000:
		p.CRS = "EPSG:3035"
	case west >= -20_037_509 && east <= 20_037_509 && south >= -20_048_967 && north <= 20_048_967:
		p.CRS = "EPSG:3857"
	default:
		p.CRS, p.CRSGuessed = "", false
	}
}

// Degrees is the middle of the coordinates in degrees; not ok when they or their CRS are not known.
func (p *Profile) Degrees() (lon, lat float64, ok bool) {
	system, err := crs.Parse(p.CRS)
	if err != nil || p.Bound.IsEmpty() || p.Rows == 0 {
		return 0, 0, false
	}
	at, err := system.Transform(p.Bound.Center())
	if err != nil {
		return 0, 0, false
	}
	c := at.Bound().Center()
	return c[0], c[1], true
}
