package area

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/geojson"

	"jumeau/model/crs"
)

// MaxBytes is how long a geometry may be as text.
const MaxBytes = 512 << 10

// ReadWKT reads well-known text, as "POLYGON((1.4 43.5, 1.5 43.5, 1.5 43.6, 1.4 43.5))".
func ReadWKT(text string, from crs.CRS) (*Shape, error) {
	if len(text) > MaxBytes {
		return nil, tooLong()
	}
	g, err := wkt.Unmarshal(strings.TrimSpace(text))
	if err != nil {
		return nil, invalid("write POLYGON((1.4 43.5, 1.5 43.5, 1.5 43.6, 1.4 43.5))", "it is not well-known text")
	}
	return New(g, from)
}

// ReadGeoJSON reads a geometry (RFC 7946), a feature with one, or a collection of one feature.
func ReadGeoJSON(text []byte, from crs.CRS) (*Shape, error) {
	if len(text) > MaxBytes {
		return nil, tooLong()
	}
	var kind struct {
		Type     string            `json:"type"`
		Geometry json.RawMessage   `json:"geometry"`
		Features []json.RawMessage `json:"features"`
	}
	const hint = `send {"type":"Polygon","coordinates":[[[1.4,43.5],[1.5,43.5],[1.5,43.6],[1.4,43.5]]]}, or a feature with such a geometry`
	if json.Unmarshal(text, &kind) != nil {
		return nil, invalid(hint, "it is not GeoJSON")
	}
	switch {
	case kind.Type == "FeatureCollection" && len(kind.Features) == 1:
		var feature struct {
			Geometry json.RawMessage `json:"geometry"`
		}
		if json.Unmarshal(kind.Features[0], &feature) != nil {
			return nil, invalid(hint, "it is not GeoJSON")
		}
		text = feature.Geometry
	case kind.Type == "FeatureCollection":
		return nil, invalid("ask about one feature at a time", "there are %d features", len(kind.Features))
	case kind.Type == "Feature":
		text = kind.Geometry
	}
	g, err := decode(text)
	if err != nil {
		return nil, invalid(hint, "it is not GeoJSON")
	}
	return New(g, from)
}

// decode reads a geometry, positions of two numbers or more.
func decode(text []byte) (orb.Geometry, error) {
	g, err := geojson.UnmarshalGeometry(text)
	if err != nil {
		return nil, err
	}
	return g.Geometry(), nil
}

func tooLong() error { return invalid("simplify it", "it is longer than %d bytes", MaxBytes) }

// ReadBox reads minx,miny,maxx,maxy, easting or longitude first; or six numbers, of which the heights are left out.
func ReadBox(text string) (b [4]float64, ok bool) {
	fields := strings.Split(text, ",")
	if len(fields) == 6 {
		fields = []string{fields[0], fields[1], fields[3], fields[4]}
	}
	if len(fields) != 4 {
		return b, false
	}
	for i, f := range fields {
		v, err := strconv.ParseFloat(strings.TrimSpace(f), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return b, false
		}
		b[i] = v
	}
	return b, true
}
