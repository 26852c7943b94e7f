package gate

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

// fix is a position of a unit. Coordinates are in ten-millionths of a degree (a centimetre).
type fix struct {
	unit     uint64
	at       int64 // seconds since 1970
	lon, lat int32
}

// tracks holds positions until their trips are known, so that both ends can be cut. Unlike a tally it grows with the number of
// positions: 24 bytes each, and as much again while a part of it grows; never more than its limit, at which the gate stops. Rows are
// spread by unit, so that every core walks alone, and a part is zeroed as soon as it is walked.
type tracks struct {
	parts [partitions]struct {
		mu    sync.Mutex
		fixes []fix
	}
	limit int64
	held  atomic.Int64 // allotted
}

const fixBytes = 24

func newTracks(memory int64) *tracks { return &tracks{limit: memory / fixBytes} }

// add takes positions in, in any order.
func (k *tracks) add(fixes []fix) error {
	slices.SortFunc(fixes, func(a, b fix) int { return cmp.Compare(a.unit>>56, b.unit>>56) })
	for from := 0; from < len(fixes); {
		to := from + 1
		for to < len(fixes) && fixes[to].unit>>56 == fixes[from].unit>>56 {
			to++
		}
		if err := k.append(int(fixes[from].unit>>56), fixes[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func (k *tracks) append(at int, fixes []fix) error {
	p := &k.parts[at]
	p.mu.Lock()
	defer p.mu.Unlock()
	if need := len(p.fixes) + len(fixes); need > cap(p.fixes) {
		room := max(need, cap(p.fixes)*3/2, 256)
		if k.held.Add(int64(room)) > k.limit { // the old ones are held until they are copied
			return errMemory
		}
		grown := make([]fix, len(p.fixes), room)
		copy(grown, p.fixes)
		k.held.Add(-int64(cap(p.fixes)))
		clear(p.fixes)
		p.fixes = grown
	}
	p.fixes = append(p.fixes, fixes...)
	return nil
}

func (k *tracks) zero() {
	for i := range k.parts {
		k.drop(i)
	}
}

func (k *tracks) drop(at int) {
	p := &k.parts[at]
	clear(p.fixes[:cap(p.fixes)])
	k.held.Add(-int64(cap(p.fixes)))
	p.fixes = nil
}

func (r *reader) readTracks(rec arrow.RecordBatch, t *table, n int) error {
	points, err := column(rec, t.Place.Column)
	if err != nil {
		return err
	}
	shapes, ok := points.(*array.Binary)
	if !ok {
		return fmt.Errorf("positions of type %s: a geometry is due", points.DataType())
	}
	const scale = 1e7
	fixes := make([]fix, 0, n)
	for i := range n {
		if lon, lat, ok := point(shapes.Value(i)); ok && shapes.IsValid(i) && r.known[i] && r.slots[i] >= 0 {
			fixes = append(fixes, fix{r.units[i], r.at[i], int32(math.Round(lon * scale)), int32(math.Round(lat * scale))})
		}
	}
	defer clear(fixes)
	return t.tracks.add(fixes)
}

// walk cuts the trips and counts what is left of them in the tally, on every core.
func (t *table) walk() error {
	var wait sync.WaitGroup
	var next atomic.Int32
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			s := t.tally.stage()
			defer s.end()
			for at := int(next.Add(1)) - 1; at < partitions; at = int(next.Add(1)) - 1 {
				t.walkPart(t.tracks.parts[at].fixes, s)
				t.tracks.drop(at)
			}
		})
	}
	wait.Wait()
	return t.tally.err()
}

// walkPart cuts and counts the trips of some units.
func (t *table) walkPart(fixes []fix, s *stage) {
	slices.SortFunc(fixes, func(a, b fix) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.at, b.at)) })
	pause := int64(t.Gap.Seconds())
	for from := 0; from < len(fixes); {
		to := from + 1
		for to < len(fixes) && fixes[to].unit == fixes[from].unit && fixes[to].at-fixes[to-1].at <= pause {
			to++
		}
		for _, f := range cut(fixes[from:to], t.Cut) {
			place, slot := t.Place.Locate(float64(f.lon)/1e7, float64(f.lat)/1e7), t.calendar.at(f.at)
			if place >= 0 && int(place) < t.Zones && slot >= 0 {
				s.add(f.unit, uint64(slot), uint64(place))
			}
		}
		from = to
	}
}

// cut is a trip without the positions that are within so many metres of one of its ends, along the way or as the crow flies:
// what is left does not say from which door it came.
func cut(trip []fix, metres float64) []fix {
	from, way := 0, 0.0
	for from < len(trip) && (way < metres || apart(trip[0], trip[from]) < metres) {
		if from++; from < len(trip) {
			way += apart(trip[from-1], trip[from])
		}
	}
	last := len(trip) - 1
	to, way := last, 0.0
	for to >= from && (way < metres || apart(trip[last], trip[to]) < metres) {
		if to--; to >= 0 {
			way += apart(trip[to], trip[to+1])
		}
	}
	return slices.DeleteFunc(trip[from:max(from, to+1)], func(f fix) bool {
		return apart(trip[0], f) < metres || apart(trip[last], f) < metres
	})
}

// apart is the distance in metres on a sphere, good for short ways (equirectangular).
func apart(a, b fix) float64 {
	const perUnit = 6371008.8 * math.Pi / 180 / 1e7
	x := float64(a.lon-b.lon) * math.Cos(float64(a.lat+b.lat)/2e7*math.Pi/180)
	return math.Hypot(x, float64(a.lat-b.lat)) * perUnit
}
