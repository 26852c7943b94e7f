package layer

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"jumeau/model/layer/planar"
)

func TestProjectionComesBackWithinHalfAUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lon, lat := rapid.Float64Range(-180, 179.9999999).Draw(t, "lon"), rapid.Float64Range(-85.05, 85.05).Draw(t, "lat")
		x, y := project(lon, lat)
		backLon, backLat := LonLat(int32(x), int32(y))
		const half = 360.0 / (1 << 33) * 1.01
		if math.Abs(backLon-lon) > half || math.Abs(backLat-lat) > half {
			t.Fatalf("(%v %v) became (%v %v)", lon, lat, backLon, backLat)
		}
	})
}

func TestProjectionIsWebMercator(t *testing.T) {
	// By PROJ: echo "43.6047 1.4442" | cs2cs -f %.4f EPSG:4326 EPSG:3857
	for _, c := range []struct{ lon, lat, x, y float64 }{
		{1.4442, 43.6047, 160767.6086, 5404471.0024},
		{-61.5, 16.25, -6846148.6838, 1833692.3857},
		{0, 0, 0, 0},
	} {
		x, y := project(c.lon, c.lat)
		metres := 2 * math.Pi * 6378137 / float64(gridWorld)
		if dx, dy := float64(x)*metres-c.x, -float64(y)*metres-c.y; math.Abs(dx) > 0.005 || math.Abs(dy) > 0.005 {
			t.Errorf("(%v %v) is off by %.4f, %.4f m", c.lon, c.lat, dx, dy)
		}
	}
}

func TestHilbertPlacesAreDistinctNeighboursAndNested(t *testing.T) {
	const order = 5 // of the curve that is walked: its squares are 2^27 wide
	side := int64(1) << (gridBits - order)
	at := map[uint64][2]int64{}
	for i := range int64(1) << order {
		for j := range int64(1) << order {
			d := hilbert(i*side-gridHalf, j*side-gridHalf) >> (64 - 2*order)
			if _, twice := at[d]; twice {
				t.Fatalf("place %d comes twice", d)
			}
			at[d] = [2]int64{i, j}
		}
	}
	for d := uint64(1); d < uint64(len(at)); d++ {
		a, b := at[d-1], at[d]
		if abs(a[0]-b[0])+abs(a[1]-b[1]) != 1 {
			t.Fatalf("places %d and %d are not neighbours: %v %v", d-1, d, a, b)
		}
		if d%4 != 0 && (a[0]>>1 != b[0]>>1 || a[1]>>1 != b[1]>>1) {
			t.Fatalf("places %d and %d are not in one square of the next order", d-1, d)
		}
	}
}

func TestAVertexIsDrawnFromTheZoomAtWhichItsTriangleIsSeen(t *testing.T) {
	for z := range ZoomLimit + 1 {
		unit := math.Ldexp(1, ZoomLimit-z)
		if got := zoomOf(minTriangle * unit * unit); got != z {
			t.Errorf("an area of %d square units of zoom %d is drawn from zoom %d", minTriangle, z, got)
		}
		if got := zoomOf(minTriangle * unit * unit * 0.99); z < ZoomLimit && got != z+1 {
			t.Errorf("a little less is drawn from zoom %d instead of %d", got, z+1)
		}
	}
}

func TestWeighingKeepsTheEndsOfLinesAndThreeVerticesOfRings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var pts []planar.Point
		for range rapid.IntRange(3, 60).Draw(t, "points") {
			pts = append(pts, planar.Point{X: rapid.Int64Range(-1<<20, 1<<20).Draw(t, "x"), Y: rapid.Int64Range(-1<<20, 1<<20).Draw(t, "y")})
		}
		maxZoom := rapid.IntRange(0, ZoomLimit).Draw(t, "zoom")
		for _, closed := range []bool{false, true} {
			var w Weigher
			zooms := make([]uint8, len(pts))
			w.Weigh(pts, zooms, closed, maxZoom)
			always := 0
			for _, z := range zooms {
				if int(z) > maxZoom {
					t.Fatalf("a vertex is not drawn at the highest zoom: %v", zooms)
				}
				if z == 0 {
					always++
				}
			}
			if closed && always < 3 || !closed && (zooms[0] != 0 || zooms[len(pts)-1] != 0) {
				t.Fatalf("closed %v: %v", closed, zooms)
			}
		}
	})
}

func TestAWeldedVertexIsSharedByTheNeighbour(t *testing.T) {
	square := func(pts ...planar.Point) *shape {
		s := &shape{}
		s.rings.Add(pts)
		s.holes = []bool{false}
		return s
	}
	// Two zones north of one whose side they divide at x = 5000, three units beside it.
	a := square(planar.Point{X: 0, Y: 0}, planar.Point{X: 5000, Y: 3}, planar.Point{X: 5000, Y: -4000}, planar.Point{X: 0, Y: -4000})
	b := square(planar.Point{X: 5000, Y: 3}, planar.Point{X: 10000, Y: 0}, planar.Point{X: 10000, Y: -4000}, planar.Point{X: 5000, Y: -4000})
	c := square(planar.Point{X: 0, Y: 0}, planar.Point{X: 10000, Y: 0}, planar.Point{X: 10000, Y: 9000}, planar.Point{X: 0, Y: 9000})
	share([]*shape{a, b, c}, 0, 14)
	if n := len(c.rings.Pts); n != 5 || c.rings.Pts[1] != (planar.Point{X: 5000, Y: 3}) {
		t.Fatalf("%v", c.rings.Pts)
	}
	if c.zooms[1] != 0 {
		t.Errorf("the junction is drawn from zoom %d only", c.zooms[1])
	}
}

func FuzzReadWKB(f *testing.F) {
	f.Add([]byte("\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\xf0\x3f"), uint8(0))
	f.Add([]byte("\x01\x06\x00\x00\x00\x01\x00\x00\x00\x01\x03\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00"), uint8(2))
	f.Add([]byte("\x00\x00\x00\x00\x07\x00\x00\x00\x01\x00\x20\x00\x00\x02\x00\x00\x10\xe6\x00\x00\x00\x00"), uint8(1))
	f.Fuzz(func(t *testing.T, wkb []byte, kind uint8) {
		spec := &Spec{Name: "any", Geometry: [...]string{Points, Lines, Polygons}[kind%3], MaxZoom: 14}
		p := &preparer{spec: spec}
		s := &shape{}
		ok, err := p.read(s, wkb)
		if err != nil || !ok {
			return
		}
		p.weigh(s)
		if spec.Geometry == Polygons {
			p.judge(s)
		}
		for _, q := range s.rings.Pts {
			if q.X < -gridHalf || q.X >= gridHalf || q.Y < -gridHalf || q.Y >= gridHalf {
				t.Fatalf("%v is outside the world", q)
			}
		}
		if len(s.zooms) != len(s.rings.Pts) || spec.Geometry == Polygons && len(s.holes) != s.rings.Len() {
			t.Fatalf("%d zooms, %d vertices, %d rings, %d hole marks", len(s.zooms), len(s.rings.Pts), s.rings.Len(), len(s.holes))
		}
	})
}
