// Package house holds the tests of the house itself: what may import what.
package house

import (
	"os/exec"
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
		{"jumeau/batch/...", []string{"batch", "ingest", "model", "internal"}, "a run does not serve"},
	} {
		for _, name := range deps(t, rule.from) {
			top, _, _ := strings.Cut(name, "/")
			allowed := false
			for _, a := range rule.allow {
				allowed = allowed || top == a
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
