package tile

import (
	"math"

	"jumeau/model/layer"
	"jumeau/model/layer/planar"
)

// cell collects the small features of one aggregation cell. Features come in Hilbert order, so those of a cell are a run.
type cell struct {
	count  int
	at     planar.Point // the cell's column and row, from the tile's corner
	batch  *layer.Batch // of the first feature
	row    int
	area   float64 // sum, square grid units
	x, y   float64 // sum of the positions on the grid from the tile's corner, weighted by weight
	weight float64
	agree  []bool // per property: all features have the value of the first
	sums   []sum  // per property
}

// sum adds up one property. An integer is exact until it passes 2⁶³, then it is the nearest number.
type sum struct {
	some   bool // a feature has a value
	broken bool // integers no longer fit
	whole  int64
	number float64
}

func (s *sum) add(c *layer.Column, row int) {
	if !c.Has(row) {
		return
	}
	s.some = true
	if c.Type == layer.Number {
		s.number += c.Num[row]
		return
	}
	v := c.Int[row]
	next := s.whole + v
	s.broken = s.broken || (v > 0) != (next > s.whole) && v != 0
	s.whole = next
	s.number += float64(v)
}

// aggregate takes a feature into its cell, when it is small enough and the cell is whole in the tile. A cell that is not is
// whole in the neighbouring tile, and belongs there.
func (e *encoder) aggregate(b *layer.Batch, row int) bool {
	side := e.cell << e.fine
	if e.spec.Geometry == layer.Points && e.step.wider == 0 {
		if b.MinX[row] != b.MaxX[row] || b.MinY[row] != b.MaxY[row] {
			return false // several points: one of a kind
		}
	} else if int64(b.MaxX[row])-int64(b.MinX[row]) >= side || int64(b.MaxY[row])-int64(b.MinY[row]) >= side {
		return false
	}
	x := (int64(b.MinX[row])+int64(b.MaxX[row]))>>1 - e.ox
	y := (int64(b.MinY[row])+int64(b.MaxY[row]))>>1 - e.oy
	at := planar.Point{X: x >> e.cellShift, Y: y >> e.cellShift}
	if at.X*e.cell < e.edge.MinX || (at.X+1)*e.cell > e.edge.MaxX || at.Y*e.cell < e.edge.MinY || (at.Y+1)*e.cell > e.edge.MaxY {
		return true
	}
	c := &e.cells
	if c.count == 0 || c.at != at {
		e.flush()
		c.begin(at, b, row, e.tags.sums)
	}
	weight := 1.0
	if e.spec.Geometry == layer.Polygons {
		c.area += float64(b.Area[row])
		weight = float64(b.Area[row]) + 1e-9
	}
	c.weight += weight
	c.x += weight * float64(x)
	c.y += weight * float64(y)
	if c.count++; c.count == 1 && !e.tags.sums {
		return true
	}
	for j := range e.spec.Properties {
		switch {
		case e.spec.Properties[j].Sum:
			c.sums[j].add(&b.Props[j], row)
		case c.count > 1 && c.agree[j]:
			c.agree[j] = sameValue(&b.Props[j], row, &c.batch.Props[j], c.row)
		}
	}
	return true
}

func (c *cell) begin(at planar.Point, b *layer.Batch, row int, sums bool) {
	*c = cell{at: at, batch: b, row: row, agree: c.agree[:0], sums: c.sums[:0]}
	for range b.Props {
		c.agree = append(c.agree, true)
		if sums {
			c.sums = append(c.sums, sum{})
		}
	}
}

// flush writes the cell: a single feature as it is, several as one point in their middle, or one rectangle of their area
// around their middle, inside the cell.
func (e *encoder) flush() {
	c := &e.cells
	count := c.count
	c.count = 0
	if count == 0 {
		return
	}
	if count == 1 {
		e.feature(c.batch, c.row)
		return
	}
	e.stats.Aggregated += count
	e.stats.Aggregates++
	e.geom.begin(0)
	unit := float64(int64(1) << e.fine)
	x, y := c.x/c.weight/unit, c.y/c.weight/unit
	kind := kindPoint
	if e.spec.Geometry == layer.Points {
		e.geom.point(planar.Point{X: within(x, 1, c.at.X, e.cell), Y: within(y, 1, c.at.Y, e.cell)})
	} else {
		kind = kindPolygon
		area := c.area / (unit * unit)
		w, h := sides(area, e.cell)
		e.geom.rectangle(planar.Point{
			X: within(x-float64(w)/2, w, c.at.X, e.cell), Y: within(y-float64(h)/2, h, c.at.Y, e.cell),
		}, w, h)
	}
	e.tags.shared(c.batch, c.row, c.agree, c.sums, count)
	e.emit(kind, 0, false)
}

// within is v rounded, moved so that a span of width from there lies in the k-th cell of a side.
func within(v float64, width, k, side int64) int64 {
	return max(k*side, min(int64(math.Floor(v+0.5)), (k+1)*side-width))
}

// sides are the width and height of a rectangle of an area, as square as whole units allow while the area is kept within
// half of its height: at least one unit, at most most.
func sides(area float64, most int64) (w, h int64) {
	w = min(max(int64(math.Ceil(math.Sqrt(area))), 1), most)
	h = min(max(int64(math.Floor(area/float64(w)+0.5)), 1), most)
	return w, h
}
