package format

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
	"jumeau/model"
)

// inMemory is a source without a file.
func inMemory(content []byte) *source {
	s := &source{name: "fuzz", size: int64(len(content))}
	s.stream = bufio.NewReader(s.count(bytes.NewReader(content)))
	s.reopen = func() (*source, error) { return inMemory(content), nil }
	return s
}

// seed adds the beginnings of real files.
func seed(f *testing.F, names ...string) {
	dir := realdata.Dir(f)
	for _, name := range names {
		files, _ := filepath.Glob(filepath.Join(dir, name))
		for _, path := range files {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content[:min(len(content), 2000)])
		}
	}
}

// checked reads a source twice, in batches of different size, and wants the same both times.
func checked(t *testing.T, open func(Options) (Reader, error), opt Options) {
	t.Helper()
	var first string
	for _, rows := range []int{3, 4096} {
		opt.BatchRows = rows
		r, err := open(opt)
		if err != nil {
			said(t, err)
			return
		}
		got, err := drain(r)
		if err != nil {
			said(t, err)
		}
		_ = r.Close()
		all := fmt.Sprintf("%s\n%s\n%v\n%v", describe(got), got.shapes(), got.line, err)
		if first == "" {
			first = all
		} else if all != first {
			t.Fatalf("batches of 3 rows:\n%s\nof 4096 rows:\n%s", first, all)
		}
	}
}

// said wants every error to be one of ours, with something to try.
func said(t *testing.T, err error) {
	t.Helper()
	var e *model.Error
	if !errors.As(err, &e) || model.HintOf(err) == "" {
		t.Fatalf("no model.Error with a hint: %#v: %v", err, err)
	}
}

func fuzzText(t *testing.T, content []byte, opt Options) {
	checked(t, func(opt Options) (Reader, error) {
		src := inMemory(content)
		r, err := openSource(context.Background(), src, "", opt)
		if err != nil {
			err = located("fuzz", err)
		}
		return r, err
	}, opt)
}

func FuzzGeoJSON(f *testing.F) {
	seed(f, "geojson-fixtures/*", "vector-edge-cases/*.geojson", "geojson-odd-cases/*.geojson", "france-geojson-31/*.geojson")
	f.Add([]byte(`{"type":"FeatureCollection","features":[{"type":"Feature","id":1,"properties":{"a":{"b":[1]}},"geometry":null}],"crs":{"type":"name","properties":{"name":"EPSG:2154"}}}`))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzText(t, content, Options{}) })
}

func FuzzJSONTable(f *testing.F) {
	seed(f, "bike-counters-montpellier/*.json", "decoupage-administratif-2026/*.json", "osm-multipolygon-cases/tests.json")
	f.Add([]byte(`{"a":1,"e":[{"b":2},3,{"e":[4]}],"location":{"type":"Point","coordinates":[1,2]}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzzText(t, content, Options{Format: "json"})
		fuzzText(t, content, Options{Explode: "e"})
	})
}

func FuzzCSV(f *testing.F) {
	seed(f, "bal-validator-cases/*.csv", "montpellier-*/*.csv", "gtfs-toulouse-tisseo-partial/*.txt", "flows-grand-est/nav.csv")
	f.Add([]byte("a;b\n\"x\"\"\ny\";POINT(1 2)\r\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		fuzzText(t, content, Options{Format: "csv"})
		fuzzText(t, content, Options{Format: "csv", Delimiter: ";", Encoding: "utf-8", Geometry: &model.Geometry{WKT: "b"}})
	})
}

func FuzzWKT(f *testing.F) {
	for _, s := range []string{"POINT Z (1 2 3)", "SRID=1;MULTIPOLYGON(((0 0,1 1,1 0,0 0)),EMPTY)", "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING EMPTY)",
		"0101000000000000000000F03F0000000000000440", `{"type":"MultiPoint","coordinates":[[1,2],[3,4,5]]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var l locator
		g, err := l.fromText([]byte(s))
		if err != nil || g == nil {
			return
		}
		// What is read can be written and read again.
		text := (&table{geometry: []orb.Geometry{g}}).shapes()
		if strings.Contains(text, "()") || strings.Contains(text, "e") { // orb writes empty parts and exponents its own way
			return
		}
		again, err := l.fromText([]byte(text))
		if again == nil && strings.Contains(text, "EMPTY") {
			return
		}
		if err != nil || (&table{geometry: []orb.Geometry{again}}).shapes() != text {
			t.Fatalf("%q is read as %s, which is read as %v (%v)", s, text, again, err)
		}
	})
}

func fuzzShapefile(t *testing.T, shp, dbf []byte) {
	checked(t, func(opt Options) (Reader, error) {
		parts := shapeParts{shp: inMemory(shp), prj: "EPSG:2154"}
		if dbf != nil {
			parts.dbf = inMemory(dbf)
		}
		r, err := newShapefile(context.Background(), parts, opt)
		if err != nil {
			err = located("fuzz", err)
		}
		return r, err
	}, Options{})
}

func FuzzShapefile(f *testing.F) {
	seed(f, "*/*.shp")
	f.Add(shp(5, parts(5, square(0, 0, 3), square(1, 1, 1)), pointAt(1), le(0)))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzShapefile(t, content, nil) })
}

func FuzzDBF(f *testing.F) {
	seed(f, "*/*.dbf")
	f.Add(dbf(0x57, []column{{"C", 'C', 3, 0}, {"N", 'N', 4, 1}, {"D", 'D', 8, 0}, {"L", 'L', 1, 0}}, []string{"é", "1.5", "20240101", "T"}))
	shapes := shp(1, pointAt(1), pointAt(2), pointAt(3))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzShapefile(t, shapes, content) })
}

func FuzzParquet(f *testing.F) {
	dir := realdata.Dir(f)
	for _, pattern := range []string{"geoparquet-ogc/*.parquet", "parquet-bad-data/*.parquet", "entd-2008/insee*.parquet"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, path := range files {
			if content, err := os.ReadFile(path); err == nil && len(content) < 10000 {
				f.Add(content)
			}
		}
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 20000 {
			return
		}
		r, err := newParquet(context.Background(), inMemory(content), Options{})
		if err != nil {
			return
		}
		defer r.Close()
		for {
			if _, err := r.Next(); err != nil {
				if !errors.Is(err, io.EOF) {
					said(t, err)
				}
				return
			}
		}
	})
}
