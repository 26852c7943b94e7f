package tile_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"jumeau/internal/realdata"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/layer/planar"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// totals of the features that belong to the tiles of a zoom: an aggregated one to the tile that holds it, another to the tile
// that holds the centre of its box.
type totals struct {
	count, whole int64
	number       float64
	area         float64 // square grid units: as drawn when aggregated, else of the layer
	allowed      float64 // by which rounding rectangles to tile units may change the area
}

func (s *totals) add(at maptile.Tile, f mvt.Feature, l *layer.File, singles map[string]int) {
	b := planar.BoxOf(f.Parts[0])
	if n, ok := f.Properties["count"]; ok {
		if !holds(f) {
			return
		}
		unit := float64(int64(1) << (layer.ZoomLimit - int(at.Z)))
		s.count += n.(int64)
		s.area += float64(planar.Area2(f.Parts[0])) / 2 * unit * unit
		s.allowed += max(float64(b.MaxX-b.MinX)/2, 1) * unit * unit
	} else {
		batch, row := l.At(singles[f.Properties["id"].(string)])
		x, y := (int64(batch.MinX[row])+int64(batch.MaxX[row]))>>1, (int64(batch.MinY[row])+int64(batch.MaxY[row]))>>1
		box := layer.TileBox(uint32(at.Z), at.X, at.Y, 0)
		if x < box.MinX || x >= box.MaxX || y < box.MinY || y >= box.MaxY {
			return
		}
		s.count++
		if batch.Area != nil {
			s.area += float64(batch.Area[row])
		}
	}
	if v, ok := f.Properties["dwellings"]; ok {
		s.whole += v.(int64)
	}
	if v, ok := f.Properties["energy"]; ok {
		s.number += v.(float64)
	}
}

var summable = []layer.Property{
	{Name: "kind", Type: layer.Text}, {Name: "dwellings", Type: layer.Integer, Sum: true}, {Name: "energy", Type: layer.Number, Sum: true},
}

// Over the tiles of any zoom, counts, sums and areas add up to those of the layer.
func TestTheSumOverAPyramidLevelIsTheLayersTotal(t *testing.T) {
	for _, c := range []struct {
		file, geometry string
		budget         int
	}{
		{"montpellier-etablissements/VilleMTP_MTP_EtabliPublic.geojson.gz", layer.Points, 0},
		{"geojson-odd-cases/muni.geojson.gz", layer.Points, 0},
		{"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", layer.Polygons, 0},
		{"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", layer.Polygons, 12_000}, // a budget that coarsens many tiles
	} {
		t.Run(fmt.Sprintf("%s within %d", c.file, c.budget), func(t *testing.T) {
			spec := layer.Spec{Name: "layer", Geometry: c.geometry, MaxZoom: 14, Properties: summable}
			rows := layertest.Read(t, realdata.Path(t, c.file), spec, "")
			var want totals
			for i := range rows {
				rows[i].Values = []any{"k" + strconv.Itoa(i%3), int64(i % 7), float64(i%5) / 4}
				if i%11 == 0 {
					rows[i].Values = []any{nil, nil, nil}
					continue
				}
				want.whole, want.number = want.whole+int64(i%7), want.number+float64(i%5)/4
			}
			f := layertest.File(t, spec, rows)
			want.count = int64(f.Len())
			singles := map[string]int{}
			for i := range f.Len() {
				batch, row := f.At(i)
				singles[string(batch.IDs.At(row))] = i
				if batch.Area != nil {
					want.area += float64(batch.Area[row])
				}
			}
			got := map[maptile.Zoom]*totals{}
			coarse := 0
			pyramidWith(t, f, 14, tile.Options{Budget: c.budget}, func(at maptile.Tile, _ []byte, stats tile.Stats, decoded []mvt.Layer) {
				if got[at.Z] == nil {
					got[at.Z] = &totals{}
				}
				coarse += len(stats.Coarse)
				for _, l := range decoded {
					for _, feature := range l.Features {
						got[at.Z].add(at, feature, f, singles)
					}
				}
			})
			if (coarse > 0) != (c.budget > 0) {
				t.Errorf("%d tiles were drawn more coarsely", coarse)
			}
			for z := maptile.Zoom(0); z <= 14; z++ {
				g := got[z]
				if g.count != want.count || g.whole != want.whole || math.Abs(g.number-want.number) > 1e-6 {
					t.Errorf("zoom %d: count, dwellings, energy %d %d %f instead of %d %d %f", z, g.count, g.whole, g.number, want.count, want.whole, want.number)
				}
				if d := math.Abs(g.area - want.area); d > g.allowed+want.area*1e-6 || z >= 13 && d > want.area/50 {
					t.Errorf("zoom %d: area %.4g instead of %.4g, rounding allows %.2g", z, g.area, want.area, g.allowed)
				}
			}
		})
	}
}

func TestASumThatNoLongerFitsIsANumber(t *testing.T) {
	spec := layer.Spec{Name: "layer", Geometry: layer.Points, MaxZoom: 14, Properties: summable[1:2]}
	at := unit(here, 100, 100)
	for _, c := range []struct {
		a, b any
		want any
	}{
		{int64(math.MaxInt64), int64(1), float64(1 << 63)},
		{int64(math.MinInt64), int64(-1), -float64(1 << 63)},
		{int64(math.MaxInt64), int64(math.MinInt64), int64(-1)},
		{int64(-3), nil, int64(-3)},
		{nil, nil, nil},
	} {
		f := layertest.File(t, spec, []layertest.Row{{ID: "a", Key: 1, Geometry: at, Values: []any{c.a}}, {ID: "b", Key: 2, Geometry: at, Values: []any{c.b}}})
		body, _, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := check(t, body, here)[0].Features[0].Properties["dwellings"]; got != c.want {
			t.Errorf("%v + %v = %v", c.a, c.b, got)
		}
	}
}

// Lines with equal properties that meet in a node are one line; a junction goes on where it is straightest.
func TestLinesThatContinueOneAnotherAreOne(t *testing.T) {
	spec := layer.Spec{Name: "roads", Geometry: layer.Lines, MaxZoom: 14, Properties: []layer.Property{
		{Name: "class", Type: layer.Text}, {Name: "metres", Type: layer.Number, Sum: true},
	}}
	line := func(id, class string, xy ...float64) layertest.Row {
		var l orb.LineString
		for i := 0; i+1 < len(xy); i += 2 {
			l = append(l, unit(here, xy[i], xy[i+1]))
		}
		return layertest.Row{ID: id, Key: uint64(id[0]), Geometry: l, Values: []any{class, 10.0}}
	}
	f := layertest.File(t, spec, []layertest.Row{
		line("a", "main", 100, 100, 200, 100), line("b", "main", 300, 120, 200, 100), // given the other way round
		line("c", "side", 200, 100, 200, 300), line("d", "main", 300, 120, 300.2, 120.1), line("e", "main", 300.2, 120.1, 500, 160),
		line("f", "cross", 1000, 1000, 1100, 1000), line("g", "cross", 1100, 1000, 1200, 1010), line("h", "cross", 1100, 1000, 1110, 1200),
		line("i", "ring", 2000, 2000, 2100, 2000, 2100, 2100), line("j", "ring", 2100, 2100, 2000, 2100, 2000, 2000),
		line("k", "dot", 3000, 3000, 3000.1, 3000.1),
	})
	body, stats, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range check(t, body, here)[0].Features {
		if part := f.Parts[0]; part[0] == part[len(part)-1] { // a ring may begin anywhere
			for part = part[1:]; part[0] != (planar.Point{X: 2000, Y: 2000}); {
				part = append(part[1:], part[0])
			}
			f.Parts[0] = append(part, part[0])
		} else if part[0].X > part[len(part)-1].X {
			slices.Reverse(part)
		}
		got[fmt.Sprint(f.Properties["class"], f.Properties["id"])] = fmt.Sprint(f.Properties["count"], f.Properties["metres"], f.Parts)
	}
	want := map[string]string{
		"main<nil>":  "4 40 [[{100 100} {200 100} {300 120} {500 160}]]",
		"sidec":      "<nil> 10 [[{200 100} {200 300}]]",
		"cross<nil>": "2 20 [[{1000 1000} {1100 1000} {1200 1010}]]",
		"crossh":     "<nil> 10 [[{1100 1000} {1110 1200}]]",
		"ring<nil>":  "2 20 [[{2000 2000} {2100 2000} {2100 2100} {2000 2100} {2000 2000}]]",
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %s instead of %s", k, got[k], v)
		}
	}
	if len(got) != len(want) || stats.Aggregated != 8 || stats.Aggregates != 3 || stats.Collapsed != 1 {
		t.Errorf("%v %+v", got, stats)
	}
}

// Below the highest zoom every line of a real network is in a tile: by itself, in another, or counted as too small.
func TestNoLineIsLostWhenLinesAreJoined(t *testing.T) {
	spec := layer.Spec{Name: "roads", Geometry: layer.Lines, MaxZoom: 14}
	f := layertest.File(t, spec, layertest.Read(t, realdata.Path(t, "flatgeobuf-suite/tiger_roads.geojson.gz"), spec, ""))
	whole := layer.Box{MinX: math.MinInt32, MinY: math.MinInt32, MaxX: math.MaxInt32, MaxY: math.MaxInt32}
	if n := len(f.Search(nil, whole)); n != f.Len() {
		t.Fatal(n)
	}
	body, stats, err := tile.Encode(nil, []*layer.File{f}, maptile.New(0, 0, 0), tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	check(t, body, maptile.New(0, 0, 0))
	if total := stats.Aggregated + stats.Features - stats.Aggregates + stats.Collapsed; total != f.Len() {
		t.Errorf("%d lines instead of %d: %+v", total, f.Len(), stats)
	}
	b := f.Bounds()
	at := maptile.At(orb.Point{(b[0] + b[2]) / 2, (b[1] + b[3]) / 2}, 11)
	body, stats, err = tile.Encode(nil, []*layer.File{f}, at, tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	counted := 0
	for _, feature := range check(t, body, at)[0].Features {
		if n, ok := feature.Properties["count"]; ok {
			counted += int(n.(int64))
		}
	}
	if counted != stats.Aggregated || stats.Aggregates == 0 {
		t.Errorf("%d lines in joined ones instead of %d", counted, stats.Aggregated)
	}
	t.Logf("%d lines; %v: %+v", f.Len(), at, stats)
}
