package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"jumeau/batch"
	"jumeau/data"
	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/model/release"
)

// runVerb builds a release.
type runVerb struct {
	Territory string `arg:"" help:"Folder of the territory, or the name of an embedded one: demo, sicoval, montpellier."`
	Releases  string `required:"" help:"Folder of releases; made when absent." placeholder:"DIR"`
	Mirror    string `help:"Folder that holds the sources' files, looked in before the territory folder." type:"existingdir" placeholder:"DIR"`
	Offline   bool   `help:"Read nothing from the network. This version never does: it reads files only."`
	Plan      bool   `help:"Say what would be read and built, and stop."`
	Memory    int    `help:"Memory that the database may hold, in MiB." default:"192"`
	Threads   int    `help:"Threads of the database, and to bake tiles; 0: every core." default:"0"`
	JSON      bool   `name:"json" help:"Print the account as JSON."`
	Quiet     bool   `short:"q" help:"No progress."`
}

// leastMemory is what the database needs to start and to spill, in MiB.
const leastMemory = 128

// gcPercent is Go's GOGC while a release is built. The heap holds 80 MB of features being sorted: half as much garbage beside it
// costs two hundredths of the run's processor time, and 40 MB less memory than the default.
const gcPercent = 50

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
	if err := syntheticOnly("run", t, t.Sources...); err != nil {
		return err
	}
	folders := []string{folder}
	if v.Mirror != "" {
		folders = []string{v.Mirror, folder}
	}
	if v.Plan {
		return v.plan(a, t, folders)
	}
	if v.Memory < leastMemory || v.Threads < 0 {
		return &model.Error{Kind: model.Invalid, Op: "run", Subject: "--memory, --threads", Err: fmt.Errorf("%d MiB, %d threads", v.Memory, v.Threads),
			Hint: fmt.Sprintf("give the database at least %d MiB, and 0 or more threads", leastMemory)}
	}
	debug.SetGCPercent(gcPercent)
	progress := newProgress(os.Stderr, v.Quiet || v.JSON)
	result, err := batch.Run(a.ctx, batch.Options{Territory: t, Releases: v.Releases, Folders: folders, Version: version,
		Memory: int64(v.Memory) << 20, Threads: v.Threads, Progress: progress, Log: a.log})
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

// syntheticOnly keeps real persons out of the gate until its proof is complete: the long runs of the specification's tests
// and the attacks on whole releases (doc/decisions/0012).
func syntheticOnly(op string, t *model.Territory, sources ...*model.Source) error {
	for _, src := range sources {
		if ingest.AboutPeople(src) && !t.Synthetic {
			return &model.Error{Kind: model.Withheld, Op: op, Subject: src.ID,
				Err: fmt.Errorf("the source is about real persons, households or enterprises, and the gate is not proven yet"),
				Hint: "in this version the gate reads synthetic territories only; remove the source, or give aggregates that its producer " +
					"already protected (class A, B or D); no byte of the file was read"}
		}
	}
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

// plan lists what a run would read, without opening a file.
func (v *runVerb) plan(a *app, t *model.Territory, folders []string) error {
	sources, err := ingest.Order(t)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "source\tfiles\tsize\t")
	stop := 0
	for _, src := range sources {
		files, bytes, state, stops := plannedSource(src, folders)
		if stops {
			stop++
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", src.ID, files, size(bytes), state)
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
		return &model.Error{Kind: model.Invalid, Op: "plan", Subject: t.ID, Err: fmt.Errorf("%s would stop the run", plural(stop, "source")),
			Hint: "see the lines above"}
	}
	return nil
}

// plannedSource says how many files of how many bytes a run would read of a source, and what would stop it.
func plannedSource(src *model.Source, folders []string) (files int, bytes int64, state string, stops bool) {
	err := ingest.Refuse(src)
	if err == nil {
		var found []ingest.File
		if found, err = ingest.Locate(src, folders); err != nil && src.Optional && ingest.IsAbsent(err) {
			return 0, 0, "absent, optional: left out", false
		}
		for _, f := range found {
			bytes += f.Bytes
		}
		files = len(found)
	}
	if err != nil {
		return files, bytes, "would stop the run: " + err.Error(), true
	}
	return files, bytes, "", false
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
	showLeftOut(a, &r.Manifest.Catalog)
	c := r.Manifest.Cost
	state := "published"
	if !r.Published {
		state = "unchanged: the same content is served already"
	}
	fmt.Fprintf(a.out, "\nrelease %s %s\n%d layers, %d measures, %d flows; read %s in %.1f s (%.1f s of CPU, %s of memory, about %.2f Wh)\n", r.Release, state,
		len(r.Manifest.Catalog.Layers), len(r.Manifest.Catalog.Measures), len(r.Manifest.Catalog.Flows), size(c.BytesRead), c.WallSeconds, c.CPUSeconds,
		size(c.PeakBytes), c.WattHours)
}

// showLeftOut prints the rows and zones that are in the release and in no figure of it.
func showLeftOut(a *app, c *release.Catalog) {
	for _, m := range c.Measures {
		for _, s := range m.Systems {
			if left := s.Account.Outside + s.Account.Untimed; left > 0 {
				fmt.Fprintf(a.out, "%s by %s leaves out %d of %d rows: %d outside every zone, %d without time\n", m.ID, s.Zones, left, s.Account.Rows,
					s.Account.Outside, s.Account.Untimed)
			}
			if s.Account.Orphans > 0 {
				fmt.Fprintf(a.out, "%s by %s leaves out %s that no %s holds\n", m.ID, s.Zones, plural(s.Account.Orphans, "finer zone"), s.Zones)
			}
		}
	}
	for _, f := range c.Flows {
		if left := f.Account.Outside + f.Account.Unknown; left > 0 {
			fmt.Fprintf(a.out, "%s by %s leaves out %d of %d rows: %d with both ends outside, %d without an end\n", f.ID, f.Zones, left, f.Account.Rows,
				f.Account.Outside, f.Account.Unknown)
		}
	}
}

// runAccount is the JSON of run.
type runAccount struct {
	Release   string           `json:"release"`
	Published bool             `json:"published"` // false: the same content is served already
	Sources   []release.Source `json:"sources"`   // as in the catalogue
	Measures  []leftOut        `json:"measures"`
	Flows     []flowLeftOut    `json:"flows"`
	Cost      release.Cost     `json:"cost"`
}

// leftOut says what the figures of a measure by one zone system leave out.
type leftOut struct {
	ID    string `json:"id"`
	Zones string `json:"zones"`
	release.Account
}

type flowLeftOut struct {
	ID    string `json:"id"`
	Zones string `json:"zones"`
	release.FlowAccount
}

func printAccount(a *app, r *batch.Result) error {
	c := &r.Manifest.Catalog
	account := runAccount{Release: r.Release, Published: r.Published, Sources: c.Sources, Measures: []leftOut{}, Flows: []flowLeftOut{}, Cost: r.Manifest.Cost}
	for _, m := range c.Measures {
		for _, s := range m.Systems {
			account.Measures = append(account.Measures, leftOut{m.ID, s.Zones, s.Account})
		}
	}
	for _, f := range c.Flows {
		account.Flows = append(account.Flows, flowLeftOut{f.ID, f.Zones, f.Account})
	}
	out := json.NewEncoder(a.out)
	out.SetIndent("", " ")
	return out.Encode(account)
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
