package schema

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"jumeau/model"
	"jumeau/model/declare"
)

const root = "../../.."

func TestTheGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := Files(filepath.Join(root, "model"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the types say: go generate ./model/declare/schema", name)
		}
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	comments, err := ReadComments(filepath.Join(root, "model"))
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range structs() {
		if comments[typ.Name()] == "" {
			t.Errorf("type %s has no comment", typ.Name())
		}
		for _, k := range declare.Keys(typ) {
			if comments[typ.Name()+"."+k.Name] == "" {
				t.Errorf("%s.%s has no comment", typ.Name(), k.Name)
			}
		}
	}
}

// A rule for a key that no type has would never be applied.
func TestEveryRuleIsAboutAKey(t *testing.T) {
	known := map[string]bool{}
	for _, typ := range structs() {
		for _, k := range declare.Keys(typ) {
			known[typ.Name()+"."+k.Name] = true
		}
	}
	for name := range declare.Rules {
		if !known[name] {
			t.Errorf("rule for %s, which is no key", name)
		}
	}
}

// structs are the types that make up declarations.
func structs() []reflect.Type {
	var out []reflect.Type
	seen := map[reflect.Type]bool{}
	var visit func(t reflect.Type)
	visit = func(t reflect.Type) {
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
			visit(t.Elem())
		case reflect.Struct:
			if seen[t] || declare.Written[t] != nil {
				return
			}
			seen[t] = true
			out = append(out, t)
			for _, k := range declare.Keys(t) {
				visit(k.Field.Type)
			}
		}
	}
	for _, k := range Kinds {
		visit(k.Type)
	}
	visit(reflect.TypeFor[model.Tour]()) // the front matter of a file in Markdown, for which no editor takes a schema
	return out
}

// compiled are the committed schemas by kind.
func compiled(t *testing.T) map[string]*jsonschema.Schema {
	t.Helper()
	out := map[string]*jsonschema.Schema{}
	for _, k := range Kinds {
		s, err := jsonschema.NewCompiler().Compile(filepath.Join(root, "data", "schema", k.Name+".schema.json"))
		if err != nil {
			t.Fatal(err)
		}
		out[k.Name] = s
	}
	return out
}

// kindOf a file of a territory folder, by its place.
func kindOf(path string) string {
	switch filepath.Base(filepath.Dir(path)) {
	case "sources":
		return "source"
	case "layers":
		return "layer"
	}
	if filepath.Base(path) == declare.TemplateFile {
		return "template"
	}
	return "territory"
}

func asJSON(t *testing.T, text []byte) any {
	t.Helper()
	// A number to YAML 1.2 and to editors; a text to this converter.
	text = bytes.ReplaceAll(text, []byte("delta: 1e-6"), []byte("delta: 0.000001"))
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(converted))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func declarations(t *testing.T) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"territory.yaml", "sources/*.yaml", "layers/*.yaml", "*/*/template.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, "data", "*", pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 10 {
		t.Fatalf("only %d declarations below data/", len(files))
	}
	return files
}

func TestEveryDeclarationFitsItsSchema(t *testing.T) {
	schemas := compiled(t)
	for _, file := range declarations(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schemas[kindOf(file)].Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestEveryDeclarationNamesItsSchema(t *testing.T) {
	for _, file := range declarations(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		name, ok := strings.CutPrefix(first, "# yaml-language-server: $schema=")
		if !ok {
			t.Errorf("%s begins with %q, not with its schema", file, first)
			continue
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(file), name)); err != nil || filepath.Base(name) != kindOf(file)+".schema.json" {
			t.Errorf("%s names the schema %s", file, name)
		}
	}
}

// What the reader refuses because of one key, the editor underlines too.
func TestSchemasRefuseWhatTheReaderRefuses(t *testing.T) {
	schemas := compiled(t)
	text, err := os.ReadFile(filepath.Join(root, "data/sicoval/sources/communes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, with string }{
		{"producer:", "producter:"},
		{"{type: polygon}", "{type: polygons}"},
		{"source: communes", "source: Communes"},
		{"vintage: COG 2018", "vintage: 2018"},
		{"  verified: false", "  verified: perhaps"},
		{"found_in: epci.commune", "found_in: epci"},
		{"  path: france", "  path: /france"},
		{"  geometry: {type: polygon}", "  reject_at_most: 0.5"},
	} {
		broken := strings.Replace(string(text), c.old, c.with, 1)
		if broken == string(text) {
			t.Fatalf("%q is not in the file", c.old)
		}
		if err := schemas["source"].Validate(asJSON(t, []byte(broken))); err == nil {
			t.Errorf("%q fits the schema", c.with)
		}
	}
}

func TestSchemasAreJSONInTheOrderOfTheKeys(t *testing.T) {
	text, err := JSON("layer", Comments{})
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid(text) || bytes.Index(text, []byte(`"layer"`)) > bytes.Index(text, []byte(`"summary"`)) {
		t.Errorf("%s", text)
	}
	if _, err := JSON("tile", nil); model.KindOf(err) != model.NotFound {
		t.Errorf("an unknown kind gives %v", err)
	}
}
