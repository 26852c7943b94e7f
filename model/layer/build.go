package layer

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

const (
	batchRows  = 1 << 16
	batchBytes = 24 << 20 // of vertices and texts, after which a batch is written early
)

// builder fills the arrays of one batch of the file from records.
type builder struct {
	head  *head
	codes []map[string]uint16 // per property: the code of each text, when dictionary-encoded
	dicts []arrow.Array

	rows   int
	bytes  int
	id     textColumn
	key    []uint64
	box    [4][]int32
	area   []float32
	repair []uint32
	parts  []int32 // offsets: feature → parts
	verts  []int32 // offsets: part → vertices
	x, y   []int32
	zoom   []uint8
	blocks blockColumn
	props  []propColumn
}

type textColumn struct {
	offsets []int32
	data    []byte
}

func (c *textColumn) add(text []byte) {
	c.data = append(c.data, text...)
	c.offsets = append(c.offsets, int32(len(c.data)))
}

func (c *textColumn) reset() { c.offsets, c.data = append(c.offsets[:0], 0), c.data[:0] }

// propColumn is the column of one property; which of the slices is used depends on its type.
type propColumn struct {
	kind  string
	valid []byte // bitmap
	nulls int
	text  textColumn
	codes []uint16
	words []uint64 // integers and numbers
	flags []byte   // bitmap of booleans
}

func newBuilder(h *head, codes []map[string]uint16, dicts []arrow.Array) *builder {
	b := &builder{head: h, codes: codes, dicts: dicts, props: make([]propColumn, len(h.Properties))}
	for i, p := range h.Properties {
		b.props[i].kind = p.Type
	}
	b.reset()
	return b
}

func (b *builder) reset() {
	b.rows, b.bytes = 0, 0
	b.id.reset()
	b.key, b.area, b.repair = b.key[:0], b.area[:0], b.repair[:0]
	for i := range b.box {
		b.box[i] = b.box[i][:0]
	}
	b.parts, b.verts = append(b.parts[:0], 0), append(b.verts[:0], 0)
	b.x, b.y, b.zoom = b.x[:0], b.y[:0], b.zoom[:0]
	b.blocks.reset()
	for i := range b.props {
		p := &b.props[i]
		p.text.reset()
		p.valid, p.codes, p.words, p.flags, p.nulls = p.valid[:0], p.codes[:0], p.words[:0], p.flags[:0], 0
	}
}

func (b *builder) full() bool { return b.rows >= batchRows || b.bytes >= batchBytes }

// add appends one record.
func (b *builder) add(record []byte) error {
	r := recordReader{record}
	b.key = append(b.key, r.u64())
	b.id.add(r.text())
	for i := range b.props {
		b.addProperty(i, &r)
	}
	for i := range b.box {
		b.box[i] = append(b.box[i], int32(r.u32()))
	}
	b.area = append(b.area, math.Float32frombits(r.u32()))
	b.repair = append(b.repair, r.u32())
	rings := int(r.u32())
	base, last := int32(len(b.x)), uint32(0)
	for range rings {
		last = r.u32()
		b.verts = append(b.verts, base+int32(last))
	}
	for range last {
		b.x = append(b.x, int32(r.u32()))
		b.y = append(b.y, int32(r.u32()))
		b.zoom = append(b.zoom, r.u8())
	}
	b.parts = append(b.parts, int32(len(b.verts)-1))
	b.addBlocks(len(b.verts) - 1 - rings)
	b.rows++
	b.bytes += len(record)
	if len(b.x) > math.MaxInt32/2 || len(b.id.data) > math.MaxInt32/2 {
		return errors.New("a batch has more vertices than its offsets can count")
	}
	return nil
}

func (b *builder) addProperty(i int, r *recordReader) {
	p := &b.props[i]
	present := r.u8() == 1
	if b.rows%8 == 0 {
		p.valid, p.flags = append(p.valid, 0), append(p.flags, 0)
	}
	if present {
		p.valid[b.rows/8] |= 1 << (b.rows % 8)
	} else {
		p.nulls++
	}
	switch {
	case p.kind == Text && b.head.Dictionary[i]:
		code := uint16(0)
		if present {
			code = b.codes[i][string(r.text())]
		}
		p.codes = append(p.codes, code)
	case p.kind == Text:
		if present {
			p.text.add(r.text())
		} else {
			p.text.add(nil)
		}
	case p.kind == Boolean:
		if present && r.u8() == 1 {
			p.flags[b.rows/8] |= 1 << (b.rows % 8)
		}
	default:
		word := uint64(0)
		if present {
			word = r.u64()
		}
		p.words = append(p.words, word)
	}
}

// batch is the record batch of what was added; it aliases the builder's memory and is valid until reset.
func (b *builder) batch(schema *arrow.Schema) arrow.RecordBatch {
	n := b.rows
	text := func(c *textColumn) arrow.ArrayData { return textData(c, n, nil, 0) }
	columns := []arrow.ArrayData{
		text(&b.id),
		column(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.key)),
	}
	for i := range b.box {
		columns = append(columns, column(arrow.PrimitiveTypes.Int32, n, arrow.Int32Traits.CastToBytes(b.box[i])))
	}
	if b.head.Geometry == Polygons {
		columns = append(columns,
			column(arrow.PrimitiveTypes.Float32, n, arrow.Float32Traits.CastToBytes(b.area)),
			column(arrow.PrimitiveTypes.Uint32, n, arrow.Uint32Traits.CastToBytes(b.repair)))
	}
	columns = append(columns, b.geometry())
	if b.head.Geometry != Points {
		columns = append(columns, b.blocks.data(b.rows))
	}
	if len(b.props) > 0 {
		columns = append(columns, b.properties())
	}
	arrays := make([]arrow.Array, len(columns))
	for i, d := range columns {
		arrays[i] = array.MakeFromData(d)
	}
	return array.NewRecordBatch(schema, arrays, int64(n))
}

func (b *builder) geometry() arrow.ArrayData {
	vertices := array.NewData(vertexType, len(b.x), []*memory.Buffer{nil}, []arrow.ArrayData{
		column(arrow.PrimitiveTypes.Int32, len(b.x), arrow.Int32Traits.CastToBytes(b.x)),
		column(arrow.PrimitiveTypes.Int32, len(b.x), arrow.Int32Traits.CastToBytes(b.y)),
		column(arrow.PrimitiveTypes.Uint8, len(b.x), b.zoom),
	}, 0, 0)
	parts := array.NewData(partType, len(b.verts)-1, buffers(nil, arrow.Int32Traits.CastToBytes(b.verts)), []arrow.ArrayData{vertices}, 0, 0)
	return array.NewData(geometryType, b.rows, buffers(nil, arrow.Int32Traits.CastToBytes(b.parts)), []arrow.ArrayData{parts}, 0, 0)
}

func (b *builder) properties() arrow.ArrayData {
	fields := make([]arrow.ArrayData, len(b.props))
	for i := range b.props {
		p := &b.props[i]
		valid := p.valid[:bitutil.BytesForBits(int64(b.rows))]
		switch {
		case p.kind == Text && b.head.Dictionary[i]:
			fields[i] = array.NewDataWithDictionary(codeType, b.rows, buffers(valid, arrow.Uint16Traits.CastToBytes(p.codes)),
				p.nulls, 0, b.dicts[i].Data().(*array.Data))
		case p.kind == Text:
			fields[i] = textData(&p.text, b.rows, valid, p.nulls)
		case p.kind == Boolean:
			fields[i] = array.NewData(arrow.FixedWidthTypes.Boolean, b.rows, buffers(valid, p.flags[:len(valid)]), nil, p.nulls, 0)
		default:
			fields[i] = array.NewData(arrowType(p.kind), b.rows, buffers(valid, arrow.Uint64Traits.CastToBytes(p.words)), nil, p.nulls, 0)
		}
	}
	return array.NewData(b.head.propertiesType(), b.rows, []*memory.Buffer{nil}, fields, 0, 0)
}

func column(t arrow.DataType, n int, data []byte) arrow.ArrayData {
	return array.NewData(t, n, buffers(nil, data), nil, 0, 0)
}

func textData(c *textColumn, n int, valid []byte, nulls int) arrow.ArrayData {
	b := buffers(valid, arrow.Int32Traits.CastToBytes(c.offsets))
	return array.NewData(arrow.BinaryTypes.String, n, append(b, memory.NewBufferBytes(c.data)), nil, nulls, 0)
}

func buffers(valid, data []byte) []*memory.Buffer {
	b := []*memory.Buffer{nil, memory.NewBufferBytes(data)}
	if valid != nil {
		b[0] = memory.NewBufferBytes(valid)
	}
	return b
}
