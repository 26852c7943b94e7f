package tile

import (
	"fmt"
	"math/bits"
	"sync"

	"github.com/paulmach/orb/maptile"

	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/layer/planar"
)

// Extent is the side of a tile in tile units.
const Extent = 4096

// DefaultBuffer is how far beyond its sides, in tile units, a tile holds geometry: 8 pixels of a 512 pixel tile.
const DefaultBuffer = 64

// Options change how a tile is encoded. The zero value is what the server uses.
type Options struct {
	// Buffer in tile units; 0 means DefaultBuffer, less than 0 none.
	Buffer int
}

// Stats says what is in a tile, and what was generalised.
type Stats struct {
	Features   int `json:"features"`   // features written
	Aggregated int `json:"aggregated"` // features of the layers that went into an aggregated one
	Aggregates int `json:"aggregates"` // aggregated features written
	Collapsed  int `json:"collapsed"`  // lines and zones too small to be drawn, left out
	Repaired   int `json:"repaired"`   // polygons cut apart because snapping or clipping made them touch themselves
}

// encoder holds the scratch space of one tile.
type encoder struct {
	stats Stats
	z     int
	shift uint  // grid units in a tile unit, as a power of two
	half  int64 // half a tile unit
	ox    int64 // north-west corner of the tile on the grid
	oy    int64
	wide  int // buffer in tile units
	clip  planar.Box
	box   layer.Box // of tile and buffer on the grid, for the world copy being encoded

	file      *layer.File
	spec      *layer.Spec
	cell      int64 // side of an aggregation cell in tile units, a power of two, or 0
	cellShift uint  // grid units in a cell, as a power of two
	found     []int32
	tags      tags
	cells     cell

	out     []byte // features of the layer
	count   int    // of them
	geom    geometry
	rings   planar.Rings
	clipped planar.Rings
	holes   []bool
	work    planar.Work
}

var encoders = sync.Pool{New: func() any { return &encoder{} }}

// Encode appends the tile to dst. Layers keep their order; one that is not drawn at this zoom is absent.
func Encode(dst []byte, layers []*layer.File, t maptile.Tile, opt Options) ([]byte, Stats, error) {
	if t.Z > layer.ZoomLimit || t.X >= 1<<t.Z || t.Y >= 1<<t.Z {
		return dst, Stats{}, &model.Error{
			Kind: model.Invalid, Op: "tile", Subject: fmt.Sprintf("%d/%d/%d", t.Z, t.X, t.Y),
			Hint: fmt.Sprintf("zoom is at most %d, x and y are less than 2 to the power of zoom", layer.ZoomLimit),
		}
	}
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.begin(t, opt)
	for _, f := range layers {
		dst = e.layer(dst, f, t)
	}
	e.file, e.spec, e.cells.batch = nil, nil, nil
	return dst, e.stats, nil
}

func (e *encoder) begin(t maptile.Tile, opt Options) {
	e.stats = Stats{}
	e.z = int(t.Z)
	e.shift = uint(layer.ZoomLimit - e.z)
	e.half = int64(1) << e.shift >> 1
	e.wide = opt.Buffer
	if e.wide == 0 {
		e.wide = DefaultBuffer
	}
	e.wide = max(e.wide, 0)
	b := int64(e.wide)
	e.clip = planar.Box{MinX: -b, MinY: -b, MaxX: Extent + b, MaxY: Extent + b}
}

func (e *encoder) layer(dst []byte, f *layer.File, t maptile.Tile) []byte {
	e.spec = f.Spec()
	if e.z < e.spec.MinZoom || e.z > e.spec.MaxZoom {
		return dst
	}
	e.file, e.cell = f, int64(f.Cell(e.z))
	e.cellShift = e.shift + uint(max(bits.Len(uint(e.cell))-1, 0))
	e.out, e.count = e.out[:0], 0
	e.tags.begin(f)
	const world = int64(1) << 32
	tileBox := layer.TileBox(uint32(t.Z), t.X, t.Y, e.wide)
	e.oy = layer.TileBox(uint32(t.Z), t.X, t.Y, 0).MinY
	west := layer.TileBox(uint32(t.Z), t.X, t.Y, 0).MinX
	for _, copy := range [3]int64{0, -world, world} { // the buffer shows what lies across the 180° meridian
		e.box, e.ox = tileBox, west-copy
		e.box.MinX -= copy
		e.box.MaxX -= copy
		if copy != 0 && (e.box.MaxX < -world/2 || e.box.MinX >= world/2) {
			continue
		}
		e.features()
	}
	if e.count == 0 {
		return dst
	}
	e.stats.Features += e.count
	return e.appendLayer(dst)
}

// features encodes all features of the layer that meet the box.
func (e *encoder) features() {
	e.found = e.file.Search(e.found[:0], e.box)
	batches := e.file.Batches()
	k := 0
	for _, i := range e.found {
		for int(i) >= batches[k].First+batches[k].Rows {
			k++
		}
		b, row := &batches[k], int(i)-batches[k].First
		if e.cell > 0 && e.aggregate(b, row) {
			continue
		}
		e.feature(b, row)
	}
	e.flush()
}

// feature encodes one feature by itself.
func (e *encoder) feature(b *layer.Batch, row int) {
	e.geom.begin()
	kind := kindPoint
	switch e.spec.Geometry {
	case layer.Points:
		e.points(b, row)
	case layer.Lines:
		kind = kindLine
		e.lines(b, row)
	default:
		kind = kindPolygon
		e.polygon(b, row)
	}
	if len(e.geom.bytes) == 0 {
		return
	}
	e.tags.of(b, row)
	e.emit(kind, b.Key[row], true)
}

// snap is the position in tile units of a position on the grid.
func (e *encoder) snap(x, y int32) planar.Point {
	return planar.Point{X: (int64(x) - e.ox + e.half) >> e.shift, Y: (int64(y) - e.oy + e.half) >> e.shift}
}

// inside says whether a feature lies within the box, so that nothing needs clipping.
func (e *encoder) inside(b *layer.Batch, row int) bool {
	return int64(b.MinX[row]) >= e.box.MinX && int64(b.MaxX[row]) <= e.box.MaxX &&
		int64(b.MinY[row]) >= e.box.MinY && int64(b.MaxY[row]) <= e.box.MaxY
}
