package batch

import (
	"os"
	"strings"
	"testing"

	"jumeau/internal/realdata"
	"jumeau/model/declare"
)

const roads = `source: roads
title: {fr: Rues, en: Roads}
from: {path: roads.fgb}
READ
producer: OpenStreetMap
licence: ODbL 1.0
vintage: "2024"
contract:
  columns:
    kind: {from: highway, type: text}
  geometry: {type: line}
KEEP
`

// What is clipped to the zones before it is kept within them is what is kept without clipping, and less is read.
func TestClippingReadsLessAndKeepsTheSame(t *testing.T) {
	file, err := os.ReadFile(realdata.Path(t, "amsterdam-roads/amsterdam_roads.fgb"))
	if err != nil {
		t.Fatal(err)
	}
	centre := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"1","name":"Centrum"},"geometry":
{"type":"Polygon","coordinates":[[[4.88,52.36],[4.91,52.36],[4.91,52.38],[4.88,52.38],[4.88,52.36]]]}}]}`
	account := func(read, keep string) (rows, loaded, skipped int64) {
		text := strings.Replace(strings.Replace(roads, "READ", read, 1), "KEEP", keep, 1)
		dir := fill(t, map[string]string{"territory.yaml": strings.Replace(small["territory.yaml"], "[1, 43, 3, 44]", "[4.87, 52.35, 4.92, 52.39]", 1),
			"sources/communes.yaml": small["sources/communes.yaml"], "communes.geojson": centre, "sources/roads.yaml": text, "roads.fgb": string(file)})
		result, err := runIn(t.Context(), t, dir, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range result.Accounts {
			if a.Source.ID == "roads" {
				return a.Read, a.Loaded, a.Skipped
			}
		}
		t.Fatal("no account of the roads")
		return 0, 0, 0
	}
	within := "keep: [{within: commune}]"
	all, want, _ := account("", within)
	for _, clip := range []string{"commune", "territory"} {
		rows, loaded, skipped := account("read: {clip: "+clip+"}", within)
		if loaded != want || rows >= all/2 || rows != loaded+skipped {
			t.Errorf("clip %s: %d read, %d loaded, %d skipped; without: %d read, %d loaded", clip, rows, loaded, skipped, all, want)
		}
	}
	if rows, loaded, _ := account("read: {clip: commune}", ""); rows != loaded || loaded < want {
		t.Errorf("clipped only: %d read, %d loaded; within the zones are %d", rows, loaded, want)
	}
	if all != 21648 || want == 0 {
		t.Errorf("%d roads, %d within", all, want)
	}
}

func TestAClipThatCannotBeIsToldByTheDeclaration(t *testing.T) {
	for want, change := range map[string][2]string{
		"needs contract.geometry":           {"  geometry: {type: line}\n", ""},
		"is not among the zones":            {"clip: commune", "clip: comune"},
		"name a system that a source gives": {"clip: commune", "clip: cell_1km"},
		"coordinates of different systems":  {"{type: line}", "{type: point, x: x, y: y, crs: epsg}"},
		"clip is for open sources":          {"geometry: {type: line}", "geometry: {type: line}\nbehaviour: {class: C, unit: person, purpose: {fr: a, en: b}, legal_basis: public task, retention: P30D}"},
	} {
		text := strings.Replace(strings.Replace(roads, "READ", "read: {clip: commune}", 1), "KEEP", "", 1)
		dir := fill(t, map[string]string{"territory.yaml": strings.Replace(small["territory.yaml"], "[commune]", "[commune, cell_1km]", 1),
			"sources/communes.yaml": small["sources/communes.yaml"], "sources/roads.yaml": strings.Replace(text, change[0], change[1], 1)})
		_, err := declare.Read(os.DirFS(dir))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
