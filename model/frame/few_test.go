package frame

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"jumeau/model"
)

func drawPairs(t *rapid.T, zones int) Pairs {
	var p Pairs
	for o := range zones {
		for d := range zones {
			if !rapid.Bool().Draw(t, "there") {
				continue
			}
			p.Origin, p.Destination = append(p.Origin, uint32(o)), append(p.Destination, uint32(d))
			v, flag := float64(rapid.IntRange(0, 20).Draw(t, "value")), model.OK
			if rapid.IntRange(0, 5).Draw(t, "held") == 0 {
				v, flag = None, model.NotPublished
			}
			p.Value, p.Flag = append(p.Value, v), append(p.Flag, flag)
			p.Lo, p.Hi = append(p.Lo, None), append(p.Hi, None)
		}
	}
	return p
}

// total of the published figures.
func total(p Pairs) (sum float64) {
	for _, v := range p.Value {
		if !math.IsNaN(v) {
			sum += v
		}
	}
	return sum
}

func TestTheTopAndTheRestAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPairs(t, 8)
		n := rapid.IntRange(1, 70).Draw(t, "n")
		top, rest := p.Top(n)
		if top.Len() != min(n, p.Len()) || top.Len()+rest.Pairs != p.Len() || math.Abs(total(top)+rest.Value-total(p)) > 1e-6 {
			t.Fatalf("%d of %d, rest %+v", top.Len(), p.Len(), rest)
		}
		if err := top.check(8); err != nil {
			t.Fatal(err)
		}
		all := slices.Clone(p.Value)
		slices.SortFunc(all, func(a, b float64) int { return compare(b, a) })
		got := slices.Clone(top.Value)
		slices.SortFunc(got, func(a, b float64) int { return compare(b, a) })
		for i := range got {
			if compare(got[i], all[i]) != 0 {
				t.Fatalf("the greatest are %v, not %v", all[:len(got)], got)
			}
		}
	})
}

func TestACoarserSystemHasTheSameTotalAndSaysWhereItIsPartial(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPairs(t, 8)
		parents := make([]uint32, 8)
		whole := true
		for i := range parents {
			parents[i] = uint32(rapid.IntRange(0, 3).Draw(t, "parent"))
			if parents[i] == 3 {
				parents[i], whole = NoParent, false
			}
		}
		up := p.Rollup(parents)
		if err := up.check(3); err != nil {
			t.Fatal(err)
		}
		if whole && math.Abs(total(up)-total(p)) > 1e-6 || total(up) > total(p)+1e-6 {
			t.Fatalf("%v became %v", total(p), total(up))
		}
		for i := range up.Origin {
			held := false
			for k := range p.Origin {
				if parents[p.Origin[k]] == up.Origin[i] && parents[p.Destination[k]] == up.Destination[i] {
					held = held || p.Flag[k] == model.NotPublished
				}
			}
			if held != (up.Flag[i] == model.Partial || up.Flag[i] == model.NotPublished) {
				t.Fatalf("pair %d is %v, withheld leaves: %v", i, up.Flag[i], held)
			}
		}
	})
}

var sink byte // so that the compiler keeps the reads

// BenchmarkSlot reads one slot of a values file, as a request does: the file's own bytes, in one run.
func BenchmarkSlot(b *testing.B) {
	for _, zones := range []int{36, 4_500, 100_000} {
		b.Run(fmt.Sprint(zones, " zones"), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "values.arrow")
			slots := []model.Slot{"weekday-07", "weekday-08", "weekday-09"}
			w, err := CreateValues(path, ValuesSpec{Measure: "m", System: "z", Zones: zones, Slots: slots})
			if err != nil {
				b.Fatal(err)
			}
			f := NewFigures(zones)
			for i := range zones {
				f.Value[i], f.Flag[i] = float64(i%977), model.OK
			}
			for range slots {
				if err := w.Write(f); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
			v, err := OpenValues(path)
			if err != nil {
				b.Fatal(err)
			}
			defer v.Close()
			size, sum := 0, byte(0)
			for b.Loop() {
				parts, _ := v.Stream(slots[1])
				size = 0
				for _, p := range parts {
					size += len(p)
					for i := 0; i < len(p); i += 64 { // every cache line, as sending does
						sum += p[i]
					}
				}
			}
			b.ReportMetric(float64(size), "B/slot")
			sink = sum
		})
	}
}

// BenchmarkTop chooses a thousand pairs.
func BenchmarkTop(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n, " pairs"), func(b *testing.B) {
			random := rand.New(rand.NewPCG(1, 2))
			p := Pairs{Figures: NewFigures(n)}
			for i := range n {
				p.Origin, p.Destination = append(p.Origin, uint32(i/1000)), append(p.Destination, uint32(i%1000))
				p.Value[i], p.Flag[i] = random.ExpFloat64()*10, model.OK
			}
			for b.Loop() {
				p.Top(1000)
			}
		})
	}
}
