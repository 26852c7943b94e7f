package frame

import "encoding/binary"

// table is a FlatBuffers table inside a message's metadata (FlatBuffers "Internals": a table starts with the distance back
// to its vtable, which holds the offset of each field, 0 when absent). Reads beyond the buffer panic with a bounds error,
// which guard turns into an error; nothing is ever allocated from a length found in the file.
type table struct {
	b   []byte
	pos int
}

func rootTable(b []byte) table { return table{b, int(binary.LittleEndian.Uint32(b))} }

// field is the position of field i, or 0 when it is absent.
func (t table) field(i int) int {
	vtable := t.pos - int(int32(binary.LittleEndian.Uint32(t.b[t.pos:])))
	size := int(binary.LittleEndian.Uint16(t.b[vtable:]))
	if 4+2*i+2 > size {
		return 0
	}
	offset := int(binary.LittleEndian.Uint16(t.b[vtable+4+2*i:]))
	if offset == 0 {
		return 0
	}
	return t.pos + offset
}

func (t table) uint8(i int) uint8 {
	if at := t.field(i); at != 0 {
		return t.b[at]
	}
	return 0
}

func (t table) int16(i int) int16 {
	if at := t.field(i); at != 0 {
		return int16(binary.LittleEndian.Uint16(t.b[at:]))
	}
	return 0
}

func (t table) int32(i int) int32 { //nolint:unparam // a field number, as of its siblings
	if at := t.field(i); at != 0 {
		return int32(binary.LittleEndian.Uint32(t.b[at:]))
	}
	return 0
}

func (t table) int64(i int) int64 {
	if at := t.field(i); at != 0 {
		return int64(binary.LittleEndian.Uint64(t.b[at:]))
	}
	return 0
}

// at follows the relative offset stored at a position.
func (t table) at(pos int) int { return pos + int(binary.LittleEndian.Uint32(t.b[pos:])) }

// table is the table that field i points to; false when absent.
func (t table) table(i int) (table, bool) {
	at := t.field(i)
	if at == 0 {
		return table{}, false
	}
	return table{t.b, t.at(at)}, true
}

func (t table) text(i int) string {
	at := t.field(i)
	if at == 0 {
		return ""
	}
	at = t.at(at)
	size := int(binary.LittleEndian.Uint32(t.b[at:]))
	return string(t.b[at+4 : at+4+size])
}

// vector is the position of the first element and the number of elements of field i, each of size bytes.
func (t table) vector(i, size int) (pos, n int) {
	at := t.field(i)
	if at == 0 {
		return 0, 0
	}
	at = t.at(at)
	n = int(binary.LittleEndian.Uint32(t.b[at:]))
	_ = t.b[at+4 : at+4+n*size]
	return at + 4, n
}
