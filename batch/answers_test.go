package batch

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/model/release"
	"jumeau/query"
)

// Each commune of a row has three quarters: two large ones, a and b, and a small one, c.
const quarters = 3

// rider is one person's row: commune and quarter of departure, quarter of arrival, mode.
type rider struct {
	commune  int
	from, to int
	mode     string
}

func quarterID(commune, quarter int) string { return fmt.Sprintf("%02d%c", commune, 'a'+quarter) }

// crowds are so many riders in each large quarter of each commune, by car and by bus.
func crowds(communes, n int) (riders []rider) {
	for c := range communes {
		for i := range n {
			mode := []string{"car", "bus"}[i%2]
			riders = append(riders, rider{c, 0, 1, mode}, rider{c, 1, 0, mode})
		}
	}
	return riders
}

const ridersSource = `source: riders
title: {fr: Cartes, en: Cards}
from: {path: riders.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    card: {type: text, role: unit, required: true}
    from: {type: text, role: place, required: true, refers: quarters.code}
    to: {type: text, required: true, refers: quarters.code}
    mode: {type: text, in: [car, bus, bike]}
behaviour:
  class: C
  unit: person
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
  period: 2026-Q1
  units: 90000
  publish:
    seen: {title: {fr: Vus, en: Seen}, shape: presence, zones: quarter, levels: [commune], l0: 1}
    moved: {title: {fr: Flux, en: Flows}, shape: flow, zones: quarter, origin: from, destination: to, l0: 1}
    modes: {title: {fr: Modes, en: Modes}, shape: split, zones: quarter, category: mode, l0: 1}
`

// rowOfCommunes is a territory of communes side by side, with these riders.
func rowOfCommunes(t testing.TB, communes int, riders []rider, change map[string]string) string {
	t.Helper()
	var outlines, parts []string
	box := func(code, inner string, from, to float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q%s},"geometry":{"type":"Polygon","coordinates":[[[%[3]g,43],[%[4]g,43],[%[4]g,43.2],[%[3]g,43.2],[%[3]g,43]]]}}`, code, inner, from, to)
	}
	at := func(thirds int) float64 { return 1 + 0.03*float64(thirds) }
	for c := range communes {
		outlines = append(outlines, box(fmt.Sprintf("%02d", c), "", at(3*c), at(3*c+3)))
		for q := range quarters {
			parts = append(parts, box(quarterID(c, q), "", at(3*c+q), at(3*c+q+1)))
		}
	}
	collection := func(features []string) string {
		return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + "]}"
	}
	zones := func(id, system string) string {
		return "source: " + id + "\ntitle: {fr: Z, en: Z}\nfrom: {path: " + id + ".geojson}\nproducer: nobody\nlicence: none\nvintage: \"2026\"\ncontract:\n  columns:\n" +
			"    code: {type: text, role: id, unique: true, required: true}\n  geometry: {type: polygon}\nzones: {system: " + system + ", title: {fr: Z, en: Z}, id: code}\n"
	}
	var rows strings.Builder
	rows.WriteString("card,from,to,mode\n")
	for i, r := range riders {
		fmt.Fprintf(&rows, "card-%d,%s,%s,%s\n", i, quarterID(r.commune, r.from), quarterID(r.commune, r.to), r.mode)
	}
	files := map[string]string{
		"territory.yaml":        "territory: row\ntitle: {fr: Rangée, en: Row}\nbbox: [1, 43, 3, 43.2]\ntime_zone: Europe/Paris\nzones: [commune, quarter]\n",
		"sources/communes.yaml": zones("communes", "commune"), "sources/quarters.yaml": zones("quarters", "quarter"),
		"communes.geojson": collection(outlines), "quarters.geojson": collection(parts),
		"layers/communes.yaml": "layer: communes\ntitle: {fr: C, en: C}\ngeometry: {zones: commune, zoom: 5-12}\nmeasures: [seen]\n",
		"layers/quarters.yaml": "layer: quarters\ntitle: {fr: Q, en: Q}\ngeometry: {zones: quarter, zoom: 5-12}\nmeasures: [seen, modes]\nflows: [moved]\n",
		"sources/riders.yaml":  ridersSource, "riders.csv": rows.String(),
	}
	maps.Copy(files, change)
	dir := t.TempDir()
	rewrite(t, dir, files)
	return dir
}

func rewrite(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serving is a server of a folder of releases.
func serving(t testing.TB, releases string, opt query.Options) *query.Server {
	t.Helper()
	opt.Log = slog.New(slog.DiscardHandler)
	s := query.New(releases, opt)
	t.Cleanup(func() { s.Close() })
	return s
}

func ask(h http.Handler, address string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "http://twin.example"+address, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// figuresAnswer is the JSON of /values, /profile and /flows.
type figuresAnswer struct {
	Release     string     `json:"release"`
	Slots       []string   `json:"slots"`
	Origin      []*uint32  `json:"origin"`
	Destination []*uint32  `json:"destination"`
	Value       []*float64 `json:"value"`
	Lo          []*float64 `json:"lo"`
	Hi          []*float64 `json:"hi"`
	Flag        []int      `json:"flag"`
}

func answered(t testing.TB, h http.Handler, address string) (a figuresAnswer) {
	t.Helper()
	w := ask(h, address)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", address, w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// sum of the figures that have a number, and whether there is one.
func (a figuresAnswer) sum() (total float64, any bool) {
	for _, v := range a.Value {
		if v != nil {
			total, any = total+*v, true
		}
	}
	return total, any
}

func catalogOf(t testing.TB, h http.Handler, prefix string) (c release.Catalog) {
	t.Helper()
	if err := json.Unmarshal(ask(h, prefix+"/catalog").Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func rename(t testing.TB, dir, from, to string) {
	t.Helper()
	if err := os.Rename(filepath.Join(dir, filepath.FromSlash(from)), filepath.Join(dir, filepath.FromSlash(to))); err != nil {
		t.Fatal(err)
	}
}

// drawnInto runs a territory into a folder of releases.
func drawnInto(t testing.TB, dir, releases string) *Result {
	t.Helper()
	r, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// full says whether the statistical tests run at the size of the specification (make test-privacy).
var full = os.Getenv("JUMEAU_PRIVACY") == "full"

func scaled(short, long int) int {
	if full {
		return long
	}
	return short
}
