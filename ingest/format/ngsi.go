package format

import "strings"

// ngsi maps the columns of FIWARE entities: NGSI-v2 and NGSI-LD wrap a value as {"type": …, "value": …}, which becomes one
// column under the attribute's own name. Entities in key-value form need nothing.
type ngsi struct {
	attributes map[string]bool
	real       map[string]string // of the names that are shown
}

// ngsiParts are the members of a wrapped value.
var ngsiParts = map[string]bool{"type": true, "value": true, "object": true, "metadata": true, "observedAt": true, "unitCode": true,
	"datasetId": true, "createdAt": true, "modifiedAt": true, "languageMap": true}

// newNGSI recognises entities by what has been learnt of them; nil when the records are none.
func newNGSI(t *tree) *ngsi {
	n := &ngsi{attributes: map[string]bool{}, real: map[string]string{}}
	has := map[string]bool{}
	for _, k := range t.root.children {
		has[k.raw] = k.value
		typed, valued, other := false, false, false
		for _, c := range k.children {
			typed = typed || c.raw == "type"
			valued = valued || c.raw == "value" || c.raw == "object"
			other = other || !ngsiParts[c.raw]
		}
		if typed && valued && !other {
			n.attributes[k.name] = true
		}
	}
	if !has["id"] || !has["type"] || len(n.attributes) == 0 {
		return nil
	}
	return n
}

// shown is the name under which a column is offered; false for what is only wrapping.
func (n *ngsi) shown(column string) (string, bool) {
	attribute, rest, found := strings.Cut(column, ".")
	if !found || !n.attributes[attribute] {
		return column, column != "@context"
	}
	part, inner, deeper := strings.Cut(rest, ".")
	switch part {
	case "value", "object":
		if deeper {
			return attribute + "." + inner, true
		}
		return attribute, true
	case "observedAt", "unitCode":
		return column, !deeper
	}
	return "", false
}

// names maps a list of columns, and remembers where they are.
func (n *ngsi) names(columns []string) []string {
	if n == nil {
		return columns
	}
	var out []string
	for _, c := range columns {
		if name, ok := n.shown(c); ok && n.real[name] == "" {
			out = append(out, name)
			n.real[name] = c
		} else if ok && n.real[name] == c {
			out = append(out, name)
		}
	}
	return out
}

// column is where a value that is asked for lies.
func (n *ngsi) column(name string) string {
	if n == nil {
		return name
	}
	if real, ok := n.real[name]; ok {
		return real
	}
	if attribute, rest, found := strings.Cut(name, "."); n.attributes[attribute] {
		if found {
			return attribute + ".value." + rest
		}
		return attribute + ".value"
	}
	return name
}
