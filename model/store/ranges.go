package store

import (
	"context"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// rangeRows is how many numbers one part of Ranges spans: DuckDB holds the whole answer of a query before the first of
// it is read, so a table is asked for in parts.
const rangeRows = 1 << 15

// ranges is the answers to one query for consecutive ranges of row numbers, one after the other. A goroutine asks for the
// next range while the batches of this one are read.
type ranges struct {
	schema  *arrow.Schema
	cancel  context.CancelFunc
	out     chan arrow.RecordBatch
	done    chan struct{}
	err     error // set before done is closed
	current arrow.RecordBatch
	refs    atomic.Int64
}

// Ranges returns the rows of a query in parts, whatever their number in bounded memory. Its parameters are the first row
// number of a part and the one after its last; the numbers are less than end. The order is that of the parts, and within a part that of
// the query: DuckDB keeps the order in which rows were inserted where one table is read without ORDER BY.
// What Query says of its reader holds here too.
func (s *Store) Ranges(ctx context.Context, query string, end int64) (array.RecordReader, error) {
	first, err := s.Query(ctx, query, int64(0), int64(rangeRows))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &ranges{schema: first.Schema(), cancel: cancel, out: make(chan arrow.RecordBatch, rangeRows/2048), done: make(chan struct{})}
	r.refs.Store(1)
	go func() {
		defer close(r.out)
		defer close(r.done) // before, so that whoever sees the end of the rows sees the error too
		r.err = r.drain(ctx, first)
		for from := int64(rangeRows); from < end && r.err == nil; from += rangeRows {
			var part array.RecordReader
			if part, r.err = s.Query(ctx, query, from, from+rangeRows); r.err == nil {
				r.err = r.drain(ctx, part)
			}
		}
	}()
	return r, nil
}

// drain hands on the batches of a part, and releases it.
func (r *ranges) drain(ctx context.Context, part array.RecordReader) error {
	defer part.Release()
	for part.Next() {
		batch := part.RecordBatch()
		batch.Retain()
		select {
		case r.out <- batch:
		case <-ctx.Done():
			batch.Release()
			return ctx.Err()
		}
	}
	return part.Err()
}

func (r *ranges) Retain() { r.refs.Add(1) }

// Release ends the queries when it is the last, and waits for the one that runs.
func (r *ranges) Release() {
	if r.refs.Add(-1) != 0 {
		return
	}
	r.cancel()
	for batch := range r.out {
		batch.Release()
	}
	if r.current != nil {
		r.current.Release()
		r.current = nil
	}
}

func (r *ranges) Schema() *arrow.Schema          { return r.schema }
func (r *ranges) RecordBatch() arrow.RecordBatch { return r.current }
func (r *ranges) Record() arrow.RecordBatch      { return r.current }

func (r *ranges) Next() bool {
	if r.current != nil {
		r.current.Release()
	}
	r.current = <-r.out
	return r.current != nil
}

// Err is the error that ended the rows, once they have ended.
func (r *ranges) Err() error {
	select {
	case <-r.done:
		return r.err
	default:
		return nil
	}
}
