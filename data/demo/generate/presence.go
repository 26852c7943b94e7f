package generate

import (
	"fmt"
	"math"
	"runtime"
	"sync"

	"jumeau/data/demo/place"
)

// producerThreshold is the least count the operator publishes.
const producerThreshold = 20

// dayTypes of the operator's table: an average working day, Saturday and Sunday of November 2025.
var dayTypes = []string{"weekday", "saturday", "sunday"}

// present counts residents by IRIS half past each hour of a day of the type: [iris][hour].
func present(w *place.World, dayType string) [][24]int {
	total := make([][24]int, len(w.Iris))
	workers := runtime.GOMAXPROCS(0)
	var mu sync.Mutex
	var wait sync.WaitGroup
	for k := range workers {
		wait.Go(func() {
			part := make([][24]int, len(w.Iris))
			for p := k; p < len(w.Persons); p += workers {
				trips := w.Day(p, dayType, 0)
				at, next := w.HomeOf(&w.Persons[p]).Iris, 0
				for hour := range 24 {
					now := hour*60 + 30
					for next < len(trips) && trips[next].Arrive <= now {
						at = w.Buildings[trips[next].To].Iris
						next++
					}
					part[at][hour]++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range part {
				for h := range 24 {
					total[i][h] += part[i][h]
				}
			}
		})
	}
	wait.Wait()
	return total
}

// presence is the operator's table: persons present by IRIS and hour of a typical day. Counts below 20 are "s", as are zeros;
// one count escaped the operator's rule.
func (s *sheet) presence() error {
	r := s.w.Stream("operator")
	return s.text(func(o *out) {
		o.row(';', "code_iris", "libelle", "creneau", "presents")
		for _, day := range dayTypes {
			counts := present(s.w, day)
			for i, iris := range s.w.Iris {
				label := s.w.Communes[iris.Commune].Name
				if iris.Type != "Z" {
					label += " – " + iris.Name
				}
				for hour := range 24 {
					v := math.Round(float64(counts[i][hour]) * (1.02 + 0.025*r.NormFloat64()))
					text := fmt.Sprintf("%.0f", v)
					if v < producerThreshold {
						text = "s"
					}
					o.row(';', iris.Code, label, fmt.Sprintf("%s-%02d", day, hour), text)
					s.rows++
				}
			}
		}
		iris := s.w.Iris[len(s.w.Iris)-1]
		o.row(';', iris.Code, s.w.Communes[iris.Commune].Name, "weekday-03", "7")
		s.rows++
	})
}
