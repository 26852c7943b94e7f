package zone

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"
)

// Locator finds the zone of points, lines and polygons. A place on the border of several zones is in the one that comes
// first; in a grid it is in the cell to its north-east. Safe for concurrent use.
//
// Zones without extent (Kind Point) hold nothing.
type Locator struct {
	index *index
	cells map[uint64]int32 // of a grid, by corner
	size  int
}

// NewLocator prepares the zones of a system; it takes some milliseconds per hundred zones.
func NewLocator(s *System) *Locator {
	l := &Locator{size: s.size, index: newIndex(s.geometries())}
	if s.Kind == Cell {
		l.cells = make(map[uint64]int32, len(s.Zones))
		for i, z := range s.Zones {
			c, _ := ParseCell(z.ID) // Grid made it
			l.cells[c.corner()] = int32(i)
		}
	}
	return l
}

func (s *System) geometries() []orb.Geometry {
	all := make([]orb.Geometry, len(s.Zones))
	for i, z := range s.Zones {
		all[i] = z.Geometry
	}
	return all
}

// Locate writes to out[i] the position of the zone that holds points[i] (degrees), -1 for none. It uses all cores.
func (l *Locator) Locate(points []orb.Point, out []int32) {
	one := l.index.locate
	if l.cells != nil {
		one = l.cell
	}
	parallel(len(points), 1<<13, func(from, to int) {
		for i, p := range points[from:to] {
			out[from+i] = one(p)
		}
	})
}

func (l *Locator) cell(p orb.Point) int32 {
	if c, ok := CellAt(p, l.size); ok {
		if i, ok := l.cells[c.corner()]; ok {
			return i
		}
	}
	return none
}

// LocateGeometries writes to out[i] the position of the zone that holds the largest share of the length of a line or of the
// area of a polygon; of the number of points of a multipoint. -1 when it shares nothing with any zone, or is nil. Equal shares
// go to the zone that comes first. It uses all cores.
func (l *Locator) LocateGeometries(geometries []orb.Geometry, out []int32) {
	parallel(len(geometries), 256, func(from, to int) {
		f := finder{locator: l, scan: scanner{density: squareMetres}}
		for i, g := range geometries[from:to] {
			out[from+i] = f.largest(g)
		}
	})
}

// Touches writes to out[i] whether geometries[i] has a place in common with any zone. It uses all cores.
func (l *Locator) Touches(geometries []orb.Geometry, out []bool) {
	parallel(len(geometries), 256, func(from, to int) {
		f := finder{locator: l, scan: scanner{density: squareMetres}}
		for i, g := range geometries[from:to] {
			out[from+i] = f.touches(g)
		}
	})
}

// parallel calls work on ranges of n items from as many goroutines as there are cores.
func parallel(n, chunk int, work func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk)
	if workers <= 1 {
		work(0, n)
		return
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				from := int(next.Add(int64(chunk))) - chunk
				if from >= n {
					return
				}
				work(from, min(from+chunk, n))
			}
		})
	}
	group.Wait()
}

// finder weighs shares. Not safe for concurrent use.
type finder struct {
	locator    *Locator
	scan       scanner
	candidates []int32
	weights    []float64 // of candidates
	cuts       []float64
	segments   []segment
}

func (f *finder) largest(g orb.Geometry) int32 {
	switch g := g.(type) {
	case nil:
		return none
	case orb.Point:
		var out [1]int32
		f.locator.Locate([]orb.Point{g}, out[:])
		return out[0]
	case orb.MultiPoint:
		return f.mostPoints(g)
	}
	var sole bool
	f.candidates, sole = f.locator.index.candidates(f.candidates[:0], g.Bound())
	switch {
	case len(f.candidates) == 0:
		return none
	case sole:
		return f.candidates[0]
	}
	f.weights = slices.Grow(f.weights[:0], len(f.candidates))[:len(f.candidates)]
	clear(f.weights)
	switch g := g.(type) {
	case orb.LineString:
		f.addLength(g)
	case orb.MultiLineString:
		for _, line := range g {
			f.addLength(line)
		}
	default:
		f.addArea(g)
	}
	return f.heaviest()
}

func (f *finder) mostPoints(points orb.MultiPoint) int32 {
	out := make([]int32, len(points))
	f.locator.Locate(points, out)
	slices.Sort(out)
	best, most := int32(none), 0
	for len(out) > 0 {
		n := 1
		for n < len(out) && out[n] == out[0] {
			n++
		}
		if out[0] != none && n > most {
			best, most = out[0], n
		}
		out = out[n:]
	}
	return best
}

// heaviest is the first candidate that none outweighs by more than rounding.
func (f *finder) heaviest() int32 {
	best, weight := int32(none), 0.0
	for i, w := range f.weights {
		if w > weight*(1+1e-9) {
			best, weight = f.candidates[i], w
		}
	}
	return best
}

func (f *finder) addArea(g orb.Geometry) {
	f.segments = appendSegments(f.segments[:0], g)
	b := g.Bound()
	for i, c := range f.candidates {
		z := f.locator.index.zones[c]
		f.weights[i] = f.scan.common(f.segments, z.segments, overlap(b, z.bound))
	}
}

func overlap(a, b orb.Bound) orb.Bound {
	return orb.Bound{
		Min: orb.Point{max(a.Min[0], b.Min[0]), max(a.Min[1], b.Min[1])},
		Max: orb.Point{min(a.Max[0], b.Max[0]), min(a.Max[1], b.Max[1])},
	}
}

// addLength adds to each candidate the length of the line inside it.
func (f *finder) addLength(line orb.LineString) {
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		whole := length(a, b)
		for k, c := range f.candidates {
			f.weights[k] += whole * f.inside(f.locator.index.zones[c], a, b)
		}
	}
}

// length of a segment in degrees of latitude; those of longitude are shorter by the cosine of the latitude.
func length(a, b orb.Point) float64 {
	return math.Hypot((b[0]-a[0])*math.Cos((a[1]+b[1])/2*math.Pi/180), b[1]-a[1])
}

// inside is the share of the segment ab that lies in z or on its border.
func (f *finder) inside(z *prepared, a, b orb.Point) float64 {
	if a == b || !(orb.LineString{a, b}).Bound().Intersects(z.bound) {
		return 0
	}
	f.cuts = append(z.cuts(append(f.cuts[:0], 0), a, b), 1)
	slices.Sort(f.cuts)
	share := 0.0
	for i := 1; i < len(f.cuts); i++ {
		from, to := f.cuts[i-1], f.cuts[i]
		if to == from {
			continue
		}
		t := (from + to) / 2
		if z.covers(orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}) {
			share += to - from
		}
	}
	return share
}
