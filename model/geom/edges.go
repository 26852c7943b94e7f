package geom

import (
	"sync"

	"github.com/paulmach/orb"
)

// edge is one segment of a boundary, of non-zero length.
type edge struct {
	a, b orb.Point
	ring int32
}

// box of a node of the edge index.
type box struct{ minX, minY, maxX, maxY float64 }

func (b box) meets(o box) bool {
	return b.minX <= o.maxX && o.minX <= b.maxX && b.minY <= o.maxY && o.minY <= b.maxY
}

func (b box) union(o box) box {
	return box{min(b.minX, o.minX), min(b.minY, o.minY), max(b.maxX, o.maxX), max(b.maxY, o.maxY)}
}

// ringSpan is where the edges of one ring stand, and to which part of the multipolygon it belongs.
type ringSpan struct {
	ring       orb.Ring
	part       int32
	hole       bool
	start, end int32 // edges
	box        box
}

// fan is the number of edges under a leaf, and of nodes under a node, of the index.
const fan = 8

// boundary is all edges of a multipolygon with an index: a tree of boxes over runs of consecutive edges, which lie near
// each other because they follow a line. Comparing the tree with itself finds the meeting pairs in O(n log n) on real
// shapes.
type boundary struct {
	edges  []edge
	rings  []ringSpan
	levels [][]box // levels[0] are leaves over fan edges each; levels[depth-1] has one box
	depth  int
	touch  []touchPoint
	pairs  int // compared so far
}

// touchPoint is where two different rings meet without overlap.
type touchPoint struct {
	at   orb.Point
	i, j int32 // edges, of rings i < j
}

var boundaries = sync.Pool{New: func() any { return new(boundary) }}

func (s *boundary) load(mp orb.MultiPolygon) {
	s.edges, s.rings, s.touch, s.pairs = s.edges[:0], s.rings[:0], s.touch[:0], 0
	for part, p := range mp {
		for k, r := range p {
			span := ringSpan{ring: r, part: int32(part), hole: k > 0, start: int32(len(s.edges))}
			id := int32(len(s.rings))
			for i := 1; i < len(r); i++ {
				if r[i] != r[i-1] {
					s.edges = append(s.edges, edge{r[i-1], r[i], id})
				}
			}
			span.end = int32(len(s.edges))
			for i, e := range s.edges[span.start:span.end] {
				if b := edgeBox(e); i == 0 {
					span.box = b
				} else {
					span.box = span.box.union(b)
				}
			}
			s.rings = append(s.rings, span)
		}
	}
	s.index()
}

func edgeBox(e edge) box {
	return box{min(e.a[0], e.b[0]), min(e.a[1], e.b[1]), max(e.a[0], e.b[0]), max(e.a[1], e.b[1])}
}

func (s *boundary) index() {
	s.depth = 1
	s.level(0, len(s.edges), func(i int) box { return edgeBox(s.edges[i]) })
	for below := s.levels[0]; len(below) > 1; below = s.levels[s.depth-1] {
		s.level(s.depth, len(below), func(i int) box { return below[i] })
		s.depth++
	}
}

// level fills level k with the boxes of runs of fan items out of n.
func (s *boundary) level(k, n int, item func(int) box) {
	if k == len(s.levels) {
		s.levels = append(s.levels, nil)
	}
	boxes := s.levels[k][:0]
	for i := 0; i < n; i += fan {
		b := item(i)
		for j := i + 1; j < min(i+fan, n); j++ {
			b = b.union(item(j))
		}
		boxes = append(boxes, b)
	}
	s.levels[k] = boxes
}

// join calls visit with every pair of edges i < j whose boxes meet, until it returns a defect.
func (s *boundary) join(visit func(i, j int32) *Defect) *Defect {
	if len(s.edges) == 0 {
		return nil
	}
	return s.joinNodes(s.depth-1, 0, 0, visit)
}

// joinNodes compares the nodes i <= j of a level.
func (s *boundary) joinNodes(level, i, j int, visit func(i, j int32) *Defect) *Defect {
	if level < 0 {
		if i != j {
			return visit(int32(i), int32(j))
		}
		return nil
	}
	below := len(s.edges)
	if level > 0 {
		below = len(s.levels[level-1])
	}
	other := s.levels[level][j]
	for k := i * fan; k < min(i*fan+fan, below); k++ {
		kb := s.itemBox(level-1, k)
		if !kb.meets(other) {
			continue
		}
		from := j * fan
		if i == j {
			from = k
		}
		for l := from; l < min(j*fan+fan, below); l++ {
			if !kb.meets(s.itemBox(level-1, l)) {
				continue
			}
			if d := s.joinNodes(level-1, k, l, visit); d != nil {
				return d
			}
		}
	}
	return nil
}

func (s *boundary) itemBox(level, i int) box {
	if level < 0 {
		return edgeBox(s.edges[i])
	}
	return s.levels[level][i]
}
