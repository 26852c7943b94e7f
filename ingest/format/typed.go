package format

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
)

// typedColumn builds the Arrow array of a column of a typed format.
type typedColumn interface {
	truncate(rows int)
	array() arrow.Array
}

func newTypedColumn(kind arrow.DataType, rows int) typedColumn {
	switch kind.ID() {
	case arrow.INT64:
		return &fixed[int64]{kind: kind}
	case arrow.FLOAT64:
		return &fixed[float64]{kind: kind}
	case arrow.BOOL:
		return &fixed[bool]{kind: kind}
	}
	text := newTextColumn(rows, 0)
	return &text
}

// typedRows is the batch under construction of a typed reader.
type typedRows struct {
	columns  []typedColumn
	line     []int64
	geometry []orb.Geometry
	bad      []Bad
	located  bool
	limit    int
}

func (r *typedRows) begin(kinds []arrow.DataType, located bool, limit int) {
	r.columns = make([]typedColumn, len(kinds))
	for i, k := range kinds {
		r.columns[i] = newTypedColumn(k, limit)
	}
	r.line, r.geometry, r.bad = make([]int64, 0, limit), nil, nil
	r.located, r.limit = located, limit
	if located {
		r.geometry = make([]orb.Geometry, 0, limit)
	}
}

func (r *typedRows) full() bool { return len(r.line)+len(r.bad) >= r.limit }

func (r *typedRows) commit(line int64, g orb.Geometry) {
	r.line = append(r.line, line)
	if r.located {
		r.geometry = append(r.geometry, g)
	}
}

func (r *typedRows) reject(bad Bad) {
	for _, c := range r.columns {
		c.truncate(len(r.line))
	}
	r.bad = append(r.bad, bad)
}

// batch is nil when there is nothing in it.
func (r *typedRows) batch() *Batch {
	if len(r.line) == 0 && len(r.bad) == 0 {
		return nil
	}
	b := &Batch{Line: r.line, Geometry: r.geometry, Bad: r.bad, Columns: make([]arrow.Array, len(r.columns))}
	for i, c := range r.columns {
		b.Columns[i] = c.array()
	}
	return b
}

// fixed builds an Arrow array of fixed-width values.
type fixed[T any] struct {
	kind   arrow.DataType
	values []T
	valid  []byte
	nulls  int
}

func (c *fixed[T]) put(v T, ok bool) {
	row := len(c.values)
	if row>>3 >= len(c.valid) {
		c.valid = append(c.valid, 0)
	}
	if ok {
		c.valid[row>>3] |= 1 << (row & 7)
	} else {
		c.nulls++
	}
	c.values = append(c.values, v)
}

func (c *fixed[T]) truncate(rows int) {
	for row := len(c.values) - 1; row >= rows; row-- {
		if c.valid[row>>3]&(1<<(row&7)) == 0 {
			c.nulls--
		}
		c.valid[row>>3] &^= 1 << (row & 7)
	}
	c.values = c.values[:min(rows, len(c.values))]
}

func (c *fixed[T]) data(bytes []byte) arrow.ArrayData {
	return array.NewData(c.kind, len(c.values), []*memory.Buffer{
		memory.NewBufferBytes(c.valid), memory.NewBufferBytes(bytes)}, nil, c.nulls, 0)
}

func (c *fixed[T]) array() arrow.Array {
	var raw []byte
	switch v := any(c.values).(type) {
	case []int64:
		raw = arrow.Int64Traits.CastToBytes(v)
	case []float64:
		raw = arrow.Float64Traits.CastToBytes(v)
	case []arrow.Date32:
		raw = arrow.Date32Traits.CastToBytes(v)
	case []bool:
		raw = make([]byte, len(c.valid))
		for row, set := range v {
			if set {
				raw[row>>3] |= 1 << (row & 7)
			}
		}
	}
	data := c.data(raw)
	defer data.Release()
	return array.MakeFromData(data)
}
