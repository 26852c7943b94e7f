package layer_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
)

var communes = layer.Spec{
	Name: "communes", Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 14, SharedBorders: true,
	Properties: []layer.Property{{Name: "nom", Type: layer.Text}},
}

func TestCommunesComeBackAsTheyWereWritten(t *testing.T) {
	rows := layertest.Read(t, realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson"), communes, "code")
	path := filepath.Join(t.TempDir(), "communes.arrow")
	stats, err := layer.Write(context.Background(), path, communes, layertest.Rows(communes, rows, 100), layer.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Rows != 587 || stats.Features != 587 || stats.Empty != 0 {
		t.Fatalf("%+v", stats)
	}
	f := layertest.Open(t, path)
	if f.Len() != 587 {
		t.Fatalf("%d features", f.Len())
	}
	for _, row := range rows {
		i, ok := f.Index(row.ID)
		if !ok {
			t.Fatalf("%s is missing", row.ID)
		}
		got := f.Feature(i)
		if got.Key != row.Key || got.Properties["nom"] != row.Values[0] {
			t.Fatalf("%s: %v %v", row.ID, got.Key, got.Properties)
		}
		want := row.Geometry.Bound()
		have := got.Geometry.Bound()
		for k, d := range []float64{want.Min[0] - have.Min[0], want.Min[1] - have.Min[1], want.Max[0] - have.Max[0], want.Max[1] - have.Max[1]} {
			if math.Abs(d) > 1e-7 {
				t.Fatalf("%s: side %d of the box is off by %g degrees", row.ID, k, d)
			}
		}
	}
}

func TestSearchFindsWhatAScanFinds(t *testing.T) {
	spec := layer.Spec{Name: "points", Geometry: layer.Points, MinZoom: 0, MaxZoom: 14}
	var rows []layertest.Row
	for i := range 5000 {
		lon, lat := math.Mod(float64(i)*7.31, 360)-180, math.Mod(float64(i)*3.77, 170)-85
		rows = append(rows, layertest.Row{ID: "p", Key: uint64(i), Geometry: orb.Point{lon, lat}})
	}
	f := layertest.File(t, spec, rows)
	for z := uint32(0); z < 6; z++ {
		box := layer.TileBox(z, 1<<z/2, 1<<z/3, 64)
		var want []int32
		for _, b := range f.Batches() {
			for i := range b.Rows {
				x, y := int64(b.MinX[i]), int64(b.MinY[i])
				if x >= box.MinX && x <= box.MaxX && y >= box.MinY && y <= box.MaxY {
					want = append(want, int32(b.First+i))
				}
			}
		}
		got := f.Search(nil, box)
		if len(got) != len(want) {
			t.Fatalf("zoom %d: %d found instead of %d", z, len(got), len(want))
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("zoom %d: feature %d instead of %d", z, got[i], want[i])
			}
		}
	}
}

var spots = layer.Spec{Name: "spots", Geometry: layer.Points, MaxZoom: 14, Properties: []layer.Property{
	{Name: "kind", Type: layer.Text}, {Name: "name", Type: layer.Text}, {Name: "n", Type: layer.Integer},
	{Name: "height", Type: layer.Number}, {Name: "open", Type: layer.Boolean},
}}

// manySpots has a property of few texts and one of more than a dictionary holds.
func manySpots(n int) []layertest.Row {
	var rows []layertest.Row
	for i := range n {
		row := layertest.Row{ID: fmt.Sprint(i), Key: uint64(i), Geometry: orb.Point{math.Mod(float64(i)*0.731, 3), 43 + math.Mod(float64(i)*0.377, 1)}}
		row.Values = []any{fmt.Sprintf("kind %d", i%7), fmt.Sprintf("name %d", i), int64(i - 100), float64(i) / 3, i%3 == 0}
		if i%5 == 0 {
			row.Values = []any{nil, nil, nil, nil, nil}
		}
		rows = append(rows, row)
	}
	return rows
}

func write(t *testing.T, spec layer.Spec, rows []layertest.Row, size int, opt layer.WriteOptions) (string, layer.Stats) {
	t.Helper()
	path := filepath.Join(t.TempDir(), spec.Name+".arrow")
	stats, err := layer.Write(context.Background(), path, spec, layertest.Rows(spec, rows, size), opt)
	if err != nil {
		t.Fatal(err)
	}
	return path, stats
}

func TestSpillingAndBatchSizesDoNotChangeTheFile(t *testing.T) {
	rows := manySpots(90_000)
	whole, stats := write(t, spots, rows, 20_000, layer.WriteOptions{})
	spilled, spilledStats := write(t, spots, rows, 777, layer.WriteOptions{Memory: 1 << 20})
	if stats.Runs != 0 || spilledStats.Runs < 5 {
		t.Fatalf("%d and %d runs were spilled", stats.Runs, spilledStats.Runs)
	}
	a, _ := os.ReadFile(whole)
	b, _ := os.ReadFile(spilled)
	if !bytes.Equal(a, b) {
		t.Error("the files differ")
	}
	left, err := os.ReadDir(filepath.Dir(spilled))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the file lie %v %v", left, err)
	}
}

func TestPropertiesComeBackTypedAndNull(t *testing.T) {
	rows := manySpots(90_000)
	path, _ := write(t, spots, rows, 10_000, layer.WriteOptions{})
	f := layertest.Open(t, path)
	if b := f.Batches()[0]; b.Props[0].Code == nil || b.Props[1].Code != nil {
		t.Error("few texts are coded, many are not")
	}
	if len(f.Batches()) < 2 {
		t.Error("the features fit in one batch: the test does not cross the border of two")
	}
	for i := range f.Len() {
		feature := f.Feature(i)
		want := rows[feature.Key]
		for j, p := range spots.Properties {
			if got := feature.Properties[p.Name]; got != want.Values[j] {
				t.Fatalf("feature %s: %s is %v instead of %v", feature.ID, p.Name, got, want.Values[j])
			}
		}
	}
}

// The file is plain Arrow: its footer, dictionaries and nested columns are read by the Arrow library, which shares nothing
// with Open.
func TestTheArrowLibraryReadsTheFile(t *testing.T) {
	rows := layertest.Read(t, realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson"), communes, "code")
	path, _ := write(t, communes, rows, 100, layer.WriteOptions{})
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ipc.NewFileReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f := layertest.Open(t, path)
	record, err := r.RecordBatch(0)
	if err != nil {
		t.Fatal(err)
	}
	if r.NumRecords() != 1 || record.NumRows() != 587 {
		t.Fatalf("%d batches, %d rows", r.NumRecords(), record.NumRows())
	}
	b := f.Batches()[0]
	ids, names := record.Column(0).(*array.String), record.Column(record.Schema().FieldIndices("properties")[0]).(*array.Struct).Field(0).(*array.Dictionary)
	parts := record.Column(record.Schema().FieldIndices("geometry")[0]).(*array.List)
	rings := parts.ListValues().(*array.List)
	x := rings.ListValues().(*array.Struct).Field(0).(*array.Int32)
	for i := range 587 {
		if ids.Value(i) != string(b.IDs.At(i)) || names.ValueStr(i) != string(b.Props[0].TextAt(i)) {
			t.Fatalf("row %d: %s %s", i, ids.Value(i), names.ValueStr(i))
		}
		from, _ := parts.ValueOffsets(i)
		start, end := rings.ValueOffsets(int(from))
		if int64(b.Vertex[b.Part[i]]) != start || int64(b.Vertex[b.Part[i]+1]) != end || x.Value(int(start)) != b.X[start] {
			t.Fatalf("row %d: ring %d-%d", i, start, end)
		}
	}
}

func TestRowsWithoutGeometryOfTheLayerAreCounted(t *testing.T) {
	rows := []layertest.Row{
		{ID: "null"}, {ID: "line", Geometry: orb.LineString{{1, 1}, {2, 2}}}, {ID: "empty", Geometry: orb.MultiPoint{}},
		{ID: "point", Geometry: orb.Point{1, 1}}, {ID: "mixed", Geometry: orb.Collection{orb.Point{3, 3}, orb.LineString{{1, 1}, {2, 2}}}},
	}
	for i := range rows {
		rows[i].Values = []any{nil, nil, nil, nil, nil}
	}
	path, stats := write(t, spots, rows, 2, layer.WriteOptions{})
	if stats.Rows != 5 || stats.Features != 2 || stats.Empty != 3 {
		t.Errorf("%+v", stats)
	}
	if f := layertest.Open(t, path); f.Len() != 2 {
		t.Errorf("%d features", f.Len())
	}
}

func TestAnEmptyLayerIsAFile(t *testing.T) {
	for _, spec := range []layer.Spec{spots, communes} {
		path, _ := write(t, spec, nil, 1, layer.WriteOptions{})
		f := layertest.Open(t, path)
		if f.Len() != 0 || f.Bounds() != [4]float64{} || len(f.Search(nil, layer.TileBox(0, 0, 0, 64))) != 0 {
			t.Errorf("%d features in %v", f.Len(), f.Bounds())
		}
	}
}

func TestWrongInputIsRefusedWithAHint(t *testing.T) {
	point := layer.Spec{Name: "p", Geometry: layer.Points, MaxZoom: 14}
	for name, c := range map[string]struct {
		spec layer.Spec
		row  layertest.Row
		want string
	}{
		"coordinates in metres":      {point, layertest.Row{ID: "x", Geometry: orb.Point{574_000, 6_279_000}}, "not a longitude and latitude"},
		"cut WKB":                    {point, layertest.Row{ID: "x", WKB: wkb.MustMarshal(orb.Point{1, 1})[:12]}, "ends too early"},
		"a text":                     {point, layertest.Row{ID: "x", WKB: []byte("POINT (1 1)")}, "byte order"},
		"a count beyond the end":     {layer.Spec{Name: "p", Geometry: layer.Lines, MaxZoom: 1}, layertest.Row{ID: "x", WKB: []byte("\x01\x02\x00\x00\x00\xff\xff\xff\xff")}, "ends too early"},
		"unknown geometry":           {layer.Spec{Name: "p", Geometry: "surface", MaxZoom: 14}, layertest.Row{}, `"surface" is unknown`},
		"zoom too high":              {layer.Spec{Name: "p", Geometry: layer.Points, MaxZoom: 21}, layertest.Row{}, "out of range"},
		"shared borders of points":   {layer.Spec{Name: "p", Geometry: layer.Points, SharedBorders: true}, layertest.Row{}, "cannot have shared borders"},
		"a property called id":       {layer.Spec{Name: "p", Geometry: layer.Points, Properties: []layer.Property{{Name: "id", Type: layer.Text}}}, layertest.Row{Values: []any{nil}}, "comes twice"},
		"a property of unknown type": {layer.Spec{Name: "p", Geometry: layer.Points, Properties: []layer.Property{{Name: "at", Type: "date"}}}, layertest.Row{}, `unknown type "date"`},
	} {
		t.Run(name, func(t *testing.T) {
			rows := array.RecordReader(nil)
			if c.row.ID != "" {
				rows = layertest.Rows(c.spec, []layertest.Row{c.row}, 1)
			}
			dir := t.TempDir()
			_, err := layer.Write(context.Background(), filepath.Join(dir, "p.arrow"), c.spec, rows, layer.WriteOptions{})
			if model.KindOf(err) != model.Invalid || !strings.Contains(err.Error(), c.want) || model.HintOf(err) == "" {
				t.Errorf("%v (hint %q)", err, model.HintOf(err))
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestWKBOfOtherDialectsIsRead(t *testing.T) {
	order := binary.BigEndian
	big := append([]byte{0}, order.AppendUint32(nil, 0x20000000|0x80000000|1)...) // extended, with SRID and Z
	big = order.AppendUint32(big, 4326)
	for _, v := range []float64{1.5, 43.5, 150} {
		big = order.AppendUint64(big, math.Float64bits(v))
	}
	iso := append([]byte{1}, binary.LittleEndian.AppendUint32(nil, 3001)...) // ISO, with Z and M
	for _, v := range []float64{1.5, 43.5, 150, 7} {
		iso = binary.LittleEndian.AppendUint64(iso, math.Float64bits(v))
	}
	spec := layer.Spec{Name: "p", Geometry: layer.Points, MaxZoom: 14}
	f := layertest.File(t, spec, []layertest.Row{{ID: "big", WKB: big}, {ID: "iso", WKB: iso}})
	for i := range f.Len() {
		p := f.Feature(i).Geometry.(orb.MultiPoint)[0]
		if math.Abs(p[0]-1.5) > 1e-7 || math.Abs(p[1]-43.5) > 1e-7 {
			t.Errorf("%s: %v", f.Feature(i).ID, p)
		}
	}
}

func TestACancelledWriteLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	_, err := layer.Write(ctx, filepath.Join(dir, "spots.arrow"), spots, layertest.Rows(spots, manySpots(100), 10), layer.WriteOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestADamagedFileIsAnErrorNotAPanic(t *testing.T) {
	path, _ := write(t, spots, manySpots(500), 100, layer.WriteOptions{})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, data []byte) {
		t.Helper()
		damaged := filepath.Join(t.TempDir(), "damaged.arrow")
		if err := os.WriteFile(damaged, data, 0o644); err != nil {
			t.Fatal(err)
		}
		f, err := layer.Open(damaged)
		if err == nil {
			f.Close()
			t.Errorf("%s: opened", what)
		} else if model.KindOf(err) != model.Invalid || model.HintOf(err) == "" {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := 0; n < len(whole); n += len(whole) / 50 {
		refused(fmt.Sprintf("cut to %d bytes", n), whole[:n])
	}
	refused("zeros", make([]byte, len(whole)))
	refused("not Arrow", append([]byte("PAR1"), whole[4:]...))
	refused("another version", bytes.Replace(whole, []byte("jumeau.layer.version\x00"), []byte("jumeau.layer.versiox\x00"), 1))
	if _, err := layer.Open(filepath.Join(t.TempDir(), "absent.arrow")); model.KindOf(err) != model.NotFound {
		t.Errorf("absent file: %v", err)
	}
}
