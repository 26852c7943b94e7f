package zone

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
	"jumeau/model/geom"
)

func mustSystem(t testing.TB, features []Feature) *System {
	t.Helper()
	for i, f := range features {
		g, _, d := geom.Clean(f.Geometry, geom.Any)
		if d != nil {
			t.Fatalf("%s: %v", f.ID, d)
		}
		features[i].Geometry = g
	}
	s, err := FromFeatures(Spec{ID: "test"}, features)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func realSystem(t testing.TB, file string) *System {
	t.Helper()
	var features []Feature
	for _, f := range realdata.Features(t, file) {
		features = append(features, Feature{ID: f.Properties["code"].(string), Name: f.Properties["nom"].(string), Geometry: f.Geometry})
	}
	return mustSystem(t, features)
}

func realCommunes(t testing.TB) *System {
	return realSystem(t, "france-geojson-31/communes-31-haute-garonne.geojson")
}

func realCantons(t testing.TB) *System {
	return realSystem(t, "france-geojson-31/cantons-31-haute-garonne.geojson")
}

type epciRecord struct {
	Code, Nom string
	Membres   []struct{ Code string }
}

func epciRecords(t testing.TB) []epciRecord {
	t.Helper()
	var records []epciRecord
	if err := json.Unmarshal(realdata.Unzipped(t, "decoupage-administratif-2026/epci.json.gz"), &records); err != nil {
		t.Fatal(err)
	}
	return records
}

func sicovalMembers(t testing.TB) []string {
	var members []string
	for _, r := range epciRecords(t) {
		if r.Code == "243100633" {
			for _, m := range r.Membres {
				members = append(members, m.Code)
			}
		}
	}
	return members
}

// realEPCI groups the communes of Haute-Garonne (2018) by the inter-communal bodies of 2026.
func realEPCI(t testing.TB, communes *System) *System {
	t.Helper()
	var rows []Member
	for _, r := range epciRecords(t) {
		for _, m := range r.Membres {
			rows = append(rows, Member{Group: r.Code, Name: r.Nom, Zone: m.Code})
		}
	}
	s, _, err := Dissolve(Spec{ID: "epci"}, communes, rows)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// generatedZones is a partition of a rectangle into 300 zones with winding borders, made like that of the peer comparison.
func generatedZones(t testing.TB) *System {
	t.Helper()
	return mustSystem(t, partition(rand.New(rand.NewPCG(20240601, 4)), 20, 15, 128))
}

// partition cuts a rectangle into columns × rows zones; neighbours share the points of their border, steps to a side.
func partition(r *rand.Rand, columns, rows, steps int) []Feature {
	const west, south, east, north = 0.9, 43.2, 2.1, 44.0
	w, h := (east-west)/float64(columns), (north-south)/float64(rows)
	corner := make([][]orb.Point, columns+1)
	for i := range corner {
		corner[i] = make([]orb.Point, rows+1)
		for j := range corner[i] {
			corner[i][j] = orb.Point{west + float64(i)*w, south + float64(j)*h}
			if i > 0 && i < columns && j > 0 && j < rows {
				corner[i][j][0] += 0.4 * w * (r.Float64() - 0.5)
				corner[i][j][1] += 0.4 * h * (r.Float64() - 0.5)
			}
		}
	}
	across, up := make([][][]orb.Point, columns+1), make([][][]orb.Point, columns+1)
	for i := range corner {
		across[i], up[i] = make([][]orb.Point, rows+1), make([][]orb.Point, rows+1)
		for j := range corner[i] {
			if i < columns {
				across[i][j] = winding(r, corner[i][j], corner[i+1][j], steps, min(w, h), j > 0 && j < rows)
			}
			if j < rows {
				up[i][j] = winding(r, corner[i][j], corner[i][j+1], steps, min(w, h), i > 0 && i < columns)
			}
		}
	}
	var features []Feature
	for i := range columns {
		for j := range rows {
			ring := orb.Ring{}
			ring = append(ring, across[i][j][:steps]...)
			ring = append(ring, up[i+1][j][:steps]...)
			for k := steps; k > 0; k-- {
				ring = append(ring, across[i][j+1][k])
			}
			for k := steps; k > 0; k-- {
				ring = append(ring, up[i][j][k])
			}
			features = append(features, Feature{ID: fmt.Sprintf("Z%03d", j*columns+i+1), Geometry: orb.Polygon{append(ring, ring[0])}})
		}
	}
	return features
}

// winding is a line from a to b with steps pieces that stays in a narrow wedge at both ends, and near enough to the straight
// line not to meet its neighbours at the distance room.
func winding(r *rand.Rand, a, b orb.Point, steps int, room float64, wind bool) []orb.Point {
	line := make([]orb.Point, steps+1)
	narrow := min(1, room/math.Hypot(b[0]-a[0], b[1]-a[1]))
	offset := 0.0
	for i := range line {
		t := float64(i) / float64(steps)
		limit := 0.28 * narrow * min(t, 1-t)
		if offset += 0.05 * (r.Float64() - 0.5); !wind {
			offset = 0
		}
		o := max(-limit, min(limit, offset))
		line[i] = orb.Point{a[0] + (b[0]-a[0])*t - (b[1]-a[1])*o, a[1] + (b[1]-a[1])*t + (b[0]-a[0])*o}
	}
	line[0], line[steps] = a, b
	return line
}

// somePoints is n points around a system: anywhere, on vertices of borders, on borders.
func somePoints(s *System, n int) []orb.Point {
	r := rand.New(rand.NewPCG(9, 9))
	b := s.Bound().Pad(0.02)
	points := make([]orb.Point, n)
	for i := range points {
		points[i] = orb.Point{b.Min[0] + r.Float64()*(b.Max[0]-b.Min[0]), b.Min[1] + r.Float64()*(b.Max[1]-b.Min[1])}
		ring := polygons(s.Zones[r.IntN(s.Len())].Geometry)[0][0]
		k := 1 + r.IntN(len(ring)-1)
		switch i % 10 {
		case 0:
			points[i] = ring[k]
		case 1:
			points[i] = orb.Point{(ring[k][0] + ring[k-1][0]) / 2, (ring[k][1] + ring[k-1][1]) / 2}
		}
	}
	return points
}
