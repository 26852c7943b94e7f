package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"os"

	"jumeau/ingest/gate/internal/noise"
)

// Read verifies a ledger and returns its entries. An absent file is an empty ledger.
func Read(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := Verify(data)
	if err != nil {
		return nil, At(path).broken(err)
	}
	return entries, nil
}

// Verify re-checks the bytes of a ledger from the outside: chain, disjoint periods, one charge a release, caps.
func Verify(data []byte) ([]Entry, error) {
	entries, _, err := load(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if err := admit(entries[:i], e.Charge, e.Cap); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if i > 0 && e.At.Before(entries[i-1].At) {
			return nil, fmt.Errorf("line %d: entered before the line above it", i+1)
		}
	}
	return entries, nil
}

// Spent is what a source has spent in a year of its data, composed in two ways.
type Spent struct {
	Releases int        `json:"releases"`
	Epsilon  Millionths `json:"epsilon_millionths"` // plain composition: what the cap is on
	Delta    float64    `json:"delta"`
	Rho      float64    `json:"rho"` // zCDP composition
}

// Concentrated is the epsilon of the zCDP composition at a delta, to which the thresholds' own Delta is to be added. It is
// often smaller than the plain sum; the cap does not use it.
func (s Spent) Concentrated(delta float64) float64 {
	return min(s.Epsilon.Float(), noise.ConcentratedEpsilon(s.Rho, delta))
}

// Year sums the charges of a source whose period touches the year.
func (l *Ledger) Year(source string, year int) (Spent, error) {
	entries, err := Read(l.path)
	return spentIn(entries, source, year), err
}

func spentIn(entries []Entry, source string, year int) (s Spent) {
	for _, e := range entries {
		if e.Source == source && e.Period.in(year) {
			s.Releases++
			s.Epsilon += e.Epsilon
			s.Delta += e.Delta
			s.Rho += e.Rho
		}
	}
	return s
}
