package query

import (
	"encoding/json"
	"math"
	"strconv"

	"jumeau/model"
	"jumeau/model/frame"
)

// object writes one JSON object by hand: ten thousand figures take about a millisecond.
type object struct {
	b []byte
}

func newObject(capacity int) *object { return &object{append(make([]byte, 0, capacity+256), '{')} }

// key begins a member.
func (o *object) key(name string) *object {
	if len(o.b) > 1 {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
	return o
}

// appendText writes a text as the standard encoder does.
func appendText(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts always marshal
	}
	return append(b, text...)
}

// value writes what is small or holds text, by the standard encoder.
func (o *object) value(name string, v any) *object {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and lists of texts always marshal
	}
	o.key(name)
	o.b = append(o.b, text...)
	return o
}

// numbers writes figures so that they read back exactly; NaN is null.
func (o *object) numbers(name string, values []float64) *object {
	o.key(name)
	o.b = append(o.b, '[')
	for i, v := range values {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = appendNumber(o.b, v)
	}
	o.b = append(o.b, ']')
	return o
}

func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) {
		return append(b, "null"...)
	}
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, v, 'f', -1, 64)
}

// rounded writes numbers with so many decimals: coordinates, areas.
func (o *object) rounded(name string, values []float64, decimals int) *object {
	o.key(name)
	o.b = append(o.b, '[')
	for i, v := range values {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = appendRounded(o.b, v, decimals)
	}
	o.b = append(o.b, ']')
	return o
}

func appendRounded(b []byte, v float64, decimals int) []byte {
	scale := math.Pow10(decimals)
	return strconv.AppendFloat(b, math.Round(v*scale)/scale, 'f', -1, 64)
}

func (o *object) flags(name string, flags []model.Flag) *object {
	o.key(name)
	o.b = append(o.b, '[')
	for i, f := range flags {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.b = strconv.AppendUint(o.b, uint64(f), 10)
	}
	o.b = append(o.b, ']')
	return o
}

// indices writes zone indices; frame.NoParent is null.
func (o *object) indices(name string, indices []uint32) *object {
	o.key(name)
	o.b = appendIndices(o.b, indices)
	return o
}

func appendIndices(b []byte, indices []uint32) []byte {
	b = append(b, '[')
	for i, v := range indices {
		if i > 0 {
			b = append(b, ',')
		}
		if v == frame.NoParent {
			b = append(b, "null"...)
		} else {
			b = strconv.AppendUint(b, uint64(v), 10)
		}
	}
	return append(b, ']')
}

// figures writes value, lo and hi where an interval exists, and flag.
func (o *object) figures(f frame.Figures) *object {
	o.numbers("value", f.Value)
	if f.Interval() {
		o.numbers("lo", f.Lo).numbers("hi", f.Hi)
	}
	return o.flags("flag", f.Flag)
}

func (o *object) bytes() []byte { return append(o.b, '}', '\n') }
