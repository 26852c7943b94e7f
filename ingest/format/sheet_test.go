package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/internal/realdata"
)

// workbook packs the parts of a small Excel file; rows is the content of its sheetData.
func workbook(t testing.TB, rows string) []byte {
	return zipped(t, "[Content_Types].xml", "<Types/>",
		"xl/workbook.xml", `<workbook xmlns:r="x"><workbookPr/><sheets><sheet name="Données" sheetId="1" r:id="rId1"/><sheet name="Notes" sheetId="2" r:id="rId2"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="rId2" Target="worksheets/sheet2.xml"/><Relationship Id="rId1" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
		"xl/sharedStrings.xml", `<sst><si><t>code</t></si><si><t>nom</t></si><si><r><t>L'</t></r><r><t xml:space="preserve">Union </t></r><rPh><t>x</t></rPh></si><si><t>jour</t></si></sst>`,
		"xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="0.0 &quot;day&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml", `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`,
		"xl/worksheets/sheet2.xml", `<worksheet><sheetData/></worksheet>`)
}

const twoRows = `<row r="1"><c r="A1" t="inlineStr"><is><t>A title</t></is></c></row>
<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="D3" t="s"><v>3</v></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>01004</t></is></c><c r="B4" t="s"><v>2</v></c><c r="C4"><f>1+1</f><v>2</v></c><c r="D4" s="1"><v>45351</v></c></row>
<row r="5"/><row r="6"><c r="A6"><v>31555</v></c><c r="B6" t="e"><v>#N/A</v></c><c r="C6" t="b"><v>1</v></c><c r="D6" s="3"><v>45351.75</v></c></row>
<row r="7"><c r="C7" s="2"><v>1.5</v></c><c r="D7" t="str"><v>a &amp; b</v></c></row>`

func TestAWorkbookIsReadFromItsHeaderRowOn(t *testing.T) {
	path := tempFile(t, "x.xlsx", workbook(t, twoRows))
	got := mustRead(t, path, Options{Table: "Données"})
	expect(t, "names", strings.Join(got.names, "|"), "code|nom|column_3|jour")
	expect(t, "rows", got.rows(), "01004|L'Union |2|2024-02-29 / 31555||true|2024-02-29T18:00:00 / ||1.5|a & b")
	if got.line[0] != 4 || got.line[2] != 7 {
		t.Errorf("rows %v", got.line)
	}
	got = mustRead(t, path, Options{Table: "Données", HeaderRow: 4}, "2024-02-29")
	expect(t, "declared header", got.rows(), "2024-02-29T18:00:00 / a & b")
	_, err := read(path, Options{})
	expectError(t, err, "several sheets", "Données", "Notes", "table")
	_, err = read(path, Options{Table: "Notes"})
	expectError(t, err, "no row with the names of columns", "header_row")
	_, err = read(tempFile(t, "x", workbook(t, `<row r="1"><c t="s"><v>99</v></c></row>`)), Options{Table: "Données"})
	expectError(t, err, "does not exist")
	_, err = read(tempFile(t, "x", zipped(t, "word/document.xml", "")), Options{})
	expectError(t, err, "Word")
}

func TestSheetsWrittenByGDALHoldTheTableTheyWereMadeOf(t *testing.T) {
	in := realdata.Path(t, "flights-3m/airports.csv")
	want := mustRead(t, in, Options{})
	for _, driver := range []string{"XLSX", "ODS"} {
		path := filepath.Join(t.TempDir(), "x."+strings.ToLower(driver))
		ogr2ogr(t, "-f", driver, path, in)
		got := mustRead(t, path, Options{})
		expect(t, driver+" names", strings.Join(got.names, "|"), strings.Join(want.names, "|"))
		if len(got.cells) != len(want.cells) {
			t.Fatalf("%s: %d rows, want %d", driver, len(got.cells), len(want.cells))
		}
		for i, r := range want.cells {
			for c := range r {
				if !sameCell(got.cells[i][c], r[c]) {
					t.Fatalf("%s: row %d, %s: %q, want %q", driver, i+1, got.names[c], got.cells[i][c], r[c])
				}
			}
		}
		place := mustRead(t, path, geometryIn("", "longitude", "latitude"))
		if len(place.geometry) != 3376 || place.geometry[0] == nil {
			t.Errorf("%s: %d geometries", driver, len(place.geometry))
		}
	}
}

const odsSheet = `<office:document-content><office:body><office:spreadsheet><table:table table:name="A"><table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>code</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>n<text:span>om</text:span></text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1.50"><text:p>1,5</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-02-29"><office:annotation><text:p>note</text:p></office:annotation><text:p>29/02</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table><table:table table:name="B"/></office:spreadsheet></office:body></office:document-content>`

func TestAnOpenDocumentSheetRepeatsRowsAndCells(t *testing.T) {
	path := tempFile(t, "x.ods", zipped(t, "mimetype", "x", "content.xml", odsSheet))
	got := mustRead(t, path, Options{Table: "A"})
	expect(t, "rows", got.rows(), "1.50|2024-02-29 / 1.50|2024-02-29")
	if got.line[0] != 5 || got.line[1] != 6 {
		t.Errorf("rows %v", got.line)
	}
	_, err := read(path, Options{Table: "C"})
	expectError(t, err, `no sheet "C"`, `"A", "B"`)
}

func FuzzSheet(f *testing.F) {
	f.Add(twoRows)
	f.Add(odsSheet)
	f.Fuzz(func(t *testing.T, xml string) {
		for _, packed := range [][]byte{workbook(t, xml), zipped(t, "content.xml", xml)} {
			fuzzText(t, packed, Options{Table: "A"})
			fuzzText(t, packed, Options{Table: "Données"})
		}
	})
}

func TestAWorkbookInAFolderOfAnArchiveIsFound(t *testing.T) {
	inner := workbook(t, twoRows)
	for name, packed := range map[string][]byte{"zip": zipped(t, "d/a.xlsx", string(inner), "lisez-moi.pdf", "x"), "gzip": gzipped(inner)} {
		path := tempFile(t, "x", packed)
		got := mustRead(t, path, Options{Table: "Données"})
		if len(got.cells) != 3 {
			t.Errorf("%s: %d rows", name, len(got.cells))
		}
	}
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "jumeau-*"))
	if len(left) > 0 {
		t.Logf("temporary files of other tests: %d", len(left))
	}
}
