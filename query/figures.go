package query

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"

	"jumeau/model"
	"jumeau/model/crs"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/release"
	"jumeau/query/area"
	"jumeau/query/figure"
)

// question says whether an address answers a POST, whose body is a geometry too long for an address. Nothing is changed by it.
func question(parts []string) bool {
	return len(parts) == 2 && (parts[0] == "figures" || parts[0] == "counts")
}

// place is the geometry that a question is about, and what names it in a key of the cache.
type place struct {
	*area.Shape
	key string
}

// whereNames are the parameters of a geometry: one of bbox and within, or a body; and the system of its coordinates.
var whereNames = []string{"bbox", "within", "crs"}

// where reads the geometry of a question; the zero place when there is none.
func (q *request) where(p map[string]string) (place, error) {
	from := crs.CRS84
	if text := p["crs"]; text != "" {
		var err error
		if from, err = crs.Parse(text); err != nil {
			return place{}, invalid("parameter crs", "write EPSG:2154 or OGC:CRS84", "the system is not known")
		}
	}
	given := 0
	for _, there := range []bool{p["bbox"] != "", p["within"] != "", q.Method == http.MethodPost} {
		if there {
			given++
		}
	}
	if given > 1 {
		return place{}, invalid("geometry", "give one of bbox, within and a body", "there are %d geometries", given)
	}
	var shape *area.Shape
	var err error
	text := ""
	switch {
	case p["bbox"] != "":
		text = "bbox=" + p["bbox"]
		var b [4]float64
		if b, err = readBox(p["bbox"]); err == nil {
			shape, err = area.Rectangle(b, from)
		}
	case p["within"] != "":
		text = "within=" + p["within"]
		shape, err = area.ReadWKT(p["within"], from)
	case q.Method == http.MethodPost:
		body, failed := q.body()
		if failed != nil {
			return place{}, failed
		}
		text = "body=" + string(body)
		shape, err = area.ReadGeoJSON(body, from)
	default:
		return place{}, nil
	}
	if err != nil {
		return place{}, err
	}
	sum := sha256.Sum256([]byte(from.Code() + "\x00" + text))
	return place{shape, hex.EncodeToString(sum[:16])}, nil
}

// body reads the body of a POST.
func (q *request) body() ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(q.Body, area.MaxBytes+1))
	if err != nil {
		if q.Context().Err() != nil {
			return nil, q.Context().Err()
		}
		return nil, invalid("body", "send it again", "it came only in part")
	}
	if len(body) > area.MaxBytes {
		return nil, invalid("body", "simplify the geometry", "it is longer than %d bytes", area.MaxBytes)
	}
	return body, nil
}

// readBox reads a bbox.
func readBox(text string) ([4]float64, error) {
	b, ok := area.ReadBox(text)
	if !ok {
		return b, invalid("parameter bbox", "write four numbers: west,south,east,north, as 1.40,43.40,1.75,43.62", "it is not a box")
	}
	return b, nil
}

// figure answers GET and POST /figures/{measure}: the figure of a polygon, made of those of the zones in it.
func (s *Server) figure(w http.ResponseWriter, q *request) error {
	p, err := q.parameters(append([]string{"zones", "slot", "slots"}, whereNames...)...)
	if err != nil {
		return err
	}
	a, file, err := q.composable(p["zones"])
	if err != nil {
		return err
	}
	where, err := q.where(p)
	if err != nil {
		return err
	}
	if where.Shape == nil || where.Area() == 0 {
		return invalid("geometry", "give ?bbox=west,south,east,north, ?within=POLYGON((…)), or POST a GeoJSON polygon", "a polygon is missing")
	}
	slots, err := slotsAsked(p, a.values.Slots)
	if err != nil {
		return err
	}
	several := p["slots"] != ""
	key := fmt.Sprintf("figures/%s/%s/%s/%s/%v", a.measure.ID, a.system, where.key, slots[0], several)
	return s.send(w, q, answer{contentType: jsonType, key: key, varied: true, build: func(ctx context.Context) ([]byte, error) {
		cover, err := figure.Lay(ctx, where.Shape, file, a.values.Zones)
		if err != nil {
			return nil, err
		}
		return a.composed(q.rel.id, cover, slots, several), nil
	}})
}

// slotsAsked are one slot, or with slots=all every slot of the measure.
func slotsAsked(p map[string]string, slots []model.Slot) ([]model.Slot, error) {
	switch p["slots"] {
	case "":
		at, err := slot(p["slot"], slots)
		return []model.Slot{at}, err
	case "all":
		if p["slot"] != "" {
			return nil, invalid("parameter slots", "ask for one slot, or for all", "slot is there too")
		}
		return slots, nil
	}
	return nil, invalid("parameter slots", "write slots=all, or slot= and one slot", "%q means nothing here", clip(p["slots"], 40))
}

// composable finds the measure of the address in the finest zones that are drawn, or in those asked for, and the layer that draws them.
func (q *request) composable(system string) (asked, *layer.File, error) {
	a, err := q.measure(system)
	if err != nil {
		return a, nil, err
	}
	if a.measure.Mean {
		return a, nil, invalid("measure "+a.measure.ID, "ask /values/"+a.measure.ID+" for the figures of zones", "its figures do not add up: it is an average")
	}
	var drawn *release.Layer
	most := -1
	for _, m := range a.measure.Systems {
		if system != "" && m.Zones != system {
			continue
		}
		v, l := q.rel.values[a.measure.ID+"."+m.Zones], q.drawing(m.Zones)
		if v != nil && l != nil && v.Zones > most {
			most, drawn, a.system, a.values = v.Zones, l, m.Zones, v
		}
	}
	if drawn == nil {
		return a, nil, missing("zones of "+a.measure.ID, "ask /values/"+a.measure.ID+" for the figures of zones", "no layer draws them")
	}
	return a, q.rel.layers[drawn.ID], nil
}

// drawing is the layer that draws a zone system, nil when the client may see none.
func (q *request) drawing(system string) *release.Layer {
	for i := range q.rel.catalog.Layers {
		if l := &q.rel.catalog.Layers[i]; l.Zones == system && system != "" && q.rel.layers[l.ID] != nil {
			return l
		}
	}
	return nil
}

// composed writes the answer.
func (a asked) composed(rel string, cover *figure.Cover, slots []model.Slot, several bool) []byte {
	out := newObject(400+len(slots)*40).value("release", rel).value("measure", a.measure.ID).value("zones", a.system).
		value("unit", a.measure.Unit).value("decimals", a.measure.Decimals).whole("area_m2", cover.Area).
		value("zones_inside", len(cover.Inside)).value("zones_crossed", len(cover.Crossed))
	all := frame.NewFigures(len(slots))
	var first figure.Figure
	for i, at := range slots {
		f, _ := a.values.At(at)
		made := cover.Compose(f)
		all.Value[i], all.Lo[i], all.Hi[i], all.Flag[i] = made.Value, made.Lo, made.Hi, made.Flag
		if i == 0 {
			first = made
		}
	}
	if several {
		return out.value("slots", slots).figures(all).bytes()
	}
	out.value("slot", slots[0]).number("value", first.Value).number("lo", first.Lo).number("hi", first.Hi).value("flag", first.Flag).
		number("value_of_zones_inside", frame.Settle(first.Whole)).value("zones_not_published", first.NotPublished).value("zones_no_data", first.NoData)
	return out.value("method", composedHow).bytes()
}

var composedHow = model.Text{
	FR: "Somme des chiffres publiés des zones situées dans le polygone. Une zone traversée compte pour la part de sa surface qui s'y trouve, comme si tout y était réparti également ; " +
		"l'intervalle va de rien à toute la zone. Les zones non publiées ne sont pas comptées : le total est alors partiel.",
	EN: "Sum of the published figures of the zones in the polygon. A zone that its border crosses counts for the share of its area that lies inside, as if everything were spread evenly; " +
		"the interval goes from nothing of it to all of it. Zones that are not published are not counted: the total is partial then.",
}

// number writes one figure; NaN is null.
func (o *object) number(name string, v float64) *object {
	o.key(name)
	o.b = appendNumber(o.b, v)
	return o
}

// whole writes a number without decimals.
func (o *object) whole(name string, v float64) *object {
	o.key(name)
	o.b = appendRounded(o.b, v, 0)
	return o
}
