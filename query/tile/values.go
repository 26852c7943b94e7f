package tile

import (
	"encoding/binary"
	"math"
)

// valueTable holds the values of a layer, each once: an open-addressing table over their messages.
type valueTable struct {
	bytes []byte // messages of the values
	count int
	slots []slot
	used  int
	epoch uint32
}

type slot struct {
	hash     uint64
	from, to uint32 // in bytes: the encoded value
	number   uint32
	epoch    uint32
}

func (t *valueTable) begin() {
	t.bytes, t.count, t.used = t.bytes[:0], 0, 0
	t.epoch++
	if t.slots == nil || t.epoch == 0 {
		t.slots, t.epoch = make([]slot, 1<<10), 1
	}
}

// addText appends a text that is known not to be there yet.
func (t *valueTable) addText(s []byte) int {
	n := len(s)
	t.bytes = appendVarint(append(t.bytes, layerValue), uint64(1+varintSize(uint64(n))+n))
	t.bytes = append(appendVarint(append(t.bytes, valueText), uint64(n)), s...)
	t.count++
	return t.count - 1
}

func (t *valueTable) text(s []byte) int {
	from := len(t.bytes)
	t.addText(s)
	return t.intern(hashText(s), from)
}

// hashText is FNV-1a.
func hashText(s []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range s {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

func (t *valueTable) number(v float64) int {
	from := len(t.bytes)
	t.bytes = append(t.bytes, layerValue, 9, valueNumber)
	t.bytes = binary.LittleEndian.AppendUint64(t.bytes, math.Float64bits(v))
	t.count++
	return t.intern(mix(math.Float64bits(v)), from)
}

func (t *valueTable) integer(v int64) int {
	from := len(t.bytes)
	kind, u := byte(valuePositive), uint64(v)
	if v < 0 {
		kind, u = valueNegative, uint64(v<<1)^uint64(v>>63)
	}
	t.bytes = append(t.bytes, layerValue, byte(1+varintSize(u)), kind)
	t.bytes = appendVarint(t.bytes, u)
	t.count++
	return t.intern(mix(u+uint64(kind)<<56), from)
}

func (t *valueTable) boolean(v bool) int {
	from := len(t.bytes)
	u := byte(0)
	if v {
		u = 1
	}
	t.bytes = append(t.bytes, layerValue, 2, valueBoolean, u)
	t.count++
	return t.intern(mix(uint64(u)+7), from)
}

// intern gives the number of the value just appended at from, after taking it back when it was there already.
func (t *valueTable) intern(hash uint64, from int) int {
	if t.used*2 >= len(t.slots) {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := &t.slots[i]
		if s.epoch != t.epoch {
			*s = slot{hash, uint32(from), uint32(len(t.bytes)), uint32(t.count - 1), t.epoch}
			t.used++
			return t.count - 1
		}
		if s.hash == hash && string(t.bytes[s.from:s.to]) == string(t.bytes[from:]) {
			t.bytes = t.bytes[:from]
			t.count--
			return int(s.number)
		}
	}
}

func (t *valueTable) grow() {
	old := t.slots
	t.slots = make([]slot, 2*len(old))
	mask := uint64(len(t.slots) - 1)
	for _, s := range old {
		if s.epoch != t.epoch {
			continue
		}
		i := s.hash & mask
		for t.slots[i].epoch == t.epoch {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// mix spreads the bits of v (the finaliser of MurmurHash3).
func mix(v uint64) uint64 {
	v = (v ^ v>>33) * 0xff51afd7ed558ccd
	v = (v ^ v>>33) * 0xc4ceb9fe1a85ec53
	return v ^ v>>33
}
