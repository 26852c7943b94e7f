package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/ipc"

	"jumeau/ingest"
	"jumeau/ingest/gate"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/fact"
	"jumeau/model/release"
)

// LedgerName is the file of charges, beside the releases and in none of them.
const LedgerName = "ledger.jsonl"

// drawn is what left the gate for one source, now or in an earlier run.
type drawn struct {
	card  release.Card
	entry release.Entry
}

// Drawing names, in the ledger, what one run draws from a source: its period, and the edition from the second on.
func Drawing(src *model.Source) (name, corrects string) {
	b := src.Behaviour
	edition := func(n int) string {
		if n <= 1 {
			return b.Period
		}
		return fmt.Sprintf("%s.%d", b.Period, n)
	}
	if b.Edition > 1 {
		corrects = edition(b.Edition - 1)
	}
	return edition(b.Edition), corrects
}

// protect brings the figures of the sources about people. A period is drawn, and charged, once: when the ledger has it already,
// the figures are carried over from the release that has them, unchanged, and the raw file is not even looked for. So open
// sources can be refreshed every night beside a source that is drawn every quarter.
func (r *run) protect(ctx context.Context) error {
	entries, err := ledger.Read(r.ledger.Path())
	if err != nil {
		return err
	}
	for _, src := range r.people {
		name, _ := Drawing(src)
		charged := chargeOf(entries, src.ID, name)
		if charged == nil {
			err = r.draw(ctx, src)
		} else {
			err = r.carry(ctx, src, charged)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// draw reads a source into a gate, charges the ledger, and takes the cube.
func (r *run) draw(ctx context.Context, src *model.Source) error {
	for _, id := range ingest.Needs(r.Territory, src) {
		if err := r.need(ctx, id); err != nil {
			return err
		}
	}
	defer r.apart()()
	tables, err := r.tables(ctx, src)
	if err != nil {
		return err
	}
	setup := gate.Setup{Source: src, Privacy: r.Territory.Privacy, Zone: r.clock, Author: r.author(), Tables: tables, Units: src.Behaviour.Units}
	setup.Release, setup.Corrects = Drawing(src)
	if setup.Period.From, setup.Period.To, err = model.ParsePeriod(src.Behaviour.Period); err != nil {
		return &model.Error{Kind: model.Invalid, Op: "protect", Subject: src.ID, Err: err, Hint: "declare behaviour.period"}
	}
	if class := src.Behaviour.Class; class == "F" || class == "G" {
		path := filepath.Join(r.Releases, "key", src.ID+"."+strings.ReplaceAll(src.Behaviour.Period, "/", "-")+".cell.key")
		// The keys are their owner's only; the folder is not: a server that runs as another user reads the public key there.
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return &model.Error{Kind: model.Unavailable, Op: "protect", Subject: src.ID, Err: err, Hint: "look at the permissions of the releases folder"}
		}
		if setup.Key, err = gate.LoadKey(path); err != nil {
			return err
		}
		defer clear(setup.Key)
	}
	g, err := gate.Open(ctx, setup)
	if err != nil {
		return err
	}
	defer g.Close()
	account, err := ingest.Protect(ctx, r.store, src, g, ingest.Options{Folders: r.Folders, Zone: r.clock, Progress: r.Progress, Log: r.Log,
		Absent: func(source string) bool { return !r.present(source) }})
	if err != nil {
		return err
	}
	r.account(account)
	if account.Absent {
		return nil
	}
	cube, err := g.Release(ctx, r.ledger)
	if err != nil {
		return err
	}
	r.Log.Info("figures drawn and charged", "source", src.ID, "drawing", setup.Release, "epsilon", cube.Entry().Epsilon.Float())
	if err := r.record(src, cube); err != nil {
		return err
	}
	for _, p := range cube.Tables() {
		if err := r.unpack(ctx, src, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) account(a *ingest.Account) {
	r.accounts[a.Source.ID] = a
	r.order = append(r.order, a)
}

// author answers for what is published.
func (r *run) author() string {
	if name := r.Territory.Publisher.In("fr"); name != "" {
		return name
	}
	return r.Territory.ID
}

// record keeps the gate's card and the ledger's line for the manifest.
func (r *run) record(src *model.Source, cube *gate.Cube) error {
	card, entry := cube.Card(), cube.Entry()
	text, err := json.Marshal(card)
	if err != nil {
		return err
	}
	line, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	b := src.Behaviour
	r.drawn[src.ID] = &drawn{
		card: release.Card{Source: src.ID, Class: b.Class, Purpose: b.Purpose, LegalBasis: b.LegalBasis, Retention: b.Retention,
			Threshold: entry.K, Gate: text},
		entry: release.Entry{Source: src.ID, Epsilon: entry.Epsilon.Float(), Delta: entry.Delta, Drawing: entry.Release, Hash: entry.Hash, Line: line},
	}
	return nil
}

// errLost says that a charge has no figures any more.
var errLost = errors.New("its period was charged, and no release has its figures")

// carry takes the figures that were drawn under a charge from the newest release that has them.
func (r *run) carry(ctx context.Context, src *model.Source, charged *ledger.Entry) error {
	old := r.holder(charged.Hash)
	if old == nil {
		r.Log.Warn("figures about people left out", "source", src.ID, "reason", errLost.Error(),
			"hint", "a run was stopped after its charge, or the release was pruned: raise behaviour.edition to draw them again, which is charged")
		r.account(&ingest.Account{Source: src, Lost: true})
		return nil
	}
	r.account(&ingest.Account{Source: src, Carried: old.Manifest.ID})
	d := &drawn{}
	for _, c := range old.Manifest.Privacy {
		if c.Source == src.ID {
			d.card = c
		}
	}
	for _, e := range old.Manifest.Ledger {
		if e.Hash == charged.Hash {
			d.entry = e
		}
	}
	r.drawn[src.ID] = d
	for i := range old.Manifest.Catalog.Measures {
		if m := &old.Manifest.Catalog.Measures[i]; m.Source == src.ID {
			if err := r.carryMeasure(ctx, src, old, m); err != nil {
				return err
			}
		}
	}
	for i := range old.Manifest.Catalog.Flows {
		if f := &old.Manifest.Catalog.Flows[i]; f.Source == src.ID {
			if err := r.carryFlow(ctx, src, old, f); err != nil {
				return err
			}
		}
	}
	r.Log.Info("figures carried over", "source", src.ID, "drawing", charged.Release, "from", old.Manifest.ID)
	return nil
}

// holder is the release with the figures drawn under a line of the ledger: the current one, else the newest.
func (r *run) holder(hash string) *release.Release {
	return r.find(func(e release.Entry) bool { return e.Hash == hash })
}

// find is the current release, else the newest, that has an entry of the ledger.
func (r *run) find(is func(release.Entry) bool) *release.Release {
	var ids []string
	if current, err := release.Current(r.Releases); err == nil {
		ids = append(ids, current)
	}
	if all, err := release.List(r.Releases); err == nil {
		for _, l := range all {
			ids = append(ids, l.ID)
		}
	}
	for _, id := range ids {
		old, err := release.Open(r.Releases, id)
		if err != nil {
			continue
		}
		if slices.ContainsFunc(old.Manifest.Ledger, is) {
			return old
		}
	}
	return nil
}

// addMeasure takes a measure about people into the release and into the model.
func (r *run) addMeasure(ctx context.Context, b builtMeasure) error {
	for _, f := range b.frames {
		unmeasured(f.Frames, b.source.Behaviour.Days)
		if err := fact.Record(ctx, r.store, f.Frames); err != nil {
			return err
		}
		path := r.path(release.ValuesPath(b.id, f.System))
		if err := f.Write(path, len(r.systems.byID[f.System].Zones)); err != nil {
			return err
		}
		if err := guarded(b.id, path); err != nil {
			return err
		}
	}
	r.frames = append(r.frames, b)
	return nil
}

// unmeasured says no data where the gate says not published, on types of day on which nothing was measured. It follows from the
// declaration, and so tells nothing about anybody.
func unmeasured(f *fact.Frames, days []string) {
	if len(days) == 0 {
		return
	}
	for i, slot := range f.Slots {
		if day := slot.Day(); day == "" || slices.Contains(days, day) {
			continue
		}
		for zone, flag := range f.Figures[i].Flag {
			if flag == model.NotPublished {
				f.Figures[i].Flag[zone] = model.NoData
			}
		}
	}
}

func (r *run) addFlow(ctx context.Context, b builtFlow) error {
	if err := fact.RecordFlows(ctx, r.store, b.flows); err != nil {
		return err
	}
	r.flows = append(r.flows, b)
	path := r.path(release.FlowsPath(b.id, b.flows.System))
	if err := b.flows.Write(path, len(r.systems.byID[b.flows.System].Zones)); err != nil {
		return err
	}
	return guarded(b.id, path)
}

// guarded holds a file of figures about people, as it was written, to the columns that may leave the gate.
func guarded(id, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	reader, err := ipc.NewFileReader(file)
	if err != nil {
		return err
	}
	defer reader.Close()
	return gate.Guard(id, reader.Schema())
}
