package gate

import (
	"math/rand/v2"
	"os"

	"jumeau/ingest/gate/internal/noise"
)

// full says whether the statistical tests run at the size of the specification (make test-privacy).
var full = os.Getenv("JUMEAU_PRIVACY") == "full"

func scaled(short, long int) int {
	if full {
		return long
	}
	return short
}

// seed makes a gate's noise repeatable. Keys stay the system's.
func (g *Gate) seed(n uint64) *Gate {
	var s [32]byte
	for i := range 8 {
		s[i] = byte(n >> (8 * i))
	}
	source := noise.From(rand.NewChaCha8(s))
	g.random = func() *noise.Source { return source }
	return g
}

// mutation is a fault put into a gate, which a test must catch.
type mutation func(*Gate)

func noiseOff(g *Gate) {
	each(g, func(_ *table, l *level) { l.draw = func(*noise.Source) int64 { return 0 } })
}

func halfNoise(g *Gate) {
	each(g, func(_ *table, l *level) {
		l.draw = noise.NewLaplace(uint64(l.mechanism.Bound.Total)*500_000, uint64(l.epsilon)).Draw
	})
}

func boundingOff(g *Gate) {
	for _, t := range g.tables {
		t.tally.bound.cells, t.tally.bound.keep, t.tally.bound.repeat = 1<<20, 1<<20, 1<<20
	}
}

// keyReused draws the same noise for the same figure on every run.
func keyReused(g *Gate) {
	each(g, func(_ *table, l *level) {
		law := l.mechanism.Law
		l.draw = func(*noise.Source) int64 { return law.Draw(noise.From(rand.NewChaCha8([32]byte{1}))) }
	})
}

// thresholdLower publishes by one unit less than the rule.
func thresholdLower(g *Gate) {
	for _, t := range g.tables {
		t.k--
	}
	each(g, func(t *table, l *level) { l.mechanism.Threshold = int64(t.k) })
}

// thresholdOff publishes whatever somebody is in.
func thresholdOff(g *Gate) {
	for _, t := range g.tables {
		t.k = 1
	}
	each(g, func(_ *table, l *level) { l.mechanism.Threshold = 1 })
}

// doubleNoise draws from a law twice as wide as the one that intervals and the card speak of.
func doubleNoise(g *Gate) {
	each(g, func(_ *table, l *level) {
		l.draw = noise.NewLaplace(uint64(l.mechanism.Bound.Total)*2_000_000, uint64(l.epsilon)).Draw
	})
}

// totalsFromRaw publishes totals as the rows have them, from one unit up.
func totalsFromRaw(g *Gate) {
	each(g, func(_ *table, l *level) {
		if l.totals {
			l.draw, l.mechanism.Threshold = func(*noise.Source) int64 { return 0 }, 1
		}
	})
}

// dominanceOff forgets the rule of the largest contribution.
func dominanceOff(g *Gate) { g.profile.Largest = 0 }

// diversityOff lets a split pass as a histogram, whose classes nobody compares. It is put in after the rows are read.
func diversityOff(g *Gate) {
	for _, t := range g.tables {
		if t.Shape == Split {
			t.Shape, t.Edges = Histogram, make([]float64, len(t.Categories)+1)
		}
	}
}

func each(g *Gate, change func(*table, *level)) {
	for _, t := range g.tables {
		for i := range t.levels {
			change(t, &t.levels[i])
		}
	}
}
