package area

import "jumeau/model/layer"

// Match says whether the shape and a feature have a point in common (S_INTERSECTS of CQL2). Nothing is allocated.
func (s *Shape) Match(b *layer.Batch, row int) bool {
	if int64(b.MinX[row]) > s.box.MaxX || int64(b.MaxX[row]) < s.box.MinX || int64(b.MinY[row]) > s.box.MaxY || int64(b.MaxY[row]) < s.box.MinY {
		return false
	}
	kind := kindOf(b)
	for p := b.Part[row]; p < b.Part[row+1]; p++ {
		if s.meetsPart(b, b.Vertex[p], b.Vertex[p+1], kind) {
			return true
		}
	}
	for _, part := range s.parts {
		if kind == layer.Points { // each was looked for in the shape
			return false
		}
		if side := locate(b, row, kind == layer.Polygons, part[0]); side >= 0 {
			return true // the part lies within the feature, none of whose edges it meets, or is a point on it
		}
	}
	return false
}

// meetsPart says whether vertices of a part of a feature are in the shape, or edges meet.
func (s *Shape) meetsPart(b *layer.Batch, from, to int32, kind string) bool {
	if from == to {
		return false
	}
	last := at(b, from)
	if s.covers(last) {
		return true
	}
	if kind == layer.Polygons {
		last = at(b, to-1)
	}
	for v := from; v < to; v++ {
		next := at(b, v)
		if kind == layer.Points && s.covers(next) || kind != layer.Points && s.touches(last, next) {
			return true
		}
		last = next
	}
	return false
}

// kindOf is the kind of geometry of a batch: only polygons have areas, and points no blocks.
func kindOf(b *layer.Batch) string {
	switch {
	case b.Area != nil:
		return layer.Polygons
	case b.Blocks.Of != nil:
		return layer.Lines
	}
	return layer.Points
}

func at(b *layer.Batch, v int32) point { return point{int64(b.X[v]), int64(b.Y[v])} }

// locate, of a line or polygons, is 0 when p is on an edge or a point of the feature, 1 when it is inside, -1 outside.
func locate(b *layer.Batch, row int, rings bool, p point) int {
	if p.x < int64(b.MinX[row]) || p.x > int64(b.MaxX[row]) || p.y < int64(b.MinY[row]) || p.y > int64(b.MaxY[row]) {
		return -1
	}
	in := false
	for part := b.Part[row]; part < b.Part[row+1]; part++ {
		from, to := b.Vertex[part], b.Vertex[part+1]
		if from == to {
			continue
		}
		last := at(b, from)
		if rings {
			last = at(b, to-1)
		}
		for v := from; v < to; v++ {
			next := at(b, v)
			on, crosses := crossing(last, next, p)
			if on {
				return 0
			}
			in = in != crosses
			last = next
		}
	}
	if in && rings {
		return 1
	}
	return -1
}
