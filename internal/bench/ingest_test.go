package bench

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"jumeau/ingest"
	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/store"
)

// file is one file read by both programs, all its columns and geometries.
type file struct {
	path     string // of the real files, or of JUMEAU_BENCH when big
	big      bool
	columns  []string
	geometry model.Geometry
	crs      string
	member   string
	ogr      []string // open options and source for ogr2ogr; default the path
}

var inputs = []file{
	{path: "france-geojson-occitanie/communes-occitanie-2017.geojson.gz", columns: []string{"code", "nom"}, geometry: model.Geometry{Type: "any"}, ogr: []string{"/vsigzip/%s"}},
	{path: "montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz", columns: []string{"Name"}, geometry: model.Geometry{Type: "any"}, ogr: []string{"/vsigzip/%s"}},
	{path: "montpellier-adresses/VilleMTP_MTP_PointAdresse.zip", columns: []string{"NUM_VOI", "LIB_OFF", "INSEE"}, geometry: model.Geometry{Type: "any"}, ogr: []string{"/vsizip/%s"}},
	{path: "montpellier-voies/VilleMTP_MTP_FilaireVoies.zip", columns: []string{"IDARC", "LIB_OFF"}, geometry: model.Geometry{Type: "any"}, ogr: []string{"/vsizip/%s"}},
	{path: "geonames-cities/cities.csv.gz", columns: []string{"name", "country", "population"}, geometry: model.Geometry{Type: "point", X: "lon", Y: "lat"}, crs: "EPSG:4326",
		ogr: []string{"-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "/vsigzip/%s"}},
	{path: "buildings.geojsonl", big: true, columns: []string{"id", "height", "usage"}, geometry: model.Geometry{Type: "polygon"}, ogr: []string{"GeoJSONSeq:%s"}},
	{path: "buildings.geojson", big: true, columns: []string{"id", "height", "usage"}, geometry: model.Geometry{Type: "polygon"}},
	{path: "buildings.gpkg", big: true, columns: []string{"id", "height", "usage"}, geometry: model.Geometry{Type: "polygon"}},
	{path: "buildings.shp", big: true, columns: []string{"id", "height", "usage"}, geometry: model.Geometry{Type: "polygon"}},
	{path: "buildings.wkt.csv", big: true, columns: []string{"id", "height", "usage"}, geometry: model.Geometry{Type: "polygon", WKT: "geom"}, crs: "EPSG:4326",
		ogr: []string{"-oo", "GEOM_POSSIBLE_NAMES=geom", "%s"}},
}

// BenchmarkIngest loads a file into the build database, checked against its contract, beside ogr2ogr writing the same
// columns to an unindexed FlatGeobuf file, the leanest target it has. JUMEAU_BENCH names the folder of the big generated files.
func BenchmarkIngest(b *testing.B) {
	for _, f := range inputs {
		path := filepath.Join(os.Getenv("JUMEAU_BENCH"), f.path)
		if f.big && os.Getenv("JUMEAU_BENCH") == "" {
			continue
		}
		if !f.big {
			path = realdata.Path(b, f.path)
		}
		if _, err := os.Stat(path); err != nil {
			continue
		}
		b.Run(filepath.Base(f.path), func(b *testing.B) {
			var ours, theirs, oursCPU, theirsCPU time.Duration
			var rows int64
			for b.Loop() {
				start, cpu := time.Now(), cpuTime(b)
				rows = load(b, path, f)
				ours, oursCPU = ours+time.Since(start), oursCPU+cpuTime(b)-cpu
				b.StopTimer()
				wall, spent := ogr(b, path, f)
				theirs, theirsCPU = theirs+wall, theirsCPU+spent
				b.StartTimer()
			}
			b.ReportMetric(float64(rows)*float64(b.N)/ours.Seconds(), "rows/s")
			if theirs > 0 {
				b.ReportMetric(float64(rows)*float64(b.N)/theirs.Seconds(), "ogr2ogr-rows/s")
				b.ReportMetric(theirs.Seconds()/ours.Seconds(), "times-ogr2ogr")
				b.ReportMetric(theirsCPU.Seconds()/oursCPU.Seconds(), "times-ogr2ogr-cpu")
			}
		})
	}
}

func load(b *testing.B, path string, f file) int64 {
	b.Helper()
	dir := b.TempDir()
	st, err := store.Create(b.Context(), filepath.Join(dir, "build.duckdb"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	if err := ingest.Prepare(b.Context(), st); err != nil {
		b.Fatal(err)
	}
	src := &model.Source{ID: "s", From: model.From{Path: filepath.Base(path), Member: f.member}, Read: model.Read{CRS: f.crs},
		Contract: model.Contract{Match: "ignore_case", Columns: map[string]*model.Column{}, Geometry: &f.geometry, RejectAtMost: 1}}
	for _, name := range f.columns {
		src.Contract.Columns[name] = &model.Column{Type: "text"}
	}
	account, err := ingest.Load(context.Background(), st, src, ingest.Options{Folders: []string{filepath.Dir(path)}, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	return account.Read
}

// cpuTime is the processor time of this process so far.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// ogr times ogr2ogr on the same file, by the clock and by the processor; 0 when it is not installed.
func ogr(b *testing.B, path string, f file) (wall, cpu time.Duration) {
	b.Helper()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		return 0, 0
	}
	args := []string{"-f", "FlatGeobuf", "-lco", "SPATIAL_INDEX=NO", "-nlt", "PROMOTE_TO_MULTI", "-t_srs", "EPSG:4326", "-overwrite"}
	if f.crs != "" || f.big {
		args = append(args, "-s_srs", "EPSG:4326")
	}
	args = append(args, filepath.Join(b.TempDir(), "out.fgb"))
	if f.ogr == nil {
		f.ogr = []string{"%s"}
	}
	for _, a := range f.ogr {
		if len(a) > 1 && a[len(a)-2:] == "%s" {
			a = fmt.Sprintf(a, path)
		}
		args = append(args, a)
	}
	start := time.Now()
	cmd := exec.Command("ogr2ogr", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Logf("ogr2ogr: %v %s", err, out)
		return 0, 0
	}
	return time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}
