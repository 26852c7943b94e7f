package filter

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/project"

	"jumeau/model"
	"jumeau/query/area"
)

// GeometryName is the name of the geometry, which every feature has.
const GeometryName = "geometry"

const maxShapes = 8 // in one filter

// What a pattern has besides characters.
const (
	anyText rune = -1 - iota
	anyOne
)

// like makes of the node a comparison with a pattern: % stands for any text, _ for one character, \ before either for itself.
func (n *node) like(text string) {
	var whole, normal strings.Builder
	plain := true // up to here no _, and no % but perhaps at the end
	ends := false
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		raw := text[i : i+size]
		switch {
		case r == '\\' && i+size < len(text):
			i += size
			r, size = utf8.DecodeRuneInString(text[i:])
			raw = text[i : i+size]
		case r == '%':
			if r = anyText; len(n.pattern) > 0 && n.pattern[len(n.pattern)-1] == anyText {
				i += size
				continue
			}
		case r == '_':
			r = anyOne
		}
		i += size
		plain = plain && !ends && r != anyOne
		n.pattern = append(n.pattern, r)
		switch r {
		case anyText:
			ends = true
			normal.WriteByte('%')
		case anyOne:
			normal.WriteByte('_')
		default:
			whole.WriteString(raw)
			if strings.ContainsAny(raw, `%_\`) {
				normal.WriteByte('\\')
			}
			normal.WriteString(raw)
		}
	}
	n.op, n.values = opLike, []value{{text: normal.String()}}
	if plain && ends {
		n.op, n.values = opPrefix, []value{{text: whole.String()}}
	} else if plain {
		n.op, n.values = opEqual, []value{{text: whole.String()}}
	}
}

// like says whether a text is as a pattern says. A % takes as little as it can and is tried again from there only, so that the time is at most the product of
// the lengths.
func like(text []byte, pattern []rune) bool {
	at, p := 0, 0
	again, from := -1, 0 // after the last %, and where in the text it was tried
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		switch {
		case p < len(pattern) && pattern[p] == anyText:
			p++
			again, from = p, at
		case p < len(pattern) && (pattern[p] == r || pattern[p] == anyOne):
			p++
			at += size
		case again >= 0:
			_, size = utf8.DecodeRune(text[from:])
			from += size
			at, p = from, again
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyText {
		p++
	}
	return p == len(pattern)
}

// special reads a condition that is not about a property: TRUE, FALSE or S_INTERSECTS; nil when there is none.
func (p *parser) special() (*node, error) {
	switch {
	case p.tok.is("TRUE"), p.tok.is("FALSE"):
		not := p.tok.is("FALSE")
		return negate(&node{op: opTrue}, not), p.advance()
	case p.tok.is("S_INTERSECTS"):
		return p.intersects()
	}
	return nil, nil
}

func (p *parser) intersects() (*node, error) {
	if p.shapes++; p.shapes > maxShapes {
		return nil, p.fail(p.tok.at, "there are too many geometries", "ask about one area, as a multipolygon")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	first, err := p.geometryName()
	if err != nil {
		return nil, err
	}
	if first {
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	n, err := p.geometry()
	if err != nil {
		return nil, err
	}
	if !first {
		if err := p.expect(","); err != nil {
			return nil, err
		}
		if is, err := p.geometryName(); err != nil || !is {
			if err == nil {
				err = p.unexpected("geometry")
			}
			return nil, err
		}
	}
	return n, p.expect(")")
}

func (p *parser) geometryName() (bool, error) {
	if (p.tok.kind == word || p.tok.kind == quoted) && p.tok.text == GeometryName {
		return true, p.advance()
	}
	return false, nil
}

const geometryHint = "write S_INTERSECTS(geometry, POLYGON((1.4 43.5, 1.5 43.5, 1.5 43.6, 1.4 43.5))) or S_INTERSECTS(geometry, BBOX(1.4, 43.5, 1.5, 43.6))"

// geometry reads well-known text or BBOX(…).
func (p *parser) geometry() (*node, error) {
	at := p.tok.at
	if p.tok.kind != word {
		return nil, p.unexpectedGeometry(at)
	}
	text, ok := p.parentheses()
	if !ok {
		return nil, p.unexpectedGeometry(at)
	}
	if p.tok.is("BBOX") {
		return p.box(at, text)
	}
	drawn := p.lexer.in[at:p.at]
	if err := p.advance(); err != nil {
		return nil, err
	}
	g, err := wkt.Unmarshal(strings.ToUpper(drawn))
	if err != nil {
		return nil, p.unexpectedGeometry(at)
	}
	return p.shape(at, g)
}

func (p *parser) unexpectedGeometry(at int) error {
	return p.fail(at, "a geometry in well-known text is expected", geometryHint)
}

// parentheses takes what follows the current word, from one parenthesis to the one that closes it.
func (p *parser) parentheses() (string, bool) {
	rest := p.lexer.in[p.at:]
	from := strings.IndexByte(rest, '(')
	if from < 0 || strings.Trim(rest[:from], " \t\r\n") != "" {
		return "", false
	}
	open := 0
	for i := from; i < len(rest); i++ {
		switch rest[i] {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				p.at += i + 1
				return rest[from+1 : i], true
			}
		case '\'', '"':
			return "", false
		}
	}
	return "", false
}

// box makes a rectangle of four numbers, or six of which the heights are left out.
func (p *parser) box(at int, text string) (*node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	b, ok := area.ReadBox(text)
	if !ok {
		return nil, p.fail(at, "a box is four numbers", "write BBOX(west, south, east, north)")
	}
	drawn := boxText(b)
	if p.crs.Flipped {
		b = [4]float64{b[1], b[0], b[3], b[2]}
	}
	shape, err := area.Rectangle(b, p.crs.CRS)
	if err != nil {
		return nil, p.fail(at, err.Error(), model.HintOf(err))
	}
	return &node{op: opIntersects, shape: shape, drawn: drawn}, nil
}

func (p *parser) shape(at int, g orb.Geometry) (*node, error) {
	if list, ok := g.(orb.Collection); ok {
		n := &node{op: opOr}
		if p.shapes += len(list); p.shapes > maxShapes {
			return nil, p.fail(at, "there are too many geometries", "ask about one area, as a multipolygon")
		}
		for _, part := range list {
			kid, err := p.shape(at, part)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		}
		if len(n.kids) == 0 {
			return nil, p.unexpectedGeometry(at)
		}
		return n, nil
	}
	drawn := wkt.MarshalString(g)
	if p.crs.Flipped {
		g = project.Geometry(orb.Clone(g), func(at orb.Point) orb.Point { return orb.Point{at[1], at[0]} })
	}
	shape, err := area.New(g, p.crs.CRS)
	if err != nil {
		return nil, p.fail(at, err.Error(), model.HintOf(err))
	}
	return &node{op: opIntersects, shape: shape, drawn: drawn}, nil
}

// instant reads DATE('2026-03-14') or TIMESTAMP('2026-03-14T08:00:00Z'), which is compared with texts that are written so.
func (p *parser) instant() (value, error) {
	form, name := time.RFC3339Nano, "TIMESTAMP('2026-03-14T08:00:00Z')"
	if p.tok.is("DATE") {
		form, name = time.DateOnly, "DATE('2026-03-14')"
	}
	if err := p.advance(); err != nil {
		return value{}, err
	}
	if err := p.expect("("); err != nil {
		return value{}, err
	}
	tok := p.tok
	if _, err := time.Parse(form, tok.text); tok.kind != text || err != nil {
		return value{}, p.fail(tok.at, "a date or a time is expected", "write "+name)
	}
	if err := p.advance(); err != nil {
		return value{}, err
	}
	return value{text: tok.text}, p.expect(")")
}

// Shape is what the filter says of the place, when every feature chosen must meet one shape: then only features near it need be looked at.
func (f *Filter) Shape() *area.Shape {
	all := []*node{f.root}
	if f.root.op == opAnd {
		all = f.root.kids
	}
	for _, n := range all {
		if n.op == opIntersects {
			return n.shape
		}
	}
	return nil
}

// Both is the filter of the features that two filters choose; a nil one chooses all. It is held to the limits of one.
func Both(a, b *Filter) (*Filter, error) {
	switch {
	case a == nil:
		return b, nil
	case b == nil:
		return a, nil
	}
	both := &Filter{(&node{op: opAnd, kids: []*node{a.root, b.root}}).normal()}
	if n := len(both.String()); n > 2*MaxLength {
		return nil, &Error{Position: 1, Problem: "the filter is too long", Hint: "shorten it"}
	}
	return both, nil
}
