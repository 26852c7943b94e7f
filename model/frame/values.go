package frame

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

const valuesKind = "values/1"

// ValuesSpec says what a values file holds. All fields are required.
type ValuesSpec struct {
	Measure string
	System  string // zone system
	Zones   int    // number of zones of the system
	Slots   []model.Slot
}

// ValuesWriter writes the figures of one measure by zone of one system, slot after slot. Not safe for concurrent use.
type ValuesWriter struct {
	spec  ValuesSpec
	file  *file
	slots *slotWriter
	zones []uint32
}

// CreateValues makes the file at path, which must not exist.
func CreateValues(path string, spec ValuesSpec) (*ValuesWriter, error) {
	slots, err := newSlotWriter(spec.Slots)
	if err != nil {
		return nil, refused(path, "", err)
	}
	fields := append([]arrow.Field{{Name: "slot", Type: slotType}, {Name: "zone", Type: arrow.PrimitiveTypes.Uint32}}, figureFields()...)
	out, err := create(path, arrow.NewSchema(fields, metadata(valuesKind, spec.Measure, spec.System, spec.Zones)))
	if err != nil {
		return nil, err
	}
	w := &ValuesWriter{spec: spec, file: out, slots: slots, zones: make([]uint32, spec.Zones)}
	for i := range w.zones {
		w.zones[i] = uint32(i)
	}
	return w, nil
}

// Write appends the figures of the next slot, one per zone in the system's order.
func (w *ValuesWriter) Write(f Figures) error {
	if w.slots.left() == nil {
		return refused(w.file.path, "", fmt.Errorf("more figures than the %d slots announced", len(w.spec.Slots)))
	}
	if err := f.check(w.spec.Zones); err != nil {
		return refused(w.file.path, "slot "+string(w.spec.Slots[w.slots.next]), err)
	}
	return w.file.write(w.spec.Zones, w.slots.column(w.spec.Zones), indexColumn(w.zones, nil),
		numberColumn(f.Value), numberColumn(f.Lo), numberColumn(f.Hi), flagColumn(f.Flag))
}

// Close ends the file. It is an error when a slot is missing.
func (w *ValuesWriter) Close() error {
	missing := w.slots.left()
	if err := w.file.close(); err != nil {
		return err
	}
	if missing != nil {
		return refused(w.file.path, "", missing)
	}
	return nil
}

// Values is an open values file. Safe for concurrent use until Close.
type Values struct {
	Measure, System string
	Zones           int
	Slots           []model.Slot // in order

	file    *mapped
	figures []Figures
	index   map[model.Slot]int
}

// OpenValues maps the file at path.
func OpenValues(path string) (*Values, error) {
	m, err := openMapped(path, valuesKind)
	if err != nil {
		return nil, err
	}
	v := &Values{Measure: m.meta[keyName], System: m.meta[keySystem], file: m}
	if err := guard(v.read); err != nil {
		m.Close()
		return nil, broken(path, err)
	}
	return v, nil
}

func (v *Values) read() (err error) {
	if v.Zones, err = strconv.Atoi(v.file.meta[keyZones]); err != nil {
		return err
	}
	if v.Slots, err = v.file.readSlots(); err != nil {
		return err
	}
	v.index = make(map[model.Slot]int, len(v.Slots))
	for i, slot := range v.Slots {
		batch := v.file.batches[i]
		if batch.rows != v.Zones {
			return fmt.Errorf("slot %s has %d rows, want %d zones", slot, batch.rows, v.Zones)
		}
		zones, err := column[uint32](batch, 1, "uint32")
		if err != nil {
			return err
		}
		for z, zone := range zones {
			if int(zone) != z {
				return fmt.Errorf("slot %s: zone %d at row %d", slot, zone, z)
			}
		}
		f, err := figures(batch, 2)
		if err != nil {
			return err
		}
		v.figures = append(v.figures, f)
		v.index[slot] = i
	}
	return nil
}

// At is the figures of a slot, zone by zone; false when the measure has no such slot.
func (v *Values) At(slot model.Slot) (Figures, bool) {
	i, ok := v.index[slot]
	if !ok {
		return Figures{}, false
	}
	return v.figures[i], true
}

// Profile copies the figures of one zone, slot by slot. The zone must be in range.
func (v *Values) Profile(zone int) Figures {
	p := NewFigures(len(v.Slots))
	for i, f := range v.figures {
		p.Value[i], p.Lo[i], p.Hi[i], p.Flag[i] = f.Value[zone], f.Lo[zone], f.Hi[zone], f.Flag[zone]
	}
	return p
}

// Stream is the figures of a slot as an Arrow IPC stream, in parts to be sent one after the other: they are the file's own
// bytes, valid until Close. False when there is no such slot.
func (v *Values) Stream(slot model.Slot) ([][]byte, bool) {
	i, ok := v.index[slot]
	if !ok {
		return nil, false
	}
	return v.file.stream(i), true
}

// Check reads every figure and holds it to its flag.
func (v *Values) Check() error {
	for i, f := range v.figures {
		if err := f.check(v.Zones); err != nil {
			return fmt.Errorf("slot %s: %w", v.Slots[i], err)
		}
	}
	return nil
}

// Bytes is the size of the file.
func (v *Values) Bytes() int64 { return int64(len(v.file.data)) }

// Close unmaps the file; no slice or batch read from it may be used afterwards.
func (v *Values) Close() error { return v.file.Close() }
