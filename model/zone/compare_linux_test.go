package zone

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"jumeau/internal/pgtest"
	"jumeau/internal/realdata"
	"jumeau/model/crs"
	"jumeau/model/geom"
)

// postgis is a cluster with tables of zones and features.
type postgis struct{ *pgtest.Cluster }

func needPostGIS(t testing.TB) *postgis { return &postgis{pgtest.Need(t)} }

func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

// loadZones creates a table (pos, geom in degrees) of the zones of a system.
func (p *postgis) loadZones(t testing.TB, table string, s *System) {
	t.Helper()
	geometries := make([]orb.Geometry, s.Len())
	for i, z := range s.Zones {
		geometries[i] = z.Geometry
	}
	p.load(t, table, geometries)
}

func (p *postgis) load(t testing.TB, table string, geometries []orb.Geometry) {
	t.Helper()
	var rows bytes.Buffer
	for i, g := range geometries {
		fmt.Fprintf(&rows, "%d\t%s\n", i, hex.EncodeToString(geom.AppendWKB(nil, g)))
	}
	p.MustSQL(t, strings.ReplaceAll(`
DROP TABLE IF EXISTS NAME;
CREATE TABLE NAME (pos int PRIMARY KEY, geom geometry);
COPY NAME FROM STDIN;
-- data
UPDATE NAME SET geom = ST_SetSRID(geom, 4326);
CREATE INDEX ON NAME USING gist (geom);
ANALYZE NAME;
`, "NAME", table), &rows)
}

// positions reads rows "i|zone".
func positions(t testing.TB, rows []string, n int) []int32 {
	t.Helper()
	out := make([]int32, n)
	for i := range out {
		out[i] = none
	}
	for _, row := range rows {
		var i, zone int
		if _, err := fmt.Sscanf(row, "%d|%d", &i, &zone); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		out[i] = int32(zone)
	}
	return out
}

func sameZones(t *testing.T, got, want []int32, what func(i int) any) {
	t.Helper()
	wrong := 0
	for i := range got {
		if got[i] != want[i] {
			if wrong++; wrong <= 5 {
				t.Errorf("%v is in %d here, in %d for PostGIS", what(i), got[i], want[i])
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d differ", wrong, len(got))
	}
}

func TestPointsAreInTheZonesThatPostGISFinds(t *testing.T) {
	p := needPostGIS(t)
	for name, s := range map[string]*System{"communes": realCommunes(t), "generated": generatedZones(t)} {
		t.Run(name, func(t *testing.T) { p.comparePoints(t, s, somePoints(s, 100_000)) })
	}
}

func TestPointsOfThePeerComparisonAreInTheZonesThatPostGISFinds(t *testing.T) {
	if benchDir() == "" {
		t.Skip("set JUMEAU_BENCH to the folder that the benchmark generator wrote")
	}
	needPostGIS(t).comparePoints(t, benchZones(t), benchPoints(t))
}

func (p *postgis) comparePoints(t *testing.T, s *System, points []orb.Point) {
	t.Helper()
	got := make([]int32, len(points))
	l := NewLocator(s)
	begun := time.Now()
	l.Locate(points, got)
	ours := time.Since(begun)
	p.loadZones(t, "zones", s)
	geometries := make([]orb.Geometry, len(points))
	for i, q := range points {
		geometries[i] = q
	}
	p.load(t, "points", geometries)
	begun = time.Now()
	rows := p.MustSQL(t, `SELECT p.pos, min(z.pos) FROM points p JOIN zones z ON ST_Intersects(z.geom, p.geom) GROUP BY p.pos;`, nil)
	t.Logf("%d points: %v here, %v in PostGIS with what it takes to print them", len(points), ours, time.Since(begun))
	sameZones(t, got, positions(t, rows, len(points)), func(i int) any { return points[i] })
	if in := len(rows); in < len(points)/3 {
		t.Errorf("only %d of %d points are in a zone", in, len(points))
	}
}

func TestStreetsAndBuildingsAreInTheZonesThatPostGISFinds(t *testing.T) {
	p := needPostGIS(t)
	var districts []Feature
	for i, f := range realdata.Features(t, "montpellier-quartiers/VilleMTP_MTP_SousQuartiers.geojson") {
		districts = append(districts, Feature{ID: fmt.Sprintf("%02d", i), Geometry: f.Geometry})
	}
	s := mustSystem(t, districts)
	p.loadZones(t, "zones", s)
	locator := NewLocator(s)
	for file, weight := range map[string]string{
		"montpellier-batiments/VilleMTP_MTP_Batiments.geojson.gz":                    "ST_Area(ST_Transform(ST_Intersection(z.geom, f.geom), 2154))",
		"montpellier-pistes-cyclables/VilleMTP_AggloMTP_PistesCyclables.kml.geojson": "ST_Length(ST_Transform(ST_Intersection(z.geom, f.geom), 2154))",
	} {
		t.Run(file, func(t *testing.T) {
			var geometries []orb.Geometry
			for _, f := range realdata.Features(t, file) {
				if f.Geometry.Bound().Max[0] > 180 { // the cycle paths are in Lambert-93, whatever their name says
					f.Geometry, _ = crs.Lambert93.Transform(f.Geometry)
				}
				if g, _, d := geom.Clean(f.Geometry, geom.Any); d == nil {
					geometries = append(geometries, g)
				}
			}
			got := make([]int32, len(geometries))
			locator.LocateGeometries(geometries, got)
			p.load(t, "features", geometries)
			rows := p.MustSQL(t, `SELECT DISTINCT ON (f.pos) f.pos, z.pos FROM features f JOIN zones z ON ST_Intersects(z.geom, f.geom)
				WHERE `+weight+` > 0 ORDER BY f.pos, round((`+weight+`)::numeric, 6) DESC, z.pos;`, nil)
			sameZones(t, got, positions(t, rows, len(geometries)), func(i int) any { return geometries[i] })

			touched := make([]bool, len(geometries))
			locator.Touches(geometries, touched)
			n := 0
			for i, zone := range positions(t, p.MustSQL(t, `SELECT f.pos, min(z.pos) FROM features f JOIN zones z ON ST_Intersects(z.geom, f.geom) GROUP BY 1;`, nil), len(geometries)) {
				if touched[i] != (zone != none) {
					t.Errorf("feature %d: touches %t, PostGIS finds %d", i, touched[i], zone)
				}
				if touched[i] {
					n++
				}
			}
			t.Logf("%d features, %d in a district, %d touch one", len(geometries), len(rows), n)
		})
	}
}

// squareMetresOf is PostGIS's area of a polygon whose edges are straight in degrees: cut into pieces of 50 m, in the equal-area
// plane of EPSG:3035.
func squareMetresOf(geom string) string {
	return "ST_Area(ST_Transform(ST_Segmentize(" + geom + ", 0.0005), 3035))"
}

const sameShare = 1e-7

func TestOverlapsAreThoseOfPostGIS(t *testing.T) {
	p := needPostGIS(t)
	communes, cantons := realCommunes(t), realCantons(t)
	p.loadZones(t, "communes", communes)
	p.loadZones(t, "cantons", cantons)
	common := squareMetresOf("ST_Intersection(f.geom, c.geom)")
	rows := p.MustSQL(t, "SELECT f.pos, c.pos, "+common+"/"+squareMetresOf("f.geom")+", "+common+"/"+squareMetresOf("c.geom")+
		" FROM communes f JOIN cantons c ON ST_Intersects(f.geom, c.geom);", nil)
	want := map[[2]int32]Overlap{}
	for _, row := range rows {
		var o Overlap
		if _, err := fmt.Sscanf(row, "%d|%d|%g|%g", &o.Fine, &o.Coarse, &o.ShareOfFine, &o.ShareOfCoarse); err != nil {
			t.Fatalf("%q: %v", row, err)
		}
		want[[2]int32{o.Fine, o.Coarse}] = o
	}
	got := Overlaps(communes, cantons)
	for _, o := range got {
		w := want[[2]int32{o.Fine, o.Coarse}]
		if math.Abs(o.ShareOfFine-w.ShareOfFine) > sameShare || math.Abs(o.ShareOfCoarse-w.ShareOfCoarse) > sameShare {
			t.Errorf("%+v, PostGIS has %+v", o, w)
		}
		delete(want, [2]int32{o.Fine, o.Coarse})
	}
	for _, w := range want {
		if w.ShareOfFine > sameShare {
			t.Errorf("PostGIS has %+v, we have nothing", w)
		}
	}
	if len(got) < communes.Len() {
		t.Errorf("only %d overlaps for %d communes", len(got), communes.Len())
	}
}

func TestAreasAndUnionsAreThoseOfPostGIS(t *testing.T) {
	p := needPostGIS(t)
	communes := realCommunes(t)
	p.loadZones(t, "communes", communes)
	for _, row := range p.MustSQL(t, "SELECT pos, "+squareMetresOf("geom")+" FROM communes;", nil) {
		var i int
		var area float64
		if _, err := fmt.Sscanf(row, "%d|%g", &i, &area); err != nil {
			t.Fatal(err)
		}
		if z := communes.Zones[i]; math.Abs(z.Area-area) > 1e-7*area {
			t.Errorf("%s (%s): %.0f m², PostGIS has %.0f", z.ID, z.Name, z.Area, area)
		}
	}
	epci := realEPCI(t, communes)
	i, _ := epci.Index("243100633")
	sicoval := epci.Zones[i]
	var list []string
	for _, m := range sicovalMembers(t) {
		k, _ := communes.Index(m)
		list = append(list, fmt.Sprint(k))
	}
	rows := p.MustSQL(t, "SELECT "+squareMetresOf("ST_Union(geom)")+" FROM communes WHERE pos IN ("+strings.Join(list, ",")+");", nil)
	var area float64
	if _, err := fmt.Sscanf(rows[0], "%g", &area); err != nil {
		t.Fatal(err)
	}
	if math.Abs(sicoval.Area-area) > 1e-7*area {
		t.Errorf("Sicoval: %.3f m², PostGIS has %.3f", sicoval.Area, area)
	}
}
