package declare

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"jumeau/model"
)

// TemplateFile is the declaration in a template's folder; the other files of the folder are rows to test it with.
const TemplateFile = "template.yaml"

// Template is a template that was read.
type Template struct {
	model.Template
	File string // below the folder of templates' parent, for messages

	document *document
	// The nodes of the source and of its variants, decoded again for each source that names the template.
	source   ast.Node
	variants []ast.Node
}

// Templates lists the templates of a folder by name. A broken one is an error that shows every problem.
func Templates(folder fs.FS) ([]*Template, error) {
	files, err := fs.Glob(folder, "*/*/"+TemplateFile)
	if err != nil {
		return nil, err
	}
	var out []*Template
	var problems Problems
	for _, file := range files {
		t, err := readTemplate(folder, path.Dir(file))
		if err != nil {
			return nil, err
		}
		problems = append(problems, t.document.problems...)
		out = append(out, t)
	}
	if len(problems) > 0 {
		return nil, &model.Error{Kind: model.Invalid, Op: "read templates", Err: problems.sorted(), Hint: "correct the lines shown"}
	}
	return out, nil
}

// readTemplate reads and judges a template on its own.
func readTemplate(folder fs.FS, id string) (*Template, error) {
	file := path.Join(id, TemplateFile)
	text, err := fs.ReadFile(folder, file)
	if err != nil {
		return nil, err
	}
	t := &Template{File: path.Join("templates", file), document: newDocument(path.Join("templates", file))}
	d := t.document
	d.outside, d.partial = true, true
	body := d.parse(text)
	if body == nil {
		return t, nil
	}
	d.decode(body, reflect.ValueOf(&t.Template).Elem(), "", Rule{})
	t.requireHead(d)
	t.source, t.variants = nodesOf(body)
	if t.ID != id && t.ID != "" {
		d.addValue("template", "template %q is in the folder %s: they must agree", t.ID, id)
	}
	if t.Edition != "" && !d.broken && !t.describes(t.Edition) {
		d.addValue("edition", "%q is not among the editions %s", t.Edition, t.Editions)
	}
	return t, nil
}

// requireHead reports the keys of the template itself that are missing: those of its source may be left to territories.
func (t *Template) requireHead(d *document) {
	for _, k := range Keys(reflect.TypeFor[model.Template]()) {
		if _, ok := d.keys[k.Name]; k.Required && !ok {
			d.addKey("", "%s is missing", k.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.With)) {
		for _, key := range []string{"title", "example"} {
			if _, ok := d.keys["with."+name+"."+key]; !ok {
				d.addKey("with."+name, "with.%s.%s is missing", name, key)
			}
		}
	}
}

// nodesOf finds the nodes of the source and of the variants' sources.
func nodesOf(body ast.Node) (source ast.Node, variants []ast.Node) {
	value := func(node ast.Node, name string) ast.Node {
		mapping, ok := node.(ast.MapNode)
		if !ok {
			return nil
		}
		for it := mapping.MapRange(); it.Next(); {
			if it.Key().GetToken().Value == name {
				return it.Value()
			}
		}
		return nil
	}
	if list, ok := value(body, "variants").(*ast.SequenceNode); ok {
		for _, v := range list.Values {
			variants = append(variants, value(v, "source"))
		}
	}
	return value(body, "source"), variants
}

func (t *Template) describes(edition string) bool { return wholly(t.Editions, edition) }

func wholly(pattern, text string) bool {
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	return err == nil && re.MatchString(text)
}

// fill decodes the template of an edition into a source, and is the document of what it gave.
func (t *Template) fill(s *model.Source, edition string, with map[string]string) *document {
	d := newDocument(t.File)
	d.lines, d.outside, d.partial = t.document.lines, true, true
	d.with = map[string]string{}
	for name, p := range t.With {
		if p.Default != "" {
			d.with[name] = p.Default
		}
	}
	maps.Copy(d.with, with)
	if edition != "" {
		d.with["edition"], d.with["yy"] = edition, lastDigits(edition)
	}
	if t.source != nil {
		d.decode(t.source, reflect.ValueOf(s).Elem(), "", Rule{})
	}
	for i, node := range t.variants {
		if i < len(t.Variants) && node != nil && wholly(t.Variants[i].Editions, edition) {
			d.decode(node, reflect.ValueOf(s).Elem(), "", Rule{})
		}
	}
	return d
}

// lastDigits are the last two digits of the year with which an edition begins: INSEE names columns by them.
func lastDigits(edition string) string {
	if len(edition) < 4 || strings.Trim(edition[:4], "0123456789") != "" {
		return ""
	}
	return edition[2:4]
}

var hole = regexp.MustCompile(`\$\{([a-z][a-z0-9_]*)\}`)

// filled puts the values of a template's parameters in the place of ${name}; one that is not known stays.
func (d *document) filled(text string) string {
	if d.with == nil || !strings.Contains(text, "${") {
		return text
	}
	return hole.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := d.with[hole.FindStringSubmatch(found)[1]]; ok {
			return value
		}
		return found
	})
}

// templates finds templates: in the territory's own folder, then among those that come with the program.
type templates struct {
	folders []fs.FS
	known   map[string]*Template
}

func newTemplates(territory, given fs.FS) *templates {
	t := &templates{known: map[string]*Template{}}
	if own, err := fs.Sub(territory, "templates"); err == nil {
		t.folders = append(t.folders, own)
	}
	if given != nil {
		t.folders = append(t.folders, given)
	}
	return t
}

// find is nil when there is no such template.
func (ts *templates) find(id string) (*Template, error) {
	if t := ts.known[id]; t != nil {
		return t, nil
	}
	for _, folder := range ts.folders {
		t, err := readTemplate(folder, id)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		ts.known[id] = t
		return t, err
	}
	return nil, nil
}

func (ts *templates) names() []string {
	var out []string
	for _, folder := range ts.folders {
		files, _ := fs.Glob(folder, "*/*/"+TemplateFile) // the pattern is a constant
		for _, file := range files {
			out = append(out, path.Dir(file))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// useTemplate fills a source with what its template says, before the source's own file is decoded over it.
func (c *checker) useTemplate(d *document, body ast.Node, s *model.Source) error {
	var named struct {
		ref  string
		with map[string]string
	}
	probe := newDocument(d.file) // its problems are found again when the whole file is decoded
	if mapping, ok := body.(ast.MapNode); ok {
		for it := mapping.MapRange(); it.Next(); {
			switch it.Key().GetToken().Value {
			case "template":
				named.ref, _ = textOf(it.Value())
				d.values["template"] = d.placeOfNode(it.Value())
			case "with":
				probe.decode(it.Value(), reflect.ValueOf(&named.with).Elem(), "with", Rule{})
			}
		}
	}
	if named.ref == "" || templateRef.test(named.ref) != nil {
		return nil
	}
	id, edition, _ := strings.Cut(named.ref, "@")
	t, err := c.templates.find(id)
	if err != nil {
		return &model.Error{Kind: model.Internal, Op: "read template", Subject: id, Err: err}
	}
	if t == nil {
		d.broken = true
		d.addValue("template", "there is no template %q%s; jumeau templates lists them", id, insteadOf(id, c.templates.names()))
		return nil
	}
	d.base = t.fill(s, edition, named.with)
	d.base.problems = t.document.problems
	d.broken = d.broken || d.base.broken || t.document.broken
	d.partial = true
	c.documents = append(c.documents, d.base)
	t.judge(d, edition, named.with)
	return nil
}

// judge reports an edition or a parameter that the template does not know.
func (t *Template) judge(d *document, edition string, with map[string]string) {
	if edition != "" && !t.describes(edition) {
		d.addValue("template", "template %s describes the editions %s, not %q", t.ID, t.Editions, edition)
	}
	for _, name := range slices.Sorted(maps.Keys(with)) {
		p := t.With[name]
		switch {
		case p == nil:
			d.addValue("template", "template %s does not ask for with.%s%s", t.ID, name, insteadOf(name, slices.Sorted(maps.Keys(t.With))))
		case p.Pattern != "" && !wholly(p.Pattern, with[name]):
			d.addValue("template", "with.%s is %q: it is written like %q (%s)", name, with[name], p.Example, p.Title.EN)
		}
	}
}

// complete judges what a template and the file made together: every required key is there, and no ${name} is left.
func (c *checker) complete(d *document, s *model.Source) {
	if d.base == nil {
		return
	}
	if d.given("contract") && (hasBelow(d.keys, "contract") || hasBelow(d.keys, "read")) && !hasBelow(d.keys, "examples") {
		s.Examples = nil // they are about the template's contract, not about this one
	}
	t := c.templates.known[strings.SplitN(s.Template, "@", 2)[0]]
	d.require(reflect.ValueOf(s).Elem(), "", t)
}

func hasBelow(places map[string]place, path string) bool {
	_, ok := places[path]
	return ok
}

// require walks what was decoded.
func (d *document) require(v reflect.Value, path string, t *Template) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			d.require(v.Elem(), path, t)
		}
	case reflect.Struct:
		for _, k := range Keys(v.Type()) {
			below := join(path, k.Name)
			switch {
			case d.given(below):
				d.require(v.FieldByIndex(k.Field.Index), below, t)
			case k.Required:
				d.addKey(path, "%s is missing%s", below, requiredExample(k))
			}
		}
	case reflect.Map:
		for _, name := range v.MapKeys() {
			d.require(v.MapIndex(name), join(path, name.String()), t)
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.require(v.Index(i), index(path, i), t)
		}
	case reflect.String:
		d.noHole(v.String(), path, t)
	}
}

func (d *document) noHole(text, path string, t *Template) {
	found := hole.FindStringSubmatch(text)
	if found == nil || t == nil || hasBelow(d.keys, path) {
		return
	}
	if p := t.With[found[1]]; p != nil {
		d.addValue("template", `template %s asks for with: {%s: %q} (%s)`, t.ID, found[1], p.Example, p.Title.EN)
		return
	}
	d.addValue("template", "say which edition: template: %s@%s", t.ID, t.Edition)
}

// Describe is the source that a territory would get from the template, with the example's edition and parameters.
func (t *Template) Describe() *model.Source {
	s := &model.Source{File: t.File}
	with := map[string]string{}
	for name, p := range t.With {
		with[name] = p.Example
	}
	t.fill(s, t.Edition, with)
	set(&s.Attribution, s.Producer)
	return s
}

// String is the template as a territory names it.
func (t *Template) String() string { return fmt.Sprintf("%s@%s", t.ID, t.Edition) }
