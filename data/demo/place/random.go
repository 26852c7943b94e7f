package place

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// stream is a random source for one purpose: adding draws to one stage does not change the others.
func stream(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// Stream is the random source of a named purpose in this world.
func (w *World) Stream(name string) *rand.Rand { return stream(w.Seed, name) }

// noise is smooth random relief: a value in -1..1 for every place, of unit wavelength.
type noise uint64

func newNoise(seed uint64, name string) noise { return noise(stream(seed, name).Uint64()) }

func (n noise) corner(x, y int) float64 {
	h := uint64(n) ^ uint64(int64(x))*0x9E3779B97F4A7C15 ^ uint64(int64(y))*0xC2B2AE3D27D4EB4F
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	h *= 0x94D049BB133111EB
	h ^= h >> 29
	return float64(h>>11)/(1<<52) - 1
}

// at is bicubic-weighted value noise.
func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	u, v := fade(x-fx), fade(y-fy)
	return mix(
		mix(n.corner(ix, iy), n.corner(ix+1, iy), u),
		mix(n.corner(ix, iy+1), n.corner(ix+1, iy+1), u), v)
}

// fbm sums octaves of noise, each of half the wavelength and half the height; about -1..1.
func (n noise) fbm(x, y float64, octaves int) float64 {
	sum, height, total := 0.0, 1.0, 0.0
	x, y = 0.8*x-0.6*y, 0.6*x+0.8*y
	for i := range octaves {
		sum += height * (n+noise(i)*7919).at(x, y)
		total += height
		x, y, height = 1.6*x-1.2*y, 1.2*x+1.6*y, height/2 // twice as fine, and turned so that the lattice does not show
	}
	return sum / total * 1.6
}

func fade(t float64) float64      { return t * t * t * (t*(t*6-15) + 10) }
func mix(a, b, t float64) float64 { return a + (b-a)*t }
func clamp(x, lo, hi float64) float64 {
	return math.Max(lo, math.Min(hi, x))
}

// pick draws an index with probability proportional to its weight.
func pick(r *rand.Rand, weights []float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := r.Float64() * total
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// drawer draws many indices from one set of weights.
type drawer struct{ upto []float64 }

func newDrawer(weights []float64) drawer {
	upto, sum := make([]float64, len(weights)), 0.0
	for i, w := range weights {
		sum += w
		upto[i] = sum
	}
	return drawer{upto}
}

func (d drawer) total() float64 {
	if len(d.upto) == 0 {
		return 0
	}
	return d.upto[len(d.upto)-1]
}

func (d drawer) draw(r *rand.Rand) int {
	at := r.Float64() * d.total()
	lo, hi := 0, len(d.upto)-1
	for lo < hi {
		mid := (lo + hi) / 2
		if d.upto[mid] <= at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// share divides a whole among weights, by largest remainder: the parts are integers and their sum is the whole.
func share(whole int, weights []float64) []int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	parts := make([]int, len(weights))
	rest := make([]float64, len(weights))
	left := whole
	if total <= 0 {
		return parts
	}
	for i, w := range weights {
		exact := float64(whole) * w / total
		parts[i] = int(exact)
		rest[i] = exact - float64(parts[i])
		left -= parts[i]
	}
	for ; left > 0; left-- {
		best := 0
		for i := range rest {
			if rest[i] > rest[best] {
				best = i
			}
		}
		parts[best]++
		rest[best] = -1
	}
	return parts
}

// Share divides a whole among weights: integer parts whose sum is the whole.
func Share(whole int, weights []float64) []int { return share(whole, weights) }

// Poisson draws a count of mean m.
func Poisson(r *rand.Rand, m float64) int {
	if m <= 0 {
		return 0
	}
	if m > 60 { // normal approximation, relative error of the tail irrelevant here
		return int(math.Max(0, math.Round(m+math.Sqrt(m)*r.NormFloat64())))
	}
	limit, k, p := math.Exp(-m), 0, 1.0
	for {
		p *= r.Float64()
		if p <= limit {
			return k
		}
		k++
	}
}
