package tile_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"jumeau/model/layer"
	"jumeau/model/layer/layertest"
	"jumeau/model/layer/planar"
	"jumeau/query/tile"
)

// strands cuts a line into one feature for each of its segments, in no order, every other one the other way round.
func strands(points ...orb.Point) []layertest.Row {
	var rows []layertest.Row
	for i := 1; i < len(points); i++ {
		l := orb.LineString{points[i-1], points[i]}
		if i%2 == 0 {
			l.Reverse()
		}
		rows = append(rows, layertest.Row{ID: fmt.Sprint(i), Key: uint64(i), Geometry: l})
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return rows
}

// joinedParts are the parts of the only feature that so many segments became.
func joinedParts(t *testing.T, rows []layertest.Row) []planar.Point {
	t.Helper()
	f := layertest.File(t, layer.Spec{Name: "roads", Geometry: layer.Lines, MaxZoom: 14}, rows)
	body, stats, err := tile.Encode(nil, []*layer.File{f}, here, tile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if stats.Features != 1 || stats.Aggregated != len(rows) {
		t.Fatalf("%d lines are not one: %+v", len(rows), stats)
	}
	return check(t, body, here)[0].Features[0].Parts[0]
}

func TestJointsOfJoinedLines(t *testing.T) {
	t.Run("are_not_drawn_on_a_straight_line", func(t *testing.T) {
		var points []orb.Point
		for i := range 201 {
			points = append(points, unit(here, 300+17.3*float64(i), 500+5.9*float64(i)))
		}
		if line := joinedParts(t, strands(points...)); len(line) != 2 {
			t.Errorf("%d vertices: %v", len(line), line)
		}
	})
	t.Run("are_drawn_where_a_line_bends", func(t *testing.T) {
		corner := joinedParts(t, strands(unit(here, 100, 100), unit(here, 500, 100), unit(here, 900, 100), unit(here, 900, 700), unit(here, 900, 900)))
		if len(corner) != 3 || corner[1] != (planar.Point{X: 900, Y: 100}) {
			t.Errorf("%v", corner)
		}
	})
	t.Run("follow_an_arc_within_a_pixel_of_it_with_few_vertices", func(t *testing.T) {
		const r = 1500
		var points []orb.Point
		for i := range 1001 {
			a := math.Pi * float64(i) / 1000
			points = append(points, unit(here, 2000+r*math.Cos(a), 2000+r*math.Sin(a)))
		}
		line := joinedParts(t, strands(points...))
		if len(line) < 20 || len(line) > 200 {
			t.Errorf("%d vertices", len(line))
		}
		for i := 1; i < len(line); i++ { // the middle of a chord is farthest from the arc
			x, y := float64(line[i-1].X+line[i].X)/2-2000, float64(line[i-1].Y+line[i].Y)/2-2000
			if off := math.Abs(math.Hypot(x, y) - r); off > 8 {
				t.Errorf("%.1f units from the arc between %v and %v", off, line[i-1], line[i])
			}
		}
	})
	t.Run("keep_a_line_that_goes_there_and_back", func(t *testing.T) {
		out, back := unit(here, 100, 100), unit(here, 900, 500)
		rows := strands(out, back, out)
		if line := joinedParts(t, rows); len(line) != 3 {
			t.Errorf("%v", line)
		}
	})
	t.Run("keep_the_area_of_a_closed_line", func(t *testing.T) {
		var points []orb.Point
		for i := range 61 { // a square of 15 segments a side
			side, at := i/15%4, float64(i%15)*100
			points = append(points, [4]orb.Point{unit(here, 500+at, 500), unit(here, 2000, 500+at), unit(here, 2000-at, 2000), unit(here, 500, 2000-at)}[side])
		}
		line := joinedParts(t, strands(points...))
		if area := planar.Area2(line) / 2; area < 0 && -area != 1500*1500 || area > 0 && area != 1500*1500 || len(line) > 6 {
			t.Errorf("area %d, %v", area, line)
		}
	})
}
