package format

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"jumeau/model/crs"
)

const point = `{"type":"Feature","properties":{"a":%d},"geometry":{"type":"Point","coordinates":[%d,2]}}`

func collection(features ...string) string {
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + `]}`
}

func TestMembersMayComeInAnyOrder(t *testing.T) {
	got := readText(t, `{"features":[
		{"properties":{"a":1},"geometry":{"coordinates":[1,2],"type":"Point"},"type":"Feature"},
		{"geometry":null,"type":"Feature","properties":null},
		{"bbox":[0,0,1,1],"id":"x","type":"Feature","geometry":{"bbox":[],"type":"LineString","coordinates":[[0,0],[1,1,5]]},"properties":{"b":"é"}}
	],"name":"n","type":"FeatureCollection"}`, Options{}, "id", "a", "b")
	expect(t, "rows", got.rows(), "|1| / || / x||é")
	expect(t, "geometry", got.shapes(), "POINT(1 2) - LINESTRING(0 0,1 1)")
	expect(t, "lines", fmt.Sprint(got.line), "[2 3 4]")
}

func TestPropertiesBecomeTexts(t *testing.T) {
	got := readText(t, collection(`{"type":"Feature","geometry":null,"properties":
		{"n":1.50,"big":12345678901234567890,"e":1E5,"t":true,"s":"a\n\"\u00e9\ud83d\udc02","empty":"","null":null,"nan":NaN,
		 "list":[1, {"x":2}],"o":{"p":1,"q":{"r":"deep"}},"o.s":"flat","":"nameless"}}`), Options{})
	want := map[string]string{"n": "1.50", "big": "12345678901234567890", "e": "1E5", "t": "true", "s": "a\n\"é🐂", "empty": "",
		"null": "", "nan": "", "list": `[1, {"x":2}]`, "o.p": "1", "o.q.r": "deep", "o.s": "flat", "": "nameless"}
	if len(got.names) != len(want) {
		t.Errorf("columns %q", got.names)
	}
	for name, value := range want {
		if c := got.column(name); c < 0 || got.cells[0][c] != value {
			t.Errorf("column %q among %q does not hold %q", name, got.names, value)
		}
	}
}

func TestACRSBehindTheFeaturesIsKnownAtTheStart(t *testing.T) {
	padding := strings.Repeat(fmt.Sprintf(point, 1, 1)+",\n", sampleSize/90)
	content := `{"features":[` + padding + fmt.Sprintf(point, 2, 3) +
		`],"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}}}`
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, content)
	z.Close()
	for name, bytes := range map[string][]byte{"plain": []byte(content), "gzip": zipped.Bytes()} {
		r, err := Open(context.Background(), tempFile(t, name, bytes), Options{})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, name, r.Info().CRS.Code(), "EPSG:2154")
		if _, err := drain(r); err != nil {
			t.Error(name, err)
		}
		r.Close()
	}
}

func TestTheFileAndTheDeclarationMustAgreeOnTheCRS(t *testing.T) {
	lambert, _ := crs.Parse("EPSG:2154")
	said := func(member string) string {
		return `{"type":"FeatureCollection","crs":` + member + `,"features":[` + fmt.Sprintf(point, 1, 1) + `]}`
	}
	for member, want := range map[string]string{
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::2154"}}`: "EPSG:2154",
		`{"type":"EPSG","properties":{"code":2154}}`:                         "EPSG:2154",
		`{"type":"name","properties":{}}`:                                    "EPSG:2154", // says nothing
		`null`:                                                               "EPSG:2154",
	} {
		expect(t, member, readText(t, said(member), Options{CRS: lambert}).info.CRS.Code(), want)
	}
	_, err := read(tempFile(t, "x", []byte(said(`{"type":"name","properties":{"name":"EPSG:3857"}}`))), Options{CRS: lambert})
	expectError(t, err, "the file says EPSG:3857, the declaration says EPSG:2154", "remove `crs`")
	expect(t, "crs: null", readText(t, said(`null`), Options{}).info.CRS.Code(), "")
	expect(t, "no crs, metres", readText(t, collection(fmt.Sprintf(point, 1, 654321)), Options{}).info.CRS.Code(), "")
	expect(t, "no crs, degrees", readText(t, collection(fmt.Sprintf(point, 1, 1)), Options{}).info.CRS.Code(), "OGC:CRS84")
}

func TestFeaturesMayFollowEachOtherInManyWays(t *testing.T) {
	a, b := fmt.Sprintf(point, 1, 1), fmt.Sprintf(point, 2, 2)
	for name, content := range map[string]string{
		"lines":            a + "\n" + b + "\n",
		"blank lines":      "\n" + a + "\r\n\r\n" + b,
		"record separator": "\x1e" + a + "\n\x1e" + b + "\n",
		"nothing between":  a + b,
		"commas":           a + ",\n" + b + ",\n",
		"array":            "[" + a + "," + b + "]",
		"collection":       collection(a, b),
		"collections":      collection(a) + "\n" + collection(b),
		"byte order mark":  bom + collection(a, b),
		"UTF-16":           utf16LE(collection(a, b)),
	} {
		got := readText(t, content, Options{}, "a")
		expect(t, name, got.rows()+" "+got.shapes()+" "+got.codes(), "1 / 2 POINT(1 2) POINT(2 2) ")
	}
}

func utf16LE(s string) string {
	out := []byte{0xff, 0xfe}
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return string(out)
}

func TestABrokenFeatureIsABadAndReadingGoesOn(t *testing.T) {
	good := fmt.Sprintf(point, 9, 9)
	for broken, code := range map[string]string{
		`{"type":"Feature","properties":{"a":},"geometry":null}`:                                                        BadJSON,
		`{"type":"Feature","properties":{"a":01},"geometry":null}`:                                                      BadJSON,
		`{"type":"Feature","properties":{"a":1,},"geometry":null}`:                                                      BadJSON,
		`{"type":"Feature","properties":{"a":"\x"},"geometry":null}`:                                                    BadJSON,
		`{"type":"Feature","properties":{"a":1},"geometry":null`:                                                        BadJSON, // no closing brace
		`{"type":"Feature","properties":{"a":1} "geometry":null}`:                                                       BadJSON,
		`{"type":"feature","properties":{"a":1},"geometry":null}`:                                                       BadNotFeature,
		`{"properties":{"a":1},"geometry":null}`:                                                                        BadNotFeature,
		`{"type":"Feature","properties":[1],"geometry":null}`:                                                           BadNotFeature,
		`{"type":"Point","coordinates":[1,2]}`:                                                                          BadNotFeature,
		`17`:                                                                                                            BadNotFeature,
		`"text"`:                                                                                                        BadNotFeature,
		`{"type":"Feature","properties":{"a":"` + "\xff" + `é"},"geometry":null}`:                                       BadEncoding,
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1]}}`:                              BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":["1",2]}}`:                          BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1e999,2]}}`:                        BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[[1,2]]}}`:                          BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[1,2],[2,3]]}}`:                  BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"Circle","coordinates":[1,2]}}`:                           BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"Polygon"}}`:                                              BadGeometry,
		`{"type":"Feature","properties":{},"geometry":"here"}`:                                                          BadGeometry,
		`{"type":"Feature","properties":{},"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[1,1]]],[[0,0]]]}}`: BadGeometry,
	} {
		for shape, content := range map[string]string{
			"collection": collection(good, broken, good),
			"lines":      good + "\n" + broken + "\n" + good + "\n",
		} {
			if shape == "lines" && strings.HasPrefix(broken, `{"type":"Point"`) {
				continue // a geometry of its own
			}
			got := readText(t, content, Options{}, "a")
			expect(t, shape+" with "+broken, got.codes()+" "+got.rows(), code+" 9 / 9")
			if len(got.bad) == 1 && (got.bad[0].Line != 2 || got.bad[0].Reason == "") {
				t.Errorf("%s: %+v, want line 2 and a reason", broken, got.bad[0])
			}
		}
	}
}

func TestATruncatedFileIsAnErrorAfterItsRows(t *testing.T) {
	whole := collection(fmt.Sprintf(point, 1, 1), fmt.Sprintf(point, 2, 2))
	for _, n := range []int{len(whole) - 1, len(whole) - 2, len(whole) - 10, len(whole) - 40} {
		got, err := read(tempFile(t, "x", []byte(whole[:n])), Options{})
		expectError(t, err, "truncated")
		if len(got.cells) < 1 {
			t.Errorf("cut to %d bytes: no rows before the error", n)
		}
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, whole)
	z.Close()
	_, err := read(tempFile(t, "x", zipped.Bytes()[:zipped.Len()-12]), Options{})
	expectError(t, err, "ends too early", "truncated")
}

func TestSelectDeliversInOrderAndKnowsLateProperties(t *testing.T) {
	content := collection(fmt.Sprintf(point, 1, 1), `{"type":"Feature","properties":{"late":"x","a":2},"geometry":null}`)
	r, err := Open(context.Background(), tempFile(t, "x", []byte(content)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := drain(r, "never", "late", "a")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, "rows", got.rows(), "||1 / |x|2")
	if err := r.Select([]string{"a"}); !errors.Is(err, errLateSelect) {
		t.Errorf("Select after Next: %v", err)
	}
}

func TestColumnsThatAppearBehindTheSampleAreDelivered(t *testing.T) {
	content := strings.Repeat(fmt.Sprintf(point, 1, 1)+"\n", sampleSize/80) +
		`{"type":"Feature","properties":{"o":{"late":5}},"geometry":null}`
	got := readText(t, content, Options{}, "o.late")
	if last := got.cells[len(got.cells)-1][0]; last != "5" {
		t.Errorf("the last row holds %q", last)
	}
	if c := got.info.Columns[len(got.info.Columns)-1].Name; c != "o.late" {
		t.Errorf("Info ends with %q", c)
	}
}

func TestAFeatureLargerThanTheWindowIsRead(t *testing.T) {
	ring := strings.Repeat("[1.5,2.5],", 3*windowSize/10)
	content := collection(fmt.Sprintf(point, 1, 1), `{"type":"Feature","properties":{"a":2},"geometry":{"type":"LineString","coordinates":[`+
		ring+`[0,0]]}}`, fmt.Sprintf(point, 3, 3))
	for _, padding := range []int{0, sampleSize} {
		got := readText(t, strings.Replace(content, "[", "["+strings.Repeat(" ", padding), 1), Options{}, "a")
		expect(t, "rows", got.rows(), "1 / 2 / 3")
		if n := len(pointsOf(got.geometry[1])); n != 3*windowSize/10+1 {
			t.Errorf("%d points", n)
		}
	}
}

func TestAnEmptyTopologyIsRefused(t *testing.T) {
	_, err := read(tempFile(t, "x", []byte(`{"type":"Topology","objects":{},"arcs":[]}`)), Options{})
	expectError(t, err, "no object")
}
