package format

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/peterstace/simplefeatures/geom"
	"pgregory.net/rapid"

	"jumeau/internal/realdata"
)

type osmArea1 struct {
	ID   int64  `json:"from_id"`
	Type string `json:"from_type"`
	WKT  string `json:"wkt"`
}

// Test areas 7xx and 9xx of osm-testdata: each relation and way gives the expected polygons, or is rejected. "location" is the
// expected result of a program that goes by positions, as this one does, where that differs from going by node ids.
func TestMultipolygonsAreThoseThatTheirAuthorsExpect(t *testing.T) {
	content, err := os.ReadFile(realdata.Path(t, "osm-multipolygon-cases/tests.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		ID          int `json:"test_id"`
		Description string
		Areas       map[string][]osmArea1
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	got := mustRead(t, realdata.Path(t, "osm-multipolygon-cases/all.osm"), Options{Table: "polygons"})
	type key struct {
		kind, id string
	}
	shapes, rejected := map[key]geom.Geometry{}, map[string]string{}
	for i, row := range got.cells {
		g, err := geom.UnmarshalWKT(wkt.MarshalString(got.geometry[i]), geom.NoValidate{})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Validate(); err != nil {
			t.Errorf("%s %s is not valid: %v", row[0], row[1], err)
		}
		shapes[key{row[0], row[1]}] = g
	}
	for _, b := range got.bad {
		rejected[itoa(b.Line)] = b.Code
	}
	matches := func(areas []osmArea1) string {
		for _, a := range areas {
			g, found := shapes[key{a.Type, itoa(a.ID)}]
			if a.WKT == "INVALID" {
				if found {
					return "should be invalid, is " + g.AsText()
				}
				continue
			}
			if !found {
				return "is rejected: " + rejected[itoa(a.ID)]
			}
			want, err := geom.UnmarshalWKT(a.WKT, geom.NoValidate{})
			if err != nil {
				t.Fatal(err)
			}
			same, err := geom.SymmetricDifference(g, want)
			if err != nil || same.Area() > 1e-12 {
				return "is " + g.AsText() + "\n  want " + want.AsText()
			}
		}
		return ""
	}
	checked := 0
	for _, c := range cases {
		if len(c.Areas) == 0 {
			continue
		}
		reason := ""
		for _, variant := range []string{"location", "default"} {
			if areas, ok := c.Areas[variant]; ok {
				if reason = matches(areas); reason == "" {
					break
				}
			}
		}
		if reason != "" {
			t.Errorf("%d %s: %s", c.ID, c.Description, reason)
		}
		checked++
	}
	if checked != 102 {
		t.Errorf("%d cases have areas to compare, want 102", checked)
	}
}

// osmFiles with the numbers of nodes, lines and areas that are features.
var osmFiles = []string{"osm-porto/porto_portugal.osm.pbf", "osm-monaco/monaco-latest.osm.pbf", "sao-paulo/spo_osm.pbf",
	"osm-toulouse/map.osm.gz", "osm-andorra/andorra-latest.osm.bz2"}

// gdalOSM is GDAL's table by "way 12", "relation 34" or "node 56".
func gdalOSM(t *testing.T, path, layer, kind string) map[string]string {
	t.Helper()
	rows := gdalRows(t, path, layer, "-sql", "select * from "+layer)
	out := map[string]string{}
	column := func(name string) int {
		for i, h := range rows[0] {
			if h == name {
				return i
			}
		}
		return -1
	}
	at, id, way := column("WKT"), column("osm_id"), column("osm_way_id")
	for _, r := range rows[1:] {
		switch {
		case way >= 0 && r[way] != "":
			out["way "+r[way]] = r[at]
		case way >= 0:
			out["relation "+r[id]] = r[at]
		default:
			out[kind+" "+r[id]] = r[at]
		}
	}
	return out
}

func TestOpenStreetMapFeaturesAreThoseOfGDAL(t *testing.T) {
	for _, file := range osmFiles {
		for _, table := range []struct{ ours, gdal, kind string }{{"points", "points", "node"}, {"lines", "lines", "way"}, {"polygons", "multipolygons", ""}} {
			t.Run(filepath.Base(file)+" "+table.ours, func(t *testing.T) {
				path := realdata.Path(t, file)
				got := mustRead(t, path, Options{Table: table.ours}, "osm_type", "osm_id")
				gdal := gdalOSM(t, osmForGDAL(t, path), table.gdal, table.kind)
				rejected := map[string]bool{}
				for _, b := range got.bad {
					rejected[itoa(b.Line)] = true
				}
				same, other, extra := 0, 0, 0
				for i, row := range got.cells {
					key := row[0] + " " + row[1]
					want, ok := gdal[key]
					if !ok {
						if extra++; extra < 5 {
							t.Logf("GDAL lacks %s", key)
						}
						continue
					}
					delete(gdal, key)
					if sameArea(t, got.geometry[i], want) {
						same++
					} else if other++; other < 5 {
						t.Errorf("%s\n ours %.300v\n GDAL %.300s", key, wkt.MarshalString(got.geometry[i]), want)
					}
				}
				lacking := 0
				for key := range gdal {
					if _, id, _ := strings.Cut(key, " "); !rejected[id] {
						if lacking++; lacking < 5 {
							t.Logf("ours lacks %s: %.200s", key, gdal[key])
						}
					}
				}
				// GDAL makes lines of ways that have nothing but a note, and no areas of coast lines.
				if most := len(got.cells)/100 + 2; lacking > most || extra > most {
					t.Errorf("too many are in one only")
				}
				t.Logf("%d the same, %d differ, GDAL lacks %d, ours lacks %d, %d rejected", same, other, extra, lacking, len(got.bad))
			})
		}
	}
}

// osmForGDAL unpacks what GDAL's driver does not recognise through its virtual file systems.
func osmForGDAL(t *testing.T, path string) string {
	t.Helper()
	for ext, program := range map[string]string{".gz": "gzip", ".bz2": "bzip2"} {
		if strings.HasSuffix(path, ext) {
			content, err := exec.Command(program, "-dc", path).Output()
			if err != nil {
				t.Skipf("%s is absent: %v", program, err)
			}
			return tempFile(t, "x.osm", content)
		}
	}
	return path
}

// sameArea compares areas by what they cover, because rings start anywhere, and the rest point by point.
func sameArea(t *testing.T, ours orb.Geometry, gdal string) bool {
	t.Helper()
	a, err := geom.UnmarshalWKT(wkt.MarshalString(ours), geom.NoValidate{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := geom.UnmarshalWKT(gdal, geom.NoValidate{})
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case a.Dimension() < 1:
		return geom.ExactEquals(a, b, geom.ToleranceXY(2e-7))
	case a.Dimension() < 2: // GDAL keeps positions that are repeated
		return math.Abs(a.Length()-b.Length()) <= 1e-9 && math.Abs(a.Envelope().Width()-b.Envelope().Width()) <= 1e-9
	}
	return math.Abs(a.Area()-b.Area()) <= 1e-9*math.Max(1e-6, a.Area())+1e-10
}

func TestOpenStreetMapIsFilteredByTagAndBox(t *testing.T) {
	path := realdata.Path(t, "osm-monaco/monaco-latest.osm.pbf")
	all := mustRead(t, path, Options{}, "osm_type", "osm_id", "highway", "building", "tags")
	streets := mustRead(t, path, Options{Tags: []string{"highway"}, Table: "lines"}, "osm_id", "highway")
	want := 0
	for i, r := range all.cells {
		if _, line := all.geometry[i].(orb.LineString); line && r[2] != "" && r[2] != "no" {
			want++
		}
		if r[3] != "" && !strings.Contains(r[4], `"building":`) {
			t.Fatalf("the tags of %s %s lack its building: %s", r[0], r[1], r[4])
		}
	}
	if len(streets.cells) != want || want < 500 {
		t.Errorf("%d streets, want %d", len(streets.cells), want)
	}
	some := mustRead(t, path, Options{Tags: []string{"highway=primary|secondary"}, Table: "lines"}, "highway")
	for _, r := range some.cells {
		if r[0] != "primary" && r[0] != "secondary" {
			t.Errorf("a street is %q", r[0])
		}
	}
	near := orb.Bound{Min: orb.Point{7.41, 43.72}, Max: orb.Point{7.42, 43.73}}
	in := 0
	for _, g := range all.geometry {
		if near.Intersects(g.Bound()) {
			in++
		}
	}
	if got := mustRead(t, path, Options{BBox: &near}, "osm_id"); len(got.cells) != in || in == 0 || in == len(all.cells) {
		t.Errorf("%d features meet the box, want %d", len(got.cells), in)
	}
	_, err := read(path, Options{Tags: []string{"=x"}})
	expectError(t, err, "no tag of OpenStreetMap", "highway")
	_, err = read(path, Options{Table: "roads"})
	expectError(t, err, `no table "roads"`, "lines")
}

// Contributors are in the file's text and must be nowhere in ours.
func TestContributorsOfOpenStreetMapAreNotRead(t *testing.T) {
	for _, file := range []string{"osm-toulouse/map.osm.gz", "osm-multipolygon-cases/all.osm"} {
		got := mustRead(t, realdata.Path(t, file), Options{Expect: []string{"user", "uid", "changeset", "timestamp", "version"}})
		for _, name := range []string{"user", "uid", "changeset", "timestamp", "version"} {
			c := got.column(name)
			for _, r := range got.cells {
				if r[c] != "" {
					t.Fatalf("%s: %s is %q", file, name, r[c])
				}
			}
		}
	}
}

func TestUnorderedAndCutOpenStreetMapFiles(t *testing.T) {
	got := mustRead(t, realdata.Path(t, "osm-overpass/overpass.osm"), Options{})
	if len(got.cells) != 14 || len(got.bad) != 0 {
		t.Errorf("%d features, %v; its nodes come after its ways", len(got.cells), got.bad)
	}
	content, _ := os.ReadFile(realdata.Path(t, "sao-paulo/spo_osm.pbf"))
	_, err := read(tempFile(t, "x.pbf", content[:len(content)-1000]), Options{})
	expectError(t, err, "ends inside a block", "download")
	got = mustRead(t, tempFile(t, "x.gz", gzipped(content)), Options{Table: "lines"}, "osm_id")
	if len(got.cells) != 6195 {
		t.Errorf("%d lines through gzip", len(got.cells))
	}
	_, err = read(tempFile(t, "x", []byte(`<osmChange version="0.6"><delete><node id="1" lat="1" lon="2"/></delete></osmChange>`)), Options{})
	expectError(t, err, "osmChange", "osmium")
	_, err = read(tempFile(t, "x", []byte(`<osm><node id="1" lat="1" lon="2"></way>`)), Options{})
	expectError(t, err, "not well-formed")
	_, err = read(tempFile(t, "x", []byte(`<osm><node id="1" lat="1" lon="2"/>`)), Options{})
	expectError(t, err, "ends inside the record")
}

func FuzzOSMXML(f *testing.F) {
	seed(f, "osm-overpass/*.osm", "osm-multipolygon-cases/all.osm")
	f.Add([]byte(`<osm><node id="1" lat="1" lon="2"/><node id="2" lat="2" lon="2"/><node id="3" lat="1" lon="3"><tag k="a" v="&#65;"/></node><way id="4"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/></way><relation id="5"><member type="way" ref="4" role="outer"/><tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation></osm>`))
	f.Fuzz(func(t *testing.T, content []byte) { fuzzText(t, content, Options{Format: "openstreetmap"}) })
}

func FuzzOSMPBF(f *testing.F) {
	content, err := os.ReadFile(realdata.Path(f, "sao-paulo/spo_osm.pbf"))
	if err != nil {
		f.Fatal(err)
	}
	var d pbfDecoder
	file, err := openPBF(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content[:400])
	for _, blob := range file.blobs[len(file.blobs)-1:] { // a block without its compression
		raw, err := d.unpack(bytes.NewReader(content), blob)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw[:min(len(raw), 3000)])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		_ = (&pbfBlock{granularity: 100}).read(content)
		path := tempFile(t, "x", content)
		r, err := Open(context.Background(), path, Options{Format: "openstreetmap"})
		if err != nil {
			said(t, err)
			return
		}
		defer r.Close()
		if _, err := drain(r); err != nil {
			said(t, err)
		}
	})
}

// Lines drawn at random: what comes out is valid, and covers what the even-odd rule says.
func TestAreasOfRandomRingsAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m areaMaker
		m.start()
		n := rapid.IntRange(1, 6).Draw(t, "rectangles")
		for i := range n {
			x, y := rapid.Int32Range(0, 6).Draw(t, "x"), rapid.Int32Range(0, 6).Draw(t, "y")
			w, h := rapid.Int32Range(1, 4).Draw(t, "w"), rapid.Int32Range(1, 4).Draw(t, "h")
			var ring []osmPoint // with a node at every unit, so that what touches shares nodes
			for k := range w {
				ring = append(ring, osmPoint{x + k, y})
			}
			for k := range h {
				ring = append(ring, osmPoint{x + w, y + k})
			}
			for k := range w {
				ring = append(ring, osmPoint{x + w - k, y + h})
			}
			for k := range h {
				ring = append(ring, osmPoint{x, y + h - k})
			}
			ring = append(ring, ring[0])
			m.add(ring, i > 0 && rapid.Bool().Draw(t, "inner"))
		}
		segments := slices.Clone(m.segments)
		g, bad := m.area()
		if g == nil {
			if bad.Code == "" {
				t.Fatal("neither a geometry nor a reason")
			}
			return
		}
		made, err := geom.UnmarshalWKT(wkt.MarshalString(g))
		if err != nil {
			t.Fatalf("not valid: %v", err)
		}
		cells := 0 // unit squares inside, by a ray to the west
		for x := range int32(12) {
			for y := range int32(12) {
				odd := false
				for _, s := range segments {
					a, b := m.points[s.a], m.points[s.b]
					if a.lon == b.lon && a.lon <= x && min(a.lat, b.lat) == y {
						odd = !odd
					}
				}
				if odd {
					cells++
				}
			}
		}
		if area := made.Area() * 1e14; math.Abs(area-float64(cells)) > 1e-3 {
			t.Fatalf("the area is %v, want %d", area, cells)
		}
	})
}
