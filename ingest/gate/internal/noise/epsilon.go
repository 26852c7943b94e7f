package noise

import (
	"fmt"
	"math/big"
	"strconv"
)

// Epsilon is a privacy loss in millionths: an integer, so that shares and sums of it are exact.
type Epsilon int64

const one = 1_000_000

// EpsilonOf is the privacy loss declared as a decimal number, rounded down to a millionth.
func EpsilonOf(v float64) (Epsilon, error) {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	if !ok || r.Sign() <= 0 || v > 100 {
		return 0, fmt.Errorf("epsilon %v is not between 0.000001 and 100", v)
	}
	r.Mul(r, big.NewRat(one, 1))
	e := new(big.Int).Quo(r.Num(), r.Denom())
	if e.Sign() == 0 {
		return 0, fmt.Errorf("epsilon %v is below a millionth", v)
	}
	return Epsilon(e.Int64()), nil
}

// Float is the loss as a real number, for closed forms and for people.
func (e Epsilon) Float() float64 { return float64(e) / one }

// Share is percent hundredths of the loss, rounded down.
func (e Epsilon) Share(percent int) Epsilon { return e * Epsilon(percent) / 100 }

func (e Epsilon) String() string { return strconv.FormatFloat(e.Float(), 'f', -1, 64) }
