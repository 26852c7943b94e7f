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
		n := ofStruct(k.Type, comments)
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
	"Keep":          {"in", "found_in", "within"},
	"Example":       {"expect", "reject"},
}

func ofStruct(t reflect.Type, comments Comments) node {
	n := node{Type: "object", Description: comments[t.Name()], AdditionalProperties: false}
	for _, k := range declare.Keys(t) {
		p := ofType(k.Field.Type, k.Rule, comments)
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
