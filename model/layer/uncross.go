package layer

import (
	"math"
	"slices"

	"jumeau/model/layer/planar"
)

// chord is one side of a simplified arc at some zoom: it stands for the vertices from..to of the arc.
type chord struct {
	a, b     planar.Point // in tile units
	arc      int32
	from, to int32
}

const uncrossRounds = 24

// uncross sees to it that arcs drawn at zoom z do not cross, themselves or one another. Where they do, the arcs get vertices
// back; where all are drawn already, a vertex of the one and a side of the other lie within one tile unit, and the side
// gets a vertex there, so that both pass through that unit: snap rounding (Hobby, 1999, "Practical segment intersection with
// finite precision output"), done only where it is needed.
func (b *borders) uncross(z int) {
	for range uncrossRounds {
		chords := b.chords(z)
		changed := false
		inserts := make(map[[2]int32][]int32)
		eachNear(chords, func(c, d *chord) {
			if !planar.Cross(c.a, c.b, d.a, d.b) && !b.mayTurnOver(c, d, z) && !b.mayTurnOver(d, c, z) {
				return
			}
			refined := b.refine(c, z)
			if b.refine(d, z) || refined {
				changed = true
				return
			}
			b.bend(c, d, z, inserts)
			b.bend(d, c, z, inserts)
		})
		if len(inserts) > 0 {
			b.insert(inserts)
			changed = true
		}
		if !changed {
			return
		}
	}
}

// mayTurnOver says whether c and d start from one point and c passes through the tile unit in which d ends: snapping may
// then put c on the other side of d.
func (b *borders) mayTurnOver(c, d *chord, z int) bool {
	end := d.b
	switch {
	case d.a == c.a && d.b != c.b, d.a == c.b && d.b != c.a:
	case d.b == c.a && d.a != c.b, d.b == c.b && d.a != c.a:
		end = d.a
	default:
		return false
	}
	if max(c.a.X, c.b.X)+1 < end.X || min(c.a.X, c.b.X)-1 > end.X || max(c.a.Y, c.b.Y)+1 < end.Y || min(c.a.Y, c.b.Y)-1 > end.Y {
		return false
	}
	arc := b.arcs[c.arc]
	_, ok := passes(b.pts[arc[c.from]], b.pts[arc[c.to]], end, ZoomLimit-z)
	return ok
}

// bend notes a new vertex for the side c where it passes through the tile unit of an end of d.
func (b *borders) bend(c, d *chord, z int, inserts map[[2]int32][]int32) {
	arc := b.arcs[c.arc]
	u, v := arc[c.from], arc[c.to]
	for _, unit := range [2]planar.Point{d.a, d.b} {
		if unit == c.a || unit == c.b {
			continue
		}
		p, ok := passes(b.pts[u], b.pts[v], unit, ZoomLimit-z)
		if !ok {
			continue
		}
		key := [2]int32{min(u, v), max(u, v)}
		if slices.ContainsFunc(inserts[key], func(w int32) bool { return b.pts[w] == p }) {
			continue
		}
		b.pts = append(b.pts, p)
		b.zooms = append(b.zooms, uint8(z))
		b.junction = append(b.junction, false)
		inserts[key] = append(inserts[key], int32(len(b.pts)-1))
	}
}

// passes is the middle of what the segment has in common with a tile unit; false when it passes beside it.
func passes(a, b, unit planar.Point, shift int) (planar.Point, bool) {
	side := int64(1) << shift
	low := planar.Point{X: unit.X*side - side/2, Y: unit.Y*side - side/2}
	from, to := 0.0, 1.0
	for _, axis := range [2][3]float64{
		{float64(a.X), float64(b.X), float64(low.X)},
		{float64(a.Y), float64(b.Y), float64(low.Y)},
	} {
		start, span, edge := axis[0], axis[1]-axis[0], axis[2]
		if span == 0 {
			if start < edge || start >= edge+float64(side) {
				return a, false
			}
			continue
		}
		t0, t1 := (edge-start)/span, (edge+float64(side)-start)/span
		from, to = max(from, min(t0, t1)), min(to, max(t0, t1))
	}
	if from >= to {
		return a, false
	}
	t := (from + to) / 2
	p := planar.Point{
		X: a.X + int64(math.Floor(float64(b.X-a.X)*t+0.5)),
		Y: a.Y + int64(math.Floor(float64(b.Y-a.Y)*t+0.5)),
	}
	half := side / 2
	return p, p != a && p != b && (p.X+half)>>shift == unit.X && (p.Y+half)>>shift == unit.Y
}

func (b *borders) chords(z int) []chord {
	var chords []chord
	shift := ZoomLimit - z
	half := int64(1) << shift >> 1
	for k, arc := range b.arcs {
		last := -1
		var at planar.Point
		for i, v := range arc {
			if int(b.zooms[v]) > z {
				continue
			}
			p := planar.Point{X: (b.pts[v].X + half) >> shift, Y: (b.pts[v].Y + half) >> shift}
			if last >= 0 && p != at {
				chords = append(chords, chord{at, p, int32(k), int32(last), int32(i)})
			}
			last, at = i, p
		}
	}
	return chords
}

// refine gives back the vertex farthest from the chord. False when there is none.
func (b *borders) refine(c *chord, z int) bool {
	arc := b.arcs[c.arc]
	best, far := int32(-1), -1.0
	from, to := b.pts[arc[c.from]], b.pts[arc[c.to]]
	for _, v := range arc[c.from+1 : c.to] {
		if d := away(b.pts[v], []planar.Point{from, to}); int(b.zooms[v]) > z && d > far {
			best, far = v, d
		}
	}
	if best < 0 {
		return false
	}
	b.zooms[best] = uint8(z)
	return true
}

// eachNear calls f with every pair of chords whose boxes meet, some pairs more than once: they are sorted into the squares
// of a lattice about as wide as the mean chord.
func eachNear(chords []chord, f func(c, d *chord)) {
	if len(chords) == 0 {
		return
	}
	var total int64
	for _, c := range chords {
		total += abs(c.b.X-c.a.X) + abs(c.b.Y-c.a.Y)
	}
	side := max(2*total/int64(len(chords)), 8)
	squares := make(map[[2]int64][]int32)
	for i, c := range chords {
		for x := floorDiv(min(c.a.X, c.b.X), side); x <= floorDiv(max(c.a.X, c.b.X), side); x++ {
			for y := floorDiv(min(c.a.Y, c.b.Y), side); y <= floorDiv(max(c.a.Y, c.b.Y), side); y++ {
				key := [2]int64{x, y}
				for _, j := range squares[key] {
					f(&chords[j], &chords[i])
				}
				squares[key] = append(squares[key], int32(i))
			}
		}
	}
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
