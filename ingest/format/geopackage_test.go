package format

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
	"jumeau/model/crs"
)

// ogr2ogr makes a file with GDAL, for what no real file has.
func ogr2ogr(t testing.TB, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		t.Skip("ogr2ogr is absent: install gdal-bin to make this file")
	}
	if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr: %v: %s", err, out)
	}
}

// sqliteRun runs statements with Python's SQLite, which is not ours.
func sqliteRun(t testing.TB, path string, statements ...string) {
	t.Helper()
	script := "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nfor s in sys.argv[2:]:\n  c.execute(s)\nc.commit()\n"
	out, err := exec.Command("python3", append([]string{"-c", script, path}, statements...)...).CombinedOutput()
	if err != nil {
		t.Skipf("python3 with sqlite3 is needed to make this file: %v: %s", err, out)
	}
}

func copied(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile(realdata.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return tempFile(t, filepath.Base(name), content)
}

// box of a part of Haute-Garonne.
var box = orb.Bound{Min: orb.Point{1.3, 43.3}, Max: orb.Point{1.5, 43.6}}

// column is the sorted cells of a column.
func columnOf(rows *table, name string) string {
	var out []string
	c := rows.column(name)
	for _, r := range rows.cells {
		out = append(out, r[c])
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

func TestABoxFindsTheFeaturesOfAGeoPackageWithAndWithoutItsIndex(t *testing.T) {
	in := realdata.Path(t, "france-geojson-31/communes-31-haute-garonne.geojson")
	dir := t.TempDir()
	with, without, metres := filepath.Join(dir, "with.gpkg"), filepath.Join(dir, "without.gpkg"), filepath.Join(dir, "l93.gpkg")
	ogr2ogr(t, with, in)
	ogr2ogr(t, without, in, "-lco", "SPATIAL_INDEX=NO")
	ogr2ogr(t, metres, in, "-t_srs", "EPSG:2154")
	all := mustRead(t, with, Options{})
	var want []string
	for i, g := range all.geometry {
		if box.Intersects(g.Bound()) {
			want = append(want, all.cells[i][all.column("code")])
		}
	}
	sort.Strings(want)
	if len(want) < 50 || len(want) > 300 {
		t.Fatalf("%d communes meet the box: the test says nothing", len(want))
	}
	for _, path := range []string{with, without} {
		got := mustRead(t, path, Options{BBox: &box})
		expect(t, filepath.Base(path), columnOf(got, "code"), strings.Join(want, " "))
	}
	if got := mustRead(t, metres, Options{BBox: &box}); len(got.cells) < len(want) || len(got.cells) > len(want)+30 {
		t.Errorf("in Lambert-93 %d communes are found, in degrees %d", len(got.cells), len(want))
	}
	_, err := read(realdata.Path(t, "sf-samples/buildings.gpkg"), Options{BBox: &box})
	expectError(t, err, "unknown system", "declare")
}

func TestALayerOfAGeoPackageIsNamedWhenThereAreSeveral(t *testing.T) {
	path := realdata.Path(t, "flows-grand-est/GE.gpkg")
	_, err := read(path, Options{})
	expectError(t, err, "several layers", "region", "urban_area", "table")
	_, err = read(path, Options{Table: "communes"})
	expectError(t, err, `no layer "communes"`, "urban_area")
	if got := mustRead(t, path, Options{Table: "Urban_Area"}); len(got.cells) != 159 {
		t.Errorf("%d rows", len(got.cells))
	}
	crs, _ := crs.Parse("EPSG:3857")
	_, err = read(path, Options{Table: "region", CRS: crs})
	expectError(t, err, "the file says EPSG:2154, the declaration says EPSG:3857")
}

func TestDatabasesThatAreNoTableAreRefusedWithTheWayOut(t *testing.T) {
	path := copied(t, "flows-grand-est/GE.gpkg")
	sqliteRun(t, path, "create view v as select fid, geom from region",
		"insert into gpkg_contents (table_name, data_type, identifier, srs_id) values ('v', 'attributes', 'v', 2154)")
	_, err := read(path, Options{Table: "v"})
	expectError(t, err, "is a view", "ogr2ogr")
	_, err = read(path, Options{Table: "region", Format: "geojson"})
	expectError(t, err, "the file is geopackage, the declaration says geojson")
	overwrite(t, path+"-wal", []byte("x"))
	_, err = read(path, Options{Table: "region"})
	expectError(t, err, "-wal", "checkpoint")

	other := filepath.Join(t.TempDir(), "x.sqlite")
	sqliteRun(t, other, "create table t (a)")
	_, err = read(other, Options{})
	expectError(t, err, "no GeoPackage", "ogr2ogr")
	tiles := filepath.Join(t.TempDir(), "x.mbtiles")
	sqliteRun(t, tiles, "create table tiles (a)", "create table metadata (a)")
	_, err = read(tiles, Options{})
	expectError(t, err, "MBTiles")

	content, _ := os.ReadFile(realdata.Path(t, "sf-samples/nc.gpkg"))
	_, err = read(tempFile(t, "cut.gpkg", content[:len(content)/2]), Options{})
	expectError(t, err, "truncated")
}

func TestCellsOfAGeoPackageKeepTheirTypes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gpkg")
	sqliteRun(t, path,
		"pragma encoding = 'UTF-16le'",
		"create table gpkg_contents (table_name text, data_type text, srs_id integer)",
		`create table "a ""b""" (id integer primary key, [n] mediumint, x double, "t, u" text(10) default 'l''été', ok boolean, -- note (
		   d date, constraint k unique (n), check (n > 0))`,
		`insert into gpkg_contents values ('a "b"', 'attributes', 0)`,
		`insert into "a ""b""" values (7, 1, 1.5, 'é', 1, '2024-02-29'), (-3, 2.0, 2, null, 0, ''), (9, '12', '2.5', 3, null, null), (10, 'x', null, null, null, null)`,
		`alter table "a ""b""" add column late integer default 42`)
	got := mustRead(t, path, Options{})
	expect(t, "names", strings.Join(got.names, "|"), "id|n|x|t, u|ok|d|late")
	expect(t, "rows", got.rows(), "-3|2|2||false||42 / 7|1|1.5|é|true|2024-02-29|42 / 9|12|2.5|3|||42")
	expect(t, "bad", got.codes(), BadValue)
	if got.bad[0].Line != 10 {
		t.Errorf("the bad row has the rowid %d", got.bad[0].Line)
	}
}

func TestLongRowsOfAGeoPackageContinueOnOverflowPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gpkg")
	sqliteRun(t, path, "pragma page_size = 512",
		"create table gpkg_contents (table_name text, data_type text, srs_id integer)",
		"create table t (id integer primary key, a text)", "insert into gpkg_contents values ('t', 'attributes', 0)",
		"with recursive n(i) as (select 1 union all select i+1 from n where i < 3000) insert into t select i, substr(printf('%5000d', i), 1, i * 7 % 5000) || '|' || i from n")
	got := mustRead(t, path, Options{})
	if len(got.cells) != 3000 {
		t.Fatalf("%d rows", len(got.cells))
	}
	for i, r := range got.cells {
		if want := (i+1)*7%5000 + len(fmt.Sprint("|", i+1)); len(r[1]) != want || !strings.HasSuffix(r[1], fmt.Sprint("|", i+1)) {
			t.Fatalf("row %d has %d bytes, want %d", i+1, len(r[1]), want)
		}
	}
}

func FuzzGeoPackage(f *testing.F) {
	for _, statements := range [][]string{
		{"create table gpkg_contents (table_name text, data_type text, srs_id integer)", "create table t (id integer primary key, a text, b double, c boolean)",
			"insert into gpkg_contents values ('t', 'attributes', 0)", "insert into t values (1, 'x', 2.5, 1), (2, hex(zeroblob(700)), 3, 0)"},
		{"create table gpkg_contents (table_name text, data_type text, srs_id integer)", "create table gpkg_geometry_columns (table_name text, column_name text, srs_id integer)",
			"create table t (id integer primary key, g blob)", "insert into gpkg_contents values ('t', 'features', 0)", "insert into gpkg_geometry_columns values ('t', 'g', 0)",
			"insert into t values (1, x'47500001000000000101000000000000000000f03f0000000000000040')"},
	} {
		path := filepath.Join(f.TempDir(), "x.gpkg")
		sqliteRun(f, path, append([]string{"pragma page_size = 512"}, statements...)...)
		content, _ := os.ReadFile(path)
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 30000 {
			return
		}
		path := tempFile(t, "x.gpkg", content)
		checked(t, func(opt Options) (Reader, error) { return Open(context.Background(), path, opt) }, Options{Format: "geopackage"})
	})
}
