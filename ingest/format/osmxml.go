package format

import (
	"bytes"
	"math"
	"strconv"
)

// osmXML reads OSM XML (https://wiki.openstreetmap.org/wiki/OSM_XML). Of an object's attributes only id, lat, lon and
// visible are looked at.
type osmXML struct {
	src     *source
	x       *xmlReader
	texts   []byte // of the object's tags and roles
	tags    []osmTag
	refs    []int64
	members []osmMember
}

func openOSMXML(src *source) (*osmXML, error) {
	w, err := xmlWindow(src.stream)
	if err != nil {
		return nil, err
	}
	return &osmXML{src: src, x: newXML(w)}, nil
}

func (in *osmXML) close() error { return in.src.close() }

func (in *osmXML) next(o *osmObject) error {
	for {
		if err := in.x.next(); err != nil {
			return err
		}
		if in.x.kind != xmlStart {
			continue
		}
		switch string(in.x.name) {
		case "node":
			*o = osmObject{kind: osmNode}
		case "way":
			*o = osmObject{kind: osmWay}
		case "relation":
			*o = osmObject{kind: osmRelation}
		case "osm", "create", "modify":
			continue
		case "osmChange", "delete":
			return refusal{"a file of changes (osmChange)", "apply it: osmium apply-changes"}.error()
		default:
			if err := in.x.skip(); err != nil {
				return err
			}
			continue
		}
		visible, err := in.object(o)
		if err != nil || visible {
			return err
		}
	}
}

func (in *osmXML) object(o *osmObject) (visible bool, err error) {
	x := in.x
	in.texts, in.tags, in.refs, in.members = in.texts[:0], in.tags[:0], in.refs[:0], in.members[:0]
	visible = string(x.attr("visible")) != "false"
	var ok bool
	if o.id, ok = xmlInt(x.attr("id")); !ok {
		return false, x.malformed("an object has no id")
	}
	if o.kind == osmNode {
		lat, ok1 := decimalE7(x.attr("lat"), 90)
		lon, ok2 := decimalE7(x.attr("lon"), 180)
		if visible = visible && ok1 && ok2; visible {
			o.at = osmPoint{lon, lat}
		}
	}
	for depth := x.depth; ; {
		if err := x.next(); err != nil {
			return false, x.inside(err)
		}
		if x.depth < depth {
			break
		}
		if x.kind == xmlStart {
			in.part()
		}
	}
	o.tags, o.refs, o.members = in.tags, in.refs, in.members
	return visible, nil
}

// keep copies a text that the next token would overwrite.
func (in *osmXML) keep(b []byte) []byte {
	at := len(in.texts)
	if at+len(b) > cap(in.texts) {
		in.texts = make([]byte, 0, max(4096, 2*len(b))) // what is in the old one stays where it is
		at = 0
	}
	in.texts = append(in.texts, b...)
	return in.texts[at:len(in.texts):len(in.texts)]
}

func (in *osmXML) part() {
	x := in.x
	switch string(x.name) {
	case "tag":
		if k := in.keep(x.attr("k")); len(k) > 0 {
			in.tags = append(in.tags, osmTag{k, in.keep(x.attr("v"))})
		}
	case "nd":
		if ref, ok := xmlInt(x.attr("ref")); ok {
			in.refs = append(in.refs, ref)
		}
	case "member":
		m := osmMember{}
		switch string(x.attr("type")) {
		case "way":
			m.kind = osmWay
		case "relation":
			m.kind = osmRelation
		}
		var ok bool
		if m.ref, ok = xmlInt(x.attr("ref")); ok {
			m.role = in.keep(x.attr("role"))
			in.members = append(in.members, m)
		}
	}
}

func xmlInt(b []byte) (int64, bool) {
	if len(b) == 0 {
		return 0, false
	}
	return integer(b)
}

// decimalE7 reads degrees as units of 1e-7 degree.
func decimalE7(b []byte, most float64) (int32, bool) {
	v, err := strconv.ParseFloat(string(bytes.TrimSpace(b)), 64)
	if err != nil || !(math.Abs(v) <= most) {
		return 0, false
	}
	return int32(math.Round(v * 1e7)), true
}
