package store

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Statements reads .sql files into named statements. A statement begins with "-- name: X"; a hole for an identifier or a
// literal taken from a declaration is written :name: and filled by Fill through Quote or Literal; values are parameters.
func Statements(files fs.FS) (map[string]string, error) {
	out := map[string]string{}
	names, err := fs.Glob(files, "sql/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		parts := strings.Split("\n"+string(text), "\n-- name: ")
		for _, part := range parts[1:] {
			head, body, _ := strings.Cut(part, "\n")
			head = strings.TrimSpace(head)
			if _, twice := out[head]; twice {
				return nil, fmt.Errorf("%s: statement %s stands twice", name, head)
			}
			out[head] = body
		}
	}
	return out, nil
}

var hole = regexp.MustCompile(`:([a-z_]+):`)

// Fill puts SQL text into the holes of a statement; what is put in is not looked at again. It panics when the statement has
// a hole for which there is no text, which is a fault of ours.
func Fill(statement string, holes map[string]string) string {
	return hole.ReplaceAllStringFunc(statement, func(name string) string {
		text, ok := holes[strings.Trim(name, ":")]
		if !ok {
			panic("store: nothing for " + name + " in " + statement)
		}
		return text
	})
}

// Literal is a text as an SQL string literal.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
