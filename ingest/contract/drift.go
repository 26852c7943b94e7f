package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var years = regexp.MustCompile(`[0-9]{4}`)

// report notes under which name a column was found, and whether the name speaks of another vintage than the declaration.
func (b *Binder) report(c *column, file, name string) {
	if name != c.spec.From && (c.spec.From != "" || name != c.name) {
		b.Bound[c.name] = name
	}
	if c.from == nil {
		return
	}
	at := c.from.SubexpIndex("vintage")
	if at < 0 {
		return
	}
	found := c.from.FindStringSubmatch(name)[at]
	if found == "" || slices.ContainsFunc(years.FindAllString(b.vintage, -1), func(year string) bool { return strings.HasSuffix(year, found) }) {
		return
	}
	text := fmt.Sprintf("%s: the column %s is of vintage %s, the declaration says %s", file, name, found, b.vintage)
	if !slices.Contains(b.Drift, text) {
		b.Drift = append(b.Drift, text)
	}
}
