package declare

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// textOf is the text of a scalar that YAML reads as a text.
func textOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimSpace(n.Value.Value), true
	}
	return "", false
}

// plainNumber reads an unquoted text as a number.
func plainNumber(node ast.Node, x *float64) bool {
	n, ok := node.(*ast.StringNode)
	if !ok || n.Token.Type != token.StringType {
		return false
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	*x = v
	return err == nil
}

// empty says whether a key has nothing after it.
func empty(node ast.Node) bool {
	switch n := node.(type) {
	case nil:
		return true
	case *ast.NullNode:
		return true
	case *ast.MappingNode:
		return n == nil
	}
	return false
}

// explicitNull says whether a value is written null or ~.
func explicitNull(node ast.Node) bool {
	n, ok := node.(*ast.NullNode)
	return ok && n.Token.Type == token.NullType
}

// inBraces says whether a mapping is written {a: b}.
func inBraces(node ast.Node) bool {
	n, ok := node.(*ast.MappingNode)
	return ok && n.IsFlowStyle
}

// placeOfNode is where a value begins: the first key of a block mapping, the first entry of a block list.
func (d *document) placeOfNode(node ast.Node) place {
	switch n := node.(type) {
	case nil:
		return place{line: 1, column: 1, width: 1}
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return placeOf(n.Values[0].Key.GetToken())
		}
		if n.Start != nil {
			return placeOf(n.Start)
		}
	case *ast.MappingValueNode:
		return placeOf(n.Key.GetToken())
	case *ast.SequenceNode:
		if n.Start != nil {
			return placeOf(n.Start)
		}
	}
	return placeOf(node.GetToken())
}

func find(keys []Key, name string) *Key {
	for i := range keys {
		if keys[i].Name == name {
			return &keys[i]
		}
	}
	return nil
}

// insteadOfKey suggests a key that is not given yet, or lists what is allowed.
func insteadOfKey(name string, keys []Key, seen map[string]bool) string {
	var all, left []string
	for _, k := range keys {
		all = append(all, k.Name)
		if !seen[k.Name] {
			left = append(left, k.Name)
		}
	}
	if near := suggest(name, left); near != "" {
		return " (did you mean \"" + near + "\"?)"
	}
	return "; allowed here: " + strings.Join(all, ", ")
}

// exampleOf names the keys of a mapping: "{fr: …, en: …}".
func exampleOf(t reflect.Type) string {
	var parts []string
	for _, k := range Keys(t) {
		if k.Required || len(parts) == 0 {
			parts = append(parts, k.Name+": …")
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// requiredExample says how a missing key could be written.
func requiredExample(k Key) string {
	switch {
	case Written[k.Field.Type] != nil:
		return " (" + k.Name + ": " + Written[k.Field.Type].Example + ")"
	case k.Rule.OneOf != nil:
		return ": one of " + strings.Join(k.Rule.OneOf, ", ")
	case k.Field.Type.Name() == "Text":
		return ` (` + k.Name + `: {fr: "…", en: "…"})`
	}
	return ""
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }
