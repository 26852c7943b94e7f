package format

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"
)

// flatgeobuf reads version 3 (https://flatgeobuf.org). Without a box features are streamed; with one, they are found through
// the file's packed Hilbert R-tree.
type flatgeobuf struct {
	typedRows
	shaper
	ctx    context.Context
	src    *source
	info   Info
	batchN int
	kind   uint8 // geometry type of all features, 0: each says its own
	types  []uint8
	place  []int // delivered column of each column of the file, -1
	kinds  []arrow.DataType
	box    *orb.Bound
	at     io.ReaderAt // when features are found through the index
	found  []int64     // their offsets
	base   int64       // of the first feature
	size   int64
	buf    []byte
	row    int64
	stored []bool // columns of the row that have a value
	ready  bool
	err    error
}

const (
	fgbMagic     = "fgb\x03fgb"
	fgbMaxHeader = 10 << 20
	fgbNode      = 40 // bytes of an index node: four float64 and an offset
)

// Column types of FlatGeobuf.
const (
	fgbByte = iota
	fgbUByte
	fgbBool
	fgbShort
	fgbUShort
	fgbInt
	fgbUInt
	fgbLong
	fgbULong
	fgbFloat
	fgbDouble
	fgbString
	fgbJSON
	fgbDateTime
	fgbBinary
)

var fgbWidth = [...]int{fgbByte: 1, fgbUByte: 1, fgbBool: 1, fgbShort: 2, fgbUShort: 2, fgbInt: 4, fgbUInt: 4, fgbLong: 8, fgbULong: 8,
	fgbFloat: 4, fgbDouble: 8, fgbString: -1, fgbJSON: -1, fgbDateTime: -1, fgbBinary: -1}

var errFGB = errors.New("a feature contradicts the header")

func newFlatGeobuf(ctx context.Context, src *source, opt Options) (Reader, error) {
	r := &flatgeobuf{ctx: ctx, src: src, batchN: opt.batchRows()}
	var head [12]byte
	if _, err := io.ReadFull(src.stream, head[:]); err != nil || !hasPrefix(head[:], fgbMagic) {
		return nil, damagedFGB(errors.New("it ends inside its header"))
	}
	n := binary.LittleEndian.Uint32(head[8:])
	if n > fgbMaxHeader {
		return nil, damagedFGB(errFGB)
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(src.stream, raw); err != nil {
		return nil, damagedFGB(errors.New("it ends inside its header"))
	}
	header := fbRoot(raw)
	if err := r.describe(header, opt); err != nil {
		return nil, err
	}
	features, node := header.uint64(8), header.uint16(9, 16)
	index := int64(0)
	if node > 0 && features > 0 {
		levels := fgbLevels(features, int64(node))
		if index = levels[0].end * fgbNode; index == 0 {
			return nil, damagedFGB(errFGB)
		}
	}
	r.base = int64(len(head)) + int64(n) + index
	if r.box == nil || index == 0 {
		if _, err := io.CopyN(io.Discard, src.stream, index); err != nil {
			return nil, damagedFGB(errors.New("it ends inside its index"))
		}
		return r, r.Select(columnNames(r.info.Columns))
	}
	if err := r.search(header, r.base-index); err != nil {
		return nil, err
	}
	return r, r.Select(columnNames(r.info.Columns))
}

func damagedFGB(err error) error {
	return invalid("download it again: it looks truncated or damaged", "the FlatGeobuf file cannot be read: %w", err)
}

func (r *flatgeobuf) describe(header fbTable, opt Options) error {
	r.kind = header.uint8(2)
	r.info = Info{Format: "flatgeobuf", Encoding: utf8Name, Geometry: true, Bytes: r.src.size, Rows: -1}
	if n := header.uint64(8); n > 0 && n < 1<<40 && opt.BBox == nil {
		r.info.Rows = int64(n)
	}
	var names []string
	header.tables(7, func(c fbTable) {
		names = append(names, strings.ToValidUTF8(c.text(0), "\uFFFD"))
		r.types = append(r.types, c.uint8(1))
	})
	for i, name := range unique(names) {
		if r.types[i] > fgbBinary {
			return refusal{"FlatGeobuf with columns of a newer type", toGeoJSON}.error()
		}
		r.info.Columns = append(r.info.Columns, Column{name, fgbType(r.types[i])})
	}
	system := header.table(10)
	text := system.text(4)
	if code := system.int32(1); code > 0 {
		if named := or(system.text(0), "EPSG") + ":" + itoa(int64(code)); known(named) || text == "" {
			text = named
		}
	}
	r.info.CRSText = crsName(text)
	if !strings.ContainsAny(text, "[{") {
		r.info.CRSText = text
	}
	var err error
	if r.info.CRS, err = settleCRS(text, opt); err == nil {
		r.box, err = opt.boxIn(r.info.CRS)
	}
	return err
}

func fgbType(kind uint8) arrow.DataType {
	switch kind {
	case fgbByte, fgbUByte, fgbShort, fgbUShort, fgbInt, fgbUInt, fgbLong:
		return arrow.PrimitiveTypes.Int64
	case fgbFloat, fgbDouble:
		return arrow.PrimitiveTypes.Float64
	case fgbBool:
		return arrow.FixedWidthTypes.Boolean
	}
	return arrow.BinaryTypes.String // unsigned 64-bit numbers too: they may not fit
}

func (r *flatgeobuf) Info() Info { return r.info }

func (r *flatgeobuf) Select(names []string) error {
	if r.ready {
		return errLateSelect
	}
	chosen, err := positions(r.info.Columns, names)
	if err != nil {
		return err
	}
	r.place, r.kinds = make([]int, len(r.types)), nil
	for i := range r.place {
		r.place[i] = -1
	}
	for i, c := range chosen {
		r.place[c] = i
		r.kinds = append(r.kinds, r.info.Columns[c].Type)
	}
	r.stored = make([]bool, len(chosen))
	return nil
}

func (r *flatgeobuf) Next() (*Batch, error) {
	r.ready = true
	if r.err != nil {
		return nil, r.err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	r.begin(r.kinds, true, r.batchN)
	r.made = 0
	for !r.full() && r.made < maxBatchPoints && r.err == nil {
		if r.err = r.feature(); r.err != nil && !errors.Is(r.err, io.EOF) {
			r.err = located(r.src.name, damagedFGB(r.err))
		}
	}
	if b := r.batch(); b != nil {
		return b, nil
	}
	if r.err == nil { // all of them lay outside the box
		return r.Next()
	}
	return nil, r.err
}

// message reads the next feature's bytes.
func (r *flatgeobuf) message() error {
	var size [4]byte
	if r.at != nil {
		if len(r.found) == 0 {
			return io.EOF
		}
		offset := r.base + r.found[0]
		r.found = r.found[1:]
		if _, err := r.at.ReadAt(size[:], offset); err != nil || offset < r.base {
			return errors.New("its index points outside the file")
		}
		n := int64(binary.LittleEndian.Uint32(size[:]))
		if n > min(maxRecord, r.size) {
			return errFGB
		}
		r.buf = slices.Grow(r.buf[:0], int(n))[:n]
		_, err := r.at.ReadAt(r.buf, offset+4)
		return err
	}
	if _, err := io.ReadFull(r.src.stream, size[:]); err != nil {
		if errors.Is(err, io.EOF) {
			if r.info.Rows >= 0 && r.row != r.info.Rows {
				return fmt.Errorf("it holds %d features, its header says %d", r.row, r.info.Rows)
			}
			return io.EOF
		}
		return errors.New("it ends inside a feature")
	}
	n := int(binary.LittleEndian.Uint32(size[:]))
	if n > maxRecord {
		return errFGB
	}
	for r.buf = r.buf[:0]; len(r.buf) < n; { // in steps: a size may be a lie
		step := min(n-len(r.buf), 1<<20)
		r.buf = slices.Grow(r.buf, step)
		if _, err := io.ReadFull(r.src.stream, r.buf[len(r.buf):len(r.buf)+step]); err != nil {
			return errors.New("it ends inside a feature")
		}
		r.buf = r.buf[:len(r.buf)+step]
	}
	return nil
}

func (r *flatgeobuf) feature() error {
	if err := r.message(); err != nil {
		return err
	}
	r.row++
	f := fbRoot(r.buf)
	if f.at < 0 {
		return errFGB
	}
	var g orb.Geometry
	if shape := f.table(0); shape.at >= 0 {
		var err error
		if g, err = r.geometry(shape, r.kind, 0); err != nil {
			r.reject(Bad{r.row, BadGeometry, err.Error()})
			return nil
		}
	}
	if outsideBox(r.box, g) {
		return nil
	}
	if !r.properties(f) {
		r.reject(Bad{r.row, BadRecord, "its values do not fit the columns"})
		return nil
	}
	r.commit(r.row, g)
	return nil
}

// geometry reads coordinates: one flat list of ordinates, cut by the ends of the parts.
func (r *flatgeobuf) geometry(t fbTable, kind uint8, level int) (orb.Geometry, error) {
	if own := t.uint8(6); kind == 0 || kind == typeCollection && level > 0 {
		kind = own
	}
	switch {
	case level > maxCollections:
		return nil, errors.New(reasonDeep)
	case kind == typeMultiPolygon, kind == typeCollection:
		return r.parts(t, kind, level)
	case kind == 0 || kind > typeCollection:
		return nil, errors.New("curves and solids are not read: convert them (ogr2ogr -nlt CONVERT_TO_LINEAR)")
	}
	xy, n := t.vector(1, 8)
	ends, parts := t.vector(0, 4)
	r.reset()
	last := 0
	for i := 0; i+1 < n; i += 2 {
		p := orb.Point{float64At(xy[8*i:]), float64At(xy[8*i+8:])}
		if !finite(p[0]) || !finite(p[1]) {
			if kind == typePoint && n == 2 { // written for no point
				return nil, nil
			}
			return nil, errors.New(reasonPosition)
		}
		r.points = append(r.points, p)
	}
	if kind == typePolygon || kind == typeMultiLine || kind == typeMultiPolygon {
		for i := range parts {
			end := int(binary.LittleEndian.Uint32(ends[4*i:]))
			if end < last || end > len(r.points) {
				return nil, errFGB
			}
			r.rings = append(r.rings, end)
			last = end
		}
		if parts == 0 && len(r.points) > 0 {
			r.rings = append(r.rings, len(r.points))
		}
	}
	return r.build(int(kind)), nil
}

func (r *flatgeobuf) parts(t fbTable, kind uint8, level int) (orb.Geometry, error) {
	var all orb.Collection
	var failed error
	t.tables(7, func(part fbTable) {
		of := uint8(typePolygon)
		if kind == typeCollection {
			of = 0
		}
		g, err := r.geometry(part, of, level+1)
		if failed = errors.Join(failed, err); err == nil && g != nil {
			all = append(all, g)
		}
	})
	if kind == typeCollection || failed != nil {
		return all, failed
	}
	m := make(orb.MultiPolygon, 0, len(all))
	for _, g := range all {
		if p, ok := g.(orb.Polygon); ok {
			m = append(m, p)
		}
	}
	return m, nil
}

func (r *flatgeobuf) Read() int64  { return r.src.read() }
func (r *flatgeobuf) Close() error { return r.src.close() }
