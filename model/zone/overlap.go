package zone

import (
	"cmp"
	"slices"
	"sync"

	"github.com/paulmach/orb"
)

// Overlap is how much of two zones of two systems is common ground: shares of their areas on the ellipsoid.
type Overlap struct {
	Fine, Coarse  int32 // positions
	ShareOfFine   float64
	ShareOfCoarse float64
}

// leastShare is the share of a fine zone below which common ground is the rounding of a common border.
const leastShare = 1e-9

// Overlaps lists all pairs of zones with ground in common, by fine zone, then by coarse zone. The shares of a fine zone that
// coarse zones cover without overlapping each other add up to 1. A fine zone that is a point has a share of 1 of the zone
// that holds it, a line the share of its length inside, or on the border; they have none of the coarse zone's area.
func Overlaps(fine, coarse *System) []Overlap {
	if !coarse.HasArea() || fine.Len() == 0 || coarse.Len() == 0 {
		return nil
	}
	switch fine.Kind {
	case Point:
		return pointOverlaps(fine, coarse)
	case Line:
		return lineOverlaps(fine, coarse)
	}
	x := newIndex(coarse.geometries())
	var lock sync.Mutex
	var all []Overlap
	parallel(fine.Len(), 64, func(from, to int) {
		w := weigher{scan: scanner{density: squareMetres}}
		for i := from; i < to; i++ {
			w.weigh(x, int32(i), fine, coarse)
		}
		lock.Lock()
		defer lock.Unlock()
		all = append(all, w.found...)
	})
	slices.SortFunc(all, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(a.Fine, b.Fine), cmp.Compare(a.Coarse, b.Coarse))
	})
	return all
}

type weigher struct {
	scan       scanner
	candidates []int32
	segments   []segment
	found      []Overlap
}

func (w *weigher) weigh(x *index, i int32, fine, coarse *System) {
	z := &fine.Zones[i]
	b, area := z.Bound, Area(z.Geometry)
	var sole bool
	w.candidates, sole = x.candidates(w.candidates[:0], b)
	if sole {
		w.add(i, w.candidates[0], area, area, coarse)
		return
	}
	w.segments = appendSegments(w.segments[:0], z.Geometry)
	for _, c := range w.candidates {
		w.add(i, c, w.scan.common(w.segments, x.zones[c].segments, overlap(b, x.zones[c].bound)), area, coarse)
	}
}

func (w *weigher) add(i, c int32, common, area float64, coarse *System) {
	if common > leastShare*area {
		w.found = append(w.found, Overlap{i, c, common / area, common / coarse.Zones[c].Area})
	}
}

func pointOverlaps(fine, coarse *System) []Overlap {
	points := make([]orb.Point, fine.Len())
	for i, z := range fine.Zones {
		points[i] = z.Label
	}
	at := make([]int32, len(points))
	NewLocator(coarse).Locate(points, at)
	var all []Overlap
	for i, c := range at {
		if c != none {
			all = append(all, Overlap{int32(i), c, 1, 0})
		}
	}
	return all
}

func lineOverlaps(fine, coarse *System) []Overlap {
	l := NewLocator(coarse)
	shares := make([][]Overlap, fine.Len())
	parallel(fine.Len(), 256, func(from, to int) {
		f := finder{locator: l, scan: scanner{density: squareMetres}}
		for i := from; i < to; i++ {
			shares[i] = f.shares(int32(i), lines(fine.Zones[i].Geometry))
		}
	})
	return slices.Concat(shares...)
}

// shares of the length of a line in the zones that it passes.
func (f *finder) shares(i int32, all orb.MultiLineString) (out []Overlap) {
	var sole bool
	f.candidates, sole = f.locator.index.candidates(f.candidates[:0], all.Bound())
	if sole {
		return []Overlap{{i, f.candidates[0], 1, 0}}
	}
	f.weights = slices.Grow(f.weights[:0], len(f.candidates))[:len(f.candidates)]
	clear(f.weights)
	whole := 0.0
	for _, line := range all {
		f.addLength(line)
		for j := 1; j < len(line); j++ {
			whole += length(line[j-1], line[j])
		}
	}
	for k, w := range f.weights {
		if w > leastShare*whole {
			out = append(out, Overlap{i, f.candidates[k], min(1, w/whole), 0})
		}
	}
	slices.SortFunc(out, func(a, b Overlap) int { return cmp.Compare(a.Coarse, b.Coarse) })
	return out
}

// Parents is, for each zone of the fine system, the position of the coarse zone that holds most of it, -1 for none. Of equal
// shares the first counts.
func Parents(fine, coarse *System) []int32 {
	return ParentsOf(fine.Len(), Overlaps(fine, coarse))
}

// ParentsOf is Parents for overlaps that are at hand, of n fine zones.
func ParentsOf(n int, overlaps []Overlap) []int32 {
	parents := make([]int32, n)
	share := make([]float64, n)
	for i := range parents {
		parents[i] = none
	}
	for _, o := range overlaps {
		if o.ShareOfFine > share[o.Fine]*(1+1e-9) {
			parents[o.Fine], share[o.Fine] = o.Coarse, o.ShareOfFine
		}
	}
	return parents
}
