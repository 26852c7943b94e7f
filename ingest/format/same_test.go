package format

import (
	"math"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
)

// One layer, published by its city in several formats, must be the same layer whichever file is read.
func TestALayerIsTheSameInEachOfItsFormats(t *testing.T) {
	for _, c := range []struct {
		stem, csv, geojson string
	}{
		{stem: "montpellier-batiments/VilleMTP_MTP_Batiments", csv: ".csv", geojson: ".geojson.gz"},
		{stem: "montpellier-etablissements/VilleMTP_MTP_EtabliPublic", csv: ".csv", geojson: ".geojson.gz"},
		{stem: "montpellier-quartiers/VilleMTP_MTP_Quartiers", csv: ".csv", geojson: ".geojson"},
		{stem: "montpellier-quartiers/VilleMTP_MTP_SousQuartiers", csv: ".csv", geojson: ".geojson"},
		{stem: "montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables", csv: ".csv", geojson: ".kml.geojson"},
		{stem: "montpellier-limites/VilleMTP_MTP_LimiteCommune", geojson: ".geojson"},
		{stem: "montpellier-voies/VilleMTP_MTP_FilaireVoies", csv: ".csv.gz"},
	} {
		t.Run(filepath.Base(c.stem), func(t *testing.T) {
			shp := mustRead(t, realdata.Path(t, c.stem+".zip"), Options{})
			if c.csv != "" {
				table := mustRead(t, realdata.Path(t, c.stem+c.csv), Options{HeaderStrip: `,[A-Z](,[0-9,]+)?$`})
				sameAttributes(t, "csv", shp, table)
			}
			if c.geojson == "" {
				return
			}
			degrees := mustRead(t, realdata.Path(t, c.stem+c.geojson), Options{})
			shp = withShape(shp)
			sameAttributes(t, "geojson", shp, degrees)
			for i, g := range shp.geometry {
				if !degrees.info.CRS.Known() { // Lambert-93, without saying so
					if d := farthest(g, degrees.geometry[i]); d > 1e-5 {
						t.Fatalf("feature %d is %g m off", i, d)
					}
					continue
				}
				g, err := shp.info.CRS.Transform(orb.Clone(g))
				if err != nil {
					t.Fatal(err)
				}
				// The GeoJSON was made from the Shapefile, with a transformation as good as its author's PROJ.
				if d := farthest(g, degrees.geometry[i]); d > 1e-8 {
					t.Fatalf("feature %d is %g degrees off", i, d)
				}
			}
		})
	}
}

func withShape(in *table) *table {
	out := *in
	out.cells, out.geometry = nil, nil
	for i, g := range in.geometry {
		if g != nil {
			out.cells, out.geometry = append(out.cells, in.cells[i]), append(out.geometry, g)
		}
	}
	return &out
}

// farthest is the largest distance between the sorted ordinates of two geometries with as many points.
func farthest(a, b orb.Geometry) float64 {
	pa, pb := pointsOf(a), pointsOf(b)
	if len(pa) != len(pb) {
		return math.Inf(1)
	}
	far := 0.0
	for axis := range 2 {
		va, vb := make([]float64, len(pa)), make([]float64, len(pb))
		for i := range pa {
			va[i], vb[i] = pa[i][axis], pb[i][axis]
		}
		sort.Float64s(va)
		sort.Float64s(vb)
		for i := range va {
			far = math.Max(far, math.Abs(va[i]-vb[i]))
		}
	}
	return far
}

func pointsOf(g orb.Geometry) []orb.Point {
	var out []orb.Point
	switch g := g.(type) {
	case orb.Point:
		return []orb.Point{g}
	case orb.MultiPoint:
		return g
	case orb.LineString:
		return g
	case orb.MultiLineString:
		for _, l := range g {
			out = append(out, l...)
		}
	case orb.Polygon:
		for _, r := range g {
			out = append(out, r...)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			out = append(out, pointsOf(p)...)
		}
	}
	return out
}

// sameAttributes compares the columns that both have; names are cut to the ten characters of a dBase field.
func sameAttributes(t *testing.T, format string, shp, other *table) {
	t.Helper()
	if len(shp.cells) != len(other.cells) {
		t.Fatalf("%s: %d rows, the Shapefile has %d", format, len(other.cells), len(shp.cells))
	}
	shared := 0
	for k, name := range other.names {
		column := shp.column(name)
		if column < 0 {
			continue
		}
		shared++
		for i := range shp.cells {
			if a, b := shp.cells[i][column], other.cells[i][k]; !sameValue(a, b) {
				t.Fatalf("%s: row %d, column %s: %q, the Shapefile has %q", format, i+1, name, b, a)
			}
		}
	}
	if shared < len(shp.names)-1 {
		t.Errorf("%s: only %d of %d columns are shared: %q, the Shapefile has %q", format, shared, len(shp.names), other.names, shp.names)
	}
}

var frenchDate = regexp.MustCompile(`^(\d\d)/(\d\d)/(\d\d)$`)

func sameValue(a, b string) bool {
	a, b = strings.TrimSpace(strings.ReplaceAll(a, "\r\n", "\n")), strings.TrimSpace(b)
	if a == b {
		return true
	}
	if m := frenchDate.FindStringSubmatch(b); m != nil {
		return strings.HasSuffix(a, m[3]+"-"+m[2]+"-"+m[1])
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(strings.Replace(b, ",", ".", 1), 64)
	// Numbers of 19 digits were printed with 12 to 15 significant ones.
	return errX == nil && errY == nil && math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(x)) || errX == nil && x == 0 && b == ""
}
