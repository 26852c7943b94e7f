package tile

import (
	"cmp"
	"math"
	"slices"

	"jumeau/model/layer"
	"jumeau/model/layer/planar"
)

// points writes the points of a feature inside the tile: one as precisely as the tile can, several in the units of the
// geometry, each once when those are coarse.
func (e *encoder) points(b *layer.Batch, row int) {
	e.rings.Reset()
	from, to := b.Vertex[b.Part[row]], b.Vertex[b.Part[row+1]]
	shift, clip := e.shift, e.clip
	if to-from == 1 {
		e.geom.begin(0)
		shift, clip = e.fine, e.edge
	}
	half := int64(1) << shift >> 1
	for v := from; v < to; v++ {
		q := planar.Point{X: (int64(b.X[v]) - e.ox + half) >> shift, Y: (int64(b.Y[v]) - e.oy + half) >> shift}
		if clip.Holds(q) {
			e.rings.Open(q)
		}
	}
	if e.step.coarse > 0 {
		slices.SortFunc(e.rings.Pts, func(a, b planar.Point) int { return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y)) })
		e.rings.Pts = slices.Compact(e.rings.Pts)
	}
	if len(e.rings.Pts) > 0 {
		e.geom.points(e.rings.Pts)
	}
}

// line writes the lines in e.rings. False when snapping left nothing of them.
func (e *encoder) line(inside bool) bool {
	lines := &e.rings
	if !inside {
		e.clipped.Reset()
		for i := range e.rings.Ends {
			planar.ClipLine(&e.clipped, e.rings.Ring(i), e.clip)
		}
		lines = &e.clipped
	}
	drawn := false
	for i := range lines.Ends {
		if line := lines.Ring(i); len(line) >= 2 {
			e.geom.line(line)
			drawn = true
		}
	}
	return drawn || hasLine(&e.rings)
}

func hasLine(r *planar.Rings) bool {
	for i := range r.Ends {
		if len(r.Ring(i)) >= 2 {
			return true
		}
	}
	return false
}

// load snaps the parts of a feature into e.rings: the vertices drawn at this zoom, without repetition. Polygons that will
// be clipped have their holes noted.
func (e *encoder) load(b *layer.Batch, row int, clips bool) {
	block := int32(0)
	if b.Blocks.Of != nil {
		block = b.Blocks.Of[row]
	}
	e.cut, e.holes = false, e.holes[:0]
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		from, to := b.Vertex[p], b.Vertex[p+1]
		start := len(e.rings.Pts)
		n := layer.BlocksOf(int(to - from))
		if n == 0 {
			e.run(b, from, to, start)
			e.holes = append(e.holes, clips && windsBack(e.rings.Pts[start:]))
		} else {
			e.blocks(b, from, to, block, start)
			e.holes = append(e.holes, b.Blocks.Hole[block] == 1)
		}
		block += int32(n)
		e.rings.Ends = append(e.rings.Ends, len(e.rings.Pts))
	}
}

// run snaps consecutive vertices of a part that began at start in e.rings.
func (e *encoder) run(b *layer.Batch, from, to int32, start int) {
	z := uint8(e.drawn)
	xs, ys, zooms := b.X[from:to], b.Y[from:to], b.Zoom[from:to]
	ys, zooms = ys[:len(xs)], zooms[:len(xs)]
	pts := e.rings.Pts
	for i, x := range xs {
		if zooms[i] > z {
			continue
		}
		q := e.snap(x, ys[i])
		if n := len(pts); n > start && pts[n-1] == q {
			continue
		}
		pts = append(pts, q)
	}
	e.rings.Pts = pts
}

// blocks snaps a long part. Of consecutive blocks beyond one side of the tile only the first and the last vertex are taken:
// what clipping makes of the part is the same, because both and all between them lie beyond that side.
func (e *encoder) blocks(b *layer.Batch, from, to, block int32, start int) {
	z, beyond, last := uint8(e.drawn), uint8(0), int32(-1)
	for ; from < to; from, block = from+layer.BlockSize, block+1 {
		if b.Blocks.Zoom[block] > z {
			continue
		}
		end := min(from+layer.BlockSize, to)
		sides := e.beyond(&b.Blocks, block)
		if beyond&sides != 0 {
			beyond, last = beyond&sides, end-1
			continue
		}
		e.lastOf(b, last, start)
		beyond, last = sides, -1
		if sides == 0 {
			e.run(b, from, end, start)
			continue
		}
		e.cut, last = true, end-1
		for first := from; first < end; first++ {
			if b.Zoom[first] <= z {
				e.run(b, first, first+1, start)
				break
			}
		}
	}
	e.lastOf(b, last, start)
}

// lastOf takes the last drawn vertex up to at, which is in the block of at; none when at is negative.
func (e *encoder) lastOf(b *layer.Batch, at int32, start int) {
	for ; at >= 0; at-- {
		if b.Zoom[at] <= uint8(e.drawn) {
			e.run(b, at, at+1, start)
			return
		}
	}
}

// beyond is the sides of the tile beyond which a block lies, a bit each. Snapping moves a vertex by less than a unit.
func (e *encoder) beyond(k *layer.Blocks, block int32) (sides uint8) {
	unit := int64(1) << e.shift
	if int64(k.MaxX[block]) < e.box.MinX-unit {
		sides |= 1
	}
	if int64(k.MinX[block]) > e.box.MaxX+unit {
		sides |= 2
	}
	if int64(k.MaxY[block]) < e.box.MinY-unit {
		sides |= 4
	}
	if int64(k.MinY[block]) > e.box.MaxY+unit {
		sides |= 8
	}
	return sides
}

func (e *encoder) polygon(b *layer.Batch, row int) {
	e.rings.Reset()
	inside := e.inside(b, row)
	e.load(b, row, !inside)
	polygon := &e.rings
	flawed := e.z-int(e.step.coarse) < e.spec.PreparedFrom() || b.Repair[row]>>e.drawn&1 == 1
	if inside {
		e.closeRings()
	} else {
		polygon = e.clipRings()
		flawed = flawed || !e.work.Simple(polygon, func(i int) bool { return !e.holes[i] })
	}
	if flawed && polygon.Len() > 0 {
		e.repair(polygon)
	}
	if !e.writePolygon(polygon) && (polygon == &e.rings || !e.cut && !hasArea(&e.rings)) {
		e.collapsed(b, row)
	}
}

func hasArea(r *planar.Rings) bool {
	for i := range r.Ends {
		if planar.Area2(r.Ring(i)) != 0 {
			return true
		}
	}
	return false
}

func (e *encoder) repair(r *planar.Rings) {
	e.stats.Repaired++
	e.work.Repair(r)
}

// closeRings drops the closing vertex of each ring, and the rings that collapsed.
func (e *encoder) closeRings() {
	r := &e.rings
	pts, ends, start := r.Pts[:0], r.Ends[:0], 0
	for _, end := range r.Ends {
		ring := r.Pts[start:end]
		start = end
		for len(ring) > 1 && ring[len(ring)-1] == ring[0] {
			ring = ring[:len(ring)-1]
		}
		if len(ring) < 3 {
			continue
		}
		pts = append(pts, ring...)
		ends = append(ends, len(pts))
	}
	r.Pts, r.Ends = pts, ends
}

// clipRings clips the rings in e.rings into e.clipped; e.holes then are those of e.clipped.
func (e *encoder) clipRings() *planar.Rings {
	e.clipped.Reset()
	holes := e.holes[:0]
	for i := range e.rings.Ends {
		ring := e.rings.Ring(i)
		if len(ring) < 3 {
			continue
		}
		for _, q := range e.work.ClipRing(ring, e.clip) {
			e.clipped.Open(q)
		}
		if e.clipped.Close(3) {
			holes = append(holes, e.holes[i])
		}
	}
	e.holes = holes
	return &e.clipped
}

// windsBack says whether a ring is a hole; in float64 because an unclipped ring may be as large as the world.
func windsBack(ring []planar.Point) bool {
	if len(ring) == 0 {
		return false
	}
	var sum float64
	o := ring[0]
	for i := 1; i+1 < len(ring); i++ {
		p, q := ring[i], ring[i+1]
		sum += float64(p.X-o.X)*float64(q.Y-o.Y) - float64(q.X-o.X)*float64(p.Y-o.Y)
	}
	return sum < 0
}

// writePolygon writes exteriors with the holes that follow them. False when nothing is left.
func (e *encoder) writePolygon(r *planar.Rings) bool {
	drawn, exterior := false, false
	for i := range r.Ends {
		ring := r.Ring(i)
		area := planar.Area2(ring)
		if area >= 0 {
			exterior = area > 0
		}
		if area != 0 && exterior {
			e.geom.ring(ring)
			drawn = true
		}
	}
	return drawn
}

// collapsed draws a polygon of which snapping left nothing as a rectangle of its area, at least one unit wide and high, in
// the middle of its bounding box; unless it is a zone: that would overlap its neighbours, who already cover the place.
func (e *encoder) collapsed(b *layer.Batch, row int) {
	if e.spec.SharedBorders {
		e.stats.Collapsed++
		return
	}
	e.geom.begin(0)
	unit := float64(int64(1) << e.fine)
	wide := float64(int64(b.MaxX[row])-int64(b.MinX[row])) / unit
	high := float64(int64(b.MaxY[row])-int64(b.MinY[row])) / unit
	share := math.Sqrt(float64(b.Area[row]) / (unit * unit) / max(wide*high, 1e-9))
	w, h := max(int64(wide*share+0.5), 1), max(int64(high*share+0.5), 1)
	x := float64((int64(b.MinX[row])+int64(b.MaxX[row]))>>1-e.ox) / unit
	y := float64((int64(b.MinY[row])+int64(b.MaxY[row]))>>1-e.oy) / unit
	west, north := int64(math.Floor(x-float64(w)/2+0.5)), int64(math.Floor(y-float64(h)/2+0.5))
	east, south := min(west+w, e.edge.MaxX), min(north+h, e.edge.MaxY)
	west, north = max(west, e.edge.MinX), max(north, e.edge.MinY)
	if west < east && north < south {
		e.geom.rectangle(planar.Point{X: west, Y: north}, east-west, south-north)
	}
}
