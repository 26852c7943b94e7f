package batch

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/verify"
)

const presentDevices = `source: devices
title: {fr: Appareils, en: Devices}
from: {path: devices.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    device: {type: text, role: unit, required: true}
    quarter: {type: text, role: place, required: true, refers: quarters.code}
behaviour:
  class: C
  unit: device
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
  period: 2026-02
  publish:
    here: {title: {fr: Présents, en: Present}, shape: presence, zones: quarter, levels: [commune], totals: true, adaptive: here_grain, l0: 1}
`

// counts by quarter: in the first commune one quarter stands and the rest only together, in the second all stand, in the third nothing.
var presentIn = [quarterCount]int{900, 30, 30, 30, 800, 700, 600, 900, 10, 10, 10, 10}

func devicesFile() string {
	var b strings.Builder
	b.WriteString("device,quarter\n")
	for q, n := range presentIn {
		for i := range n {
			fmt.Fprintf(&b, "D%d-%d,%d%d\n", q, i, q/4+1, q%4+1)
		}
	}
	return b.String()
}

const grainLayer = `layer: here
title: {fr: Présents, en: Present}
geometry: {zones: here_grain, zoom: 5-12}
measures: [here]
`

func TestTheFinestGrainThatStandsIsALayerOfItsOwn(t *testing.T) {
	dir := townWith(t, map[string]string{"sources/devices.yaml": presentDevices, "devices.csv": devicesFile(), "layers/here.yaml": grainLayer})
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	zones := piecesOf(t, releases, result.Release, "here_grain")
	f := figuresOf(t, releases, result.Release, "here", "here_grain", model.All)
	want := map[string]struct {
		truth int
		name  string
	}{"quarter:11": {900, "Quarter 1 of 1"}, "commune:1": {90, "Commune 1 (reste)"}, "quarter:21": {800, ""}, "quarter:22": {700, ""}, "quarter:23": {600, ""},
		"quarter:24": {900, ""}, "commune:3": {0, "Commune 3"}}
	if len(zones.ID) != len(want) {
		t.Fatalf("the pieces are %v", zones.ID)
	}
	area := 0.0
	for i, id := range zones.ID {
		w, ok := want[id]
		switch {
		case !ok || w.name != "" && zones.Name[i] != w.name:
			t.Errorf("piece %q, named %q", id, zones.Name[i])
		case w.truth == 0:
			if f.Flag[i] != model.NotPublished {
				t.Errorf("%s: %v", id, f.Value[i])
			}
		case f.Flag[i] != model.OK || f.Lo[i] >= f.Value[i] || f.Hi[i] <= f.Value[i] || math.Abs(f.Value[i]-float64(w.truth)) > 60: // an interval misses 1 time in 20
			t.Errorf("%s: %v (%v to %v), the truth %d", id, f.Value[i], f.Lo[i], f.Hi[i], w.truth)
		}
		area += zones.Area[i]
	}
	whole := 0.0
	for _, a := range piecesOf(t, releases, result.Release, "authority").Area {
		whole += a
	}
	if math.Abs(area-whole) > 1e-6*whole {
		t.Errorf("the pieces have %v m², the territory %v: they overlap or leave gaps", area, whole)
	}
	// Nothing is counted twice: the pieces of a commune are its figure.
	communes := figuresOf(t, releases, result.Release, "here", "commune", model.All)
	sums := map[byte]float64{}
	for i, id := range zones.ID {
		if f.Flag[i] == model.OK {
			sums[id[strings.IndexByte(id, ':')+1]] += f.Value[i]
		}
	}
	if sums['1'] != communes.Value[0] || sums['2'] != communes.Value[1] {
		t.Errorf("pieces add up to %v, communes are %v", sums, communes.Value)
	}
	c := result.Manifest.Catalog
	layer, ok := c.Layer("here")
	if !ok || layer.Geometry != "polygon" || layer.Features != int64(len(want)) || len(layer.Properties) != 2 || layer.Properties[1].Name != "level" {
		t.Errorf("layer %+v", layer)
	}
	m, _ := c.Measure("here")
	if len(m.Totals) != 1 || math.Abs(m.Totals[0].Value-4030) > 100 || m.Totals[0].Lo >= m.Totals[0].Hi || m.Totals[0].Rests["quarter"] < 92 || m.Totals[0].Rests["quarter"] > 200 {
		t.Errorf("totals %+v of 4030", m.Totals)
	}
	if _, small := m.Totals[0].Rests["commune"]; small {
		t.Error("a rest of forty devices is told")
	}
}

func TestTheTotalsAndPiecesOfAnAdaptiveGrainAreVerified(t *testing.T) {
	dir := townWith(t, map[string]string{"sources/devices.yaml": presentDevices, "devices.csv": devicesFile(), "layers/here.yaml": grainLayer})
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	report, err := verify.Run(t.Context(), verify.Options{Releases: releases, ID: result.Release})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Checks {
		if c.State == verify.Failed {
			t.Errorf("%s: %v", c.ID, c.Found)
		}
	}
}

func piecesOf(t testing.TB, releases, id, system string) *frame.Zones {
	t.Helper()
	z, err := frame.ReadZones(filepath.Join(releases, id, filepath.FromSlash(release.ZonesPath(system))))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// The raw file is gone, another source changes: zones, figures, totals and layer are what they were.
func TestAnAdaptiveGrainIsCarriedOver(t *testing.T) {
	dir := townWith(t, map[string]string{"sources/devices.yaml": presentDevices, "devices.csv": devicesFile(), "layers/here.yaml": grainLayer})
	releases := t.TempDir()
	first, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "devices.csv")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "stops.csv"), []byte("id,lon,lat\na,1.2,43.1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	next, err := runIn(t.Context(), t, dir, releases)
	if err != nil || !next.Published {
		t.Fatalf("%+v, %v", next, err)
	}
	before, after := piecesOf(t, releases, first.Release, "here_grain"), piecesOf(t, releases, next.Release, "here_grain")
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("zones were\n%v\nand are\n%v", before, after)
	}
	was, is := figuresOf(t, releases, first.Release, "here", "here_grain", model.All), figuresOf(t, releases, next.Release, "here", "here_grain", model.All)
	if fmt.Sprint(was) != fmt.Sprint(is) {
		t.Errorf("figures were\n%v\nand are\n%v", was, is)
	}
	m, _ := first.Manifest.Catalog.Measure("here")
	n, _ := next.Manifest.Catalog.Measure("here")
	if fmt.Sprint(m.Totals) != fmt.Sprint(n.Totals) {
		t.Errorf("totals were %v and are %v", m.Totals, n.Totals)
	}
	for _, name := range []string{"layers/here.parquet", "layers/here.arrow"} {
		a, errA := os.ReadFile(filepath.Join(releases, first.Release, filepath.FromSlash(name)))
		b, errB := os.ReadFile(filepath.Join(releases, next.Release, filepath.FromSlash(name)))
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("%s is another (%v, %v)", name, errA, errB)
		}
	}
}

func TestAnAdaptiveGrainNeedsLevelsAndANameOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct{ old, new, says string }{
		"no levels":         {"levels: [commune], ", "", "adaptive is for presence of class C with levels"},
		"a system's name":   {"adaptive: here_grain", "adaptive: commune", `there is a zone system "commune" already`},
		"an unknown system": {"adaptive: here_grain, ", "", `"here_grain" is not among the zones`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := townWith(t, map[string]string{"sources/devices.yaml": strings.Replace(presentDevices, c.old, c.new, 1), "layers/here.yaml": grainLayer})
			if got := declareProblem(dir); !strings.Contains(got, c.says) {
				t.Errorf("the declaration says %q", got)
			}
		})
	}
}
