package contract

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"jumeau/ingest/format"
	"jumeau/model"
	"jumeau/model/crs"
)

func ptr(v float64) *float64 { return &v }

func paris(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// bind reads a CSV text under a contract; rows are shown as "column=value …".
func bind(t testing.TB, src *model.Source, csv string) (rows []string, rejects []Reject, b *Binder, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "table.csv")
	if err := os.WriteFile(path, []byte(csv), 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err = New(src, paris(t)); err != nil {
		return nil, nil, nil, err
	}
	options := format.Options{Format: "csv", Delimiter: src.Read.Delimiter, Geometry: src.Contract.Geometry}
	if src.Read.CRS != "" {
		if options.CRS, err = crs.Parse(src.Read.CRS); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := format.Open(t.Context(), path, options)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	wanted, err := b.File(0, "table.csv", reader.Info())
	if err != nil {
		return nil, nil, b, err
	}
	if err := reader.Select(wanted); err != nil {
		t.Fatal(err)
	}
	for {
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return rows, rejects, b, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		rec, bad := b.Bind(batch)
		rejects = append(rejects, bad...)
		if rec != nil {
			rows = append(rows, show(rec)...)
		}
	}
}

func show(rec arrow.RecordBatch) (rows []string) {
	for i := range int(rec.NumRows()) {
		var parts []string
		for k, f := range rec.Schema().Fields() {
			if !strings.HasPrefix(f.Name, "_") || strings.HasPrefix(f.Name, WithheldPrefix) {
				text := "-"
				if col := rec.Column(k); !col.IsNull(i) {
					text = col.ValueStr(i)
					if at, ok := col.(*array.Timestamp); ok {
						text = at.Value(i).ToTime(arrow.Microsecond).Format("2006-01-02T15:04Z")
					}
				}
				parts = append(parts, f.Name+"="+text)
			}
		}
		rows = append(rows, strings.Join(parts, " "))
	}
	return rows
}

func codes(rejects []Reject) (out []string) {
	for _, r := range rejects {
		out = append(out, fmt.Sprintf("%d %s %s", r.Line, r.Code, r.Column))
	}
	return out
}

func source(columns map[string]*model.Column) *model.Source {
	return &model.Source{ID: "s", Contract: model.Contract{Columns: columns}}
}

func TestEveryRuleHasItsCode(t *testing.T) {
	src := source(map[string]*model.Column{
		"code":   {Type: "text", Required: true, Pattern: `\d{5}`},
		"height": {Type: "number", Min: ptr(0), Max: ptr(300), Missing: []string{"#N/A"}},
		"floors": {Type: "integer"},
		"listed": {Type: "boolean"},
		"use":    {Type: "text", In: []string{"house", "shop"}},
		"built":  {Type: "date", Format: "%d/%m/%y"},
	})
	src.Read = model.Read{Delimiter: ";", Decimal: ","}
	rows, rejects, _, err := bind(t, src, strings.Join([]string{
		"code;height;floors;listed;use;built;ignored",
		"31001;12,5;3;oui;house;01/02/99;x",
		"31002;#N/A;;;;;x",
		";1;1;1;house;;x",
		"3100;1;1;1;house;;x",
		"31003;-1;1;1;house;;x",
		"31004;301;1;1;house;;x",
		"31005;tall;1;1;house;;x",
		"31006;1;1,5;1;house;;x",
		"31007;1;1;maybe;house;;x",
		"31008;1;1;1;castle;;x",
		"31009;1;1;1;shop;31/02/99;x",
		"",
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantRows := []string{
		"built=1999-02-01 code=31001 floors=3 height=12.5 listed=true use=house",
		"built=- code=31002 floors=- height=- listed=- use=-",
	}
	wantRejects := []string{
		"4 missing_value code", "5 pattern code", "6 out_of_range height", "7 out_of_range height", "8 type_number height",
		"9 type_integer floors", "10 type_boolean listed", "11 not_in_set use", "12 type_date built",
	}
	if diff := cmp.Diff(wantRows, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(wantRejects, codes(rejects)); diff != "" {
		t.Error(diff)
	}
}

func TestColumnsAreFoundByTheirDeclaredName(t *testing.T) {
	for name, c := range map[string]struct {
		match, from, header, wrong string
	}{
		"exactly":                            {"", "IND", "IND", ""},
		"whatever_the_case_when_declared":    {"ignore_case", "ind", "Ind", ""},
		"by_pattern":                         {"", `^NBFLUX_C\d\d_`, "NBFLUX_C22_ACTOCC15P", ""},
		"not_in_another_case_by_default":     {"", "ind", "Ind", `no column "ind"`},
		"not_when_two_columns_match_pattern": {"", "^NB", "NB1,NB2", "two columns match"},
	} {
		t.Run(name, func(t *testing.T) {
			src := source(map[string]*model.Column{"people": {From: c.from, Type: "number", Required: true}})
			src.Contract.Match = c.match
			rows, _, _, err := bind(t, src, c.header+"\n"+strings.Repeat("7,", strings.Count(c.header, ","))+"7\n")
			if c.wrong == "" && (err != nil || len(rows) != 1 || rows[0] != "people=7") {
				t.Errorf("got %v, %v", rows, err)
			}
			if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTheHourThatComesTwiceIsTwoMomentsAndTheOneThatDoesNotExistIsRejected(t *testing.T) {
	src := source(map[string]*model.Column{
		"counter": {Type: "text", Role: "place"},
		"at":      {Type: "timestamp", Role: "time"},
	})
	rows, rejects, _, err := bind(t, src, `counter,at
a,2025-10-26T02:00
b,2025-10-26T02:00
a,2025-10-26T02:00
a,2025-10-26T03:00
a,2025-03-30T02:00
a,2025-03-30T03:00
a,2025-07-01T12:00+02:00
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"at=2025-10-26T00:00Z counter=a", "at=2025-10-26T00:00Z counter=b", "at=2025-10-26T01:00Z counter=a",
		"at=2025-10-26T02:00Z counter=a", "at=2025-03-30T01:00Z counter=a", "at=2025-07-01T10:00Z counter=a",
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"6 time_does_not_exist at"}, codes(rejects)); diff != "" {
		t.Error(diff)
	}
}

func TestASecrecyMarkIsNeitherZeroNorMissing(t *testing.T) {
	src := source(map[string]*model.Column{"n": {Type: "number", Withheld: []string{"s"}, Required: true}})
	rows, rejects, _, err := bind(t, src, "n\ns\n0\n")
	if err != nil || len(rejects) != 0 {
		t.Fatal(err, rejects)
	}
	if diff := cmp.Diff([]string{"n=- _withheld_n=true", "n=0 _withheld_n=false"}, rows); diff != "" {
		t.Error(diff)
	}
}

func TestACountBelowItsProducersThresholdIsRejected(t *testing.T) {
	src := source(map[string]*model.Column{"n": {Type: "integer"}, "other": {Type: "integer"}})
	src.Behaviour = &model.Behaviour{Class: "D", Threshold: 20}
	src.Measures = map[string]*model.Measure{"presence": {Value: "n"}}
	rows, rejects, _, err := bind(t, src, "n,other\n19,1\n20,1\n0,1\n1,1\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"n=20 other=1", "n=0 other=1"}, rows); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2 below_threshold n", "5 below_threshold n"}, codes(rejects)); diff != "" {
		t.Error(diff)
	}
	for _, r := range rejects {
		if strings.ContainsAny(strings.ReplaceAll(r.Reason, "20", ""), "0123456789") {
			t.Errorf("the reason repeats the protected count: %s", r.Reason)
		}
	}
}

func TestRowsOfOtherTerritoriesAreSkippedNotRejected(t *testing.T) {
	src := source(map[string]*model.Column{"siren": {From: "epci", Type: "text"}, "n": {Type: "integer", Min: ptr(0)}})
	src.Keep = []model.Keep{{Column: "siren", In: []string{"243100633"}}}
	rows, rejects, b, err := bind(t, src, "epci,n\n243100633,1\n200000172,-5\n243100633,-5\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || b.Skipped != 1 || len(rejects) != 1 {
		t.Errorf("rows %v, skipped %d, rejects %v", rows, b.Skipped, rejects)
	}
}

// Every row is bound, rejected or skipped, whatever the file says.
func TestNoRowIsLost(t *testing.T) {
	src := source(map[string]*model.Column{
		"a": {Type: "integer", Required: true},
		"b": {Type: "timestamp"},
		"c": {Type: "text", In: []string{"x", "y"}},
	})
	src.Keep = []model.Keep{{Column: "c", In: []string{"x"}}}
	rapid.Check(t, func(rt *rapid.T) {
		cell := rapid.SampledFrom([]string{"", "1", "x", "y", "2025-03-30T02:30", "2025-01-01", "1e3", "é"})
		n := rapid.IntRange(1, 30).Draw(rt, "rows")
		text := "a,b,c\n"
		for range n {
			text += cell.Draw(rt, "a") + "," + cell.Draw(rt, "b") + "," + cell.Draw(rt, "c") + "\n"
		}
		rows, rejects, b, err := bind(t, src, text)
		if err != nil {
			rt.Fatal(err)
		}
		if len(rows)+len(rejects)+int(b.Skipped) != n {
			rt.Fatalf("%d rows: %d bound, %d rejected, %d skipped", n, len(rows), len(rejects), b.Skipped)
		}
	})
}

func TestExamplesHoldAContractToItsWord(t *testing.T) {
	src := source(map[string]*model.Column{"n": {From: "N", Type: "number", Min: ptr(0)}, "at": {Type: "timestamp"}})
	src.Read.Decimal = ","
	for _, c := range []struct {
		example model.Example
		wrong   string
	}{
		{model.Example{Given: map[string]string{"N": "1,5", "at": "2025-07-01T12:00"}, Expect: map[string]any{"n": 1.5, "at": "2025-07-01T10:00:00Z"}}, ""},
		{model.Example{Given: map[string]string{"N": "-1"}, Reject: "out_of_range"}, ""},
		{model.Example{Given: map[string]string{"N": "1"}, Reject: "out_of_range"}, "is loaded"},
		{model.Example{Given: map[string]string{"N": "-1"}, Expect: map[string]any{"n": -1.0}}, "out_of_range"},
		{model.Example{Given: map[string]string{"N": "2"}, Expect: map[string]any{"n": 3.0}}, "n is 2, expected 3"},
	} {
		err := CheckExample(src, c.example, paris(t))
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%v: got %v, want %q", c.example, err, c.wrong)
		}
	}
}

func TestCoordinatesThatTheCRSCannotHaveAreRejected(t *testing.T) {
	src := source(map[string]*model.Column{"id": {Type: "text"}})
	src.Read.CRS = "EPSG:2154"
	src.Contract.Geometry = &model.Geometry{Type: "point", X: "x", Y: "y"}
	rows, rejects, _, err := bind(t, src, "id,x,y\na,574000,6279000\nb,574000000,6279000000\nc,1e12,1e12\n")
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 1 || !strings.HasSuffix(rows[0], " id=a") && !strings.HasPrefix(rows[0], "id=a ") {
		t.Errorf("rows %v", rows)
	}
	if diff := cmp.Diff([]string{"3 geometry_out_of_bounds ", "4 geometry_out_of_bounds "}, codes(rejects)); diff != "" {
		t.Error(diff)
	}
}
