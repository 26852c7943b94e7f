package bench

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"jumeau/internal/realdata"
)

// latencies of a run: requests or queries, their distribution and bytes.
type latencies struct {
	perSecond     float64
	p50, p95, p99 time.Duration
	bytes         float64 // mean of a body
}

func (l latencies) String() string { return fmt.Sprintf("%.0f/s p99 %s", l.perSecond, ms(l.p99)) }

func summarize(took []time.Duration, wall time.Duration, bytes int64) latencies {
	slices.Sort(took)
	at := func(p int) time.Duration { return took[min(len(took)*p/100, len(took)-1)] }
	return latencies{perSecond: float64(len(took)) / wall.Seconds(), p50: at(50), p95: at(95), p99: at(99), bytes: float64(bytes) / float64(len(took))}
}

// measure asks for n of the addresses, round and round, from so many clients in a closed loop, gzip accepted. Any answer but a
// tile ends the benchmark.
func measure(b *testing.B, urls []string, clients, n int) latencies {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, n)
	var next, bytes atomic.Int64
	var wait sync.WaitGroup
	start := time.Now()
	for range clients {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				request, err := http.NewRequest(http.MethodGet, urls[i%len(urls)], nil)
				if err != nil {
					b.Error(err)
					return
				}
				request.Header.Set("Accept-Encoding", "gzip")
				start := time.Now()
				answer, err := client.Do(request)
				if err != nil {
					b.Error(err)
					return
				}
				size, err := io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				took[i] = time.Since(start)
				bytes.Add(size)
				if err != nil || answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNoContent {
					b.Errorf("%s: %s, %v", request.URL, answer.Status, err)
					return
				}
			}
		})
	}
	wait.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return summarize(took, time.Since(start), bytes.Load())
}

// tileList reads a list of tiles of the peer comparison: "z/x/y" and how many features it has.
func tileList(b *testing.B, name string) []string {
	b.Helper()
	file, err := os.Open(filepath.Join(realdata.Dir(b), "..", "bench", "tiles", name))
	if err != nil {
		b.Skipf("the tile lists of the peer comparison are absent: put them in ../shared/bench beside the checkout (%v)", err)
	}
	defer file.Close()
	var out []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 0 {
			out = append(out, fields[0])
		}
	}
	return out
}

// benchData is the folder of the million buildings: JUMEAU_BENCH.
func benchData(b *testing.B) string {
	b.Helper()
	dir := os.Getenv("JUMEAU_BENCH")
	if _, err := os.Stat(filepath.Join(dir, "buildings.geojsonl")); dir == "" || err != nil {
		b.Skip("no million buildings: run `go run . -out DIR` in ../shared/bench/gen and set JUMEAU_BENCH to DIR")
	}
	return dir
}
