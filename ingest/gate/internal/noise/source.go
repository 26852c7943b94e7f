package noise

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"io"
	"math/bits"
)

// Source gives uniform integers. Not safe for concurrent use.
type Source struct {
	in *bufio.Reader
}

// FromSystem is a source fed by the operating system's generator; the only one that production code may use.
func FromSystem() *Source { return From(rand.Reader) }

// From is a source fed by other bytes. It exists for tests with a seed.
func From(in io.Reader) *Source { return &Source{bufio.NewReaderSize(in, 4096)} }

// Uint64 is uniform over all 64-bit integers. The system's generator cannot fail short of a broken machine, on which
// nothing may be published: then it panics.
func (s *Source) Uint64() uint64 {
	var b [8]byte
	if _, err := io.ReadFull(s.in, b[:]); err != nil {
		panic("noise: no randomness: " + err.Error())
	}
	return binary.LittleEndian.Uint64(b[:])
}

// Below is uniform over 0 … n-1, by rejection (Lemire 2019, without bias). n must be positive.
func (s *Source) Below(n uint64) uint64 {
	hi, lo := bits.Mul64(s.Uint64(), n)
	if lo < n {
		for least := -n % n; lo < least; {
			hi, lo = bits.Mul64(s.Uint64(), n)
		}
	}
	return hi
}

// Bit is true one time in two.
func (s *Source) Bit() bool { return s.Uint64()&1 == 1 }

// expWholes is true with probability exp(-n).
func (s *Source) expWholes(n uint64) bool {
	for ; n > 0; n-- {
		if !s.expMinusFraction(1, 1) {
			return false
		}
	}
	return true
}

// expMinusFraction is true with probability exp(-num/den), num <= den (algorithm 1): the parity of the first failure in a
// chain of ever less likely events.
func (s *Source) expMinusFraction(num, den uint64) bool {
	for k := uint64(1); ; k++ {
		if s.Below(den*k) >= num {
			return k%2 == 1
		}
	}
}
