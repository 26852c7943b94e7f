package query

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"go.uber.org/goleak"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func minute(n int) time.Time { return time.Date(2026, 11, 23, 2, n, 0, 0, time.UTC) }

var tiny = releasetest.Options{BuiltAt: minute(0)}

// journal is a log that fails the test on a warning that nobody claims.
type journal struct {
	t      testing.TB
	mu     sync.Mutex
	lines  []string
	claims []string
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	return len(line), nil
}

// claim expects a warning or an error that contains the text.
func (j *journal) claim(text string) { j.claims = append(j.claims, text) }

func (j *journal) check() {
	j.mu.Lock()
	defer j.mu.Unlock()
	claimed := map[string]bool{}
lines:
	for _, line := range j.lines {
		if !strings.Contains(line, "level=WARN") && !strings.Contains(line, "level=ERROR") {
			continue
		}
		for _, text := range j.claims {
			if strings.Contains(line, text) {
				claimed[text] = true
				continue lines
			}
		}
		j.t.Errorf("unclaimed in the log: %s", line)
	}
	for _, text := range j.claims {
		if !claimed[text] {
			j.t.Errorf("the log does not say %q", text)
		}
	}
}

// serve makes a server over the folder, with a log that is checked.
func serve(t testing.TB, dir string, opt Options) (*Server, *journal) {
	t.Helper()
	j := &journal{t: t}
	opt.Log = slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if opt.Poll == 0 {
		opt.Poll = 10 * time.Millisecond
	}
	s := New(dir, opt)
	t.Cleanup(func() { s.Close(); j.check() })
	return s, j
}

// ask sends a request; headers are name, value, name, value.
func ask(s http.Handler, address string, headers ...string) *httptest.ResponseRecorder {
	return askBy(s, http.MethodGet, address, headers...)
}

func askBy(s http.Handler, method, address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://twin.example"+address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) (out T) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return out
}

type figuresAnswer struct {
	Release, Measure, Flow, Zones, Slot, Zone string
	Slots                                     []model.Slot
	Value, Lo, Hi                             []*float64
	Flag                                      []model.Flag
	Origin, Destination                       []uint32
}

func pointers(values []float64) (out []*float64) {
	for _, v := range values {
		if math.IsNaN(v) {
			out = append(out, nil)
		} else {
			out = append(out, &v)
		}
	}
	return out
}

// sameFigures holds an answer to the figures written.
func sameFigures(t *testing.T, got figuresAnswer, want frame.Figures) {
	t.Helper()
	lo, hi := pointers(want.Lo), pointers(want.Hi)
	if !want.Interval() {
		lo, hi = nil, nil
	}
	for name, pair := range map[string][2]any{"value": {pointers(want.Value), got.Value}, "lo": {lo, got.Lo}, "hi": {hi, got.Hi}, "flag": {want.Flag, got.Flag}} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFiguresAreThoseOfTheFrames(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for i, slot := range releasetest.Slots {
		for _, prefix := range []string{"", "/r/" + id} {
			got := decode[figuresAnswer](t, ask(s, prefix+"/values/presence?zones=commune&slot="+string(slot)))
			if got.Release != id || got.Measure != "presence" || got.Zones != "commune" || got.Slot != string(slot) {
				t.Errorf("answer is about %+v", got)
			}
			sameFigures(t, got, releasetest.Presence(tiny, i))
		}
	}
	for _, system := range []string{"commune", "epci"} {
		sameFigures(t, decode[figuresAnswer](t, ask(s, "/values/residents?zones="+system)), releasetest.Residents(tiny, system))
	}
	byDefault := decode[figuresAnswer](t, ask(s, "/values/presence"))
	if byDefault.Zones != "commune" || byDefault.Slot != "weekday-07" {
		t.Errorf("by default %s in %s", byDefault.Slot, byDefault.Zones)
	}
}

func TestAProfileIsOneZoneInAllSlots(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	got := decode[figuresAnswer](t, ask(s, "/profile/presence?zones=commune&zone=31002"))
	want := frame.NewFigures(4)
	for i := range want.Flag {
		f := releasetest.Presence(tiny, i)
		want.Value[i], want.Lo[i], want.Hi[i], want.Flag[i] = f.Value[1], f.Lo[1], f.Hi[1], f.Flag[1]
	}
	if !cmp.Equal(got.Slots, releasetest.Slots) || got.Zone != "31002" {
		t.Errorf("profile of %s over %v", got.Zone, got.Slots)
	}
	sameFigures(t, got, want)
}

func TestFlowsAreChosenByTheirEnds(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	all := releasetest.Commuters(tiny)
	for query, want := range map[string]frame.Pairs{
		"": all, "?slot=all&zones=commune": all, "?from=31001": all.From(0), "?to=31001": all.To(0), "?from=31002&to=31002": all.From(1).To(1),
	} {
		got := decode[figuresAnswer](t, ask(s, "/flows/commuters"+query))
		if len(got.Origin) != len(want.Origin) || len(want.Origin) > 0 && (!cmp.Equal(got.Origin, want.Origin) || !cmp.Equal(got.Destination, want.Destination)) {
			t.Errorf("%s: from %v to %v", query, got.Origin, got.Destination)
		}
		if want.Len() > 0 {
			sameFigures(t, got, want.Figures)
		}
	}
}

func TestArrowIsSentToThoseWhoAskForIt(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for address, want := range map[string]frame.Figures{
		"/values/presence?slot=weekday-08": releasetest.Presence(tiny, 1), "/flows/commuters": releasetest.Commuters(tiny).Figures,
	} {
		w := ask(s, address, "Accept", "application/json;q=0.5, application/vnd.apache.arrow.stream")
		if w.Header().Get("Content-Type") != arrowType || w.Header().Get("Vary") != "Accept-Encoding, Accept" {
			t.Fatalf("%s: %d %v", address, w.Code, w.Header())
		}
		reader, err := ipc.NewReader(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		var values []float64
		for reader.Next() {
			batch := reader.RecordBatch()
			column := batch.Column(batch.Schema().FieldIndices("value")[0]).(*array.Float64)
			values = append(values, column.Float64Values()...)
		}
		if reader.Err() != nil || !cmp.Equal(pointers(values), pointers(want.Value)) {
			t.Errorf("%s: %v, %v", address, values, reader.Err())
		}
		reader.Release()
	}
	if w := ask(s, "/values/presence", "Accept", "*/*"); w.Header().Get("Content-Type") != jsonType {
		t.Errorf("by default %s", w.Header().Get("Content-Type"))
	}
}

func TestTheCatalogueIsThatOfTheManifest(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	r, err := release.Open(dir, id)
	if err != nil {
		t.Fatal(err)
	}
	got := decode[release.Catalog](t, ask(s, "/catalog"))
	if diff := cmp.Diff(r.Manifest.Catalog, got); diff != "" {
		t.Error(diff)
	}
	pinned := decode[release.Catalog](t, ask(s, "/r/"+id+"/catalog"))
	if !cmp.Equal(got, pinned) {
		t.Error("the pinned catalogue is another one")
	}
	for _, want := range []string{`"finer":"commune"`, `"tiles":"/r/` + id + `/tiles/communes/{z}/{x}/{y}.mvt"`, `"measures":[]`, `"built_at":"2026-11-23T02:00:00Z"`} {
		if !strings.Contains(ask(s, "/catalog").Body.String(), want) {
			t.Errorf("the catalogue does not say %s", want)
		}
	}
}

func TestZonesComeByIndex(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	got := decode[struct {
		System     string
		IDs, Names []string
		Lon, Lat   []float64
		BBox       [][4]float64
		Area       []float64 `json:"area_m2"`
		Parents    map[string][]*int
	}](t, ask(s, "/zones/commune"))
	zero := 0
	if got.System != "commune" || !cmp.Equal(got.IDs, []string{"31001", "31002"}) || !cmp.Equal(got.Names, []string{"Ayguesvives", "Labège-l'Été"}) ||
		!cmp.Equal(got.Lon, []float64{1.5, 1.6}) || !cmp.Equal(got.BBox, [][4]float64{{1.45, 43.45, 1.55, 43.55}, {1.55, 43.45, 1.65, 43.55}}) ||
		!cmp.Equal(got.Area, []float64{9e7, 9e7}) || !cmp.Equal(got.Parents, map[string][]*int{"epci": {&zero, nil}}) {
		t.Errorf("zones are %+v", got)
	}
}

func TestAnswersAreRevalidatedByTheirETag(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	seen := map[string]string{}
	for _, address := range []string{"/catalog", "/zones/commune", "/values/presence", "/values/presence?slot=2025-01", "/profile/presence?zone=31001", "/flows/commuters",
		"/tiles/communes.json", "/tiles/communes/5/16/11.mvt", "/style.json", "/r/" + id + "/download/communes.parquet"} {
		for _, code := range []string{"", "gzip", "br"} {
			w := ask(s, address, "Accept-Encoding", code)
			tag := w.Header().Get("ETag")
			if w.Code != http.StatusOK || !strings.HasPrefix(tag, `"`+id+".") {
				t.Fatalf("%s: %d, ETag %s", address, w.Code, tag)
			}
			if other, ok := seen[tag]; ok && !strings.Contains(address, "download") {
				t.Errorf("%s %q has the tag of %s", address, code, other)
			}
			seen[tag] = address + " " + code
			for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
				again := ask(s, address, "Accept-Encoding", code, "If-None-Match", header)
				if again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
					t.Errorf("%s with %s: %d", address, header, again.Code)
				}
			}
			if other := ask(s, address, "Accept-Encoding", code, "If-None-Match", `"other"`); other.Code != http.StatusOK {
				t.Errorf("%s with another tag: %d", address, other.Code)
			}
		}
	}
	if w := ask(s, "/values/noise", "If-None-Match", "*"); w.Code != http.StatusNotFound {
		t.Errorf("what does not exist is not modified: %d", w.Code)
	}
}

func TestTheClientChoosesTheCompression(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	plain := ask(s, "/catalog").Body.String()
	for accept, want := range map[string]string{
		"gzip, deflate, br": "br", "gzip": "gzip", "br;q=0, gzip": "gzip", "": "", "identity": "", "*": "gzip", "*;q=0": "", "gzip;q=0, *": "", "GZIP;q=0.2": "gzip",
	} {
		w := ask(s, "/catalog", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%q: %q", accept, got)
		}
		var r io.Reader = w.Body
		switch want {
		case "br":
			r = brotli.NewReader(r)
		case "gzip":
			var err error
			if r, err = gzip.NewReader(r); err != nil {
				t.Fatal(err)
			}
		}
		if text, err := io.ReadAll(r); err != nil || string(text) != plain {
			t.Errorf("%q: other bytes, %v", accept, err)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary %q", accept, w.Header().Get("Vary"))
		}
	}
}

func TestHeadSaysWhatGetWouldSend(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for _, address := range []string{"/catalog", "/tiles/communes/5/16/11.mvt", "/r/" + id + "/download/communes.parquet", "/values/noise", "/healthz"} {
		get, head := ask(s, address), askBy(s, http.MethodHead, address)
		if head.Code != get.Code || head.Body.Len() != 0 {
			t.Errorf("%s: %d with %d bytes, GET says %d", address, head.Code, head.Body.Len(), get.Code)
		}
		if diff := cmp.Diff(get.Header(), head.Header()); diff != "" {
			t.Errorf("%s: %s", address, diff)
		}
	}
}

func TestDownloadsComeInRanges(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	address := "/r/" + id + "/download/communes.parquet"
	whole := ask(s, address)
	if whole.Body.String() != "PAR1 a table of communes PAR1" || whole.Header().Get("Content-Disposition") != `attachment; filename="tiny-communes-`+id+`.parquet"` {
		t.Errorf("%s %v", whole.Body, whole.Header())
	}
	part := ask(s, address, "Range", "bytes=5-11")
	if part.Code != http.StatusPartialContent || part.Body.String() != "a table" || part.Header().Get("Content-Range") != "bytes 5-11/29" {
		t.Errorf("%d %q %v", part.Code, part.Body, part.Header())
	}
	if part := ask(s, address, "Range", "bytes=5-11", "If-Range", `"older"`); part.Code != http.StatusOK {
		t.Errorf("a range of another version: %d", part.Code)
	}
	if part := ask(s, address, "Range", "bytes=99-"); part.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("a range beyond the end: %d", part.Code)
	}
	if w := ask(s, "/download/works.parquet"); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "communes.parquet") {
		t.Errorf("no such download: %s", w.Body)
	}
}

func TestErrorsSayWhatToTry(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for address, want := range map[string]struct {
		status int
		hint   string
	}{
		"/values/residants":                        {404, "did you mean residents?"},
		"/values/residents?zones=communes":         {404, "did you mean commune?"},
		"/values/residents?slot=weekday-08":        {404, "there are: all"},
		"/values/presence?slot=weekday-8":          {400, "did you mean weekday-08?"},
		"/values/presence?slto=all":                {400, "did you mean slot?"},
		"/values/presence?slot=all&slot=all":       {400, "write it once"},
		"/values/presence?slot=%zz":                {400, "?name=value"},
		"/values/presence?a;b":                     {400, "?name=value"},
		"/profile/presence":                        {400, "the id of a zone"},
		"/profile/presence?zone=31003":             {404, "did you mean 3100"},
		"/flows/commuter":                          {404, "did you mean commuters?"},
		"/flows/commuters?from=x":                  {404, "/zones/commune"},
		"/flows/commuters?zones=epci":              {404, "there are: commune"},
		"/zones/comune":                            {404, "did you mean commune?"},
		"/tiles/comunes/10/516/373.mvt":            {404, "did you mean communes?"},
		"/tiles/communes/3/0/0.mvt":                {404, "zooms 5 to 14"},
		"/tiles/communes/5/32/0.mvt":               {404, "x and y are 0 to 31"},
		"/tiles/communes/5/-1/0.mvt":               {400, "whole numbers"},
		"/tiles/communes/05/1/0.mvt":               {400, "whole numbers"},
		"/tiles/communes/5/1/0.png":                {404, ".mvt"},
		"/tiles/communes/5/16/11.mvt?slot=all":     {400, "there are none here"},
		"/tiles/communes":                          {404, "/tiles/{layer}.json"},
		"/catalogue":                               {404, "did you mean /catalog?"},
		"/r/2026-01-01T0000Z-000000/catalog":       {404, "reload the page"},
		"/r/" + id + "/nothing":                    {404, "the addresses are"},
		"/r/..%2f..%2fkey/catalog":                 {404, "the addresses are"},
		"/assets/../../etc/passwd":                 {404, "the addresses are"},
		"/catalog?" + strings.Repeat("a", 3000):    {400, "shorten it"},
		"/values/" + strings.Repeat("%C3%A9", 400): {404, "there are: residents, presence"},
	} {
		w := ask(s, address)
		var p problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		if w.Code != want.status || p.Status != want.status || !strings.Contains(p.Hint, want.hint) || p.Title == "" || p.Detail == "" || !strings.HasPrefix(p.Type, "urn:jumeau:problem:") {
			t.Errorf("%s: %+v, want %d and %q", address, p, want.status, want.hint)
		}
		if w.Header().Get("Content-Type") != "application/problem+json" || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %v", address, w.Header())
		}
		if strings.Contains(w.Body.String(), dir) {
			t.Errorf("%s tells a path of the server: %s", address, w.Body)
		}
	}
	if w := askBy(s, http.MethodPost, "/catalog"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD, OPTIONS" {
		t.Errorf("POST: %d %v", w.Code, w.Header())
	}
	if w := askBy(s, http.MethodOptions, "/catalog"); w.Code != http.StatusNoContent {
		t.Errorf("OPTIONS: %d", w.Code)
	}
}

func TestAPanicIsOneFailedRequestAndItsCauseStaysInTheLog(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, j := serve(t, dir, Options{})
	s.holder.mu.Lock()
	delete(s.holder.current.layers, "communes") // encoding a nil layer panics
	s.holder.mu.Unlock()
	j.claim("request failed")
	w := ask(s, "/tiles/communes/5/16/11.mvt")
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 500 || !strings.HasPrefix(p.Instance, "urn:jumeau:fault:") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if strings.Contains(w.Body.String(), "nil pointer") {
		t.Errorf("the answer tells the cause: %s", w.Body)
	}
	if log := strings.Join(j.lines, ""); !strings.Contains(log, strings.TrimPrefix(p.Instance, "urn:jumeau:fault:")) || !strings.Contains(log, "nil pointer") {
		t.Errorf("the log does not tell the cause under the id: %s", log)
	}
	if w := ask(s, "/r/"+id+"/catalog"); w.Code != 200 {
		t.Errorf("after the panic: %d", w.Code)
	}
}

func TestAFileCutShortIsAFailedRequestNotADeadServer(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, j := serve(t, dir, Options{})
	j.claim("request failed")
	if err := os.Truncate(filepath.Join(dir, id, "values", "residents.epci.arrow"), 0); err != nil {
		t.Fatal(err)
	}
	if w := ask(s, "/values/residents?zones=epci"); w.Code != 500 {
		t.Errorf("status %d", w.Code)
	}
	if w := ask(s, "/values/residents?zones=commune"); w.Code != 200 {
		t.Errorf("other figures: %d", w.Code)
	}
}

func TestTheLogHasNoPersonalData(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, j := serve(t, dir, Options{})
	ask(s, "/catalog", "User-Agent", "a browser", "X-Forwarded-For", "198.51.100.7")
	log := strings.Join(j.lines, "")
	for _, personal := range []string{"192.0.2.1", "198.51.100.7", "a browser"} {
		if strings.Contains(log, personal) {
			t.Errorf("the log says %q: %s", personal, log)
		}
	}
	if !strings.Contains(log, "path=/catalog status=200") {
		t.Errorf("the log does not say what was asked: %s", log)
	}
}

func TestThePageIsServedWithItsPolicy(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	page := fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>map</title>")},
		"assets/app-1a2b.js":  {Data: bytes.Repeat([]byte("let x = 1;\n"), 100)},
		"assets/app-1a2b.css": {Data: []byte("body {}")},
	}
	s, _ := serve(t, dir, Options{Page: page})
	w := ask(s, "/?layer=communes", "Accept-Encoding", "br")
	if w.Code != 200 || !strings.Contains(w.Body.String(), "<title>map") || w.Header().Get("Cache-Control") != "public, no-cache" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, part := range []string{"default-src 'self'", "worker-src 'self' blob:", "style-src 'self'", "frame-ancestors 'self'"} {
		if !strings.Contains(w.Header().Get("Content-Security-Policy"), part) {
			t.Errorf("policy %q lacks %q", w.Header().Get("Content-Security-Policy"), part)
		}
	}
	js := ask(s, "/assets/app-1a2b.js", "Accept-Encoding", "br")
	if js.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || js.Header().Get("Content-Encoding") != "br" || js.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("%v", js.Header())
	}
	if again := ask(s, "/", "If-None-Match", ask(s, "/").Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("the page again: %d", again.Code)
	}
	if w := ask(s, "/assets/none.js"); w.Code != 404 {
		t.Errorf("a file that is not there: %d", w.Code)
	}
}

func TestWithoutABuiltPageTheRootExplainsItself(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	for lang, words := range map[string][]string{
		"fr-FR, en;q=0.5": {`lang="fr"`, "sans la page", "Qui habite où ?", id, "/tiles/communes.json"},
		"en":              {`lang="en"`, "without the map page", "Who lives where?", id},
	} {
		w := ask(s, "/", "Accept-Language", lang, "Accept", "text/html")
		for _, word := range words {
			if !strings.Contains(w.Body.String(), word) {
				t.Errorf("%s: does not say %q: %s", lang, word, w.Body)
			}
		}
	}
}

func TestTheStatusPageIsForPeopleAndPrograms(t *testing.T) {
	dir := t.TempDir()
	id := releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{Version: "1.2.3"})
	ask(s, "/catalog")
	got := decode[report](t, ask(s, "/status", "Accept", "application/json"))
	if got.Release != id || got.Layers != 2 || got.Server.Requests != 1 || got.Server.Version != "1.2.3" || got.Sources[0].Rejected[0].Count != 1 || got.Cost.WallSeconds != 1.5 {
		t.Errorf("status is %+v", got)
	}
	french := ask(s, "/status", "Accept", "text/html,*/*;q=0.1", "Accept-Language", "fr")
	for _, word := range []string{`<html lang="fr">`, id, "Publication servie", "Licence Ouverte 2.0", "aucun chiffre n’est réel", "Tout petit territoire"} {
		if !strings.Contains(french.Body.String(), word) {
			t.Errorf("does not say %q: %s", word, french.Body)
		}
	}
	if english := ask(s, "/status", "Accept", "text/html", "Accept-Language", "en"); !strings.Contains(english.Body.String(), "Rows read") {
		t.Error(english.Body)
	}
}

func TestAnEmptyFolderIsServedKindlyAndFilledWithoutRestart(t *testing.T) {
	dir := t.TempDir()
	s, _ := serve(t, dir, Options{})
	if w := ask(s, "/healthz"); w.Code != 200 {
		t.Errorf("healthz %d", w.Code)
	}
	w := ask(s, "/catalog")
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "jumeau run") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := ask(s, "/readyz"); w.Code != 503 {
		t.Errorf("readyz %d", w.Code)
	}
	if w := ask(s, "/", "Accept", "text/html"); w.Code != 200 || !strings.Contains(w.Body.String(), "jumeau run") {
		t.Errorf("/ %d %s", w.Code, w.Body)
	}
	id := releasetest.Publish(t, dir, tiny)
	eventually(t, func() bool { return ask(s, "/readyz").Body.String() == id+"\n" })
}

func eventually(t *testing.T, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not come")
}

func TestTheServerStopsGracefully(t *testing.T) {
	dir := t.TempDir()
	releasetest.Publish(t, dir, tiny)
	s, _ := serve(t, dir, Options{})
	listener := listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, listener) }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + listener.Addr().String() + "/catalog")
	if err != nil || answer.StatusCode != 200 {
		t.Fatal(err)
	}
	cancel() // with the body of an answer still unread
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || !json.Valid(body) {
		t.Errorf("the answer under way was cut: %v", err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
