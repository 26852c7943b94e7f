package batch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

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
	Encoding string
	Rows     int64
}

func noteOf(a *ingest.Account, p quality.Profile) keptAccount {
	n := keptAccount{Format: a.Format, CRS: a.CRS, Read: a.Read, Loaded: a.Loaded, Skipped: a.Skipped, Rejected: a.Rejected, Repairs: a.Repairs, Drift: a.Drift,
		Profile: p, Encoding: a.Encoding, Rows: a.Rows}
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
		Clip:   r.clip,
		Absent: func(source string) bool { return !r.present(source) }}
}

// clip is the box in degrees that a source's read.clip names.
func (r *run) clip(name string) (orb.Bound, error) {
	if name == model.ClipTerritory {
		b := r.Territory.BBox
		return orb.Bound{Min: orb.Point{b[0], b[1]}, Max: orb.Point{b[2], b[3]}}, nil
	}
	system := r.systems.byID[name]
	if system == nil || len(system.Zones) == 0 {
		return orb.Bound{}, &model.Error{Kind: model.Invalid, Op: "clip", Err: fmt.Errorf("zone system %s has no zones", name),
			Hint: "its source is absent: give its files, or take read.clip out"}
	}
	box := system.Zones[0].Bound
	for _, z := range system.Zones[1:] {
		box = box.Union(z.Bound)
	}
	return box, nil
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
	opt := r.ingestOptions()
	if opt.Grown, err = r.grown(ctx, src); err != nil {
		return nil, err
	}
	opt.Found[src.ID] = k.files // with the digest
	a, err = ingest.Load(ctx, r.store, src, opt)
	if opt.Grown != nil && errors.Is(err, ingest.ErrNotGrown) {
		opt.Grown = nil
		if _, err = r.store.Exec(ctx, "DROP TABLE IF EXISTS "+ingest.Table(src.ID)); err == nil {
			a, err = ingest.Load(ctx, r.store, src, opt)
		}
	}
	if err != nil {
		return nil, err
	}
	if opt.Grown != nil {
		r.reused.Grown = append(r.reused.Grown, src.ID)
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

// before finds what an earlier run made of the first bytes of the file of a source, where the file only grew since; line is the one on
// which the rest begins. nil where it must be read from its start.
func (r *run) before(ctx context.Context, src *model.Source) (then *ingest.Account, e *reuse.Entry, line int64, err error) {
	k := r.known[src.ID]
	if r.Full || len(k.files) != 1 {
		return nil, nil, 0, nil
	}
	in := r.tracer.source(src, nil)
	for _, e := range r.kept.All(keptSource, src.ID) {
		var n keptAccount
		if e.Inputs.Without("file ").Key() != in.Key() || e.Read(&n) != nil || len(n.Files) != 1 || n.Files[0].Name != k.files[0].Name {
			continue
		}
		then := n.account(src, n.Files)
		then.Encoding, then.Rows = n.Encoding, n.Rows
		if n.Files[0].Bytes >= k.files[0].Bytes || !ingest.MayGrow(src, then) || !e.Intact(ctx) {
			continue
		}
		line, ok, err := k.files[0].Grew(ctx, n.Files[0].Bytes, n.Files[0].SHA256)
		if err != nil || !ok {
			return nil, nil, 0, err
		}
		return then, e, line, nil
	}
	return nil, nil, 0, nil
}

// grown is what ingest is told of a file that only grew, nil when it did not.
func (r *run) grown(ctx context.Context, src *model.Source) (*ingest.Grown, error) {
	then, e, line, err := r.before(ctx, src)
	if err != nil || then == nil {
		return nil, err
	}
	part, err := r.store.AttachAside(ctx, e.Path(rowsFile))
	return &ingest.Grown{From: then.Files[0].Bytes, Line: line, Rows: then.Rows, Encoding: then.Encoding, Table: part + "." + ingest.Table(src.ID),
		Rejects: part + "." + store.Quote(rejectRows), Account: then}, err
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
