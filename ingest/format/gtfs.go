package format

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/model/crs"
)

// Tables made of a GTFS feed (https://gtfs.org/documentation/schedule/reference/).
const (
	gtfsStops    = "stops"    // stops.txt, with points
	gtfsRoutes   = "routes"   // routes.txt, with the lines of their trips
	gtfsShapes   = "shapes"   // one line a shape
	gtfsPassages = "passages" // how many vehicles leave a stop on a day in an hour
)

var gtfsTables = []string{gtfsStops, gtfsRoutes, gtfsShapes, gtfsPassages}

// Codes of Bad records of GTFS. The reason names the file, the line is that file's.
const (
	BadDuplicate   = "gtfs_duplicate_id"
	BadReference   = "gtfs_unknown_reference"
	BadSequence    = "gtfs_duplicate_stop_sequence"
	BadTime        = "gtfs_time_unreadable"
	BadTimeOrder   = "gtfs_time_decreases"
	BadRouteType   = "gtfs_route_type_invalid"
	BadStop        = "gtfs_stop_without_position"
	BadTrip        = "gtfs_unusable_trip" // fewer than two stops
	BadPassageStop = "gtfs_stop_is_a_station"
	BadDate        = "gtfs_date_unreadable"
)

// gtfs is a feed: its files, and what of them the tables need. Of stop_times 20 bytes a row are held in memory, of trips
// and stops about 100.
type gtfs struct {
	feed
	shaper
	open    func(name string) (*source, error) // by base name; os.ErrNotExist
	names   map[string]string
	stops   map[string]int32
	stop    []gtfsStop
	routes  map[string]int32
	trips   map[string]int32
	trip    []gtfsTrip
	times   []gtfsTime
	shapes  map[string]int32
	shapeID []string
	lines   [][]orb.Point
	service gtfsServices
	first   int32 // of the days to deliver
	last    int32
	pending []func() error // work still to be done, one piece a step
}

type gtfsStop struct {
	id, name string
	at       orb.Point
	placed   bool
	kind     string // location_type
}

type gtfsTrip struct {
	route, service, shape int32 // -1: none
	line                  int64
}

// gtfsTime is one row of stop_times; arrival and departure (at) are in seconds after midnight of the day of service, -1
// when they are left to be interpolated.
type gtfsTime struct{ trip, sequence, stop, arrival, at int32 }

// isGTFS says whether the files are those of a feed, and where they are.
func isGTFS(names []string) (dir string, ok bool) {
	for _, n := range names {
		if uncompressed(path.Base(n)) == "stops.txt" {
			dir = strings.TrimSuffix(n, path.Base(n))
			for _, other := range []string{"stops.txt", "routes.txt", "trips.txt"} {
				if !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, dir) && uncompressed(n[len(dir):]) == other }) {
					return dir, false
				}
			}
			return dir, true
		}
	}
	return "", false
}

func newGTFS(ctx context.Context, src *source, names []string, open func(string) (*source, error), opt Options) (Reader, error) {
	r := &gtfs{names: map[string]string{}, open: open}
	dir, ok := isGTFS(names)
	for _, n := range names {
		if strings.HasPrefix(n, dir) {
			r.names[uncompressed(strings.TrimPrefix(n, dir))] = n
		}
	}
	if missing := r.missing(opt.Table); !ok || missing != "" {
		return nil, invalid("ask the producer for a complete feed", "the GTFS feed has no %s", or(missing, "stops.txt, routes.txt and trips.txt"))
	}
	r.ctx, r.src, r.limit, r.feed.made = ctx, src, opt.batchRows(), &r.shaper.made
	r.feed.step, r.box = r.next, opt.BBox
	r.info = Info{Format: "gtfs", Geometry: true, CRS: crs.CRS84, CRSText: "OGC:CRS84", Bytes: src.size, Rows: -1, Encoding: utf8Name}
	n, err := pickTable("table", gtfsTables, opt.Table)
	if err == nil {
		r.first, r.last, err = gtfsPeriod(opt.Dates)
	}
	if err != nil {
		return nil, err
	}
	columns := []string{"stop_id", "stop_name", "date", "hour", "at", "passages"}
	switch gtfsTables[n] {
	case gtfsStops:
		columns, err = r.header("stops.txt")
		r.pending = append(r.pending, r.deliverStops)
	case gtfsRoutes:
		columns, err = r.header("routes.txt")
		r.pending = append(r.pending, r.readStops, r.readRoutes, r.readTrips, r.readShapes, r.readStopTimes, r.deliverRoutes)
	case gtfsShapes:
		columns = []string{"shape_id"}
		r.pending = append(r.pending, r.readShapes, r.deliverShapes)
	default:
		r.pending = append(r.pending, r.readStops, r.readRoutes, r.readServices, r.readTrips, r.readStopTimes, r.deliverPassages)
	}
	if err != nil {
		return nil, err
	}
	r.info.Columns = textColumns(columns)
	return r, r.Select(columns)
}

// missing names the first file that a table cannot do without.
func (r *gtfs) missing(table string) string {
	need := map[string][]string{gtfsPassages: {"stop_times.txt"}, gtfsShapes: {"shapes.txt"}}[table]
	if table == gtfsPassages && r.names["calendar.txt"] == "" && r.names["calendar_dates.txt"] == "" {
		return "calendar.txt, nor calendar_dates.txt"
	}
	if table == gtfsRoutes && r.names["shapes.txt"] == "" && r.names["stop_times.txt"] == "" {
		return "shapes.txt, nor stop_times.txt"
	}
	for _, n := range need {
		if r.names[n] == "" {
			return n
		}
	}
	return ""
}

func (r *gtfs) next() error {
	if len(r.pending) == 0 {
		return io.EOF
	}
	work := r.pending[0]
	r.pending = r.pending[1:]
	return work()
}

// file opens one of the feed's tables; nil when the feed does not have it.
func (r *gtfs) file(name string) (Reader, error) {
	full := r.names[name]
	if full == "" {
		return nil, nil
	}
	src, err := r.open(full)
	if err != nil {
		return nil, err
	}
	reader, err := openSource(r.ctx, src, "", Options{Format: "csv", Delimiter: ","})
	if err != nil {
		src.close()
		return nil, located(full, err)
	}
	return reader, nil
}

func (r *gtfs) header(name string) ([]string, error) {
	reader, err := r.file(name)
	if err != nil || reader == nil {
		return nil, err
	}
	defer reader.Close()
	return columnNames(reader.Info().Columns), nil
}

// row is one row of a file of the feed; cells by the number of the column asked for, "" when it is empty or absent.
type gtfsRow struct {
	line  int64
	cells []string
}

// take reads row i of a batch; place has the column of each cell, -1: none.
func (row *gtfsRow) take(b *Batch, i int, line int64, place []int) {
	row.line = line
	for k, at := range place {
		row.cells[k] = ""
		if at >= 0 && b.Columns[at].IsValid(i) {
			row.cells[k] = strings.TrimSpace(b.Columns[at].(*array.String).Value(i))
		}
	}
}

// each visits the rows of a file. Those that cannot be read are handed on as bad ones.
func (r *gtfs) each(name string, columns []string, visit func(gtfsRow) error) error {
	reader, err := r.file(name)
	if err != nil || reader == nil {
		return err
	}
	defer reader.Close()
	have := columnNames(reader.Info().Columns)
	var wanted []string
	place := make([]int, len(columns))
	for i, c := range columns {
		if place[i] = slices.Index(have, c); place[i] >= 0 {
			place[i] = len(wanted)
			wanted = append(wanted, c)
		}
	}
	if err := reader.Select(wanted); err != nil {
		return err
	}
	row := gtfsRow{cells: make([]string, len(columns))}
	for {
		b, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return located(name, err)
		}
		for _, bad := range b.Bad {
			r.rejectIn(name, bad.Line, bad.Code, bad.Reason)
		}
		for i, line := range b.Line {
			row.take(b, i, line, place)
			if err := visit(row); err != nil {
				return err
			}
		}
	}
}

func (r *gtfs) rejectIn(file string, line int64, code, reason string) {
	r.spoil(Bad{line, code, file + ": " + reason})
}

// once gives an id a number; false when it had one.
func once(ids map[string]int32, id string) (int32, bool) {
	if n, ok := ids[id]; ok {
		return n, false
	}
	n := int32(len(ids))
	ids[strings.Clone(id)] = n
	return n, true
}

func (r *gtfs) position(lon, lat string) (orb.Point, bool) {
	l := locator{wkt: -1, x: 0, y: 1}
	g, err := l.fromXY([]byte(lon), []byte(lat))
	p, ok := g.(orb.Point)
	return p, err == nil && ok && p[0] >= -180 && p[0] <= 180 && p[1] >= -90 && p[1] <= 90
}

var stopColumns = []string{"stop_id", "stop_name", "stop_lon", "stop_lat", "location_type"}

func (r *gtfs) readStops() error {
	r.stops = map[string]int32{}
	return r.each("stops.txt", stopColumns, func(row gtfsRow) error {
		if _, fresh := once(r.stops, row.cells[0]); !fresh {
			r.rejectIn("stops.txt", row.line, BadDuplicate, "stop_id "+row.cells[0]+" occurs before")
			return nil
		}
		s := gtfsStop{id: strings.Clone(row.cells[0]), name: strings.Clone(row.cells[1]), kind: strings.Clone(row.cells[4])}
		if s.at, s.placed = r.position(row.cells[2], row.cells[3]); !s.placed && s.kind != "3" && s.kind != "4" {
			r.rejectIn("stops.txt", row.line, BadStop, "stop "+s.id+" has no position: "+quote([]byte(row.cells[2]+" "+row.cells[3])))
		}
		r.stop = append(r.stop, s)
		return nil
	})
}

// deliverStops is the table of stops with all its columns.
func (r *gtfs) deliverStops() error {
	return r.deliver("stops.txt", stopColumns, func(row gtfsRow, seen map[string]int32) (orb.Geometry, *Bad) {
		if _, fresh := once(seen, row.cells[0]); !fresh {
			return nil, &Bad{row.line, BadDuplicate, "stops.txt: stop_id " + row.cells[0] + " occurs before"}
		}
		at, ok := r.position(row.cells[2], row.cells[3])
		if !ok {
			if kind := row.cells[4]; kind == "3" || kind == "4" { // generic nodes and boarding areas may have none
				return nil, nil
			}
			return nil, &Bad{row.line, BadStop, "stops.txt: stop " + row.cells[0] + " has no position"}
		}
		r.shaper.made++
		return at, nil
	})
}

// deliver hands out a file's rows as they are, with the geometry that locate finds; a batch at a time.
func (r *gtfs) deliver(name string, keys []string, locate func(gtfsRow, map[string]int32) (orb.Geometry, *Bad)) error {
	reader, err := r.file(name)
	if err != nil {
		return err
	}
	have := columnNames(reader.Info().Columns)
	row, seen := gtfsRow{cells: make([]string, len(keys))}, map[string]int32{}
	place := make([]int, len(keys))
	for i, k := range keys {
		place[i] = slices.Index(have, k)
	}
	var step func() error
	step = func() error {
		b, err := reader.Next()
		if err != nil {
			reader.Close()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return located(name, err)
		}
		for _, bad := range b.Bad {
			r.rejectIn(name, bad.Line, bad.Code, bad.Reason)
		}
		for i, line := range b.Line {
			row.take(b, i, line, place)
			g, bad := locate(row, seen)
			if bad != nil {
				r.spoil(*bad)
				continue
			}
			for c, column := range b.Columns {
				if column.IsValid(i) {
					r.putText(have[c], column.(*array.String).Value(i))
				}
			}
			r.feature(line, g)
		}
		r.pending = append(r.pending, step)
		return nil
	}
	return step()
}

func (r *gtfs) readRoutes() error {
	r.routes = map[string]int32{}
	return r.each("routes.txt", []string{"route_id"}, func(row gtfsRow) error {
		once(r.routes, row.cells[0])
		return nil
	})
}

func (r *gtfs) readTrips() error {
	r.trips, r.shapes = map[string]int32{}, map[string]int32{}
	dated := r.service.ids != nil
	return r.each("trips.txt", []string{"trip_id", "route_id", "service_id", "shape_id"}, func(row gtfsRow) error {
		if _, fresh := once(r.trips, row.cells[0]); !fresh {
			r.rejectIn("trips.txt", row.line, BadDuplicate, "trip_id "+row.cells[0]+" occurs before")
			return nil
		}
		t := gtfsTrip{route: -1, service: -1, shape: -1, line: row.line}
		if n, ok := r.routes[row.cells[1]]; ok {
			t.route = n
		} else {
			r.rejectIn("trips.txt", row.line, BadReference, "trip "+row.cells[0]+" is of the unknown route "+row.cells[1])
		}
		if n, ok := r.service.ids[row.cells[2]]; ok {
			t.service = n
		} else if dated {
			r.rejectIn("trips.txt", row.line, BadReference, "trip "+row.cells[0]+" is of the unknown service "+row.cells[2])
		}
		if row.cells[3] != "" {
			t.shape, _ = once(r.shapes, row.cells[3])
		}
		r.trip = append(r.trip, t)
		return nil
	})
}
