package ogc

import (
	"math"
	"strconv"
)

// MatrixSet is the one tile matrix set that tiles are in (OGC 17-083r4, annex D.1).
const (
	MatrixSet    = "WebMercatorQuad"
	MatrixSetURI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
	mercatorURI  = "http://www.opengis.net/def/crs/EPSG/0/3857"
)

// Matrices describes WebMercatorQuad down to a zoom.
func Matrices(zoom int) map[string]any {
	const half = math.Pi * semiMajor
	var list []any
	for z := range zoom + 1 {
		cell := 2 * half / 256 / math.Exp2(float64(z))
		n := 1 << z
		list = append(list, map[string]any{"id": strconv.Itoa(z), "scaleDenominator": cell / 0.28e-3, "cellSize": cell, "cornerOfOrigin": "topLeft",
			"pointOfOrigin": [2]float64{-half, half}, "tileWidth": 256, "tileHeight": 256, "matrixWidth": n, "matrixHeight": n})
	}
	return map[string]any{"id": MatrixSet, "title": "Google Maps Compatible for the World", "uri": MatrixSetURI, "crs": mercatorURI, "orderedAxes": []string{"E", "N"},
		"wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible", "tileMatrices": list}
}

const semiMajor = 6378137.0

// Limits are the rows and columns of the tiles that meet a box in degrees, zoom by zoom.
func Limits(box [4]float64, from, to int) []any {
	var list []any
	for z := from; z <= to; z++ {
		n := math.Exp2(float64(z))
		column := func(lon float64) int { return int(max(0, min(n-1, math.Floor((lon+180)/360*n)))) }
		row := func(lat float64) int {
			s := math.Sin(max(-85.0511, min(85.0511, lat)) * math.Pi / 180)
			return int(max(0, min(n-1, math.Floor((0.5-math.Log((1+s)/(1-s))/(4*math.Pi))*n))))
		}
		list = append(list, map[string]any{"tileMatrix": strconv.Itoa(z), "minTileRow": row(box[3]), "maxTileRow": row(box[1]), "minTileCol": column(box[0]), "maxTileCol": column(box[2])})
	}
	return list
}
