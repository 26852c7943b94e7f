package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jumeau/internal/pgtest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

// Figures of the table of peers, measured on another machine of the same kind: ratios carry over, seconds do not.
const (
	tippecanoeBake    = 69.0  // s by the clock, the million buildings z8-z14
	tippecanoeBakeCPU = 115.0 // s
	postgisZones      = 3.5   // s, the points in their zones by PostGIS's own plan
	postgisParallel   = 1.9   // s, the same in parallel
	heavyTile         = 0.785 // s, the heavy z10 tile by pg_tileserv
	zonePoints        = 2e6
)

var (
	pgTileserv = map[int]float64{1: 18, 8: 26} // req/s, gzip
	tegola     = map[int]float64{1: 20, 8: 27}
	goPMTiles  = map[int]float64{1: 2400, 8: 4300}
)

// peers is one run of BenchmarkPeers.
type peers struct {
	table
	data, releases, archive string
	mixed, heavy            []string
	published, exported     used
	postgis                 *pgtest.Cluster // nil where there is none
	// This machine than that of the table, by what PostGIS takes for the same; of several questions the one by which it is least.
	// 0: not known.
	slower float64
}

// anchor compares what PostGIS took here with what it took there.
func (p *peers) anchor(here time.Duration, there float64) {
	if f := here.Seconds() / there; p.slower == 0 || f < p.slower {
		p.slower = f
	}
}

// rounds of each comparison: ours and the peer's in turn, the best of each counts.
const rounds = 2

// BenchmarkPeers is the million buildings from GeoJSON to tiles, beside what the machine has of other programs, in one run:
// PostGIS (ST_AsMVT, GiST index, own cluster), go-pmtiles when it is on the path, ogr2ogr. It runs once, whatever b.N.
//
//	make bench JUMEAU_BENCH=DIR        or        go test -tags duckdb_arrow -run ^$ -bench Peers -benchtime 1x -timeout 60m ./internal/bench
func BenchmarkPeers(b *testing.B) {
	p := &peers{data: benchData(b), mixed: tileList(b, "mixed.txt"), heavy: tileList(b, "heavy_z10.txt"), releases: filepath.Join(b.TempDir(), "releases")}
	b.Run("postgis", func(b *testing.B) { p.load(b, pgtest.Need(b)) }) // apart, so that a skip is its own
	p.publish(b)
	p.export(b)
	p.served(b)
	p.warm(b)
	b.Run("zones", p.zones)
	if again := p.run(b, filepath.Join(b.TempDir(), "again")); again.wall < p.published.wall {
		p.published = again
	}
	p.baked(b)
	fmt.Printf("\nA million buildings; %d tiles of the mixed list z10-z16, gzip. The best of %d rounds in turn with the peer.\n\n", len(p.mixed), rounds)
	p.print(os.Stdout) // not b.Log, which a benchmark with parts does not show
}

func (p *peers) run(b *testing.B, releases string) used {
	return timed(b, exec.Command(program(b), "run", territory(b), "--quiet", "--mirror", p.data, "--releases", releases))
}

func (p *peers) publish(b *testing.B) {
	p.published = p.run(b, p.releases)
	id, err := os.ReadFile(filepath.Join(p.releases, "current"))
	if err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(p.releases, strings.TrimSpace(string(id)), "manifest.json"))
	if err != nil {
		b.Fatal(err)
	}
	var m struct {
		Baked []struct {
			Tiles, MinZoom, MaxZoom int
			Bytes                   int64
			Seconds                 float64
		}
	}
	if err := json.Unmarshal(text, &m); err != nil {
		b.Fatal(err)
	}
	p.within("publish GeoJSON, z5-z16: memory", fmt.Sprintf("%.0f MB anonymous, %.0f MB with mapped files", p.published.anonymous, p.published.resident),
		"< 600 MB", p.published.anonymous < 600)
	for _, k := range m.Baked {
		p.note("  of it baked", fmt.Sprintf("%d heavy tiles z%d-z%d, %.1f s, %.1f MB", k.Tiles, k.MinZoom, k.MaxZoom, k.Seconds, float64(k.Bytes)/1e6))
	}
}

func (p *peers) export(b *testing.B) {
	dir := filepath.Dir(p.releases)
	run := func(format, zooms, to string) used {
		return timed(b, exec.Command(program(b), "export", "buildings", "--format", format, "--zoom", zooms, "-o", filepath.Join(dir, to), "--quiet", "--releases", p.releases))
	}
	p.exported = run("pmtiles", "8-14", "part.pmtiles")
	p.archive = filepath.Join(dir, "all.pmtiles")
	all := run("pmtiles", "5-16", "all.pmtiles")
	mb := run("mbtiles", "8-14", "part.mbtiles")
	memory := func(u used) string {
		return fmt.Sprintf("%s, %.0f MB anonymous, %.0f with mapped", u, u.anonymous, u.resident)
	}
	p.note("export PMTiles z8-z14", memory(p.exported))
	p.note("export MBTiles z8-z14", memory(mb))
	p.note("export PMTiles z5-z16", memory(all))
}

// baked compares with tippecanoe, whose seconds on this machine are taken to be those of the table times what PostGIS takes longer
// here, and with ogr2ogr.
func (p *peers) baked(b *testing.B) {
	if p.slower > 0 {
		there := tippecanoeBake * p.slower
		theirs := fmt.Sprintf("tippecanoe z8-z14: 69 s × %.2f", p.slower)
		p.faster("publish, by the clock", p.published.String(), theirs, there/p.published.wall.Seconds(), 7)
		p.faster("export PMTiles z8-z14, by the clock", p.exported.String(), theirs, there/p.exported.wall.Seconds(), 5)
	}
	p.faster("publish, CPU", p.published.String(), "tippecanoe 115 s of CPU", tippecanoeBakeCPU/p.published.cpu.Seconds(), 0)
	p.faster("export PMTiles z8-z14, CPU", p.exported.String(), "tippecanoe 115 s of CPU", tippecanoeBakeCPU/p.exported.cpu.Seconds(), 0)
	p.ogr(b)
}

// server starts `jumeau serve` and gives the address of its tiles; it ends with the benchmark or with stop.
func server(b *testing.B, releases string) (base string, pid int, stop func()) {
	b.Helper()
	cmd := exec.Command(program(b), "serve", "--releases", releases, "--addr", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stop = sync.OnceFunc(func() { cmd.Process.Signal(os.Interrupt); cmd.Wait() })
	b.Cleanup(stop)
	link, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	base = strings.TrimSuffix(strings.TrimSpace(link), "/")
	waitFor(b, base+"/readyz")
	id, err := os.ReadFile(filepath.Join(releases, "current"))
	if err != nil {
		b.Fatal(err)
	}
	return base + "/r/" + strings.TrimSpace(string(id)) + "/tiles/buildings/", cmd.Process.Pid, stop
}

func addresses(base string, tiles []string, extension string) []string {
	out := make([]string, len(tiles))
	for i, t := range tiles {
		out[i] = base + t + extension
	}
	return out
}

// served asks fresh servers for tiles that they have never made, and PostGIS for the same, in turn.
func (p *peers) served(b *testing.B) {
	base, _, stop := server(b, p.releases)
	heavy := measure(b, addresses(base, p.heavy, ".mvt"), 1, 1)
	stop()
	p.within("heavy z10 tile, 141,090 buildings", ms(heavy.p50)+", first request of a fresh server", "< 20 ms", heavy.p50 < 20*time.Millisecond)
	if p.postgis != nil {
		theirs := query(b, p.postgis, p.heavy, 1)
		p.anchor(theirs.p50, heavyTile)
		p.faster("  the same", ms(heavy.p50), "PostGIS "+ms(theirs.p50), float64(theirs.p50)/float64(heavy.p50), 0)
	}
	for _, c := range []int{1, 8, 32} {
		var ours, theirs []latencies
		var idle, after float64
		for range rounds {
			base, pid, stop := server(b, p.releases)
			idle = status(pid, "RssAnon")
			ours = append(ours, measure(b, addresses(base, p.mixed, ".mvt"), c, len(p.mixed)))
			after = max(after, status(pid, "RssAnon"))
			stop()
			if p.postgis != nil && c <= 8 {
				theirs = append(theirs, query(b, p.postgis, p.mixed, c))
			}
		}
		what := fmt.Sprintf("tiles never seen, gzip, c=%d", c)
		we := best(ours)
		if len(theirs) > 0 {
			they := best(theirs)
			p.faster(what, we.String(), "PostGIS ST_AsMVT, no gzip, "+they.String(), we.perSecond/they.perSecond, 20)
		} else {
			p.note(what, we.String())
		}
		if c <= 8 {
			p.faster("  by the table, another machine", we.String(), fmt.Sprintf("pg_tileserv %.0f/s", pgTileserv[c]), we.perSecond/pgTileserv[c], 20)
			p.faster("  by the table, another machine", we.String(), fmt.Sprintf("tegola %.0f/s", tegola[c]), we.perSecond/tegola[c], 0)
		}
		if c == 32 {
			p.within("server's memory besides mapped files", fmt.Sprintf("%.0f MB idle, %.0f MB after", idle, after), "< 300 MB more", after-idle < 300)
		}
	}
}

// warm asks for tiles that were asked for before, ours and go-pmtiles in turn, on the archive of the same bytes.
func (p *peers) warm(b *testing.B) {
	base, _, stop := server(b, p.releases)
	defer stop()
	urls := addresses(base, p.mixed, ".mvt")
	measure(b, urls, 4, len(urls))
	theirs, end := p.goPMTiles(b)
	defer end()
	for _, c := range []int{1, 8, 32} {
		var we, they []latencies
		for range rounds {
			we = append(we, measure(b, urls, c, 6000))
			if theirs != nil {
				they = append(they, measure(b, theirs, c, 6000))
			}
		}
		ours, what := best(we), fmt.Sprintf("tiles warm, c=%d", c)
		if theirs == nil {
			p.note(what, ours.String())
			if goPMTiles[c] > 0 {
				p.faster("  by the table, another machine", ours.String(), fmt.Sprintf("go-pmtiles %.0f/s, other tiles", goPMTiles[c]), ours.perSecond/goPMTiles[c], 1)
			}
			continue
		}
		them := best(they)
		p.faster(what, ours.String(), "go-pmtiles, same bytes, "+them.String(), ours.perSecond/them.perSecond, 1)
		p.faster("  p99", ms(ours.p99), ms(them.p99), float64(them.p99)/float64(ours.p99), 1)
	}
}

// goPMTiles serves the exported archive with the program of PMTiles' authors; no addresses where it is not installed.
func (p *peers) goPMTiles(b *testing.B) (urls []string, end func()) {
	path, err := exec.LookPath("go-pmtiles")
	if err != nil {
		if path, err = exec.LookPath("pmtiles"); err != nil {
			return nil, func() {}
		}
	}
	const port = "17812"
	cmd := exec.Command(path, "serve", filepath.Dir(p.archive), "--port", port, "--interface", "127.0.0.1")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	base := "http://127.0.0.1:" + port + "/" + strings.TrimSuffix(filepath.Base(p.archive), ".pmtiles")
	urls = addresses(base+"/", p.mixed, ".mvt")
	waitFor(b, urls[0])
	measure(b, urls, 4, len(urls))
	return urls, func() {
		cmd.Process.Kill() //nolint:errcheck // it has ended, then
		cmd.Wait()         //nolint:errcheck // killed
	}
}

// tileSQL is what tile servers over PostGIS ask for: $1 to $3 are zoom, column and row. Its answer is the size of the tile: neither
// what it takes to send the tile to the client nor gzip is in the figure.
const tileSQL = `PREPARE tile(int, int, int) AS
SELECT coalesce(length(ST_AsMVT(t, 'buildings', 4096, 'geom')), 0) FROM (
 SELECT ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope($1, $2, $3), 4096, 64) AS geom, id, height, usage, commune, year
 FROM buildings WHERE geom && ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0/4096), 4326)) t;
`

// load puts the buildings into PostGIS.
func (p *peers) load(b *testing.B, postgis *pgtest.Cluster) {
	rows, err := os.Open(filepath.Join(p.data, "buildings.wkb.csv"))
	if err != nil {
		b.Skip(err)
	}
	defer rows.Close()
	postgis.MustSQL(b, `DROP TABLE IF EXISTS buildings;
CREATE TABLE buildings (id bigint, height double precision, usage text, commune text, year int, geom geometry(Polygon, 4326));
COPY buildings FROM STDIN (FORMAT csv, HEADER);
-- data
CREATE INDEX ON buildings USING gist (geom);
VACUUM ANALYZE buildings;
`, rows)
	p.postgis = postgis
	query(b, postgis, p.mixed, 1) // pages into memory
}

// query asks for every tile once, from so many sessions of psql, each with its share of the list, one query after the other.
func query(b *testing.B, p *pgtest.Cluster, tiles []string, sessions int) latencies {
	b.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var bytes int64
	var wait sync.WaitGroup
	start := time.Now()
	for s := range sessions {
		wait.Go(func() {
			script := &strings.Builder{}
			script.WriteString(tileSQL + "\\timing on\n")
			for i := s; i < len(tiles); i += sessions {
				fmt.Fprintf(script, "EXECUTE tile(%s);\n", strings.ReplaceAll(tiles[i], "/", ", "))
			}
			cmd := p.Psql()
			cmd.Stdin = strings.NewReader(script.String())
			out, err := cmd.Output()
			if err != nil {
				b.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			for line := range strings.Lines(string(out)) {
				var ms float64
				var size int64
				if n, _ := fmt.Sscanf(line, "Time: %f ms", &ms); n == 1 {
					all = append(all, time.Duration(ms*float64(time.Millisecond)))
				} else if n, _ := fmt.Sscanf(line, "%d", &size); n == 1 {
					bytes += size
				}
			}
		})
	}
	wait.Wait()
	if len(all) != len(tiles) {
		b.Fatalf("%d answers to %d queries", len(all), len(tiles))
	}
	return summarize(all, time.Since(start), bytes)
}

// ogrShare of the buildings is what ogr2ogr bakes: all of them would take half an hour.
const ogrShare = 50_000

func (p *peers) ogr(b *testing.B) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	theirs := timed(b, exec.CommandContext(ctx, "ogr2ogr", "-f", "MVT", filepath.Join(b.TempDir(), "mvt"), "GeoJSONSeq:"+filepath.Join(p.data, "buildings.geojsonl"),
		"-limit", fmt.Sprint(ogrShare), "-nln", "buildings", "-dsco", "MINZOOM=8", "-dsco", "MAXZOOM=14", "-dsco", "FORMAT=DIRECTORY"))
	p.faster("publish a million, z5-z16", p.published.String(), fmt.Sprintf("ogr2ogr -f MVT z8-z14 of %d: %s", ogrShare, theirs), theirs.wall.Seconds()/p.published.wall.Seconds(), 0)
}
