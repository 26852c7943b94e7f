package batch

import (
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jumeau/batch/reuse"
	"jumeau/model/release"
)

// evolving is a territory of sources that need each other, measures, flows, groups of zones and layers, as files.
func evolving() map[string]string {
	files := maps.Clone(small)
	files["territory.yaml"] = strings.Replace(small["territory.yaml"], "[commune]", "[canton, commune, cell_1km]", 1)
	files["sources/cantons.yaml"] = `source: cantons
title: {fr: Cantons, en: Cantons}
from: {path: cantons.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    canton: {type: text, required: true}
    commune: {type: text, refers: communes.code}
zones: {system: canton, title: {fr: Cantons, en: Cantons}, id: canton, members: {system: commune, id: commune}}
`
	files["sources/stops.yaml"] = strings.Replace(small["sources/stops.yaml"], "  reject_at_most: 50%\n", "  reject_at_most: 50%\nkeep: [{within: commune}]\n", 1)
	files["sources/counts.yaml"] = `source: counts
title: {fr: Comptages, en: Counts}
from: {path: counts.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    stop: {type: text, refers: stops.id, role: place}
    commune: {type: text}
    to: {type: text}
    at: {type: timestamp, role: time}
    n: {type: integer, role: value, unit: passages}
  reject_at_most: 90%
behaviour: {class: B}
measures:
  passages: {title: {fr: Passages, en: Passages}, unit: {fr: passages, en: passages}, value: n, zones: commune, zone: commune, rollup: [canton], time: at, slots: [day_type, hour]}
flows:
  trips: {title: {fr: Trajets, en: Trips}, unit: {fr: trajets, en: trips}, zones: commune, origin: commune, destination: to, value: n}
`
	files["sources/trees.yaml"] = `source: trees
title: {fr: Arbres, en: Trees}
from: {path: trees.geojson}
optional: true
producer: nobody
licence: none
vintage: "2026"
contract:
  columns: {kind: {type: text}}
  geometry: {type: point}
behaviour: {class: A}
measures:
  trees: {title: {fr: Arbres, en: Trees}, unit: {fr: arbres, en: trees}, zones: cell_1km}
`
	files["layers/trees.yaml"] = "layer: trees\ntitle: {fr: Arbres, en: Trees}\ngeometry: {source: trees, zoom: 8-14}\nproperties: [kind]\nsearch: {title: {fr: Arbres, en: Trees}, text: [kind]}\n"
	files["layers/stops.yaml"] = "layer: stops\ntitle: {fr: Arrêts, en: Stops}\ngeometry: {source: stops, zoom: 8-14}\n"
	files["layers/cantons.yaml"] = "layer: cantons\ntitle: {fr: Cantons, en: Cantons}\ngeometry: {zones: canton, zoom: 5-12}\nmeasures: [passages]\n"
	files["layers/communes.yaml"] = "layer: communes\ntitle: {fr: Communes, en: Communes}\ngeometry: {zones: commune, zoom: 5-12}\nproperties: [code]\nmeasures: [stops, passages]\nflows: [trips]\n"
	files["tours/trees.md"] = visit
	files["cantons.csv"] = "canton,commune\nx,1\nx,2\n"
	files["counts.csv"] = "stop,commune,to,at,n\na,1,2,2026-01-05T08:00:00Z,3\nb,1,1,2026-01-05T09:00:00Z,4\nnone,2,1,2026-01-06T08:00:00Z,5\n"
	files["trees.geojson"] = tree("oak", 1.5, 43.5) + tree("elm", 2.5, 43.6)
	return files
}

const visit = `---
title: {fr: Les arbres, en: The trees}
summary: {fr: Où sont les arbres, en: Where the trees are}
---

# Français

## [Les arbres](#/trees)

Voici les arbres.

# English

## [The trees](#/trees)

These are the trees.
`

func tree(kind string, lon, lat float64) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{"kind":%q},"geometry":{"type":"Point","coordinates":[%g,%g]}}`+"\n", kind, lon, lat)
}

// lay makes the folder hold these files, and no others.
func lay(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// keptFiles are the files that runs keep for the next one.
func keptFiles(t *testing.T, releases string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(releases, KeptName), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// damage flips a bit of a file. A file that a release shares is damaged there too, so it is first made one of its own.
func damage(t *testing.T, path string, at int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text[at%len(text)] ^= 4
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// edits are what may happen between two runs. Each says what it did.
var edits = []struct {
	name string
	do   func(t *testing.T, r *rand.Rand, files map[string]string, releases string)
}{
	{"nothing", func(*testing.T, *rand.Rand, map[string]string, string) {}},
	{"a row more at the end", func(_ *testing.T, r *rand.Rand, f map[string]string, _ string) {
		f["counts.csv"] += fmt.Sprintf("%s,%d,%d,2026-01-%02dT%02d:00:00Z,%d\n", []string{"a", "b", "c", "none"}[r.IntN(4)], 1+r.IntN(2), 1+r.IntN(3), 5+r.IntN(9), r.IntN(24), r.IntN(50))
	}},
	{"a row that cannot be read", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) { f["counts.csv"] += "a,1,2,never,3\n" }},
	{"a stop more", func(_ *testing.T, r *rand.Rand, f map[string]string, _ string) {
		f["stops.csv"] += fmt.Sprintf("s%d,%.3f,43.5\n", r.IntN(6), 0.8+2.4*r.Float64())
	}},
	{"a tree more", func(_ *testing.T, r *rand.Rand, f map[string]string, _ string) {
		f["trees.geojson"] += tree([]string{"oak", "elm"}[r.IntN(2)], 1+2*r.Float64(), 43.5)
	}},
	{"no trees", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) { delete(f, "trees.geojson") }},
	{"other trees", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["trees.geojson"] = tree("ash", 1.2, 43.2)
	}},
	{"another name of a commune", func(_ *testing.T, r *rand.Rand, f map[string]string, _ string) {
		f["communes.geojson"] = strings.Replace(f["communes.geojson"], `"code":"2","name":"`, fmt.Sprintf(`"code":"2","name":"%d `, r.IntN(9)), 1)
	}},
	{"another border", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["communes.geojson"] = swap(f["communes.geojson"], "[2,43],[2,44]", "[2.1,43],[2.1,44]", "[2.1,43],[3,43],[3,44],[2.1,44],[2.1,43]", "[2,43],[3,43],[3,44],[2,44],[2,43]")
	}},
	{"other cantons", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["cantons.csv"] = swap(f["cantons.csv"], "x,2", "y,2")
	}},
	{"another title", func(_ *testing.T, r *rand.Rand, f map[string]string, _ string) {
		f["sources/stops.yaml"] = strings.Replace(f["sources/stops.yaml"], "title: {fr: Arrêts", fmt.Sprintf("title: {fr: %d Arrêts", r.IntN(9)), 1)
	}},
	{"a rule", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["sources/counts.yaml"] = swap(f["sources/counts.yaml"], "n: {type: integer,", "n: {type: integer, max: 40,")
	}},
	{"other slots", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["sources/counts.yaml"] = swap(f["sources/counts.yaml"], "slots: [day_type, hour]", "slots: [date]")
	}},
	{"other zooms", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["layers/stops.yaml"] = swap(f["layers/stops.yaml"], "zoom: 8-14", "zoom: 9-13")
	}},
	{"another word of a tour", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["tours/trees.md"] = swap(f["tours/trees.md"], "These are", "Here are")
	}},
	{"a source more or less", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		if _, there := f["sources/more.yaml"]; there {
			delete(f, "sources/more.yaml")
			return
		}
		f["sources/more.yaml"] = strings.NewReplacer("source: trees", "source: more", "  trees:", "  more:").Replace(f["sources/trees.yaml"])
	}},
	{"another time zone", func(_ *testing.T, _ *rand.Rand, f map[string]string, _ string) {
		f["territory.yaml"] = swap(f["territory.yaml"], "Europe/Paris", "Indian/Reunion")
	}},
	{"a damaged file", func(t *testing.T, r *rand.Rand, _ map[string]string, releases string) {
		for range 3 {
			all := keptFiles(t, releases)
			damage(t, all[r.IntN(len(all))], r.IntN(1<<20))
		}
	}},
	{"a lost file", func(t *testing.T, r *rand.Rand, _ map[string]string, releases string) {
		all := keptFiles(t, releases)
		if err := os.Remove(all[r.IntN(len(all))]); err != nil {
			t.Fatal(err)
		}
	}},
	{"nothing kept", func(t *testing.T, _ *rand.Rand, _ map[string]string, releases string) {
		if err := os.RemoveAll(filepath.Join(releases, KeptName)); err != nil {
			t.Fatal(err)
		}
	}},
	{"back to the release before", func(_ *testing.T, _ *rand.Rand, _ map[string]string, releases string) {
		release.Rollback(releases, "") //nolint:errcheck // there may be none
	}},
}

// swap replaces what it finds of from by to, or back.
func swap(text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		from, to := pairs[i], pairs[i+1]
		if strings.Contains(text, to) {
			from, to = to, from
		}
		text = strings.ReplaceAll(text, from, to)
	}
	return text
}

// Whatever happens between two runs, a run that takes what did not change from the one before makes what a run from nothing makes:
// the same bytes of every file, and the same catalogue.
func TestARunThatReusesMakesWhatARunFromNothingMakes(t *testing.T) {
	seed := rand.Uint64()
	steps := 12
	if testing.Short() {
		steps = 6
	}
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	files, dir, releases := evolving(), t.TempDir(), t.TempDir()
	reused, seen, damaged := 0, map[string]bool{}, false
	for step := range steps {
		var did []string
		for range 1 + r.IntN(2) {
			e := edits[r.IntN(len(edits))]
			if step > 0 || e.name == "nothing" {
				e.do(t, r, files, releases)
				did = append(did, e.name)
			}
		}
		lay(t, dir, files)
		opt := Options{Territory: territory(t, dir), Releases: releases, Folders: []string{dir}, Version: "1", Log: slog.New(slog.DiscardHandler)}
		if r.IntN(8) == 0 {
			opt.Program, did = fmt.Sprint("other ", step), append(did, "another program")
		}
		ahead, err := LookAhead(t.Context(), opt, nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Run(t.Context(), opt)
		if err != nil {
			t.Fatalf("step %d, %v: %v", step, did, err)
		}
		for _, d := range did {
			damaged = (damaged || d == "a damaged file" || d == "a lost file") && d != "nothing kept" && d != "another program"
		}
		if !damaged { // a plan does not read what is kept
			if wrong := mistaken(ahead, got); len(wrong) > 0 {
				t.Errorf("step %d, after %v: the plan was wrong: %v", step, did, wrong)
			}
		}
		reused += len(got.Reused.Sources) + len(got.Reused.Layers) + len(got.Reused.Measures) + len(got.Reused.Flows)
		opt.Releases, opt.Full = t.TempDir(), true
		want, err := Run(t.Context(), opt)
		if err != nil {
			t.Fatalf("step %d, %v: %v", step, did, err)
		}
		served := opened(t, releases, got.Release)
		whole := opened(t, opt.Releases, want.Release)
		if served.Manifest.Content != whole.Manifest.Content {
			t.Fatalf("step %d, after %v: the content is %.12s, from nothing %.12s\n%s", step, did, served.Manifest.Content, whole.Manifest.Content,
				strings.Join(differing(served.Manifest, whole.Manifest), "\n"))
		}
		if err := served.Verify(t.Context(), nil); err != nil {
			t.Fatalf("step %d, after %v: %v", step, did, err)
		}
		seen[got.Release] = true
	}
	t.Logf("%d things reused in %d runs, %d releases", reused, steps, len(seen))
	if reused < steps || len(seen) < steps/4 {
		t.Errorf("only %d things were reused, only %d releases came of it: the test shows nothing", reused, len(seen))
	}
}

// mistaken lists where a plan and what was done differ. What may be made may be made or not.
func mistaken(p *Preview, got *Result) (wrong []string) {
	if p.Nothing != got.Same {
		return []string{fmt.Sprintf("nothing to do: %v, nothing done: %v", p.Nothing, got.Same)}
	}
	if got.Same {
		return nil
	}
	done := map[string][]string{"source": got.Reused.Sources, keptMeasure: got.Reused.Measures, keptFlow: got.Reused.Flows, keptLayer: got.Reused.Layers}
	for _, s := range p.Steps {
		if reused := slices.Contains(done[s.Kind], s.ID); s.Do != MayMake && reused != (s.Do == Reuse) {
			wrong = append(wrong, fmt.Sprintf("%s %s: %s (%s), reused: %v", s.Kind, s.ID, s.Do, strings.Join(s.Why, "; "), reused))
		}
	}
	return wrong
}

func opened(t *testing.T, releases, id string) *release.Release {
	t.Helper()
	r, err := release.Open(releases, id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// differing names the files that differ.
func differing(a, b *release.Manifest) (out []string) {
	for _, f := range a.Files {
		g, ok := b.File(f.Path)
		if !ok || f.SHA256 != g.SHA256 && f.Digest == "" || f.Digest != g.Digest {
			out = append(out, f.Path)
		}
	}
	return append(out, fmt.Sprintf("%+v", a.Catalog.Sources), fmt.Sprintf("%+v", b.Catalog.Sources))
}

// What did not change is not made again; what did is.
func TestOnlyWhatChangedIsMadeAgain(t *testing.T) {
	files, dir, releases := evolving(), t.TempDir(), t.TempDir()
	run := func() *Result {
		t.Helper()
		lay(t, dir, files)
		result, err := runIn(t.Context(), t, dir, releases)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	run()
	for _, c := range []struct{ file, from, to, want string }{
		{"counts.csv", "", "", "true [] [] [] []"},
		{"counts.csv", "2026-01-05T08:00:00Z,3", "2026-01-05T08:00:00Z,7", "false [communes cantons stops trees] [stops trees] [] [cantons communes stops trees]"},
		{"sources/counts.yaml", "fr: Comptages", "fr: Nouveaux comptages", "false [communes cantons stops counts trees] [stops passages trees] [trips] [cantons communes stops trees]"},
		{"sources/counts.yaml", "slots: [day_type, hour]", "slots: [hour]", "false [communes cantons stops counts trees] [stops trees] [trips] [cantons communes stops trees]"},
		{"layers/trees.yaml", "zoom: 8-14", "zoom: 8-13", "false [communes cantons stops counts trees] [stops passages trees] [trips] [cantons communes stops]"},
		{"trees.geojson", "oak", "ash", "false [communes cantons stops counts] [stops passages] [trips] [cantons communes stops]"},
		{"communes.geojson", "Ouest", "Est", "false [trees] [trees] [] [cantons trees]"},
		{"territory.yaml", "schedule", "schedule", "true [] [] [] []"},
	} {
		files[c.file] = strings.ReplaceAll(files[c.file], c.from, c.to)
		got := run()
		slices.Sort(got.Reused.Layers)
		want := c.want
		if got.Same {
			got.Reused.Sources = nil
		}
		if text := fmt.Sprint(got.Same, got.Reused.Sources, got.Reused.Measures, got.Reused.Flows, got.Reused.Layers); text != want {
			t.Errorf("%s, %q instead of %q:\n got %s\nwant %s", c.file, c.to, c.from, text, want)
		}
	}
	if strings.Contains(strings.Join(keptFiles(t, releases), " "), ".tmp") {
		t.Error("a draft is left")
	}
}

// What is kept never outgrows what one release needs.
func TestWhatIsKeptIsThatOfTheLastRun(t *testing.T) {
	files, dir, releases := evolving(), t.TempDir(), t.TempDir()
	count := 0
	for i := range 4 {
		files["trees.geojson"] += tree("oak", 1.1+float64(i)/10, 43.5)
		lay(t, dir, files)
		if _, err := runIn(t.Context(), t, dir, releases); err != nil {
			t.Fatal(err)
		}
		all := len(keptFiles(t, releases))
		if i > 0 && all != count {
			t.Errorf("run %d keeps %d files, the one before %d", i, all, count)
		}
		count = all
	}
	files["counts.csv"] = "stop\n" // runs that fail keep what they read
	for i := range 4 {
		files["trees.geojson"] += tree("elm", 1.1+float64(i)/10, 43.6)
		lay(t, dir, files)
		if _, err := runIn(t.Context(), t, dir, releases); err == nil {
			t.Fatal("a broken file was read")
		}
	}
	var rows int
	for _, name := range keptFiles(t, releases) {
		if filepath.Base(name) == rowsFile {
			rows++
		}
	}
	if most := 2 * len(reuseKinds(t, releases)[keptSource]); rows > most {
		t.Errorf("%d tables are kept of runs that failed, want at most two a source: %d", rows, most)
	}
}

func reuseKinds(t *testing.T, releases string) map[string]map[string]bool {
	t.Helper()
	out := map[string]map[string]bool{}
	for _, id := range []string{"communes", "cantons", "stops", "counts", "trees"} {
		if reuse.Open(filepath.Join(releases, KeptName)).Latest(keptSource, id) != nil {
			if out[keptSource] == nil {
				out[keptSource] = map[string]bool{}
			}
			out[keptSource][id] = true
		}
	}
	return out
}
