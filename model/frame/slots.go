package frame

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/model"
)

// slotType is the type of the slot column: the texts are written once, each row of a batch points at its slot.
var slotType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: arrow.BinaryTypes.String}

// slotWriter makes the slot column of the batches of one file.
type slotWriter struct {
	slots []model.Slot
	next  int
}

func newSlotWriter(slots []model.Slot) (*slotWriter, error) {
	if len(slots) == 0 || len(slots) > math.MaxInt16 {
		return nil, fmt.Errorf("%d slots, want 1 to %d", len(slots), math.MaxInt16)
	}
	seen := make(map[model.Slot]bool, len(slots))
	for _, s := range slots {
		if s.Kind() == "" || seen[s] {
			return nil, fmt.Errorf("slot %q is malformed or comes twice", s)
		}
		seen[s] = true
	}
	return &slotWriter{slots: slots}, nil
}

// column is the slot column of the next batch.
func (w *slotWriter) column(rows int) arrow.Array {
	names := make([]string, len(w.slots))
	for i, s := range w.slots {
		names[i] = string(s)
	}
	dictionary := textColumn(names)
	defer dictionary.Release()
	b := array.NewInt16Builder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(rows)
	for range rows {
		b.UnsafeAppend(int16(w.next))
	}
	indices := b.NewArray()
	defer indices.Release()
	w.next++
	return array.NewDictionaryArray(slotType, indices, dictionary)
}

// left says which slot was not written.
func (w *slotWriter) left() error {
	if w.next < len(w.slots) {
		return fmt.Errorf("%d of %d slots written, %s is missing", w.next, len(w.slots), w.slots[w.next])
	}
	return nil
}

// readSlots is the slots of a file, checked: batch i belongs to slot i and to no other.
func (m *mapped) readSlots() ([]model.Slot, error) {
	slots := make([]model.Slot, len(m.texts))
	for i, text := range m.texts {
		slots[i] = model.Slot(text)
	}
	if _, err := newSlotWriter(slots); err != nil {
		return nil, err
	}
	if len(slots) != len(m.batches) {
		return nil, fmt.Errorf("%d slots in %d batches", len(slots), len(m.batches))
	}
	for i, b := range m.batches {
		indices, err := column[int16](b, 0, "slots")
		if err != nil {
			return nil, err
		}
		for _, index := range indices {
			if int(index) != i {
				return nil, fmt.Errorf("batch %d holds rows of slot %d", i, index)
			}
		}
	}
	return slots, nil
}

// figures reads the four figure columns of a batch, from column first on.
func figures(b batch, first int) (f Figures, err error) {
	if f.Value, err = column[float64](b, first, "double"); err != nil {
		return f, err
	}
	if f.Lo, err = column[float64](b, first+1, "double"); err != nil {
		return f, err
	}
	if f.Hi, err = column[float64](b, first+2, "double"); err != nil {
		return f, err
	}
	f.Flag, err = column[model.Flag](b, first+3, "uint8")
	return f, err
}

// stream is the batch of slot i as an Arrow IPC stream: the parts of the file that make one, in order, not copied.
func (m *mapped) stream(i int) [][]byte {
	return [][]byte{m.head, m.batches[i].message, endOfStream}
}

func figureFields() []arrow.Field {
	return []arrow.Field{
		{Name: "value", Type: arrow.PrimitiveTypes.Float64},
		{Name: "lo", Type: arrow.PrimitiveTypes.Float64},
		{Name: "hi", Type: arrow.PrimitiveTypes.Float64},
		{Name: "flag", Type: arrow.PrimitiveTypes.Uint8},
	}
}
