package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/ingest/fetch"
	"jumeau/ingest/format"
	"jumeau/model"
)

type inspectSource struct {
	Territory string `arg:"" help:"Folder of the territory, or the name of an embedded one."`
	Source    string `arg:"" help:"Identifier of the source."`
	Mirror    string `help:"Folder that holds the sources' files." type:"existingdir" placeholder:"DIR"`
	Work      string `help:"Folder of jumeau.lock; default as for fetch." placeholder:"DIR"`
	Rejects   int    `help:"Rejected rows shown of each code." default:"3"`
}

func (v *inspectSource) Run(a *app) error {
	opened, err := openTerritory(a, v.Territory)
	if err != nil {
		return err
	}
	defer opened.close()
	t, folder := opened.territory, opened.folder
	var src *model.Source
	var have []string
	for _, s := range t.Sources {
		have = append(have, s.ID)
		if s.ID == v.Source {
			src = s
		}
	}
	if src == nil {
		return &model.Error{Kind: model.NotFound, Op: "inspect", Subject: "source " + v.Source, Err: fmt.Errorf("%s has no such source", t.ID),
			Hint: "its sources are: " + strings.Join(have, ", ")}
	}
	if err := ingest.Refuse(src); err != nil {
		return err
	}
	if err := a.quiet(src); err != nil {
		return err
	}
	folders := []string{folder}
	if v.Mirror != "" {
		folders = []string{v.Mirror, folder}
	}
	files, err := ingest.Locate(src, folders)
	if err != nil && v.Mirror == "" && src.From.URL != "" {
		kept, failed := fetch.Kept(fetchFlags{Work: v.Work}.work(v.Territory), folders, t.Sources)
		if failed != nil {
			return failed
		}
		files, err = ingest.Options{Folders: folders, Fetched: kept}.Find(src)
	}
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %s (%s, %s, %s)\n", src.ID, src.Title.EN, src.Producer, src.Licence, src.Vintage)
	look := &lookup{a: a, src: src, counts: map[string]int{}, most: v.Rejects}
	if look.binder, err = contract.New(src, zone); err != nil {
		return err
	}
	for n, f := range files {
		if err := look.file(a.ctx, n, f); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.out, "\n%d rows read, %d keep the contract, %d rejected, %d skipped (rules that need the whole source are checked by run)\n",
		look.read, look.bound, look.rejected, look.binder.Skipped)
	if ingest.AboutPeople(src) { // reasons quote rows
		for _, code := range slices.Sorted(maps.Keys(look.counts)) {
			fmt.Fprintf(a.out, "  rejected %s %d\n", code, look.counts[code])
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(look.binder.Repairs)) {
		fmt.Fprintf(a.out, "geometry repaired: %s %d\n", kind, look.binder.Repairs[kind])
	}
	for _, name := range slices.Sorted(maps.Keys(look.binder.Bound)) {
		fmt.Fprintf(a.out, "column found under another name: %s in %s\n", name, look.binder.Bound[name])
	}
	for _, text := range look.binder.Drift {
		fmt.Fprintln(a.out, text)
	}
	for _, name := range look.binder.Absent {
		fmt.Fprintf(a.out, "column absent from a file: %s\n", name)
	}
	return nil
}

// lookup reads the files of a source under its contract and keeps nothing.
type lookup struct {
	a                     *app
	src                   *model.Source
	binder                *contract.Binder
	read, bound, rejected int64
	counts                map[string]int
	most                  int
}

func (l *lookup) file(ctx context.Context, n int, f ingest.File) error {
	reader, err := ingest.Open(ctx, l.src, f)
	if err != nil {
		return err
	}
	defer reader.Close()
	info := reader.Info()
	l.describe(f, info)
	wanted, err := l.binder.File(n, f.Name, info)
	if err != nil {
		return err
	}
	if err := reader.Select(wanted); err != nil {
		return err
	}
	for {
		batch, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		l.read += int64(len(batch.Line) + len(batch.Bad))
		rec, rejects := l.binder.Bind(batch)
		if rec != nil {
			l.bound += rec.NumRows()
			rec.Release()
		}
		l.rejected += int64(len(rejects))
		for _, r := range rejects {
			if l.counts[r.Code]++; l.counts[r.Code] <= l.most && !ingest.AboutPeople(l.src) {
				fmt.Fprintf(l.a.out, "  rejected %s:%d %s %s: %s\n", f.Name, r.Line, r.Code, r.Column, r.Reason)
			}
		}
	}
}

func (l *lookup) describe(f ingest.File, info format.Info) {
	fmt.Fprintf(l.a.out, "\n%s, %s\n  format %s", f.Name, size(f.Bytes), info.Format)
	if info.Encoding != "" {
		fmt.Fprintf(l.a.out, ", %s", info.Encoding)
	}
	if info.Geometry {
		fmt.Fprintf(l.a.out, ", geometry in %s", info.CRS)
	}
	fmt.Fprintln(l.a.out)
	declared := map[string]string{}
	for name, c := range l.src.Contract.Columns {
		from := c.From
		if from == "" {
			from = name
		}
		declared[strings.ToLower(from)] = name + ": " + c.Type
	}
	w := tabwriter.NewWriter(l.a.out, 2, 4, 2, ' ', 0)
	for _, c := range info.Columns {
		use := declared[strings.ToLower(c.Name)]
		if use == "" {
			use = "not read"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", c.Name, c.Type, use)
	}
	w.Flush()
}
