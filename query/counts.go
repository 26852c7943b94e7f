package query

import (
	"context"
	"fmt"
	"math"
	"net/http"

	"jumeau/model/frame"
	"jumeau/model/layer"
	"jumeau/query/area"
	"jumeau/query/tile"
)

// counts answers GET and POST /counts/{layer}: how many features of a layer meet a condition and a geometry, and the sums of the properties
// that add up. Whole features are counted, also those that the geometry cuts.
func (s *Server) counts(w http.ResponseWriter, q *request) error {
	p, err := q.parameters(append([]string{"filter"}, whereNames...)...)
	if err != nil {
		return err
	}
	l, err := q.layer(q.parts[1])
	if err != nil {
		return err
	}
	file := q.rel.layers[l.ID]
	var chosen tile.Filter
	condition := ""
	if text, ok := p["filter"]; ok {
		f, err := parseFilter(text, file)
		if err != nil {
			return err
		}
		chosen, condition = f.Bind(file), f.String()
	}
	where, err := q.where(p)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("counts/%s/%s/%s", l.ID, where.key, condition)
	return s.send(w, q, answer{contentType: jsonType, key: key, varied: true, build: func(ctx context.Context) ([]byte, error) {
		t := newTally(file)
		if err := t.features(ctx, where.Shape, chosen); err != nil {
			return nil, err
		}
		return t.answer(q.rel.id, l.ID, condition), nil
	}})
}

// tally counts features and adds up those of their properties that add up.
type tally struct {
	file  *layer.File
	count int64
	sums  []total // by property; those that do not add up stay empty
}

type total struct {
	number float64
	whole  int64
	exact  bool // whole is the sum
	none   int64
}

func newTally(file *layer.File) *tally {
	t := &tally{file: file, sums: make([]total, len(file.Spec().Properties))}
	for i, p := range file.Spec().Properties {
		t.sums[i].exact = p.Type == layer.Integer
	}
	return t
}

// features takes in those that meet the shape, all when it is nil, and that the filter chooses, all when it is nil.
func (t *tally) features(ctx context.Context, shape *area.Shape, chosen tile.Filter) error {
	if shape != nil {
		for i, n := range t.file.Search(nil, shape.Box()) {
			if i%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if b, row := t.file.At(int(n)); (chosen == nil || chosen.Match(b, row)) && shape.Match(b, row) {
				t.add(b, row)
			}
		}
		return nil
	}
	for k := range t.file.Batches() {
		b := &t.file.Batches()[k]
		for row := range b.Rows {
			if row%65536 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if chosen == nil || chosen.Match(b, row) {
				t.add(b, row)
			}
		}
	}
	return nil
}

func (t *tally) add(b *layer.Batch, row int) {
	t.count++
	for i, p := range t.file.Spec().Properties {
		if !p.Sum {
			continue
		}
		c, sum := &b.Props[i], &t.sums[i]
		switch {
		case !c.Has(row) || p.Type == layer.Number && math.IsNaN(c.Num[row]):
			sum.none++
		case p.Type == layer.Number:
			sum.number += c.Num[row]
		default:
			v := c.Int[row]
			sum.number += float64(v)
			if after := sum.whole + v; (after > sum.whole) == (v > 0) {
				sum.whole = after
			} else if v != 0 {
				sum.exact = false
			}
		}
	}
}

func (t *tally) answer(rel, id, condition string) []byte {
	o := newObject(400).value("release", rel).value("layer", id)
	if condition != "" {
		o.value("filter", condition)
	}
	o.value("count", t.count).key("sums")
	sums := newObject(100)
	for i, p := range t.file.Spec().Properties {
		if !p.Sum {
			continue
		}
		s := t.sums[i]
		one := newObject(60)
		if s.exact {
			one.value("sum", s.whole)
		} else {
			one.number("sum", frame.Settle(s.number))
		}
		one.value("without_value", s.none)
		sums.raw(p.Name, one.b)
	}
	o.b = append(append(o.b, sums.b...), '}')
	return o.bytes()
}

// raw writes an object whose closing brace is missing, under a name that may be any text.
func (o *object) raw(name string, text []byte) {
	if len(o.b) > 1 {
		o.b = append(o.b, ',')
	}
	o.b = append(append(appendText(o.b, name), ':'), text...)
	o.b = append(o.b, '}')
}
