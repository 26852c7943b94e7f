package place

import (
	"math"
	"sort"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Stream is a watercourse drawn as a line, from its spring to its mouth.
type Stream struct {
	Name string
	Line orb.LineString
	Km2  float64 // drained area at the mouth
}

// Lake is a pond, a hill reservoir or a flooded gravel pit.
type Lake struct {
	Name string
	Ring orb.Ring
}

// Water is everything wet.
type Water struct {
	River, Canal         orb.LineString
	RiverBank, CanalBank orb.Ring
	Streams              []Stream
	Lakes                []Lake
}

type terrain struct {
	height     []float32
	toRiver    []float32 // metres to the main river or its tributary valley
	toWater    []float32 // metres to the river, the canal, a stream or a lake
	wet        []uint8   // what a cell holds
	drains     []int32   // next cell downstream
	catchment  []int32   // cells drained
	bends      noise
	warpX      noise
	warpY      noise
	roughness  noise
	riverCells []int
}

const (
	dry uint8 = iota
	isStream
	isCanal
	isRiver
	isLake
)

// at of a place given in kilometres from the south-west corner.
func at(kmEast, kmNorth float64) orb.Point {
	return orb.Point{West + kmEast*1000, South + kmNorth*1000}
}

// The axis of the main valley, from the south-east down to the north-west, and of its tributary from the south.
var (
	mainValley = []orb.Point{at(30.5, 0.6), at(27.2, 3.2), at(23.6, 5.1), at(20.2, 8.3), at(16.4, 10.2), at(13.1, 13.1), at(9.4, 15.6), at(7.4, 19.4), at(4.1, 22.4), at(2.2, 26)}
	sideValley = []orb.Point{at(6.6, -2), at(5.2, 1.8), at(6.9, 5.4), at(6.6, 9.2), at(8.6, 12.6), at(9.4, 15.6)}
)

// warp moves a point a little, the same way for everything drawn from the grid, so that nothing looks like a grid.
func (t *terrain) warp(p orb.Point) orb.Point {
	x, y := p[0]/330, p[1]/330
	return orb.Point{p[0] + 26*t.warpX.at(x, y), p[1] + 26*t.warpY.at(x, y)}
}

func (t *terrain) warpAll(line []orb.Point) []orb.Point {
	for i := range line {
		line[i] = t.warp(line[i])
	}
	return line
}

func (w *World) makeTerrain() {
	t := &terrain{
		warpX: newNoise(w.Seed, "warp x"), warpY: newNoise(w.Seed, "warp y"),
		bends: newNoise(w.Seed, "meander"), roughness: newNoise(w.Seed, "roughness"),
		wet: make([]uint8, Cols*Rows),
	}
	w.terrain = t
	axis, side := spline(mainValley, 40), spline(sideValley, 40)
	river := t.meander(axis, 250, 1500)
	tributary := t.meander(side, 90, 620)
	tributary[len(tributary)-1] = nearestOn(river, tributary[len(tributary)-1])
	w.Water.River = clipLine(thin(smooth(river, 4), 1))
	w.Water.RiverBank = ribbon(w.Water.River, func(d float64) float64 { return 13 + d/3600 })
	w.Water.Canal = clipLine(thin(smooth(t.canal(axis), 60), 1))
	w.Water.CanalBank = ribbon(w.Water.Canal, func(float64) float64 { return 8.5 })
	tributary = clipLine(thin(smooth(tributary, 3), 1))

	t.raise(cellsUnder(axis), cellsUnder(side))
	t.mark(w.Water.Canal, isCanal)
	t.riverCells = append(cellsUnder(w.Water.River), cellsUnder(tributary)...)
	t.mark(w.Water.River, isRiver)
	t.mark(tributary, isRiver)
	t.drain()
	w.Water.Streams = append([]Stream{{Line: tributary, Km2: 90}}, t.streams()...)
	w.makeLakes()
	var wetCells []int
	for i, k := range t.wet {
		if k != dry {
			wetCells = append(wetCells, i)
		}
	}
	t.toWater = distances(wetCells)
	t.toRiver = distances(t.riverCells)
	w.nameWater()
	w.makeMotorway()
}

// meander swings a valley axis from side to side; amplitude and wavelength in metres.
func (t *terrain) meander(axis []orb.Point, amplitude, wavelength float64) []orb.Point {
	out := make([]orb.Point, len(axis))
	s := 0.0
	for i, p := range axis {
		a, b := axis[max(i-1, 0)], axis[min(i+1, len(axis)-1)]
		if i > 0 {
			s += planar.Distance(axis[i-1], p)
		}
		l := planar.Distance(a, b)
		swing := math.Sin(2*math.Pi*s/wavelength+2.4*t.bends.at(s/2600, amplitude)) * (0.55 + 0.45*t.bends.at(s/1900, 9))
		swing += 0.35 * math.Sin(2*math.Pi*s/(wavelength*0.47)+3*t.bends.at(s/1300, 5))
		out[i] = orb.Point{p[0] - (b[1]-a[1])/l*amplitude*swing, p[1] + (b[0]-a[0])/l*amplitude*swing}
	}
	return out
}

// canal follows the right side of the valley, straighter than the river ever is.
func (t *terrain) canal(axis []orb.Point) []orb.Point {
	out := make([]orb.Point, len(axis))
	for i, p := range axis {
		a, b := axis[max(i-1, 0)], axis[min(i+1, len(axis)-1)]
		l := planar.Distance(a, b)
		d := 760 + // the axis runs to the north-west: the right bank is the north-east
			130*t.bends.at(float64(i)*40/3100, 77)
		out[i] = orb.Point{p[0] + (b[1]-a[1])/l*d, p[1] - (b[0]-a[0])/l*d}
	}
	return out
}

// raise makes the relief: flat valley floors, slopes, rolling hills.
func (t *terrain) raise(axis, side []int) {
	toAxis, toSide := distances(axis), distances(side)
	t.height = make([]float32, Cols*Rows)
	for i := range t.height {
		p := centre(i)
		x, y := (p[0]-West)/1000, (p[1]-South)/1000
		bend := 1 + 0.45*t.roughness.fbm(x/3.1, y/3.1, 3)
		far := math.Min(float64(toAxis[i])*bend, float64(toSide[i])*1.5*bend+150)
		slope := fade(clamp((far-450)/3200, 0, 1))
		downstream := 0.9*(27.8-x)/27.8 + 0.4*y/23.9 // the river falls to the north-west
		hills := t.roughness.fbm(x/2.3+31, y/2.3, 4)
		t.height[i] = float32(196 - 38*downstream + 84*slope + 46*slope*hills + 1.5*hills)
	}
}

func (t *terrain) mark(line orb.LineString, kind uint8) {
	for _, i := range cellsUnder(line) {
		t.wet[i] = max(t.wet[i], kind)
	}
}

// cellsUnder a line, in order and without repetition of the same cell twice in a row.
func cellsUnder(line []orb.Point) []int {
	var cells []int
	last := -1
	for i := 0; i+1 < len(line); i++ {
		n := max(1, int(planar.Distance(line[i], line[i+1])/(Cell/4)))
		for k := range n {
			p := between(line[i], line[i+1], float64(k)/float64(n))
			if !Bound.Contains(p) {
				continue
			}
			if c := cellAt(p); c != last {
				cells = append(cells, c)
				last = c
			}
		}
	}
	return cells
}

// drain finds where rain runs: pits are filled from their lowest rim (priority flood), then water takes the steepest way.
func (t *terrain) drain() {
	s := newSearch()
	s.reset()
	filled := make([]float64, Cols*Rows)
	for i := range filled {
		col, row := colRow(i)
		if t.wet[i] == isRiver {
			s.offer(i, float64(t.height[i])-30, none)
		} else if col == 0 || row == 0 || col == Cols-1 || row == Rows-1 {
			s.offer(i, float64(t.height[i]), none)
		}
	}
	order := make([]int, 0, len(filled))
	t.drains = make([]int32, len(filled))
	for {
		i, level, ok := s.next()
		if !ok {
			break
		}
		filled[i] = level
		order = append(order, i)
		t.drains[i] = s.from[i]
		col, row := colRow(i)
		for k, d := range around {
			c, r := col+d[0], row+d[1]
			if !inside(c, r) || s.seen(index(c, r)) {
				continue
			}
			j := index(c, r)
			s.offer(j, math.Max(float64(t.height[j]), level+1e-4*stepLength(k)), int32(i))
		}
	}
	t.catchment = make([]int32, len(filled))
	for k := len(order) - 1; k >= 0; k-- {
		i := order[k]
		t.catchment[i]++
		if to := t.steepest(i, filled); to != none {
			t.drains[i] = to
			t.catchment[to] += t.catchment[i]
		}
	}
}

func (t *terrain) steepest(i int, filled []float64) int32 {
	if t.drains[i] == none {
		return none
	}
	best, to := 0.0, t.drains[i]
	col, row := colRow(i)
	for k, d := range around {
		if c, r := col+d[0], row+d[1]; inside(c, r) {
			j := index(c, r)
			if fall := (filled[i] - filled[j]) / stepLength(k); fall > best {
				best, to = fall, int32(j)
			}
		}
	}
	return to
}

// streams where at least 1 km² drain, each from its spring to the stream, river or edge it runs into.
func (t *terrain) streams() []Stream {
	const least = 420 // cells
	var heads []int
	feeds := make(map[int32]bool)
	for i, n := range t.catchment {
		if n >= least && t.drains[i] != none {
			feeds[t.drains[i]] = true
		}
	}
	for i, n := range t.catchment {
		if n >= least && !feeds[int32(i)] && t.wet[i] != isRiver {
			heads = append(heads, i)
		}
	}
	mouth := func(i int) int32 {
		n, at := 0, int32(i)
		for at != none && t.wet[at] != isRiver {
			n, at = n+1, t.drains[at]
		}
		return int32(n)
	}
	sort.SliceStable(heads, func(a, b int) bool { return mouth(heads[a]) > mouth(heads[b]) })
	taken := make(map[int32]bool)
	var out []Stream
	for _, h := range heads {
		var line []orb.Point
		km2 := 0.0
		for at := int32(h); at != none; at = t.drains[at] {
			line = append(line, centre(int(at)))
			if taken[at] || t.wet[at] == isRiver {
				break
			}
			km2 = float64(t.catchment[at]) * Cell * Cell / 1e6
			taken[at] = true
			t.wet[at] = max(t.wet[at], isStream)
		}
		if len(line) < 8 {
			continue
		}
		out = append(out, Stream{Line: thin(t.warpAll(smooth(line, 3)), 2), Km2: km2})
	}
	return out
}

// makeLakes digs a few ponds on streams and gravel pits beside the river.
func (w *World) makeLakes() {
	t, r := w.terrain, w.Stream("lakes")
	try := func(p orb.Point, radius float64) {
		for _, l := range w.Water.Lakes {
			if planar.Distance(l.Ring[0], p) < 900 {
				return
			}
		}
		shape, n := newNoise(r.Uint64(), "lake"), 72
		ring := make(orb.Ring, 0, n+1)
		stretch, turn := 1+0.9*r.Float64(), r.Float64()*math.Pi
		for k := range n {
			a := 2 * math.Pi * float64(k) / float64(n)
			d := radius * (1 + 0.34*shape.fbm(1.1*math.Cos(a)+5, 1.1*math.Sin(a)+5, 2))
			x, y := d*math.Cos(a)*stretch, d*math.Sin(a)
			ring = append(ring, orb.Point{p[0] + x*math.Cos(turn) - y*math.Sin(turn), p[1] + x*math.Sin(turn) + y*math.Cos(turn)})
		}
		ring = append(ring, ring[0])
		for _, q := range ring {
			if k := t.wet[cellAt(q)]; !Bound.Contains(q) || k == isRiver || k == isCanal {
				return
			}
		}
		w.Water.Lakes = append(w.Water.Lakes, Lake{Ring: ring})
		fillCells(ring, func(i int) { t.wet[i] = isLake })
	}
	for range 260 { // ponds
		i := r.IntN(Cols * Rows)
		if t.wet[i] == isStream && len(w.Water.Lakes) < 9 {
			try(centre(i), 70+110*r.Float64())
		}
	}
	for range 400 { // gravel pits
		p := w.Water.River[r.IntN(len(w.Water.River))]
		q := offset(p, math.Pi*1.25+0.4*r.Float64(), 330+300*r.Float64())
		if len(w.Water.Lakes) < 15 && Bound.Contains(q) {
			try(q, 110+90*r.Float64())
		}
	}
}

// fillCells calls f for each terrain cell whose centre is in the ring.
func fillCells(ring orb.Ring, f func(int)) {
	b := ring.Bound()
	for y := b.Min[1]; y < b.Max[1]+Cell; y += Cell {
		for x := b.Min[0]; x < b.Max[0]+Cell; x += Cell {
			i := cellAt(orb.Point{x, y})
			if planar.RingContains(ring, centre(i)) {
				f(i)
			}
		}
	}
}

func nearestOn(line []orb.Point, p orb.Point) orb.Point {
	best, out := math.MaxFloat64, line[0]
	for _, q := range line {
		if d := planar.Distance(p, q); d < best {
			best, out = d, q
		}
	}
	return out
}

// clipLine keeps the longest run of the line inside the frame, cut exactly on its edge.
func clipLine(line []orb.Point) orb.LineString {
	var best, run orb.LineString
	flush := func() {
		if len(run) > 1 && lengthOf(run) > lengthOf(best) {
			best = run
		}
		run = nil
	}
	for i, p := range line {
		in := Bound.Contains(p)
		if i > 0 && in != Bound.Contains(line[i-1]) {
			run = append(run, edgePoint(line[i-1], p))
		}
		if in {
			run = append(run, p)
		} else {
			flush()
		}
	}
	flush()
	return best
}

// edgePoint is where ab crosses the frame's edge.
func edgePoint(a, b orb.Point) orb.Point {
	if !Bound.Contains(a) {
		a, b = b, a
	}
	for range 60 {
		if m := between(a, b, 0.5); Bound.Contains(m) {
			a = m
		} else {
			b = m
		}
	}
	return a
}
