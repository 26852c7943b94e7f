package gate

import (
	"cmp"
	"math"
	"slices"
)

// node is a published figure in the tree of one slot. Its parent is the nearest published figure above it.
type node struct {
	level    int
	figure   *Figure
	variance float64
	parent   int
	children []int
	whole    bool // its children are all of it: they must add up

	z, v, x float64
}

// reconcile makes the levels agree: the published parts of a figure and its rest add up to it. It is weighted least squares on the
// tree (Hay, Rastogi, Miklau, Suciu 2010, in two passes), under rest >= 0; it reads published figures only, so it costs nothing.
func (t *table) reconcile(p *Protected) {
	above := t.above()
	variance := make([]float64, len(t.levels))
	for i, l := range t.levels {
		sd := l.mechanism.Law.SD()
		variance[i] = sd * sd
	}
	for slot := range p.slots {
		nodes := t.forest(p, slot, above)
		for i := range nodes {
			nodes[i].variance = variance[nodes[i].level]
		}
		settleTree(nodes)
		roundTree(nodes)
		for i := range nodes {
			n := &nodes[i]
			p.levels[n.level].accept(n)
		}
	}
}

// accept puts the reconciled figure in the place of the drawn one, with an interval that holds both.
func (l *published) accept(n *node) {
	f, half := n.figure, float64(l.half)
	f.Y = n.x
	f.Lo, f.Hi = min(f.Lo, f.Y-half), max(f.Hi, f.Y+half)
	if n.level == 0 || f.Rest < float64(l.threshold) {
		f.Rest = math.NaN()
	}
}

// above gives, for each level but the last, the place one level up of each of its places; nil means one place for all, and the
// leaves of a flow are divided.
func (t *table) above() []func(place uint64) int64 {
	out := make([]func(uint64) int64, len(t.levels))
	for i := range len(t.levels) - 1 {
		up := &t.levels[i+1]
		switch {
		case i == 0 || up.totals:
			out[i] = up.of
		default:
			index := make([]int64, t.levels[i].places)
			for j := range index {
				index[j] = none
			}
			for leaf := range t.places {
				if at := t.levels[i].of(uint64(leaf)); at >= 0 {
					index[at] = up.of(uint64(leaf))
				}
			}
			out[i] = func(place uint64) int64 { return index[place] }
		}
	}
	return out
}

type key struct {
	level int
	place uint64
}

// forest links the published figures of a slot, the coarsest first.
func (t *table) forest(p *Protected, slot int, above []func(uint64) int64) (nodes []node) {
	at := map[key]int{}
	for level := len(p.levels) - 1; level >= 0; level-- {
		figures := p.levels[level].slot(slot)
		for i := range figures {
			f := &figures[i]
			n := node{level: level, figure: f, parent: none}
			place, l := f.place, level
			for n.parent == none && l+1 < len(p.levels) {
				up := above[l](place)
				if l++; up < 0 {
					l = len(p.levels) - 1 // no zone above it, but the total, if there is one
					if up = 0; !t.levels[l].totals {
						break
					}
				}
				place = uint64(up)
				if parent, ok := at[key{l, place}]; ok {
					n.parent = parent
				}
			}
			at[key{level, f.place}] = len(nodes)
			nodes = append(nodes, n)
		}
	}
	covered := make([]int, len(nodes))
	for i := range nodes {
		if up := nodes[i].parent; up != none {
			nodes[up].children = append(nodes[up].children, i)
			covered[up] += t.leavesOf(nodes[i].level, nodes[i].figure.place)
		}
	}
	for i := range nodes {
		n := &nodes[i]
		n.whole = len(n.children) > 0 && covered[i] == t.leavesOf(n.level, n.figure.place)
	}
	return nodes
}

// leavesOf is the number of leaves of a place of a level.
func (t *table) leavesOf(level int, place uint64) int {
	l := &t.levels[level]
	switch {
	case level == 0:
		return 1
	case l.leaves != nil:
		return l.leaves[place]
	case l.totals:
		return t.places
	}
	return t.Zones + 1
}

// settleTree finds x of every node. Parents come before children. A node whose children would exceed it has no rest: it is then
// made whole, and the passes begin again.
func settleTree(nodes []node) {
	for again := true; again; {
		for i := len(nodes) - 1; i >= 0; i-- { // upwards: own figure and sum of children, weighted by inverse variance
			n := &nodes[i]
			n.z, n.v = n.figure.Y, n.variance
			if n.whole {
				sum, v := n.childSum(nodes)
				n.z = (n.z*v + sum*n.v) / (n.v + v)
				n.v = n.v * v / (n.v + v)
			}
		}
		again = false
		for i := range nodes { // downwards: what is missing is divided by variance
			n := &nodes[i]
			if n.parent == none {
				n.x = n.z
			}
			sum, v := n.childSum(nodes)
			for _, c := range n.children {
				nodes[c].x = nodes[c].z
				if n.whole {
					nodes[c].x += nodes[c].v / v * (n.x - sum)
				}
			}
			if !n.whole && sum > n.x {
				n.whole, again = true, true
			}
		}
	}
}

func (n *node) childSum(nodes []node) (sum, variance float64) {
	for _, c := range n.children {
		sum += nodes[c].z
		variance += nodes[c].v
	}
	return sum, variance
}

// roundTree makes x whole numbers that still add up: largest remainders, from the top.
func roundTree(nodes []node) {
	for i := range nodes {
		n := &nodes[i]
		if n.parent == none {
			n.x = max(0, math.Round(n.x))
		}
		n.figure.Rest = math.NaN()
		if len(n.children) == 0 {
			continue
		}
		parts := make([]float64, 0, len(n.children)+1)
		sum := 0.0
		for _, c := range n.children {
			parts = append(parts, nodes[c].x)
			sum += nodes[c].x
		}
		if !n.whole {
			parts = append(parts, max(0, n.x-sum))
		}
		whole := apportion(parts, n.x)
		for j, c := range n.children {
			nodes[c].x = whole[j]
		}
		if n.figure.Rest = 0; !n.whole {
			n.figure.Rest = whole[len(whole)-1]
		}
	}
}

// apportion rounds non-negative parts to whole numbers of a given sum.
func apportion(parts []float64, sum float64) []float64 {
	out := make([]float64, len(parts))
	order := make([]int, len(parts))
	left := sum
	for i, v := range parts {
		out[i], order[i] = math.Floor(max(0, v)), i
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(parts[b]-math.Floor(parts[b]), parts[a]-math.Floor(parts[a])) })
	for i := 0; left >= 1; i++ {
		out[order[i%len(order)]]++
		left--
	}
	for i := 0; left <= -1; i++ {
		if at := order[len(order)-1-i%len(order)]; out[at] > 0 {
			out[at]--
			left++
		}
	}
	return out
}
