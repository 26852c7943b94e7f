package place

import (
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// raster is a grid of labels; none (-1) is outside. Regions of equal labels become polygons that share their borders.
type raster struct {
	cols, rows int
	side       float64
	label      []int32
}

func (r *raster) at(col, row int) int32 {
	if col < 0 || row < 0 || col >= r.cols || row >= r.rows {
		return none
	}
	return r.label[row*r.cols+col]
}

// arc is a border between two regions, drawn once and used by both.
type arc struct {
	left, right int32 // labels on each side when walking from start to end
	start, end  int   // corner numbers; equal for a loop
	line        []orb.Point
}

// tidy removes the places where a region touches itself at a corner, which would make its ring touch itself.
func (r *raster) tidy() {
	for range 30 {
		changed := false
		for row := 0; row+1 < r.rows; row++ {
			for col := 0; col+1 < r.cols; col++ {
				i := row*r.cols + col
				a, b, c, d := r.label[i], r.label[i+1], r.label[i+r.cols], r.label[i+r.cols+1]
				switch {
				case a == d && a != b && a != c:
					r.label[i+1] = a
					changed = true
				case b == c && b != a && b != d:
					r.label[i] = b
					changed = true
				}
			}
		}
		if !changed {
			return
		}
	}
}

// components renumbers the labels so that each connected region (by edges) has its own; it returns the old label of each
// and its size in cells.
func (r *raster) components() (was []int32, size []int) {
	out := make([]int32, len(r.label))
	for i := range out {
		out[i] = none
	}
	var stack []int
	for i, l := range r.label {
		if l == none || out[i] != none {
			continue
		}
		id := int32(len(was))
		n := 0
		out[i] = id
		stack = append(stack[:0], i)
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			n++
			col, row := at%r.cols, at/r.cols
			for _, d := range around[:4] {
				c, w := col+d[0], row+d[1]
				if c < 0 || w < 0 || c >= r.cols || w >= r.rows {
					continue
				}
				if j := w*r.cols + c; out[j] == none && r.label[j] == l {
					out[j] = id
					stack = append(stack, j)
				}
			}
		}
		was, size = append(was, l), append(size, n)
	}
	r.label = out
	return was, size
}

// absorb gives regions that fail keep to the neighbour with which they share the longest border.
func (r *raster) absorb(keep func(id int32) bool, n int) {
	for range 12 {
		shared := make([]map[int32]int, n)
		any := false
		for i, l := range r.label {
			if l == none || keep(l) {
				continue
			}
			any = true
			col, row := i%r.cols, i/r.cols
			for _, d := range around[:4] {
				if o := r.at(col+d[0], row+d[1]); o != l && o != none {
					if shared[l] == nil {
						shared[l] = map[int32]int{}
					}
					shared[l][o]++
				}
			}
		}
		if !any {
			return
		}
		to := make([]int32, n)
		for l := range to {
			to[l] = int32(l)
			best := 0
			for o, k := range shared[l] {
				good := keep(o)
				if k > best || k == best && o < to[l] {
					if good || best == 0 {
						best, to[l] = k, o
					}
				}
			}
		}
		for i, l := range r.label {
			if l != none && !keep(l) {
				r.label[i] = to[l]
			}
		}
	}
}

// Directions of travel along cell edges: east, north, west, south, from corner (x, y).
var heading = [4][2]int{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// sides of the edge that leaves corner (x, y) in direction k.
func (r *raster) sides(x, y, k int) (left, right int32) {
	switch k {
	case 0:
		return r.at(x, y), r.at(x, y-1)
	case 1:
		return r.at(x-1, y), r.at(x, y)
	case 2:
		return r.at(x-1, y-1), r.at(x-1, y)
	}
	return r.at(x, y-1), r.at(x-1, y-1)
}

// arcs traces every border once. Nodes are the corners where more than two borders meet.
func (r *raster) arcs(shape func([]orb.Point) []orb.Point) []arc {
	width := r.cols + 1
	used := make([][4]bool, width*(r.rows+1))
	var out []arc
	border := func(x, y, k int) bool {
		nx, ny := x+heading[k][0], y+heading[k][1]
		if nx < 0 || ny < 0 || nx > r.cols || ny > r.rows {
			return false
		}
		l, q := r.sides(x, y, k)
		return l != q
	}
	degree := func(x, y int) int {
		n := 0
		for k := range 4 {
			if border(x, y, k) {
				n++
			}
		}
		return n
	}
	walk := func(x, y, k int) {
		a := arc{start: y*width + x}
		a.left, a.right = r.sides(x, y, k)
		a.line = append(a.line, r.corner(x, y))
		for {
			used[y*width+x][k] = true
			x, y = x+heading[k][0], y+heading[k][1]
			used[y*width+x][(k+2)%4] = true
			a.line = append(a.line, r.corner(x, y))
			if y*width+x == a.start || degree(x, y) != 2 {
				break
			}
			for n := range 4 {
				if border(x, y, n) && n != (k+2)%4 {
					k = n
					break
				}
			}
		}
		a.end = y*width + x
		a.line = shape(a.line)
		out = append(out, a)
	}
	for pass := range 2 { // nodes first, then loops that meet no node
		for y := 0; y <= r.rows; y++ {
			for x := 0; x <= r.cols; x++ {
				if pass == 0 && degree(x, y) < 3 {
					continue
				}
				for k := range 4 {
					if border(x, y, k) && !used[y*width+x][k] {
						walk(x, y, k)
					}
				}
			}
		}
	}
	return out
}

func (r *raster) corner(x, y int) orb.Point {
	return orb.Point{West + float64(x)*r.side, South + float64(y)*r.side}
}

// polygons assembles arcs into one MultiPolygon per group: group maps a label to 0..n-1, or none to leave it out.
// Borders inside a group disappear. Outer rings are counter-clockwise.
func polygons(arcs []arc, n int, group func(int32) int32) []orb.MultiPolygon {
	type half struct {
		end  int
		line []orb.Point
	}
	byStart := make([]map[int][]half, n)
	add := func(g int32, start, end int, line []orb.Point) {
		if byStart[g] == nil {
			byStart[g] = map[int][]half{}
		}
		byStart[g][start] = append(byStart[g][start], half{end, line})
	}
	of := func(l int32) int32 {
		if l == none {
			return none
		}
		return group(l)
	}
	for _, a := range arcs {
		l, q := of(a.left), of(a.right)
		if l == q {
			continue
		}
		if l != none {
			add(l, a.start, a.end, a.line)
		}
		if q != none {
			back := append([]orb.Point(nil), a.line...)
			for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
				back[i], back[j] = back[j], back[i]
			}
			add(q, a.end, a.start, back)
		}
	}
	out := make([]orb.MultiPolygon, n)
	for g, halves := range byStart {
		starts := make([]int, 0, len(halves))
		for s := range halves {
			starts = append(starts, s)
		}
		sort.Ints(starts)
		var rings []orb.Ring
		for _, s := range starts {
			for len(halves[s]) > 0 {
				path, seen := []half{}, map[int]int{s: 0}
				for at := s; len(halves[at]) > 0; {
					list := halves[at]
					h := list[len(list)-1]
					halves[at] = list[:len(list)-1]
					path = append(path, h)
					at = h.end
					if from, ok := seen[at]; ok { // a loop closes: it is a ring of its own, even where the region touches itself
						var ring orb.Ring
						for _, h := range path[from:] {
							ring = append(ring[:max(len(ring)-1, 0)], h.line...)
							delete(seen, h.end)
						}
						seen[at] = from
						path = path[:from]
						rings = append(rings, ring)
					} else {
						seen[at] = len(path)
					}
				}
			}
		}
		out[g] = nest(rings)
	}
	return out
}

// nest puts holes (clockwise rings) into the smallest outer ring that contains them.
func nest(rings []orb.Ring) orb.MultiPolygon {
	var out orb.MultiPolygon
	var holes []orb.Ring
	for _, r := range rings {
		if planar.Area(orb.Polygon{r}) == 0 {
			continue
		}
		if r.Orientation() == orb.CCW {
			out = append(out, orb.Polygon{r})
		} else {
			holes = append(holes, r)
		}
	}
	for _, h := range holes {
		best, area := -1, 0.0
		for i, p := range out {
			if a := planar.Area(p[0]); (best < 0 || a < area) && p[0].Bound().Contains(h[0]) && planar.RingContains(p[0], h[0]) {
				best, area = i, a
			}
		}
		if best >= 0 {
			out[best] = append(out[best], h)
		}
	}
	return out
}
