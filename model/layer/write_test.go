package layer_test

import (
	"context"
	"math"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
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
