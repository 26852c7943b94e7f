package format

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescape appends the content of a JSON string (without its quotes) to dst. A lone surrogate becomes U+FFFD, as in
// every browser; an unknown escape is an error.
func unescape(dst, s []byte) ([]byte, bool) {
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			dst = append(dst, s[i])
			continue
		}
		i++
		if i == len(s) {
			return dst, false
		}
		switch s[i] {
		case '"', '\\', '/':
			dst = append(dst, s[i])
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, used, ok := escapedRune(s[i+1:])
			if !ok {
				return dst, false
			}
			dst = utf8.AppendRune(dst, r)
			i += used
		default:
			return dst, false
		}
	}
	return dst, true
}

// escapedRune reads the four digits behind \u and, for a surrogate, the pair's other half.
func escapedRune(s []byte) (r rune, used int, ok bool) {
	r, ok = hex4(s)
	if !ok || !utf16.IsSurrogate(r) {
		return r, 4, ok
	}
	if len(s) >= 10 && s[4] == '\\' && s[5] == 'u' {
		if low, ok := hex4(s[6:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 10, true
			}
		}
	}
	return utf8.RuneError, 4, true
}

func hex4(s []byte) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s[:4] {
		d := hexDigit[c]
		if d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

var hexDigit = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i, c := range "0123456789abcdef" {
		t[c] = int8(i)
	}
	for i, c := range "ABCDEF" {
		t[c] = int8(10 + i)
	}
	return t
}()
