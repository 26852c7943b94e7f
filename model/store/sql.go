package store

import (
	"fmt"
	"io/fs"
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

// Fill puts SQL text into the holes of a statement. It panics when a hole is left, which is a fault of ours.
func Fill(statement string, holes map[string]string) string {
	for name, text := range holes {
		statement = strings.ReplaceAll(statement, ":"+name+":", text)
	}
	if at := strings.Index(statement, " :"); at >= 0 && strings.Contains(statement[at+2:], ":") && statement[at+2] != ':' {
		panic("store: hole left in " + statement[at:min(at+40, len(statement))])
	}
	return statement
}

// Literal is a text as an SQL string literal.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
