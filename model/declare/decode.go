package declare

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decode fills v from a node and reports everything that is not as declared. Path is that of the node in its file.
func (d *document) decode(node ast.Node, v reflect.Value, path string, rule Rule) {
	d.values[path] = d.placeOfNode(node)
	if what := unsupported(node); what != "" {
		d.wrong(path, "%s: write the value out", what)
		return
	}
	if form := Written[v.Type()]; form != nil {
		d.decodeWritten(node, v, path, form)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() { // else a template gave it
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.decode(node, v.Elem(), path, rule)
	case reflect.Struct:
		d.decodeStruct(node, v, path)
	case reflect.Map:
		d.decodeMap(node, v, path, rule)
	case reflect.Slice, reflect.Array:
		d.decodeList(node, v, path, rule)
	case reflect.String:
		d.decodeText(node, v, path, rule)
	case reflect.Bool:
		if b, ok := node.(*ast.BoolNode); ok {
			v.SetBool(b.Value)
			return
		}
		d.wrong(path, "must be true or false")
	case reflect.Interface:
		d.decodeScalar(node, v, path)
	default:
		d.decodeNumber(node, v, path, rule)
	}
}

// wrong reports a value that cannot be kept.
func (d *document) wrong(path, format string, args ...any) {
	d.broken = true
	d.addValue(path, "%s %s", lastKey(path), fmt.Sprintf(format, args...))
}

// lastKey names a path in a message: its last key, with the entry's number for a list.
func lastKey(path string) string {
	parts := strings.Split(path, ".")
	key := parts[len(parts)-1]
	if n, err := strconv.Atoi(key); err == nil && len(parts) > 1 {
		return fmt.Sprintf("entry %d of %s", n+1, parts[len(parts)-2])
	}
	if key == "" {
		return "the file"
	}
	return key
}

// unsupported names the parts of YAML that a declaration has no use for.
func unsupported(node ast.Node) string {
	switch node.(type) {
	case *ast.AnchorNode, *ast.AliasNode:
		return "is an anchor or an alias"
	case *ast.TagNode:
		return "has a tag"
	}
	return ""
}

func (d *document) decodeStruct(node ast.Node, v reflect.Value, path string) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		d.wrong(path, "must be a mapping (%s)", exampleOf(v.Type()))
		return
	}
	keys := Keys(v.Type())
	seen := map[string]bool{}
	for it := mapping.MapRange(); it.Next(); {
		name, below, ok := d.key(it, path, seen)
		if !ok {
			continue
		}
		key := find(keys, name)
		if key == nil && empty(it.Value()) && !explicitNull(it.Value()) && inBraces(node) {
			d.broken = true
			d.addAt(d.keys[below], "%q has no value: inside { } a comma ends a text, so put texts with commas in quotes", name)
			continue
		}
		if key == nil {
			d.broken = true
			d.addAt(d.keys[below], "unknown key %q%s", name, insteadOfKey(name, keys, seen))
			continue
		}
		if d.takesAway(it.Value(), below) {
			v.FieldByIndex(key.Field.Index).SetZero()
			continue
		}
		if empty(it.Value()) {
			d.addAt(d.keys[below], "%s is empty: give it a value, or remove the key", name)
			continue
		}
		d.decode(it.Value(), v.FieldByIndex(key.Field.Index), below, key.Rule)
	}
	for _, k := range keys {
		if k.Required && !seen[k.Name] && !d.partial {
			d.addKey(path, "%s is missing%s", join(path, k.Name), requiredExample(k))
		}
	}
}

// takesAway says whether a value is a null that removes what the template has at a path, and forgets the place.
func (d *document) takesAway(node ast.Node, path string) bool {
	if d.base == nil || !explicitNull(node) || !d.base.given(path) {
		return false
	}
	d.base.forget(path)
	delete(d.keys, path)
	return true
}

// key is the next key of a mapping and its path; not ok when it is no text or comes a second time.
func (d *document) key(it *ast.MapNodeIter, path string, seen map[string]bool) (name, below string, ok bool) {
	token := it.Key().GetToken()
	if it.Key().IsMergeKey() || it.Key().Type() == ast.MappingKeyType {
		d.broken = true
		d.addAt(placeOf(token), "is not a plain key")
		return "", "", false
	}
	name = token.Value
	below = join(path, name)
	d.keys[below] = placeOf(token)
	if seen[name] {
		d.addAt(d.keys[below], "%s is given twice", name)
		return "", "", false
	}
	seen[name] = true
	return name, below, true
}

func (d *document) decodeMap(node ast.Node, v reflect.Value, path string, rule Rule) {
	mapping, ok := node.(ast.MapNode)
	if !ok {
		d.wrong(path, "must be a mapping of names to values")
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	seen := map[string]bool{}
	for it := mapping.MapRange(); it.Next(); {
		name, below, ok := d.key(it, path, seen)
		if !ok {
			continue
		}
		if rule.Keys != nil {
			if err := rule.Keys.test(name); err != nil {
				d.addAt(d.keys[below], "%s", err)
			}
		}
		if d.takesAway(it.Value(), below) {
			v.SetMapIndex(reflect.ValueOf(name), reflect.Value{})
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if given := v.MapIndex(reflect.ValueOf(name)); given.IsValid() {
			element.Set(given)
		}
		if empty(it.Value()) && element.Kind() != reflect.Interface {
			d.addAt(d.keys[below], "%s is empty: give it a value, or remove it", name)
			continue
		}
		d.decode(it.Value(), element, below, Rule{OneOf: rule.OneOf, Form: rule.Form, Min: rule.Min, Max: rule.Max, Above: rule.Above})
		v.SetMapIndex(reflect.ValueOf(name), element)
	}
	if v.Len() < rule.Least {
		d.addKey(path, "%s needs at least %s", lastKey(path), count(rule.Least, "entry", "entries"))
	}
}

func (d *document) decodeList(node ast.Node, v reflect.Value, path string, rule Rule) {
	list, ok := node.(*ast.SequenceNode)
	if !ok {
		d.wrong(path, "must be a list ([a, b])")
		return
	}
	if v.Kind() == reflect.Array && len(list.Values) != v.Len() {
		d.wrong(path, "must have %d numbers, it has %d", v.Len(), len(list.Values))
		return
	}
	if d.base != nil { // a list is replaced as a whole
		d.base.forget(path)
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	}
	if len(list.Values) < rule.Least {
		d.addKey(path, "%s needs at least %s", lastKey(path), count(rule.Least, "entry", "entries"))
	}
	element := Rule{OneOf: rule.OneOf, Form: rule.Form, Min: rule.Min, Max: rule.Max, Above: rule.Above}
	seen := map[string]bool{}
	for i, item := range list.Values {
		below := fmt.Sprintf("%s.%d", path, i)
		if empty(item) {
			d.values[below] = d.placeOfNode(item)
			d.wrong(path, "has an empty entry")
			continue
		}
		d.decode(item, v.Index(i), below, element)
		if v.Type().Elem().Kind() != reflect.String {
			continue
		}
		if text := v.Index(i).String(); seen[text] && text != "" {
			d.addValue(below, "%q is listed twice", text)
		} else {
			seen[text] = true
		}
	}
}

func (d *document) decodeText(node ast.Node, v reflect.Value, path string, rule Rule) {
	text, ok := textOf(node)
	if !ok {
		switch node.(type) {
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
			d.wrong(path, "must be a text: put it in quotes: %q", node.GetToken().Value)
		default:
			d.wrong(path, "must be a text")
		}
		return
	}
	text = d.filled(text)
	if d.unfinished(text, path) {
		return
	}
	v.SetString(text)
	if d.outside && hole.MatchString(text) { // a template's: judged when a source fills it
		return
	}
	if rule.OneOf != nil && !contains(rule.OneOf, text) {
		hint := ""
		if near := suggest(text, rule.OneOf); near != "" && text != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		d.addValue(path, "%q is not one of %s%s", text, quoted(rule.OneOf), hint)
		v.SetString("") // unknown: what depends on it is not judged
	}
	if rule.Form != nil {
		if err := rule.Form.test(text); err != nil {
			d.addValue(path, "%s", err)
		}
	}
}

// ToComplete marks a value that jumeau add could not know: whoever answers for the data gives it. A declaration that still bears
// one is refused.
const ToComplete = "À COMPLÉTER"

func (d *document) unfinished(text, path string) bool {
	_, question, found := strings.Cut(text, ToComplete)
	if !found {
		return false
	}
	if question = strings.TrimLeft(question, " :"); question != "" {
		question = ": " + question
	}
	d.addValue(path, "%s is still to be completed%s", lastKey(path), question)
	return true
}

func (d *document) decodeWritten(node ast.Node, v reflect.Value, path string, form *Form) {
	text, ok := textOf(node)
	if !ok {
		d.wrong(path, "must be %s, written like %q", form.Name, form.Example)
		return
	}
	reader := v.Addr().Interface().(interface{ UnmarshalYAML([]byte) error })
	if err := reader.UnmarshalYAML([]byte(text)); err != nil {
		d.addValue(path, "%s", err)
	}
}

func (d *document) decodeNumber(node ast.Node, v reflect.Value, path string, rule Rule) {
	var x float64
	switch n := node.(type) {
	case *ast.IntegerNode:
		switch i := n.Value.(type) {
		case int64:
			x = float64(i)
		case uint64:
			x = float64(i)
		}
	case *ast.FloatNode:
		x = n.Value
	default:
		// YAML's 1e-6 has no dot: by the letter of its core schema it is a number, by many readers a text.
		if !plainNumber(node, &x) {
			d.wrong(path, "must be a number")
			return
		}
	}
	whole := v.Kind() == reflect.Int
	switch {
	case math.IsInf(x, 0) || math.IsNaN(x):
		d.wrong(path, "must be a number")
		return
	case whole && (x != math.Trunc(x) || math.Abs(x) > 1e9):
		d.wrong(path, "must be a whole number")
		return
	case whole:
		v.SetInt(int64(x))
	default:
		v.SetFloat(x)
	}
	key := lastKey(path)
	switch {
	case rule.Min != nil && rule.Above && x <= *rule.Min:
		d.addValue(path, "%s is %v: it must be above %v", key, x, *rule.Min)
	case rule.Min != nil && x < *rule.Min:
		d.addValue(path, "%s is %v: the least allowed is %v", key, x, *rule.Min)
	case rule.Max != nil && x > *rule.Max:
		d.addValue(path, "%s is %v: the most allowed is %v", key, x, *rule.Max)
	}
}

// decodeScalar keeps an expected value of an example as YAML has it: text, number, true or false, or nothing.
func (d *document) decodeScalar(node ast.Node, v reflect.Value, path string) {
	if text, ok := textOf(node); ok {
		v.Set(reflect.ValueOf(d.filled(text)))
		return
	}
	switch n := node.(type) {
	case *ast.NullNode, nil:
	case *ast.BoolNode:
		v.Set(reflect.ValueOf(n.Value))
	case *ast.IntegerNode, *ast.FloatNode:
		var x float64
		d.decodeNumber(node, reflect.ValueOf(&x).Elem(), path, Rule{})
		v.Set(reflect.ValueOf(x))
	default:
		d.wrong(path, "must be a text, a number, true, false or null")
	}
}
