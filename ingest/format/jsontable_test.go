package format

import (
	"fmt"
	"strings"
	"testing"

	"jumeau/model"
)

func TestRecordsMayFollowEachOtherInManyWays(t *testing.T) {
	a, b := `{"k":"x","o":{"n":1}}`, `{"o":{"n":2},"k":"y"}`
	for name, content := range map[string]string{
		"array":         "[\n" + a + ",\n" + b + "\n]\n",
		"lines":         a + "\n" + b + "\n",
		"blank lines":   " \n" + a + " \n\n\n" + b,
		"one line":      a + b,
		"array in many": "[" + a + "]\n[" + b + "]",
	} {
		expect(t, name, readText(t, content, Options{}, "k", "o.n").rows(), "x|1 / y|2")
	}
}

func TestABrokenRecordOfATableIsABad(t *testing.T) {
	for broken, code := range map[string]string{
		`{"a":1,"a"}`:               BadJSON,
		`{"a":1`:                    BadJSON,
		`{"a":tru}`:                 BadJSON,
		`[1,2]`:                     BadNotObject,
		`12`:                        BadNotObject,
		`null`:                      BadNotObject,
		`{"a":"\u12"}`:              BadJSON,
		"{\"a\":\"\xff\xc3\xa9é\"}": BadEncoding,
	} {
		content := `{"a":1}` + "\n" + broken + "\n" + `{"a":2}` + "\n"
		if broken[0] != '[' {
			expect(t, broken, describe(readText(t, content, Options{}, "a")), "1 / 2; "+code+" on 2")
		}
		content = "[" + `{"a":1},` + "\n" + broken + ",\n" + `{"a":2}]`
		expect(t, broken+" in an array", describe(readText(t, content, Options{}, "a")), "1 / 2; "+code+" on 2")
	}
}

func describe(t *table) string {
	out := t.rows()
	for _, b := range t.bad {
		out += fmt.Sprintf("; %s on %d", b.Code, b.Line)
	}
	return out
}

func TestExplodeGivesARowToEachElement(t *testing.T) {
	content := `[{"id":1,"parts":[{"n":"a"},{"n":"b","m":{"x":7}}]},
{"parts":[],"id":2},
{"id":3},
{"parts":[
{"n":"c"}],"id":4}]`
	got := readText(t, content, Options{Explode: "parts"}, "id", "parts.n", "parts.m.x")
	expect(t, "rows", got.rows(), "1|a| / 1|b|7 / 4|c|")
	expect(t, "lines", fmt.Sprint(got.line), "[1 1 5]")
	expect(t, "columns", strings.Join(columnNames(got.info.Columns), " "), "id parts.n parts.m.x")

	got = readText(t, `{"code":"31","postal":["31000","31500"]}`, Options{Explode: "postal"}, "code", "postal")
	expect(t, "elements that are no objects", got.rows(), "31|31000 / 31|31500")

	got = readText(t, `{"total":2,"data":{"results":[{"a":1},{"a":2}]}}`, Options{Explode: "data.results"}, "total", "data.results.a")
	expect(t, "an array deeper down", got.rows(), "2|1 / 2|2")

	got = readText(t, content, Options{Explode: "parts", BatchRows: 1}, "id", "parts.n")
	expect(t, "batches of one row", got.rows(), "1|a / 1|b / 4|c")
}

func TestAMemberThatHoldsGeometriesIsTheGeometry(t *testing.T) {
	content := `{"id":1,"location":{"coordinates":[1,2],"type":"Point"}}{"id":2,"location":null}{"id":3,"location":{"type":"Point","coordinates":["x"]}}`
	got := readText(t, content, Options{})
	expect(t, "columns", strings.Join(got.names, " "), "id")
	expect(t, "rows", describe(got)+" "+got.shapes(), "1 / 2; geometry_unreadable on 1 POINT(1 2) -")

	for name, g := range map[string]*model.Geometry{
		"named": {WKT: "where"}, "by its looks": {}, "as x and y": {X: "p.x", Y: "p.y"},
	} {
		got := readText(t, `[{"where":"POINT(1 2)","geom":"POINT (1 2)","p":{"x":1,"y":"2,0"}}]`, Options{Geometry: g})
		expect(t, name, got.shapes(), "POINT(1 2)")
	}
	_, err := read(tempFile(t, "x", []byte(`{"a":1}`)), Options{Geometry: &model.Geometry{}})
	expectError(t, err, "no column looks like one", "`x` and `y`")
	_, err = read(tempFile(t, "x", []byte(`{"lon":1}`)), Options{Geometry: &model.Geometry{X: "LON", Y: "lat"}})
	expectError(t, err, `no column "LON"`, `write "lon"`)
}

func TestIdsAsKeysDoNotFillTheMemory(t *testing.T) {
	var b strings.Builder
	for i := range 3 * maxKeys {
		fmt.Fprintf(&b, `{"id":%d,"tags":{"k%d":1}}`+"\n", i, i)
	}
	got := readText(t, b.String(), Options{}, "id", fmt.Sprintf("tags.k%d", 3*maxKeys-1))
	last := got.cells[len(got.cells)-1]
	if len(got.cells) != 3*maxKeys || last[1] != "1" {
		t.Errorf("%d rows, the last is %q", len(got.cells), last)
	}
	if n := len(got.info.Columns); n > maxKeys {
		t.Errorf("%d columns are remembered", n)
	}
}
