package geom

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"jumeau/internal/realdata"
)

// geosProgram reads WKT lines and writes 1 for valid, 0 for invalid.
const geosProgram = `
import sys
from osgeo import ogr, gdal
gdal.PushErrorHandler("CPLQuietErrorHandler")
for line in sys.stdin:
    g = ogr.CreateGeometryFromWkt(line)
    print(1 if g is not None and g.IsValid() else 0)
`

// geosVerdicts asks GEOS, through the Python binding of GDAL, whether each geometry is valid.
func geosVerdicts(t *testing.T, geometries []orb.Geometry) []bool {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(python, "-c", "from osgeo import ogr").Run() != nil {
			continue
		}
		var in bytes.Buffer
		for _, g := range geometries {
			in.WriteString(wkt.MarshalString(g))
			in.WriteByte('\n')
		}
		cmd := exec.Command(python, "-c", geosProgram)
		cmd.Stdin = &in
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("GEOS: %v", err)
		}
		var verdicts []bool
		for _, word := range strings.Fields(string(out)) {
			verdicts = append(verdicts, word == "1")
		}
		if len(verdicts) != len(geometries) {
			t.Fatalf("GEOS answered %d times for %d geometries", len(verdicts), len(geometries))
		}
		return verdicts
	}
	t.Skip("GEOS is absent: install python3-gdal to compare with it")
	return nil
}

func compareWithGEOS(t *testing.T, geometries []orb.Geometry) (invalid int) {
	t.Helper()
	wrong := 0
	for i, want := range geosVerdicts(t, geometries) {
		d := Valid(geometries[i])
		if !want {
			invalid++
		}
		if (d == nil) != want {
			if wrong++; wrong <= 10 {
				t.Errorf("geometry %d: GEOS says valid=%t, we say %v\n%.600s", i, want, d, wkt.MarshalString(geometries[i]))
			}
		}
	}
	if wrong > 10 {
		t.Errorf("… and %d more", wrong-10)
	}
	return invalid
}

func TestValidityOfRealFilesIsThatOfGEOS(t *testing.T) {
	for file, invalid := range map[string]int{
		"france-geojson-31/communes-31-haute-garonne.geojson":                        0,
		"france-geojson-31/cantons-31-haute-garonne.geojson":                         -1,
		"france-geojson-occitanie/communes-occitanie-2017.geojson.gz":                -1,
		"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz":                    1,
		"montpellier-quartiers/VilleMTP_MTP_SousQuartiers.geojson":                   0,
		"iris-2016/iris-34-herault.geojson.gz":                                       1,
		"iris-2016/iris-09-ariege.geojson.gz":                                        0,
		"flatgeobuf-suite/countries.geojson":                                         -1,
		"montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.kml.geojson": -1,
	} {
		t.Run(file, func(t *testing.T) {
			var geometries []orb.Geometry
			for _, f := range realdata.Features(t, file) {
				if f.Geometry != nil {
					geometries = append(geometries, f.Geometry)
				}
			}
			if n := compareWithGEOS(t, geometries); invalid >= 0 && n != invalid {
				t.Errorf("GEOS finds %d invalid, the description of the files says %d", n, invalid)
			}
		})
	}
}

// Random shapes on a small grid have every kind of touch, overlap and nesting.
func TestValidityOfRandomShapesIsThatOfGEOS(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	geometries := make([]orb.Geometry, 0, 30000)
	for range cap(geometries) {
		geometries = append(geometries, randomShape(r))
	}
	invalid := compareWithGEOS(t, geometries)
	if valid := len(geometries) - invalid; valid < 500 || invalid < 500 {
		t.Errorf("the sample is one-sided: %d valid, %d invalid", valid, invalid)
	}
}

func randomShape(r *rand.Rand) orb.Geometry {
	size := 3 + r.IntN(8)
	switch r.IntN(4) {
	case 0:
		return orb.Polygon{randomRing(r, size, 3+r.IntN(4))}
	case 1:
		return orb.MultiPolygon{randomHoled(r, size), randomHoled(r, size)}
	case 2:
		return orb.Polygon{randomRing(r, size, 8+r.IntN(60))}
	}
	return randomHoled(r, size)
}

// randomHoled has a square or random outer ring and small holes.
func randomHoled(r *rand.Rand, size int) orb.Polygon {
	s := float64(size)
	x, y := float64(r.IntN(3)), float64(r.IntN(3))
	p := orb.Polygon{{{x, y}, {x + s, y}, {x + s, y + s}, {x, y + s}, {x, y}}}
	if r.IntN(4) == 0 {
		p[0] = randomRing(r, size, 4)
	}
	for range r.IntN(4) {
		hole := randomRing(r, 1+size/2, 3+r.IntN(2))
		dx, dy := float64(r.IntN(size)), float64(r.IntN(size))
		for i := range hole {
			hole[i][0] += dx
			hole[i][1] += dy
		}
		p = append(p, hole)
	}
	return p
}

func randomRing(r *rand.Rand, size, n int) orb.Ring {
	ring := make(orb.Ring, 0, n+1)
	for range n {
		ring = append(ring, orb.Point{float64(r.IntN(size + 1)), float64(r.IntN(size + 1))})
	}
	return append(ring, ring[0])
}

func ExampleValid() {
	bowtie := orb.Polygon{{{0, 0}, {2, 2}, {2, 0}, {0, 2}, {0, 0}}}
	fmt.Println(Valid(bowtie))
	// Output: geometry_self_intersection: the boundary crosses itself at 1 1
}
