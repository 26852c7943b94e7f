package format

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"
)

// jsonTable reads an array of objects, or objects one after the other with or without anything between them.
type jsonTable struct {
	jsonRows
	ctx    context.Context
	src    *source
	w      *window
	opt    Options
	info   Info
	array  bool   // inside the outermost array
	place  string // the member that holds the geometry, "" for columns of x and y
	ngsi   *ngsi  // the records are FIWARE entities
	hidden string // the same when it holds GeoJSON: its members are no columns
	ready  bool
	// The exploded array that is being handed out: the next element, the end of its record, and where the line was
	// counted last.
	at, stop, counted int
	line              int64
	err               error
}

func newJSONTable(ctx context.Context, src *source, w *window, dec *decoder, opt Options) (Reader, error) {
	r := &jsonTable{ctx: ctx, src: src, w: w, opt: opt}
	r.tree, r.decoder = newTree(), dec
	r.tree.explode = opt.Explode
	r.tree.probe = &r.locator.shaper
	r.learn(w.buf[w.pos : w.end+1])
	r.tree.probe = nil
	r.ngsi = newNGSI(r.tree)
	names, err := r.findGeometry()
	if err != nil {
		return nil, err
	}
	r.info = Info{Format: "json", Geometry: r.locator.wkt >= 0 || r.locator.x >= 0, CRS: opt.CRS, Bytes: src.size, Rows: -1}
	if r.info.Geometry {
		var err error
		if r.within, err = opt.boxIn(r.info.CRS); err != nil {
			return nil, err
		}
	}
	return r, r.Select(names)
}

// learn meets the columns of the first records.
func (r *jsonTable) learn(b []byte) {
	i := jsonSeparators(b, 0)
	if b[i] == '[' {
		i = jsonSeparators(b, i+1)
	}
	for b[i] == '{' {
		r.tree.next()
		end, ok := r.tree.object(b, i, r.tree.root)
		if !ok {
			if end, ok = balanced(b, i); !ok {
				return
			}
		}
		for at := r.firstElement(b); at > 0; at = r.element(b, at) {
		}
		i = jsonSeparators(b, end)
	}
}

// firstElement is the index of the first element of the record's exploded array, or 0.
func (r *jsonTable) firstElement(b []byte) int {
	if a := r.tree.array; a.record == r.tree.record {
		if i := space(b, a.start+1); b[i] != ']' {
			return i
		}
	}
	return 0
}

// element reads one element of the exploded array into the cells; next is the index of the one behind it, or 0.
func (r *jsonTable) element(b []byte, i int) (next int) {
	t := r.tree
	t.forget(t.element)
	explode := t.explode
	t.explode = ""
	t.depth = 1 + strings.Count(explode, ".")
	end, ok := t.value(b, i, t.element)
	t.depth, t.explode = 0, explode
	if !ok {
		return 0
	}
	if end = space(b, end); b[end] == ',' {
		return space(b, end+1)
	}
	return 0
}

// findGeometry resolves the declared columns, or the one member that holds GeoJSON geometries.
func (r *jsonTable) findGeometry() (names []string, err error) {
	l := &r.locator
	l.wkt, l.x, l.y, l.comma = -1, -1, -1, r.opt.Decimal == ","
	g := r.opt.Geometry
	var shapes []string
	for _, k := range r.tree.root.children {
		if k.shapes > 0 {
			shapes = append(shapes, k.name)
		}
		for _, c := range k.children {
			if c.shapes > 0 && c.raw == "value" && r.ngsi != nil {
				shapes = append(shapes, c.name)
			}
		}
	}
	switch {
	case g != nil && g.X != "":
		names = r.tree.names("")
		_, l.x, l.y, err = r.opt.find(names)
	case g != nil && g.WKT != "":
		r.place = r.ngsi.column(g.WKT)
	case len(shapes) == 1:
		r.place = shapes[0]
	case g != nil && len(shapes) > 1:
		err = invalid("name one of them with `wkt`", "several members hold geometries: %s", list(shapes))
	case g != nil:
		names = r.tree.names("")
		if l.wkt, _, _, err = r.opt.find(names); err == nil {
			r.place = names[l.wkt]
		}
	}
	if r.place != "" {
		l.wkt = 0
	}
	if slices.Contains(shapes, r.place) {
		r.hidden = r.place
	}
	return r.ngsi.names(r.tree.names(r.hidden)), err
}

func (r *jsonTable) Info() Info {
	info := r.info
	info.Encoding = r.decoder.name
	info.Columns = textColumns(r.ngsi.names(r.tree.names(r.hidden)))
	return info
}

func textColumns(names []string) []Column {
	out := make([]Column, len(names))
	for i, n := range names {
		out[i] = Column{n, arrow.BinaryTypes.String}
	}
	return out
}

func (r *jsonTable) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	if err := distinct(names); err != nil {
		return err
	}
	r.chosen = names
	cells := make([]string, len(names))
	for i, n := range names {
		cells[i] = r.ngsi.column(n)
	}
	add := func(name string) int {
		for i, n := range cells {
			if n == name {
				return i
			}
		}
		cells = append(cells, name)
		return len(cells) - 1
	}
	switch l := &r.locator; {
	case r.place != "":
		l.wkt = add(r.place)
		r.tree.geometry = l.wkt
	case l.x >= 0:
		l.x, l.y = add(r.opt.Geometry.X), add(r.opt.Geometry.Y)
	}
	r.tree.choose(cells)
	return nil
}

func (r *jsonTable) Next() (*Batch, error) {
	r.ready = true
	if r.err != nil {
		return nil, r.err
	}
	r.begin(len(r.chosen), r.info.Geometry, r.opt.batchRows())
	r.locator.made, r.points = 0, 0
	for !r.full() && r.err == nil {
		if r.at > 0 {
			r.explode()
			continue
		}
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

// record reads what comes next: a record, the brackets of the outermost array, or the end.
func (r *jsonTable) record() error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	w := r.w
	i := jsonSeparators(w.buf, w.pos)
	switch c := w.buf[i]; {
	case i == w.end:
		w.advance(i)
		if w.more() {
			return nil
		}
		if w.err != nil || r.array {
			return located(r.src.name, w.broken())
		}
		return io.EOF
	case c == '[' && !r.array, c == ']' && r.array:
		r.array = c == '['
		w.advance(i + 1)
		return nil
	case c == '{':
		w.advance(i)
		return r.object()
	}
	w.advance(i)
	end, ok := valueEnd(w.buf, i, 0)
	if !ok || end == i {
		return r.damaged(end)
	}
	r.reject(Bad{w.line, BadNotObject, "the record is not a JSON object"})
	w.advance(end)
	return nil
}

func (r *jsonTable) object() error {
	w, t := r.w, r.tree
	t.next()
	end, ok := t.object(w.buf, w.pos, t.root)
	if !ok {
		return r.damaged(end)
	}
	if t.explode == "" {
		r.emit(w.line)
		w.advance(end)
		return nil
	}
	r.stop = end
	r.counted, r.line = w.pos, w.line
	if r.at = r.firstElement(w.buf); r.at == 0 {
		w.advance(end)
	}
	return nil
}

// explode makes a row of the next element; the record stays in the window until its last one.
func (r *jsonTable) explode() {
	w := r.w
	r.line += int64(bytes.Count(w.buf[r.counted:r.at], []byte{'\n'}))
	r.counted = r.at
	next := r.element(w.buf, r.at)
	r.emit(r.line)
	if r.at = next; next == 0 {
		w.advance(r.stop)
	}
}

// damaged goes on behind a record that stops being JSON at buf[at].
func (r *jsonTable) damaged(at int) error {
	w := r.w
	if at == w.end {
		if w.more() {
			return nil // from the start of the record
		}
		return located(r.src.name, w.broken())
	}
	r.reject(Bad{w.line, BadJSON, syntaxReason(w, at)})
	if !w.resync(at) {
		w.advance(w.end)
	}
	return nil
}

func (r *jsonTable) emit(line int64) {
	var g orb.Geometry
	if r.info.Geometry {
		var err error
		if g, err = r.locate(); err != nil {
			r.reject(Bad{line, BadGeometry, err.Error()})
			return
		}
	}
	r.row(r.w.buf, line, g)
}

func (r *jsonTable) locate() (orb.Geometry, error) {
	var kept []byte
	return r.locator.located(func(c int) []byte {
		value, _ := r.bytesOf(r.w.buf, c)
		if r.locator.wkt < 0 { // two cells are needed at once, and the next one may use the same scratch
			kept = append(kept, value...)
			return kept[len(kept)-len(value):]
		}
		return value
	})
}

func (r *jsonTable) Read() int64  { return r.src.read() }
func (r *jsonTable) Close() error { return r.src.close() }
