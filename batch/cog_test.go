package batch

import (
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// moved is a territory of invented communes in their codes of 2025: 10 took 11 in 2019; 20 was split into 20 and 21 in 2023.
var moved = map[string]string{
	"territory.yaml": `territory: moved
title: {fr: Essai, en: Trial}
bbox: [1, 43, 4, 44]
time_zone: Europe/Paris
zones: [commune]
cog: {year: 2025, movements: movements, population: towns}
`,
	"sources/communes.yaml": small["sources/communes.yaml"],
	"communes.geojson": `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"10","name":"Dix"},"geometry":{"type":"Polygon","coordinates":[[[1,43],[2,43],[2,44],[1,44],[1,43]]]}},
{"type":"Feature","properties":{"code":"20","name":"Vingt"},"geometry":{"type":"Polygon","coordinates":[[[2,43],[3,43],[3,44],[2,44],[2,43]]]}},
{"type":"Feature","properties":{"code":"21","name":"Vingt et un"},"geometry":{"type":"Polygon","coordinates":[[[3,43],[4,43],[4,44],[3,44],[3,43]]]}},
{"type":"Feature","properties":{"code":"75056","name":"Paris"},"geometry":{"type":"Polygon","coordinates":[[[4,43],[5,43],[5,44],[4,44],[4,43]]]}}]}
`,
	"sources/movements.yaml": table("movements", "date: {type: date}\n    before: {type: text}\n    after: {type: text}", ""),
	"movements.csv":          "date,before,after\n2019-01-01,10,10\n2019-01-01,11,10\n2023-01-01,20,20\n2023-01-01,20,21\n",
	"sources/towns.yaml":     table("towns", "code: {type: text, role: place}\n    people: {type: integer, role: value}", ""),
	"towns.csv":              "code,people\n10,500\n20,300\n21,100\n",
	"sources/jobs.yaml": table("jobs", "code: {type: text, required: true, unique: true}\n    jobs: {type: integer, role: value, withheld: [s]}\n  reject_at_most: 50%", `cog: {year: 2018, columns: [code]}
keep: [{column: code, found_in: communes.code}]
behaviour: {class: A}
measures:
  jobs: {title: {fr: Emplois, en: Jobs}, unit: {fr: emplois, en: jobs}, value: jobs, zones: commune, zone: code}
  rows: {title: {fr: Lignes, en: Rows}, unit: {fr: lignes, en: rows}, zones: commune, zone: code}
`),
	"jobs.csv": "code,jobs\n10,40\n11,2\n20,80\n75101,5\n75102,6\n99,1000\n",
	"sources/trips.yaml": table("trips", "home: {type: text}\n    work: {type: text}\n    n: {type: number}", `cog: {year: 2018, columns: [home, work]}
behaviour: {class: A}
flows:
  trips: {title: {fr: Trajets, en: Trips}, unit: {fr: trajets, en: trips}, zones: commune, origin: home, destination: work, value: n}
`),
	"trips.csv": "home,work,n\n11,10,7\n20,10,8\n20,20,16\n",
	"layers/communes.yaml": `layer: communes
title: {fr: Communes, en: Communes}
geometry: {zones: commune, zoom: 5-12}
measures: [jobs, rows]
flows: [trips]
`,
}

func table(id, columns, rest string) string {
	return fmt.Sprintf("source: %s\ntitle: {fr: A, en: A}\nfrom: {path: %s.csv}\nproducer: nobody\nlicence: none\nvintage: \"2026\"\ncontract:\n  columns:\n    %s\n%s", id, id, columns, rest)
}

// movedRun runs it with some files changed, and gives the figures by measure as "value/flag" by zone.
func movedRun(t *testing.T, change map[string]string) (figures map[string]string, log string, result *Result, dir string) {
	t.Helper()
	files := map[string]string{}
	for name, text := range moved {
		files[name] = text
	}
	for name, text := range change {
		files[name] = text
	}
	folder, releases := fill(t, files), t.TempDir()
	var out strings.Builder
	result, err := Run(t.Context(), Options{Territory: territory(t, folder), Releases: releases, Folders: []string{folder}, Log: slog.New(slog.NewTextHandler(&out, nil))})
	if err != nil {
		t.Fatalf("%v (%s)", err, model.HintOf(err))
	}
	figures = map[string]string{}
	for _, name := range []string{"jobs", "rows"} {
		values, err := frame.OpenValues(filepath.Join(releases, result.Release, filepath.FromSlash(release.ValuesPath(name, "commune"))))
		if err != nil {
			t.Fatal(err)
		}
		f, _ := values.At(model.All)
		var parts []string
		for i, v := range f.Value {
			parts = append(parts, fmt.Sprintf("%v/%v", v, f.Flag[i]))
		}
		figures[name] = strings.Join(parts, " ")
		values.Close()
	}
	return figures, out.String(), result, filepath.Join(releases, result.Release)
}

func TestCodesOfAnOlderVintageAreBroughtToTheTerritorys(t *testing.T) {
	figures, _, result, _ := movedRun(t, nil)
	if got := figures["jobs"]; got != "42/ok 60/estimated 20/estimated 11/ok" {
		t.Errorf("jobs %s", got)
	}
	if got := figures["rows"]; got != "2/ok 0.75/estimated 0.25/estimated 2/ok" {
		t.Errorf("rows %s", got)
	}
	jobs, _ := result.Manifest.Catalog.Source("jobs")
	if got := fmt.Sprint(jobs.Read, jobs.Loaded, jobs.Skipped, jobs.Rejected); got != "6 5 1 []" {
		t.Errorf("jobs: %s; every row counts once", got)
	}
}

func TestFlowsAreSharedAtBothEnds(t *testing.T) {
	_, _, _, dir := movedRun(t, nil)
	flows, err := frame.OpenFlows(filepath.Join(dir, filepath.FromSlash(release.FlowsPath("trips", "commune"))))
	if err != nil {
		t.Fatal(err)
	}
	defer flows.Close()
	p, ok := flows.At(model.All)
	if !ok {
		t.Fatal("no flows")
	}
	sum, got := 0.0, []string{}
	for i := range p.Origin {
		sum += p.Value[i]
		got = append(got, fmt.Sprintf("%d>%d %v/%v", p.Origin[i], p.Destination[i], p.Value[i], p.Flag[i]))
	}
	if want := "0>0 7/ok, 1>0 6/estimated, 1>1 9/estimated, 1>2 3/estimated, 2>0 2/estimated, 2>1 3/estimated, 2>2 1/estimated"; strings.Join(got, ", ") != want || math.Abs(sum-31) > 1e-9 {
		t.Errorf("%s, in all %v", strings.Join(got, ", "), sum)
	}
}

// A mark of secrecy is no zero: what is withheld stays withheld in every part, and a sum that lacks a withheld part says so.
func TestSecrecyMarksSurviveMergersAndSplits(t *testing.T) {
	figures, _, _, _ := movedRun(t, map[string]string{"jobs.csv": "code,jobs\n10,s\n11,s\n20,s\n"})
	if got := figures["jobs"]; !strings.Contains(got, "not_published") || strings.Count(got, "not_published") != 3 {
		t.Errorf("all withheld: %s", got)
	}
	figures, _, _, _ = movedRun(t, map[string]string{"jobs.csv": "code,jobs\n10,40\n11,s\n20,80\n"})
	if got := figures["jobs"]; !strings.HasPrefix(got, "40/partial 60/estimated 20/estimated") {
		t.Errorf("a part withheld: %s", got)
	}
}

func TestASplitWithoutPopulationIsEvenAndSaid(t *testing.T) {
	figures, log, _, _ := movedRun(t, map[string]string{"territory.yaml": strings.Replace(moved["territory.yaml"], ", population: towns", "", 1)})
	if got := figures["jobs"]; !strings.HasPrefix(got, "42/ok 40/estimated 40/estimated") || !strings.Contains(log, "communes=20") {
		t.Errorf("%s\n%s", got, log)
	}
}

func TestACodeThatIsTwiceInTheFileIsStillADuplicate(t *testing.T) {
	_, _, result, _ := movedRun(t, map[string]string{"jobs.csv": "code,jobs\n10,40\n11,2\n11,3\n20,80\n"})
	jobs, _ := result.Manifest.Catalog.Source("jobs")
	if got := fmt.Sprint(jobs.Read, jobs.Loaded, jobs.Skipped, jobs.Rejected); got != "4 3 0 [{duplicate 1}]" {
		t.Errorf("jobs: %s", got)
	}
}
