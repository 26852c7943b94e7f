package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"jumeau/model"
	"jumeau/model/quality"
	"jumeau/model/release"
)

// qualityVerb tells what a release remembers of the files of its sources.
type qualityVerb struct {
	Source string `arg:"" optional:"" help:"A source; default every one, in a line."`
	folder `embed:""`
}

func (qualityVerb) Examples() string {
	return "jumeau quality --releases releases\n  jumeau quality stops --releases releases"
}

func (v *qualityVerb) Run(a *app) error {
	id, err := release.Current(v.Releases)
	if err != nil {
		return err
	}
	opened, err := release.Open(v.Releases, id)
	if err != nil {
		return err
	}
	history, err := quality.Read(opened.Path(quality.Name))
	if err != nil {
		return err
	}
	if v.Source == "" {
		if v.JSON {
			return printJSON(a.out, history)
		}
		return showQuality(a, history)
	}
	all, ok := history[v.Source]
	if !ok {
		return &model.Error{Kind: model.NotFound, Op: "quality", Subject: v.Source, Err: fmt.Errorf("release %s remembers no such source", id),
			Hint: "it remembers " + strings.Join(slices.Sorted(maps.Keys(history)), ", ") + "; no history is kept of rows about people"}
	}
	if v.JSON {
		return printJSON(a.out, all)
	}
	return showHistory(a, v.Source, all)
}

func showQuality(a *app, history quality.History) error {
	w := table(a.out)
	fmt.Fprintln(w, "source\tvintage\tfiles\tlast change\trows\trejected\trows of the last files\tnot as before")
	for _, id := range slices.Sorted(maps.Keys(history)) {
		all := history[id]
		last := all[len(all)-1]
		told := ""
		if n := len(last.Findings); n > 0 {
			told = last.Findings[0].Text
			if n > 1 {
				told += fmt.Sprintf(" (and %d more)", n-1)
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%d\t%d\t%s\t%s\n", id, last.Vintage, len(all), last.At.Local().Format("2006-01-02 15:04"), last.Loaded, last.Rejected,
			chart(all, func(p quality.Profile) float64 { return float64(p.Loaded) }), told)
	}
	return w.Flush()
}

// showHistory says the numbers of a source, each with its course, then file by file what was found.
func showHistory(a *app, source string, all []quality.Profile) error {
	last := all[len(all)-1]
	fmt.Fprintf(a.out, "%s: %s, the last of %s, vintage %s\n", source, plural(len(all), "file"), last.At.Local().Format("2006-01-02 15:04"), last.Vintage)
	w := table(a.out)
	fmt.Fprintln(w, "number\tlast\tleast\tmost\tcourse")
	row := func(name string, of func(quality.Profile) float64) {
		least, most := of(last), of(last)
		for _, p := range all {
			least, most = min(least, of(p)), max(most, of(p))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", name, written(of(last)), written(least), written(most), chart(all, of))
	}
	row("rows", func(p quality.Profile) float64 { return float64(p.Loaded) })
	row("rejected", func(p quality.Profile) float64 { return float64(p.Rejected) })
	for _, name := range slices.Sorted(maps.Keys(last.Values)) {
		row(name+", share filled", func(p quality.Profile) float64 { return p.Values[name].Filled })
		if last.Values[name].Number {
			row(name+", middle", func(p quality.Profile) float64 { return p.Values[name].Middle })
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if t := last.Time; t != nil {
		fmt.Fprintf(a.out, "from %s to %s; %s without a row\n", t.First, t.Last, plural(len(t.Missing), "day"))
		for _, list := range []struct {
			name   string
			places []string
		}{{"silent", t.Silent}, {"one value for long", t.Stuck}} {
			if len(list.places) > 0 {
				fmt.Fprintf(a.out, "%s: %s\n", list.name, strings.Join(clip(list.places, 10), ", "))
			}
		}
	}
	if p := last.Place; p != nil {
		fmt.Fprintf(a.out, "between %.4f, %.4f and %.4f, %.4f\n", p.Box[0], p.Box[1], p.Box[2], p.Box[3])
	}
	for _, p := range slices.Backward(all) {
		for _, f := range p.Findings {
			fmt.Fprintf(a.out, "%s  %s (%s): %s\n", p.At.Local().Format("2006-01-02 15:04"), f.Kind, f.Policy, f.Text)
		}
	}
	return nil
}

// written is a number without an exponent.
func written(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// bars of a chart, from the least to the most.
var bars = []rune("▁▂▃▄▅▆▇█")

// chart draws a number of the last profiles in a line: from 0 to the most, so that half is half as high.
func chart(all []quality.Profile, of func(quality.Profile) float64) string {
	const width = 30
	all = all[max(0, len(all)-width):]
	least, most := 0.0, 0.0
	for _, p := range all {
		least, most = min(least, of(p)), max(most, of(p))
	}
	var out strings.Builder
	for _, p := range all {
		at := 0
		if most > least {
			at = int((of(p) - least) / (most - least) * float64(len(bars)-1))
		}
		out.WriteRune(bars[at])
	}
	return out.String()
}
