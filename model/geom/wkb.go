package geom

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/paulmach/orb"
)

// WKB geometry types (OGC 06-103r4, 8.2.8).
const (
	wkbPoint = iota + 1
	wkbLineString
	wkbPolygon
	wkbMultiPoint
	wkbMultiLineString
	wkbMultiPolygon
	wkbCollection
)

// AppendWKB appends g as ISO well-known binary, two-dimensional, little-endian, and returns the extended slice. It allocates
// nothing when dst has room (WKBSize says how much). A nil geometry appends nothing; orb's rings and bounds become polygons.
func AppendWKB(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		return appendPoint(header(dst, wkbPoint), g)
	case orb.MultiPoint:
		dst = count(header(dst, wkbMultiPoint), len(g))
		for _, p := range g {
			dst = appendPoint(header(dst, wkbPoint), p)
		}
	case orb.LineString:
		return appendPoints(header(dst, wkbLineString), g)
	case orb.MultiLineString:
		dst = count(header(dst, wkbMultiLineString), len(g))
		for _, l := range g {
			dst = appendPoints(header(dst, wkbLineString), l)
		}
	case orb.Ring:
		return appendPoints(count(header(dst, wkbPolygon), 1), g)
	case orb.Bound:
		return appendPolygon(dst, g.ToPolygon())
	case orb.Polygon:
		return appendPolygon(dst, g)
	case orb.MultiPolygon:
		dst = count(header(dst, wkbMultiPolygon), len(g))
		for _, p := range g {
			dst = appendPolygon(dst, p)
		}
	case orb.Collection:
		dst = count(header(dst, wkbCollection), len(g))
		for _, part := range g {
			dst = AppendWKB(dst, part)
		}
	}
	return dst
}

// WKBSize is the number of bytes AppendWKB appends for g.
func WKBSize(g orb.Geometry) int {
	const head, num, point = 5, 4, 16
	size := head + num
	switch g := g.(type) {
	case nil:
		return 0
	case orb.Point:
		return head + point
	case orb.MultiPoint:
		return size + len(g)*(head+point)
	case orb.LineString:
		return size + len(g)*point
	case orb.Ring:
		return size + num + len(g)*point
	case orb.Bound:
		return size + num + 5*point
	case orb.MultiLineString:
		for _, l := range g {
			size += head + num + len(l)*point
		}
	case orb.Polygon:
		for _, r := range g {
			size += num + len(r)*point
		}
	case orb.MultiPolygon:
		for _, p := range g {
			size += WKBSize(p)
		}
	case orb.Collection:
		for _, part := range g {
			size += WKBSize(part)
		}
	}
	return size
}

func header(dst []byte, kind uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(dst, 1), kind)
}

func count(dst []byte, n int) []byte { return binary.LittleEndian.AppendUint32(dst, uint32(n)) }

func appendPoint(dst []byte, p orb.Point) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(p[0]))
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(p[1]))
}

func appendPoints(dst []byte, points []orb.Point) []byte {
	dst = count(dst, len(points))
	for _, p := range points {
		dst = appendPoint(dst, p)
	}
	return dst
}

func appendPolygon(dst []byte, p orb.Polygon) []byte {
	dst = count(header(dst, wkbPolygon), len(p))
	for _, r := range p {
		dst = appendPoints(dst, r)
	}
	return dst
}

var (
	errWKBShort = errors.New("geom: well-known binary is cut short")
	errWKBOrder = errors.New("geom: well-known binary has an unknown byte order")
	errWKBType  = errors.New("geom: well-known binary has an unknown or misplaced geometry type")
	errWKBDeep  = errors.New("geom: well-known binary is nested too deep")
	errWKBRest  = errors.New("geom: bytes after the end of well-known binary")
)

// DecodeWKB reads one geometry of well-known binary: ISO or EWKB, either byte order; heights, measures and reference system
// numbers are dropped. The result shares nothing with b. Counts are believed only as far as the bytes that follow can hold
// them, so memory stays within a small multiple of len(b).
func DecodeWKB(b []byte) (orb.Geometry, error) {
	r := wkbReader{b: b}
	g, err := r.geometry(0)
	switch {
	case err != nil:
		return nil, err
	case len(r.b) > 0:
		return nil, errWKBRest
	}
	return g, nil
}

type wkbReader struct {
	b     []byte
	order binary.ByteOrder
	size  int // bytes of a coordinate tuple
}

func (r *wkbReader) uint32() (uint32, error) {
	if len(r.b) < 4 {
		return 0, errWKBShort
	}
	v := r.order.Uint32(r.b)
	r.b = r.b[4:]
	return v, nil
}

// count reads the number of items that take at least size bytes each.
func (r *wkbReader) count(size int) (int, error) {
	n, err := r.uint32()
	if err == nil && uint64(n)*uint64(size) > uint64(len(r.b)) {
		err = errWKBShort
	}
	return int(n), err
}

// head reads byte order and type, and sets the size of coordinate tuples.
func (r *wkbReader) head() (uint32, error) {
	if len(r.b) < 1 {
		return 0, errWKBShort
	}
	switch r.b[0] {
	case 0:
		r.order = binary.BigEndian
	case 1:
		r.order = binary.LittleEndian
	default:
		return 0, errWKBOrder
	}
	r.b = r.b[1:]
	kind, err := r.uint32()
	if err != nil {
		return 0, err
	}
	// EWKB flags Z, M and SRID in the high bits; ISO adds 1000 for Z, 2000 for M, 3000 for both.
	z, m, srid := kind&0x80000000 != 0, kind&0x40000000 != 0, kind&0x20000000 != 0
	kind &= 0x1fffffff
	switch iso := kind / 1000; {
	case iso > 3:
		return 0, errWKBType
	default:
		z, m = z || iso&1 != 0, m || iso&2 != 0
	}
	if srid {
		if _, err := r.uint32(); err != nil {
			return 0, err
		}
	}
	r.size = 16
	if z {
		r.size += 8
	}
	if m {
		r.size += 8
	}
	return kind % 1000, nil
}

// wkbDepth bounds nested collections.
const wkbDepth = 16

func (r *wkbReader) geometry(depth int) (orb.Geometry, error) {
	if depth > wkbDepth {
		return nil, errWKBDeep
	}
	kind, err := r.head()
	if err != nil {
		return nil, err
	}
	switch kind {
	case wkbPoint:
		return r.point()
	case wkbLineString:
		points, err := r.points()
		return orb.LineString(points), err
	case wkbPolygon:
		return r.polygon()
	case wkbMultiPoint:
		return parts[orb.MultiPoint](r, wkbPoint, r.point)
	case wkbMultiLineString:
		return parts[orb.MultiLineString](r, wkbLineString, func() (orb.LineString, error) { return r.points() })
	case wkbMultiPolygon:
		return parts[orb.MultiPolygon](r, wkbPolygon, r.polygon)
	case wkbCollection:
		return r.collection(depth)
	}
	return nil, errWKBType
}

// leastPart is the size of the smallest geometry: byte order, type, and a count of zero.
const leastPart = 9

func (r *wkbReader) collection(depth int) (orb.Geometry, error) {
	n, err := r.count(leastPart)
	if err != nil {
		return nil, err
	}
	out := make(orb.Collection, 0, n)
	for range n {
		g, err := r.geometry(depth + 1)
		if err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, nil
}

// parts reads the members of a multi, each with its own header.
func parts[S ~[]E, E any](r *wkbReader, kind uint32, read func() (E, error)) (S, error) {
	n, err := r.count(leastPart)
	if err != nil {
		return nil, err
	}
	out := make(S, n)
	for i := range out {
		got, err := r.head()
		switch {
		case err != nil:
			return nil, err
		case got != kind:
			return nil, errWKBType
		}
		if out[i], err = read(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *wkbReader) point() (orb.Point, error) {
	if len(r.b) < r.size {
		return orb.Point{}, errWKBShort
	}
	p := orb.Point{
		math.Float64frombits(r.order.Uint64(r.b)),
		math.Float64frombits(r.order.Uint64(r.b[8:])),
	}
	r.b = r.b[r.size:]
	return p, nil
}

func (r *wkbReader) points() ([]orb.Point, error) {
	n, err := r.count(r.size)
	if err != nil {
		return nil, err
	}
	out := make([]orb.Point, n)
	for i := range out {
		out[i], _ = r.point() // count has checked the length
	}
	return out, nil
}

func (r *wkbReader) polygon() (orb.Polygon, error) {
	n, err := r.count(4)
	if err != nil {
		return nil, err
	}
	out := make(orb.Polygon, n)
	for i := range out {
		points, err := r.points()
		if err != nil {
			return nil, err
		}
		out[i] = points
	}
	return out, nil
}
