package query

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"strconv"

	"jumeau/model/frame"
	"jumeau/model/release"
)

const (
	jsonType  = "application/json"
	arrowType = "application/vnd.apache.arrow.stream"
)

// asked is what a request for figures is about.
type asked struct {
	measure *release.Measure
	system  string
	values  *frame.Values
}

// measure finds the measure of an address, and its figures in the zone system asked for; its first one when none is.
func (q *request) measure(system string) (asked, error) {
	c := &q.rel.catalog
	m, ok := c.Measure(q.parts[1])
	if !ok {
		return asked{}, notFound("measure", q.parts[1], ids(c.Measures, func(m release.Measure) string { return m.ID }))
	}
	if system == "" {
		system = m.Systems[0].Zones
	}
	v, ok := q.rel.values[m.ID+"."+system]
	if !ok {
		return asked{}, notFound("zones", system, ids(m.Systems, func(s release.MeasureSystem) string { return s.Zones }))
	}
	return asked{m, system, v}, nil
}

func ids[T any](list []T, id func(T) string) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = id(t)
	}
	return out
}

// values answers GET /values/{measure}: the figures of one slot, by zone.
func (s *Server) values(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("zones", "slot")
	if err != nil {
		return err
	}
	a, err := q.measure(p["zones"])
	if err != nil {
		return err
	}
	at, err := slot(p["slot"], a.values.Slots)
	if err != nil {
		return err
	}
	key := "values/" + a.measure.ID + "/" + a.system + "/" + string(at)
	if mediaType(q.Header.Get("Accept"), jsonType, arrowType) == arrowType {
		parts, _ := a.values.Stream(at)
		return s.send(w, q, arrowAnswer(key, parts))
	}
	return s.send(w, q, answer{contentType: jsonType, key: key, vary: "Accept", build: func(context.Context) ([]byte, error) {
		f, _ := a.values.At(at)
		return newObject(f.Len()*8).value("release", q.rel.id).value("measure", a.measure.ID).value("zones", a.system).
			value("slot", at).figures(f).bytes(), nil
	}})
}

// arrowAnswer sends a frame's own bytes, copied so that they outlive the mapping.
func arrowAnswer(key string, parts [][]byte) answer {
	return answer{contentType: arrowType, key: key + "/arrow", vary: "Accept",
		build: func(context.Context) ([]byte, error) { return bytes.Join(parts, nil), nil }}
}

// profile answers GET /profile/{measure}: the figures of one zone, by slot.
func (s *Server) profile(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("zones", "zone")
	if err != nil {
		return err
	}
	a, err := q.measure(p["zones"])
	if err != nil {
		return err
	}
	if p["zone"] == "" {
		return invalid("parameter zone", "write ?zone= and the id of a zone of /zones/"+a.system, "it is missing")
	}
	z, ok := q.rel.zones[a.system]
	if !ok {
		return notFound("zones", a.system, nil)
	}
	i, err := z.zone(p["zone"])
	if err != nil {
		return err
	}
	key := "profile/" + a.measure.ID + "/" + a.system + "\x00" + p["zone"]
	return s.send(w, q, answer{contentType: jsonType, key: key, build: func(context.Context) ([]byte, error) {
		f := a.values.Profile(i)
		return newObject(f.Len()*24).value("release", q.rel.id).value("measure", a.measure.ID).value("zones", a.system).
			value("zone", z.ID[i]).value("slots", a.values.Slots).figures(f).bytes(), nil
	}})
}

// flows answers GET /flows/{flow}: the pairs of one slot, all or those from or to a zone; in the flow's own zones or summed into
// coarser ones; all or the greatest with the rest as a total.
func (s *Server) flows(w http.ResponseWriter, q *request) error {
	p, err := q.parameters("zones", "slot", "from", "to", "top")
	if err != nil {
		return err
	}
	c := &q.rel.catalog
	flow, ok := c.Flow(q.parts[1])
	if !ok {
		return notFound("flow", q.parts[1], ids(c.Flows, func(f release.Flow) string { return f.ID }))
	}
	parents, err := q.coarser(flow.Zones, p["zones"])
	if err != nil {
		return err
	}
	file := q.rel.flows[flow.ID]
	at, err := slot(p["slot"], file.Slots)
	if err != nil {
		return err
	}
	top, err := few(p["top"])
	if err != nil {
		return err
	}
	pairs, _ := file.At(at)
	system := cmp.Or(p["zones"], flow.Zones)
	choice, err := q.ends(system, p["from"], p["to"])
	if err != nil {
		return err
	}
	key := "flows/" + flow.ID + "/" + system + "/" + string(at) + "\x00" + p["from"] + "\x00" + p["to"] + "\x00" + strconv.Itoa(top)
	all := p["from"] == "" && p["to"] == "" && top == 0 && parents == nil
	if all && mediaType(q.Header.Get("Accept"), jsonType, arrowType) == arrowType {
		parts, _ := file.Stream(at)
		return s.send(w, q, arrowAnswer(key, parts))
	}
	return s.send(w, q, answer{contentType: jsonType, key: key, vary: "Accept", build: func(context.Context) ([]byte, error) {
		chosen := pairs
		if parents != nil {
			chosen = chosen.Rollup(parents)
		}
		chosen = choice(chosen)
		o := newObject(chosen.Len()*24).value("release", q.rel.id).value("flow", flow.ID).value("zones", system).value("slot", at)
		if top > 0 {
			var rest frame.Rest
			chosen, rest = chosen.Top(top)
			o.value("rest", rest)
		}
		return o.indices("origin", chosen.Origin).indices("destination", chosen.Destination).figures(chosen.Figures).bytes(), nil
	}})
}

// few reads the parameter top: how many pairs at most; 0 is all.
func few(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, invalid("parameter top", "write a whole number from 1 to 1000000, or leave it out for all pairs", "%q is none", clip(text, 20))
	}
	return n, nil
}

// coarser is the parents of a system's zones in the one asked for; nil when that is the system itself.
func (q *request) coarser(system, asked string) ([]uint32, error) {
	if asked == "" || asked == system {
		return nil, nil
	}
	known := []string{system}
	if z, ok := q.rel.zones[system]; ok {
		for _, p := range z.Parents {
			if _, shown := q.rel.zones[p.System]; !shown {
				continue
			}
			if p.System == asked {
				return p.Index, nil
			}
			known = append(known, p.System)
		}
	}
	return nil, notFound("zones", asked, known)
}

// ends makes the choice of pairs by the ids of their origin and destination.
func (q *request) ends(system, from, to string) (func(frame.Pairs) frame.Pairs, error) {
	choice := func(p frame.Pairs) frame.Pairs { return p }
	if from == "" && to == "" {
		return choice, nil
	}
	z, ok := q.rel.zones[system]
	if !ok {
		return nil, notFound("zones", system, nil)
	}
	if from != "" {
		i, err := z.zone(from)
		if err != nil {
			return nil, err
		}
		choice = func(p frame.Pairs) frame.Pairs { return p.From(i) }
	}
	if to != "" {
		i, err := z.zone(to)
		if err != nil {
			return nil, err
		}
		origins := choice
		choice = func(p frame.Pairs) frame.Pairs { return origins(p).To(i) }
	}
	return choice, nil
}
