package format

import "strings"

// tree maps the keys of nested JSON objects to columns: {"a": {"b": 1}} is the column "a.b".
type tree struct {
	root     *key
	columns  []*key          // that hold values, in order of first appearance
	selected map[string]int  // cell of each name to deliver; nil while learning
	above    map[string]bool // names of the objects that hold them
	cells    []cell
	record   uint32 // generation of cells
	nodes    int
	depth    int
	probe    *shaper // while learning: looks for GeoJSON geometries in the outermost members, and one level below
	geometry int     // the cell that holds one, -1
	explode  string  // dotted name of the array whose elements are rows of their own
	array    cell    // where it lies in the record, with its key
	element  *key
}

// key is one place in the nesting.
type key struct {
	raw      string // between its quotes, as written
	name     string // dotted, unescaped
	children []*key
	byRaw    map[string]*key
	order    int // among its parent's children
	cell     int // -1: not delivered
	wanted   bool
	value    bool // met with a value that is no object and not null
	absent   bool // met as null
	listed   bool // among tree.columns
	shapes   int  // met as a GeoJSON geometry (while learning)
}

// cell is where the value of one column lies in the record that is being read.
type cell struct {
	record     uint32
	kind       cellKind
	start, end int
}

type cellKind uint8

const (
	cellRaw     cellKind = iota // number, literal, array or object, as written
	cellString                  // between its quotes
	cellEscaped                 // between its quotes, with escapes
	cellObject                  // a GeoJSON geometry object
)

// Keys beyond this many are not remembered: files that use ids as keys would fill the memory.
const maxKeys = 1 << 16

func newTree() *tree { return &tree{root: &key{cell: -1}, geometry: -1, record: 1} }

// child finds the key under parent. next is the order at which it is expected: records repeat their keys.
func (t *tree) child(parent *key, next int, raw []byte) *key {
	if next < len(parent.children) && parent.children[next].raw == string(raw) {
		return parent.children[next]
	}
	if k := parent.byRaw[string(raw)]; k != nil {
		return k
	}
	return t.add(parent, raw)
}

func (t *tree) add(parent *key, raw []byte) *key {
	k := &key{raw: string(raw), order: len(parent.children), cell: -1}
	if name, ok := unescape(nil, raw); ok {
		k.name = strings.ToValidUTF8(string(name), "\uFFFD")
	} else {
		k.name = k.raw
	}
	if parent != t.root {
		k.name = parent.name + "." + k.name
	}
	t.want(k)
	if t.nodes++; t.nodes <= maxKeys {
		if parent.byRaw == nil {
			parent.byRaw = map[string]*key{}
		}
		parent.children = append(parent.children, k)
		parent.byRaw[k.raw] = k
	}
	return k
}

// want links a key with the cells that are to be delivered.
func (t *tree) want(k *key) {
	k.cell, k.wanted = -1, t.above[k.name]
	if c, ok := t.selected[k.name]; ok {
		k.cell, k.wanted = c, true
	}
	for _, c := range k.children {
		t.want(c)
		k.wanted = k.wanted || c.wanted
	}
}

// choose fixes what is delivered: cell i of a record is then the value of names[i].
func (t *tree) choose(names []string) {
	t.selected, t.above = make(map[string]int, len(names)), map[string]bool{}
	for i, n := range names {
		t.selected[n] = i
		for at, c := range n {
			if c == '.' {
				t.above[n[:at]] = true
			}
		}
	}
	t.cells = make([]cell, len(names))
	for _, k := range t.root.children {
		t.want(k)
	}
}

// names of the columns met so far, except those below the key skip. A key that only ever was null is a column, one that
// only held objects is not.
func (t *tree) names(skip string) []string {
	var out []string
	seen := map[string]bool{}
	for _, k := range t.columns {
		if skip != "" && (k.name == skip || strings.HasPrefix(k.name, skip+".")) {
			continue
		}
		if (k.value || len(k.children) == 0) && !seen[k.name] {
			out, seen[k.name] = append(out, k.name), true
		}
	}
	return out
}

// forget empties the cells of the keys below k, before the next element of an exploded array.
func (t *tree) forget(k *key) {
	t.unset(k)
	for _, c := range k.children {
		t.forget(c)
	}
}

// next forgets the cells of the record before.
func (t *tree) next() { t.record++ }

// object reads the members of the object at b[i] into cells.
func (t *tree) object(b []byte, i int, parent *key) (end int, ok bool) {
	if t.depth++; t.depth > maxDepth {
		t.depth--
		return i, false
	}
	next := 0
	end, ok = members(b, i, func(start, stop, v int) (int, bool, bool) {
		k := t.child(parent, next, b[start:stop])
		next = k.order + 1
		end, ok := t.value(b, v, k)
		return end, ok, false
	})
	t.depth--
	return end, ok
}

func (t *tree) value(b []byte, v int, k *key) (end int, ok bool) {
	kind := cellRaw
	switch c := b[v]; {
	case c == '{':
		if k.cell >= 0 && k.cell == t.geometry {
			if end, ok = valueEnd(b, v, t.depth); ok {
				t.set(k, cellObject, v, end)
			}
			return end, ok
		}
		if t.probe != nil && t.depth <= 2 {
			if g, _, reason := t.probe.geojson(b, v, 0); g != nil && reason == "" {
				k.shapes++
			}
		}
		if t.selected != nil && !k.wanted {
			return valueEnd(b, v, t.depth)
		}
		return t.object(b, v, k)
	case c == '"':
		end, escaped, ok := stringEnd(b, v)
		if escaped {
			kind = cellEscaped
		} else {
			kind = cellString
		}
		if ok {
			t.set(k, kind, v+1, end-1)
		}
		return end, ok
	case c == '[':
		if end, ok = arrayEnd(b, v, t.depth); ok && t.explode != "" && k.name == t.explode {
			t.array, t.element = cell{t.record, cellRaw, v, end}, k
			return end, true
		}
	default:
		if end, ok = scalarEnd(b, v); ok && (c == 'n' || c == 'N' || b[end-1] == 'y') { // null, NaN, Infinity
			t.list(k)
			k.absent = true
			t.unset(k)
			return end, true
		}
	}
	if ok {
		t.set(k, kind, v, end)
	}
	return end, ok
}

func (t *tree) set(k *key, kind cellKind, start, end int) {
	t.list(k)
	k.value = true
	if k.cell >= 0 {
		t.cells[k.cell] = cell{t.record, kind, start, end}
	}
}

// unset makes a repeated key that ends as null absent: the last one counts.
func (t *tree) unset(k *key) {
	if k.cell >= 0 {
		t.cells[k.cell].record = t.record - 1
	}
}

func (t *tree) list(k *key) {
	if !k.listed && t.nodes <= maxKeys {
		k.listed = true
		t.columns = append(t.columns, k)
	}
}

// present says whether the record has a value in cell c.
func (t *tree) present(c int) bool { return t.cells[c].record == t.record }
