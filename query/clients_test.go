package query

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"jumeau/model/release/releasetest"
)

// listening is a server that real clients reach over the network, and its address.
func listening(t *testing.T, opt releasetest.Options) string {
	t.Helper()
	dir := t.TempDir()
	releasetest.Publish(t, dir, opt)
	s, _ := serve(t, dir, Options{})
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && err != http.ErrServerClosed { //nolint:errorlint // Serve gives it as it is
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// run runs a client and returns what it says. The test is skipped where the client is absent.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is absent: install it to test with it", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s\n%s", name, args, err, out, problems.String())
	}
	return string(out)
}

// python is Debian's, in which QGIS and GDAL live.
func python(t *testing.T, modules ...string) string {
	t.Helper()
	const debian = "/usr/bin/python3"
	for _, m := range modules {
		if err := exec.Command(debian, "-c", "import "+m).Run(); err != nil {
			t.Skipf("%s is absent: install python3-%s to test with it", m, m)
		}
	}
	return debian
}

func TestGDALReadsFeaturesTilesAndExportsOverTheNetwork(t *testing.T) {
	opt := tiny
	opt.Works = 250
	url := listening(t, opt)
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"collections":        {[]string{"-ro", "-so", "OAPIF:" + url + "/"}, []string{"communes", "works"}},
		"all pages":          {[]string{"-ro", "-so", "-oo", "PAGE_SIZE=60", "OAPIF:" + url + "/", "works"}, []string{"Feature Count: 251", "Line String", "kind: String"}},
		"an attribute":       {[]string{"-ro", "-so", "OAPIF:" + url + "/", "works", "-where", "kind = 'gas'"}, []string{"Feature Count: 1"}},
		"a pattern":          {[]string{"-ro", "-so", "OAPIF:" + url + "/", "works", "-where", "kind LIKE 'wat%'"}, []string{"Feature Count: 250"}},
		"a box":              {[]string{"-ro", "-so", "OAPIF:" + url + "/", "works", "-spat", "1.44995", "43.4", "1.45095", "43.6"}, []string{"Feature Count: 10"}},
		"one collection":     {[]string{"-ro", "-al", "OAPIF:" + url + "/collections/communes"}, []string{"Labège-l'Été", "Feature Count: 2"}},
		"a tile":             {[]string{"-ro", "-al", "MVT:/vsicurl/" + url + "/tiles/communes/10/516/374.mvt"}, []string{"Labège-l'Été", "Polygon"}},
		"a GeoPackage":       {[]string{"-ro", "-al", "/vsicurl/" + url + "/export/communes.gpkg"}, []string{"Labège-l'Été", "Feature Count: 2"}},
		"a filtered package": {[]string{"-ro", "-so", "-al", "/vsicurl/" + url + "/export/works.gpkg?filter=kind%3D'gas'"}, []string{"Feature Count: 1"}},
		"a workbook":         {[]string{"-ro", "-al", "/vsicurl/" + url + "/export/communes.xlsx"}, []string{"Labège-l'Été"}},
		"GeoJSON":            {[]string{"-ro", "-so", "-al", url + "/export/works.geojson"}, []string{"Feature Count: 251"}},
	} {
		t.Run(name, func(t *testing.T) {
			out := run(t, "ogrinfo", c.args...)
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in %s", want, out)
				}
			}
		})
	}
}

func TestQGISLoadsFeaturesAndDrawsTiles(t *testing.T) {
	interpreter := python(t, "qgis.core")
	opt := tiny
	opt.Works = 250
	url := listening(t, opt)
	var got struct {
		Features, Tiles bool
		IDs, Fields     []string
		Drawn           int
	}
	text := run(t, interpreter, "testdata/clients/load_qgis.py", url, "communes", "5", "14", "1.40", "43.40", "1.70", "43.60")
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if !got.Features || !got.Tiles || !slices.Equal(got.IDs, []string{"31001", "31002"}) || !slices.Contains(got.Fields, "name") || got.Drawn < 1000 {
		t.Errorf("%+v", got)
	}
}

func TestPythonReadsFeaturesAndTheCatalogue(t *testing.T) {
	interpreter := python(t, "geopandas", "rdflib")
	url := listening(t, tiny)
	var got struct {
		Page, Package           []string
		System                  string
		Datasets, Distributions int
	}
	text := run(t, interpreter, "testdata/clients/load_geopandas.py", url)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if !slices.Equal(got.Page, []string{"31001", "31002"}) || !slices.Equal(got.Package, got.Page) || got.System != "EPSG:4326" || got.Datasets != 2 || got.Distributions != 2*len(exportForms) {
		t.Errorf("%+v", got)
	}
}

func TestCurlNegotiatesRevalidatesAndAsksForRanges(t *testing.T) {
	url := listening(t, tiny)
	ask := func(args ...string) string {
		t.Helper()
		return run(t, "curl", append([]string{"-s", "-o", os.DevNull, "-w", "%{http_code} %{content_type} %{size_download}"}, args...)...)
	}
	for accept, want := range map[string]string{"application/geo+json": "200 application/geo+json", "text/html": "200 text/html", "application/json": "200 application/geo+json", "*/*": "200 application/geo+json"} {
		if got := ask("-H", "Accept: "+accept, url+"/collections/communes/items"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", accept, got)
		}
	}
	tags := filepath.Join(t.TempDir(), "etag")
	for i, want := range []string{"200 ", "304 "} {
		if got := ask("--etag-save", tags, "--etag-compare", tags, url+"/export/communes.gpkg"); !strings.HasPrefix(got, want) {
			t.Errorf("time %d: %s", i, got)
		}
	}
	if got := ask("-r", "0-15", url+"/export/communes.gpkg"); got != "206 application/geopackage+sqlite3 16" {
		t.Errorf("%s", got)
	}
	if got := run(t, "curl", "-s", "-r", "0-14", url+"/export/communes.gpkg"); got != "SQLite format 3" {
		t.Errorf("%q", got)
	}
	if got := ask("-d", `{"type":"Polygon","coordinates":[[[1.4,43.4],[1.7,43.4],[1.7,43.6],[1.4,43.4]]]}`, "-H", "Content-Type: application/geo+json", url+"/figures/residents"); !strings.HasPrefix(got, "200 application/json") {
		t.Errorf("%s", got)
	}
	plain, packed := ask(url+"/collections"), ask("-H", "Accept-Encoding: br", url+"/collections")
	if plain == packed {
		t.Errorf("%s with and without a coding", plain)
	}
}
