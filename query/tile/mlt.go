package tile

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"jumeau/model"
)

// MLT appends a tile encoded by Encode in the other encoding of MapLibre, MapLibre Tile (version 1 of its feature tables, tag
// 0x01): the same layers, features and properties, column by column. It is smaller before compression, and a client
// need not parse it feature by feature. The specification and the reference decoder are in the package @maplibre/mlt.
//
// Integers are of 32 bits where they fit; beyond that they are doubles while those are exact, as a client written in
// JavaScript would read them from the other encoding, else of 64 bits.
func MLT(dst, body []byte) ([]byte, error) {
	t := &mltTable{}
	for r := (reader{b: body}); len(r.b) > 0; {
		field, wire := r.tag()
		if field != tileLayer>>3 || wire != 2 {
			return dst, errNotOurs
		}
		layer := r.bytes()
		if r.err != nil {
			return dst, r.err
		}
		if err := t.read(layer); err != nil {
			return dst, err
		}
		dst = t.append(dst)
	}
	return dst, nil
}

var errNotOurs = &model.Error{Kind: model.Internal, Op: "encode MLT", Subject: "tile", Hint: "report this",
	Err: errors.New("the tile is not one that Encode wrote")}

// Geometry types of MLT; those of several parts are multi more.
const (
	mltPoint   = 0
	mltLine    = 1
	mltPolygon = 2
	mltMulti   = 3
)

// mltTable is a layer being turned into columns.
type mltTable struct {
	name, features [][]byte
	extent         uint64

	ids     []uint64
	hasID   []bool
	types   []uint32
	several []uint32 // parts of features of several parts
	parts   []uint32 // polygons: rings of each; lines: vertices of each
	rings   []uint32 // vertices of each ring
	xy      []int32  // vertices: differences, x and y in turn
	x, y    int32    // of the last vertex of the feature, in the tile
	px, py  int32    // of the last vertex in the column
	columns []mltColumn
	values  []mltValue
}

// mltColumn is one property.
type mltColumn struct {
	name   []byte
	values []int32 // per feature the number of its value, or -1
}

// mltValue is one value of the layer.
type mltValue struct {
	kind   byte // valueText, valueNumber, valuePositive, valueNegative or valueBoolean
	text   []byte
	number float64
	whole  int64
}

// read takes a layer's message apart.
func (t *mltTable) read(body []byte) error {
	*t = mltTable{
		name: t.name[:0], features: t.features[:0], ids: t.ids[:0], hasID: t.hasID[:0], types: t.types[:0], several: t.several[:0],
		parts: t.parts[:0], rings: t.rings[:0], xy: t.xy[:0], columns: t.columns[:0], values: t.values[:0],
	}
	r := reader{b: body}
	for len(r.b) > 0 && r.err == nil {
		switch field, wire := r.tag(); {
		case wire == 0:
			if v := r.varint(); field == layerExtent>>3 {
				t.extent = v
			}
		case wire != 2:
			return errNotOurs
		case field == layerName>>3:
			t.name = append(t.name, r.bytes())
		case field == layerFeature>>3:
			t.features = append(t.features, r.bytes())
		case field == layerKey>>3:
			t.columns = append(t.columns, mltColumn{name: r.bytes()})
		case field == layerValue>>3:
			t.values = append(t.values, r.value())
		}
	}
	if r.err != nil || len(t.name) != 1 {
		return errNotOurs
	}
	for i := range t.columns {
		t.columns[i].values = slices.Repeat([]int32{-1}, len(t.features))
	}
	for i, f := range t.features {
		if err := t.feature(i, f); err != nil {
			return err
		}
	}
	return nil
}

func (t *mltTable) feature(i int, body []byte) error {
	r := reader{b: body}
	var id, kind uint64
	var shape []byte
	hasID := false
	for len(r.b) > 0 && r.err == nil {
		switch r.next() {
		case featureID:
			id, hasID = r.varint(), true
		case featureTags:
			for tags := (reader{b: r.bytes()}); len(tags.b) > 0; {
				key, value := tags.varint(), tags.varint()
				if tags.err != nil || key >= uint64(len(t.columns)) || value >= uint64(len(t.values)) {
					return errNotOurs
				}
				t.columns[key].values[i] = int32(value)
			}
		case featureType:
			kind = r.varint()
		case featureShape:
			shape = r.bytes()
		default:
			return errNotOurs
		}
	}
	if r.err != nil {
		return r.err
	}
	t.ids, t.hasID = append(t.ids, id), append(t.hasID, hasID)
	return t.geometry(int(kind), shape)
}

// geometry adds a feature's commands to the topology and vertex streams.
func (t *mltTable) geometry(kind int, shape []byte) error {
	r := reader{b: shape}
	t.x, t.y = 0, 0
	firstPart, firstRing := len(t.parts), len(t.rings)
	points := 0
	for len(r.b) > 0 {
		command := r.varint()
		count := int(command >> 3)
		if r.err != nil || count > len(r.b) && command&7 != closePath {
			return errNotOurs
		}
		switch command & 7 {
		case moveTo:
			points += count
			switch kind {
			case kindLine:
				t.parts = append(t.parts, 1)
			case kindPolygon:
				t.rings = append(t.rings, 1)
			}
		case lineTo:
			switch {
			case kind == kindLine && len(t.parts) > firstPart:
				t.parts[len(t.parts)-1] += uint32(count)
			case kind == kindPolygon && len(t.rings) > firstRing:
				t.rings[len(t.rings)-1] += uint32(count)
			default:
				return errNotOurs
			}
		case closePath:
			continue
		default:
			return errNotOurs
		}
		area := t.vertices(&r, count, command&7 == lineTo)
		if kind == kindPolygon && command&7 == lineTo {
			if area > 0 {
				t.parts = append(t.parts, 0) // an exterior begins a polygon
			}
			if len(t.parts) == firstPart {
				return errNotOurs
			}
			t.parts[len(t.parts)-1]++
		}
	}
	count := len(t.parts) - firstPart
	if kind == kindPoint {
		count = points
	}
	if r.err != nil || count == 0 || kind < kindPoint || kind > kindPolygon {
		return errNotOurs
	}
	if count == 1 {
		t.types = append(t.types, uint32(kind-kindPoint))
		return nil
	}
	t.types, t.several = append(t.types, uint32(kind-kindPoint+mltMulti)), append(t.several, uint32(count))
	return nil
}

// vertices adds count vertices, and gives twice the area of the ring that they complete.
func (t *mltTable) vertices(r *reader, count int, ring bool) (area int64) {
	x0, y0 := t.x, t.y
	for i := range count {
		ax, ay := int64(t.x-x0), int64(t.y-y0)
		t.x += r.zigzag()
		t.y += r.zigzag()
		if ring && i > 0 {
			area += ax*int64(t.y-y0) - int64(t.x-x0)*ay
		}
		t.xy = append(t.xy, t.x-t.px, t.y-t.py)
		t.px, t.py = t.x, t.y
	}
	return area
}

// reader reads the messages of a vector tile.
type reader struct {
	b   []byte
	err error
}

func (r *reader) varint() uint64 {
	var v uint64
	for i := 0; i < len(r.b) && i < 10; i++ {
		v |= uint64(r.b[i]&0x7f) << (7 * i)
		if r.b[i] < 0x80 {
			r.b = r.b[i+1:]
			return v
		}
	}
	r.b, r.err = nil, errNotOurs
	return 0
}

func (r *reader) zigzag() int32 {
	v := uint32(r.varint())
	return int32(v>>1) ^ -int32(v&1)
}

func (r *reader) tag() (field, wire int) {
	v := r.varint()
	return int(v >> 3), int(v & 7)
}

func (r *reader) next() byte { return byte(r.varint()) }

func (r *reader) bytes() []byte {
	n := r.varint()
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errNotOurs
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) fixed64() uint64 {
	if len(r.b) < 8 {
		r.b, r.err = nil, errNotOurs
		return 0
	}
	v := uint64(0)
	for i := range 8 {
		v |= uint64(r.b[i]) << (8 * i)
	}
	r.b = r.b[8:]
	return v
}

// value reads a value's message.
func (r *reader) value() mltValue {
	in := reader{b: r.bytes()}
	v := mltValue{kind: in.next()}
	switch v.kind {
	case valueText:
		v.text = in.bytes()
	case valueNumber:
		v.number = math.Float64frombits(in.fixed64())
	case valuePositive:
		v.whole = int64(in.varint())
	case valueNegative:
		u := in.varint()
		v.whole = int64(u>>1) ^ -int64(u&1)
	case valueBoolean:
		v.whole = int64(in.varint())
	default:
		in.err = fmt.Errorf("a value of field %d: %w", v.kind>>3, errNotOurs)
	}
	if in.err != nil {
		r.err = in.err
	}
	return v
}
