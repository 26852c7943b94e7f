package layer

import "math/bits"

// maxCell is the greatest side of a cell, in tile units: no wider than the buffer of a tile, so that the cells that a tile
// shows are whole in it.
const maxCell = 64

const (
	minCell       = 8         // one pixel of a map whose tiles are 512 pixels wide
	cellSteps     = 4         // 8, 16, 32, 64
	aggregateSize = 24        // estimated bytes of an aggregated feature in a tile
	tileTarget    = 1_300_000 // estimated bytes of the heaviest tile of a zoom, before compression to less than 500 kB
)

// cellPlan finds, for every zoom, the smallest cells that keep the heaviest tile within tileTarget. The same cells are used
// in all tiles of a zoom, so that there are no seams. It is fed with the features in the file's order, in which those of
// a tile, and of a cell, are one run.
type cellPlan struct {
	minZoom, maxZoom int
	zooms            [][cellSteps]cellRun
}

type cellRun struct {
	tile, cell    uint64 // the run that is being counted, plus one
	inCell        int
	first         int // weight of the cell's first feature
	sum, greatest int // weight of the tile, and of the heaviest one
}

func newCellPlan(spec *Spec) *cellPlan {
	p := &cellPlan{minZoom: spec.MinZoom, maxZoom: spec.MaxZoom}
	if spec.Geometry != Lines && !spec.SharedBorders {
		p.zooms = make([][cellSteps]cellRun, spec.MaxZoom-spec.MinZoom)
	}
	return p
}

func (p *cellPlan) add(e *entry) {
	for i := range p.zooms {
		z := p.minZoom + i
		tile := e.hilbert>>(64-2*z) + 1
		for k := range cellSteps {
			r := &p.zooms[i][k]
			if r.tile != tile {
				r.greatest = max(r.greatest, r.sum)
				r.tile, r.sum = tile, 0
			}
			if uint64(e.side) >= uint64(minCell<<k)<<(ZoomLimit-z) {
				r.sum += int(e.weight)
				continue
			}
			cell := e.hilbert>>(64-2*(z+12-bits.Len(minCell<<k)+1)) + 1
			if r.cell != cell {
				r.cell, r.inCell, r.first = cell, 1, int(e.weight)
				r.sum += r.first
				continue
			}
			if r.inCell++; r.inCell == 2 {
				r.sum += aggregateSize - r.first
			}
		}
	}
}

// cells are the sides chosen, from minZoom; nothing is aggregated at maxZoom.
func (p *cellPlan) cells() []int {
	if p.zooms == nil {
		return nil
	}
	cells := make([]int, len(p.zooms)+1)
	for i := range p.zooms {
		cells[i] = maxCell
		for k := cellSteps - 1; k >= 0; k-- {
			if r := p.zooms[i][k]; max(r.greatest, r.sum) <= tileTarget {
				cells[i] = minCell << k
			}
		}
	}
	return cells
}
