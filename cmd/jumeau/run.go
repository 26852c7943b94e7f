package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"jumeau/batch"
	"jumeau/data"
	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/declare"
)

// runVerb builds a release.
type runVerb struct {
	Territory string `arg:"" help:"Folder of the territory, or the name of an embedded one: demo, sicoval, montpellier."`
	Releases  string `required:"" help:"Folder of releases; made when absent." placeholder:"DIR"`
	Mirror    string `help:"Folder that holds the sources' files, looked in before the territory folder." type:"existingdir" placeholder:"DIR"`
	Offline   bool   `help:"Read nothing from the network. This version never does: it reads files only."`
	Plan      bool   `help:"Say what would be read and built, and stop."`
	Memory    int    `help:"Memory that the database may hold, in MiB." default:"1024"`
	JSON      bool   `name:"json" help:"Print the account as JSON."`
	Quiet     bool   `short:"q" help:"No progress."`
}

func (runVerb) Examples() string {
	return "jumeau run sicoval --mirror files --releases releases\n  jumeau run my-town --releases releases --plan"
}

func (v *runVerb) Run(a *app) error {
	scratch, err := os.MkdirTemp("", "jumeau-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	t, folder, err := readTerritory(a, v.Territory, scratch)
	if err != nil {
		return err
	}
	folders := []string{folder}
	if v.Mirror != "" {
		folders = []string{v.Mirror, folder}
	}
	if v.Plan {
		return v.plan(a, t, folders)
	}
	progress := newProgress(os.Stderr, v.Quiet || v.JSON)
	result, err := batch.Run(a.ctx, batch.Options{Territory: t, Releases: v.Releases, Folders: folders, Version: version,
		Memory: int64(v.Memory) << 20, Progress: progress, Log: a.log})
	progress.close()
	if err != nil && v.Territory == "demo" && model.KindOf(err) == model.NotFound {
		return &model.Error{Kind: model.NotFound, Op: "run", Subject: "demo", Err: err,
			Hint: "its files are generated: jumeau demo does everything, or jumeau demo --build --dir DIR, then run demo --mirror DIR"}
	}
	if err != nil {
		return err
	}
	if v.JSON {
		return printAccount(a, result)
	}
	showAccount(a, result)
	fmt.Fprintf(a.out, "Serve it: jumeau serve --releases %s\n", v.Releases)
	return nil
}

// readTerritory reads a declaration strictly and shows its problems; folder is where its files may lie.
func readTerritory(a *app, territory, scratch string) (t *model.Territory, folder string, err error) {
	if folder, err = data.Folder(territory, scratch); err != nil {
		return nil, "", err
	}
	t, err = declare.ReadAndTry(os.DirFS(folder), contract.CheckExample)
	var problems declare.Problems
	if errors.As(err, &problems) {
		fmt.Fprint(a.errOut, problems.Below(territory).Text())
		fmt.Fprintf(a.errOut, "\nError: %s in %s\nTry: %s\n", plural(len(problems), "problem"), territory, model.HintOf(err))
		return nil, "", shownError{}
	}
	return t, folder, err
}

// plan lists what a run would read, without opening a file's content.
func (v *runVerb) plan(a *app, t *model.Territory, folders []string) error {
	sources, err := ingest.Order(t)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "source\tfiles\tsize\t")
	stop := 0
	for _, src := range sources {
		state := ""
		files, err := ingest.Locate(src, folders)
		switch refused := ingest.Refuse(src); {
		case refused != nil:
			state = "would stop the run: " + refused.Error()
			stop++
		case err != nil && src.Optional:
			state = "absent, optional: left out"
		case err != nil:
			state = "would stop the run: " + err.Error()
			stop++
		}
		var bytes int64
		for _, f := range files {
			bytes += f.Bytes
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", src.ID, len(files), size(bytes), state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	var layers []string
	for _, l := range t.Layers {
		layers = append(layers, l.ID)
	}
	fmt.Fprintf(a.out, "layers: %s\n", strings.Join(layers, ", "))
	if stop > 0 {
		return &model.Error{Kind: model.Invalid, Op: "plan", Subject: t.ID, Err: fmt.Errorf("%d sources would stop the run", stop),
			Hint: "see the lines above"}
	}
	return nil
}

// showAccount prints what became of every source, and what the release cost.
func showAccount(a *app, r *batch.Result) {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "source\tread\tloaded\tskipped\trejected\t")
	for _, acc := range r.Accounts {
		if acc.Absent {
			fmt.Fprintf(w, "%s\t\t\t\t\tabsent\n", acc.Source.ID)
			continue
		}
		if acc.Carried != "" {
			fmt.Fprintf(w, "%s\t\t\t\t\tnot read: the figures of %s, charged already, are those of release %s\n", acc.Source.ID,
				acc.Source.Behaviour.Period, acc.Carried)
			continue
		}
		if acc.Lost {
			fmt.Fprintf(w, "%s\t\t\t\t\tnot read: %s was charged and no release has its figures; raise behaviour.edition to draw them again\n",
				acc.Source.ID, acc.Source.Behaviour.Period)
			continue
		}
		var codes []string
		for _, c := range acc.Rejected {
			codes = append(codes, fmt.Sprintf("%s %d", c.Code, c.Rows))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%s\n", acc.Source.ID, acc.Read, acc.Loaded, acc.Skipped, acc.RejectedRows(), strings.Join(codes, ", "))
	}
	w.Flush()
	c := r.Manifest.Cost
	state := "published"
	if !r.Published {
		state = "unchanged: the same content is served already"
	}
	fmt.Fprintf(a.out, "\nrelease %s %s\n%d layers, %d measures, %d flows; read %s in %.1f s (%.1f s of CPU, %s of memory, about %.2f Wh)\n", r.Release, state,
		len(r.Manifest.Catalog.Layers), len(r.Manifest.Catalog.Measures), len(r.Manifest.Catalog.Flows), size(c.BytesRead), c.WallSeconds, c.CPUSeconds,
		size(c.PeakBytes), c.WattHours)
}

// printAccount is the documented JSON of run: release, published, sources, cost.
func printAccount(a *app, r *batch.Result) error {
	out := json.NewEncoder(a.out)
	out.SetIndent("", " ")
	return out.Encode(map[string]any{"release": r.Release, "published": r.Published, "sources": r.Manifest.Catalog.Sources, "cost": r.Manifest.Cost})
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.0f kB", float64(bytes)/1e3)
}
