package extract

import (
	"context"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // a reader that we did not write
	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/query/ogc"
)

var properties = []layer.Property{{Name: "name", Type: layer.Text}, {Name: "floors", Type: layer.Integer}, {Name: "height", Type: layer.Number}, {Name: "open", Type: layer.Boolean}}

// rows of a layer with everything that is hard: quotes, semicolons, line ends, other alphabets, what is missing, a hole, two parts.
func rows(t *testing.T, kind string) (*Rows, []layertest.Row) {
	shapes := map[string][]orb.Geometry{
		layer.Points: {orb.Point{1.5, 43.5}, orb.Point{1.6, 43.6}, orb.Point{1.7, 43.7}, orb.Point{-1.25, 48.75}},
		layer.Lines:  {orb.LineString{{1.5, 43.5}, {1.6, 43.6}}, orb.MultiLineString{{{1, 43}, {1.1, 43}}, {{1.2, 43}, {1.3, 43}}}, orb.LineString{{2, 44}, {2, 45}, {3, 45}}, orb.LineString{{0, 0}, {0.1, 0.1}}},
		layer.Polygons: {orb.Polygon{{{1.5, 43.5}, {1.6, 43.5}, {1.6, 43.6}, {1.5, 43.6}, {1.5, 43.5}}},
			orb.Polygon{{{2, 44}, {2.1, 44}, {2.1, 44.1}, {2, 44.1}, {2, 44}}, {{2.02, 44.02}, {2.02, 44.05}, {2.05, 44.05}, {2.05, 44.02}, {2.02, 44.02}}},
			orb.MultiPolygon{{{{3, 44}, {3.1, 44}, {3.1, 44.1}, {3, 44}}}, {{{4, 44}, {4.1, 44}, {4.1, 44.1}, {4, 44}}}}, orb.Polygon{{{5, 44}, {5.1, 44}, {5.1, 44.1}, {5, 44}}}},
	}[kind]
	values := [][]any{{`L'Été; "ici", là`, int64(3), 12.5, true}, {"=1+1\nligne", int64(-7), 1234567.125, false}, {"日本 <&>", nil, nil, nil}, {nil, int64(1) << 53, 1e-7, true}}
	var all []layertest.Row
	for i := range values {
		all = append(all, layertest.Row{ID: fmt.Sprintf("z%d", i), Key: uint64(i + 1), Geometry: shapes[i], Values: values[i]})
	}
	file := layertest.File(t, layer.Spec{Name: "zones", Geometry: kind, MaxZoom: 14, Properties: properties}, all)
	f := frame.NewFigures(4)
	f.Value[0], f.Lo[0], f.Hi[0], f.Flag[0] = 10.5, 9, 12, model.Estimated
	f.Flag[1] = model.NotPublished
	f.Value[3], f.Flag[3] = 0, model.OK
	return &Rows{File: file, Figures: &ogc.Figures{Figures: f, Names: [4]string{"value", "lo", "hi", "flag"}}, Name: "zones", Title: "Les zones", Credits: "IGN", Limit: 1 << 30,
		Each: func(_ context.Context, visit func(*layer.Batch, int) bool) error {
			for i := range file.Len() {
				if b, row := file.At(i); !visit(b, row) {
					break
				}
			}
			return nil
		}}, all
}

func written(t *testing.T, format string, r *Rows, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), format, path, r); err != nil {
		t.Fatal(err)
	}
	return path
}

// record is a row as a reader sees it, in the order of ids.
type record = map[string]any

// want is what every reader must see, besides the geometry.
func want(all []layertest.Row) map[string]record {
	out := map[string]record{}
	for _, row := range all {
		r := record{"id": row.ID, "value": nil, "lo": nil, "hi": nil, "flag": "no_data"}
		for i, p := range properties {
			r[p.Name] = row.Values[i]
			if v, ok := row.Values[i].(int64); ok {
				r[p.Name] = float64(v)
			}
		}
		out[row.ID] = r
	}
	for id, figures := range map[string][4]any{"z0": {10.5, 9.0, 12.0, "estimated"}, "z1": {nil, nil, nil, "not_published"}, "z3": {0.0, nil, nil, "ok"}} {
		out[id]["value"], out[id]["lo"], out[id]["hi"], out[id]["flag"] = figures[0], figures[1], figures[2], figures[3]
	}
	return out
}

// need skips where a program is absent.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is absent: install it to read exports with it", program)
	}
}

// byGDAL reads a file by GDAL.
func byGDAL(t *testing.T, path string, options ...string) map[string]*geojson.Feature {
	t.Helper()
	need(t, "ogr2ogr")
	cmd := exec.Command("ogr2ogr", append(append([]string{"-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=9", "-preserve_fid", "/vsistdout/", path}, options...), "-oo", "FLATTEN_NESTED_ATTRIBUTES=NO")...)
	var problems strings.Builder
	cmd.Stderr = &problems
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("ogr2ogr: %v: %s", err, problems.String())
	}
	c, err := geojson.UnmarshalFeatureCollection(text)
	if err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
	out := map[string]*geojson.Feature{}
	for _, f := range c.Features {
		id, ok := f.Properties["id"].(string)
		if !ok {
			id, _ = f.ID.(string)
			f.Properties["id"] = id
		}
		out[id] = f
	}
	return out
}

func checkShapes(t *testing.T, all []layertest.Row, got map[string]*geojson.Feature) {
	t.Helper()
	for _, row := range all {
		f := got[row.ID]
		if f == nil || f.Geometry == nil {
			t.Errorf("%s is missing", row.ID)
			continue
		}
		want, have := row.Geometry.Bound(), f.Geometry.Bound()
		for _, d := range []float64{want.Min[0] - have.Min[0], want.Min[1] - have.Min[1], want.Max[0] - have.Max[0], want.Max[1] - have.Max[1]} {
			if math.Abs(d) > 2e-7 {
				t.Errorf("%s: %v instead of %v", row.ID, have, want)
			}
		}
		if got, want := vertices(f.Geometry), vertices(row.Geometry); got != want {
			t.Errorf("%s: %d vertices instead of %d", row.ID, got, want)
		}
	}
}

func vertices(g orb.Geometry) (n int) {
	switch g := g.(type) {
	case orb.Point:
		return 1
	case orb.MultiPoint:
		return len(g)
	case orb.LineString:
		return len(g)
	case orb.MultiLineString:
		for _, l := range g {
			n += len(l)
		}
	case orb.Polygon:
		for _, r := range g {
			n += len(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			n += vertices(p)
		}
	}
	return n
}

func TestGeoJSONAndGeoPackageAreReadByGDALWithTheSameRows(t *testing.T) {
	for _, kind := range []string{layer.Points, layer.Lines, layer.Polygons} {
		for format, name := range map[string]string{"geojson": "z.geojson", "gpkg": "z.gpkg"} {
			t.Run(kind+" "+format, func(t *testing.T) {
				r, all := rows(t, kind)
				got := byGDAL(t, written(t, format, r, name))
				checkShapes(t, all, got)
				for id, expected := range want(all) {
					have := record{}
					for key, v := range got[id].Properties {
						have[key] = v
					}
					if diff := cmp.Diff(expected, have); diff != "" {
						t.Errorf("%s: %s", id, diff)
					}
				}
			})
		}
	}
}

func TestAGeoPackageHasAnIndexThatGDALUses(t *testing.T) {
	need(t, "ogrinfo")
	r, _ := rows(t, layer.Polygons)
	path := written(t, "gpkg", r, "z.gpkg")
	for query, want := range map[string]string{
		"SELECT HasSpatialIndex('zones', 'geometry') AS has":                                          "(Integer) = 1",
		"SELECT count(*) AS n FROM rtree_zones_geometry WHERE minx < 1.7":                             "n (Integer) = 1",
		"PRAGMA integrity_check":                                                                      "= ok",
		"SELECT ST_IsValid(geometry) AS v, count(*) AS n FROM zones GROUP BY 1":                       "n (Integer) = 4",
		"SELECT count(*) AS n FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'rtree_zones%'": "n (Integer) = 7",
	} {
		out, err := exec.Command("ogrinfo", "-q", "-sql", query, path).CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) || strings.Contains(string(out), "Warning") {
			t.Errorf("%s: %v %s", query, err, out)
		}
	}
	// Another program changes a feature, and its triggers find the index.
	if out, err := exec.Command("ogrinfo", "-q", "-sql", "DELETE FROM zones WHERE id = 'z0'", path).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	out, _ := exec.Command("ogrinfo", "-q", "-sql", "SELECT count(*) AS n FROM rtree_zones_geometry", path).CombinedOutput()
	if !strings.Contains(string(out), "n (Integer) = 3") {
		t.Errorf("%s", out)
	}
}

func TestTablesAreReadBackWithTheSameRows(t *testing.T) {
	r, all := rows(t, layer.Points)
	for _, c := range []struct {
		format, decimal, yes string
		comma                rune
		mark                 string
	}{{"csv", ".", "true", ',', ""}, {"csv-fr", ",", "VRAI", ';', "\ufeff"}} {
		text, err := os.ReadFile(written(t, c.format, r, "z.csv"))
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(string(text), c.mark)
		if !ok || c.mark == "" && text[0] == 0xef {
			t.Errorf("%s begins with % x", c.format, text[:3])
		}
		in := csv.NewReader(strings.NewReader(rest))
		in.Comma = c.comma
		lines, err := in.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(lines[0], " "); got != "id name floors height open value lo hi flag lon lat" {
			t.Errorf("%s", got)
		}
		expected := want(all)
		for _, line := range lines[1:] {
			for i, name := range lines[0][:9] {
				have := ""
				switch v := expected[line[0]][name].(type) {
				case string:
					have = v
				case bool:
					have = map[bool]string{true: c.yes, false: map[string]string{"true": "false", "VRAI": "FAUX"}[c.yes]}[v]
				case float64:
					have = strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", c.decimal, 1)
				}
				if line[i] != have {
					t.Errorf("%s %s: %q instead of %q", line[0], name, line[i], have)
				}
			}
		}
		if got := strings.Replace(lines[4][9], c.decimal, ".", 1) + " " + strings.Replace(lines[1][10], c.decimal, ".", 1); len(lines) != 5 || !strings.Contains(got, ".") {
			t.Errorf("%s: %d lines, %s", c.format, len(lines), got)
		}
	}
}

func TestAWorkbookIsReadByGDALWithTheSameRows(t *testing.T) {
	r, all := rows(t, layer.Polygons)
	got := byGDAL(t, written(t, "xlsx", r, "z.xlsx"))
	for id, expected := range want(all) {
		f := got[id]
		if f == nil {
			t.Fatalf("%s is missing in %v", id, got)
		}
		if f.Properties["name"] != expected["name"] || f.Properties["flag"] != expected["flag"] || f.Properties["value"] != expected["value"] {
			t.Errorf("%s: %v instead of %v", id, f.Properties, expected)
		}
	}
	if got["z0"].Properties["lon"] != 1.55 && math.Abs(got["z0"].Properties["lon"].(float64)-1.55) > 1e-6 {
		t.Errorf("%v", got["z0"].Properties)
	}
}

func TestGeoParquetIsReadByDuckDBWithTheSameRows(t *testing.T) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, kind := range []string{layer.Points, layer.Lines, layer.Polygons} {
		r, all := rows(t, kind)
		path := written(t, "parquet", r, "z.parquet")
		got := map[string]record{}
		found, err := db.Query("SELECT id, name, floors, height, open, value, lo, hi, flag FROM read_parquet(?)", path)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Close()
		for found.Next() {
			var id, flag string
			var name sql.NullString
			var floors sql.NullInt64
			var height, value, lo, hi sql.NullFloat64
			var open sql.NullBool
			if err := found.Scan(&id, &name, &floors, &height, &open, &value, &lo, &hi, &flag); err != nil {
				t.Fatal(err)
			}
			one := record{"id": id, "flag": flag, "name": nil, "floors": nil, "height": nil, "open": nil, "value": nil, "lo": nil, "hi": nil}
			for key, v := range map[string]struct {
				ok bool
				v  any
			}{"name": {name.Valid, name.String}, "floors": {floors.Valid, float64(floors.Int64)}, "height": {height.Valid, height.Float64}, "open": {open.Valid, open.Bool},
				"value": {value.Valid, value.Float64}, "lo": {lo.Valid, lo.Float64}, "hi": {hi.Valid, hi.Float64}} {
				if v.ok {
					one[key] = v.v
				}
			}
			got[id] = one
		}
		if err := found.Err(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want(all), got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		var geo string
		if err := db.QueryRow("SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'geo'", path).Scan(&geo); err != nil {
			t.Fatal(err)
		}
		var meta struct {
			Version string
			Primary string `json:"primary_column"`
			Columns map[string]struct{ Encoding string }
		}
		if err := json.Unmarshal([]byte(geo), &meta); err != nil || meta.Version != "1.1.0" || meta.Columns[meta.Primary].Encoding != "WKB" {
			t.Errorf("%v %s", err, geo)
		}
	}
}

func TestAnArrowStreamIsReadByAnotherLibraryWithTheSameRows(t *testing.T) {
	need(t, "node")
	if _, err := os.Stat("../export/node/node_modules/apache-arrow"); err != nil {
		t.Skip("apache-arrow is absent: npm ci in query/export/node")
	}
	r, all := rows(t, layer.Polygons)
	out, err := exec.Command("node", "../export/node/arrow.mjs", written(t, "arrow", r, "z.arrows")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var list []record
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expected := want(all)
	for _, one := range list {
		if text, _ := one["geometry"].(string); !strings.HasPrefix(text, "01") {
			t.Errorf("geometry %v", one["geometry"])
		}
		delete(one, "geometry")
		if diff := cmp.Diff(expected[one["id"].(string)], one); diff != "" {
			t.Errorf("%s", diff)
		}
	}
	if len(list) != len(all) {
		t.Errorf("%d rows", len(list))
	}
}

func TestAFileThatWouldBeTooLargeIsGivenUp(t *testing.T) {
	var all []layertest.Row
	for i := range 3 * batchRows {
		all = append(all, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i + 1), Geometry: orb.Point{1, 43}, Values: []any{strings.Repeat("x", 100)}})
	}
	file := layertest.File(t, layer.Spec{Name: "many", Geometry: layer.Points, MaxZoom: 14, Properties: properties[:1]}, all)
	r := &Rows{File: file, Name: "many", Limit: 100_000, Each: func(_ context.Context, visit func(*layer.Batch, int) bool) error {
		for i := range file.Len() {
			if b, row := file.At(i); !visit(b, row) {
				break
			}
		}
		return nil
	}}
	for _, format := range []string{"geojson", "csv", "gpkg"} {
		path := filepath.Join(t.TempDir(), "many")
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Write(context.Background(), format, path, r); model.KindOf(err) != model.Invalid {
			t.Errorf("%s: %v", format, err)
		}
	}
}
