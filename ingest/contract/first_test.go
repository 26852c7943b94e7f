package contract

import (
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"

	"jumeau/ingest/format"
	"jumeau/model"
)

// bindTable holds rows of texts, written with "|" between cells, to a source.
func bindTable(t *testing.T, src *model.Source, header string, points []orb.Geometry, rows ...string) (arrow.RecordBatch, []Reject, *Binder) {
	t.Helper()
	b, err := New(src, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Split(header, "|")
	info := format.Info{Format: "csv", Geometry: points != nil}
	for _, n := range names {
		info.Columns = append(info.Columns, format.Column{Name: n, Type: arrow.BinaryTypes.String})
	}
	wanted, err := b.File(0, "rows.csv", info)
	if err != nil {
		t.Fatal(err)
	}
	batch := &format.Batch{Geometry: points}
	builders := map[string]*array.StringBuilder{}
	for _, n := range names {
		builders[n] = array.NewStringBuilder(memory.DefaultAllocator)
	}
	for i, row := range rows {
		batch.Line = append(batch.Line, int64(i+2))
		for k, cell := range strings.Split(row, "|") {
			if cell == "" {
				builders[names[k]].AppendNull()
			} else {
				builders[names[k]].Append(cell)
			}
		}
	}
	for _, n := range wanted {
		batch.Columns = append(batch.Columns, builders[n].NewArray())
	}
	rec, rejects := b.Bind(batch)
	return rec, rejects, b
}

func TestOfRowsThatShareASaleTheFirstGoodOneIsKept(t *testing.T) {
	src := &model.Source{ID: "sales", Contract: model.Contract{Columns: map[string]*model.Column{
		"sale": {Type: "text"}, "price": {Type: "number", Required: true}, "town": {Type: "text"}}},
		Keep: []model.Keep{{Column: "town", In: []string{"A"}}, {Column: "sale", First: true}}}
	rec, rejects, b := bindTable(t, src, "sale|price|town", nil,
		"1||A",    // rejected: it is not the first
		"1|100|B", // another territory's: neither
		"1|100|A", "1|100|A", "2|50|A", "|7|A", "|7|A", "1|100|A")
	defer rec.Release()
	if rec.NumRows() != 4 || len(rejects) != 1 || b.Skipped != 3 {
		t.Errorf("%d rows, %d rejects, %d skipped; expected 4, 1, 3", rec.NumRows(), len(rejects), b.Skipped)
	}
	if sales := rec.Column(1).(*array.String); sales.Value(0) != "1" || sales.Value(1) != "2" || !sales.IsNull(2) || !sales.IsNull(3) {
		t.Errorf("%v", sales)
	}
}

func TestEachRowMayHaveItsOwnCRS(t *testing.T) {
	src := &model.Source{ID: "bpe", Contract: model.Contract{Columns: map[string]*model.Column{"id": {Type: "text"}},
		Geometry: &model.Geometry{Type: "point", X: "x", Y: "y", CRS: "EPSG"}}}
	lambert := orb.Point{574357, 6279643} // Toulouse
	rec, rejects, _ := bindTable(t, src, "id|EPSG", []orb.Geometry{lambert, orb.Point{1.444, 43.604}, lambert, lambert, lambert},
		"a|2154", "b|EPSG:4326", "c|", "d|99999", "e|3035")
	defer rec.Release()
	if rec.NumRows() != 2 {
		t.Errorf("%d rows: %v", rec.NumRows(), rejects)
	}
	var codes []string
	for _, r := range rejects {
		codes = append(codes, r.Code)
	}
	if got := strings.Join(codes, " "); got != "crs_missing crs_unknown geometry_out_of_bounds" {
		t.Errorf("rejects %s", got)
	}
}

func TestARowWithoutIdentifierIsAUnitOfItsOwn(t *testing.T) {
	src := &model.Source{ID: "survey", Contract: model.Contract{Columns: map[string]*model.Column{
		"who": {From: model.RowItself, Type: "text", Role: "unit", Required: true}, "mode": {Type: "text"}}}}
	rec, rejects, _ := bindTable(t, src, "mode", nil, "bike", "bike", "car")
	defer rec.Release()
	who := rec.Column(1).(*array.String)
	if len(rejects) > 0 || who.Value(0) != "0:2" || who.Value(1) != "0:3" || who.Value(2) != "0:4" {
		t.Errorf("%v %v", who, rejects)
	}
}
