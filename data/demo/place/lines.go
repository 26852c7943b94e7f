package place

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Stop of the bus network.
type Stop struct {
	ID, Name string
	At       orb.Point
	Commune  int
}

// Line of buses, in one direction; buses come back the same way.
type Line struct {
	ID, Short, Long string
	Colour          string // without #
	Path            orb.LineString
	Stops           []int     // indices in Transit.Stops
	At              []float64 // metres along Path of each stop
	Headway         int       // minutes between departures on a weekday
}

// Transit is the bus network.
type Transit struct {
	Stops []Stop
	Lines []Line
}

// graph is the street network for finding ways.
type graph struct {
	w    *World
	node []orb.Point
	of   map[int32]int32 // junction → node
	out  [][]int32       // streets at a node
	end  [][2]int32      // nodes of each street
	long []float64
}

// Ways prepares the street network for finding ways by road. Not safe for concurrent use.
func (w *World) Ways() *Ways {
	g := graph{w: w, of: map[int32]int32{}}
	node := func(j int32, p orb.Point) int32 {
		if n, ok := g.of[j]; ok {
			return n
		}
		n := int32(len(g.node))
		g.of[j], g.node, g.out = n, append(g.node, p), append(g.out, nil)
		return n
	}
	for k, s := range w.Streets {
		a, b := node(s.From, s.Line[0]), node(s.To, s.Line[len(s.Line)-1])
		g.end = append(g.end, [2]int32{a, b})
		l := lengthOf(s.Line)
		switch s.Class {
		case Motorway, Ramp:
			l *= 30 // not for buses, bicycles and people on foot
		case Local, Lane:
			l *= 1.3
		}
		g.long = append(g.long, l)
		g.out[a], g.out[b] = append(g.out[a], int32(k)), append(g.out[b], int32(k))
	}
	return &Ways{graph: g, cost: make([]float64, len(g.node)), by: make([]int32, len(g.node))}
}

// Ways finds ways along the streets.
type Ways struct {
	graph
	cost []float64
	by   []int32
}

// Nearest junction to p.
func (g *Ways) Nearest(p orb.Point) int32 {
	best, near := int32(0), math.MaxFloat64
	for i, q := range g.node {
		if d := (p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]); d < near {
			best, near = int32(i), d
		}
	}
	return best
}

// Find the shortest way between two junctions; nil when there is none.
func (g *Ways) Find(from, to int32) orb.LineString {
	for i := range g.cost {
		g.cost[i], g.by[i] = math.MaxFloat64, none
	}
	var open frontier
	g.cost[from] = 0
	goal := g.node[to]
	open.push(visit{planar.Distance(g.node[from], goal), from})
	for len(open) > 0 {
		v := open.pop()
		if v.at == to {
			return g.back(from, to)
		}
		if v.cost > g.cost[v.at]+planar.Distance(g.node[v.at], goal)+1e-6 {
			continue
		}
		for _, k := range g.out[v.at] {
			next := g.end[k][0] + g.end[k][1] - v.at
			if c := g.cost[v.at] + g.long[k]; c < g.cost[next] {
				g.cost[next], g.by[next] = c, k
				open.push(visit{c + planar.Distance(g.node[next], goal), next})
			}
		}
	}
	return nil
}

func (g *Ways) back(from, to int32) orb.LineString {
	var line orb.LineString
	for at := to; at != from; {
		k := g.by[at]
		piece := append(orb.LineString(nil), g.w.Streets[k].Line...)
		if g.end[k][0] == at && g.end[k][0] != g.end[k][1] { // walked from its end to its start: already backwards
		} else {
			piece.Reverse()
		}
		if len(line) > 0 {
			piece = piece[1:]
		}
		line = append(line, piece...)
		at = g.end[k][0] + g.end[k][1] - at
	}
	line.Reverse()
	return line
}

var lineColours = []string{"B5495B", "3A7CA5", "D08C2F", "4B8B5A", "7A5C99", "C06C3E", "2F8F8B", "8C6D46", "A23B72", "55708F", "6B8E23", "9C5B3C"}

// Transit lays the bus lines: from the station of the town to other places, and two lines across the town.
func (w *World) Transit() Transit {
	var t Transit
	ways := w.Ways()
	hub := w.stationAt()
	seat := func(rank int) orb.Point { return w.Communes[rank].Seat }
	routes := [][]orb.Point{
		{hub, seat(0), seat(1)}, {hub, seat(0), seat(2)}, {hub, seat(0), seat(EmploymentZone), centre(w.parks[0].site)},
		{hub, seat(0), seat(3), seat(11)}, {hub, seat(0), seat(4), seat(12)}, {hub, seat(5), seat(14)}, {hub, seat(6), seat(10)},
		{hub, seat(7), seat(13)}, {hub, seat(8), seat(15)}, {seat(1), centre(w.parks[0].site), seat(EmploymentZone)},
		{w.farHome(1), seat(0), hub, centre(w.parks[2].site)}, {w.farHome(-1), hub, seat(0), w.farHome(2)},
	}
	for k, through := range routes {
		l := Line{ID: fmt.Sprintf("TO:L%02d", k+1), Short: fmt.Sprint(k + 1), Colour: lineColours[k], Headway: [3]int{15, 30, 60}[min(k/4, 2)]}
		if k >= 10 {
			l.Headway = 12
		}
		for i := 0; i+1 < len(through); i++ {
			part := ways.Find(ways.Nearest(through[i]), ways.Nearest(through[i+1]))
			if len(l.Path) > 0 && len(part) > 0 {
				part = part[1:]
			}
			l.Path = append(l.Path, part...)
		}
		if len(l.Path) < 2 {
			continue
		}
		w.stopsOn(&t, &l)
		if len(l.Stops) < 2 {
			continue
		}
		first, last := t.Stops[l.Stops[0]], t.Stops[l.Stops[len(l.Stops)-1]]
		l.Long = first.Name + " – " + last.Name
		t.Lines = append(t.Lines, l)
	}
	return t
}

func (w *World) stationAt() orb.Point {
	for _, f := range w.Facilities {
		if f.Type == "E107" {
			return f.At
		}
	}
	return w.Communes[0].Seat
}

// farHome is a dwelling of the town far from its centre, to the east (1), the west (-1) or the south (2).
func (w *World) farHome(side int) orb.Point {
	out, best := w.Communes[0].Seat, math.Inf(-1)
	for _, b := range w.Buildings {
		if b.Dwellings == 0 || w.Iris[b.Iris].Commune != 0 || b.Kind == "farm" || planar.Distance(b.Centre, w.Communes[0].Seat) > 1900 {
			continue
		}
		d := float64(side) * b.Centre[0]
		if side == 2 {
			d = -b.Centre[1]
		}
		if d > best {
			best, out = d, b.Centre
		}
	}
	return out
}

// stopsOn puts stops along a line: every 400 m in built places, every 1,300 m elsewhere; lines share stops within 90 m.
func (w *World) stopsOn(t *Transit, l *Line) {
	total := lengthOf(l.Path)
	for d, since := 0.0, math.MaxFloat64; ; d, since = d+25, since+25 {
		end := d >= total-20
		if end {
			d = total
		}
		p, _ := along(l.Path, d)
		i := cellAt(p)
		gap := 1300.0
		if w.urban[i] > 0 || w.business[i] > 0 {
			gap = 400
		}
		if since >= gap || end && since > 150 {
			if s := w.stopAt(t, p); !slices.Contains(l.Stops, s) {
				l.Stops, l.At = append(l.Stops, s), append(l.At, d)
				since = 0
			}
		}
		if end {
			return
		}
	}
}

func (w *World) stopAt(t *Transit, p orb.Point) int {
	for i, s := range t.Stops {
		if planar.Distance(s.At, p) < 90 {
			return i
		}
	}
	commune, name := -1, ""
	if i := w.IrisAt(p); i >= 0 {
		commune = w.Iris[i].Commune
		if planar.Distance(p, w.Communes[commune].Seat) < 130 {
			name = w.Communes[commune].Name + " Mairie"
		}
	}
	if name == "" {
		name = w.nearStreet(p)
	}
	for _, s := range t.Stops { // a second stop of the same name takes the commune's
		if s.Name == name && commune >= 0 {
			name = fmt.Sprintf("%s %d", name, len(t.Stops)+1)
			break
		}
	}
	t.Stops = append(t.Stops, Stop{ID: fmt.Sprintf("TO:SP%04d", len(t.Stops)+1), Name: name, At: p, Commune: commune})
	return len(t.Stops) - 1
}

// nearStreet is the name of a side street near p, without its kind.
func (w *World) nearStreet(p orb.Point) string {
	name, near := "Lieu-dit", math.MaxFloat64
	for _, s := range w.Streets {
		if s.Name == "" || s.Class == Motorway || s.Class == Main || s.Class == Secondary {
			continue
		}
		if d := planar.Distance(p, s.Line[0]); d < near {
			near, name = d, s.Name
		}
	}
	for _, kind := range []string{"rue ", "chemin ", "impasse ", "allée ", "place ", "avenue "} {
		if len(name) > len(kind) && name[:len(kind)] == kind {
			name = name[len(kind):]
		}
	}
	for _, article := range []string{"des ", "du ", "de la ", "de l'", "de ", "d'"} {
		if len(name) > len(article) && name[:len(article)] == article {
			name = name[len(article):]
			break
		}
	}
	return capital(name)
}

func capital(s string) string {
	r := []rune(s)
	if len(r) > 0 && r[0] >= 'a' && r[0] <= 'z' {
		r[0] -= 'a' - 'A'
	}
	return string(r)
}
