package tile

import (
	"fmt"
	"math/bits"
	"sync"

	"github.com/paulmach/orb/maptile"

	"jumeau/model"
	"jumeau/model/frame"
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
	// Budget is what the tile may weigh compressed by Gzip, in bytes; 0 means DefaultBudget, less than 0 no limit.
	Budget int
	// Layers says more of the layers in their order; it may be shorter than they are many.
	Layers []LayerOptions
	// Gzip, when set, receives what Gzip makes of the tile if it had to be made to hold the budget, else nothing.
	Gzip *[]byte
}

// LayerOptions say what of a layer is in the tile.
type LayerOptions struct {
	// Filter chooses features; nil all of them. What is aggregated counts those that were chosen.
	Filter Filter
	// Figures, when set, are added to the features: those of the zone whose index is the feature's key minus one.
	Figures *Figures
}

// Filter chooses the features of a layer.
type Filter interface {
	Match(b *layer.Batch, row int) bool
}

// Figures of one slot, by zone, as properties of the features: value, lower and upper bound, flag. What is withheld or
// unknown has its flag and no number.
type Figures struct {
	frame.Figures
	// Names of the properties value, lo, hi, flag.
	Names [4]string
}

// Stats says what is in a tile, and what was generalised.
type Stats struct {
	Features   int `json:"features"`   // features written
	Aggregated int `json:"aggregated"` // features of the layers that went into an aggregated one
	Aggregates int `json:"aggregates"` // aggregated features written
	Collapsed  int `json:"collapsed"`  // lines and zones too small to be drawn, left out
	Repaired   int `json:"repaired"`   // polygons cut apart because snapping or clipping made them touch themselves
	Compressed int `json:"compressed"` // bytes after Gzip, when they had to be known to hold the budget
	// Layers that had to be drawn more coarsely than their zoom wants, to hold the budget.
	Coarse []Coarse `json:"coarse,omitempty"`
}

func (s *Stats) add(t Stats) {
	s.Features += t.Features
	s.Aggregated += t.Aggregated
	s.Aggregates += t.Aggregates
	s.Collapsed += t.Collapsed
	s.Repaired += t.Repaired
}

// encoder holds the scratch space of one tile.
type encoder struct {
	stats Stats
	at    maptile.Tile
	z     int
	step  step
	drawn int   // vertices of this zoom and below are drawn
	shift uint  // grid units in a unit of the geometry, as a power of two
	fine  uint  // grid units in a tile unit, as a power of two
	half  int64 // half a unit of the geometry, on the grid
	ox    int64 // north-west corner of the tile on the grid
	oy    int64
	wide  int        // buffer in tile units
	clip  planar.Box // tile and buffer, in units of the geometry
	edge  planar.Box // the same in tile units
	box   layer.Box  // the same on the grid, for the world copy being encoded

	file      *layer.File
	spec      *layer.Spec
	filter    Filter
	cell      int64 // side of an aggregation cell in tile units, a power of two, or 0
	cellShift uint  // grid units in a cell, as a power of two
	found     []int32
	tags      tags
	cells     cell
	net       network

	out     []byte // features of the layer
	count   int    // of them
	geom    geometry
	rings   planar.Rings
	cut     bool // vertices far outside the tile were left out of rings
	clipped planar.Rings
	holes   []bool // of rings, then of clipped
	work    planar.Work
}

var encoders = sync.Pool{New: func() any { return &encoder{} }}

// Encode appends the tile to dst. Layers keep their order; one that is not drawn at this zoom is absent. A tile that would
// weigh more than the budget is drawn more coarsely, which Stats says.
func Encode(dst []byte, layers []*layer.File, t maptile.Tile, opt Options) ([]byte, Stats, error) {
	if t.Z > layer.ZoomLimit || t.X >= 1<<t.Z || t.Y >= 1<<t.Z {
		return dst, Stats{}, &model.Error{
			Kind: model.Invalid, Op: "tile", Subject: fmt.Sprintf("%d/%d/%d", t.Z, t.X, t.Y),
			Hint: fmt.Sprintf("zoom is at most %d, x and y are less than 2 to the power of zoom", layer.ZoomLimit),
		}
	}
	e := encoders.Get().(*encoder)
	defer encoders.Put(e)
	e.stats, e.at, e.z = Stats{}, t, int(t.Z)
	start := len(dst)
	for i, f := range layers {
		dst = e.layer(dst, f, opt, i, step{})
	}
	dst, err := e.hold(dst, start, layers, opt)
	e.forget()
	return dst, e.stats, err
}

// forget lets go of the layers, which may be closed before the encoder is used again.
func (e *encoder) forget() {
	e.file, e.spec, e.filter, e.cells.batch = nil, nil, nil, nil
	e.tags.forget()
	e.net.forget()
}

// begin prepares for the units of a step.
func (e *encoder) begin(opt Options, s step) {
	e.step = s
	e.drawn = max(e.z-int(s.coarse), 0)
	e.fine = uint(layer.ZoomLimit - e.z)
	e.shift = e.fine + s.coarse
	e.half = int64(1) << e.shift >> 1
	e.wide = opt.Buffer
	if e.wide == 0 {
		e.wide = DefaultBuffer
	}
	e.wide = max(e.wide, 0) >> s.coarse << s.coarse
	b := int64(e.wide)
	e.edge = planar.Box{MinX: -b, MinY: -b, MaxX: Extent + b, MaxY: Extent + b}
	e.clip = planar.Box{MinX: -b >> s.coarse, MinY: -b >> s.coarse, MaxX: (Extent + b) >> s.coarse, MaxY: (Extent + b) >> s.coarse}
}

// layer appends layer f, the i-th of the tile.
func (e *encoder) layer(dst []byte, f *layer.File, opt Options, i int, s step) []byte {
	e.spec = f.Spec()
	if e.z < e.spec.MinZoom || e.z > e.spec.MaxZoom {
		return dst
	}
	var with LayerOptions
	if i < len(opt.Layers) {
		with = opt.Layers[i]
	}
	e.begin(opt, s)
	e.file, e.filter = f, with.Filter
	e.setCell(with.Figures != nil)
	e.out, e.count = e.out[:0], 0
	e.tags.begin(f, with.Figures, s.bare)
	const world = int64(1) << 32
	tileBox := layer.TileBox(uint32(e.at.Z), e.at.X, e.at.Y, e.wide)
	corner := layer.TileBox(uint32(e.at.Z), e.at.X, e.at.Y, 0)
	e.oy = corner.MinY
	for _, copy := range [3]int64{0, -world, world} { // the buffer shows what lies across the 180° meridian
		e.box, e.ox = tileBox, corner.MinX-copy
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

// setCell chooses the cells in which features are aggregated: those of the file, wider when the units are.
func (e *encoder) setCell(figures bool) {
	e.cell = int64(e.file.Cell(e.z))
	switch {
	case e.step.wider == 0 && figures:
		e.cell = 0 // figures are of one zone each
	case e.step.wider > 0 && aggregates(e.spec):
		e.cell = min(max(e.cell, leastCell/2)<<e.step.wider, Extent)
	}
	e.cellShift = e.fine + uint(max(bits.Len(uint(e.cell))-1, 0))
}

// leastCell is the side, in tile units, of the cells of a layer that has none at this zoom and needs them for the budget.
const leastCell = 8

// aggregates says whether features of the layer may become one.
func aggregates(s *layer.Spec) bool { return s.Geometry != layer.Lines && !s.SharedBorders }

// features encodes all features of the layer that meet the box.
func (e *encoder) features() {
	e.found = e.file.Search(e.found[:0], e.box)
	batches := e.file.Batches()
	joins := e.spec.Geometry == layer.Lines && (e.z < e.spec.MaxZoom || e.step.coarse > 0)
	k := 0
	for _, i := range e.found {
		for int(i) >= batches[k].First+batches[k].Rows {
			k++
		}
		b, row := &batches[k], int(i)-batches[k].First
		if e.filter != nil && !e.filter.Match(b, row) {
			continue
		}
		if e.cell > 0 && e.aggregate(b, row) || joins && e.net.add(b, row) {
			continue
		}
		e.feature(b, row)
	}
	e.flush()
	if joins {
		e.joined()
	}
}

// feature encodes one feature by itself.
func (e *encoder) feature(b *layer.Batch, row int) {
	e.geom.begin(e.step.coarse)
	kind := kindPoint
	switch e.spec.Geometry {
	case layer.Points:
		e.points(b, row)
	case layer.Lines:
		kind = kindLine
		e.rings.Reset()
		e.load(b, row, false)
		if !e.line(e.inside(b, row)) {
			e.stats.Collapsed++
		}
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

// snap is the position in units of the geometry of a position on the grid.
func (e *encoder) snap(x, y int32) planar.Point {
	return planar.Point{X: (int64(x) - e.ox + e.half) >> e.shift, Y: (int64(y) - e.oy + e.half) >> e.shift}
}

// inside says whether a feature lies within the box, so that nothing needs clipping.
func (e *encoder) inside(b *layer.Batch, row int) bool {
	return int64(b.MinX[row]) >= e.box.MinX && int64(b.MaxX[row]) <= e.box.MaxX &&
		int64(b.MinY[row]) >= e.box.MinY && int64(b.MaxY[row]) <= e.box.MaxY
}
