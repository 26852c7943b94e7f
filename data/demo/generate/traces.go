package generate

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"jumeau/data/demo/place"
)

// devices is how many telephones leave traces: one resident in eight.
const devices = 10_000

// traces of devices on a Tuesday and on a Saturday: a position every 30 seconds while moving, in UTC, with the error of a telephone. The
// device's person is known from the order of the residents' file.
func (s *sheet) traces() error {
	n := min(devices, len(s.w.Persons)/8)
	const part = 64 // devices that one worker writes at a time
	workers := make([]*tracer, runtime.GOMAXPROCS(0))
	for i := range workers {
		workers[i] = &tracer{w: s.w, ways: s.w.Ways()}
	}
	return s.text(func(o *out) {
		o.row(',', "appareil", "personne", "instant", "lon", "lat", "precision_m")
		for from := 0; from < n; from += part * len(workers) {
			var wait sync.WaitGroup
			for i, t := range workers {
				first, last := min(n, from+i*part), min(n, from+(i+1)*part)
				wait.Go(func() {
					t.rows, t.text = 0, bytes.Buffer{}
					for k := first; k < last; k++ {
						t.device(k, k*len(s.w.Persons)/n)
					}
				})
			}
			wait.Wait()
			for _, t := range workers {
				o.Write(t.text.Bytes())
				s.rows += t.rows
			}
		}
	})
}

// tracer writes the positions of devices.
type tracer struct {
	w    *place.World
	ways *place.Ways
	text bytes.Buffer
	rows int
}

func (t *tracer) device(k, person int) {
	r := t.w.Stream(fmt.Sprintf("gps %d", k))
	id, owner := fmt.Sprintf("%016x", uint64(person+7)*0xD1B54A32D192ED03), personID(person)
	paths := map[[2]int32]orb.LineString{}
	for _, day := range tripDays {
		midnight := must(time.ParseInLocation(time.DateOnly, day.date, paris))
		for _, trip := range t.w.Day(person, day.kind, 0) {
			path := t.path(paths, trip.From, trip.To)
			length, seconds := planar.Length(path), (trip.Arrive-trip.Depart)*60
			for at := 0; at <= seconds; at += 30 {
				p := onPath(path, length*float64(at)/float64(max(seconds, 1)))
				accuracy := 4 + math.Abs(6*r.NormFloat64())
				q := lonLat(orb.Point{p[0] + accuracy/2*r.NormFloat64(), p[1] + accuracy/2*r.NormFloat64()})
				moment := midnight.Add(time.Duration(trip.Depart*60+at+k%30) * time.Second)
				fmt.Fprintf(&t.text, "%s,%s,%s,%s,%s,%s\n", id, owner, moment.UTC().Format("2006-01-02T15:04:05Z"), short(q[0], 6), short(q[1], 6), number(accuracy, 0))
				t.rows++
			}
		}
	}
}

// path along the streets between two buildings; back is the same way.
func (t *tracer) path(known map[[2]int32]orb.LineString, from, to int32) orb.LineString {
	if path, ok := known[[2]int32{from, to}]; ok {
		return path
	}
	var path orb.LineString
	if back, ok := known[[2]int32{to, from}]; ok {
		path = back.Clone()
		path.Reverse()
	} else {
		a, b := t.w.Buildings[from].Centre, t.w.Buildings[to].Centre
		path = append(orb.LineString{a}, t.ways.Find(t.ways.Nearest(a), t.ways.Nearest(b))...)
		path = append(path, b)
	}
	known[[2]int32{from, to}] = path
	return path
}

func onPath(line orb.LineString, d float64) orb.Point {
	for i := 0; i+1 < len(line); i++ {
		l := planar.Distance(line[i], line[i+1])
		if d <= l {
			t := 0.0
			if l > 0 {
				t = d / l
			}
			return orb.Point{line[i][0] + t*(line[i+1][0]-line[i][0]), line[i][1] + t*(line[i+1][1]-line[i][1])}
		}
		d -= l
	}
	return line[len(line)-1]
}
