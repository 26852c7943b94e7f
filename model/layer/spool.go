package layer

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"golang.org/x/sync/errgroup"

	"jumeau/model"
)

// maxTexts is the number of different texts up to which a property is dictionary-encoded: the codes are uint16.
const maxTexts = 1 << 16

// spooler prepares rows on all processors and gives them to the sorter.
type spooler struct {
	spec  *Spec
	sort  *sorter
	stats Stats
	texts []map[string]struct{} // per property; nil when it is not text or has more than maxTexts values
	held  []*held               // features of a layer with shared borders
}

// held is a feature kept in memory until all are known.
type held struct {
	shape
	row        uint64
	attributes []byte
}

// work is one batch of rows for one worker.
type work struct {
	batch arrow.RecordBatch
	row   uint64
}

func newSpooler(spec *Spec, s *sorter) *spooler {
	sp := &spooler{spec: spec, sort: s, texts: make([]map[string]struct{}, len(spec.Properties))}
	for i, p := range spec.Properties {
		if p.Type == Text {
			sp.texts[i] = map[string]struct{}{}
		}
	}
	return sp
}

// result is what one worker made of one batch.
type result struct {
	chunk *chunk
	held  []*held
	texts []map[string]struct{}
	stats Stats
}

// read takes all rows.
func (sp *spooler) read(ctx context.Context, rows array.RecordReader) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	todo, done := make(chan work), make(chan *result, 1)
	group.Go(func() error {
		defer close(todo)
		row := uint64(0)
		for rows.Next() {
			batch := rows.RecordBatch()
			batch.Retain()
			select {
			case todo <- work{batch, row}:
			case <-ctx.Done():
				batch.Release()
				return ctx.Err()
			}
			row += uint64(batch.NumRows())
		}
		return rows.Err()
	})
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Add(1)
		group.Go(func() error {
			defer workers.Done()
			p := &preparer{spec: sp.spec}
			for w := range todo {
				r, err := sp.prepare(p, w)
				w.batch.Release()
				if err != nil {
					drain(todo)
					return err
				}
				select {
				case done <- r:
				case <-ctx.Done():
					drain(todo)
					return ctx.Err()
				}
			}
			return nil
		})
	}
	group.Go(func() error { workers.Wait(); close(done); return nil })
	var failed error
	for r := range done {
		if failed != nil {
			continue
		}
		if failed = sp.collect(r); failed != nil {
			cancel()
		}
	}
	if err := group.Wait(); failed == nil {
		return err
	}
	return failed
}

func drain(todo <-chan work) {
	for w := range todo {
		w.batch.Release()
	}
}

func (sp *spooler) collect(r *result) error {
	sp.stats.add(r.stats)
	for i, texts := range r.texts {
		if sp.texts[i] == nil {
			continue
		}
		for t := range texts {
			sp.texts[i][t] = struct{}{}
		}
		if texts == nil || len(sp.texts[i]) > maxTexts {
			sp.texts[i] = nil
		}
	}
	if sp.spec.SharedBorders {
		sp.held = append(sp.held, r.held...)
		return nil
	}
	return sp.sort.add(r.chunk)
}

// prepare turns one batch of rows into records, or into held features when borders are shared.
func (sp *spooler) prepare(p *preparer, w work) (*result, error) {
	c, err := bind(sp.spec, w.batch)
	if err != nil {
		return nil, err
	}
	n := int(w.batch.NumRows())
	r := &result{chunk: &chunk{}, texts: make([]map[string]struct{}, len(c.props))}
	r.stats.Rows = int64(n)
	if !sp.spec.SharedBorders {
		r.chunk.records = make([]byte, 0, len(c.geometry.ValueBytes())+64*n)
		r.chunk.entries = make([]entry, 0, n)
	}
	s := &shape{}
	for i := range n {
		if sp.spec.SharedBorders {
			s = &shape{}
		}
		ok := false
		if !c.geometry.IsNull(i) {
			if ok, err = p.read(s, c.geometry.Value(i)); err != nil {
				return nil, &model.Error{
					Kind: model.Invalid, Op: "write layer", Subject: sp.spec.Name + " feature " + c.id.Value(i),
					Hint: "geometry must be WKB in longitude and latitude (OGC:CRS84)", Err: err,
				}
			}
		}
		if !ok {
			r.stats.Empty++
			continue
		}
		r.stats.extend(s.box, r.stats.Features == 0)
		r.stats.Features++
		r.stats.Vertices += int64(len(s.rings.Pts))
		row := w.row + uint64(i)
		if sp.spec.SharedBorders {
			r.held = append(r.held, &held{shape: *s, row: row, attributes: appendAttributes(nil, c, i)})
			continue
		}
		p.weigh(s)
		if sp.spec.Geometry == Polygons {
			p.judge(s)
		}
		r.chunk.append(s, row, func(b []byte) []byte { return appendAttributes(b, c, i) })
	}
	for j, col := range c.props {
		r.texts[j] = distinct(col)
	}
	return r, nil
}

func (c *chunk) append(s *shape, row uint64, attributes func([]byte) []byte) {
	at := len(c.records)
	c.records = attributes(c.records)
	size := len(c.records) - at
	c.records = appendShape(c.records, s)
	c.entries = append(c.entries, entryOf(s, row, int64(at), len(c.records)-at, size))
}

// distinct is the set of texts of a column; nil when it has too many or is of another type.
func distinct(col arrow.Array) map[string]struct{} {
	texts, ok := col.(*array.String)
	if !ok {
		return nil
	}
	set := map[string]struct{}{}
	for i := range texts.Len() {
		if texts.IsNull(i) {
			continue
		}
		if _, ok := set[texts.Value(i)]; !ok {
			set[strings.Clone(texts.Value(i))] = struct{}{}
		}
		if len(set) > maxTexts {
			return nil
		}
	}
	return set
}

// bind checks the columns of a batch of rows.
func bind(spec *Spec, batch arrow.RecordBatch) (*columns, error) {
	fail := func(format string, args ...any) error {
		return &model.Error{
			Kind: model.Internal, Op: "write layer", Subject: spec.Name,
			Hint: "rows need id (utf8), key (uint64), geometry (binary), then the properties in order", Err: fmt.Errorf(format, args...),
		}
	}
	if int(batch.NumCols()) != 3+len(spec.Properties) {
		return nil, fail("%d columns instead of %d", batch.NumCols(), 3+len(spec.Properties))
	}
	c := &columns{}
	var ok [3]bool
	c.id, ok[0] = batch.Column(0).(*array.String)
	c.key, ok[1] = batch.Column(1).(*array.Uint64)
	if c.geometry, ok[2] = batch.Column(2).(*array.Binary); !ok[2] {
		if ext, is := batch.Column(2).(array.ExtensionArray); is { // tagged geoarrow.wkb
			c.geometry, ok[2] = ext.Storage().(*array.Binary)
		}
	}
	for i := range ok {
		if !ok[i] {
			return nil, fail("column %d is %s", i, batch.Column(i).DataType())
		}
	}
	for i, p := range spec.Properties {
		col := batch.Column(3 + i)
		if !arrow.TypeEqual(col.DataType(), arrowType(p.Type)) {
			return nil, fail("property %s is %s, not %s", p.Name, col.DataType(), arrowType(p.Type))
		}
		c.props = append(c.props, col)
	}
	return c, nil
}
