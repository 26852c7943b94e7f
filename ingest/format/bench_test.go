package format

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"jumeau/internal/realdata"
	"jumeau/model"
)

// BenchmarkRead reads whole files, all columns and geometries, and reports rows and bytes on disk per second.
func BenchmarkRead(b *testing.B) {
	wkt := Options{Geometry: &model.Geometry{Type: "any", WKT: "wkt"}}
	for _, f := range []struct {
		name string
		opt  Options
	}{
		{"france-geojson-occitanie/communes-occitanie-2017.geojson.gz", Options{}},
		{"iris-2016/iris-34-herault.geojson.gz", Options{}},
		{"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", Options{}},
		{"decoupage-administratif-2026/communes.json.gz", Options{}},
		{"decoupage-administratif-2026/epci.json.gz", Options{Explode: "membres"}},
		{"geonames-cities/cities.csv.gz", Options{}},
		{"gtfs-montpellier-tam/TAM_MMM_GTFS.zip", Options{Member: "stop_times.txt"}},
		{"insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz", wkt},
		{"montpellier-adresses/VilleMTP_MTP_PointAdresse.zip", Options{}},
		{"montpellier-batiments/VilleMTP_MTP_Batiments.zip", Options{}},
		{"montpellier-voies/VilleMTP_MTP_FilaireVoies.zip", Options{}},
		{"flights-3m/flights-3m.parquet", Options{}},
	} {
		b.Run(filepath.Base(f.name), func(b *testing.B) { benchmarkFile(b, realdata.Path(b, f.name), f.opt) })
	}
}

// BenchmarkGenerated reads the files that the benchmark generator writes into the folder JUMEAU_BENCH.
func BenchmarkGenerated(b *testing.B) {
	dir := os.Getenv("JUMEAU_BENCH")
	if dir == "" {
		b.Skip("set JUMEAU_BENCH to the folder of the generator's output (buildings.geojsonl, buildings.wkt.csv, …)")
	}
	geom := Options{Geometry: &model.Geometry{Type: "any", WKT: "geom"}}
	for _, f := range []struct {
		name string
		opt  Options
	}{
		{"buildings.geojsonl", Options{}}, {"buildings.geojson", Options{}}, {"points.geojsonl", Options{}},
		{"buildings.wkt.csv", geom}, {"buildings.wkb.csv", geom}, {"points.wkt.csv", geom}, {"buildings.shp", Options{}},
	} {
		path := filepath.Join(dir, f.name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		b.Run(f.name, func(b *testing.B) { benchmarkFile(b, path, f.opt) })
	}
}

func benchmarkFile(b *testing.B, path string, opt Options) {
	b.ReportAllocs()
	rows := 0
	var bytes int64
	for b.Loop() {
		r, err := Open(context.Background(), path, opt)
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			rows += len(batch.Line)
			for _, c := range batch.Columns {
				c.Release()
			}
		}
		bytes = r.Info().Bytes
		r.Close()
	}
	b.SetBytes(bytes)
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
