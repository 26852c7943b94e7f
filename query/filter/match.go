package filter

import (
	"cmp"
	"math"
	"sort"

	"jumeau/model/layer"
)

// truth is the value of a condition: false, true, or neither when a value is missing.
type truth uint8

const (
	no truth = iota
	yes
	neither
)

// Bound is a filter on the rows of one layer file. Safe for concurrent use.
type Bound struct{ root *bound }

// bound is a node, with the values of coded texts as ranges of their codes: those are in alphabetical order.
type bound struct {
	*node
	kids  []*bound
	codes []codes
	coded []bool // of a pattern: by code, whether it is met
}

// codes are from..to, to excluded.
type codes struct{ from, to int }

// Bind prepares the filter for a file with the properties it was parsed for.
func (f *Filter) Bind(file *layer.File) *Bound { return &Bound{bind(f.root, file)} }

func bind(n *node, file *layer.File) *bound {
	b := &bound{node: n}
	for _, kid := range n.kids {
		b.kids = append(b.kids, bind(kid, file))
	}
	if len(n.kids) > 0 || n.field == idField || n.kind != layer.Text || file.Len() == 0 {
		return b
	}
	column := &file.Batches()[0].Props[n.field] // the dictionary is the same in all batches
	if column.Code == nil {
		return b
	}
	if n.op == opLike {
		b.coded = make([]bool, column.Dict.Len())
		for i := range b.coded {
			b.coded[i] = like(column.Dict.At(i), n.pattern)
		}
		return b
	}
	for _, v := range n.values {
		b.codes = append(b.codes, codesOf(n.op, &column.Dict, v.text))
	}
	return b
}

// codesOf are the codes of the texts in a sorted dictionary that a condition holds for.
func codesOf(op op, dict *layer.Texts, text string) codes {
	first := sort.Search(dict.Len(), func(i int) bool { return string(dict.At(i)) >= text })
	switch op {
	case opLess:
		return codes{0, first}
	case opPrefix:
		n := sort.Search(dict.Len()-first, func(i int) bool { return !hasPrefix(dict.At(first+i), text) })
		return codes{first, first + n}
	}
	after := first
	for after < dict.Len() && string(dict.At(after)) == text {
		after++
	}
	if op == opUpTo {
		return codes{0, after}
	}
	return codes{first, after}
}

func hasPrefix(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && string(b[:len(prefix)]) == prefix
}

// Match says whether a row is chosen.
func (m *Bound) Match(b *layer.Batch, row int) bool { return m.root.eval(b, row) == yes }

func (n *bound) eval(b *layer.Batch, row int) truth {
	switch n.op {
	case opAnd:
		return n.all(b, row, no)
	case opOr:
		return n.all(b, row, yes)
	case opNot:
		switch n.kids[0].eval(b, row) {
		case yes:
			return no
		case no:
			return yes
		}
		return neither
	case opTrue:
		return yes
	case opIntersects:
		return of(n.shape.Match(b, row))
	}
	if n.field == idField {
		return of(n.op != opNull && n.text(b.IDs.At(row)))
	}
	c := &b.Props[n.field]
	if n.op == opNull {
		return of(!c.Has(row))
	}
	if !c.Has(row) {
		return neither
	}
	switch {
	case c.Code != nil:
		return of(n.code(int(c.Code[row])))
	case c.Type == layer.Text:
		return of(n.text(c.Text.At(row)))
	case c.Type == layer.Boolean:
		return of(n.flag(c.Flag(row)))
	case c.Type == layer.Integer:
		return of(n.integer(c.Int[row]))
	}
	if math.IsNaN(c.Num[row]) {
		return neither
	}
	return of(n.number(c.Num[row]))
}

// all combines the kids: as soon as one is what decides, that is the answer.
func (n *bound) all(b *layer.Batch, row int, decides truth) truth {
	result := yes - decides
	for _, kid := range n.kids {
		switch kid.eval(b, row) {
		case decides:
			return decides
		case neither:
			result = neither
		}
	}
	return result
}

func of(v bool) truth {
	if v {
		return yes
	}
	return no
}

func (n *bound) code(code int) bool {
	if n.coded != nil {
		return n.coded[code]
	}
	for _, c := range n.codes {
		if code >= c.from && code < c.to {
			return true
		}
	}
	return false
}

func (n *bound) text(b []byte) bool {
	if n.op == opLike {
		return like(b, n.pattern)
	}
	for i := range n.values {
		v := n.values[i].text
		switch {
		case n.op == opPrefix && hasPrefix(b, v), n.op == opEqual && string(b) == v, n.op == opLess && string(b) < v, n.op == opUpTo && string(b) <= v:
			return true
		}
	}
	return false
}

func (n *bound) flag(f bool) bool {
	for i := range n.values {
		if n.values[i].flag == f {
			return true
		}
	}
	return false
}

func (n *bound) integer(x int64) bool {
	for i := range n.values {
		v := &n.values[i]
		order := cmp.Compare(float64(x), v.number)
		switch {
		case v.exact:
			order = cmp.Compare(x, v.whole)
		case v.number >= 1<<63: // which the greatest integers round to
			order = -1
		}
		if n.holds(order) {
			return true
		}
	}
	return false
}

func (n *bound) number(x float64) bool {
	for i := range n.values {
		if n.holds(cmp.Compare(x, n.values[i].number)) {
			return true
		}
	}
	return false
}

// holds says whether the condition is true of a value that compares so with its own.
func (n *bound) holds(order int) bool {
	return order == 0 && n.op != opLess || order < 0 && n.op != opEqual
}
