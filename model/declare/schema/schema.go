package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"

	"jumeau/model"
	"jumeau/model/declare"
)

// Kinds of files, by the name of their schema.
var Kinds = []struct {
	Name string // "source": source.schema.json
	Type reflect.Type
}{
	{"territory", reflect.TypeFor[model.Territory]()},
	{"source", reflect.TypeFor[model.Source]()},
	{"layer", reflect.TypeFor[model.Layer]()},
	{"template", reflect.TypeFor[model.Template]()},
	{"server", reflect.TypeFor[model.Server]()},
}

// node is a JSON schema of draft 7, the one that every editor knows. Keys come out in this order.
type node struct {
	Schema               string     `json:"$schema,omitempty"`
	Title                string     `json:"title,omitempty"`
	Description          string     `json:"description,omitempty"`
	Type                 any        `json:"type,omitempty"`
	Enum                 []string   `json:"enum,omitempty"`
	Pattern              string     `json:"pattern,omitempty"`
	Examples             []string   `json:"examples,omitempty"`
	Default              any        `json:"default,omitempty"`
	Minimum              *float64   `json:"minimum,omitempty"`
	ExclusiveMinimum     *float64   `json:"exclusiveMinimum,omitempty"`
	Maximum              *float64   `json:"maximum,omitempty"`
	MinItems             int        `json:"minItems,omitempty"`
	MaxItems             int        `json:"maxItems,omitempty"`
	UniqueItems          bool       `json:"uniqueItems,omitempty"`
	Items                *node      `json:"items,omitempty"`
	Properties           properties `json:"properties,omitempty"`
	PropertyNames        *node      `json:"propertyNames,omitempty"`
	MinProperties        int        `json:"minProperties,omitempty"`
	AdditionalProperties any        `json:"additionalProperties,omitempty"` // false, or the schema of each value
	Required             []string   `json:"required,omitempty"`
	AnyOf                []node     `json:"anyOf,omitempty"`
	If                   *node      `json:"if,omitempty"`
	Then                 *node      `json:"then,omitempty"`
	Else                 *node      `json:"else,omitempty"`
}

// properties keep the order of the Go fields.
type properties []property

type property struct {
	name   string
	schema node
}

func (ps properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, p := range ps {
		if i > 0 {
			out.WriteByte(',')
		}
		text, err := marshal(p.schema)
		if err != nil {
			return nil, err
		}
		out.WriteString(strconv.Quote(p.name) + ":")
		out.Write(text)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}

// JSON is the schema of one kind of file.
func JSON(kind string, comments Comments) ([]byte, error) {
	for _, k := range Kinds {
		if k.Name != kind {
			continue
		}
		n := ofFile(k.Type, comments)
		n.Schema = "http://json-schema.org/draft-07/schema#"
		n.Title = "jumeau: " + kind
		compact, err := marshal(n)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		if err := json.Indent(&out, compact, "", "  "); err != nil {
			return nil, err
		}
		out.WriteByte('\n')
		return out.Bytes(), nil
	}
	return nil, &model.Error{Kind: model.NotFound, Op: "make schema", Subject: kind}
}

// oneNeeded lists the keys of which at least one must be there.
var oneNeeded = map[string][]string{
	"From":          {"path", "url"},
	"Secret":        {"env", "file"},
	"Auth":          {"env", "file"},
	"LayerGeometry": {"zones", "source"},
	"Keep":          {"in", "first", "found_in", "within"},
	"Example":       {"expect", "reject"},
}

// ofFile is the schema of a whole file. A source that names a template may leave out every key but its name, at any depth,
// and take keys away with null.
func ofFile(t reflect.Type, comments Comments) node {
	if t != reflect.TypeFor[model.Source]() {
		return ofStruct(t, comments)
	}
	loose, strict := loosened(ofStruct(t, comments), false), ofStruct(t, comments)
	loose.Required = []string{"source", "template"}
	n := node{If: &node{Required: []string{"template"}}, Then: &loose, Else: &strict, Description: strict.Description}
	loose.Description, strict.Description = "", ""
	return n
}

// loosened is the schema of what overrides something of the same form: nothing is required, and null takes away. In a template,
// a text may hold ${name} where its form would not allow it.
func loosened(n node, holes bool) node {
	n.Required, n.AnyOf, n.MinProperties = nil, nil, 0
	if holes && n.Pattern != "" {
		n.Pattern = `\$\{|` + n.Pattern
	}
	n.Properties = slices.Clone(n.Properties)
	for i, p := range n.Properties {
		n.Properties[i].schema = orNull(loosened(p.schema, holes))
	}
	if values, ok := n.AdditionalProperties.(node); ok {
		n.AdditionalProperties = orNull(loosened(values, holes))
	}
	if n.Items != nil {
		items := loosened(*n.Items, holes)
		n.Items = &items
	}
	return n
}

func orNull(n node) node {
	if kind, ok := n.Type.(string); ok && n.Enum == nil {
		n.Type = []string{kind, "null"}
	}
	return n
}

func ofStruct(t reflect.Type, comments Comments) node {
	n := node{Type: "object", Description: comments[t.Name()], AdditionalProperties: false}
	for _, k := range declare.Keys(t) {
		p := ofType(k.Field.Type, k.Rule, comments)
		if k.Field.Type == reflect.TypeFor[model.Source]() { // a part of a template
			p = loosened(p, true)
		}
		if text := comments[t.Name()+"."+k.Name]; text != "" {
			p.Description = text
		}
		n.Properties = append(n.Properties, property{k.Name, p})
		if k.Required {
			n.Required = append(n.Required, k.Name)
		}
	}
	for _, key := range oneNeeded[t.Name()] {
		n.AnyOf = append(n.AnyOf, node{Required: []string{key}})
	}
	return n
}

func ofType(t reflect.Type, rule declare.Rule, comments Comments) node {
	if form := declare.Written[t]; form != nil {
		return node{Type: "string", Pattern: form.Pattern, Examples: []string{form.Example}}
	}
	each := declare.Rule{OneOf: rule.OneOf, Form: rule.Form, Min: rule.Min, Max: rule.Max, Above: rule.Above}
	switch t.Kind() {
	case reflect.Pointer:
		return ofType(t.Elem(), rule, comments)
	case reflect.Struct:
		return ofStruct(t, comments)
	case reflect.Slice, reflect.Array:
		items := ofType(t.Elem(), each, comments)
		n := node{Type: "array", Items: &items, MinItems: rule.Least, UniqueItems: t.Elem().Kind() == reflect.String}
		if t.Kind() == reflect.Array {
			n.MinItems, n.MaxItems = t.Len(), t.Len()
		}
		return n
	case reflect.Map:
		values := ofType(t.Elem(), each, comments)
		n := node{Type: "object", AdditionalProperties: values, MinProperties: rule.Least}
		if rule.Keys != nil {
			n.PropertyNames = &node{Pattern: rule.Keys.Pattern}
		}
		return n
	case reflect.Bool:
		return node{Type: "boolean"}
	case reflect.Interface:
		return node{Type: []string{"string", "number", "boolean", "null"}}
	case reflect.Int:
		return ofNumber("integer", rule)
	case reflect.Float64:
		return ofNumber("number", rule)
	}
	n := node{Type: "string", Enum: rule.OneOf}
	if slices.Contains(rule.OneOf, rule.Default) {
		n.Default = rule.Default
	}
	if rule.Form != nil {
		n.Pattern = rule.Form.Pattern
		if rule.Form.Name != "a text" {
			n.Examples = []string{rule.Form.Example}
		}
	}
	return n
}

func ofNumber(kind string, rule declare.Rule) node {
	n := node{Type: kind, Maximum: rule.Max}
	if rule.Above {
		n.ExclusiveMinimum = rule.Min
	} else {
		n.Minimum = rule.Min
	}
	if v, err := strconv.ParseFloat(rule.Default, 64); err == nil {
		n.Default = v
	}
	return n
}
