package frame

import (
	"cmp"
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"jumeau/model"
)

const flowsKind = "flows/1"

// FlowsSpec says what a flows file holds. All fields are required.
type FlowsSpec struct {
	Flow   string
	System string // zone system of origins and destinations
	Zones  int    // number of zones of the system
	Slots  []model.Slot
}

// Outside is the origin or destination of a flow that crosses the border of the zone system.
const Outside = math.MaxUint32

// Pairs are the figures of one slot by origin and destination zone index (one of them may be Outside), sorted by origin, then
// destination.
type Pairs struct {
	Origin, Destination []uint32
	Figures
}

// check holds pairs to their order and range, and figures to their flags.
func (p Pairs) check(zones int) error {
	if len(p.Origin) != len(p.Destination) {
		return fmt.Errorf("%d origins and %d destinations", len(p.Origin), len(p.Destination))
	}
	for i := range p.Origin {
		if err := p.inRange(i, zones); err != nil {
			return err
		}
		if i > 0 && cmp.Or(cmp.Compare(p.Origin[i-1], p.Origin[i]), cmp.Compare(p.Destination[i-1], p.Destination[i])) >= 0 {
			return fmt.Errorf("pair %d from %d to %d: out of order, or twice", i, p.Origin[i], p.Destination[i])
		}
	}
	return p.Figures.check(len(p.Origin))
}

// inRange holds both ends of pair i to the zones; one of them may be Outside.
func (p Pairs) inRange(i, zones int) error {
	origin, destination := p.Origin[i], p.Destination[i]
	known := func(end uint32) bool { return end == Outside || int64(end) < int64(zones) }
	if !known(origin) || !known(destination) || origin == Outside && destination == Outside {
		return fmt.Errorf("pair %d from %d to %d: there are %d zones", i, origin, destination, zones)
	}
	return nil
}

// From is the pairs that leave zone origin, without copying.
func (p Pairs) From(origin int) Pairs {
	a := sort.Search(len(p.Origin), func(i int) bool { return int(p.Origin[i]) >= origin })
	b := sort.Search(len(p.Origin), func(i int) bool { return int(p.Origin[i]) > origin })
	return Pairs{Origin: p.Origin[a:b], Destination: p.Destination[a:b], Figures: p.Slice(a, b)}
}

// To copies the pairs that arrive in zone destination, by origin.
func (p Pairs) To(destination int) Pairs {
	var out Pairs
	for i, d := range p.Destination {
		if int(d) != destination {
			continue
		}
		out.Origin, out.Destination = append(out.Origin, p.Origin[i]), append(out.Destination, d)
		out.Value, out.Lo = append(out.Value, p.Value[i]), append(out.Lo, p.Lo[i])
		out.Hi, out.Flag = append(out.Hi, p.Hi[i]), append(out.Flag, p.Flag[i])
	}
	return out
}

// FlowsWriter writes the pairs of one flow, slot after slot. Not safe for concurrent use.
type FlowsWriter struct {
	spec  FlowsSpec
	file  *file
	slots *slotWriter
}

// CreateFlows makes the file at path, which must not exist.
func CreateFlows(path string, spec FlowsSpec) (*FlowsWriter, error) {
	slots, err := newSlotWriter(spec.Slots)
	if err != nil {
		return nil, refused(path, "", err)
	}
	fields := append([]arrow.Field{
		{Name: "slot", Type: slotType},
		{Name: "origin", Type: arrow.PrimitiveTypes.Uint32},
		{Name: "destination", Type: arrow.PrimitiveTypes.Uint32},
	}, figureFields()...)
	out, err := create(path, arrow.NewSchema(fields, metadata(flowsKind, spec.Flow, spec.System, spec.Zones)))
	if err != nil {
		return nil, err
	}
	return &FlowsWriter{spec: spec, file: out, slots: slots}, nil
}

// Write appends the pairs of the next slot, sorted by origin, then destination.
func (w *FlowsWriter) Write(p Pairs) error {
	if w.slots.left() == nil {
		return refused(w.file.path, "", fmt.Errorf("more pairs than the %d slots announced", len(w.spec.Slots)))
	}
	if err := p.check(w.spec.Zones); err != nil {
		return refused(w.file.path, "slot "+string(w.spec.Slots[w.slots.next]), err)
	}
	n := len(p.Origin)
	return w.file.write(n, w.slots.column(n), indexColumn(p.Origin, nil), indexColumn(p.Destination, nil),
		numberColumn(p.Value), numberColumn(p.Lo), numberColumn(p.Hi), flagColumn(p.Flag))
}

// Close ends the file. It is an error when a slot is missing.
func (w *FlowsWriter) Close() error {
	missing := w.slots.left()
	if err := w.file.close(); err != nil {
		return err
	}
	if missing != nil {
		return refused(w.file.path, "", missing)
	}
	return nil
}

// Flows is an open flows file. Safe for concurrent use until Close.
type Flows struct {
	Flow, System string
	Zones        int
	Slots        []model.Slot // in order

	file  *mapped
	pairs []Pairs
	index map[model.Slot]int
}

// OpenFlows maps the file at path.
func OpenFlows(path string) (*Flows, error) {
	m, err := openMapped(path, flowsKind)
	if err != nil {
		return nil, err
	}
	f := &Flows{Flow: m.meta[keyName], System: m.meta[keySystem], file: m}
	if err := guard(f.read); err != nil {
		m.Close()
		return nil, broken(path, err)
	}
	return f, nil
}

func (f *Flows) read() (err error) {
	if f.Zones, err = strconv.Atoi(f.file.meta[keyZones]); err != nil {
		return err
	}
	if f.Slots, err = f.file.readSlots(); err != nil {
		return err
	}
	f.index = make(map[model.Slot]int, len(f.Slots))
	for i, slot := range f.Slots {
		batch := f.file.batches[i]
		var p Pairs
		if p.Origin, err = column[uint32](batch, 1, "uint32"); err != nil {
			return err
		}
		if p.Destination, err = column[uint32](batch, 2, "uint32"); err != nil {
			return err
		}
		if p.Figures, err = figures(batch, 3); err != nil {
			return err
		}
		for j := range p.Origin {
			if err := p.inRange(j, f.Zones); err != nil {
				return fmt.Errorf("slot %s: %w", slot, err)
			}
		}
		f.pairs = append(f.pairs, p)
		f.index[slot] = i
	}
	return nil
}

// At is the pairs of a slot; false when the flow has no such slot.
func (f *Flows) At(slot model.Slot) (Pairs, bool) {
	i, ok := f.index[slot]
	if !ok {
		return Pairs{}, false
	}
	return f.pairs[i], true
}

// Stream is the figures of a slot as an Arrow IPC stream, in parts to be sent one after the other: they are the file's own
// bytes, valid until Close. False when there is no such slot.
func (f *Flows) Stream(slot model.Slot) ([][]byte, bool) {
	i, ok := f.index[slot]
	if !ok {
		return nil, false
	}
	return f.file.stream(i), true
}

// Check reads every pair and holds it to its order, range and flag.
func (f *Flows) Check() error {
	for i, p := range f.pairs {
		if err := p.check(f.Zones); err != nil {
			return fmt.Errorf("slot %s: %w", f.Slots[i], err)
		}
	}
	return nil
}

// Bytes is the size of the file.
func (f *Flows) Bytes() int64 { return int64(len(f.file.data)) }

// Close unmaps the file; no slice or batch read from it may be used afterwards.
func (f *Flows) Close() error { return f.file.Close() }
