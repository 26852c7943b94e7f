package batch

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"

	"jumeau/ingest/format"
	"jumeau/internal/realdata"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// folder writes files below a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// zonesOf is a territory of one zone system, with its zones in zones.geojson.
func zonesOf(system, shape string) map[string]string {
	return map[string]string{
		"territory.yaml": "territory: real\ntitle: {fr: Réel, en: Real}\nbbox: [-10, 40, 20, 60]\ntime_zone: Europe/Paris\nzones: [" + system + "]\n",
		"sources/zones.yaml": "source: zones\ntitle: {fr: Zones, en: Zones}\nfrom: {path: zones.geojson}\nproducer: nobody\nlicence: none\nvintage: \"2026\"\n" +
			"contract:\n  columns:\n    code: {type: text, role: id, required: true}\n  geometry: {type: " + shape + "}\n" +
			"zones: {system: " + system + ", title: {fr: Zones, en: Zones}, id: code}\n",
	}
}

const survey = `source: survey
title: {fr: Enquête, en: Survey}
from: {path: short_dist_trips.parquet}
producer: SDES, ENTD 2008
licence: Licence Ouverte
vintage: "2008"
contract:
  columns:
    respondent: {from: individual_id, type: text, role: unit, required: true}
    city: {from: city_category, type: text, role: place, refers: zones.code}
    mode: {from: mode_id, type: text, extract: "^([1-9])", in: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], title: {fr: Mode, en: Mode}}
    distance: {type: number, min: 0, unit: km}
    weight: {from: pondki, type: number, min: 0}
behaviour:
  class: G
  unit: respondent
  purpose: {fr: Parts modales, en: Modal split}
  legal_basis: public task
  retention: P5Y
  period: "2008"
  publish:
    modal_split: {title: {fr: Modes, en: Modes}, shape: split, zones: city, category: mode, weight: weight}
    trip_length: {title: {fr: Distances, en: Distances}, shape: histogram, zones: city, value: distance, edges: [0, 1, 2, 5, 10, 20, 40, 80]}
`

// The national transport survey of 2008, one row a trip of 17,738 respondents: class G. At least 30 respondents behind a figure, weights
// hidden, bounded noise that depends on who is in the cell.
func TestTheNationalSurveyIsPublishedAsASurvey(t *testing.T) {
	mirror := filepath.Dir(realdata.Path(t, "entd-2008/short_dist_trips.parquet"))
	files := zonesOf("city", "point")
	files["sources/survey.yaml"] = survey
	files["zones.geojson"] = `{"type":"FeatureCollection","features":[` + strings.Join([]string{pointZone("B", 1), pointZone("C", 2), pointZone("I", 3), pointZone("R", 4)}, ",") + `]}`
	dir, releases := folder(t, files), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases, mirror)
	if err != nil {
		t.Fatal(err)
	}
	respondents, weight := modesOfSurvey(t, filepath.Join(mirror, "short_dist_trips.parquet"))
	cities := []string{"B", "C", "I", "R"}
	published, worst := 0, 0.0
	for mode := 1; mode <= 9; mode++ {
		f := figuresOf(t, releases, result.Release, fmt.Sprintf("modal_split_%d", mode), "city", model.All)
		for i, city := range cities {
			k := fmt.Sprint(city, mode)
			if f.Flag[i] != model.OK {
				continue
			}
			published++
			if n := respondents[k]; n < 30 {
				t.Errorf("%s is published, from %d respondents", k, n)
			}
			if s := strconv.FormatFloat(f.Value[i], 'e', 2, 64); math.Abs(parse(t, s)-f.Value[i]) > 1e-6*f.Value[i] {
				t.Errorf("%s: %v has more than three digits, from which weights could be solved for", k, f.Value[i])
			}
			worst = max(worst, math.Abs(f.Value[i]/weight[k]-1))
			if weight[k] < f.Lo[i] || weight[k] > f.Hi[i] {
				t.Errorf("%s: %v to %v does not hold the weighted truth %v", k, f.Lo[i], f.Hi[i], weight[k])
			}
		}
	}
	t.Logf("%d of 36 cells published, greatest relative error %.2f %%", published, 100*worst)
	if published < 16 || worst > 0.1 {
		t.Errorf("%d cells published, greatest error %.3f", published, worst)
	}
	if hits := scan(t, "1100010200002", releases); len(hits) > 0 { // a respondent
		t.Errorf("a respondent is in %v", hits)
	}
	again, err := runIn(t.Context(), t, dir, releases, mirror)
	if err != nil || again.Published {
		t.Errorf("again: %+v, %v", again, err)
	}
}

func parse(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func pointZone(code string, lon int) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q},"geometry":{"type":"Point","coordinates":[%g,45]}}`, code, float64(lon)/100)
}

// modesOfSurvey counts respondents, and adds up the weights of trips, by city category and mode: the truth, by other means than the gate.
func modesOfSurvey(t testing.TB, path string) (respondents map[string]int, weight map[string]float64) {
	t.Helper()
	r, err := format.Open(t.Context(), path, format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]string{"individual_id", "city_category", "mode_id", "pondki"}); err != nil {
		t.Fatal(err)
	}
	type cell struct{ who, key string }
	weights := map[cell][]float64{}
	for {
		b, err := r.Next()
		if err != nil {
			break
		}
		for i := range b.Columns[0].Len() {
			c := cell{b.Columns[0].ValueStr(i), b.Columns[1].ValueStr(i) + b.Columns[2].ValueStr(i)[:1]}
			weights[c] = append(weights[c], b.Columns[3].(*array.Float64).Value(i))
		}
	}
	respondents, weight = map[string]int{}, map[string]float64{}
	for c, w := range weights {
		respondents[c.key]++
		for _, v := range w {
			weight[c.key] += v
		}
	}
	return respondents, weight
}

// The flows between the urban areas of Grand Est: 1,704 of 3,350 are below 11. As class D they are held to the promise of a producer, who
// did not keep it: none of them is published, and the reject table quotes none.
func TestFlowsBelowTheThresholdOfTheirProducerAreNotPublished(t *testing.T) {
	path := realdata.Path(t, "flows-grand-est/nav.csv")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var zones []string
	seen := map[string]bool{}
	above := 0
	for _, row := range rows[1:] {
		for _, id := range []string{row[0], row[3]} {
			if n, err := strconv.Atoi(id); err == nil && !seen[id] {
				seen[id] = true
				zones = append(zones, pointZone(id, n))
			}
		}
		if n, err := strconv.Atoi(row[6]); err == nil && n >= 11 {
			above++
		}
	}
	files := zonesOf("area", "point")
	files["zones.geojson"] = `{"type":"FeatureCollection","features":[` + strings.Join(zones, ",") + `]}`
	files["sources/commuting.yaml"] = `source: commuting
title: {fr: Navettes, en: Commuting}
from: {path: nav.csv}
producer: INSEE, RP 2011
licence: Licence Ouverte
vintage: "2011"
contract:
  columns:
    home: {from: i, type: text, role: origin, required: true}
    work: {from: j, type: text, role: destination, required: true}
    workers: {from: fij, type: integer, role: value, required: true}
  reject_at_most: 60%
behaviour: {class: D, threshold: 11}
flows:
  commuters: {title: {fr: Navettes, en: Commuters}, unit: {fr: actifs, en: workers}, zones: area, origin: home, destination: work, value: workers}
`
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, folder(t, files), releases, filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	s, _ := result.Manifest.Catalog.Source("commuting")
	if s.Read != 3350 || len(s.Rejected) != 1 || s.Rejected[0] != (release.Rejected{Code: "below_threshold", Count: 1704}) {
		t.Errorf("read %d, rejected %v", s.Read, s.Rejected)
	}
	flows, err := frame.OpenFlows(filepath.Join(releases, result.Release, filepath.FromSlash(release.FlowsPath("commuters", "area"))))
	if err != nil {
		t.Fatal(err)
	}
	defer flows.Close()
	pairs, _ := flows.At(model.All)
	if len(pairs.Value) != above || above != 1646 {
		t.Errorf("%d flows published, %d are 11 or more", len(pairs.Value), above)
	}
	for i, v := range pairs.Value {
		if v < 11 {
			t.Errorf("flow %d is %v", i, v)
		}
	}
}

// Eight buses: no figure about eight devices may be published, in any shape, whatever they did.
func TestNothingIsPublishedAboutEightBuses(t *testing.T) {
	path := realdata.Path(t, "gps-liverpool-bus/route14_outbound.csv")
	files := zonesOf("square", "polygon")
	files["zones.geojson"] = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"all"},"geometry":{"type":"Polygon","coordinates":[[[-3.2,53.2],[-2.7,53.2],[-2.7,53.6],[-3.2,53.6],[-3.2,53.2]]]}}]}`
	files["sources/buses.yaml"] = `source: buses
title: {fr: Bus, en: Buses}
from: {path: route14_outbound.csv}
read: {crs: "OGC:CRS84"}
producer: UK Bus Open Data Service
licence: Open Government Licence
vintage: "2026"
contract:
  columns:
    bus: {from: vehicle_id, type: text, role: unit, required: true}
    at: {from: timestamp, type: timestamp, role: time, required: true}
  geometry: {type: point, x: longitude, y: latitude}
behaviour:
  class: C
  unit: vehicle
  purpose: {fr: Vitesse des bus, en: Speed of buses}
  legal_basis: public task
  retention: P30D
  period: 2026-01
  units: 100
  publish:
    buses_present: {title: {fr: Bus présents, en: Buses present}, shape: presence, zones: square, slot: half_day, totals: true}
    buses_ever: {title: {fr: Bus passés, en: Buses that passed}, shape: presence, zones: square, l0: 1}
    buses_way: {title: {fr: Bus en route, en: Buses on their way}, shape: links, zones: square}
`
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, folder(t, files), releases, filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if a := result.Accounts[len(result.Accounts)-1]; a.Read != 1533 || a.Loaded != 1533 {
		t.Errorf("account: read %d, loaded %d, %v", a.Read, a.Loaded, a.Rejected)
	}
	figures := 0
	for _, m := range result.Manifest.Catalog.Measures {
		for _, slot := range m.Slots {
			f := figuresOf(t, releases, result.Release, m.ID, "square", slot)
			for i, flag := range f.Flag {
				if figures++; flag != model.NotPublished || !math.IsNaN(f.Value[i]) {
					t.Errorf("%s in slot %s: %v", m.ID, slot, f.Value[i])
				}
			}
		}
	}
	if figures != 6+1+1 {
		t.Errorf("%d figures could have been published", figures)
	}
	if n := len(charges(t, releases)); n != 1 {
		t.Errorf("%d charges: what is refused is charged like what is shown", n)
	}
}
