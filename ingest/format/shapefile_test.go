package format

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
	"jumeau/model/crs"
)

// shp writes a .shp file of the given record contents.
func shp(kind uint32, contents ...[]byte) []byte {
	head := make([]byte, shpHeader)
	binary.BigEndian.PutUint32(head, 9994)
	binary.LittleEndian.PutUint32(head[28:], 1000)
	binary.LittleEndian.PutUint32(head[32:], kind)
	out := head
	for i, c := range contents {
		out = binary.BigEndian.AppendUint32(out, uint32(i+1))
		out = binary.BigEndian.AppendUint32(out, uint32(len(c)/2))
		out = append(out, c...)
	}
	binary.BigEndian.PutUint32(out[24:], uint32(len(out)/2))
	return out
}

func le(values ...any) (out []byte) {
	for _, v := range values {
		switch v := v.(type) {
		case int:
			out = binary.LittleEndian.AppendUint32(out, uint32(v))
		case float64:
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		case orb.Point:
			out = append(out, le(v[0], v[1])...)
		}
	}
	return out
}

// parts is the content of a PolyLine (3) or Polygon (5), or of their Z (+10) and M (+20) kinds.
func parts(kind int, rings ...[]orb.Point) []byte {
	out := le(kind, 0.0, 0.0, 0.0, 0.0, len(rings), 0)
	n := 0
	for _, r := range rings {
		out = append(out, le(n)...)
		n += len(r)
	}
	binary.LittleEndian.PutUint32(out[40:], uint32(n))
	for _, r := range rings {
		for _, p := range r {
			out = append(out, le(p)...)
		}
	}
	for range kind / 10 * (n + 2) { // Z or M: range and values
		out = append(out, le(7.5)...)
	}
	return out
}

type column struct {
	name         string
	kind         byte
	size, places int
}

// dbf writes a dBase table; a row that begins with "*" is deleted.
func dbf(page byte, columns []column, rows ...[]string) []byte {
	size := 1
	for _, c := range columns {
		size += c.size
	}
	out := make([]byte, dbfHeader)
	out[0], out[1], out[2], out[3], out[29] = 3, 124, 1, 1, page
	binary.LittleEndian.PutUint32(out[4:], uint32(len(rows)))
	binary.LittleEndian.PutUint16(out[8:], uint16(dbfHeader*(len(columns)+1)+1))
	binary.LittleEndian.PutUint16(out[10:], uint16(size))
	for _, c := range columns {
		d := make([]byte, dbfHeader)
		copy(d, c.name)
		d[11], d[16], d[17] = c.kind, byte(c.size), byte(c.places)
		out = append(out, d...)
	}
	out = append(out, '\r')
	for _, row := range rows {
		mark := " "
		if row[0] == "*" {
			mark, row = "*", row[1:]
		}
		out = append(out, mark...)
		for i, c := range columns {
			out = append(out, fmt.Sprintf("%-*s", c.size, row[i])[:c.size]...)
		}
	}
	return append(out, 0x1a)
}

// folder writes a Shapefile's parts, given as extension and content, and returns the folder.
func folder(t testing.TB, parts map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for ext, content := range parts {
		if err := os.WriteFile(filepath.Join(dir, "x"+ext), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var pointAt = func(x float64) []byte { return le(1, x, 2.0) }

func TestDBaseTypesBecomeArrowTypes(t *testing.T) {
	columns := []column{{"C", 'C', 6, 0}, {"N", 'N', 6, 0}, {"F", 'N', 8, 2}, {"D", 'D', 8, 0}, {"L", 'L', 1, 0}, {"X", 'F', 8, 3}}
	dir := folder(t, map[string][]byte{".shp": shp(1, pointAt(1), pointAt(2), pointAt(3)), ".dbf": dbf(0x57, columns,
		[]string{"Lab\xe8ge", "  12", "   -1.50", "20240229", "T", "1e3"},
		[]string{"", "", "********", "00000000", "?", ""},
		[]string{" x ", "12.000", "1,5", "        ", "n", "-0.0"})})
	got := mustRead(t, dir, Options{})
	expect(t, "rows", got.rows(), "Labège|12|-1.5|2024-02-29|true|1000 / ||||| /  x|12|1.5||false|-0")
	for i, want := range []arrow.DataType{arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64,
		arrow.FixedWidthTypes.Date32, arrow.FixedWidthTypes.Boolean, arrow.PrimitiveTypes.Float64} {
		if got.info.Columns[i].Type.ID() != want.ID() {
			t.Errorf("column %s is %s, want %s", got.names[i], got.info.Columns[i].Type, want)
		}
	}
	expect(t, "geometry", got.shapes(), "POINT(1 2) POINT(2 2) POINT(3 2)")
	expect(t, "selected", mustRead(t, dir, Options{}, "N", "C").rows(), "12|Labège / | / 12| x")
}

func TestDeletedRowsNullShapesAndBadCellsAreKeptApart(t *testing.T) {
	columns := []column{{"N", 'N', 4, 0}, {"D", 'D', 8, 0}}
	dir := folder(t, map[string][]byte{
		".shp": shp(1, pointAt(1), pointAt(2), le(0), pointAt(4), pointAt(5), le(1, math.NaN(), 2.0), le(1, 1.0)),
		".dbf": dbf(0, columns, []string{"1", ""}, []string{"*", "2", ""}, []string{"3", ""}, []string{"four", ""},
			[]string{"5", "20241301"}, []string{"6", ""}, []string{"7", ""})})
	got := mustRead(t, dir, Options{})
	expect(t, "rows", describe(got)+" "+got.shapes(),
		"1| / 3|; value_unreadable on 4; value_unreadable on 5; geometry_unreadable on 6; geometry_unreadable on 7 POINT(1 2) -")
	expect(t, "unread columns harm nobody", describe(mustRead(t, dir, Options{}, "N")),
		"1 / 3 / 5; value_unreadable on 4; geometry_unreadable on 6; geometry_unreadable on 7")
	expect(t, "record numbers", fmt.Sprint(got.line), "[1 3]")
}

func TestEncodingComesFromCpgThenLanguageDriverThenContent(t *testing.T) {
	columns := []column{{"C", 'C', 8, 0}}
	for name, c := range map[string]struct {
		page           byte
		cpg, cell, opt string
		want           string
	}{
		"cpg":                    {0x57, "UTF-8", "Labège", "", "Labège"},
		"language driver":        {0x02, "", "Lab\x8age", "", "Labège"},
		"content, Windows-1252":  {0, "", "Lab\xe8ge", "", "Labège"},
		"content, UTF-8":         {0, "", "Labège", "", "Labège"},
		"declared":               {0x57, "", "Labège", "utf-8", "Labège"},
		"cut inside a character": {0, "UTF-8", "Labègeé", "", "Labège"},
		"an unknown cpg":         {0x57, "nonsense", "\x80", "", "€"},
	} {
		dir := folder(t, map[string][]byte{".shp": shp(1, pointAt(1)), ".cpg": []byte(c.cpg + "\n"),
			".dbf": dbf(c.page, columns, []string{c.cell})})
		expect(t, name, mustRead(t, dir, Options{Encoding: c.opt}).rows(), c.want)
	}
}

func TestShapesOfEveryKindAreReadInTwoDimensions(t *testing.T) {
	a, b := []orb.Point{{0, 0}, {0, 4}, {4, 4}, {4, 0}, {0, 0}}, []orb.Point{{1, 1}, {2, 1}, {2, 2}, {1, 1}}
	multipoint := append(le(8, 0.0, 0.0, 0.0, 0.0, 2), le(orb.Point{1, 2}, orb.Point{3, 4})...)
	for want, content := range map[string][]byte{
		"POINT(1 2)":                  le(11, 1.0, 2.0, 3.0, 4.0),
		"POINT(2 2)":                  le(21, 2.0, 2.0, 3.0),
		"MULTIPOINT((1 2),(3 4))":     multipoint,
		"LINESTRING(1 1,2 1,2 2,1 1)": parts(13, b),
		"MULTILINESTRING((0 0,0 4,4 4,4 0,0 0),(1 1,2 1,2 2,1 1))": parts(23, a, b),
		"POLYGON((0 0,0 4,4 4,4 0,0 0),(1 1,2 1,2 2,1 1))":         parts(15, b, a),
		"POLYGON((0 0,0 4,4 4,4 0,0 0))":                           parts(5, a),
		"-":                                                        parts(5),
	} {
		dir := folder(t, map[string][]byte{".shp": shp(binary.LittleEndian.Uint32(content), content)})
		expect(t, "shape", mustRead(t, dir, Options{}).shapes(), want)
	}
	for name, content := range map[string][]byte{
		"multipatch": le(31, 0.0), "unknown type": le(7, 0.0), "too many parts": le(5, 0.0, 0.0, 0.0, 0.0, 1<<30, 4),
		"too many points": le(8, 0.0, 0.0, 0.0, 0.0, -1), "parts out of order": parts(5, a, b)[:44],
		"far parts": le(3, 0.0, 0.0, 0.0, 0.0, 1, 1, 9, 1.0, 1.0),
	} {
		got := mustRead(t, folder(t, map[string][]byte{".shp": shp(5, content)}), Options{})
		expect(t, name, got.codes(), BadGeometry)
	}
}

// square turns clockwise.
func square(x, y, half float64) []orb.Point {
	return []orb.Point{{x - half, y - half}, {x - half, y + half}, {x + half, y + half}, {x + half, y - half}, {x - half, y - half}}
}

// Nested squares in any order and direction make the same area: what is inside an odd number of others is a hole.
func TestRingsFindTheirPlaceInAnyOrder(t *testing.T) {
	turned := func(r []orb.Point) []orb.Point {
		out := make([]orb.Point, len(r))
		for i := range r {
			out[len(r)-1-i] = r[i]
		}
		return out
	}
	// Two islands, each with a lake, in which lies an island with a pond; the lakes touch their shores.
	var shells, holes [][]orb.Point
	area := 0.0
	for _, x := range []float64{0, 100} {
		shells = append(shells, square(x, 0, 40), square(x, 0, 10))
		lake := []orb.Point{{x - 20, -20}, {x + 40, 0}, {x - 20, 20}, {x - 20, -20}}
		holes = append(holes, lake, square(x, 0, 5))
		area += 80*80 - 60*40/2 + 20*20 - 10*10
	}
	rapid.Check(t, func(rt *rapid.T) {
		same := rapid.Bool().Draw(rt, "all turn the same way")
		rings := append([][]orb.Point{}, shells...)
		for _, h := range holes {
			if planar.Area(orb.Ring(h)) < 0 != same {
				h = turned(h)
			}
			rings = append(rings, h)
		}
		rings = rapid.Permutation(rings).Draw(rt, "order")
		var s shaper
		g, err := s.shape(parts(5, rings...))
		if err != nil {
			rt.Fatal(err)
		}
		m, ok := g.(orb.MultiPolygon)
		if !ok || len(m) != 4 {
			rt.Fatalf("%T of %d, want 4 polygons", g, len(m))
		}
		for _, p := range m {
			if len(p) != 2 {
				rt.Fatalf("a polygon of %d rings", len(p))
			}
		}
		if got := planar.Area(m); math.Abs(got-area) > 1e-9 {
			rt.Fatalf("area %v, want %v", got, area)
		}
	})
}

func TestAShapefileMayLackItsIndexItsTableAndItsProjection(t *testing.T) {
	got := mustRead(t, folder(t, map[string][]byte{".SHP": shp(1, pointAt(1))}), Options{})
	expect(t, "only .shp", got.shapes()+got.info.CRS.Code(), "POINT(1 2)")
	dir := folder(t, map[string][]byte{".shp": shp(1, pointAt(1)), ".DBF": dbf(0, []column{{"A", 'N', 3, 0}}, []string{"7"}), ".Prj": []byte("EPSG:3035")})
	got = mustRead(t, filepath.Join(dir, "x.shp"), Options{})
	expect(t, "other cases of letters", got.rows()+got.info.CRS.Code(), "7EPSG:3035")
	lambert, _ := crs.Parse("EPSG:2154")
	got = mustRead(t, realdata.Path(t, "sf-samples/nc.shp"), Options{CRS: lambert})
	expect(t, "a .prj that is not supported leaves the word to the declaration", got.info.CRS.Code()+" "+got.info.CRSText, "EPSG:2154 GCS_North_American_1927")
	_, err := read(realdata.Path(t, "flatgeobuf-suite/countries.shp"), Options{CRS: lambert})
	expectError(t, err, "the declaration says EPSG:2154")
	got = mustRead(t, realdata.Path(t, "flatgeobuf-suite/countries.shx"), Options{})
	if len(got.cells) != 179 {
		t.Errorf("the index leads to %d rows", len(got.cells))
	}
	expect(t, "repeated names", strings.Join(mustRead(t, realdata.Path(t, "vector-edge-cases/duplicate-fields.shp"), Options{}).names, " "), "id DDDDDDDDDD DDDDDDDDDD_2")
}

func TestDamagedShapefilesAreErrorsOrBads(t *testing.T) {
	columns := []column{{"A", 'N', 3, 0}}
	whole, table := shp(1, pointAt(1), pointAt(2)), dbf(0, columns, []string{"1"}, []string{"2"})
	for name, c := range map[string]struct {
		shp, dbf []byte
		word     string
	}{
		"header only":           {whole[:50], table, "Shapefile header"},
		"cut in a shape":        {whole[:len(whole)-3], table, "ends inside record 2"},
		"cut between shapes":    {whole[:len(whole)-28], table, "ends inside record 2"},
		"cut in a row":          {whole, table[:len(table)-3], "ends inside record 2"},
		"cut in the header":     {whole, table[:40], "header of the .dbf"},
		"empty table":           {whole, nil, "too short"},
		"fields beyond the row": {whole, dbf(0, []column{{"A", 'N', 3, 0}})[:10], "too short"},
		"a record of length 0":  {append(append([]byte{}, whole[:104]...), 0, 0, 0, 0, 1, 0, 0, 0), table, "length of a record of the .shp"},
	} {
		_, err := read(folder(t, map[string][]byte{".shp": c.shp, ".dbf": c.dbf}), Options{Member: "x.shp"})
		if name == "header only" { // not even recognised
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: %v, want %q", name, err, c.word)
		}
	}
	got := mustRead(t, folder(t, map[string][]byte{".shp": whole, ".dbf": dbf(0, columns, []string{"1"})}), Options{})
	expect(t, "more shapes than rows", describe(got), "1; record_unreadable on 2")
	got = mustRead(t, folder(t, map[string][]byte{".shp": whole, ".dbf": dbf(0, columns, []string{"1"}, []string{"2"}, []string{"3"})}), Options{})
	expect(t, "more rows than shapes", describe(got), "1 / 2; record_unreadable on 3")
}
