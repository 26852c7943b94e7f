package generate

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// busLines in the form of an authority's open data: one feature for each line.
func (s *sheet) busLines() error {
	return s.collection("lignes", func(add func(orb.Geometry, ...field)) {
		for _, l := range s.transit.Lines {
			add(l.Path, field{"id_ligne", l.ID}, field{"numero", l.Short}, field{"nom", l.Long}, field{"mode", "bus"}, field{"couleur", "#" + l.Colour},
				field{"frequence_min", l.Headway})
		}
	})
}

// gtfs is the timetable as a zip; one stop comes twice.
func (s *sheet) gtfs() error {
	table := func(name string, lines []string) member {
		return member{name, []byte(strings.Join(lines, "\r\n") + "\r\n")}
	}
	stops := []string{"stop_id,stop_code,stop_name,stop_lat,stop_lon,location_type"}
	for k, x := range s.transit.Stops {
		q := lonLat(x.At)
		line := fmt.Sprintf("%s,%d,%s,%s,%s,0", x.ID, 1000+k, quoted(x.Name), short(q[1], 6), short(q[0], 6))
		stops = append(stops, line)
		if k == 30 {
			stops = append(stops, line)
		}
	}
	s.rows = len(stops) - 1
	routes := []string{"route_id,agency_id,route_short_name,route_long_name,route_type,route_color,route_text_color"}
	trips := []string{"route_id,service_id,trip_id,trip_headsign,direction_id,shape_id"}
	var times, shapes bytes.Buffer
	times.WriteString("trip_id,arrival_time,departure_time,stop_id,stop_sequence\r\n")
	shapes.WriteString("shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\r\n")
	for _, l := range s.transit.Lines {
		routes = append(routes, fmt.Sprintf("%s,ORB,%s,%s,3,%s,FFFFFF", l.ID, l.Short, quoted(l.Long), l.Colour))
		for k, p := range l.Path {
			q := lonLat(p)
			fmt.Fprintf(&shapes, "%s-shp,%s,%s,%d\r\n", l.ID, short(q[1], 6), short(q[0], 6), k+1)
		}
		for _, service := range []string{"LV", "SA"} {
			headway := l.Headway
			if service == "SA" {
				headway *= 2
			}
			for direction := range 2 {
				for k, start := 0, 6*60+5*direction; start < 20*60+30; k, start = k+1, start+headway {
					trip := fmt.Sprintf("%s-%s-%d-%03d", l.ID, service, direction, k+1)
					n := len(l.Stops)
					end := s.transit.Stops[l.Stops[(n-1)*(1-direction)]].Name
					trips = append(trips, fmt.Sprintf("%s,%s,%s,%s,%d,%s-shp", l.ID, service, trip, quoted(end), direction, l.ID))
					for q := range n {
						at := q
						gone := l.At[q]
						if direction == 1 {
							at = n - 1 - q
							gone = l.At[n-1] - l.At[at]
						}
						seconds := start*60 + int(math.Round(gone/6.1)) + 18*q
						clock := fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
						fmt.Fprintf(&times, "%s,%s,%s,%s,%d\r\n", trip, clock, clock, s.transit.Stops[l.Stops[at]].ID, q+1)
					}
				}
			}
		}
	}
	return writeZip(s.path, []member{
		table("agency.txt", []string{"agency_id,agency_name,agency_url,agency_timezone,agency_lang", "ORB,Bus d'Orbelle (fictif),https://bus.orbelle.example/,Europe/Paris,fr"}),
		table("calendar.txt", []string{"service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date",
			"LV,1,1,1,1,1,0,0,20250101,20251231", "SA,0,0,0,0,0,1,0,20250101,20251231"}),
		table("calendar_dates.txt", []string{"service_id,date,exception_type", "LV,20250101,2", "LV,20250421,2", "LV,20250501,2", "LV,20250508,2", "LV,20250529,2", "LV,20250609,2",
			"LV,20250714,2", "LV,20250815,2", "SA,20251101,2", "LV,20251111,2", "LV,20251225,2"}),
		table("feed_info.txt", []string{"feed_publisher_name,feed_publisher_url,feed_lang,feed_start_date,feed_end_date,feed_version",
			"Terres d'Orbelle (fictif),https://orbelle.example/,fr,20250101,20251231,demo"}),
		table("routes.txt", routes),
		table("stops.txt", stops),
		table("trips.txt", trips),
		{"stop_times.txt", times.Bytes()},
		{"shapes.txt", shapes.Bytes()},
	})
}

func quoted(s string) string {
	if strings.ContainsAny(s, ",\"") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// nearestStop of a point, and its distance in metres.
func (m *maker) nearestStop(p orb.Point) (int, float64) {
	best, near := -1, math.MaxFloat64
	for i, s := range m.transit.Stops {
		if d := planar.Distance(s.At, p); d < near {
			best, near = i, d
		}
	}
	return best, near
}
