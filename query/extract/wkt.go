package extract

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// WKT is a geometry as Well-Known Text (OGC 06-103r4, chapter 7). orb's own writes small numbers with exponents, which not
// all readers take.
func WKT(g orb.Geometry) string {
	var b strings.Builder
	writeWKT(&b, g)
	return b.String()
}

func writeWKT(b *strings.Builder, g orb.Geometry) {
	switch g := g.(type) {
	case orb.Point:
		b.WriteString("POINT ")
		writePoints(b, []orb.Point{g})
	case orb.MultiPoint:
		b.WriteString("MULTIPOINT ")
		list(b, len(g), func(i int) { writePoints(b, g[i:i+1]) })
	case orb.LineString:
		b.WriteString("LINESTRING ")
		writePoints(b, g)
	case orb.MultiLineString:
		b.WriteString("MULTILINESTRING ")
		list(b, len(g), func(i int) { writePoints(b, g[i]) })
	case orb.Polygon:
		b.WriteString("POLYGON ")
		list(b, len(g), func(i int) { writePoints(b, g[i]) })
	case orb.MultiPolygon:
		b.WriteString("MULTIPOLYGON ")
		list(b, len(g), func(i int) { list(b, len(g[i]), func(k int) { writePoints(b, g[i][k]) }) })
	case orb.Collection:
		b.WriteString("GEOMETRYCOLLECTION ")
		list(b, len(g), func(i int) { writeWKT(b, g[i]) })
	}
}

func writePoints(b *strings.Builder, points []orb.Point) {
	list(b, len(points), func(i int) { b.WriteString(degrees(points[i][0]) + " " + degrees(points[i][1])) })
}

func list(b *strings.Builder, n int, item func(int)) {
	if n == 0 {
		b.WriteString("EMPTY")
		return
	}
	b.WriteByte('(')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		item(i)
	}
	b.WriteByte(')')
}

// degrees are written without exponent, with all their digits.
func degrees(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
