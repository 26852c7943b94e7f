package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"jumeau/model/release"
	"jumeau/query"
)

// canary begins every text of a planted record.
const canary = "ZQXJ"

// Longitudes of planted records differ in their last two bytes only.
var (
	lonBits  = math.Float64bits(1.5073091843) &^ 0xffff
	lonBytes = binary.LittleEndian.AppendUint64(nil, lonBits)[2:]
	lonText  = fmt.Sprintf("%.15f", math.Float64frombits(lonBits))[:12]
	planted  = marks{[]byte(canary), lonBytes, []byte(lonText)}
)

func plantedLon(i int) float64 { return math.Float64frombits(lonBits | uint64(i)) }

func wkbPoint(lon, lat float64) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{1}, 1)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(lon))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(lat))
}

const behaviour = `behaviour:
  class: C
  unit: person
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
  period: 2026-Q1
  publish:
`

func sourceText(id, file, columns, publish string) string {
	return "source: " + id + "\ntitle: {fr: S, en: S}\nfrom: {path: " + file + "}\nproducer: nobody\nlicence: none\nvintage: \"2026\"\ncontract:\n  columns:\n" +
		columns + "  reject_at_most: 60%\n" + behaviour + publish
}

// plantedTown is a territory with so many planted records in each of a CSV, a GeoJSON and a Parquet file: an identifier and a name of
// their own, the name in a column that is not declared, and a place; of every second one the place breaks its contract or is nowhere.
func plantedTown(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	var csv, geojson strings.Builder
	csv.WriteString("card,at,zone,name\n")
	geojson.WriteString(`{"type":"FeatureCollection","features":[`)
	for i := range n {
		zone := "1"
		if i%2 == 1 {
			zone = fmt.Sprintf("%s-place-%04d", canary, i)
		}
		fmt.Fprintf(&csv, "%[1]s-card-%04[2]d,2026-02-03T08:%02[3]d:00,%[4]s,%[1]s-name-%04[2]d\n", canary, i, i%60, zone)
		fmt.Fprintf(&geojson, `%s{"type":"Feature","properties":{"device":"%[2]s-device-%04[3]d","at":"2026-02-03T09:%02[4]d:00","name":"%[2]s-owner-%04[3]d"},`+
			`"geometry":{"type":"Point","coordinates":[%.17[5]g,43.5]}}`, map[bool]string{true: ",\n"}[i > 0], canary, i, i%60, plantedLon(i%65536))
	}
	geojson.WriteString("]}")
	files := map[string]string{
		"territory.yaml": "territory: town\nsynthetic: true\ntitle: {fr: Ville, en: Town}\nbbox: [1, 43, 3, 44]\ntime_zone: Europe/Paris\nzones: [commune]\n",
		"sources/communes.yaml": "source: communes\ntitle: {fr: C, en: C}\nfrom: {path: communes.geojson}\nproducer: nobody\nlicence: none\nvintage: \"2026\"\n" +
			"contract:\n  columns:\n    code: {type: text, role: id, unique: true, required: true}\n    area: {type: number}\n  geometry: {type: polygon}\n" +
			"zones: {system: commune, title: {fr: C, en: C}, id: code}\n",
		"communes.geojson": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"1","area":4000},"geometry":{"type":"Polygon","coordinates":[[[1,43],[2,43],[2,44],[1,44],[1,43]]]}},
{"type":"Feature","properties":{"code":"2","area":1000},"geometry":{"type":"Polygon","coordinates":[[[2,43],[3,43],[3,44],[2,44],[2,43]]]}}]}`,
		"layers/communes.yaml": "layer: communes\ntitle: {fr: C, en: C}\ngeometry: {zones: commune, zoom: 5-12}\nmeasures: [seen, located]\n",
		"sources/cards.yaml": sourceText("cards", "cards.csv",
			"    card: {type: text, role: unit, required: true}\n    at: {type: timestamp, role: time, required: true}\n    zone: {type: text, role: place, required: true, refers: communes.code}\n",
			"    seen: {title: {fr: Vus, en: Seen}, shape: presence, zones: commune, slot: hour, l0: 1}\n"),
		"sources/devices.yaml": strings.Replace(sourceText("devices", "devices.geojson",
			"    device: {type: text, role: unit, required: true}\n    at: {type: timestamp, role: time, required: true}\n",
			"    located: {title: {fr: Lieux, en: Located}, shape: presence, zones: commune, slot: hour, l0: 1}\n"), "  reject_at_most", "  geometry: {type: point}\n  reject_at_most", 1),
		"sources/trips.yaml": sourceText("trips", "trips.parquet",
			"    trip: {type: text, role: unit, required: true}\n    from: {type: text, role: origin, required: true}\n    to: {type: text, role: destination}\n    mode: {type: text, in: [bus, car]}\n",
			"    moved: {title: {fr: Flux, en: Flows}, shape: flow, zones: commune, l0: 1}\n    modes: {title: {fr: Modes, en: Modes}, shape: split, zones: commune, place: from, category: mode, l0: 1}\n"),
		"cards.csv": csv.String(), "devices.geojson": geojson.String(),
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeTrips(t, filepath.Join(dir, "trips.parquet"), n)
	return dir
}

// writeTrips writes the planted trips as Parquet with packed pages.
func writeTrips(t testing.TB, path string, n int) {
	t.Helper()
	var fields []arrow.Field
	for _, name := range []string{"trip", "from", "to", "mode", "name"} {
		fields = append(fields, arrow.Field{Name: name, Type: arrow.BinaryTypes.String})
	}
	schema := arrow.NewSchema(fields, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for i := range n {
		to := fmt.Sprintf("%s-place-%04d", canary, i)
		for c, v := range []string{fmt.Sprintf("%s-trip-%04d", canary, i), "1", []string{"2", to}[i%2], []string{"bus", "car"}[i/2%2], fmt.Sprintf("%s-name-%04d", canary, i)} {
			b.Field(c).(*array.StringBuilder).Append(v)
		}
	}
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(schema, out, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd)), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// sandbox is where a program of ours may write: releases, temporary files, its home and caches.
type sandbox struct{ releases, temp, home, work string }

func newSandbox(t testing.TB) sandbox {
	return sandbox{t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()}
}

func (s sandbox) folders() []string { return []string{s.releases, s.temp, s.home, s.work} }

// command is the program with its log at debug, writing into the sandbox only.
func (s sandbox) command(args ...string) *exec.Cmd {
	cmd := exec.Command("jumeau", args...)
	cmd.Dir = s.work
	cmd.Env = append(os.Environ(), "TMPDIR="+s.temp, "HOME="+s.home, "XDG_CACHE_HOME="+filepath.Join(s.home, "cache"), "JUMEAU_LOG_LEVEL=debug", "GOTRACEBACK=all")
	return cmd
}

// T2: of 1,000 planted records in each of three files, no byte is in what a run writes, while it runs or after, in its log, in the ledger,
// or in any answer of a server of the release.
func TestNoByteOfAPlantedRecordComesOut(t *testing.T) {
	dir, box := plantedTown(t, 1000), newSandbox(t)
	for _, file := range []string{"cards.csv", "devices.geojson", "trips.parquet"} { // the scan finds the raw files
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || !planted.in(t, data, "") {
			t.Fatalf("the scan does not find the records of %s (%v)", file, err)
		}
	}
	cmd := box.command("run", dir, "--releases", box.releases)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan []string)
	quit := make(chan struct{})
	go func() { found <- lookWhile(quit, box.folders()) }()
	err := cmd.Wait()
	close(quit)
	hits := <-found
	if err != nil {
		t.Fatalf("%v\n%s", err, errOut.String())
	}
	hits = append(hits, planted.below(t, box.folders()...)...)
	for name, text := range map[string][]byte{"standard output": out.Bytes(), "standard error": errOut.Bytes()} {
		if planted.in(t, text, "") {
			hits = append(hits, name)
		}
	}
	answers, log := allAnswers(t, box.releases)
	for _, a := range answers {
		if a.has(t, planted) {
			hits = append(hits, a.address)
		}
	}
	if planted.in(t, log, "") {
		hits = append(hits, "the log of the server")
	}
	if len(hits) > 0 {
		t.Errorf("found in %v", hits)
	}
	for _, part := range []string{"/values/seen", "/values/located", "/flows/moved", "/values/modes_bus"} { // the planted are counted
		if !slices.ContainsFunc(answers, func(a answer) bool { return strings.HasPrefix(a.address, part) && shows(a) }) {
			t.Errorf("nothing is published at %s: this shows little", part)
		}
	}
	if len(answers) < 100 || !bytes.Contains(errOut.Bytes(), []byte("level=INFO")) {
		t.Errorf("only %d answers were looked at, or the log is empty", len(answers))
	}
	t.Logf("%d answers, %d bytes of log", len(answers), errOut.Len()+len(log))
	plantRelease(t, box)
}

// shows says whether an answer has a figure.
func shows(a answer) bool {
	var f struct{ Value []*float64 }
	return json.Unmarshal(a.body, &f) == nil && slices.ContainsFunc(f.Value, func(v *float64) bool { return v != nil && *v > 0 })
}

// plantRelease puts a record where the release and its server have it, and expects the scan to see it in both.
func plantRelease(t *testing.T, box sandbox) {
	t.Helper()
	id, err := release.Current(box.releases)
	if err != nil {
		t.Fatal(err)
	}
	writeTrips(t, filepath.Join(box.releases, id, "planted.parquet"), 10)
	if hits := planted.below(t, box.folders()...); len(hits) != 1 {
		t.Errorf("the scan finds %v, one file was planted", hits)
	}
	a := answer{address: "planted", header: http.Header{"Content-Encoding": {"gzip"}}, body: gzipped(t, canary+"-card-0001")}
	if !a.has(t, planted) {
		t.Error("the scan does not find a record in a compressed answer")
	}
}

// lookWhile looks at the plain bytes of all files again and again.
func lookWhile(quit chan struct{}, folders []string) (hits []string) {
	for {
		for _, folder := range folders {
			_ = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() {
					return nil
				}
				if data, err := os.ReadFile(path); err == nil {
					for _, mark := range planted {
						if bytes.Contains(data, mark) {
							hits = append(hits, "during the run: "+path)
						}
					}
				}
				return nil
			})
		}
		select {
		case <-quit:
			return hits
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// answer of the server, with headers.
type answer struct {
	address string
	status  int
	header  http.Header
	body    []byte
}

func (a answer) has(t testing.TB, m marks) bool {
	text, err := json.Marshal(a.header)
	if err != nil {
		t.Fatal(err)
	}
	return m.in(t, a.body, a.header.Get("Content-Encoding")) || m.in(t, text, "")
}

// allAnswers asks a server of the releases everything that its catalogue names, in every form, and what it must refuse.
func allAnswers(t *testing.T, releases string) (answers []answer, log []byte) {
	t.Helper()
	var text lockedText
	server := query.New(releases, query.Options{Log: slog.New(slog.NewJSONHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})), Audience: "steward"})
	defer server.Close()
	ask := func(address string, headers ...string) answer {
		r := httptest.NewRequest(http.MethodGet, "http://twin.example"+address, nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		return answer{address, w.Code, w.Result().Header, w.Body.Bytes()}
	}
	var c release.Catalog
	if err := json.Unmarshal(ask("/catalog").body, &c); err != nil {
		t.Fatal(err)
	}
	for _, address := range addressesOf(&c) {
		for _, form := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"Accept-Encoding", "br"}, {"Accept", "application/vnd.apache.arrow.stream"}, {"Accept", "text/html"}} {
			answers = append(answers, ask(address, form...))
		}
	}
	return answers, text.bytes()
}

func addressesOf(c *release.Catalog) []string {
	out := []string{"/", "/catalog", "/style.json", "/status", "/privacy", "/healthz", "/readyz", "/nothing", "/values/nothing", "/r/" + c.Release + "/catalog",
		"/values/" + canary[:2], "/download/nothing.parquet"}
	for _, z := range c.ZoneSystems {
		out = append(out, "/zones/"+z.ID)
	}
	for _, s := range c.Sources {
		out = append(out, "/privacy/"+s.ID)
	}
	for _, m := range c.Measures {
		for _, s := range m.Systems {
			for _, slot := range m.Slots {
				out = append(out, fmt.Sprintf("/values/%s?zones=%s&slot=%s", m.ID, s.Zones, slot))
			}
			for _, zone := range []string{"1", "2", "3"} {
				out = append(out, fmt.Sprintf("/profile/%s?zones=%s&zone=%s", m.ID, s.Zones, zone))
			}
		}
	}
	for _, f := range c.Flows {
		for _, ends := range []string{"", "&from=1", "&to=2", "&from=1&to=2"} {
			for _, slot := range f.Slots {
				out = append(out, fmt.Sprintf("/flows/%s?slot=%s%s", f.ID, slot, ends))
			}
		}
	}
	for _, l := range c.Layers {
		out = append(out, "/tiles/"+l.ID+".json", "/download/"+l.ID+".parquet")
		for z := l.MinZoom; z <= min(l.MaxZoom, 9); z++ {
			for dx := range 3 {
				for dy := range 3 {
					x, y := int((1.5+180)/360*float64(int(1)<<z)), int(0.365*float64(int(1)<<z))
					out = append(out, fmt.Sprintf("/tiles/%s/%d/%d/%d.mvt", l.ID, z, x+dx-1, y+dy-1))
				}
			}
		}
	}
	return out
}

type lockedText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.text.Bytes())
}
