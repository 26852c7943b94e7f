package filter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/paulmach/orb/encoding/wkt"
	"github.com/paulmach/orb/geojson"

	"jumeau/model/layer"
)

// ParseJSON reads a filter in CQL2 JSON. It is written as text, names and texts in quotes, and read by ParseIn, so that both have the same
// rules and limits.
func ParseJSON(in []byte, properties []layer.Property, system Coordinates) (*Filter, error) {
	fail := func(problem string) error {
		return &Error{Position: 1, Problem: problem, Hint: `write {"op":"=","args":[{"property":"usage"},"school"]}`}
	}
	if len(in) > 2*MaxLength {
		return nil, fail(fmt.Sprintf("the filter is longer than %d bytes", 2*MaxLength))
	}
	decoder := json.NewDecoder(bytes.NewReader(in))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil || decoder.More() {
		return nil, fail("the filter is not JSON")
	}
	w := &translation{}
	if err := w.condition(v, 0); err != "" {
		return nil, fail(err)
	}
	parsed, err := ParseIn(w.String(), properties, system)
	if wrong, ok := err.(*Error); ok { //nolint:errorlint // ParseIn gives no other
		wrong.Position = 1 // of the text, which nobody wrote
	}
	return parsed, err
}

// translation writes CQL2 JSON as text. Its methods return what is wrong, or "".
type translation struct{ strings.Builder }

var signs = map[string]bool{"=": true, "<>": true, "<": true, "<=": true, ">": true, ">=": true}

func (w *translation) condition(v any, depth int) string {
	if depth > maxDepth {
		return fmt.Sprintf("conditions are nested deeper than %d", maxDepth)
	}
	if flag, ok := v.(bool); ok {
		fmt.Fprintf(w, "%v", flag)
		return ""
	}
	object, _ := v.(map[string]any)
	if name, ok := object["property"].(string); ok {
		w.name(name)
		return ""
	}
	op, ok := object["op"].(string)
	args, _ := object["args"].([]any)
	if !ok || len(args) == 0 {
		return "an operation with op and args is expected"
	}
	switch op = strings.ToLower(op); {
	case op == "and" || op == "or":
		return w.list(args, ") "+strings.ToUpper(op)+" (", depth)
	case op == "not" && len(args) == 1:
		w.WriteString("NOT ")
		return w.list(args, "", depth)
	case signs[op] && len(args) == 2:
		return w.operands(op, args)
	case op == "like" && len(args) == 2:
		return w.operands("LIKE", args)
	case op == "isnull" && len(args) == 1:
		err := w.operand(args[0])
		w.WriteString(" IS NULL")
		return err
	case op == "between" && len(args) == 3:
		err := w.operands("BETWEEN", args[:2])
		w.WriteString(" AND ")
		return first(err, w.operand(args[2]))
	case op == "in" && len(args) == 2:
		return w.in(args)
	case op == "s_intersects" && len(args) == 2:
		return w.intersects(args)
	}
	return fmt.Sprintf("op %.40q with %d args is not known here", op, len(args))
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// list joins conditions, each in parentheses.
func (w *translation) list(args []any, between string, depth int) string {
	w.WriteByte('(')
	if between != "" {
		w.WriteByte('(')
	}
	for i, arg := range args {
		if i > 0 {
			w.WriteString(between)
		}
		if err := w.condition(arg, depth+1); err != "" {
			return err
		}
	}
	w.WriteByte(')')
	if between != "" {
		w.WriteByte(')')
	}
	return ""
}

func (w *translation) operands(between string, args []any) string {
	err := w.operand(args[0])
	w.WriteString(" " + between + " ")
	return first(err, w.operand(args[1]))
}

func (w *translation) in(args []any) string {
	list, ok := args[1].([]any)
	if !ok {
		return "in takes a property and a list"
	}
	err := w.operand(args[0])
	w.WriteString(" IN (")
	for i, v := range list {
		if i > 0 {
			w.WriteString(", ")
		}
		err = first(err, w.operand(v))
	}
	w.WriteByte(')')
	return err
}

func (w *translation) name(name string) {
	w.WriteString(`"` + strings.ReplaceAll(name, `"`, `""`) + `"`)
}

func (w *translation) operand(v any) string {
	switch v := v.(type) {
	case string:
		w.WriteString(quote(v))
		return ""
	case bool:
		fmt.Fprintf(w, "%v", v)
		return ""
	case json.Number:
		w.WriteString(v.String())
		return ""
	case map[string]any:
		for key, keyword := range map[string]string{"date": "DATE", "timestamp": "TIMESTAMP"} {
			if text, ok := v[key].(string); ok {
				w.WriteString(keyword + "(" + quote(text) + ")")
				return ""
			}
		}
		if name, ok := v["property"].(string); ok {
			w.name(name)
			return ""
		}
	}
	return "a property, a text, a number, true or false is expected"
}

func (w *translation) intersects(args []any) string {
	w.WriteString("S_INTERSECTS(")
	for i, arg := range args {
		if i > 0 {
			w.WriteString(", ")
		}
		object, _ := arg.(map[string]any)
		if name, ok := object["property"].(string); ok {
			w.name(name)
			continue
		}
		if box, ok := object["bbox"].([]any); ok {
			w.WriteString("BBOX(")
			for k, v := range box {
				if k > 0 {
					w.WriteString(", ")
				}
				number, ok := v.(json.Number)
				if !ok {
					return "bbox takes four numbers"
				}
				w.WriteString(number.String())
			}
			w.WriteByte(')')
			continue
		}
		text, err := json.Marshal(object)
		if err != nil {
			return "a GeoJSON geometry is expected"
		}
		g, err := geojson.UnmarshalGeometry(text)
		if err != nil || g.Geometry() == nil {
			return "a GeoJSON geometry is expected"
		}
		w.WriteString(wkt.MarshalString(g.Geometry()))
	}
	w.WriteByte(')')
	return ""
}
