package format

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// Types of shapes (ESRI Shapefile Technical Description, 1998); +10 has Z, +20 has M.
const (
	shpNull       = 0
	shpPoint      = 1
	shpPolyLine   = 3
	shpPolygon    = 5
	shpMultiPoint = 8
	shpMultiPatch = 31
)

const shpHeader = 100

// shpFile reads the records of a .shp file one after the other; the index (.shx) is not needed for that.
type shpFile struct {
	w    *window
	left int64 // bytes behind the header that belong to the file
}

func newSHP(w *window) (*shpFile, error) {
	head := w.peek(shpHeader)
	if len(head) < shpHeader || binary.BigEndian.Uint32(head) != 9994 {
		return nil, invalid("download it again", "the .shp file has no Shapefile header")
	}
	f := &shpFile{
		w:    w,
		left: int64(binary.BigEndian.Uint32(head[24:]))*2 - shpHeader,
	}
	w.pos += shpHeader
	return f, nil
}

// next is the content of the next record; io.EOF at the end of the file. Valid until the next call.
func (f *shpFile) next() ([]byte, error) {
	head := f.w.peek(8)
	if len(head) == 0 && f.w.err == nil || f.left < 8 {
		if f.left >= 8 {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, io.EOF
	}
	if len(head) < 8 {
		return nil, io.ErrUnexpectedEOF
	}
	size := int64(binary.BigEndian.Uint32(head[4:])) * 2
	if size < 4 || size > maxRecord {
		return nil, invalid("download it again: it looks damaged", "the length of a record of the .shp file makes no sense")
	}
	f.w.pos += 8
	content := f.w.peek(int(size))
	if int64(len(content)) < size {
		return nil, io.ErrUnexpectedEOF
	}
	f.w.pos += int(size)
	f.left -= 8 + size
	return content, nil
}

var errShape = errors.New("the counts of the shape do not fit its length")

// shape makes a geometry of a record's content; Z and M are dropped.
func (s *shaper) shape(b []byte) (orb.Geometry, error) {
	kind := binary.LittleEndian.Uint32(b)
	if kind == shpMultiPatch {
		return nil, errors.New("a MultiPatch (3D surfaces) is not supported")
	}
	if kind > shpMultiPatch {
		return nil, errors.New("the type of the shape is unknown")
	}
	s.reset()
	switch kind % 10 {
	case shpNull:
		return nil, nil
	case shpPoint:
		if len(b) < 20 {
			return nil, errShape
		}
		return s.shapePoints(b[4:], 1, typePoint)
	case shpMultiPoint:
		if len(b) < 40 {
			return nil, errShape
		}
		return s.shapePoints(b[40:], int(binary.LittleEndian.Uint32(b[36:])), typeMultiPoint)
	case shpPolyLine, shpPolygon:
		if len(b) < 44 {
			return nil, errShape
		}
		return s.shapeParts(b, kind%10 == shpPolygon)
	}
	return nil, errors.New("the type of the shape is unknown")
}

func (s *shaper) shapePoints(b []byte, n, kind int) (orb.Geometry, error) {
	if err := s.readPoints(b, n); err != nil || n == 0 {
		return nil, err
	}
	return s.build(kind), nil
}

// readPoints appends n pairs of little-endian doubles to the scratch.
func (s *shaper) readPoints(b []byte, n int) error {
	if n > len(b)/16 {
		return errShape
	}
	at := len(s.points)
	s.points = slices.Grow(s.points, n)[:at+n]
	sum := 0.0 // of zeros, or NaN when a coordinate is not finite
	for i := range s.points[at:] {
		p := b[16*i : 16*i+16 : 16*i+16]
		x := math.Float64frombits(binary.LittleEndian.Uint64(p))
		y := math.Float64frombits(binary.LittleEndian.Uint64(p[8:]))
		s.points[at+i] = orb.Point{x, y}
		sum += (x - x) + (y - y)
	}
	if sum != 0 {
		return errors.New("a coordinate is not a finite number")
	}
	return nil
}

// shapeParts reads the parts of a PolyLine or the rings of a Polygon.
func (s *shaper) shapeParts(b []byte, polygon bool) (orb.Geometry, error) {
	parts, points := int(binary.LittleEndian.Uint32(b[36:])), int(binary.LittleEndian.Uint32(b[40:]))
	if b = b[44:]; parts > len(b)/4 {
		return nil, errShape
	}
	if err := s.readPoints(b[4*parts:], points); err != nil {
		return nil, err
	}
	if parts == 0 || points == 0 {
		return nil, nil
	}
	for i := 1; i <= parts; i++ {
		end := points
		if i < parts {
			end = int(binary.LittleEndian.Uint32(b[4*i:]))
		}
		start := int(binary.LittleEndian.Uint32(b[4*(i-1):]))
		if i == 1 && start != 0 || start > end || end > points {
			return nil, errShape
		}
		if end > start { // writers leave empty parts behind
			s.rings = append(s.rings, end)
		}
	}
	switch {
	case polygon:
		return s.nested(), nil
	case len(s.rings) == 1:
		return s.build(typeLine), nil
	}
	return s.lines(), nil
}
