//go:build unix

package format

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/peterstace/simplefeatures/geom"
	"golang.org/x/text/encoding/charmap"

	"jumeau/internal/realdata"
)

// gdalRows is what ogr2ogr makes of a file: its header and its rows, the geometry as WKT in the column "WKT" when there is
// one.
func gdalRows(t *testing.T, path string, args ...string) [][]string {
	t.Helper()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is absent: install gdal-bin to compare with GDAL")
	}
	args = append([]string{"-f", "CSV", "/vsistdout/", path, "-lco", "GEOMETRY=AS_WKT", "-lco", "STRING_QUOTING=IF_NEEDED", "-dim", "XY"}, args...)
	var out, errs bytes.Buffer
	cmd := exec.Command("ogr2ogr", args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), "OGR_WKT_PRECISION=17", "OGR_GEOJSON_MAX_OBJ_SIZE=0", "CPL_VSIL_GZIP_WRITE_PROPERTIES=NO")
	if err := cmd.Run(); err != nil {
		t.Fatalf("ogr2ogr: %v: %s", err, errs.String())
	}
	r := csv.NewReader(&out)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRowsAttributesAndGeometryAreThoseOfGDAL(t *testing.T) {
	geometry := func(column string) []string { return []string{"-oo", "GEOM_POSSIBLE_NAMES=" + column} }
	for _, c := range []struct {
		file string
		opt  Options
		args []string
	}{
		{file: "france-geojson-31/communes-31-haute-garonne.geojson"},
		{file: "france-geojson-occitanie/communes-occitanie-2017.geojson.gz"},
		{file: "iris-2016/iris-34-herault.geojson.gz"},
		{file: "montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz"},
		{file: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic.geojson.gz"},
		{file: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.geojson"},
		{file: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.kml.geojson"},
		{file: "montpellier-limites/VilleMTP_MTP_LimiteCommune.geojson"},
		{file: "flatgeobuf-suite/countries.geojson"},
		{file: "flatgeobuf-suite/tiger_roads.geojson.gz"},
		{file: "geojson-odd-cases/epsg-3857.geojson.gz"},
		{file: "geojson-odd-cases/nullisland.geojson"},
		{file: "vector-edge-cases/hkzones-mixed-geometries.geojson"},
		{file: "vector-edge-cases/hkzones-mixed-numeric.geojson"},
		{file: "vector-edge-cases/new-zealand-antimeridian.geojson"},
		{file: "vector-edge-cases/valid-polygon-projected.geojson"},
		{file: "montpellier-adresses/VilleMTP_MTP_PointAdresse.zip"},
		{file: "montpellier-voies/VilleMTP_MTP_FilaireVoies.zip"},
		{file: "montpellier-batiments/VilleMTP_MTP_Batiments.zip"},
		{file: "montpellier-quartiers/VilleMTP_MTP_Quartiers.zip"},
		{file: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.zip"},
		{file: "montpellier-eclairage/VilleMTP_MTP_EclairagePublic.zip"},
		{file: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic.zip"},
		{file: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.zip"},
		{file: "montpellier-limites/VilleMTP_MTP_LimiteCommune.zip"},
		{file: "flatgeobuf-suite/countries.shp"},
		{file: "sf-samples/nc.shp"},
		{file: "sf-samples/storms_xyz.shp"},
		{file: "vector-edge-cases/new-zealand-antimeridian.shp"},
		{file: "vector-edge-cases/valid-polygon-projected.shp"},
		{file: "sf-samples/nc.gpkg"},
		{file: "sf-samples/nospatial.gpkg"},
		{file: "sf-samples/grd_addr.gpkg"},
		{file: "sf-samples/buildings.gpkg"},
		{file: "flows-grand-est/GE.gpkg", opt: Options{Table: "region"}, args: []string{"region"}},
		{file: "flows-grand-est/GE.gpkg", opt: Options{Table: "urban_area"}, args: []string{"urban_area"}},
		{file: "gpkg-tegola/natural_earth_minimal.gpkg", opt: Options{Table: "ne_110m_land"}, args: []string{"ne_110m_land"}},
		{file: "vector-edge-cases/valid-polygon-projected.gpkg"},
		{file: "vector-edge-cases/new-zealand-antimeridian.gpkg"},
		{file: "flatgeobuf-suite/countries.fgb"},
		{file: "flatgeobuf-suite/countries_nocrs.fgb"},
		{file: "flatgeobuf-suite/countries_nogeo.fgb"},
		{file: "flatgeobuf-suite/heterogeneous.fgb"},
		{file: "flatgeobuf-suite/mp_overlapping.fgb"},
		{file: "flatgeobuf-suite/no_properties.fgb"},
		{file: "amsterdam-roads/amsterdam_roads.fgb"},
		{file: "sf-samples/fmi_test.gml", args: []string{"--config", "GML_SRS_DIMENSION_IF_MISSING", "2"}},
		{file: "flows-grand-est/nav.csv"},
		{file: "flights-3m/airports.csv"},
		{file: "gps-liverpool-bus/route14_outbound.csv"},
		{file: "vector-edge-cases/cities.csv"},
		{file: "paris-rail-ridership/trafic-annuel-entrant-par-station-du-reseau-ferre-2021.csv"},
		{file: "insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz", opt: geometryIn("wkt", "", ""), args: geometry("wkt")},
	} {
		t.Run(filepath.Base(c.file), func(t *testing.T) {
			path := realdata.Path(t, c.file)
			got := mustRead(t, path, c.opt)
			compareWithGDAL(t, got, gdalRows(t, gdalPath(path), c.args...))
		})
	}
}

// gdalPath wraps compressed files in GDAL's virtual file systems.
func gdalPath(path string) string {
	switch filepath.Ext(path) {
	case ".gz":
		return "/vsigzip/" + path
	case ".zip":
		return "/vsizip/" + path
	}
	return path
}

func compareWithGDAL(t *testing.T, got *table, gdal [][]string) {
	t.Helper()
	header, rows := gdal[0], gdal[1:]
	if len(rows) != len(got.cells) {
		t.Fatalf("%d rows, GDAL has %d", len(got.cells), len(rows))
	}
	compared := 0
	for k := range header { // of a GML path
		header[k] = strings.ReplaceAll(header[k], "|", ".")
	}
	for k, name := range header {
		column := got.column(name)
		if name == "" {
			continue
		}
		if name != "WKT" && column < 0 {
			if len(got.names) > 0 { // GDAL invents "FID" when there are no attributes
				t.Errorf("GDAL has a column %q; ours are %q", name, got.names)
			}
			continue
		}
		compared++
		for i, row := range rows {
			if k >= len(row) { // GDAL writes one empty line for a row of one null
				continue
			}
			if name == "WKT" && len(got.geometry) > 0 {
				if !sameGeometry(t, got.geometry[i], row[k]) {
					t.Fatalf("row %d: geometry\n ours %.300v\n GDAL %.300s", i+1, got.geometry[i], row[k])
				}
			} else if column >= 0 && !sameCell(got.cells[i][column], row[k]) {
				t.Fatalf("row %d, column %s: ours %q, GDAL %q", i+1, name, got.cells[i][column], row[k])
			}
		}
	}
	for _, name := range got.names {
		if name != idColumn && !strings.EqualFold(name, "fid") && !contained(header, name) {
			t.Errorf("column %q is not among GDAL's %q", name, header)
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

func contained(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

var blanks = regexp.MustCompile(`\s+`)

// sameCell allows for how GDAL writes CSV: dates with slashes, lists spaced otherwise, numbers rounded to the field's
// decimals (11 in these files); and it reads language driver 0x57 as ISO-8859-1, we as Windows-1252.
func sameCell(ours, gdal string) bool {
	if ours == gdal {
		return true
	}
	if a, err := strconv.ParseFloat(ours, 64); err == nil {
		b, err := strconv.ParseFloat(gdal, 64)
		return err == nil && math.Abs(a-b) <= math.Max(0.51e-11, 1e-14*math.Abs(a))
	}
	if latin, err := charmap.ISO8859_1.NewEncoder().String(gdal); err == nil {
		windows, _ := charmap.Windows1252.NewDecoder().String(latin)
		if ours == windows {
			return true
		}
	}
	if list := strings.TrimPrefix(strings.TrimSuffix(gdal, ` ]`), `[ `); list != gdal { // of repeated elements of GML
		return ours == strings.ReplaceAll(list, `"`, "")
	}
	return ours == strings.ReplaceAll(gdal, "/", "-") || blanks.ReplaceAllString(ours, "") == blanks.ReplaceAllString(gdal, "")
}

// sameGeometry compares with a parser and a comparison that are not ours. GDAL orders the polygons of a shape by size.
func sameGeometry(t *testing.T, ours orb.Geometry, gdal string) bool {
	t.Helper()
	if ours == nil || gdal == "" {
		return ours == nil && gdal == ""
	}
	a, err := geom.UnmarshalWKT(wkt.MarshalString(ours), geom.NoValidate{})
	if err != nil {
		t.Fatalf("our geometry is none: %v", err)
	}
	b, err := geom.UnmarshalWKT(gdal, geom.NoValidate{})
	if err != nil {
		t.Fatalf("GDAL's geometry is none: %v: %.80s", err, gdal)
	}
	bound, _ := a.Envelope().Max().Coordinates()
	tolerance := 1e-13 * math.Max(1, math.Max(math.Abs(bound.X), math.Abs(bound.Y)))
	return geom.ExactEquals(a, b, geom.ToleranceXY(tolerance)) ||
		geom.ExactEquals(a, b, geom.ToleranceXY(tolerance), geom.IgnoreOrder)
}

// BenchmarkBesideGDAL reports how many times as fast as ogr2ogr each file is read: its processor time into the
// "Memory" driver, the target that costs it least, over ours; and the same of wall clock. buildings.*, points.* and
// extract.osm are what the benchmark generator, ogr2ogr and bzip2 make of the generator's data and of a real extract.
func BenchmarkBesideGDAL(b *testing.B) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		b.Skip("ogr2ogr is absent: install gdal-bin to compare with GDAL")
	}
	for _, c := range besideFiles(b) {
		b.Run(filepath.Base(c.path), func(b *testing.B) {
			start := cpuSeconds(b)
			benchmarkFile(b, c.path, c.opt)
			ours := (cpuSeconds(b) - start) / float64(b.N)
			b.StopTimer()
			wall := b.Elapsed().Seconds() / float64(b.N)
			gdal, gdalWall := math.Inf(1), math.Inf(1)
			for range 2 {
				began := time.Now()
				gdal = math.Min(gdal, gdalSeconds(b, c))
				gdalWall = math.Min(gdalWall, time.Since(began).Seconds())
			}
			b.ReportMetric(gdal/ours, "×ogr2ogr")
			b.ReportMetric(gdalWall/wall, "×wall")
			if strings.HasSuffix(c.path, ".pbf") {
				if osmium := osmiumSeconds(b, c.path); osmium > 0 {
					b.ReportMetric(osmium/ours, "×osmium")
				}
			}
		})
	}
}

// osmiumSeconds is the processor time in which osmium makes features of a file, areas included, and writes them as lines of text to
// nowhere; 0 when it is absent.
func osmiumSeconds(b *testing.B, path string) float64 {
	b.Helper()
	if _, err := exec.LookPath("osmium"); err != nil {
		return 0
	}
	least := math.Inf(1)
	for range 2 {
		cmd := exec.Command("osmium", "export", "--no-progress", "-f", "text", "-O", "-o", os.DevNull, path)
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatal(fmt.Errorf("%w: %s", err, out))
		}
		least = math.Min(least, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	}
	return least
}

type besideFile struct {
	path string
	opt  Options
	args []string
}

func besideFiles(b *testing.B) []besideFile {
	real := func(name string) string { return realdata.Path(b, name) }
	files := []besideFile{
		{path: real("france-geojson-occitanie/communes-occitanie-2017.geojson.gz")},
		{path: real("montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz")},
		{path: real("geonames-cities/cities.csv.gz")},
		{path: real("insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz"), opt: geometryIn("wkt", "", ""),
			args: []string{"-oo", "GEOM_POSSIBLE_NAMES=wkt"}},
		{path: real("montpellier-adresses/VilleMTP_MTP_PointAdresse.zip")},
		{path: real("montpellier-voies/VilleMTP_MTP_FilaireVoies.zip")},
		{path: real("amsterdam-roads/amsterdam_roads.fgb")},
		{path: real("osm-porto/porto_portugal.osm.pbf")},
		{path: real("montpellier-etablissements/VilleMTP_MTP_EtabliPublic.kml.gz")},
	}
	dir := os.Getenv("JUMEAU_BENCH")
	for _, f := range []besideFile{
		{path: "buildings.geojsonl"}, {path: "buildings.geojson"}, {path: "buildings.shp"}, {path: "buildings.gpkg"}, {path: "buildings.fgb"},
		{path: "buildings.kml"}, {path: "buildings.gml"}, {path: "points.xlsx"}, {path: "points.ods"}, {path: "extract.osm"},
		{path: "buildings.wkt.csv", opt: geometryIn("geom", "", ""), args: []string{"-oo", "GEOM_POSSIBLE_NAMES=geom"}},
	} {
		f.path = filepath.Join(dir, f.path)
		if _, err := os.Stat(f.path); dir != "" && err == nil {
			files = append(files, f)
		}
	}
	return files
}

// gdalSeconds is the processor time in which ogr2ogr reads a file into memory; its start included.
func gdalSeconds(b *testing.B, f besideFile) float64 {
	b.Helper()
	cmd := exec.Command("ogr2ogr", append([]string{"-f", "Memory", "x", gdalPath(f.path)}, f.args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatal(fmt.Errorf("%w: %s", err, out))
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}
