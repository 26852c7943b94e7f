package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

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
// positions: 24 bytes each.
type tracks struct {
	mu    sync.Mutex
	fixes []fix
	limit int
}

func newTracks(memory int64) *tracks { return &tracks{limit: int(memory / 24)} }

func (k *tracks) add(fixes []fix) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.fixes)+len(fixes) > k.limit {
		return errMemory
	}
	k.fixes = append(k.fixes, fixes...)
	return nil
}

func (k *tracks) zero() {
	clear(k.fixes[:cap(k.fixes)])
	k.fixes = nil
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

// walk cuts the trips and counts what is left of them in the tally.
func (t *table) walk() error {
	fixes := t.tracks.fixes
	slices.SortFunc(fixes, func(a, b fix) int { return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.at, b.at)) })
	s := t.tally.stage()
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
	s.end()
	t.tracks.zero()
	return t.tally.err()
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
