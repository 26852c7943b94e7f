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
	"syscall"
	"testing"
	"time"

	"jumeau/internal/pgtest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	pgtest.Stop()
	os.Exit(code)
}

// peer is a figure of the table of peers: another machine of the same kind, so ratios carry over and seconds do not.
type peer struct {
	who   string
	value float64 // req/s or seconds
}

var (
	pgTileserv = map[int]peer{1: {"pg_tileserv", 18}, 8: {"pg_tileserv", 26}}
	tegola     = map[int]peer{1: {"tegola", 20}, 8: {"tegola", 27}}
	goPMTiles  = map[int]peer{1: {"go-pmtiles", 2400}, 8: {"go-pmtiles", 4300}}
	tippecanoe = peer{"tippecanoe z8-z14", 69}
)

// report collects lines, and prints them at once, so that they stand together.
type report struct {
	strings.Builder
}

func (r *report) line(what string, l latencies, peers ...peer) {
	fmt.Fprintf(r, "%-38s %s", what, l)
	for _, p := range peers {
		if p.value > 0 {
			fmt.Fprintf(r, "  %.1f× %s", l.perSecond/p.value, p.who)
		}
	}
	r.WriteByte('\n')
}

func (r *report) process(what string, p *os.ProcessState, wall time.Duration, peers ...peer) {
	fmt.Fprintf(r, "%-38s %8.1f s wall %6.1f s CPU %6.0f MB peak", what, wall.Seconds(), (p.UserTime() + p.SystemTime()).Seconds(),
		float64(p.SysUsage().(*syscall.Rusage).Maxrss)/1e3)
	for _, x := range peers {
		fmt.Fprintf(r, "  %.1f× %s", x.value/wall.Seconds(), x.who)
	}
	r.WriteByte('\n')
}

// BenchmarkPeers is the million buildings from GeoJSON to tiles, beside what the machine has of other programs, in one run:
// PostGIS (ST_AsMVT, GiST index, own cluster), go-pmtiles when it is on the path, ogr2ogr. It runs once, whatever b.N.
//
//	make bench JUMEAU_BENCH=DIR        or        go test -tags duckdb_arrow -run ^$ -bench Peers -benchtime 1x -timeout 60m ./internal/bench
func BenchmarkPeers(b *testing.B) {
	data, mixed, heavy := benchData(b), tileList(b, "mixed.txt"), tileList(b, "heavy_z10.txt")
	r := &report{}
	fmt.Fprintf(r, "A million buildings; %d tiles of the mixed list z10-z16, gzip. × is how many times faster.\n", len(mixed))
	releases := filepath.Join(b.TempDir(), "releases")
	r.publish(b, data, releases)
	archive := r.export(b, releases)
	r.served(b, releases, mixed, heavy)
	r.goPMTiles(b, archive, mixed)
	r.postgis(b, data, mixed, heavy)
	r.ogr(b, data)
	fmt.Print("\n", r.String()) // not b.Log, which a benchmark with parts does not show
}

// timed runs a command and gives what it used.
func timed(b *testing.B, cmd *exec.Cmd) (*os.ProcessState, time.Duration) {
	b.Helper()
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
	return cmd.ProcessState, time.Since(start)
}

func (r *report) publish(b *testing.B, data, releases string) {
	state, wall := timed(b, exec.Command(program(b), "run", territory(b), "--quiet", "--mirror", data, "--releases", releases))
	r.process("publish: GeoJSON to all zooms z5-z16", state, wall, tippecanoe)
	id, err := os.ReadFile(filepath.Join(releases, "current"))
	if err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(releases, strings.TrimSpace(string(id)), "manifest.json"))
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
	for _, k := range m.Baked {
		fmt.Fprintf(r, "  of it %d heavy tiles z%d-z%d baked in %.1f s, %.1f MB\n", k.Tiles, k.MinZoom, k.MaxZoom, k.Seconds, float64(k.Bytes)/1e6)
	}
}

func (r *report) export(b *testing.B, releases string) string {
	path := filepath.Join(filepath.Dir(releases), "all.pmtiles")
	state, wall := timed(b, exec.Command(program(b), "export", "buildings", "--format", "pmtiles", "--zoom", "8-14", "-o", path+".part", "--quiet", "--releases", releases))
	r.process("export: PMTiles z8-z14", state, wall, tippecanoe)
	state, wall = timed(b, exec.Command(program(b), "export", "buildings", "--format", "pmtiles", "-o", path, "--quiet", "--releases", releases))
	r.process("export: PMTiles z5-z16", state, wall)
	return path
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

func (r *report) served(b *testing.B, releases string, mixed, heavy []string) {
	base, _, stop := server(b, releases)
	fmt.Fprintf(r, "%-38s %.1f ms, the first request of a fresh server\n", "heavy z10 tile, 141,090 buildings", float64(measure(b, addresses(base, heavy, ".mvt"), 1, 1).p50.Microseconds())/1000)
	stop()
	for _, c := range []int{1, 8, 32} {
		base, pid, stop := server(b, releases)
		urls := addresses(base, mixed, ".mvt")
		idle := resident(b, pid)
		r.line(fmt.Sprintf("never seen, fresh server, c=%d", c), measure(b, urls, c, len(urls)), pgTileserv[c], tegola[c])
		r.line(fmt.Sprintf("warm, c=%d", c), measure(b, urls, c, 6000), goPMTiles[c])
		fmt.Fprintf(r, "  memory besides mapped files: %.0f MiB idle, %.0f MiB after\n", idle, resident(b, pid))
		stop()
	}
}

// goPMTiles serves the exported archive with the program of PMTiles' authors.
func (r *report) goPMTiles(b *testing.B, archive string, mixed []string) {
	path, err := exec.LookPath("go-pmtiles")
	if err != nil {
		if path, err = exec.LookPath("pmtiles"); err != nil {
			fmt.Fprintln(r, "go-pmtiles is not on the path: not measured")
			return
		}
	}
	const port = "17812"
	cmd := exec.Command(path, "serve", filepath.Dir(archive), "--port", port, "--interface", "127.0.0.1")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	base := "http://127.0.0.1:" + port + "/" + strings.TrimSuffix(filepath.Base(archive), ".pmtiles")
	urls := addresses(base+"/", mixed, ".mvt")
	waitFor(b, urls[0])
	measure(b, urls, 4, len(urls))
	for _, c := range []int{1, 8, 32} {
		r.line(fmt.Sprintf("go-pmtiles here, same bytes, warm, c=%d", c), measure(b, urls, c, 6000))
	}
}

// tileSQL is what tile servers over PostGIS ask for: $1 to $3 are zoom, column and row. Its answer is the size of the tile: neither
// what it takes to send the tile to the client nor gzip is in the figure.
const tileSQL = `PREPARE tile(int, int, int) AS
SELECT coalesce(length(ST_AsMVT(t, 'buildings', 4096, 'geom')), 0) FROM (
 SELECT ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope($1, $2, $3), 4096, 64) AS geom, id, height, usage, commune, year
 FROM buildings WHERE geom && ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0/4096), 4326)) t;
`

func (r *report) postgis(b *testing.B, data string, mixed, heavy []string) {
	b.Run("postgis", func(b *testing.B) { // apart, so that its skip is its own
		p := pgtest.Need(b)
		rows, err := os.Open(filepath.Join(data, "buildings.wkb.csv"))
		if err != nil {
			b.Skip(err)
		}
		defer rows.Close()
		start := time.Now()
		p.MustSQL(b, `DROP TABLE IF EXISTS buildings;
CREATE TABLE buildings (id bigint, height double precision, usage text, commune text, year int, geom geometry(Polygon, 4326));
COPY buildings FROM STDIN (FORMAT csv, HEADER);
-- data
CREATE INDEX ON buildings USING gist (geom);
VACUUM ANALYZE buildings;
`, rows)
		fmt.Fprintf(r, "%-38s %8.1f s from EWKB, GiST index, analyze\n", "PostGIS: load", time.Since(start).Seconds())
		query(b, p, mixed, 1) // pages into memory
		for _, c := range []int{1, 8} {
			r.line(fmt.Sprintf("PostGIS ST_AsMVT, no gzip, c=%d", c), query(b, p, mixed, c))
		}
		fmt.Fprintf(r, "%-38s %.0f ms\n", "PostGIS: heavy z10 tile", float64(query(b, p, heavy, 1).p50.Microseconds())/1000)
	})
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
const ogrShare = 100_000

func (r *report) ogr(b *testing.B, data string) {
	if _, err := exec.LookPath("ogr2ogr"); err != nil {
		fmt.Fprintln(r, "ogr2ogr is not installed: not measured")
		return
	}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ogr2ogr", "-f", "MVT", filepath.Join(b.TempDir(), "mvt"), "GeoJSONSeq:"+filepath.Join(data, "buildings.geojsonl"),
		"-limit", fmt.Sprint(ogrShare), "-nln", "buildings", "-dsco", "MINZOOM=8", "-dsco", "MAXZOOM=14", "-dsco", "FORMAT=DIRECTORY")
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(r, "ogr2ogr: %v after %.0f s %.200s\n", err, time.Since(start).Seconds(), out)
		return
	}
	r.process(fmt.Sprintf("ogr2ogr -f MVT z8-z14, %d of them", ogrShare), cmd.ProcessState, time.Since(start))
}
