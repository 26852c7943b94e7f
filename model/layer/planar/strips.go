package planar

import "math"

// strips finds the spans that hold a coordinate: the range of all is cut into strips about as wide as the mean span, each
// with the numbers of the spans that touch it, in ascending order.
type strips struct {
	low, width int64
	from       []int32 // items of strip k: from[k] up to from[k+1]
	items      []int32
}

// build makes the strips of spans 0 … n−1.
func (s *strips) build(n int, span func(i int) (low, high int64)) {
	low, high, total := int64(math.MaxInt64), int64(math.MinInt64), int64(0)
	for i := range n {
		a, b := span(i)
		low, high, total = min(low, a), max(high, b), total+b-a
	}
	if n == 0 {
		low, high = 0, 0
	}
	s.low, s.width = low, max(total/int64(max(n, 1)), (high-low)/int64(max(n, 1)), 1)
	s.from = append(s.from[:0], make([]int32, (high-low)/s.width+2)...)
	for i := range n { // how many items each strip has, then where they end, then, filled from the back, where they begin
		a, b := span(i)
		for k := (a - low) / s.width; k <= (b-low)/s.width; k++ {
			s.from[k]++
		}
	}
	sum := int32(0)
	for k := range s.from {
		sum += s.from[k]
		s.from[k] = sum
	}
	s.items = append(s.items[:0], make([]int32, sum)...)
	for i := n - 1; i >= 0; i-- {
		a, b := span(i)
		for k := (a - low) / s.width; k <= (b-low)/s.width; k++ {
			s.from[k]--
			s.items[s.from[k]] = int32(i)
		}
	}
}

// at is the spans that may hold v.
func (s *strips) at(v int64) []int32 {
	k := (v - s.low) / s.width
	if v < s.low || k >= int64(len(s.from)-1) {
		return nil
	}
	return s.items[s.from[k]:s.from[k+1]]
}
