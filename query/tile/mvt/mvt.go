package mvt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"

	"jumeau/model/layer/planar"
)

// Kinds of geometry (section 4.3.4 of the specification).
const (
	Point   = 1
	Line    = 2
	Polygon = 3
)

// Layer is a layer of a tile.
type Layer struct {
	Name     string
	Extent   uint64
	Keys     []string
	Values   []any
	Features []Feature
}

// Feature is a feature of a layer. Properties are texts, float64, int64 or truth values.
type Feature struct {
	ID         uint64
	HasID      bool
	Kind       int
	Parts      [][]planar.Point // points: one part; lines; rings without the closing vertex
	Properties map[string]any
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

// Decode reads a tile, uncompressed. It refuses what the specification forbids, not only what cannot be read.
func Decode(tile []byte) ([]Layer, error) {
	var layers []Layer
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
			return nil, fmt.Errorf("layer %s: %w", l.Name, err)
		}
		if seen[l.Name] {
			return nil, fmt.Errorf("layer %s comes twice", l.Name)
		}
		seen[l.Name] = true
		layers = append(layers, l)
	}
	return layers, nil
}

func decodeLayer(b []byte) (Layer, error) {
	var l Layer
	var features [][]byte
	var version uint64
	for w := (wire{b}); len(w.b) > 0; {
		n, _, body, v, err := w.field()
		if err != nil {
			return l, err
		}
		switch n {
		case 1:
			l.Name = string(body)
		case 2:
			features = append(features, body)
		case 3:
			l.Keys = append(l.Keys, string(body))
		case 4:
			value, err := decodeValue(body)
			if err != nil {
				return l, err
			}
			l.Values = append(l.Values, value)
		case 5:
			l.Extent = v
		case 15:
			version = v
		default:
			return l, fmt.Errorf("field %d in a layer", n)
		}
	}
	if version != 2 || l.Name == "" || len(features) == 0 {
		return l, fmt.Errorf("version %d, name %q, %d features", version, l.Name, len(features))
	}
	used := make([]bool, len(l.Keys))
	for _, body := range features {
		f, err := decodeFeature(body, &l, used)
		if err != nil {
			return l, fmt.Errorf("feature %d: %w", f.ID, err)
		}
		l.Features = append(l.Features, f)
	}
	for i := range used {
		if !used[i] {
			return l, fmt.Errorf("key %s is not used", l.Keys[i])
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

func decodeFeature(b []byte, l *Layer, used []bool) (Feature, error) {
	f := Feature{Properties: map[string]any{}}
	var shape []byte
	for w := (wire{b}); len(w.b) > 0; {
		n, _, body, v, err := w.field()
		if err != nil {
			return f, err
		}
		switch n {
		case 1:
			f.ID, f.HasID = v, true
		case 2:
			for tags := (wire{body}); len(tags.b) > 0; {
				k, err1 := tags.varint()
				v, err2 := tags.varint()
				if err := errors.Join(err1, err2); err != nil {
					return f, err
				}
				if k >= uint64(len(l.Keys)) || v >= uint64(len(l.Values)) {
					return f, errors.New("tag out of range")
				}
				if _, twice := f.Properties[l.Keys[k]]; twice {
					return f, fmt.Errorf("key %s comes twice", l.Keys[k])
				}
				used[k] = true
				f.Properties[l.Keys[k]] = l.Values[v]
			}
		case 3:
			f.Kind = int(v)
		case 4:
			shape = body
		default:
			return f, fmt.Errorf("field %d in a feature", n)
		}
	}
	if f.Kind < Point || f.Kind > Polygon {
		return f, fmt.Errorf("geometry of type %d", f.Kind)
	}
	return f, f.decodeShape(shape)
}

func (f *Feature) decodeShape(b []byte) error {
	var at planar.Point
	w := wire{b}
	for len(w.b) > 0 {
		c, err := w.varint()
		if err != nil {
			return err
		}
		id, count := c&7, int(c>>3)
		if id == 7 {
			if f.Kind != 3 || count != 1 || len(f.Parts) == 0 || len(f.Parts[len(f.Parts)-1]) < 3 {
				return errors.New("misplaced ClosePath")
			}
			f.Parts = append(f.Parts, nil) // whatever follows must begin with MoveTo
			continue
		}
		if count == 0 || id != 1 && id != 2 {
			return fmt.Errorf("command %d of count %d", id, count)
		}
		switch last := len(f.Parts) - 1; {
		case id == 1 && f.Kind == 1:
			if last >= 0 {
				return errors.New("two MoveTo in a point")
			}
			f.Parts = append(f.Parts, nil)
		case id == 1:
			if count != 1 {
				return errors.New("MoveTo with several positions")
			}
			if last >= 0 && f.Parts[last] == nil {
				f.Parts = f.Parts[:last]
			} else if last >= 0 && f.Kind == 3 {
				return errors.New("MoveTo without ClosePath")
			}
			f.Parts = append(f.Parts, nil)
		case last < 0 || f.Kind == 1 || len(f.Parts[last]) != 1:
			return errors.New("LineTo must come once, after MoveTo")
		}
		part := &f.Parts[len(f.Parts)-1]
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
	if n := len(f.Parts); n > 0 && f.Parts[n-1] == nil {
		f.Parts = f.Parts[:n-1]
	} else if f.Kind == 3 {
		return errors.New("a ring is not closed")
	}
	if len(f.Parts) == 0 {
		return errors.New("no geometry")
	}
	return nil
}

// Text is a tile in words, a line for each feature and property, so that people and version control can compare two.
func Text(layers []Layer, header string) string {
	var b strings.Builder
	fmt.Fprintln(&b, header)
	for _, l := range layers {
		fmt.Fprintf(&b, "layer %s  extent %d  features %d\n", l.Name, l.Extent, len(l.Features))
		for _, f := range l.Features {
			id := "-"
			if f.HasID {
				id = fmt.Sprint(f.ID)
			}
			fmt.Fprintf(&b, "feature %s  %s", id, [...]string{"", "POINT", "LINESTRING", "POLYGON"}[f.Kind])
			for i, part := range f.Parts {
				if i > 0 {
					b.WriteString("\n        ")
				}
				fmt.Fprintf(&b, "  %s", partText(f.Kind, part))
			}
			b.WriteByte('\n')
			keys := make([]string, 0, len(f.Properties))
			for k := range f.Properties {
				keys = append(keys, k)
			}
			sort.Strings(keys)
			for _, k := range keys {
				fmt.Fprintf(&b, "  %s  %s\n", k, valueText(f.Properties[k]))
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
