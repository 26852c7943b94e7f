package format

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/paulmach/orb"
)

var errWKB = errors.New("not well-known binary")

// wkb reads ISO WKB or EWKB of either byte order; Z, M and an SRID are dropped.
func (s *shaper) wkb(b []byte) (orb.Geometry, error) {
	g, rest, err := s.wkbGeometry(b, 0)
	if err == nil && len(rest) > 0 {
		err = errors.New("bytes follow the end of the well-known binary")
	}
	return g, err
}

func (s *shaper) wkbGeometry(b []byte, level int) (orb.Geometry, []byte, error) {
	s.reset()
	order, kind, stride, b, err := wkbHeader(b)
	if err != nil || level > maxCollections {
		return nil, nil, errWKB
	}
	switch kind {
	case typePoint:
		if b, err = s.wkbPoints(b, order, 1, stride); err != nil {
			return nil, nil, err
		}
		if p := s.points[0]; p[0] != p[0] && p[1] != p[1] { // POINT EMPTY is written as NaN NaN
			return nil, b, nil
		}
	case typeLine:
		b, err = s.wkbLine(b, order, stride)
	case typePolygon:
		b, err = s.wkbPolygon(b, order, stride)
	case typeMultiPoint, typeMultiLine, typeMultiPolygon:
		b, err = s.wkbMulti(b, order, kind)
	case typeCollection:
		return s.wkbCollection(b, order, level)
	default:
		return nil, nil, errWKB
	}
	if err != nil {
		return nil, nil, err
	}
	for _, p := range s.points {
		if !finite(p[0]) || !finite(p[1]) {
			return nil, nil, errors.New(reasonPosition)
		}
	}
	return s.build(kind), b, nil
}

// wkbHeader reads byte order and type; stride is the number of ordinates of a point.
func wkbHeader(b []byte) (order binary.ByteOrder, kind, stride int, rest []byte, err error) {
	if len(b) < 5 || b[0] > 1 {
		return nil, 0, 0, nil, errWKB
	}
	order = binary.ByteOrder(binary.BigEndian)
	if b[0] == 1 {
		order = binary.LittleEndian
	}
	code := order.Uint32(b[1:])
	rest, stride = b[5:], 2
	for _, flag := range []uint32{1 << 31, 1 << 30} { // EWKB: Z, M
		if code&flag != 0 {
			stride++
		}
	}
	if code&(1<<29) != 0 { // EWKB: SRID
		if len(rest) < 4 {
			return nil, 0, 0, nil, errWKB
		}
		rest = rest[4:]
	}
	code &= 1<<29 - 1
	switch code / 1000 { // ISO: Z, M, ZM
	case 1, 2:
		stride++
	case 3:
		stride += 2
	}
	return order, int(code % 1000), stride, rest, nil
}

// wkbCount reads a count of things of at least size bytes each, so that a hostile count cannot ask for memory.
func wkbCount(b []byte, order binary.ByteOrder, size int) (int, []byte, error) {
	if len(b) < 4 {
		return 0, nil, errWKB
	}
	n := int(order.Uint32(b))
	if b = b[4:]; n > len(b)/size {
		return 0, nil, errWKB
	}
	return n, b, nil
}

func (s *shaper) wkbPoints(b []byte, order binary.ByteOrder, n, stride int) ([]byte, error) {
	size := stride * 8
	if len(b) < n*size {
		return nil, errWKB
	}
	little := order == binary.ByteOrder(binary.LittleEndian)
	for range n {
		var x, y uint64
		if little {
			x, y = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		} else {
			x, y = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
		}
		s.points = append(s.points, orb.Point{math.Float64frombits(x), math.Float64frombits(y)})
		b = b[size:]
	}
	return b, nil
}

func (s *shaper) wkbLine(b []byte, order binary.ByteOrder, stride int) ([]byte, error) {
	n, b, err := wkbCount(b, order, stride*8)
	if err != nil {
		return nil, err
	}
	b, err = s.wkbPoints(b, order, n, stride)
	s.close(2)
	return b, err
}

func (s *shaper) wkbPolygon(b []byte, order binary.ByteOrder, stride int) ([]byte, error) {
	n, b, err := wkbCount(b, order, 4)
	if err != nil {
		return nil, err
	}
	for range n {
		if b, err = s.wkbLine(b, order, stride); err != nil {
			return nil, err
		}
	}
	s.close(3)
	return b, nil
}

// wkbMulti reads the parts of a multi-geometry, each of which has its own header and the part's type.
func (s *shaper) wkbMulti(b []byte, order binary.ByteOrder, kind int) ([]byte, error) {
	n, b, err := wkbCount(b, order, 9)
	if err != nil {
		return nil, err
	}
	for range n {
		order, part, stride, rest, err := wkbHeader(b)
		if err != nil || part != kind-typeMultiPoint+typePoint {
			return nil, errWKB
		}
		switch part {
		case typePoint:
			b, err = s.wkbPoints(rest, order, 1, stride)
		case typeLine:
			b, err = s.wkbLine(rest, order, stride)
		case typePolygon:
			b, err = s.wkbPolygon(rest, order, stride)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (s *shaper) wkbCollection(b []byte, order binary.ByteOrder, level int) (orb.Geometry, []byte, error) {
	n, b, err := wkbCount(b, order, 5)
	if err != nil {
		return nil, nil, err
	}
	parts := orb.Collection{}
	for range n {
		var g orb.Geometry
		if g, b, err = s.wkbGeometry(b, level+1); err != nil {
			return nil, nil, err
		}
		if g != nil {
			parts = append(parts, g)
		}
	}
	return parts, b, nil
}
