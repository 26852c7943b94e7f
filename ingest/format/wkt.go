package format

import (
	"bytes"
	"errors"

	"github.com/paulmach/orb"
)

var errWKT = errors.New("not well-known text")

// wkt reads well-known text of any case, with or without "SRID=…;" and Z, M or ZM. b must end with a 0.
func (s *shaper) wkt(b []byte) (orb.Geometry, error) {
	p := wktParser{b: b, s: s}
	if p.word(); string(p.token) == "SRID" && p.take('=') {
		if _, p.i, _ = number(b, p.i); !p.take(';') {
			return nil, errWKT
		}
		p.word()
	}
	g, ok := p.geometry(0)
	if p.skip(); !ok || p.i != len(b)-1 {
		return nil, errWKT
	}
	return g, nil
}

type wktParser struct {
	b     []byte
	i     int
	token []byte // the last word, in s.upper
	s     *shaper
}

func (p *wktParser) skip() { p.i = space(p.b, p.i) }

func (p *wktParser) take(c byte) bool {
	if p.skip(); p.b[p.i] != c {
		return false
	}
	p.i++
	return true
}

// word reads letters into token, in upper case.
func (p *wktParser) word() {
	p.skip()
	n := 0
	for c := p.b[p.i] &^ 0x20; c >= 'A' && c <= 'Z' && n < len(p.s.upper); c = p.b[p.i] &^ 0x20 {
		p.s.upper[n] = c
		n++
		p.i++
	}
	p.token = p.s.upper[:n]
}

// wktType splits a word like POLYGONZ into type code and dimension.
func wktType(word []byte) (kind int, dimension string) {
	for _, d := range []string{"", "ZM", "Z", "M"} {
		if !bytes.HasSuffix(word, []byte(d)) {
			continue
		}
		switch string(word[:len(word)-len(d)]) {
		case "POINT":
			return typePoint, d
		case "LINESTRING":
			return typeLine, d
		case "POLYGON":
			return typePolygon, d
		case "MULTIPOINT":
			return typeMultiPoint, d
		case "MULTILINESTRING":
			return typeMultiLine, d
		case "MULTIPOLYGON":
			return typeMultiPolygon, d
		case "GEOMETRYCOLLECTION":
			return typeCollection, d
		}
	}
	return 0, ""
}

// geometry reads what follows the word in token.
func (p *wktParser) geometry(level int) (orb.Geometry, bool) {
	kind, dimension := wktType(p.token)
	if kind == 0 || level > maxCollections {
		return nil, false
	}
	p.s.reset()
	p.word()
	if t := string(p.token); dimension == "" && (t == "Z" || t == "M" || t == "ZM") {
		p.word()
	}
	empty := string(p.token) == "EMPTY"
	if len(p.token) > 0 && !empty {
		return nil, false
	}
	if kind == typeCollection {
		return p.collection(empty, level)
	}
	if !empty && !p.body(depthOf[kind], kind == typeMultiPoint) {
		return nil, false
	}
	return p.s.build(kind), true
}

// body reads "(…)" of the given nesting; loose allows parentheses around each position of a MULTIPOINT.
func (p *wktParser) body(depth int, loose bool) bool {
	if p.word(); string(p.token) == "EMPTY" && depth > 1 {
		p.s.close(depth)
		return true
	}
	if len(p.token) > 0 || !p.take('(') {
		return false
	}
	for {
		var ok bool
		switch {
		case depth > 2:
			ok = p.body(depth-1, false)
		case loose && p.take('('):
			ok = p.position() && p.take(')')
		default:
			ok = p.position()
		}
		if !ok {
			return false
		}
		p.skip()
		switch p.b[p.i] {
		case ',':
			if p.i++; depth == 1 {
				return false
			}
		case ')':
			p.i++
			p.s.close(depth)
			return true
		default:
			return false
		}
	}
}

// position reads two to four numbers.
func (p *wktParser) position() bool {
	var at orb.Point
	for n := range 4 {
		p.skip()
		if c := p.b[p.i]; n >= 2 && (c == ',' || c == ')') {
			break
		}
		v, end, ok := number(p.b, p.i)
		if !ok {
			return false
		}
		if p.i = end; n < 2 {
			if at[n] = v; !finite(v) {
				return false
			}
		}
	}
	p.s.points = append(p.s.points, at)
	return true
}

func (p *wktParser) collection(empty bool, level int) (orb.Geometry, bool) {
	parts := orb.Collection{}
	if empty {
		return parts, true
	}
	if !p.take('(') {
		return nil, false
	}
	for {
		p.word()
		g, ok := p.geometry(level + 1)
		if !ok {
			return nil, false
		}
		if g != nil {
			parts = append(parts, g)
		}
		if p.take(')') {
			return parts, true
		}
		if !p.take(',') {
			return nil, false
		}
	}
}
