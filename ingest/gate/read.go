package gate

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// reader turns one worker's batches into rows. Only the columns that a table names are looked at.
type reader struct {
	g      *Gate
	keyed  *keyed
	stages []*stage

	units  []uint64
	known  []bool // rows whose unit is known
	at     []int64
	places [3][]int32
	slots  []int32
	reals  [2][]float64
	memory recent
}

func (g *Gate) newReader() *reader {
	r := &reader{g: g, keyed: g.keyed.clone(), memory: newRecent()}
	for _, t := range g.tables {
		var s *stage
		if t.tally != nil {
			s = t.tally.stage()
		}
		r.stages = append(r.stages, s)
	}
	return r
}

// end hands over what is staged and zeroes what is left.
func (r *reader) end() {
	for _, s := range r.stages {
		if s != nil {
			s.end()
		}
	}
	r.keyed.zero()
	clear(r.units[:cap(r.units)])
	r.memory.zero()
}

func column(rec arrow.RecordBatch, name string) (arrow.Array, error) {
	at := rec.Schema().FieldIndices(name)
	if len(at) != 1 {
		return nil, fmt.Errorf("the batch has %d columns %q", len(at), name)
	}
	return rec.Column(at[0]), nil
}

// read adds a batch to every table.
func (r *reader) read(rec arrow.RecordBatch) error {
	n := int(rec.NumRows())
	unit, err := column(rec, r.g.unit)
	if err != nil {
		return err
	}
	if err := r.readUnits(unit, n); err != nil {
		return err
	}
	for i, t := range r.g.tables {
		if err := r.table(rec, t, r.stages[i], n); err != nil {
			return fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	return nil
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// recent remembers the pseudonyms of identifiers met lately, which saves most of the keyed hashing of a source whose units come
// back. It grows with the number of units, to 32 MiB a worker, and is zeroed with the rest. A text is known by a 64-bit hash of the
// process.
type recent struct {
	ids, units []uint64 // a power of two of them
	shift      int
	missed     int
	texts      maphash.Seed
}

const (
	rememberedFirst = 12 // logarithms of the number of identifiers
	rememberedMost  = 21
)

func newRecent() recent {
	m := recent{texts: maphash.MakeSeed()}
	m.grow(rememberedFirst)
	return m
}

func (m *recent) grow(log int) {
	m.zero()
	m.ids, m.units, m.shift, m.missed = make([]uint64, 1<<log), make([]uint64, 1<<log), 64-log, 0
}

func (m *recent) zero() {
	clear(m.ids)
	clear(m.units)
}

// of is the pseudonym of an identifier known by v, made by pseudonym when it is not remembered.
func (m *recent) of(v uint64, pseudonym func() uint64) uint64 {
	slot := v * 0x9e3779b97f4a7c15 >> m.shift
	if m.ids[slot] == v && m.units[slot] != 0 {
		return m.units[slot]
	}
	if m.missed++; m.missed > len(m.ids) && 64-m.shift < rememberedMost {
		m.grow(min(66-m.shift, rememberedMost))
		slot = v * 0x9e3779b97f4a7c15 >> m.shift
	}
	u := pseudonym()
	m.ids[slot], m.units[slot] = v, u
	return u
}

func (r *reader) number(v uint64) uint64 {
	return r.memory.of(v, func() uint64 { return r.keyed.number(v) })
}

func (r *reader) text(s string) uint64 {
	return r.memory.of(maphash.String(r.memory.texts, s), func() uint64 { return r.keyed.text(s) })
}

func (r *reader) readUnits(column arrow.Array, n int) error {
	r.units, r.known = sized(r.units, n), sized(r.known, n)
	for i := range n {
		r.known[i] = column.IsValid(i)
	}
	switch c := column.(type) {
	case *array.String:
		for i := range n {
			r.units[i] = r.text(c.Value(i))
		}
	case *array.Int64:
		for i, v := range c.Int64Values() {
			r.units[i] = r.number(uint64(v))
		}
	case *array.Int32:
		for i, v := range c.Int32Values() {
			r.units[i] = r.number(uint64(v))
		}
	default:
		return fmt.Errorf("a unit of type %s: text or integer is due", column.DataType())
	}
	return nil
}

// table finds the cells of the rows of one table.
func (r *reader) table(rec arrow.RecordBatch, t *table, s *stage, n int) error {
	if err := r.readTime(rec, t, n); err != nil {
		return err
	}
	if t.tracks != nil {
		return r.readTracks(rec, t, n)
	}
	if err := r.readPlaces(rec, t, n); err != nil {
		return err
	}
	if t.exact != nil {
		return r.readExact(rec, t, n)
	}
	for i, place := range r.places[0] {
		if place >= 0 && r.slots[i] >= 0 && r.known[i] {
			s.add(r.units[i], uint64(r.slots[i]), uint64(place))
		}
	}
	return t.tally.err()
}

// readTime finds the slot of every row: from an instant or a date, a text that is a slot, or a whole number that is its index.
func (r *reader) readTime(rec arrow.RecordBatch, t *table, n int) error {
	r.slots, r.at = sized(r.slots, n), sized(r.at, n)
	if r.g.time == "" {
		if len(t.calendar.slots) > 1 || t.tracks != nil {
			return fmt.Errorf("slots of kind %s need a column with role time", t.Slot)
		}
		clear(r.slots)
		return nil
	}
	times, err := column(rec, r.g.time)
	if err != nil {
		return err
	}
	switch c := times.(type) {
	case *array.Timestamp:
		per := int64(1)
		switch c.DataType().(*arrow.TimestampType).Unit {
		case arrow.Millisecond:
			per = 1e3
		case arrow.Microsecond:
			per = 1e6
		case arrow.Nanosecond:
			per = 1e9
		}
		for i, v := range c.TimestampValues() {
			r.at[i] = int64(v) / per
			r.slots[i] = t.calendar.at(r.at[i])
		}
	case *array.Date32:
		for i, v := range c.Date32Values() {
			r.slots[i] = t.calendar.day(v.ToTime())
		}
	case *array.String:
		for i := range n {
			r.slots[i] = none
			if slot, ok := t.calendar.names[c.Value(i)]; ok {
				r.slots[i] = slot
			}
		}
	default:
		if err := wholes(times, r.slots, len(t.calendar.slots)); err != nil {
			return err
		}
	}
	for i := range n {
		if times.NullN() > 0 && times.IsNull(i) {
			r.slots[i] = none
		}
	}
	return nil
}

// wholes reads whole numbers from 0 to below; others become none.
func wholes(c arrow.Array, into []int32, below int) error {
	switch c := c.(type) {
	case *array.Int64:
		for i, v := range c.Int64Values() {
			if into[i] = none; v >= 0 && v < int64(below) {
				into[i] = int32(v)
			}
		}
	case *array.Int32:
		for i, v := range c.Int32Values() {
			if into[i] = none; v >= 0 && v < int32(below) {
				into[i] = v
			}
		}
	default:
		return fmt.Errorf("a column of type %s", c.DataType())
	}
	return nil
}

// readPlaces leaves the place of every row in places[0]: a zone, a pair, or a zone and a class.
func (r *reader) readPlaces(rec arrow.RecordBatch, t *table, n int) error {
	places := func(at int, p Place) (err error) {
		r.places[at] = sized(r.places[at], n)
		return r.readPlace(rec, p, t.Zones, r.places[at])
	}
	if t.Shape == Flow {
		if err := places(1, t.From); err != nil {
			return err
		}
		if err := places(2, t.To); err != nil {
			return err
		}
		r.places[0] = sized(r.places[0], n)
		outside := int32(t.Zones)
		for i, from := range r.places[1] {
			to := r.places[2][i]
			switch {
			case from < 0 && to < 0:
				r.places[0][i] = none
				continue
			case from < 0:
				from = outside
			case to < 0:
				to = outside
			}
			r.places[0][i] = from*(outside+1) + to
		}
		return nil
	}
	if err := places(0, t.Place); err != nil {
		return err
	}
	if t.classes() == 1 && t.Shape != Histogram {
		return nil
	}
	return r.readClasses(rec, t, n)
}

func (r *reader) readPlace(rec arrow.RecordBatch, p Place, zones int, into []int32) error {
	if p.Column == "" {
		clear(into)
		return nil
	}
	values, err := column(rec, p.Column)
	if err != nil {
		return err
	}
	switch c := values.(type) {
	case *array.String:
		for i := range into {
			into[i] = none
			if z, ok := p.Index[c.Value(i)]; ok && c.IsValid(i) {
				into[i] = z
			}
		}
	case *array.Binary:
		for i := range into {
			into[i] = none
			if lon, lat, ok := point(c.Value(i)); ok && p.Locate != nil {
				into[i] = p.Locate(lon, lat)
			}
		}
	default:
		if err := wholes(values, into, zones); err != nil {
			return err
		}
	}
	for i, z := range into {
		if z >= int32(zones) || values.NullN() > 0 && values.IsNull(i) {
			into[i] = none
		}
	}
	return nil
}

// point reads a point in well-known binary, little endian, two dimensions: what a contract binds.
func point(wkb []byte) (lon, lat float64, ok bool) {
	if len(wkb) != 21 || wkb[0] != 1 || binary.LittleEndian.Uint32(wkb[1:]) != 1 {
		return 0, 0, false
	}
	lon = math.Float64frombits(binary.LittleEndian.Uint64(wkb[5:]))
	lat = math.Float64frombits(binary.LittleEndian.Uint64(wkb[13:]))
	return lon, lat, lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90
}

// readClasses turns zones into zone × class.
func (r *reader) readClasses(rec arrow.RecordBatch, t *table, n int) error {
	classes := int32(t.classes())
	var class func(i int) int32
	if t.Shape == Histogram {
		if err := r.readReal(rec, t.Value, 0, n); err != nil {
			return err
		}
		class = func(i int) int32 {
			v := r.reals[0][i]
			at := int32(sort.SearchFloat64s(t.Edges, v))
			if int(at) < len(t.Edges) && t.Edges[at] == v {
				at++
			}
			if at--; at >= classes || math.IsNaN(v) {
				return none
			}
			return at
		}
	} else {
		values, err := column(rec, t.Category)
		if err != nil {
			return err
		}
		texts, ok := values.(*array.String)
		if !ok {
			return fmt.Errorf("a category of type %s: text is due", values.DataType())
		}
		index := map[string]int32{}
		for i, c := range t.Categories {
			index[c] = int32(i)
		}
		class = func(i int) int32 {
			if c, ok := index[texts.Value(i)]; ok && texts.IsValid(i) {
				return c
			}
			return none
		}
	}
	for i, z := range r.places[0] {
		if c := class(i); z >= 0 && c >= 0 {
			r.places[0][i] = z*classes + c
		} else {
			r.places[0][i] = none
		}
	}
	return nil
}

// readReal reads a column of numbers; what is absent is NaN.
func (r *reader) readReal(rec arrow.RecordBatch, name string, at, n int) error {
	r.reals[at] = sized(r.reals[at], n)
	values, err := column(rec, name)
	if err != nil {
		return err
	}
	switch c := values.(type) {
	case *array.Float64:
		copy(r.reals[at], c.Float64Values())
	case *array.Int64:
		for i, v := range c.Int64Values() {
			r.reals[at][i] = float64(v)
		}
	default:
		return fmt.Errorf("column %s of type %s: a number is due", name, values.DataType())
	}
	for i := range n {
		if values.NullN() > 0 && values.IsNull(i) {
			r.reals[at][i] = math.NaN()
		}
	}
	return nil
}

// readExact adds rows with their number and weight.
func (r *reader) readExact(rec arrow.RecordBatch, t *table, n int) error {
	for at, name := range []string{t.Value, t.Weight} {
		if name == "" || at == 0 && t.Shape == Histogram {
			r.reals[at] = sized(r.reals[at], n)
			for i := range n {
				r.reals[at][i] = 1
			}
		} else if err := r.readReal(rec, name, at, n); err != nil {
			return err
		}
	}
	var rows []magnitude
	for i, place := range r.places[0] {
		value, weight := r.reals[0][i], r.reals[1][i]
		if place >= 0 && r.slots[i] >= 0 && r.known[i] && value >= 0 && weight >= 0 && !math.IsInf(value, 0) && !math.IsInf(weight, 0) {
			cell := uint64(r.slots[i])*uint64(t.places) + uint64(place)
			rows = append(rows, magnitude{r.units[i], cell, value, weight})
		}
	}
	return t.exact.add(rows)
}
