package layer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"jumeau/model/layer/planar"
)

var (
	errShort  = errors.New("the WKB ends too early")
	errDegree = errors.New("a coordinate is not a longitude and latitude in degrees")
)

// wkbReader reads the parts of the wanted dimension out of a WKB geometry, ISO or extended, in either byte order; further
// ordinates are skipped. Parts of another dimension (a point inside a collection of a polygon layer) are passed over.
type wkbReader struct {
	data  []byte
	kind  string // point, line or polygon
	out   *planar.Rings
	holes *[]bool // per part of a polygon: it is a hole
}

const (
	wkbPoint = 1 + iota
	wkbLine
	wkbPolygon
	wkbMultiPoint
	wkbMultiLine
	wkbMultiPolygon
	wkbCollection
)

const (
	wkbDepth = 8   // of nested collections
	lonLimit = 900 // degrees: a feature may cross the 180° meridian by counting on, twice around the world
)

func (r *wkbReader) geometry(depth int) error {
	if depth > wkbDepth {
		return errors.New("collections are nested too deeply")
	}
	if len(r.data) < 5 {
		return errShort
	}
	var order binary.ByteOrder = binary.LittleEndian
	if r.data[0] == 0 {
		order = binary.BigEndian
	} else if r.data[0] != 1 {
		return fmt.Errorf("%d is not a byte order of WKB", r.data[0])
	}
	code := order.Uint32(r.data[1:])
	r.data = r.data[5:]
	ordinates := 2
	for _, flag := range []uint32{0x80000000, 0x40000000} { // extended WKB: Z and M
		if code&flag != 0 {
			ordinates++
		}
	}
	if code&0x20000000 != 0 { // extended WKB: SRID
		if len(r.data) < 4 {
			return errShort
		}
		r.data = r.data[4:]
	}
	code &= 0x1fffffff
	switch code / 1000 { // ISO: Z, M, ZM
	case 0:
	case 1, 2:
		ordinates++
	case 3:
		ordinates += 2
	default:
		return fmt.Errorf("%d is not a geometry type of WKB", code)
	}
	return r.body(int(code%1000), order, ordinates, depth)
}

func (r *wkbReader) body(code int, order binary.ByteOrder, ordinates, depth int) error {
	switch code {
	case wkbPoint:
		return r.points(1, order, ordinates, r.kind == Points)
	case wkbLine:
		n, err := r.count(order, 8*ordinates)
		if err != nil {
			return err
		}
		if err := r.points(n, order, ordinates, r.kind == Lines); err != nil || r.kind != Lines {
			return err
		}
		r.endLine()
		return nil
	case wkbPolygon:
		return r.polygon(order, ordinates)
	case wkbMultiPoint, wkbMultiLine, wkbMultiPolygon, wkbCollection:
		n, err := r.count(order, 5)
		if err != nil {
			return err
		}
		for range n {
			if err := r.geometry(depth + 1); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%d is not a geometry type of WKB", code)
}

func (r *wkbReader) endLine() {
	start := r.out.Start()
	if len(r.out.Pts)-start < 2 {
		r.out.Pts = r.out.Pts[:start]
		return
	}
	r.out.Ends = append(r.out.Ends, len(r.out.Pts))
}

func (r *wkbReader) polygon(order binary.ByteOrder, ordinates int) error {
	rings, err := r.count(order, 4)
	if err != nil {
		return err
	}
	exterior := false
	for i := range rings {
		n, err := r.count(order, 8*ordinates)
		if err != nil {
			return err
		}
		if err := r.points(n, order, ordinates, r.kind == Polygons); err != nil {
			return err
		}
		if r.kind != Polygons {
			continue
		}
		kept := r.out.Close(3)
		if i == 0 {
			exterior = kept
		}
		switch {
		case kept && i > 0 && !exterior: // a hole in nothing
			r.out.Ends = r.out.Ends[:len(r.out.Ends)-1]
			r.out.Pts = r.out.Pts[:r.out.Start()]
		case kept:
			*r.holes = append(*r.holes, i > 0)
		}
	}
	return nil
}

// count reads a number of elements of at least size bytes each.
func (r *wkbReader) count(order binary.ByteOrder, size int) (int, error) {
	if len(r.data) < 4 {
		return 0, errShort
	}
	n := int64(order.Uint32(r.data))
	r.data = r.data[4:]
	if n*int64(size) > int64(len(r.data)) {
		return 0, errShort
	}
	return int(n), nil
}

// points reads n positions; consecutive equal ones are kept once in lines and rings. An empty point has NaN coordinates.
func (r *wkbReader) points(n int, order binary.ByteOrder, ordinates int, keep bool) error {
	size := 8 * ordinates
	if n*size > len(r.data) {
		return errShort
	}
	start := r.out.Start()
	for range n {
		lon := math.Float64frombits(order.Uint64(r.data))
		lat := math.Float64frombits(order.Uint64(r.data[8:]))
		r.data = r.data[size:]
		if !keep {
			continue
		}
		if math.IsNaN(lon) && math.IsNaN(lat) && r.kind == Points {
			continue
		}
		if !(math.Abs(lon) <= lonLimit) || !(math.Abs(lat) <= 90.0001) { // also NaN
			return errDegree
		}
		x, y := project(lon, lat)
		p := planar.Point{X: x, Y: y}
		if last := len(r.out.Pts) - 1; r.kind != Points && last >= start && r.out.Pts[last] == p {
			continue
		}
		r.out.Open(p)
	}
	return nil
}
