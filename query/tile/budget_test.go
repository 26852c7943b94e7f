package tile_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
)

// rowsOf makes n rows with texts that do not compress.
func rowsOf(n, text int, shape func(i int, r *rand.Rand) orb.Geometry) []layertest.Row {
	r := rand.New(rand.NewPCG(4, 4))
	rows := make([]layertest.Row, n)
	for i := range rows {
		b := make([]byte, text)
		for j := range b {
			b[j] = byte('!' + r.IntN(90))
		}
		rows[i] = layertest.Row{ID: fmt.Sprint(i), Key: uint64(i + 1), Geometry: shape(i, r)}
		if text > 0 {
			rows[i].Values = []any{string(b)}
		}
	}
	return rows
}

func square(x, y, side float64) orb.Polygon {
	return orb.Polygon{ring(here, x, y, x+side, y, x+side, y+side, x, y+side)}
}

// Whatever a layer holds, and whatever its specification forbids, no tile weighs more than the budget.
func TestNoTileWeighsMoreThanTheBudget(t *testing.T) {
	text := []layer.Property{{Name: "text", Type: layer.Text}}
	const budget = 50_000
	for _, c := range []struct {
		name string
		spec layer.Spec
		rows []layertest.Row
		bare bool
	}{
		{"points at the highest zoom", layer.Spec{Geometry: layer.Points}, rowsOf(20_000, 8, func(_ int, r *rand.Rand) orb.Geometry {
			return unit(here, r.Float64()*4096, r.Float64()*4096)
		}), false},
		{"points in groups", layer.Spec{Geometry: layer.Points}, rowsOf(5_000, 8, func(_ int, r *rand.Rand) orb.Geometry {
			return orb.MultiPoint{unit(here, r.Float64()*4096, r.Float64()*4096), unit(here, r.Float64()*4096, r.Float64()*4096)}
		}), true},
		{"small polygons at the highest zoom", layer.Spec{Geometry: layer.Polygons}, rowsOf(10_000, 8, func(_ int, r *rand.Rand) orb.Geometry {
			return square(r.Float64()*4096, r.Float64()*4096, 3)
		}), false},
		{"polygons as large as the tile", layer.Spec{Geometry: layer.Polygons}, rowsOf(5_000, 30, func(_ int, r *rand.Rand) orb.Geometry {
			return square(r.Float64()*1000, r.Float64()*1000, 3000)
		}), true},
		{"zones with crooked borders", layer.Spec{Geometry: layer.Polygons, SharedBorders: true}, lattice(20, 40, 4), false},
		{"many zones with long names", layer.Spec{Geometry: layer.Polygons, SharedBorders: true}, lattice(50, 1, 40), true},
		{"lines", layer.Spec{Geometry: layer.Lines}, rowsOf(10_000, 8, func(_ int, r *rand.Rand) orb.Geometry {
			x, y := r.Float64()*4096, r.Float64()*4096
			return orb.LineString{unit(here, x, y), unit(here, x+r.Float64()*50, y+r.Float64()*50), unit(here, x+50, y+r.Float64()*50)}
		}), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.spec.Name, c.spec.MinZoom, c.spec.MaxZoom, c.spec.Properties = "layer", 8, 10, text
			f := layertest.File(t, c.spec, c.rows)
			var gzip []byte
			body, stats, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{Budget: budget, Gzip: &gzip})
			if err != nil {
				t.Fatal(err)
			}
			decoded := check(t, body, here)
			if n := len(tile.Gzip(nil, body)); n > budget || n != stats.Compressed || len(gzip) != n {
				t.Errorf("%d bytes compressed; stats say %d", n, stats.Compressed)
			}
			if len(stats.Coarse) != 1 || stats.Coarse[0].Layer != "layer" || stats.Coarse[0].Unit < 2 && stats.Coarse[0].Cell < 2 || stats.Coarse[0].Bare != c.bare {
				t.Errorf("%+v", stats)
			}
			if len(decoded) == 0 || len(decoded[0].Features) != stats.Features {
				t.Fatal("nothing is left")
			}
			if c.spec.SharedBorders {
				checkPartition(t, here, decoded[0].Features)
			}
			t.Logf("%+v", stats)
		})
	}
}

// lattice is n × n zones over the tile, with borders of so many steps.
func lattice(n, steps, text int) []layertest.Row {
	node := func(i, j int) [2]float64 {
		return [2]float64{float64(i) * 4096 / float64(n), float64(j) * 4096 / float64(n)}
	}
	side := func(i, j, k, l int) [][2]float64 { // the same points whichever way it is walked
		if k < i || l < j {
			return nil
		}
		r := rand.New(rand.NewPCG(uint64(i*1000+j), uint64(k*1000+l)))
		a, b := node(i, j), node(k, l)
		out := [][2]float64{}
		for s := 1; s < steps; s++ {
			f, off := float64(s)/float64(steps), (r.Float64()-0.5)*0.3*min(float64(s)/float64(steps), 1-float64(s)/float64(steps))
			out = append(out, [2]float64{a[0] + f*(b[0]-a[0]) - off*(b[1]-a[1]), a[1] + f*(b[1]-a[1]) + off*(b[0]-a[0])})
		}
		return out
	}
	return rowsOf(n*n, text, func(at int, _ *rand.Rand) orb.Geometry {
		i, j := at/n, at%n
		xy := [][2]float64{node(i, j)}
		xy = append(append(xy, side(i, j, i+1, j)...), node(i+1, j))
		xy = append(append(xy, side(i+1, j, i+1, j+1)...), node(i+1, j+1))
		back := side(i, j+1, i+1, j+1)
		slices.Reverse(back)
		xy = append(append(xy, back...), node(i, j+1))
		back = side(i, j, i, j+1)
		slices.Reverse(back)
		return orb.Polygon{lonLatRing(here, append(xy, back...))}
	})
}

func TestOnlyTheHeaviestLayerIsDrawnMoreCoarsely(t *testing.T) {
	spec := layer.Spec{Name: "light", Geometry: layer.Polygons, MaxZoom: 10}
	light := layertest.File(t, spec, []layertest.Row{{ID: "a", Key: 1, Geometry: square(101, 203, 301)}})
	spec = layer.Spec{Name: "heavy", Geometry: layer.Points, MaxZoom: 10, Properties: []layer.Property{{Name: "text", Type: layer.Text}}}
	heavy := layertest.File(t, spec, rowsOf(20_000, 8, func(_ int, r *rand.Rand) orb.Geometry {
		return unit(here, r.Float64()*4096, r.Float64()*4096)
	}))
	body, stats, err := tile.Encode([]byte("before"), []*layer.File{light, heavy}, here, tile.Options{Budget: 50_000})
	if err != nil {
		t.Fatal(err)
	}
	after, ok := strings.CutPrefix(string(body), "before")
	if !ok || len(stats.Coarse) != 1 || stats.Coarse[0].Layer != "heavy" {
		t.Errorf("%+v", stats)
	}
	decoded := check(t, []byte(after), here)
	if got := fmt.Sprint(decoded[0].Features[0].Parts); decoded[0].Name != "light" || got != "[[{101 203} {402 203} {402 504} {101 504}]]" {
		t.Errorf("%s", got)
	}
}

func TestATileThatFitsIsNotTouched(t *testing.T) {
	f := layertest.File(t, layer.Spec{Name: "points", Geometry: layer.Points, MaxZoom: 10}, rowsOf(2000, 0, func(_ int, r *rand.Rand) orb.Geometry {
		return unit(here, r.Float64()*4096, r.Float64()*4096)
	}))
	free, _, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{Budget: -1})
	if err != nil {
		t.Fatal(err)
	}
	fits := len(tile.Gzip(nil, free))
	for _, budget := range []int{fits, len(free)} {
		body, stats, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{Budget: budget})
		if err != nil || string(body) != string(free) || stats.Coarse != nil {
			t.Errorf("%d: %v %+v", budget, err, stats)
		}
	}
	if _, stats, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{Budget: fits - 1}); err != nil || stats.Coarse == nil {
		t.Errorf("%v %+v", err, stats)
	}
	if body, _, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{Budget: 10}); err == nil || len(body) > 0 {
		t.Error("a tile that cannot be drawn in its budget is not an error")
	}
}

// Every tile that could be too heavy, of all that the benchmark has.
func TestEveryTileOfTheBenchmarkIsWithinItsBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("encodes every tile of three million features: not with -short")
	}
	points := layer.Spec{Name: "points", Geometry: layer.Points, MinZoom: 5, MaxZoom: 14, Properties: []layer.Property{{Name: "count", Type: layer.Integer, Sum: true}, {Name: "hour", Type: layer.Integer}}}
	zones := layer.Spec{Name: "zones", Geometry: layer.Polygons, MinZoom: 5, MaxZoom: 14, SharedBorders: true}
	zones.Properties = []layer.Property{{Name: "code", Type: layer.Text}}
	for i := range 20 {
		zones.Properties = append(zones.Properties, layer.Property{Name: fmt.Sprintf("v%02d", i+1), Type: layer.Number})
	}
	low := layertest.Buildings
	low.MinZoom, low.MaxZoom = 5, 16
	for file, spec := range map[string]layer.Spec{"buildings.wkb.csv": low, "points.wkb.csv": points, "zones.wkb.csv": zones} {
		t.Run(file, func(t *testing.T) {
			csv := layertest.BenchData(t, file)
			path := filepath.Join(t.TempDir(), "layer.arrow")
			rows, err := layertest.NewCSVRows(csv, spec)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Release()
			if _, err := layer.Write(context.Background(), path, spec, rows, layer.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
			f := layertest.Open(t, path)
			tiles, coarse, heaviest := 0, 0, 0
			var visit func(at maptile.Tile)
			visit = func(at maptile.Tile) {
				if n := len(f.Search(nil, layer.TileBox(uint32(at.Z), at.X, at.Y, 64))); n == 0 || n < 3000 && spec.Name != "zones" {
					return // 3000 features of these layers weigh less than 500 kB before they are compressed
				}
				if int(at.Z) >= spec.MinZoom {
					body, stats, err := tile.Encode(nil, []*layer.File{f}, at, tile.Options{})
					if err != nil {
						t.Fatal(err)
					}
					size := min(len(body), max(stats.Compressed, 0))
					if stats.Compressed == 0 {
						size = len(tile.Gzip(nil, body))
					}
					if size > tile.DefaultBudget {
						t.Errorf("%v: %d bytes", at, size)
					}
					tiles, coarse, heaviest = tiles+1, coarse+len(stats.Coarse), max(heaviest, size)
					if len(stats.Coarse) > 0 {
						t.Logf("%v %+v", at, stats)
					}
				}
				if int(at.Z) < min(spec.MaxZoom, 14) {
					for _, child := range at.Children() {
						visit(child)
					}
				}
			}
			visit(maptile.New(0, 0, 0))
			t.Logf("%d tiles, %d drawn more coarsely, the heaviest %d bytes with gzip", tiles, coarse, heaviest)
			os.Remove(path)
		})
	}
}
