package frame

import (
	"cmp"
	"container/heap"
	"maps"
	"math"
	"slices"
)

// Rest is what a choice of pairs leaves out.
type Rest struct {
	Pairs int     `json:"pairs"`
	Value float64 `json:"value"` // sum of their published figures
}

// Top is the n pairs with the greatest figures, in the order of the pairs, and what is left out. Of equal figures, those that
// come first are taken; pairs without a figure come last.
func (p Pairs) Top(n int) (Pairs, Rest) {
	if p.Len() <= n {
		return p, Rest{}
	}
	least := p.nth(n)
	above := 0
	for _, v := range p.Value {
		if compare(v, least) > 0 {
			above++
		}
	}
	var out Pairs
	var rest Rest
	equal := n - above // places left for figures equal to the least
	for i, v := range p.Value {
		c := compare(v, least)
		if c > 0 || c == 0 && equal > 0 {
			if c == 0 {
				equal--
			}
			out.take(p, i)
			continue
		}
		rest.Pairs++
		if !math.IsNaN(v) {
			rest.Value += v
		}
	}
	rest.Value = Settle(rest.Value)
	return out, rest
}

// compare orders figures; no figure is less than any.
func compare(a, b float64) int { return cmp.Compare(a, b) } // NaN is the least to it

// nth is the n-th greatest figure, from 1.
func (p Pairs) nth(n int) float64 {
	h := make(smallest, 0, n)
	for _, v := range p.Value {
		if len(h) < n {
			heap.Push(&h, v)
		} else if compare(v, h[0]) > 0 {
			h[0] = v
			heap.Fix(&h, 0)
		}
	}
	return h[0]
}

type smallest []float64

func (h smallest) Len() int           { return len(h) }
func (h smallest) Less(i, k int) bool { return compare(h[i], h[k]) < 0 }
func (h smallest) Swap(i, k int)      { h[i], h[k] = h[k], h[i] }
func (h *smallest) Push(v any)        { *h = append(*h, v.(float64)) }
func (h *smallest) Pop() any {
	last := len(*h) - 1
	v := (*h)[last]
	*h = (*h)[:last]
	return v
}

func (p *Pairs) take(from Pairs, i int) {
	p.Origin, p.Destination = append(p.Origin, from.Origin[i]), append(p.Destination, from.Destination[i])
	p.Value, p.Lo = append(p.Value, from.Value[i]), append(p.Lo, from.Lo[i])
	p.Hi, p.Flag = append(p.Hi, from.Hi[i]), append(p.Flag, from.Flag[i])
}

// Rollup sums pairs into those of a coarser system; parents gives the zone of each zone, NoParent for none. A zone without
// parent lies outside the coarser system; pairs that do not touch it are left out. It sums what is published, so it says nothing
// that the pairs do not.
func (p Pairs) Rollup(parents []uint32) Pairs {
	parent := func(zone uint32) uint32 {
		if zone == Outside || parents[zone] == NoParent {
			return Outside
		}
		return parents[zone]
	}
	sums := map[[2]uint32]*Sum{}
	for i := range p.Origin {
		pair := [2]uint32{parent(p.Origin[i]), parent(p.Destination[i])}
		if pair == [2]uint32{Outside, Outside} {
			continue
		}
		s, ok := sums[pair]
		if !ok {
			s = &Sum{}
			sums[pair] = s
		}
		s.Add(p.Figures, i)
	}
	pairs := slices.SortedFunc(maps.Keys(sums), func(a, b [2]uint32) int { return slices.Compare(a[:], b[:]) })
	out := Pairs{Figures: NewFigures(len(pairs))}
	for i, pair := range pairs {
		out.Origin, out.Destination = append(out.Origin, pair[0]), append(out.Destination, pair[1])
		out.Value[i], out.Lo[i], out.Hi[i], out.Flag[i] = sums[pair].Figure()
	}
	return out
}
