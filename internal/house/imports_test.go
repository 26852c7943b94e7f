// Package house holds the tests of the house itself: what may import what.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// deps lists the packages of ours that a package reaches, itself included.
func deps(t *testing.T, pattern string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-tags", "duckdb_arrow", "-deps", pattern).Output()
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for line := range strings.Lines(string(out)) {
		if name := strings.TrimSpace(line); strings.HasPrefix(name, "jumeau/") {
			ours = append(ours, strings.TrimPrefix(name, "jumeau/"))
		}
	}
	return ours
}

func TestImportsPointOneWay(t *testing.T) {
	for _, rule := range []struct {
		from  string
		allow []string
		why   string
	}{
		{"jumeau/model/...", []string{"model", "internal"}, "model is the vocabulary and the release; it knows neither who fills it nor who reads it"},
		{"jumeau/ingest/...", []string{"ingest", "model", "internal"}, "ingest and query never meet"},
		{"jumeau/query/...", []string{"query", "model", "internal"}, "what serves planners cannot reach a source"},
		{"jumeau/batch/...", []string{"batch", "ingest", "model", "internal", "query/tile", "query/pyramid", "query/compress"},
			"a run does not serve; it only bakes tiles, with the encoder that the server has"},
	} {
		for _, name := range deps(t, rule.from) {
			allowed := false
			for _, a := range rule.allow {
				allowed = allowed || name == a || strings.HasPrefix(name, a+"/")
			}
			if !allowed {
				t.Errorf("%s reaches %s: %s", rule.from, name, rule.why)
			}
		}
	}
}

func TestTheServerCannotReachABuildFile(t *testing.T) {
	for _, name := range deps(t, "jumeau/query/...") {
		if name == "model/store" || name == "model/fact" {
			t.Errorf("query reaches %s", name)
		}
	}
}

// raw says whether a package can hold rows about persons, or the truth about invented ones: sources and the gate, the build file, the
// batch that drives them, and the attacker.
func raw(name string) bool {
	for _, prefix := range []string{"ingest", "batch", "model/store", "model/fact", "internal/attack", "data/demo"} {
		if name == prefix || strings.HasPrefix(name, prefix+"/") {
			return true
		}
	}
	return false
}

// T1: nothing that the server command imports reaches a raw package. The binary has other verbs; what counts is the file of the
// verb, and that the test sees the verbs that do reach one.
func TestNoRawPackageIsReachableFromTheServerCommand(t *testing.T) {
	reaches := func(file string) (found []string) {
		for _, path := range importsOf(t, "../../cmd/jumeau/"+file) {
			for _, name := range deps(t, path) {
				if raw(name) {
					found = append(found, name)
				}
			}
		}
		return found
	}
	if found := reaches("serve.go"); len(found) > 0 {
		t.Errorf("serving reaches %v", found)
	}
	for file, want := range map[string]string{"run.go": "batch", "attack.go": "ingest/gate"} { // the test can fail
		if !slices.Contains(reaches(file), want) {
			t.Errorf("%s reaches %s, and the test does not see it", file, want)
		}
	}
}

// importsOf are our packages that a file imports.
func importsOf(t *testing.T, file string) (ours []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range f.Imports {
		if path, err := strconv.Unquote(i.Path.Value); err == nil && strings.HasPrefix(path, "jumeau/") {
			ours = append(ours, path)
		}
	}
	return ours
}

// Whoever has no raw data must be able to verify: the verifier shares nothing with the gate, and opens no database by itself.
func TestTheVerifierSharesNothingWithTheGate(t *testing.T) {
	for _, name := range deps(t, "jumeau/model/verify") {
		if raw(name) {
			t.Errorf("model/verify reaches %s", name)
		}
	}
}

// Rows about persons have no exported form: of the packages that see them, nothing exported takes or gives a row.
func TestTheGateExportsNoRow(t *testing.T) {
	names, err := filepath.Glob("../../ingest/gate/*.go")
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]bool{"row": true, "magnitude": true, "tally": true, "exact": true, "tracks": true, "reader": true, "keyed": true, "counter": true, "counts": true}
	seen := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			seen += exposed(t, d, hidden)
		}
	}
	if seen < 20 {
		t.Errorf("only %d exported declarations were looked at", seen)
	}
}

// exposed reports an exported function, method or field of one of the hidden types; it counts what it looked at.
func exposed(t *testing.T, d ast.Decl, hidden map[string]bool) (seen int) {
	look := func(where string, fields *ast.FieldList) {
		if fields == nil {
			return
		}
		for _, field := range fields.List {
			ast.Inspect(field.Type, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && hidden[id.Name] {
					t.Errorf("%s shows a %s", where, id.Name)
				}
				return true
			})
		}
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if receiver := receiverOf(d); d.Name.IsExported() && !hidden[receiver] {
			seen++
			look(d.Name.Name, d.Type.Params)
			look(d.Name.Name, d.Type.Results)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			spec, ok := s.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				continue
			}
			seen++
			if st, ok := spec.Type.(*ast.StructType); ok {
				for _, field := range st.Fields.List {
					if len(field.Names) == 0 || field.Names[0].IsExported() {
						look(spec.Name.Name, &ast.FieldList{List: []*ast.Field{field}})
					}
				}
			}
		}
	}
	return seen
}

func receiverOf(d *ast.FuncDecl) (name string) {
	if d.Recv == nil {
		return ""
	}
	ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			name = id.Name
		}
		return true
	})
	return name
}
