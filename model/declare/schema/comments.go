// Package schema turns the types of a declaration into JSON schemas for editors and into the reference page.
//
// In: the Go types of model, the sentences above their fields, and the table of rules of declare. Out: one JSON schema for
// each kind of file, and doc/declaration.md. Run `go generate ./model/declare/schema` after changing any of them; a test
// says when it was forgotten.
package schema

//go:generate go run ./generate ../../..

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// Comments holds the sentence of each type ("Column") and of each key ("Column.min_zoom").
type Comments map[string]string

// ReadComments reads them from the Go files of a package folder.
func ReadComments(folder string) (Comments, error) {
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	out := Comments{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read comments: %w", err)
		}
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE {
				out.addTypes(g)
			}
		}
	}
	return out, nil
}

func (c Comments) addTypes(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		t := spec.(*ast.TypeSpec)
		doc := t.Doc
		if doc == nil {
			doc = g.Doc
		}
		c[t.Name.Name] = sentence(doc)
		s, ok := t.Type.(*ast.StructType)
		if !ok {
			continue
		}
		for _, f := range s.Fields.List {
			text := sentence(f.Doc)
			if text == "" {
				text = sentence(f.Comment)
			}
			if key := yamlKey(f.Tag); key != "" {
				c[t.Name.Name+"."+key] = text
			}
		}
	}
}

func yamlKey(tag *ast.BasicLit) string {
	if tag == nil {
		return ""
	}
	text, err := strconv.Unquote(tag.Value)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(text).Get("yaml"), ",")
	if name == "-" {
		return ""
	}
	return name
}

// sentence joins the lines of a comment.
func sentence(g *ast.CommentGroup) string {
	if g == nil {
		return ""
	}
	return strings.Join(strings.Fields(g.Text()), " ")
}
