package format

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/store"
)

var update = flag.Bool("update", false, "rewrite doc/real-files.md")

// asked are the tables of files that hold several, and where the coordinates of tables are. The other files are opened without
// a word.
var asked = map[string][]Options{
	"flows-grand-est/GE.gpkg":                               {{Table: "region"}, {Table: "urban_area"}},
	"insee-filosofi-200m-bordeaux/carreaux_200m_bm.csv.gz":  {geometryIn("wkt", "", "")},
	"paris-rail-ridership/emplacement-des-gares-idf.csv.gz": {geometryIn("Geo Shape", "", "")},
	"gps-liverpool-bus/route14_outbound.csv":                {geometryIn("", "longitude", "latitude")},
	"flights-3m/airports.csv":                               {geometryIn("", "longitude", "latitude")},
	"geonames-cities/cities.csv.gz":                         {geometryIn("", "lon", "lat")},
	"sao-paulo/spo_hexgrid.csv":                             {geometryIn("", "lon", "lat")},
	"vector-edge-cases/cities.csv":                          {geometryIn("", "lon", "lat")},
	"gtfs-toulouse-tisseo-partial/stops.txt":                {geometryIn("", "stop_lon", "stop_lat")},
	"gtfs-montpellier-tam/TAM_MMM_GTFS.zip":                 feedTables("agency", "calendar", "calendar_dates", "routes", "stops", "stop_times", "transfers", "trips"),
	"sao-paulo/spo.zip":                                     feedTables("agency", "calendar", "frequencies", "routes", "shapes", "stop_times", "stops", "trips"),
	"gtfs-sample-feed/gtfs.zip": feedTables("agency", "calendar", "calendar_dates", "feed_info", "frequencies", "levels", "pathways", "routes", "shapes",
		"stop_times", "stops", "transfers", "translations", "trips"),
	"bal-validator-cases/sample.csv":              {geometryIn("", "x", "y")},
	"geoparquet-ogc/example.csv":                  {geometryIn("geometry", "", "")},
	"osm-andorra/andorra-latest.osm.bz2":          osmTables(),
	"osm-monaco/monaco-latest.osm.pbf":            osmTables(),
	"osm-porto/porto_portugal.osm.pbf":            osmTables(),
	"osm-toulouse/map.osm.gz":                     osmTables(),
	"osm-overpass/overpass.osm":                   osmTables(),
	"sao-paulo/spo_osm.pbf":                       osmTables(),
	"geoparquet-ogc/data-point-wkt.csv":           {geometryIn("geometry", "", "")},
	"geoparquet-ogc/data-polygon-wkt.csv":         {geometryIn("geometry", "", "")},
	"geoparquet-ogc/data-multipoint-wkt.csv":      {geometryIn("geometry", "", "")},
	"geoparquet-ogc/data-multipolygon-wkt.csv":    {geometryIn("geometry", "", "")},
	"geoparquet-ogc/data-linestring-wkt.csv":      {geometryIn("geometry", "", "")},
	"geoparquet-ogc/data-multilinestring-wkt.csv": {geometryIn("geometry", "", "")},
}

func feedTables(names ...string) (out []Options) {
	for _, n := range names {
		out = append(out, memberNamed(n+".txt"))
	}
	for _, t := range gtfsTables {
		out = append(out, Options{Table: t})
	}
	return out
}

func osmTables() []Options {
	return []Options{{Table: "points"}, {Table: "lines"}, {Table: "polygons"}}
}

// otherwise are the tables of which the other program says something else, and why that is right.
var otherwise = map[string]string{
	"osm-andorra/andorra-latest.osm.bz2 lines":    "GDAL makes lines of ways that have nothing but a note",
	"osm-andorra/andorra-latest.osm.bz2 polygons": "GDAL makes no areas of coast lines",
	"osm-monaco/monaco-latest.osm.pbf lines":      "GDAL makes lines of ways that have nothing but a note",
	"osm-monaco/monaco-latest.osm.pbf polygons":   "GDAL makes no areas of coast lines",
	"osm-overpass/overpass.osm points":            "its ways come before its nodes, where GDAL cannot use them",
	"osm-overpass/overpass.osm polygons":          "its ways come before its nodes, where GDAL cannot use them",
	"vector-edge-cases/too-small.geojson":         "GDAL refuses it: its one feature has no geometry and no properties",
}

// accompanying files belong to another file, which is read with them; by the end of their names, because their content does not say it.
var accompanying = map[string]string{
	".shx":                  "the index of a Shapefile, read with its .shp",
	".cpg":                  "the encoding of a Shapefile",
	".properties":           "a note of whoever packed the file",
	".README.txt":           "a description for people",
	"README.md":             "a description for people",
	"info.json":             "the description of a tile of a test",
	"example_metadata.json": "the description of a GeoParquet file",
	"_metadata_point.json":  "the description of a GeoParquet file",
}

// entry is one line of the table.
type entry struct {
	file, what string // what: the table or the member
	opt        Options
	format     string
	rows       int
	bounds     *orb.Bound
	companion  string // of what it is a part
	remark     string // why the other program says something else
	bad        string // codes of the rows that could not be read, with their numbers
	refused    string
	beside     string // the program that says the same
}

// TestEveryRealFileIsReadAsGDALReadsItOrRefusedInWords makes the table of doc/real-files.md. No file is left out: a file that is new
// in the folder, or read otherwise than before, differs from the table.
func TestEveryRealFileIsReadAsGDALReadsItOrRefusedInWords(t *testing.T) {
	dir := realdata.Dir(t)
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	if _, err := exec.Command("/usr/bin/python3", "-c", "import osgeo").CombinedOutput(); err != nil {
		t.Skip("GDAL for Python is absent: install python3-gdal to compare with it")
	}
	var entries []*entry
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		name = filepath.ToSlash(name)
		if d.IsDir() {
			entries = append(entries, feedFolderEntries(path, name)...)
			return nil
		}
		files++
		options := asked[name]
		if options == nil {
			options = []Options{{}}
		}
		for _, opt := range options {
			entries = append(entries, &entry{file: name, what: opt.Table + opt.Member, opt: opt})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		e.read(t, filepath.Join(dir, filepath.FromSlash(e.file)))
	}
	compareEntries(t, dir, entries)
	var table strings.Builder
	writeEntries(&table, files, entries)
	const golden = "../../doc/real-files.md"
	if *update {
		if err := os.WriteFile(golden, []byte(table.String()), 0o644); err != nil { //nolint:gosec // a document
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != table.String() {
		t.Errorf("%s is not what the files give; look at the difference and run with -update:\n%s", golden, differing(string(want), table.String()))
	}
}

// differing lists the lines that are in one text only.
func differing(want, got string) string {
	var out []string
	for _, side := range []struct{ sign, in, other string }{{"- ", want, got}, {"+ ", got, want}} {
		for line := range strings.Lines(side.in) {
			if !strings.Contains(side.other, line) && len(out) < 40 {
				out = append(out, side.sign+line)
			}
		}
	}
	return strings.Join(out, "")
}

// feedFolderEntries are the tables of a folder that is a GTFS feed.
func feedFolderEntries(path, name string) (out []*entry) {
	names, err := filesOf(path)
	if err != nil || slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "/") }) {
		return nil
	}
	if !strings.HasPrefix(name, "gtfs-") || !slices.Contains(names, "agency.txt") {
		return nil
	}
	for _, table := range gtfsTables {
		out = append(out, &entry{file: name, what: table, opt: Options{Format: "gtfs", Table: table}})
	}
	return out
}

func (e *entry) read(t *testing.T, path string) {
	for end, what := range accompanying {
		if strings.HasSuffix(path, end) {
			e.companion = what
			return
		}
	}
	r, err := Open(t.Context(), path, e.opt)
	if err != nil {
		e.refuse(t, err)
		return
	}
	defer r.Close()
	e.format = r.Info().Format
	var bad []Bad
	for {
		batch, err := r.Next()
		if errors.Is(err, io.EOF) {
			e.bad = countCodes(bad)
			return
		}
		if err != nil {
			e.refuse(t, err)
			return
		}
		e.rows += len(batch.Line)
		bad = append(bad, batch.Bad...)
		for _, c := range batch.Columns {
			c.Release()
		}
		e.grow(batch.Geometry)
	}
}

func (e *entry) grow(geometries []orb.Geometry) {
	for _, g := range geometries {
		if g == nil || empty(g) {
			continue
		}
		b := g.Bound()
		if e.bounds != nil {
			b = b.Union(*e.bounds)
		}
		e.bounds = &b
	}
}

func empty(g orb.Geometry) bool {
	b := g.Bound()
	return b.IsEmpty() || math.IsNaN(b.Min[0])
}

func countCodes(bad []Bad) string {
	counts := map[string]int{}
	var codes []string
	for _, b := range bad {
		if counts[b.Code]++; counts[b.Code] == 1 {
			codes = append(codes, b.Code)
		}
	}
	slices.Sort(codes)
	for i, c := range codes {
		codes[i] = fmt.Sprintf("%d × %s", counts[c], c)
	}
	return strings.Join(codes, ", ")
}

// refuse notes why a file is not read. The sentence says what it is, and the hint what would work.
func (e *entry) refuse(t *testing.T, err error) {
	hint := model.HintOf(err)
	if hint == "" {
		t.Errorf("%s %s: refused without a way out: %v", e.file, e.what, err)
	}
	text := err.Error()
	if _, after, ok := strings.Cut(text, filepath.Base(e.file)+": "); ok {
		text = after
	}
	e.refused = text + " → " + hint
}

// ask is a question to gdal_layers.py, answer what it says.
type ask struct {
	Path    string   `json:"path"`
	Layer   string   `json:"layer,omitempty"`
	Options []string `json:"options,omitempty"`
	JSON    bool     `json:"json,omitempty"`
}

type answer struct {
	Rows   int         `json:"rows"`
	Bounds *[4]float64 `json:"bounds"`
	Error  string      `json:"error"`
}

// compareEntries asks GDAL, Python's json and DuckDB for what they find in the files that were read.
func compareEntries(t *testing.T, dir string, entries []*entry) {
	t.Helper()
	var asks []ask
	var of []*entry
	for _, e := range entries {
		path := filepath.Join(dir, filepath.FromSlash(e.file))
		switch question, program := e.question(t, path); {
		case e.refused != "" || e.companion != "" || program == "":
		case program == "DuckDB":
			e.compare(t, answer{Rows: duckRows(t, path)}, program)
		default:
			e.beside = program
			asks, of = append(asks, question), append(of, e)
		}
	}
	for i, a := range askGDAL(t, asks) {
		of[i].compare(t, a, of[i].beside)
	}
}

// question is how another program is asked for the same table, and the program.
func (e *entry) question(t *testing.T, path string) (ask, string) {
	q := ask{Path: gdalPath(path)}
	switch e.format {
	case "parquet":
		return q, "DuckDB"
	case "json":
		q.Path, q.JSON = path, true
		return q, "json"
	case "openstreetmap":
		layer := map[string]string{"points": "points", "lines": "lines", "polygons": "multipolygons"}[e.opt.Table]
		if layer == "" || e.refused != "" {
			return q, ""
		}
		return ask{Path: osmForGDAL(t, path), Layer: layer}, "GDAL"
	case "csv":
		if e.opt.Member != "" {
			q.Path += "/" + e.opt.Member
		}
		q.Path, q.Options = "CSV:"+q.Path, []string{"HEADERS=YES"}
		if g := e.opt.Geometry; g != nil && g.WKT != "" {
			q.Options = []string{"HEADERS=YES", "GEOM_POSSIBLE_NAMES=" + g.WKT}
		} else if g != nil {
			q.Options = []string{"HEADERS=YES", "X_POSSIBLE_NAMES=" + g.X, "Y_POSSIBLE_NAMES=" + g.Y}
		}
	case "gtfs":
		return q, ""
	case "geopackage":
		q.Layer = e.opt.Table
	case "geojsonseq":
		q.Path = "GeoJSONSeq:" + q.Path
	}
	return q, "GDAL"
}

func duckRows(t *testing.T, path string) (rows int) {
	t.Helper()
	st, err := store.Create(context.Background(), filepath.Join(t.TempDir(), "x.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Scan(context.Background(), "SELECT count(*) FROM read_parquet("+store.Literal(path)+")", nil, &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func askGDAL(t *testing.T, asks []ask) (answers []answer) {
	t.Helper()
	questions, err := json.Marshal(asks)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "testdata/gdal_layers.py")
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(questions), &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if err := json.Unmarshal(out.Bytes(), &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

func (e *entry) compare(t *testing.T, a answer, program string) {
	t.Helper()
	e.beside = program
	rows, bounds := a.Rows == e.rows, sameBounds(e.bounds, a.Bounds)
	if program == "json" || program == "DuckDB" {
		bounds = true
	}
	same := a.Error == "" && rows && bounds
	e.remark = otherwise[strings.TrimSpace(e.file+" "+e.what)]
	switch {
	case same && e.remark != "":
		t.Errorf("%s %s is now what %s finds: the remark is wrong", e.file, e.what, program)
	case !same && e.remark == "":
		t.Errorf("%s %s: %d rows in %v, %s has %d in %v %s", e.file, e.what, e.rows, e.bounds, program, a.Rows, a.Bounds, a.Error)
	case !same && a.Error == "":
		e.remark = fmt.Sprintf("%s has %d: %s", program, a.Rows, e.remark)
	}
}

func sameBounds(ours *orb.Bound, theirs *[4]float64) bool {
	if ours == nil || theirs == nil {
		return ours == nil && theirs == nil
	}
	for i, v := range []float64{ours.Min[0], ours.Min[1], ours.Max[0], ours.Max[1]} {
		if math.Abs(v-theirs[i]) > 1e-9*math.Max(1, math.Abs(v)) {
			return false
		}
	}
	return true
}

const tableHead = `# Real files: what becomes of each

<!-- Generated by TestEveryRealFileIsReadAsGDALReadsItOrRefusedInWords: go test -tags duckdb_arrow ./ingest/format -run RealFile -args -update -->

%d files, of which %d are read and give %d tables; %d are refused, each with what it is and what would work; %d belong to another
file. Rows and bounds are those of GDAL 3.6, read from the same bytes; JSON tables are counted by Python's json, Parquet by DuckDB. Tables that
are made of several files (GTFS) have no other program beside them here; other tests hold them. Bounds are in the file's own
coordinates. Rows that cannot be read are named by code and counted.
`

func writeEntries(w *strings.Builder, files int, entries []*entry) {
	read, refused, companions, tables := map[string]bool{}, 0, 0, 0
	for _, e := range entries {
		switch {
		case e.companion != "":
			companions++
		case e.refused != "":
			refused++
		default:
			tables++
			read[e.file] = true
		}
	}
	fmt.Fprintf(w, tableHead, files, len(read), tables, refused, companions)
	folder := ""
	for _, e := range entries {
		top, name, ok := strings.Cut(e.file, "/")
		if !ok {
			top, name = "-", e.file
			if strings.HasPrefix(e.file, "gtfs-") {
				top, name = e.file, "."
			}
		}
		if top != folder {
			folder = top
			fmt.Fprintf(w, "\n## %s\n\n| file | table | format | rows | bounds | beside | remarks |\n|---|---|---|--:|---|---|---|\n", top)
		}
		fmt.Fprintf(w, "| %s | %s |\n", name, strings.Join(e.cells(), " | "))
	}
}

func (e *entry) cells() []string {
	switch {
	case e.companion != "":
		return []string{e.what, "", "", "", "", "no data: " + e.companion}
	case e.refused != "":
		return []string{e.what, "refused", "", "", "", strings.ReplaceAll(e.refused, "|", "/")}
	}
	bounds := ""
	if e.bounds != nil {
		bounds = fmt.Sprintf("%.6g %.6g %.6g %.6g", e.bounds.Min[0], e.bounds.Min[1], e.bounds.Max[0], e.bounds.Max[1])
	}
	remarks := strings.TrimPrefix(strings.TrimSuffix(e.bad+"; "+e.remark, "; "), "; ")
	return []string{e.what, e.format, strconv.Itoa(e.rows), bounds, e.beside, remarks}
}
