package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"text/tabwriter"

	"jumeau/batch"
	"jumeau/ingest"
	"jumeau/ingest/fetch"
	"jumeau/model"
	"jumeau/model/release"
)

// planVerb says what a source about people would publish, before anything is charged.
type planVerb struct {
	Territory  string  `arg:"" help:"Folder of the territory, or the name of an embedded one."`
	Source     string  `arg:"" optional:"" help:"A source of class C; default every one of the territory."`
	Releases   string  `help:"Folder of releases: its current release holds the population, its ledger what is spent. Without one, the open sources are read first." placeholder:"DIR"`
	Mirror     string  `help:"Folder that holds the sources' files." type:"existingdir" placeholder:"DIR"`
	Population string  `help:"Open measure by which people are expected to be spread." default:"residents" placeholder:"MEASURE"`
	Units      float64 `help:"People expected in the source; default the whole population." placeholder:"N"`
	Visits     float64 `help:"Hours of a typical week (72: working day, Saturday, Sunday) in which one of them is seen in a month; default all." placeholder:"N"`
	All        bool    `help:"Every number of cells a person may count in (L0), not only the best."`
	JSON       bool    `name:"json" help:"Print the plan as JSON."`
}

func (planVerb) Examples() string {
	return "jumeau plan demo validations --releases jumeau-demo/releases --units 13000 --visits 6\n  jumeau plan my-town --mirror files --json"
}

func (v *planVerb) Run(a *app) error {
	opened, err := openTerritory(a, v.Territory)
	if err != nil {
		return err
	}
	defer opened.close()
	t, folder := opened.territory, opened.folder
	sources, err := v.sources(t)
	if err != nil {
		return err
	}
	from, err := v.population(a, t, folder, opened.scratch)
	if err != nil {
		return err
	}
	plans, dues := map[string][]batch.PlanRow{}, map[string]batch.Due{}
	for _, src := range sources {
		due, err := batch.DueOf(filepath.Join(v.Releases, batch.LedgerName), t.Privacy, src)
		if err != nil {
			return err
		}
		dues[src.ID] = due
		rows, err := batch.Plan(batch.PlanOptions{Source: src, Territory: t, Release: from, Ledger: filepath.Join(v.Releases, batch.LedgerName),
			Population: v.Population, Units: v.Units, Visits: v.Visits})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if v.All || r.Best {
				plans[src.ID] = append(plans[src.ID], r)
			}
		}
		if !v.JSON {
			v.show(a, t, src, plans[src.ID], due)
		}
	}
	if v.JSON {
		out := json.NewEncoder(a.out)
		out.SetIndent("", " ")
		return out.Encode(map[string]any{"territory": t.ID, "population": v.Population, "privacy": t.Privacy, "plans": plans, "due": dues})
	}
	return nil
}

func (v *planVerb) sources(t *model.Territory) (out []*model.Source, err error) {
	for _, src := range t.Sources {
		if ingest.AboutPeople(src) && src.Behaviour != nil && src.Behaviour.Class == "C" && (v.Source == "" || v.Source == src.ID) {
			out = append(out, src)
		}
	}
	if len(out) == 0 {
		return nil, &model.Error{Kind: model.NotFound, Op: "plan", Subject: t.ID, Err: fmt.Errorf("no source of class C %s", v.Source),
			Hint: "a plan is about the budget of class C: persons and devices"}
	}
	return out, nil
}

// population is the current release, or one made of the open sources alone.
func (v *planVerb) population(a *app, t *model.Territory, folder, scratch string) (*release.Release, error) {
	if v.Releases != "" {
		if id, err := release.Current(v.Releases); err == nil {
			return release.Open(v.Releases, id)
		}
	}
	folders := []string{folder}
	if v.Mirror != "" {
		folders = []string{v.Mirror, folder}
	}
	kept, err := fetch.Kept(fetchFlags{}.work(v.Territory), folders, t.Sources)
	if err != nil {
		return nil, err
	}
	fmt.Fprintln(a.errOut, "Reading the open sources…")
	return batch.OpenOnly(a.ctx, batch.Options{Territory: t, Releases: filepath.Join(scratch, "releases"), Folders: folders, Fetched: kept, Version: version, Log: a.log})
}

func (v *planVerb) show(a *app, t *model.Territory, src *model.Source, rows []batch.PlanRow, due batch.Due) {
	fmt.Fprintf(a.out, "%s: presence, if people were spread as %s are (no row was read, nothing was charged)\n", src.ID, v.Population)
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "zones\tslot\tper\tL0\t±\tfrom\tcells shown\tpeople-hours shown\terror\tkept\tyear\t")
	for _, r := range rows {
		shown := "-"
		if r.HoursShown > 0.0005 {
			shown = fmt.Sprintf("%.0f %%", 100*r.Error)
		}
		year := fmt.Sprintf("%g of %g", r.YearCost, r.YearCap)
		if !r.Fits {
			year += " (over)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%.0f %%\t%.0f %%\t%s\t%.0f %%\t%s\t\n", r.System, r.Slot, r.Period, r.L0, r.HalfWidth, r.Threshold,
			100*r.CellsShown, 100*r.HoursShown, shown, 100*r.Kept, year)
	}
	w.Flush()
	if len(rows) > 0 {
		r := rows[0]
		fmt.Fprintf(a.out, "k = %d, epsilon = %g a drawing; spent in the year of %s: %g of %g, room for %d more\n", t.Privacy.K, r.Epsilon, src.Behaviour.Period,
			r.YearAfter-r.Epsilon, r.YearCap, r.ReleasesLeft)
	}
	fmt.Fprintf(a.out, "The next run: %s.\n", due)
	fmt.Fprintln(a.out, "The cap is by source: somebody who is in several sources loses the sum of them.")
	fmt.Fprintln(a.out)
}
