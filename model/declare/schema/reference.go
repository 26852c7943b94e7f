package schema

import (
	"fmt"
	"reflect"
	"strings"

	"jumeau/model"
	"jumeau/model/declare"
)

const opening = `# Declarations: every key and what it takes

<!-- Generated from the types of model and model/declare/rules.go: go generate ./model/declare/schema -->

A territory is a folder: ` + "`territory.yaml`" + `, one file for each source in ` + "`sources/`" + `, one for each layer in ` + "`layers/`" + `.
` + "`jumeau check FOLDER`" + ` says everything that is wrong with it; ` + "`jumeau check FOLDER --resolved`" + ` prints what was understood,
defaults included. Editors complete and check the files when they begin with
` + "`# yaml-language-server: $schema=…`" + ` and the path of a schema of ` + "`data/schema`" + `.

Texts that look like numbers are put in quotes (` + "`code: \"01\"`" + `). Aliases, tags and several documents in a file are refused.
Identifiers are lower-case letters, digits and _, beginning with a letter. Keys in **bold** are required.
`

// Page is the reference of declarations in Markdown.
func Page(comments Comments) []byte {
	p := page{comments: comments, seen: map[string]bool{}}
	p.WriteString(opening)
	for _, k := range Kinds {
		p.section(k.Type, map[string]string{
			"territory": "territory.yaml", "source": "sources/*.yaml", "layer": "layers/*.yaml", "template": "templates/*/*/template.yaml",
			"server": "server.yaml",
		}[k.Name])
		for len(p.pending) > 0 {
			t := p.pending[0]
			p.pending = p.pending[1:]
			p.section(t, "")
		}
	}
	return []byte(p.String())
}

type page struct {
	strings.Builder
	comments Comments
	seen     map[string]bool
	pending  []reflect.Type // mappings named by a section, to be described after it
}

func (p *page) section(t reflect.Type, file string) {
	title, level := t.Name(), "###"
	if file != "" {
		title, level = file, "##"
	}
	fmt.Fprintf(p, "\n%s %s\n\n%s\n\n| key | takes | meaning |\n|---|---|---|\n", level, title, p.comments[t.Name()])
	for _, k := range declare.Keys(t) {
		name := "`" + k.Name + "`"
		if k.Required {
			name = "**" + name + "**"
		}
		takes := p.takes(k.Field.Type, k.Rule)
		if k.Rule.Default != "" {
			takes += "; default " + k.Rule.Default
		}
		fmt.Fprintf(p, "| %s | %s | %s |\n", name, cell(takes), cell(p.comments[t.Name()+"."+k.Name]))
	}
}

// cell keeps a text inside a cell of a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

func (p *page) takes(t reflect.Type, rule declare.Rule) string {
	if form := declare.Written[t]; form != nil {
		return fmt.Sprintf("%s (`%s`)", strings.TrimPrefix(form.Name, "a "), form.Example)
	}
	each := declare.Rule{OneOf: rule.OneOf, Form: rule.Form, Min: rule.Min, Max: rule.Max, Above: rule.Above}
	switch t.Kind() {
	case reflect.Pointer:
		return p.takes(t.Elem(), rule)
	case reflect.Struct:
		return p.link(t)
	case reflect.Array:
		return fmt.Sprintf("list of %d: %s", t.Len(), p.takes(t.Elem(), each))
	case reflect.Slice:
		return "list: " + p.takes(t.Elem(), each)
	case reflect.Map:
		return "mapping of names to: " + p.takes(t.Elem(), each)
	case reflect.Bool:
		return "true or false"
	case reflect.Interface:
		return "text, number, true, false or null"
	case reflect.Int, reflect.Float64:
		return numbers(t, rule)
	}
	switch {
	case rule.OneOf != nil:
		return "`" + strings.ReplaceAll(strings.Join(rule.OneOf, "`, `"), "\t", `\t`) + "`"
	case rule.Form != nil && rule.Form.Name != "a text":
		name, _, _ := strings.Cut(rule.Form.Name, ":")
		return fmt.Sprintf("%s (`%s`)", strings.TrimPrefix(strings.TrimPrefix(name, "a "), "an "), rule.Form.Example)
	}
	return "text"
}

func (p *page) link(t reflect.Type) string {
	if t == reflect.TypeFor[model.Text]() {
		return "`{fr: …, en: …}`"
	}
	if t == reflect.TypeFor[model.Source]() {
		return "as in [sources/*.yaml](#sourcesyaml)"
	}
	if !p.seen[t.Name()] {
		p.seen[t.Name()] = true
		p.pending = append(p.pending, t)
	}
	return fmt.Sprintf("[%s](#%s)", t.Name(), strings.ToLower(t.Name()))
}

func numbers(t reflect.Type, rule declare.Rule) string {
	what := "number"
	if t.Kind() == reflect.Int {
		what = "whole number"
	}
	switch {
	case rule.Min != nil && rule.Max != nil && rule.Above:
		return fmt.Sprintf("%s above %v, at most %v", what, *rule.Min, *rule.Max)
	case rule.Min != nil && rule.Max != nil:
		return fmt.Sprintf("%s, %v to %v", what, *rule.Min, *rule.Max)
	case rule.Min != nil:
		return fmt.Sprintf("%s, at least %v", what, *rule.Min)
	}
	return what
}
