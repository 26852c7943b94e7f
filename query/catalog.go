package query

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"jumeau/model/release"
)

// catalog answers GET /catalog: all that a client needs to know of the release.
func (s *Server) catalog(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	return s.send(w, q, answer{contentType: jsonType, key: "catalog", build: func(context.Context) ([]byte, error) {
		return marshal(&q.rel.catalog)
	}})
}

// marshal writes JSON without escaping what only matters inside a page.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return out.Bytes(), err
}

// Decimals of coordinates in /zones: a millionth of a degree is a decimetre.
const degreeDecimals = 6

// zones answers GET /zones/{system}: the zones by index, for joining figures and for searching names.
func (s *Server) zones(w http.ResponseWriter, q *request) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	z, ok := q.rel.zones[q.parts[1]]
	if !ok {
		return notFound("zone system", q.parts[1], ids(q.rel.catalog.ZoneSystems, func(z release.ZoneSystem) string { return z.ID }))
	}
	return s.send(w, q, answer{contentType: jsonType, key: "zones/" + z.System, build: func(context.Context) ([]byte, error) {
		o := newObject(z.Len()*120).value("release", q.rel.id).value("system", z.System).value("ids", some(z.ID)).value("names", some(z.Name)).
			rounded("lon", z.Lon, degreeDecimals).rounded("lat", z.Lat, degreeDecimals)
		o.key("bbox")
		o.b = append(o.b, '[')
		for i, box := range z.BBox {
			if i > 0 {
				o.b = append(o.b, ',')
			}
			for side, v := range box {
				o.b = append(o.b, "[,,,"[side])
				o.b = appendRounded(o.b, v, degreeDecimals)
			}
			o.b = append(o.b, ']')
		}
		o.b = append(o.b, ']')
		o.rounded("area_m2", z.Area, 0).key("parents")
		o.b = append(o.b, '{')
		comma := ""
		for _, p := range z.Parents {
			if q.rel.zones[p.System] == nil {
				continue // not for this audience
			}
			o.b = append(o.b, comma+`"`+p.System+`":`...)
			o.b = appendIndices(o.b, p.Index)
			comma = ","
		}
		o.b = append(o.b, '}')
		return o.bytes(), nil
	}})
}

// some is the list, empty rather than null in JSON.
func some(list []string) []string { return append([]string{}, list...) }
