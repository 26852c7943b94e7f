package batch

import (
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"jumeau/batch/reuse"
	"jumeau/ingest"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/frame"
	"jumeau/model/quality"
	"jumeau/model/release"
	"jumeau/model/store"
)

//go:embed sql/*.sql
var files embed.FS

var statements = func() map[string]string {
	out, err := store.Statements(files)
	if err != nil {
		panic(err)
	}
	return out
}()

// Options of a run.
type Options struct {
	Territory *model.Territory // required
	Releases  string           // folder of releases; required, made when absent
	Folders   []string         // where from.path is looked for, in order; required
	Fetched   ingest.Fetched   // files of sources that were fetched
	Version   string           // of the program, for the manifest
	Program   string           // tells one build of the program from another: what another one kept is made again; default Version
	Full      bool             // make everything again, whatever is kept
	Memory    int64            // bytes the build file may hold in memory; default 192 MiB
	Threads   int              // of the database, and to bake tiles; default every core
	Progress  ingest.Progress  // nil: silent
	Log       *slog.Logger     // required
	Now       func() time.Time // dates the release; default time.Now
}

// Result is what a run did.
type Result struct {
	Release   string // id
	Published bool   // false: the served release has the same content already, or
	Held      bool   // true: the release is there and is not served, because the folder is held
	Manifest  *release.Manifest
	Accounts  []*ingest.Account // in the order of loading
	Same      bool              // nothing had changed since the last run: nothing was made
	Reused    Reused            // what was taken from the last run
	Cost      release.Cost      // the whole of it; what the manifest says leaves out the work on rows about people
	Drift     []Drifted         // in what sources are not as before
}

// run is the state of one run.
type run struct {
	Options
	clock    *time.Location // of the territory
	started  time.Time
	cpu      time.Duration
	draft    *release.Draft
	store    *store.Store
	systems  *systems
	accounts map[string]*ingest.Account
	order    []*ingest.Account
	frames   []builtMeasure
	flows    []builtFlow
	layers   []*builtLayer
	baked    []release.Baked
	editions []release.Edition
	tours    []release.Tour
	about    *release.Manifest
	private  effort            // the part of the work on rows about people
	whole    release.Cost      // with it
	people   []*model.Source   // sources about people, read last
	drawn    map[string]*drawn // what left the gate, by source
	ledger   *ledger.Ledger

	tracer *tracer
	kept   *reuse.Store
	used   map[*reuse.Entry]bool
	known  map[string]*knownSource
	reused Reused

	history quality.History
	drift   []Drifted
}

// builtMeasure is a measure as published, with its frames by zone system.
type builtMeasure struct {
	id      string
	source  *model.Source
	measure *model.Measure
	frames  []builtFrames
	table   string     // of protected figures: the declared table
	member  model.Text // of a histogram or split: the class
	totals  []release.Total
}

// builtFrames are the figures of a measure in one zone system, and what became of the rows or of the finer zones.
type builtFrames struct {
	*fact.Frames
	account fact.Account
	rolled  bool // summed from finer zones, of which so many lie in no zone of this system:
	orphans int
}

type builtFlow struct {
	id      string
	source  *model.Source
	flow    *model.Flow
	flows   *fact.Flows
	account fact.FlowAccount
	table   string
	totals  []release.Total
}

// Run reads the sources of a territory and publishes a release. On any error nothing is published and the served release
// is untouched.
func Run(ctx context.Context, opt Options) (*Result, error) {
	r := &run{Options: opt, started: time.Now(), cpu: cpuTime(), systems: newSystems(), accounts: map[string]*ingest.Account{}, drawn: map[string]*drawn{},
		tracer: newTracer(opt.Territory, cmp.Or(opt.Program, opt.Version)), used: map[*reuse.Entry]bool{}, known: map[string]*knownSource{}}
	var err error
	if r.clock, err = time.LoadLocation(opt.Territory.TimeZone); err != nil {
		return nil, &model.Error{Kind: model.Invalid, Op: "run", Subject: opt.Territory.ID, Err: err, Hint: "time_zone is an IANA name: Europe/Paris"}
	}
	sources, err := ingest.Order(opt.Territory)
	if err != nil {
		return nil, err
	}
	for _, src := range sources { // before a byte is read
		if err := ingest.Refuse(src); err != nil {
			return nil, err
		}
		if ingest.AboutPeople(src) {
			r.people = append(r.people, src)
		}
	}
	sources = slices.DeleteFunc(sources, ingest.AboutPeople)
	r.ledger = ledger.At(filepath.Join(opt.Releases, LedgerName))
	if r.draft, err = release.Begin(opt.Releases); err != nil {
		return nil, err
	}
	defer r.draft.Close()
	r.kept = reuse.Open(filepath.Join(opt.Releases, KeptName))
	if err := r.look(ctx, sources); err != nil {
		return nil, err
	}
	if result, err := r.unchanged(ctx, sources); result != nil || err != nil {
		return result, err
	}
	if err := r.readHistory(); err != nil {
		return nil, err
	}
	if err := r.build(ctx, sources); err != nil {
		if len(r.drift) > 0 {
			err = &drifted{err, r.drift}
		}
		return nil, err
	}
	if opt.Now != nil {
		r.about.BuiltAt = opt.Now()
	}
	id, published, err := r.draft.Publish(ctx, *r.about)
	if err != nil {
		return nil, err
	}
	r.keepRun(ctx, id)
	return &Result{Release: id, Published: published, Held: r.draft.Held(), Manifest: r.about, Accounts: r.order, Cost: r.whole, Reused: r.reused, Drift: r.drift}, nil
}

// build fills the draft. The build file lives beside the draft and is gone at the end.
func (r *run) build(ctx context.Context, sources []*model.Source) (err error) {
	private := strings.TrimSuffix(r.draft.Dir(), ".tmp") + "-build.tmp" // as a draft, so that the next run removes what a kill leaves
	if err := os.Mkdir(private, 0o700); err != nil {
		return &model.Error{Kind: model.Unavailable, Op: "run", Subject: private, Err: err, Hint: "the folder of releases must be writable"}
	}
	defer os.RemoveAll(private)
	if r.store, err = store.Create(ctx, filepath.Join(private, "build.duckdb"), store.Options{Memory: r.Memory, Threads: r.Threads}); err != nil {
		return err
	}
	defer r.store.Close()
	for _, prepare := range []func(context.Context, *store.Store) error{ingest.Prepare, fact.Prepare, prepareZones} {
		if err := prepare(ctx, r.store); err != nil {
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"sources", func(ctx context.Context) error { return r.load(ctx, sources) }},
		{"editions", r.compareEditions},
		{"zones", r.makeZones},
		{"facts", r.makeFacts},
		{"layers", func(ctx context.Context) error { return r.makeLayers(ctx, false) }},
		{"tiles", r.bakeTiles},
		{"people", r.protect}, // after all that may fail on open data: what is drawn is charged
		{"mosaics", func(ctx context.Context) error { return r.makeLayers(ctx, true) }},
		{"search", r.makeSearch},
		{"tours", r.makeTours},
		{"model", r.makeModel},
		{"history", func(context.Context) error { return r.writeHistory() }},
		{"manifest", r.makeManifest},
	} {
		start := time.Now()
		end := func(string) {}
		if r.Progress != nil && step.name != "sources" && step.name != "people" { // each source has its own bar
			_, end = r.Progress.Begin(step.name, 0)
		}
		if err := step.do(ctx); err != nil {
			end("stopped")
			return err
		}
		end(fmt.Sprintf("%.1f s", time.Since(start).Seconds()))
		r.Log.Info("step finished", "step", step.name, "elapsed", time.Since(start))
	}
	return nil
}

func (r *run) makeZones(ctx context.Context) error {
	for _, src := range r.Territory.Sources {
		if len(gridUses(src)) > 0 {
			if err := r.need(ctx, src.ID); err != nil {
				return err
			}
		}
	}
	if err := r.systems.grids(ctx, r.store, r.Territory, r.accounts); err != nil {
		return err
	}
	if err := r.systems.settle(ctx, r.store, r.Territory); err != nil {
		return err
	}
	for _, id := range r.systems.order {
		if err := frame.WriteZones(r.path(release.ZonesPath(id)), r.systems.frame(id)); err != nil {
			return err
		}
		r.tracer.zones[id] = hashOf(r.systems.byID[id])
	}
	return nil
}

// population is the source that shares the figures of communes that were split, or nil.
func (r *run) population() *model.Source {
	if r.Territory.COG == nil {
		return nil
	}
	return r.source(r.Territory.COG.Population)
}

// source finds a source by its id.
func (r *run) source(id string) *model.Source {
	for _, s := range r.Territory.Sources {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// present says whether a source was read.
func (r *run) present(id string) bool { a := r.accounts[id]; return a != nil && !a.Absent }

// makeLayers builds the layers of open data, or those whose zones were made of protected figures.
func (r *run) makeLayers(ctx context.Context, mosaics bool) error {
	for _, l := range r.Territory.Layers {
		if r.adaptive(l.Geometry.Zones) != mosaics {
			continue
		}
		if s := l.Geometry.Source; s != "" && !r.present(s) || s == "" && r.systems.byID[l.Geometry.Zones] == nil {
			r.Log.Info("layer left out: its source is absent", "layer", l.ID)
			continue
		}
		built, err := r.buildLayer(ctx, l)
		if err != nil {
			return err
		}
		r.layers = append(r.layers, built)
	}
	return nil
}

// adaptive says whether a zone system is one that protected figures make.
func (r *run) adaptive(system string) bool {
	return slices.ContainsFunc(r.people, func(src *model.Source) bool {
		for _, p := range src.Behaviour.Publish {
			if system != "" && p.Adaptive == system {
				return true
			}
		}
		return false
	})
}

// published tables of model.duckdb: an allow-list; nothing else leaves the build file.
var published = []string{"zone", "zone_parent", "zone_overlap", "measure", "flow", "reject"}

const modelPath = "model.duckdb"

// makeModel copies the published tables into the database of the release, and gives the release a digest of their rows:
// the bytes of a database differ from run to run.
func (r *run) makeModel(ctx context.Context) error {
	if _, err := r.store.Exec(ctx, "ATTACH "+store.Literal(r.path(modelPath))+" AS published"); err != nil {
		return err
	}
	digest := sha256.New()
	for _, table := range published {
		if _, err := r.store.Exec(ctx, "CREATE TABLE published."+table+" AS SELECT * FROM "+table); err != nil {
			return err
		}
		var rows string
		if err := r.store.Scan(ctx, store.Fill(statements["Digest"], map[string]string{"table": table}), nil, &rows); err != nil {
			return err
		}
		fmt.Fprintln(digest, table, rows)
	}
	r.draft.Digest(modelPath, hex.EncodeToString(digest.Sum(nil)))
	_, err := r.store.Exec(ctx, "DETACH published")
	return err
}
