package quality

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"jumeau/model"
)

// The data with which Iglewicz and Hoaglin show their score, and the scores that they give.
func TestTheScoreIsThatOfItsAuthors(t *testing.T) {
	data := []float64{2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3}
	for x, want := range map[float64]float64{8.2: 25.86, 8.3: 26.31, 2.1: -1.57} {
		if got, middle := Score(data, x, 0, 0); math.Abs(got-want) > 0.01 || middle != 2.45 {
			t.Errorf("score of %g is %.2f about %g, want %.2f about 2.45", x, got, middle, want)
		}
	}
}

func TestTheScoreDoesNotDependOnUnitsNorOnOneWildFile(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		history := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 7, 40).Draw(r, "history")
		x := rapid.Float64Range(-1e6, 1e6).Draw(r, "x")
		score, middle := Score(history, x, 0, 1)
		scaled := make([]float64, len(history))
		for i, v := range history {
			scaled[i] = 1000 * v
		}
		if other, _ := Score(scaled, 1000*x, 0, 1000); math.Abs(other-score) > 1e-6*(1+math.Abs(score)) {
			r.Fatalf("in thousandths the score is %g, else %g", other, score)
		}
		wild := append(slices.Clone(history), 1e12)
		_, moved := Score(wild, x, 0, 1)
		sorted := slices.Sorted(slices.Values(history))
		if n := len(sorted); moved < middle || moved > sorted[min(n-1, n/2+1)] {
			r.Fatalf("one wild file moved the middle from %g to %g", middle, moved)
		}
	})
}

func profile(change func(*Profile)) Profile {
	p := Profile{Vintage: "2026", SHA256: "a", Read: 1000, Loaded: 1000, Columns: []Column{{"id", "utf8", true}, {"height", "double", true}, {"note", "utf8", false}},
		Values: map[string]Value{"height": {Filled: 0.9, Number: true, Low: 3, Middle: 6, High: 12, Mean: 7}},
		Time:   &Time{First: "2026-01-01", Last: "2026-02-01", Missing: []string{"2026-01-04"}},
		Place:  &Place{Box: [4]float64{1.4, 43.4, 1.7, 43.6}, Centre: [2]float64{1.55, 43.5}, Size: 0.0002}}
	if change != nil {
		change(&p)
	}
	return p
}

func history(n int) (out []Profile) {
	for i := range n {
		out = append(out, profile(func(p *Profile) { p.Loaded += int64(i * 7 % 5 * 10); p.SHA256 = fmt.Sprint(i) }))
	}
	return out
}

func TestWhatIsNotAsBeforeIsTold(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int
		change func(*Profile)
		policy *model.Drift
		want   string // kind policy text…
	}{
		{"the same", 10, nil, nil, ""},
		{"the first file", 0, nil, nil, ""},
		{"a bound column is lost", 1, func(p *Profile) { p.Columns = p.Columns[:1] }, nil,
			"columns stop the column height, which the contract reads, is there no more|columns warn columns that nothing reads are there no more: note"},
		{"that may be", 1, func(p *Profile) { p.Columns = p.Columns[:1] }, &model.Drift{Columns: model.DriftIgnore}, ""},
		{"a column is new and one is of another type", 1, func(p *Profile) {
			p.Columns = []Column{{"id", "int64", true}, {"height", "double", true}, {"note", "utf8", false}, {"x", "utf8", false}}
		}, nil,
			"columns warn the column id was utf8 and is int64|columns warn new columns: x"},
		{"half a file", 10, func(p *Profile) { p.Loaded = 500 }, nil, "rows warn rows: 500, usually 1020 (score -10.2)"},
		{"half a file, and it matters", 10, func(p *Profile) { p.Loaded = 500 }, &model.Drift{Rows: model.DriftStop}, "rows stop rows: 500, usually 1020 (score -10.2)"},
		{"a third of a file after one", 1, func(p *Profile) { p.Loaded = 300 }, nil, "rows warn rows: 300, before it was 1000"},
		{"a tenth less", 10, func(p *Profile) { p.Loaded = 900 }, nil, ""},
		{"a tenth less, with a short patience", 10, func(p *Profile) { p.Loaded = 900 }, &model.Drift{Score: 2}, "rows warn rows: 900, usually 1020 (score -2.353)"},
		{"half of a file that grew for long", -30, func(p *Profile) { p.Loaded = 1900 }, nil, "rows warn rows: 1900, before it was 3900"},
		{"many rejects", 10, func(p *Profile) { p.Rejected = 300 }, nil, "rows warn share of rejected rows: 0.2308, usually 0 (score 23.08)"},
		{"metres become centimetres", 10, func(p *Profile) { p.Values = map[string]Value{"height": {0.9, true, 300, 600, 1200, 700}} }, nil,
			"values warn middle of height: 600, usually 6 (score 1320)"},
		{"a column runs empty", 10, func(p *Profile) { p.Values = map[string]Value{"height": {0.2, true, 3, 6, 12, 7}} }, nil,
			"values warn share of rows with height: 0.2, usually 0.9 (score -35)"},
		{"a day is missing, a counter is silent, one is stuck", 3, func(p *Profile) {
			p.Time = &Time{First: "2026-01-01", Last: "2026-02-02", Missing: []string{"2026-01-28", "2026-01-04"}, Silent: []string{"B7"}, Stuck: []string{"B9"}}
		}, nil, "time warn days without a row: 2026-01-28|time warn silent for days, when others are not: B7|time warn the same value for long: B9"},
		{"an old file comes again", 3, func(p *Profile) { p.Time = &Time{First: "2026-01-01", Last: "2026-01-20"} }, nil, "time warn the last day is 2026-01-20, before it was 2026-02-01"},
		{"exchanged", 3, func(p *Profile) {
			p.Place.Box, p.Place.Centre = [4]float64{43.4, 1.4, 43.6, 1.7}, [2]float64{43.5, 1.55}
		}, nil,
			"place warn longitude and latitude look exchanged: the features lie around 43.5000, 1.5500"},
		{"elsewhere", 3, func(p *Profile) {
			p.Place.Box, p.Place.Centre = [4]float64{2.2, 48.8, 2.5, 48.9}, [2]float64{2.35, 48.85}
		}, &model.Drift{Place: model.DriftStop},
			"place stop the features moved: they lie around 2.3500, 48.8500, before around 1.5500, 43.5000"},
		{"in feet", 3, func(p *Profile) { p.Place.Size *= 3.28 }, nil, "place warn the features are 3.3 times as large as before"},
		{"another vintage has a history of its own", 10, func(p *Profile) { p.Vintage, p.Loaded = "2027", 5 }, nil, ""},
	} {
		var got []string
		before := history(max(c.before, 0))
		for i := range -c.before { // a growing file
			before = append(before, profile(func(p *Profile) { p.Loaded += int64(100 * i) }))
		}
		for _, f := range Judge(before, profile(c.change), c.policy) {
			got = append(got, f.Kind+" "+f.Policy+" "+f.Text)
		}
		if text := strings.Join(got, "|"); text != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, text, c.want)
		}
	}
}

func TestAHistoryIsBoundedAndKnowsItsLastFile(t *testing.T) {
	h := History{}
	for i := range 2 * most {
		h.Add("stops", profile(func(p *Profile) { p.SHA256, p.At = fmt.Sprint(i), time.Unix(int64(i), 0).UTC() }))
	}
	again := profile(func(p *Profile) { p.SHA256, p.Loaded = fmt.Sprint(2*most-1), 3 })
	if !h.Known("stops", again) {
		t.Error("the last file is not known")
	}
	h.Add("stops", again)
	path := filepath.Join(t.TempDir(), Name)
	if err := h.Write(path); err != nil {
		t.Fatal(err)
	}
	read, err := Read(path)
	if err != nil || len(read["stops"]) != most {
		t.Fatalf("%d profiles, %v", len(read["stops"]), err)
	}
	if last, _ := read.Last("stops"); last.Loaded != 3 || last.At.Unix() != 2*most-1 {
		t.Errorf("last: %+v", last)
	}
	if none, err := Read(path + ".absent"); err != nil || len(none) != 0 {
		t.Errorf("absent: %v, %v", none, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); model.KindOf(err) != model.Invalid {
		t.Errorf("half a file: %v", err)
	}
}

func TestWhatMovesAndComesBackIsToldOnce(t *testing.T) {
	away := func(p *Profile) {
		p.Place = &Place{Box: [4]float64{43.4, 1.4, 43.6, 1.7}, Centre: [2]float64{43.5, 1.55}, Size: 0.0002}
	}
	short := func(p *Profile) { p.Loaded = 100 }
	for _, c := range []struct {
		files []func(*Profile)
		want  string
	}{
		{[]func(*Profile){nil, nil, away, nil, nil}, "00100"},
		{[]func(*Profile){nil, nil, away, away, nil}, "00101"}, // it stayed, and moved anew
		{[]func(*Profile){nil, nil, short, nil, nil}, "00100"},
	} {
		var before []Profile
		told := ""
		for _, change := range c.files {
			p := profile(change)
			p.Findings = Judge(before, p, nil)
			told += fmt.Sprint(len(p.Findings))
			before = append(before, p)
		}
		if told != c.want {
			t.Errorf("findings %s, want %s", told, c.want)
		}
	}
}
