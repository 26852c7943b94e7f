package layer

import (
	"math"

	"jumeau/model/layer/planar"
)

// shape is one feature's geometry on the grid while it is being prepared.
type shape struct {
	rings  planar.Rings // lines: the parts; points: one part with all points
	holes  []bool       // polygons: which rings are holes
	zooms  []uint8      // per point of rings.Pts, the lowest zoom at which it is drawn
	box    [4]int32     // min x, min y, max x, max y
	area   float64      // polygons: square grid units
	repair uint32       // polygons: bit z is set when the polygon, snapped to tile units of zoom z, is not simple
}

func (s *shape) reset() {
	s.rings.Reset()
	s.holes = s.holes[:0]
	s.zooms = s.zooms[:0]
}

// preparer turns WKB into shapes. It is scratch space: not safe for concurrent use.
type preparer struct {
	spec    *Spec
	work    planar.Work
	weigher Weigher
	snapped planar.Rings
	flags   []bool
	wrapped planar.Rings
}

// read fills s from WKB. It returns false when no part of the layer's dimension is left.
func (p *preparer) read(s *shape, wkb []byte) (bool, error) {
	s.reset()
	r := wkbReader{data: wkb, kind: p.spec.Geometry, out: &s.rings, holes: &s.holes}
	if err := r.geometry(0); err != nil {
		return false, err
	}
	if p.spec.Geometry == Points && len(s.rings.Pts) > 0 {
		s.rings.Ends = append(s.rings.Ends[:0], len(s.rings.Pts))
	}
	p.wrap(s)
	if p.spec.Geometry == Polygons {
		orient(s)
	}
	if s.rings.Len() == 0 {
		return false, nil
	}
	b := planar.BoxOf(s.rings.Pts)
	s.box = [4]int32{int32(b.MinX), int32(b.MinY), int32(b.MaxX), int32(b.MaxY)}
	return true, nil
}

// wrap cuts a shape that passes 180° east or west there, and moves the pieces into the world.
func (p *preparer) wrap(s *shape) {
	if len(s.rings.Pts) == 0 {
		return
	}
	b := planar.BoxOf(s.rings.Pts)
	if b.MinX >= -gridHalf && b.MaxX < gridHalf {
		return
	}
	p.wrapped.Reset()
	holes := p.flags[:0]
	first, last := floorDiv(b.MinX+gridHalf, gridWorld), floorDiv(b.MaxX+gridHalf-1, gridWorld)
	if p.spec.Geometry == Points {
		last = floorDiv(b.MaxX+gridHalf, gridWorld) // a point at 180° east lies in the next world, where it is one at 180° west
	}
	for k := first; k <= last; k++ {
		world := planar.Box{MinX: k*gridWorld - gridHalf, MinY: -gridHalf, MaxX: (k+1)*gridWorld - gridHalf, MaxY: gridHalf}
		for i := range s.rings.Ends {
			from, rings := len(p.wrapped.Pts), p.wrapped.Len()
			switch p.spec.Geometry {
			case Polygons:
				p.wrapped.Add(p.work.ClipRing(s.rings.Ring(i), world))
				if len(p.wrapped.Pts)-from < 3 {
					p.wrapped.Pts, p.wrapped.Ends = p.wrapped.Pts[:from], p.wrapped.Ends[:rings]
				} else {
					holes = append(holes, s.holes[i])
				}
			case Lines:
				planar.ClipLine(&p.wrapped, s.rings.Ring(i), world)
			default:
				for _, q := range s.rings.Ring(i) {
					if q.X >= world.MinX && q.X < world.MaxX {
						p.wrapped.Open(q)
					}
				}
			}
			for j := from; j < len(p.wrapped.Pts); j++ {
				q := &p.wrapped.Pts[j]
				q.X = min(q.X-k*gridWorld, gridHalf-1)
			}
		}
	}
	if p.spec.Geometry == Points {
		p.wrapped.Ends = append(p.wrapped.Ends[:0], len(p.wrapped.Pts))
	}
	s.rings, p.wrapped = p.wrapped, s.rings
	s.holes, p.flags = append(s.holes[:0], holes...), holes
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// orient turns exteriors to a positive and holes to a negative area, drops rings without area (with their holes), and
// adds up the area.
func orient(s *shape) {
	kept, flags, start := 0, s.holes[:0], 0
	s.area = 0
	pts, ends := s.rings.Pts[:0], s.rings.Ends[:0]
	exterior := false
	for i, end := range s.rings.Ends {
		ring, hole := s.rings.Pts[start:end], s.holes[i]
		start = end
		area := area(ring)
		if !hole {
			exterior = area != 0
		}
		if area == 0 || !exterior {
			continue
		}
		if (area > 0) == hole {
			for a, b := 0, len(ring)-1; a < b; a, b = a+1, b-1 {
				ring[a], ring[b] = ring[b], ring[a]
			}
			area = -area
		}
		s.area += area
		pts = append(pts, ring...)
		ends = append(ends, len(pts))
		flags = append(flags, hole)
		kept++
	}
	s.rings.Pts, s.rings.Ends, s.holes = pts, ends, flags
	s.area = max(s.area, 0)
}

// area is the signed area of a ring in square grid units; float64 because a ring around the world passes 2⁶³.
func area(ring []planar.Point) float64 {
	var sum float64
	o := ring[0]
	for i := 1; i+1 < len(ring); i++ {
		a, b := ring[i], ring[i+1]
		sum += float64(float64(a.X-o.X)*float64(b.Y-o.Y)) - float64(float64(b.X-o.X)*float64(a.Y-o.Y))
	}
	return sum / 2
}

// weigh sets the zoom of every vertex, ring by ring.
func (p *preparer) weigh(s *shape) {
	s.zooms = append(s.zooms[:0], make([]uint8, len(s.rings.Pts))...)
	if p.spec.Geometry == Points {
		return
	}
	start := 0
	for i, end := range s.rings.Ends {
		p.weigher.Weigh(s.rings.Ring(i), s.zooms[start:end], p.spec.Geometry == Polygons, p.spec.MaxZoom)
		start = end
	}
}

// judge sets the bit of every zoom at which the snapped polygon is not simple and must be repaired when it is encoded.
func (p *preparer) judge(s *shape) {
	s.repair = 0
	wide := int64(s.box[2]) - int64(s.box[0])
	high := int64(s.box[3]) - int64(s.box[1])
	for z := p.spec.PreparedFrom(); z <= p.spec.MaxZoom; z++ {
		shift := ZoomLimit - z
		if max(wide, high)>>shift >= math.MaxInt32/2 {
			continue // as large as the world at a zoom where snapping does nothing
		}
		if half := int64(1) << shift >> 1; (int64(s.box[0])+half)>>shift == (int64(s.box[2])+half)>>shift && (int64(s.box[1])+half)>>shift == (int64(s.box[3])+half)>>shift {
			continue // a single point
		}
		p.snapped.Reset()
		p.flags = p.flags[:0]
		exterior := true
		start := 0
		for i, end := range s.rings.Ends {
			snapRing(&p.snapped, s.rings.Pts[start:end], s.zooms[start:end], z)
			kept := p.snapped.Close(3)
			start = end
			if !s.holes[i] {
				exterior = kept
			} else if kept && !exterior { // the encoder drops it too
				p.snapped.Ends = p.snapped.Ends[:p.snapped.Len()-1]
				p.snapped.Pts = p.snapped.Pts[:p.snapped.Start()]
				continue
			}
			if kept {
				p.flags = append(p.flags, s.holes[i])
			}
		}
		if !p.work.Simple(&p.snapped, func(i int) bool { return !p.flags[i] }) ||
			!p.work.Nested(&p.snapped, func(i int) bool { return p.flags[i] }) {
			s.repair |= 1 << z
		}
	}
}

// snapRing appends the vertices drawn at zoom z, in tile units, without consecutive equal ones.
func snapRing(dst *planar.Rings, pts []planar.Point, zooms []uint8, z int) {
	shift := ZoomLimit - z
	half := int64(1) << shift >> 1
	start := len(dst.Pts)
	for i, q := range pts {
		if int(zooms[i]) > z {
			continue
		}
		q = planar.Point{X: (q.X + half) >> shift, Y: (q.Y + half) >> shift}
		if last := len(dst.Pts) - 1; last >= start && dst.Pts[last] == q {
			continue
		}
		dst.Open(q)
	}
}
