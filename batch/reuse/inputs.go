package reuse

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Inputs are what a thing follows from: names that people read, and hashes.
type Inputs map[string]string

// Hash of a value, by its JSON.
func Hash(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // declarations are plain data
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Declare adds the parts of a declaration, each by its path ("declaration contract.columns.height.type"), so that a change can be named.
func (in Inputs) Declare(name string, v any) {
	text, err := json.Marshal(v)
	if err == nil {
		var tree any
		if err = json.Unmarshal(text, &tree); err == nil {
			in.flatten(name, tree)
			return
		}
	}
	panic(err) // declarations are plain data
}

func (in Inputs) flatten(path string, v any) {
	object, ok := v.(map[string]any)
	if !ok {
		in[path] = Hash(v)[:16]
		return
	}
	if len(object) == 0 {
		in[path] = "{}"
	}
	for key, value := range object {
		separator := "."
		if !strings.Contains(path, " ") {
			separator = " "
		}
		in.flatten(path+separator+key, value)
	}
}

// Key is a hash of all inputs.
func (in Inputs) Key() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(in)) {
		fmt.Fprintf(sum, "%q %q\n", name, in[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Without leaves the inputs out whose name begins so.
func (in Inputs) Without(prefix string) Inputs {
	out := maps.Clone(in)
	maps.DeleteFunc(out, func(name, _ string) bool { return strings.HasPrefix(name, prefix) })
	return out
}

// Changes says in what now differs from before, sorted, each as the input's name and what became of it.
func (in Inputs) Changes(before Inputs) []Change {
	var out []Change
	for name, hash := range in {
		if had, ok := before[name]; !ok {
			out = append(out, Change{name, Added})
		} else if had != hash {
			out = append(out, Change{name, Changed})
		}
	}
	for name := range before {
		if _, ok := in[name]; !ok {
			out = append(out, Change{name, Removed})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Input, b.Input) })
	return out
}

// What became of an input.
const (
	Changed = "changed"
	Added   = "added"
	Removed = "removed"
)

// Change is one input that is not as it was.
type Change struct {
	Input string `json:"input"`
	What  string `json:"what"`
}

// String says it: "file stops.csv changed", "declaration changed: contract.columns.height.type".
func (c Change) String() string {
	if kind, path, ok := strings.Cut(c.Input, " "); ok && kind == "declaration" {
		return kind + " " + c.What + ": " + path
	}
	return c.Input + " " + c.What
}
