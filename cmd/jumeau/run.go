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
	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/model/release"
	"jumeau/model/runlog"
)

// runVerb builds a release.
type runVerb struct {
	Territory  string `arg:"" help:"Folder of the territory, or the name of an embedded one: demo, sicoval, montpellier."`
	Releases   string `required:"" help:"Folder of releases; made when absent." placeholder:"DIR"`
	fetchFlags `embed:""`
	Plan       bool   `help:"Say what would be fetched, read and made, and why, and stop. Code 1 when the run would end with an error."`
	Full       bool   `help:"Make everything again, also what did not change."`
	Memory     int    `help:"Memory that the database may hold, in MiB." default:"192"`
	Threads    int    `help:"Threads of the database, and to bake tiles; 0: every core." default:"0"`
	JSON       bool   `name:"json" help:"Print the account as JSON."`
	Quiet      bool   `short:"q" help:"No progress."`
	Why        string `hidden:"" enum:"by hand,schedule,catch-up,retry" default:"by hand"`
	Due        string `hidden:""`
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
	opened, err := openTerritory(a, v.Territory)
	if err != nil {
		return err
	}
	defer opened.close()
	t, folder := opened.territory, opened.folder
	if v.Plan {
		return v.plan(a, t, v.folders(folder))
	}
	if err := a.quiet(t.Sources...); err != nil {
		return err
	}
	if v.Memory < leastMemory || v.Threads < 0 {
		return &model.Error{Kind: model.Invalid, Op: "run", Subject: "--memory, --threads", Err: fmt.Errorf("%d MiB, %d threads", v.Memory, v.Threads),
			Hint: fmt.Sprintf("give the database at least %d MiB, and 0 or more threads", leastMemory)}
	}
	if v.Territory != "demo" {
		tellAbsent(a.errOut, t, v.folders(folder), v.Mirror == "" && !v.Offline)
	}
	debug.SetGCPercent(gcPercent)
	progress := newProgress(os.Stderr, v.Quiet || v.JSON)
	result, err := batch.Refresh(a.ctx, batch.RefreshOptions{Options: batch.Options{Territory: t, Releases: v.Releases, Folders: v.folders(folder), Version: version,
		Program: program(), Full: v.Full, Memory: int64(v.Memory) << 20, Threads: v.Threads, Progress: progress, Log: a.log},
		Fetch: v.options(a, v.Territory, folder), By: whoami(), Why: v.Why, Due: parseDue(v.Due)})
	progress.close()
	if err != nil && v.Territory == "demo" && model.KindOf(err) == model.NotFound {
		return &model.Error{Kind: model.NotFound, Op: "run", Subject: "demo", Err: err,
			Hint: "its files are generated: jumeau demo does everything, or jumeau demo --build --dir DIR, then run demo --mirror DIR"}
	}
	if err != nil {
		return codedError{err, batch.ExitCode(err), false}
	}
	return v.tell(a, result)
}

// tell prints what a run did, and ends with the code of late sources when there are any.
func (v *runVerb) tell(a *app, r *batch.Refreshed) error {
	if v.JSON {
		if err := printAccount(a, r.Result); err != nil {
			return err
		}
	} else {
		showAccount(a, r.Result)
		if r.Held {
			fmt.Fprintf(a.out, "Built and not served: the folder is held. Lift it: jumeau releases resume --releases %s\n", v.Releases)
		} else {
			fmt.Fprintf(a.out, "Serve it: jumeau serve --releases %s\n", v.Releases)
		}
	}
	if len(r.Record.Late) == 0 {
		return nil
	}
	for _, l := range r.Record.Late {
		fmt.Fprintf(a.errOut, "Late: %s: the file fetched on %s was used: %s\n", l.Source, l.Since.Format("2006-01-02 15:04 UTC"), l.Reason)
	}
	return codedError{errors.New("some sources are late"), runlog.ExitLate, true}
}

// openedTerritory is a declaration that was read.
type openedTerritory struct {
	territory *model.Territory
	folder    string // where its files may lie
	scratch   string // the verb's own, gone when it is closed
}

func openTerritory(a *app, name string) (*openedTerritory, error) {
	scratch, err := os.MkdirTemp("", "jumeau-")
	if err != nil {
		return nil, err
	}
	o := &openedTerritory{scratch: scratch}
	if o.territory, o.folder, err = readTerritory(a, name, scratch); err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

// openBuiltIn opens a territory that comes with the program, though a folder of its name is here.
func openBuiltIn(a *app, name string) (*openedTerritory, error) {
	scratch, err := os.MkdirTemp("", "jumeau-")
	if err != nil {
		return nil, err
	}
	o := &openedTerritory{scratch: scratch}
	if o.folder, err = data.BuiltIn(name, scratch); err == nil {
		o.territory, err = readFolder(a, o.folder, name)
	}
	if err != nil {
		o.close()
		return nil, err
	}
	return o, nil
}

func (o *openedTerritory) close() { os.RemoveAll(o.scratch) }

// readTerritory reads a declaration strictly and shows its problems; folder is where its files may lie.
func readTerritory(a *app, territory, scratch string) (t *model.Territory, folder string, err error) {
	if folder, err = data.Folder(territory, scratch); err != nil {
		return nil, "", err
	}
	t, err = readFolder(a, folder, territory)
	return t, folder, err
}

// readFolder reads the declaration in a folder; territory is how it was called.
func readFolder(a *app, folder, territory string) (*model.Territory, error) {
	t, err := declare.ReadWith(os.DirFS(folder), declare.Options{Templates: data.Templates(), Try: contract.CheckExample})
	var problems declare.Problems
	if errors.As(err, &problems) {
		fmt.Fprint(a.errOut, problems.Below(territory).Text())
		fmt.Fprintf(a.errOut, "\nError: %s in %s\nTry: %s\n", plural(len(problems), "problem"), territory, model.HintOf(err))
		return nil, shownError{}
	}
	return t, err
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
	for _, d := range r.Drift {
		fmt.Fprintf(a.out, "%s: not as before: %s\n", d.Source, d.Text)
	}
	showEditions(a.out, r.Manifest.Editions) //nolint:errcheck // a screen
	showLeftOut(a, &r.Manifest.Catalog)
	c := r.Cost
	state := "published"
	if r.Same && !r.Held {
		fmt.Fprintf(a.out, "\nNothing changed: release %s, %.1f s\n", r.Release, c.WallSeconds)
		return
	}
	if r.Held {
		state = "held"
	} else if !r.Published {
		state = "unchanged: the same content is served already"
	}
	fmt.Fprintf(a.out, "\nrelease %s %s\n%d layers, %d measures, %d flows; read %s in %.1f s (%.1f s of CPU, %s of memory, about %.2f Wh)\n", r.Release, state,
		len(r.Manifest.Catalog.Layers), len(r.Manifest.Catalog.Measures), len(r.Manifest.Catalog.Flows), size(c.BytesRead), c.WallSeconds, c.CPUSeconds,
		size(c.PeakBytes), c.WattHours)
	if u := r.Reused; len(u.Sources)+len(u.Layers) > 0 {
		fmt.Fprintf(a.out, "As in the last run: %d of %s, %d of %s\n", len(u.Sources), plural(len(r.Accounts), "source"), len(u.Layers),
			plural(len(r.Manifest.Catalog.Layers), "layer"))
	}
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
	Published bool             `json:"published"`      // false: the same content is served already, or
	Held      bool             `json:"held,omitempty"` // the releases folder is held
	Same      bool             `json:"same"`           // nothing had changed since the last run: nothing was made
	Reused    batch.Reused     `json:"reused"`         // what was taken from the last run
	Drift     []batch.Drifted  `json:"drift"`          // in what sources are not as before
	Sources   []release.Source `json:"sources"`        // as in the catalogue
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
	account := runAccount{Release: r.Release, Published: r.Published, Held: r.Held, Same: r.Same, Reused: r.Reused, Drift: append([]batch.Drifted{}, r.Drift...), Sources: c.Sources, Measures: []leftOut{}, Flows: []flowLeftOut{}, Cost: r.Cost}
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
