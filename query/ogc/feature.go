package ogc

import (
	"encoding/json"
	"math"
	"strconv"

	"jumeau/model/frame"
	"jumeau/model/layer"
)

// Figures are those of one slot, as properties of zones.
type Figures struct {
	frame.Figures
	Names [4]string // of value, lower and upper bound, flag
}

// Row is the index of the figures of a feature; false when it is no zone.
func (f *Figures) Row(b *layer.Batch, row int) (int, bool) {
	i := int64(b.Key[row]) - 1
	return int(i), i >= 0 && i < int64(f.Len())
}

// Writer writes features of a layer as GeoJSON. Not safe for concurrent use.
type Writer struct {
	spec    *layer.Spec
	system  System
	figures *Figures
	names   [][]byte // of the properties, as JSON
	added   [4][]byte
	scale   float64
}

// NewWriter makes a writer; figures may be nil.
func NewWriter(spec *layer.Spec, system System, figures *Figures) *Writer {
	w := &Writer{spec: spec, system: system, figures: figures, scale: math.Pow10(system.Decimals)}
	for _, p := range spec.Properties {
		w.names = append(w.names, appendText(nil, []byte(p.Name)))
	}
	if figures != nil {
		for i, name := range figures.Names {
			w.added[i] = appendText(nil, []byte(name))
		}
	}
	return w
}

// Append writes one feature.
func (w *Writer) Append(dst []byte, b *layer.Batch, row int) []byte {
	dst = w.begin(dst, b, row)
	return append(dst, '}')
}

// AppendWith is Append with more members at the end, each after a comma.
func (w *Writer) AppendWith(dst []byte, b *layer.Batch, row int, more []byte) []byte {
	return append(append(w.begin(dst, b, row), more...), '}')
}

func (w *Writer) begin(dst []byte, b *layer.Batch, row int) []byte {
	dst = append(dst, `{"type":"Feature","id":`...)
	dst = appendText(dst, b.IDs.At(row))
	dst = append(dst, `,"geometry":`...)
	dst = w.geometry(dst, b, row)
	dst = append(dst, `,"properties":{`...)
	for i := range w.names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(dst, w.names[i]...), ':')
		dst = value(dst, &b.Props[i], row)
	}
	if w.figures != nil {
		dst = w.figure(dst, b, row)
	}
	return append(dst, '}')
}

func value(dst []byte, c *layer.Column, row int) []byte {
	switch {
	case !c.Has(row):
		return append(dst, "null"...)
	case c.Type == layer.Text:
		return appendText(dst, c.TextAt(row))
	case c.Type == layer.Integer:
		return strconv.AppendInt(dst, c.Int[row], 10)
	case c.Type == layer.Boolean:
		return strconv.AppendBool(dst, c.Flag(row))
	}
	return number(dst, c.Num[row])
}

func number(dst []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(dst, "null"...)
	}
	if a := math.Abs(v); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// figure writes value, bounds and flag; a flag in words, so that nobody takes it for a number.
func (w *Writer) figure(dst []byte, b *layer.Batch, row int) []byte {
	i, ok := w.figures.Row(b, row)
	if !ok {
		return dst
	}
	f := w.figures
	for k, v := range [3]float64{f.Value[i], f.Lo[i], f.Hi[i]} {
		if k > 0 || len(w.names) > 0 {
			dst = append(dst, ',')
		}
		dst = number(append(append(dst, w.added[k]...), ':'), v)
	}
	dst = append(append(append(dst, ','), w.added[3]...), ':')
	return appendText(dst, []byte(f.Flag[i].String()))
}

// appendText writes a JSON text; what is not UTF-8 is replaced.
func appendText(dst, s []byte) []byte {
	plain := true
	for _, c := range s {
		plain = plain && c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	if plain {
		return append(append(append(dst, '"'), s...), '"')
	}
	text, err := json.Marshal(string(s))
	if err != nil {
		panic(err) // texts always marshal
	}
	return append(dst, text...)
}

// position writes a vertex.
func (w *Writer) position(dst []byte, b *layer.Batch, v int32) []byte {
	x, y := w.system.at(layer.LonLat(b.X[v], b.Y[v]))
	dst = append(dst, '[')
	dst = strconv.AppendFloat(dst, math.Round(x*w.scale)/w.scale, 'f', -1, 64)
	dst = append(dst, ',')
	dst = strconv.AppendFloat(dst, math.Round(y*w.scale)/w.scale, 'f', -1, 64)
	return append(dst, ']')
}

// geometry writes Point, LineString or Polygon where there is one part, else the kind of several.
func (w *Writer) geometry(dst []byte, b *layer.Batch, row int) []byte {
	from, to := b.Part[row], b.Part[row+1]
	if from == to || b.Vertex[from] == b.Vertex[to] {
		return append(dst, "null"...)
	}
	switch w.spec.Geometry {
	case layer.Points:
		return w.points(dst, b, b.Vertex[from], b.Vertex[to])
	case layer.Lines:
		return w.lines(dst, b, from, to)
	}
	return w.polygons(dst, b, from, to)
}

func (w *Writer) points(dst []byte, b *layer.Batch, from, to int32) []byte {
	if to-from == 1 {
		return append(w.position(append(dst, `{"type":"Point","coordinates":`...), b, from), '}')
	}
	dst = append(dst, `{"type":"MultiPoint","coordinates":[`...)
	for v := from; v < to; v++ {
		if v > from {
			dst = append(dst, ',')
		}
		dst = w.position(dst, b, v)
	}
	return append(dst, "]}"...)
}

func (w *Writer) lines(dst []byte, b *layer.Batch, from, to int32) []byte {
	end := "}"
	if to-from == 1 {
		dst = append(dst, `{"type":"LineString","coordinates":`...)
	} else {
		dst, end = append(dst, `{"type":"MultiLineString","coordinates":[`...), "]}"
	}
	for p := from; p < to; p++ {
		if p > from {
			dst = append(dst, ',')
		}
		dst = append(dst, '[')
		for v := b.Vertex[p]; v < b.Vertex[p+1]; v++ {
			if v > b.Vertex[p] {
				dst = append(dst, ',')
			}
			dst = w.position(dst, b, v)
		}
		dst = append(dst, ']')
	}
	return append(dst, end...)
}

// polygons writes rings against the clock, holes with it (RFC 7946, 3.1.6): backwards, since y points south on the grid.
func (w *Writer) polygons(dst []byte, b *layer.Batch, from, to int32) []byte {
	exteriors := 0
	for p := from; p < to; p++ {
		if p == from || !hole(b, p) {
			exteriors++
		}
	}
	end := "]}"
	if exteriors == 1 {
		dst = append(dst, `{"type":"Polygon","coordinates":[`...)
	} else {
		dst, end = append(dst, `{"type":"MultiPolygon","coordinates":[[`...), "]]}"
	}
	for p := from; p < to; p++ {
		switch {
		case p == from:
		case hole(b, p):
			dst = append(dst, ',')
		default:
			dst = append(dst, "],["...)
		}
		dst = append(dst, '[')
		first := b.Vertex[p]
		dst = w.position(dst, b, first)
		for v := b.Vertex[p+1] - 1; v >= first; v-- {
			dst = w.position(append(dst, ','), b, v)
		}
		dst = append(dst, ']')
	}
	return append(dst, end...)
}

// hole says whether a ring turns as holes do: its area by the surveyor's formula is negative.
func hole(b *layer.Batch, part int32) bool {
	from, to := b.Vertex[part], b.Vertex[part+1]
	sum := 0.0
	for v := from; v < to; v++ {
		next := v + 1
		if next == to {
			next = from
		}
		ax, ay := float64(b.X[v])-float64(b.X[from]), float64(b.Y[v])-float64(b.Y[from])
		bx, by := float64(b.X[next])-float64(b.X[from]), float64(b.Y[next])-float64(b.Y[from])
		sum += ax*by - bx*ay
	}
	return sum < 0
}
