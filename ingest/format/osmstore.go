package format

import (
	"encoding/binary"
	"errors"
	"os"
)

// spill is bytes that are appended and read back anywhere: in memory at first, in a temporary file when there are many.
type spill struct {
	memory []byte
	file   *os.File
	size   int64
	page   []byte // not yet in the file
}

const (
	spillMemory = 256 << 20
	spillPage   = 1 << 20
)

func (s *spill) append(b []byte) (at int64, err error) {
	at = s.size
	s.size += int64(len(b))
	if s.file == nil && len(s.memory)+len(b) <= spillMemory {
		s.memory = append(s.memory, b...)
		return at, nil
	}
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "jumeau-*"); err != nil {
			return 0, err
		}
	}
	if s.page = append(s.page, b...); len(s.page) >= spillPage {
		_, err = s.file.Write(s.page)
		s.page = s.page[:0]
	}
	return at, err
}

// read fills b from position at; b may be longer than what is there, then the rest is zero.
func (s *spill) read(b []byte, at int64) ([]byte, error) {
	b = b[:min(int64(len(b)), s.size-at)]
	if at+int64(len(b)) <= int64(len(s.memory)) {
		return s.memory[at : at+int64(len(b))], nil
	}
	n := 0
	if at < int64(len(s.memory)) {
		n = copy(b, s.memory[at:])
	}
	written := s.size - int64(len(s.page))
	if from := at + int64(n); n < len(b) && from < written {
		k := min(int64(len(b)-n), written-from)
		if _, err := s.file.ReadAt(b[n:n+int(k)], from-int64(len(s.memory))); err != nil {
			return nil, err
		}
		n += int(k)
	}
	if n < len(b) {
		copy(b[n:], s.page[at+int64(n)-written:])
	}
	return b, nil
}

func (s *spill) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// nodeStore keeps the positions of all nodes: about 8 bytes each, in blocks of differences. Ids come in order; those that do
// not go to a map.
type nodeStore struct {
	spill
	first   []int64 // id of each block
	start   []int64 // of each block in the spill
	pending []nodeAt
	last    int64
	loose   map[int64]osmPoint
	cache   [nodeCache]nodeBlock
	scratch []byte
	recent  int // the block looked into last, from 1
}

type nodeAt struct {
	id int64
	at osmPoint
}

type nodeBlock struct {
	number int // of the block, from 1
	nodes  []nodeAt
}

const (
	nodesInBlock = 128
	nodeCache    = 8192    // blocks: 25 MB
	maxLoose     = 4 << 20 // nodes out of order
)

func newNodeStore() *nodeStore {
	return &nodeStore{loose: map[int64]osmPoint{}, last: -1 << 63}
}

func (s *nodeStore) put(id int64, at osmPoint) error {
	if id <= s.last {
		if len(s.loose) >= maxLoose {
			return invalid("sort it: osmium sort IN -o out.osm.pbf", "its nodes are not in the order of their ids")
		}
		s.loose[id] = at
		return nil
	}
	s.last = id
	s.pending = append(s.pending, nodeAt{id, at})
	if len(s.pending) == nodesInBlock {
		return s.flush()
	}
	return nil
}

func (s *nodeStore) flush() error {
	if len(s.pending) == 0 {
		return nil
	}
	b := s.scratch[:0]
	before := nodeAt{id: s.pending[0].id}
	for _, n := range s.pending {
		b = binary.AppendUvarint(b, uint64(n.id-before.id))
		b = binary.AppendVarint(b, int64(n.at.lon)-int64(before.at.lon))
		b = binary.AppendVarint(b, int64(n.at.lat)-int64(before.at.lat))
		before = n
	}
	s.scratch = b
	at, err := s.append(b)
	s.first, s.start = append(s.first, s.pending[0].id), append(s.start, at)
	s.pending = s.pending[:0]
	return err
}

// get finds a node; flush comes before it.
func (s *nodeStore) get(id int64) (osmPoint, bool, error) {
	low, high := 0, len(s.first)
	if n := s.recent; n > 0 && s.first[n-1] <= id && (n == len(s.first) || id < s.first[n]) {
		low, high = n, n // the nodes of a way lie near each other
	}
	for low < high {
		if mid := (low + high) / 2; s.first[mid] <= id {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if s.recent = low; low > 0 {
		nodes, err := s.block(low - 1)
		if err != nil {
			return osmPoint{}, false, err
		}
		from, to := 0, len(nodes)
		for from < to {
			if mid := (from + to) / 2; nodes[mid].id < id {
				from = mid + 1
			} else {
				to = mid
			}
		}
		if from < len(nodes) && nodes[from].id == id {
			return nodes[from].at, true, nil
		}
	}
	at, ok := s.loose[id]
	return at, ok, nil
}

func (s *nodeStore) block(n int) ([]nodeAt, error) {
	c := &s.cache[n%nodeCache]
	if c.number == n+1 {
		return c.nodes, nil
	}
	end := s.size
	if n+1 < len(s.start) {
		end = s.start[n+1]
	}
	size := int(end - s.start[n])
	if cap(s.scratch) < size {
		s.scratch = make([]byte, 2*size)
	}
	b, err := s.read(s.scratch[:size], s.start[n])
	if err != nil {
		return nil, err
	}
	c.number, c.nodes = n+1, c.nodes[:0]
	at := nodeAt{id: s.first[n]}
	for len(b) > 0 {
		d, k := binary.Uvarint(b)
		x, i := binary.Varint(b[k:])
		y, j := binary.Varint(b[k+i:])
		b = b[k+i+j:]
		at.id += int64(d)
		at.at.lon += int32(x)
		at.at.lat += int32(y)
		c.nodes = append(c.nodes, at)
	}
	return c.nodes, nil
}
