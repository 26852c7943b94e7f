package zone

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// GridCell is a square of INSEE's grid: the plane of EPSG:3035 cut every Size metres. A cell holds its southern and western
// edge, so that every place is in exactly one cell.
type GridCell struct {
	Size int   // side in metres
	N, E int32 // northing and easting of the south-west corner, metres
}

const cellPrefix = "CRS3035RES"

var errCell = errors.New("zone: not the id of a grid cell (CRS3035RES200mN2029800E4252400)")

// limits of a cell: the corners that EPSG:3035 gives to Europe have at most seven digits.
const (
	maxCorner = 9_999_999
	maxSize   = 100_000
)

// ParseCell reads an id as INSEE writes it (Filosofi, idINSPIRE), of any size.
func ParseCell(id string) (GridCell, error) {
	rest, ok := strings.CutPrefix(id, cellPrefix)
	if !ok {
		return GridCell{}, errCell
	}
	size, rest, okSize := strings.Cut(rest, "mN")
	north, east, okCorner := strings.Cut(rest, "E")
	if !okSize || !okCorner {
		return GridCell{}, errCell
	}
	s, okS := digits(size, maxSize)
	n, okN := digits(north, maxCorner)
	e, okE := digits(east, maxCorner)
	if !okS || !okN || !okE || s == 0 || n%s != 0 || e%s != 0 {
		return GridCell{}, errCell
	}
	return GridCell{Size: s, N: int32(n), E: int32(e)}, nil
}

// digits reads a decimal number without sign or leading zero.
func digits(s string, most int) (int, bool) {
	if s == "" || len(s) > 7 || s[0] == '0' && s != "0" {
		return 0, false
	}
	v := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = 10*v + int(s[i]-'0')
	}
	return v, v <= most
}

// String is the id as INSEE writes it.
func (c GridCell) String() string {
	b := make([]byte, 0, 32)
	b = append(b, cellPrefix...)
	b = strconv.AppendInt(b, int64(c.Size), 10)
	b = append(b, "mN"...)
	b = strconv.AppendInt(b, int64(c.N), 10)
	b = append(b, 'E')
	return string(strconv.AppendInt(b, int64(c.E), 10))
}

// CellAt is the cell of the given size that holds a place in degrees; false outside the grid.
func CellAt(lonlat orb.Point, size int) (GridCell, bool) {
	x, y := crs.LAEAEurope.FromLonLat(lonlat[0], lonlat[1])
	e, n := math.Floor(x/float64(size))*float64(size), math.Floor(y/float64(size))*float64(size)
	if !(e >= 0 && e <= maxCorner && n >= 0 && n <= maxCorner) {
		return GridCell{}, false
	}
	return GridCell{Size: size, N: int32(n), E: int32(e)}, true
}

// corner identifies the cell among those of its size.
func (c GridCell) corner() uint64 { return uint64(c.N)<<32 | uint64(c.E) }

// Parent is the cell of a coarser grid that holds c; its size must be a multiple of c's.
func (c GridCell) Parent(size int) GridCell {
	s := int32(size)
	return GridCell{Size: size, N: c.N / s * s, E: c.E / s * s}
}

// square is the cell in EPSG:3035, wound counter-clockwise.
func (c GridCell) square() orb.Polygon {
	w, s, d := float64(c.E), float64(c.N), float64(c.Size)
	return orb.Polygon{{{w, s}, {w + d, s}, {w + d, s + d}, {w, s + d}, {w, s}}}
}

// Polygon is the cell in degrees by its four corners: between them, the edge of a cell of 200 m departs from the straight line
// by about 1 mm, of 1 km by 2 cm.
func (c GridCell) Polygon() orb.Polygon {
	p := c.square()
	for i, corner := range p[0] {
		p[0][i][0], p[0][i][1] = crs.LAEAEurope.ToLonLat(corner[0], corner[1])
	}
	return p
}

// Center in degrees.
func (c GridCell) Center() orb.Point {
	half := float64(c.Size) / 2
	lon, lat := crs.LAEAEurope.ToLonLat(float64(c.E)+half, float64(c.N)+half)
	return orb.Point{lon, lat}
}

// Grid makes a system of the cells with the given ids, all of one size. An id that comes several times is one cell.
func Grid(spec Spec, size int, ids []string) (*System, error) {
	s := &System{ID: spec.ID, Title: spec.Title, Kind: Cell, size: size}
	seen := make(map[GridCell]bool, len(ids))
	for _, id := range ids {
		c, err := ParseCell(id)
		if err != nil || c.Size != size {
			return nil, s.invalid(strconv.Quote(id)+" is not the id of a cell of "+strconv.Itoa(size)+" m",
				"ids look like "+GridCell{Size: size, N: 2029000, E: 4252000}.String())
		}
		if seen[c] {
			continue
		}
		seen[c] = true
		polygon := c.Polygon()
		s.Zones = append(s.Zones, Zone{
			ID: id, Geometry: polygon, Label: c.Center(), Bound: polygon.Bound(), Area: float64(size) * float64(size),
		})
	}
	return s, s.finish()
}
