package format

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/encoding/wkt"
	"pgregory.net/rapid"
)

// numbers of every length and exponent, those that fall between two floats included.
var numbers = rapid.OneOf(
	rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?`),
	rapid.StringMatching(`-?[0-9]{1,3}\.[0-9]{5,17}`),
	rapid.Custom(func(t *rapid.T) string {
		return strconv.FormatFloat(rapid.Float64().Draw(t, "v"), byte(rapid.SampledFrom([]rune("feg")).Draw(t, "f")), -1, 64)
	}),
)

func TestNumbersAreReadAsTheStandardLibraryReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, s := range rapid.SliceOfN(numbers, 200, 200).Draw(t, "texts") {
			if strings.ContainsAny(s, "NI") {
				continue
			}
			want, _ := strconv.ParseFloat(s, 64)
			got, end, ok := number([]byte(s+"\x00"), 0)
			if !ok || end != len(s) || math.Float64bits(got) != math.Float64bits(want) {
				t.Fatalf("%s: %v at %d (%v), want %v", s, got, end, ok, want)
			}
		}
	})
	for _, s := range []string{"", "-", ".", "e5", "1e", "1e+", "abc"} {
		if v, _, ok := number([]byte(s+"\x00"), 0); ok {
			t.Errorf("%q is read as %v", s, v)
		}
	}
}

// shapes are geometries of all types, nested collections included, as they can be written in every format.
func shapes(depth int) *rapid.Generator[orb.Geometry] {
	at := rapid.Custom(func(t *rapid.T) orb.Point {
		return orb.Point{rapid.Float64Range(-180, 180).Draw(t, "x"), rapid.Float64Range(-90, 90).Draw(t, "y")}
	})
	points := rapid.SliceOfN(at, 2, 6)
	line := rapid.Map(points, func(p []orb.Point) orb.LineString { return p })
	ring := rapid.Map(points, func(p []orb.Point) orb.Ring { return append(p, p[0]) })
	polygon := rapid.Map(rapid.SliceOfN(ring, 1, 3), func(r []orb.Ring) orb.Polygon { return r })
	all := []*rapid.Generator[orb.Geometry]{
		rapid.Map(at, func(g orb.Point) orb.Geometry { return g }),
		rapid.Map(line, func(g orb.LineString) orb.Geometry { return g }),
		rapid.Map(polygon, func(g orb.Polygon) orb.Geometry { return g }),
		rapid.Map(points, func(g []orb.Point) orb.Geometry { return orb.MultiPoint(g) }),
		rapid.Map(rapid.SliceOfN(line, 1, 3), func(g []orb.LineString) orb.Geometry { return orb.MultiLineString(g) }),
		rapid.Map(rapid.SliceOfN(polygon, 1, 3), func(g []orb.Polygon) orb.Geometry { return orb.MultiPolygon(g) }),
	}
	if depth > 0 {
		all = append(all, rapid.Map(rapid.SliceOfN(shapes(depth-1), 0, 3), func(g []orb.Geometry) orb.Geometry { return orb.Collection(g) }))
	}
	return rapid.OneOf(all...)
}

func TestAGeometryIsTheSameInEachNotation(t *testing.T) {
	var l locator
	rapid.Check(t, func(t *rapid.T) {
		g := shapes(2).Draw(t, "g")
		want := wkt.MarshalString(g)
		binary := wkb.MustMarshal(g)
		text := geojsonText(g)
		for name, cell := range map[string]string{
			"WKT": want, "lower-case WKT": strings.ToLower(want), "EWKT": "SRID=2154;" + want,
			"hexadecimal WKB": hex.EncodeToString(binary), "GeoJSON": text, "padded": " " + want + "\n",
		} {
			got, err := l.fromText([]byte(cell))
			if err != nil {
				t.Fatalf("%s %s: %v", name, cell, err)
			}
			if wkt.MarshalString(got) != want {
				t.Fatalf("%s: got %s, want %s", name, wkt.MarshalString(got), want)
			}
		}
	})
}

// geojsonText relies on orb's types being nested arrays.
func geojsonText(g orb.Geometry) string {
	if c, ok := g.(orb.Collection); ok {
		parts := make([]string, len(c))
		for i, p := range c {
			parts[i] = geojsonText(p)
		}
		return `{"geometries":[` + strings.Join(parts, ",") + `],"type":"GeometryCollection"}`
	}
	coordinates, _ := json.Marshal(g)
	return fmt.Sprintf(`{"coordinates":%s,"type":%q}`, coordinates, g.GeoJSONType())
}

func TestZAndMAreDropped(t *testing.T) {
	var l locator
	for cell, want := range map[string]string{
		"POINT Z (1 2 3)":                            "POINT(1 2)",
		"POINTZM(1 2 3 4)":                           "POINT(1 2)",
		"LineString M (1 2 3, 4 5 6)":                "LINESTRING(1 2,4 5)",
		"MULTIPOINT ((1 2),(3 4))":                   "MULTIPOINT((1 2),(3 4))",
		"MULTIPOINT Z (1 2 3, 3 4 5)":                "MULTIPOINT((1 2),(3 4))",
		"POLYGON EMPTY":                              "POLYGON EMPTY",
		"MULTIPOLYGON Z EMPTY":                       "MULTIPOLYGON EMPTY",
		"GEOMETRYCOLLECTION(POINT Z(1 2 3))":         "GEOMETRYCOLLECTION(POINT(1 2))",
		"01E9030000" + ordinates(1, 2, 3):            "POINT(1 2)", // ISO Z: 1001
		"01B90B0000" + ordinates(1, 2, 3, 4):         "POINT(1 2)", // ISO ZM: 3001
		"0101000080" + ordinates(1, 2, 3):            "POINT(1 2)", // EWKB Z
		"01010000E0E6100000" + ordinates(1, 2, 3, 4): "POINT(1 2)", // EWKB ZM with SRID
		"00000000013FF00000000000004000000000000000": "POINT(1 2)", // big endian
		`{"type":"Point","coordinates":[1,2,3]}`:     "POINT(1 2)",
	} {
		g, err := l.fromText([]byte(cell))
		if err != nil {
			t.Errorf("%s: %v", cell, err)
			continue
		}
		expect(t, cell, wkt.MarshalString(g), want)
	}
	for _, empty := range []string{"", "  ", "POINT EMPTY", "0101000000" + ordinates(math.NaN(), math.NaN()), "null"} {
		if empty == "null" {
			continue
		}
		if g, err := l.fromText([]byte(empty)); g != nil || err != nil {
			t.Errorf("%q gives %v, %v; want no geometry", empty, g, err)
		}
	}
}

func ordinates(values ...float64) string {
	var b []byte
	for _, v := range values {
		bits := math.Float64bits(v)
		for i := range 8 {
			b = append(b, byte(bits>>(8*i)))
		}
	}
	return hex.EncodeToString(b)
}

func TestWhatIsNoGeometryIsRefused(t *testing.T) {
	var l locator
	for _, cell := range []string{
		"POINT", "POINT(1)", "POINT(1 2", "POINT(1 2) x", "POINT(1 2, 3 4)", "POINT(x y)", "POLYGON(0 0,1 1)", "LINESTRING((0 0),(1 1))",
		"POINT(1e999 2)", "CURVE(1 2)", "GEOMETRYCOLLECTION(POINT(1 2)", "POLYGON abc((0 0,1 1,2 2,0 0))", "SRID=4326 POINT(1 2)",
		"0101000000", "01010000000000000000000000", "0xyz000000000", "01070000000500000001", "0103000000FFFFFFFF",
		"0102000000FFFFFFFF" + ordinates(1, 2), "01040000000100000001020000000000000000", strings.Repeat("GEOMETRYCOLLECTION(", 1000),
		`{"type":"Point"}`, `{"type":"Point","coordinates":[1,2]} x`, `{`, `{"type":"GeometryCollection"}`,
		`{"type":"Polygon","coordinates":[[[[[1,2]]]]]}`, strings.Repeat(`{"type":"GeometryCollection","geometries":[`, 100),
	} {
		if g, err := l.fromText([]byte(cell)); err == nil {
			t.Errorf("%.60q is read as %v", cell, g)
		}
	}
}

func TestEscapesAreThoseOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "s")
		raw, _ := json.Marshal(want)
		got, ok := unescape(nil, raw[1:len(raw)-1])
		if valid := strings.ToValidUTF8(want, "\uFFFD"); !ok || string(got) != valid && string(got) != want {
			t.Fatalf("%s: %q (%v), want %q", raw, got, ok, want)
		}
	})
	for in, want := range map[string]string{`\ud83d`: "\uFFFD", `\ud83dx`: "\uFFFDx", `\udc02\ud83d`: "\uFFFD\uFFFD", `\ud83d\u0041`: "\uFFFDA"} {
		got, ok := unescape(nil, []byte(in))
		expect(t, in, fmt.Sprintf("%q %v", got, ok), fmt.Sprintf("%q true", want))
	}
	for _, in := range []string{`\`, `\x`, `\u12`, `\u12g4`} {
		if got, ok := unescape(nil, []byte(in)); ok {
			t.Errorf("%q is read as %q", in, got)
		}
	}
}

// The grammar is that of encoding/json, but for raw control characters in strings and Python's NaN and Infinity.
func TestJSONValuesAreThoseOfTheStandardLibrary(t *testing.T) {
	alphabet := rapid.SampledFrom([]string{"{", "}", "[", "]", `"a"`, ":", ",", "1", "-0", "01", "1.", "1.5e3", "true", "nul", "null", " ", `"\u0041"`, `"b":`})
	rapid.Check(t, func(t *rapid.T) {
		for _, tokens := range rapid.SliceOfN(rapid.SliceOfN(alphabet, 1, 12), 100, 100).Draw(t, "texts") {
			s := strings.Join(tokens, "")
			b := []byte(s + "\x00")
			end, ok := valueEnd(b, space(b, 0), 0)
			ok = ok && space(b, end) == len(s)
			if want := json.Valid([]byte(s)); ok != want {
				t.Fatalf("%s: valid %v, want %v", s, ok, want)
			}
		}
	})
}

func TestDecodersKnowTheManyNamesOfEncodings(t *testing.T) {
	for name, want := range map[string]string{
		"UTF-8": "utf-8", "utf8": "utf-8", "65001": "utf-8", "1252": "windows-1252", "ANSI 1252": "windows-1252", "CP1252": "windows-1252",
		"ISO-8859-1": "windows-1252", "ISO 88591": "windows-1252", "88591": "windows-1252", "latin1": "windows-1252", "8859_1": "windows-1252",
		"OEM 850": "ibm-code-page-850", "ISO-8859-15": "iso-8859-15", "": "", "LDID/87": "?",
	} {
		d, err := newDecoder(name)
		got := "?"
		if err == nil {
			got = d.name
		}
		expect(t, name, got, want)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	d, _ := newDecoder("windows-1252")
	out, ok := d.append(nil, all)
	if !ok || !utf8.Valid(out) {
		t.Errorf("Windows-1252 does not decode every byte: %v", ok)
	}
}
