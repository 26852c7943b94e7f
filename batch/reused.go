package batch

import (
	"context"
	"os"
	"path/filepath"

	"jumeau/batch/reuse"
	"jumeau/ingest"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/release"
)

// KeptName is the folder of what runs keep for the next one, beside the releases.
const KeptName = ".kept"

// Reused says what a run took from the last one, by id.
type Reused struct {
	Sources  []string `json:"sources"`
	Grown    []string `json:"grown"` // sources of which only what their file grew by was read
	Measures []string `json:"measures"`
	Flows    []string `json:"flows"`
	Layers   []string `json:"layers"`
}

func newTracer(t *model.Territory, program string) *tracer {
	return &tracer{territory: t, program: program, sources: map[string]string{}, zones: map[string]string{}}
}

// use says that an entry belongs to what the next run may want again.
func (r *run) use(e *reuse.Entry) { r.used[e] = true }

// again is an intact entry of the same inputs, or nil.
func (r *run) again(ctx context.Context, kind, id string, in reuse.Inputs) *reuse.Entry {
	if r.Full {
		return nil
	}
	e := r.kept.Find(kind, id, in)
	if e == nil || !e.Intact(ctx) {
		return nil
	}
	r.use(e)
	return e
}

// keep puts files of the draft into an entry, under the names given. What cannot be kept is made again next time: no reason to fail.
func (r *run) keep(ctx context.Context, kind, id string, in reuse.Inputs, seconds float64, note any, files map[string]string) {
	d, err := r.kept.New(kind, id)
	if err == nil {
		for _, name := range sortedKeys(files) {
			if err == nil {
				err = d.Take(name, files[name])
			}
		}
		var e *reuse.Entry
		if err == nil {
			e, err = d.Keep(ctx, in, seconds, note)
		}
		if err == nil {
			r.use(e)
			return
		}
		d.Drop()
	}
	r.Log.Warn("not kept for the next run", "kind", kind, "id", id, "error", err)
}

// keptRun is the note of the last run that ended well.
type keptRun struct {
	Content string            // of its release
	Zones   map[string]system // of each zone system
}

// system is what a zone system follows from, and what it was.
type system struct {
	From reuse.Inputs
	Hash string
}

// asBefore is the release that a run would only make again, "" when something changed since the last run; accounts are those of
// the sources about people.
func (r *run) asBefore(sources []*model.Source) (id string, held bool, accounts []*ingest.Account, err error) {
	last := r.kept.Latest(keptWhole, r.Territory.ID)
	if r.Full || last == nil {
		return "", false, nil, nil
	}
	for _, src := range sources {
		if r.known[src.ID].entry == nil && r.tracer.sources[src.ID] != absentKey {
			return "", false, nil, nil
		}
	}
	people, accounts, err := r.peopleState()
	if err != nil || people == nil {
		return "", false, nil, err
	}
	var n keptRun
	if last.Key() != r.tracer.run(people).Key() || last.Read(&n) != nil {
		return "", false, nil, nil
	}
	id, held = release.Has(r.Releases, n.Content)
	return id, held, accounts, nil
}

// unchanged is the result of a run that has nothing to do, nil when something changed since the last one.
func (r *run) unchanged(ctx context.Context, sources []*model.Source) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, held, accounts, err := r.asBefore(sources)
	if err != nil || id == "" {
		return nil, err
	}
	opened, err := release.Open(r.Releases, id)
	if err != nil {
		return nil, nil //nolint:nilerr // a release that cannot be opened is made again
	}
	bytes := int64(0)
	for _, src := range sources {
		a := &ingest.Account{Source: src, Absent: true}
		if k := r.known[src.ID]; k.entry != nil {
			var n keptAccount
			if err := k.entry.Read(&n); err != nil {
				return nil, nil //nolint:nilerr // and so is what cannot be read
			}
			a = n.account(src, k.files)
			for _, f := range k.files {
				bytes += f.Bytes
			}
			r.reused.Sources = append(r.reused.Sources, src.ID)
		}
		r.account(a)
	}
	for _, a := range accounts {
		r.account(a)
	}
	r.whole, _ = r.cost(bytes)
	r.Log.Info("nothing changed since the last run", "release", id)
	return &Result{Release: id, Held: held, Same: true, Manifest: opened.Manifest, Accounts: r.order, Cost: r.whole, Reused: r.reused}, nil
}

// peopleState says from where the figures about people will come, by source, when all of them were drawn before; nil when one is to
// be drawn. No file is opened.
func (r *run) peopleState() (map[string]string, []*ingest.Account, error) {
	entries, err := ledger.Read(r.ledger.Path())
	if err != nil {
		return nil, nil, err
	}
	state := map[string]string{}
	var accounts []*ingest.Account
	for _, src := range r.people {
		a := &ingest.Account{Source: src}
		accounts = append(accounts, a)
		name, _ := Drawing(src)
		charged := chargeOf(entries, src.ID, name)
		if charged == nil {
			_, err := r.ingestOptions().Find(src)
			if !src.Optional || !ingest.IsAbsent(err) {
				return nil, nil, nil
			}
			a.Absent, state[src.ID] = true, "absent"
			continue
		}
		if old := r.holder(charged.Hash); old != nil {
			a.Carried, state[src.ID] = old.Manifest.ID, "carried "+charged.Hash+" "+old.Manifest.Content
		} else {
			a.Lost, state[src.ID] = true, "lost "+charged.Hash
		}
	}
	return state, accounts, nil
}

// keepRun notes what the release that was made follows from, and removes what no longer belongs to it.
func (r *run) keepRun(ctx context.Context, id string) {
	people, _, err := r.peopleState()
	opened, open := release.Open(r.Releases, id)
	if err == nil && open == nil && people != nil {
		n := keptRun{Content: opened.Manifest.Content, Zones: map[string]system{}}
		for id, hash := range r.tracer.zones {
			n.Zones[id] = system{r.tracer.system(id), hash}
		}
		r.keep(ctx, keptWhole, r.Territory.ID, r.tracer.run(people), r.spent().wall.Seconds(), n, nil)
	}
	if err := r.kept.Sweep(func(e *reuse.Entry) bool { return r.used[e] }); err != nil {
		r.Log.Warn("what is kept for the next run is not tidy", "error", err)
	}
}

// give puts a kept file into the draft.
func (r *run) give(e *reuse.Entry, name, path string) (bool, error) {
	to := r.path(path)
	given, err := e.Give(name, to)
	if !given {
		os.Remove(filepath.Dir(to)) //nolint:errcheck // an empty folder goes, a full one stays
	}
	return given, err
}
