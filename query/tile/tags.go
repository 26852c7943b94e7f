package tile

import (
	"math"

	"jumeau/model/layer"
)

// tags collects the properties of features: pairs of a key's and a value's number in the layer.
type tags struct {
	pairs  []byte // of the feature being encoded
	keys   []byte // messages of the keys used
	count  int    // of keys
	key    []int32
	names  []string // of the keys: id, the properties, the count of an aggregated feature
	values valueTable
	codes  [][]uint64 // per dictionary-encoded property: epoch<<32 | number of the value, by code
	epoch  uint64
}

func (t *tags) begin(f *layer.File) {
	spec := f.Spec()
	t.pairs, t.keys, t.count = t.pairs[:0], t.keys[:0], 0
	t.key, t.names = t.key[:0], append(t.names[:0], "id")
	for _, p := range spec.Properties {
		t.names = append(t.names, p.Name)
	}
	t.names = append(t.names, spec.CountName())
	for range t.names {
		t.key = append(t.key, -1)
	}
	t.values.begin()
	t.epoch++
	for len(t.codes) < len(spec.Properties) {
		t.codes = append(t.codes, nil)
	}
}

func (t *tags) pair(key int, value int) {
	if t.key[key] < 0 {
		t.key[key] = int32(t.count)
		t.count++
		t.keys = appendVarint(append(t.keys, layerKey), uint64(len(t.names[key])))
		t.keys = append(t.keys, t.names[key]...)
	}
	t.pairs = appendVarint(appendVarint(t.pairs, uint64(t.key[key])), uint64(value))
}

// of makes the tags of one feature: its id and its properties.
func (t *tags) of(b *layer.Batch, row int) {
	t.pairs = t.pairs[:0]
	t.pair(0, t.values.addText(b.IDs.At(row)))
	for j := range b.Props {
		if c := &b.Props[j]; c.Has(row) {
			t.pair(j+1, t.value(j, c, row))
		}
	}
}

// shared makes the tags of an aggregated feature: the properties of row in agree, and the number of features.
func (t *tags) shared(b *layer.Batch, row int, agree []bool, count int) {
	t.pairs = t.pairs[:0]
	for j := range b.Props {
		if c := &b.Props[j]; agree[j] && c.Has(row) {
			t.pair(j+1, t.value(j, c, row))
		}
	}
	t.pair(len(t.names)-1, t.values.integer(int64(count)))
}

// value is the number of a row's value in the layer.
func (t *tags) value(j int, c *layer.Column, row int) int {
	switch c.Type {
	case layer.Integer:
		return t.values.integer(c.Int[row])
	case layer.Number:
		return t.values.number(c.Num[row])
	case layer.Boolean:
		return t.values.boolean(c.Flag(row))
	}
	if c.Code == nil {
		return t.values.text(c.Text.At(row))
	}
	if len(t.codes[j]) < c.Dict.Len() {
		t.codes[j] = make([]uint64, c.Dict.Len())
	}
	at := &t.codes[j][c.Code[row]]
	if *at>>32 != t.epoch {
		*at = t.epoch<<32 | uint64(t.values.addText(c.Dict.At(int(c.Code[row]))))
	}
	return int(*at & math.MaxUint32)
}

// sameValue says whether two rows have the same value, or both none.
func sameValue(a *layer.Column, i int, b *layer.Column, j int) bool {
	if a.Has(i) != b.Has(j) {
		return false
	}
	if !a.Has(i) {
		return true
	}
	switch a.Type {
	case layer.Integer:
		return a.Int[i] == b.Int[j]
	case layer.Number:
		return math.Float64bits(a.Num[i]) == math.Float64bits(b.Num[j])
	case layer.Boolean:
		return a.Flag(i) == b.Flag(j)
	}
	if a.Code != nil {
		return a.Code[i] == b.Code[j]
	}
	return string(a.Text.At(i)) == string(b.Text.At(j))
}
