package gate

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Traces grow with the number of positions: they are held to the memory that the gate has, and the gate stops rather than use more.
func TestTracesNeverHoldMoreThanTheirLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := newTracks(fixBytes * rapid.Int64Range(1, 20_000).Draw(t, "limit"))
		var fed []fix
		for range rapid.IntRange(1, 40).Draw(t, "batches") {
			batch := make([]fix, rapid.IntRange(0, 600).Draw(t, "fixes"))
			for i := range batch {
				batch[i] = fix{unit: rapid.Uint64Range(0, 3).Draw(t, "unit") << 56, at: int64(len(fed) + i)}
			}
			want := slices.Clone(batch)
			if err := k.add(batch); err != nil {
				if !errors.Is(err, errMemory) {
					t.Fatal(err)
				}
				return
			}
			fed = append(fed, want...)
			if held := k.held.Load(); held > k.limit {
				t.Fatalf("%d positions are held, %d may be", held, k.limit)
			}
		}
		kept, held := 0, int64(0)
		for i := range k.parts {
			for _, f := range k.parts[i].fixes {
				if int(f.unit>>56) != i {
					t.Fatalf("a position of unit %x is in part %d", f.unit, i)
				}
				kept++
			}
			held += int64(cap(k.parts[i].fixes))
		}
		if kept != len(fed) || held != k.held.Load() {
			t.Fatalf("%d of %d positions are there, %d allotted of %d said", kept, len(fed), held, k.held.Load())
		}
		k.zero()
		if k.held.Load() != 0 {
			t.Fatalf("%d positions are held after zeroing", k.held.Load())
		}
	})
}
