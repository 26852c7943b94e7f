package noise

import (
	"math"
	"math/bits"
)

// Gaussian is the discrete Gaussian law: P(x) proportional to exp(-x²/2s²), with the variance parameter s² = num/den.
type Gaussian struct {
	num, den uint64
	steps    uint64    // scale of the Laplace law it is drawn from: floor(s)+1
	tails    []float64 // tails[m] = P(X >= m), m from 0
	mass     float64   // sum of exp(-x²/2s²)
}

// NewGaussian is the law whose variance parameter is num/den. Both must be positive, num*den*s² below 2^56 (see finest and largest in calibrate.go).
func NewGaussian(num, den uint64) *Gaussian {
	g := gcd(num, den)
	l := &Gaussian{num: num / g, den: den / g}
	sigma := math.Sqrt(l.sigma2())
	l.steps = uint64(sigma) + 1
	for (l.steps-1)*(l.steps-1)*l.den > l.num { // the square root was rounded up
		l.steps--
	}
	n := int(math.Ceil(16*sigma)) + 2 // beyond 16 deviations a tail is below 1e-56
	l.tails = make([]float64, n+1)
	for x := n - 1; x >= 0; x-- {
		l.tails[x] = l.tails[x+1] + l.weight(int64(x))
	}
	l.mass = 2*l.tails[1] + 1
	for x := range l.tails {
		l.tails[x] /= l.mass
	}
	return l
}

func (l *Gaussian) sigma2() float64 { return float64(l.num) / float64(l.den) }

func (l *Gaussian) weight(x int64) float64 {
	return math.Exp(-float64(x) * float64(x) / (2 * l.sigma2()))
}

func (l *Gaussian) Name() string { return NamedGaussian }

// Scale is s, the square root of the variance parameter.
func (l *Gaussian) Scale() float64 { return math.Sqrt(l.sigma2()) }

func (l *Gaussian) P(x int64) float64 { return l.weight(x) / l.mass }

func (l *Gaussian) Tail(m int64) float64 {
	switch {
	case m <= 0:
		return 1 - l.Tail(1-m)
	case m >= int64(len(l.tails)):
		return 0
	}
	return l.tails[m]
}

func (l *Gaussian) SD() float64 {
	var sum float64
	for x := int64(1); x < int64(len(l.tails)); x++ {
		sum += 2 * float64(x) * float64(x) * l.P(x)
	}
	return math.Sqrt(sum)
}

// Draw is algorithm 3: a Laplace draw y of scale t = floor(s)+1, kept with probability exp(-(|y|-s²/t)²/2s²). In integers the
// exponent is (|y| den t - num)² / (2 num den t²).
func (l *Gaussian) Draw(s *Source) int64 {
	proposal := Laplace{l.steps, 1}
	below := 2 * l.num * l.den * l.steps * l.steps
	for {
		y := proposal.Draw(s)
		size := uint64(max(y, -y))
		apart := int64(size*l.den*l.steps) - int64(l.num)
		hi, lo := bits.Mul64(uint64(max(apart, -apart)), uint64(max(apart, -apart)))
		if hi >= below {
			continue // an exponent beyond 2^64: never kept
		}
		wholes, rest := bits.Div64(hi, lo, below)
		if s.expWholes(wholes) && s.expMinusFraction(rest, below) {
			return y
		}
	}
}
