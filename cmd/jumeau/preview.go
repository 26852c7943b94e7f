package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"jumeau/batch"
	"jumeau/ingest/fetch"
	"jumeau/model"
)

// plan says what a run would do, and reads no row.
func (v *runVerb) plan(a *app, t *model.Territory, folders []string) error {
	kept, err := fetch.Kept(v.work(v.Territory), folders, t.Sources)
	if err != nil {
		return err
	}
	toBe := map[string]string{}
	for _, src := range t.Sources {
		toBe[src.ID] = v.plannedFetch(v.Territory, src, folders)
	}
	p, err := batch.LookAhead(a.ctx, batch.Options{Territory: t, Releases: v.Releases, Folders: folders, Fetched: kept, Version: version, Program: program(),
		Full: v.Full, Log: a.log}, toBe)
	if err != nil {
		return err
	}
	if v.JSON {
		out := json.NewEncoder(a.out)
		out.SetIndent("", " ")
		out.SetEscapeHTML(false)
		err = out.Encode(p)
	} else {
		err = showPreview(a, p)
	}
	if err == nil && p.Stops > 0 {
		return &model.Error{Kind: model.Invalid, Op: "plan", Subject: t.ID, Err: fmt.Errorf("%s would stop the run", plural(p.Stops, "source")),
			Hint: "see the lines above"}
	}
	return err
}

func showPreview(a *app, p *batch.Preview) error {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "part\tname\tdo\tfiles\tsize\trows\tabout\twhy")
	count, all := map[string]int{}, map[string]int{}
	for _, s := range p.Steps {
		files, amount, rows, about := "", "", "", ""
		if s.Kind == "source" || s.Kind == "people" {
			files, amount = fmt.Sprint(s.Files), size(s.Bytes)
		}
		if s.Rows > 0 {
			rows = fmt.Sprint(s.Rows)
		}
		if s.Seconds > 0 && s.Do != batch.Reuse {
			about = fmt.Sprintf("%.1f s", s.Seconds)
		}
		kind := map[bool]string{true: "source", false: s.Kind}[s.Kind == "people"]
		if all[kind]++; s.Do != batch.Reuse && s.Do != batch.Carry && s.Do != batch.LeaveOut {
			count[kind]++
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kind, s.ID, s.Do, files, amount, rows, about, strings.Join(clip(s.Why, 4), "; "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if p.Nothing {
		fmt.Fprintf(a.out, "Nothing to do: release %s has it all.\n", p.Release)
		return nil
	}
	fmt.Fprintf(a.out, "To do: %d of %s, %d of %s, %d of %s", count["source"], plural(all["source"], "source"), count["measure"]+count["flow"],
		plural(all["measure"]+all["flow"], "measure"), count["layer"], plural(all["layer"], "layer"))
	switch {
	case p.Seconds > 0 && p.Unknown > 0:
		fmt.Fprintf(a.out, "; about %.1f s by the last run, without %s of which nothing is known", p.Seconds, plural(p.Unknown, "part"))
	case p.Seconds > 0:
		fmt.Fprintf(a.out, "; about %.1f s by the last run", p.Seconds)
	}
	fmt.Fprintln(a.out)
	return nil
}

// clip shortens a list.
func clip(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	return append(append([]string{}, list[:most]...), fmt.Sprintf("and %d more", len(list)-most))
}
