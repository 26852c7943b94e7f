package format

import (
	"encoding/binary"
	"fmt"
	"math"
)

// properties are pairs of a column number and a value; columns without one are null.
func (r *flatgeobuf) properties(f fbTable) bool {
	b, _ := f.vector(1, 1)
	clear(r.stored)
	for len(b) >= 2 {
		c := int(binary.LittleEndian.Uint16(b))
		if b = b[2:]; c >= len(r.types) {
			return false
		}
		n := fgbWidth[r.types[c]]
		if n < 0 {
			if len(b) < 4 {
				return false
			}
			n = int(binary.LittleEndian.Uint32(b))
			b = b[4:]
		}
		if n < 0 || n > len(b) {
			return false
		}
		if at := r.place[c]; at >= 0 && !r.stored[at] {
			r.stored[at] = true
			if !putFGB(r.columns[at], r.types[c], b[:n]) {
				return false
			}
		}
		b = b[n:]
	}
	for i, ok := range r.stored {
		if ok {
			continue
		}
		switch c := r.columns[i].(type) {
		case *fixed[int64]:
			c.put(0, false)
		case *fixed[float64]:
			c.put(0, false)
		case *fixed[bool]:
			c.put(false, false)
		case *textColumn:
			c.end()
		}
	}
	return true // a writer may leave zeros behind the last value
}

func putFGB(to typedColumn, kind uint8, b []byte) bool {
	switch c := to.(type) {
	case *fixed[bool]:
		c.put(b[0] != 0, true)
	case *fixed[float64]:
		if kind == fgbFloat {
			c.put(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), true)
		} else {
			c.put(float64At(b), true)
		}
	case *fixed[int64]:
		c.put(fgbInteger(kind, b), true)
	case *textColumn:
		switch {
		case kind == fgbULong:
			c.data = fmt.Append(c.data, binary.LittleEndian.Uint64(b))
		case kind == fgbBinary:
			c.data = fmt.Appendf(c.data, "%X", b)
		case !validUTF8(b):
			return false
		default:
			c.data = append(c.data, b...)
		}
		c.end()
	}
	return true
}

func fgbInteger(kind uint8, b []byte) int64 {
	switch kind {
	case fgbByte:
		return int64(int8(b[0]))
	case fgbUByte:
		return int64(b[0])
	case fgbShort:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case fgbUShort:
		return int64(binary.LittleEndian.Uint16(b))
	case fgbInt:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case fgbUInt:
		return int64(binary.LittleEndian.Uint32(b))
	}
	return int64(binary.LittleEndian.Uint64(b))
}
