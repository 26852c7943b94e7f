package format

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// readShapes reads the lines of shapes.txt, 24 bytes a point.
func (r *gtfs) readShapes() error {
	if r.shapes == nil {
		r.shapes = map[string]int32{}
	}
	type vertex struct {
		at       orb.Point
		sequence int64
	}
	vertices := map[int32][]vertex{}
	err := r.each("shapes.txt", []string{"shape_id", "shape_pt_lon", "shape_pt_lat", "shape_pt_sequence"}, func(row gtfsRow) error {
		at, ok1 := r.position(row.cells[1], row.cells[2])
		sequence, ok2 := xmlInt([]byte(row.cells[3]))
		if !ok1 || !ok2 {
			r.rejectIn("shapes.txt", row.line, BadGeometry, fmt.Sprintf("a point of shape %.40q cannot be read", row.cells[0]))
			return nil
		}
		n, _ := once(r.shapes, row.cells[0])
		vertices[n] = append(vertices[n], vertex{at, sequence})
		return nil
	})
	r.lines, r.shapeID = make([][]orb.Point, len(r.shapes)), make([]string, len(r.shapes))
	for id, n := range r.shapes {
		r.shapeID[n] = id
	}
	for n, v := range vertices {
		slices.SortStableFunc(v, func(a, b vertex) int { return int(a.sequence - b.sequence) })
		for _, p := range v {
			r.lines[n] = append(r.lines[n], p.at)
		}
	}
	return err
}

func (r *gtfs) deliverShapes() error {
	for n, line := range r.lines {
		if len(line) < 2 {
			continue
		}
		r.putText("shape_id", r.shapeID[n])
		r.shaper.made += len(line)
		r.feature(int64(n+1), orb.LineString(line))
	}
	return nil
}

// deliverRoutes joins each route with the shapes of its trips, or with straight lines from stop to stop for trips without.
func (r *gtfs) deliverRoutes() error {
	lines := make([]orb.MultiLineString, len(r.routes))
	type drawn struct {
		route int32
		what  string
	}
	seen := map[drawn]bool{}
	for _, t := range r.trip {
		if t.route >= 0 && t.shape >= 0 && len(r.lines[t.shape]) > 1 {
			if d := (drawn{t.route, "s" + strconv.Itoa(int(t.shape))}); !seen[d] {
				seen[d] = true
				lines[t.route] = append(lines[t.route], r.lines[t.shape])
			}
		}
	}
	var key []byte
	r.eachTrip(func(trip int32, times []gtfsTime) {
		t := r.trip[trip]
		if t.route < 0 || t.shape >= 0 && len(r.lines[t.shape]) > 1 {
			return
		}
		key = key[:0]
		for _, at := range times {
			key = binary.LittleEndian.AppendUint32(key, uint32(at.stop))
		}
		if seen[drawn{t.route, string(key)}] {
			return
		}
		seen[drawn{t.route, string(key)}] = true
		var line orb.LineString
		for _, at := range times {
			if s := &r.stop[at.stop]; s.placed && (len(line) == 0 || line[len(line)-1] != s.at) {
				line = append(line, s.at)
			}
		}
		if len(line) > 1 {
			lines[t.route] = append(lines[t.route], line)
		}
	})
	return r.deliver("routes.txt", []string{"route_id", "route_type"}, func(row gtfsRow, seen map[string]int32) (orb.Geometry, *Bad) {
		if _, fresh := once(seen, row.cells[0]); !fresh {
			return nil, &Bad{row.line, BadDuplicate, "routes.txt: route_id " + row.cells[0] + " occurs before"}
		}
		if !routeType(row.cells[1]) {
			return nil, &Bad{row.line, BadRouteType, fmt.Sprintf("routes.txt: route %s is of type %.20q", row.cells[0], row.cells[1])}
		}
		n := r.routes[row.cells[0]]
		if len(lines[n]) == 0 {
			return nil, nil
		}
		for _, l := range lines[n] {
			r.shaper.made += len(l)
		}
		return lines[n], nil
	})
}

// routeType: 0 to 7, 11, 12, and the extended types from 100 to 1799.
func routeType(s string) bool {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	return err == nil && (n >= 0 && n <= 7 || n == 11 || n == 12 || n >= 100 && n < 1800)
}
