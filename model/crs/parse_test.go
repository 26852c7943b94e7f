package crs

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
	"jumeau/model"
)

func TestParseRecognisesEveryWayOfWritingACode(t *testing.T) {
	for text, want := range map[string]string{
		"EPSG:2154":      "EPSG:2154",
		"EPSG:2154+5720": "EPSG:2154",
		"urn:ogc:def:crs,crs:EPSG::2154,crs:EPSG::5720": "EPSG:2154",
		"epsg:2154":                       "EPSG:2154",
		" 2154 ":                          "EPSG:2154",
		"SRID:3035":                       "EPSG:3035",
		"OGC:CRS84":                       "OGC:CRS84",
		"CRS84":                           "OGC:CRS84",
		"CRS:84":                          "OGC:CRS84",
		"EPSG:900913":                     "EPSG:3857",
		"IGNF:LAMB93":                     "EPSG:2154",
		"EPSG:9794":                       "EPSG:2154",
		"EPSG:3947":                       "EPSG:3947",
		"EPSG:32631":                      "EPSG:32631",
		"EPSG:32738":                      "EPSG:32738",
		"EPSG:25830":                      "EPSG:25830",
		"\ufeff2154":                      "EPSG:2154",
		"urn:ogc:def:crs:EPSG::2154":      "EPSG:2154",
		"urn:ogc:def:crs:EPSG:9.8.6:4326": "EPSG:4326",
		"urn:x-ogc:def:crs:EPSG:3857":     "EPSG:3857",
		"urn:ogc:def:crs:OGC:1.3:CRS84":   "OGC:CRS84",
		"http://www.opengis.net/def/crs/EPSG/0/3035":        "EPSG:3035",
		"https://www.opengis.net/def/crs/OGC/1.3/CRS84":     "OGC:CRS84",
		"http://www.opengis.net/gml/srs/epsg.xml#4171":      "EPSG:4171",
		`{"type":"name","properties":{"name":"EPSG:2154"}}`: "EPSG:2154",
	} {
		if c, err := Parse(text); err != nil || c.Code() != want {
			t.Errorf("Parse(%q) = %s, %v; want %s", text, c, err, want)
		}
	}
}

func TestParseRefusesWhatItCannotProjectAndSaysWhatItCan(t *testing.T) {
	for text, want := range map[string]error{
		"":                                errEmpty,
		"Lambert":                         errForm,
		"EPSG:27700":                      errSupported,
		"4267":                            errSupported,
		"EPSG:":                           errForm,
		"{}":                              errForm,
		`{"type":"GeographicCRS"}`:        errSupported,
		`GEOGCS["x"`:                      errWKT,
		`PROJCS[`:                         errWKT,
		`LOCAL_CS["metre grid"]`:          errForm,
		strings.Repeat("A[", 1000):        errWKT,
		strings.Repeat("9", maxText+1):    errTooLong,
		`PROJCS["RGF93_Lambert_93"]`:      errSupported, // the name alone proves nothing
		`COMPD_CS["x",VERT_CS["height"]]`: errForm,
	} {
		_, err := Parse(text)
		var e *model.Error
		if !errors.Is(err, want) || !errors.As(err, &e) || e.Kind != model.Invalid || !strings.Contains(e.Hint, "2154") {
			t.Errorf("Parse(%.40q) = %v; want %v with a hint", text, err, want)
		}
	}
}

// lambert93ESRI is the .prj of the Shapefiles of Montpellier.
const lambert93ESRI = `PROJCS["RGF93_Lambert_93",GEOGCS["GCS_RGF_1993",DATUM["D_RGF_1993",` +
	`SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],` +
	`PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",700000.0],PARAMETER["False_Northing",6600000.0],` +
	`PARAMETER["Central_Meridian",3.0],PARAMETER["Standard_Parallel_1",44.0],PARAMETER["Standard_Parallel_2",49.0],` +
	`PARAMETER["Latitude_Of_Origin",46.5],UNIT["Meter",1.0]]`

func TestAPrjIsRecognisedByItsParametersNotItsName(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"as published", "", "", "EPSG:2154"},
		{"another name", "RGF93_Lambert_93", "Projection inconnue", "EPSG:2154"},
		{"datum not named", "D_RGF_1993", "D_unknown", "EPSG:2154"},
		{"another meridian", `"Central_Meridian",3.0`, `"Central_Meridian",2.337229167`, ""},
		{"another ellipsoid", "298.257222101", "293.466021", ""},
		{"another datum", "D_RGF_1993", "D_North_American_1983", ""},
		{"another unit", `UNIT["Meter",1.0]`, `UNIT["Foot_US",0.3048006096]`, ""},
		{"Paris meridian", `"Greenwich",0.0`, `"Paris",2.33722917`, ""},
		{"no false northing", `PARAMETER["False_Northing",6600000.0],`, "", ""},
		{"another method", "Lambert_Conformal_Conic", "Albers", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Parse(strings.Replace(lambert93ESRI, test.old, test.new, 1))
			if c.Code() != test.want || (err != nil) != (test.want == "") {
				t.Errorf("got %s, %v; want %q", c, err, test.want)
			}
		})
	}
}

func TestPrjFilesOfRealShapefiles(t *testing.T) {
	zips, err := filepath.Glob(filepath.Join(realdata.Dir(t), "montpellier-*", "*.zip"))
	if err != nil || len(zips) == 0 {
		t.Skip("no Shapefile of Montpellier among the real files")
	}
	for _, path := range zips {
		if c, err := Parse(prjInZip(t, path)); err != nil || c != Lambert93 {
			t.Errorf("%s: %s, %v", filepath.Base(path), c, err)
		}
	}
	for path, want := range map[string]string{
		"flatgeobuf-suite/countries.prj":                 "EPSG:4326",
		"sf-samples/nc.prj":                              "", // NAD27
		"vector-edge-cases/valid-polygon-projected.prj":  "", // Hong Kong 1980
		"vector-edge-cases/new-zealand-antimeridian.prj": "",
	} {
		text, err := os.ReadFile(realdata.Path(t, path))
		if err != nil {
			t.Fatal(err)
		}
		if c, err := Parse(string(text)); c.Code() != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v; want %q", path, c, err, want)
		}
	}
}

func prjInZip(t *testing.T, path string) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		if !strings.HasSuffix(strings.ToLower(f.Name), ".prj") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	t.Fatalf("no .prj in %s", path)
	return ""
}

func TestTheCRSOfARealGeoParquetFile(t *testing.T) {
	file, err := os.ReadFile(realdata.Path(t, "geoparquet-ogc/example.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(file, []byte(`{"$schema"`))
	end := bytes.Index(file, []byte(`, "edges"`))
	if start < 0 || end < start {
		t.Fatal("no PROJJSON in the file")
	}
	if c, err := Parse(string(file[start:end])); err != nil || c != CRS84 {
		t.Errorf("%s, %v", c, err)
	}
}

// Every text form that PROJ can write of every system, with its code and without it, comes back as that system.
func TestTextsWrittenByPROJ(t *testing.T) {
	program, err := exec.LookPath("projinfo")
	if err != nil {
		t.Skip("projinfo is absent: install PROJ's programs (proj-bin) to compare with it")
	}
	for _, c := range Supported() {
		if !inTable(c) {
			continue
		}
		for _, form := range []string{"WKT1:ESRI", "WKT1:GDAL", "WKT2:2015", "WKT2:2019", "PROJJSON"} {
			out, err := exec.Command(program, c.Code(), "-o", form, "-q").Output()
			if err != nil {
				t.Fatal(err)
			}
			text := strings.TrimSpace(string(out))
			if text == "" || c == CRS84 && strings.HasPrefix(form, "WKT1") {
				continue // CRS84 cannot be told from EPSG:4326 in WKT 1
			}
			if got, err := Parse(text); err != nil || got != c {
				t.Errorf("%s as %s: got %s, %v", c, form, got, err)
			}
			anonymous := withoutCode(text)
			if got, err := Parse(anonymous); err != nil || !sameCoordinates(got, c) {
				t.Errorf("%s as %s without its code: got %s, %v\n%s", c, form, got, err, anonymous)
			}
		}
	}
}

// withoutCode removes the last identifier of a text, which is the system's own.
func withoutCode(text string) string {
	for _, mark := range []string{`AUTHORITY[`, `ID["`, `"id": {`} {
		if i := strings.LastIndex(text, mark); i >= 0 && i > len(text)-80 {
			comma := strings.LastIndexByte(text[:i], ',')
			closing := text[len(text)-1:]
			return text[:comma] + closing
		}
	}
	return text
}

// sameCoordinates: EPSG:4326 and OGC:CRS84 are told apart by nothing but their axis order.
func sameCoordinates(a, b CRS) bool {
	return a == b || a.Geographic() && b.Geographic() && a.def.datum == b.def.datum
}

func TestTransformReplacesCoordinatesOfEveryGeometry(t *testing.T) {
	x, y := Lambert93.FromLonLat(1.5, 43.5)
	ring := func() orb.Ring { return orb.Ring{{x, y}, {x + 10, y}, {x, y + 10}, {x, y}} }
	for _, g := range append([]orb.Geometry{orb.Collection{orb.Point{x, y}, ring()}},
		orb.Point{x, y}, orb.MultiPoint{{x, y}}, orb.LineString{{x, y}, {x, y}}, orb.MultiLineString{{{x, y}}},
		ring(), orb.Polygon{ring()}, orb.MultiPolygon{{ring()}}, orb.Bound{Min: orb.Point{x, y}, Max: orb.Point{x, y}}) {
		got, err := Lambert93.Transform(g)
		if err != nil {
			t.Fatal(err)
		}
		b := got.Bound()
		if !near(b.Min[0], 1.5, 1e-4) || !near(b.Max[1], 43.5, 2e-4) || got.GeoJSONType() != g.GeoJSONType() {
			t.Errorf("%s became %v", g.GeoJSONType(), got)
		}
		back, err := Lambert93.Project(got)
		if err != nil || !near(back.Bound().Min[0], x, 1e-2) {
			t.Errorf("%s came back as %v, %v", g.GeoJSONType(), back, err)
		}
	}
}

func TestTheUnknownSystemGivesNoCoordinates(t *testing.T) {
	var unknown CRS
	if x, _ := unknown.ToLonLat(1, 2); !math.IsNaN(x) {
		t.Errorf("ToLonLat gave %v", x)
	}
	if _, err := unknown.Transform(orb.Point{1, 2}); model.KindOf(err) != model.Invalid || model.HintOf(err) == "" {
		t.Errorf("Transform gave %v", err)
	}
	if unknown.Known() || unknown.Code() != "" || unknown.String() != "unknown" {
		t.Error("the zero value does not call itself unknown")
	}
}

func TestCodesAreEqualHoweverTheyAreWritten(t *testing.T) {
	a, _ := Parse("EPSG:2154")
	b, _ := Parse(lambert93ESRI)
	if a != b || a == WebMercator {
		t.Error("comparison of systems is wrong")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"EPSG:2154", "urn:ogc:def:crs:EPSG::2154", lambert93ESRI, `{"type":"ProjectedCRS","base_crs":{},"id":{"authority":"EPSG","code":3035}}`,
		`BOUNDCRS[SOURCECRS[GEOGCRS["x",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,298.257223563]]]]]`,
		`{"type":"CompoundCRS","components":[{"type":"GeographicCRS","datum":{"name":"WGS84"}}]}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := Parse(s)
		if (err == nil) != c.Known() {
			t.Fatalf("Parse(%q) = %s, %v", s, c, err)
		}
		if err == nil {
			if again, err := Parse(c.Code()); err != nil || again != c {
				t.Fatalf("%q gives %s, which gives %s, %v", s, c, again, err)
			}
		}
	})
}

func TestNTFIsRecognisedInTheDialectsOfItsWriters(t *testing.T) {
	geographic := `GEOGCS["NTF",DATUM["%s",SPHEROID["Clarke_1880_IGN",6378249.2,293.46602]%s],PRIMEM["%s],UNIT["%s]]`
	text := func(datum, shift, meridian, unit, rest string) string {
		return `PROJCS["x",` + fmt.Sprintf(geographic, datum, shift, meridian, unit) + `,PROJECTION["Lambert_Conformal_Conic"],` +
			`PARAMETER["False_Easting",600000],PARAMETER["False_Northing",2200000],` + rest + `,UNIT["Meter",1]]`
	}
	const degree, grads = `Degree",0.0174532925199433`, `Grad",0.01570796326794897`
	for name, c := range map[string]struct{ text, want string }{
		"from Paris in grads": {text("D_NTF", "", `Paris",2.337229166666667`, grads,
			`PARAMETER["Central_Meridian",0],PARAMETER["Standard_Parallel_1",52],PARAMETER["Scale_Factor",0.99987742],PARAMETER["Latitude_Of_Origin",52]`), "EPSG:27572"},
		"from Greenwich in degrees": {text("D_NTF", "", `Greenwich",0`, degree,
			`PARAMETER["Central_Meridian",2.337229166666667],PARAMETER["Standard_Parallel_1",46.8],PARAMETER["Scale_Factor",0.99987742],PARAMETER["Latitude_Of_Origin",46.8]`), "EPSG:27572"},
		"two parallels": {text("D_NTF", "", `Greenwich",0`, degree,
			`PARAMETER["Central_Meridian",2.337229166666667],PARAMETER["Standard_Parallel_1",45.89891889],PARAMETER["Standard_Parallel_2",47.69601444],PARAMETER["Latitude_Of_Origin",46.8]`), "EPSG:27572"},
		"with the shift": {text("unknown", ",TOWGS84[-168,-60,320,0,0,0,0]", `Greenwich",0`, degree,
			`PARAMETER["central_meridian",2.33722917],PARAMETER["scale_factor",0.99987742],PARAMETER["latitude_of_origin",46.8]`), "EPSG:27572"},
		"another shift": {text("D_NTF", ",TOWGS84[-100,-60,320]", `Greenwich",0`, degree,
			`PARAMETER["central_meridian",2.33722917],PARAMETER["scale_factor",0.99987742],PARAMETER["latitude_of_origin",46.8]`), ""},
		"another scale": {text("D_NTF", "", `Greenwich",0`, degree,
			`PARAMETER["central_meridian",2.33722917],PARAMETER["scale_factor",0.9999],PARAMETER["latitude_of_origin",46.8]`), ""},
	} {
		if c1, err := Parse(c.text); c1.Code() != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %s, %v; want %q", name, c1, err, c.want)
		}
	}
}

func TestTheAxisOrderOfAText(t *testing.T) {
	for text, want := range map[string]bool{
		"urn:ogc:def:crs:EPSG::4326": true, "urn:ogc:def:crs:EPSG:6.9:4171": true, "http://www.opengis.net/def/crs/EPSG/0/4258": true,
		"urn:ogc:def:crs:EPSG::3035": true, "urn:ogc:def:crs:EPSG::4275": true, "urn:ogc:def:crs:EPSG::2154": false,
		"urn:ogc:def:crs:OGC:1.3:CRS84": false, "EPSG:4326": false, "http://www.opengis.net/gml/srs/epsg.xml#4326": false, "": false,
	} {
		if NorthingFirst(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}
