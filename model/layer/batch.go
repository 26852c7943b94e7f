package layer

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Batch is a run of consecutive features as plain slices over the memory map: read only. Feature First+i is row i.
type Batch struct {
	First, Rows int
	IDs         Texts
	Key         []uint64
	MinX, MinY  []int32 // bounding box on the grid
	MaxX, MaxY  []int32
	Area        []float32 // polygons: square grid units
	Repair      []uint32  // polygons: bit z set: not simple at zoom z
	Part        []int32   // parts of row i: Part[i] up to Part[i+1]
	Vertex      []int32   // vertices of part p: Vertex[p] up to Vertex[p+1]
	X, Y        []int32
	Zoom        []uint8 // lowest zoom at which the vertex is drawn
	Props       []Column
}

// Texts is an array of strings.
type Texts struct {
	Offset []int32
	Data   []byte
}

// At is the i-th text; it aliases the file.
func (t *Texts) At(i int) []byte { return t.Data[t.Offset[i]:t.Offset[i+1]] }

// Len is the number of texts.
func (t *Texts) Len() int { return len(t.Offset) - 1 }

// Column is one property of the rows of a batch.
type Column struct {
	Type  string
	Valid []byte   // bitmap; nil when every row has a value
	Code  []uint16 // text, dictionary-encoded: index into Dict
	Dict  Texts
	Text  Texts     // text, when not dictionary-encoded
	Int   []int64   // integer
	Num   []float64 // number
	Bool  []byte    // boolean: bitmap
}

// Has says whether row i has a value.
func (c *Column) Has(i int) bool { return c.Valid == nil || c.Valid[i>>3]&(1<<(i&7)) != 0 }

// Flag is the boolean of row i.
func (c *Column) Flag(i int) bool { return c.Bool[i>>3]&(1<<(i&7)) != 0 }

// Texts of row i, whichever way they are stored; of a text column only.
func (c *Column) TextAt(i int) []byte {
	if c.Code != nil {
		return c.Dict.At(int(c.Code[i]))
	}
	return c.Text.At(i)
}

var (
	errLength  = errors.New("a column is shorter than its batch")
	errOffsets = errors.New("offsets are out of order or out of bounds")
	errCode    = errors.New("a dictionary code is out of bounds")
	errNulls   = errors.New("a column has nulls that may have none")
)

// batch takes the slices of a record batch apart and checks them.
func (h *head) batch(record arrow.RecordBatch, first int) (Batch, error) {
	n := int(record.NumRows())
	b := Batch{First: first, Rows: n}
	for _, col := range record.Columns() {
		if col.Data().Offset() != 0 || col.Len() != n {
			return b, errLength
		}
	}
	next := 0
	column := func() arrow.ArrayData { next++; return record.Column(next - 1).Data() }
	var err error
	keep := func(e error) { err = errors.Join(err, e) }
	keep(texts(&b.IDs, column(), n))
	keep(values(&b.Key, column(), n))
	for _, dst := range []*[]int32{&b.MinX, &b.MinY, &b.MaxX, &b.MaxY} {
		keep(values(dst, column(), n))
	}
	if h.Geometry == Polygons {
		keep(values(&b.Area, column(), n))
		keep(values(&b.Repair, column(), n))
	}
	if err != nil {
		return b, err
	}
	if err := b.geometry(column(), n); err != nil {
		return b, err
	}
	if len(h.Properties) == 0 {
		return b, nil
	}
	return b, b.properties(h, column(), n)
}

func (b *Batch) geometry(d arrow.ArrayData, n int) error {
	parts := d.Children()[0]
	vertices := parts.Children()[0]
	if parts.Offset() != 0 || vertices.Offset() != 0 || d.NullN() != 0 || parts.NullN() != 0 {
		return errLength
	}
	if err := offsets(&b.Part, d, n, parts.Len()); err != nil {
		return err
	}
	if err := offsets(&b.Vertex, parts, parts.Len(), vertices.Len()); err != nil {
		return err
	}
	fields := vertices.Children()
	return errors.Join(values(&b.X, fields[0], vertices.Len()), values(&b.Y, fields[1], vertices.Len()), values(&b.Zoom, fields[2], vertices.Len()))
}

func (b *Batch) properties(h *head, d arrow.ArrayData, n int) error {
	b.Props = make([]Column, len(h.Properties))
	for i, p := range h.Properties {
		c := &b.Props[i]
		c.Type = p.Type
		if err := c.read(d.Children()[i], n, h.Dictionary[i]); err != nil {
			return fmt.Errorf("property %s: %w", p.Name, err)
		}
	}
	return nil
}

func (c *Column) read(d arrow.ArrayData, n int, dictionary bool) error {
	if d.Offset() != 0 || d.Len() < n {
		return errLength
	}
	if d.NullN() != 0 {
		if c.Valid = bytesOf(d.Buffers()[0]); len(c.Valid) < (n+7)/8 {
			return errLength
		}
	}
	switch {
	case c.Type == Text && dictionary:
		return c.codes(d, n)
	case c.Type == Text:
		return offsetTexts(&c.Text, d, n)
	case c.Type == Integer:
		return slice(&c.Int, d.Buffers()[1], n)
	case c.Type == Number:
		return slice(&c.Num, d.Buffers()[1], n)
	}
	if c.Bool = bytesOf(d.Buffers()[1]); len(c.Bool) < (n+7)/8 {
		return errLength
	}
	return nil
}

func (c *Column) codes(d arrow.ArrayData, n int) error {
	dict := d.Dictionary()
	if err := texts(&c.Dict, dict, dict.Len()); err != nil {
		return err
	}
	if err := slice(&c.Code, d.Buffers()[1], n); err != nil {
		return err
	}
	for i, code := range c.Code {
		if int(code) >= dict.Len() && c.Has(i) {
			return errCode
		}
	}
	if c.Code == nil {
		c.Code = []uint16{}
	}
	return nil
}

func texts(dst *Texts, d arrow.ArrayData, n int) error {
	if d.NullN() != 0 {
		return errNulls
	}
	return offsetTexts(dst, d, n)
}

func offsetTexts(dst *Texts, d arrow.ArrayData, n int) error {
	if d.Offset() != 0 {
		return errLength
	}
	dst.Data = bytesOf(d.Buffers()[2])
	return offsets(&dst.Offset, d, n, len(dst.Data))
}

// offsets reads n+1 offsets that run from 0 up to most.
func offsets(dst *[]int32, d arrow.ArrayData, n, most int) error {
	if n == 0 && len(bytesOf(d.Buffers()[1])) == 0 {
		*dst = []int32{0}
		return nil
	}
	if err := slice(dst, d.Buffers()[1], n+1); err != nil {
		return err
	}
	last := int32(0)
	for _, o := range *dst {
		if o < last {
			return errOffsets
		}
		last = o
	}
	if int(last) > most {
		return errOffsets
	}
	return nil
}

func values[T any](dst *[]T, d arrow.ArrayData, n int) error {
	if d.NullN() != 0 {
		return errNulls
	}
	if d.Offset() != 0 || d.Len() < n {
		return errLength
	}
	return slice(dst, d.Buffers()[1], n)
}

// slice views n values of a buffer without copying.
func slice[T any](dst *[]T, b *memory.Buffer, n int) error {
	data := bytesOf(b)
	var zero T
	size := int(unsafe.Sizeof(zero))
	if n < 0 || len(data)/size < n {
		return errLength
	}
	if n == 0 {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(data))
	if uintptr(p)%unsafe.Alignof(zero) != 0 {
		return errors.New("a column is not aligned")
	}
	*dst = unsafe.Slice((*T)(p), n)
	return nil
}

func bytesOf(b *memory.Buffer) []byte {
	if b == nil {
		return nil
	}
	return b.Bytes()
}
