package gate

import (
	"fmt"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

// allowed are the only columns that a table made from a cube may have, with their types.
var allowed = map[string][]arrow.Type{
	"measure": {arrow.STRING}, "flow": {arrow.STRING}, "system": {arrow.STRING}, "slot": {arrow.STRING, arrow.DICTIONARY}, "class": {arrow.STRING, arrow.DICTIONARY},
	"zone": {arrow.INT32, arrow.UINT32}, "origin": {arrow.INT32, arrow.UINT32}, "destination": {arrow.INT32, arrow.UINT32},
	"value": {arrow.FLOAT64}, "lo": {arrow.FLOAT64}, "hi": {arrow.FLOAT64}, "rest": {arrow.FLOAT64}, "flag": {arrow.UINT8},
}

// Guard refuses a schema that could carry anything but protected figures out: an identifier, a hash, a free text, a fine time.
func Guard(table string, schema *arrow.Schema) error {
	for _, f := range schema.Fields() {
		if types, ok := allowed[f.Name]; !ok || !slices.Contains(types, f.Type.ID()) {
			return &model.Error{Kind: model.Withheld, Op: "publish", Subject: table,
				Err:  fmt.Errorf("column %s of type %s may not leave the gate", f.Name, f.Type),
				Hint: "figures have a zone, a slot, a value, an interval and a flag, and nothing else"}
		}
	}
	return nil
}
