package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkTenMillion publishes and serves the million buildings and ten copies of them side by side, 3° apart, with the tiles
// z13-z16 of the first copy asked for from fresh servers in turn. It takes 10 GB of disk. Name it to run it:
//
//	JUMEAU_BENCH=DIR JUMEAU_BENCH_TEN=1 go test -tags duckdb_arrow -run ^$ -bench TenMillion -benchtime 1x -timeout 60m ./internal/bench
func BenchmarkTenMillion(b *testing.B) {
	data, tiles := benchData(b), tileList(b, "z13_16.txt")
	if os.Getenv("JUMEAU_BENCH_TEN") == "" {
		b.Skip("set JUMEAU_BENCH_TEN to run it: it takes minutes and 10 GB of disk")
	}
	t := &table{}
	var served [2]struct {
		l           []latencies
		idle, after float64
	}
	var releases [2]string
	for i, copies := range [2]int{1, 10} {
		dir := b.TempDir()
		copyBuildings(b, data, dir, copies)
		releases[i] = filepath.Join(dir, "releases")
		u := timed(b, exec.Command(program(b), "run", territory(b), "--quiet", "--mirror", dir, "--releases", releases[i]))
		t.within(fmt.Sprintf("publish %d million: memory", copies), fmt.Sprintf("%s, %.0f MB anonymous, %.0f MB with mapped files", u, u.anonymous, u.resident),
			"< 600 MB", u.anonymous < 600)
		os.Remove(filepath.Join(dir, "buildings.geojsonl")) //nolint:errcheck // the folder goes at the end
	}
	for range 3 {
		for i := range releases {
			base, pid, stop := server(b, releases[i])
			s := &served[i]
			s.idle = status(pid, "RssAnon")
			s.l = append(s.l, measure(b, addresses(base, tiles, ".mvt"), 1, len(tiles)))
			measure(b, addresses(base, tiles, ".mvt"), 32, 6000)
			s.after = max(s.after, status(pid, "RssAnon"))
			stop()
		}
	}
	one, ten := best(served[0].l), best(served[1].l)
	t.within("tiles z13-z16 never seen, gzip, c=1: p95", fmt.Sprintf("1 M %s, 10 M %s: %.2f times", ms(one.p95), ms(ten.p95), float64(ten.p95)/float64(one.p95)), "< 2 times", ten.p95 < 2*one.p95)
	t.within("  p50", fmt.Sprintf("1 M %s, 10 M %s", ms(one.p50), ms(ten.p50)), "< 2 times", ten.p50 < 2*one.p50)
	t.within("server of 10 M, memory besides mapped files", fmt.Sprintf("%.0f MB idle, %.0f MB after 32 clients (1 M: %.0f, %.0f)", served[1].idle, served[1].after, served[0].idle, served[0].after),
		"< 300 MB more", served[1].after-served[0].idle < 300)
	fmt.Println()
	t.print(os.Stdout)
}

// copyBuildings writes copies of the buildings, each 3° further east, with ids of their own, and the zones beside them. The
// longitudes of the first lie from 0 to 3.
func copyBuildings(b *testing.B, from, to string, copies int) {
	b.Helper()
	zones, err := os.ReadFile(filepath.Join(from, "zones.geojsonl"))
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "zones.geojsonl"), zones, 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
	file, err := os.Create(filepath.Join(to, "buildings.geojsonl"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	for k := range copies {
		in, err := os.Open(filepath.Join(from, "buildings.geojsonl"))
		if err != nil {
			b.Fatal(err)
		}
		lines := bufio.NewScanner(in)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			line := bytes.Replace(lines.Bytes(), []byte(`"id":`), fmt.Appendf(nil, `"id":%d00`, k+1), 1)
			for d := 2; d >= 0 && k > 0; d-- { // the highest first: what was moved is not moved again
				line = bytes.ReplaceAll(line, fmt.Appendf(nil, "[%d.", d), fmt.Appendf(nil, "[%d.", d+3*k))
			}
			out.Write(line)     //nolint:errcheck // Flush says it
			out.WriteByte('\n') //nolint:errcheck // Flush says it
		}
		if err := lines.Err(); err != nil {
			b.Fatal(err)
		}
		in.Close()
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
}
