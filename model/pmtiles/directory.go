package pmtiles

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/klauspost/compress/gzip"
)

// entry is a run of equal tiles, or with run 0 a leaf directory that begins with id.
type entry struct {
	id, offset  uint64
	length, run uint32
}

// appendDirectory writes entries column by column, as the specification has it, uncompressed.
func appendDirectory(b []byte, entries []entry) []byte {
	b = binary.AppendUvarint(b, uint64(len(entries)))
	last := uint64(0)
	for _, e := range entries {
		b = binary.AppendUvarint(b, e.id-last)
		last = e.id
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.run))
	}
	for _, e := range entries {
		b = binary.AppendUvarint(b, uint64(e.length))
	}
	for i, e := range entries {
		if i > 0 && e.offset == entries[i-1].offset+uint64(entries[i-1].length) {
			b = append(b, 0)
			continue
		}
		b = binary.AppendUvarint(b, e.offset+1)
	}
	return b
}

// directories are the root directory and the leaves, compressed. Leaves are made as small as a root within its room allows,
// and hold 4096 entries at least: one more small request of a client, seldom two.
func directories(entries []entry) (root, leaves []byte, err error) {
	if root, err = compress(appendDirectory(nil, entries)); err != nil || len(root) <= startBytes-headerBytes {
		return root, nil, err
	}
	for size := max(4096, len(entries)/3500); ; size += size / 5 {
		var top []entry
		leaves = leaves[:0]
		for at := 0; at < len(entries); at += size {
			leaf, err := compress(appendDirectory(nil, entries[at:min(at+size, len(entries))]))
			if err != nil {
				return nil, nil, err
			}
			top = append(top, entry{id: entries[at].id, offset: uint64(len(leaves)), length: uint32(len(leaf))})
			leaves = append(leaves, leaf...)
		}
		if root, err = compress(appendDirectory(nil, top)); err != nil || len(root) <= startBytes-headerBytes {
			return root, leaves, err
		}
	}
}

// errDirectory is a directory that is not what the specification says.
var errDirectory = errors.New("a directory is damaged")

// readDirectory reads an uncompressed directory: at least one entry, ids ascending, lengths above zero.
func readDirectory(b []byte) ([]entry, error) {
	ok := true
	next := func() uint64 {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			ok = false
			return 0
		}
		b = b[size:]
		return n
	}
	count := next()
	if count == 0 || count > uint64(len(b))/4 { // an entry is four numbers
		return nil, errDirectory
	}
	entries := make([]entry, count)
	last := uint64(0)
	for i := range entries {
		step := next()
		if i > 0 && step == 0 || last+step < last {
			return nil, errDirectory
		}
		last += step
		entries[i].id = last
	}
	for i := range entries {
		entries[i].run = small(next(), &ok)
	}
	for i := range entries {
		entries[i].length = small(next(), &ok)
		ok = ok && entries[i].length > 0
	}
	for i := range entries {
		switch n := next(); {
		case n > 0:
			entries[i].offset = n - 1
		case i > 0:
			entries[i].offset = entries[i-1].offset + uint64(entries[i-1].length)
		default:
			ok = false
		}
	}
	if !ok || len(b) > 0 {
		return nil, errDirectory
	}
	return entries, nil
}

func small(n uint64, ok *bool) uint32 {
	*ok = *ok && n <= math.MaxUint32
	return uint32(n)
}

// compress is gzip as archives have it for directories and metadata.
func compress(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// inflateLimit bounds what a directory or the metadata may unpack to: a forged archive must not fill the memory.
const inflateLimit = 64 << 20

func inflate(b []byte, c Compression) ([]byte, error) {
	switch c {
	case None:
		return b, nil
	case Gzip:
		r, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			return nil, err
		}
		out, err := io.ReadAll(io.LimitReader(r, inflateLimit+1))
		if err == nil && len(out) > inflateLimit {
			err = fmt.Errorf("more than %d bytes when unpacked", inflateLimit)
		}
		return out, err
	}
	return nil, fmt.Errorf("directories with %s are not read by this program", c)
}
