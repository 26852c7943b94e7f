package declare

import "strings"

// suggest is the known name nearest to a written one, or "" when none is near enough to be meant.
func suggest(written string, known []string) string {
	limit := 1 + length(written)/4
	best, nearest := "", limit+1
	for _, name := range known {
		if d := distance(strings.ToLower(written), strings.ToLower(name)); d < nearest {
			best, nearest = name, d
		}
	}
	return best
}

// insteadOf completes a message about an unknown name: what is meant, or else what there is.
func insteadOf(written string, known []string) string {
	if name := suggest(written, known); name != "" {
		return " (did you mean \"" + name + "\"?)"
	}
	if len(known) == 0 {
		return ""
	}
	return " (there is " + quoted(known) + ")"
}

// distance is the optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, last, now := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range last {
		last[j] = j
	}
	for i := range s {
		now[0] = i + 1
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			now[j+1] = min(last[j+1]+1, now[j]+1, last[j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(t)]
}
