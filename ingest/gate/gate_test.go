package gate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jumeau/ingest/gate/internal/noise"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

func TestPseudonymsAreHMACSHA256(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, id := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"), rapid.String().Draw(t, "id")
		h := hmac.New(sha256.New, key)
		h.Write([]byte(id))
		if got, want := newKeyed(key).clone().text(id), binary.LittleEndian.Uint64(h.Sum(nil)); got != want {
			t.Fatalf("%x, want %x", got, want)
		}
	})
}

func TestCodesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		slots := rapid.IntRange(1, 366).Draw(t, "slots")
		c := newCoding(rapid.IntRange(1, 1<<22).Draw(t, "places"), rapid.Bool().Draw(t, "one place"))
		if !c.fits(slots) {
			return
		}
		slot, place := rapid.Uint64Range(0, uint64(slots-1)).Draw(t, "slot"), rapid.Uint64Range(0, c.places-1).Draw(t, "place")
		if s, p := c.decode(c.encode(rapid.Uint64().Draw(t, "unit"), slot, place)); s != slot || p != place {
			t.Fatalf("slot %d, place %d are read back as %d, %d", slot, place, s, p)
		}
	})
}

// kept settles everything that was fed to a tally, by unit and cell.
func kept(tally *tally, s *settler) map[[2]uint64]int {
	out := map[[2]uint64]int{}
	for i := range tally.parts {
		tally.parts[i].rows = s.settle(tally.parts[i].rows)
		for _, r := range tally.parts[i].rows {
			slot, place := s.decode(r.code)
			out[[2]uint64{r.unit, slot*s.places + place}]++
		}
	}
	return out
}

func TestWhatSurvivesBoundingIsBoundedAndTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := bounding{coding: newCoding(7, rapid.Bool().Draw(t, "one place")), cells: rapid.IntRange(1, 6).Draw(t, "L0"), repeat: rapid.IntRange(1, 3).Draw(t, "Linf")}
		b.keep = b.cells
		tally := newTally(b, 1<<30)
		stage := tally.stage()
		fed := map[[2]uint64]int{}
		for range rapid.IntRange(0, 400).Draw(t, "events") {
			unit, slot, place := uint64(rapid.IntRange(1, 9).Draw(t, "unit"))*0x1234567890abcdef, rapid.Uint64Range(0, 4).Draw(t, "slot"), rapid.Uint64Range(0, 6).Draw(t, "place")
			fed[[2]uint64{unit, slot*7 + place}]++
			stage.add(unit, slot, place)
			if rapid.IntRange(0, 20).Draw(t, "settle") == 0 { // settling early must not matter
				for p := range stage.rows {
					stage.flush(p)
				}
				kept(tally, &stage.space)
			}
		}
		for p := range stage.rows {
			stage.flush(p)
		}
		cells, slots := map[uint64]int{}, map[[2]uint64]int{}
		for c, n := range kept(tally, &stage.space) {
			if n != min(fed[c], b.repeat) {
				t.Fatalf("a cell fed %d times is kept %d times, Linf %d", fed[c], n, b.repeat)
			}
			cells[c[0]]++
			slots[[2]uint64{c[0], c[1] / 7}]++
		}
		for c := range fed {
			distinct := map[uint64]bool{}
			for other := range fed {
				if other[0] == c[0] && b.onePlace {
					distinct[other[1]/7] = true
				} else if other[0] == c[0] {
					distinct[other[1]] = true
				}
			}
			if cells[c[0]] != min(len(distinct), b.cells) {
				t.Fatalf("%d cells kept of %d, L0 %d", cells[c[0]], len(distinct), b.cells)
			}
		}
		for _, n := range slots {
			if b.onePlace && n > 1 {
				t.Fatal("two places in one slot")
			}
		}
	})
}

// The reservoir: each distinct cell of a unit is kept equally often, and each pair, however often the unit was there.
func TestBoundingDrawsUniformly(t *testing.T) {
	const cells, l0 = 10, 3
	runs := scaled(20_000, 200_000)
	for _, onePlace := range []bool{false, true} {
		single, pair := make([]int, cells), make([]int, cells*cells)
		for i := range runs {
			s := settler{bounding: bounding{coding: newCoding(1, onePlace), cells: l0, repeat: 1, keep: l0}}
			var rows []row
			unit := uint64(i + 1) // even without a keyed unit
			for c := range uint64(cells) {
				for range 1 + 2*c {
					rows = append(rows, row{unit, s.encode(unit, c, 0)})
				}
			}
			rows = s.settle(rows)
			for _, a := range rows {
				x, _ := s.decode(a.code)
				single[x]++
				for _, b := range rows {
					if y, _ := s.decode(b.code); x != y {
						pair[x*cells+y]++
					}
				}
			}
		}
		even := func(name string, counts []int, p float64) {
			for c, n := range counts {
				if want := float64(runs) * p; n > 0 && math.Abs(float64(n)-want) > 5*math.Sqrt(want*(1-p)) {
					t.Errorf("one place %v: %s %d kept %d times, want about %.0f", onePlace, name, c, n, want)
				}
			}
		}
		even("cell", single, float64(l0)/cells)
		even("pair", pair, float64(l0*(l0-1))/(cells*(cells-1)))
	}
}

func TestALargeCrowdIsPublishedWithinItsInterval(t *testing.T) {
	cube := run(t, open(t, setup(presence(3, "all"))).seed(1), crowd(1000, 1, 0, 0))
	got := figures(cube.Tables()[0], 0)
	f, ok := got["0 1 -1 -1"]
	if !ok || len(got) != 1 || f.Lo > 1000 || f.Hi < 1000 || math.Abs(f.Y-1000) > 100 || f.Near {
		t.Errorf("%+v", got)
	}
	frame := cube.Tables()[0].Figures(0, 0, 0)
	if frame.Flag[0] != model.NotPublished || frame.Flag[1] != model.OK || frame.Value[1] != f.Y {
		t.Errorf("%+v", frame)
	}
}

// T11: zero, one and k-1 units give the same bytes, whatever is drawn elsewhere.
func TestZeroIsSmall(t *testing.T) {
	shown := func(n int, seed uint64, m mutation) string {
		g := open(t, setup(presence(3, "all"))).seed(seed)
		if m != nil {
			m(g)
		}
		cube := run(t, g, append(crowd(500, 0, 0, 1000), crowd(n, 1, 0, 0)...))
		f := cube.Tables()[0].Figures(0, 0, 0)
		return strings.Join([]string{f.Flag[1].String(), f.Flag[2].String(), formatted(f.Value[1:]), formatted(f.Lo[1:]), formatted(f.Hi[1:])}, "|")
	}
	differs := func(m mutation) bool {
		for seed := range uint64(20) {
			for _, n := range []int{1, 19} {
				if shown(n, seed, m) != shown(0, seed, m) {
					return true
				}
			}
		}
		return false
	}
	if differs(nil) {
		t.Error("one or k-1 units do not look like nobody")
	}
	for name, m := range map[string]mutation{"threshold lower by one": thresholdLower, "threshold off": thresholdOff} {
		if !differs(m) {
			t.Errorf("the test does not see: %s", name)
		}
	}
}

func formatted(v []float64) string {
	var b strings.Builder
	for _, x := range v {
		b.WriteString(" " + strings.ToLower(string(appendFloat(x))))
	}
	return b.String()
}

func appendFloat(x float64) []byte {
	return binary.LittleEndian.AppendUint64(nil, math.Float64bits(x))
}

func TestAGateIsReleasedOnce(t *testing.T) {
	g := open(t, setup(presence(3, "all")))
	run(t, g, crowd(100, 1, 0, 0))
	if _, err := g.Release(context.Background(), emptyLedger(t)); err == nil {
		t.Error("released twice")
	}
	b := batch(crowd(1, 0, 0, 0))
	defer b.Release()
	if g.Feed(b) == nil {
		t.Error("fed after its release")
	}
	for i := range g.tables[0].tally.parts {
		if g.tables[0].tally.parts[i].rows != nil {
			t.Error("rows are still there")
		}
	}
	if g.keyed.outer != [96]byte{} {
		t.Error("the key is still there")
	}
}

// T10: the same release a thousand times is charged once and refused after.
func TestAReleaseIsDrawnOnce(t *testing.T) {
	tries := scaled(100, 1000)
	drawn := func(ledgerOf func() *ledger.Ledger) (released int, last *ledger.Ledger) {
		for range tries {
			last = ledgerOf()
			g := open(t, setup(presence(2, "all")))
			b := batch(crowd(100, 1, 0, 0))
			if err := g.Feed(b); err != nil {
				t.Fatal(err)
			}
			b.Release()
			if _, err := g.Release(context.Background(), last); err == nil {
				released++
			} else if model.KindOf(err) != model.Withheld {
				t.Fatal(err)
			}
		}
		return released, last
	}
	one := emptyLedger(t)
	released, _ := drawn(func() *ledger.Ledger { return one })
	spent, err := one.Year("tickets", 2026)
	if err != nil || released != 1 || spent.Releases != 1 || spent.Epsilon != 1_000_000 {
		t.Errorf("%d released, spent %+v (%v)", released, spent, err)
	}
	if released, _ := drawn(func() *ledger.Ledger { return emptyLedger(t) }); released != tries {
		t.Errorf("a ledger that forgets lets %d of %d through: the test does not see it", released, tries)
	}
}

// T14: nothing is drawn before its entry is on disk.
func TestNothingIsDrawnWithoutAnEntry(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	broken := ledger.At(filepath.Join(file, "ledger.jsonl")) // below a file: it cannot be written
	draws := func(release func(*Gate) error) (n int) {
		g := open(t, setup(presence(2, "all")))
		defer g.Close()
		each(g, func(_ *table, l *level) {
			law := l.mechanism.Law
			l.draw = func(s *noise.Source) int64 { n++; return law.Draw(s) }
		})
		b := batch(crowd(100, 1, 0, 0))
		defer b.Release()
		if err := g.Feed(b); err != nil {
			t.Fatal(err)
		}
		if err := release(g); err == nil {
			t.Error("released without an entry")
		}
		return n
	}
	if n := draws(func(g *Gate) error {
		cube, err := g.Release(context.Background(), broken)
		if cube != nil {
			t.Error("there is a cube")
		}
		return err
	}); n != 0 {
		t.Errorf("%d figures were drawn", n)
	}
	if draws(func(g *Gate) error { // a gate that charges afterwards
		g.finish()
		g.protect(g.tables[0])
		_, err := broken.Charge(context.Background(), charge(&g.setup, g.profile, g.tables), 4_000_000)
		return err
	}) == 0 {
		t.Error("the test does not see a gate that draws first")
	}
}

// The same identifier has another pseudonym in the next release, so that nobody is followed from one to the other.
func TestAPseudonymLivesForOneRelease(t *testing.T) {
	first, second := open(t, setup(presence(2, "all"))), open(t, setup(presence(2, "all")))
	defer first.Close()
	defer second.Close()
	if first.keyed.text("card 0007") == second.keyed.text("card 0007") || first.keyed.number(7) == second.keyed.number(7) {
		t.Error("two releases have the same pseudonym")
	}
	second.keyed = first.keyed.clone() // the key reused
	if first.keyed.text("card 0007") != second.keyed.text("card 0007") {
		t.Error("the test does not see a key that is used again")
	}
}

func TestAContractThatIsNotCompleteIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Setup){
		"no behaviour":       func(s *Setup) { s.Source.Behaviour = nil },
		"unknown class":      func(s *Setup) { s.Source.Behaviour.Class = "Z" },
		"no purpose":         func(s *Setup) { s.Source.Behaviour.Purpose = model.Text{} },
		"no legal basis":     func(s *Setup) { s.Source.Behaviour.LegalBasis = "" },
		"no retention":       func(s *Setup) { s.Source.Behaviour.Retention = "" },
		"no unit":            func(s *Setup) { s.Source.Contract.Columns["card"].Role = "" },
		"two units":          func(s *Setup) { s.Source.Contract.Columns["stop"].Role = "unit" },
		"k too small":        func(s *Setup) { s.Privacy.K = 10 },
		"delta too large":    func(s *Setup) { s.Units = 1_000_000 },
		"no author":          func(s *Setup) { s.Author = "" },
		"no tables":          func(s *Setup) { s.Tables = nil },
		"fine slots":         func(s *Setup) { s.Tables[0].Slot = "minute" },
		"undeclared":         func(s *Setup) { s.Tables[0].Place.Column = "home_address" },
		"unit as place":      func(s *Setup) { s.Tables[0].Place.Column = "card" },
		"class without rows": func(s *Setup) { s.Source.Behaviour.Class = "A" },
		"no vintage key":     func(s *Setup) { s.Source.Behaviour.Class = "F" },
	} {
		s := setup(presence(3, "all"))
		spoil(&s)
		if g, err := Open(context.Background(), s); err == nil || model.HintOf(err) == "" {
			t.Errorf("%s: %v, %v", name, g, err)
		}
	}
}

func TestTheStricterRuleOfAProducerWins(t *testing.T) {
	s := setup(presence(3, "all"))
	s.Source.Behaviour.Threshold = 50
	g := open(t, s)
	defer g.Close()
	if g.tables[0].k != 50 {
		t.Errorf("k = %d", g.tables[0].k)
	}
}

func TestSlotsFollowTheLocalClock(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Skip(err)
	}
	for kind, want := range map[string]string{"hour": "sunday-01", "three_hours": "sunday-00-03", "half_day": "sunday-00-12", "date": "2026-03-29", "month": "2026-03", "all": "all", "day_type": "sunday"} {
		c, err := newCalendar(kind, setup(Table{}).Period, paris)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 3, 29, 1, 30, 0, 0, paris) // half an hour before the clocks go forward
		if got := c.slots[c.at(at.Unix())]; string(got) != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
		if after := c.at(time.Date(2026, 4, 1, 0, 0, 0, 0, paris).Unix()); after != none {
			t.Errorf("%s: an instant after the period has slot %d", kind, after)
		}
	}
}
