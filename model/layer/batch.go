package layer

import (
	"errors"
	"fmt"
	"unsafe"
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
	Blocks      Blocks  // of the long parts; none in layers of points
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
	Code  []uint16 // text, dictionary-encoded: index into Dict; else nil
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

// TextAt is the text of row i, whichever way it is stored; of a text column only.
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
func (h *head) batch(f *feed, dicts []Texts, first int) (Batch, error) {
	n := int(f.rows)
	b := Batch{First: first, Rows: n}
	if err := texts(&b.IDs, f, n); err != nil {
		return b, err
	}
	if err := fixed(&b.Key, f, n); err != nil {
		return b, err
	}
	for _, dst := range []*[]int32{&b.MinX, &b.MinY, &b.MaxX, &b.MaxY} {
		if err := fixed(dst, f, n); err != nil {
			return b, err
		}
	}
	if h.Geometry == Polygons {
		if err := errors.Join(fixed(&b.Area, f, n), fixed(&b.Repair, f, n)); err != nil {
			return b, err
		}
	}
	if err := b.geometry(f, n); err != nil {
		return b, err
	}
	if h.Geometry != Points {
		if err := b.readBlocks(f, n); err != nil {
			return b, err
		}
	}
	if len(h.Properties) > 0 {
		if err := b.properties(h, f, dicts, n); err != nil {
			return b, err
		}
	}
	if len(f.nodes) != 0 || len(f.buffers) != 0 {
		return b, errDamaged
	}
	return b, nil
}

func (b *Batch) geometry(f *feed, n int) error {
	parts, err := list(&b.Part, f, n)
	if err != nil {
		return err
	}
	vertices, err := list(&b.Vertex, f, parts)
	if err != nil {
		return err
	}
	if err := full(f, vertices); err != nil {
		return err
	}
	return errors.Join(fixed(&b.X, f, vertices), fixed(&b.Y, f, vertices), fixed(&b.Zoom, f, vertices))
}

func (b *Batch) properties(h *head, f *feed, dicts []Texts, n int) error {
	if err := full(f, n); err != nil {
		return err
	}
	b.Props = make([]Column, len(h.Properties))
	for i, p := range h.Properties {
		c := &b.Props[i]
		c.Type = p.Type
		if h.Dictionary[i] {
			c.Code, c.Dict, dicts = []uint16{}, dicts[0], dicts[1:]
		}
		if err := c.read(f, n); err != nil {
			return fmt.Errorf("property %s: %w", p.Name, err)
		}
	}
	return nil
}

func (c *Column) read(f *feed, n int) error {
	valid, err := element(f, n)
	if err != nil {
		return err
	}
	c.Valid = valid
	if c.Type == Text && c.Code == nil {
		return textBuffers(&c.Text, f, n)
	}
	data, err := f.buffer()
	if err != nil {
		return err
	}
	switch {
	case c.Type == Integer:
		return view(&c.Int, data, n)
	case c.Type == Number:
		return view(&c.Num, data, n)
	case c.Type == Boolean:
		if c.Bool = data; len(data) < (n+7)/8 {
			return errLength
		}
		return nil
	}
	if err := view(&c.Code, data, n); err != nil {
		return err
	}
	for i, code := range c.Code {
		if int(code) >= c.Dict.Len() && c.Has(i) {
			return errCode
		}
	}
	return nil
}

// element reads the node and the validity of an array of n elements; nil when none is null.
func element(f *feed, n int) ([]byte, error) {
	length, nulls, err := f.node()
	if err != nil {
		return nil, err
	}
	valid, err := f.buffer()
	if err != nil {
		return nil, err
	}
	if length != n || nulls && len(valid) < (n+7)/8 {
		return nil, errLength
	}
	if !nulls {
		return nil, nil
	}
	return valid, nil
}

// full reads the node and the validity of an array that may have no nulls.
func full(f *feed, n int) error {
	valid, err := element(f, n)
	if err == nil && valid != nil {
		err = errNulls
	}
	return err
}

// fixed reads an array of n numbers.
func fixed[T any](dst *[]T, f *feed, n int) error {
	if err := full(f, n); err != nil {
		return err
	}
	data, err := f.buffer()
	if err != nil {
		return err
	}
	return view(dst, data, n)
}

// list reads the offsets of n lists; their elements follow in the feed. It returns the number of elements.
func list(dst *[]int32, f *feed, n int) (int, error) {
	if err := full(f, n); err != nil {
		return 0, err
	}
	data, err := f.buffer()
	if err != nil {
		return 0, err
	}
	if err := offsets(dst, data, n); err != nil {
		return 0, err
	}
	return int((*dst)[n]), nil
}

// texts reads an array of n strings without nulls.
func texts(dst *Texts, f *feed, n int) error {
	if err := full(f, n); err != nil {
		return err
	}
	return textBuffers(dst, f, n)
}

func textBuffers(dst *Texts, f *feed, n int) error {
	data, err := f.buffer()
	if err != nil {
		return err
	}
	if err := offsets(&dst.Offset, data, n); err != nil {
		return err
	}
	if dst.Data, err = f.buffer(); err != nil {
		return err
	}
	if int(dst.Offset[n]) > len(dst.Data) {
		return errOffsets
	}
	return nil
}

// offsets reads n+1 offsets that start at 0 and do not descend.
func offsets(dst *[]int32, data []byte, n int) error {
	if n == 0 && len(data) == 0 {
		*dst = []int32{0}
		return nil
	}
	if err := view(dst, data, n+1); err != nil {
		return err
	}
	last := int32(0)
	for i, o := range *dst {
		if o < last || i == 0 && o != 0 {
			return errOffsets
		}
		last = o
	}
	return nil
}

// view is n values of a buffer, without copying.
func view[T any](dst *[]T, data []byte, n int) error {
	var zero T
	if n < 0 || len(data)/int(unsafe.Sizeof(zero)) < n {
		return errLength
	}
	if n == 0 {
		*dst = []T{}
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(data))
	if uintptr(p)%unsafe.Alignof(zero) != 0 {
		return errors.New("a column is not aligned")
	}
	*dst = unsafe.Slice((*T)(p), n)
	return nil
}
