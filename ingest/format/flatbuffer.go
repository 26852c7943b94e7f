package format

import (
	"encoding/binary"
	"math"
)

// fbTable is a table of a FlatBuffers message (https://flatbuffers.dev/internals), read in place. What points outside the
// message is absent.
type fbTable struct {
	b  []byte
	at int // -1: absent
}

// fbRoot is the outermost table of a message.
func fbRoot(b []byte) fbTable {
	if len(b) < 8 {
		return fbTable{b, -1}
	}
	return fbTable{b, fbInside(b, int(binary.LittleEndian.Uint32(b)), 4)}
}

// fbInside is at when size bytes are there, else -1.
func fbInside(b []byte, at, size int) int {
	if at < 0 || size < 0 || at > len(b)-size {
		return -1
	}
	return at
}

// field is where a field's value of the given size lies, -1 when it is absent.
func (t fbTable) field(slot, size int) int {
	if t.at < 0 {
		return -1
	}
	vtable := fbInside(t.b, t.at-int(int32(binary.LittleEndian.Uint32(t.b[t.at:]))), 4)
	if vtable < 0 {
		return -1
	}
	entry := 4 + 2*slot
	if entry >= int(binary.LittleEndian.Uint16(t.b[vtable:])) || fbInside(t.b, vtable+entry, 2) < 0 {
		return -1
	}
	offset := int(binary.LittleEndian.Uint16(t.b[vtable+entry:]))
	if offset == 0 {
		return -1
	}
	return fbInside(t.b, t.at+offset, size)
}

func (t fbTable) uint8(slot int) uint8 {
	if at := t.field(slot, 1); at >= 0 {
		return t.b[at]
	}
	return 0
}

func (t fbTable) uint16(slot int, absent uint16) uint16 {
	if at := t.field(slot, 2); at >= 0 {
		return binary.LittleEndian.Uint16(t.b[at:])
	}
	return absent
}

func (t fbTable) int32(slot int) int32 {
	if at := t.field(slot, 4); at >= 0 {
		return int32(binary.LittleEndian.Uint32(t.b[at:]))
	}
	return 0
}

func (t fbTable) uint64(slot int) uint64 {
	if at := t.field(slot, 8); at >= 0 {
		return binary.LittleEndian.Uint64(t.b[at:])
	}
	return 0
}

// follow is where the offset in a field points to.
func (t fbTable) follow(slot int) int {
	at := t.field(slot, 4)
	if at < 0 {
		return -1
	}
	return fbInside(t.b, at+int(binary.LittleEndian.Uint32(t.b[at:])), 4)
}

func (t fbTable) table(slot int) fbTable { return fbTable{t.b, t.follow(slot)} }

// vector is the bytes of a vector whose elements have the given size, and their number.
func (t fbTable) vector(slot, size int) (data []byte, n int) {
	at := t.follow(slot)
	if at < 0 {
		return nil, 0
	}
	n = int(binary.LittleEndian.Uint32(t.b[at:]))
	if n > len(t.b)/size || fbInside(t.b, at+4, n*size) < 0 {
		return nil, 0
	}
	return t.b[at+4 : at+4+n*size], n
}

func (t fbTable) text(slot int) string {
	data, _ := t.vector(slot, 1)
	return string(data)
}

// tables visits a vector of tables.
func (t fbTable) tables(slot int, visit func(fbTable)) {
	start := t.follow(slot)
	data, n := t.vector(slot, 4)
	for i := range n {
		offset := int(binary.LittleEndian.Uint32(data[4*i:]))
		visit(fbTable{t.b, fbInside(t.b, start+4+4*i+offset, 4)})
	}
}

func float64At(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }
