package zone

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Nearest finds the line of a system that a place belongs to: the nearest one within some metres. Of lines equally near, as at a
// junction, the first counts. Distances are those of a sphere near the place, right to 0.3 %. Safe for concurrent use.
//
// It is a packed R-tree (Leutenegger, Lopez, Edgington 1997, "STR"): straight pieces of lines, in tiles by longitude, then by latitude;
// node k of a level is the box of nodes fanout·k … of the level below.
type Nearest struct {
	metres float64
	pieces []piece
	levels [][]orb.Bound // levels[0]: boxes of fanout pieces; the last has one
}

// piece is a straight part of a line.
type piece struct {
	a, b orb.Point
	zone int32
}

func (p *piece) bound() orb.Bound { return orb.Bound{Min: p.a, Max: p.a}.Extend(p.b) }

const fanout = 16

// NewNearest prepares the lines of a system.
func NewNearest(s *System, metres float64) *Nearest {
	n := &Nearest{metres: metres}
	for i, z := range s.Zones {
		for _, line := range lines(z.Geometry) {
			for j := 1; j < len(line); j++ {
				n.pieces = append(n.pieces, piece{line[j-1], line[j], int32(i)})
			}
		}
	}
	n.pack()
	return n
}

func lines(g orb.Geometry) orb.MultiLineString {
	switch g := g.(type) {
	case orb.LineString:
		return orb.MultiLineString{g}
	case orb.MultiLineString:
		return g
	}
	return nil
}

func (n *Nearest) pack() {
	along := func(axis int) func(a, b piece) int {
		return func(a, b piece) int { return cmp.Compare(a.a[axis]+a.b[axis], b.a[axis]+b.b[axis]) }
	}
	slices.SortStableFunc(n.pieces, along(0))
	leaves := (len(n.pieces) + fanout - 1) / fanout
	strip := fanout * max(1, int(math.Ceil(math.Sqrt(float64(leaves)))))
	for part := range slices.Chunk(n.pieces, strip) {
		slices.SortStableFunc(part, along(1))
	}
	var level []orb.Bound
	for part := range slices.Chunk(n.pieces, fanout) {
		box := part[0].bound()
		for i := range part[1:] {
			box = box.Union(part[i+1].bound())
		}
		level = append(level, box)
	}
	for n.levels = append(n.levels, level); len(level) > 1; n.levels = append(n.levels, level) {
		var above []orb.Bound
		for part := range slices.Chunk(level, fanout) {
			box := part[0]
			for _, b := range part[1:] {
				box = box.Union(b)
			}
			above = append(above, box)
		}
		level = above
	}
}

const metresPerDegree = 6371008.8 * math.Pi / 180 // of latitude

// Locate gives the position of the nearest line, -1 when none is within reach.
func (n *Nearest) Locate(lon, lat float64) int32 {
	if len(n.pieces) == 0 {
		return none
	}
	narrow := math.Cos(lat * math.Pi / 180)
	dy := n.metres / metresPerDegree
	q := search{at: orb.Point{lon, lat}, narrow: narrow, zone: none, best: n.metres / metresPerDegree}
	q.box = orb.Bound{Min: orb.Point{lon - dy/narrow, lat - dy}, Max: orb.Point{lon + dy/narrow, lat + dy}}
	top := len(n.levels) - 1
	for i := range n.levels[top] {
		n.visit(&q, top, i)
	}
	return q.zone
}

// search is one question; distances are in degrees of latitude.
type search struct {
	at     orb.Point
	narrow float64 // length of a degree of longitude
	box    orb.Bound
	best   float64
	zone   int32
}

func (n *Nearest) visit(q *search, level, i int) {
	if !q.box.Intersects(n.levels[level][i]) {
		return
	}
	if level > 0 {
		for j := i * fanout; j < min((i+1)*fanout, len(n.levels[level-1])); j++ {
			n.visit(q, level-1, j)
		}
		return
	}
	for j := i * fanout; j < min((i+1)*fanout, len(n.pieces)); j++ {
		p := &n.pieces[j]
		if d := q.distance(p.a, p.b); d < q.best || d == q.best && (q.zone == none || p.zone < q.zone) {
			q.best, q.zone = d, p.zone
		}
	}
}

// distance to a straight piece, in a plane around the place.
func (q *search) distance(a, b orb.Point) float64 {
	ax, ay := (a[0]-q.at[0])*q.narrow, a[1]-q.at[1]
	bx, by := (b[0]-q.at[0])*q.narrow, b[1]-q.at[1]
	dx, dy := bx-ax, by-ay
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = max(0, min(1, -(ax*dx+ay*dy)/l))
	}
	return math.Hypot(ax+t*dx, ay+t*dy)
}

// halfWay is the point in the middle of a line.
func halfWay(line orb.LineString) orb.Point {
	whole := 0.0
	for i := 1; i < len(line); i++ {
		whole += length(line[i-1], line[i])
	}
	left := whole / 2
	for i := 1; i < len(line); i++ {
		l := length(line[i-1], line[i])
		if l >= left && l > 0 {
			t := left / l
			return orb.Point{line[i-1][0] + t*(line[i][0]-line[i-1][0]), line[i-1][1] + t*(line[i][1]-line[i-1][1])}
		}
		left -= l
	}
	return line[0]
}

func longest(all orb.MultiLineString) (best orb.LineString) {
	most := -1.0
	for _, line := range all {
		whole := 0.0
		for i := 1; i < len(line); i++ {
			whole += length(line[i-1], line[i])
		}
		if whole > most {
			best, most = line, whole
		}
	}
	return best
}
