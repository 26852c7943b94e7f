package format

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
)

// A batch is handed over early when its texts or its geometries reach these sizes.
const (
	maxBatchText   = 64 << 20 // bytes
	maxBatchPoints = 2 << 20  // points of 16 bytes
	maxBatchCells  = 4 << 20  // rows times columns
)

// firstRows is the capacity of the first batch; later ones expect as many rows as the one before.
const firstRows = 64

// rows is the batch under construction of a text reader.
type rows struct {
	columns  []textColumn
	line     []int64
	geometry []orb.Geometry
	bad      []Bad
	located  bool       // the batch has geometry
	within   *orb.Bound // rows that do not meet it are left out
	limit    int
	bytes    int
	points   int
}

func (r *rows) begin(columns int, located bool, limit int) {
	limit = min(limit, max(1, maxBatchCells/max(1, columns)))
	last, expected := r.columns, max(len(r.line), firstRows)
	r.columns = make([]textColumn, columns)
	for i := range r.columns {
		size := 0
		if i < len(last) {
			size = last[i].last
		}
		r.columns[i] = newTextColumn(expected, size)
	}
	r.line, r.geometry, r.bad = make([]int64, 0, expected), nil, nil
	r.located, r.limit, r.bytes, r.points = located, limit, 0, 0
	if located {
		r.geometry = make([]orb.Geometry, 0, expected)
	}
}

func (r *rows) full() bool {
	return len(r.line)+len(r.bad) >= r.limit || r.bytes >= maxBatchText || r.points >= maxBatchPoints
}

// commit keeps the row whose cells were appended to the columns.
func (r *rows) commit(line int64, g orb.Geometry) {
	if r.located && outsideBox(r.within, g) {
		for i := range r.columns {
			r.columns[i].truncate(len(r.line))
		}
		return
	}
	r.line = append(r.line, line)
	if r.located {
		r.geometry = append(r.geometry, g)
	}
}

// reject forgets the cells of the row under construction.
func (r *rows) reject(bad Bad) {
	for i := range r.columns {
		r.columns[i].truncate(len(r.line))
	}
	r.bad = append(r.bad, bad)
}

func (r *rows) batch() *Batch {
	if len(r.line) == 0 && len(r.bad) == 0 {
		return nil
	}
	b := &Batch{Line: r.line, Geometry: r.geometry, Bad: r.bad, Columns: make([]arrow.Array, len(r.columns))}
	for i := range r.columns {
		b.Columns[i] = r.columns[i].array()
	}
	return b
}

// textColumn builds an Arrow string array. An empty text is null.
type textColumn struct {
	offsets []int32 // of the end of each row, after a first 0
	data    []byte
	valid   []byte // bitmap
	nulls   int
	last    int // bytes of the array made last
}

func newTextColumn(rows, size int) textColumn {
	c := textColumn{offsets: make([]int32, 1, rows+1), valid: make([]byte, (rows+7)/8), last: size}
	if size > 0 {
		c.data = make([]byte, 0, size+size/8)
	}
	return c
}

// end closes the row whose bytes were appended to data.
func (c *textColumn) end() {
	row := len(c.offsets) - 1
	if row>>3 >= len(c.valid) {
		c.valid = append(c.valid, 0)
	}
	if len(c.data) == int(c.offsets[row]) {
		c.nulls++
	} else {
		c.valid[row>>3] |= 1 << (row & 7)
	}
	c.offsets = append(c.offsets, int32(len(c.data)))
}

// truncate keeps the first rows.
func (c *textColumn) truncate(rows int) {
	for row := len(c.offsets) - 2; row >= rows; row-- {
		if c.valid[row>>3]&(1<<(row&7)) == 0 {
			c.nulls--
		}
		c.valid[row>>3] &^= 1 << (row & 7)
		c.offsets = c.offsets[:row+1]
	}
	c.data = c.data[:c.offsets[len(c.offsets)-1]]
}

func (c *textColumn) array() arrow.Array {
	n := len(c.offsets) - 1
	c.last = len(c.data)
	data := array.NewData(arrow.BinaryTypes.String, n, []*memory.Buffer{
		memory.NewBufferBytes(c.valid[:(n+7)/8]),
		memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.offsets)),
		memory.NewBufferBytes(c.data),
	}, nil, c.nulls, 0)
	defer data.Release()
	return array.NewStringData(data)
}
