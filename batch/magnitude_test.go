package batch

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/ingest/gate/audit"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/model/release"
)

const quarterCount = 12 // four in each of three communes, which make one authority

var sectors = []string{"trade", "industry"}

// firm is a row of the file of establishments.
type firm struct {
	enterprise string
	quarter    int
	sector     int
	jobs       int
}

// townWith is a territory of three communes of four quarters, with a source about enterprises or households.
func townWith(t testing.TB, change map[string]string) string {
	t.Helper()
	dir := write(t, nil)
	square := func(code, name string, west, south, east, north float64) string {
		return fmt.Sprintf(`{"type":"Feature","properties":{"code":%q,"name":%q},"geometry":{"type":"Polygon","coordinates":[[[%[3]v,%[4]v],[%[5]v,%[4]v],[%[5]v,%[6]v],[%[3]v,%[6]v],[%[3]v,%[4]v]]]}}`,
			code, name, west, south, east, north)
	}
	var communes, quarters []string
	for c := range 3 {
		west := 1 + float64(c)/2
		communes = append(communes, square(fmt.Sprint(c+1), fmt.Sprint("Commune ", c+1), west, 43, west+0.5, 43.5))
		for q := range 4 {
			w, s := west+float64(q%2)/4, 43+float64(q/2)/4
			quarters = append(quarters, square(fmt.Sprintf("%d%d", c+1, q+1), fmt.Sprintf("Quarter %d of %d", q+1, c+1), w, s, w+0.25, s+0.25))
		}
	}
	collection := func(features []string) string {
		return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",\n") + "]}"
	}
	files := map[string]string{
		"territory.yaml":        strings.Replace(small["territory.yaml"], "[commune]", "[authority, commune, quarter]", 1),
		"communes.geojson":      collection(communes),
		"quarters.geojson":      collection(quarters),
		"sources/quarters.yaml": strings.NewReplacer("source: communes", "source: quarters", "communes.geojson", "quarters.geojson", "system: commune,", "system: quarter,").Replace(small["sources/communes.yaml"]),
		"authority.csv":         "code,name,member\nX,Authority,1\nX,Authority,2\nX,Authority,3\n",
		"sources/authority.yaml": `source: authority
title: {fr: Agglomération, en: Authority}
from: {path: authority.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    code: {type: text, required: true}
    name: {type: text}
    member: {type: text, required: true, refers: communes.code}
zones: {system: authority, title: {fr: Agglomération, en: Authority}, id: code, name: name, members: {system: commune, id: member}}
`}
	maps.Copy(files, change)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const firms = `source: firms
title: {fr: Établissements, en: Establishments}
from: {path: firms.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    enterprise: {type: text, role: unit, required: true}
    quarter: {type: text, role: place, required: true, refers: quarters.code}
    sector: {type: text, required: true, in: [trade, industry]}
    jobs: {type: integer, required: true}
behaviour:
  class: E
  unit: enterprise
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
  period: "2025"
  publish:
    jobs: {title: {fr: Emplois, en: Jobs}, shape: sum, value: jobs, zones: quarter, levels: [commune, authority]}
    jobs_by: {title: {fr: Emplois par secteur, en: Jobs by sector}, shape: sum, value: jobs, category: sector, zones: commune, levels: [authority]}
`

func firmsFile(rows []firm) string {
	var b strings.Builder
	b.WriteString("enterprise,quarter,sector,jobs\n")
	for _, f := range rows {
		fmt.Fprintf(&b, "%s,%d%d,%s,%d\n", f.enterprise, f.quarter/4+1, f.quarter%4+1, sectors[f.sector], f.jobs)
	}
	return b.String()
}

// randomFirms are many small ones and some that dominate where they are.
func randomFirms(r *rand.Rand) (out []firm) {
	for q := range quarterCount {
		for range 1 + r.IntN(9) {
			jobs := 1 + r.IntN(12)
			if r.IntN(6) == 0 {
				jobs *= 40
			}
			name := fmt.Sprintf("E%d", len(out))
			if r.IntN(5) == 0 {
				name = fmt.Sprintf("chain%d", r.IntN(3))
			}
			out = append(out, firm{name, q, r.IntN(len(sectors)), jobs})
		}
	}
	return out
}

// exactTruth is one figure of the tables, with the contribution of each enterprise.
type exactTruth map[string]float64

func (c exactTruth) sum() (sum, first, second float64) {
	for _, v := range c {
		sum += v
		if v > first {
			first, second = v, first
		} else {
			second = max(second, v)
		}
	}
	return sum, first, second
}

// safe is the rule of the specification, in other words than the gate's.
func (c exactTruth) safe() bool {
	sum, first, second := c.sum()
	return len(c) >= 3 && first <= 0.85*sum && sum-first-second >= 0.10*first
}

// figuresByCell are the published figures of a measure, by zone, NaN where there is none.
func exactFigures(t testing.TB, releases, id, measure, system string, zones int) []float64 {
	t.Helper()
	f := figuresOf(t, releases, id, measure, system, model.All)
	if f.Len() != zones {
		t.Fatalf("%s by %s has %d figures", measure, system, f.Len())
	}
	return f.Value
}

// T3 and T9 for class E, through the whole pipeline, against truth that the test adds up itself: what is published is exact and allowed,
// and nobody who holds all published figures and knows that jobs are not negative can place a hidden one well.
func TestFiguresOfEnterprisesAreExactAndHideWhatTheyMust(t *testing.T) {
	hiddenCells, shown := 0, 0
	for seed := range uint64(6) {
		rows := randomFirms(rand.New(rand.NewPCG(seed, 1)))
		dir, releases := townWith(t, map[string]string{"sources/firms.yaml": firms, "firms.csv": firmsFile(rows)}), t.TempDir()
		result, err := runIn(t.Context(), t, dir, releases)
		if err != nil {
			t.Fatal(err)
		}
		// The cells of all tables, in one row: quarters, communes, the authority, communes × sectors.
		const cells = quarterCount + 3 + 1 + 3*2
		truth := make([]exactTruth, cells)
		for i := range truth {
			truth[i] = exactTruth{}
		}
		for _, f := range rows {
			c := f.quarter / 4
			for _, i := range []int{f.quarter, quarterCount + c, quarterCount + 3, quarterCount + 4 + 2*c + f.sector} {
				truth[i][f.enterprise] += float64(f.jobs)
			}
		}
		got := exactFigures(t, releases, result.Release, "jobs", "quarter", quarterCount)
		communes := exactFigures(t, releases, result.Release, "jobs", "commune", 3)
		got = append(append(got[:quarterCount:quarterCount], communes...), exactFigures(t, releases, result.Release, "jobs", "authority", 1)...)
		same := exactFigures(t, releases, result.Release, "jobs_by", "commune", 3)
		bySector := [][]float64{exactFigures(t, releases, result.Release, "jobs_by_trade", "commune", 3), exactFigures(t, releases, result.Release, "jobs_by_industry", "commune", 3)}
		for c := range 3 {
			got = append(got, bySector[0][c], bySector[1][c])
			if math.IsNaN(communes[c]) != math.IsNaN(same[c]) {
				t.Errorf("seed %d: one table hides commune %d, the other shows it", seed, c)
			}
		}
		attack := audit.Table{Values: make([]float64, cells), Equations: []audit.Equation{{Total: quarterCount + 3, Parts: []int{quarterCount, quarterCount + 1, quarterCount + 2}}}}
		hidden := make([]bool, cells)
		for i, c := range truth {
			sum, _, _ := c.sum()
			attack.Values[i], hidden[i] = sum, math.IsNaN(got[i])
			switch {
			case hidden[i]:
				hiddenCells++
			case got[i] != sum || !c.safe():
				t.Errorf("seed %d: figure %d is %v, the truth %v (safe: %v)", seed, i, got[i], sum, c.safe())
			default:
				shown++
			}
		}
		for c := range 3 {
			attack.Equations = append(attack.Equations, audit.Equation{Total: quarterCount + c, Parts: []int{4 * c, 4*c + 1, 4*c + 2, 4*c + 3}},
				audit.Equation{Total: quarterCount + c, Parts: []int{quarterCount + 4 + 2*c, quarterCount + 5 + 2*c}})
		}
		intervals, err := attack.Intervals(hidden)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range truth {
			_, first, _ := c.sum()
			least := 3.0
			if !c.safe() {
				least = max(least, 0.2*first)
			}
			if hidden[i] && len(c) > 0 && intervals[i].Width() < least-1e-6 {
				t.Errorf("seed %d: hidden figure %d lies between %v and %v", seed, i, intervals[i].Lo, intervals[i].Hi)
			}
		}
		if card := cardOf(t, result, "firms"); card.Threshold != 3 {
			t.Errorf("the card says k = %d", card.Threshold)
		}
	}
	if hiddenCells == 0 || shown < 20 {
		t.Errorf("%d hidden, %d shown: the test shows nothing", hiddenCells, shown)
	}
}

func cardOf(t testing.TB, r *Result, source string) release.Card {
	t.Helper()
	for _, c := range r.Manifest.Privacy {
		if c.Source == source {
			return c
		}
	}
	t.Fatalf("%s has no card", source)
	return release.Card{}
}

// A year later other quarters would be the cheapest to hide: those hidden before stay hidden instead, because two masks side by side
// give away what each of them hides.
func TestTheMaskOfTheReleaseBeforeIsKept(t *testing.T) {
	year := func(shift int) []firm {
		var rows []firm
		for q := range quarterCount {
			n := 8 // enterprises
			if q == 0 {
				n = 2 // too few: hidden, and a neighbour with it
			}
			jobs := 10 + 10*((q+shift)%4)
			for i := range n {
				rows = append(rows, firm{fmt.Sprintf("E%d-%d", q, i), q, i % 2, jobs})
			}
		}
		return rows
	}
	masks := func(keep bool) (first, second []bool) {
		dir, releases := townWith(t, map[string]string{"sources/firms.yaml": firms, "firms.csv": firmsFile(year(0))}), t.TempDir()
		mask := func() []bool {
			result, err := runIn(t.Context(), t, dir, releases)
			if err != nil {
				t.Fatal(err)
			}
			out := make([]bool, quarterCount)
			for i, v := range exactFigures(t, releases, result.Release, "jobs", "quarter", quarterCount) {
				out[i] = math.IsNaN(v)
			}
			return out
		}
		first = mask()
		if !keep { // as if the source had never been drawn
			releases = t.TempDir()
		}
		next := strings.Replace(firms, `period: "2025"`, `period: "2026"`, 1)
		for name, text := range map[string]string{"sources/firms.yaml": next, "firms.csv": firmsFile(year(2))} {
			if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return first, mask()
	}
	first, second := masks(true)
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("the masks differ:\n%v\n%v", first, second)
	}
	if first, other := masks(false); fmt.Sprint(first) == fmt.Sprint(other) {
		t.Error("without the release before the mask would have been the same: the test shows nothing")
	}
}

const homes = `source: homes
title: {fr: Logements, en: Homes}
from: {path: homes.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    household: {type: text, role: unit, required: true}
    quarter: {type: text, role: place, required: true, refers: quarters.code}
    label: {type: text, required: true, in: [A, D, G]}
    energy: {type: number, required: true}
behaviour:
  class: F
  unit: household
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
  period: "2025"
  publish:
    energy: {title: {fr: Énergie, en: Energy}, shape: sum, value: energy, zones: quarter, levels: [commune]}
    label: {title: {fr: Étiquettes, en: Labels}, shape: split, category: label, zones: quarter, levels: [commune]}
`

// Class F through the whole pipeline: at least 20 households, none with 85 % of a sum, counts within two of the truth and always with
// the same noise, sums that follow the noisy count.
func TestFiguresOfHouseholdsHaveTheirThresholdDominanceAndCellKey(t *testing.T) {
	count := []int{400, 19, 60, 25, 300, 300, 300, 300, 11, 12, 9, 8} // households by quarter
	var b strings.Builder
	b.WriteString("household,quarter,label,energy\n")
	sum := make([]float64, quarterCount)
	labels := make([][3]int, quarterCount)
	for q, n := range count {
		for i := range n {
			label, energy := i%3, 5+float64(i%10)
			if q == 3 && i == 0 {
				energy = 5000 // dominates
			}
			if q == 4 { // nearly everybody is alike
				if label = 1; i < 2 {
					label = 0
				}
			}
			sum[q] += energy
			labels[q][label]++
			fmt.Fprintf(&b, "H%d-%d,%d%d,%s,%v\n", q, i, q/4+1, q%4+1, string("ADG"[label]), energy)
		}
	}
	dir, releases := townWith(t, map[string]string{"sources/homes.yaml": homes, "homes.csv": b.String()}), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	energy := figuresOf(t, releases, result.Release, "energy", "quarter", model.All)
	for q, n := range count {
		shown := energy.Flag[q] == model.OK
		if want := n >= 20 && q != 3; shown != want {
			t.Errorf("quarter %d of %d households: shown %v", q, n, shown)
		}
		if shown && (energy.Lo[q] > sum[q] || energy.Hi[q] < sum[q] || math.Abs(energy.Value[q]-sum[q]) > sum[q]*(2/float64(n)+0.005)) {
			t.Errorf("quarter %d: %v (%v to %v), the truth %v", q, energy.Value[q], energy.Lo[q], energy.Hi[q], sum[q])
		}
	}
	// The third commune has 40 households in four quarters of too few.
	if f := figuresOf(t, releases, result.Release, "energy", "commune", model.All); f.Flag[2] != model.OK {
		t.Error("the commune of four small quarters has no figure")
	}
	for i, letter := range []string{"a", "d", "g"} {
		f := figuresOf(t, releases, result.Release, "label_"+letter, "quarter", model.All)
		for q := range count {
			n := labels[q][i]
			switch shown := f.Flag[q] == model.OK; {
			case shown && (n < 20 || q == 4):
				t.Errorf("quarter %d, label %s: %v of %d households", q, letter, f.Value[q], n)
			case shown && math.Abs(f.Value[q]-float64(n)) > 2:
				t.Errorf("quarter %d, label %s: %v, the truth %d", q, letter, f.Value[q], n)
			case !shown && q == 0:
				t.Errorf("quarter %d, label %s is not shown", q, letter)
			}
		}
	}
	// Drawn anew for the same vintage, every figure is the same: asking again teaches nothing.
	again := strings.Replace(homes, "period: \"2025\"\n", "period: \"2025\"\n  edition: 2\n", 1)
	if err := os.WriteFile(filepath.Join(dir, "sources", "homes.yaml"), []byte(again), 0o600); err != nil {
		t.Fatal(err)
	}
	next, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	other := figuresOf(t, releases, next.Release, "energy", "quarter", model.All)
	if fmt.Sprint(energy.Value) != fmt.Sprint(other.Value) {
		t.Errorf("drawn again:\n%v\n%v", energy.Value, other.Value)
	}
	if n := len(charges(t, releases)); n != 2 {
		t.Errorf("%d charges", n)
	}
}

func TestTablesOfClassEThatCouldBeSubtractedAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ old, new, says string }{
		"a category that rows may lack":    {"sector: {type: text, required: true,", "sector: {type: text,", "must list its categories"},
		"zones that do not nest":           {"zones: commune, levels: [authority]}", "zones: authority}", ""},
		"zones of another kind":            {"zones: quarter, levels: [commune, authority]}", "zones: quarter}", "are not among its zones and levels"},
		"a histogram":                      {"shape: sum, value: jobs, zones: quarter, levels: [commune, authority]", "shape: histogram, value: jobs, edges: [0, 5, 10], zones: quarter", "not histogram"},
		"a budget, which class E has none": {"levels: [authority]}", "levels: [authority], share: 50}", "share is for class C"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := townWith(t, map[string]string{"sources/firms.yaml": strings.Replace(firms, c.old, c.new, 1), "firms.csv": firmsFile(nil)})
			err := declareProblem(dir)
			if c.says == "" && err != "" || c.says != "" && !strings.Contains(err, c.says) {
				t.Errorf("the declaration says %q", err)
			}
		})
	}
}

// declareProblem is what reading a territory complains of, "" when it does not.
func declareProblem(dir string) string {
	_, err := declare.Read(os.DirFS(dir))
	var problems declare.Problems
	if errors.As(err, &problems) {
		return problems.Text()
	}
	return ""
}
