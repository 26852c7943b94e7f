package format

import (
	"bytes"
	"context"
	"database/sql"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	_ "github.com/duckdb/duckdb-go/v2"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/internal/realdata"
)

func TestBuildingsOfCityGMLHaveFootprintsAndHeights(t *testing.T) {
	got := mustRead(t, realdata.Path(t, "citygml-samples/delft-citygml2.xml.gz"), Options{})
	if len(got.cells) != 3 || got.info.CRSText != "urn:ogc:def:crs:EPSG::7415" {
		t.Fatalf("%d buildings in %q", len(got.cells), got.info.CRSText)
	}
	expect(t, "first footprint", (&table{geometry: got.geometry[:1]}).shapes(),
		"POLYGON((84511.464 446652.072,84508.173 446650.016,84509.18 446648.404,84512.505 446650.482,84511.464 446652.072))")
	for i, r := range got.cells {
		height, measured := r[got.column("height")], r[got.column("measuredHeight")]
		if height == "" || measured == "" || got.geometry[i] == nil {
			t.Errorf("building %d: height %q, measured %q", i+1, height, measured)
		}
	}
}

// A block 2 by 1 by 3 whose floor is two triangles, with a hole-free ground after joining.
const cityBlock = `{"type":"CityJSON","version":"2.0","transform":{"scale":[0.5,0.5,0.5],"translate":[600000,5000000,10]},
"metadata":{"referenceSystem":"https://www.opengis.net/def/crs/EPSG/0/3946"},"CityObjects":{
"b":{"type":"Building","attributes":{"roof":"flat","year":1990,"none":null},"children":["p"]},
"p":{"type":"BuildingPart","parents":["b"],"geometry":[{"type":"Solid","lod":"2","boundaries":[[[[0,1,2]],[[0,2,3]],[[4,5,6,7]],[[0,1,5,4]]]],
 "semantics":{"surfaces":[{"type":"GroundSurface"},{"type":"RoofSurface"},{"type":"WallSurface"}],"values":[[0,0,1,2]]}}]},
"t":{"type":"SolitaryVegetationObject"}},
"vertices":[[0,0,0],[4,0,0],[4,2,0],[0,2,0],[0,0,6],[4,0,6],[4,2,6],[0,2,6]]}`

func TestBuildingsOfCityJSONJoinTheirParts(t *testing.T) {
	got := readText(t, cityBlock, Options{})
	expect(t, "columns", strings.Join(got.names, "|"), "id|height|z_min|z_max|none|roof|year")
	expect(t, "row", got.rows(), "b|3|10|13||flat|1990")
	expect(t, "CRS", got.info.CRS.Code(), "EPSG:3946")
	if p, ok := got.geometry[0].(orb.Polygon); !ok || len(p) != 1 || len(p[0]) != 5 || math.Abs(planar.Area(p)-2) > 1e-9 || p.Bound().Max != (orb.Point{600002, 5000001}) {
		t.Errorf("the footprint is %v", got.geometry[0])
	}
	sequence := `{"type":"CityJSON","version":"2.0","transform":{"scale":[1,1,1],"translate":[0,0,0]},"CityObjects":{},"vertices":[]}` + "\n" +
		strings.Repeat(`{"type":"CityJSONFeature","id":"x","CityObjects":{"x":{"type":"Building","attributes":{"a":"é"},"geometry":[{"type":"MultiSurface","lod":0.1,"boundaries":[[[0,1,2]]]}]}},"vertices":[[0,0,5],[1,0,5],[0,1,5]]}`+"\n", 3)
	got = readText(t, sequence, Options{})
	expect(t, "sequence", got.rows(), "x|0|5|5|é / x|0|5|5|é / x|0|5|5|é")
	_, err := read(tempFile(t, "x", []byte(cityBlock[:300])), Options{Format: "cityjson"})
	expectError(t, err, "ends inside the record")
}

func TestATopologyIsWhatGDALReadsOfIt(t *testing.T) {
	topology := `{"type":"Topology","transform":{"scale":[0.01,0.01],"translate":[1,43]},"objects":{"communes":{"type":"GeometryCollection","geometries":[
{"type":"Polygon","id":"a","properties":{"nom":"A","n":1},"arcs":[[0,1]]},{"type":"MultiPolygon","id":"b","properties":{"nom":"B"},"arcs":[[[-2,2]]]},
{"type":"Point","id":"c","properties":{"nom":"C"},"coordinates":[3,4]},{"type":"LineString","id":"d","arcs":[1]}]}},
"arcs":[[[0,10],[0,-10],[10,0]],[[10,0],[0,10],[-10,0]],[[10,0],[10,0],[0,20],[-20,0],[0,-10]]]}`
	path := tempFile(t, "x.topojson", []byte(topology))
	got := mustRead(t, path, Options{})
	expect(t, "rows", got.rows(), "a|A|1 / b|B| / c|C| / d||")
	compareWithGDAL(t, got, gdalRows(t, path))
	broken := readText(t, strings.Replace(topology, `"arcs":[[0,1]]`, `"arcs":[[0,9]]`, 1), Options{})
	expect(t, "an arc that does not exist", broken.codes(), BadGeometry)
	if program, err := exec.LookPath("ogrinfo"); err == nil && program != "" {
		_, err := read(path, Options{Table: "regions"})
		expectError(t, err, `no object "regions"`, "communes")
	}
}

// wkbTable is a table with a geometry column as GeoArrow writes it.
func wkbTable(t testing.TB) arrow.RecordBatch {
	meta := arrow.NewMetadata([]string{"ARROW:extension:name", "ARROW:extension:metadata"}, []string{"geoarrow.wkb", `{"crs":"EPSG:2154"}`})
	schema := arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64},
		{Name: "shape", Type: arrow.BinaryTypes.Binary, Nullable: true, Metadata: meta}, {Name: "nom", Type: arrow.BinaryTypes.String}}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	point := []byte("\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x00@")
	for i := range int64(5) {
		b.Field(0).(*array.Int64Builder).Append(i)
		switch i {
		case 3:
			b.Field(1).AppendNull()
		case 4:
			b.Field(1).(*array.BinaryBuilder).Append(point[:9])
		default:
			b.Field(1).(*array.BinaryBuilder).Append(point)
		}
		b.Field(2).(*array.StringBuilder).Append("é")
	}
	return b.NewRecordBatch()
}

func arrowFiles(t testing.TB) map[string][]byte {
	rec := wkbTable(t)
	defer rec.Release()
	var stream, packed bytes.Buffer
	w := ipc.NewWriter(&stream, ipc.WithSchema(rec.Schema()))
	file := filepath.Join(t.TempDir(), "x.arrow")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	fw, err := ipc.NewFileWriter(f, ipc.WithSchema(rec.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	pw := ipc.NewWriter(&packed, ipc.WithSchema(rec.Schema()), ipc.WithZstd())
	for range 2 {
		for _, write := range []func(arrow.RecordBatch) error{w.Write, fw.Write, pw.Write} {
			if err := write(rec); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.Close()
	fw.Close()
	pw.Close()
	f.Close()
	content, _ := os.ReadFile(file)
	return map[string][]byte{"stream": stream.Bytes(), "file": content, "file in gzip": gzipped(content), "zstd": packed.Bytes()}
}

func TestArrowFilesAndStreamsAreRead(t *testing.T) {
	for name, content := range arrowFiles(t) {
		got := mustRead(t, tempFile(t, "x", content), Options{})
		expect(t, name+" shapes", got.shapes(), "POINT(1 2) POINT(1 2) POINT(1 2) - POINT(1 2) POINT(1 2) POINT(1 2) -")
		expect(t, name+" CRS", got.info.CRS.Code(), "EPSG:2154")
		expect(t, name+" bad", got.codes(), BadGeometry+" "+BadGeometry)
		some := mustRead(t, tempFile(t, "x", content), Options{}, "nom", "n")
		expect(t, name+" columns", some.rows(), "é|0 / é|1 / é|2 / é|3 / é|0 / é|1 / é|2 / é|3")
		_, err := read(tempFile(t, "x", content[:len(content)/2]), Options{})
		if name == "file" {
			expectError(t, err, "Arrow file cannot be read", "download")
		}
	}
}

// The geometry type that Parquet itself has since 2.11, as DuckDB writes it, without any metadata of GeoParquet.
func TestTheGeometryTypeOfParquetIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.parquet")
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`copy (select 1 as n, ST_GeomFromWKB('\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\xF0\x3F\x00\x00\x00\x00\x00\x00\x00\x40'::BLOB) as shape union all select 2, null order by n) to '` + path + `' (format parquet, geoparquet_version 'NONE')`)
	if err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, path, Options{})
	expect(t, "shapes", got.shapes(), "POINT(1 2) -")
	expect(t, "CRS", got.info.CRS.Code(), "OGC:CRS84")
	content, _ := os.ReadFile(path)
	if bytes.Contains(content, []byte(`"primary_column"`)) {
		t.Error("the file has GeoParquet metadata: the test says nothing")
	}
}

func FuzzArrow(f *testing.F) {
	for _, content := range arrowFiles(f) {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 20000 {
			return
		}
		r, err := newArrow(context.Background(), inMemory(content), Options{})
		if err != nil {
			return
		}
		defer r.Close()
		for {
			if _, err := r.Next(); err != nil {
				return
			}
		}
	})
}

func FuzzCity(f *testing.F) {
	f.Add([]byte(cityBlock))
	f.Add([]byte(`<CityModel><cityObjectMember><Building gml:id="x"><measuredHeight>3</measuredHeight><GroundSurface><Polygon><exterior><LinearRing><posList>0 0 1 1 0 1 1 1 1 0 0 1</posList></LinearRing></exterior></Polygon></GroundSurface></Building></cityObjectMember></CityModel>`))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzzText(t, content, Options{Format: "cityjson"})
		fuzzText(t, content, Options{Format: "citygml"})
	})
}

func FuzzTopoJSON(f *testing.F) {
	f.Add([]byte(`{"type":"Topology","objects":{"a":{"type":"GeometryCollection","geometries":[{"type":"Polygon","id":1,"properties":{"x":"y"},"arcs":[[0]]},{"type":"Point","coordinates":[1,2]}]}},"arcs":[[[0,0],[1,0],[1,1],[0,0]]]}`))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzText(t, content, Options{Format: "topojson"}) })
}
