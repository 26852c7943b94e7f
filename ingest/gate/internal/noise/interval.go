package noise

import "sort"

// Interval is what a published figure y says about its truth n, knowing that it was published.
type Interval struct {
	Lo, Hi int64
	Near   bool // just above the limit: publication itself lifted such figures, so the interval is wider
}

// Intervals gives the interval of every figure of one mechanism. Not safe for concurrent use.
type Intervals struct {
	m    Mechanism
	k    int64
	near []*Interval // of the figures from the threshold up, once asked for
	far  int64       // half-width beyond them
}

// NewIntervals prepares the intervals of figures that were published because y >= m.Threshold, with at least k units behind.
//
// Publishing only from a threshold T up biases what is published, so y ± c would miss small truths far too often. The interval
// is the set of n that the conditional law does not contradict: those with P(X >= y-n | X >= T-n) and P(X <= y-n | X >= T-n)
// both at least (1-level)/2. It covers the truth at the level for every n, given publication; far above T it is y ± c.
func NewIntervals(m Mechanism, k int) *Intervals {
	v := &Intervals{m: m, k: int64(k), far: first(func(c int64) bool { return m.Law.Tail(c+1) <= (1-Level)/2 }, m.Law.SD())}
	v.far = max(v.far, m.HalfWidth)
	v.near = make([]*Interval, 4*v.far+1)
	return v
}

// Of is the interval of a published figure.
func (v *Intervals) Of(y int64) Interval {
	if i := y - v.m.Threshold; i >= 0 && i < int64(len(v.near)) {
		if v.near[i] == nil {
			near := v.conditional(y)
			v.near[i] = &near
		}
		return *v.near[i]
	}
	return Interval{Lo: y - v.far, Hi: y + v.far}
}

func (v *Intervals) conditional(y int64) Interval {
	const half = (1 - Level) / 2
	t, law := v.m.Threshold, v.m.Law
	fewest, most := min(v.k, y), y+8*v.far
	low := fewest + int64(sort.Search(int(y-fewest), func(i int) bool {
		n := fewest + int64(i)
		return law.Tail(y-n) >= half*law.Tail(t-n)
	}))
	high := y + int64(sort.Search(int(most-y), func(i int) bool {
		n := y + int64(i) + 1
		return law.Tail(t-n)-law.Tail(y-n+1) < half*law.Tail(t-n)
	}))
	out := Interval{Lo: min(low, y-v.m.HalfWidth), Hi: max(high, y+v.m.HalfWidth)}
	out.Near = y < t+v.m.HalfWidth || out.Lo < y-v.far
	return out
}
