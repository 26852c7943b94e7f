package tile_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"

	"jumeau/model/layer/planar"
)

// A strict decoder of vector tiles, written from the specification (2.1) and sharing nothing with the encoder: it refuses
// what the specification forbids, not only what cannot be read.

type decodedLayer struct {
	name     string
	extent   uint64
	keys     []string
	values   []any
	features []decodedFeature
}

type decodedFeature struct {
	id         uint64
	hasID      bool
	kind       int
	parts      [][]planar.Point // points: one part; lines; rings without the closing vertex
	properties map[string]any
}

type wire struct{ b []byte }

func (w *wire) varint() (uint64, error) {
	v, n := binary.Uvarint(w.b)
	if n <= 0 {
		return 0, errors.New("bad varint")
	}
	w.b = w.b[n:]
	return v, nil
}

// field reads one field: its number, and its content as bytes or as a number.
func (w *wire) field() (number, kind int, body []byte, v uint64, err error) {
	tag, err := w.varint()
	if err != nil {
		return 0, 0, nil, 0, err
	}
	number, kind = int(tag>>3), int(tag&7)
	switch kind {
	case 0:
		v, err = w.varint()
	case 1:
		if len(w.b) < 8 {
			return 0, 0, nil, 0, errors.New("short double")
		}
		v, w.b = binary.LittleEndian.Uint64(w.b), w.b[8:]
	case 2:
		var n uint64
		if n, err = w.varint(); err == nil && n > uint64(len(w.b)) {
			err = errors.New("length beyond the end")
		}
		if err == nil {
			body, w.b = w.b[:n], w.b[n:]
		}
	default:
		err = fmt.Errorf("wire type %d", kind)
	}
	return number, kind, body, v, err
}

func decode(tile []byte) ([]decodedLayer, error) {
	var layers []decodedLayer
	seen := map[string]bool{}
	for w := (wire{tile}); len(w.b) > 0; {
		n, kind, body, _, err := w.field()
		if err != nil {
			return nil, err
		}
		if n != 3 || kind != 2 {
			return nil, fmt.Errorf("field %d in a tile", n)
		}
		l, err := decodeLayer(body)
		if err != nil {
			return nil, fmt.Errorf("layer %s: %w", l.name, err)
		}
		if seen[l.name] {
			return nil, fmt.Errorf("layer %s comes twice", l.name)
		}
		seen[l.name] = true
		layers = append(layers, l)
	}
	return layers, nil
}

func decodeLayer(b []byte) (decodedLayer, error) {
	var l decodedLayer
	var features [][]byte
	var version uint64
	for w := (wire{b}); len(w.b) > 0; {
		n, _, body, v, err := w.field()
		if err != nil {
			return l, err
		}
		switch n {
		case 1:
			l.name = string(body)
		case 2:
			features = append(features, body)
		case 3:
			l.keys = append(l.keys, string(body))
		case 4:
			value, err := decodeValue(body)
			if err != nil {
				return l, err
			}
			l.values = append(l.values, value)
		case 5:
			l.extent = v
		case 15:
			version = v
		default:
			return l, fmt.Errorf("field %d in a layer", n)
		}
	}
	if version != 2 || l.name == "" || len(features) == 0 {
		return l, fmt.Errorf("version %d, name %q, %d features", version, l.name, len(features))
	}
	used := make([]bool, len(l.keys))
	for _, body := range features {
		f, err := decodeFeature(body, &l, used)
		if err != nil {
			return l, fmt.Errorf("feature %d: %w", f.id, err)
		}
		l.features = append(l.features, f)
	}
	for i := range used {
		if !used[i] {
			return l, fmt.Errorf("key %s is not used", l.keys[i])
		}
	}
	return l, nil
}

func decodeValue(b []byte) (any, error) {
	w := wire{b}
	n, _, body, v, err := w.field()
	if err != nil {
		return nil, err
	}
	if len(w.b) != 0 {
		return nil, errors.New("a value with two fields")
	}
	switch n {
	case 1:
		return string(body), nil
	case 3:
		return math.Float64frombits(v), nil
	case 5:
		return int64(v), nil
	case 6:
		return int64(v>>1) ^ -int64(v&1), nil
	case 7:
		return v == 1, nil
	}
	return nil, fmt.Errorf("value field %d", n)
}

func decodeFeature(b []byte, l *decodedLayer, used []bool) (decodedFeature, error) {
	f := decodedFeature{properties: map[string]any{}}
	var shape []byte
	for w := (wire{b}); len(w.b) > 0; {
		n, _, body, v, err := w.field()
		if err != nil {
			return f, err
		}
		switch n {
		case 1:
			f.id, f.hasID = v, true
		case 2:
			for tags := (wire{body}); len(tags.b) > 0; {
				k, err1 := tags.varint()
				v, err2 := tags.varint()
				if err := errors.Join(err1, err2); err != nil {
					return f, err
				}
				if k >= uint64(len(l.keys)) || v >= uint64(len(l.values)) {
					return f, errors.New("tag out of range")
				}
				if _, twice := f.properties[l.keys[k]]; twice {
					return f, fmt.Errorf("key %s comes twice", l.keys[k])
				}
				used[k] = true
				f.properties[l.keys[k]] = l.values[v]
			}
		case 3:
			f.kind = int(v)
		case 4:
			shape = body
		default:
			return f, fmt.Errorf("field %d in a feature", n)
		}
	}
	return f, f.decodeShape(shape)
}

func (f *decodedFeature) decodeShape(b []byte) error {
	var at planar.Point
	w := wire{b}
	for len(w.b) > 0 {
		c, err := w.varint()
		if err != nil {
			return err
		}
		id, count := c&7, int(c>>3)
		if id == 7 {
			if f.kind != 3 || count != 1 || len(f.parts) == 0 || len(f.parts[len(f.parts)-1]) < 3 {
				return errors.New("misplaced ClosePath")
			}
			f.parts = append(f.parts, nil) // whatever follows must begin with MoveTo
			continue
		}
		if count == 0 || id != 1 && id != 2 {
			return fmt.Errorf("command %d of count %d", id, count)
		}
		switch last := len(f.parts) - 1; {
		case id == 1 && f.kind == 1:
			if last >= 0 {
				return errors.New("two MoveTo in a point")
			}
			f.parts = append(f.parts, nil)
		case id == 1:
			if count != 1 {
				return errors.New("MoveTo with several positions")
			}
			if last >= 0 && f.parts[last] == nil {
				f.parts = f.parts[:last]
			} else if last >= 0 && f.kind == 3 {
				return errors.New("MoveTo without ClosePath")
			}
			f.parts = append(f.parts, nil)
		case last < 0 || f.kind == 1 || len(f.parts[last]) != 1:
			return errors.New("LineTo must come once, after MoveTo")
		}
		part := &f.parts[len(f.parts)-1]
		for range count {
			ux, err1 := w.varint()
			uy, err2 := w.varint()
			if err := errors.Join(err1, err2); err != nil {
				return err
			}
			dx, dy := int64(ux>>1)^-int64(ux&1), int64(uy>>1)^-int64(uy&1)
			if id == 2 && dx == 0 && dy == 0 {
				return errors.New("a segment without length")
			}
			at.X, at.Y = at.X+dx, at.Y+dy
			*part = append(*part, at)
		}
	}
	if n := len(f.parts); n > 0 && f.parts[n-1] == nil {
		f.parts = f.parts[:n-1]
	} else if f.kind == 3 {
		return errors.New("a ring is not closed")
	}
	if len(f.parts) == 0 {
		return errors.New("no geometry")
	}
	return nil
}

// text is the golden form of a tile.
func text(layers []decodedLayer, header string) string {
	var b strings.Builder
	fmt.Fprintln(&b, header)
	for _, l := range layers {
		fmt.Fprintf(&b, "layer %s  extent %d  features %d\n", l.name, l.extent, len(l.features))
		for _, f := range l.features {
			id := "-"
			if f.hasID {
				id = fmt.Sprint(f.id)
			}
			fmt.Fprintf(&b, "feature %s  %s", id, [...]string{"", "POINT", "LINESTRING", "POLYGON"}[f.kind])
			for i, part := range f.parts {
				if i > 0 {
					b.WriteString("\n        ")
				}
				fmt.Fprintf(&b, "  %s", partText(f.kind, part))
			}
			b.WriteByte('\n')
			keys := make([]string, 0, len(f.properties))
			for k := range f.properties {
				keys = append(keys, k)
			}
			sort.Strings(keys)
			for _, k := range keys {
				fmt.Fprintf(&b, "  %s  %s\n", k, valueText(f.properties[k]))
			}
		}
	}
	return b.String()
}

func partText(kind int, part []planar.Point) string {
	var b strings.Builder
	switch kind {
	case 1:
		fmt.Fprintf(&b, "points(%d) ", len(part))
	case 2:
		fmt.Fprintf(&b, "line(%d) ", len(part))
	default:
		side := "outer cw "
		if planar.Area2(part) < 0 {
			side = "hole ccw "
		}
		fmt.Fprintf(&b, "ring(%d) %s", len(part)+1, side)
	}
	for _, p := range part {
		fmt.Fprintf(&b, "(%d %d)", p.X, p.Y)
	}
	return b.String()
}

func valueText(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("string  %q", v)
	case float64:
		return fmt.Sprintf("double  %v", v)
	case int64:
		return fmt.Sprintf("integer  %d", v)
	}
	return fmt.Sprintf("bool  %v", v)
}
