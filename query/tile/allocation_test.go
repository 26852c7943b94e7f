package tile_test

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/filter"
	"jumeau/query/tile"
)

// Once its scratch space has grown, the encoder allocates nothing, whatever is asked of it.
func TestEncodingAllocatesNothing(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection would empty the pool
	for name, shape := range map[string]func(i int, r *rand.Rand) orb.Geometry{
		layer.Points: func(_ int, r *rand.Rand) orb.Geometry { return unit(here, r.Float64()*4096, r.Float64()*4096) },
		layer.Polygons: func(_ int, r *rand.Rand) orb.Geometry {
			return square(r.Float64()*4096, r.Float64()*4096, 1+20*r.Float64())
		},
		layer.Lines: func(i int, r *rand.Rand) orb.Geometry {
			return orb.LineString{unit(here, float64(i%50)*80, float64(i/50)*80), unit(here, float64(i%50)*80+80, float64(i/50)*80)}
		},
	} {
		spec := layer.Spec{Name: "layer", Geometry: name, MaxZoom: 14, Properties: summable}
		rows := rowsOf(2000, 0, shape)
		for i := range rows {
			rows[i].Values = []any{fmt.Sprint(i % 4), int64(i % 9), 0.5}
		}
		f := layertest.File(t, spec, rows)
		parsed, err := filter.Parse("kind IN ('1', '2') AND dwellings > 1", spec.Properties)
		if err != nil {
			t.Fatal(err)
		}
		figures := &tile.Figures{Figures: frame.NewFigures(2000), Names: [4]string{"value", "lo", "hi", "flag"}}
		for what, with := range map[string]tile.LayerOptions{"plain": {}, "filter": {Filter: parsed.Bind(f)}, "figures": {Figures: figures}} {
			opt := tile.Options{Layers: []tile.LayerOptions{with}}
			layers := []*layer.File{f}
			var body []byte
			if n := testing.AllocsPerRun(5, func() {
				if body, _, err = tile.Encode(body[:0], layers, here, opt); err != nil {
					t.Fatal(err)
				}
			}); n > 0 {
				t.Errorf("%s, %s: %v allocations", name, what, n)
			}
		}
	}
}
