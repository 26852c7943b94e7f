package filter

import (
	"errors"
	"strings"
	"testing"

	"jumeau/model/crs"
)

func TestJSONAndTextAreTheSameFilter(t *testing.T) {
	for json, text := range map[string]string{
		`{"op":"=","args":[{"property":"name"},"it's"]}`:                                                                    "name = 'it''s'",
		`{"op":"and","args":[{"op":">","args":[{"property":"height"},12.5]},{"op":"<","args":[{"property":"floors"},9]}]}`:  "height > 12.5 AND floors < 9",
		`{"op":"or","args":[{"op":"not","args":[{"property":"open"}]},{"op":"isNull","args":[{"property":"with space"}]}]}`: `NOT open OR "with space" IS NULL`,
		`{"op":"between","args":[{"property":"floors"},1,-2]}`:                                                              "floors BETWEEN 1 AND -2",
		`{"op":"in","args":[{"property":"name"},["a","b"]]}`:                                                                "name IN ('a', 'b')",
		`{"op":"like","args":[{"property":"name"},"%a_"]}`:                                                                  "name LIKE '%a_'",
		`{"op":"=","args":[{"property":"open"},false]}`:                                                                     "open = FALSE",
		`true`: "TRUE",
		`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}]}`: "S_INTERSECTS(geometry, POLYGON((0 0,1 0,1 1,0 0)))",
		`{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[0,1,2,3]}]}`:                                           "S_INTERSECTS(geometry, BBOX(0,1,2,3))",
		`{"op":"<","args":[{"property":"name"},{"date":"2026-03-14"}]}`:                                                       "name < DATE('2026-03-14')",
	} {
		a, err := ParseJSON([]byte(json), properties, Coordinates{CRS: crs.CRS84})
		if err != nil {
			t.Errorf("%s: %v", json, err)
			continue
		}
		b, err := Parse(text, properties)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if a.String() != b.String() {
			t.Errorf("%s\n%s", a, b)
		}
	}
}

func TestJSONThatIsNoFilterSaysSo(t *testing.T) {
	for json, want := range map[string]string{
		"":   "not JSON",
		"{}": "op and args",
		"3":  "op and args",
		`{"op":"=","args":[{"property":"nom"},1]}`:                                     "not a property",
		`{"op":"=","args":[{"property":"name\" = '' OR \"name"},"x"]}`:                 "not a property",
		`{"op":"=","args":[{"property":"floors"},"1"]}`:                                "a number is expected",
		`{"op":"casei","args":[{"property":"name"}]}`:                                  "not known here",
		`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Circle"}]}`:     "GeoJSON geometry",
		`{"op":"in","args":[{"property":"name"},"a"]}`:                                 "a list",
		strings.Repeat(`{"op":"not","args":[`, 40) + "true" + strings.Repeat("]}", 40): "nested deeper",
		`"` + strings.Repeat("x", 30_000) + `"`:                                        "longer than",
	} {
		_, err := ParseJSON([]byte(json), properties, Coordinates{CRS: crs.CRS84})
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Problem, want) || e.Position != 1 {
			t.Errorf("%.60s: %v instead of %s", json, err, want)
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{`{"op":"and","args":[{"op":">","args":[{"property":"height"},12.5]},{"property":"open"}]}`, `{"op":"in","args":[{"property":"name"},["a"]]}`,
		`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}]}`,
		`{"op":"s_intersects","args":[{"property":"geometry"},{"bbox":[0,1,2,3]}]}`, `{"op":"like","args":[{"property":"name"},"%a_"]}`} {
		f.Add([]byte(text))
	}
	file := file(f, false)
	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := ParseJSON(text, properties, Coordinates{CRS: crs.CRS84})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			return
		}
		bound := parsed.Bind(file)
		for i := range file.Len() {
			b, row := file.At(i)
			bound.Match(b, row)
		}
	})
}
