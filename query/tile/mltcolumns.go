package tile

import (
	"encoding/binary"
	"math"
)

// Codes of column types: an id adds 1 when some features have none and 2 when it is long, a property 1 when some features
// have none.
const (
	mltIDColumn       = 0
	mltGeometryColumn = 4
	mltBoolColumn     = 10
	mltInt32Column    = 16
	mltInt64Column    = 20
	mltDoubleColumn   = 26
	mltTextColumn     = 28
)

// Kinds of stream: the physical kind in the upper four bits, what it is for in the lower.
const (
	mltPresent      = 0 << 4
	mltData         = 1 << 4
	mltDictionary   = 1<<4 | 1 // texts of a dictionary
	mltVertices     = 1<<4 | 3
	mltTextCodes    = 2<<4 | 2
	mltLengths      = 3 << 4
	mltSeveral      = 3<<4 | 1
	mltParts        = 3<<4 | 2
	mltRings        = 3<<4 | 3
	mltTextLengths  = 3 << 4
	mltDictionLengs = 3<<4 | 6
)

// How a stream is encoded: the logical technique in the upper three bits, the physical one in the lower two.
const (
	mltPlain  = 0
	mltVarint = 2
	mltDelta  = 1<<5 | mltVarint // zigzag differences
	mltPairs  = 2<<5 | mltVarint // zigzag differences of x and y in turn
	mltRuns   = 3<<5 | mltVarint // lengths of runs, then their values
)

// append writes the table: its length, tag, name, extent, the types of the columns, the columns.
func (t *mltTable) append(dst []byte) []byte {
	b := append(appendVarint(nil, 1), appendText(nil, t.name[0])...)
	b = appendVarint(b, t.extent)
	var body []byte
	columns := uint64(0)
	var types []byte
	add := func(code uint64, name []byte) {
		columns++
		types = appendVarint(types, code)
		if code >= mltBoolColumn {
			types = appendText(types, name)
		}
	}
	if code, column := t.idColumn(); column != nil {
		add(code, nil)
		body = append(body, column...)
	}
	add(mltGeometryColumn, nil)
	body = t.geometryColumn(body)
	for i := range t.columns {
		code, column := t.property(&t.columns[i])
		add(code, t.columns[i].name)
		body = append(body, column...)
	}
	b = append(append(appendVarint(b, columns), types...), body...)
	return append(appendVarint(dst, uint64(len(b))), b...)
}

func appendText(b, text []byte) []byte {
	return append(appendVarint(b, uint64(len(text))), text...)
}

// stream appends a stream of n values: its kind, its encoding, n, the length in bytes.
func stream(b []byte, kind, encoding byte, n int, data []byte) []byte {
	b = appendVarint(append(b, kind, encoding), uint64(n))
	return append(appendVarint(b, uint64(len(data))), data...)
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

// unsigned appends a stream of numbers, as they are or as runs, whichever is shorter.
func unsigned(b []byte, kind byte, values []uint64) []byte {
	var plain []byte
	for _, v := range values {
		plain = appendVarint(plain, v)
	}
	if runs, encoded := runsOf(values); len(encoded) < len(plain) {
		return appendRuns(b, kind, runs, len(values), encoded)
	}
	return stream(b, kind, mltVarint, len(values), plain)
}

// signed appends a stream of zigzag numbers: as they are, as runs or as differences.
func signed(b []byte, values []int64) []byte {
	var plain, delta []byte
	folded := make([]uint64, len(values))
	last := int64(0)
	for i, v := range values {
		folded[i] = zigzag(v)
		plain = appendVarint(plain, folded[i])
		delta = appendVarint(delta, zigzag(v-last))
		last = v
	}
	runs, encoded := runsOf(folded)
	switch {
	case len(encoded) <= min(len(plain), len(delta)):
		return appendRuns(b, mltData, runs, len(values), encoded)
	case len(delta) < len(plain):
		return stream(b, mltData, mltDelta, len(values), delta)
	}
	return stream(b, mltData, mltVarint, len(values), plain)
}

// runsOf is the number of runs of equal values, and the lengths of all, then the values of all.
func runsOf(values []uint64) (runs int, encoded []byte) {
	var lengths, each []byte
	for i := 0; i < len(values); {
		j := i + 1
		for j < len(values) && values[j] == values[i] {
			j++
		}
		lengths, each = appendVarint(lengths, uint64(j-i)), appendVarint(each, values[i])
		runs++
		i = j
	}
	return runs, append(lengths, each...)
}

func appendRuns(b []byte, kind byte, runs, n int, encoded []byte) []byte {
	b = appendVarint(append(b, kind, mltRuns), uint64(2*runs))
	b = appendVarint(b, uint64(len(encoded)))
	b = appendVarint(appendVarint(b, uint64(runs)), uint64(n))
	return append(b, encoded...)
}

// booleans appends a stream of booleans: bytes of eight, those as runs of three or more or as literals.
func booleans(b []byte, kind byte, values []bool) []byte {
	packed := make([]byte, (len(values)+7)/8)
	for i, v := range values {
		if v {
			packed[i/8] |= 1 << (i % 8)
		}
	}
	var data []byte
	for i := 0; i < len(packed); {
		j := i + 1
		for j < len(packed) && packed[j] == packed[i] && j-i < 130 {
			j++
		}
		if j-i >= 3 {
			data = append(data, byte(j-i-3), packed[i])
			i = j
			continue
		}
		for j = i + 1; j < len(packed) && j-i < 128; j++ {
			if j+2 < len(packed) && packed[j] == packed[j+1] && packed[j] == packed[j+2] {
				break
			}
		}
		data = append(append(data, byte(256-(j-i))), packed[i:j]...)
		i = j
	}
	return stream(b, kind, mltPlain, len(values), data)
}

// idColumn is the features' ids; nil when none has one.
func (t *mltTable) idColumn() (code uint64, column []byte) {
	var data []byte
	n, last, long := 0, int64(0), false
	for i, id := range t.ids {
		if !t.hasID[i] {
			continue
		}
		n++
		long = long || id > math.MaxUint32
		data = appendVarint(data, zigzag(int64(id)-last))
		last = int64(id)
	}
	if n == 0 {
		return 0, nil
	}
	if !long { // differences wrap around at 32 bits
		data, last = data[:0], 0
		for i, id := range t.ids {
			if t.hasID[i] {
				data = appendVarint(data, uint64(uint32(zigzag(int64(int32(uint32(id)-uint32(last)))))))
				last = int64(id)
			}
		}
	} else {
		code |= 2
	}
	if n < len(t.ids) {
		code |= 1
		column = booleans(column, mltPresent, t.hasID)
	}
	return mltIDColumn + code, stream(column, mltData, mltDelta, n, data)
}

// geometryColumn appends the number of streams, the types, the topology and the vertices.
func (t *mltTable) geometryColumn(b []byte) []byte {
	type lengths struct {
		kind   byte
		values []uint32
	}
	streams := []lengths{{mltLengths, t.types}}
	for _, s := range []lengths{{mltSeveral, t.several}, {mltParts, t.parts}, {mltRings, t.rings}} {
		if len(s.values) > 0 {
			streams = append(streams, s)
		}
	}
	b = appendVarint(b, uint64(len(streams)+1))
	var wide []uint64
	for _, s := range streams {
		wide = wide[:0]
		for _, v := range s.values {
			wide = append(wide, uint64(v))
		}
		b = unsigned(b, s.kind, wide)
	}
	var data []byte
	for _, v := range t.xy {
		data = appendVarint(data, uint64(uint32(v<<1)^uint32(v>>31)))
	}
	return stream(b, mltVertices, mltPairs, len(t.xy), data)
}

// property is the column of a property and the code of its type.
func (t *mltTable) property(c *mltColumn) (code uint64, column []byte) {
	present := make([]bool, len(c.values))
	var values []*mltValue
	var kinds [256]bool
	low, high := int64(0), int64(0)
	for i, v := range c.values {
		if v < 0 {
			continue
		}
		value := &t.values[v]
		present[i], values = true, append(values, value)
		kinds[value.kind] = true
		low, high = min(low, value.whole), max(high, value.whole)
	}
	optional := uint64(0)
	if len(values) < len(c.values) {
		optional = 1
		column = booleans(column, mltPresent, present)
	}
	const exact = 1 << 53
	switch {
	case kinds[valueText]:
		return mltTextColumn + optional, t.texts(c, column, int(optional))
	case kinds[valueBoolean]:
		flags := make([]bool, len(values))
		for i, v := range values {
			flags[i] = v.whole != 0
		}
		return mltBoolColumn + optional, booleans(column, mltData, flags)
	case kinds[valueNumber], (low < math.MinInt32 || high > math.MaxInt32) && low >= -exact && high <= exact:
		var data []byte
		for _, v := range values {
			n := v.number
			if v.kind != valueNumber {
				n = float64(v.whole)
			}
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(n))
		}
		return mltDoubleColumn + optional, stream(column, mltData, mltPlain, len(values), data)
	}
	whole := make([]int64, len(values))
	for i, v := range values {
		whole[i] = v.whole
	}
	if low >= math.MinInt32/2 && high <= math.MaxInt32/2 { // differences fit in 32 bits as well
		return mltInt32Column + optional, signed(column, whole)
	}
	if low >= math.MinInt32 && high <= math.MaxInt32 {
		var data []byte
		for _, v := range whole {
			data = appendVarint(data, zigzag(v))
		}
		return mltInt32Column + optional, stream(column, mltData, mltVarint, len(whole), data)
	}
	return mltInt64Column + optional, signed(column, whole)
}

// texts is a column of texts: the number of streams, then the texts one after the other, or each once with their numbers,
// whichever is shorter.
func (t *mltTable) texts(c *mltColumn, present []byte, optional int) []byte {
	codes := make(map[int32]uint64, 64)
	var order []int32
	var use, lengths []uint64
	var plain []byte
	for _, v := range c.values {
		if v < 0 {
			continue
		}
		code, known := codes[v]
		if !known {
			code = uint64(len(order))
			codes[v], order = code, append(order, v)
		}
		use = append(use, code)
		lengths = append(lengths, uint64(len(t.values[v].text)))
		plain = append(plain, t.values[v].text...)
	}
	if len(order)*4 > len(use)*3 {
		b := append(appendVarint(nil, uint64(2+optional)), present...)
		b = unsigned(b, mltTextLengths, lengths)
		return stream(b, mltData, mltPlain, len(use), plain)
	}
	lengths, plain = lengths[:0], plain[:0]
	for _, v := range order {
		lengths = append(lengths, uint64(len(t.values[v].text)))
		plain = append(plain, t.values[v].text...)
	}
	b := append(appendVarint(nil, uint64(3+optional)), present...)
	b = unsigned(b, mltDictionLengs, lengths)
	b = unsigned(b, mltTextCodes, use)
	return stream(b, mltDictionary, mltPlain, len(order), plain)
}
