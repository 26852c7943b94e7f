package declare

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxBytes   = 1 << 20 // of one file
	maxNesting = 500     // of brackets, dashes or pairs of blanks; a declaration has seven levels, the parser is recursive
)

// place is a token's position in a file. Lines and columns count from 1, columns in characters.
type place struct{ line, column, width int }

// document is one file of the folder: where its keys and values are, and what is wrong with it.
type document struct {
	file     string
	lines    []string
	keys     map[string]place // by path: "contract.columns.code.type"
	values   map[string]place
	problems Problems
	// broken: what it declares is only partly known, so references into it are not judged.
	broken bool

	// Of a source that names a template: the template's own document, and where the source names it.
	base *document
	// partial: keys that are required may come from elsewhere, and null takes away what did.
	partial bool
	// with are the values that stand for ${name} in the texts of a template; nil: they are texts like others.
	with map[string]string
	// outside: the file is not in the folder.
	outside bool
}

func newDocument(file string) *document {
	return &document{file: file, keys: map[string]place{}, values: map[string]place{}}
}

// addAt reports a problem at a place.
func (d *document) addAt(p place, format string, args ...any) {
	problem := Problem{File: d.file, Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...), width: p.width, outside: d.outside}
	if p.line >= 1 && p.line <= len(d.lines) {
		problem.source = d.lines[p.line-1]
	}
	d.problems = append(d.problems, problem)
}

// addKey reports a problem at the key of a path, or of the nearest enclosing one.
func (d *document) addKey(path, format string, args ...any) {
	d.addNearest(func(d *document) map[string]place { return d.keys }, path, format, args...)
}

// addValue reports a problem at the value of a path, or of the nearest enclosing one.
func (d *document) addValue(path, format string, args ...any) {
	d.addNearest(func(d *document) map[string]place { return d.values }, path, format, args...)
}

// addNearest reports a problem where the path leads farthest: in the file, or in its template. What a template says is reported
// where the file names it, because there it can be corrected, with the place in the template.
func (d *document) addNearest(of func(*document) map[string]place, path, format string, args ...any) {
	at, depth := d.nearest(of(d), path)
	if d.base == nil {
		d.addAt(at, format, args...)
		return
	}
	there, deeper := d.base.nearest(of(d.base), path)
	if deeper <= depth {
		d.addAt(at, format, args...)
		return
	}
	at, _ = d.nearest(d.values, "template")
	d.addAt(at, "%s: %s (it stands in the template, %s:%d; give %s here to change it)", path, fmt.Sprintf(format, args...), d.base.file, there.line, path)
}

// nearest is the place of a path or of the nearest enclosing one, and the length of what was found of the path.
func (d *document) nearest(places map[string]place, path string) (place, int) {
	for {
		if p, ok := places[path]; ok {
			return p, len(path)
		}
		if p, ok := d.keys[path]; ok {
			return p, len(path)
		}
		if path == "" {
			return place{line: 1, column: 1, width: 1}, 0
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
}

// given says whether a path has a key in the file or in its template.
func (d *document) given(path string) bool {
	if _, ok := d.keys[path]; ok {
		return true
	}
	return d.base != nil && d.base.given(path)
}

// forget drops the places of a path and of all below it, because they are replaced.
func (d *document) forget(path string) {
	for _, places := range []map[string]place{d.keys, d.values} {
		for p := range places {
			if p == path || strings.HasPrefix(p, path+".") {
				delete(places, p)
			}
		}
	}
}

// parse reads the YAML text. It is nil when the text cannot be read; then the reason is among the problems.
func (d *document) parse(text []byte) (body ast.Node) {
	text = lineEnds(text)
	d.lines = strings.Split(string(text), "\n")
	if len(text) > maxBytes {
		d.broken = true
		d.addAt(place{}, "is larger than %d kB: not a declaration", maxBytes>>10)
		return nil
	}
	if line := tooDeep(d.lines); line > 0 {
		d.broken = true
		d.addAt(place{line, 1, 1}, "is nested more than %d levels deep", maxNesting)
		return nil
	}
	defer func() {
		if r := recover(); r != nil { // the parser's own assertions, on text that is no YAML
			d.broken = true
			d.addAt(place{line: 1, column: 1, width: 1}, "cannot be read as YAML")
			body = nil
		}
	}()
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.broken = true
		d.syntax(err)
		return nil
	}
	return d.body(file)
}

// lineEnds makes every line end of YAML (CRLF, CR, LF) a line feed, so that lines are counted as the parser does.
func lineEnds(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
}

// body is the content of the only document of the file.
func (d *document) body(file *ast.File) ast.Node {
	var body ast.Node
	for _, doc := range file.Docs {
		switch doc.Body.(type) {
		case nil, *ast.CommentGroupNode, *ast.DirectiveNode:
			continue
		}
		if body != nil {
			d.broken = true
			d.addAt(d.placeOfNode(doc.Body), "begins a second document: one file holds one declaration")
			return nil
		}
		body = doc.Body
	}
	if body == nil {
		d.broken = true
		d.addAt(place{line: 1, column: 1, width: 1}, "is empty")
	}
	return body
}

func (d *document) syntax(err error) {
	at, message := place{line: 1, column: 1, width: 1}, err.Error()
	var known yaml.Error
	if errors.As(err, &known) {
		message = known.GetMessage()
		if t := known.GetToken(); t != nil {
			at = placeOf(t)
		}
	}
	d.addAt(at, "not YAML: %s", strings.TrimSpace(message))
}

// tooDeep is the first line whose indentation or brackets go deeper than any declaration, or 0.
func tooDeep(lines []string) int {
	open := 0
	for i, line := range lines {
		trimmed := strings.TrimLeft(line, " \t")
		dashes := strings.Count(strings.SplitN(trimmed, "#", 2)[0], "- ")
		for _, r := range trimmed {
			switch r {
			case '[', '{':
				open++
			case ']', '}':
				open = max(open-1, 0)
			}
		}
		if open > maxNesting || dashes > maxNesting || len(line)-len(trimmed) > 2*maxNesting {
			return i + 1
		}
	}
	return 0
}

// placeOf a token. A text that begins with a quote is underlined with it.
func placeOf(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{line: 1, column: 1, width: 1}
	}
	width := length(t.Value)
	if t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
		width += 2
	}
	return place{line: t.Position.Line, column: t.Position.Column, width: max(width, 1)}
}
