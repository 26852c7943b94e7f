package batch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/model/release"
)

// more is the small territory with files added or changed.
func more(t testing.TB, change map[string]string) string {
	t.Helper()
	dir := write(t, change)
	for name, text := range change {
		if _, ok := small[name]; !ok {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// values shows the figures of a measure, slot by slot.
func values(t *testing.T, releases string, result *Result, measure, system string) (out []string) {
	t.Helper()
	v, err := frame.OpenValues(filepath.Join(releases, result.Release, filepath.FromSlash(release.ValuesPath(measure, system))))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for _, slot := range v.Slots {
		f, _ := v.At(slot)
		out = append(out, fmt.Sprint(slot, " ", f.Value, " ", f.Flag))
	}
	return out
}

// table declares a source of figures without geometry.
func tableSource(columns, rest string) string {
	return `source: table
title: {fr: Table, en: Table}
from: {path: table.csv}
read: {format: csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
` + columns + `  reject_at_most: 100%
behaviour: {class: A}
` + rest
}

const (
	codeAndCount = "    code: {type: text, role: place}\n    n: {type: integer, withheld: [s]}\n"
	sums         = "measures:\n  people: {title: {fr: P, en: P}, unit: {fr: p, en: p}, value: n, zones: commune, zone: code}\n"
)

func TestWhatNoFigureCountsIsSaid(t *testing.T) {
	dir, releases := more(t, map[string]string{
		"sources/table.yaml": tableSource(codeAndCount, sums),
		"table.csv":          "code,n\n1,5\n1,s\n2,\n3,7\n,9\nx,y\n",
	}), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"all [5 NaN] [partial no_data]"}, values(t, releases, result, "people", "commune")); diff != "" {
		t.Error(diff)
	}
	people, _ := result.Manifest.Catalog.Measure("people")
	if got := people.Systems[0].Account; got != (release.Account{Rows: 5, Outside: 2}) {
		t.Errorf("people: %+v", got)
	}
	stops, _ := result.Manifest.Catalog.Measure("stops")
	if got := stops.Systems[0].Account; got != (release.Account{Rows: 4, Outside: 1}) {
		t.Errorf("stops: %+v", got)
	}
}

func TestFlowsAcrossTheBorderArePublished(t *testing.T) {
	dir, releases := more(t, map[string]string{
		"sources/table.yaml": tableSource("    home: {type: text}\n    work: {type: text}\n    n: {type: integer, withheld: [s]}\n",
			"flows:\n  commuters: {title: {fr: F, en: F}, unit: {fr: p, en: p}, zones: commune, origin: home, destination: work, value: n}\n"),
		"table.csv": "home,work,n\n1,2,5\n1,2,6\n1,1,s\n2,1,\n2,9,3\n9,2,4\n9,8,50\n1,,60\n2,2,s\n2,2,1\n",
	}), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	f, err := frame.OpenFlows(filepath.Join(releases, result.Release, filepath.FromSlash(release.FlowsPath("commuters", "commune"))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pairs, _ := f.At(model.All)
	var got []string
	for i := range pairs.Origin {
		got = append(got, fmt.Sprint(int32(pairs.Origin[i]), ">", int32(pairs.Destination[i]), " ", pairs.Value[i], " ", pairs.Flag[i]))
	}
	want := []string{"0>0 NaN not_published", "0>1 11 ok", "1>0 NaN no_data", "1>1 1 partial", "1>-1 3 ok", "-1>1 4 ok"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	flow, _ := result.Manifest.Catalog.Flow("commuters")
	if flow.Account != (release.FlowAccount{Rows: 10, Outside: 1, Unknown: 1}) || flow.Total != 19 {
		t.Errorf("%+v", flow)
	}
}

func TestAShapeIsInTheCellThatHoldsMostOfIt(t *testing.T) {
	stops := strings.NewReplacer("stops.csv", "blocks.geojson", "type: point, x: lon, y: lat", "type: polygon", `read: {crs: "EPSG:4326"}`, "read: {}",
		"zones: commune\n", "zones: cell_200m\n    rollup: [cell_1km]\n").Replace(small["sources/stops.yaml"])
	// A hook of about 250 m: the middle of its box is far from most of it.
	hook := `{"type":"Feature","properties":{"id":"h"},"geometry":{"type":"Polygon","coordinates":[[[1.5,43.5],[1.5032,43.5],[1.5032,43.5001],[1.5001,43.5001],[1.5001,43.5023],[1.5,43.5023],[1.5,43.5]]]}}`
	dir, releases := more(t, map[string]string{
		"territory.yaml":       strings.Replace(small["territory.yaml"], "[commune]", "[commune, cell_1km, cell_200m]", 1),
		"sources/stops.yaml":   stops,
		"layers/communes.yaml": strings.Replace(small["layers/communes.yaml"], "measures: [stops]\n", "", 1),
		"blocks.geojson":       `{"type":"FeatureCollection","features":[` + hook + `]}`,
	}), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	measure, _ := result.Manifest.Catalog.Measure("stops")
	for _, s := range measure.Systems {
		if s.Account != (release.Account{Rows: 1}) {
			t.Errorf("%s: %+v", s.Zones, s.Account)
		}
		if got := values(t, releases, result, "stops", s.Zones); fmt.Sprint(got) != "[all [1] [ok]]" {
			t.Errorf("%s: %v", s.Zones, got)
		}
	}
}

func TestZonesShowTheirProperties(t *testing.T) {
	dir, releases := write(t, map[string]string{
		"sources/communes.yaml": strings.Replace(small["sources/communes.yaml"], "    name: {type: text}\n", "    name: {type: text}\n    since: {type: timestamp}\n    rank: {type: integer}\n", 1),
		"layers/communes.yaml":  small["layers/communes.yaml"] + "properties: [rank, since]\n",
		"communes.geojson":      strings.Replace(small["communes.geojson"], `"name":"Ouest"`, `"name":"Ouest","rank":7,"since":"2025-07-14T22:30:00Z"`, 1),
	}), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	file, err := layer.Open(filepath.Join(releases, result.Release, filepath.FromSlash(release.LayerPath("communes"))))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for i := range file.Len() {
		if f := file.Feature(i); f.ID == "1" && fmt.Sprint(f.Properties) != "map[name:Ouest rank:7 since:2025-07-15 00:30]" {
			t.Errorf("%v", f.Properties)
		}
	}
}

func TestOddInputsGiveAReleaseOrAnAnswer(t *testing.T) {
	point := func(id string) string { return fmt.Sprintf(`%s,1.5,43.5`, id) }
	feature := func(g string) string { return `{"type":"Feature","properties":{"code":"9"},"geometry":` + g + `}` }
	with := func(f string) string { return strings.Replace(small["communes.geojson"], "]}\n", ","+f+"]}\n", 1) }
	for name, c := range map[string]struct {
		change map[string]string
		fails  string // "" when a release must come
	}{
		"only_a_header":             {map[string]string{"stops.csv": "id,lon,lat\n"}, ""},
		"an_empty_file":             {map[string]string{"stops.csv": ""}, "empty"},
		"only_a_byte_order_mark":    {map[string]string{"stops.csv": "\ufeff"}, "stops"},
		"only_line_ends":            {map[string]string{"stops.csv": "\n\n\n"}, "stops"},
		"every_row_rejected":        {map[string]string{"stops.csv": "id,lon,lat\na,,\nb,,\n", "sources/stops.yaml": strings.Replace(small["sources/stops.yaml"], "50%", "100%", 1)}, ""},
		"quotes_and_semicolons":     {map[string]string{"stops.csv": "id,lon,lat\n" + point(`"a""; DROP TABLE zone; --"`) + "\n" + point(`'`) + "\n" + point(`\`) + "\n"}, ""},
		"unicode":                   {map[string]string{"stops.csv": "id,lon,lat\n" + point("été 🚲") + "\n" + point("e\u0301\u202e") + "\n"}, ""},
		"nul_bytes":                 {map[string]string{"stops.csv": "id,lon,lat\n" + point("a\x00b") + "\n" + point("c") + "\n"}, "binary file"},
		"an_escaped_nul":            {map[string]string{"communes.geojson": strings.Replace(small["communes.geojson"], "Est", `E\u0000st`, 1)}, ""},
		"half_a_character":          {map[string]string{"communes.geojson": strings.Replace(small["communes.geojson"], "Est", `E\ud800st`, 1)}, ""},
		"bytes_that_are_no_text":    {map[string]string{"stops.csv": "id,lon,lat\n" + point("\xff\xfe") + "\n" + point("c") + "\n", "sources/stops.yaml": strings.Replace(small["sources/stops.yaml"], "read: {", "read: {encoding: utf-8, ", 1)}, ""},
		"a_field_of_two_megabytes":  {map[string]string{"stops.csv": "id,lon,lat\n" + point(strings.Repeat("x", 2<<20)) + "\n"}, ""},
		"coordinates_out_of_range":  {map[string]string{"stops.csv": "id,lon,lat\na,1e308,-1e308\nb,1.5,43.5\n"}, ""},
		"a_line_among_polygons":     {map[string]string{"communes.geojson": with(feature(`{"type":"LineString","coordinates":[[1,43],[2,43]]}`))}, "geometry_"},
		"a_zone_without_id":         {map[string]string{"communes.geojson": strings.Replace(small["communes.geojson"], `"code":"2",`, "", 1)}, "missing_value"},
		"zones_of_one_name":         {map[string]string{"communes.geojson": strings.Replace(small["communes.geojson"], "Est", "Ouest", 1)}, ""},
		"no_zones":                  {map[string]string{"communes.geojson": `{"type":"FeatureCollection","features":[]}`}, "no column"},
		"a_column_twice":            {map[string]string{"stops.csv": "id,id,lon,lat\na,b,1.5,43.5\n"}, ""},
		"every_row_of_another_town": {map[string]string{"sources/stops.yaml": small["sources/stops.yaml"] + "keep: [{column: id, in: [z]}]\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			releases := t.TempDir()
			result, err := runIn(t.Context(), t, write(t, c.change), releases)
			switch {
			case c.fails == "" && err != nil:
				t.Fatal(err)
			case c.fails == "":
				for _, a := range result.Accounts {
					if a.Read != a.Loaded+a.Skipped+a.RejectedRows() {
						t.Errorf("%s: read %d, loaded %d, skipped %d, rejected %v", a.Source.ID, a.Read, a.Loaded, a.Skipped, a.Rejected)
					}
				}
			case err == nil || !strings.Contains(err.Error(), c.fails):
				t.Errorf("got %v, want %q", err, c.fails)
			case model.KindOf(err) == model.Internal || model.HintOf(err) == "":
				t.Errorf("%v: kind %v, hint %q", err, model.KindOf(err), model.HintOf(err))
			}
		})
	}
}

func TestWhatIsNoFileIsAnAnswer(t *testing.T) {
	for name, put := range map[string]func(path string) error{
		"an_empty_folder": func(path string) error { return os.Mkdir(path, 0o755) },
		"a_pipe":          func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a_broken_link":   func(path string) error { return os.Symlink("nowhere", path) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, nil)
			path := filepath.Join(dir, "stops.csv")
			if err := errors.Join(os.Remove(path), put(path)); err != nil {
				t.Fatal(err)
			}
			_, err := runIn(t.Context(), t, dir, t.TempDir())
			if err == nil || model.KindOf(err) == model.Internal || model.HintOf(err) == "" || !strings.Contains(err.Error(), "stops") {
				t.Errorf("%v: hint %q", err, model.HintOf(err))
			}
		})
	}
}

func TestASourceThatRefersToAnAbsentOne(t *testing.T) {
	lines := func(old string) string {
		return strings.Replace(small["sources/stops.yaml"], "contract:", old+"contract:", 1)
	}
	other := strings.NewReplacer("source: stops", "source: towns", "stops.csv", "towns.csv", "vintage: \"2026\"\n", "vintage: \"2026\"\noptional: true\n",
		`read: {crs: "EPSG:4326"}`, "read: {}", "  geometry: {type: point, x: lon, y: lat}\n", "").Replace(small["sources/stops.yaml"])
	other, _, _ = strings.Cut(other, "behaviour:")
	t.Run("refers_is_left_unchecked_and_said", func(t *testing.T) {
		var log strings.Builder
		dir := more(t, map[string]string{"sources/towns.yaml": other,
			"sources/stops.yaml": strings.Replace(small["sources/stops.yaml"], "unique: true, required: true}", "unique: true, required: true, refers: towns.id}", 1)})
		_, err := Run(t.Context(), Options{Territory: territory(t, dir), Releases: t.TempDir(), Folders: []string{dir}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil || !strings.Contains(log.String(), "refers=towns.id") {
			t.Errorf("%v\n%s", err, log.String())
		}
	})
	t.Run("found_in_cannot_be_decided", func(t *testing.T) {
		dir := more(t, map[string]string{"sources/towns.yaml": other, "sources/stops.yaml": lines("keep: [{column: id, found_in: towns.id}]\n")})
		_, err := runIn(t.Context(), t, dir, t.TempDir())
		if model.KindOf(err) != model.NotFound || !strings.Contains(model.HintOf(err), "towns") {
			t.Errorf("%v, hint %q", err, model.HintOf(err))
		}
	})
}

func TestTheToleranceIsOverTheTerritorysOwnRows(t *testing.T) {
	rows := "id,lon,lat\na,1.5,43.5\na,1.5,43.5\n"
	for i := range 100 {
		rows += fmt.Sprintf("far%d,9,43.5\n", i)
	}
	source := strings.Replace(small["sources/stops.yaml"], "50%", "10%", 1) + "keep: [{within: commune}]\n"
	_, err := runIn(t.Context(), t, write(t, map[string]string{"stops.csv": rows, "sources/stops.yaml": source}), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "1 of 2 rows") {
		t.Errorf("got %v", err)
	}
}

func TestNoNumberOfThreadsChangesARelease(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("code,n\n")
	for i := range 300_000 {
		fmt.Fprintf(&rows, "%d,%d.%06d\n", 1+i%2, 90_000+i%1000, i*7919%1_000_000)
	}
	dir := more(t, map[string]string{
		"sources/table.yaml": tableSource("    code: {type: text, role: place}\n    n: {type: number}\n", sums), "table.csv": rows.String()})
	contents := map[string]bool{}
	for _, threads := range []int{1, 2, 4} {
		result, err := Run(t.Context(), Options{Territory: territory(t, dir), Releases: t.TempDir(), Folders: []string{dir}, Threads: threads, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		contents[result.Release[len(result.Release)-6:]] = true
	}
	if len(contents) != 1 {
		t.Errorf("%d releases of the same inputs: %v", len(contents), contents)
	}
}

func TestARunMayBeStoppedAtAnyMoment(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	dir, releases := write(t, nil), t.TempDir()
	start := time.Now()
	good, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start)
	for i := range 20 {
		ctx, cancel := context.WithTimeout(t.Context(), whole*time.Duration(i)/20)
		_, err := runIn(ctx, t, dir, releases)
		cancel()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("stopped after %d/20: %v", i, err)
		}
	}
	current, err := release.Current(releases)
	if err != nil || current != good.Release {
		t.Errorf("the pointer is at %s, %v", current, err)
	}
	if left, _ := filepath.Glob(filepath.Join(releases, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
