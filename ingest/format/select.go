package format

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var errLateSelect = errors.New("format: Select after Next")

func distinct(names []string) error {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		if seen[n] {
			return invalid("select it once", "column %q is selected twice", n)
		}
		seen[n] = true
	}
	return nil
}

// unique renames repeated columns to "name_2", "name_3", … and nameless ones to "column_N".
func unique(names []string) []string {
	seen := make(map[string]bool, len(names))
	for _, n := range names {
		seen[n] = true
	}
	used := make(map[string]bool, len(names))
	for i, n := range names {
		if n == "" {
			n = fmt.Sprintf("column_%d", i+1)
		}
		name := n
		for k := 2; used[name] || name != names[i] && seen[name]; k++ {
			name = fmt.Sprintf("%s_%d", n, k)
		}
		names[i], used[name] = name, true
	}
	return names
}

// positions resolves the names to deliver among all columns of a file.
func positions(all []Column, names []string) ([]int, error) {
	if err := distinct(names); err != nil {
		return nil, err
	}
	index := make(map[string]int, len(all))
	labels := make([]string, len(all))
	for i, c := range all {
		index[c.Name], labels[i] = i, c.Name
	}
	out := make([]int, len(names))
	for i, n := range names {
		at, ok := index[n]
		if !ok {
			return nil, invalid(suggest(n, labels), "there is no column %q", n)
		}
		out[i] = at
	}
	return out, nil
}

func trimFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// quote shows a few bytes of a file in a message.
func quote(b []byte) string { return strconv.QuoteToGraphic(strings.ToValidUTF8(string(b), "\uFFFD")) }

// excerpt shortens a text for a message; the result does not share memory with a window.
func excerpt(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return strings.ToValidUTF8(strings.Clone(s), "\uFFFD")
}
