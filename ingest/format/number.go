package format

import (
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// number reads the decimal number that starts at b[i] and returns the index after it. The value is the float64 nearest to
// the text, as strconv.ParseFloat gives it. b must end with a byte that is no part of a number.
func number(b []byte, i int) (v float64, end int, ok bool) {
	start := i
	if b[i] == '-' || b[i] == '+' {
		i++
	}
	var m uint64
	first := i
	for b[i]-'0' <= 9 {
		m = m*10 + uint64(b[i]-'0')
		i++
	}
	digits, exp := i-first, 0
	if b[i] == '.' {
		i++
		first = i
		for b[i]-'0' <= 9 {
			m = m*10 + uint64(b[i]-'0')
			i++
		}
		exp = first - i
		digits -= exp
	}
	if digits == 0 {
		return 0, start, false
	}
	if b[i]|0x20 == 'e' {
		e, after, ok := exponent(b, i+1)
		if !ok {
			return 0, start, false
		}
		exp, i = exp+e, after
	}
	v, ok = scale(m, exp, digits)
	if !ok {
		v, _ = strconv.ParseFloat(text(b[start:i]), 64) // ±Inf beyond the range: callers refuse what is not finite
		return v, i, true
	}
	if b[start] == '-' {
		v = -v
	}
	return v, i, true
}

// exponent reads the digits after "e"; beyond ±9999 it saturates.
func exponent(b []byte, i int) (e, end int, ok bool) {
	sign := 1
	if b[i] == '-' || b[i] == '+' {
		if b[i] == '-' {
			sign = -1
		}
		i++
	}
	first := i
	for b[i]-'0' <= 9 {
		if e < 10000 {
			e = e*10 + int(b[i]-'0')
		}
		i++
	}
	return sign * e, i, i > first
}

var pow10 = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

var upow10 = [...]uint64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// scale is m·10^exp, correctly rounded, when that is cheap: both factors exact in float64 (Clinger 1990), or an exact
// division of integers. digits is the number of digits m was read from: beyond 19 it may have overflowed.
func scale(m uint64, exp, digits int) (float64, bool) {
	switch {
	case digits > 19:
		return 0, false
	case m>>53 == 0 && exp <= 0 && exp >= -22:
		return float64(m) / pow10[-exp], true
	case m>>53 == 0 && exp > 0 && exp <= 22:
		return float64(m) * pow10[exp], true
	case exp < 0 && exp >= -19:
		return divide(m, upow10[-exp]), true
	}
	return 0, false
}

// divide is m/d correctly rounded; m must not be zero. With both operands shifted to fill 64 bits, the quotient
// floor(m·2^63/d) has 63 or 64 bits; its last bit, set when the division leaves a remainder, decides ties.
func divide(m, d uint64) float64 {
	zm, zd := bits.LeadingZeros64(m), bits.LeadingZeros64(d)
	m, d = m<<zm, d<<zd
	q, r := bits.Div64(m>>1, m<<63, d)
	if r != 0 {
		q |= 1
	}
	return float64(q) * math.Float64frombits(uint64(1023-63+zd-zm)<<52)
}

// text is b as a string, without copying: only for calls that do not keep it.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func finite(v float64) bool { return v-v == 0 }
