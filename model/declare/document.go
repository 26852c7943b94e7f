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
}

func newDocument(file string) *document {
	return &document{file: file, keys: map[string]place{}, values: map[string]place{}}
}

// addAt reports a problem at a place.
func (d *document) addAt(p place, format string, args ...any) {
	problem := Problem{File: d.file, Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...), width: p.width}
	if p.line >= 1 && p.line <= len(d.lines) {
		problem.source = d.lines[p.line-1]
	}
	d.problems = append(d.problems, problem)
}

// addKey reports a problem at the key of a path, or of the nearest enclosing one.
func (d *document) addKey(path, format string, args ...any) {
	d.addAt(d.nearest(d.keys, path), format, args...)
}

// addValue reports a problem at the value of a path, or of the nearest enclosing one.
func (d *document) addValue(path, format string, args ...any) {
	d.addAt(d.nearest(d.values, path), format, args...)
}

func (d *document) nearest(places map[string]place, path string) place {
	for {
		if p, ok := places[path]; ok {
			return p
		}
		if p, ok := d.keys[path]; ok {
			return p
		}
		if path == "" {
			return place{line: 1, column: 1, width: 1}
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
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
