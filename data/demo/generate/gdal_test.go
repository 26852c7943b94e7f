package generate

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// ogrinfo of one file of the full-size territory; the test is skipped when GDAL is not installed.
func ogrinfo(t *testing.T, path string, args ...string) string {
	t.Helper()
	tool, err := exec.LookPath("ogrinfo")
	if err != nil {
		t.Skip("GDAL is not installed: install gdal-bin to check the files with it")
	}
	text, err := exec.Command(tool, append(args, "-ro", "-so", "-al", path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(text)
}

var featureCount = regexp.MustCompile(`Feature Count: (\d+)`)

func TestGDALOpensEveryFileWithItsCountAndCRS(t *testing.T) {
	m := demo(t)
	rows := map[string]int{}
	for _, f := range m.report.Files {
		rows[f.Name] = f.Rows
	}
	for _, c := range []struct {
		name, prefix, crs, geometry string
		lost                        int // features that GDAL does not deliver: the line cut short
		args                        []string
	}{
		{"raw/communes.geojson", "", "WGS 84", "Polygon", 0, nil},
		{"raw/surfaces-en-eau.geojson", "", "WGS 84", "Polygon", 0, nil},
		{"raw/cours-d-eau.geojson", "", "WGS 84", "Line String", 0, nil},
		{"raw/lignes-bus.geojson", "", "WGS 84", "Line String", 0, nil},
		{"raw/occupation-du-sol.geojson.gz", "/vsigzip/", "WGS 84", "Polygon", 0, nil},
		{"raw/batiments.geojsonl.gz", "/vsigzip/", "WGS 84", "Polygon", 1, nil},
		{"raw/contours-iris.zip", "/vsizip/", "RGF93 Lambert 93", "Polygon", 0, nil},
		{"raw/troncons-de-route.zip", "/vsizip/", "RGF93 Lambert 93", "Line String", 0, nil},
		{"raw/epci-communes.csv", "", "", "None", 0, nil},
		{"raw/equipements.csv", "", "", "Point", 0, []string{"-oo", "X_POSSIBLE_NAMES=LAMBERT_X", "-oo", "Y_POSSIBLE_NAMES=LAMBERT_Y"}},
		{"raw/carreaux-200m.csv", "", "", "None", 0, nil},
		{"raw/flux-domicile-travail.csv", "", "", "None", 0, nil},
		{"raw/presence-operateur.csv", "", "", "None", 0, nil},
		{"raw/comptage-sites.csv", "", "", "Point", 0, []string{"-oo", "X_POSSIBLE_NAMES=xlong", "-oo", "Y_POSSIBLE_NAMES=ylat"}},
		{"raw/comptage-canaux.csv", "", "", "None", 0, nil},
		{"raw/adresses.csv.gz", "/vsigzip/", "", "None", 0, nil},
		{"raw/comptage-velos-2025.csv.gz", "/vsigzip/", "", "None", 0, nil},
		{"raw/comptage-pietons-2025.csv.gz", "/vsigzip/", "", "None", 0, nil},
		{"raw/comptage-routier-2025.csv.gz", "/vsigzip/", "", "None", 0, nil},
	} {
		t.Run(strings.ReplaceAll(c.name, "/", "_"), func(t *testing.T) {
			path := c.prefix + filepath.Join(m.dir, filepath.FromSlash(c.name))
			if strings.Contains(c.name, ".csv") {
				path = "CSV:" + path
			}
			text := ogrinfo(t, path, c.args...)
			found := featureCount.FindStringSubmatch(text)
			if found == nil || found[1] != strconv.Itoa(rows[c.name]-c.lost) {
				t.Errorf("GDAL counts %v features, %d were written", found, rows[c.name])
			}
			if !strings.Contains(text, "Geometry: "+c.geometry) && !strings.Contains(text, "Geometry: Multi "+c.geometry) {
				t.Errorf("not of geometry %s:\n%s", c.geometry, text)
			}
			if c.crs != "" && !strings.Contains(text, c.crs) {
				t.Errorf("CRS is not %s:\n%s", c.crs, text)
			}
		})
	}
}

func TestGEOSFindsNothingInvalidButTheBowTieAndTheOpenRing(t *testing.T) {
	m := demo(t)
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil || exec.Command(python, "-c", "from osgeo import ogr").Run() != nil {
		t.Skip("GDAL's Python module is not installed: install python3-gdal to check the geometries with GEOS")
	}
	script := `
import sys
from osgeo import gdal, ogr
gdal.PushErrorHandler('CPLQuietErrorHandler')
for path in sys.argv[1:]:
    bad = 0
    file = ogr.Open(path)
    for f in file.GetLayer(0):
        g = f.GetGeometryRef()
        if g is not None and not g.IsValid():
            bad += 1
    print(bad)
`
	paths := []string{"/vsigzip/" + m.dir + "/raw/batiments.geojsonl.gz", m.dir + "/raw/communes.geojson", "/vsizip/" + m.dir + "/raw/contours-iris.zip",
		m.dir + "/raw/surfaces-en-eau.geojson", "/vsigzip/" + m.dir + "/raw/occupation-du-sol.geojson.gz", "/vsizip/" + m.dir + "/raw/troncons-de-route.zip"}
	text, err := exec.Command(python, append([]string{"-c", script}, paths...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(text)); strings.Join(got, " ") != "2 0 0 0 0 0" {
		t.Errorf("invalid geometries: %v, want 2 buildings and nothing else", got)
	}
}
