package layer

import (
	"errors"
	"fmt"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"jumeau/model"
)

// File is an open layer file. Its arrays are the memory map of the file: they are valid until Close.
// Safe for concurrent use.
type File struct {
	head    *head
	batches []Batch
	index   index
	release func() error
	records []arrow.RecordBatch
}

// Open maps the file and checks everything that reading relies on: types, lengths, offsets and codes. A file that is
// damaged or of another version is an error of kind Invalid.
func Open(path string) (*File, error) {
	fail := func(err error) (*File, error) {
		kind, hint := model.Invalid, "the file is damaged: publish again, or roll back to another release"
		if errors.Is(err, os.ErrNotExist) {
			kind, hint = model.NotFound, "see that the release is complete"
		}
		return nil, &model.Error{Kind: kind, Op: "open layer", Subject: path, Hint: hint, Err: err}
	}
	data, release, err := mapFile(path)
	if err != nil {
		return fail(err)
	}
	f, err := parse(data)
	if err != nil {
		return fail(errors.Join(err, release()))
	}
	f.release = release
	return f, nil
}

// parse reads a layer file from memory. The Arrow library panics on some damaged files: that is an error here.
func parse(data []byte) (f *File, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, err = nil, fmt.Errorf("not a readable Arrow file: %v", p)
		}
	}()
	messages, err := newMessages(data)
	if err != nil {
		return nil, err
	}
	r, err := ipc.NewReaderFromMessageReader(messages)
	if err != nil {
		return nil, err
	}
	h, err := readHead(r.Schema().Metadata())
	if err != nil {
		return nil, err
	}
	want, err := h.schema()
	if err != nil {
		return nil, err
	}
	if !sameFields(want, r.Schema()) {
		return nil, errors.New("the columns are not those of a layer file")
	}
	f = &File{head: h}
	for r.Next() {
		record := r.RecordBatch()
		record.Retain()
		f.records = append(f.records, record)
		b, err := h.batch(record, f.Len())
		if err != nil {
			return nil, fmt.Errorf("batch %d: %w", len(f.batches), err)
		}
		f.batches = append(f.batches, b)
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	if f.Len() != h.Features {
		return nil, fmt.Errorf("%d features instead of %d: the file is cut short", f.Len(), h.Features)
	}
	f.index = newIndex(f.batches)
	return f, nil
}

func sameFields(a, b *arrow.Schema) bool {
	if a.NumFields() != b.NumFields() {
		return false
	}
	for i := range a.NumFields() {
		if a.Field(i).Name != b.Field(i).Name || !arrow.TypeEqual(a.Field(i).Type, b.Field(i).Type) {
			return false
		}
	}
	return true
}

// Close unmaps the file. No array of it may be used afterwards.
func (f *File) Close() error {
	for _, r := range f.records {
		r.Release()
	}
	f.records, f.batches = nil, nil
	if f.release == nil {
		return nil
	}
	release := f.release
	f.release = nil
	return release()
}

// Spec is what the layer was declared as.
func (f *File) Spec() *Spec { return &f.head.Spec }

// Len is the number of features.
func (f *File) Len() int {
	if n := len(f.batches); n > 0 {
		return f.batches[n-1].First + f.batches[n-1].Rows
	}
	return 0
}

// Bounds is west, south, east, north of all features in degrees; zero when there are none.
func (f *File) Bounds() [4]float64 {
	if f.head.Features == 0 {
		return [4]float64{}
	}
	b := f.head.Bounds
	w, n := LonLat(b[0], b[1])
	e, s := LonLat(b[2], b[3])
	return [4]float64{w, s, e, n}
}

// Cell is the side in tile units of the cells in which points, and polygons smaller than a cell, are aggregated at zoom z;
// 0 when nothing is.
func (f *File) Cell(z int) int {
	if i := z - f.head.MinZoom; i >= 0 && i < len(f.head.Cells) {
		return f.head.Cells[i]
	}
	return 0
}

// Batches are the arrays of the file, in the order of the features.
func (f *File) Batches() []Batch { return f.batches }
