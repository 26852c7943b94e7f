package format

import "github.com/paulmach/orb"

// jsonRows turns the cells of a tree into rows; both JSON readers are built on it.
type jsonRows struct {
	rows
	tree    *tree
	decoder *decoder
	locator locator
	chosen  []string // columns to deliver; further cells serve the geometry
	scratch []byte
}

// bytesOf is the decoded content of a cell; valid until the next call.
func (r *jsonRows) bytesOf(b []byte, c int) ([]byte, bool) {
	if !r.tree.present(c) {
		return nil, true
	}
	at := r.tree.cells[c]
	raw := b[at.start:at.end]
	if at.kind == cellEscaped {
		var ok bool
		if r.scratch, ok = unescape(r.scratch[:0], raw); !ok {
			return nil, false
		}
		return r.scratch, true
	}
	return raw, true
}

// row appends the record's cells as one row, or rejects it.
func (r *jsonRows) row(b []byte, line int64, g orb.Geometry) {
	for i := range r.columns {
		c := &r.columns[i]
		value, ok := r.bytesOf(b, i)
		if !ok {
			r.reject(Bad{line, BadJSON, "column " + r.chosen[i] + " has an unknown escape"})
			return
		}
		if len(value) > 0 {
			if c.data, ok = r.decoder.append(c.data, value); !ok {
				r.reject(Bad{line, BadEncoding, "column " + r.chosen[i] + " is no text in " + r.decoder.name})
				return
			}
			r.bytes += len(value)
		}
		c.end()
	}
	r.commit(line, g)
	r.points = r.locator.made
}
