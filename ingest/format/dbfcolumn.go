package format

import (
	"bytes"
	"math"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
)

// dbfColumn builds the Arrow array of one field.
type dbfColumn interface {
	// add appends a field's bytes; a code other than "" says why it cannot.
	add(raw []byte) (code string)
	truncate(rows int)
	array() arrow.Array
}

func (f dbfField) column(d *decoder, rows int) dbfColumn {
	switch f.arrowType().ID() {
	case arrow.INT64:
		return &dbfInteger{fixed[int64]{kind: f.arrowType()}}
	case arrow.FLOAT64:
		return &dbfNumber{fixed[float64]{kind: f.arrowType()}}
	case arrow.DATE32:
		return &dbfDate{fixed[arrow.Date32]{kind: f.arrowType()}}
	case arrow.BOOL:
		return &dbfBool{fixed[bool]{kind: f.arrowType()}}
	}
	return &dbfText{textColumn: newTextColumn(rows, rows*min(f.size, 16)), decoder: d}
}

type dbfText struct {
	textColumn
	decoder *decoder
}

func (c *dbfText) add(raw []byte) string {
	full := len(raw)
	raw = trimRight(raw)
	if n := bytes.IndexByte(raw, 0); n >= 0 {
		raw = raw[:n]
	}
	if len(raw) > 0 {
		var ok bool
		if c.data, ok = c.decoder.append(c.data, raw); !ok && len(raw) == full {
			c.data, ok = c.decoder.append(c.data, cutRune(raw)) // writers cut long UTF-8 texts by bytes
			if !ok {
				return BadEncoding
			}
		} else if !ok {
			return BadEncoding
		}
	}
	c.end()
	return ""
}

// cutRune drops an incomplete last character.
func cutRune(raw []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(raw); n++ {
		if last := raw[len(raw)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return raw[:len(raw)-n]
			}
			break
		}
	}
	return raw
}

// filled is the content of a numeric field without its padding; false when it has no value: blanks, or the asterisks that
// dBase writes when a number does not fit.
func filled(raw []byte) ([]byte, bool) {
	for len(raw) > 0 && raw[0] <= ' ' {
		raw = raw[1:]
	}
	for len(raw) > 0 && raw[len(raw)-1] <= ' ' {
		raw = raw[:len(raw)-1]
	}
	return raw, len(raw) > 0 && raw[0] != '*'
}

type dbfInteger struct{ fixed[int64] }

func (c *dbfInteger) add(raw []byte) string {
	raw, ok := filled(raw)
	if !ok {
		c.put(0, false)
		return ""
	}
	v, ok := integer(raw)
	if !ok { // "12.000" in an integer field
		f, ok := decimal(raw)
		if !ok || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
			return BadValue
		}
		v = int64(f)
	}
	c.put(v, true)
	return ""
}

// integer reads up to 18 digits, the widest integer field.
func integer(s []byte) (v int64, ok bool) {
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	for _, c := range s {
		if c -= '0'; c > 9 {
			return 0, false
		}
		v = v*10 + int64(c)
	}
	if negative {
		v = -v
	}
	return v, len(s) > 0 && len(s) <= 18
}

// decimal reads a number, with a decimal comma too: some writers follow the machine's language.
func decimal(s []byte) (float64, bool) {
	var b [256]byte
	n := copy(b[:255], s)
	if c := bytes.IndexByte(b[:n], ','); c >= 0 {
		b[c] = '.'
	}
	v, end, ok := number(b[:], 0)
	return v, ok && end == n && finite(v)
}

type dbfNumber struct{ fixed[float64] }

func (c *dbfNumber) add(raw []byte) string {
	raw, ok := filled(raw)
	if !ok {
		c.put(0, false)
		return ""
	}
	v, ok := decimal(raw)
	if !ok {
		return BadValue
	}
	c.put(v, true)
	return ""
}

type dbfDate struct{ fixed[arrow.Date32] }

func (c *dbfDate) add(raw []byte) string {
	raw, ok := filled(raw)
	if !ok || len(bytes.Trim(raw, "0")) == 0 {
		c.put(0, false)
		return ""
	}
	at, err := time.Parse("20060102", string(raw))
	if err != nil {
		return BadValue
	}
	c.put(arrow.Date32FromTime(at), true)
	return ""
}

// dbfBool: T t Y y and F f N n; "?" and blank are no value.
type dbfBool struct{ fixed[bool] }

func (c *dbfBool) add(raw []byte) string {
	raw, ok := filled(raw)
	if !ok || raw[0] == '?' {
		c.put(false, false)
		return ""
	}
	switch raw[0] {
	case 'T', 't', 'Y', 'y', '1':
		c.put(true, true)
	case 'F', 'f', 'N', 'n', '0':
		c.put(false, true)
	default:
		return BadValue
	}
	return ""
}
