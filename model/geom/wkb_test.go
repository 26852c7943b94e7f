package geom

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
)

func square(x, y, side float64) orb.Ring {
	return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
}

// everyGeometry has one of each type that well-known binary knows.
func everyGeometry() []orb.Geometry {
	return []orb.Geometry{
		orb.Point{1.5, 43.5}, orb.MultiPoint{{1, 2}, {3, 4}}, orb.LineString{{1, 2}, {3, 4}},
		orb.MultiLineString{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}},
		orb.Polygon{square(0, 0, 9), square(1, 1, 2)},
		orb.MultiPolygon{{square(0, 0, 1)}, {square(5, 5, 3), square(6, 6, 1)}},
		orb.Collection{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}, orb.Collection{orb.Point{3, 4}}},
		orb.LineString{}, orb.Polygon{}, orb.MultiPolygon{}, orb.Collection{},
	}
}

func TestWKBComesBackAsItWas(t *testing.T) {
	for _, g := range everyGeometry() {
		b := AppendWKB(nil, g)
		if len(b) != WKBSize(g) {
			t.Errorf("%v: %d bytes, WKBSize says %d", g, len(b), WKBSize(g))
		}
		got, err := DecodeWKB(b)
		if err != nil || !orb.Equal(got, g) {
			t.Errorf("%v came back as %v, %v", g, got, err)
		}
		if theirs, err := wkb.Marshal(g, binary.LittleEndian); err != nil || !reflect.DeepEqual(theirs, b) {
			t.Errorf("%v: orb writes %x, we write %x (%v)", g, theirs, b, err)
		}
	}
}

func TestWKBOfEveryDialectIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"ISO big-endian":   "00000000013ff80000000000004045c00000000000",
		"ISO Z":            "01e9030000000000000000f83f0000000000c04540000000000000f03f",
		"ISO ZM":           "01b90b0000000000000000f83f0000000000c04540000000000000f03f000000000000f03f",
		"EWKB with SRID":   "0101000020e6100000000000000000f83f0000000000c04540",
		"EWKB Z with SRID": "01010000a0e6100000000000000000f83f0000000000c04540000000000000f03f",
		"EWKB M":           "0101000040000000000000f83f0000000000c04540000000000000f03f",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if g, err := DecodeWKB(b); err != nil || g != orb.Geometry(orb.Point{1.5, 43.5}) {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

func TestHostileWKBIsRefusedWithoutBelievingItsCounts(t *testing.T) {
	deep := []byte{}
	for range 1000 {
		deep = append(deep, 1, wkbCollection, 0, 0, 0, 1, 0, 0, 0)
	}
	for name, test := range map[string]struct {
		b    []byte
		want error
	}{
		"nothing":                 {nil, errWKBShort},
		"no such byte order":      {[]byte{7, 1, 0, 0, 0}, errWKBOrder},
		"no such type":            {[]byte{1, 99, 0, 0, 0}, errWKBType},
		"curve":                   {[]byte{1, 8, 0, 0, 0}, errWKBType},
		"point cut short":         {AppendWKB(nil, orb.Point{1, 2})[:20], errWKBShort},
		"four billion points":     {[]byte{1, wkbLineString, 0, 0, 0, 255, 255, 255, 255, 0, 0}, errWKBShort},
		"four billion rings":      {[]byte{1, wkbPolygon, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0}, errWKBShort},
		"four billion parts":      {[]byte{1, wkbCollection, 0, 0, 0, 255, 255, 255, 255}, errWKBShort},
		"a line in a multipoint":  {append([]byte{1, wkbMultiPoint, 0, 0, 0, 1, 0, 0, 0}, AppendWKB(nil, orb.LineString{{1, 2}})...), errWKBType},
		"a thousand levels":       {deep, errWKBDeep},
		"something after the end": {append(AppendWKB(nil, orb.Point{1, 2}), 0), errWKBRest},
	} {
		if g, err := DecodeWKB(test.b); !errors.Is(err, test.want) || g != nil {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

func TestAppendWKBAllocatesNothingWhenThereIsRoom(t *testing.T) {
	buffer := make([]byte, 0, 4096)
	for _, g := range everyGeometry() {
		if n := testing.AllocsPerRun(10, func() { AppendWKB(buffer, g) }); n != 0 {
			t.Errorf("%T: %v allocations", g, n)
		}
	}
}

func TestGeometriesThatBrokeOtherGeneratorsAreJudgedWithoutPanic(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(realdata.Dir(t), "wkb-invalid-geometries", "*.wkb.gz"))
	if err != nil || len(files) == 0 {
		t.Skip("no wkb-invalid-geometries among the real files")
	}
	for _, path := range files {
		g, err := DecodeWKB(realdata.Unzipped(t, "wkb-invalid-geometries/"+filepath.Base(path)))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(path), err)
			continue
		}
		parts := g.(orb.Collection)
		geometries := make([]orb.Geometry, len(parts))
		for i, part := range parts {
			geometries[i] = orb.Clone(part)
		}
		compareWithGEOS(t, geometries)
		for i, part := range parts {
			if cleaned, _, d := CleanPlanar(part, Any); d == nil && Valid(cleaned) != nil {
				t.Errorf("%s part %d: still invalid after cleaning: %v", filepath.Base(path), i, Valid(cleaned))
			}
		}
	}
}

func TestAnyGeometryComesBackFromWKB(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGeometry(t, 3)
		got, err := DecodeWKB(AppendWKB(nil, g))
		if err != nil || !orb.Equal(got, g) {
			t.Fatalf("%v came back as %v, %v", g, got, err)
		}
	})
}

func drawGeometry(t *rapid.T, depth int) orb.Geometry {
	coordinate := rapid.Float64Range(-180, 180)
	points := func() []orb.Point {
		return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) orb.Point {
			return orb.Point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
		}), 0, 6).Draw(t, "points")
	}
	parts := rapid.IntRange(0, 3).Draw(t, "parts")
	switch kind := rapid.IntRange(1, 7).Draw(t, "kind"); kind {
	case wkbPoint:
		return orb.Point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
	case wkbLineString:
		return orb.LineString(points())
	case wkbMultiPoint:
		return orb.MultiPoint(points())
	case wkbMultiLineString:
		g := orb.MultiLineString{}
		for range parts {
			g = append(g, points())
		}
		return g
	case wkbPolygon:
		g := orb.Polygon{}
		for range parts {
			g = append(g, points())
		}
		return g
	case wkbMultiPolygon:
		g := orb.MultiPolygon{}
		for range parts {
			g = append(g, orb.Polygon{points()})
		}
		return g
	}
	g := orb.Collection{}
	for range parts {
		if depth > 0 {
			g = append(g, drawGeometry(t, depth-1))
		}
	}
	return g
}

// FuzzDecodeWKB: no input panics or takes memory out of proportion, what is read is written again, and cleaning it gives
// either a defect or a valid geometry.
func FuzzDecodeWKB(f *testing.F) {
	for _, g := range everyGeometry() {
		f.Add(AppendWKB(nil, g))
	}
	f.Add(AppendWKB(nil, orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}))
	f.Add([]byte{1, wkbPolygon, 0, 0, 0, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		g, err := DecodeWKB(b)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<16+64*uint64(len(b)) {
			t.Fatalf("%d bytes made it allocate %d", len(b), used)
		}
		if err != nil {
			return
		}
		if again, err := DecodeWKB(AppendWKB(nil, g)); err != nil || WKBSize(again) != WKBSize(g) {
			t.Fatalf("%v was written and read as %v, %v", g, again, err)
		}
		cleaned, _, d := CleanPlanar(g, Any)
		if (d == nil) != (cleaned != nil) {
			t.Fatalf("cleaned %v, defect %v", cleaned, d)
		}
		if d == nil {
			if again := Valid(cleaned); again != nil {
				t.Fatalf("cleaned %v is invalid: %v", cleaned, again)
			}
		}
	})
}
