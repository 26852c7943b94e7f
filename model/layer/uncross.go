package layer

import (
	"jumeau/model/layer/planar"
)

// chord is one side of a simplified arc at some zoom: it stands for the vertices from..to of the arc.
type chord struct {
	a, b     planar.Point // in tile units
	arc      int32
	from, to int32
}

const uncrossRounds = 12

// uncross gives vertices back to arcs that cross another one, or themselves, when drawn at zoom z. What still crosses
// afterwards does so because the arcs lie closer than a tile unit; the polygons are then repaired when they are encoded.
func (b *borders) uncross(z int) {
	for range uncrossRounds {
		chords := b.chords(z)
		changed := false
		eachNear(chords, func(c, d *chord) {
			if planar.Cross(c.a, c.b, d.a, d.b) {
				changed = b.refine(c, z) || changed
				changed = b.refine(d, z) || changed
			}
		})
		if !changed {
			return
		}
	}
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
