package planar_test

import (
	"math"
	"testing"

	"github.com/peterstace/simplefeatures/geom"
	"pgregory.net/rapid"

	"jumeau/model/layer/planar"
)

// walk draws a closed walk along the lines of a small lattice: it crosses and retraces itself, always in lattice points.
func walk(t *rapid.T) []planar.Point {
	n := rapid.IntRange(3, 14).Draw(t, "corners")
	var ring []planar.Point
	x, y := int64(0), int64(0)
	for i := range n {
		if i%2 == 0 {
			x = rapid.Int64Range(0, 6).Draw(t, "x")
		} else {
			y = rapid.Int64Range(0, 6).Draw(t, "y")
		}
		ring = append(ring, planar.Point{X: x, Y: y})
	}
	return append(ring, planar.Point{X: ring[0].X, Y: y})
}

// winding counts the turns of a ring around the middle of a lattice square, by the crossings of a ray to the east.
func winding(ring []planar.Point, x, y float64) int {
	turns := 0
	for i, a := range ring {
		b := ring[(i+1)%len(ring)]
		if a.X == b.X && float64(a.X) > x && float64(min(a.Y, b.Y)) < y && y < float64(max(a.Y, b.Y)) {
			if b.Y > a.Y {
				turns++
			} else {
				turns--
			}
		}
	}
	return turns
}

func multiPolygon(r *planar.Rings) geom.MultiPolygon {
	var polygons []geom.Polygon
	var rings []geom.LineString
	for i := range r.Ends {
		if planar.Area2(r.Ring(i)) > 0 && len(rings) > 0 {
			polygons, rings = append(polygons, geom.NewPolygon(rings)), nil
		}
		var xy []float64
		for _, p := range append(append([]planar.Point{}, r.Ring(i)...), r.Ring(i)[0]) {
			xy = append(xy, float64(p.X), float64(p.Y))
		}
		rings = append(rings, geom.NewLineString(geom.NewSequence(xy, geom.DimXY)))
	}
	if len(rings) > 0 {
		polygons = append(polygons, geom.NewPolygon(rings))
	}
	return geom.NewMultiPolygon(polygons)
}

func TestRepairKeepsTheRegionWalkedAroundPositively(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w planar.Work
		var r planar.Rings
		var walks [][]planar.Point
		for range rapid.IntRange(1, 3).Draw(t, "rings") {
			walks = append(walks, walk(t))
			r.Add(walks[len(walks)-1])
		}
		if !w.Repair(&r) {
			t.Fatal("crossings were not resolved")
		}
		if err := multiPolygon(&r).Validate(); err != nil {
			t.Fatalf("%v: %v", err, r)
		}
		for x := 0.5; x < 6; x++ {
			for y := 0.5; y < 6; y++ {
				turns, inside := 0, 0
				for _, ring := range walks {
					turns += winding(ring, x, y)
				}
				for i := range r.Ends {
					inside += winding(r.Ring(i), x, y)
				}
				if (turns > 0) != (inside == 1) || inside != 0 && inside != 1 {
					t.Fatalf("(%v %v): walked around %d times, covered %d times by %v", x, y, turns, inside, r)
				}
			}
		}
	})
}

func TestRepairOfAnyRingsIsValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w planar.Work
		var r planar.Rings
		for range rapid.IntRange(1, 3).Draw(t, "rings") {
			var ring []planar.Point
			for range rapid.IntRange(3, 12).Draw(t, "points") {
				ring = append(ring, planar.Point{X: rapid.Int64Range(0, 40).Draw(t, "x"), Y: rapid.Int64Range(0, 40).Draw(t, "y")})
			}
			r.Add(ring)
		}
		if !w.Repair(&r) {
			t.Fatal("crossings were not resolved")
		}
		if err := multiPolygon(&r).Validate(); err != nil {
			t.Fatalf("%v: %v", err, r)
		}
	})
}

func TestSimpleAgreesWithAnotherLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 40).Draw(t, "points")
		var ring []planar.Point
		for i := range n { // around a circle, sometimes out of turn
			angle := 2 * math.Pi * (float64(i) + rapid.Float64Range(-0.8, 0.8).Draw(t, "shift")) / float64(n)
			radius := rapid.Float64Range(10, 100).Draw(t, "radius")
			p := planar.Point{X: int64(radius * math.Cos(angle)), Y: int64(radius * math.Sin(angle))}
			if len(ring) == 0 || ring[len(ring)-1] != p {
				ring = append(ring, p)
			}
		}
		var r planar.Rings
		for _, p := range ring {
			r.Open(p)
		}
		if !r.Close(3) {
			return
		}
		var w planar.Work
		got := w.Simple(&r, nil)
		want := multiPolygon(&r).Validate() == nil
		if got != want {
			t.Fatalf("simple: %v, the other library: %v: %v", got, want, r)
		}
	})
}

func TestClippingKeepsTheSignedAreaWithinRounding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var ring, back []planar.Point
		for range rapid.IntRange(3, 20).Draw(t, "points") {
			ring = append(ring, planar.Point{X: rapid.Int64Range(-300, 400).Draw(t, "x"), Y: rapid.Int64Range(-300, 400).Draw(t, "y")})
		}
		for i := range ring {
			back = append(back, ring[len(ring)-1-i])
		}
		box := planar.Box{MaxX: 100, MaxY: 100}
		var w, v planar.Work
		got := w.ClipRing(ring, box)
		for _, p := range got {
			if !box.Holds(p) {
				t.Fatalf("%v is outside", p)
			}
		}
		if a, b := planar.Area2(got), planar.Area2(v.ClipRing(back, box)); a != -b {
			t.Fatalf("the ring covers %d, walked the other way %d", a, b)
		}
		// The area inside the box of a fan of triangles, each of them convex and clipped without rounding.
		want := 0.0
		for i := 1; i+1 < len(ring); i++ {
			want += triangleInside(ring[0], ring[i], ring[i+1])
		}
		if have := float64(planar.Area2(got)) / 2; math.Abs(have-want) > 100*float64(len(ring)) {
			t.Fatalf("area %v instead of about %v", have, want)
		}
	})
}

// triangleInside is the signed area that a triangle has within the box from (0, 0) to (100, 100).
func triangleInside(a, b, c planar.Point) float64 {
	poly := [][2]float64{{float64(a.X), float64(a.Y)}, {float64(b.X), float64(b.Y)}, {float64(c.X), float64(c.Y)}}
	for axis := range 2 {
		for _, limit := range [2]float64{0, 100} {
			var out [][2]float64
			in := func(p [2]float64) bool { return limit == 0 && p[axis] >= 0 || limit == 100 && p[axis] <= 100 }
			for i, q := range poly {
				p := poly[(i+len(poly)-1)%len(poly)]
				if in(p) != in(q) {
					f := (limit - p[axis]) / (q[axis] - p[axis])
					out = append(out, [2]float64{p[0] + f*(q[0]-p[0]), p[1] + f*(q[1]-p[1])})
				}
				if in(q) {
					out = append(out, q)
				}
			}
			poly = out
		}
	}
	sum := 0.0
	for i, p := range poly {
		q := poly[(i+1)%len(poly)]
		sum += p[0]*q[1] - q[0]*p[1]
	}
	return sum / 2
}

func TestClippedLinesStayInsideAndLoseNothingInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var line []planar.Point
		for range rapid.IntRange(2, 12).Draw(t, "points") {
			p := planar.Point{X: rapid.Int64Range(-200, 300).Draw(t, "x"), Y: rapid.Int64Range(-200, 300).Draw(t, "y")}
			if len(line) == 0 || line[len(line)-1] != p {
				line = append(line, p)
			}
		}
		box := planar.Box{MaxX: 100, MaxY: 100}
		var out planar.Rings
		planar.ClipLine(&out, line, box)
		have := 0.0
		for i := range out.Ends {
			piece := out.Ring(i)
			if len(piece) < 2 {
				t.Fatalf("a piece of %d points", len(piece))
			}
			for k, p := range piece {
				if !box.Holds(p) {
					t.Fatalf("%v is outside", p)
				}
				if k > 0 {
					have += math.Hypot(float64(p.X-piece[k-1].X), float64(p.Y-piece[k-1].Y))
				}
			}
		}
		least, most := 0.0, 0.0 // a line on the edge may fall to either side by rounding
		for i := 1; i < len(line); i++ {
			least += lengthInside(line[i-1], line[i], planar.Box{MinX: 1, MinY: 1, MaxX: 99, MaxY: 99})
			most += lengthInside(line[i-1], line[i], planar.Box{MinX: -1, MinY: -1, MaxX: 101, MaxY: 101})
		}
		if slack := 2 * float64(len(line)); have < least-slack || have > most+slack {
			t.Fatalf("%v of the line is left instead of %v to %v", have, least, most)
		}
	})
}

// lengthInside samples the segment.
func lengthInside(a, b planar.Point, box planar.Box) float64 {
	const n = 2000
	inside := 0
	for i := range n {
		f := (float64(i) + 0.5) / n
		x, y := float64(a.X)+f*float64(b.X-a.X), float64(a.Y)+f*float64(b.Y-a.Y)
		if x >= float64(box.MinX) && y >= float64(box.MinY) && x <= float64(box.MaxX) && y <= float64(box.MaxY) {
			inside++
		}
	}
	return float64(inside) / n * math.Hypot(float64(b.X-a.X), float64(b.Y-a.Y))
}
