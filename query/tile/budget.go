package tile

import (
	"bytes"
	"fmt"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"jumeau/model"
	"jumeau/model/layer"
)

// DefaultBudget is what a tile weighs at most when it is compressed, in bytes.
const DefaultBudget = 500_000

// step is one step of coarsening. Cells are 2^wider times as wide, coordinates are multiples of 2^coarse tile units, and
// vertices are those that the zoom that many levels below would draw. A bare layer has no texts or other properties, except
// counts and sums.
type step struct {
	wider, coarse uint
	bare          bool
}

// steps are tried in order until a tile is within its budget. The last leaves one cell, or one unit, of a whole tile.
var steps = []step{
	{}, {1, 0, false}, {1, 1, false}, {2, 2, false}, {3, 3, false}, {4, 4, false}, {5, 5, false}, {6, 6, false},
	{6, 6, true}, {8, 8, true}, {10, 10, true}, {12, 12, true},
}

// Coarse says how a layer was drawn to hold the budget.
type Coarse struct {
	Layer string `json:"layer"`
	Unit  int    `json:"unit"`           // vertices of lines and polygons lie on multiples of so many tile units
	Cell  int    `json:"cell,omitempty"` // side of the cells in which features are aggregated, in tile units
	Bare  bool   `json:"bare,omitempty"` // properties other than counts and sums were left out
}

// hold sees to it that dst[start:] is within the budget, encoding layers again more coarsely when it is not.
func (e *encoder) hold(dst []byte, start int, layers []*layer.File, opt Options) ([]byte, error) {
	budget := opt.Budget
	if budget == 0 {
		budget = DefaultBudget
	}
	if budget < 0 || len(dst)-start <= budget {
		return dst, nil
	}
	z := zippers.Get().(*zipper)
	defer zippers.Put(z)
	if e.stats.Compressed = len(z.zip(dst[start:])); e.stats.Compressed > budget {
		var err error
		if dst, err = e.coarsen(dst[:start], layers, opt, budget, z); err != nil {
			return dst[:start], err
		}
	}
	if opt.Gzip != nil && e.stats.Compressed > 0 {
		*opt.Gzip = append((*opt.Gzip)[:0], z.out.Bytes()...)
	}
	return dst, nil
}

// coarsen encodes the layers again: the heaviest one a step more coarsely each time.
func (e *encoder) coarsen(dst []byte, layers []*layer.File, opt Options, budget int, z *zipper) ([]byte, error) {
	type part struct {
		body   []byte
		stats  Stats
		coarse Coarse
		step   int
	}
	parts, size := make([]part, len(layers)), e.stats.Compressed
	encode := func(i int) {
		p := &parts[i]
		e.stats = Stats{}
		p.body = e.layer(p.body[:0], layers[i], opt, i, steps[p.step])
		p.stats = e.stats
		p.coarse = Coarse{Layer: layers[i].Spec().Name, Unit: 1 << e.step.coarse, Cell: int(e.cell), Bare: e.step.bare}
		if e.spec.Geometry == layer.Points {
			p.coarse.Unit = 1 // single points stay where they are
		}
	}
	for i := range parts {
		encode(i)
	}
	start := len(dst)
	for {
		heaviest := 0
		for i := range parts {
			if len(parts[i].body) > len(parts[heaviest].body) {
				heaviest = i
			}
		}
		p := &parts[heaviest]
		if p.step+1 == len(steps) {
			return dst, &model.Error{Kind: model.Unavailable, Op: "tile", Subject: fmt.Sprintf("%s %d/%d/%d", p.coarse.Layer, e.at.Z, e.at.X, e.at.Y),
				Hint: "raise the lowest zoom of the layer", Err: fmt.Errorf("the tile cannot be drawn in %d bytes", budget)}
		}
		p.step++
		if size > 4*budget || !aggregates(layers[heaviest].Spec()) && p.step == 1 { // a step leaves a quarter to a half
			p.step = min(p.step+1, len(steps)-1)
		}
		encode(heaviest)
		dst, e.stats = dst[:start], Stats{}
		for i := range parts {
			dst = append(dst, parts[i].body...)
			e.stats.add(parts[i].stats)
		}
		if size = len(z.zip(dst[start:])); size > budget {
			continue
		}
		e.stats.Compressed = size
		for i := range parts {
			if parts[i].step > 0 {
				e.stats.Coarse = append(e.stats.Coarse, parts[i].coarse)
			}
		}
		return dst, nil
	}
}

// zipper compresses with gzip.
type zipper struct {
	out     bytes.Buffer
	writers [len(gzipLevels)]*gzip.Writer
}

var zippers = sync.Pool{New: func() any { return &zipper{} }}

// gzipLevels are the levels by size. Most of a tile's time is compression (doc/layer-file.md has the figures by level): from
// 64 kB on level 2 is twice as fast as 6 and leaves 5 % more; what comes near the budget is compressed better, so that
// fewer tiles must be drawn more coarsely.
var gzipLevels = [...]struct{ from, level int }{{0, 6}, {64 << 10, 2}, {900 << 10, 4}}

// zip is body compressed; valid until the next call.
func (z *zipper) zip(body []byte) []byte {
	at := len(gzipLevels) - 1
	for len(body) < gzipLevels[at].from {
		at--
	}
	w := z.writers[at]
	if w == nil {
		w, _ = gzip.NewWriterLevel(nil, gzipLevels[at].level) // the levels are valid
		z.writers[at] = w
	}
	z.out.Reset()
	w.Reset(&z.out)
	w.Write(body) //nolint:errcheck // a bytes.Buffer takes everything, here and below
	w.Close()
	return z.out.Bytes()
}

// Gzip appends body compressed the way tiles are, and their budget is counted.
func Gzip(dst, body []byte) []byte {
	z := zippers.Get().(*zipper)
	defer zippers.Put(z)
	return append(dst, z.zip(body)...)
}

// Generalised says for a header what was drawn more coarsely than the zoom wants so that the tile stays within its budget: a
// dictionary of layers (RFC 9651) with the unit of coordinates and the side of cells in tile units, and "bare" where
// properties other than counts and sums were left out.
func Generalised(layers []Coarse) string {
	parts := make([]string, len(layers))
	for i, c := range layers {
		parts[i] = fmt.Sprintf("%s;unit=%d", c.Layer, c.Unit)
		if c.Cell > 0 {
			parts[i] += fmt.Sprintf(";cell=%d", c.Cell)
		}
		if c.Bare {
			parts[i] += ";bare"
		}
	}
	return strings.Join(parts, ", ")
}
