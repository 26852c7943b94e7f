package search

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestWordsAreFoldedAsPeopleTypeThem(t *testing.T) {
	for text, want := range map[string]string{
		"Av. du Général-de-Gaulle": "avenue du general de gaulle", "bd St Cœur": "boulevard saint coeur", "ÎLE d'Yeu": "ile d yeu",
		"12, ch. de l’Église": "12 chemin de l eglise", "": "", "R DE LA LOGE": "rue de la loge",
	} {
		if got := strings.Join(Fold(text), " "); got != want {
			t.Errorf("%q is folded to %q, want %q", text, got, want)
		}
	}
	if got := keys("rue de la Loge"); !slices.Equal(got, []string{"loge"}) {
		t.Errorf("keys %q", got)
	}
	if got := keys("Grande Rue"); !slices.Equal(got, []string{"grande"}) {
		t.Errorf("keys %q", got)
	}
	if got := keys("Rue"); !slices.Equal(got, []string{"rue"}) {
		t.Errorf("keys %q", got)
	}
}

// The page folds by itself what a visitor types; both must know the same shortenings and common words.
func TestThePageKnowsTheSameWords(t *testing.T) {
	text, err := os.ReadFile("../../query/web/src/find/words.ts")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	body := regexp.MustCompile(`(?s)EXPANSIONS[^{]*\{(.*?)\}`).FindSubmatch(text)
	for _, m := range regexp.MustCompile(`(\w+): '(\w+)'`).FindAllSubmatch(body[1], -1) {
		got[string(m[1])] = string(m[2])
	}
	if diff := cmp.Diff(expansions, got); diff != "" {
		t.Errorf("words.ts differs (-here +there):\n%s", diff)
	}
	list := regexp.MustCompile(`COMMON = new Set\('([^']*)'`).FindSubmatch(text)
	if diff := cmp.Diff(common, set(string(list[1]))); diff != "" {
		t.Errorf("words.ts differs (-here +there):\n%s", diff)
	}
}

func read[T any](t testing.TB, dir, name string) (v T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAStreetIsFoundByItsWordsAndKnowsItsNumbers(t *testing.T) {
	dir := t.TempDir()
	index, err := Write(dir, "commune", []Feature{
		{ID: "a", Name: "rue Victor Hugo", Number: "12", Place: 3, Lon: 1.5, Lat: 43.5},
		{ID: "b", Name: "Rue Victor-Hugo", Number: "2 bis", Place: 3, Lon: 1.50001, Lat: 43.50002},
		{ID: "c", Name: "rue Victor Hugo", Number: "1", Place: 4, Lon: 1.7, Lat: 43.5},
		{ID: "d", Name: "École Hugo", Place: -1, Lon: 1.6, Lat: 43.6},
		{ID: "e", Name: "?", Lon: 1.6, Lat: 43.6},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Index{Place: "commune", Entries: 3, Words: []string{"ecole"}, Numbers: []int{0}}); !cmp.Equal(index, want) {
		t.Fatal(cmp.Diff(want, index))
	}
	var names []string
	for _, e := range read[[][]any](t, dir, "w0") {
		names = append(names, fmt.Sprintf("%v %v %.0f %.0f %v", e...))
	}
	slices.Sort(names)
	want := []string{"rue Victor Hugo 3 150000 4350000 0", "rue Victor Hugo 3 150000 4350000 0", "rue Victor Hugo 4 170000 4350000 1",
		"rue Victor Hugo 4 170000 4350000 1", "École Hugo -1 160000 4360000 d", "École Hugo -1 160000 4360000 d"} // under each of two words
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	numbers := read[[][]any](t, dir, "n0")
	if got := fmt.Sprint(numbers); got != "[[[2 bis 12] [1 0] [2 0]] [[1] [0] [0]]]" {
		t.Errorf("numbers %s", got)
	}
}

func TestEveryFeatureCanBeFoundAndNoFileIsLong(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"église", "Pré", "loge", "St", "Hugo", "moulin", "9", "écart-", "rue", "de", "œuvre"})
		n := rapid.IntRange(0, 4000).Draw(t, "features")
		features := make([]Feature, n)
		for i := range features {
			features[i] = Feature{ID: fmt.Sprint("id", i), Name: word.Draw(t, "first") + " " + word.Draw(t, "second"), Place: int32(i % 40),
				Lon: 1 + float64(i%100)/1000, Lat: 43 + float64(i/100)/1000}
			if i%3 == 0 {
				features[i].Number = fmt.Sprint(i % 300)
			}
		}
		dir, err := os.MkdirTemp("", "search")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		index, err := Write(dir, "commune", features)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSorted(index.Words) {
			t.Fatalf("files are not in the order of their words: %q", index.Words)
		}
		found := map[string]bool{}
		for i := range index.Words {
			path := filepath.Join(dir, fmt.Sprint("w", i, ".json"))
			info, err := os.Stat(path)
			if err != nil || info.Size() > MostBytes {
				t.Fatalf("%s: %v, %v", path, info, err)
			}
			text, _ := os.ReadFile(path)
			var list [][]any
			if err := json.Unmarshal(text, &list); err != nil {
				t.Fatal(err)
			}
			for _, e := range list {
				found[strings.Join(Fold(e[0].(string)), " ")+fmt.Sprint(e[1])] = true
			}
		}
		for _, f := range features {
			if k := strings.Join(Fold(f.Name), " ") + fmt.Sprint(f.Place); !found[k] {
				t.Fatalf("%q is nowhere", f.Name)
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	f.Add("Av. du Général-de-Gaulle")
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range Fold(text) {
			if w == "" || strings.ContainsAny(w, " -'") {
				t.Fatalf("%q gives the word %q", text, w)
			}
		}
	})
}
