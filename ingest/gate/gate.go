package gate

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/ingest/gate/internal/noise"
	"jumeau/model"
)

// Gate takes rows about people in and gives one Cube out. Feed may be called from one goroutine at a time; the work is done on
// every core.
type Gate struct {
	setup   Setup
	profile Profile
	tables  []*table
	unit    string
	time    string
	keyed   *keyed
	random  func() *noise.Source

	work chan arrow.RecordBatch
	wait sync.WaitGroup
	mu   sync.Mutex // of err
	err  error
	done bool
}

// Open makes a gate for one source, one period and one release. It refuses a contract that does not say purpose, legal basis,
// retention, unit and class, and any rule weaker than the profile's. From then on the process leaves no core file (Linux).
func Open(ctx context.Context, s Setup) (*Gate, error) {
	p, err := s.check()
	if err != nil {
		return nil, err
	}
	if err := noDump(); err != nil { // before a row is read
		return nil, invalid(s.Source.ID, "core files would hold rows about people: allow the process to turn them off", "core files stay on: %w", err)
	}
	set(&s.Memory, 1<<30)
	s.Key = slices.Clone(s.Key) // zeroed by Close; the caller keeps its own
	g := &Gate{setup: s, profile: p, random: noise.FromSystem, work: make(chan arrow.RecordBatch, runtime.GOMAXPROCS(0))}
	if g.tables, err = compileAll(&s, p); err != nil {
		return nil, err
	}
	g.unit, _ = s.unitColumn()
	g.time = s.column("time")
	if p.CellKey {
		g.keyed = newKeyed(s.Key)
	} else {
		key := newKey()
		g.keyed = newKeyed(key)
		clear(key)
	}
	for range runtime.GOMAXPROCS(0) {
		g.wait.Go(func() { g.drain(ctx) })
	}
	return g, nil
}

// compileAll divides the release's budget over its tables.
func compileAll(s *Setup, p Profile) ([]*table, error) {
	given, open := 0, 0
	names := map[string]bool{}
	for _, t := range s.Tables {
		given += t.Share
		if t.Share == 0 {
			open++
		}
		if names[t.Name] || t.Share < 0 {
			return nil, invalid(s.Source.ID, "give each table a name of its own, and a share from 1", "table %q, share %d", t.Name, t.Share)
		}
		names[t.Name] = true
	}
	if p.margins() {
		if err := checkMargins(s.Source.ID, s.Tables); err != nil {
			return nil, err
		}
	}
	if given > 100 || open > 0 && given == 100 {
		return nil, invalid(s.Source.ID, "shares are hundredths of the budget", "the shares of the tables leave nothing, or add up to %d", given)
	}
	var epsilon noise.Epsilon
	if p.Noise {
		epsilon, _ = noise.EpsilonOf(s.Privacy.Epsilon) // checked
	}
	var tables []*table
	for _, spec := range s.Tables {
		share := spec.Share
		if share == 0 {
			share = (100 - given) / open
		}
		t, err := compile(spec, s, p, epsilon.Share(share), s.Privacy.Delta*float64(share)/100)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// Feed takes a batch whose columns are those of the contract. It keeps the batch until it is read. Rows without unit, place or
// slot, and rows outside the period, are left out; how many is not told.
func (g *Gate) Feed(rec arrow.RecordBatch) error {
	if g.done {
		return g.fault(errClosed)
	}
	rec.Retain()
	g.work <- rec
	return g.failed()
}

func (g *Gate) drain(ctx context.Context) {
	r := g.newReader()
	for rec := range g.work {
		err := ctx.Err()
		if err == nil && g.failed() == nil {
			err = r.read(rec)
		}
		rec.Release()
		if err != nil {
			g.fail(err)
		}
	}
	r.end()
}

func (g *Gate) fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.err == nil {
		g.err = g.fault(err)
	}
}

func (g *Gate) failed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// fault never says anything about a row.
func (g *Gate) fault(err error) error {
	return &model.Error{Kind: model.Invalid, Op: "protect", Subject: g.setup.Source.ID, Err: err,
		Hint: "check that the batches are those of the contract, that L0 and the memory suit the number of units, and that the gate is released once"}
}

// finish waits for the rows that were fed.
func (g *Gate) finish() {
	if !g.done {
		g.done = true
		close(g.work)
		g.wait.Wait()
	}
}

// Close zeroes keys and rows. It is safe to call twice, and after Release.
func (g *Gate) Close() {
	g.finish()
	g.keyed.zero()
	clear(g.setup.Key)
	for _, t := range g.tables {
		if t.tally != nil {
			t.tally.zero()
		}
		if t.tracks != nil {
			t.tracks.zero()
		}
		if t.exact != nil {
			t.exact.zero()
		}
	}
}
