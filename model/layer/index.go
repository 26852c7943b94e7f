package layer

// fanout is the number of children of a node of the index.
const fanout = 16

// index is a packed Hilbert R-tree (Kamel and Faloutsos, 1993, "On packing R-trees"): the features are in Hilbert order, so
// node k of a level is the box of children fanout·k … fanout·k+fanout−1 of the level below. Its leaves are the box columns
// of the file; the levels above are made when the file is opened, in 3 ms for a million features (doc/layer-file.md says
// why they are not stored).
type index struct {
	levels [][]node // levels[0]: boxes of fanout features; the last has at most fanout nodes
}

type node struct{ minX, minY, maxX, maxY int32 }

func (n *node) extend(m node) {
	n.minX, n.minY = min(n.minX, m.minX), min(n.minY, m.minY)
	n.maxX, n.maxY = max(n.maxX, m.maxX), max(n.maxY, m.maxY)
}

func newIndex(batches []Batch) index {
	total := 0
	for i := range batches {
		total += batches[i].Rows
	}
	level := make([]node, 0, (total+fanout-1)/fanout)
	at := 0
	for k := range batches {
		b := &batches[k]
		for i := range b.Rows {
			box := node{b.MinX[i], b.MinY[i], b.MaxX[i], b.MaxY[i]}
			if at%fanout == 0 {
				level = append(level, box)
			} else {
				level[len(level)-1].extend(box)
			}
			at++
		}
	}
	x := index{levels: [][]node{level}}
	for len(level) > fanout {
		above := make([]node, 0, (len(level)+fanout-1)/fanout)
		for i, n := range level {
			if i%fanout == 0 {
				above = append(above, n)
			} else {
				above[len(above)-1].extend(n)
			}
		}
		x.levels = append(x.levels, above)
		level = above
	}
	return x
}

// query is a box cut to the grid.
type query struct{ minX, minY, maxX, maxY int32 }

func (q *query) meets(n *node) bool {
	return n.minX <= q.maxX && n.maxX >= q.minX && n.minY <= q.maxY && n.maxY >= q.minY
}

// Search appends the numbers of the features whose bounding boxes meet box to dst, in ascending order.
func (f *File) Search(dst []int32, box Box) []int32 {
	if box.MaxX < -gridHalf || box.MinX >= gridHalf || box.MaxY < -gridHalf || box.MinY >= gridHalf || f.Len() == 0 {
		return dst
	}
	q := query{
		int32(max(box.MinX, -gridHalf)), int32(max(box.MinY, -gridHalf)),
		int32(min(box.MaxX, gridHalf-1)), int32(min(box.MaxY, gridHalf-1)),
	}
	s := search{f: f, q: q, out: dst}
	top := len(f.index.levels) - 1
	for i := range f.index.levels[top] {
		s.node(top, i)
	}
	return s.out
}

type search struct {
	f     *File
	q     query
	out   []int32
	batch int
}

func (s *search) node(level, i int) {
	levels := s.f.index.levels
	if !s.q.meets(&levels[level][i]) {
		return
	}
	if level == 0 {
		s.leaf(i)
		return
	}
	below := levels[level-1]
	for j := i * fanout; j < min((i+1)*fanout, len(below)); j++ {
		s.node(level-1, j)
	}
}

// leaf tests the features of a lowest node; nodes come in ascending order, so the batch only moves forward.
func (s *search) leaf(i int) {
	for at := i * fanout; at < (i+1)*fanout; at++ {
		for s.batch < len(s.f.batches) && at >= s.f.batches[s.batch].First+s.f.batches[s.batch].Rows {
			s.batch++
		}
		if s.batch == len(s.f.batches) {
			return
		}
		b := &s.f.batches[s.batch]
		k := at - b.First
		if b.MinX[k] <= s.q.maxX && b.MaxX[k] >= s.q.minX && b.MinY[k] <= s.q.maxY && b.MaxY[k] >= s.q.minY {
			s.out = append(s.out, int32(at))
		}
	}
}
