package declare

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"jumeau/model"
)

const counts = `template: city/counts
summary: {fr: Comptages, en: Counts}
editions: "20[0-9]{2}"
edition: "2024"
with:
  town: {title: {fr: Commune, en: Commune}, example: "31113", pattern: "[0-9]{5}"}
source:
  title: {fr: Comptages, en: Counts}
  from: {path: "raw/${town}-${edition}.csv", url: "https://example.org/${town}"}
  producer: City
  licence: Licence Ouverte 2.0
  vintage: ${edition}
  contract:
    columns:
      town: {from: insee, type: text, role: place, required: true}
      count: {from: "^N(?P<vintage>${yy})_COUNT$", type: integer, role: value, min: 0}
      noise: {type: number}
  keep:
    - {column: town, in: ["${town}"]}
  behaviour: {class: A}
  measures:
    count: {title: {fr: Compte, en: Count}, unit: {fr: passages, en: passages}, value: count, zones: cell_1km, zone: town}
    noise: {title: {fr: Bruit, en: Noise}, unit: {fr: dB, en: dB}, value: noise, zones: cell_1km, zone: town}
  examples:
    - given: {insee: "31113", noise: "4"}
      expect: {town: "31113", noise: 4}
variants:
  - editions: "2019|2020"
    source:
      contract: {columns: {count: {from: TOTAL}}}
      producer: Old city
`

const inPlace = "territory: ours\ntitle: {fr: A, en: A}\nbbox: [1, 43, 2, 44]\ntime_zone: Europe/Paris\nzones: [cell_1km]\n"

// readWithTemplate reads a territory whose only source is given.
func readWithTemplate(t *testing.T, source string) (*model.Territory, error) {
	t.Helper()
	return ReadWith(fstest.MapFS{"territory.yaml": {Data: []byte(inPlace)}, "sources/c.yaml": {Data: []byte(source)}},
		Options{Templates: fstest.MapFS{"city/counts/template.yaml": {Data: []byte(counts)}}})
}

func TestATemplateSaysEverythingButTheName(t *testing.T) {
	got, err := readWithTemplate(t, "source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\n")
	if err != nil {
		t.Fatal(err)
	}
	s := got.Sources[0]
	if s.From.Path != "raw/31113-2024.csv" || s.Vintage != "2024" || s.Contract.Columns["count"].From != "^N(?P<vintage>24)_COUNT$" ||
		s.Keep[0].In[0] != "31113" || len(s.Examples) != 1 || s.Producer != "City" {
		t.Errorf("%+v", s)
	}
}

func TestAnEditionOfATemplateMayDiffer(t *testing.T) {
	got, err := readWithTemplate(t, "source: c\ntemplate: city/counts@2019\nwith: {town: \"31113\"}\n")
	if err != nil {
		t.Fatal(err)
	}
	s := got.Sources[0]
	if c := s.Contract.Columns["count"]; c.From != "TOTAL" || c.Type != "integer" || s.Producer != "Old city" || s.Vintage != "2019" {
		t.Errorf("%+v %+v", c, s)
	}
}

func TestASourceOverridesItsTemplateKeyByKey(t *testing.T) {
	got, err := readWithTemplate(t, `source: c
template: city/counts@2024
with: {town: "31113"}
title: {fr: Les nôtres}
from: {path: mine.csv, url: null}
contract:
  columns:
    count: {from: ours}
    noise: null
measures: {noise: null, count: {decimals: 2}}
keep: []
`)
	if err != nil {
		t.Fatal(err)
	}
	s := got.Sources[0]
	if s.Title != (model.Text{FR: "Les nôtres", EN: "Counts"}) || s.From != (model.From{Path: "mine.csv"}) || len(s.Keep) != 0 {
		t.Errorf("%+v", s)
	}
	if c := s.Contract.Columns["count"]; c.From != "ours" || c.Role != "value" || *c.Min != 0 {
		t.Errorf("count is %+v", c)
	}
	if names := slices.Sorted(maps.Keys(s.Contract.Columns)); !slices.Equal(names, []string{"count", "town"}) {
		t.Errorf("columns %v", names)
	}
	if m := s.Measures["count"]; len(s.Measures) != 1 || m.Decimals != 2 || m.Title.FR != "Compte" {
		t.Errorf("measures %+v", s.Measures)
	}
	if s.Examples != nil {
		t.Error("the template's examples are about a contract that this is not")
	}
}

func TestWhatATemplateSaysIsPrintedInFull(t *testing.T) {
	got, err := readWithTemplate(t, "source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\nmeasures: {noise: null}\n")
	if err != nil {
		t.Fatal(err)
	}
	text, err := Resolved(got)
	if err != nil {
		t.Fatal(err)
	}
	_, source, _ := strings.Cut(string(text), "# sources/c.yaml\n# from the template city/counts@2024\n")
	again, err := Read(fstest.MapFS{"territory.yaml": {Data: []byte(inPlace)}, "sources/c.yaml": {Data: []byte(source)}})
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if again.Sources[0].Measures["noise"] != nil || again.Sources[0].From.Path != "raw/31113-2024.csv" {
		t.Errorf("read again: %+v", again.Sources[0])
	}
}

func TestErrorsAroundTemplatesPointAtTheirPlace(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"no such template":     {"source: c\ntemplate: city/count@2024\n", `sources/c.yaml:2:11: there is no template "city/count" (did you mean "city/counts"?)`},
		"not a template":       {"source: c\ntemplate: Counts\n", `sources/c.yaml:2:11: "Counts" is not a template and its edition`},
		"no such edition":      {"source: c\ntemplate: city/counts@1999\nwith: {town: \"31113\"}\n", `sources/c.yaml:2:11: template city/counts describes the editions 20[0-9]{2}, not "1999"`},
		"no edition":           {"source: c\ntemplate: city/counts\nwith: {town: \"31113\"}\n", `say which edition: template: city/counts@2024`},
		"parameter missing":    {"source: c\ntemplate: city/counts@2024\n", `sources/c.yaml:2:11: template city/counts asks for with: {town: "31113"} (Commune)`},
		"parameter unknown":    {"source: c\ntemplate: city/counts@2024\nwith: {twn: \"31113\"}\n", `does not ask for with.twn`},
		"parameter ill-formed": {"source: c\ntemplate: city/counts@2024\nwith: {town: abc}\n", `with.town is "abc": it is written like "31113" (Commune)`},
		"bad override":         {"source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\ncontract: {columns: {count: {type: integre}}}\n", `sources/c.yaml:4:36: "integre" is not one of`},
		"unknown key":          {"source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\nlicense: MIT\n", `sources/c.yaml:4:1: unknown key "license" (did you mean "licence"?)`},
		"new column unfinished": {"source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\ncontract: {columns: {extra: {from: x}}}\n",
			`contract.columns.extra.type is missing`},
		"a reference of the template": {"source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\ncontract: {columns: {count: null}}\n",
			`sources/c.yaml:2:11: measures.count.value: the contract has no column "count" (there is "noise" or "town") (it stands in the template, templates/city/counts/template.yaml:22; give measures.count.value here to change it)`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readWithTemplate(t, c.source)
			var problems Problems
			if !errors.As(err, &problems) {
				t.Fatalf("no problem: %v", err)
			}
			if !strings.Contains(problems.Text(), c.want) {
				t.Errorf("%s\nlacks %s", problems.Text(), c.want)
			}
		})
	}
}

func TestABrokenTemplateIsReportedInItsOwnFile(t *testing.T) {
	broken := strings.Replace(counts, "  producer: City", "  producter: City", 1)
	_, err := ReadWith(fstest.MapFS{"territory.yaml": {Data: []byte(inPlace)}, "sources/c.yaml": {Data: []byte("source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\n")}},
		Options{Templates: fstest.MapFS{"city/counts/template.yaml": {Data: []byte(broken)}}})
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	if got := problems.Below("towns/ours").Text(); !strings.Contains(got, "\ntemplates/city/counts/template.yaml:10:3: unknown key \"producter\"") {
		t.Error(got)
	}
}

func TestATerritoryMayBringItsOwnTemplates(t *testing.T) {
	got, err := Read(fstest.MapFS{"territory.yaml": {Data: []byte(inPlace)}, "templates/city/counts/template.yaml": {Data: []byte(counts)},
		"sources/c.yaml": {Data: []byte("source: c\ntemplate: city/counts@2024\nwith: {town: \"31113\"}\n")}})
	if err != nil || got.Sources[0].Producer != "City" {
		t.Errorf("%v", err)
	}
}

func TestANullOutsideATemplateIsStillEmpty(t *testing.T) {
	_, err := Read(fstest.MapFS{"territory.yaml": {Data: []byte(inPlace + "schedule: null\n")}})
	var problems Problems
	if !errors.As(err, &problems) || !strings.Contains(problems.Text(), "schedule is empty") {
		t.Error(err)
	}
}
