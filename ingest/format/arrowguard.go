package format

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// arrowGuard passes the messages of an Arrow IPC stream on after looking at what they promise: the library makes room for
// any number that a message names.
type arrowGuard struct {
	r    io.Reader
	file bool // a stream may end without a mark, a file not
	out  []byte
	buf  []byte
	err  error
}

const (
	arrowMaxMeta  = 16 << 20
	arrowMaxBody  = 1 << 30
	arrowMaxDepth = 64
	arrowFreeRows = 1 << 20 // of a batch beyond one for each bit of its body: columns of nothing but nulls have no body
)

var errArrow = errors.New("a message contradicts itself")

func (g *arrowGuard) Read(p []byte) (int, error) {
	if len(g.out) == 0 && g.err == nil {
		g.err = g.message()
	}
	if len(g.out) == 0 {
		return 0, g.err
	}
	n := copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// take appends n bytes of the stream to buf, in steps: a length may be a lie.
func (g *arrowGuard) take(n int) error {
	for n > 0 {
		step := min(n, 1<<20)
		at := len(g.buf)
		g.buf = slices.Grow(g.buf, step)[:at+step]
		if _, err := io.ReadFull(g.r, g.buf[at:]); err != nil {
			return errors.New("it ends inside a message")
		}
		n -= step
	}
	return nil
}

// message reads and checks one message: a marker, the length of its metadata, the metadata, the body.
func (g *arrowGuard) message() error {
	g.buf = g.buf[:0]
	var first [4]byte
	if _, err := io.ReadFull(g.r, first[:]); err != nil {
		if g.file {
			return errors.New("it ends before its last record")
		}
		return io.EOF
	}
	g.buf = append(g.buf, first[:]...)
	size := binary.LittleEndian.Uint32(first[:])
	if size == 0xffffffff {
		if err := g.take(4); err != nil {
			return err
		}
		size = binary.LittleEndian.Uint32(g.buf[4:])
	}
	if size == 0 {
		g.out = g.buf
		return io.EOF
	}
	if size > arrowMaxMeta {
		return errArrow
	}
	from := len(g.buf)
	if err := g.take(int(size)); err != nil {
		return err
	}
	message := fbRoot(g.buf[from:])
	body := message.uint64(3)
	if message.at < 0 || body > arrowMaxBody {
		return errArrow
	}
	meta := len(g.buf)
	if err := g.take(int(body)); err != nil {
		return err
	}
	message = fbRoot(g.buf[from:meta:meta])
	if !arrowSound(message, g.buf[meta:]) {
		return errArrow
	}
	g.out = g.buf
	return nil
}

// arrowSound checks what the header of a message says against the body.
func arrowSound(message fbTable, body []byte) bool {
	header := message.table(2)
	switch message.uint8(1) {
	case 1:
		return arrowFields(header, 1, 0) && header.fits(2, 4)
	case 2:
		return arrowBatch(header.table(1), body)
	case 3:
		return arrowBatch(header, body)
	}
	return true
}

// fits says whether a vector, if there is one, lies inside the message.
func (t fbTable) fits(slot, size int) bool {
	switch {
	case t.at < 0: // outside the message, where the library may find something else
		return false
	case t.field(slot, 4) < 0:
		return true
	}
	at := t.follow(slot)
	if at < 0 {
		return false
	}
	n := int(binary.LittleEndian.Uint32(t.b[at:]))
	return n <= len(t.b)/size && fbInside(t.b, at+4, n*size) >= 0
}

// arrowFields checks the fields in a vector of a schema, or of a field.
func arrowFields(t fbTable, slot, depth int) bool {
	if depth > arrowMaxDepth || !t.fits(slot, 4) {
		return false
	}
	ok := true
	t.tables(slot, func(f fbTable) {
		ok = ok && f.at >= 0 && f.fits(0, 1) && f.fits(6, 4) && arrowFields(f, 5, depth+1)
		kind := f.table(3)
		ok = ok && (f.uint8(2) != 14 || kind.fits(1, 4)) // the ids of a union
	})
	return ok
}

// arrowBatch checks nodes (length, nulls) and buffers (offset, length), and what compressed buffers claim to become.
func arrowBatch(t fbTable, body []byte) bool {
	if t.at < 0 || !t.fits(1, 16) || !t.fits(2, 16) || !t.fits(4, 8) {
		return false
	}
	rows, bits := int64(t.uint64(0)), 8*int64(len(body))
	if t.field(3, 4) >= 0 {
		bits *= maxRatio
	}
	if rows < 0 || rows > min(maxRecord, bits+arrowFreeRows) {
		return false
	}
	nodes, n := t.vector(1, 16)
	for ; n > 0; n, nodes = n-1, nodes[16:] {
		if length, nulls := int64(binary.LittleEndian.Uint64(nodes)), int64(binary.LittleEndian.Uint64(nodes[8:])); length < 0 || nulls < -1 || nulls > length || length > maxRecord {
			return false
		}
	}
	compressed := t.field(3, 4) >= 0
	buffers, n := t.vector(2, 16)
	for ; n > 0; n, buffers = n-1, buffers[16:] {
		offset, length := int64(binary.LittleEndian.Uint64(buffers)), int64(binary.LittleEndian.Uint64(buffers[8:]))
		if offset < 0 || length < 0 || offset > int64(len(body)) || length > int64(len(body))-offset {
			return false
		}
		if compressed && length >= 8 {
			if becomes := int64(binary.LittleEndian.Uint64(body[offset:])); becomes > maxRatio*length+1<<16 || becomes < -1 {
				return false
			}
		}
	}
	return true
}

// boundedAllocator refuses room for one buffer beyond any that a message may hold. It panics, as the library's callers of
// an allocator cannot fail; the reader recovers.
type boundedAllocator struct{ memory.Allocator }

func (a boundedAllocator) Allocate(size int) []byte {
	a.check(size)
	return a.Allocator.Allocate(size)
}

func (a boundedAllocator) Reallocate(size int, b []byte) []byte {
	a.check(size)
	return a.Allocator.Reallocate(size, b)
}

func (boundedAllocator) check(size int) {
	if size > arrowMaxBody {
		panic("a buffer of more than a gigabyte")
	}
}
