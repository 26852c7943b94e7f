package ledger

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jumeau/model"
)

func quarter(year, q int) Period {
	from := time.Date(year, time.Month(3*q-2), 1, 0, 0, 0, 0, time.UTC)
	return Period{from.Format(time.DateOnly), from.AddDate(0, 3, 0).Format(time.DateOnly)}
}

func charge(source, release string, p Period) Charge {
	return Charge{Source: source, Release: release, Period: p, Class: "C", Epsilon: 1_000_000, Delta: 1e-6, Rho: 0.5, K: 20, L0: 4, Linf: 1,
		Mechanism: "discrete Laplace", Author: "steward", Contract: "ab12"}
}

const four = Millionths(4_000_000)

func temp(t testing.TB) *Ledger { return At(filepath.Join(t.TempDir(), "ledger.jsonl")) }

func must(t testing.TB, l *Ledger, c Charge) Entry {
	t.Helper()
	e, err := l.Charge(context.Background(), c, four)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func wantRefusal(t *testing.T, l *Ledger, c Charge, kind model.Kind, text string) {
	t.Helper()
	before, _ := os.ReadFile(l.path)
	_, err := l.Charge(context.Background(), c, four)
	if err == nil || model.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v, want a refusal with %q", err, text)
	}
	if after, _ := os.ReadFile(l.path); !bytes.Equal(before, after) {
		t.Error("a refused charge changed the ledger")
	}
}

func TestAReleaseIsChargedOnce(t *testing.T) {
	l := temp(t)
	must(t, l, charge("tickets", "r1", quarter(2026, 1)))
	for range 1000 { // T10: averaging over re-runs
		wantRefusal(t, l, charge("tickets", "r1", quarter(2026, 1)), model.Withheld, "was produced")
	}
	if s, err := l.Year("tickets", 2026); err != nil || s.Releases != 1 || s.Epsilon != 1_000_000 {
		t.Errorf("spent %+v, %v", s, err)
	}
}

func TestWindowsAreDisjoint(t *testing.T) {
	l := temp(t)
	must(t, l, charge("tickets", "r1", quarter(2026, 1)))
	wantRefusal(t, l, charge("tickets", "r2", Period{"2026-03-15", "2026-06-15"}), model.Withheld, "overlaps")
	wantRefusal(t, l, charge("tickets", "r2", quarter(2026, 1)), model.Withheld, "overlaps")
	must(t, l, charge("tickets", "r2", quarter(2026, 2)))
	must(t, l, charge("wifi", "r1", quarter(2026, 1))) // another source has its own windows
}

func TestACorrectionIsANewReleaseAndIsCharged(t *testing.T) {
	l := temp(t)
	must(t, l, charge("tickets", "r1", quarter(2026, 1)))
	c := charge("tickets", "r1b", quarter(2026, 1))
	c.Corrects = "nothing"
	wantRefusal(t, l, c, model.Invalid, "not in the ledger")
	c.Corrects = "r1"
	must(t, l, c)
	if s, _ := l.Year("tickets", 2026); s.Epsilon != 2_000_000 {
		t.Errorf("spent %v", s.Epsilon)
	}
}

func TestTheCapOfAYearHolds(t *testing.T) {
	l := temp(t)
	for q := 1; q <= 4; q++ {
		must(t, l, charge("tickets", fmt.Sprint("r", q), quarter(2026, q)))
	}
	c := charge("tickets", "r1b", quarter(2026, 1))
	c.Corrects = "r1"
	wantRefusal(t, l, c, model.Withheld, "is spent")
	must(t, l, charge("tickets", "r5", quarter(2027, 1))) // the next year's data
}

func TestAWindowOverNewYearIsChargedToBothYears(t *testing.T) {
	l := temp(t)
	must(t, l, charge("tickets", "r1", Period{"2025-12-15", "2026-01-15"}))
	for _, year := range []int{2025, 2026} {
		if s, _ := l.Year("tickets", year); s.Epsilon != 1_000_000 {
			t.Errorf("%d: %v", year, s.Epsilon.Float())
		}
	}
}

func TestSettingTheClockBackBuysNothing(t *testing.T) {
	l := temp(t)
	clock := time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return clock }
	for q := 1; q <= 4; q++ {
		must(t, l, charge("tickets", fmt.Sprint("r", q), quarter(2026, q)))
		clock = clock.AddDate(-1, 0, 0)
	}
	entries, err := Read(l.path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(entries); i++ {
		if entries[i].At.Before(entries[i-1].At) {
			t.Error("an entry is dated before the one above it")
		}
	}
	clock = clock.AddDate(10, 0, 0)
	c := charge("tickets", "r9", quarter(2026, 1))
	c.Corrects = "r1"
	wantRefusal(t, l, c, model.Withheld, "is spent")
}

// charger is a way to charge a ledger: the ledger's own, or a faulty one.
type charger func(l *Ledger, c Charge) (Entry, error)

func sound(l *Ledger, c Charge) (Entry, error) { return l.Charge(context.Background(), c, four) }

// T14: random sequences, crashes in the middle of a write, clock jumps, against a plain model of the rules.
func TestTheLedgerSurvivesRandomLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if fault := live(sound, func(lo, hi int, what string) int { return rapid.IntRange(lo, hi).Draw(t, what) }); fault != "" {
			t.Fatal(fault)
		}
	})
}

func TestTheLivesOfALedgerCatchFaultyOnes(t *testing.T) {
	for name, faulty := range map[string]charger{
		"no cap": func(l *Ledger, c Charge) (Entry, error) { return l.Charge(context.Background(), c, 1000*four) },
		"a release without an entry": func(l *Ledger, c Charge) (Entry, error) {
			before, _ := os.ReadFile(l.path)
			e, err := sound(l, c)
			if err == nil && len(before) > 0 {
				os.WriteFile(l.path, before, 0o600)
			}
			return e, err
		},
		"appends after a torn line": func(l *Ledger, c Charge) (Entry, error) {
			before, _ := os.ReadFile(l.path)
			e, err := sound(l, c)
			if err == nil {
				after, _ := os.ReadFile(l.path)
				whole := bytes.LastIndexByte(before, '\n') + 1
				os.WriteFile(l.path, append(before, after[whole:]...), 0o600)
			}
			return e, err
		},
		"windows may overlap": func(l *Ledger, c Charge) (Entry, error) {
			e, err := sound(l, c)
			if err != nil && strings.Contains(err.Error(), "overlaps") {
				c.Corrects, c.Release = "", c.Release+"x"
				entries, _ := Read(l.path)
				e = Entry{Seq: len(entries) + 1, At: l.now().UTC(), Charge: c, Cap: four}
				if n := len(entries); n > 0 {
					e.Previous = entries[n-1].Hash
				}
				e.Hash = e.digest()
				file, openErr := os.OpenFile(l.path, os.O_RDWR, 0o600)
				if openErr != nil {
					return e, err
				}
				defer file.Close()
				_, whole, _ := load(file)
				err = appendLine(file, whole, e)
			}
			return e, err
		},
	} {
		random := rand.New(rand.NewPCG(14, 14))
		caught := false
		for range 200 {
			caught = caught || live(faulty, func(lo, hi int, _ string) int { return lo + random.IntN(hi-lo+1) }) != ""
		}
		if !caught {
			t.Errorf("%s: not seen in 200 lives", name)
		}
	}
}

// live charges at random, draws being numbers from lo to hi, and says what is wrong in the end.
func live(charges charger, draw func(lo, hi int, what string) int) (fault string) {
	dir, err := os.MkdirTemp("", "ledger")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	l := At(filepath.Join(dir, "ledger.jsonl"))
	clock := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	l.now = func() time.Time { return clock }
	granted := 0
	for step := range draw(1, 25, "steps") {
		clock = clock.Add(time.Duration(draw(-10_000, 10_000, "hours")) * time.Hour)
		c := charge([]string{"a", "b"}[draw(0, 1, "source")], fmt.Sprint("r", draw(0, 12, "release")), quarter(draw(2025, 2026, "year"), draw(1, 4, "quarter")))
		c.Epsilon = Millionths(draw(1, 3_000_000, "epsilon"))
		if draw(0, 1, "correction") == 1 {
			c.Corrects = fmt.Sprint("r", draw(0, 12, "corrects"))
		}
		if e, err := charges(l, c); err == nil {
			if granted++; e.Seq != granted {
				return fmt.Sprintf("step %d: entry %d after %d charges", step, e.Seq, granted)
			}
		}
		if draw(0, 3, "crash") == 0 { // a line that was being written
			f, _ := os.OpenFile(l.path, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
			line := `{"seq":` + fmt.Sprint(granted+1) + `,"at":"2026-0`
			f.WriteString(line[:draw(0, len(line), "torn")])
			f.Close()
		}
	}
	entries, err := Read(l.path)
	if err != nil || len(entries) != granted {
		return fmt.Sprintf("%d entries after %d charges: %v", len(entries), granted, err)
	}
	return broken(l, entries)
}

// broken says which rule the entries break: the cap of a year, windows apart from one another, a release once.
func broken(l *Ledger, entries []Entry) string {
	for _, source := range []string{"a", "b"} {
		for year := 2025; year <= 2026; year++ {
			if s, _ := l.Year(source, year); s.Epsilon > four {
				return fmt.Sprintf("%s spent %v in %d", source, s.Epsilon.Float(), year)
			}
		}
	}
	for i, e := range entries {
		for _, other := range entries[:i] {
			if e.Source == other.Source && (e.Release == other.Release || e.Period.overlaps(other.Period) && e.Corrects == "") {
				return fmt.Sprintf("entry %d is of the release or the window of entry %d, and corrects nothing", e.Seq, other.Seq)
			}
		}
	}
	return ""
}

func TestConcurrentChargesNeverPassTheCap(t *testing.T) {
	l := temp(t)
	var wg sync.WaitGroup
	for q := range 8 {
		wg.Go(func() {
			c := charge("tickets", fmt.Sprint("r", q), quarter(2026, 1+q/2))
			c.Period.From = fmt.Sprintf("2026-%02d-01", q+1)
			c.Period.To = fmt.Sprintf("2026-%02d-01", q+2)
			At(l.path).Charge(context.Background(), c, four)
		})
	}
	wg.Wait()
	entries, err := Read(l.path)
	if err != nil || len(entries) != 4 {
		t.Errorf("%d entries (%v), want 4 of the 8", len(entries), err)
	}
}

func TestNoByteOfTheLedgerCanBeChangedUnseen(t *testing.T) {
	l := temp(t)
	for q := 1; q <= 3; q++ {
		must(t, l, charge("tickets", fmt.Sprint("r", q), quarter(2026, q)))
	}
	whole, _ := os.ReadFile(l.path)
	last := bytes.LastIndexByte(whole[:len(whole)-1], '\n')
	for i := range last { // in the last line too, save for its end: a line cut off is the torn line of a crash
		changed := bytes.Clone(whole)
		changed[i] ^= 1
		if entries, err := Verify(changed); err == nil && len(entries) == 3 {
			t.Fatalf("byte %d (%q) changed unseen", i, whole[i])
		}
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	if _, err := Verify(bytes.Join([][]byte{lines[0], lines[2]}, nil)); err == nil {
		t.Error("an entry was taken out of the middle unseen")
	}
	if err := os.WriteFile(l.path, append([]byte(nil), bytes.Replace(whole, []byte(`"epsilon_millionths":1000000`), []byte(`"epsilon_millionths":100000`), 1)...), 0o644); err != nil {
		t.Fatal(err)
	}
	wantRefusal(t, l, charge("tickets", "r4", quarter(2026, 4)), model.Invalid, "hash")
}

func TestAChargeWithoutAuthorOrContractIsRefused(t *testing.T) {
	for _, spoil := range []func(*Charge){
		func(c *Charge) { c.Author = "" }, func(c *Charge) { c.Contract = "" }, func(c *Charge) { c.Epsilon = -1 },
		func(c *Charge) { c.Period = Period{"2026-04-01", "2026-01-01"} }, func(c *Charge) { c.Period.To = "soon" },
	} {
		c := charge("tickets", "r1", quarter(2026, 1))
		spoil(&c)
		wantRefusal(t, temp(t), c, model.Invalid, "")
	}
}

func TestConcentratedCompositionIsReportedBesideThePlainSum(t *testing.T) {
	l := temp(t)
	for q := 1; q <= 4; q++ {
		c := charge("tickets", fmt.Sprint("r", q), quarter(2026, q))
		c.Rho = 0.02 // a discrete Gaussian of the same epsilon
		must(t, l, c)
	}
	s, _ := l.Year("tickets", 2026)
	if plain, z := s.Epsilon.Float(), s.Concentrated(1e-6); plain != 4 || z >= 3 || z <= 0.5 {
		t.Errorf("plain %v, concentrated %v", plain, z)
	}
}

func FuzzVerify(f *testing.F) {
	l := temp(f)
	must(f, l, charge("tickets", "r1", quarter(2026, 1)))
	whole, _ := os.ReadFile(l.path)
	f.Add(whole)
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if entries, err := Verify(data); err == nil {
			for i, e := range entries {
				if e.Seq != i+1 || e.Hash != e.digest() {
					t.Fatalf("entry %d is accepted: %+v", i, e)
				}
			}
		}
	})
}
