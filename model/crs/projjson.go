package crs

import (
	"encoding/json"
	"fmt"
	"strings"
)

// projJSON holds the members of PROJJSON 0.1 to 0.7 that identify a system (https://proj.org/specifications/projjson.html),
// and those of the crs object of GeoJSON 2008.
type projJSON struct {
	Type  string    `json:"type"`
	Name  string    `json:"name"`
	ID    *jsonID   `json:"id"`
	IDs   []*jsonID `json:"ids"`
	Datum *struct {
		Name      string        `json:"name"`
		Ellipsoid jsonEllipsoid `json:"ellipsoid"`
		Meridian  *jsonMeridian `json:"prime_meridian"`
	} `json:"datum"`
	Ensemble *struct {
		Name      string        `json:"name"`
		Ellipsoid jsonEllipsoid `json:"ellipsoid"`
	} `json:"datum_ensemble"`
	Base       *projJSON `json:"base_crs"`
	Conversion struct {
		Method     struct{ Name string } `json:"method"`
		Parameters []struct {
			Name  string
			Value float64
			Unit  json.RawMessage
		} `json:"parameters"`
	} `json:"conversion"`
	Axes struct {
		Axis []struct{ Unit json.RawMessage } `json:"axis"`
	} `json:"coordinate_system"`
	Components []*projJSON `json:"components"`
	Source     *projJSON   `json:"source_crs"`
	Properties struct {
		Name string `json:"name"`
	} `json:"properties"`
}

type jsonID struct {
	Authority string `json:"authority"`
	Code      any    `json:"code"` // number or text
}

type jsonEllipsoid struct {
	A    jsonLength `json:"semi_major_axis"`
	B    jsonLength `json:"semi_minor_axis"`
	Invf float64    `json:"inverse_flattening"`
}

type jsonMeridian struct {
	Longitude jsonLength `json:"longitude"`
}

// jsonLength is a number, or {"value": number, "unit": …}.
type jsonLength float64

func (l *jsonLength) UnmarshalJSON(b []byte) error {
	var v float64
	if json.Unmarshal(b, &v) == nil {
		*l = jsonLength(v)
		return nil
	}
	var with struct{ Value float64 }
	err := json.Unmarshal(b, &with)
	*l = jsonLength(with.Value)
	return err
}

func parseJSON(text string) (CRS, error) {
	var p projJSON
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return CRS{}, fmt.Errorf("crs: malformed PROJJSON: %w", err)
	}
	if p.Type == "name" && p.Properties.Name != "" && p.Properties.Name[0] != '{' {
		return parse(p.Properties.Name)
	}
	at := &p
	for range maxDepth {
		if len(at.Components) > 0 && at.Components[0] != nil {
			at = at.Components[0]
		} else if at.Source != nil {
			at = at.Source
		}
	}
	return at.describe().resolve()
}

func (p *projJSON) describe() description {
	d := description{name: p.Name, unit: 1, parameters: map[string]float64{}}
	if p.ID == nil && len(p.IDs) > 0 {
		p.ID = p.IDs[0]
	}
	if p.ID != nil {
		d.authority = p.ID.Authority
		d.code = fmt.Sprint(p.ID.Code)
		if number, ok := p.ID.Code.(float64); ok {
			d.code = fmt.Sprintf("%.0f", number)
		}
	}
	base := p
	switch {
	case strings.HasSuffix(p.Type, "ProjectedCRS") && p.Base != nil:
		d.projected, base = true, p.Base
	case p.Type != "GeographicCRS" && p.Type != "GeodeticCRS":
		d.malformed = true
	}
	base.describeDatum(&d)
	d.method = p.Conversion.Method.Name
	for _, parameter := range p.Conversion.Parameters {
		switch unit := string(parameter.Unit); {
		case unit == "" || unit[0] == '"':
			d.parameters[plain(parameter.Name)] = parameter.Value
		case angleUnit(parameter.Unit) > 0:
			d.parameters[plain(parameter.Name)] = parameter.Value * angleUnit(parameter.Unit)
		}
	}
	for _, axis := range p.Axes.Axis {
		if !d.projected {
			d.angle = angleUnit(axis.Unit)
		}
		if d.projected && len(axis.Unit) > 0 && string(axis.Unit) != `"metre"` {
			d.unit = 0 // feet and the like: no registered system has them
		}
	}
	return d
}

// angleUnit is the degrees in a unit of angle that is written out; 0 when it is none.
func angleUnit(raw json.RawMessage) float64 {
	var unit struct {
		Type   string
		Factor float64 `json:"conversion_factor"`
	}
	if json.Unmarshal(raw, &unit) != nil || unit.Type != "AngularUnit" {
		return 0
	}
	return unit.Factor * deg
}

// inverse flattening, from the semi-minor axis where it is given instead.
func (e jsonEllipsoid) inverse() float64 {
	if e.Invf == 0 && e.B > 0 && e.B != e.A {
		return float64(e.A / (e.A - e.B))
	}
	return e.Invf
}

func (p *projJSON) describeDatum(d *description) {
	switch {
	case p.Ensemble != nil:
		d.datum, d.a, d.invf = p.Ensemble.Name, float64(p.Ensemble.Ellipsoid.A), p.Ensemble.Ellipsoid.inverse()
	case p.Datum != nil:
		d.datum, d.a, d.invf = p.Datum.Name, float64(p.Datum.Ellipsoid.A), p.Datum.Ellipsoid.inverse()
		if p.Datum.Meridian != nil {
			d.meridian = float64(p.Datum.Meridian.Longitude)
		}
	}
}
