package filter

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"jumeau/model/crs"
	"jumeau/model/layer"
)

// Limits of a filter, so that reading and using one costs little whoever wrote it.
const (
	MaxLength     = 10_000 // bytes
	maxDepth      = 16     // of parentheses and NOT
	maxConditions = 64
	maxValues     = 100 // in one list
)

// Filter is a filter in normal form.
type Filter struct{ root *node }

// IDName is the name of the identifier, which every feature has, as text.
const IDName = "id"

// Parse reads a filter over the properties of a layer, id and the geometry, in degrees. An error is an *Error.
func Parse(in string, properties []layer.Property) (*Filter, error) {
	return ParseIn(in, properties, Coordinates{CRS: crs.CRS84})
}

// Coordinates say how those of geometries are written: in which system, and whether northing or latitude comes first.
type Coordinates struct {
	crs.CRS
	Flipped bool
}

// ParseIn is Parse for geometries whose coordinates are in another system.
func ParseIn(in string, properties []layer.Property, system Coordinates) (*Filter, error) {
	p := &parser{lexer: lexer{in: in}, properties: properties, crs: system}
	if len(in) > MaxLength {
		return nil, p.fail(0, fmt.Sprintf("the filter is longer than %d bytes", MaxLength), "shorten it")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == end {
		return nil, p.fail(0, "the filter is empty", "leave the parameter out, or write a condition like height > 12")
	}
	root, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.unexpected("AND, OR or the end")
	}
	return &Filter{root.normal()}, nil
}

// String is the normal form: equivalent as far as order, case of keywords, spaces, repetition and spelling of operators and
// numbers go. It reads back as the same filter.
func (f *Filter) String() string { return f.root.String() }

type parser struct {
	lexer
	tok        token
	properties []layer.Property
	crs        Coordinates
	conditions int
	shapes     int
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

func (p *parser) unexpected(wanted string) error {
	found := strconv.Quote(p.tok.text)
	if p.tok.kind == end {
		found = "the end"
	}
	return p.fail(p.tok.at, wanted+" is expected, not "+found, "write conditions like height > 12 AND usage IN ('school', 'sport')")
}

// accept takes a sign or keyword if it is there.
func (p *parser) accept(what string) (bool, error) {
	if p.tok.is(what) || p.tok.kind == sign && p.tok.text == what {
		return true, p.advance()
	}
	return false, nil
}

func (p *parser) expect(what string) error {
	ok, err := p.accept(what)
	if err == nil && !ok {
		return p.unexpected(what)
	}
	return err
}

func (p *parser) or(depth int) (*node, error)  { return p.list(opOr, "OR", depth, p.and) }
func (p *parser) and(depth int) (*node, error) { return p.list(opAnd, "AND", depth, p.not) }

func (p *parser) list(op op, keyword string, depth int, item func(int) (*node, error)) (*node, error) {
	first, err := item(depth)
	if err != nil {
		return nil, err
	}
	n := &node{op: op, kids: []*node{first}}
	for {
		ok, err := p.accept(keyword)
		if err != nil {
			return nil, err
		}
		if !ok {
			return n, nil
		}
		kid, err := item(depth)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
}

func (p *parser) not(depth int) (*node, error) {
	at := p.tok.at
	if depth > maxDepth {
		return nil, p.fail(at, fmt.Sprintf("conditions are nested deeper than %d", maxDepth), "take parentheses away")
	}
	if ok, err := p.accept("NOT"); ok || err != nil {
		if err != nil {
			return nil, err
		}
		kid, err := p.not(depth + 1)
		return negate(kid, true), err
	}
	if ok, err := p.accept("("); ok || err != nil {
		if err != nil {
			return nil, err
		}
		n, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		return n, p.expect(")")
	}
	return p.condition()
}

// property reads a name of the layer's.
func (p *parser) property() (int, token, error) {
	tok := p.tok
	if tok.kind != word && tok.kind != quoted {
		return 0, tok, p.unexpected("a property")
	}
	if tok.text == IDName {
		return idField, tok, p.advance()
	}
	known := []string{IDName}
	for i, property := range p.properties {
		if property.Name == tok.text {
			return i, tok, p.advance()
		}
		known = append(known, property.Name)
	}
	err := p.fail(tok.at, strconv.Quote(tok.text)+" is not a property of the layer", "")
	err.Name, err.Known = tok.text, known
	return 0, tok, err
}

func (p *parser) kind(field int) string {
	if field == idField {
		return layer.Text
	}
	return p.properties[field].Type
}

func (p *parser) condition() (*node, error) {
	if p.conditions++; p.conditions > maxConditions {
		return nil, p.fail(p.tok.at, fmt.Sprintf("there are more than %d conditions", maxConditions), "use IN (…) for several values of one property")
	}
	if n, err := p.special(); n != nil || err != nil {
		return n, err
	}
	field, name, err := p.property()
	if err != nil {
		return nil, err
	}
	n := &node{field: field, name: name.text, kind: p.kind(field)}
	not, err := p.accept("NOT")
	if err != nil {
		return nil, err
	}
	switch {
	case p.tok.is("IN"):
		err = p.in(n)
	case p.tok.is("BETWEEN"):
		err = p.between(n)
	case p.tok.is("LIKE"):
		err = p.like(n)
	case not:
		return nil, p.unexpected("IN, BETWEEN or LIKE")
	case p.tok.is("IS"):
		return p.null(n)
	case p.tok.kind == sign && slices.Contains(comparisons, p.tok.text):
		return p.compare(n)
	case n.kind == layer.Boolean:
		n.op, n.values = opEqual, []value{{flag: true}}
	default:
		return nil, p.unexpected("a comparison (= <> < <= > >= IN BETWEEN LIKE IS)")
	}
	return negate(n, not), err
}

var comparisons = []string{"=", "<>", "<", "<=", ">", ">="}

func (p *parser) compare(n *node) (*node, error) {
	tok := p.tok
	n.op = map[string]op{"=": opEqual, "<>": opEqual, "<": opLess, ">=": opLess, "<=": opUpTo, ">": opUpTo}[tok.text]
	if n.kind == layer.Boolean && n.op != opEqual {
		return nil, p.fail(tok.at, n.name+" is true or false and has no order", "use = or <>")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	v, err := p.value(n)
	n.values = []value{v}
	return negate(n, tok.text == "<>" || tok.text == ">=" || tok.text == ">"), err
}

func (p *parser) in(n *node) error {
	n.op = opEqual
	if err := p.advance(); err != nil {
		return err
	}
	if err := p.expect("("); err != nil {
		return err
	}
	for {
		if len(n.values) == maxValues {
			return p.fail(p.tok.at, fmt.Sprintf("the list has more than %d values", maxValues), "shorten it")
		}
		v, err := p.value(n)
		if err != nil {
			return err
		}
		n.values = append(n.values, v)
		if ok, err := p.accept(","); err != nil || !ok {
			if err != nil {
				return err
			}
			return p.expect(")")
		}
	}
}

// between is >= the first and <= the second.
func (p *parser) between(n *node) error {
	if n.kind == layer.Boolean {
		return p.fail(p.tok.at, n.name+" is true or false and has no order", "use = or <>")
	}
	if err := p.advance(); err != nil {
		return err
	}
	low, err := p.value(n)
	if err != nil {
		return err
	}
	if err := p.expect("AND"); err != nil {
		return err
	}
	high, err := p.value(n)
	if err != nil {
		return err
	}
	from, to := *n, *n
	from.op, from.values = opLess, []value{low}
	to.op, to.values = opUpTo, []value{high}
	*n = node{op: opAnd, kids: []*node{negate(&from, true), &to}}
	return nil
}

func (p *parser) like(n *node) error {
	if n.kind != layer.Text {
		return p.fail(p.tok.at, n.name+" is "+n.kind+", and LIKE compares texts", "compare with = < >")
	}
	if err := p.advance(); err != nil {
		return err
	}
	tok := p.tok
	if tok.kind != text {
		return p.unexpected("a text in single quotes")
	}
	n.like(tok.text)
	return p.advance()
}

func (p *parser) null(n *node) (*node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	not, err := p.accept("NOT")
	if err != nil {
		return nil, err
	}
	n.op = opNull
	return negate(n, not), p.expect("NULL")
}

// value reads a literal of the type of the condition's property.
func (p *parser) value(n *node) (value, error) {
	tok := p.tok
	wanted := map[string]string{layer.Text: "a text in single quotes", layer.Boolean: "true or false"}[n.kind]
	switch {
	case n.kind == layer.Text && tok.kind == text:
		return value{text: tok.text}, p.advance()
	case n.kind == layer.Text && (tok.is("DATE") || tok.is("TIMESTAMP")):
		return p.instant()
	case n.kind == layer.Boolean && (tok.is("true") || tok.is("false")):
		return value{flag: tok.is("true")}, p.advance()
	case wanted != "":
	case tok.kind == number:
		v := value{}
		v.number, _ = strconv.ParseFloat(tok.text, 64) // the lexer has tried it
		whole, err := strconv.ParseInt(tok.text, 10, 64)
		v.whole, v.exact = whole, err == nil
		if !v.exact && v.number == math.Trunc(v.number) && math.Abs(v.number) < 1<<63 {
			v.whole, v.exact = int64(v.number), true // 12.0, 1e6
		}
		return v, p.advance()
	default:
		wanted = "a number"
	}
	if tok.kind == quoted || tok.kind == word {
		return value{}, p.fail(tok.at, wanted+" is expected after "+n.name+", not "+tok.text, "properties are compared with values; texts are in single quotes: '"+tok.text+"'")
	}
	return value{}, p.unexpected(wanted)
}
