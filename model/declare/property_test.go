package declare

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"jumeau/model"
	"jumeau/model/cron"
)

// territories of the repository, as files in memory.
func territories(t testing.TB) map[string]fstest.MapFS {
	t.Helper()
	out := map[string]fstest.MapFS{"base": folder(nil)}
	files, err := filepath.Glob("../../data/*/territory.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no territory in data/: %v", err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		m := fstest.MapFS{}
		for _, pattern := range []string{"territory.yaml", "sources/*.yaml", "layers/*.yaml"} {
			names, _ := fs.Glob(os.DirFS(dir), pattern)
			for _, name := range names {
				text, err := os.ReadFile(filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				m[name] = &fstest.MapFile{Data: text}
			}
		}
		out[filepath.Base(dir)] = m
	}
	return out
}

// known holds the templates that come with jumeau.
var known = Options{Templates: os.DirFS("../../data/templates")}

// split puts what Resolved wrote back into files.
func split(t testing.TB, text []byte) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, document := range strings.Split(string(text), "---\n# ")[1:] {
		name, body, _ := strings.Cut(document, "\n")
		out[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return out
}

func TestWhatWasUnderstoodReadsBackAsItself(t *testing.T) {
	for name, fsys := range territories(t) {
		t.Run(name, func(t *testing.T) {
			first, err := ReadWith(fsys, known)
			if err != nil {
				t.Fatalf("%v", err)
			}
			text, err := Resolved(first)
			if err != nil {
				t.Fatal(err)
			}
			second, err := Read(split(t, text))
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			for _, src := range first.Sources { // what came from a template is written out in full
				src.Template, src.With = "", nil
			}
			if diff := cmp.Diff(first, second); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// keyNames are the keys of all structs: what may stand before a colon, besides names that the territory chose.
func keyNames() map[string]bool {
	out := map[string]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map || t.Kind() == reflect.Array {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || Written[t] != nil {
			return
		}
		for _, k := range Keys(t) {
			out[k.Name] = true
			visit(k.Field.Type)
		}
	}
	visit(reflect.TypeFor[model.Territory]())
	visit(reflect.TypeFor[model.Source]())
	visit(reflect.TypeFor[model.Layer]())
	return out
}

// chosen are the mappings whose keys a territory names itself.
var chosen = []string{"columns", "measures", "flows", "colours", "labels", "given", "expect"}

// A key with one letter too many is never overlooked, wherever it is, and the problem is on its line.
func TestNoMisspeltKeyIsOverlooked(t *testing.T) {
	known := keyNames()
	all := territories(t)
	rapid.Check(t, func(t *rapid.T) {
		fsys := all[rapid.SampledFrom(slices.Sorted(keysOf(all))).Draw(t, "territory")]
		file := rapid.SampledFrom(slices.Sorted(keysOf(fsys))).Draw(t, "file")
		text := fsys[file].Data
		d := newDocument(file)
		into := map[string]any{"sources": &model.Source{}, "layers": &model.Layer{}, ".": &model.Territory{}}[path.Dir(file)]
		d.decode(d.parse(text), reflect.ValueOf(into).Elem(), "", Rule{})
		var paths []string
		for p := range d.keys {
			parts := strings.Split(p, ".")
			last := parts[len(parts)-1]
			if known[last] && (len(parts) == 1 || !slices.Contains(chosen, parts[len(parts)-2])) {
				paths = append(paths, p)
			}
		}
		slices.Sort(paths)
		at := d.keys[rapid.SampledFrom(paths).Draw(t, "key")]
		lines := strings.Split(string(text), "\n")
		line := []rune(lines[at.line-1])
		lines[at.line-1] = string(line[:at.column-1]) + rapid.StringMatching(`[a-z]`).Draw(t, "letter") + string(line[at.column-1:])
		broken := fstest.MapFS{}
		for name, f := range fsys {
			broken[name] = f
		}
		broken[file] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
		problems := problemsOf(t, broken)
		if !slices.ContainsFunc(problems, func(p Problem) bool {
			return p.File == file && p.Line == at.line && p.Column == at.column && strings.HasPrefix(p.Message, "unknown key")
		}) {
			t.Fatalf("%s:%d:%d: %s\n%s", file, at.line, at.column, lines[at.line-1], problems.Text())
		}
	})
}

func keysOf[V any](m map[string]V) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestTheDistanceOfNamesIsAMetricForSmallEdits(t *testing.T) {
	name := rapid.StringMatching(`[a-zé_]{0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		d := distance(a, b)
		if d != distance(b, a) || (d == 0) != (a == b) || d > max(length(a), length(b)) {
			t.Fatalf("distance(%q, %q) = %d, back %d", a, b, d, distance(b, a))
		}
		runes := []rune(a)
		if len(runes) > 0 {
			i := rapid.IntRange(0, len(runes)-1).Draw(t, "i")
			if d := distance(a, string(runes[:i])+string(runes[i+1:])); d != 1 {
				t.Fatalf("one letter less is %d away", d)
			}
		}
	})
	if d := distance("tilte", "title"); d != 1 {
		t.Errorf("two letters swapped are %d away", d)
	}
}

// FuzzRead gives any text as a source: reading never fails otherwise than with problems inside the file, and what passes is
// written and read back as itself.
func FuzzRead(f *testing.F) {
	for name, text := range base {
		if strings.HasPrefix(name, "sources/") {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte("source: s\ncontract: {columns: {a: {type: text, in: [\"\\u00e9\", 'b']}}}"))
	f.Add([]byte("? [a]\n: b\n- c\n&x *y !!z"))
	f.Fuzz(func(t *testing.T, text []byte) {
		fsys := folder(map[string]string{"sources/counts.yaml": "", "layers/communes.yaml": "", "sources/s.yaml": string(text) + " "})
		got, err := Read(fsys)
		if err != nil {
			for _, p := range problemsOf(t, fsys) {
				if p.Message == "" || strings.HasPrefix(p.File, "sources/s") && (p.Line < 0 || p.Line > bytes.Count(lineEnds(text), []byte("\n"))+1) {
					t.Fatalf("%+v", p)
				}
			}
			return
		}
		written, err := Resolved(got)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Read(split(t, written))
		if err != nil {
			t.Fatalf("%v\n%s", err, written)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzCron(f *testing.F) {
	f.Add("0 2 * * *")
	f.Add("*/15 8-18/2 1,15 * 1-5")
	f.Fuzz(func(t *testing.T, s string) {
		if checkCron(s) != nil {
			return
		}
		for i, field := range strings.Fields(s) {
			for _, part := range strings.Split(field, ",") {
				var n int
				if _, err := fmt.Sscanf(part, "%d", &n); err == nil && (n < cron.Fields[i].Least || n > cron.Fields[i].Most) {
					t.Fatalf("%q passes with %d as %s", s, n, cron.Fields[i].Name)
				}
			}
		}
	})
}
