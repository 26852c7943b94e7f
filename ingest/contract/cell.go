package contract

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

type cellState uint8

const (
	isNull cellState = iota
	isText
	isNumber  // number holds integers, reals and booleans
	isInstant // number holds microseconds since 1970 UTC
	isWall    // number holds microseconds since 1970 of a clock whose zone the file does not say
)

// cell reads row i of an Arrow column.
type cell func(i int) (text string, number float64, state cellState)

// cells gives access to a column of any type that a reader delivers; values that are neither text nor number nor time are
// read as their text.
func cells(values arrow.Array) cell {
	get := plainCells(values)
	if values.NullN() == 0 {
		return get
	}
	return func(i int) (string, float64, cellState) {
		if values.IsNull(i) {
			return "", 0, isNull
		}
		return get(i)
	}
}

func plainCells(values arrow.Array) cell {
	text := func(at func(int) string) cell {
		return func(i int) (string, float64, cellState) { return at(i), 0, isText }
	}
	switch v := values.(type) {
	case *array.String:
		return text(v.Value)
	case *array.LargeString:
		return text(v.Value)
	case *array.Binary:
		return text(v.ValueString)
	case *array.Dictionary:
		inner := cells(v.Dictionary())
		return func(i int) (string, float64, cellState) { return inner(v.GetValueIndex(i)) }
	case *array.Boolean:
		return func(i int) (string, float64, cellState) {
			if v.Value(i) {
				return "true", 1, isNumber
			}
			return "false", 0, isNumber
		}
	case *array.Timestamp:
		stamp := v.DataType().(*arrow.TimestampType)
		state := isInstant
		if stamp.TimeZone == "" {
			state = isWall
		}
		return func(i int) (string, float64, cellState) {
			return "", float64(v.Value(i).ToTime(stamp.Unit).UnixMicro()), state
		}
	case *array.Date32:
		return func(i int) (string, float64, cellState) {
			return "", float64(v.Value(i).ToTime().UnixMicro()), isWall
		}
	case *array.Date64:
		return func(i int) (string, float64, cellState) {
			return "", float64(v.Value(i).ToTime().UnixMicro()), isWall
		}
	}
	if at := numbers(values); at != nil {
		return func(i int) (string, float64, cellState) { return "", at(i), isNumber }
	}
	return text(values.ValueStr)
}

// numbers reads numeric columns, or is nil; 64-bit integers and decimals are read as their text, which loses nothing.
func numbers(values arrow.Array) func(int) float64 {
	switch v := values.(type) {
	case *array.Float64:
		return v.Value
	case *array.Float32:
		return func(i int) float64 { return float64(v.Value(i)) }
	case *array.Int32:
		return func(i int) float64 { return float64(v.Value(i)) }
	case *array.Int16:
		return func(i int) float64 { return float64(v.Value(i)) }
	case *array.Int8:
		return func(i int) float64 { return float64(v.Value(i)) }
	case *array.Uint32:
		return func(i int) float64 { return float64(v.Value(i)) }
	case *array.Uint16:
		return func(i int) float64 { return float64(v.Value(i)) }
	case *array.Uint8:
		return func(i int) float64 { return float64(v.Value(i)) }
	}
	return nil
}
