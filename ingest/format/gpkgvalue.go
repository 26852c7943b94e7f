package format

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/paulmach/orb"
)

// put appends a value, converted where nothing is lost.
func (r *geopackage) put(to typedColumn, v sqliteValue) bool {
	if v.kind == sqliteText && r.db.utf16 != nil {
		v.b = r.db.utf8(v.b)
	}
	switch c := to.(type) {
	case *fixed[bool]:
		c.put(v.i != 0, v.kind != sqliteNull)
		return v.kind == sqliteNull || v.kind == sqliteInt
	case *fixed[int64]:
		i, ok := v.i, v.kind == sqliteInt
		switch {
		case v.kind == sqliteFloat && v.f == math.Trunc(v.f) && math.Abs(v.f) < 1<<63:
			i, ok = int64(v.f), true
		case v.kind == sqliteText && len(v.b) > 0:
			i, ok = integer(v.b)
		}
		c.put(i, ok)
		return ok || v.kind == sqliteNull
	case *fixed[float64]:
		f, ok := v.f, v.kind == sqliteFloat
		switch {
		case v.kind == sqliteInt:
			f, ok = float64(v.i), true
		case v.kind == sqliteText && len(v.b) > 0:
			f, ok = decimal(v.b)
		}
		c.put(f, ok)
		return ok || v.kind == sqliteNull
	}
	c := to.(*textColumn)
	switch v.kind {
	case sqliteInt, sqliteFloat:
		c.data = append(c.data, r.db.text(v)...)
	case sqliteText:
		if !validUTF8(v.b) {
			return false
		}
		c.data = append(c.data, v.b...)
	}
	c.end()
	return true
}

var errGP = errors.New("not a GeoPackage geometry")

// geometryOf reads a GeoPackage geometry: a header of "GP", version, flags and SRS, an envelope, then WKB (OGC 12-128r19,
// 2.1.3). skip: the envelope or the geometry does not meet the box.
func (r *geopackage) geometryOf(v sqliteValue) (g orb.Geometry, skip bool, err error) {
	if v.kind == sqliteNull {
		return nil, r.box != nil, nil
	}
	b := v.b
	if v.kind != sqliteBlob || len(b) < 8 || b[0] != 'G' || b[1] != 'P' {
		return nil, false, errGP
	}
	flags := b[3]
	if flags&0x20 != 0 {
		return nil, false, errors.New("it is of an extended type that only its writer knows")
	}
	size := [8]int{0, 32, 48, 48, 64}[flags>>1&7]
	if flags>>1&7 > 4 || len(b) < 8+size {
		return nil, false, errGP
	}
	if r.box != nil && size > 0 && flags&1 == 1 {
		at := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b[8+8*i:])) }
		if at(0) > r.box.Max[0] || at(1) < r.box.Min[0] || at(2) > r.box.Max[1] || at(3) < r.box.Min[1] {
			return nil, true, nil
		}
	}
	g, err = r.wkb(b[8+size:])
	return g, err == nil && outsideBox(r.box, g), err
}
