package noise

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func seeded(n byte) *Source { return From(rand.NewChaCha8([32]byte{n})) }

func micro(v float64) Epsilon {
	e, err := EpsilonOf(v)
	if err != nil {
		panic(err)
	}
	return e
}

// The table of the specification, row by row: k = 20, delta = 1e-6, Linf = 1. For eps 1, L0 4 the specification prints sd 5.7,
// the sd of the continuous law (5.657); its own formula gives 5.643.
func TestTheTableOfTheSpecificationIsReproduced(t *testing.T) {
	for _, row := range []struct {
		eps                   float64
		l0                    int
		sd                    string
		half, publish, ninety int64
	}{
		{0.5, 1, "2.8", 7, 47, 50}, {0.5, 4, "11.3", 25, 137, 150}, {1, 1, "1.4", 4, 34, 35}, {1, 2, "2.8", 7, 49, 52},
		{1, 4, "5.6", 13, 79, 85}, {1, 8, "11.3", 25, 143, 156}, {2, 4, "2.8", 7, 50, 53},
	} {
		t.Run(fmt.Sprintf("eps=%v,L0=%d", row.eps, row.l0), func(t *testing.T) {
			m := WithLaplace(micro(row.eps), 1e-6, Leaf(row.l0, 1), 20)
			ninety := int64(20)
			for m.Law.Tail(m.Threshold-ninety) < 0.9 {
				ninety++
			}
			if got := fmt.Sprintf("%.1f", m.Law.SD()); got != row.sd || m.HalfWidth != row.half || m.Threshold != row.publish || ninety != row.ninety {
				t.Errorf("sd %s, half-width %d, publish from %d, 90%% at %d; want %+v", got, m.HalfWidth, m.Threshold, ninety, row)
			}
			// The closed forms of the specification against the searches of the code.
			alpha := math.Exp(-row.eps / float64(row.l0))
			deltaP := 1 - math.Pow(1-1e-6, 1/float64(row.l0))
			if c := math.Ceil(math.Log(0.05*(1+alpha)/2) / math.Log(alpha)); int64(c) != m.HalfWidth {
				t.Errorf("closed form of the half-width: %v", c)
			}
			if tau := 1 + math.Ceil(math.Log(deltaP*(1+alpha))/math.Log(alpha)); int64(20-1+tau) != m.Threshold {
				t.Errorf("closed form of the threshold: %v", tau)
			}
		})
	}
}

// T4, Laplace: the ratio of the law between n and n+1 at every output, and the threshold event.
func TestNoOutputIsMoreThanEpsilonLikelierWithOneUnitMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, l0 := Epsilon(rapid.IntRange(10_000, 4_000_000).Draw(t, "epsilon")), rapid.IntRange(1, 100).Draw(t, "L0")
		m := WithLaplace(e, 1e-6, Leaf(l0, 1), 20)
		if worst := worstRatio(m.Law); worst > e.Float()/float64(l0)+1e-9 {
			t.Fatalf("ratio exp(%v) where exp(%v) is allowed", worst, e.Float()/float64(l0))
		}
		if p := m.Law.Tail(m.Threshold - 20); p > m.CellDelta {
			t.Fatalf("a cell lifted over k shows with probability %v > %v", p, m.CellDelta)
		}
		if p := 1 - math.Pow(1-m.CellDelta, float64(l0)); p > 1e-6*(1+1e-6) {
			t.Fatalf("over %d cells %v", l0, p)
		}
	})
}

// worstRatio is the greatest |ln P(x)/P(x+1)| over the outputs whose probability a float64 holds with all its digits: the law is
// symmetric, so those below zero stand for the others, and below 1e-300 numbers are subnormal.
func worstRatio(law Law) (worst float64) {
	for x := int64(-1); law.P(x) > 1e-300 && x >= -300; x-- {
		worst = max(worst, math.Abs(math.Log(law.P(x)/law.P(x+1))))
	}
	return worst
}

// T4 can fail: half the noise, or a threshold off by one.
func TestTheLawTestCatchesHalfNoiseAndAThresholdOffByOne(t *testing.T) {
	m := WithLaplace(micro(1), 1e-6, Leaf(4, 1), 20)
	half := NewLaplace(2_000_000, uint64(micro(1)))
	if worst := worstRatio(half); worst <= 0.25+1e-9 {
		t.Error("half noise passes")
	}
	if p := m.Law.Tail(m.Threshold - 1 - 20); p <= m.CellDelta {
		t.Error("a threshold lower by one passes: the margin is not the smallest")
	}
}

// T4, Gaussian: the bound through the law of the sum is compared with the sum over all outcomes of the convolution itself.
func TestTheGaussianDeltaMatchesTheConvolution(t *testing.T) {
	for _, c := range []struct {
		sigma2 float64
		cells  int
		eps    float64
	}{{1, 1, 1}, {4, 1, 1}, {2, 3, 0.7}, {9, 8, 1}, {64, 16, 1}, {300, 72, 1}} {
		want := convolvedDelta(c.sigma2, c.cells, c.eps)
		got := GaussianDelta(c.sigma2, c.cells, c.eps)
		if got < want*(1-1e-9) || got > want*(1+1e-6)+1e-300 && tau(c.sigma2, c.cells) < 1e-7 {
			t.Errorf("%+v: %v, by convolution %v", c, got, want)
		}
	}
}

func convolvedDelta(sigma2 float64, cells int, eps float64) (delta float64) {
	reach := int(math.Ceil(9*math.Sqrt(sigma2))) + 1
	single := make([]float64, 2*reach+1)
	var mass float64
	for i := range single {
		single[i] = math.Exp(-float64((i-reach)*(i-reach)) / (2 * sigma2))
		mass += single[i]
	}
	law := []float64{1}
	for range cells {
		next := make([]float64, len(law)+len(single)-1)
		for i, p := range law {
			if p > 1e-40 {
				for j, q := range single {
					next[i+j] += p * q / mass
				}
			}
		}
		law = next
	}
	for i, p := range law {
		s := float64(i - reach*cells)
		if loss := (2*s + float64(cells)) / (2 * sigma2); loss > eps {
			delta += p * -math.Expm1(eps-loss)
		}
	}
	return delta
}

// Balle and Wang, theorem 8: the continuous law, which the discrete one approaches.
func TestTheGaussianIsCloseToTheAnalyticCalibration(t *testing.T) {
	phi := func(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
	for _, cells := range []int{1, 4, 16, 72} {
		for _, eps := range []float64{0.3, 1, 2} {
			law, err := Calibrate(eps, 5e-7, Leaf(cells, 1))
			if err != nil {
				t.Fatal(err)
			}
			d, s := math.Sqrt(float64(cells)), law.Scale()
			continuous := phi(d/(2*s)-eps*s/d) - math.Exp(eps)*phi(-d/(2*s)-eps*s/d)
			if continuous > 5e-7*1.1 || continuous < 5e-7*0.7 {
				t.Errorf("cells %d, eps %v: s = %.3f has delta %.3g in the continuous law", cells, eps, s, continuous)
			}
			if less := GaussianDelta(law.sigma2()-1.0/finest, cells, eps); less <= 5e-7 {
				t.Errorf("cells %d, eps %v: an eighth less of variance would do", cells, eps)
			}
			if z := ConcentratedDelta(float64(cells)/(2*law.sigma2()), eps); z < 5e-7 {
				t.Errorf("zCDP gives %v, below the exact delta: one of them is wrong", z)
			}
		}
	}
}

func TestTheBetterMechanismChangesWithTheNumberOfCells(t *testing.T) {
	for l0, want := range map[int]string{1: NamedLaplace, 4: NamedLaplace, 8: NamedGaussian, 24: NamedGaussian, 72: NamedGaussian} {
		m, err := Choose(micro(1), 1e-6, Leaf(l0, 1), 20)
		if err != nil || m.Law.Name() != want {
			t.Errorf("L0 = %d: %s (%v), want %s", l0, m.Law.Name(), err, want)
		}
	}
}

// T5: chi-square of draws against the law.
func TestTheSamplersFitTheirLaws(t *testing.T) {
	laws := map[string]Law{
		"laplace 4":      NewLaplace(4, 1),
		"laplace 4/3":    NewLaplace(4, 3),
		"laplace small":  NewLaplace(1, 3),
		"gaussian 1/2":   NewGaussian(1, 2),
		"gaussian 9":     NewGaussian(9, 1),
		"gaussian 200.5": NewGaussian(401, 2),
	}
	for name, law := range laws {
		t.Run(name, func(t *testing.T) {
			if p := fit(law, law.Draw, draws()); p < 1e-4 {
				t.Errorf("p = %v", p)
			}
		})
	}
}

func TestTheFitCatchesBiasedSamplers(t *testing.T) {
	law := NewLaplace(4, 1)
	biased := map[string]func(*Source) int64{
		"half scale":      NewLaplace(2, 1).Draw,
		"scale off by 3%": NewLaplace(103, 25).Draw,
		"zero too often": func(s *Source) int64 { // forgets to draw minus zero again
			x := law.Draw(s)
			if x == 0 || s.Below(30) > 0 {
				return x
			}
			return 0
		},
		"sign": func(s *Source) int64 {
			if x := law.Draw(s); x > -4 || s.Below(20) > 0 {
				return x
			}
			return 4
		},
	}
	for name, draw := range biased {
		if p := fit(law, draw, draws()); p > 1e-4 {
			t.Errorf("%s passes with p = %v", name, p)
		}
	}
}

// fit is the p-value of a chi-square test with bins of at least 20 expected draws (Wilson-Hilferty approximation).
func fit(law Law, draw func(*Source) int64, n int) float64 {
	s := seeded(7)
	counts := map[int64]int{}
	for range n {
		counts[draw(s)]++
	}
	edge := int64(0)
	for float64(n)*law.Tail(edge+1) > 20 {
		edge++
	}
	var chi float64
	seen := 0
	for x := -edge; x <= edge; x++ {
		want, got := float64(n)*law.P(x), counts[x]
		seen += got
		if x == edge || x == -edge {
			want = float64(n) * law.Tail(edge)
			got = 0
			for y, c := range counts {
				if x == edge && y >= edge || x == -edge && y <= -edge {
					got += c
				}
			}
		}
		chi += (float64(got) - want) * (float64(got) - want) / want
	}
	f := float64(2 * edge)
	z := (math.Cbrt(chi/f) - (1 - 2/(9*f))) / math.Sqrt(2/(9*f))
	return math.Erfc(z/math.Sqrt2) / 2
}

func TestUniformIntegersAreUniform(t *testing.T) {
	s := seeded(3)
	counts := make([]int, 7)
	for range 70_000 {
		counts[s.Below(7)]++
	}
	for v, c := range counts {
		if math.Abs(float64(c)-10_000) > 5*math.Sqrt(10_000) {
			t.Errorf("%d came %d times in 70,000", v, c)
		}
	}
}

// T16, closed form: the interval of a published figure covers the truth at 95 % for every truth, also just above the limit.
func TestIntervalsCoverTheTruthGivenPublication(t *testing.T) {
	mechanisms := []Mechanism{WithLaplace(micro(1), 1e-6, Leaf(4, 1), 20)}
	g, err := WithGaussian(micro(1), 1e-6, Leaf(24, 1), 20)
	if err != nil {
		t.Fatal(err)
	}
	mechanisms = append(mechanisms, g)
	for _, m := range mechanisms {
		v := NewIntervals(m, 20)
		if n, p := leastCovered(m, m.Law, v.Of); p < Level-1e-9 {
			t.Errorf("%s: truth %d is covered with probability %.4f", m.Law.Name(), n, p)
		}
		if far := v.Of(m.Threshold + 10*m.HalfWidth); far.Near || far.Hi-far.Lo > 2*m.HalfWidth+4 {
			t.Errorf("%s: far above the limit the interval is %+v", m.Law.Name(), far)
		}
		plain := func(y int64) Interval { return Interval{Lo: y - m.HalfWidth, Hi: y + m.HalfWidth} }
		if n, p := leastCovered(m, m.Law, plain); p >= Level {
			t.Errorf("%s: y ± c passes, at worst with %.4f at %d", m.Law.Name(), p, n)
		}
		if n, p := leastCovered(m, NewLaplace(uint64(2*m.Law.SD()), 1), v.Of); p >= Level {
			t.Errorf("%s: a wider law passes, at worst with %.4f at %d", m.Law.Name(), p, n)
		}
	}
}

// leastCovered is the truth that the intervals cover least, given publication, when the noise is of this law.
func leastCovered(m Mechanism, law Law, interval func(int64) Interval) (truth int64, least float64) {
	least = 1
	for n := int64(20); n < m.Threshold+6*m.HalfWidth; n++ {
		var in, all float64
		for y := m.Threshold; y < n+40*m.HalfWidth; y++ {
			p := law.P(y - n)
			all += p
			if i := interval(y); i.Lo <= n && n <= i.Hi {
				in += p
			}
		}
		if all > 1e-30 && in/all < least {
			truth, least = n, in/all
		}
	}
	return truth, least
}

// T16: before the threshold, 95 % of the noise is within the half-width, in 200,000 draws.
func TestTheHalfWidthHoldsTheNoise(t *testing.T) {
	const n = 200_000
	g, err := WithGaussian(micro(1), 1e-6, Leaf(24, 1), 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Mechanism{WithLaplace(micro(1), 1e-6, Leaf(4, 1), 20), g} {
		within := func(law Law) float64 {
			s, in := seeded(16), 0
			for range n {
				if x := law.Draw(s); -m.HalfWidth < x && x < m.HalfWidth {
					in++
				}
			}
			return float64(in) / n
		}
		least := Level - 3*math.Sqrt(Level*(1-Level)/n)
		got := within(m.Law)
		if got < least {
			t.Errorf("%s: %.4f is within ± %d", m.Law.Name(), got, m.HalfWidth)
		}
		t.Logf("%s: %.4f is within ± %d", m.Law.Name(), got, m.HalfWidth)
		if wider := within(NewLaplace(uint64(2*m.Law.SD()), 1)); wider >= least {
			t.Errorf("%s: a wider law passes with %.4f", m.Law.Name(), wider)
		}
	}
}

func TestEpsilonIsReadExactly(t *testing.T) {
	for v, want := range map[float64]Epsilon{1: 1_000_000, 0.3: 300_000, 0.1: 100_000, 0.0000019: 1} {
		if got, err := EpsilonOf(v); err != nil || got != want {
			t.Errorf("%v is %d (%v), want %d", v, got, err, want)
		}
	}
	for _, v := range []float64{0, -1, math.NaN(), math.Inf(1), 1e-9, 1000} {
		if got, err := EpsilonOf(v); err == nil {
			t.Errorf("%v is taken as %d", v, got)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for name, law := range map[string]Law{"laplace": NewLaplace(4, 1), "gaussian": NewGaussian(400, 1)} {
		b.Run(name, func(b *testing.B) {
			s := FromSystem()
			for b.Loop() {
				law.Draw(s)
			}
		})
	}
}
