package layer

import (
	"encoding/binary"
	"errors"
	"io"
)

// The messages of an Arrow IPC file (format/File.fbs and Message.fbs of Apache Arrow, metadata version 5), read without the
// Arrow library: it trusts the lengths that a flatbuffer claims, and a damaged file would make it allocate without limit
// or write into the map. Here every position is checked before it is read. The footer, which repeats where the messages
// are, is for other readers.

const magic = "ARROW1"

var (
	errNotArrow = errors.New("not an Arrow file")
	errCut      = errors.New("the file is cut short")
	errDamaged  = errors.New("the description of a batch is damaged")
)

// Kinds of message.
const (
	schemaMessage     = 1
	dictionaryMessage = 2
	batchMessage      = 3
)

// message is the header of one message, and its body.
type message struct {
	kind   int
	header table
	body   []byte
}

type messages struct{ data []byte }

func newMessages(data []byte) (*messages, error) {
	if len(data) < 8 || string(data[:6]) != magic {
		return nil, errNotArrow
	}
	if len(data) < 24 || string(data[len(data)-6:]) != magic {
		return nil, errCut
	}
	return &messages{data[8:]}, nil
}

// next is the next message: 0xffffffff, the length of the metadata, the metadata, the body. io.EOF after the last.
func (m *messages) next() (message, error) {
	if len(m.data) < 8 {
		return message{}, errCut
	}
	if binary.LittleEndian.Uint32(m.data) != 0xffffffff {
		return message{}, errNotArrow
	}
	n := int64(binary.LittleEndian.Uint32(m.data[4:]))
	if n == 0 {
		return message{}, io.EOF
	}
	if n > int64(len(m.data)-8) {
		return message{}, errCut
	}
	root, ok := rootTable(m.data[8 : 8+n])
	if !ok {
		return message{}, errDamaged
	}
	kind, size := root.number(1, 1), root.number(3, 8)
	header, ok := root.table(2)
	rest := m.data[8+n:]
	if !ok || size < 0 || size > int64(len(rest)) {
		return message{}, errCut
	}
	m.data = rest[size:]
	return message{int(kind), header, rest[:size]}, nil
}

// table is a table of a flatbuffer.
type table struct {
	b  []byte
	at int64
}

func rootTable(b []byte) (table, bool) {
	return follow(b, 0)
}

// follow is the table to which the offset at a position leads.
func follow(b []byte, at int64) (table, bool) {
	if at < 0 || at+4 > int64(len(b)) {
		return table{}, false
	}
	t := table{b, at + int64(binary.LittleEndian.Uint32(b[at:]))}
	return t, t.at+4 <= int64(len(b))
}

// field is the position of field i; false when it is absent.
func (t table) field(i int) (int64, bool) {
	if t.b == nil {
		return 0, false
	}
	fields := t.at - int64(int32(binary.LittleEndian.Uint32(t.b[t.at:])))
	slot := fields + 4 + 2*int64(i)
	if fields < 0 || slot+2 > int64(len(t.b)) || 4+2*int64(i)+2 > int64(binary.LittleEndian.Uint16(t.b[fields:])) {
		return 0, false
	}
	offset := int64(binary.LittleEndian.Uint16(t.b[slot:]))
	return t.at + offset, offset != 0
}

// number is the integer of size bytes in field i, 0 when absent.
func (t table) number(i, size int) int64 {
	at, ok := t.field(i)
	if !ok || at+int64(size) > int64(len(t.b)) {
		return 0
	}
	switch size {
	case 1:
		return int64(t.b[at])
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(t.b[at:])))
	}
	return int64(binary.LittleEndian.Uint64(t.b[at:]))
}

func (t table) table(i int) (table, bool) {
	at, ok := t.field(i)
	if !ok {
		return table{}, false
	}
	return follow(t.b, at)
}

// vector is the bytes of the elements, each of size bytes, of the vector in field i, and where they start.
func (t table) vector(i int, size int64) ([]byte, int64) {
	at, ok := t.field(i)
	if !ok {
		return nil, 0
	}
	v, ok := follow(t.b, at)
	if !ok {
		return nil, 0
	}
	n := int64(binary.LittleEndian.Uint32(t.b[v.at:])) * size
	if n > int64(len(t.b))-v.at-4 {
		return nil, 0
	}
	return t.b[v.at+4 : v.at+4+n], v.at + 4
}

// metadata is the value of a key of a schema's custom metadata.
func (t table) metadata(key string) (string, bool) {
	list, from := t.vector(2, 4)
	for i := int64(0); i < int64(len(list)); i += 4 {
		pair, ok := follow(t.b, from+i)
		if !ok {
			continue
		}
		if k, _ := pair.vector(0, 1); string(k) == key {
			v, _ := pair.vector(1, 1)
			return string(v), true
		}
	}
	return "", false
}

// feed gives the nodes and buffers of a record batch in the order of its columns, parents first.
type feed struct {
	rows           int64
	nodes, buffers []byte
	body           []byte
}

func newFeed(header table, body []byte) (*feed, error) {
	if _, compressed := header.field(3); compressed {
		return nil, errors.New("the file is compressed")
	}
	f := &feed{rows: header.number(0, 8), body: body}
	f.nodes, _ = header.vector(1, 16)
	f.buffers, _ = header.vector(2, 16)
	if f.rows < 0 || f.rows > int64(len(body)) {
		return nil, errDamaged
	}
	return f, nil
}

// node is the length of the next array, and whether it has nulls.
func (f *feed) node() (length int, nulls bool, err error) {
	if len(f.nodes) < 16 {
		return 0, false, errDamaged
	}
	n, null := int64(binary.LittleEndian.Uint64(f.nodes)), binary.LittleEndian.Uint64(f.nodes[8:])
	f.nodes = f.nodes[16:]
	if n < 0 || n > int64(len(f.body)) {
		return 0, false, errDamaged
	}
	return int(n), null != 0, nil
}

// buffer is the next buffer of the body.
func (f *feed) buffer() ([]byte, error) {
	if len(f.buffers) < 16 {
		return nil, errDamaged
	}
	at, n := int64(binary.LittleEndian.Uint64(f.buffers)), int64(binary.LittleEndian.Uint64(f.buffers[8:]))
	f.buffers = f.buffers[16:]
	if at < 0 || n < 0 || at > int64(len(f.body)) || n > int64(len(f.body))-at {
		return nil, errDamaged
	}
	return f.body[at : at+n : at+n], nil
}
