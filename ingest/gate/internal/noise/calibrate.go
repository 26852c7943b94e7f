package noise

import (
	"errors"
	"math"
	"sort"
)

// Bound is the most that one unit may change: so many cells, so much in each, so much in all.
type Bound struct {
	Cells   int   // cells it may touch (L0)
	PerCell int64 // in one cell (Linf)
	Total   int64 // over all cells (L1); at most Cells × PerCell
}

// Leaf is the bound of l0 cells with linf in each.
func Leaf(l0 int, linf int64) Bound { return Bound{l0, linf, int64(l0) * linf} }

// square is the greatest sum of squares that the bound allows: whole cells are filled first.
func (b Bound) square() float64 {
	full := b.Total / b.PerCell
	rest := b.Total % b.PerCell
	return float64(full*b.PerCell*b.PerCell + rest*rest)
}

// Mechanism is a law with what follows from it for a threshold on distinct units.
type Mechanism struct {
	Law       Law
	Epsilon   Epsilon
	Delta     float64 // in all
	Rho       float64 // zCDP loss of the noise; the threshold adds its share of delta
	CellDelta float64 // chance that a cell which one unit lifts over k shows
	HalfWidth int64   // c: 95 % of the noise is within
	Threshold int64   // a figure is published from here up: k × Linf + m
	Bound     Bound
}

// Level is the level of half-widths and intervals.
const Level = 0.95

// Choose gives the mechanism with the smaller half-width, discrete Laplace or discrete Gaussian, for a privacy loss (epsilon,
// delta), what a unit may change, and k; of two equal ones, that which publishes from lower figures up. The choice looks at
// nothing else.
func Choose(e Epsilon, delta float64, b Bound, k int) (Mechanism, error) {
	laplace := WithLaplace(e, delta, b, k)
	gaussian, err := WithGaussian(e, delta, b, k)
	if err == nil && (gaussian.HalfWidth < laplace.HalfWidth || gaussian.HalfWidth == laplace.HalfWidth && gaussian.Threshold < laplace.Threshold) {
		return gaussian, check(gaussian)
	}
	return laplace, check(laplace)
}

var errTooLarge = errors.New("the noise would drown every figure")

func check(m Mechanism) error {
	if m.HalfWidth > 1<<24 {
		return errTooLarge
	}
	return nil
}

// WithLaplace uses all of delta for the threshold; the noise itself is purely epsilon-private.
func WithLaplace(e Epsilon, delta float64, b Bound, k int) Mechanism {
	law := NewLaplace(uint64(b.Total)*one, uint64(e))
	eps := e.Float()
	return finish(Mechanism{Law: law, Epsilon: e, Delta: delta, Rho: eps * eps / 2, Bound: b}, delta, k)
}

// WithGaussian uses half of delta for the noise and half for the threshold.
func WithGaussian(e Epsilon, delta float64, b Bound, k int) (Mechanism, error) {
	law, err := Calibrate(e.Float(), delta/2, b)
	if err != nil {
		return Mechanism{}, err
	}
	rho := b.square() / (2 * law.sigma2())
	return finish(Mechanism{Law: law, Epsilon: e, Delta: delta, Rho: rho, Bound: b}, delta/2, k), nil
}

func finish(m Mechanism, threshold float64, k int) Mechanism {
	m.CellDelta = -math.Expm1(math.Log1p(-threshold) / float64(m.Bound.Cells)) // 1-(1-delta)^(1/L0)
	m.HalfWidth = HalfWidth(m.Law, Level)
	m.Threshold = int64(k)*m.Bound.PerCell + Margin(m.Law, m.CellDelta)
	return m
}

// finest is the denominator of variance parameters up to 2^24; above it they are whole, up to largest. Both keep the
// sampler's products within 64 bits.
const (
	finest  = 8
	largest = 1 << 28
)

// Calibrate is the discrete Gaussian of least variance that is (eps, delta)-private under the bound.
func Calibrate(eps, delta float64, b Bound) (*Gaussian, error) {
	loss := func(sigma2 float64) float64 { return ConcentratedDelta(b.square()/(2*sigma2), eps) }
	if b.PerCell == 1 {
		loss = func(sigma2 float64) float64 { return GaussianDelta(sigma2, b.Cells, eps) }
	}
	holds := func(sigma2 float64) bool { return loss(sigma2) <= delta*(1-1e-9) }
	if n := sort.Search(finest<<24, func(i int) bool { return i >= finest && holds(float64(i)/finest) }); n < finest<<24 {
		return NewGaussian(uint64(n), finest), nil
	}
	n := sort.Search(largest, func(i int) bool { return i >= 1<<24 && holds(float64(i)) })
	if n == largest {
		return nil, errTooLarge
	}
	return NewGaussian(uint64(n), 1), nil
}

// GaussianDelta is the least delta for which independent discrete Gaussian noise on cells of which one unit changes `cells`
// by one is (eps, delta)-private. The loss at noise x is (2 sum(x) + cells) / 2s², and the law of sum(x) is within a factor
// exp(tau) of the discrete Gaussian of variance parameter cells × s² (Kairouz, Liu, Steinke, theorem 1), so delta is
// exp(tau) × sum over t of P(t) max(0, 1 - exp(eps - loss(t))).
func GaussianDelta(sigma2 float64, cells int, eps float64) float64 {
	d := float64(cells)
	wide := d * sigma2
	reach := math.Ceil(40 * math.Sqrt(wide))
	least := math.Ceil(eps*sigma2 - d/2)
	var sum float64
	for t := least; t <= reach; t++ {
		term := math.Exp(-t*t/(2*wide)) * -math.Expm1(eps-(2*t+d)/(2*sigma2))
		sum += term
		if t > 0 && term < sum*1e-17 {
			break
		}
	}
	return math.Exp(tau(sigma2, cells)) * sum / massOf(wide)
}

// massOf is the sum over all integers of exp(-x²/2v): sqrt(2 pi v) but for a part exp(-2 pi² v) by Poisson's formula.
func massOf(v float64) float64 {
	if v > 4 {
		return math.Sqrt(2 * math.Pi * v)
	}
	mass := 1.0
	for x := 1.0; x < 100; x++ {
		mass += 2 * math.Exp(-x*x/(2*v))
	}
	return mass
}

// tau is 10 × sum over k < cells of exp(-2 pi² s² k/(k+1)).
func tau(sigma2 float64, cells int) (t float64) {
	for k := 1; k < cells; k++ {
		t += 10 * math.Exp(-2*math.Pi*math.Pi*sigma2*float64(k)/float64(k+1))
	}
	return t
}

// ConcentratedDelta turns a zCDP loss rho into the delta that goes with eps: the minimum over a > 1 of
// exp((a-1)(a rho - eps)) / (a-1) × (1-1/a)^a (Canonne, Kamath, Steinke, corollary 13).
func ConcentratedDelta(rho, eps float64) float64 {
	if rho <= 0 {
		return 0
	}
	log := func(a float64) float64 { return (a-1)*(a*rho-eps) - math.Log(a-1) + a*math.Log1p(-1/a) }
	return min(1, math.Exp(least(log, 1+1e-9, max(2, 2*(eps/rho+1)))))
}

// ConcentratedEpsilon is the least eps whose delta is at most delta.
func ConcentratedEpsilon(rho, delta float64) float64 {
	if rho <= 0 {
		return 0
	}
	lo, hi := 0.0, rho+2*math.Sqrt(rho*math.Log(1/delta)) // Bun and Steinke's bound holds
	for range 60 {
		if mid := (lo + hi) / 2; ConcentratedDelta(rho, mid) <= delta {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// least is the minimum of a function with one valley between lo and hi, by golden section; any value it takes on the way is a
// valid bound, so an error can only be on the safe side.
func least(f func(float64) float64, lo, hi float64) float64 {
	const golden = 0.6180339887498949
	a, b := hi-golden*(hi-lo), lo+golden*(hi-lo)
	fa, fb := f(a), f(b)
	for range 200 {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - golden*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + golden*(hi-lo)
			fb = f(b)
		}
	}
	return min(fa, fb)
}
