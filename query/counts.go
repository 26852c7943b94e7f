package query

import (
	"context"
	"fmt"
	"math"
	"net/http"

	"jumeau/model/frame"
	"jumeau/model/layer"
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
	chosen := &selection{layer: l, file: q.rel.layers[l.ID]}
	condition := ""
	if text, ok := p["filter"]; ok {
		if chosen.parsed, err = parseFilter(text, chosen.file); err != nil {
			return err
		}
		chosen.bound, condition = chosen.parsed.Bind(chosen.file), chosen.parsed.String()
	}
	where, err := q.where(p)
	if err != nil {
		return err
	}
	chosen.place = where.Shape
	key := fmt.Sprintf("counts/%s/%s/%s", l.ID, where.key, condition)
	return s.send(w, q, answer{contentType: jsonType, key: key, varied: true, build: func(ctx context.Context) ([]byte, error) {
		t := newTally(chosen.file)
		if err := chosen.each(ctx, 0, func(_ int, b *layer.Batch, row int) bool { t.add(b, row); return true }); err != nil {
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
