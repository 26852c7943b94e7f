package batch

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"jumeau/query"
)

// smallSizes are the sizes of the group that must not show, k being 20.
var smallSizes = []int{0, 1, 19}

// withGroup is two communes with n persons in the small quarter of the first, and others in the large ones.
func withGroup(t testing.TB, n, others int) (releases string) {
	t.Helper()
	riders := crowds(2, others)
	for range n {
		riders = append(riders, rider{0, 2, 0, "bike"})
	}
	releases = t.TempDir()
	drawnInto(t, rowOfCommunes(t, 2, riders, nil), releases)
	return releases
}

// What differs between any two runs: the release's id, moments, the ledger's hashes.
var passing = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:?\d\d(:\d\d(\.\d+)?)?Z?(-[0-9a-f]{6})?|"(hash|previous)":\s*"[0-9a-f]*"`)

func settled(text string) string { return passing.ReplaceAllString(text, "*") }

// whole is an answer as bytes: status, headers and body, without what differs between any two runs. A packed body is unpacked, for the id
// of the release is in it; its length then says how well the id packs, and is left out.
func whole(t testing.TB, h http.Handler, address string, headers ...string) string {
	t.Helper()
	w := ask(h, address, headers...)
	body, header := w.Body.Bytes(), w.Result().Header
	var unpack io.Reader
	switch header.Get("Content-Encoding") {
	case "br":
		unpack = brotli.NewReader(bytes.NewReader(body))
	case "gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		unpack = r
	}
	if unpack != nil {
		var err error
		if body, err = io.ReadAll(unpack); err != nil {
			t.Fatal(err)
		}
		header.Del("Content-Length")
	}
	var out strings.Builder
	fmt.Fprintln(&out, w.Code)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintln(&out, name, settled(strings.Join(header[name], ", ")))
	}
	return out.String() + settled(string(body))
}

// lasting is what the status says of the release, without what a run cost and what the server is doing.
func lasting(t testing.TB, h http.Handler) string {
	t.Helper()
	var status map[string]any
	if err := json.Unmarshal(ask(h, "/status").Body.Bytes(), &status); err != nil {
		t.Fatal(err)
	}
	delete(status, "server")
	delete(status, "cost")
	text, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	return settled(string(text))
}

// apart shows where two texts part.
func apart(a, b string) string {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	cut := func(s string) string { return s[max(0, min(at, len(s))-40):min(len(s), at+80)] }
	return fmt.Sprintf("%q, %q", cut(a), cut(b))
}

// silent are addresses whose answer must not depend on the group, however many others there are.
var silent = []string{"/profile/seen?zones=quarter&zone=00c", "/profile/modes_bike?zones=quarter&zone=00c", "/profile/modes?zones=quarter&zone=00c",
	"/profile/moved_from?zones=quarter&zone=00c", "/profile/moved_rest?zones=quarter&zone=00c", "/flows/moved?from=00c", "/flows/moved?to=00c",
	"/zones/quarter", "/zones/commune", "/tiles/quarters.json", "/tiles/quarters/8/128/93.mvt", "/tiles/communes/8/128/93.mvt",
	"/download/quarters.parquet", "/download/communes.parquet", "/style.json"}

// everywhere are all others, whose answers are the same where nobody at all is published.
var everywhere = append([]string{"/catalog", "/values/seen?zones=quarter", "/values/seen?zones=commune", "/values/modes?zones=quarter", "/values/modes_bike?zones=quarter",
	"/values/moved_from?zones=quarter", "/values/moved_rest?zones=quarter", "/flows/moved", "/privacy", "/privacy/riders"}, silent...)

// T11 over HTTP: a cell with nobody, with one and with k-1 persons has the same bytes, headers and status at every address. Where nothing
// else is published all answers are compared; where there are other figures, those about the cell.
func TestZeroIsSmallOverHTTP(t *testing.T) {
	for name, c := range map[string]struct {
		others    int
		addresses []string
	}{"nobody else is published": {6, everywhere}, "others are published": {400, silent}} {
		answers := func(n int) map[string]string {
			server := serving(t, withGroup(t, n, c.others), query.Options{})
			defer server.Close()
			out := map[string]string{"/status": lasting(t, server)}
			for _, address := range c.addresses {
				for _, form := range [][]string{{}, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "br"}, {"Accept", "application/vnd.apache.arrow.stream"}, {"Accept", "text/html"}} {
					out[address+" "+strings.Join(form, " ")] = whole(t, server, address, form...)
				}
			}
			return out
		}
		nobody := answers(0)
		for _, n := range smallSizes[1:] {
			for address, got := range answers(n) {
				if got != nobody[address] {
					t.Errorf("%s, %s: %d persons and nobody differ: %s", name, address, n, apart(got, nobody[address]))
				}
			}
		}
		shown := 0
		for address, got := range answers(400) { // the test sees a group that is published
			if got != nobody[address] {
				shown++
			}
		}
		if shown < 10 {
			t.Errorf("%s: 400 persons change %d answers only: the test sees nothing", name, shown)
		}
		t.Logf("%s: %d answers the same; of 400 persons, %d differ", name, len(nobody), shown)
	}
}

// timed are the addresses whose time is compared, each built anew and from the cache.
var timed = []string{"/profile/seen?zones=quarter&zone=00c", "/values/seen?zones=quarter", "/flows/moved?from=00c", "/tiles/quarters/8/128/93.mvt"}

// stopwatch compares how long two servers take. A round opens the releases anew, in random order, so that where things lie in memory is drawn
// anew too; in it, requests come in random order, and the median of each server counts once. Rounds are compared by Welch's t.
type stopwatch struct {
	random   *rand.Rand
	folders  [2]string
	cache    int64
	slower   float64 // share of a request's time by which the second server is held up: the control
	requests int
}

func (s *stopwatch) rounds(t testing.TB, address string, n int) (p float64, later bool) {
	var samples [2][]float64
	for range n {
		m := s.round(t, address)
		base := (m[0] + m[1]) / 2
		for i := range m {
			samples[i] = append(samples[i], m[i]/base) // a busy machine slows both
		}
	}
	return welch(samples[0], samples[1])
}

func (s *stopwatch) round(t testing.TB, address string) (medians [2]float64) {
	var servers [2]*query.Server
	for _, i := range s.random.Perm(2) {
		servers[i] = serving(t, s.folders[i], query.Options{CacheBytes: s.cache, Poll: time.Hour})
		defer servers[i].Close()
	}
	r := httptest.NewRequest(http.MethodGet, "http://twin.example"+address, nil)
	once := func(i int) time.Duration {
		w := httptest.NewRecorder()
		start := time.Now()
		servers[i].ServeHTTP(w, r)
		return time.Since(start)
	}
	for i := range servers { // the pages of the files, the branches of the program
		for range 20 {
			once(i)
		}
	}
	var took [2][]float64
	for range s.requests {
		i := s.random.IntN(2)
		d := once(i)
		if i == 1 && s.slower > 0 {
			start, hold := time.Now(), time.Duration(s.slower*float64(d))
			for time.Since(start) < hold {
			}
			d += time.Since(start)
		}
		took[i] = append(took[i], float64(d))
	}
	for i := range took {
		slices.Sort(took[i])
		medians[i] = took[i][len(took[i])/2]
	}
	return medians
}

// welch is the two-sided p of equal means (Student's law by Wallace's approximation), and whether the second is larger.
func welch(a, b []float64) (p float64, later bool) {
	mean := func(v []float64) (m, variance float64) {
		for _, x := range v {
			m += x / float64(len(v))
		}
		for _, x := range v {
			variance += (x - m) * (x - m) / float64(len(v)-1)
		}
		return m, variance / float64(len(v))
	}
	ma, va := mean(a)
	mb, vb := mean(b)
	t := (mb - ma) / math.Sqrt(va+vb)
	df := (va + vb) * (va + vb) / (va*va/float64(len(a)-1) + vb*vb/float64(len(b)-1))
	z := (8*df + 1) / (8*df + 3) * math.Sqrt(df*math.Log1p(t*t/df))
	return math.Erfc(z / math.Sqrt2), mb > ma
}

// significant says whether five comparisons in a row, each on its own rounds, have p <= 0.01 in the same direction: by chance below
// 2 × 0.005⁵ = 6e-12, and 2 × 0.02⁵ = 6.4e-9 at the rate of 4 % at which p <= 0.01 was seen on equal servers of a busy machine.
func (s *stopwatch) significant(t testing.TB, address string, rounds int) (bool, []float64) {
	var ps []float64
	first := false
	for i := range 5 {
		p, later := s.rounds(t, address, rounds)
		ps = append(ps, p)
		if p > 0.01 || i > 0 && later != first {
			return false, ps
		}
		first = later
	}
	return true, ps
}

// T11, time: how long an answer takes does not tell nobody from one or from k-1 persons. 16 comparisons fail by chance with probability below
// 16 × 6.4e-9 = 1.1e-7. A server held up by 5 % is told from one that is not.
func TestTheTimeOfAnAnswerTellsNothingOfASmallCell(t *testing.T) {
	var releases []string
	for _, n := range smallSizes {
		releases = append(releases, withGroup(t, n, 6))
	}
	rounds := scaled(12, 40)
	for _, cache := range []int64{64, 0} { // 64 bytes hold no answer: each is built
		for _, address := range timed {
			for i, n := range smallSizes[1:] {
				s := &stopwatch{random: rand.New(rand.NewPCG(11, uint64(i))), folders: [2]string{releases[0], releases[1+i]}, cache: cache, requests: scaled(200, 600)}
				told, ps := s.significant(t, address, rounds)
				t.Logf("%s, cache %v: nobody beside %d persons, p = %.3g", address, cache == 0, n, ps)
				if told {
					t.Errorf("%s: time tells nobody from %d persons, p = %.3g", address, n, ps)
				}
			}
		}
		s := &stopwatch{random: rand.New(rand.NewPCG(11, 5)), folders: [2]string{releases[0], releases[0]}, cache: cache, slower: 0.05, requests: scaled(200, 600)}
		caught := false
		var ps []float64
		for more := 1; more <= 16 && !caught; more *= 2 { // a busy machine needs more of them
			caught, ps = s.significant(t, timed[0], more*rounds)
			t.Logf("5 %% slower, cache %v, %d rounds: p = %.3g", cache == 0, more*rounds, ps)
		}
		if !caught {
			t.Errorf("a server 5 %% slower is not told from another, p = %.3g", ps)
		}
	}
}
