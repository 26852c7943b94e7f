package format

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/paulmach/orb"
	"google.golang.org/protobuf/encoding/protowire"

	"jumeau/model/crs"
)

// Tables of GTFS Realtime 2.0 (https://gtfs.org/documentation/realtime/reference/).
const (
	realtimeVehicles = "vehicles" // where vehicles are, and how full
	realtimeDelays   = "delays"   // how late they will be at their next stops
)

// realtime reads one message of GTFS Realtime. What tells one vehicle or its driver from another (id, label, number plate) is
// not read.
type realtime struct {
	feed
	records []func()
	placed  int
	count   int64 // records handed out
}

var realtimeColumns = map[string][]string{
	realtimeVehicles: {"trip_id", "route_id", "direction_id", "start_date", "start_time", "stop_id", "stop_sequence", "status", "at",
		"occupancy", "occupancy_percentage", "congestion", "speed", "bearing"},
	realtimeDelays: {"trip_id", "route_id", "direction_id", "start_date", "start_time", "stop_id", "stop_sequence", "at", "arrival_delay",
		"departure_delay"},
}

// isRealtime recognises a FeedMessage: its header comes first, and the version is the header's first field.
func isRealtime(head []byte) bool {
	return len(head) > 8 && head[0] == 0x0a && head[2] == 0x0a && head[3] == 3 && (head[4] == '1' || head[4] == '2') && head[5] == '.'
}

func openRealtime(ctx context.Context, src *source, opt Options) (Reader, error) {
	raw, err := io.ReadAll(io.LimitReader(src.stream, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxDocument {
		return nil, invalid("look at it: one message is a few megabytes", "a GTFS Realtime message longer than %d MB does not fit in memory", maxDocument>>20)
	}
	r := &realtime{}
	tables := []string{realtimeVehicles, realtimeDelays}
	n, err := pickTable("table", tables, opt.Table)
	if err != nil {
		return nil, err
	}
	r.ctx, r.src, r.limit, r.made, r.step, r.box = ctx, src, opt.batchRows(), &r.placed, r.next, opt.BBox
	r.info = Info{Format: "gtfs-rt", Encoding: utf8Name, Geometry: n == 0, Bytes: src.size, Rows: -1}
	if n == 0 {
		r.info.CRS, r.info.CRSText = crs.CRS84, "OGC:CRS84"
	} else {
		r.box = nil
	}
	r.info.Columns = textColumns(realtimeColumns[tables[n]])
	err = pbfFields(raw, func(num protowire.Number, _ uint64, entity []byte) error {
		if num != 2 {
			return nil
		}
		return pbfFields(entity, func(num protowire.Number, _ uint64, b []byte) error {
			switch {
			case num == 4 && n == 0:
				r.records = append(r.records, func() { r.vehicle(b) })
			case num == 3 && n == 1:
				r.records = append(r.records, func() { r.update(b) })
			}
			return nil
		})
	})
	if err != nil {
		return nil, invalid("download it again: it looks truncated or damaged", "the GTFS Realtime message cannot be read: %w", err)
	}
	return r, r.Select(columnNames(r.info.Columns))
}

func (r *realtime) next() error {
	if len(r.records) == 0 {
		return io.EOF
	}
	work := r.records[0]
	r.records = r.records[1:]
	work()
	return nil
}

// trip reads a TripDescriptor.
func (r *realtime) trip(b []byte) error {
	names := map[protowire.Number]string{1: "trip_id", 2: "start_time", 3: "start_date", 5: "route_id"}
	return pbfFields(b, func(num protowire.Number, v uint64, b []byte) error {
		if name := names[num]; name != "" {
			r.putText(name, string(b))
		} else if num == 6 {
			r.putText("direction_id", strconv.FormatUint(v, 10))
		}
		return nil
	})
}

func stamp(v uint64) string {
	if v == 0 || v > 1<<40 {
		return ""
	}
	return time.Unix(int64(v), 0).UTC().Format(time.RFC3339)
}

func enum(names []string, v uint64) string {
	if v < uint64(len(names)) {
		return names[v]
	}
	return strconv.FormatUint(v, 10)
}

var (
	occupancies = []string{"EMPTY", "MANY_SEATS_AVAILABLE", "FEW_SEATS_AVAILABLE", "STANDING_ROOM_ONLY", "CRUSHED_STANDING_ROOM_ONLY",
		"FULL", "NOT_ACCEPTING_PASSENGERS", "NO_DATA_AVAILABLE", "NOT_BOARDABLE"}
	congestions = []string{"UNKNOWN_CONGESTION_LEVEL", "RUNNING_SMOOTHLY", "STOP_AND_GO", "CONGESTION", "SEVERE_CONGESTION"}
	statuses    = []string{"INCOMING_AT", "STOPPED_AT", "IN_TRANSIT_TO"}
)

// vehicle reads a VehiclePosition.
func (r *realtime) vehicle(b []byte) {
	r.count++
	line := r.count
	var g orb.Geometry
	err := pbfFields(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			return r.trip(b)
		case 2:
			var err error
			g, err = r.position(b)
			return err
		case 3:
			r.putText("stop_sequence", strconv.FormatUint(v, 10))
		case 4:
			r.putText("status", enum(statuses, v))
		case 5:
			r.putText("at", stamp(v))
		case 6:
			r.putText("congestion", enum(congestions, v))
		case 7:
			r.putText("stop_id", string(b))
		case 9:
			r.putText("occupancy", enum(occupancies, v))
		case 10:
			r.putText("occupancy_percentage", strconv.FormatUint(v, 10))
		}
		return nil
	})
	if err != nil {
		r.spoil(Bad{line, BadRecord, "the vehicle's record cannot be read"})
		return
	}
	r.feature(line, g)
}

func (r *realtime) position(b []byte) (orb.Geometry, error) {
	p, found := orb.Point{}, 0
	err := pbfFields(b, func(num protowire.Number, v uint64, _ []byte) error {
		f := float64(math.Float32frombits(uint32(v)))
		switch num {
		case 1:
			p[1], found = f, found|1
		case 2:
			p[0], found = f, found|2
		case 3:
			r.putText("bearing", trimFloat(f))
		case 5:
			r.putText("speed", trimFloat(f))
		}
		return nil
	})
	if err != nil || found != 3 || !finite(p[0]) || !finite(p[1]) {
		return nil, fmt.Errorf("no position: %w", errPBF)
	}
	r.placed++
	return p, nil
}

// update reads a TripUpdate: one row for each stop.
func (r *realtime) update(b []byte) {
	r.count++
	line := r.count
	var trip []byte
	at := ""
	var stops [][]byte
	err := pbfFields(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			trip = b
		case 2:
			stops = append(stops, b)
		case 4:
			at = stamp(v)
		}
		return nil
	})
	for _, s := range stops {
		if err != nil {
			break
		}
		if err = r.trip(trip); err == nil {
			r.putText("at", at)
			if err = r.stop(s); err == nil {
				r.row(line, nil)
			}
		}
	}
	if err != nil {
		r.spoil(Bad{line, BadRecord, "the trip's record cannot be read"})
	}
}

func (r *realtime) stop(b []byte) error {
	return pbfFields(b, func(num protowire.Number, v uint64, b []byte) error {
		switch num {
		case 1:
			r.putText("stop_sequence", strconv.FormatUint(v, 10))
		case 4:
			r.putText("stop_id", string(b))
		case 2, 3:
			name := map[protowire.Number]string{2: "arrival_delay", 3: "departure_delay"}[num]
			return pbfFields(b, func(num protowire.Number, v uint64, _ []byte) error {
				if num == 1 {
					r.putText(name, strconv.FormatInt(int64(int32(v)), 10))
				}
				return nil
			})
		}
		return nil
	})
}
