package noise

import "math"

// Laplace is the discrete Laplace (two-sided geometric) law of scale num/den:
// P(x) = (1-a)/(1+a) a^|x| with a = exp(-den/num).
type Laplace struct {
	num, den uint64
}

// NewLaplace is the law of scale num/den, reduced. Both must be positive.
func NewLaplace(num, den uint64) Laplace {
	g := gcd(num, den)
	return Laplace{num / g, den / g}
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func (l Laplace) Name() string { return NamedLaplace }

// Scale is num/den as a real number.
func (l Laplace) Scale() float64 { return float64(l.num) / float64(l.den) }

func (l Laplace) alpha() float64 { return math.Exp(-1 / l.Scale()) }

func (l Laplace) P(x int64) float64 {
	a := l.alpha()
	return (1 - a) / (1 + a) * math.Exp(-math.Abs(float64(x))/l.Scale())
}

// Tail is a^m/(1+a) for m > 0, and one minus its mirror below.
func (l Laplace) Tail(m int64) float64 {
	if m <= 0 {
		return 1 - l.Tail(1-m)
	}
	return math.Exp(-float64(m)/l.Scale()) / (1 + l.alpha())
}

func (l Laplace) SD() float64 {
	a := l.alpha()
	return math.Sqrt(2*a) / (1 - a)
}

// Draw is algorithm 2: a geometric number of whole scales and a remainder, a division, a sign; minus zero is drawn again.
func (l Laplace) Draw(s *Source) int64 {
	for {
		rest := s.Below(l.num)
		if !s.expMinusFraction(rest, l.num) {
			continue
		}
		var wholes uint64
		for s.expMinusFraction(1, 1) {
			wholes++
		}
		x := int64((rest + l.num*wholes) / l.den)
		if !s.Bit() {
			return x
		}
		if x != 0 {
			return -x
		}
	}
}
