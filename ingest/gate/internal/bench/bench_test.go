//go:build duckdb_arrow

package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"jumeau/ingest/gate"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/store"
)

// sizes in millions of events: JUMEAU_EVENTS="1 10 100" for the figures of doc/gate.
func sizes() (out []int) {
	for _, s := range strings.Fields(os.Getenv("JUMEAU_EVENTS")) {
		if n, err := strconv.Atoi(s); err == nil {
			out = append(out, n)
		}
	}
	if out == nil {
		return []int{1, 4}
	}
	return out
}

const (
	zones  = 6000
	people = 1_000_000
)

// events makes a table of n million events: each person is about four zones, at any of the 72 slots.
func events(b *testing.B, n int) *store.Store {
	b.Helper()
	st, err := store.Create(context.Background(), filepath.Join(b.TempDir(), "events.duckdb"), store.Options{Memory: 8 << 30})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { st.Close() })
	sql := fmt.Sprintf(`CREATE TABLE event AS SELECT p AS card, (hash(p, h %% 4) %% %d)::INTEGER AS stop, ((h >> 8) %% 72)::INTEGER AS slot
		FROM (SELECT hash(range) AS h, (hash(range + 7) %% %d)::BIGINT AS p FROM range(%d))`, zones, people, n*1_000_000)
	if _, err := st.Exec(context.Background(), sql); err != nil {
		b.Fatal(err)
	}
	return st
}

func BenchmarkCountDistinct(b *testing.B) {
	for _, n := range sizes() {
		b.Run(fmt.Sprintf("%dM", n), func(b *testing.B) {
			st := events(b, n)
			before := used()
			for b.Loop() {
				var cells int64
				err := st.Scan(context.Background(), "SELECT max(n) FROM (SELECT stop, slot, count(DISTINCT card) AS n FROM event GROUP BY ALL)", nil, &cells)
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((used()-before)/float64(b.N), "cpu-s")
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "Mevents/s")
		})
	}
}

func BenchmarkGate(b *testing.B) {
	for _, l0 := range []int{4, 24} {
		for _, n := range sizes() {
			b.Run(fmt.Sprintf("L0=%d/%dM", l0, n), func(b *testing.B) {
				st := events(b, n)
				runtime.GC()
				peak, before := watch(), used()
				for b.Loop() {
					release(b, st, l0)
				}
				b.ReportMetric((used()-before)/float64(b.N), "cpu-s")
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "Mevents/s")
				b.ReportMetric(float64(peak())/(1<<20), "MiB-heap")
			})
		}
	}
}

func release(b *testing.B, st *store.Store, l0 int) {
	ctx := context.Background()
	src := &model.Source{ID: "tickets", Contract: model.Contract{Columns: map[string]*model.Column{
		"card": {Type: "integer", Role: "unit"}, "stop": {Type: "integer", Role: "place"}, "slot": {Type: "integer", Role: "time"}}},
		Behaviour: &model.Behaviour{Class: "C", Unit: "person", Purpose: model.Text{EN: "benchmark"}, LegalBasis: "public task", Retention: "P1D"}}
	g, err := gate.Open(ctx, gate.Setup{Source: src, Privacy: model.Privacy{K: 20, Epsilon: 1, Delta: 1e-7, EpsilonYear: 4}, Units: people,
		Period: ledger.Period{From: "2026-01-01", To: "2026-04-01"}, Zone: time.UTC, Release: "r", Author: "bench",
		Tables: []gate.Table{{Name: "presence", Shape: gate.Presence, System: "cell_200m", Zones: zones, Slot: "hour", Place: gate.Place{Column: "stop"}, L0: l0}}})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	rows, err := st.Query(ctx, "SELECT card, stop, slot FROM event")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Release()
	for rows.Next() {
		if err := g.Feed(rows.RecordBatch()); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	if _, err := g.Release(ctx, ledger.At(filepath.Join(b.TempDir(), "ledger.jsonl"))); err != nil {
		b.Fatal(err)
	}
}

// used is the processor time of the process so far, in seconds: on a shared machine it says more than the clock.
func used() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// watch samples the memory of Go's heap, where all rows of the gate are.
func watch() (peak func() uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	stop, most := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-stop:
				most <- top
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); return <-most }
}
