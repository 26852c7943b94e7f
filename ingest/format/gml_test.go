package format

import (
	"fmt"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"jumeau/internal/realdata"
)

// gmlFeatures wraps geometries as features of GML 3.2.
func gmlFeatures(system string, shapes ...string) string {
	var b strings.Builder
	b.WriteString(`<wfs:FeatureCollection xmlns:wfs="w" xmlns:gml="http://www.opengis.net/gml/3.2">`)
	for i, s := range shapes {
		fmt.Fprintf(&b, `<wfs:member><a:site gml:id="s.%d"><a:nom>N&#233; %d</a:nom><a:geom>%s</a:geom></a:site></wfs:member>`, i, i, strings.Replace(s, ">", ` srsName="`+system+`">`, 1))
	}
	return b.String() + `</wfs:FeatureCollection>`
}

func TestGMLGeometriesOfEachKind(t *testing.T) {
	shapes := map[string]string{
		`<gml:Point><gml:pos>1 2</gml:pos></gml:Point>`:                                            "POINT(1 2)",
		`<gml:Point><gml:coordinates>1,2</gml:coordinates></gml:Point>`:                            "POINT(1 2)",
		`<gml:LineString><gml:posList>1 2 3 4</gml:posList></gml:LineString>`:                      "LINESTRING(1 2,3 4)",
		`<gml:LineString><gml:posList srsDimension="3">1 2 9 3 4 9</gml:posList></gml:LineString>`: "LINESTRING(1 2,3 4)",
		`<gml:LineString><gml:pos>1 2 9</gml:pos><gml:pos>3 4 9</gml:pos></gml:LineString>`:        "LINESTRING(1 2,3 4)",
		`<gml:Curve><gml:segments><gml:LineStringSegment><gml:posList>1 2 3 4</gml:posList></gml:LineStringSegment><gml:LineStringSegment><gml:posList>3 4 5 6</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve>`:                                                                                                                                        "LINESTRING(1 2,3 4,5 6)",
		`<gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>0 0 9 0 9 9 0 0</gml:posList></gml:LinearRing></gml:exterior><gml:interior><gml:LinearRing><gml:posList>3 1 4 1 4 2 3 1</gml:posList></gml:LinearRing></gml:interior></gml:Polygon>`:                                                                                                                   "POLYGON((0 0,9 0,9 9,0 0),(3 1,4 1,4 2,3 1))",
		`<gml:Polygon><gml:outerBoundaryIs><gml:LinearRing><gml:coordinates>0,0 9,0 9,9 0,0</gml:coordinates></gml:LinearRing></gml:outerBoundaryIs></gml:Polygon>`:                                                                                                                                                                                                     "POLYGON((0 0,9 0,9 9,0 0))",
		`<gml:Surface><gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring><gml:curveMember><gml:LineString><gml:posList>0 0 9 0</gml:posList></gml:LineString></gml:curveMember><gml:curveMember><gml:LineString><gml:posList>9 0 9 9 0 0</gml:posList></gml:LineString></gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch></gml:patches></gml:Surface>`: "POLYGON((0 0,9 0,9 9,0 0))",
		`<gml:MultiSurface><gml:surfaceMember><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>0 0 9 0 9 9 0 0</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></gml:surfaceMember></gml:MultiSurface>`:                                                                                                                                               "MULTIPOLYGON(((0 0,9 0,9 9,0 0)))",
		`<gml:MultiCurve><gml:curveMember><gml:LineString><gml:posList>1 2 3 4</gml:posList></gml:LineString></gml:curveMember><gml:curveMember><gml:LineString><gml:posList>5 6 7 8</gml:posList></gml:LineString></gml:curveMember></gml:MultiCurve>`:                                                                                                                 "MULTILINESTRING((1 2,3 4),(5 6,7 8))",
		`<gml:MultiPoint><gml:pointMember><gml:Point><gml:pos>1 2</gml:pos></gml:Point></gml:pointMember></gml:MultiPoint>`:                                                                                                                                                                                                                                             "MULTIPOINT((1 2))",
	}
	var in, want []string
	for s := range shapes {
		in = append(in, s)
	}
	sort.Strings(in)
	for _, s := range in {
		want = append(want, shapes[s])
	}
	got := readText(t, gmlFeatures("EPSG:2154", in...), Options{})
	for i, s := range in {
		if shape := (&table{geometry: got.geometry[i : i+1]}).shapes(); shape != want[i] {
			t.Errorf("%s\n got %s\nwant %s", s, shape, want[i])
		}
	}
	expect(t, "columns", strings.Join(got.names, "|"), "gml_id|nom")
	expect(t, "first", strings.Join(got.cells[0], "|"), "s.0|Né 0")
	got = readText(t, gmlFeatures("EPSG:2154", `<gml:Curve><gml:segments><gml:Arc><gml:posList>0 0 1 1 2 0</gml:posList></gml:Arc></gml:segments></gml:Curve>`,
		`<gml:Point><gml:pos>1 x</gml:pos></gml:Point>`), Options{})
	expect(t, "refused", got.codes(), BadGeometry+" "+BadGeometry)
}

func TestTheAxisOrderOfGMLFollowsTheWayItsSystemIsWritten(t *testing.T) {
	for system, want := range map[string]string{
		"urn:ogc:def:crs:EPSG::4326": "POINT(1 43) EPSG:4326", "http://www.opengis.net/def/crs/EPSG/0/4326": "POINT(1 43) EPSG:4326",
		"EPSG:4326": "POINT(43 1) EPSG:4326", "http://www.opengis.net/gml/srs/epsg.xml#4326": "POINT(43 1) EPSG:4326",
		"urn:ogc:def:crs:EPSG::2154": "POINT(43 1) EPSG:2154", "urn:ogc:def:crs:EPSG::3035": "POINT(1 43) EPSG:3035",
		"urn:ogc:def:crs:OGC:1.3:CRS84": "POINT(43 1) OGC:CRS84", "urn:ogc:def:crs:EPSG::4258": "POINT(1 43) EPSG:4258",
	} {
		got := readText(t, gmlFeatures(system, `<gml:Point><gml:pos>43 1</gml:pos></gml:Point>`), Options{})
		expect(t, system, got.shapes()+" "+got.info.CRS.Code(), want)
	}
	mixed := strings.Replace(gmlFeatures("urn:ogc:def:crs:EPSG::4326", `<gml:Point><gml:pos>43 1</gml:pos></gml:Point>`,
		`<gml:Point><gml:pos>43 1</gml:pos></gml:Point>`), "4326", "2154", 1)
	if got := readText(t, mixed, Options{}); got.codes() != BadGeometry || !strings.Contains(got.bad[0].Reason, "4326") {
		t.Errorf("a feature in another system: %v", got.bad)
	}
}

func TestGMLAndKMLWrittenByGDALAreWhatTheyWereMadeOf(t *testing.T) {
	in := realdata.Path(t, "france-geojson-31/communes-31-haute-garonne-2016.geojson.gz")
	want := mustRead(t, in, Options{})
	for name, args := range map[string][]string{
		"3.2.gml": {"-f", "GML", "-dsco", "FORMAT=GML3.2", "-dsco", "WRITE_FEATURE_BOUNDED_BY=NO"},
		"3.1.gml": {"-f", "GML", "-dsco", "FORMAT=GML3", "-dsco", "GML3_LONGSRS=NO"},
		"2.gml":   {"-f", "GML", "-dsco", "FORMAT=GML2"},
		"x.kml":   {"-f", "LIBKML"},
		"x.kmz":   {"-f", "LIBKML"},
	} {
		path := filepath.Join(t.TempDir(), name)
		ogr2ogr(t, append(args, "-nln", "communes", path, "/vsigzip/"+in)...)
		opt := Options{}
		if name == "x.kmz" { // GDAL's doc.kml only points to it
			opt.Member = "communes.kml"
		}
		got := mustRead(t, path, opt)
		if len(got.cells) != len(want.cells) || len(got.bad) > 0 {
			t.Fatalf("%s: %d rows, %v", name, len(got.cells), got.bad)
		}
		for i := range want.cells {
			for _, c := range []string{"code", "nom"} {
				if a, b := got.cells[i][got.column(c)], want.cells[i][want.column(c)]; a != b {
					t.Fatalf("%s: row %d: %q, want %q", name, i+1, a, b)
				}
			}
			if d := farthest(got.geometry[i], want.geometry[i]); d > 1e-9 {
				t.Fatalf("%s: row %d is %g off", name, i+1, d)
			}
		}
		if code := got.info.CRS.Code(); code != "EPSG:4326" && code != "OGC:CRS84" {
			t.Errorf("%s: CRS %q", name, code)
		}
	}
}

func TestKMLIsTheSameLayerAsItsGeoJSON(t *testing.T) {
	for _, stem := range []string{"montpellier-quartiers/VilleMTP_MTP_Quartiers", "montpellier-quartiers/VilleMTP_MTP_SousQuartiers",
		"montpellier-limites/VilleMTP_MTP_LimiteCommune"} {
		got, want := mustRead(t, realdata.Path(t, stem+".kml"), Options{}), mustRead(t, realdata.Path(t, stem+".geojson"), Options{})
		shared := 0
		for k, name := range want.names {
			c := got.column(name)
			if c < 0 {
				continue
			}
			shared++
			for i := range want.cells {
				if a, b := got.cells[i][c], want.cells[i][k]; !sameValue(a, b) && a != b {
					t.Errorf("%s: row %d, %s: %q, GeoJSON has %q", stem, i+1, name, a, b)
				}
			}
		}
		for i, g := range got.geometry {
			if d := farthest(g, want.geometry[i]); d > 1e-9 {
				t.Errorf("%s: row %d is %g off", stem, i+1, d)
			}
		}
		if shared < len(want.names)/2 {
			t.Errorf("%s: only %d columns are shared: %q, %q", stem, shared, got.names, want.names)
		}
	}
}

func TestFoldersAndErrorsOfXML(t *testing.T) {
	doc := `<kml><Document><name>D</name><Folder><name>A</name><Placemark><name>1</name><ExtendedData><Data name="x"><displayName>y</displayName><value>7</value></Data></ExtendedData><MultiGeometry><Point><coordinates>1,2,3</coordinates></Point><LineString><coordinates>1,2 3,4</coordinates></LineString></MultiGeometry></Placemark></Folder><Folder><name>B</name><Placemark><name>2</name></Placemark></Folder></Document></kml>`
	expect(t, "all", readText(t, doc, Options{}).rows(), "1|7 / 2|")
	got := readText(t, doc, Options{Table: "A"})
	expect(t, "one folder", got.rows()+" "+got.shapes(), "1|7 GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(1 2,3 4))")
	for text, words := range map[string][]string{
		`<kml><NetworkLink><href>x</href></NetworkLink></kml>`:                                   {"points to another address"},
		`<ows:ExceptionReport xmlns:gml="http://www.opengis.net/gml"><a/></ows:ExceptionReport>`: {"error message of a web service"},
		`<gpx><trk/></gpx>`:     {"GPX", "ogr2ogr"},
		`<rss><channel/></rss>`: {"XML file of a kind that is not known"},
		`<svg xmlns="x"></svg>`: {"SVG"},
		`<wfs:FeatureCollection xmlns:gml="http://www.opengis.net/gml"></wfs:FeatureCollection>`: {"no features", "WFS"},
		strings.Replace(doc, "</Folder>", "", 1):                                                 {"not well-formed"},
		doc[:len(doc)-30]:                                                                        {"ends inside"},
	} {
		_, err := read(tempFile(t, "x", []byte(text)), Options{})
		expectError(t, err, words...)
	}
	_, err := read(tempFile(t, "x", []byte(doc)), Options{Table: "C"})
	expectError(t, err, `no folder "C"`)
	latin := "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><kml><Placemark><name>\xe9t\xe9</name></Placemark></kml>"
	expect(t, "latin-1", readText(t, latin, Options{}).rows(), "été")
}

func FuzzGML(f *testing.F) {
	seed(f, "sf-samples/*.gml")
	f.Add([]byte(gmlFeatures("urn:ogc:def:crs:EPSG::4326", `<gml:Curve><gml:segments><gml:LineStringSegment><gml:posList>1 2 3 4</gml:posList></gml:LineStringSegment></gml:segments></gml:Curve>`)))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzText(t, content, Options{Format: "gml"}) })
}

func FuzzKML(f *testing.F) {
	seed(f, "montpellier-quartiers/*.kml")
	f.Add([]byte(`<kml><Folder><name>A</name><Placemark><name>1</name><ExtendedData><SimpleData name="a">b</SimpleData></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>0,0 1,0 1,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Folder></kml>`))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzText(t, content, Options{Format: "kml"}) })
}
