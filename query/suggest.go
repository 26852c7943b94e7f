package query

import (
	"fmt"
	"strings"
)

// suggest is the hint after a name that does not exist: the nearest one, and what there is.
func suggest(name string, known []string) string {
	if len(known) == 0 {
		return "there are none in this release"
	}
	list := known
	const most = 12
	more := ""
	if len(list) > most {
		list, more = list[:most], fmt.Sprintf(" and %d more", len(known)-most)
	}
	there := "there are: " + strings.Join(list, ", ") + more
	if best := nearest(name, known); best != "" {
		return fmt.Sprintf("did you mean %s? %s", best, there)
	}
	return there
}

// nearest is the known name closest to name, or "" when none is close.
func nearest(name string, known []string) string {
	name = strings.ToLower(clip(name, 64))
	best, distance := "", max(2, len(name)/3)+1
	for _, k := range known {
		if d := levenshtein(name, strings.ToLower(clip(k, 64))); d < distance {
			best, distance = k, d
		}
	}
	return best
}

// levenshtein is the number of bytes to insert, delete or replace to make a of b.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// clip shortens a text that a client sent, for messages.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "") + "…"
}
