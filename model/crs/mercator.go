package crs

import "math"

// webMercator is Popular Visualisation Pseudo Mercator (EPSG method 1024; Guidance Note 7-2, 3.2.1.2): the spherical formula
// on the semi-major axis of WGS 84.
type webMercator struct{}

func (webMercator) forward(lon, lat float64) (x, y float64) {
	return wgs84.a * lon * rad, wgs84.a * math.Atanh(math.Sin(lat*rad))
}

func (webMercator) inverse(x, y float64) (lon, lat float64) {
	return x / wgs84.a * deg, math.Atan(math.Sinh(y/wgs84.a)) * deg
}
