package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// sqlite reads tables of an SQLite 3 database file (https://www.sqlite.org/fileformat2.html): whole, in the order of their
// rowids, or one row by its rowid. Nothing of a row is copied: values are valid until the next row.
type sqlite struct {
	at      io.ReaderAt
	size    int64
	page    int // bytes of a page
	usable  int
	pages   uint32
	utf16   binary.ByteOrder // nil: UTF-8
	ahead   [sqliteCache][]byte
	aheadAt [sqliteCache]int64
}

const (
	sqliteHeader   = 100
	sqliteMagic    = "SQLite format 3\x00"
	sqliteChunk    = 128 << 10 // read at once
	sqliteCache    = 16        // chunks
	sqliteDepth    = 20        // of a b-tree: 2^31 pages are reached with far less
	sqliteMaxValue = 256 << 20 // bytes of one row; one larger than the file is a loop of pages
	sqliteColumns  = 2000      // SQLite's own limit
)

var errSQLite = errors.New("the database contradicts itself")

func newSQLite(at io.ReaderAt, size int64) (*sqlite, error) {
	var head [sqliteHeader]byte
	if _, err := at.ReadAt(head[:], 0); err != nil || !hasPrefix(head[:], sqliteMagic) {
		return nil, errSQLite
	}
	db := &sqlite{at: at, size: size, page: int(binary.BigEndian.Uint16(head[16:]))}
	if db.page == 1 {
		db.page = 65536
	}
	db.usable = db.page - int(head[20])
	if db.page < 512 || db.page&(db.page-1) != 0 || db.usable < 480 {
		return nil, errSQLite
	}
	switch binary.BigEndian.Uint32(head[56:]) {
	case 2:
		db.utf16 = binary.LittleEndian
	case 3:
		db.utf16 = binary.BigEndian
	}
	db.pages = uint32(size / int64(db.page))
	if said := binary.BigEndian.Uint32(head[28:]); said > db.pages && binary.BigEndian.Uint32(head[24:]) == binary.BigEndian.Uint32(head[92:]) {
		return nil, fmt.Errorf("its header promises %d pages, the file holds %d", said, db.pages)
	}
	for i := range db.aheadAt {
		db.aheadAt[i] = -1
	}
	return db, nil
}

// load copies page n (from 1) into buf, which grows to the size of a page.
func (db *sqlite) load(n uint32, buf []byte) ([]byte, error) {
	if n == 0 || n > db.pages {
		return buf, errSQLite
	}
	if cap(buf) < db.page {
		buf = make([]byte, db.page)
	}
	buf = buf[:db.page]
	at := int64(n-1) * int64(db.page)
	for done := 0; done < db.page; {
		chunk, err := db.chunk((at + int64(done)) / sqliteChunk)
		if err != nil {
			return buf, err
		}
		from := int((at + int64(done)) % sqliteChunk)
		if from >= len(chunk) {
			return buf, errSQLite
		}
		done += copy(buf[done:], chunk[from:])
	}
	return buf, nil
}

func (db *sqlite) chunk(n int64) ([]byte, error) {
	k := n % sqliteCache
	if db.aheadAt[k] == n {
		return db.ahead[k], nil
	}
	if db.ahead[k] == nil {
		db.ahead[k] = make([]byte, sqliteChunk)
	}
	db.aheadAt[k] = -1
	got, err := db.at.ReadAt(db.ahead[k][:sqliteChunk], n*sqliteChunk)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	db.ahead[k] = db.ahead[k][:got]
	db.aheadAt[k] = n
	return db.ahead[k], nil
}

// uvarint reads SQLite's big-endian variable-length integer; n is 0 when b ends inside it.
func sqliteVarint(b []byte) (v uint64, n int) {
	for n < len(b) && n < 8 {
		c := b[n]
		n++
		v = v<<7 | uint64(c&0x7f)
		if c < 0x80 {
			return v, n
		}
	}
	if n == 8 && n < len(b) {
		return v<<8 | uint64(b[n]), n + 1
	}
	return 0, 0
}

// sqliteTable walks one table b-tree.
type sqliteTable struct {
	db      *sqlite
	root    uint32
	levels  []sqliteLevel // from the root to the leaf that is being read
	visited uint32
	spill   []byte // a payload with overflow pages
	flow    []byte
}

type sqliteLevel struct {
	page   []byte
	header int // offset of the b-tree header in the page
	cells  int
	next   int // cell to read next; cells: the right-most child
}

func (db *sqlite) table(root uint32) *sqliteTable { return &sqliteTable{db: db, root: root} }

// open puts page n on the stack, reusing its buffer.
func (t *sqliteTable) open(n uint32) error {
	if len(t.levels) >= sqliteDepth {
		return errSQLite
	}
	if len(t.levels) < cap(t.levels) {
		t.levels = t.levels[:len(t.levels)+1]
	} else {
		t.levels = append(t.levels, sqliteLevel{})
	}
	l := &t.levels[len(t.levels)-1]
	var err error
	if l.page, err = t.db.load(n, l.page); err != nil {
		return err
	}
	l.header, l.next = 0, 0
	if n == 1 {
		l.header = sqliteHeader
	}
	if kind := l.page[l.header]; kind != sqliteLeaf && kind != sqliteInterior {
		return errSQLite
	}
	l.cells = int(binary.BigEndian.Uint16(l.page[l.header+3:]))
	if l.header+l.headerSize()+2*l.cells > len(l.page) {
		return errSQLite
	}
	return nil
}

const (
	sqliteLeaf     = 0x0d
	sqliteInterior = 0x05
)

func (l *sqliteLevel) leaf() bool { return l.page[l.header] == sqliteLeaf }

func (l *sqliteLevel) headerSize() int {
	if l.leaf() {
		return 8
	}
	return 12
}

// cell is the bytes of the page from cell i on.
func (l *sqliteLevel) cell(i int) ([]byte, error) {
	at := int(binary.BigEndian.Uint16(l.page[l.header+l.headerSize()+2*i:]))
	if at < l.header || at >= len(l.page) {
		return nil, errSQLite
	}
	return l.page[at:], nil
}

// child is the page below cell i, or the right-most one.
func (l *sqliteLevel) child(i int) (uint32, error) {
	if i == l.cells {
		return binary.BigEndian.Uint32(l.page[l.header+8:]), nil
	}
	c, err := l.cell(i)
	if err != nil || len(c) < 5 {
		return 0, errSQLite
	}
	return binary.BigEndian.Uint32(c), nil
}

// next is the next row: its rowid and its record. io.EOF at the end.
func (t *sqliteTable) next() (rowid int64, record []byte, err error) {
	if t.visited == 0 {
		t.visited = 1
		if err := t.open(t.root); err != nil {
			return 0, nil, err
		}
	}
	for len(t.levels) > 0 {
		l := &t.levels[len(t.levels)-1]
		if l.leaf() {
			if l.next < l.cells {
				l.next++
				return t.row(l, l.next-1)
			}
		} else if l.next <= l.cells {
			child, err := l.child(l.next)
			if err != nil {
				return 0, nil, err
			}
			l.next++
			if t.visited++; t.visited > t.db.pages { // a loop
				return 0, nil, errSQLite
			}
			if err := t.open(child); err != nil {
				return 0, nil, err
			}
			continue
		}
		t.levels = t.levels[:len(t.levels)-1]
	}
	return 0, nil, io.EOF
}

// seek finds one row; a nil record: there is none.
func (t *sqliteTable) seek(want int64) (record []byte, err error) {
	t.levels, t.visited = t.levels[:0], 1
	for n := t.root; ; {
		if err := t.open(n); err != nil {
			return nil, err
		}
		l := &t.levels[len(t.levels)-1]
		low, high := 0, l.cells
		for low < high {
			mid := (low + high) / 2
			key, err := l.key(mid)
			if err != nil {
				return nil, err
			}
			if key < want {
				low = mid + 1
			} else {
				high = mid
			}
		}
		if !l.leaf() {
			if n, err = l.child(low); err != nil {
				return nil, err
			}
			continue
		}
		if low == l.cells {
			return nil, nil
		}
		rowid, record, err := t.row(l, low)
		if err != nil || rowid != want {
			return nil, err
		}
		return record, nil
	}
}

func (l *sqliteLevel) key(i int) (int64, error) {
	c, err := l.cell(i)
	if err != nil {
		return 0, err
	}
	if l.leaf() {
		_, n := sqliteVarint(c)
		c = c[n:]
	} else if len(c) > 4 {
		c = c[4:]
	}
	v, n := sqliteVarint(c)
	if n == 0 {
		return 0, errSQLite
	}
	return int64(v), nil
}

func (t *sqliteTable) row(l *sqliteLevel, i int) (rowid int64, record []byte, err error) {
	c, err := l.cell(i)
	if err != nil {
		return 0, nil, err
	}
	size, n := sqliteVarint(c)
	id, m := sqliteVarint(c[n:])
	if n == 0 || m == 0 || size > uint64(min(sqliteMaxValue, t.db.size)) {
		return 0, nil, errSQLite
	}
	c = c[n+m:]
	local := t.db.local(int(size))
	if local == int(size) {
		if len(c) < local {
			return 0, nil, errSQLite
		}
		return int64(id), c[:local], nil
	}
	if len(c) < local+4 {
		return 0, nil, errSQLite
	}
	record, err = t.overflow(c[:local], binary.BigEndian.Uint32(c[local:]), int(size))
	return int64(id), record, err
}

// local is how many bytes of a payload are on its leaf page.
func (db *sqlite) local(size int) int {
	most, least := db.usable-35, (db.usable-12)*32/255-23
	if size <= most {
		return size
	}
	if k := least + (size-least)%(db.usable-4); k <= most {
		return k
	}
	return least
}

func (t *sqliteTable) overflow(first []byte, page uint32, size int) ([]byte, error) {
	t.spill = append(t.spill[:0], first...)
	var err error
	for len(t.spill) < size {
		if t.flow, err = t.db.load(page, t.flow); err != nil {
			return nil, err
		}
		page = binary.BigEndian.Uint32(t.flow)
		t.spill = append(t.spill, t.flow[4:min(t.db.usable, 4+size-len(t.spill))]...)
	}
	return t.spill, nil
}

// sqliteValue is one cell of a row: null, an integer, a number, a text or bytes.
type sqliteValue struct {
	kind sqliteKind
	i    int64
	f    float64
	b    []byte
}

type sqliteKind uint8

const (
	sqliteNull sqliteKind = iota
	sqliteInt
	sqliteFloat
	sqliteText
	sqliteBlob
)

// values splits a record; values are appended to out.
func (db *sqlite) values(record []byte, out []sqliteValue) ([]sqliteValue, error) {
	size, n := sqliteVarint(record)
	if n == 0 || size > uint64(len(record)) || int(size) < n {
		return out, errSQLite
	}
	head, body := record[n:size], record[size:]
	for len(head) > 0 {
		kind, n := sqliteVarint(head)
		if n == 0 || len(out) >= sqliteColumns {
			return out, errSQLite
		}
		head = head[n:]
		v, used, err := sqliteDecode(kind, body)
		if err != nil {
			return out, err
		}
		out = append(out, v)
		body = body[used:]
	}
	return out, nil
}

var sqliteWidth = [...]int{1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 7: 8, 8: 0, 9: 0, 0: 0}

// sqliteDecode reads a value of the serial type kind.
func sqliteDecode(kind uint64, b []byte) (v sqliteValue, used int, err error) {
	if kind >= 12 {
		n := (kind - 12) / 2
		if n > uint64(len(b)) {
			return v, 0, errSQLite
		}
		v.kind, v.b = sqliteBlob, b[:n]
		if kind&1 == 1 {
			v.kind = sqliteText
		}
		return v, int(n), nil
	}
	if kind >= uint64(len(sqliteWidth)) || len(b) < sqliteWidth[kind] {
		return v, 0, errSQLite
	}
	used = sqliteWidth[kind]
	switch kind {
	case 0:
		return v, 0, nil
	case 7:
		v.kind, v.f = sqliteFloat, math.Float64frombits(binary.BigEndian.Uint64(b))
		return v, used, nil
	case 8, 9:
		v.i = int64(kind - 8)
	default:
		v.i = int64(int8(b[0]))
		for _, c := range b[1:used] {
			v.i = v.i<<8 | int64(c)
		}
	}
	v.kind = sqliteInt
	return v, used, nil
}
