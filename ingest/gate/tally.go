package gate

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"sync"
	"sync/atomic"
)

// row is all that is kept of an event: whose it is, under a key that nobody keeps, and in which cell, behind the cell's rank for
// this unit (see coding).
type row struct{ unit, code uint64 }

// bounding says what one unit may contribute.
type bounding struct {
	coding
	cells  int // L0: cells counted
	repeat int // Linf: times in one cell
	keep   int // cells remembered: at least cells; more when the bias is measured
}

// coding writes a cell so that the codes of one unit, in order, are its cells in random order: a rank in the high bits, drawn for
// the unit and the cell under the table's key, then the cell. The first L0 distinct codes of a unit are then a uniform sample of its
// distinct cells, however often and in whatever order they came, and a sample of a sample is the sample of the whole: this is the
// reservoir, and it needs nothing but sorting.
//
// With one place a slot there are two ranks, of the slot and of the place within it, so that the first code of a slot is its
// place, drawn uniformly, and the first L0 slots are the unit's slots, drawn uniformly.
//
// Ranks must be fair, not secret: whatever cells are drawn of a unit, it contributes no more than the bound. They are a keyed
// multiply-and-fold hash; equal ranks (below one in a million pairs) fall to the lower cell.
type coding struct {
	places   uint64
	onePlace bool
	key      [2]uint64
}

// Bits of a code: 32 of rank and 32 of cell, or with one place a slot 20 and 10 for the slot, 12 and 22 for the place.
const (
	cellBits  = 32
	slotBits  = 10
	placeBits = 22
	slotAt    = 34 // lowest bit of the slot with one place a slot
)

func newCoding(places int, onePlace bool) (c coding) {
	key := newKey()
	c = coding{uint64(places), onePlace, [2]uint64{binary.LittleEndian.Uint64(key), binary.LittleEndian.Uint64(key[8:])}}
	clear(key)
	return c
}

// fits says whether all cells of a table can be coded.
func (c coding) fits(slots int) bool {
	if c.onePlace {
		return c.places <= 1<<placeBits && slots <= 1<<slotBits
	}
	hi, cells := bits.Mul64(c.places, uint64(slots))
	return hi == 0 && cells <= 1<<cellBits
}

func (c *coding) rank(unit, v uint64) uint64 {
	hi, lo := bits.Mul64(unit^c.key[0], v*0x9e3779b97f4a7c15^c.key[1])
	hi, lo = bits.Mul64(hi^lo^c.key[1], unit|1)
	return hi ^ lo
}

func (c *coding) encode(unit, slot, place uint64) uint64 {
	cell := slot*c.places + place
	if !c.onePlace {
		return c.rank(unit, cell)>>cellBits<<cellBits | cell
	}
	return c.rank(unit, 1<<63|slot)>>44<<44 | slot<<slotAt | c.rank(unit, cell)>>52<<placeBits | place
}

func (c *coding) decode(code uint64) (slot, place uint64) {
	if c.onePlace {
		return code >> slotAt & (1<<slotBits - 1), code & (1<<placeBits - 1)
	}
	cell := code & (1<<cellBits - 1)
	return cell / c.places, cell % c.places
}

// same says whether two codes of one unit exclude each other beyond repetition: the same cell or, with one place a slot, slot.
func (c *coding) same(a, b uint64) bool {
	if c.onePlace {
		return a>>slotAt == b>>slotAt
	}
	return a == b
}

// tally holds the rows of one table, distinct and bounded as they come, so that memory follows the number of units and not that
// of events: at most 2 × units × keep × repeat rows of 16 bytes, plus the first allotment. Rows are spread over partitions by
// their unit, which lets every core work alone.
type tally struct {
	bound  bounding
	parts  [partitions]partition
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
	return &tally{bound: b, limit: memory / 16}
}

// stage gathers one worker's rows.
type stage struct {
	t     *tally
	rows  [partitions][]row
	space settler
}

func (t *tally) stage() *stage {
	s := &stage{t: t, space: settler{bounding: t.bound}}
	return s
}

func (s *stage) add(unit, slot, place uint64) {
	p := unit >> 56
	if s.rows[p] == nil {
		s.rows[p] = make([]row, 0, staged)
	}
	s.rows[p] = append(s.rows[p], row{unit, s.space.encode(unit, slot, place)})
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
	if len(p.rows)+len(rows) > cap(p.rows) && !t.makeRoom(p, len(rows), space) {
		return
	}
	p.rows = append(p.rows, rows...)
}

// makeRoom settles a partition that has its first allotment, and grows it while more than half of it is still needed. The first
// rows get no more room than they take: a source of few units costs little.
func (t *tally) makeRoom(p *partition, more int, space *settler) bool {
	want := min(max(more, 4*cap(p.rows)), allotment)
	if cap(p.rows) >= allotment {
		p.rows = space.settle(p.rows)
		p.settled = len(p.rows)
		want = max(allotment, 2*p.settled)
	}
	if want <= cap(p.rows) {
		return true
	}
	if t.rows.Add(int64(want-cap(p.rows))) > t.limit {
		t.errOut.CompareAndSwap(nil, &errMemory)
		return false
	}
	grown := make([]row, len(p.rows), want)
	copy(grown, p.rows)
	clear(p.rows)
	p.rows = grown
	return true
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

// settler sorts rows by unit and code, takes out repetitions and bounds each unit. It is one worker's own.
type settler struct {
	bounding
	scratch []row
	starts  []int32
}

func (s *settler) zero() {
	clear(s.scratch[:cap(s.scratch)])
	s.key = [2]uint64{}
}

func byUnitAndCode(a, b row) int {
	if c := cmp.Compare(a.unit, b.unit); c != 0 {
		return c
	}
	return cmp.Compare(a.code, b.code)
}

// settle returns the rows sorted, distinct and bounded, in the same memory.
func (s *settler) settle(rows []row) []row {
	s.sort(rows)
	out, cells, times := 0, 0, 0
	for i, r := range rows {
		switch {
		case i == 0 || r.unit != rows[out-1].unit:
			cells, times = 1, 1
		case r.code == rows[out-1].code:
			if times++; times > s.repeat {
				continue
			}
		case s.same(r.code, rows[out-1].code):
			continue
		default:
			if cells == s.keep {
				continue
			}
			cells, times = cells+1, 1
		}
		rows[out] = r
		out++
	}
	clear(rows[out:])
	return rows[:out]
}

// sort is one pass of a radix sort on twelve bits of the unit below those of the partition, then small sorts.
func (s *settler) sort(rows []row) {
	const width = 12
	if len(rows) < 256 {
		slices.SortFunc(rows, byUnitAndCode)
		return
	}
	if cap(s.scratch) < len(rows) {
		clear(s.scratch)
		s.scratch = make([]row, len(rows))
	}
	if s.starts == nil {
		s.starts = make([]int32, 1<<width+1)
	}
	clear(s.starts)
	bucket := func(r row) uint64 { return r.unit >> (56 - width) & (1<<width - 1) }
	for _, r := range rows {
		s.starts[bucket(r)+1]++
	}
	for i := range 1 << width {
		s.starts[i+1] += s.starts[i]
	}
	scratch := s.scratch[:len(rows)]
	for _, r := range rows {
		b := bucket(r)
		scratch[s.starts[b]] = r
		s.starts[b]++
	}
	from := int32(0)
	for b := range 1 << width {
		to := s.starts[b]
		sortSmall(scratch[from:to])
		from = to
	}
	copy(rows, scratch)
}

func sortSmall(rows []row) {
	if len(rows) > 24 {
		slices.SortFunc(rows, byUnitAndCode)
		return
	}
	for i := 1; i < len(rows); i++ {
		r := rows[i]
		j := i
		for j > 0 && (rows[j-1].unit > r.unit || rows[j-1].unit == r.unit && rows[j-1].code > r.code) {
			rows[j] = rows[j-1]
			j--
		}
		rows[j] = r
	}
}
