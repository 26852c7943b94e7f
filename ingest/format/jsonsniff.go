package format

import "strings"

// jsonShape is what a JSON file turns out to be.
type jsonShape struct {
	geojson  bool
	sequence bool   // several documents one after the other
	city     bool   // CityJSON
	topology bool   // TopoJSON
	crs      string // raw "crs" member met before the features, or of a lone Feature
}

// How many records are looked at to tell GeoJSON from a table: files may begin with a notice.
const sniffRecords = 8

// sniffJSON looks at the first records of a file. Members may come in any order, so an object is GeoJSON when it has
// "features", or when its type is one of GeoJSON's in any case; b ends with a 0 and may end inside a record.
func sniffJSON(b []byte) jsonShape {
	var shape jsonShape
	i := jsonSeparators(b, 0)
	if b[i] == '[' {
		i = jsonSeparators(b, i+1)
	}
	for n := range sniffRecords {
		if b[i] != '{' {
			break
		}
		shape.sequence = shape.sequence || n > 0
		end, ok := shape.look(b, i)
		if !ok {
			break
		}
		i = jsonSeparators(b, end)
	}
	return shape
}

// jsonSeparators skips what stands between records: white space, the record separator of RFC 8142, stray commas.
func jsonSeparators(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t' || b[i] == ',' || b[i] == 0x1e {
		i++
	}
	return i
}

// look takes one object into account. It stops at an array of features: not ok, as when the sample ends.
func (s *jsonShape) look(b []byte, i int) (end int, ok bool) {
	return members(b, i, func(key, keyEnd, v int) (int, bool, bool) {
		switch string(b[key:keyEnd]) {
		case "features":
			if b[v] == '[' {
				s.geojson = true
				return v, false, true
			}
		case "type":
			if end, ok := valueString(b, v); ok {
				s.named(string(b[v+1 : end-1]))
			}
		case "crs":
			if end, ok := valueEnd(b, v, 0); ok {
				s.crs = string(b[v:end])
			}
		}
		end, ok := valueEnd(b, v, 0)
		return end, ok, false
	})
}

func (s *jsonShape) named(kind string) {
	switch lower := strings.ToLower(kind); lower {
	case "feature", "featurecollection", "geometrycollection", "point", "linestring", "polygon",
		"multipoint", "multilinestring", "multipolygon":
		s.geojson = true
	case "topology":
		s.topology = true
	case "cityjson", "cityjsonfeature":
		s.city = true
	}
}
