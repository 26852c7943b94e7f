package format

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/paulmach/orb"
)

// csvReader reads delimited text after RFC 4180, forgiving what producers get wrong without doubt about the meaning:
// any line end, blank lines, empty cells behind the last column, quotes inside unquoted cells.
type csvReader struct {
	rows
	scanner csvScanner
	ctx     context.Context
	src     *source
	w       *window
	info    Info
	limit   int
	decoder *decoder
	locator *locator // nil: a table
	chosen  []int    // columns to deliver
	kept    []byte
	ready   bool
	err     error
}

func newCSV(ctx context.Context, src *source, w *window, dec *decoder, opt Options) (Reader, error) {
	r := &csvReader{ctx: ctx, src: src, w: w, limit: opt.batchRows(), decoder: dec}
	sample := w.buf[w.pos:w.end]
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		w.eol = '\r'
	}
	delimiter, err := chooseDelimiter(sample, w.eol, opt.Delimiter)
	if err != nil {
		return nil, err
	}
	r.scanner.delimiter = delimiter
	names, err := r.header(opt.HeaderStrip)
	if err != nil {
		return nil, err
	}
	r.info = Info{Format: "csv", Columns: textColumns(names), CRS: opt.CRS, Bytes: src.size, Rows: -1}
	if opt.Geometry != nil {
		l := &locator{comma: opt.Decimal == ","}
		if l.wkt, l.x, l.y, err = opt.find(names); err != nil {
			return nil, err
		}
		r.locator, r.info.Geometry = l, true
	}
	if r.info.Geometry {
		var err error
		if r.within, err = opt.boxIn(r.info.CRS); err != nil {
			return nil, err
		}
	}
	return r, r.Select(names)
}

// header reads the first record that is not blank.
func (r *csvReader) header(strip string) ([]string, error) {
	pattern, err := regexp.Compile(strip)
	if err != nil {
		return nil, invalid("correct `header_strip`", "%w", err)
	}
	end, bad, err := r.next()
	if errors.Is(err, io.EOF) {
		return nil, invalid("download it again", "the file is empty")
	}
	if err != nil {
		return nil, err
	}
	if bad != "" {
		return nil, invalid("check the quotes of the first line", "the header cannot be read: %s", bad)
	}
	names := make([]string, len(r.scanner.cells))
	for i := range names {
		name := bytes.TrimSpace([]byte(r.decoder.string(r.scanner.content(r.w.buf, i))))
		if strip != "" {
			name = pattern.ReplaceAll(name, nil)
		}
		names[i] = string(name)
	}
	r.w.advance(end)
	return unique(names), nil
}

func (r *csvReader) Info() Info {
	info := r.info
	info.Encoding = r.decoder.name
	return info
}

func (r *csvReader) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	chosen, err := positions(r.info.Columns, names)
	if err == nil {
		r.chosen = chosen
	}
	return err
}

func (r *csvReader) Next() (*Batch, error) {
	r.ready = true
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.begin(len(r.chosen), r.locator != nil, r.limit)
	if r.locator != nil {
		r.locator.made = 0
	}
	for !r.full() && r.err == nil {
		r.err = r.record()
	}
	if b := r.batch(); b != nil {
		return b, nil
	}
	if r.err == nil { // all of them lay outside the box
		return r.Next()
	}
	return nil, r.err
}

// next splits the next record that is not blank into cells; the window stays at its start. bad says why it cannot.
func (r *csvReader) next() (end int, bad string, err error) {
	w := r.w
	for {
		for w.buf[w.pos] == '\n' || w.buf[w.pos] == '\r' {
			w.advance(w.pos + 1)
		}
		end, state := r.scanner.record(w.buf, w.pos, w.end, w.eol, w.eof)
		switch {
		case state == csvComplete && end == w.pos: // the end of the file
			if w.err != nil {
				return 0, "", w.err
			}
			return 0, "", io.EOF
		case state == csvComplete:
			return end, "", nil
		case state == csvOpenQuote && (w.eof || w.end-w.pos > maxQuoted):
			if w.err != nil {
				return 0, "", w.err
			}
			return end, fmt.Sprintf("a quoted cell of the record on line %d never ends", w.line), nil
		case state == csvJunk:
			return end, "text follows a closing quote", nil
		}
		if !w.more() && (!w.eof || w.err != nil) {
			return 0, "", located(r.src.name, w.broken())
		}
	}
}

func (r *csvReader) record() error {
	w := r.w
	end, bad, err := r.next()
	if err != nil {
		return err
	}
	cells := len(r.scanner.cells)
	switch {
	case bad != "":
		r.reject(Bad{w.line, BadQuote, bad})
	case cells != len(r.info.Columns) && !r.scanner.trim(len(r.info.Columns)):
		r.reject(Bad{w.line, BadFields, fmt.Sprintf("%d cells, the header has %d", cells, len(r.info.Columns))})
	default:
		r.row()
	}
	w.advance(end)
	return nil
}

func (r *csvReader) row() {
	b, line := r.w.buf, r.w.line
	var g orb.Geometry
	if r.locator != nil {
		var err error
		if g, err = r.locate(b); err != nil {
			r.reject(Bad{line, BadGeometry, err.Error()})
			return
		}
		r.points = r.locator.made
	}
	for i, c := range r.chosen {
		col := &r.columns[i]
		if content := r.scanner.content(b, c); len(content) > 0 {
			var ok bool
			if col.data, ok = r.decoder.append(col.data, content); !ok {
				r.reject(Bad{line, BadEncoding, "column " + r.info.Columns[c].Name + " is no text in " + r.decoder.name})
				return
			}
			r.bytes += len(content)
		}
		col.end()
	}
	r.commit(line, g)
}

func (r *csvReader) locate(b []byte) (orb.Geometry, error) {
	l := r.locator
	if l.wkt >= 0 {
		return l.fromText(r.scanner.content(b, l.wkt))
	}
	x := r.scanner.content(b, l.x)
	if l.x == l.y {
		return l.fromXY(x, x)
	}
	r.kept = append(r.kept[:0], x...) // the other cell may use the same scratch
	return l.fromXY(r.kept, r.scanner.content(b, l.y))
}

func (r *csvReader) Read() int64  { return r.src.read() }
func (r *csvReader) Close() error { return r.src.close() }
