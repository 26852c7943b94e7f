package layer

import (
	"errors"
	"fmt"
	"io"
	"os"

	"jumeau/internal/mapfile"
	"jumeau/model"
)

// File is an open layer file. Its arrays are the memory map of the file: they are valid until Close.
// Safe for concurrent use.
type File struct {
	head    *head
	batches []Batch
	index   index
	release func() error
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
	data, release, err := mapfile.Open(path)
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

// parse reads a layer file from memory: the schema, the dictionaries in the order of their properties, the batches.
func parse(data []byte) (*File, error) {
	in, err := newMessages(data)
	if err != nil {
		return nil, err
	}
	schema, err := in.next()
	if err != nil {
		return nil, err
	}
	if schema.kind != schemaMessage || schema.header.number(0, 2) != 0 {
		return nil, errors.New("the file does not begin with a little-endian schema")
	}
	h, err := readHead(schema.header)
	if err != nil {
		return nil, err
	}
	f := &File{head: h}
	if err := f.read(in); err != nil {
		return nil, err
	}
	if f.Len() != h.Features {
		return nil, fmt.Errorf("%d features instead of %d", f.Len(), h.Features)
	}
	f.index = newIndex(f.batches)
	return f, nil
}

func (f *File) read(in *messages) error {
	coded := 0
	for _, d := range f.head.Dictionary {
		if d {
			coded++
		}
	}
	var dicts []Texts
	for {
		m, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case m.kind == dictionaryMessage && len(dicts) < coded:
			batch, ok := m.header.table(1)
			if !ok {
				return errDamaged
			}
			values, err := newFeed(batch, m.body)
			if err != nil {
				return err
			}
			var dict Texts
			if err := texts(&dict, values, int(values.rows)); err != nil {
				return fmt.Errorf("dictionary %d: %w", len(dicts), err)
			}
			dicts = append(dicts, dict)
		case m.kind == batchMessage && len(dicts) == coded:
			columns, err := newFeed(m.header, m.body)
			if err != nil {
				return err
			}
			b, err := f.head.batch(columns, dicts, f.Len())
			if err != nil {
				return fmt.Errorf("batch %d: %w", len(f.batches), err)
			}
			f.batches = append(f.batches, b)
		default:
			return fmt.Errorf("a message of kind %d is out of place", m.kind)
		}
	}
}

// Close unmaps the file. No array of it may be used afterwards.
func (f *File) Close() error {
	f.batches = nil
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
