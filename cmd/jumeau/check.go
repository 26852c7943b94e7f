package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"jumeau/data"
	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/declare"
)

type checkVerb struct {
	Territory string `arg:"" help:"A territory folder, or the name of a built-in one."`
	Resolved  bool   `help:"Print what was understood, defaults included, as YAML." xor:"form"`
	JSON      bool   `name:"json" help:"Print the result as JSON." xor:"form"`
}

func (checkVerb) Examples() string {
	return "jumeau check data/sicoval\n  jumeau check montpellier --resolved | less"
}

// Run checks a territory folder without reading its data.
func (v *checkVerb) Run(a *app) error {
	folder, below, err := data.Open(v.Territory)
	if err != nil {
		return err
	}
	t, err := declare.ReadWith(folder, declare.Options{Templates: data.Templates(), Try: contract.CheckExample})
	var problems declare.Problems
	switch {
	case errors.As(err, &problems):
		return v.refuse(a, problems, below, err)
	case err != nil:
		return err
	case v.Resolved:
		text, err := declare.Resolved(t)
		if err == nil {
			_, err = a.out.Write(text)
		}
		return err
	case v.JSON:
		return v.printJSON(a.out, t, nil)
	}
	tell(a.out, t)
	return nil
}

func (v *checkVerb) refuse(a *app, problems declare.Problems, below string, err error) error {
	if v.JSON {
		if err := v.printJSON(a.out, nil, problems); err != nil {
			return err
		}
		return shownError{}
	}
	fmt.Fprint(a.errOut, problems.Below(below).Text())
	fmt.Fprintf(a.errOut, "\nError: %s in %s\nTry: %s\n", plural(len(problems), "problem"), v.Territory, model.HintOf(err))
	return shownError{}
}

// checkResult is the documented form of `jumeau check --json`.
type checkResult struct {
	OK        bool              `json:"ok"`
	Problems  declare.Problems  `json:"problems"`
	Warnings  []declare.Warning `json:"warnings"`
	Territory string            `json:"territory,omitempty"`
	Zones     []string          `json:"zones,omitempty"`
	Sources   []string          `json:"sources,omitempty"`
	Layers    []string          `json:"layers,omitempty"`
	Measures  []string          `json:"measures,omitempty"`
	Flows     []string          `json:"flows,omitempty"`
}

func (v *checkVerb) printJSON(w io.Writer, t *model.Territory, problems declare.Problems) error {
	r := checkResult{OK: t != nil, Problems: problems, Warnings: []declare.Warning{}}
	if r.Problems == nil {
		r.Problems = declare.Problems{}
	}
	if t != nil {
		r.Territory, r.Zones = t.ID, t.Zones
		r.Warnings = append(r.Warnings, declare.Warnings(t)...)
		for _, s := range t.Sources {
			r.Sources = append(r.Sources, s.ID)
			for _, name := range declare.Figures(s) {
				if !declare.IsFlow(s, name) {
					r.Measures = append(r.Measures, name)
				} else {
					r.Flows = append(r.Flows, name)
				}
			}
		}
		for _, l := range t.Layers {
			r.Layers = append(r.Layers, l.ID)
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(r)
}

// tell says what was understood, for someone who wrote the folder and wonders what became of it.
func tell(w io.Writer, t *model.Territory) {
	fmt.Fprintf(w, "%s (%s)\n", t.Title.EN, t.ID)
	if t.Synthetic {
		fmt.Fprintln(w, "  synthetic: every figure is invented, and the page says so")
	}
	fmt.Fprintf(w, "  zones, coarsest first: %s\n", strings.Join(t.Zones, " > "))
	fmt.Fprintf(w, "  local time: %s\n", t.TimeZone)

	fmt.Fprintf(w, "\n%s\n", plural(len(t.Sources), "source"))
	for _, s := range t.Sources {
		fmt.Fprintf(w, "  %-24s %s\n", s.ID, describeSource(s))
	}
	fmt.Fprintf(w, "\n%s\n", plural(len(t.Layers), "layer"))
	for _, l := range t.Layers {
		fmt.Fprintf(w, "  %-24s %s\n", l.ID, describeLayer(l))
	}
	measures, flows := 0, 0
	for _, s := range t.Sources {
		for _, name := range declare.Figures(s) {
			if declare.IsFlow(s, name) {
				flows++
			} else {
				measures++
			}
		}
	}
	if warnings := declare.Warnings(t); len(warnings) > 0 {
		fmt.Fprintf(w, "\nWorth a look\n")
		for _, warning := range warnings {
			fmt.Fprintf(w, "  %s\n", warning)
		}
	}
	fmt.Fprintf(w, "\nOK: %s, %s, %s, %s\n", plural(len(t.Sources), "source"), plural(len(t.Layers), "layer"), plural(measures, "measure"), plural(flows, "flow"))
}

// describeSource is one line: "polygons, zones commune, measures population; class A; Licence Ouverte 2.0".
func describeSource(s *model.Source) string {
	what := "table"
	if g := s.Contract.Geometry; g != nil {
		what = map[string]string{"point": "points", "line": "lines", "polygon": "polygons"}[g.Type]
		if what == "" {
			what = "geometries"
		}
	}
	what += fmt.Sprintf(" with %s", plural(len(s.Contract.Columns), "column"))
	parts := []string{what}
	if s.Zones != nil {
		parts = append(parts, "gives zones "+s.Zones.System)
	}
	if names := declare.Figures(s); len(names) > 0 {
		parts = append(parts, "measures "+strings.Join(names, ", "))
	}
	if s.Behaviour != nil {
		parts = append(parts, "class "+s.Behaviour.Class)
	}
	return strings.Join(append(parts, s.Licence), "; ")
}

// describeLayer is one line: "background, zones commune, zoom 5-14, coloured by population".
func describeLayer(l *model.Layer) string {
	what := "features of " + l.Geometry.Source
	if l.Geometry.Zones != "" {
		what = "zones " + l.Geometry.Zones
	}
	parts := []string{what, "zoom " + l.Geometry.Zoom.String()}
	if l.Background {
		parts = append(parts, "background")
	}
	if len(l.Measures) > 0 {
		parts = append(parts, "coloured by "+strings.Join(l.Measures, " or "))
	}
	if len(l.Flows) > 0 {
		parts = append(parts, "flows "+strings.Join(l.Flows, ", "))
	}
	if l.Audience != "public" {
		parts = append(parts, "for "+l.Audience+"s only")
	}
	return strings.Join(parts, "; ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
