package declare

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is one thing wrong with a territory folder, and where.
type Problem struct {
	File    string `json:"file"`   // relative to the folder, with "/"
	Line    int    `json:"line"`   // from 1; 0 when the problem is with the file as a whole
	Column  int    `json:"column"` // from 1, in characters
	Message string `json:"message"`

	source  string // the line
	width   int    // characters under the caret
	outside bool   // the file is a template's, not one of the folder
}

// String is the problem on one line, as compilers write it.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Text is the problem, the line it is on, and a caret below the place.
func (p Problem) Text() string {
	if p.Line == 0 || p.source == "" {
		return p.String() + "\n"
	}
	line := []rune(p.source)
	var under strings.Builder
	for _, r := range line[:min(p.Column-1, len(line))] {
		if r != '\t' {
			r = ' '
		}
		under.WriteRune(r)
	}
	under.WriteByte('^')
	if more := min(p.width, len(line)-p.Column+1) - 1; more > 0 {
		under.WriteString(strings.Repeat("~", more))
	}
	return fmt.Sprintf("%s\n    %s\n    %s\n", p, p.source, under.String())
}

// Problems are all the problems of a territory folder, in the order of its files. They are an error.
type Problems []Problem

func (ps Problems) Error() string {
	switch len(ps) {
	case 0:
		return "no problem"
	case 1:
		return ps[0].String()
	}
	return fmt.Sprintf("%s (and %s)", ps[0], count(len(ps)-1, "more problem", "more problems"))
}

// Text shows every problem with its line.
func (ps Problems) Text() string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.Text())
	}
	return b.String()
}

// Below puts the folder before the name of every file, so that a terminal or an editor can open it.
func (ps Problems) Below(folder string) Problems {
	out := slices.Clone(ps)
	for i := range out {
		if !out[i].outside {
			out[i].File = path.Join(folder, out[i].File)
		}
	}
	return out
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(rank(a.File), rank(b.File)), cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}

// rank puts territory.yaml first, then the sources, then the layers and the tours.
func rank(file string) int {
	switch dir, _ := path.Split(file); dir {
	case "":
		return 0
	case "sources/":
		return 1
	}
	return 2
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// quoted writes names as a list in a sentence: "a", "b" and "c"; a long list is cut.
func quoted(names []string) string {
	const most = 12
	shown := names
	if len(names) > most {
		shown = names[:most]
	}
	parts := make([]string, len(shown))
	for i, n := range shown {
		parts[i] = fmt.Sprintf("%q", n)
	}
	switch {
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(parts, ", "), len(names)-most)
	case len(parts) <= 1:
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " or " + parts[len(parts)-1]
}

func length(s string) int { return utf8.RuneCountInString(s) }
