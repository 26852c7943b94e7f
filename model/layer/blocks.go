package layer

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Long parts have blocks: for every BlockSize of their vertices, the lowest zoom at which one is drawn and where they lie.
// A low zoom need not look at the vertices it does not draw, nor a tile at those far from it.
const (
	BlockSize = 64
	LongPart  = 128 // vertices from which a part has blocks
)

// Blocks are those of the features of a batch, part after part: of row i, those from Of[i] up to Of[i+1].
type Blocks struct {
	Of         []int32
	Zoom       []uint8 // lowest zoom at which one of the vertices is drawn
	Hole       []uint8 // 1 in the blocks of a hole
	MinX, MinY []int32
	MaxX, MaxY []int32
}

// BlocksOf is the number of blocks of a part with n vertices.
func BlocksOf(n int) int {
	if n < LongPart {
		return 0
	}
	return (n + BlockSize - 1) / BlockSize
}

var errBlocks = errors.New("the blocks do not fit the parts")

func (b *Batch) readBlocks(f *feed, n int) error {
	total, err := list(&b.Blocks.Of, f, n)
	if err != nil {
		return err
	}
	if err := full(f, total); err != nil {
		return err
	}
	k := &b.Blocks
	err = errors.Join(fixed(&k.Zoom, f, total), fixed(&k.Hole, f, total), fixed(&k.MinX, f, total), fixed(&k.MinY, f, total),
		fixed(&k.MaxX, f, total), fixed(&k.MaxY, f, total))
	if err != nil {
		return err
	}
	for i := range n {
		want := 0
		for p := b.Part[i]; p < b.Part[i+1]; p++ {
			want += BlocksOf(int(b.Vertex[p+1] - b.Vertex[p]))
		}
		if int(k.Of[i+1]-k.Of[i]) != want {
			return errBlocks
		}
	}
	return nil
}

// blockColumn collects the blocks of one batch.
type blockColumn struct {
	of         []int32
	zoom, hole []uint8
	box        [4][]int32
}

func (c *blockColumn) reset() {
	c.of, c.zoom, c.hole = append(c.of[:0], 0), c.zoom[:0], c.hole[:0]
	for i := range c.box {
		c.box[i] = c.box[i][:0]
	}
}

// addBlocks appends the blocks of the feature whose first part is first.
func (b *builder) addBlocks(first int) {
	c := &b.blocks
	for p := first; p < len(b.verts)-1; p++ {
		from, to := int(b.verts[p]), int(b.verts[p+1])
		if to-from < LongPart {
			continue
		}
		hole := uint8(0)
		if b.head.Geometry == Polygons && windsBack(b.x[from:to], b.y[from:to]) {
			hole = 1
		}
		for ; from < to; from += BlockSize {
			c.add(b.x[from:min(from+BlockSize, to)], b.y[from:min(from+BlockSize, to)], b.zoom[from:min(from+BlockSize, to)], hole)
		}
	}
	c.of = append(c.of, int32(len(c.zoom)))
}

func (c *blockColumn) add(xs, ys []int32, zooms []uint8, hole uint8) {
	least, box := uint8(math.MaxUint8), [4]int32{xs[0], ys[0], xs[0], ys[0]}
	for i, x := range xs {
		least = min(least, zooms[i])
		box = [4]int32{min(box[0], x), min(box[1], ys[i]), max(box[2], x), max(box[3], ys[i])}
	}
	c.zoom, c.hole = append(c.zoom, least), append(c.hole, hole)
	for i := range c.box {
		c.box[i] = append(c.box[i], box[i])
	}
}

func windsBack(xs, ys []int32) bool {
	var sum float64
	for i := 1; i+1 < len(xs); i++ {
		ax, ay := float64(xs[i])-float64(xs[0]), float64(ys[i])-float64(ys[0])
		bx, by := float64(xs[i+1])-float64(xs[0]), float64(ys[i+1])-float64(ys[0])
		sum += float64(ax*by) - float64(bx*ay)
	}
	return sum < 0
}

func (c *blockColumn) data(rows int) arrow.ArrayData {
	n := len(c.zoom)
	fields := []arrow.ArrayData{column(arrow.PrimitiveTypes.Uint8, n, c.zoom), column(arrow.PrimitiveTypes.Uint8, n, c.hole)}
	for i := range c.box {
		fields = append(fields, column(arrow.PrimitiveTypes.Int32, n, arrow.Int32Traits.CastToBytes(c.box[i])))
	}
	blocks := array.NewData(blockType, n, []*memory.Buffer{nil}, fields, 0, 0)
	return array.NewData(blocksType, rows, buffers(nil, arrow.Int32Traits.CastToBytes(c.of)), []arrow.ArrayData{blocks}, 0, 0)
}
