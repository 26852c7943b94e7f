package tile_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb/maptile"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/tile"
)

// buildings is the layer file of the million buildings of the benchmark, written once beside the data.
func buildings(b *testing.B) *layer.File {
	b.Helper()
	csv := layertest.BenchData(b, "buildings.wkb.csv")
	path := filepath.Join(filepath.Dir(csv), fmt.Sprintf("buildings.v%d.arrow", layer.Version))
	if _, err := os.Stat(path); err != nil || os.Getenv("JUMEAU_BENCH_FRESH") != "" {
		writeBuildings(b, csv, path, 1)
	}
	f, err := layer.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return f
}

func writeBuildings(b *testing.B, csv, path string, copies int) layer.Stats {
	b.Helper()
	rows, err := layertest.NewCSVRows(csv, layertest.Buildings)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Release()
	rows.Copies = copies
	start := time.Now()
	stats, err := layer.Write(context.Background(), path, layertest.Buildings, rows, layer.WriteOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("written in %s: %+v", time.Since(start).Round(time.Millisecond), stats)
	return stats
}

// BenchmarkMixedTiles encodes the 300 tiles of the benchmark's list one after the other, without any cache: the bytes of
// the tile only, then compressed too, which is all that a request for a tile never seen costs.
func BenchmarkMixedTiles(b *testing.B) {
	f := buildings(b)
	tiles := layertest.BenchTiles(b, "mixed.txt")
	b.Run("encoded", func(b *testing.B) { encodeAll(b, f, tiles, false) })
	b.Run("gzip", func(b *testing.B) { encodeAll(b, f, tiles, true) })
}

// encodeAll reports how long the tiles take, one at a time.
func encodeAll(b *testing.B, f *layer.File, tiles []maptile.Tile, gzip bool) {
	layers := []*layer.File{f}
	var buf, packed []byte
	var times []time.Duration
	var size, n int
	b.ReportAllocs()
	cpu := cpuTime()
	for b.Loop() {
		for _, t := range tiles {
			start := time.Now()
			opt := tile.Options{Budget: -1}
			if packed = packed[:0]; gzip {
				opt = tile.Options{Gzip: &packed}
			}
			var err error
			if buf, _, err = tile.Encode(buf[:0], layers, t, opt); err != nil {
				b.Fatal(err)
			}
			if gzip && len(packed) == 0 {
				packed = tile.Gzip(packed, buf)
			}
			times = append(times, time.Since(start))
			size += max(len(packed), len(buf)*(1-min(len(packed), 1)))
			n++
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64((cpuTime()-cpu).Microseconds())/float64(n), "cpu-µs/tile")
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "tiles/s")
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(times[len(times)*95/100].Microseconds()), "p95-µs")
	b.ReportMetric(float64(size)/float64(n), "bytes/tile")
}

// BenchmarkHeavyTile encodes the tile of zoom 10 that holds most buildings.
func BenchmarkHeavyTile(b *testing.B) {
	f := buildings(b)
	heavy := layertest.BenchTiles(b, "heavy_z10.txt")[:1]
	b.Run("encoded", func(b *testing.B) { encodeAll(b, f, heavy, false) })
	b.Run("gzip", func(b *testing.B) { encodeAll(b, f, heavy, true) })
}

// BenchmarkWrite makes the layer file of the million buildings, from Arrow batches parsed from a file as they come.
func BenchmarkWrite(b *testing.B) {
	csv := layertest.BenchData(b, "buildings.wkb.csv")
	path := filepath.Join(b.TempDir(), "buildings.arrow")
	cpu, n := cpuTime(), 0
	for b.Loop() {
		writeBuildings(b, csv, path, 1)
		n++
	}
	b.ReportMetric((cpuTime()-cpu).Seconds()/float64(n), "cpu-s")
	b.ReportMetric(peakMemory(), "peak-MB")
}

// BenchmarkTenMillion compares the layer of a million buildings with one of ten times as many, side by side: writing with
// bounded memory, opening, and the tiles of zoom 13 and more of the first million, by the same list in turn.
func BenchmarkTenMillion(b *testing.B) {
	csv := layertest.BenchData(b, "buildings.wkb.csv")
	tiles := layertest.BenchTiles(b, "z13_16.txt")
	path := filepath.Join(filepath.Dir(csv), fmt.Sprintf("buildings10.v%d.arrow", layer.Version))
	if _, err := os.Stat(path); err != nil {
		writeBuildings(b, csv, path, 10)
		b.Logf("peak memory %.0f MB", peakMemory())
	}
	start := time.Now()
	ten, err := layer.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer ten.Close()
	open := time.Since(start)
	files := [2]*layer.File{buildings(b), ten}
	var times [2][]time.Duration
	var buf []byte
	for b.Loop() {
		for _, t := range tiles {
			for i, f := range files {
				start := time.Now()
				if buf, _, err = tile.Encode(buf[:0], []*layer.File{f}, t, tile.Options{}); err != nil {
					b.Fatal(err)
				}
				times[i] = append(times[i], time.Since(start))
			}
		}
	}
	b.ReportMetric(float64(open.Milliseconds()), "open-ms-10M")
	for i, unit := range [2]string{"1M", "10M"} {
		slices.Sort(times[i])
		b.ReportMetric(float64(times[i][len(times[i])/2].Microseconds()), "p50-µs-"+unit)
		b.ReportMetric(float64(times[i][len(times[i])*95/100].Microseconds()), "p95-µs-"+unit)
	}
}

// BenchmarkOpen opens it: mapping, checking and building the index.
func BenchmarkOpen(b *testing.B) {
	f := buildings(b)
	path := filepath.Join(filepath.Dir(layertest.BenchData(b, "buildings.wkb.csv")), fmt.Sprintf("buildings.v%d.arrow", layer.Version))
	for b.Loop() {
		g, err := layer.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		g.Close()
	}
	b.ReportMetric(float64(f.Len()), "features")
}

// BenchmarkZooms prints, for the heaviest tile of each zoom in the lists, what it holds and what it weighs.
func BenchmarkZooms(b *testing.B) {
	f := buildings(b)
	byZoom := map[maptile.Zoom][]maptile.Tile{}
	for _, t := range layertest.BenchTiles(b, "mixed.txt") {
		byZoom[t.Z] = append(byZoom[t.Z], t)
	}
	for z := maptile.Zoom(8); z < 10; z++ {
		byZoom[z] = []maptile.Tile{maptile.New(516, 373, 10).Parent()}
		if z == 8 {
			byZoom[z][0] = byZoom[z][0].Parent()
		}
	}
	for b.Loop() {
	}
	for z := maptile.Zoom(8); z <= 16; z++ {
		var worst []byte
		var at maptile.Tile
		var stats tile.Stats
		var slowest time.Duration
		for _, t := range byZoom[z] {
			start := time.Now()
			body, s, err := tile.Encode(nil, []*layer.File{f}, t, tile.Options{})
			if err != nil {
				b.Fatal(err)
			}
			slowest = max(slowest, time.Since(start))
			if len(body) > len(worst) {
				worst, at, stats = body, t, s
			}
		}
		b.Logf("%2d/%d/%d cell %2d bytes %7d gzip %6d slowest %6s %+v", at.Z, at.X, at.Y, f.Cell(int(z)), len(worst), zipped(worst), slowest.Round(time.Microsecond), stats)
	}
}

func zipped(body []byte) int {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(body)
	w.Close()
	return out.Len()
}
