package generate

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/paulmach/orb"
)

// field of a feature, in order.
type field struct {
	name  string
	value any // string, int, float64 or nil
}

// appendFeature writes one GeoJSON feature; coordinates go from metres to degrees.
func appendFeature(b []byte, fields []field, g orb.Geometry) []byte {
	b = append(b, `{"type":"Feature","properties":{`...)
	for i, f := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, f.name...)
		b = append(b, `":`...)
		switch v := f.value.(type) {
		case string:
			b = must(jsontext.AppendQuote(b, v))
		case int:
			b = strconv.AppendInt(b, int64(v), 10)
		case float64:
			b = strconv.AppendFloat(b, v, 'f', -1, 64)
		default:
			b = append(b, "null"...)
		}
	}
	b = append(b, `},"geometry":`...)
	b = appendGeometry(b, g)
	return append(b, '}')
}

func appendGeometry(b []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		b = append(b, `{"type":"Point","coordinates":`...)
		b = appendPoint(b, g)
	case orb.LineString:
		b = append(b, `{"type":"LineString","coordinates":`...)
		b = appendPoints(b, g)
	case orb.Polygon:
		b = append(b, `{"type":"Polygon","coordinates":`...)
		b = appendPolygon(b, g)
	case orb.MultiPolygon:
		if len(g) == 1 {
			return appendGeometry(b, g[0])
		}
		b = append(b, `{"type":"MultiPolygon","coordinates":[`...)
		for i, p := range g {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendPolygon(b, p)
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func appendPolygon(b []byte, p orb.Polygon) []byte {
	b = append(b, '[')
	for i, r := range p {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPoints(b, r)
	}
	return append(b, ']')
}

func appendPoints(b []byte, line []orb.Point) []byte {
	b = append(b, '[')
	for i, p := range line {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendPoint(b, p)
	}
	return append(b, ']')
}

func appendPoint(b []byte, p orb.Point) []byte {
	q := lonLat(p)
	b = append(b, '[')
	b = strconv.AppendFloat(b, q[0], 'f', -1, 64)
	b = append(b, ',')
	b = strconv.AppendFloat(b, q[1], 'f', -1, 64)
	return append(b, ']')
}

// collection writes a GeoJSON FeatureCollection; next calls its argument once for each feature.
func (s *sheet) collection(name string, features func(add func(g orb.Geometry, fields ...field))) error {
	return s.text(func(o *out) {
		o.WriteString("{\n\"type\": \"FeatureCollection\",\n\"name\": \"" + name + "\",\n")
		o.WriteString(`"crs": { "type": "name", "properties": { "name": "urn:ogc:def:crs:OGC:1.3:CRS84" } },` + "\n\"features\": [\n")
		var b []byte
		features(func(g orb.Geometry, fields ...field) {
			b = b[:0]
			if s.rows > 0 {
				b = append(b, ",\n"...)
			}
			b = appendFeature(b, fields, g)
			o.Write(b)
			s.rows++
		})
		o.WriteString("\n]\n}\n")
	})
}
