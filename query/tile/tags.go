package tile

import (
	"math"

	"jumeau/model"
	"jumeau/model/layer"
)

// tags collects the properties of features: pairs of a key's and a value's number in the layer.
type tags struct {
	pairs  []byte // of the feature being encoded
	keys   []byte // messages of the keys used
	count  int    // of keys
	key    []int32
	names  []string // of the keys: id, the properties, the count of an aggregated feature, the figures
	spec   *layer.Spec
	bare   bool // nothing but counts, sums and figures
	figure *Figures
	sums   bool // a property has a sum
	values valueTable
	codes  [][]uint64 // per dictionary-encoded property: epoch<<32 | number of the value, by code
	epoch  uint64
}

func (t *tags) begin(f *layer.File, figures *Figures, bare bool) {
	spec := f.Spec()
	t.spec, t.bare, t.figure = spec, bare, figures
	t.pairs, t.keys, t.count = t.pairs[:0], t.keys[:0], 0
	t.key, t.names = t.key[:0], append(t.names[:0], "id")
	t.sums = false
	for _, p := range spec.Properties {
		t.names = append(t.names, p.Name)
		t.sums = t.sums || p.Sum
	}
	t.names = append(t.names, spec.CountName())
	if figures != nil {
		t.names = append(t.names, figures.Names[:]...)
	}
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
	if !t.bare {
		t.pair(0, t.values.addText(b.IDs.At(row)))
	}
	for j := range b.Props {
		if c := &b.Props[j]; c.Has(row) && (!t.bare || t.spec.Properties[j].Sum) {
			t.pair(j+1, t.value(j, c, row))
		}
	}
	if t.figure != nil {
		t.figures(b.Key[row])
	}
}

// figures adds those of the zone with a key: its flag, and its numbers where there are any to be published.
func (t *tags) figures(key uint64) {
	f := &t.figure.Figures
	if key == 0 || key > uint64(f.Len()) {
		return
	}
	i, first := int(key-1), len(t.spec.Properties)+2
	t.pair(first+3, t.values.integer(int64(f.Flag[i])))
	if f.Flag[i] == model.NotPublished || f.Flag[i] == model.NoData {
		return
	}
	for k, v := range [3]float64{f.Value[i], f.Lo[i], f.Hi[i]} {
		if !math.IsNaN(v) {
			t.pair(first+k, t.values.number(v))
		}
	}
}

// shared makes the tags of an aggregated feature: sums, the other properties of row on which all agree, and the number of
// features.
func (t *tags) shared(b *layer.Batch, row int, agree []bool, sums []sum, count int) {
	t.pairs = t.pairs[:0]
	for j := range b.Props {
		c := &b.Props[j]
		switch {
		case t.spec.Properties[j].Sum:
			if sums[j].some {
				t.pair(j+1, t.sum(c, &sums[j]))
			}
		case agree[j] && c.Has(row) && !t.bare:
			t.pair(j+1, t.value(j, c, row))
		}
	}
	t.pair(len(t.spec.Properties)+1, t.values.integer(int64(count)))
}

func (t *tags) sum(c *layer.Column, s *sum) int {
	if c.Type == layer.Integer && !s.broken {
		return t.values.integer(s.whole)
	}
	return t.values.number(s.number)
}

// forget lets go of the layer.
func (t *tags) forget() { t.spec, t.figure = nil, nil }

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

// hashProperties is equal for rows whose properties, sums apart, are equal.
func hashProperties(spec *layer.Spec, b *layer.Batch, row int) uint64 {
	h := uint64(0)
	for j := range b.Props {
		c := &b.Props[j]
		if spec.Properties[j].Sum || !c.Has(row) {
			h = mix(h + 1)
			continue
		}
		switch {
		case c.Type == layer.Integer:
			h = mix(h ^ uint64(c.Int[row]))
		case c.Type == layer.Number:
			h = mix(h ^ math.Float64bits(c.Num[row]))
		case c.Type == layer.Boolean && c.Flag(row):
			h = mix(h + 2)
		case c.Type == layer.Boolean:
			h = mix(h + 3)
		case c.Code != nil:
			h = mix(h ^ uint64(c.Code[row]))
		default:
			h = mix(h ^ hashText(c.Text.At(row)))
		}
	}
	return h
}
