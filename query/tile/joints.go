package tile

import (
	"slices"

	"jumeau/model/layer"
	"jumeau/model/layer/planar"
)

// thinning decides which joints of a chain of lines are drawn. The ends of each line always are while it is alone; where two have
// become one, their joint is a vertex like any other, weighed against the drawn vertices beside it.
type thinning struct {
	weigher layer.Weigher
	pts     []planar.Point // on the grid: ends, joints, and the first and last drawn vertex inside each line
	zooms   []uint8
	at      []int32 // of the end of each line in pts
	drawn   []bool  // of the end of each line
}

// joints says of the end of each line of the chain whether it is drawn at zoom z.
func (n *network) joints(z uint8, maxZoom int) []bool {
	t := &n.thin
	t.pts, t.at, t.drawn = t.pts[:0], t.at[:0], t.drawn[:0]
	for k, enter := range n.chain {
		s := &n.strands[enter/2]
		b, p := s.batch, s.batch.Part[s.row]
		v, end, step := b.Vertex[p], b.Vertex[p+1]-1, int32(1)
		if enter%2 == 1 {
			v, end, step = end, v, -1
		}
		if k == 0 {
			t.add(b, v)
		}
		first, last := v+step, end-step
		for first != end && b.Zoom[first] > z {
			first += step
		}
		if first != end {
			for b.Zoom[last] > z {
				last -= step
			}
			t.add(b, first)
			if last != first {
				t.add(b, last)
			}
		}
		t.add(b, end)
		t.at = append(t.at, int32(len(t.pts)-1))
	}
	t.weigh(maxZoom)
	for _, at := range t.at {
		t.drawn = append(t.drawn, t.zooms[at] <= z)
	}
	return t.drawn
}

func (t *thinning) add(b *layer.Batch, v int32) {
	t.pts = append(t.pts, planar.Point{X: int64(b.X[v]), Y: int64(b.Y[v])})
}

// weigh sets the zooms of the chain. One that comes back to where it began is two, as far as its farthest vertex and back:
// there and back alone is a line too.
func (t *thinning) weigh(maxZoom int) {
	last := len(t.pts) - 1
	t.zooms = slices.Grow(t.zooms[:0], last+1)[:last+1]
	if t.pts[0] != t.pts[last] {
		t.weigher.Weigh(t.pts, t.zooms, false, maxZoom)
		return
	}
	far, most := 0, -1.0
	for i, p := range t.pts {
		dx, dy := float64(p.X-t.pts[0].X), float64(p.Y-t.pts[0].Y)
		if d := float64(dx*dx) + float64(dy*dy); d > most {
			far, most = i, d
		}
	}
	t.weigher.Weigh(t.pts[:far+1], t.zooms[:far+1], false, maxZoom)
	t.weigher.Weigh(t.pts[far:], t.zooms[far:], false, maxZoom)
}

// appendStrand moves the vertices of a strand, which were loaded behind line, to its end: without the first, where the strand
// before ends, and without the last when that joint is not drawn.
func appendStrand(line, strand []planar.Point, first, last bool) []planar.Point {
	add := func(p planar.Point) {
		if n := len(line); n == 0 || line[n-1] != p {
			line = append(line, p)
		}
	}
	end := strand[len(strand)-1]
	for i, p := range strand {
		if i == 0 && first || i > 0 && i+1 < len(strand) {
			add(p)
		}
	}
	if last {
		add(end)
	}
	return line
}
