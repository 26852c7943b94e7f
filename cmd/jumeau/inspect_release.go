package main

import (
	"fmt"
	"io"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// inspectRelease verifies a release byte by byte and says what its files hold.
type inspectRelease struct {
	ID       string `arg:"" optional:"" help:"Release id, or its beginning or end; default the current one."`
	Releases string `required:"" help:"Folder of releases." type:"existingdir" placeholder:"DIR"`
}

func (inspectRelease) Examples() string {
	return "jumeau inspect release --releases releases\n  jumeau inspect release 3f9c1a --releases releases"
}

func (v *inspectRelease) Run(a *app) error {
	r, err := which{Releases: v.Releases, Release: v.ID}.open()
	if err != nil {
		return err
	}
	m := r.Manifest
	fmt.Fprintf(a.out, "%s: layout %d, signed with key %s\n\n", m.ID, m.Format, m.Key)
	w := table(a.out)
	fmt.Fprintln(w, "file\tsize\tSHA-256\tholds\t")
	for _, f := range m.Files {
		fmt.Fprintf(w, "%s\t%s\t%.12s\t%s\t\n", f.Path, size(f.Bytes), f.SHA256, holds(m, f.Path))
	}
	fmt.Fprintln(w, "\nfigures\tzones\tslots\tpublished\testimated\tpartial\tnot published\tno data\t")
	if err := tellFigures(w, r); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := r.Verify(a.ctx, nil); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "\nThe signature holds, and the bytes of all %d files are those that were published.\n", len(m.Files))
	return nil
}

// holds says in a few words what a file of a release is.
func holds(m *release.Manifest, path string) string {
	c := &m.Catalog
	for _, l := range c.Layers {
		switch path {
		case release.LayerPath(l.ID):
			return fmt.Sprintf("tiles of %s, %d features", l.ID, l.Features)
		case release.ParquetPath(l.ID):
			return "GeoParquet of " + l.ID
		}
	}
	for _, z := range c.ZoneSystems {
		if path == release.ZonesPath(z.ID) {
			return fmt.Sprintf("%d zones", z.Count)
		}
	}
	for _, s := range c.Measures {
		for _, by := range s.Systems {
			if path == release.ValuesPath(s.ID, by.Zones) {
				return fmt.Sprintf("%s by %s", s.ID, by.Zones)
			}
		}
	}
	for _, f := range c.Flows {
		if path == release.FlowsPath(f.ID, f.Zones) {
			return fmt.Sprintf("%s between %s", f.ID, f.Zones)
		}
	}
	if path == "model.duckdb" {
		return "tables, for SQL"
	}
	return ""
}

// tellFigures counts the figures of each measure and flow by flag.
func tellFigures(w io.Writer, r *release.Release) error {
	tell := func(id, zones string, slots int, count map[model.Flag]int) {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t\n", id, zones, slots, count[model.OK], count[model.Estimated], count[model.Partial],
			count[model.NotPublished], count[model.NoData])
	}
	for _, m := range r.Manifest.Catalog.Measures {
		for _, s := range m.Systems {
			v, err := frame.OpenValues(r.Path(release.ValuesPath(m.ID, s.Zones)))
			if err != nil {
				return err
			}
			count := map[model.Flag]int{}
			for _, slot := range v.Slots {
				f, _ := v.At(slot)
				tally(count, f.Flag)
			}
			tell(m.ID, s.Zones, len(v.Slots), count)
			v.Close()
		}
	}
	for _, flow := range r.Manifest.Catalog.Flows {
		v, err := frame.OpenFlows(r.Path(release.FlowsPath(flow.ID, flow.Zones)))
		if err != nil {
			return err
		}
		count := map[model.Flag]int{}
		for _, slot := range v.Slots {
			p, _ := v.At(slot)
			tally(count, p.Flag)
		}
		tell(flow.ID+" (flow)", flow.Zones, len(v.Slots), count)
		v.Close()
	}
	return nil
}

func tally(count map[model.Flag]int, flags []model.Flag) {
	for _, f := range flags {
		count[f]++
	}
}
