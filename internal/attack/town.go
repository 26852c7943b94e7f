package attack

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Modes of transport, the sensitive category of the town's trips.
var Modes = []string{"marche", "velo", "transport_collectif", "voiture"}

// Slots of presence: a working day in three-hour spans, as the gate writes them.
const spans = 8

func spanName(i int) string { return fmt.Sprintf("weekday-%02d-%02d", 3*i, 3*i+3) }

// Trip of a person: communes of its ends, leaf zone of its origin, mode.
type Trip struct {
	From, To int32
	Zone     int32
	Mode     uint8
}

// Town is what each invented person did on a working day.
type Town struct {
	Zones    int
	Parent   []int32 // commune of each leaf zone
	Communes int
	Stay     [][spans]int32 // leaf zone of each person in the middle of each span
	Cell     [][24]int32    // 200 m cell of each person at half past each hour
	Trips    [][]Trip
}

// Persons is their number.
func (t *Town) Persons() int { return len(t.Stay) }

// Tables of figures that are published about a town.
const (
	presence = iota // leaf zone × span; totals by commune × span and by span
	flows           // origin × destination; totals by origin, by destination, and of all
	modes           // leaf zone × mode; totals by leaf zone
	tables
)

// Equation is a total that may be published, and the cells that add up to it.
type Equation []int

// Table is the shape of a table: its number of cells, its totals, and what cells a person is in.
type Table struct {
	Name   string
	Cells  int
	Totals []Equation
	Of     [][]int32 // by person: distinct cells
}

// Tables of the town.
func (t *Town) Tables() []Table {
	out := []Table{t.presence(), t.flows(), t.modes()}
	for i := range out {
		for p := range out[i].Of {
			slices.Sort(out[i].Of[p])
			out[i].Of[p] = slices.Compact(out[i].Of[p])
		}
	}
	return out
}

func (t *Town) presence() Table {
	out := Table{Name: "presence", Cells: spans * t.Zones, Of: make([][]int32, t.Persons())}
	for s := range spans {
		for c := range t.Communes {
			var e Equation
			for z, up := range t.Parent {
				if int(up) == c {
					e = append(e, s*t.Zones+z)
				}
			}
			out.Totals = append(out.Totals, e)
		}
	}
	for s := range spans {
		var e Equation
		for z := range t.Zones {
			e = append(e, s*t.Zones+z)
		}
		out.Totals = append(out.Totals, e)
	}
	for p, stay := range t.Stay {
		for s, z := range stay {
			if z >= 0 {
				out.Of[p] = append(out.Of[p], int32(s*t.Zones)+z)
			}
		}
	}
	return out
}

func (t *Town) flows() Table {
	n := t.Communes
	out := Table{Name: "trips", Cells: n * n, Of: make([][]int32, t.Persons())}
	line := func(start, step, count int) {
		var e Equation
		for i := range count {
			e = append(e, start+i*step)
		}
		out.Totals = append(out.Totals, e)
	}
	for from := range n {
		line(from*n, 1, n)
	}
	for to := range n {
		line(to, n, n)
	}
	line(0, 1, n*n)
	for p, trips := range t.Trips {
		for _, trip := range trips {
			out.Of[p] = append(out.Of[p], trip.From*int32(n)+trip.To)
		}
	}
	return out
}

func (t *Town) modes() Table {
	m := len(Modes)
	out := Table{Name: "modes", Cells: t.Zones * m, Of: make([][]int32, t.Persons())}
	for z := range t.Zones {
		var e Equation
		for i := range m {
			e = append(e, z*m+i)
		}
		out.Totals = append(out.Totals, e)
	}
	for p, trips := range t.Trips {
		for _, trip := range trips {
			out.Of[p] = append(out.Of[p], trip.Zone*int32(m)+int32(trip.Mode))
		}
	}
	return out
}

// Count counts the distinct persons of each cell and the contributions of each total; persons for whom out says true are left out.
func (t *Table) Count(out []bool) (cells, totals []float64) {
	cells, totals = make([]float64, t.Cells), make([]float64, len(t.Totals))
	for p, of := range t.Of {
		if out == nil || !out[p] {
			for _, c := range of {
				cells[c]++
			}
		}
	}
	for i, e := range t.Totals {
		for _, c := range e {
			totals[i] += cells[c]
		}
	}
	return cells, totals
}

// allDrive is a zone of an invented town that people reach and leave by car only.
const allDrive = 13

// Invent makes a small town for tests: communes of uneven size, people who work elsewhere, a few rare pairs.
func Invent(seed uint64, persons int) *Town {
	r := rand.New(rand.NewPCG(seed, 1))
	t := &Town{Zones: 14, Communes: 5, Parent: []int32{0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4}}
	weight := []float64{24, 17, 12, 0.29, 11, 8, 0.12, 9, 6, 0.1, 7, 0.15, 5, 1.5}
	sum := 0.0
	for z, w := range weight {
		if w < 0.3 { // small zones are as small in a large town
			weight[z] *= 6000 / float64(persons)
		}
		sum += weight[z]
	}
	draw := func() int32 {
		x := r.Float64() * sum
		for z, w := range weight {
			if x -= w; x < 0 {
				return int32(z)
			}
		}
		return 0
	}
	for range persons {
		home, work := draw(), draw()
		if r.Float64() < 0.35 {
			work = home
		}
		var stay [spans]int32
		var cell [24]int32
		homeCell, workCell := home*40+int32(r.IntN(40)), work*40+int32(r.IntN(40))
		for s := range stay {
			if stay[s] = home; s >= 3 && s <= 5 {
				stay[s] = work
			}
		}
		start, end := 7+r.IntN(3), 16+r.IntN(4)
		for h := range cell {
			if cell[h] = homeCell; h >= start && h < end {
				cell[h] = workCell
			}
		}
		if r.Float64() < 0.4 { // an evening somewhere
			cell[end] = draw()*40 + int32(r.IntN(40))
		}
		var trips []Trip
		if work != home {
			mode := uint8(r.IntN(len(Modes)))
			if home == allDrive || work == allDrive {
				mode = 3
			}
			trips = []Trip{{t.Parent[home], t.Parent[work], home, mode}, {t.Parent[work], t.Parent[home], work, mode}}
		}
		t.Stay, t.Cell, t.Trips = append(t.Stay, stay), append(t.Cell, cell), append(t.Trips, trips)
	}
	return t
}
