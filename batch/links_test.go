package batch

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/release"
)

const segments = `source: segments
title: {fr: Tronçons, en: Segments}
from: {path: segments.geojson}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    id: {type: text, role: id, unique: true, required: true}
    name: {type: text}
    length: {type: number, unit: m}
  geometry: {type: line}
zones: {system: segment, title: {fr: Tronçons, en: Segments}, id: id, name: name}
`

const segmentsFile = `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"id":"main","name":"Grand-Rue","length":3000},"geometry":{"type":"LineString","coordinates":[[1.5,43.5],[1.52,43.5]]}},
{"type":"Feature","properties":{"id":"next","name":"Grand-Rue","length":1600},"geometry":{"type":"LineString","coordinates":[[1.52,43.5],[1.54,43.5]]}},
{"type":"Feature","properties":{"id":"side","name":"Ruelle","length":1600},"geometry":{"type":"LineString","coordinates":[[1.5,43.501],[1.52,43.501]]}},
{"type":"Feature","properties":{"id":"far","name":"","length":10},"geometry":{"type":"MultiLineString","coordinates":[[[2.5,43.5],[2.6,43.5]],[[2.6,43.6],[2.7,43.6]]]}}]}`

const traced = `source: traces
title: {fr: Traces, en: Traces}
from: {path: traces.csv}
read: {crs: "EPSG:4326"}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    device: {type: text, role: unit, required: true}
    at: {type: timestamp, role: time, required: true}
  geometry: {type: point, x: lon, y: lat}
behaviour:
  class: C
  unit: device
  purpose: {fr: essai, en: test}
  legal_basis: consent
  retention: P30D
  period: 2026-02
  publish:
    passed: {title: {fr: Passés, en: Passed}, shape: links, zones: segment, slot: day_type, l0: 3}
`

const countedOnSegments = `source: counts
title: {fr: Comptages, en: Counts}
from: {path: counts.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    segment: {type: text, role: place, required: true, refers: segments.id}
    day: {type: date, role: time, required: true}
    vehicles: {type: integer, role: value}
behaviour: {class: B}
measures:
  vehicles: {title: {fr: Véhicules, en: Vehicles}, unit: {fr: véhicules, en: vehicles}, value: vehicles, zones: segment, zone: segment, time: day, slots: [date], rollup: [commune]}
`

func withSegments(t testing.TB, change map[string]string) string {
	t.Helper()
	dir := write(t, map[string]string{"territory.yaml": strings.Replace(small["territory.yaml"], "[commune]", "[commune, segment]", 1)})
	for name, text := range change {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tracesOf are devices that go along the main street, 8 m beside it, a position every 100 m or so; some stop in the middle of
// it, on a working day, some go on; a few walk the side street.
func tracesOf(through, half, side int) string {
	var b strings.Builder
	b.WriteString("device,at,lon,lat\n")
	const metre = 1 / (111195.08 * 0.7253744) // degrees of longitude at 43.5° north
	walk := func(device string, from, to, lat float64) {
		at := time.Date(2026, 2, 3, 7, 0, 0, 0, time.UTC)
		for lon := from; lon <= to; lon += 100 * metre {
			fmt.Fprintf(&b, "%s,%s,%.7f,%.7f\n", device, at.Format(time.RFC3339), lon, lat)
			at = at.Add(10 * time.Second)
		}
	}
	for i := range through {
		walk(fmt.Sprintf("T%d", i), 1.4985, 1.5385, 43.50007)
	}
	for i := range half { // its last 200 m on the first segment are cut, and so is the rest: it never counts on the second
		walk(fmt.Sprintf("H%d", i), 1.4985, 1.5215, 43.50007)
	}
	for i := range side {
		walk(fmt.Sprintf("S%d", i), 1.5, 1.52, 43.50107)
	}
	return b.String()
}

func TestTracesAreCountedByStreetSegment(t *testing.T) {
	dir := withSegments(t, map[string]string{"sources/segments.yaml": segments, "segments.geojson": segmentsFile, "sources/traces.yaml": traced,
		"traces.csv": tracesOf(500, 300, 12), "layers/streets.yaml": `layer: streets
title: {fr: Rues, en: Streets}
geometry: {zones: segment, zoom: 8-14}
properties: [length]
measures: [passed]
`})
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	c := result.Manifest.Catalog
	if z, _ := c.ZoneSystem("segment"); z.Geometry != "line" || z.Count != 4 {
		t.Errorf("zone system %+v", z)
	}
	if l, _ := c.Layer("streets"); l.Geometry != "line" || l.Features != 4 || len(l.Measures) != 1 || l.Properties[1].Unit != "m" {
		t.Errorf("layer %+v", l)
	}
	f := figuresOf(t, releases, result.Release, "passed", "segment", "weekday")
	truth := map[int]float64{1: 800, 2: 500} // by index: far, main, next, side
	for i := range f.Value {
		want, counted := truth[i]
		switch {
		case counted != (f.Flag[i] == model.OK):
			t.Errorf("segment %d: %s", i, f.Flag[i])
		case counted && (f.Lo[i] >= f.Value[i] || f.Hi[i] <= f.Value[i] || math.Abs(f.Value[i]-want) > 80): // an interval misses 1 time in 20
			t.Errorf("segment %d: %v (%v to %v) devices, the truth %v", i, f.Value[i], f.Lo[i], f.Hi[i], want)
		}
	}
	for _, slot := range []model.Slot{"saturday", "sunday"} {
		for i, flag := range figuresOf(t, releases, result.Release, "passed", "segment", slot).Flag {
			if flag != model.NotPublished {
				t.Errorf("%s, segment %d: %s", slot, i, flag)
			}
		}
	}
}

// Beyond the declared distance a position is on no street.
func TestPositionsFarFromEveryStreetCountNowhere(t *testing.T) {
	near := strings.Replace(traced, "slot: day_type,", "slot: day_type, snap: 5,", 1)
	dir := withSegments(t, map[string]string{"sources/segments.yaml": segments, "segments.geojson": segmentsFile, "sources/traces.yaml": near, "traces.csv": tracesOf(500, 0, 0)})
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	for i, flag := range figuresOf(t, releases, result.Release, "passed", "segment", "weekday").Flag {
		if flag == model.OK {
			t.Errorf("segment %d has a figure, all positions are 8 m beside the street", i)
		}
	}
}

func TestCountersJoinTheirStreetSegmentById(t *testing.T) {
	dir := withSegments(t, map[string]string{"sources/segments.yaml": segments, "segments.geojson": segmentsFile, "sources/counts.yaml": countedOnSegments,
		"counts.csv": "segment,day,vehicles\nmain,2026-02-03,900\nmain,2026-02-03,20\nfar,2026-02-03,7\n", "layers/streets.yaml": `layer: streets
title: {fr: Rues, en: Streets}
geometry: {zones: segment, zoom: 8-14}
measures: [vehicles]
`})
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	f := figuresOf(t, releases, result.Release, "vehicles", "segment", "2026-02-03")
	if f.Value[0] != 7 || f.Value[1] != 920 || f.Flag[2] != model.NoData || f.Flag[3] != model.NoData {
		t.Errorf("%v %v", f.Value, f.Flag)
	}
	communes := figuresOf(t, releases, result.Release, "vehicles", "commune", "2026-02-03")
	if communes.Value[0] != 920 || communes.Value[1] != 7 {
		t.Errorf("by commune %v", communes.Value)
	}
	if m, ok := result.Manifest.Catalog.Measure("vehicles"); !ok || m.Systems[0].Account != (release.Account{Rows: 3}) {
		t.Errorf("account %+v", m.Systems)
	}
}

func TestWhatLinesCannotDoIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]string
		says   string
	}{
		"hold rows":                          {map[string]string{"sources/stops.yaml": strings.Replace(small["sources/stops.yaml"], "zones: commune", "zones: segment", 1)}, "must hold the line's id"},
		"be summed up to":                    {map[string]string{"sources/stops.yaml": strings.Replace(small["sources/stops.yaml"], "zones: commune", "zones: commune\n    rollup: [segment]", 1)}, "hold nothing"},
		"keep features":                      {map[string]string{"sources/stops.yaml": strings.Replace(small["sources/stops.yaml"], "behaviour:", "keep: [{within: segment}]\nbehaviour:", 1)}, "hold nothing"},
		"have a reach where zones are areas": {map[string]string{"sources/traces.yaml": strings.Replace(traced, "zones: segment,", "zones: commune, snap: 20,", 1)}, "snap is for zones that are lines"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"sources/segments.yaml": segments}
			for k, v := range c.change {
				files[k] = v
			}
			if got := declareProblem(withSegments(t, files)); !strings.Contains(got, c.says) {
				t.Errorf("the declaration says %q", got)
			}
		})
	}
}
