package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"jumeau/data"
	"jumeau/model"
	"jumeau/model/declare"
)

// templatesVerb lists the sources that come with the program, or shows one.
type templatesVerb struct {
	Name string `arg:"" optional:"" help:"A template, with or without its edition; default all of them."`
	JSON bool   `name:"json" help:"Print as JSON."`
}

func (templatesVerb) Examples() string {
	return "jumeau templates\n  jumeau templates insee/filosofi-200m"
}

func (v *templatesVerb) Run(a *app) error {
	all, err := declare.Templates(data.Templates())
	if err != nil {
		return err
	}
	if v.Name == "" {
		return v.list(a, all)
	}
	id, _, _ := strings.Cut(v.Name, "@")
	at := slices.IndexFunc(all, func(t *declare.Template) bool { return t.ID == id })
	if at < 0 {
		return &model.Error{Kind: model.NotFound, Op: "show", Subject: "template " + v.Name, Err: errors.New("there is no such template"),
			Hint: "list them: jumeau templates"}
	}
	if v.JSON {
		return v.list(a, all[at:at+1])
	}
	return showTemplate(a, all[at])
}

// listedTemplate is the documented form of one template in `jumeau templates --json`.
type listedTemplate struct {
	Template string     `json:"template"`
	Summary  model.Text `json:"summary"`
	Editions string     `json:"editions"`
	With     []string   `json:"with"`
	Producer string     `json:"producer"`
	Licence  string     `json:"licence"`
	URL      string     `json:"url"`
	Verified bool       `json:"verified"`
	Class    string     `json:"class"`
	Figures  []string   `json:"figures"`
}

func (v *templatesVerb) list(a *app, all []*declare.Template) error {
	rows := []listedTemplate{}
	for _, t := range all {
		s := t.Describe()
		rows = append(rows, listedTemplate{t.ID, t.Summary, t.Editions, slices.Sorted(maps.Keys(t.With)), s.Producer, s.Licence, s.From.URL, s.From.Verified,
			classOf(s), declare.Figures(s)})
	}
	if v.JSON {
		out := json.NewEncoder(a.out)
		out.SetIndent("", "  ")
		out.SetEscapeHTML(false)
		return out.Encode(rows)
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "template\tclass\tlicence\tasks for\tgives\t")
	for i, r := range rows {
		gives := r.Figures
		if z := all[i].Describe().Zones; z != nil {
			gives = append([]string{"zones " + z.System}, gives...)
		}
		fmt.Fprintf(w, "%s@%s\t%s\t%s\t%s\t%s\t\n", r.Template, all[i].Edition, r.Class, r.Licence, strings.Join(r.With, ", "), strings.Join(gives, ", "))
	}
	w.Flush()
	fmt.Fprintf(a.out, "\n%s. Show one: jumeau templates %s\nA source names it:  template: %s\n", plural(len(all), "template"), all[0].ID, all[0])
	return nil
}

// classOf is the class under which a source is read: A when nothing is said, since then it carries no figures.
func classOf(s *model.Source) string {
	if s.Behaviour == nil {
		return "A"
	}
	return s.Behaviour.Class
}

// showTemplate prints what it is in both languages, what it asks for, and its file.
func showTemplate(a *app, t *declare.Template) error {
	s := t.Describe()
	fmt.Fprintf(a.out, "%s (%s, %s)\n\n%s\n\n%s\n\nEditions: %s\n", t.ID, s.Producer, s.Licence, t.Summary.FR, t.Summary.EN, t.Editions)
	for _, name := range slices.Sorted(maps.Keys(t.With)) {
		p := t.With[name]
		fmt.Fprintf(a.out, "It asks for  with: {%s: %q}  %s / %s\n", name, p.Example, p.Title.FR, p.Title.EN)
	}
	if s.From.URL != "" {
		state := "never verified"
		if s.From.Verified {
			state = "verified"
		}
		fmt.Fprintf(a.out, "Address (%s): %s\n", state, s.From.URL)
	}
	text, err := fs.ReadFile(data.Templates(), t.ID+"/"+declare.TemplateFile)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\n%s\n", text)
	return nil
}
