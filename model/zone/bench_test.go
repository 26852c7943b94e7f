package zone

import (
	"bufio"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"jumeau/internal/realdata"
)

// benchZones and benchPoints are the generated data of the peer comparison when JUMEAU_BENCH names their folder, else data of
// the same size and clustering made here.
func benchZones(b testing.TB) *System {
	dir := benchDir()
	if dir == "" {
		return generatedZones(b)
	}
	features, err := realdata.ReadFeatures(dir + "/zones.geojsonl")
	if err != nil {
		b.Skip(err)
	}
	var zones []Feature
	for _, f := range features {
		zones = append(zones, Feature{ID: f.Properties["code"].(string), Geometry: f.Geometry})
	}
	return mustSystem(b, zones)
}

const benchCount = 2_000_000

func benchPoints(b testing.TB) []orb.Point {
	dir := benchDir()
	if dir == "" {
		return clustered(benchCount)
	}
	return readPoints(b, dir+"/points.wkt.csv")
}

// clustered is n points around 400 towns.
func clustered(n int) []orb.Point {
	r := rand.New(rand.NewPCG(20240601, 3))
	points := make([]orb.Point, n)
	towns := make([]orb.Point, 400)
	for i := range towns {
		towns[i] = orb.Point{0.95 + 1.1*r.Float64(), 43.25 + 0.7*r.Float64()}
	}
	for i := range points {
		t := towns[r.IntN(1+r.IntN(len(towns)))]
		points[i] = orb.Point{t[0] + 0.02*r.NormFloat64(), t[1] + 0.015*r.NormFloat64()}
	}
	return points
}

func BenchmarkLocatePoints(b *testing.B) {
	points := benchPoints(b)
	l := NewLocator(benchZones(b))
	out := make([]int32, len(points))
	for b.Loop() {
		l.Locate(points, out)
	}
	report(b, len(points), "points/s")
}

func BenchmarkLocatePointsInCells(b *testing.B) {
	points := clustered(benchCount)
	seen := map[string]bool{}
	var ids []string
	for _, p := range points[:200_000] {
		if c, ok := CellAt(p, 200); ok && !seen[c.String()] {
			seen[c.String()] = true
			ids = append(ids, c.String())
		}
	}
	s, err := Grid(Spec{ID: "cell_200m"}, 200, ids)
	if err != nil {
		b.Fatal(err)
	}
	l := NewLocator(s)
	out := make([]int32, len(points))
	for b.Loop() {
		l.Locate(points, out)
	}
	report(b, len(points), "points/s")
}

func BenchmarkLocateBuildings(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	buildings := make([]orb.Geometry, 200_000)
	for i, p := range clustered(len(buildings)) {
		ring := make(orb.Ring, 0, 5)
		w, h := 1e-4*(0.5+r.Float64()), 1e-4*(0.5+r.Float64())
		for _, d := range [5]orb.Point{{0, 0}, {w, 0}, {w, h}, {0, h}, {0, 0}} {
			ring = append(ring, orb.Point{p[0] + d[0], p[1] + d[1]})
		}
		buildings[i] = orb.Polygon{ring}
	}
	l := NewLocator(benchZones(b))
	out := make([]int32, len(buildings))
	for b.Loop() {
		l.LocateGeometries(buildings, out)
	}
	report(b, len(buildings), "buildings/s")
}

func BenchmarkNewLocator(b *testing.B) {
	s := benchZones(b)
	for b.Loop() {
		NewLocator(s)
	}
	report(b, s.Len(), "zones/s")
}

func BenchmarkOverlapsOfCellsAndCommunes(b *testing.B) {
	communes := realCommunes(b)
	var ids []string
	for i := range int32(200) {
		for j := range int32(200) {
			ids = append(ids, GridCell{200, 2_290_000 + 200*i, 3_620_000 + 200*j}.String())
		}
	}
	cells, err := Grid(Spec{ID: "cell_200m"}, 200, ids)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		Overlaps(cells, communes)
	}
	report(b, cells.Len(), "cells/s")
}

func BenchmarkOverlapsOfCommunesAndCantons(b *testing.B) {
	communes, cantons := realCommunes(b), realCantons(b)
	for b.Loop() {
		Overlaps(communes, cantons)
	}
	report(b, communes.Len(), "communes/s")
}

func BenchmarkFromFeatures(b *testing.B) {
	communes := realCommunes(b)
	features := make([]Feature, communes.Len())
	for i, z := range communes.Zones {
		features[i] = Feature{z.ID, z.Name, z.Geometry}
	}
	for b.Loop() {
		if _, err := FromFeatures(Spec{ID: "commune"}, features); err != nil {
			b.Fatal(err)
		}
	}
	report(b, len(features), "zones/s")
}

func report(b *testing.B, n int, unit string) {
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), unit)
}

func benchDir() string { return os.Getenv("JUMEAU_BENCH") }

// readPoints reads the last column of a file of well-known text, "POINT(1.5 43.5)".
func readPoints(b testing.TB, path string) []orb.Point {
	f, err := os.Open(path)
	if err != nil {
		b.Skip(err)
	}
	defer f.Close()
	var points []orb.Point
	lines := bufio.NewScanner(f)
	for lines.Scan(); lines.Scan(); {
		_, text, _ := strings.Cut(lines.Text(), "POINT(")
		x, y, _ := strings.Cut(strings.TrimSuffix(text, ")"), " ")
		lon, errX := strconv.ParseFloat(x, 64)
		lat, errY := strconv.ParseFloat(y, 64)
		if errX != nil || errY != nil {
			b.Fatalf("%q is not a point", lines.Text())
		}
		points = append(points, orb.Point{lon, lat})
	}
	return points
}
