package zone

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	sf "github.com/peterstace/simplefeatures/geom"
	"pgregory.net/rapid"

	"jumeau/model/geom"
)

func TestSharesOfACoveredZoneAddUpToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		fine := systemOf(t, partition(r, 1+r.IntN(6), 1+r.IntN(6), 1+r.IntN(20)))
		coarse := systemOf(t, partition(r, 1+r.IntN(4), 1+r.IntN(4), 1+r.IntN(20))) // the same rectangle
		sumFine, sumCoarse := make([]float64, fine.Len()), make([]float64, coarse.Len())
		for _, o := range Overlaps(fine, coarse) {
			sumFine[o.Fine] += o.ShareOfFine
			sumCoarse[o.Coarse] += o.ShareOfCoarse
		}
		for i, sum := range append(sumFine, sumCoarse...) {
			if math.Abs(sum-1) > 1e-6 {
				t.Fatalf("the shares of zone %d of %d + %d add up to %v", i, fine.Len(), coarse.Len(), sum)
			}
		}
	})
}

func systemOf(t *rapid.T, features []Feature) *System {
	t.Helper()
	s, err := FromFeatures(Spec{ID: "test"}, features)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCellsInsideACoveredLandAddUpToOne(t *testing.T) {
	communes := realCommunes(t)
	south := orb.Point{1.48, 43.52} // in Sicoval
	from, _ := CellAt(south, 1000)
	var ids []string
	for i := range int32(50) {
		for j := range int32(50) {
			ids = append(ids, GridCell{200, from.N + 200*i, from.E + 200*j}.String())
		}
	}
	cells, err := Grid(Spec{ID: "cell_200m"}, 200, ids)
	if err != nil {
		t.Fatal(err)
	}
	sum := make([]float64, cells.Len())
	overlaps := Overlaps(cells, communes)
	for _, o := range overlaps {
		sum[o.Fine] += o.ShareOfFine
	}
	for i, s := range sum {
		if math.Abs(s-1) > 1e-6 {
			t.Errorf("%s: %v", cells.Zones[i].ID, s)
		}
	}
	if len(overlaps) <= cells.Len() {
		t.Error("no cell lies in two communes")
	}
	// The commune that holds most of a cell is rarely another than the one that holds its middle.
	at, other := make([]int32, cells.Len()), 0
	NewLocator(communes).LocateGeometries(labels(cells), at)
	for i, parent := range ParentsOf(cells.Len(), overlaps) {
		if parent != at[i] {
			other++
		}
	}
	if other > cells.Len()/50 {
		t.Errorf("%d of %d cells have another parent than the commune of their middle", other, cells.Len())
	}
}

func labels(s *System) []orb.Geometry {
	out := make([]orb.Geometry, s.Len())
	for i, z := range s.Zones {
		out[i] = z.Label
	}
	return out
}

// An independent overlay as the judge, on shapes with holes whose borders often coincide.
func TestCommonAreaIsThatOfSimpleFeatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		s := scanner{density: flat}
		for range 20 {
			a, b := randomPolygon(r), randomPolygon(r)
			got := s.common(appendSegments(nil, a), appendSegments(nil, b), overlap(a.Bound(), b.Bound()))
			both, err := sf.Intersection(simple(t, a), simple(t, b))
			if err != nil {
				t.Fatal(err)
			}
			if want := both.Area(); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%v and %v have %v in common, not %v", a, b, want, got)
			}
		}
	})
}

// randomPolygon is a valid polygon on a small grid, or turned by a little.
func randomPolygon(r *rand.Rand) orb.Polygon {
	for {
		n := 3 + r.IntN(5)
		ring := make(orb.Ring, n, n+1)
		for i := range ring {
			ring[i] = orb.Point{float64(r.IntN(7)), float64(r.IntN(7))}
			if r.IntN(3) == 0 {
				ring[i][0] += r.Float64()
			}
		}
		p := orb.Polygon{append(ring, ring[0])}
		if r.IntN(3) == 0 {
			p = append(p, box(2+r.Float64(), 2+r.Float64(), 1, 1)[0])
		}
		if geom.Valid(p) == nil {
			return p
		}
	}
}

func simple(t *rapid.T, g orb.Geometry) sf.Geometry {
	s, err := sf.UnmarshalWKB(geom.AppendWKB(nil, g))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The code of a commune begins with that of its département; the two files were simplified apart.
func TestEveryCommuneOfOccitanieHasItsDepartementAsParent(t *testing.T) {
	communes := realSystem(t, "france-geojson-occitanie/communes-occitanie-2017.geojson.gz")
	departements := realSystem(t, "france-geojson-occitanie/departements-occitanie.geojson")
	if communes.Len() != 4516 || departements.Len() != 13 {
		t.Errorf("%d communes, %d départements", communes.Len(), departements.Len())
	}
	for i, parent := range Parents(communes, departements) {
		if z := communes.Zones[i]; parent == none || departements.Zones[parent].ID != z.ID[:2] {
			t.Errorf("the parent of %s %s is %d", z.ID, z.Name, parent)
		}
	}
}
