package format

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/paulmach/orb"
)

// locator makes the geometry of a table's row from its cells.
type locator struct {
	shaper
	wkt, x, y int // which cells, -1: not this way
	comma     bool
	scratch   []byte
}

// fromText reads the geometry of one cell: well-known text, hexadecimal WKB or a GeoJSON object. An empty cell is no
// geometry.
func (l *locator) fromText(cell []byte) (orb.Geometry, error) {
	cell = bytes.TrimSpace(cell)
	if len(cell) == 0 {
		return nil, nil
	}
	switch {
	case cell[0] == '{':
		b := l.terminated(cell)
		g, end, reason := l.geojson(b, 0, 0)
		if reason != "" {
			return nil, errors.New(reason)
		}
		if end != len(b)-1 {
			return nil, errors.New("text follows the GeoJSON geometry")
		}
		return g, nil
	case cell[0] == '0' && len(cell) >= 10:
		l.scratch = append(l.scratch[:0], cell...)
		n, err := hex.Decode(l.scratch, cell)
		if err != nil {
			return nil, errWKB
		}
		return l.wkb(l.scratch[:n])
	}
	return l.shaper.wkt(l.terminated(cell))
}

func (l *locator) terminated(cell []byte) []byte {
	l.scratch = append(append(l.scratch[:0], cell...), 0)
	return l.scratch
}

// fromXY reads a point from its two cells. Both empty: no geometry. When both are the same column, the cell holds
// "latitude, longitude".
func (l *locator) fromXY(x, y []byte) (orb.Geometry, error) {
	x, y = bytes.TrimSpace(x), bytes.TrimSpace(y)
	if len(x) == 0 && len(y) == 0 {
		return nil, nil
	}
	if l.x == l.y {
		lat, lon, ok := bytes.Cut(x, []byte{','})
		if !ok {
			return nil, fmt.Errorf("%.40q is not \"latitude, longitude\"", x)
		}
		x, y = bytes.TrimSpace(lon), bytes.TrimSpace(lat)
	}
	var p orb.Point
	for k, cell := range [][]byte{x, y} {
		v, ok := l.ordinate(cell)
		if !ok {
			return nil, fmt.Errorf("coordinate %.40q is not a number", cell)
		}
		p[k] = v
	}
	l.made++
	return p, nil
}

// ordinate reads one coordinate. A comma is a decimal sign when declared, and when there is exactly one and no point.
func (l *locator) ordinate(cell []byte) (float64, bool) {
	b := l.terminated(cell)
	if c := bytes.IndexByte(b, ','); c >= 0 && (l.comma || bytes.IndexByte(b, '.') < 0) && bytes.IndexByte(b[c+1:], ',') < 0 {
		b[c] = '.'
	}
	v, end, ok := number(b, 0)
	return v, ok && end == len(b)-1 && finite(v)
}

// located reads the geometry of a row; cell gives the decoded bytes of a cell.
func (l *locator) located(cell func(int) []byte) (orb.Geometry, error) {
	if l.wkt >= 0 {
		return l.fromText(cell(l.wkt))
	}
	x := cell(l.x)
	if l.x == l.y {
		return l.fromXY(x, x)
	}
	return l.fromXY(x, cell(l.y))
}

// geometryNames are column names under which a table's geometry goes when the declaration does not name it.
var geometryNames = []string{"geometry", "geom", "wkt", "the_geom", "wkb_geometry", "geo_shape", "geo shape", "geojson"}

// find resolves the declared columns among names; column is the index of an exact name, or -1.
func (opt Options) find(names []string) (wkt, x, y int, err error) {
	wkt, x, y = -1, -1, -1
	g := opt.Geometry
	if g == nil {
		return wkt, x, y, nil
	}
	index := func(name string) int {
		for i, n := range names {
			if n == name {
				return i
			}
		}
		if err == nil {
			err = invalid(suggest(name, names), "there is no column %q for the geometry", name)
		}
		return -1
	}
	switch {
	case g.WKT != "":
		wkt = index(g.WKT)
	case g.X != "" || g.Y != "":
		x, y = index(g.X), index(g.Y)
	default:
		for _, want := range geometryNames {
			for i, n := range names {
				if strings.EqualFold(n, want) && wkt < 0 {
					wkt = i
				}
			}
		}
		if wkt < 0 {
			err = invalid("name its columns: `x` and `y`, or `wkt`; the file has "+list(names),
				"the declaration asks for a geometry, and no column looks like one")
		}
	}
	return wkt, x, y, err
}

func suggest(name string, names []string) string {
	for _, n := range names {
		if strings.EqualFold(strings.TrimSpace(n), strings.TrimSpace(name)) {
			return fmt.Sprintf("write %q, as in the file", n)
		}
	}
	return "use one of " + list(names)
}

// list writes the first names of a list.
func list(names []string) string {
	const most = 12
	quoted := make([]string, 0, most+1)
	for i, n := range names {
		if i == most {
			quoted = append(quoted, fmt.Sprintf("… (%d in all)", len(names)))
			break
		}
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	return strings.Join(quoted, ", ")
}
