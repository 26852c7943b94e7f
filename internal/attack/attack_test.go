package attack

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"jumeau/ingest/gate/ledger"
)

func size(short, full int) int {
	if os.Getenv("JUMEAU_PRIVACY") == "full" {
		return full
	}
	return short
}

func small(t *testing.T) *suite {
	t.Helper()
	town := Invent(1, 6000)
	return &suite{Options: Options{K: 20, Epsilon: 1, Delta: 1e-6, L0: 4, Seed: 1, Runs: 4, Targets: 100, Sample: 60}, town: town, tables: town.Tables(),
		plain: Redaction{RedactionLimit}, random: rand.New(rand.NewPCG(1, 7)), gate: &Gate{K: 20, Epsilon: 1, Delta: 1e-6, L0: 4, Dir: t.TempDir()}}
}

func TestTheGateHoldsWhereARedactionBreaks(t *testing.T) {
	town := Invent(1, size(6000, 40000))
	results, err := Run(context.Background(), town, Options{K: 20, Epsilon: 1, Delta: 1e-6, Seed: 1, Runs: size(10, 100), Targets: size(100, 400), Sample: size(60, 300)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%s %s: gate %.3f, bound %.3f ± %.3f, redaction %.3f, %d trials %s", r.Test, r.Name, r.Gate, r.Bound, r.Slack, r.Redaction, r.Trials, r.Note.EN)
		if !r.Held {
			t.Errorf("%s %s succeeds: %.3f, bound %.3f ± %.3f", r.Test, r.Name, r.Gate, r.Bound, r.Slack)
		}
		if !r.Broken && r.Name != "trajectories" { // whether a pair of 16 to 19 persons exists is chance
			t.Errorf("%s %s does not break the redaction: %.3f", r.Test, r.Name, r.Redaction)
		}
		if r.Trials == 0 && r.Test != "T15" {
			t.Errorf("%s %s tried nothing", r.Test, r.Name)
		}
	}
}

// weak is a fault in the way figures are published, which an attack must find.
type weak func(s *suite, i int, out []bool, p *Published)

// weakened publishes with a fault.
type weakened struct {
	s     *suite
	fault weak
}

func (w weakened) Publish(_ context.Context, _ *Town, tables []Table, out []bool) ([]Published, error) {
	var all []Published
	for i := range tables {
		p := unpublished(&tables[i])
		w.fault(w.s, i, out, &p)
		all = append(all, p)
	}
	return all, nil
}

// noNoise publishes exact counts from k, and totals from raw counts: no noise.
func noNoise(s *suite, i int, out []bool, p *Published) {
	cells, totals := s.tables[i].Count(out)
	for c, n := range cells {
		if n >= float64(s.K) {
			p.Cells[c] = n
		}
	}
	copy(p.Totals, totals)
}

// unbounded adds the noise of one cell to every cell, though a person is in many.
func unbounded(s *suite, i int, out []bool, p *Published) {
	cells, totals := s.tables[i].Count(out)
	for c, n := range cells {
		if n >= 60 {
			p.Cells[c], p.CellSD[c] = n+laplace(s.random, s.Epsilon), math.Sqrt2/s.Epsilon
		}
	}
	for j, n := range totals {
		p.Totals[j], p.TotalSD[j] = n+laplace(s.random, s.Epsilon), math.Sqrt2/s.Epsilon
	}
}

func laplace(r *rand.Rand, epsilon float64) float64 {
	return math.Round((r.ExpFloat64() - r.ExpFloat64()) / epsilon)
}

// totalsFromRaw hides small cells well and adds exact totals.
func totalsFromRaw(s *suite, i int, out []bool, p *Published) {
	cells, totals := s.tables[i].Count(out)
	for c, n := range cells {
		if n >= 79 {
			p.Cells[c] = n
		}
	}
	copy(p.Totals, totals)
}

func TestMembershipIsGuessedWhereNoiseOrBoundingIsOff(t *testing.T) {
	s := small(t)
	targets := s.rare(5, 60)
	for name, fault := range map[string]weak{"noise off": noNoise, "bounding off": unbounded} {
		got, n, err := s.play(context.Background(), weakened{s, fault}, targets, 6, everything)
		if err != nil {
			t.Fatal(err)
		}
		if bound := GuessBound(s.Epsilon, s.Delta); got <= bound+threeSigma(bound, n) {
			t.Errorf("%s: %.3f of %d guesses are right, within the bound", name, got, n)
		}
	}
}

func TestDifferencingFindsTotalsMadeFromRawRows(t *testing.T) {
	s := small(t)
	for name, fault := range map[string]weak{"noise off": noNoise, "totals from raw": totalsFromRaw} {
		got, n, err := s.play(context.Background(), weakened{s, fault}, s.small(100), 4, residual)
		if err != nil {
			t.Fatal(err)
		}
		if bound := GuessBound(s.Epsilon, s.Delta); got <= bound+threeSigma(bound, n) {
			t.Errorf("%s: %.3f of %d guesses are right, within the bound", name, got, n)
		}
	}
}

func TestReconstructionSolvesExactMargins(t *testing.T) {
	s := small(t)
	seen, err := weakened{s, noNoise}.Publish(context.Background(), s.town, s.tables, nil)
	if err != nil {
		t.Fatal(err)
	}
	lp, polygons := s.solve(seen, ofTruth)
	if lp.match() <= lp.best()+0.05 {
		t.Errorf("equations: %.3f found, %.3f by the best bet", lp.match(), lp.best())
	}
	if polygons.match() < 0.99 {
		t.Errorf("polygons: %.3f found", polygons.match())
	}
	if _, leaves := s.solve(seen, ofLeaves); leaves.match() > leaves.best()+0.05 {
		t.Errorf("polygons answered from published leaves give %.3f away", leaves.match())
	}
}

// The product answers any polygon from published leaves: two questions whose answers differ differ by published figures.
func TestADifferenceOfAnswersIsAFunctionOfPublishedLeaves(t *testing.T) {
	s := small(t)
	seen, err := s.gate.Publish(context.Background(), s.town, s.tables, nil)
	if err != nil {
		t.Fatal(err)
	}
	truth, _ := s.tables[presence].Count(nil)
	rapid.Check(t, func(t *rapid.T) {
		var a, b Equation
		known := 0.0
		for c := range s.tables[presence].Cells {
			switch rapid.IntRange(0, 8).Draw(t, "question") {
			case 0:
				a, b = append(a, c), append(b, c)
			case 1:
				a = append(a, c)
				if y := seen[presence].Cells[c]; !math.IsNaN(y) {
					known += y
				}
			}
		}
		ask := ofLeaves(&seen[presence], truth)
		if got := ask(a) - ask(b); got != known {
			t.Fatalf("the answers differ by %g, the published leaves between them by %g", got, known)
		}
	})
}

func TestAveragingWithoutALedgerFindsTheCounts(t *testing.T) {
	s := small(t)
	got, err := Average(context.Background(), weakened{s, func(s *suite, i int, out []bool, p *Published) {
		unbounded(s, i, out, p)
		p.Keep = 0
	}}, s.town, s.tables, 100)
	if err != nil {
		t.Fatal(err)
	}
	if got.One < 0.5 || got.Mean > got.One/4 {
		t.Errorf("median error %.2f of one release, %.2f of the mean of 100", got.One, got.Mean)
	}
}

func TestUniquenessCountsWhoSharesEveryPoint(t *testing.T) {
	var same, other [24]int32
	for h := range other {
		other[h] = int32(h)
	}
	town := &Town{Stay: make([][spans]int32, 3), Cell: [][24]int32{same, same, other}}
	random := rand.New(rand.NewPCG(1, 1))
	got := Uniqueness(town, 3000, 2, random)
	// One of three is alone at 23 of 24 hours; at midnight all three are in cell 0, so that his first point is unique 23 times in 24.
	if math.Abs(got[0]-23.0/24/3) > 0.03 || math.Abs(got[1]-1.0/3) > 0.03 {
		t.Errorf("%v", got)
	}
}

func TestAThresholdLowerByOneIsSeen(t *testing.T) {
	s := small(t)
	truth, _ := s.tables[presence].Count(nil)
	least := math.Inf(1)
	for _, n := range truth {
		if n > RedactionLimit {
			least = min(least, n)
		}
	}
	s.K = int(least) + 1 // so that there is a cell of exactly k-1
	for limit, seen := range map[int]bool{s.K: false, s.K - 1: true} {
		share, _, err := s.tooFew(context.Background(), weakened{s, func(s *suite, i int, _ []bool, p *Published) {
			cells, _ := s.tables[i].Count(nil)
			for c, n := range cells {
				if n >= float64(limit) {
					p.Cells[c] = n
				}
			}
		}})
		if err != nil || (share > 0) != seen {
			t.Errorf("k = %d, published from %d: share %.4f (%v)", s.K, limit, share, err)
		}
	}
}

func TestHomogeneousZonesAreFound(t *testing.T) {
	s := small(t)
	if share, n, err := s.homogeneous(context.Background(), s.plain); err != nil || share == 0 {
		t.Errorf("%.3f of %d breakdowns (%v): the zone where everybody drives is not found", share, n, err)
	}
}

func TestTrajectoriesAloneAreAtRisk(t *testing.T) {
	s := small(t)
	names, risks := s.risks()
	if len(names) != 8 {
		t.Fatalf("%d attacks", len(names))
	}
	for i, r := range risks {
		if r < 0.5 || r > 1 {
			t.Errorf("%s: risk %.3f on raw paths", names[i].EN, r)
		}
	}
	for p := range s.town.Cell { // everybody does the same: k-anonymous by nature
		s.town.Cell[p] = s.town.Cell[0]
	}
	if _, risks = s.risks(); risks[0] > 1/float64(s.town.Persons())+1e-9 {
		t.Errorf("risk %.6f where all paths are the same", risks[0])
	}
}

// T13: a published pair of places is of k persons; a gate without threshold publishes the pair of one.
func TestAPairOfOnePersonIsAtRisk(t *testing.T) {
	s := small(t)
	limit := 1 / float64(s.K)
	risk, pairs, err := s.pairRisk(context.Background(), s.gate)
	if err != nil || pairs == 0 || risk > limit {
		t.Errorf("the gate's %d pairs have a risk of %.3f (%v)", pairs, risk, err)
	}
	s.K = 1 // the threshold is off
	if risk, _, err := s.pairRisk(context.Background(), weakened{s, noNoise}); err != nil || risk <= limit {
		t.Errorf("without threshold the risk is %.3f (%v): the test does not see it", risk, err)
	}
}

// T10: an attacker whom the ledger does not stop gets every drawing.
func TestAveragingSeesALedgerThatForgets(t *testing.T) {
	s := small(t)
	for name, forgetful := range map[string]bool{"the ledger": false, "a ledger that forgets": true} {
		r, err := s.again(context.Background(), func(i int) *ledger.Ledger {
			if forgetful {
				return ledger.At(filepath.Join(t.TempDir(), "ledger.jsonl"))
			}
			return ledger.At(filepath.Join(s.gate.Dir, "averaged.jsonl"))
		})
		if err != nil || r > 0 != forgetful {
			t.Errorf("%s lets through %.2f of the drawings beyond the first (%v)", name, r, err)
		}
	}
}

func TestEliminateSolves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "n")
		m, x := make([][]float64, n), make([]float64, n)
		for i := range x {
			x[i] = float64(rapid.IntRange(-9, 9).Draw(t, "x"))
		}
		for i := range m {
			m[i] = make([]float64, n+1)
			for j := range n {
				m[i][j] = float64(rapid.IntRange(-3, 3).Draw(t, "m"))
			}
			m[i][i] += 20
			for j := range n {
				m[i][n] += m[i][j] * x[j]
			}
		}
		for i, got := range eliminate(m) {
			if math.Abs(got-x[i]) > 1e-9 {
				t.Fatalf("%v, want %v", got, x[i])
			}
		}
	})
}
