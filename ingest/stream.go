package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/ingest/contract"
	"jumeau/ingest/format"
	"jumeau/model"
	"jumeau/model/quality"
)

// stream reads the files of a source and binds their rows, one goroutine ahead of the consumer. It is the
// array.RecordReader that the build file drains.
type stream struct {
	src     *model.Source
	account *Account
	binder  *contract.Binder
	opt     Options
	cancel  context.CancelFunc
	out     chan arrow.RecordBatch
	done    chan struct{}
	current arrow.RecordBatch
	err     error // set before done is closed
	read    int64
	rejects []contract.Reject
	counts  map[string]int64
	people  bool // rejects are counted and forgotten, errors quote nothing
}

// detailed is how many rejects a source keeps with line and reason; beyond it only their counts are kept, and said.
const detailed = 1_000_000

func newStream(ctx context.Context, src *model.Source, account *Account, binder *contract.Binder, opt Options, people bool) *stream {
	ctx, cancel := context.WithCancel(ctx)
	s := &stream{src: src, account: account, binder: binder, opt: opt, cancel: cancel, counts: map[string]int64{}, people: people,
		out: make(chan arrow.RecordBatch, 4), done: make(chan struct{})}
	go func() {
		defer close(s.out)  // last, so that whoever sees the end of the rows sees the error too
		defer close(s.done) // before
		s.err = s.produce(ctx)
	}()
	return s
}

// stop ends the producer and waits for it.
func (s *stream) stop() {
	s.cancel()
	for rec := range s.out {
		rec.Release()
	}
	<-s.done
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
}

func (s *stream) produce(ctx context.Context) error {
	var total int64
	for _, f := range s.account.Files {
		total += f.Bytes
	}
	at, end := func(int64) {}, func(string) {}
	if s.opt.Progress != nil {
		at, end = s.opt.Progress.Begin(s.src.ID, total)
	}
	var before int64
	for n, f := range s.account.Files {
		if err := s.file(ctx, n, f, func(bytes int64) { at(before + bytes) }); err != nil {
			end("stopped")
			return err
		}
		before += f.Bytes
		at(before)
	}
	end(fmt.Sprintf("%d rows read", s.read))
	return nil
}

func (s *stream) file(ctx context.Context, n int, f File, at func(int64)) error {
	src := s.src
	if g := s.opt.Grown; g != nil && src.Read.Encoding == "" { // what its first bytes, or later ones, had decided
		decided := *src
		decided.Read.Encoding = g.Encoding
		src = &decided
	}
	box, err := s.box()
	if err != nil {
		return err
	}
	reader, err := openWithin(ctx, src, f, box)
	if err != nil {
		return err
	}
	defer reader.Close()
	defer func() { s.account.Encoding = reader.Info().Encoding }()
	info := reader.Info()
	wanted, err := s.binder.File(n, f.Name, info)
	if err != nil {
		return err
	}
	if err := reader.Select(wanted); err != nil {
		return located(s.src, f, err)
	}
	if g := s.opt.Grown; g != nil {
		if err := format.Resume(reader, g.From, g.Line); err != nil {
			return ErrNotGrown
		}
	}
	s.account.Format, s.account.CRS = info.Format, info.CRS.Code()
	s.remember(info, wanted)
	for {
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return located(s.src, f, err)
		}
		at(reader.Read())
		s.read += int64(len(batch.Line) + len(batch.Bad))
		rec, rejects := s.binder.Bind(batch)
		s.keep(rejects)
		if rec == nil {
			continue
		}
		select {
		case s.out <- rec:
		case <-ctx.Done():
			rec.Release()
			return ctx.Err()
		}
	}
}

// mostColumns of the files of a source are remembered.
const mostColumns = 500

// remember notes the columns of a file, and which of them the contract reads.
func (s *stream) remember(info format.Info, wanted []string) {
	if s.people {
		return
	}
	for _, c := range info.Columns {
		known := slices.ContainsFunc(s.account.Columns, func(k quality.Column) bool { return k.Name == c.Name })
		if !known && len(s.account.Columns) < mostColumns {
			s.account.Columns = append(s.account.Columns, quality.Column{Name: c.Name, Type: c.Type.String(), Bound: slices.Contains(wanted, c.Name)})
		}
	}
}

func (s *stream) keep(rejects []contract.Reject) {
	for _, r := range rejects {
		s.counts[r.Code]++
		if !s.people && len(s.rejects) < detailed {
			s.rejects = append(s.rejects, r)
		}
	}
}

func (s *stream) Retain()                        {}
func (s *stream) Release()                       {}
func (s *stream) Schema() *arrow.Schema          { return s.binder.Schema() }
func (s *stream) RecordBatch() arrow.RecordBatch { return s.current }
func (s *stream) Record() arrow.RecordBatch      { return s.current }

func (s *stream) Next() bool {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
	rec, ok := <-s.out
	s.current = rec
	return ok
}

// Err is the producer's error once its rows are drained.
func (s *stream) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// sortCounts lists counts by code, most rows first.
func sortCounts(counts map[string]int64) []Count {
	var out []Count
	for code, n := range counts {
		out = append(out, Count{code, n})
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Code, b.Code)) })
	return out
}
