package declare

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"jumeau/model"
)

const goodTour = `---
title: {fr: Une visite, en: A tour}
question: 9
---

# Français

## [Les communes](#/communes?slot=all)

Du **gras**, de l'*italique* et [un lien](https://example.org).

- un
- deux,
  suite

# English

## [The communes](#/communes?slot=all)

Some **bold**, some *italic* and [a link](https://example.org).
`

// withTour is the base with a tour.
func withTour(text string) fstest.MapFS {
	all := folder(nil)
	all["tours/visit.md"] = &fstest.MapFile{Data: []byte(text)}
	return all
}

func TestATourIsReadAsStepsInBothLanguages(t *testing.T) {
	got, err := Read(withTour(goodTour))
	if err != nil {
		t.Fatal(err)
	}
	span := func(text string) model.TourSpan { return model.TourSpan{Text: text} }
	want := []model.TourStep{{View: "#/communes?slot=all", Line: 8, Layer: "communes", Slot: "all",
		FR: model.TourText{Title: "Les communes", Blocks: []model.TourBlock{
			{Lines: [][]model.TourSpan{{span("Du "), {Text: "gras", Strong: true}, span(", de l'"), {Text: "italique", Em: true}, span(" et "), {Text: "un lien", Href: "https://example.org"}, span(".")}}},
			{List: true, Lines: [][]model.TourSpan{{span("un")}, {span("deux, suite")}}}}},
		EN: model.TourText{Title: "The communes", Blocks: []model.TourBlock{
			{Lines: [][]model.TourSpan{{span("Some "), {Text: "bold", Strong: true}, span(", some "), {Text: "italic", Em: true}, span(" and "), {Text: "a link", Href: "https://example.org"}, span(".")}}}}}}}
	if len(got.Tours) != 1 || got.Tours[0].ID != "visit" || got.Tours[0].Title.EN != "A tour" || got.Tours[0].Question != 9 {
		t.Fatalf("%+v", got.Tours)
	}
	if diff := cmp.Diff(want, got.Tours[0].Steps); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsWrongInATourIsShownWhereItIs(t *testing.T) {
	for _, c := range []struct{ name, old, with, want string }{
		{"no front matter", "---\ntitle", "title", `1:1: begins with its front matter`},
		{"a misspelt key", "question: 9", "quastion: 9", `3:1: unknown key "quastion" (did you mean "question"?)`},
		{"a question without a page", "question: 9", "question: 3", `3:11: question 3 has no page`},
		{"a missing language of the title", "fr: Une visite, en: A tour", "fr: Une visite", `2:1: title.en is missing`},
		{"a missing title", "title: {fr: Une visite, en: A tour}\n", "", `1:1: title is missing`},
		{"another part", "# English", "# Deutsch", `16:1: "Deutsch": the parts of a tour are # Français and # English`},
		{"a part twice", "# English", "# Français", `16:1: comes twice`},
		{"a missing part", "# English\n", "", `1: a tour has steps in both languages`},
		{"a step without a view", "## [Les communes](#/communes?slot=all)", "## Les communes", `8:1: a step is a heading with the view it shows`},
		{"a heading too deep", "## [The", "### [The", `18:1: a step is a heading with the view it shows`},
		{"a view that differs", "## [The communes](#/communes?slot=all)", "## [The communes](#/communes)", `18:1: step 1 shows #/communes?slot=all in French (line 8) and #/communes in English`},
		{"no such layer", "#/communes?slot=all", "#/commune?slot=all", `8:21: there is no layer "commune" (did you mean "communes"?)`},
		{"no such key", "?slot=all", "?slots=all", `8:30: a view has no "slots" (did you mean "slot"?)`},
		{"the language", "?slot=all", "?lang=fr", `8:30: leave out lang`},
		{"no such moment", "?slot=all", "?slot=monday", `8:30: "monday" is no moment`},
		{"no place", "?slot=all", "?at=12", `8:30: at is ZOOM/LATITUDE/LONGITUDE`},
		{"no such figure", "?slot=all", "?show=trip", `8:30: layer "communes" does not show "trip"`},
		{"not a view", "(#/communes?slot=all)", "(https://example.org)", `8:19: "https://example.org" is no view`},
		{"HTML", "Du **gras**", "Du <b>gras</b>", `10:4: "<b>": a tour holds no HTML`},
		{"an entity", "Du **gras**", "Du&nbsp;**gras**", `10:3: "&nbsp;": a tour holds no HTML`},
		{"a picture", "[un lien]", "![un lien]", `a tour has no pictures`},
		{"a script", "https://example.org)", "javascript:alert)", `10:43: "javascript:alert": a link leads to a view of this page (#/…) or to https://…`},
		{"a quote", "Du **gras**", "> Du **gras**", `10:1: a tour has paragraphs, lists`},
		{"nothing said", "Some **bold**, some *italic* and [a link](https://example.org).\n", "", `18:1: says nothing about what it shows`},
		{"text before the first step", "# Français\n", "# Français\n\nBonjour.\n", `8:1: a text stands under a step`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(goodTour, c.old) {
				t.Fatalf("the tour has no %q", c.old)
			}
			problems := problemsOf(t, withTour(strings.ReplaceAll(goodTour, c.old, c.with)))
			if len(problems) == 0 || !strings.Contains(problems[0].String(), c.want) || problems[0].File != "tours/visit.md" {
				t.Errorf("%s\nwant %s", problems.Text(), c.want)
			}
		})
	}
}

// A view is copied from the address that the page writes, so that both must know the same parameters and questions.
func TestToursKnowTheViewsOfThePage(t *testing.T) {
	all := func(file, pattern string) (out []string) {
		text, err := os.ReadFile("../../query/web/src/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			out = append(out, string(m[1]))
		}
		return out
	}
	keys := strings.Split(strings.Join(all("view.ts", `(?m)^const KEYS = \['(.*)'\]`), ""), "', '")
	keys = slices.DeleteFunc(append(keys, all("view.ts", `query\.set\('(\w+)'`)...), func(key string) bool {
		return slices.Contains([]string{"lang", "tour", "step"}, key)
	})
	if diff := cmp.Diff(slices.Sorted(slices.Values(viewKeys)), slices.Sorted(slices.Values(keys))); diff != "" {
		t.Errorf("view.ts differs (-here +there):\n%s", diff)
	}
	var pages []string
	for _, n := range askPages {
		pages = append(pages, fmt.Sprint(n))
	}
	if diff := cmp.Diff(pages, all("ask.ts", `(?m)^  \{ n: (\d+), title`)); diff != "" {
		t.Errorf("ask.ts differs (-here +there):\n%s", diff)
	}
}

func TestATourThatWouldBeOverlookedIsSaid(t *testing.T) {
	all := withTour(goodTour)
	all["tours/other.markdown"], all["tours/.draft.md"], all["tours/notes.txt"] = all["tours/visit.md"], &fstest.MapFile{}, &fstest.MapFile{}
	want := "would be overlooked: rename it to other.md"
	if p := problemsOf(t, all); len(p) != 1 || p[0].File != "tours/other.markdown" || !strings.Contains(p[0].String(), want) {
		t.Errorf("%s\nwant %s", p.Text(), want)
	}
}

func TestOneStepMoreInOneLanguageIsSaid(t *testing.T) {
	more := goodTour + "\n## [More](#/communes)\n\nText.\n"
	if p := problemsOf(t, withTour(more)); len(p) == 0 || !strings.Contains(p[0].String(), "1 step in French and 2 in English") {
		t.Error(p.Text())
	}
}

func FuzzATour(f *testing.F) {
	f.Add(goodTour)
	files, _ := filepath.Glob("../../data/*/tours/*.md")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil {
			f.Add(string(text))
		}
	}
	f.Add("---\n---\n# Français\n## [a](#/)\n- x\n![](")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Read(withTour(text))
		if err != nil {
			if model.KindOf(err) != model.Invalid {
				t.Fatal(err)
			}
			return
		}
		for _, tour := range got.Tours {
			for _, s := range tour.Steps {
				for _, b := range append(s.FR.Blocks, s.EN.Blocks...) {
					for _, line := range b.Lines {
						for _, span := range line {
							if span.Href != "" && !strings.HasPrefix(span.Href, "#/") && !strings.HasPrefix(span.Href, "https://") {
								t.Fatalf("a link to %q", span.Href)
							}
						}
					}
				}
			}
		}
	})
}
