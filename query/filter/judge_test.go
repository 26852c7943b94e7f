package filter

import (
	"database/sql"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // a database that we did not write
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
)

var (
	judgedTexts   = []string{"", "a", "A", "ab", "École", "Ecole", "é", "it's", "50%", "50%_", `back\slash`, "z\nz", "日本", "\U0001F600"}
	judgedWhole   = []int64{0, 1, -1, 2, 3, 1 << 53, 1<<53 + 1, math.MaxInt64, math.MinInt64}
	judgedNumbers = []float64{0, math.Copysign(0, -1), 0.5, -0.5, 2, 2.5, 1e-300, 1e300, 1 << 53, 0.1}
)

// judged is a layer of random rows, and the same rows as a table of a database.
func judged(t *testing.T) (*layer.File, *sql.DB) {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(`CREATE TABLE layer (id TEXT, name TEXT, floors BIGINT, height DOUBLE, open BOOLEAN, "with space" TEXT, serial TEXT)`); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	maybe := func(v any) any {
		if random.IntN(4) == 0 {
			return nil
		}
		return v
	}
	var all []layertest.Row
	for i := range 300 {
		row := layertest.Row{ID: fmt.Sprint("r", i), Key: uint64(i + 1), Geometry: orb.Point{float64(i) / 10, 0}, Values: []any{
			maybe(judgedTexts[random.IntN(len(judgedTexts))]), maybe(judgedWhole[random.IntN(len(judgedWhole))]), maybe(judgedNumbers[random.IntN(len(judgedNumbers))]),
			maybe(random.IntN(2) == 0), maybe(judgedTexts[random.IntN(len(judgedTexts))]), maybe(fmt.Sprint("s", random.IntN(300)))}}
		all = append(all, row)
		if _, err := db.Exec("INSERT INTO layer VALUES (?, ?, ?, ?, ?, ?, ?)", append([]any{row.ID}, row.Values...)...); err != nil {
			t.Fatal(err)
		}
	}
	return layertest.File(t, layer.Spec{Name: "layer", Geometry: layer.Points, MaxZoom: 4, Properties: properties}, all), db
}

// condition is a random one, as we read it and as SQL has it; they differ in the escape of LIKE only, which CQL2 implies.
func condition(t *rapid.T) (ours, theirs string) {
	field := rapid.SampledFrom([]string{"id", "name", `"with space"`, "serial", "floors", "height", "open"}).Draw(t, "field")
	var literal func() string
	switch field {
	case "open":
		literal = func() string { return rapid.SampledFrom([]string{"true", "FALSE"}).Draw(t, "flag") }
	case "floors":
		literal = func() string { return strconv.FormatInt(rapid.SampledFrom(judgedWhole).Draw(t, "whole"), 10) }
	case "height":
		literal = func() string {
			return strconv.FormatFloat(rapid.SampledFrom(judgedNumbers).Draw(t, "number"), 'e', -1, 64)
		}
	default:
		literal = func() string {
			return quote(rapid.SampledFrom(append([]string{"r1", "s200"}, judgedTexts...)).Draw(t, "text"))
		}
	}
	not := rapid.SampledFrom([]string{"", "NOT "}).Draw(t, "not")
	switch rapid.IntRange(0, 5).Draw(t, "form") {
	case 0:
		text := field + " IS " + not + "NULL"
		return text, text
	case 1:
		list := []string{literal()}
		for range rapid.IntRange(0, 3).Draw(t, "more") {
			list = append(list, literal())
		}
		text := field + " " + not + "IN (" + strings.Join(list, ", ") + ")"
		return text, text
	case 2:
		if field != "open" {
			text := field + " " + not + "BETWEEN " + literal() + " AND " + literal()
			return text, text
		}
		return not + field, not + field
	case 3:
		if field != "open" && field != "floors" && field != "height" {
			if rapid.Bool().Draw(t, "pattern") {
				pieces := rapid.SliceOfN(rapid.SampledFrom([]string{"%", "_", "a", "A", "b", "c", "é", "É", "o", `\%`, `\_`, `\\`, "日", "s", "1", "0"}), 0, 5).Draw(t, "pieces")
				text := field + " " + not + "LIKE " + quote(strings.Join(pieces, ""))
				return text, text + ` ESCAPE '\'`
			}
			start := rapid.SampledFrom(judgedTexts).Draw(t, "start")
			text := field + " " + not + "LIKE " + quote(strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(start)+rapid.SampledFrom([]string{"%", ""}).Draw(t, "rest"))
			return text, text + ` ESCAPE '\'`
		}
	}
	signs := []string{"=", "<>", "<", "<=", ">", ">="}
	if field == "open" {
		signs = signs[:2]
	}
	text := field + " " + rapid.SampledFrom(signs).Draw(t, "sign") + " " + literal()
	return text, text
}

// compound combines conditions, with parentheses only where they are drawn: precedence is judged too.
func compound(t *rapid.T, depth int) (ours, theirs string) {
	if depth == 0 {
		return condition(t)
	}
	a, sa := compound(t, depth-1)
	switch rapid.IntRange(0, 4).Draw(t, "op") {
	case 0:
		return "NOT " + a, "NOT " + sa
	case 1:
		return "(" + a + ")", "(" + sa + ")"
	case 2:
		return a, sa
	}
	op := rapid.SampledFrom([]string{" AND ", " OR "}).Draw(t, "and")
	b, sb := compound(t, depth-1)
	return a + op + b, sa + op + sb
}

func TestAFilterChoosesWhatADatabaseChooses(t *testing.T) {
	f, db := judged(t)
	some := 0
	rapid.Check(t, func(r *rapid.T) {
		ours, theirs := compound(r, 3)
		if len(ours) > MaxLength {
			r.Skip()
		}
		rows, err := db.Query("SELECT id FROM layer WHERE " + theirs)
		if err != nil {
			r.Fatalf("%s: %v", theirs, err)
		}
		defer rows.Close()
		var want []string
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				r.Fatal(err)
			}
			want = append(want, id)
		}
		if err := rows.Err(); err != nil {
			r.Fatal(err)
		}
		parsed, err := Parse(ours, properties)
		if err != nil {
			r.Fatalf("%s: %v", ours, err)
		}
		bound := parsed.Bind(f)
		var got []string
		for i := range f.Len() {
			if b, row := f.At(i); bound.Match(b, row) {
				got = append(got, string(b.IDs.At(row)))
			}
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			r.Fatalf("%s\n%s\nchooses %v\nand the database %v", ours, parsed, got, want)
		}
		if len(want) > 0 && len(want) < f.Len() {
			some++
		}
	})
	if some < 20 {
		t.Errorf("only %d filters choose some features and not others", some)
	}
}
