package format

import "strings"

// pickTable is the index of the table to read among those of a file: the one that is named, or the only one.
func pickTable(what string, names []string, wanted string) (int, error) {
	if wanted == "" {
		switch len(names) {
		case 0:
			return 0, invalid("look for another download of the same data", "it holds no %s", what)
		case 1:
			return 0, nil
		}
		return 0, invalid("name one of them with `table`", "it holds several %ss: %s", what, list(names))
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for i, n := range names {
			if same(strings.TrimSpace(n), strings.TrimSpace(wanted)) {
				return i, nil
			}
		}
	}
	if len(names) == 0 {
		return 0, invalid("look for another download of the same data", "it holds no %s", what)
	}
	return 0, invalid("use one of "+list(names), "there is no %s %q", what, wanted)
}
