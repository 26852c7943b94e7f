package place

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"
)

// lineIndex finds the nearest of many segments within a short distance.
type lineIndex struct {
	cell map[[2]int32][][2]orb.Point
}

func newLineIndex(lines ...[]orb.Point) *lineIndex {
	x := &lineIndex{cell: map[[2]int32][][2]orb.Point{}}
	for _, l := range lines {
		for i := 0; i+1 < len(l); i++ {
			a, b := l[i], l[i+1]
			x0, x1 := math.Floor(math.Min(a[0], b[0])/hash)-1, math.Floor(math.Max(a[0], b[0])/hash)+1
			y0, y1 := math.Floor(math.Min(a[1], b[1])/hash)-1, math.Floor(math.Max(a[1], b[1])/hash)+1
			for y := y0; y <= y1; y++ {
				for c := x0; c <= x1; c++ {
					k := [2]int32{int32(c), int32(y)}
					x.cell[k] = append(x.cell[k], [2]orb.Point{a, b})
				}
			}
		}
	}
	return x
}

// within d (at most 64 m) of a segment.
func (x *lineIndex) within(p orb.Point, d float64) bool {
	for _, s := range x.cell[[2]int32{int32(math.Floor(p[0] / hash)), int32(math.Floor(p[1] / hash))}] {
		if near, _ := segmentDistance(p, s[0], s[1]); near < d {
			return true
		}
	}
	return false
}

// waterIndex holds the banks of the river, the canal, the lakes and the middle of streams.
func (w *World) waterIndex() *lineIndex {
	if w.banks == nil {
		lines := [][]orb.Point{w.Water.RiverBank, w.Water.CanalBank, w.Water.River, w.Water.Canal}
		for _, l := range w.Water.Lakes {
			lines = append(lines, l.Ring)
		}
		for _, s := range w.Water.Streams {
			lines = append(lines, s.Line)
		}
		w.banks = newLineIndex(lines...)
	}
	return w.banks
}

func roadNumber(way int32, from int) string { return "D " + strconv.Itoa(from+int(way)*7%180) }
