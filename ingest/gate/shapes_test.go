package gate

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/frame"
)

// town is three levels of presence: nine cells, three quarters of three cells, one town, and totals by slot.
func town() Table {
	t := presence(9, "day_type")
	t.Levels = []Level{{"quarter", 3, []int32{0, 0, 0, 1, 1, 1, 2, 2, 2}}, {"commune", 1, []int32{0, 0, 0}}}
	t.Totals, t.Bias = true, true
	return t
}

func TestLevelsAgreeAndRestsMakeUpTheDifference(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for i := range scaled(30, 1000) {
		var events []event
		unit := int64(0)
		for zone := range int64(9) {
			for slot := range int64(3) {
				events = append(events, crowd(random.IntN(1200), zone, slot, unit)...)
				unit += 1200
			}
		}
		p := run(t, open(t, setup(town())).seed(uint64(i)), events).Tables()[0]
		cells, quarters, communes := figures(p, 0), figures(p, 1), figures(p, 2)
		for f := range p.All(1) {
			if math.IsNaN(f.Rest) {
				continue
			}
			sum := f.Rest
			for _, c := range cells {
				if c.Slot == f.Slot && c.Zone/3 == f.Zone {
					sum += c.Y
				}
			}
			if math.Abs(sum-f.Y) > 1e-9 {
				t.Fatalf("quarter %d: its cells and its rest are %v, it is %v", f.Zone, sum, f.Y)
			}
		}
		for f := range p.All(2) {
			sum := 0.0
			n := 0
			for _, q := range quarters {
				if q.Slot == f.Slot {
					sum += q.Y
					n++
				}
			}
			if n == 3 && sum != f.Y {
				t.Fatalf("three quarters are %v, the commune is %v", sum, f.Y)
			}
		}
		for level := range p.Levels() {
			for f := range p.All(level) {
				if f.Y < 0 || f.Y != math.Trunc(f.Y) || f.Lo > f.Y || f.Hi < f.Y || f.Rest < 0 {
					t.Fatalf("level %d: %+v", level, f)
				}
			}
		}
		if len(communes) != 3 || len(figures(p, 3)) != 3 {
			t.Fatalf("%d communes, %d totals of 3 slots", len(communes), len(figures(p, 3)))
		}
	}
}

// Least squares are better than each level by itself: over many draws the cells' errors shrink.
func TestReconciliationLowersTheError(t *testing.T) {
	table := presence(4, "all")
	table.Levels, table.Totals, table.Parts = []Level{{"town", 1, []int32{0, 0, 0, 0}}}, true, Parts{34, 33, 33}
	var events []event
	for z := range int64(4) {
		events = append(events, crowd(2000, z, 0, z*10_000)...)
	}
	rows := batch(events)
	var own, settled float64
	for i := range scaled(300, 5000) {
		g := open(t, setup(table)).seed(uint64(i))
		if err := g.Feed(rows); err != nil {
			t.Fatal(err)
		}
		g.finish()
		table := g.tables[0]
		exact, random := table.count(), g.random()
		p := &Protected{slots: table.slots(), zones: 4}
		for j := range table.levels {
			l := published{places: table.levels[j].places, zones: table.levels[j].places, classes: 1, half: table.levels[j].mechanism.HalfWidth}
			l.figures = table.draw(j, exact.levels[j], &l, random)
			p.levels = append(p.levels, l)
		}
		for f := range p.All(0) {
			own += (f.Y - 2000) * (f.Y - 2000)
		}
		table.reconcile(p)
		for f := range p.All(0) {
			settled += (f.Y - 2000) * (f.Y - 2000)
		}
		g.Close()
	}
	if settled > 0.97*own {
		t.Errorf("mean square error %.1f after, %.1f before", settled, own)
	}
}

func TestTheFinestLevelThatStandsIsFound(t *testing.T) {
	var events []event
	events = append(events, crowd(3000, 0, 0, 0)...) // a cell of its own
	for z := int64(3); z < 6; z++ {
		events = append(events, crowd(60, z, 0, 10_000*z)...) // a quarter together
	}
	events = append(events, crowd(15, 8, 0, 90_000)...) // only in the commune
	table := town()
	table.Bias, table.L0, table.Parts = false, 1, Parts{20, 60, 20}
	p := run(t, open(t, setup(table)).seed(4), events).Tables()[0]
	level, zone := p.Finest(0, table.Levels)
	if level[0] != 0 || zone[0] != 0 || level[4] != 1 || zone[4] != 1 || level[8] != 2 || zone[8] != 0 {
		t.Errorf("levels %v, zones %v", level, zone)
	}
}

func TestTheBiasOfBoundingIsMeasured(t *testing.T) {
	table := presence(2, "hour")
	table.Totals, table.Bias = true, true
	var events []event
	for u := range int64(4000) {
		for slot := range int64(20) { // L0 is 4: a fifth is kept
			events = append(events, event{unit: u, zone: 1, slot: slot})
		}
	}
	p := run(t, open(t, setup(table)).seed(1), events).Tables()[0]
	s := p.Scale()
	if s == nil || s.Lo > 5 || s.Hi < 5 || math.Abs(s.Kept-0.2) > 0.05 {
		t.Fatalf("%+v", s)
	}
}

func TestFlowsHaveARestByOrigin(t *testing.T) {
	table := Table{Name: "flow", Shape: Flow, System: "commune", Zones: 10, From: Place{Column: "stop"}, To: Place{Column: "alight"}, Totals: true, L0: 1}
	var events []event
	add := func(n int, from, to int64) {
		for range n {
			events = append(events, event{unit: int64(len(events)), zone: from, to: to})
		}
	}
	add(2000, 0, 1)
	add(900, 0, 0)
	for to := int64(2); to < 10; to++ {
		add(25, 0, to) // small: in the rest
	}
	add(500, 1, 99) // leaves the territory
	p := run(t, open(t, setup(table)).seed(9), events).Tables()[0]
	pairs := p.Pairs(0)
	if len(pairs.Origin) != 3 || pairs.Destination[2] != frame.Outside {
		t.Fatalf("%+v", pairs)
	}
	origin := figures(p, 1)["0 0 -1 -1"]
	if rest := origin.Y - pairs.Value[0] - pairs.Value[1]; origin.Rest != rest || math.Abs(rest-200) > 60 {
		t.Errorf("origin %+v, pairs %v", origin, pairs.Value)
	}
	if origin.Lo > 3100 || origin.Hi < 3100 {
		t.Errorf("3100 is outside %v to %v", origin.Lo, origin.Hi)
	}
}

func TestAHistogramCountsTripsUpToLinf(t *testing.T) {
	table := Table{Name: "distance", Shape: Histogram, System: "territory", Zones: 1, Value: "metres", Edges: []float64{0, 1000, 5000}, L0: 2, Linf: 2}
	var events []event
	for u := range int64(3000) {
		for range 5 {
			events = append(events, event{unit: u, value: 1000}) // on the edge: the upper class
		}
		events = append(events, event{unit: u, value: 7000}, event{unit: u, value: math.NaN()}, event{unit: u, value: -1})
	}
	p := run(t, open(t, setup(table)).seed(3), events).Tables()[0]
	got := figures(p, 0)
	f, ok := got["0 0 -1 1"]
	if !ok || len(got) != 1 || f.Lo > 6000 || f.Hi < 6000 {
		t.Errorf("%+v: 3,000 units count twice in one class", got)
	}
}

// wkb is a point as a contract binds it.
func wkb(lon, lat float64) []byte {
	b := binary.LittleEndian.AppendUint32([]byte{1}, 1)
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(lon))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(lat))
}

func TestTheEndsOfTracesAreCut(t *testing.T) {
	src := &model.Source{ID: "gps", Contract: model.Contract{Geometry: &model.Geometry{Type: "point"}, Columns: map[string]*model.Column{
		"device": {Type: "text", Role: "unit"}, "at": {Type: "timestamp", Role: "time"}}},
		Behaviour: &model.Behaviour{Class: "C", Unit: "device", Purpose: model.Text{EN: "test"}, LegalBasis: "public task", Retention: "P1D"}}
	const segments = 20 // of 100 m along a parallel
	perMetre := 1 / (6371008.8 * math.Pi / 180)
	s := setup(Table{Name: "links", Shape: Links, System: "segments", Zones: segments, L0: 24,
		Place: Place{Column: "geometry", Locate: func(lon, _ float64) int32 { return int32(lon / perMetre / 100) }}})
	s.Source = src
	g := open(t, s).seed(1)
	start := time.Date(2026, 2, 3, 8, 0, 0, 0, time.UTC)
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "device", Type: arrow.BinaryTypes.String},
		{Name: "at", Type: arrow.FixedWidthTypes.Timestamp_us}, {Name: "geometry", Type: arrow.BinaryTypes.Binary}}, nil))
	defer b.Release()
	for device := range 2000 {
		for m := 0; m < 2000; m += 50 {
			b.Field(0).(*array.StringBuilder).Append("device " + string(rune('A'+device%26)) + string(rune(device)))
			b.Field(1).(*array.TimestampBuilder).Append(arrow.Timestamp(start.Add(time.Duration(m) * time.Second / 10).UnixMicro()))
			b.Field(2).(*array.BinaryBuilder).Append(wkb((float64(m)+25)*perMetre, 0))
		}
	}
	rec := b.NewRecordBatch()
	if err := g.Feed(rec); err != nil {
		t.Fatal(err)
	}
	rec.Release()
	cube, err := g.Release(context.Background(), emptyLedger(t))
	if err != nil {
		t.Fatal(err)
	}
	got := cube.Tables()[0].Figures(0, 0, 0)
	for z := range segments {
		if shown := got.Flag[z] == model.OK; shown != (z >= 2 && z <= 17) {
			t.Errorf("segment %d of 0 to %d is published: %v", z, segments-1, shown)
		}
	}
}

func TestNothingNearTheEndsOfATripIsLeft(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trip := []fix{{}}
		for range rapid.IntRange(0, 60).Draw(t, "positions") {
			last := trip[len(trip)-1]
			step := rapid.IntRange(-20_000, 20_000)
			trip = append(trip, fix{at: last.at + 10, lon: last.lon + int32(step.Draw(t, "x")), lat: last.lat + int32(step.Draw(t, "y"))})
		}
		first, last := trip[0], trip[len(trip)-1]
		for _, f := range cut(append([]fix(nil), trip...), 200) {
			if apart(first, f) < 200 || apart(last, f) < 200 {
				t.Fatalf("%v is left, %v m and %v m from the ends", f, apart(first, f), apart(last, f))
			}
		}
	})
}

func TestTheCellKeyTableHasMeanZeroAndItsVariance(t *testing.T) {
	for n := int64(1); n <= 12; n++ {
		var mean, square float64
		const steps = 1 << 20
		for i := range uint64(steps) {
			d := float64(perturb(n, i<<44) - n)
			mean += d / steps
			square += d * d / steps
		}
		if math.Abs(mean) > 1e-3 || math.Abs(square-1.08) > 2e-3 {
			t.Errorf("true %d: mean %.4f, variance %.4f", n, mean, square)
		}
	}
	for key := range uint64(1000) {
		if perturb(0, key<<54) != 0 || perturb(1, key<<54) == 1 {
			t.Fatal("a zero is perturbed, or a one published")
		}
	}
}

// Classes F and G: the same contributors get the same noise on every run.
func TestHouseholdsAreCountedWithTheSameNoiseEveryTime(t *testing.T) {
	key, err := LoadKey(filepath.Join(t.TempDir(), "key", "2026"))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[float64]bool{}
	for range 20 {
		s := setup(presence(3, "all"))
		s.Source = source("F", "household")
		s.Key = key
		cube := run(t, open(t, s), append(crowd(40, 1, 0, 0), crowd(19, 2, 0, 500)...))
		got := figures(cube.Tables()[0], 0)
		f, ok := got["0 1 -1 -1"]
		if !ok || len(got) != 1 || math.Abs(f.Y-40) > 2 {
			t.Fatalf("%+v", got)
		}
		counts[f.Y] = true
		if cube.Entry().Epsilon != 0 || cube.Entry().Mechanism != "cell key" {
			t.Errorf("%+v", cube.Entry())
		}
	}
	if len(counts) != 1 {
		t.Errorf("asking again gives %v", counts)
	}
}

func TestAHouseholdThatDominatesIsNotPublished(t *testing.T) {
	table := presence(3, "all")
	table.Value = "metres" // an energy, here
	s := setup(table)
	s.Source, s.Key = source("F", "household"), make([]byte, 32)
	events := append(crowd(40, 1, 0, 0), crowd(40, 2, 0, 500)...)
	events[60].value = 1000
	got := figures(run(t, open(t, s), events).Tables()[0], 0)
	if _, ok := got["0 1 -1 -1"]; !ok || len(got) != 1 {
		t.Errorf("%+v: zone 2 has a household of 96 %%", got)
	}
}

func TestEnterprisesArePublishedFromThreeUpWithoutDifferencing(t *testing.T) {
	table := presence(6, "all")
	table.Value = "metres" // jobs, here
	table.Levels, table.Totals = []Level{{"commune", 2, []int32{0, 0, 0, 1, 1, 1}}}, true
	s := setup(table)
	s.Source = source("E", "enterprise")
	var events []event
	for z, n := range []int{2, 5, 9, 4, 6, 8} { // zone 0 has two enterprises: primary
		for _, e := range crowd(n, int64(z), 0, int64(100*z)) {
			e.value = float64(10 + z)
			events = append(events, e)
		}
	}
	p := run(t, open(t, s), events).Tables()[0]
	leaves, communes := figures(p, 0), figures(p, 1)
	if _, ok := leaves["0 0 -1 -1"]; ok {
		t.Error("two enterprises are published")
	}
	if n := len(leaves); n != 4 {
		t.Errorf("%d leaves are published: one more than the primary must be hidden", n)
	}
	if len(communes) != 2 || communes["0 1 -1 -1"].Y != 4*13+6*14+8*15 {
		t.Errorf("%+v", communes)
	}
}

func TestSurveyEstimatesFollowTheWeightsWithoutShowingThem(t *testing.T) {
	table := presence(2, "all")
	table.Weight = "weight"
	s := setup(table)
	s.Source, s.Key = source("G", "respondent"), make([]byte, 32)
	events := append(crowd(100, 0, 0, 0), crowd(29, 1, 0, 500)...)
	for i := range events {
		events[i].weight = 300 + float64(i%7)
	}
	got := figures(run(t, open(t, s), events).Tables()[0], 0)
	f, ok := got["0 0 -1 -1"]
	if !ok || len(got) != 1 || f.Lo > 30_300 || f.Hi < 30_300 || f.Y == 30_297 {
		t.Errorf("%+v", got)
	}
}

func TestSmallCountsOnQuietPathsAreMerged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 12), 0, 24).Draw(t, "counts")
		var before, after int64
		for _, n := range counts {
			before += n
		}
		merged := MergeCounts(counts, 12)
		for i, m := range merged {
			after += m.Value
			if m.Value < 5 && len(merged) > 1 {
				t.Fatalf("%v: %v is left", merged, m)
			}
			if i > 0 && m.From != merged[i-1].To+1 {
				t.Fatalf("%v: a slot is missing", merged)
			}
		}
		if before != after {
			t.Fatalf("%d became %d", before, after)
		}
		if n := len(MergeCounts(counts, 20)); n != len(counts) {
			t.Fatalf("%d slots of a busy path became %d", len(counts), n)
		}
	})
}

func TestAProducersSlipIsNotPassedOn(t *testing.T) {
	if err := CheckThreshold("operator", []float64{0, 20, 400}, 20); err != nil {
		t.Error(err)
	}
	if err := CheckThreshold("operator", []float64{0, 19, 400}, 20); model.KindOf(err) != model.Withheld || strings.Contains(err.Error(), "19 ") {
		t.Errorf("%v", err)
	}
}

func TestThePlanShowsThatGrainIsTheStrongestLever(t *testing.T) {
	privacy := model.Privacy{K: 20, Epsilon: 1, Delta: 1e-6, EpsilonYear: 4}
	even := func(cells int, total float64) (out []float64) {
		for range cells {
			out = append(out, total/float64(cells))
		}
		return out
	}
	rows, err := Plan(privacy, ledger.Spent{Epsilon: 2_000_000}, []Alternative{
		{System: "commune", Slot: "hour", Expected: even(36*72, 80_000*40), Units: 80_000},
		{System: "cell_200m", Slot: "hour", Expected: even(6000*72, 80_000*40), Units: 80_000},
	})
	if err != nil {
		t.Fatal(err)
	}
	best := map[string]Row{}
	for _, r := range rows {
		if r.Best {
			best[r.System] = r
		}
		if r.YearAfter != 3 || r.ReleasesLeft != 2 {
			t.Errorf("%+v", r)
		}
	}
	if c, f := best["commune"], best["cell_200m"]; c.HoursShown < 0.9 || f.HoursShown > 0.1 || c.Mechanism == "" || c.Error <= 0 || c.Error > 0.5 {
		t.Errorf("commune %+v\ncell %+v", c, f)
	}
	if _, err := Plan(privacy, ledger.Spent{}, []Alternative{{System: "commune"}}); err == nil {
		t.Error("a plan without expected units")
	}
}

// The plan's arithmetic against the gate itself.
func TestThePlanForetellsWhatIsPublished(t *testing.T) {
	s := setup(presence(40, "all"))
	s.Tables[0].L0 = 1
	var events []event
	var expected []float64
	units := 0.0
	for z := range 40 {
		n := 10 + 2*z
		expected, units = append(expected, float64(n)), units+float64(n)
		events = append(events, crowd(n, int64(z), 0, int64(1000*z))...)
	}
	rows, err := Plan(s.Privacy, ledger.Spent{}, []Alternative{{System: "cell", Slot: "all", Expected: expected, Units: units, L0: []int{1}}})
	if err != nil {
		t.Fatal(err)
	}
	shown, runs := 0.0, 50
	for i := range runs {
		for f := range run(t, open(t, s).seed(uint64(i)), events).Tables()[0].All(0) {
			shown += expected[f.Zone] / units / float64(runs)
		}
	}
	if math.Abs(shown-rows[0].HoursShown) > 0.01 {
		t.Errorf("planned %.3f, published %.3f", rows[0].HoursShown, shown)
	}
}

func TestTheCardSaysWhatWasDone(t *testing.T) {
	cube := run(t, open(t, setup(town())).seed(1), crowd(3000, 0, 0, 0))
	card := cube.Card()
	b, err := json.Marshal(card)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"epsilon":1,`, `"class":"C"`, `"half_width":`, `"hash":"` + cube.Entry().Hash, `"tests":["T3"`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("%s is not on the card: %s", part, b)
		}
	}
	for lang, part := range map[string]string{"fr": "moins de 20 personnes", "en": "fewer than 20 people"} {
		text := card.Text(lang)
		if !strings.Contains(text, part) || strings.Contains(text, "%!") || strings.Contains(strings.ToLower(text), "anonym") {
			t.Errorf("%s: %s", lang, text)
		}
	}
	if math.Abs(card.Guess-0.731) > 0.001 {
		t.Errorf("the chance to guess right is %v", card.Guess)
	}
}

func TestAKeyIsMadeOnceAndForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key", "2026")
	first, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := LoadKey(path)
	if err != nil || string(first) != string(again) || len(first) != 32 {
		t.Errorf("%x, then %x (%v)", first, again, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestAGateStopsRatherThanUseMoreMemoryThanItMay(t *testing.T) {
	s := setup(presence(3, "all"))
	s.Memory = 16 * 4 * staged * 100
	g := open(t, s)
	defer g.Close()
	var err error
	for i := range 40 {
		b := batch(crowd(3000, 1, 0, int64(i)*3000))
		if err = g.Feed(b); err != nil {
			break
		}
	}
	if err == nil {
		_, err = g.Release(context.Background(), emptyLedger(t))
	}
	if err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("%v", err)
	}
}

func FuzzPoint(f *testing.F) {
	f.Add(wkb(1.5, 43.5))
	f.Fuzz(func(t *testing.T, b []byte) {
		if lon, lat, ok := point(b); ok && (math.IsNaN(lon) || math.Abs(lon) > 180 || math.Abs(lat) > 90) {
			t.Fatalf("%v, %v", lon, lat)
		}
	})
}
