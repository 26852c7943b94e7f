package bench

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/ingest"
	"jumeau/internal/pgtest"
	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/geom"
	"jumeau/model/store"
	"jumeau/model/zone"
)

// zones counts the points of each zone and adds up their property count: all of a measure, from rows in the build file to
// figures; then the search of the zones alone, from coordinates in memory; then PostGIS from a table with indexes, by the
// plan that it chooses and by a parallel one.
func (p *peers) zones(b *testing.B) {
	st, system, n := zoned(b, p.data)
	total, measured := p.measure(b, st, system)
	points := positions(b, st)
	zones := make([]int32, len(points))
	start := time.Now()
	zone.NewLocator(system).Locate(points, zones)
	counts := make([]int, system.Len())
	for _, z := range zones {
		if z >= 0 {
			counts[z]++
		}
	}
	located := time.Since(start)
	what := fmt.Sprintf("%d points in %d zones, ", n, system.Len())
	p.note(what+"a measure", fmt.Sprintf("%.2f s, sum %.0f", measured.Seconds(), total))
	for _, plan := range p.postgisZones(b) {
		theirs := fmt.Sprintf("PostGIS %s %.2f s, %s", plan.name, plan.took.Seconds(), plan.rows)
		p.faster(what+"in memory", fmt.Sprintf("%.2f s", located.Seconds()), theirs, plan.took.Seconds()/located.Seconds(), 10)
		p.faster("  a measure, from rows on disk to figures", fmt.Sprintf("%.2f s", measured.Seconds()), theirs, plan.took.Seconds()/measured.Seconds(), 0)
		p.anchor(plan.took, plan.there*float64(n)/zonePoints)
	}
}

// measure makes the figures of a measure.
func (p *peers) measure(b *testing.B, st *store.Store, system *zone.System) (total float64, took time.Duration) {
	start := time.Now()
	frames, _, err := fact.Measure(b.Context(), st, fact.Input{ID: "n", Table: ingest.Table("s"), TimeZone: "Europe/Paris",
		Measure: &model.Measure{Value: "count", Aggregate: "sum", Zones: system.ID, Slots: []string{model.SlotAll}},
		Source:  &model.Source{ID: "s", Contract: model.Contract{Columns: map[string]*model.Column{"count": {Type: "integer"}}}}}, system)
	if err != nil {
		b.Fatal(err)
	}
	for _, v := range frames.Figures[0].Value {
		total += v
	}
	return total, time.Since(start)
}

// zoned loads the points into a build file, and makes the zones.
func zoned(b *testing.B, data string) (*store.Store, *zone.System, int64) {
	b.Helper()
	st, err := store.Create(b.Context(), filepath.Join(b.TempDir(), "build.duckdb"), store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { st.Close() })
	for _, prepare := range []error{ingest.Prepare(b.Context(), st), fact.Prepare(b.Context(), st)} {
		if prepare != nil {
			b.Fatal(prepare)
		}
	}
	account, err := ingest.Load(b.Context(), st, &model.Source{ID: "s", From: model.From{Path: "points.geojsonl"}, Read: model.Read{Format: "geojsonseq"},
		Contract: model.Contract{Columns: map[string]*model.Column{"count": {Type: "integer"}}, Geometry: &model.Geometry{Type: "point"}}},
		ingest.Options{Folders: []string{data}, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Skip(err)
	}
	features, err := realdata.ReadFeatures(filepath.Join(data, "zones.geojsonl"))
	if err != nil {
		b.Skip(err)
	}
	var zones []zone.Feature
	for _, f := range features {
		zones = append(zones, zone.Feature{ID: f.Properties["code"].(string), Geometry: f.Geometry})
	}
	system, err := zone.FromFeatures(zone.Spec{ID: "district"}, zones)
	if err != nil {
		b.Fatal(err)
	}
	return st, system, account.Loaded
}

func positions(b *testing.B, st *store.Store) []orb.Point {
	b.Helper()
	rows, err := st.Query(b.Context(), "SELECT ST_AsWKB(geometry) FROM "+ingest.Table("s"))
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Release()
	var out []orb.Point
	for rows.Next() {
		column := rows.RecordBatch().Column(0).(*array.Binary)
		for i := range column.Len() {
			g, err := geom.DecodeWKB(column.Value(i))
			if err != nil {
				b.Fatal(err)
			}
			out = append(out, g.(orb.Point))
		}
	}
	return out
}

// zonesSQL is the question as PostGIS is asked it.
const zonesSQL = `SELECT count(*), sum(n), sum(total) FROM (
 SELECT z.id, count(*) AS n, sum(p.count) AS total FROM zones z JOIN points p ON ST_Covers(z.geom, p.geom) GROUP BY z.id) t;
`

// plan is one way in which PostGIS answers.
type plan struct {
	name, set string
	there     float64 // seconds, on the machine of the table of peers
	took      time.Duration
	rows      string // of its answer: zones, points, sum
}

func (p *peers) postgisZones(b *testing.B) []plan {
	postgis := pgtest.Need(b)
	for _, load := range []struct{ file, script string }{
		{"points.wkb.csv", `DROP TABLE IF EXISTS points; CREATE TABLE points (id bigint, count int, hour int, geom geometry(Point, 4326));
COPY points FROM STDIN (FORMAT csv, HEADER);
-- data
CREATE INDEX ON points USING gist (geom); VACUUM ANALYZE points;
`},
		{"zones.wkb.csv", `DROP TABLE IF EXISTS zones; CREATE TABLE zones (id bigint, code text` + attributes() + `, geom geometry(Polygon, 4326));
COPY zones FROM STDIN (FORMAT csv, HEADER);
-- data
CREATE INDEX ON zones USING gist (geom); VACUUM ANALYZE zones;
`},
	} {
		file, err := os.Open(filepath.Join(p.data, load.file))
		if err != nil {
			b.Skip(err)
		}
		postgis.MustSQL(b, load.script, file)
		file.Close()
	}
	plans := []plan{
		{name: "by its own plan", there: postgisZones},
		{name: "in parallel", there: postgisParallel, set: "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;\n"},
	}
	for i := range plans {
		k := &plans[i]
		for range rounds { // the first brings pages into memory
			start := time.Now()
			rows := postgis.MustSQL(b, k.set+zonesSQL, nil)
			if took := time.Since(start); k.took == 0 || took < k.took {
				k.took, k.rows = took, strings.Join(rows, " ")
			}
		}
	}
	return plans
}

// attributes are the twenty further columns of the generated zones.
func attributes() string {
	var s strings.Builder
	for i := range 20 {
		fmt.Fprintf(&s, ", v%02d double precision", i+1)
	}
	return s.String()
}

// BenchmarkPointsInZones is the part of BenchmarkPeers about zones, alone.
func BenchmarkPointsInZones(b *testing.B) {
	p := &peers{data: benchData(b)}
	b.Run("zones", p.zones)
	p.print(os.Stdout)
}
