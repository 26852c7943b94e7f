package place

import "sort"

// pruneStreets takes away the village streets along which nothing was built, from the outside in, where the network does not
// need them to hold together.
func (w *World) pruneStreets() {
	used := make([]int, len(w.Streets))
	w.grown = make([]float32, len(w.villages))
	for _, b := range w.Buildings {
		if b.Street >= 0 {
			used[b.Street]++
		}
		if v := w.urban[cellAt(b.Centre)]; v > 0 && b.Dwellings > 0 {
			w.grown[v-1] = max(w.grown[v-1], w.ripeness[cellAt(b.Centre)])
		}
	}
	at := map[int32][]int{}
	for k, s := range w.Streets {
		at[s.From], at[s.To] = append(at[s.From], k), append(at[s.To], k)
	}
	gone := make([]bool, len(w.Streets))
	var empty []int
	for k, s := range w.Streets {
		if s.Class == Local && used[k] == 0 {
			empty = append(empty, k)
		}
	}
	ripe := func(k int) float32 {
		p, _ := along(w.Streets[k].Line, lengthOf(w.Streets[k].Line)/2)
		return w.ripeness[cellAt(p)]
	}
	sort.SliceStable(empty, func(i, j int) bool { return ripe(empty[i]) > ripe(empty[j]) })
	for range 8 {
		for _, k := range empty {
			if !gone[k] && !w.needed(k, at, gone) {
				gone[k] = true
			}
		}
	}
	index := make([]int, len(w.Streets))
	kept := w.Streets[:0:0]
	for k, s := range w.Streets {
		index[k] = len(kept)
		if !gone[k] {
			kept = append(kept, s)
		}
	}
	w.Streets = kept
	for k := range w.Buildings {
		if b := &w.Buildings[k]; b.Street >= 0 {
			b.Street = index[b.Street]
		}
	}
}

// needed: without the street its ends would no longer be joined by a short way round.
func (w *World) needed(street int, at map[int32][]int, gone []bool) bool {
	s := w.Streets[street]
	others := func(node int32) int {
		n := 0
		for _, k := range at[node] {
			if k != street && !gone[k] {
				n++
			}
		}
		return n
	}
	if others(s.From) == 0 || others(s.To) == 0 {
		return false
	}
	seen := map[int32]bool{s.From: true}
	queue := []int32{s.From}
	for len(queue) > 0 && len(seen) < 400 {
		node := queue[0]
		queue = queue[1:]
		for _, k := range at[node] {
			if k == street || gone[k] {
				continue
			}
			next := w.Streets[k].From + w.Streets[k].To - node
			if next == s.To {
				return false
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return true
}
