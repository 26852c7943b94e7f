package format

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/paulmach/orb"
)

// shapeParts are the files of one Shapefile. dbf may be nil; prj and cpg may be "".
type shapeParts struct {
	shp, dbf *source
	prj, cpg string
}

func (p shapeParts) close() error {
	err := p.shp.close()
	if p.dbf != nil {
		err = errors.Join(err, p.dbf.close())
	}
	return err
}

type shapefile struct {
	shaper
	ctx     context.Context
	parts   shapeParts
	shp     *shpFile
	dbf     *dbfTable // nil: no attributes
	decoder *decoder
	info    Info
	limit   int
	chosen  []int
	columns []dbfColumn
	box     *orb.Bound
	record  int64 // number of the last record read
	ready   bool
	err     error
}

// newShapefile takes over the parts: closing the reader closes them.
func newShapefile(ctx context.Context, parts shapeParts, opt Options) (Reader, error) {
	r := &shapefile{ctx: ctx, parts: parts, limit: opt.batchRows(), decoder: &decoder{}}
	r.info = Info{Format: "shapefile", Geometry: true, Bytes: parts.shp.size, Rows: -1, CRSText: crsName(parts.prj)}
	var err error
	if r.info.CRS, err = settleCRS(parts.prj, opt); err != nil {
		return nil, err
	}
	if r.box, err = opt.boxIn(r.info.CRS); err != nil {
		return nil, err
	}
	if r.shp, err = newSHP(newWindow(parts.shp.stream)); err != nil {
		return nil, err
	}
	if parts.dbf != nil {
		if err := r.attributes(opt); err != nil {
			return nil, err
		}
	}
	return r, r.Select(columnNames(r.info.Columns))
}

func (r *shapefile) attributes(opt Options) (err error) {
	if r.dbf, err = newDBF(newWindow(r.parts.dbf.stream)); err != nil {
		return err
	}
	if r.decoder, err = r.dbf.encoding(opt.Encoding, r.parts.cpg); err != nil {
		return err
	}
	names := make([]string, len(r.dbf.fields))
	for i, f := range r.dbf.fields {
		names[i] = r.decoder.string(f.name)
	}
	for i, name := range unique(names) {
		r.info.Columns = append(r.info.Columns, Column{name, r.dbf.fields[i].arrowType()})
	}
	r.info.Bytes += r.parts.dbf.size
	r.info.Rows = int64(r.dbf.records)
	return nil
}

var firstQuoted = regexp.MustCompile(`"([^"]*)"`)

// crsName is the name in a .prj text, or "".
func crsName(prj string) string {
	if m := firstQuoted.FindStringSubmatch(prj); m != nil {
		return m[1]
	}
	return strings.TrimSpace(prj)
}

func columnNames(columns []Column) []string {
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = c.Name
	}
	return out
}

func (r *shapefile) Info() Info {
	info := r.info
	info.Encoding = r.decoder.name
	return info
}

func (r *shapefile) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	chosen, err := positions(r.info.Columns, names)
	if err == nil {
		r.chosen = chosen
	}
	return err
}

func (r *shapefile) Next() (*Batch, error) {
	r.ready = true
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	expected := firstRows
	if r.record > 0 {
		expected = r.limit
	}
	b := &Batch{Line: make([]int64, 0, expected), Geometry: make([]orb.Geometry, 0, expected)}
	r.columns = r.columns[:0]
	for _, c := range r.chosen {
		r.columns = append(r.columns, r.dbf.fields[c].column(r.decoder, expected))
	}
	r.made = 0
	for len(b.Line)+len(b.Bad) < r.limit && r.made < maxBatchPoints && r.err == nil {
		r.err = r.step(b)
	}
	if r.err != nil && !errors.Is(r.err, io.EOF) {
		r.err = located(r.parts.shp.name, r.err)
	}
	if len(b.Line) == 0 && len(b.Bad) == 0 {
		if r.err == nil { // all of them lay outside the box
			return r.Next()
		}
		return nil, r.err
	}
	for _, c := range r.columns {
		b.Columns = append(b.Columns, c.array())
	}
	return b, nil
}

// step reads one record of both files into b.
func (r *shapefile) step(b *Batch) error {
	content, err := r.shp.next()
	if err != nil && !errors.Is(err, io.EOF) {
		return r.truncated(err, r.shp.w)
	}
	var row []byte
	if r.dbf != nil && r.record < int64(r.dbf.records) {
		if row = r.dbf.next(); row == nil {
			return r.truncated(io.ErrUnexpectedEOF, r.dbf.w)
		}
	}
	r.record++
	switch {
	case errors.Is(err, io.EOF) && row == nil:
		return io.EOF
	case row != nil && row[0] == '*': // deleted
		return nil
	case errors.Is(err, io.EOF):
		r.reject(b, BadRecord, "the attributes have no shape")
		return nil
	case r.dbf != nil && row == nil:
		r.reject(b, BadRecord, "the shape has no attributes")
		return nil
	}
	g, err := r.shape(content)
	if err != nil {
		r.reject(b, BadGeometry, err.Error())
		return nil
	}
	if outsideBox(r.box, g) {
		return nil
	}
	for i, c := range r.chosen {
		f := &r.dbf.fields[c]
		raw := row[f.offset : f.offset+f.size]
		if code := r.columns[i].add(raw); code != "" {
			r.reject(b, code, fmt.Sprintf("column %s holds %s", r.info.Columns[c].Name, quote(trimRight(raw))))
			return nil
		}
	}
	b.Line = append(b.Line, r.record)
	b.Geometry = append(b.Geometry, g)
	return nil
}

func (r *shapefile) truncated(err error, w *window) error {
	if w.err != nil {
		return w.err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return invalid("download it again: it looks truncated", "the Shapefile ends inside record %d", r.record+1)
	}
	return err
}

func (r *shapefile) reject(b *Batch, code, reason string) {
	for _, c := range r.columns {
		c.truncate(len(b.Line))
	}
	b.Bad = append(b.Bad, Bad{r.record, code, reason})
}

func (r *shapefile) Read() int64 {
	n := r.parts.shp.read()
	if r.parts.dbf != nil {
		n += r.parts.dbf.read()
	}
	return n
}

func (r *shapefile) Close() error { return r.parts.close() }
