package filter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"jumeau/model/layer"
	"jumeau/query/area"
)

type op uint8

const (
	opAnd op = iota
	opOr
	opNot
	opEqual  // to one of the values
	opLess   // than the value
	opUpTo   // less than or equal to the value
	opPrefix // begins with the value
	opLike   // is as the pattern says
	opNull
	opTrue
	opIntersects // has a point in common with the shape
)

// idField is the field of the identifier.
const idField = -1

// node is a condition on one property, or a combination of nodes.
type node struct {
	op   op
	kids []*node

	field  int // number of the property, or idField
	name   string
	kind   string // type of the property
	values []value

	pattern []rune      // of opLike: characters, anyText and anyOne
	shape   *area.Shape // of opIntersects
	drawn   string      // the shape as text
}

// value is a literal; which of the fields is used depends on the property's type.
type value struct {
	text   string
	flag   bool
	number float64
	whole  int64
	exact  bool // whole is the number
}

func negate(n *node, not bool) *node {
	if !not || n == nil {
		return n
	}
	return &node{op: opNot, kids: []*node{n}}
}

// normal is an equivalent node in normal form.
func (n *node) normal() *node {
	switch n.op {
	case opNot:
		kid := n.kids[0].normal()
		if kid.op == opNot {
			return kid.kids[0]
		}
		return negate(kid, true)
	case opAnd, opOr:
		return n.normalList()
	case opEqual:
		slices.SortFunc(n.values, func(a, b value) int { return compareValues(n.kind, a, b) })
		n.values = slices.CompactFunc(n.values, func(a, b value) bool { return compareValues(n.kind, a, b) == 0 })
	}
	return n
}

// normalList flattens AND in AND and OR in OR, and sorts what is combined.
func (n *node) normalList() *node {
	var kids []*node
	for _, kid := range n.kids {
		if kid = kid.normal(); kid.op == n.op {
			kids = append(kids, kid.kids...)
		} else {
			kids = append(kids, kid)
		}
	}
	slices.SortFunc(kids, func(a, b *node) int { return cmp.Compare(a.String(), b.String()) })
	kids = slices.CompactFunc(kids, func(a, b *node) bool { return a.String() == b.String() })
	if len(kids) == 1 {
		return kids[0]
	}
	return &node{op: n.op, kids: kids}
}

func compareValues(kind string, a, b value) int {
	switch kind {
	case layer.Text:
		return cmp.Compare(a.text, b.text)
	case layer.Boolean:
		return cmp.Compare(strconv.FormatBool(a.flag), strconv.FormatBool(b.flag))
	}
	if a.exact && b.exact {
		return cmp.Compare(a.whole, b.whole)
	}
	return cmp.Compare(a.number, b.number)
}

func (n *node) String() string {
	switch n.op {
	case opAnd, opOr:
		parts := make([]string, len(n.kids))
		for i, kid := range n.kids {
			parts[i] = kid.String()
		}
		return "(" + strings.Join(parts, map[op]string{opAnd: " AND ", opOr: " OR "}[n.op]) + ")"
	case opNot:
		return "NOT " + n.kids[0].String()
	case opTrue:
		return "TRUE"
	case opIntersects:
		return "S_INTERSECTS(" + GeometryName + ", " + n.drawn + ")"
	}
	name := `"` + strings.ReplaceAll(n.name, `"`, `""`) + `"`
	switch n.op {
	case opNull:
		return name + " IS NULL"
	case opPrefix:
		return name + " LIKE " + quote(strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(n.values[0].text)+"%")
	case opLike:
		return name + " LIKE " + quote(n.values[0].text)
	case opLess:
		return name + " < " + n.values[0].in(n.kind)
	case opUpTo:
		return name + " <= " + n.values[0].in(n.kind)
	}
	if len(n.values) == 1 {
		return name + " = " + n.values[0].in(n.kind)
	}
	parts := make([]string, len(n.values))
	for i, v := range n.values {
		parts[i] = v.in(n.kind)
	}
	return name + " IN (" + strings.Join(parts, ", ") + ")"
}

// in is the literal of a type.
func (v value) in(kind string) string {
	switch kind {
	case layer.Text:
		return quote(v.text)
	case layer.Boolean:
		return strconv.FormatBool(v.flag)
	}
	if v.exact {
		return strconv.FormatInt(v.whole, 10)
	}
	return strconv.FormatFloat(v.number, 'g', -1, 64)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// boxText is a rectangle as a filter has it.
func boxText(b [4]float64) string {
	numbers := make([]string, len(b))
	for i, v := range b {
		numbers[i] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return "BBOX(" + strings.Join(numbers, ", ") + ")"
}
