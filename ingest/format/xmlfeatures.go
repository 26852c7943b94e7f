package format

import (
	"context"
	"errors"
	"slices"

	"github.com/paulmach/orb"
)

// xmlFeatures is the common part of the readers of features in XML. The names of the columns are learnt from the beginning of
// the document, which is then read again.
type xmlFeatures struct {
	feed
	shape    xmlShape
	x        *xmlReader
	learning bool
	names    []string
	met      map[string]bool
	kinds    []string // of features, in order of appearance
	cell     []byte
}

// start prepares the document and learns from its first megabytes with step, which reads one feature.
func (r *xmlFeatures) start(ctx context.Context, src *source, format string, opt Options, step func() error) error {
	w, err := xmlWindow(src.stream)
	if err != nil {
		return err
	}
	r.ctx, r.src, r.limit, r.made, r.feed.open = ctx, src, opt.batchRows(), &r.shape.made, true
	r.step = step
	r.info = Info{Format: format, Encoding: utf8Name, Geometry: true, Bytes: src.size, Rows: -1}
	w.peek(sampleSize)
	if w.err != nil {
		return w.err
	}
	eof, pos, line := w.eof, w.pos, w.line
	w.eof, r.learning, r.met = true, true, map[string]bool{}
	r.use(w)
	for err == nil {
		err = step()
		r.bad = r.bad[:0]
	}
	if sentence := (*refusedError)(nil); errors.As(err, &sentence) {
		return sentence.error
	}
	w.eof, w.pos, w.line, r.learning = eof, pos, line, false
	r.use(w)
	return nil
}

// refusedError stops learning: the document is of a kind that is not read.
type refusedError struct{ error }

func (r *xmlFeatures) use(w *window) {
	r.x = newXML(w)
	r.shape.x = r.x
}

// column notes that features have a value of that name.
func (r *xmlFeatures) column(name string) {
	if r.learning && !r.met[name] && len(r.names) < sqliteColumns {
		r.met[name] = true
		r.names = append(r.names, name)
	}
}

// cellOf reads the text of the element just started into a column, trimmed.
func (r *xmlFeatures) cellOf(name []byte) error {
	key := string(name)
	r.column(key)
	var err error
	if r.cell, err = r.x.content(r.cell[:0]); err != nil {
		return err
	}
	if value := trimSpace(r.cell); len(value) > 0 {
		r.putText(key, string(value))
	}
	return nil
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// kind notes a kind of feature.
func (r *xmlFeatures) kindOf(name string) {
	if r.learning && !slices.Contains(r.kinds, name) {
		r.kinds = append(r.kinds, name)
	}
}

// emit makes a row of the feature, unless its geometry cannot be read.
func (r *xmlFeatures) emit(line int64, g orb.Geometry, reason string) {
	switch {
	case r.learning:
		r.forget()
	case reason != "":
		r.spoil(Bad{line, BadGeometry, reason})
	default:
		r.feature(line, g)
	}
}
