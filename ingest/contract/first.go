package contract

import "hash/maphash"

// first remembers the values of a column of which only the first row is kept, by 128 bits of hash: two of a hundred million
// values share one with a chance below 1 in 10^22.
type first struct {
	column *column
	seen   map[[2]uint64]struct{}
	seeds  [2]maphash.Seed
}

func (b *Binder) findFirsts() {
	for _, k := range b.src.Keep {
		for _, c := range b.columns {
			if k.First && k.Column == c.name {
				b.firsts = append(b.firsts, &first{column: c, seen: map[[2]uint64]struct{}{}, seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}})
			}
		}
	}
}

// repeats says whether a row that keeps the contract has a value that came before. A row without value repeats nothing.
func (b *Binder) repeats(i int) bool {
	again := false
	for _, f := range b.firsts {
		if !f.column.valid[i] {
			continue
		}
		value := f.column.text(i)
		key := [2]uint64{maphash.String(f.seeds[0], value), maphash.String(f.seeds[1], value)}
		if _, ok := f.seen[key]; ok {
			again = true
			continue
		}
		f.seen[key] = struct{}{}
	}
	return again
}
