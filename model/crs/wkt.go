package crs

import (
	"errors"
	"strconv"
	"strings"
)

var errWKT = errors.New("crs: malformed WKT")

// node is KEYWORD[text or number, …, NODE[…], …] of well-known text (ISO 19162, and its forerunner OGC 01-009).
type node struct {
	keyword  string   // upper case
	values   []string // quoted texts, numbers and bare words, in order
	children []node
}

// maxDepth bounds nesting; a compound system with its base systems nests eight deep.
const maxDepth = 32

type wktReader struct {
	text string
	at   int
}

func parseWKT(text string) (CRS, error) {
	r := wktReader{text: text}
	root, err := r.node(0)
	if err != nil {
		return CRS{}, err
	}
	return horizontal(root).resolve()
}

func (r *wktReader) space() {
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n", r.text[r.at]) >= 0 {
		r.at++
	}
}

// word reads up to a delimiter.
func (r *wktReader) word() string {
	start := r.at
	for r.at < len(r.text) && strings.IndexByte("[](),\" \t\r\n", r.text[r.at]) < 0 {
		r.at++
	}
	return r.text[start:r.at]
}

// quoted reads a text whose opening quote is at r.at; a doubled quote stands for one.
func (r *wktReader) quoted() (string, error) {
	var b strings.Builder
	for r.at++; r.at < len(r.text); r.at++ {
		if r.text[r.at] == '"' {
			if r.at+1 >= len(r.text) || r.text[r.at+1] != '"' {
				r.at++
				return b.String(), nil
			}
			r.at++
		}
		b.WriteByte(r.text[r.at])
	}
	return "", errWKT
}

func (r *wktReader) peek() byte {
	r.space()
	if r.at >= len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *wktReader) node(depth int) (node, error) {
	r.space()
	n := node{keyword: strings.ToUpper(r.word())}
	if c := r.peek(); n.keyword == "" || c != '[' && c != '(' || depth > maxDepth {
		return n, errWKT
	}
	for {
		r.at++ // opening bracket or comma
		if err := r.argument(&n, depth); err != nil {
			return n, err
		}
		switch r.peek() {
		case ',':
		case ']', ')':
			r.at++
			return n, nil
		default:
			return n, errWKT
		}
	}
}

func (r *wktReader) argument(n *node, depth int) error {
	if r.peek() == '"' {
		text, err := r.quoted()
		n.values = append(n.values, text)
		return err
	}
	start := r.at
	word := r.word()
	if c := r.peek(); c == '[' || c == '(' {
		r.at = start
		child, err := r.node(depth + 1)
		n.children = append(n.children, child)
		return err
	}
	n.values = append(n.values, word)
	return nil
}

// child finds the first child with one of the keywords.
func (n node) child(keywords ...string) (node, bool) {
	for _, c := range n.children {
		for _, k := range keywords {
			if c.keyword == k {
				return c, true
			}
		}
	}
	return node{}, false
}

func (n node) text(i int) string {
	if i < len(n.values) {
		return n.values[i]
	}
	return ""
}

// number is the i-th value; false when it is not one.
func (n node) number(i int) (float64, bool) {
	v, err := strconv.ParseFloat(n.text(i), 64)
	return v, err == nil
}

// horizontal takes the part of a compound or bound system that x and y are in, and describes it.
func horizontal(n node) description {
	for range maxDepth {
		var part node
		var ok bool
		switch n.keyword {
		case "COMPD_CS", "COMPOUNDCRS":
			part, ok = n.child("PROJCS", "GEOGCS", "PROJCRS", "PROJECTEDCRS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS", "GEODETICCRS", "BOUNDCRS")
		case "BOUNDCRS":
			if part, ok = n.child("SOURCECRS"); ok && len(part.children) > 0 {
				part = part.children[0]
			}
		}
		if !ok {
			break
		}
		n = part
	}
	return describeWKT(n)
}

func describeWKT(n node) description {
	d := description{name: n.text(0), parameters: map[string]float64{}}
	d.authority, d.code = identifier(n)
	base := n
	switch n.keyword {
	case "PROJCS", "PROJCRS", "PROJECTEDCRS":
		d.projected = true
		base, _ = n.child("GEOGCS", "BASEGEOGCRS", "BASEGEODCRS", "GEOGCRS", "GEODCRS")
		d.unit = lengthUnit(n)
	case "GEOGCS", "GEOGCRS", "GEODCRS", "GEOGRAPHICCRS", "GEODETICCRS":
	default:
		d.malformed = true
	}
	d.base(base)
	conversion, ok := n.child("CONVERSION")
	if !ok {
		conversion = n
	}
	if m, ok := conversion.child("PROJECTION", "METHOD"); ok {
		d.method = m.text(0)
	}
	// GDAL writes Web Mercator in WKT 1 as an ellipsoidal Mercator, with the sphere in an extension.
	if e, ok := n.child("EXTENSION"); ok && strings.Contains(e.text(1), "+proj=merc +a=6378137 +b=6378137") {
		d.method = "Popular Visualisation Pseudo Mercator"
	}
	for _, p := range conversion.children {
		if p.keyword == "PARAMETER" {
			if v, ok := p.number(1); ok {
				d.parameters[plain(p.text(0))] = v
			}
		}
	}
	return d
}

// base reads the datum, ellipsoid and prime meridian of a geographic system.
func (d *description) base(n node) {
	if pm, ok := n.child("PRIMEM", "PRIMEMERIDIAN"); ok {
		d.meridian, _ = pm.number(1)
	}
	dat, ok := n.child("DATUM", "ENSEMBLE", "TRF", "GEODETICDATUM")
	if !ok {
		return
	}
	d.datum = dat.text(0)
	if el, ok := dat.child("SPHEROID", "ELLIPSOID"); ok {
		d.a, _ = el.number(1)
		d.invf, _ = el.number(2)
	}
	if unit, ok := n.child("UNIT", "ANGLEUNIT"); ok {
		if v, ok := unit.number(1); ok {
			d.angle = v * deg
		}
	} else if pm, ok := n.child("PRIMEM", "PRIMEMERIDIAN"); ok {
		if unit, ok := pm.child("ANGLEUNIT"); ok {
			if v, ok := unit.number(1); ok {
				d.angle = v * deg
			}
		}
	}
	if shift, ok := dat.child("TOWGS84"); ok {
		for i := range shift.values {
			v, ok := shift.number(i)
			d.translation = append(d.translation, v)
			if !ok || v != 0 {
				d.shifted = true
			}
		}
	}
}

func identifier(n node) (authority, code string) {
	if id, ok := n.child("AUTHORITY", "ID"); ok {
		return id.text(0), id.text(1)
	}
	return "", ""
}

// lengthUnit is the metres in one unit of a projected system: its UNIT in WKT 1, its own or its axes' LENGTHUNIT in WKT 2.
func lengthUnit(n node) float64 {
	u, ok := n.child("UNIT", "LENGTHUNIT")
	if !ok {
		if axis, found := n.child("AXIS"); found {
			u, ok = axis.child("UNIT", "LENGTHUNIT")
		}
	}
	if v, isNumber := u.number(1); ok && isNumber {
		return v
	}
	return 1
}
