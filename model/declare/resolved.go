package declare

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"jumeau/model"
)

// Resolved writes what was understood, defaults included, as YAML: one document for each file, headed by its name.
func Resolved(t *model.Territory) ([]byte, error) {
	var out bytes.Buffer
	write := func(file string, v any) error {
		text, err := yaml.MarshalWithOptions(v, yaml.Indent(2), yaml.IndentSequence(true))
		if err != nil {
			return &model.Error{Kind: model.Internal, Op: "print", Subject: file, Err: err}
		}
		fmt.Fprintf(&out, "---\n# %s\n%s", file, text)
		return nil
	}
	if err := write(TerritoryFile, t); err != nil {
		return nil, err
	}
	for _, s := range t.Sources {
		file, plain := s.File, *s
		if s.Template != "" { // written out, the source needs it no more
			file += "\n# from the template " + s.Template
			plain.Template, plain.With = "", nil
		}
		if err := write(file, &plain); err != nil {
			return nil, err
		}
	}
	for _, l := range t.Layers {
		if err := write(l.File, l); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func optionalSources(t *model.Territory) []string {
	var out []string
	for _, s := range t.Sources {
		if s.Optional {
			out = append(out, s.ID)
		}
	}
	return out
}

// Warnings about a territory that passed: what a newcomer may not have meant, and what a run may stumble over.
func Warnings(t *model.Territory) []Warning {
	var out []Warning
	used := uses(t)
	if len(t.Sources) == 0 {
		out = append(out, Warning{TerritoryFile, "has no source yet: add sources/<id>.yaml"})
	}
	if len(t.Layers) == 0 {
		out = append(out, Warning{TerritoryFile, "has no layer yet, so the map is empty: add layers/<id>.yaml"})
	}
	if optional := optionalSources(t); len(optional) > 0 {
		out = append(out, Warning{SourceFolder, fmt.Sprintf("%s optional, a run goes on without those whose file is absent: %s",
			count(len(optional), "source is", "sources are"), strings.Join(optional, ", "))})
	}
	for _, s := range t.Sources {
		if s.From.Path == "" && !s.From.Verified {
			out = append(out, Warning{s.File, "url was never verified, and there is no path to a local copy"})
		}
		if b := s.Behaviour; b != nil && personal(b.Class) {
			out = append(out, Warning{s.File, fmt.Sprintf("is of class %s: its rows are about single units, and only the gate may read them", b.Class)})
		}
		if !used[s.ID] {
			out = append(out, Warning{s.File, "is read and checked, but no layer, measure, flow or other source uses it"})
		}
	}
	shown := map[string]bool{}
	for _, l := range t.Layers {
		for _, name := range slices.Concat(l.Measures, l.Flows) {
			shown[name] = true
		}
	}
	for _, s := range t.Sources {
		for _, name := range Figures(s) {
			if !shown[name] {
				out = append(out, Warning{s.File, fmt.Sprintf("%s is shown by no layer", name)})
			}
		}
	}
	return out
}
