package format

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/paulmach/orb"

	"jumeau/internal/realdata"
)

// rawFeed reads a file of a zipped feed with encoding/csv.
func rawFeed(t *testing.T, path, name string) []map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		return nil
	}
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte(bom)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, c := range r {
			m[rows[0][i]] = c
		}
		out = append(out, m)
	}
	return out
}

// passagesOn counts, in the plainest way, the departures of a calendar day by stop and hour. Times between timepoints are not
// interpolated: the feeds of this test have every time.
func passagesOn(t *testing.T, path string, day time.Time) map[string]int {
	exceptions := map[string]string{}
	for _, r := range rawFeed(t, path, "calendar_dates.txt") {
		exceptions[r["service_id"]+r["date"]] = r["exception_type"]
	}
	runs := func(service string, weekly map[string]map[string]string, d time.Time) bool {
		switch exceptions[service+d.Format("20060102")] {
		case "1":
			return true
		case "2":
			return false
		}
		c := weekly[service]
		date := d.Format("20060102")
		return c != nil && c["start_date"] <= date && date <= c["end_date"] && c[strings.ToLower(d.Weekday().String())] == "1"
	}
	weekly, service, repeats := map[string]map[string]string{}, map[string]string{}, map[string][]map[string]string{}
	for _, r := range rawFeed(t, path, "calendar.txt") {
		weekly[r["service_id"]] = r
	}
	for _, r := range rawFeed(t, path, "trips.txt") {
		service[r["trip_id"]] = r["service_id"]
	}
	for _, r := range rawFeed(t, path, "frequencies.txt") {
		repeats[r["trip_id"]] = append(repeats[r["trip_id"]], r)
	}
	trips := map[string][]map[string]string{}
	for _, r := range rawFeed(t, path, "stop_times.txt") {
		trips[r["trip_id"]] = append(trips[r["trip_id"]], r)
	}
	seconds := func(s string) int {
		var h, m, sec int
		fmt.Sscanf(s, "%d:%d:%d", &h, &m, &sec)
		return h*3600 + m*60 + sec
	}
	out := map[string]int{}
	for id, times := range trips {
		starts := []int{0}
		if len(repeats[id]) > 0 {
			starts = nil
		}
		for _, f := range repeats[id] {
			var every int
			fmt.Sscan(f["headway_secs"], &every)
			for s := seconds(f["start_time"]); s < seconds(f["end_time"]); s += every {
				starts = append(starts, s-seconds(times[0]["departure_time"]))
			}
		}
		for back := range 3 {
			if !runs(service[id], weekly, day.AddDate(0, 0, -back)) {
				continue
			}
			for _, shift := range starts {
				for _, st := range times[:len(times)-1] {
					if at := seconds(st["departure_time"]) + shift; at/86400 == back {
						out[fmt.Sprintf("%s %02d", st["stop_id"], at%86400/3600)]++
					}
				}
			}
		}
	}
	return out
}

func TestPassagesAreTheDeparturesOfTheDay(t *testing.T) {
	for _, c := range []struct{ file, day, dates string }{
		{"gtfs-montpellier-tam/TAM_MMM_GTFS.zip", "2024-01-20", ""}, // a Saturday: what left after midnight on Friday is in it
		{"gtfs-montpellier-tam/TAM_MMM_GTFS.zip", "2024-01-24", "2024-01-24"},
		{"sao-paulo/spo.zip", "2019-06-04", "2019-06-03/2019-06-09"},
	} {
		path := realdata.Path(t, c.file)
		day, _ := time.Parse(time.DateOnly, c.day)
		want := passagesOn(t, path, day)
		r, err := Open(t.Context(), path, Options{Table: "passages", Dates: c.dates})
		if err != nil {
			t.Fatal(err)
		}
		found, rows := 0, 0
		for {
			b, err := r.Next()
			if err != nil {
				break
			}
			if len(b.Bad) > 0 {
				t.Errorf("%s: %v", c.file, b.Bad[0])
			}
			cell := func(c, i int) string { return b.Columns[c].(*array.String).Value(i) }
			for i := range b.Line {
				rows++
				if cell(2, i) != c.day {
					continue
				}
				found++
				key := fmt.Sprintf("%s %02s", cell(0, i), cell(3, i))
				if cell(5, i) != fmt.Sprint(want[key]) || cell(4, i) != fmt.Sprintf("%sT%02s:00:00", c.day, cell(3, i)) || b.Geometry[i] == nil {
					t.Fatalf("%s: %s passages at %s, want %d", c.file, cell(5, i), key, want[key])
				}
			}
		}
		r.Close()
		if found != len(want) || found < 100 {
			t.Errorf("%s: %d stops and hours on %s, want %d", c.file, found, c.day, len(want))
		}
		t.Logf("%s: %d rows", c.file, rows)
	}
}

func TestTheTablesOfAFeed(t *testing.T) {
	tam := realdata.Path(t, "gtfs-montpellier-tam/TAM_MMM_GTFS.zip")
	stops := mustRead(t, tam, Options{Table: "stops"})
	if len(stops.cells) != 2054 || stops.geometry[0] == nil || stops.column("stop_name") < 0 {
		t.Errorf("%d stops", len(stops.cells))
	}
	routes := mustRead(t, tam, Options{Table: "routes"})
	lines := 0
	for _, g := range routes.geometry {
		if g != nil {
			lines++
		}
	}
	if len(routes.cells) != 45 || lines < 40 {
		t.Errorf("%d routes, %d with lines", len(routes.cells), lines)
	}
	spo := realdata.Path(t, "sao-paulo/spo.zip")
	shapes := mustRead(t, spo, Options{Table: "shapes"})
	want := map[string]int{}
	for _, r := range rawFeed(t, spo, "shapes.txt") {
		want[r["shape_id"]]++
	}
	if len(shapes.cells) != len(want) || len(want) == 0 {
		t.Errorf("%d shapes, want %d", len(shapes.cells), len(want))
	}
	for i, r := range shapes.cells {
		if n := len(shapes.geometry[i].(orb.LineString)); n != want[r[0]] {
			t.Errorf("shape %s has %d points, want %d", r[0], n, want[r[0]])
		}
	}
	partial := realdata.Path(t, "gtfs-toulouse-tisseo-partial")
	if got := mustRead(t, partial, Options{Table: "stops"}); len(got.cells) != 5569 {
		t.Errorf("%d stops in a folder", len(got.cells))
	}
	_, err := read(partial, Options{Table: "passages"})
	expectError(t, err, "no stop_times.txt", "complete feed")
	_, err = read(tam, Options{Table: "shapes"})
	expectError(t, err, "no shapes.txt")
	_, err = read(tam, Options{})
	expectError(t, err, "several files", `"passages"`)
	_, err = read(tam, Options{Format: "gtfs"})
	expectError(t, err, "several tables", `"routes"`)
}

func TestFeedsWithOneDefectAreReportedByIt(t *testing.T) {
	met := map[string]bool{}
	for _, c := range []struct{ feed, table, code string }{
		{"duplicates", "stops", BadDuplicate},
		{"duplicates", "routes", BadDuplicate},
		{"duplicate_stop_sequence", "passages", BadSequence},
		{"invalid_references", "passages", BadReference},
		{"invalid_stop_file", "stops", BadStop},
		{"route_type_invalid", "routes", BadRouteType},
		{"route_type_missing", "routes", BadRouteType},
		{"duration_distance", "passages", BadTimeOrder},
		{"stop_times_increase", "passages", BadTimeOrder},
		{"stop_times_location_type", "passages", BadPassageStop},
		{"unusable_trip", "routes", BadTrip},
	} {
		met[c.feed] = true
		got, err := read(realdata.Path(t, "gtfs-validator-cases/"+c.feed), Options{Table: c.table})
		if err != nil {
			t.Errorf("%s: %v", c.feed, err)
			continue
		}
		if !strings.Contains(got.codes(), c.code) {
			t.Errorf("%s: %v, want %s", c.feed, got.bad, c.code)
		}
	}
	met["missing_mandatory_files"] = true
	_, err := read(realdata.Path(t, "gtfs-validator-cases/missing_mandatory_files"), Options{Table: "passages"})
	expectError(t, err, "no stop_times.txt")
	// Defects of files that are not read, or none: the feed is read without a word.
	for _, feed := range []string{"accessibility", "agency", "agency_single", "arrange_by_phone_stops", "check_name", "coordinate_with_driver_stops", "no_optional_files", "sub_folder",
		"fare_attributes", "feed_info"} {
		met[feed] = true
		if got := mustRead(t, realdata.Path(t, "gtfs-validator-cases/"+feed), Options{Table: "stops"}); len(got.cells) == 0 {
			t.Errorf("%s: no stops", feed)
		}
	}
	entries, err := os.ReadDir(realdata.Path(t, "gtfs-validator-cases"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !met[e.Name()] {
			t.Errorf("%s is not looked at", e.Name())
		}
	}
}

func TestTimesLeftOutAreInterpolatedAndTripsAreSorted(t *testing.T) {
	feed := map[string]string{
		"stops.txt":          "stop_id,stop_name,stop_lat,stop_lon\na,A,43,1\nb,B,43.1,1\nc,C,43.2,1\n",
		"routes.txt":         "route_id,route_type\nr,3\n",
		"trips.txt":          "route_id,service_id,trip_id\nr,s,t\n",
		"calendar_dates.txt": "service_id,date,exception_type\ns,20240101,1\n",
		"stop_times.txt":     "trip_id,arrival_time,departure_time,stop_id,stop_sequence\nt,25:30:00,25:30:00,c,9\nt,,,b,5\nt,23:30:00,23:30:00,a,1\n",
	}
	got := mustRead(t, feedFolder(t, feed), Options{Table: "passages"}, "stop_id", "at", "passages")
	expect(t, "passages", got.rows(), "a|2024-01-01T23:00:00|1 / b|2024-01-02T00:00:00|1")
	routes := mustRead(t, feedFolder(t, feed), Options{Table: "routes"})
	expect(t, "straight lines", routes.shapes(), "MULTILINESTRING((1 43,1 43.1,1 43.2))")
}

func feedFolder(t testing.TB, files map[string]string) string {
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func FuzzGTFS(f *testing.F) {
	f.Add("a,A,43,1\nb,B,43.1,1\n", "t,25:30:00,25:30:00,b,9\nt,,,b,5\nt,23:30:00,23:30:00,a,1\n", "s,20240101,1\n", "t,08:00:00,09:00:00,600\n")
	f.Fuzz(func(t *testing.T, stops, times, dates, frequencies string) {
		dir := feedFolder(t, map[string]string{
			"stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n" + stops, "routes.txt": "route_id,route_type\nr,3\n",
			"trips.txt": "route_id,service_id,trip_id\nr,s,t\nr,s,u\n", "calendar_dates.txt": "service_id,date,exception_type\n" + dates,
			"stop_times.txt":  "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + times,
			"frequencies.txt": "trip_id,start_time,end_time,headway_secs\n" + frequencies,
		})
		for _, table := range gtfsTables[:2] {
			if _, err := read(dir, Options{Table: table}); err != nil {
				said(t, err)
			}
		}
		if _, err := read(dir, Options{Table: gtfsPassages}); err != nil {
			said(t, err)
		}
	})
}
