package format

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jumeau/model"
)

func TestTheDelimiterIsTheOneThatFitsTheRows(t *testing.T) {
	for content, want := range map[string]string{
		"a,b\n1,2\n":                    "1|2",
		"a;b\n1,5;2,5\n":                "1,5|2,5",
		"a\tb\n1;x\t2;y\n":              "1;x|2;y",
		"a|b\n1|2\n":                    "1|2",
		"ID,N,9,0;LEN,N,19,11\n1;4,5\n": "1|4,5", // dBase types in the header
		"\"ID,N,9,0\",\"NOM,C,254\"\n1,\"a;b;c\"\n2,x\n": "1|a;b;c / 2|x",
		"name\nToulouse, Haute-Garonne\nLabège\n":        "Toulouse, Haute-Garonne / Labège",
		"a;b\n": "",
	} {
		expect(t, content, readText(t, content, Options{}).rows(), want)
	}
	expect(t, "declared", readText(t, "a;b,c\n1;2,3\n", Options{Delimiter: ","}).rows(), "1;2|3")
	expect(t, "declared tab", readText(t, "a\tb,c\n1\t2,3\n", Options{Delimiter: `\t`}).rows(), "1|2,3")
	_, err := read(tempFile(t, "x", []byte("a;b\n")), Options{Delimiter: ";;"})
	expectError(t, err, "not one character")
}

func TestLineEndsBlankLinesAndQuotesAreUnderstood(t *testing.T) {
	for content, want := range map[string]string{
		"a,b\r\n1,2\r\n\r\n3,4":                        "1|2 / 3|4",
		"a,b\r1,2\r3,4\r":                              "1|2 / 3|4",
		"\n\na,b\n1,2\n":                               "1|2",
		"a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n3,4\n":         "x,\"y\"|1\n2 / 3|4",
		"a,b\n\"1\",\"\"\r\n\"\",2\r\n":                "1| / |2",
		"a,b\n5\" pipe,2\n":                            "5\" pipe|2",
		"a,b\n\"1\" ,2\n":                              "1|2",
		"a,b\n1,2,,\n":                                 "1|2", // empty cells behind the last column
		"a,b\n1,\"x\"":                                 "1|x",
		"a,b\n1,\"x\"\r\n":                             "1|x",
		bom + "a,b\n1,2\n":                             "1|2",
		"a,b\n1,\"" + strings.Repeat("x", 20) + "\"\n": "1|" + strings.Repeat("x", 20),
	} {
		expect(t, fmt.Sprintf("%q", content), describe(readText(t, content, Options{Delimiter: ","})), want)
	}
}

func TestABrokenRowIsABadAndReadingGoesOn(t *testing.T) {
	for broken, code := range map[string]string{
		"1":              BadFields,
		"1,2,3":          BadFields,
		"\"x\"y,2":       BadQuote,
		"\"open,2":       BadQuote,
		"\xff\xfe\xfd,2": BadEncoding,
	} {
		content := "é,b\n9,9\n" + broken + "\n8,8\n"
		expect(t, broken, describe(readText(t, content, Options{Encoding: "utf-8", Delimiter: ","})), "9|9 / 8|8; "+code+" on 3")
	}
	content := "a,b\n1,2\n\"" + strings.Repeat(strings.Repeat("long", 25000)+"\n", 3*maxQuoted/100000) + "3,4\n"
	got := readText(t, content, Options{})
	expect(t, "a forgotten quote, first codes", strings.Join(strings.Fields(got.codes())[:2], " "), BadQuote+" "+BadFields)
	expect(t, "a forgotten quote, last row", strings.Join(got.cells[len(got.cells)-1], "|"), "3|4")
}

func TestEncodingsAreRecognisedByContent(t *testing.T) {
	for content, want := range map[string]string{
		"nom\nLab\xe8ge\n": "windows-1252 Labège",
		"nom\n\x80 \x9c\n": "windows-1252 € œ",
		"nom\nLabège\n":    "utf-8 Labège",
		"nom\nabc\n":       " abc",
		"nom\nLabège Ramonville-Saint-Agné\nL\xe8\nàé\n": "utf-8 Labège Ramonville-Saint-Agné / àé",
	} {
		got := readText(t, content, Options{})
		expect(t, content, got.info.Encoding+" "+got.rows(), want)
	}
	late := "nom\n" + strings.Repeat("abcdefg\n", sampleSize/8) + "Lab\xe8ge\n"
	got := readText(t, late, Options{})
	expect(t, "behind the sample", got.info.Encoding+" "+got.cells[len(got.cells)-1][0], "windows-1252 Labège")
	expect(t, "declared", readText(t, "n\n\xa4\n", Options{Encoding: "ISO-8859-15"}).rows(), "€")
	_, err := read(tempFile(t, "x", []byte("a\n")), Options{Encoding: "klingon"})
	expectError(t, err, "klingon")
}

func TestHeadersAreCleanedAndUnique(t *testing.T) {
	got := readText(t, "\"A,N,9,0\"; B ;B;;A_2;A\n1;2;3;4;5;6\n", Options{HeaderStrip: `,[A-Z][0-9,]*,?[0-9,]*$`})
	expect(t, "names", strings.Join(got.names, " "), "A B B_2 column_4 A_2 A_3")
	expect(t, "row", got.rows(), "1|2|3|4|5|6")
	_, err := read(tempFile(t, "x", []byte("a\n")), Options{HeaderStrip: "("})
	expectError(t, err, "header_strip")
}

func TestCellsBecomeGeometry(t *testing.T) {
	for content, g := range map[string]*model.Geometry{
		"x;y\n1;2,5\n;\n":                                                            {X: "x", Y: "y"},
		"geo\n\"2.5,1\"\n\"\"\n":                                                     {X: "geo", Y: "geo"},
		"id,wkt\n1,POINT (1 2.5)\n2,\n":                                              {WKT: "wkt"},
		"id,GEOM\n1,SRID=4326;POINT(1 2.5)\n2,\n":                                    {},
		"id,g\n1,0101000020E6100000000000000000F03F0000000000000440\n2,\n":           {WKT: "g"},
		"id;g\n1;\"{\"\"coordinates\"\":[1,2.5],\"\"type\"\":\"\"Point\"\"}\"\n2;\n": {WKT: "g"},
	} {
		got := readText(t, content, Options{Geometry: g})
		want := "POINT(1 2.5) -"
		if strings.HasPrefix(content, "geo\n") { // a line of one empty quoted cell is a row
			want = "POINT(1 2.5) -"
		}
		expect(t, content, got.shapes(), want)
	}
	got := readText(t, "x,y\n1,2\none,2\n,2\n1;5,2\n", Options{Geometry: &model.Geometry{X: "x", Y: "y"}, Delimiter: ","})
	expect(t, "broken coordinates", describe(got), "1|2; geometry_unreadable on 3; geometry_unreadable on 4; geometry_unreadable on 5")
	got = readText(t, "wkt\nPOINT(1)\nPOLYGON((0 0,1 1)\nPOINT(nan 1)\nCIRCLE(1 2)\n", Options{Geometry: &model.Geometry{WKT: "wkt"}, Delimiter: ";"})
	expect(t, "broken WKT", got.codes(), strings.TrimSpace(strings.Repeat(BadGeometry+" ", 4)))
}

// What the standard library writes, we read.
func TestCSVReadsWhatTheStandardLibraryWrites(t *testing.T) {
	path := tempFile(t, "x", nil)
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 5).Draw(t, "columns")
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab,;\"\n é€\t")))
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 1, 20).Draw(t, "rows")
		header := make([]string, columns)
		for i := range header {
			header[i] = fmt.Sprintf("c%d", i)
		}
		var buf bytes.Buffer
		w := csv.NewWriter(&buf)
		w.Comma = rapid.SampledFrom([]rune(delimiters)).Draw(t, "delimiter")
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		_ = w.Write(header)
		_ = w.WriteAll(rows)
		overwrite(t, path, buf.Bytes())
		got, err := read(path, Options{Delimiter: string(w.Comma), BatchRows: 7, Encoding: "utf-8"})
		if err != nil {
			t.Fatal(err)
		}
		if w.UseCRLF {
			for i := range rows {
				for k := range rows[i] {
					rows[i][k] = strings.ReplaceAll(rows[i][k], "\n", "\r\n")
				}
			}
		}
		if fmt.Sprintf("%q", got.cells) != fmt.Sprintf("%q", rows) || len(got.bad) > 0 {
			t.Fatalf("got %q and %v\nwant %q\nfrom %q", got.cells, got.bad, rows, buf.String())
		}
	})
}
