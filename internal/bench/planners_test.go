package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
)

// Planners that browse at a time, and how long they are watched.
const (
	planners = 1000
	watched  = 60 * time.Second
)

// BenchmarkPlanners is a server on the demonstration territory with a thousand planners browsing: each opens the page, takes the
// catalogue, the zones and the tiles of a view, moves the hour, the map and the subject, and thinks in between (four seconds on
// average). Then the same with a tenth of the thinking, which is ten times the load; then a second time as at first, while the
// release is swapped four times. The planners and the server share the machine's processors.
func BenchmarkPlanners(b *testing.B) {
	dir := b.TempDir()
	for _, seed := range []string{"2", "1"} {
		if out, err := exec.Command(program(b), "demo", "--build", "--no-people", "--seed", seed, "--dir", dir).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		os.Remove(filepath.Join(dir, "generated.json"))
	}
	releases := filepath.Join(dir, "releases")
	for b.Loop() {
		base, pid, stop := started(b, releases)
		town := townOf(b, base)
		for _, phase := range []struct {
			name  string
			think time.Duration
			swap  bool
		}{{"browsing", 4 * time.Second, false}, {"tenfold", 400 * time.Millisecond, false}, {"swapped", 4 * time.Second, true}} {
			ctx, cancel := context.WithTimeout(b.Context(), watched)
			if phase.swap {
				go swap(ctx, b, releases)
			}
			tally := town.browse(ctx, base, phase.think)
			cancel()
			tally.report(b, phase.name)
			b.ReportMetric(status(pid, "RssAnon"), phase.name+"-MB")
		}
		stop()
	}
}

// started is a server as a process.
func started(b *testing.B, releases string) (base string, pid int, stop func()) {
	b.Helper()
	cmd := exec.Command(program(b), "serve", "--releases", releases, "--addr", "127.0.0.1:0")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	link, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	base = strings.TrimSuffix(strings.TrimSpace(link), "/")
	waitFor(b, base+"/readyz")
	return base, cmd.Process.Pid, func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	}
}

// swap goes between the two releases, until the context ends.
func swap(ctx context.Context, b *testing.B, releases string) {
	ids, err := filepath.Glob(filepath.Join(releases, "20*"))
	if err != nil || len(ids) < 2 {
		b.Errorf("releases %v, %v", ids, err)
		return
	}
	for i := range 4 {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watched / 5):
		}
		if out, err := exec.Command(program(b), "releases", "rollback", "--no-hold", filepath.Base(ids[i%2]), "--releases", releases).CombinedOutput(); err != nil {
			b.Errorf("%v\n%s", err, out)
		}
	}
}

// town is what planners choose from.
type town struct {
	files  []string // of the page
	layers []townLayer
	values []string // addresses of figures, a slot each
	zones  []string
	box    [4]float64
}

type townLayer struct {
	ID               string
	Tiles            string
	MinZoom, MaxZoom int
}

var pageFiles = regexp.MustCompile(`(?:src|href)="\./?(assets/[^"]+)"|(?:src|href)="/(assets/[^"]+)"`)

func townOf(b *testing.B, base string) *town {
	b.Helper()
	read := func(path string) []byte {
		r, err := http.Get(base + path)
		if err != nil {
			b.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusOK {
			b.Fatalf("%s: %s, %v", path, r.Status, err)
		}
		return text
	}
	t := &town{}
	for _, m := range pageFiles.FindAllStringSubmatch(string(read("/")), -1) {
		t.files = append(t.files, "/"+m[1]+m[2])
	}
	var c struct {
		Release   string
		Territory struct{ BBox [4]float64 }
		Layers    []townLayer
		Measures  []struct {
			ID      string
			Slots   []string
			Systems []struct{ Zones string }
		}
	}
	if err := json.Unmarshal(read("/catalog"), &c); err != nil {
		b.Fatal(err)
	}
	t.box, t.layers = c.Territory.BBox, c.Layers
	for _, m := range c.Measures {
		for _, slot := range m.Slots[:min(len(m.Slots), 24)] {
			t.values = append(t.values, fmt.Sprintf("/values/%s?zones=%s&slot=%s", m.ID, m.Systems[0].Zones, slot))
		}
		t.zones = append(t.zones, "/zones/"+m.Systems[0].Zones)
	}
	return t
}

// tally is what came back.
type tally struct {
	mu      sync.Mutex
	good    []time.Duration
	refused []time.Duration // 503 and 429, with Retry-After
	failed  map[string]int
	bytes   int64
	wall    time.Duration
}

func (t *tally) note(took time.Duration, r *http.Response, n int64, err error) (ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case err != nil:
		t.failed[err.Error()]++
	case r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != "":
		t.refused = append(t.refused, took)
	case r.StatusCode >= 400:
		t.failed[r.Status]++
	default:
		t.good, t.bytes = append(t.good, took), t.bytes+n
		return true
	}
	return false
}

func (t *tally) report(b *testing.B, phase string) {
	failed := 0
	for text, n := range t.failed {
		failed += n
		b.Logf("%s: %d times %s", phase, n, text)
	}
	if len(t.good) == 0 {
		b.Fatalf("%s: nothing was answered", phase)
	}
	l := summarize(t.good, t.wall, t.bytes)
	for name, v := range map[string]float64{"p50-ms": float64(l.p50.Microseconds()) / 1000, "p95-ms": float64(l.p95.Microseconds()) / 1000, "p99-ms": float64(l.p99.Microseconds()) / 1000, "a-second": l.perSecond,
		"failed": float64(failed), "refused": float64(len(t.refused))} {
		b.ReportMetric(v, phase+"-"+name)
	}
	b.Logf("%s: %d answers, %s, %d refused, %d failed, p50 %s p95 %s p99 %s", phase, len(t.good), l, len(t.refused), failed, ms(l.p50), ms(l.p95), ms(l.p99))
}

// browse lets the planners in, over five seconds, and waits until the context has ended.
func (t *town) browse(ctx context.Context, base string, think time.Duration) *tally {
	result, start := &tally{failed: map[string]int{}}, time.Now()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: planners * 6, MaxConnsPerHost: 0, IdleConnTimeout: 2 * time.Minute}
	defer transport.CloseIdleConnections()
	var wait sync.WaitGroup
	for i := range planners {
		wait.Go(func() {
			p := &planner{town: t, ctx: ctx, base: base, think: think, result: result, random: rand.New(rand.NewPCG(uint64(i), 7)), client: &http.Client{Transport: transport}, kept: map[string]bool{}}
			if p.pause(time.Duration(i) * 5 * time.Second / planners) {
				p.visit()
			}
		})
	}
	wait.Wait()
	result.wall = time.Since(start)
	return result
}

// planner is one person with a browser, which keeps what it was told it may keep.
type planner struct {
	*town
	ctx    context.Context
	base   string
	think  time.Duration
	result *tally
	random *rand.Rand
	client *http.Client
	kept   map[string]bool
}

// pause waits; false when the time is over.
func (p *planner) pause(d time.Duration) bool {
	select {
	case <-p.ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (p *planner) visit() {
	at := orb.Point{p.box[0] + p.random.Float64()*(p.box[2]-p.box[0]), p.box[1] + p.random.Float64()*(p.box[3]-p.box[1])}
	p.get(append([]string{"/", "/catalog"}, p.files...)...)
	p.get(p.zones[p.random.IntN(len(p.zones))])
	zoom := 11
	for p.ctx.Err() == nil {
		subject := p.layers[p.random.IntN(len(p.layers))]
		p.get(p.view(subject, at, zoom)...)
		for range 3 {
			if !p.pause(time.Duration(p.random.ExpFloat64() * float64(p.think))) {
				return
			}
			switch p.random.IntN(3) {
			case 0: // the hour
				p.get(p.values[p.random.IntN(len(p.values))])
			case 1: // the map
				at[0] += (p.random.Float64() - .5) * (p.box[2] - p.box[0]) / 8
				at[1] += (p.random.Float64() - .5) * (p.box[3] - p.box[1]) / 8
				p.get(p.view(subject, at, zoom)...)
			case 2: // nearer, or back
				if zoom++; zoom > 14 {
					zoom = 10
				}
				p.get(p.view(subject, at, zoom)...)
			}
		}
	}
}

// view is the tiles that a window of four by three shows.
func (p *planner) view(l townLayer, at orb.Point, zoom int) (out []string) {
	zoom = min(max(zoom, l.MinZoom), l.MaxZoom)
	middle := maptile.At(at, maptile.Zoom(zoom))
	most := uint32(1) << zoom
	for dx := range uint32(4) {
		for dy := range uint32(3) {
			x, y := middle.X+dx-2, middle.Y+dy-1
			if x < most && y < most {
				out = append(out, strings.NewReplacer("{z}", fmt.Sprint(zoom), "{x}", fmt.Sprint(x), "{y}", fmt.Sprint(y)).Replace(l.Tiles))
			}
		}
	}
	return out
}

// get asks for addresses as a browser does, six at a time, and not for those that it may keep and has.
func (p *planner) get(paths ...string) {
	var wait sync.WaitGroup
	six := make(chan struct{}, 6)
	var mu sync.Mutex
	for _, path := range paths {
		mu.Lock()
		has := p.kept[path]
		mu.Unlock()
		if has {
			continue
		}
		six <- struct{}{}
		wait.Go(func() {
			defer func() { <-six }()
			// What has begun is ended: a request cut off by the end of the benchmark would count as failed.
			request, err := http.NewRequestWithContext(context.WithoutCancel(p.ctx), http.MethodGet, p.base+path, nil)
			if err != nil {
				p.result.note(0, nil, 0, err)
				return
			}
			request.Header.Set("Accept-Encoding", "gzip, br")
			start := time.Now()
			r, err := p.client.Do(request)
			var n int64
			if err == nil {
				n, err = io.Copy(io.Discard, r.Body)
				r.Body.Close()
			}
			if p.result.note(time.Since(start), r, n, err) && strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
				mu.Lock()
				defer mu.Unlock()
				p.kept[path] = true
			}
		})
	}
	wait.Wait()
}
