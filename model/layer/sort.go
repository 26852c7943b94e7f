package layer

import (
	"bufio"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
)

// sorter orders records along the Hilbert curve in bounded memory: what does not fit is spilled, sorted, to a temporary
// file beside the destination. A run in that file is its entries, then its records, in order.
type sorter struct {
	dir    string
	budget int64 // bytes of records and entries kept
	held   int64
	chunks []*chunk
	file   *os.File
	end    int64 // of the file
	runs   []run
}

// chunk is what one batch of rows became.
type chunk struct {
	records []byte
	entries []entry
}

type run struct {
	entries, records int64 // offsets in the file
	count            int
	end              int64
}

func (s *sorter) add(c *chunk) error {
	s.chunks = append(s.chunks, c)
	s.held += int64(cap(c.records)) + int64(len(c.entries))*40
	if s.held >= s.budget {
		return s.spill()
	}
	return nil
}

// place is an entry of a chunk held in memory.
type place struct {
	entry
	chunk int32
}

func (s *sorter) sorted() []place {
	n := 0
	for _, c := range s.chunks {
		n += len(c.entries)
	}
	places := make([]place, 0, n)
	for i, c := range s.chunks {
		for _, e := range c.entries {
			places = append(places, place{e, int32(i)})
		}
	}
	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.hilbert, b.hilbert), cmp.Compare(a.row, b.row))
	})
	return places
}

func (s *sorter) record(p *place) []byte {
	return s.chunks[p.chunk].records[p.at : p.at+int64(p.size)]
}

func (s *sorter) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp(s.dir, ".layer-sort-*")
		if err != nil {
			return err
		}
		s.file = f
	}
	places := s.sorted()
	w := bufio.NewWriterSize(s.file, 1<<18)
	r := run{entries: s.end, count: len(places)}
	r.records = r.entries + int64(len(places))*entrySize
	r.end = r.records
	var b [entrySize]byte
	for i := range places {
		p := &places[i]
		binary.LittleEndian.PutUint64(b[0:], p.hilbert)
		binary.LittleEndian.PutUint64(b[8:], p.row)
		binary.LittleEndian.PutUint32(b[16:], p.size)
		binary.LittleEndian.PutUint32(b[20:], p.side)
		binary.LittleEndian.PutUint32(b[24:], p.weight)
		if _, err := w.Write(b[:]); err != nil {
			return err
		}
		r.end += int64(p.size)
	}
	for i := range places {
		if _, err := w.Write(s.record(&places[i])); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.runs = append(s.runs, r)
	s.end = r.end
	s.chunks, s.held = nil, 0
	return nil
}

// each calls f with all entries in order, and with their records when records is set.
func (s *sorter) each(records bool, f func(*entry, []byte) error) error {
	if s.file == nil {
		return s.eachHeld(f)
	}
	if len(s.chunks) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	return s.merge(records, f)
}

func (s *sorter) eachHeld(f func(*entry, []byte) error) error {
	places := s.sorted()
	for i := range places {
		if err := f(&places[i].entry, s.record(&places[i])); err != nil {
			return err
		}
	}
	return nil
}

var errRunEnds = errors.New("the run ends")

// cursor reads one run.
type cursor struct {
	entry
	entries, records *bufio.Reader
	left             int
	record           []byte
}

func (c *cursor) next(records bool) error {
	if c.left == 0 {
		return errRunEnds
	}
	c.left--
	var b [entrySize]byte
	if _, err := io.ReadFull(c.entries, b[:]); err != nil {
		return err
	}
	c.hilbert = binary.LittleEndian.Uint64(b[0:])
	c.row = binary.LittleEndian.Uint64(b[8:])
	c.size = binary.LittleEndian.Uint32(b[16:])
	c.side = binary.LittleEndian.Uint32(b[20:])
	c.weight = binary.LittleEndian.Uint32(b[24:])
	if !records {
		return nil
	}
	c.record = slices.Grow(c.record[:0], int(c.size))[:c.size]
	_, err := io.ReadFull(c.records, c.record)
	return err
}

// cursors is a heap: the cursor with the least entry first.
type cursors []*cursor

func (h cursors) Len() int { return len(h) }
func (h cursors) Less(i, j int) bool {
	return h[i].hilbert < h[j].hilbert || h[i].hilbert == h[j].hilbert && h[i].row < h[j].row
}
func (h cursors) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *cursors) Push(x any)   { *h = append(*h, x.(*cursor)) }
func (h *cursors) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// merge reads all runs at once. Its memory is two small buffers a run.
func (s *sorter) merge(records bool, f func(*entry, []byte) error) error {
	var h cursors
	for _, r := range s.runs {
		c := &cursor{left: r.count}
		c.entries = bufio.NewReaderSize(io.NewSectionReader(s.file, r.entries, r.records-r.entries), 1<<15)
		if records {
			c.records = bufio.NewReaderSize(io.NewSectionReader(s.file, r.records, r.end-r.records), 1<<17)
		}
		if err := c.next(records); err != nil {
			return err
		}
		h = append(h, c)
	}
	heap.Init(&h)
	for len(h) > 0 {
		c := h[0]
		if err := f(&c.entry, c.record); err != nil {
			return err
		}
		switch err := c.next(records); {
		case errors.Is(err, errRunEnds):
			heap.Pop(&h)
		case err != nil:
			return err
		default:
			heap.Fix(&h, 0)
		}
	}
	return nil
}

// close removes the temporary file.
func (s *sorter) close() error {
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	return errors.Join(s.file.Close(), os.Remove(name))
}
