package batch

import (
	"context"
	"fmt"
	"slices"

	"jumeau/batch/reuse"
	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/quality"
	"jumeau/model/store"
)

// knownSource is what a run knows of an open source before it reads a row.
type knownSource struct {
	files    []ingest.File // hashed, where an earlier run had files of the same names and sizes
	entry    *reuse.Entry  // of the same inputs, nil: it must be read
	attached bool          // its table can be found
}

// Names within the entry of a source.
const (
	rowsFile   = "rows.duckdb"
	rejectRows = "rejected_rows" // those of its rows that broke their contract
)

// keptAccount is the note beside the rows of a source.
type keptAccount struct {
	Files    []ingest.File
	Format   string
	CRS      string
	Read     int64
	Loaded   int64
	Skipped  int64
	Rejected []ingest.Count
	Repairs  map[string]int64
	Drift    []string
	Profile  quality.Profile
}

func noteOf(a *ingest.Account, p quality.Profile) keptAccount {
	n := keptAccount{Format: a.Format, CRS: a.CRS, Read: a.Read, Loaded: a.Loaded, Skipped: a.Skipped, Rejected: a.Rejected, Repairs: a.Repairs, Drift: a.Drift,
		Profile: p}
	n.Files = slices.Clone(a.Files)
	for i := range n.Files {
		n.Files[i].Path = ""
	}
	return n
}

// account of a source whose rows are those of an earlier run.
func (n keptAccount) account(src *model.Source, files []ingest.File) *ingest.Account {
	return &ingest.Account{Source: src, Files: files, Format: n.Format, CRS: n.CRS, Read: n.Read, Loaded: n.Loaded, Skipped: n.Skipped,
		Rejected: n.Rejected, Repairs: n.Repairs, Drift: n.Drift, Reused: true}
}

// look finds the files of the open sources, and hashes those that may be what an earlier run read.
func (r *run) look(ctx context.Context, sources []*model.Source) error {
	for _, src := range sources {
		k := &knownSource{}
		r.known[src.ID] = k
		files, err := r.ingestOptions().Find(src)
		if err != nil { // reading it says so
			if r.tracer.sources[src.ID] = ""; src.Optional && ingest.IsAbsent(err) {
				r.tracer.sources[src.ID] = absentKey
			}
			continue
		}
		if k.files = files; r.Full || !r.seen(src.ID, files) {
			continue
		}
		for i := range k.files {
			if err := k.files[i].Digest(ctx); err != nil {
				return &model.Error{Kind: model.Unavailable, Op: "read", Subject: src.ID + " (" + files[i].Name + ")", Err: err,
					Hint: "look at the file's permissions"}
			}
		}
		in := r.tracer.source(src, k.files)
		k.entry, r.tracer.sources[src.ID] = r.kept.Find(keptSource, src.ID, in), in.Key()
	}
	return nil
}

// seen says whether files of these names and sizes were read before.
func (r *run) seen(source string, files []ingest.File) bool {
	return slices.ContainsFunc(r.kept.All(keptSource, source), func(e *reuse.Entry) bool {
		var n keptAccount
		return e.Read(&n) == nil && slices.EqualFunc(n.Files, files, func(a, b ingest.File) bool { return a.Name == b.Name && a.Bytes == b.Bytes })
	})
}

func (r *run) ingestOptions() ingest.Options {
	found := ingest.Fetched{}
	for id, k := range r.known {
		found[id] = k.files
	}
	return ingest.Options{Folders: r.Folders, Fetched: r.Fetched, Found: found, Zone: r.clock, COG: r.Territory.COG, Population: r.population(),
		Progress: r.Progress, Log: r.Log,
		Within: func(ctx context.Context, a *ingest.Account) error { return r.systems.within(ctx, r.store, a) },
		Absent: func(source string) bool { return !r.present(source) }}
}

// load brings the sources in order, and makes the zones that they give as soon as they are there.
func (r *run) load(ctx context.Context, sources []*model.Source) error {
	var waiting []*model.Source
	for _, src := range sources {
		a, err := r.bring(ctx, src)
		if err != nil {
			return err
		}
		r.account(a)
		if a.Absent {
			continue
		}
		if err := r.judge(src, a); err != nil {
			return err
		}
		if src.Zones != nil {
			if err := r.need(ctx, src.ID); err != nil {
				return err
			}
			waiting = append(waiting, src)
		}
		if waiting, err = r.systems.make(ctx, r.store, waiting); err != nil {
			return err
		}
	}
	for _, src := range waiting {
		r.Log.Warn("zones left out: their members are absent", "zones", src.Zones.System, "members", src.Zones.Members.System)
	}
	return nil
}

// bring gives the account of a source: of an earlier run when nothing changed, and then no row is touched.
func (r *run) bring(ctx context.Context, src *model.Source) (*ingest.Account, error) {
	k := r.known[src.ID]
	if k.entry == nil {
		return r.read(ctx, src)
	}
	var n keptAccount
	if err := k.entry.Read(&n); err != nil {
		return r.read(ctx, src)
	}
	if len(n.Rejected) > 0 { // the release lists them
		if !k.entry.Intact(ctx) {
			return r.read(ctx, src)
		}
		if err := r.attach(ctx, k); err != nil {
			return nil, err
		}
	}
	r.use(k.entry)
	r.reused.Sources = append(r.reused.Sources, src.ID)
	if r.Progress != nil {
		_, end := r.Progress.Begin(src.ID, 0)
		end(fmt.Sprintf("unchanged, %d rows kept", n.Loaded))
	}
	r.Log.Info("source unchanged", "source", src.ID, "rows", n.Loaded)
	return n.account(src, k.files), nil
}

// read reads a source into a part of its own, and keeps it for the next run.
func (r *run) read(ctx context.Context, src *model.Source) (a *ingest.Account, err error) {
	k := r.known[src.ID]
	if len(k.files) == 0 { // absent, or an error
		a, err := ingest.Load(ctx, r.store, src, r.ingestOptions())
		return a, err
	}
	for _, id := range ingest.Needs(r.Territory, src) {
		if err := r.need(ctx, id); err != nil {
			return nil, err
		}
	}
	part, err := r.kept.New(keptSource, src.ID)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			part.Drop()
		}
	}()
	if err := r.store.BeginPart(ctx, part.Path(rowsFile)); err != nil {
		return nil, err
	}
	if a, err = ingest.Load(ctx, r.store, src, r.ingestOptions()); err != nil {
		return nil, err
	}
	profile, err := ingest.Profile(ctx, r.store, a, r.Territory.TimeZone)
	if err != nil {
		return nil, err
	}
	profile.SHA256 = digestOf(a.Files)
	if _, err := r.store.Exec(ctx, "CREATE TABLE "+rejectRows+" AS SELECT * FROM reject WHERE source = ?", src.ID); err != nil {
		return nil, err
	}
	if err := r.store.EndPart(ctx, "source_"+src.ID, rejectRows); err != nil {
		return nil, err
	}
	in := r.tracer.source(src, a.Files)
	if k.entry, err = part.Keep(ctx, in, a.Elapsed.Seconds(), noteOf(a, profile)); err != nil {
		return nil, err
	}
	r.tracer.sources[src.ID] = in.Key()
	r.use(k.entry)
	k.attached = true
	_, err = r.store.Attach(ctx, k.entry.Path(rowsFile))
	return a, err
}

// need makes the table of an open source be there. One that is damaged is read again.
func (r *run) need(ctx context.Context, source string) error {
	k := r.known[source]
	if k == nil || k.attached || !r.present(source) {
		return nil
	}
	if k.entry.Intact(ctx) {
		return r.attach(ctx, k)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.Log.Warn("what was kept of a source is damaged: it is read again", "source", source)
	a, err := r.read(ctx, r.source(source))
	if err != nil {
		return err
	}
	r.reused.Sources = slices.DeleteFunc(r.reused.Sources, func(id string) bool { return id == source })
	a.Findings = r.accounts[source].Findings
	*r.accounts[source] = *a
	return nil
}

// attach opens what is kept of a source, and takes its rejects into the build file.
func (r *run) attach(ctx context.Context, k *knownSource) error {
	if k.attached {
		return nil
	}
	part, err := r.store.Attach(ctx, k.entry.Path(rowsFile))
	if err != nil {
		return err
	}
	k.attached = true
	var n keptAccount
	if err := k.entry.Read(&n); err != nil || len(n.Rejected) == 0 {
		return err
	}
	_, err = r.store.Exec(ctx, "INSERT INTO reject SELECT * FROM "+part+"."+store.Quote(rejectRows))
	return err
}
