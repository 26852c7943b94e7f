package tile_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/filter"
	"jumeau/query/tile"
	"jumeau/query/tile/mvt"
)

// randomLayer writes points or small squares in clusters, some across the 180° meridian and near the poles.
func randomLayer(r *rapid.T, dir string, spec layer.Spec) *layer.File {
	var rows []layertest.Row
	for c := range rapid.IntRange(1, 4).Draw(r, "clusters") {
		at := orb.Point{rapid.SampledFrom([]float64{-180, -179.99, 1.44, 179.99}).Draw(r, "lon"), rapid.SampledFrom([]float64{-84.9, 0, 43.6, 85}).Draw(r, "lat")}
		spread := math.Pow(10, rapid.Float64Range(-6, 0).Draw(r, "spread"))
		for i := range rapid.IntRange(1, 60).Draw(r, "features") {
			lon := at[0] + spread*rapid.Float64Range(-1, 1).Draw(r, "x")
			lat := at[1] + spread*rapid.Float64Range(-1, 1).Draw(r, "y")*0.1
			row := layertest.Row{ID: fmt.Sprint(c, "-", i), Key: uint64(1000*c + i + 1), Geometry: orb.Point{wrapped(lon), lat},
				Values: []any{"k" + strconv.Itoa(i%3), int64(rapid.IntRange(-5, 1000).Draw(r, "dwellings")), rapid.Float64Range(0, 9).Draw(r, "energy")}}
			if i%9 == 0 {
				row.Values = []any{nil, nil, nil}
			}
			if spec.Geometry == layer.Polygons {
				side := spread * rapid.Float64Range(1e-3, 0.5).Draw(r, "side")
				lon = max(-180, min(180-side, lon))
				row.Geometry = orb.Polygon{{{lon, lat}, {lon + side, lat}, {lon + side, lat + side*0.1}, {lon, lat + side*0.1}, {lon, lat}}}
			}
			rows = append(rows, row)
		}
	}
	path := filepath.Join(dir, "layer.arrow")
	reader := layertest.Rows(spec, rows, 50)
	defer reader.Release()
	if _, err := layer.Write(r.Context(), path, spec, reader, layer.WriteOptions{}); err != nil {
		r.Fatal(err)
	}
	f, err := layer.Open(path)
	if err != nil {
		r.Fatal(err)
	}
	return f
}

func wrapped(lon float64) float64 {
	switch {
	case lon < -180:
		return lon + 360
	case lon > 180:
		return lon - 360
	}
	return lon
}

// Whatever the layer, the filter and the budget, counts and sums over the tiles of each zoom are those of the chosen features.
func TestTheSumOverAnyLevelIsTheTotalOfWhatAFilterChooses(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		spec := layer.Spec{Name: "layer", Geometry: rapid.SampledFrom([]string{layer.Points, layer.Polygons}).Draw(r, "geometry"), MaxZoom: 9, Properties: summable}
		f := randomLayer(r, dir, spec)
		defer func() { f.Close(); os.Remove(filepath.Join(dir, "layer.arrow")) }()
		text := rapid.SampledFrom([]string{"", "kind = 'k1'", "NOT dwellings < 500", "kind IS NULL OR energy > 3", "id LIKE '0-%'"}).Draw(r, "filter")
		opt := tile.Options{Budget: rapid.SampledFrom([]int{0, 600}).Draw(r, "budget"), Layers: make([]tile.LayerOptions, 1)}
		if text != "" {
			parsed, err := filter.Parse(text, spec.Properties)
			if err != nil {
				r.Fatal(err)
			}
			opt.Layers[0].Filter = parsed.Bind(f)
		}
		var want totals
		singles := map[string]int{}
		for i := range f.Len() {
			b, row := f.At(i)
			singles[string(b.IDs.At(row))] = i
			if opt.Layers[0].Filter != nil && !opt.Layers[0].Filter.Match(b, row) {
				continue
			}
			want.count++
			if v, ok := f.Feature(i).Properties["dwellings"]; ok {
				want.whole += v.(int64)
			}
			if v, ok := f.Feature(i).Properties["energy"]; ok {
				want.number += v.(float64)
			}
		}
		for z := maptile.Zoom(0); z <= 9; z++ {
			var got totals
			counted := map[any]bool{}
			for _, at := range tilesOf(f, z) {
				body, _, err := tile.Encode(nil, []*layer.File{f}, at, opt)
				if err != nil {
					r.Fatal(err)
				}
				layers, err := mvt.Decode(body)
				if err != nil {
					r.Fatal(err)
				}
				for _, l := range layers {
					for _, feature := range l.Features {
						if _, bare := feature.Properties["id"]; !bare {
							for id, i := range singles { // a bare layer names features by their keys only
								if b, row := f.At(i); feature.HasID && b.Key[row] == feature.ID {
									feature.Properties["id"] = id
								}
							}
						}
						if id := feature.Properties["id"]; id != nil && counted[id] {
							continue // once more in the buffer, across the 180° meridian
						}
						before := got.count
						got.add(at, feature, f, singles)
						counted[feature.Properties["id"]] = got.count > before
					}
				}
			}
			if got.count != want.count || got.whole != want.whole || math.Abs(got.number-want.number) > 1e-6 {
				r.Fatalf("zoom %d of %d %s, filter %q: count, dwellings, energy %d %d %f instead of %d %d %f", z, f.Len(), spec.Geometry, text,
					got.count, got.whole, got.number, want.count, want.whole, want.number)
			}
		}
	})
}

// tilesOf are the tiles of a zoom that may show something of the layer.
func tilesOf(f *layer.File, z maptile.Zoom) (out []maptile.Tile) {
	seen := map[maptile.Tile]bool{}
	for i := range f.Len() {
		b, row := f.At(i)
		shift := layer.ZoomLimit - int(z) + 12
		n := int64(1) << z
		for x := int64(b.MinX[row])>>shift - 1; x <= int64(b.MaxX[row])>>shift+1; x++ {
			for y := int64(b.MinY[row])>>shift - 1; y <= int64(b.MaxY[row])>>shift+1; y++ {
				column, line := (x+n/2+n)%n, y+n/2
				at := maptile.New(uint32(column), uint32(line), z)
				if z == 0 {
					at = maptile.New(0, 0, 0)
				}
				if line >= 0 && line < n && !seen[at] {
					seen[at] = true
					out = append(out, at)
				}
			}
		}
	}
	return out
}

func TestAPointOnThe180thMeridianIsDrawnOnBothSidesOfIt(t *testing.T) {
	for _, lon := range []float64{180, -180, 180 - 1e-8, 540} {
		f := layertest.File(t, layer.Spec{Name: "buoys", Geometry: layer.Points, MaxZoom: 4}, []layertest.Row{{ID: "a", Key: 1, Geometry: orb.Point{lon, 10}}})
		for _, at := range []maptile.Tile{maptile.New(0, 7, 4), maptile.New(15, 7, 4)} {
			body, _, err := tile.Encode(nil, []*layer.File{f}, at, tile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if layers := check(t, body, at); len(layers) != 1 || len(layers[0].Features) != 1 || layers[0].Features[0].Parts[0][0].X%tile.Extent != 0 {
				t.Errorf("%v° in %v: %v", lon, at, layers)
			}
		}
	}
}
