package filter

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
)

var properties = []layer.Property{
	{Name: "name", Type: layer.Text}, {Name: "floors", Type: layer.Integer}, {Name: "height", Type: layer.Number},
	{Name: "open", Type: layer.Boolean}, {Name: "with space", Type: layer.Text}, {Name: "serial", Type: layer.Text},
}

var rows = []layertest.Row{
	{ID: "a", Values: []any{"École nord", int64(3), 12.5, true, "x", "s1"}},
	{ID: "b", Values: []any{"École sud", int64(-1), 3.0, false, "y", "s2"}},
	{ID: "c", Values: []any{"mairie", nil, nil, nil, nil, "s3"}},
	{ID: "d", Values: []any{nil, int64(1) << 60, -0.5, true, "it's", "s4"}},
	{ID: "e", Values: []any{"", int64(0), 1e6, false, "50%_", nil}},
}

// file holds the rows; plain makes the texts of serial too many for a dictionary.
func file(t testing.TB, plain bool) *layer.File {
	spec := layer.Spec{Name: "layer", Geometry: layer.Points, MaxZoom: 4, Properties: properties}
	all := slices.Clone(rows)
	for i := range all {
		all[i].Geometry, all[i].Key = orb.Point{float64(i), 0}, uint64(i+1)
	}
	for i := 0; plain && i < 1<<16; i++ {
		all = append(all, layertest.Row{ID: fmt.Sprint(i), Geometry: orb.Point{50, 50}, Values: []any{nil, nil, nil, nil, nil, "z" + strconv.Itoa(i)}})
	}
	return layertest.File(t, spec, all)
}

func chosen(t testing.TB, f *layer.File, text string) string {
	t.Helper()
	parsed, err := Parse(text, properties)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	bound := parsed.Bind(f)
	var ids []string
	for i := range f.Len() {
		b, row := f.At(i)
		if bound.Match(b, row) {
			ids = append(ids, string(b.IDs.At(row)))
		}
	}
	slices.Sort(ids)
	return strings.Join(ids, "")
}

func TestAFilterChoosesWhatItSays(t *testing.T) {
	coded, plain := file(t, false), file(t, true)
	for text, want := range map[string]string{
		"floors = 3":                              "a",
		"floors <> 3":                             "bde",
		"not floors = 3":                          "bde", // a missing value is neither
		"floors < 0":                              "b",
		"floors <= 0":                             "be",
		"floors > 2.5":                            "ad",
		"floors = 2.5":                            "",
		"floors = 3.0":                            "a",
		"floors >= 1152921504606846976":           "d",
		"floors > 1152921504606846975":            "d",
		"floors > 1152921504606846976":            "",
		"floors < 9223372036854775808":            "abde",
		"floors < 1e300":                          "abde",
		"height BETWEEN 3 AND 12.5":               "ab",
		"height not between 3 and 12.5":           "de",
		"height = -.5":                            "d",
		"height in (3, 1e6)":                      "be",
		"floors NOT IN (3, -1)":                   "de",
		"name = 'mairie'":                         "c",
		"name < 'm'":                              "e",
		"name >= 'mairie'":                        "abc",
		"name > 'zzz'":                            "ab",
		"name like 'École%'":                      "ab",
		"name NOT LIKE 'École%'":                  "ce",
		"name LIKE '%'":                           "abce",
		"name LIKE 'mairie'":                      "c",
		"name = ''":                               "e",
		"name IN ('', 'mairie', 'nothing')":       "ce",
		"name is null":                            "d",
		"name IS NOT NULL":                        "abce",
		"open":                                    "ad",
		"NOT open":                                "be",
		"open = false":                            "be",
		"open <> TRUE":                            "be",
		"open IN (true, false)":                   "abde",
		`"with space" = 'it''s'`:                  "d",
		`"with space" LIKE '50\%\_%'`:             "e",
		"serial LIKE 's%' AND serial <= 's2'":     "ab",
		"serial IS NULL":                          "e",
		"serial in ('s1','s4')":                   "ad",
		"id = 'c' OR id > 'd' AND floors IS NULL": "c",
		"(id = 'c' OR id > 'a') AND open = true":  "d",
		"floors = 3 OR height > 100":              "ae",
		"floors = 3 AND NOT (height > 100 OR name IS NULL)": "a",
		"height > 0 OR open = true OR floors IS NULL":       "abcde",
	} {
		for kind, f := range map[string]*layer.File{"coded": coded, "plain": plain} {
			if kind == "plain" && strings.Contains(text, " IS ") || kind == "plain" && strings.HasPrefix(text, "id") || kind == "plain" && strings.Contains(text, "is null") {
				continue // choose the filler too
			}
			if got := chosen(t, f, text); got != want {
				t.Errorf("%s chooses %q of %s instead of %q", text, got, kind, want)
			}
		}
	}
}

func TestEquivalentFiltersHaveOneNormalForm(t *testing.T) {
	for want, texts := range map[string][]string{
		`"floors" = 3`:                         {"floors=3", " floors  =  3.0 ", "floors IN (3)", "NOT NOT floors = 3", "not floors <> 3", "floors = 3 or floors = +3"},
		`"name" IN ('a', 'b')`:                 {"name in ('b','a')", "name IN ('a' , 'b', 'a')", "(name IN ('a','b'))"},
		`NOT "floors" < 3`:                     {"floors >= 3", "NOT floors < 3"},
		`"open" = true`:                        {"open", "open = TRUE", "open in (true)"},
		`("floors" = 1 AND "open" = true)`:     {"open AND floors = 1", "floors=1 and (open)", "floors = 1 AND (open AND floors = 1)"},
		`("height" <= 2 AND NOT "height" < 1)`: {"height BETWEEN 1 AND 2", "height >= 1 AND height <= 2"},
		`"name" = 'x%'`:                        {`name LIKE 'x\%'`, "name = 'x%'"},
	} {
		for _, text := range texts {
			f, err := Parse(text, properties)
			if err != nil {
				t.Fatal(err)
			}
			if f.String() != want {
				t.Errorf("%s becomes %s instead of %s", text, f, want)
			}
		}
	}
}

func TestAnErrorSaysWhereAndWhy(t *testing.T) {
	deep := strings.Repeat("(", 20) + "open" + strings.Repeat(")", 20)
	for text, want := range map[string]string{
		"":                                  "at character 1: the filter is empty",
		"  ":                                "at character 1: the filter is empty",
		"height":                            "at character 7: a comparison (= <> < <= > >= IN BETWEEN LIKE IS) is expected, not the end",
		"height >":                          "at character 9: a number is expected, not the end",
		"height > 'a'":                      "at character 10: a number is expected, not \"a\"",
		"name = 3":                          "at character 8: a text in single quotes is expected, not \"3\"",
		"name = mairie":                     "at character 8: a text in single quotes is expected after name, not mairie",
		"open > true":                       "at character 6: open is true or false and has no order",
		"open between false and true":       "at character 6: open is true or false and has no order",
		"floors LIKE '1%'":                  "at character 8: floors is integer, and LIKE compares texts",
		"S_INTERSECTS(geometry, 3)":         "at character 24: a geometry in well-known text is expected",
		"S_INTERSECTS(name, POINT(1 2))":    "at character 14: a geometry in well-known text is expected",
		"S_INTERSECTS(geometry, POINT(1 2)": "at character 34: ) is expected, not the end",
		"S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))": "at character 24: geometry: the polygon is not valid: the boundary crosses itself at 0.5 0.5",
		"S_INTERSECTS(geometry, BBOX(1, 2, 3))":                      "at character 24: a box is four numbers",
		"name > DATE('yesterday')":                                   "at character 13: a date or a time is expected",
		"name = 'é' AND hieght > 3":                                  "at character 16: \"hieght\" is not a property of the layer",
		"name = 'é":                                                  "at character 8: the quote is not closed",
		"name = 'a' name = 'b'":                                      "at character 12: AND, OR or the end is expected, not \"name\"",
		"(open":                                                      "at character 6: ) is expected, not the end",
		"open)":                                                      "at character 5: AND, OR or the end is expected, not \")\"",
		"floors in 3":                                                "at character 11: ( is expected, not \"3\"",
		"floors in ()":                                               "at character 12: a number is expected, not \")\"",
		"floors NOT = 3":                                             "at character 12: IN, BETWEEN or LIKE is expected, not \"=\"",
		"floors = 1.2.3":                                             "at character 10: 1.2.3 is not a number",
		"floors = 1; DROP":                                           "at character 11: ';' means nothing here",
		"1 = floors":                                                 "at character 1: a property is expected, not \"1\"",
		deep:                                                         "at character 18: conditions are nested deeper than 16",
		strings.Repeat("NOT ", 20) + "open":                          "at character 69: conditions are nested deeper than 16",
		strings.Repeat("open OR ", 80) + "open":                      "at character 513: there are more than 64 conditions",
		"floors IN (" + strings.Repeat("1,", 150) + "1)": "at character 212: the list has more than 100 values",
		strings.Repeat(" ", 10_001):                      "at character 1: the filter is longer than 10000 bytes",
	} {
		_, err := Parse(text, properties)
		var e *Error
		if !errors.As(err, &e) || e.Error() != want {
			t.Errorf("%.40s: %v instead of %s", text, err, want)
			continue
		}
		if e.Hint == "" && e.Name == "" {
			t.Errorf("%.40s has no hint", text)
		}
	}
}

// value3 evaluates a node of the test's own making over plain values.
type oracle func(values map[string]any) (result, known bool)

func comparison(t *rapid.T) (string, oracle) {
	field := rapid.SampledFrom([]string{"name", "floors", "height"}).Draw(t, "field")
	sign := rapid.SampledFrom([]string{"=", "<>", "<", "<=", ">", ">="}).Draw(t, "sign")
	var literal string
	var order func(v any) int
	if field == "name" {
		s := rapid.SampledFrom([]string{"", "a", "École nord", "mairie", "z"}).Draw(t, "text")
		literal, order = quote(s), func(v any) int { return strings.Compare(v.(string), s) }
	} else {
		n := rapid.SampledFrom([]float64{-1, -0.5, 0, 2.5, 3, 1e6}).Draw(t, "number")
		literal = strconv.FormatFloat(n, 'g', -1, 64)
		order = func(v any) int {
			x, ok := v.(float64)
			if !ok {
				x = float64(v.(int64))
			}
			switch {
			case x < n:
				return -1
			case x > n:
				return 1
			}
			return 0
		}
	}
	return field + " " + sign + " " + literal, func(values map[string]any) (bool, bool) {
		v := values[field]
		if v == nil {
			return false, false
		}
		o := order(v)
		return map[string]bool{"=": o == 0, "<>": o != 0, "<": o < 0, "<=": o <= 0, ">": o > 0, ">=": o >= 0}[sign], true
	}
}

func expression(t *rapid.T, depth int) (string, oracle) {
	if depth == 0 {
		return comparison(t)
	}
	a, fa := expression(t, depth-1)
	switch rapid.IntRange(0, 3).Draw(t, "op") {
	case 0:
		return "NOT (" + a + ")", func(v map[string]any) (bool, bool) { r, known := fa(v); return !r, known }
	case 1:
		return a, fa
	case 2:
		b, fb := expression(t, depth-1)
		return "(" + a + ") AND (" + b + ")", func(v map[string]any) (bool, bool) {
			x, kx := fa(v)
			y, ky := fb(v)
			return x && y, kx && ky || kx && !x || ky && !y
		}
	}
	b, fb := expression(t, depth-1)
	return "(" + a + ") OR (" + b + ")", func(v map[string]any) (bool, bool) {
		x, kx := fa(v)
		y, ky := fb(v)
		return kx && x || ky && y, kx && ky || kx && x || ky && y
	}
}

func TestAFilterAndItsNormalFormChooseAlike(t *testing.T) {
	f := file(t, false)
	rapid.Check(t, func(r *rapid.T) {
		text, want := expression(r, 3)
		parsed, err := Parse(text, properties)
		if err != nil {
			r.Fatalf("%s: %v", text, err)
		}
		again, err := Parse(parsed.String(), properties)
		if err != nil || again.String() != parsed.String() {
			r.Fatalf("%s becomes %s, and that %v %v", text, parsed, again, err)
		}
		for i := range f.Len() {
			b, row := f.At(i)
			values := f.Feature(i).Properties
			truth, known := want(values)
			for _, g := range []*Filter{parsed, again} {
				if got := g.Bind(f).Match(b, row); got != (truth && known) {
					r.Fatalf("%s is %v for %v", text, got, values)
				}
			}
		}
	})
}

func TestMatchingAllocatesNothing(t *testing.T) {
	f := file(t, false)
	parsed, err := Parse("name LIKE 'É%' AND height > 3 OR serial IN ('s1', 's2', 's9') AND NOT open OR id = 'e'", properties)
	if err != nil {
		t.Fatal(err)
	}
	bound := parsed.Bind(f)
	if n := testing.AllocsPerRun(100, func() {
		for i := range f.Len() {
			b, row := f.At(i)
			bound.Match(b, row)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"height > 12.5 AND name IN ('a', 'b')", "NOT (open OR floors BETWEEN 1 AND 2)", `"with space" LIKE '50\%%'`, "id IS NOT NULL", "name LIKE '%a_\\_%'",
		"S_INTERSECTS(geometry, POLYGON((0 0, 1 0, 1 1, 0 0))) AND TRUE", "s_intersects(BBOX(0,0,1,1), geometry)", "name < DATE('2026-03-14')",
		"S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(0 0, 1 1)))"} {
		f.Add(text)
	}
	file := file(f, false)
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse(text, properties)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Position < 1 || e.Position > len(text)+1 {
				t.Fatalf("%v", err)
			}
			return
		}
		normal := parsed.String()
		if again, err := Parse(normal, properties); err == nil && again.String() != normal {
			t.Fatalf("%q becomes %q, then %q", text, normal, again)
		}
		bound := parsed.Bind(file)
		for i := range file.Len() {
			b, row := file.At(i)
			bound.Match(b, row)
		}
	})
}
