package gate

import "math/bits"

// The cell-key method (Fraser and Wooton 2005) with the table ptable_d2_v108_js1.csv of sdcTools: D = 2, variance 1.08, no
// published 1. The key of a cell is the sum of its records' keys modulo one, so the same contributors always get the same noise,
// and asking again teaches nothing. This noise is bounded and not differentially private: it stands behind a threshold.

// perturbation is a published count for a true one, with its probability in millionths.
type perturbation struct {
	to      int64
	chances uint64
}

var perturbations = [][]perturbation{
	{{0, 1_000_000}},
	{{0, 513_333}, {2, 460_000}, {3, 26_667}},
	{{0, 165_608}, {2, 546_350}, {3, 244_867}, {4, 43_175}},
	{{2, 420_785}, {3, 277_646}, {4, 182_354}, {5, 119_215}},
	{{-2, 73_947}, {-1, 244_213}, {0, 363_680}, {1, 244_213}, {2, 73_947}}, // added to counts from 4 up
}

const (
	cellKeyReach = 2    // D
	cellKeySD    = 1.04 // square root of 1.08
)

// perturb is the published count of n records whose keys, as 64-bit fractions, add up to key.
func perturb(n int64, key uint64) int64 {
	row, base := perturbations[min(n, 4)], int64(0)
	if n >= 4 {
		base = n
	}
	millionths, _ := bits.Mul64(key, 1_000_000)
	for _, p := range row {
		if millionths < p.chances {
			return base + p.to
		}
		millionths -= p.chances
	}
	return base + row[len(row)-1].to
}
