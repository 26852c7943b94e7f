package layer

import (
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// messages gives the messages of an Arrow file in memory to the Arrow library without copying their bodies. (The library's
// own reader of mapped files, in version 18.8, cannot read dictionaries.) The footer, which repeats what the messages
// say, is for other readers.
type messages struct {
	data []byte
	refs atomic.Int64
	last *ipc.Message
}

const magic = "ARROW1"

var (
	errNotArrow = errors.New("not an Arrow file")
	errCut      = errors.New("the file is cut short")
)

func newMessages(data []byte) (*messages, error) {
	if len(data) < 8 || string(data[:6]) != magic {
		return nil, errNotArrow
	}
	if len(data) < 24 || string(data[len(data)-6:]) != magic {
		return nil, errCut
	}
	m := &messages{data: data[8:]}
	m.refs.Add(1)
	return m, nil
}

func (m *messages) Retain() { m.refs.Add(1) }

func (m *messages) Release() {
	if m.refs.Add(-1) == 0 && m.last != nil {
		m.last.Release()
		m.last = nil
	}
}

// Message is the next message: 0xffffffff, the length of the metadata, the metadata (a flatbuffer), the body.
func (m *messages) Message() (*ipc.Message, error) {
	if m.last != nil {
		m.last.Release()
		m.last = nil
	}
	if len(m.data) < 8 {
		return nil, errCut
	}
	if binary.LittleEndian.Uint32(m.data) != 0xffffffff {
		return nil, errNotArrow
	}
	n := int64(binary.LittleEndian.Uint32(m.data[4:]))
	if n == 0 {
		return nil, io.EOF
	}
	if n > int64(len(m.data)-8) {
		return nil, errCut
	}
	meta := m.data[8 : 8+n]
	size, err := bodyLength(meta)
	if err != nil {
		return nil, err
	}
	rest := m.data[8+n:]
	if size < 0 || size > int64(len(rest)) {
		return nil, errCut
	}
	m.data = rest[size:]
	m.last = ipc.NewMessage(memory.NewBufferBytes(meta), memory.NewBufferBytes(rest[:size:size]))
	return m.last, nil
}

// bodyLength reads field 3 of the flatbuffer table Message (format/Message.fbs of Apache Arrow).
func bodyLength(meta []byte) (int64, error) {
	root, ok := u32(meta, 0)
	if !ok {
		return 0, errNotArrow
	}
	back, ok := u32(meta, int64(root))
	if !ok {
		return 0, errNotArrow
	}
	table := int64(root) - int64(int32(back))
	const slot = 4 + 2*3
	if table < 0 || table+slot+2 > int64(len(meta)) || binary.LittleEndian.Uint16(meta[table:]) < slot+2 {
		return 0, nil // absent: no body
	}
	at := binary.LittleEndian.Uint16(meta[table+slot:])
	if at == 0 {
		return 0, nil
	}
	from := int64(root) + int64(at)
	if from+8 > int64(len(meta)) {
		return 0, errNotArrow
	}
	return int64(binary.LittleEndian.Uint64(meta[from:])), nil
}

func u32(b []byte, at int64) (uint32, bool) {
	if at < 0 || at+4 > int64(len(b)) {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b[at:]), true
}
