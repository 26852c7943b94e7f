package gate

import (
	"cmp"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// row is all that is kept of an event: whose it is, under a key that nobody keeps, and in which cell (slot × places + place).
type row struct{ unit, cell uint64 }

// bounding says what one unit may contribute.
type bounding struct {
	places   uint64 // number of places: cell / places is the slot
	cells    int    // L0: cells counted
	repeat   int    // Linf: times in one cell
	keep     int    // cells remembered: at least cells; more when the bias is measured
	onePlace bool
}

// tally holds the rows of one table, distinct and bounded as they come, so that memory follows the number of units and not that
// of events: at most 2 × units × keep × repeat rows of 16 bytes, plus the first allotment. Rows are spread over partitions by
// their unit, which lets every core work alone.
type tally struct {
	bound  bounding
	parts  [partitions]partition
	block  cipher.Block // draws priorities
	limit  int64        // rows in memory
	rows   atomic.Int64 // allotted
	errOut atomic.Pointer[error]
}

const (
	partitions = 256
	allotment  = 1 << 15 // rows of a partition before it is settled for the first time
	staged     = 64      // rows a worker gathers before it takes a partition's lock
)

type partition struct {
	mu      sync.Mutex
	rows    []row // the first `settled` are sorted, distinct and bounded
	settled int
}

var errMemory = errors.New("rows about people need more memory than the gate may use, and it never writes them to disk")

func newTally(b bounding, memory int64) *tally {
	block, err := aes.NewCipher(newKey())
	if err != nil {
		panic(err) // the key has the right length
	}
	return &tally{bound: b, block: block, limit: memory / 16}
}

// stage gathers one worker's rows.
type stage struct {
	t     *tally
	rows  [partitions][]row
	space settler
}

func (t *tally) stage() *stage {
	s := &stage{t: t, space: settler{bounding: t.bound, block: t.block}}
	all := make([]row, partitions*staged)
	for i := range s.rows {
		s.rows[i] = all[i*staged : i*staged : (i+1)*staged]
	}
	return s
}

func (s *stage) add(unit, cell uint64) {
	p := unit >> 56
	s.rows[p] = append(s.rows[p], row{unit, cell})
	if len(s.rows[p]) == staged {
		s.flush(int(p))
	}
}

func (s *stage) flush(p int) {
	s.t.add(p, s.rows[p], &s.space)
	s.rows[p] = s.rows[p][:0]
}

// end hands over what is left and zeroes the worker's copies.
func (s *stage) end() {
	for p := range s.rows {
		s.flush(p)
		clear(s.rows[p][:cap(s.rows[p])])
	}
	s.space.zero()
}

func (t *tally) add(at int, rows []row, space *settler) {
	p := &t.parts[at]
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rows)+len(rows) > cap(p.rows) {
		if len(p.rows) > 0 {
			p.rows = space.settle(p.rows)
			p.settled = len(p.rows)
		}
		if want := max(allotment, 2*p.settled); want > cap(p.rows) {
			if t.rows.Add(int64(want-cap(p.rows))) > t.limit {
				t.errOut.CompareAndSwap(nil, &errMemory)
				return
			}
			grown := make([]row, len(p.rows), want)
			copy(grown, p.rows)
			clear(p.rows)
			p.rows = grown
		}
	}
	p.rows = append(p.rows, rows...)
}

func (t *tally) err() error {
	if e := t.errOut.Load(); e != nil {
		return *e
	}
	return nil
}

// zero overwrites every row.
func (t *tally) zero() {
	for i := range t.parts {
		p := &t.parts[i]
		clear(p.rows[:cap(p.rows)])
		p.rows, p.settled = nil, 0
	}
}

// settler sorts rows by unit and cell, takes out repetitions and bounds each unit. It is one worker's own.
type settler struct {
	bounding
	block   cipher.Block
	scratch []row
	starts  []int32
	ranked  []ranked
	in, out [16]byte
}

// ranked is a cell of a unit with its priority.
type ranked struct {
	priority uint64
	from, to int // its rows in the group
}

// priority is a pseudo-random number of (a, b) under the table's key: AES of both, half of it. The cells of a unit with the
// smallest priorities are a uniform sample of its distinct cells, however often and in whatever order they came, and a sample
// of a sample is the sample of the whole: this is the reservoir.
func (s *settler) priority(a, b uint64) uint64 {
	binary.LittleEndian.PutUint64(s.in[:8], a)
	binary.LittleEndian.PutUint64(s.in[8:], b)
	s.block.Encrypt(s.out[:], s.in[:])
	return binary.LittleEndian.Uint64(s.out[:8])
}

func (s *settler) zero() {
	clear(s.scratch[:cap(s.scratch)])
	clear(s.ranked[:cap(s.ranked)])
	clear(s.in[:])
	clear(s.out[:])
}

func byUnitAndCell(a, b row) int {
	if c := cmp.Compare(a.unit, b.unit); c != 0 {
		return c
	}
	return cmp.Compare(a.cell, b.cell)
}

// settle returns the rows sorted, distinct and bounded, in the same memory.
func (s *settler) settle(rows []row) []row {
	s.sort(rows)
	out := 0
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && rows[to].unit == rows[from].unit {
			to++
		}
		group := s.hold(rows[from:to])
		out += copy(rows[out:], group)
		from = to
	}
	clear(rows[out:])
	return rows[:out]
}

// sort is one pass of a radix sort on twelve bits of the unit below those of the partition, then small sorts.
func (s *settler) sort(rows []row) {
	const bits = 12
	if len(rows) < 256 {
		slices.SortFunc(rows, byUnitAndCell)
		return
	}
	if cap(s.scratch) < len(rows) {
		clear(s.scratch)
		s.scratch = make([]row, len(rows))
	}
	if s.starts == nil {
		s.starts = make([]int32, 1<<bits+1)
	}
	clear(s.starts)
	bucket := func(r row) uint64 { return r.unit >> (56 - bits) & (1<<bits - 1) }
	for _, r := range rows {
		s.starts[bucket(r)+1]++
	}
	for i := range 1 << bits {
		s.starts[i+1] += s.starts[i]
	}
	scratch := s.scratch[:len(rows)]
	for _, r := range rows {
		b := bucket(r)
		scratch[s.starts[b]] = r
		s.starts[b]++
	}
	from := int32(0)
	for b := range 1 << bits {
		to := s.starts[b]
		sortSmall(scratch[from:to])
		from = to
	}
	copy(rows, scratch)
}

func sortSmall(rows []row) {
	if len(rows) > 24 {
		slices.SortFunc(rows, byUnitAndCell)
		return
	}
	for i := 1; i < len(rows); i++ {
		r := rows[i]
		j := i
		for j > 0 && (rows[j-1].unit > r.unit || rows[j-1].unit == r.unit && rows[j-1].cell > r.cell) {
			rows[j] = rows[j-1]
			j--
		}
		rows[j] = r
	}
}

// hold bounds the rows of one unit, sorted by cell: at most repeat of a cell, one place a slot if so, keep cells.
func (s *settler) hold(group []row) []row {
	s.ranked = s.ranked[:0]
	out := 0
	for from := 0; from < len(group); {
		to := from + 1
		for to < len(group) && group[to].cell == group[from].cell {
			to++
		}
		n := copy(group[out:], group[from:min(to, from+s.repeat)])
		s.ranked = append(s.ranked, ranked{from: out, to: out + n})
		out += n
		from = to
	}
	group = group[:out]
	if s.onePlace {
		group = s.holdOnePlace(group)
	}
	if len(s.ranked) <= s.keep {
		return group
	}
	return s.pick(group, s.keep)
}

// holdOnePlace keeps, of the cells of one slot, the one with the smallest priority.
func (s *settler) holdOnePlace(group []row) []row {
	slots := s.ranked[:0]
	last := uint64(0)
	for _, r := range s.ranked {
		cell := group[r.from].cell
		slot := cell / s.places
		if len(slots) > 0 && slot == last {
			best := &slots[len(slots)-1]
			if best.priority == 0 {
				best.priority = s.priority(group[best.from].unit, group[best.from].cell)
			}
			if p := s.priority(group[r.from].unit, cell); p < best.priority {
				*best = ranked{p, r.from, r.to}
			}
			continue
		}
		slots, last = append(slots, ranked{0, r.from, r.to}), slot
	}
	out := 0
	for i, r := range slots {
		n := copy(group[out:], group[r.from:r.to])
		slots[i] = ranked{from: out, to: out + n}
		out += n
	}
	s.ranked = slots
	return group[:out]
}

// pick keeps the n cells of smallest priority. With one place a slot the priority is the slot's: what is drawn is a set of slots,
// whatever the unit's zone in them.
func (s *settler) pick(group []row, n int) []row {
	for i := range s.ranked {
		r := &s.ranked[i]
		key := group[r.from].cell
		if s.onePlace {
			key = 1<<63 | key/s.places
		}
		r.priority = s.priority(group[r.from].unit, key)
	}
	slices.SortFunc(s.ranked, func(a, b ranked) int { return cmp.Compare(a.priority, b.priority) })
	s.ranked = s.ranked[:n]
	slices.SortFunc(s.ranked, func(a, b ranked) int { return cmp.Compare(a.from, b.from) })
	out := 0
	for i, r := range s.ranked {
		n := copy(group[out:], group[r.from:r.to])
		s.ranked[i] = ranked{from: out, to: out + n}
		out += n
	}
	return group[:out]
}
