package attack

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"jumeau/data/demo/place"
	"jumeau/model"
)

// Truth of the demonstration territory: what its residents do, invented anew from the seed.
type Truth struct {
	Town     *Town
	Iris     []string                 // codes, in the order of the town's leaf zones
	Presence map[model.Slot][]float64 // persons by IRIS half past each hour of a day type
}

// OfWorld is the truth about a demonstration territory.
func OfWorld(w *place.World) *Truth {
	n := len(w.Persons)
	town := &Town{Zones: len(w.Iris), Communes: len(w.Communes), Stay: make([][spans]int32, n), Cell: make([][24]int32, n), Trips: make([][]Trip, n)}
	t := &Truth{Town: town, Presence: map[model.Slot][]float64{}}
	for _, iris := range w.Iris {
		town.Parent, t.Iris = append(town.Parent, int32(iris.Commune)), append(t.Iris, iris.Code)
	}
	for _, day := range model.DayTypes {
		for h := range 24 {
			t.Presence[model.Slot(fmt.Sprintf("%s-%02d", day, h))] = make([]float64, town.Zones)
		}
	}
	workers := runtime.GOMAXPROCS(0)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for k := range workers {
		wait.Go(func() {
			counts := make(map[model.Slot][]float64)
			for slot := range t.Presence {
				counts[slot] = make([]float64, town.Zones)
			}
			for p := k; p < n; p += workers {
				for _, day := range model.DayTypes {
					live(w, town, p, day, counts)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for slot, part := range counts {
				for z, v := range part {
					t.Presence[slot][z] += v
				}
			}
		})
	}
	wait.Wait()
	return t
}

// live follows a person through a day of a type.
func live(w *place.World, town *Town, p int, day string, counts map[model.Slot][]float64) {
	trips := w.Day(p, day, 0)
	at, next := w.Households[w.Persons[p].Household].Home, 0
	where := func(minute int) *place.Building {
		for next < len(trips) && trips[next].Arrive <= minute {
			at = trips[next].To
			next++
		}
		return &w.Buildings[at]
	}
	for h := range 24 {
		b := where(60*h + 30)
		counts[model.Slot(fmt.Sprintf("%s-%02d", day, h))][b.Iris]++
		if day == model.DayTypes[0] {
			town.Cell[p][h] = square(b)
			if h%3 == 1 {
				town.Stay[p][h/3] = int32(b.Iris)
			}
		}
	}
	if day != model.DayTypes[0] {
		return
	}
	for _, trip := range trips {
		from, to := &w.Buildings[trip.From], &w.Buildings[trip.To]
		for m, name := range Modes {
			if name == trip.Mode {
				town.Trips[p] = append(town.Trips[p], Trip{From: town.Parent[from.Iris], To: town.Parent[to.Iris], Zone: int32(from.Iris), Mode: uint8(m)})
			}
		}
	}
}

// square numbers the squares of 200 m of the territory's frame.
func square(b *place.Building) int32 {
	const side = 200
	columns := int32(math.Ceil(place.Cols * place.Cell / side))
	return int32((b.Centre[1]-place.South)/side)*columns + int32((b.Centre[0]-place.West)/side)
}
