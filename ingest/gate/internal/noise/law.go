package noise

import (
	"math"
	"sort"
)

// Law is a symmetric law on the integers: how it is drawn, and what is known of it in closed form.
type Law interface {
	Name() string
	Draw(*Source) int64
	P(x int64) float64    // P(X = x)
	Tail(m int64) float64 // P(X >= m)
	SD() float64
}

// HalfWidth is the smallest c with P(|X| >= c) <= 1-level. The truth is within c of a figure at least that often.
func HalfWidth(law Law, level float64) int64 {
	return first(func(c int64) bool { return 2*law.Tail(c) <= 1-level }, law.SD())
}

// Margin is the smallest m with P(X >= m) <= p.
func Margin(law Law, p float64) int64 {
	return first(func(m int64) bool { return law.Tail(m) <= p }, law.SD())
}

// first is the smallest positive integer at which a monotone condition holds.
func first(holds func(int64) bool, scale float64) int64 {
	hi := int64(math.Max(1, scale))
	for !holds(hi) {
		hi *= 2
	}
	return int64(sort.Search(int(hi), func(i int) bool { return holds(int64(i) + 1) })) + 1
}

// NamedLaplace and NamedGaussian are the names of the laws, as the ledger and the card write them.
const (
	NamedLaplace  = "discrete Laplace"
	NamedGaussian = "discrete Gaussian"
)
