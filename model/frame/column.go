package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"jumeau/model"
)

// column is column i of a batch as numbers of T, straight from the mapping.
func column[T uint8 | uint32 | int16 | float64 | model.Flag](b batch, i int, kind string) ([]T, error) {
	if i >= len(b.columns) || b.columns[i].kind != kind {
		return nil, fmt.Errorf("column %d is not %s", i, kind)
	}
	col := b.columns[i]
	if col.nulls != 0 {
		return nil, fmt.Errorf("column %s has nulls", col.name)
	}
	return cast[T](col.data, b.rows, col.name)
}

func cast[T uint8 | uint32 | int16 | float64 | model.Flag](data []byte, n int, name string) ([]T, error) {
	if n == 0 {
		return nil, nil
	}
	size := int(unsafe.Sizeof(*new(T)))
	if len(data)/size < n {
		return nil, fmt.Errorf("column %s: %d bytes for %d rows", name, len(data), n)
	}
	start := unsafe.Pointer(unsafe.SliceData(data))
	if uintptr(start)%uintptr(size) != 0 {
		return nil, fmt.Errorf("column %s is not aligned", name)
	}
	return unsafe.Slice((*T)(start), n), nil
}

// texts copies text column i out of the mapping.
func (b batch) texts(i int) ([]string, error) {
	if i >= len(b.columns) || b.columns[i].kind != "utf8" || b.columns[i].nulls != 0 {
		return nil, fmt.Errorf("column %d is not text without nulls", i)
	}
	if b.rows == 0 {
		return nil, nil
	}
	col := b.columns[i]
	if len(col.data)/4 < b.rows+1 {
		return nil, fmt.Errorf("column %s: %d bytes of offsets for %d rows", col.name, len(col.data), b.rows)
	}
	out := make([]string, b.rows)
	for row := range out {
		a, end := binary.LittleEndian.Uint32(col.data[4*row:]), binary.LittleEndian.Uint32(col.data[4*row+4:])
		if end < a || int(end) > len(col.text) {
			return nil, errors.New("text offsets out of order")
		}
		out[row] = string(col.text[a:end])
	}
	return out, nil
}

// indices copies column i of indices, with NoParent where it is null.
func (b batch) indices(i int) ([]uint32, error) {
	col := b.columns[i]
	if col.kind != "uint32" {
		return nil, fmt.Errorf("column %s is not uint32", col.name)
	}
	mapping, err := cast[uint32](col.data, b.rows, col.name)
	if err != nil {
		return nil, err
	}
	out := append([]uint32{}, mapping...)
	if col.nulls == 0 {
		return out, nil
	}
	if len(col.validity) < (b.rows+7)/8 {
		return nil, fmt.Errorf("column %s: validity of %d bytes for %d rows", col.name, len(col.validity), b.rows)
	}
	for row := range out {
		if col.validity[row/8]>>(row%8)&1 == 0 {
			out[row] = NoParent
		}
	}
	return out, nil
}
