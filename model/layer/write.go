package layer

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"jumeau/model"
)

// WriteOptions are the limits of Write.
type WriteOptions struct {
	// Bytes of prepared features held before they are spilled to a temporary file beside the destination.
	// Default 64 MiB; the process needs about twice that, whatever the number of features.
	Memory int64
}

// Stats says what became of the rows: Rows = Features + Empty.
type Stats struct {
	Rows     int64 `json:"rows"`
	Features int64 `json:"features"`
	Empty    int64 `json:"empty"` // rows without a geometry of the layer's kind
	Vertices int64 `json:"vertices"`
	Runs     int   `json:"runs"`  // sorted runs spilled; 0 when everything fitted in memory
	Bytes    int64 `json:"bytes"` // of the file
	Cells    []int `json:"cells"` // side of the aggregation cells in tile units, by zoom from MinZoom; 0: none

	bounds [4]int32 // of all features, on the grid; meaningful when Features > 0
}

func (s *Stats) add(t Stats) {
	if t.Features > 0 {
		s.extend(t.bounds, s.Features == 0)
	}
	s.Rows += t.Rows
	s.Features += t.Features
	s.Empty += t.Empty
	s.Vertices += t.Vertices
}

func (s *Stats) extend(b [4]int32, first bool) {
	if first {
		s.bounds = b
		return
	}
	s.bounds = [4]int32{
		min(s.bounds[0], b[0]), min(s.bounds[1], b[1]), max(s.bounds[2], b[2]), max(s.bounds[3], b[3]),
	}
}

// Write makes a layer file from rows: columns id (utf8), key (uint64), geometry (binary WKB, OGC:CRS84), then the
// properties in order. The file appears at path when it is complete, or not at all. Equal rows in equal order make
// equal files.
func Write(ctx context.Context, path string, spec Spec, rows array.RecordReader, opt WriteOptions) (Stats, error) {
	if err := spec.check(); err != nil {
		return Stats{}, err
	}
	s := &sorter{dir: filepath.Dir(path), budget: cmp.Or(opt.Memory, 64<<20)}
	stats, err := write(ctx, path, &spec, rows, s)
	err = errors.Join(err, s.close())
	if err != nil {
		var known *model.Error
		if errors.As(err, &known) || ctx.Err() != nil {
			return Stats{}, err
		}
		return Stats{}, &model.Error{
			Kind: model.Internal, Op: "write layer", Subject: spec.Name,
			Hint: "see that the disk has room for twice the layer", Err: err,
		}
	}
	return stats, nil
}

func write(ctx context.Context, path string, spec *Spec, rows array.RecordReader, s *sorter) (Stats, error) {
	sp := newSpooler(spec, s)
	if err := sp.read(ctx, rows); err != nil {
		return Stats{}, err
	}
	if spec.SharedBorders {
		if err := sp.shareBorders(ctx); err != nil {
			return Stats{}, err
		}
	}
	h, err := sp.head()
	if err != nil {
		return Stats{}, err
	}
	part := path + ".part"
	f, err := os.Create(part)
	if err != nil {
		return Stats{}, err
	}
	err = writeBatches(ctx, f, h, sp)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		return Stats{}, errors.Join(err, os.Remove(part))
	}
	info, err := os.Stat(path)
	if err != nil {
		return Stats{}, err
	}
	sp.stats.Bytes, sp.stats.Runs, sp.stats.Cells = info.Size(), len(s.runs), h.Cells
	return sp.stats, nil
}

// shareBorders simplifies the held features together and gives them to the sorter.
func (sp *spooler) shareBorders(ctx context.Context) error {
	slices.SortFunc(sp.held, func(a, b *held) int { return cmp.Compare(a.row, b.row) })
	shapes := make([]*shape, len(sp.held))
	for i, f := range sp.held {
		shapes[i] = &f.shape
	}
	share(shapes, sp.spec.PreparedFrom(), sp.spec.MaxZoom)
	p := &preparer{spec: sp.spec}
	c := &chunk{}
	for i, f := range sp.held {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.judge(&f.shape)
		c.append(&f.shape, f.row, func(b []byte) []byte { return append(b, f.attributes...) })
		sp.held[i] = nil
		if len(c.entries) == 1<<14 {
			if err := sp.sort.add(c); err != nil {
				return err
			}
			c = &chunk{}
		}
	}
	sp.held = nil
	return sp.sort.add(c)
}

// head reads the places of all features, in order, to find the cells of each zoom.
func (sp *spooler) head() (*head, error) {
	h := &head{Spec: *sp.spec, Features: int(sp.stats.Features), Dictionary: make([]bool, len(sp.spec.Properties))}
	for i := range h.Properties {
		h.Dictionary[i] = sp.texts[i] != nil
	}
	plan := newCellPlan(sp.spec)
	if plan.zooms != nil {
		if err := sp.sort.each(false, func(e *entry, _ []byte) error { plan.add(e); return nil }); err != nil {
			return nil, err
		}
	}
	h.Cells = plan.cells()
	h.Bounds = sp.stats.bounds
	return h, nil
}

func writeBatches(ctx context.Context, f *os.File, h *head, sp *spooler) error {
	schema, err := h.schema()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	w, err := ipc.NewFileWriter(out, ipc.WithSchema(schema))
	if err != nil {
		return err
	}
	codes, dicts := sp.dictionaries()
	b := newBuilder(h, codes, dicts)
	flush := func() error {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch := b.batch(schema)
		defer batch.Release()
		defer b.reset()
		return w.Write(batch)
	}
	err = sp.sort.each(true, func(_ *entry, record []byte) error {
		if err := b.add(record); err != nil {
			return err
		}
		if !b.full() {
			return nil
		}
		return flush()
	})
	if err == nil && (b.rows > 0 || h.Features == 0) {
		err = flush()
	}
	if err != nil {
		return err
	}
	return errors.Join(w.Close(), out.Flush())
}

// dictionaries are the texts of each dictionary-encoded property in alphabetical order, and their codes.
func (sp *spooler) dictionaries() ([]map[string]uint16, []arrow.Array) {
	codes := make([]map[string]uint16, len(sp.texts))
	dicts := make([]arrow.Array, len(sp.texts))
	for i, texts := range sp.texts {
		if texts == nil {
			continue
		}
		sorted := make([]string, 0, len(texts))
		for t := range texts {
			sorted = append(sorted, t)
		}
		slices.Sort(sorted)
		var column textColumn
		column.reset()
		codes[i] = make(map[string]uint16, len(sorted))
		for code, t := range sorted {
			codes[i][t] = uint16(code)
			column.add([]byte(t))
		}
		dicts[i] = array.MakeFromData(textData(&column, len(sorted), nil, 0))
	}
	return codes, dicts
}
