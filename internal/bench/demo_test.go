package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// program is the built binary: `make build` makes it, `make bench` needs it.
func program(b *testing.B) string {
	b.Helper()
	path, err := filepath.Abs("../../bin/jumeau")
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		b.Skip("bin/jumeau is absent: make build")
	}
	return path
}

// demo generates and publishes the demonstration territory, and returns its folder and what the last run used.
func demo(b *testing.B) (dir string, run *os.ProcessState, wall time.Duration) {
	b.Helper()
	dir = b.TempDir()
	if out, err := exec.Command(program(b), "demo", "--build", "--dir", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program(b), "run", "demo", "--quiet", "--mirror", dir, "--releases", filepath.Join(dir, "again"))
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return dir, cmd.ProcessState, time.Since(start)
}

// BenchmarkDemo is the whole pipeline of the demonstration territory as a process, then a server on its release answering
// ten thousand tiles: latencies, and the memory that it holds afterwards.
func BenchmarkDemo(b *testing.B) {
	for b.Loop() {
		dir, state, wall := demo(b)
		b.ReportMetric(wall.Seconds(), "run-s")
		b.ReportMetric((state.UserTime() + state.SystemTime()).Seconds(), "run-cpu-s")
		b.ReportMetric(float64(state.SysUsage().(*syscall.Rusage).Maxrss)/1024, "run-peak-MiB")
		serve(b, filepath.Join(dir, "releases"))
	}
}

func serve(b *testing.B, releases string) {
	b.Helper()
	cmd := exec.Command(program(b), "serve", "--releases", releases, "--addr", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	link, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	base := strings.TrimSuffix(strings.TrimSpace(link), "/")
	waitFor(b, base+"/readyz")
	before := resident(b, cmd.Process.Pid)
	urls := tiles(b, base, 10_000)
	took, bytes := ask(b, urls)
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "tile-p50-ms")
	b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "tile-p95-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "tile-p99-ms")
	b.ReportMetric(float64(bytes)/float64(len(urls))/1000, "tile-kB")
	b.ReportMetric(before, "idle-MiB")
	b.ReportMetric(resident(b, cmd.Process.Pid), "served-MiB")
}

func waitFor(b *testing.B, url string) {
	b.Helper()
	for range 100 {
		if r, err := http.Get(url); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.Fatalf("%s is not ready", url)
}

// tiles draws n tile addresses at random over all layers and their zooms.
func tiles(b *testing.B, base string, n int) []string {
	b.Helper()
	r, err := http.Get(base + "/catalog")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	var catalog struct {
		Layers []struct {
			Tiles            string
			MinZoom, MaxZoom int
			BBox             [4]float64
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&catalog); err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]string, n)
	for i := range out {
		l := catalog.Layers[random.IntN(len(catalog.Layers))]
		at := orb.Point{l.BBox[0] + random.Float64()*(l.BBox[2]-l.BBox[0]), l.BBox[1] + random.Float64()*(l.BBox[3]-l.BBox[1])}
		t := maptile.At(at, maptile.Zoom(l.MinZoom+random.IntN(l.MaxZoom-l.MinZoom+1)))
		out[i] = base + strings.NewReplacer("{z}", fmt.Sprint(t.Z), "{x}", fmt.Sprint(t.X), "{y}", fmt.Sprint(t.Y)).Replace(l.Tiles)
	}
	return out
}

// ask asks for every address, gzip accepted, from eight clients.
func ask(b *testing.B, urls []string) (took []time.Duration, bytes int64) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}}
	took = make([]time.Duration, len(urls))
	var wait sync.WaitGroup
	var mu sync.Mutex
	for worker := range 8 {
		wait.Go(func() {
			for i := worker; i < len(urls); i += 8 {
				request, err := http.NewRequest(http.MethodGet, urls[i], nil)
				if err != nil {
					b.Error(err)
					return
				}
				request.Header.Set("Accept-Encoding", "gzip")
				start := time.Now()
				r, err := client.Do(request)
				if err != nil {
					b.Error(err)
					return
				}
				n, err := io.Copy(io.Discard, r.Body)
				r.Body.Close()
				took[i] = time.Since(start)
				if err != nil || r.StatusCode != http.StatusOK && r.StatusCode != http.StatusNoContent {
					b.Errorf("%s: %s, %v", urls[i], r.Status, err)
					return
				}
				mu.Lock()
				bytes += n
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return took, bytes
}

// resident memory of a process in MiB, mapped files apart.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("no /proc here")
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	return 0
}
