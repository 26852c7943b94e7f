package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"jumeau/model/release"
)

// releasesVerb looks after the releases of a folder.
type releasesVerb struct {
	List     releasesList     `cmd:"" help:"List the releases, newest first; the one being served has a star."`
	Show     releasesShow     `cmd:"" help:"Say what a release holds, where it comes from, and what it cost."`
	Diff     releasesDiff     `cmd:"" help:"Say what changed between two releases."`
	Rollback releasesRollback `cmd:"" help:"Serve an older release again."`
	Resume   releasesResume   `cmd:"" help:"Lift the hold of a rollback: runs publish again."`
	Prune    releasesPrune    `cmd:"" help:"Remove old releases, never the one being served."`
}

func (releasesVerb) Examples() string {
	return "jumeau releases list --releases releases\n  jumeau releases diff 3f9c1a current --releases releases\n  jumeau releases rollback --releases releases"
}

// folder is what every verb of releases asks for.
type folder struct {
	Releases string `required:"" help:"Folder of releases." type:"existingdir" placeholder:"DIR"`
	JSON     bool   `name:"json" help:"Print as JSON."`
}

func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(v)
}

// table aligns columns that are separated by tabs.
func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 4, 2, ' ', 0) }

type releasesList struct {
	folder `embed:""`
}

// listedRelease is one element of the JSON of list.
type listedRelease struct {
	ID       string    `json:"id"`
	Current  bool      `json:"current"`
	BuiltAt  time.Time `json:"built_at,omitzero"`
	Bytes    int64     `json:"bytes,omitempty"`
	Layers   int       `json:"layers,omitempty"`
	Measures int       `json:"measures,omitempty"`
	Content  string    `json:"content,omitempty"`
	Error    string    `json:"error,omitempty"`
}

func (v *releasesList) Run(a *app) error {
	all, err := release.List(v.Releases)
	if err != nil {
		return err
	}
	rows := []listedRelease{}
	for _, l := range all {
		row := listedRelease{ID: l.ID, Current: l.Current}
		if l.Err != nil {
			row.Error = l.Err.Error()
		} else {
			m := l.Manifest
			row.BuiltAt, row.Bytes, row.Content = m.BuiltAt, m.Bytes(), m.Content
			row.Layers, row.Measures = len(m.Catalog.Layers), len(m.Catalog.Measures)
		}
		rows = append(rows, row)
	}
	if v.JSON {
		return printJSON(a.out, rows)
	}
	if len(rows) == 0 {
		fmt.Fprintf(a.out, "No release yet. Publish with: jumeau run TERRITORY --releases %s\n", v.Releases)
		return nil
	}
	w := table(a.out)
	fmt.Fprintln(w, "  release\tbuilt (UTC)\tsize\tlayers\tmeasures\t")
	for _, r := range rows {
		star := " "
		if r.Current {
			star = "*"
		}
		if r.Error != "" {
			fmt.Fprintf(w, "%s %s\tbroken\t\t\t\t%s\n", star, r.ID, r.Error)
			continue
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s\t%d\t%d\t\n", star, r.ID, r.BuiltAt.Format("2006-01-02 15:04"), size(r.Bytes), r.Layers, r.Measures)
	}
	return w.Flush()
}

type releasesShow struct {
	ID     string `arg:"" optional:"" help:"Release id, or its beginning or end; default the current one."`
	folder `embed:""`
}

func (v *releasesShow) Run(a *app) error {
	id, err := release.Find(v.Releases, cmp.Or(v.ID, "current"))
	if err != nil {
		return err
	}
	r, err := release.Open(v.Releases, id)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(a.out, r.Manifest)
	}
	return show(a.out, r.Manifest)
}

func show(out io.Writer, m *release.Manifest) error {
	c := &m.Catalog
	synthetic := ""
	if c.Territory.Synthetic {
		synthetic = " (synthetic data)"
	}
	fmt.Fprintf(out, "%s: %s%s\n\n", m.ID, c.Territory.Title.In("en"), synthetic)
	w := table(out)
	fmt.Fprintf(w, "built\t%s by %s %s\n", m.BuiltAt.Format("2 January 2006, 15:04 UTC"), m.Tool.Name, m.Tool.Version)
	fmt.Fprintf(w, "content\t%s\n", m.Content)
	fmt.Fprintf(w, "signed\twith key %s\n", m.Key)
	fmt.Fprintf(w, "size\t%s in %d files\n", size(m.Bytes()), len(m.Files))
	fmt.Fprintf(w, "cost\t%.1f s, %.1f s of CPU, %s of memory, about %.2f Wh\n\n", m.Cost.WallSeconds, m.Cost.CPUSeconds, size(m.Cost.PeakBytes), m.Cost.WattHours)
	fmt.Fprintln(w, "layer\tfeatures\tzooms\tshows\t")
	for _, l := range c.Layers {
		shows := strings.Join(append(append([]string{}, l.Measures...), l.Flows...), ", ")
		if visible := cmp.Or(l.Audience, "public"); visible != "public" {
			shows = strings.TrimPrefix(shows+", ", ", ") + "for " + visible + "s only"
		}
		fmt.Fprintf(w, "%s\t%d\t%d-%d\t%s\t\n", l.ID, l.Features, l.MinZoom, l.MaxZoom, shows)
	}
	fmt.Fprintln(w, "\nmeasure\tunit\tzones\tslots\t")
	for _, s := range c.Measures {
		var zones []string
		for _, z := range s.Systems {
			zones = append(zones, z.Zones)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t\n", s.ID, s.Unit.In("en"), strings.Join(zones, ", "), len(s.Slots))
	}
	for _, f := range c.Flows {
		fmt.Fprintf(w, "%s (flow)\t%s\t%s\t%d\t\n", f.ID, f.Unit.In("en"), f.Zones, len(f.Slots))
	}
	fmt.Fprintln(w, "\nsource\tvintage\tread\tloaded\tskipped\trejected\t")
	for _, s := range c.Sources {
		if s.Absent {
			fmt.Fprintf(w, "%s\t%s\tabsent\t\t\t\t\n", s.ID, s.Vintage)
			continue
		}
		var rejected int64
		var codes []string
		for _, r := range s.Rejected {
			rejected += r.Count
			codes = append(codes, fmt.Sprintf("%s %d", r.Code, r.Count))
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%s\n", s.ID, s.Vintage, s.Read, s.Loaded, s.Skipped, rejected, strings.Join(codes, ", "))
	}
	return errors.Join(w.Flush(), showEditions(out, m.Editions))
}

// showEditions prints how the rows of sources differ from those of an earlier release.
func showEditions(out io.Writer, editions []release.Edition) error {
	if len(editions) == 0 {
		return nil
	}
	w := table(out)
	fmt.Fprintln(w, "\nrows of\tadded\tchanged\tremoved\tsame\tsince\t")
	for _, e := range editions {
		changed, note := strconv.FormatInt(e.Changed, 10), ""
		if e.Redeclared {
			changed, note = "?", "the contract declares other columns than before: only keys are compared"
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%d\t%d\t%s\t%s\n", e.Source, e.Added, changed, e.Removed, e.Same, e.Since, note)
	}
	return w.Flush()
}

type releasesDiff struct {
	A      string `arg:"" help:"The earlier release: its id, its beginning or end, or current."`
	B      string `arg:"" help:"The later one."`
	folder `embed:""`
}

func (v *releasesDiff) Run(a *app) error {
	from, err := release.Find(v.Releases, v.A)
	if err != nil {
		return err
	}
	to, err := release.Find(v.Releases, v.B)
	if err != nil {
		return err
	}
	d, err := release.Compare(v.Releases, from, to)
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(a.out, d)
	}
	return showDiff(a.out, d)
}

func showDiff(out io.Writer, d *release.Diff) error {
	fmt.Fprintf(out, "%s → %s\n", d.A, d.B)
	if d.Same {
		fmt.Fprintln(out, "The content is the same.")
		return showEditions(out, d.Rows)
	}
	fmt.Fprintf(out, "size %s → %s\n", size(d.Bytes[0]), size(d.Bytes[1]))
	w := table(out)
	if len(d.Things) > 0 {
		fmt.Fprintln(w, "\nwhat\tid\tchange\t")
	}
	for _, t := range d.Things {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", t.Kind, t.ID, t.Change, strings.Join(t.Details, "; "))
	}
	if err := errors.Join(w.Flush(), showEditions(out, d.Rows)); err != nil {
		return err
	}
	if len(d.Figures) > 0 {
		fmt.Fprintln(w, "\nfigures\tzones\tcompared\tchanged\tflags\tadded\tremoved\t")
	}
	for _, f := range d.Figures {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t\n", f.ID, f.Zones, f.Compared, f.Numbers, f.Flags, f.Added, f.Removed)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, f := range d.Figures {
		if len(f.Largest) == 0 {
			continue
		}
		fmt.Fprintf(out, "\nlargest changes of %s by %s\n", f.ID, f.Zones)
		for _, l := range f.Largest {
			fmt.Fprintf(w, "  %s\t%s\t%s\t%.6g → %.6g\t\n", l.Zone, l.Name, l.Slot, l.Before, l.After)
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if len(d.Things)+len(d.Figures) == 0 {
		fmt.Fprintln(out, "No layer, measure, flow, source or figure changed; other files did.")
	}
	return nil
}

type releasesRollback struct {
	ID     string `arg:"" optional:"" help:"Release id, or its beginning or end; default the one before the current."`
	Hold   bool   `help:"Runs then build without publishing, until jumeau releases resume." default:"true" negatable:""`
	Why    string `help:"Reason, for those who read the hold." placeholder:"TEXT"`
	folder `embed:""`
}

func (v *releasesRollback) Run(a *app) error {
	var now, before string
	var err error
	if v.Hold {
		now, before, err = release.RollbackAndHold(v.Releases, v.ID, release.Hold{Since: time.Now().UTC().Truncate(time.Second), By: whoami(), Why: v.Why})
	} else {
		now, before, err = release.Rollback(v.Releases, v.ID)
	}
	if err != nil {
		return err
	}
	if v.JSON {
		return printJSON(a.out, map[string]any{"current": now, "before": before, "held": v.Hold})
	}
	fmt.Fprintf(a.out, "Now served: %s (before: %s). Running servers change over by themselves.\n", now, before)
	if v.Hold {
		fmt.Fprintf(a.errOut, "It stays so: runs build without publishing, until jumeau releases resume --releases %s\n", v.Releases)
	} else {
		fmt.Fprintln(a.errOut, "The next run publishes anew: correct the sources or the declarations first, or the same content comes back.")
	}
	return nil
}

type releasesResume struct {
	Newest bool `help:"Serve the newest release at once, instead of waiting for the next run."`
	folder `embed:""`
}

func (v *releasesResume) Run(a *app) error {
	lifted, err := release.Resume(v.Releases)
	if err != nil {
		return err
	}
	now, err := release.Current(v.Releases)
	if err != nil {
		return err
	}
	newest := now
	if all, err := release.List(v.Releases); err == nil && len(all) > 0 {
		newest = all[0].ID
	}
	if v.Newest && newest != now {
		if now, err = release.ServeNewest(v.Releases); err != nil {
			return err
		}
	}
	if v.JSON {
		return printJSON(a.out, map[string]any{"current": now, "newest": newest, "lifted": lifted})
	}
	if lifted == nil {
		fmt.Fprintln(a.out, "There was no hold.")
	} else {
		fmt.Fprintln(a.out, "The hold is lifted: the next run publishes.")
	}
	fmt.Fprintf(a.out, "Now served: %s\n", now)
	if newest != now {
		fmt.Fprintf(a.out, "Newer, built meanwhile: %s\n", newest)
	}
	return nil
}

type releasesPrune struct {
	Keep   int           `help:"How many of the newest releases to keep." default:"5"`
	MinAge time.Duration `name:"min-age" help:"Keep every release younger than this: pages that are still open on it go on working." default:"24h"`
	DryRun bool          `name:"dry-run" help:"Say what would be removed, and remove nothing."`
	folder `embed:""`
}

func (v *releasesPrune) Run(a *app) error {
	removed, err := release.Prune(v.Releases, release.PruneOptions{Keep: v.Keep, MinAge: v.MinAge, DryRun: v.DryRun})
	if err != nil {
		return err
	}
	if v.JSON {
		rows := []map[string]any{}
		for _, p := range removed {
			rows = append(rows, map[string]any{"id": p.ID, "bytes": p.Bytes})
		}
		return printJSON(a.out, map[string]any{"dry_run": v.DryRun, "removed": rows})
	}
	word := "removed"
	if v.DryRun {
		word = "would remove"
	}
	var bytes int64
	for _, p := range removed {
		fmt.Fprintf(a.out, "%s %s (%s)\n", word, p.ID, size(p.Bytes))
		bytes += p.Bytes
	}
	fmt.Fprintf(a.out, "%s %s, %s\n", word, plural(len(removed), "release"), size(bytes))
	return nil
}
