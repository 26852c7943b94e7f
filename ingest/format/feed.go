package format

import (
	"context"
	"errors"
	"io"

	"github.com/paulmach/orb"
)

// fields gathers the cells of one record by the names of their columns, in any order; the last one of a name counts.
type fields struct {
	rows
	index map[string]int // of the columns to deliver
	spans []span
	data  []byte
	turn  uint32
}

type span struct {
	turn       uint32 // of the record that it belongs to
	start, end int
}

func (f *fields) choose(names []string) {
	f.index = make(map[string]int, len(names))
	for i, n := range names {
		f.index[n] = i
	}
	f.spans, f.turn = make([]span, len(names)), 1
}

// put keeps a cell of the record, if its column is delivered.
func (f *fields) put(name, value []byte) {
	if at, ok := f.index[string(name)]; ok {
		f.set(at, value)
	}
}

func (f *fields) putText(name, value string) {
	if at, ok := f.index[name]; ok {
		f.spans[at] = span{f.turn, len(f.data), len(f.data) + len(value)}
		f.data = append(f.data, value...)
	}
}

// set keeps the cell of delivered column number at.
func (f *fields) set(at int, value []byte) {
	f.spans[at] = span{f.turn, len(f.data), len(f.data) + len(value)}
	f.data = append(f.data, value...)
}

// forget drops the record's cells.
func (f *fields) forget() {
	f.turn++
	f.data = f.data[:0]
}

// row makes a row of the record's cells, or rejects it.
func (f *fields) row(line int64, g orb.Geometry) {
	defer f.forget()
	for i, s := range f.spans {
		c := &f.columns[i]
		if s.turn == f.turn {
			value := f.data[s.start:s.end]
			if !validUTF8(value) {
				f.reject(Bad{line, BadEncoding, "a cell is no text in UTF-8: " + quote(value[:min(len(value), 40)])})
				return
			}
			c.data = append(c.data, value...)
			f.bytes += len(value)
		}
		c.end()
	}
	f.commit(line, g)
}

// spoil rejects the record.
func (f *fields) spoil(bad Bad) {
	f.forget()
	f.reject(bad)
}

// feed is the common part of the readers whose records are named texts with a geometry.
type feed struct {
	fields
	ctx   context.Context
	src   *source
	info  Info
	limit int
	open  bool         // Select takes names that are not among the columns
	step  func() error // reads on: at most one record; io.EOF at the end
	box   *orb.Bound
	made  *int // points handed out, of the reader's shaper
	end   func() error
	ready bool
	err   error
}

func (f *feed) Info() Info { return f.info }

func (f *feed) Select(names []string) error {
	if f.ready {
		return errLateSelect
	}
	err := distinct(names)
	if err == nil && !f.open {
		_, err = positions(f.info.Columns, names)
	}
	if err == nil {
		f.choose(names)
	}
	return err
}

func (f *feed) Next() (*Batch, error) {
	f.ready = true
	if f.err != nil {
		return nil, f.err
	}
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	f.begin(len(f.spans), f.info.Geometry, f.limit)
	if f.made != nil {
		*f.made = 0
	}
	for n := 0; !f.full() && f.err == nil; n++ {
		if n&1023 == 1023 && f.ctx.Err() != nil {
			return nil, f.ctx.Err()
		}
		if f.err = f.step(); f.err != nil && !errors.Is(f.err, io.EOF) {
			f.err = located(f.src.name, f.err)
		}
		if f.made != nil {
			f.points = *f.made
		}
	}
	if b := f.batch(); b != nil {
		return b, nil
	}
	if f.err == nil { // all of them lay outside the box
		return f.Next()
	}
	return nil, f.err
}

// feature makes a row of the record, unless it lies outside the box.
func (f *feed) feature(line int64, g orb.Geometry) {
	if outsideBox(f.box, g) {
		f.forget()
		return
	}
	f.row(line, g)
}

func (f *feed) Read() int64 { return f.src.read() }

func (f *feed) Close() error {
	if f.end != nil {
		return errors.Join(f.end(), f.src.close())
	}
	return f.src.close()
}
