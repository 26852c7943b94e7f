package tile

import (
	"math"

	"jumeau/model/layer"
	"jumeau/model/layer/planar"
)

func (e *encoder) points(b *layer.Batch, row int) {
	e.rings.Reset()
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		for v := b.Vertex[p]; v < b.Vertex[p+1]; v++ {
			if q := e.snap(b.X[v], b.Y[v]); e.clip.Holds(q) {
				e.rings.Open(q)
			}
		}
	}
	if len(e.rings.Pts) > 0 {
		e.geom.points(e.rings.Pts)
	}
}

func (e *encoder) lines(b *layer.Batch, row int) {
	e.load(b, row)
	lines := &e.rings
	if !e.inside(b, row) {
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
	if !drawn && !hasLine(&e.rings) {
		e.stats.Collapsed++
	}
}

func hasLine(r *planar.Rings) bool {
	for i := range r.Ends {
		if len(r.Ring(i)) >= 2 {
			return true
		}
	}
	return false
}

// load snaps the parts of a feature into e.rings: the vertices drawn at this zoom, without repetition.
func (e *encoder) load(b *layer.Batch, row int) {
	e.rings.Reset()
	z := uint8(e.z)
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		from, to := b.Vertex[p], b.Vertex[p+1]
		xs, ys, zooms := b.X[from:to], b.Y[from:to], b.Zoom[from:to]
		ys, zooms = ys[:len(xs)], zooms[:len(xs)]
		start := len(e.rings.Pts)
		var last planar.Point
		for i, x := range xs {
			if zooms[i] > z {
				continue
			}
			q := e.snap(x, ys[i])
			if q == last && len(e.rings.Pts) > start {
				continue
			}
			e.rings.Pts = append(e.rings.Pts, q)
			last = q
		}
		e.rings.Ends = append(e.rings.Ends, len(e.rings.Pts))
	}
}

func (e *encoder) polygon(b *layer.Batch, row int) {
	e.load(b, row)
	polygon := &e.rings
	flawed := b.Repair[row]>>e.z&1 == 1
	if e.inside(b, row) {
		e.closeRings()
	} else {
		polygon = e.clipRings()
		flawed = flawed || !e.work.Simple(polygon, func(i int) bool { return !e.holes[i] })
	}
	if flawed && polygon.Len() > 0 {
		e.repair(polygon)
	}
	if !e.writePolygon(polygon) && (polygon == &e.rings || !hasArea(&e.rings)) {
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

// clipRings clips the rings in e.rings into e.clipped, and notes which were holes.
func (e *encoder) clipRings() *planar.Rings {
	e.clipped.Reset()
	e.holes = e.holes[:0]
	for i := range e.rings.Ends {
		ring := e.rings.Ring(i)
		if len(ring) < 3 {
			continue
		}
		for _, q := range e.work.ClipRing(ring, e.clip) {
			e.clipped.Open(q)
		}
		if e.clipped.Close(3) {
			e.holes = append(e.holes, windsBack(ring))
		}
	}
	return &e.clipped
}

// windsBack says whether a ring is a hole; in float64 because an unclipped ring may be as large as the world.
func windsBack(ring []planar.Point) bool {
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
	unit := float64(int64(1) << e.shift)
	wide := float64(int64(b.MaxX[row])-int64(b.MinX[row])) / unit
	high := float64(int64(b.MaxY[row])-int64(b.MinY[row])) / unit
	share := math.Sqrt(float64(b.Area[row]) / (unit * unit) / max(wide*high, 1e-9))
	w, h := max(int64(wide*share+0.5), 1), max(int64(high*share+0.5), 1)
	x := float64((int64(b.MinX[row])+int64(b.MaxX[row]))>>1-e.ox) / unit
	y := float64((int64(b.MinY[row])+int64(b.MaxY[row]))>>1-e.oy) / unit
	west, north := int64(math.Floor(x-float64(w)/2+0.5)), int64(math.Floor(y-float64(h)/2+0.5))
	east, south := min(west+w, e.clip.MaxX), min(north+h, e.clip.MaxY)
	west, north = max(west, e.clip.MinX), max(north, e.clip.MinY)
	if west < east && north < south {
		e.geom.rectangle(planar.Point{X: west, Y: north}, east-west, south-north)
	}
}
