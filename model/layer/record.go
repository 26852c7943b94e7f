package layer

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// A record is one prepared feature as bytes, on its way through the sort: the attributes, then the shape.

// entry is where a record is and what its place in the order depends on.
type entry struct {
	hilbert uint64
	row     uint64 // number of the row it came from: equal places keep their order, so equal inputs give equal files
	at      int64  // offset of the record
	size    uint32
	side    uint32 // greater side of the bounding box, for the choice of cells
	weight  uint32 // estimated bytes in a tile
}

const entrySize = 8 + 8 + 4 + 4 + 4 // as spilled; at follows from the sizes

// columns are the arrays of one batch of rows.
type columns struct {
	id       *array.String
	key      *array.Uint64
	geometry *array.Binary
	props    []arrow.Array
}

// appendAttributes appends key, id and properties of row i.
func appendAttributes(b []byte, c *columns, i int) []byte {
	b = binary.LittleEndian.AppendUint64(b, c.key.Value(i))
	b = appendText(b, c.id.Value(i))
	for _, col := range c.props {
		if col.IsNull(i) {
			b = append(b, 0)
			continue
		}
		b = append(b, 1)
		switch col := col.(type) {
		case *array.String:
			b = appendText(b, col.Value(i))
		case *array.Int64:
			b = binary.LittleEndian.AppendUint64(b, uint64(col.Value(i)))
		case *array.Float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(col.Value(i)))
		case *array.Boolean:
			b = append(b, flagByte(col.Value(i)))
		}
	}
	return b
}

func flagByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}

// appendShape appends the geometry of a prepared feature. Holes need no mark: their area is negative.
func appendShape(b []byte, s *shape) []byte {
	for _, v := range s.box {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(s.area)))
	b = binary.LittleEndian.AppendUint32(b, s.repair)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(s.rings.Ends)))
	for _, end := range s.rings.Ends {
		b = binary.LittleEndian.AppendUint32(b, uint32(end))
	}
	for i, p := range s.rings.Pts {
		b = binary.LittleEndian.AppendUint32(b, uint32(int32(p.X)))
		b = binary.LittleEndian.AppendUint32(b, uint32(int32(p.Y)))
		b = append(b, s.zooms[i])
	}
	return b
}

func entryOf(s *shape, row uint64, at int64, size, attributes int) entry {
	x, y := middle(s.box[0], s.box[2]), middle(s.box[1], s.box[3])
	side := max(int64(s.box[2])-int64(s.box[0]), int64(s.box[3])-int64(s.box[1]))
	return entry{
		hilbert: hilbert(x, y), row: row, at: at, size: uint32(size),
		side:   uint32(min(side, math.MaxUint32)),
		weight: uint32(attributes/2 + 3*len(s.rings.Pts) + 8),
	}
}

// recordReader walks through a record that this process wrote.
type recordReader struct{ b []byte }

func (r *recordReader) u8() byte {
	v := r.b[0]
	r.b = r.b[1:]
	return v
}

func (r *recordReader) u32() uint32 {
	v := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func (r *recordReader) u64() uint64 {
	v := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return v
}

func (r *recordReader) text() []byte {
	n := r.u32()
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}
