package tile

import (
	"cmp"
	"slices"

	"jumeau/model/layer"
)

// network joins lines that continue one another: below a layer's highest zoom, lines with equal properties that meet in a
// node become one line, with the number of lines it stands for. Where more than two meet, those that run straightest on
// are joined. Every tile that shows a node finds all lines that end there, and joins them alike.
type network struct {
	strands []strand
	ends    []end
	slots   []int32 // open-addressing table of groups: strand of each, plus one
	pairs   []pairing
	chain   []int32 // ends entered, in walking order
	sums    []sum
	agree   []bool
	thin    thinning
}

// strand is a line of one part, from its first end 0 to its last end 1.
type strand struct {
	batch *layer.Batch
	row   int32
	group int32    // the first strand with the same properties
	next  [2]int32 // per end: the end that it is joined to, or -1
	used  bool
}

// end is one end of a strand: 2·strand for its first vertex, 2·strand+1 for its last.
type end struct {
	group, x, y int32
	dx, dy      float32 // direction in which the line leaves the node
	at          int32
}

type pairing struct {
	turn float32 // cosine of the angle between two lines: -1 straight on
	a, b int32   // of the ends of the node
}

// busiest is the number of lines at a node up to which the straightest pairs are looked for.
const busiest = 16

func (n *network) forget() { clear(n.strands[:cap(n.strands)]) }

// add takes a line that may be joined. False when the feature has several parts, which are drawn as they are.
func (n *network) add(b *layer.Batch, row int) bool {
	if b.Part[row+1]-b.Part[row] != 1 || b.Vertex[b.Part[row]+1]-b.Vertex[b.Part[row]] < 2 {
		return false
	}
	n.strands = append(n.strands, strand{batch: b, row: int32(row), next: [2]int32{-1, -1}})
	return true
}

// joined writes the lines that were added.
func (e *encoder) joined() {
	n := &e.net
	defer func() { n.strands = n.strands[:0] }()
	n.groupAll(e.spec, e.step.bare)
	n.collect()
	for from := 0; from < len(n.ends); {
		to := from + 1
		for to < len(n.ends) && n.ends[to].x == n.ends[from].x && n.ends[to].y == n.ends[from].y && n.ends[to].group == n.ends[from].group {
			to++
		}
		n.join(n.ends[from:to])
		from = to
	}
	for i := range n.strands {
		if !n.strands[i].used {
			n.walk(int32(i))
			e.joinedLine()
		}
	}
}

// groupAll finds which strands have equal properties, sums apart; all of them do in a bare layer.
func (n *network) groupAll(spec *layer.Spec, bare bool) {
	size := 16
	for size < 2*len(n.strands) {
		size *= 2
	}
	n.slots = slices.Grow(n.slots[:0], size)[:size]
	clear(n.slots)
	for i := range n.strands {
		s := &n.strands[i]
		if bare {
			s.group = 0
			continue
		}
		for at := hashProperties(spec, s.batch, int(s.row)) & uint64(size-1); ; at = (at + 1) & uint64(size-1) {
			if n.slots[at] == 0 {
				n.slots[at] = int32(i) + 1
			}
			s.group = n.slots[at] - 1
			if t := &n.strands[s.group]; equalProperties(spec, s.batch, int(s.row), t.batch, int(t.row)) {
				break
			}
		}
	}
}

func equalProperties(spec *layer.Spec, a *layer.Batch, i int, b *layer.Batch, j int) bool {
	for p := range spec.Properties {
		if !spec.Properties[p].Sum && !sameValue(&a.Props[p], i, &b.Props[p], j) {
			return false
		}
	}
	return true
}

// collect lists the ends of all strands, node by node.
func (n *network) collect() {
	n.ends = n.ends[:0]
	for i := range n.strands {
		s := &n.strands[i]
		b, p := s.batch, s.batch.Part[s.row]
		first, last := b.Vertex[p], b.Vertex[p+1]-1
		for k, v := range [2][2]int32{{first, first + 1}, {last, last - 1}} {
			n.ends = append(n.ends, end{
				group: s.group, x: b.X[v[0]], y: b.Y[v[0]], at: int32(2*i + k),
				dx: float32(b.X[v[1]]) - float32(b.X[v[0]]), dy: float32(b.Y[v[1]]) - float32(b.Y[v[0]]),
			})
		}
	}
	slices.SortFunc(n.ends, func(a, b end) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.x, b.x), cmp.Compare(a.y, b.y), cmp.Compare(a.at, b.at))
	})
}

// join pairs the ends that meet in one node.
func (n *network) join(node []end) {
	if len(node) == 2 {
		n.link(node[0].at, node[1].at)
		return
	}
	if len(node) > busiest {
		for i := 0; i+1 < len(node); i += 2 {
			n.link(node[i].at, node[i+1].at)
		}
		return
	}
	n.pairs = n.pairs[:0]
	for i := range node {
		for j := i + 1; j < len(node); j++ {
			if turn := turn(&node[i], &node[j]); turn < 0 {
				n.pairs = append(n.pairs, pairing{turn, node[i].at, node[j].at})
			}
		}
	}
	slices.SortFunc(n.pairs, func(a, b pairing) int {
		return cmp.Or(cmp.Compare(a.turn, b.turn), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
	for _, p := range n.pairs {
		if *n.to(p.a) < 0 && *n.to(p.b) < 0 {
			n.link(p.a, p.b)
		}
	}
}

// turn is the cosine of the angle between two lines that leave a node, times a positive factor of no matter for its sign.
func turn(a, b *end) float32 {
	dot := a.dx*b.dx + a.dy*b.dy
	squares := (a.dx*a.dx + a.dy*a.dy) * (b.dx*b.dx + b.dy*b.dy)
	if squares == 0 {
		return 0
	}
	return dot * max(dot, -dot) / squares // the square of the cosine, with its sign: orders alike
}

func (n *network) to(end int32) *int32 { return &n.strands[end/2].next[end%2] }

func (n *network) link(a, b int32) {
	if a/2 == b/2 {
		return // a line that closes on itself stays one
	}
	*n.to(a), *n.to(b) = b, a
}

// walk lists the chain that holds a strand: the end at which each of its strands is entered. The strand itself is walked
// from its first vertex to its last.
func (n *network) walk(start int32) {
	enter := 2 * start
	for {
		before := *n.to(enter)
		if before < 0 || before/2 == start {
			break
		}
		enter = before ^ 1
	}
	n.chain = n.chain[:0]
	for enter >= 0 && !n.strands[enter/2].used {
		n.strands[enter/2].used = true
		n.chain = append(n.chain, enter)
		enter = *n.to(enter ^ 1)
	}
}

// joinedLine writes the chain just walked: a single line as it is, several as one.
func (e *encoder) joinedLine() {
	n := &e.net
	if len(n.chain) == 1 {
		s := &n.strands[n.chain[0]/2]
		e.feature(s.batch, int(s.row))
		return
	}
	e.rings.Reset()
	inside := true
	joints := n.joints(uint8(e.drawn), e.spec.MaxZoom)
	for k, enter := range n.chain {
		s := &n.strands[enter/2]
		inside = inside && e.inside(s.batch, int(s.row))
		from := len(e.rings.Pts)
		e.load(s.batch, int(s.row), false)
		part := e.rings.Pts[from:]
		if enter%2 == 1 {
			slices.Reverse(part)
		}
		e.rings.Pts = appendStrand(e.rings.Pts[:from], part, k == 0, joints[k])
	}
	e.rings.Ends = append(e.rings.Ends[:0], len(e.rings.Pts))
	e.geom.begin(e.step.coarse)
	if !e.line(inside) {
		e.stats.Collapsed += len(n.chain)
		return
	}
	if len(e.geom.bytes) == 0 {
		return
	}
	e.stats.Aggregated += len(n.chain)
	e.stats.Aggregates++
	first := &n.strands[n.chain[0]/2]
	e.tags.shared(first.batch, int(first.row), n.agreed(e.spec), n.summed(e.spec), len(n.chain))
	e.emit(kindLine, 0, false)
}

// agreed says that a chain's lines agree on all properties.
func (n *network) agreed(spec *layer.Spec) []bool {
	n.agree = n.agree[:0]
	for range spec.Properties {
		n.agree = append(n.agree, true)
	}
	return n.agree
}

// summed adds up the properties that have a sum over the chain.
func (n *network) summed(spec *layer.Spec) []sum {
	n.sums = n.sums[:0]
	for j := range spec.Properties {
		n.sums = append(n.sums, sum{})
		for _, enter := range n.chain {
			if s := &n.strands[enter/2]; spec.Properties[j].Sum {
				n.sums[j].add(&s.batch.Props[j], int(s.row))
			}
		}
	}
	return n.sums
}
