package generate

import (
	"strconv"

	"jumeau/data/demo/place"
)

// commuters counts employed residents by commune of residence and of work.
func commuters(w *place.World) [][]int {
	n := len(w.Communes)
	out := make([][]int, n)
	for i := range out {
		out[i] = make([]int, n)
	}
	for i := range w.Persons {
		if p := &w.Persons[i]; p.Status == place.Worker {
			out[w.CommuneOf(p)][w.Iris[w.Buildings[p.Place].Iris].Commune]++
		}
	}
	return out
}

// flows in the layout of INSEE's "base flux domicile-travail". Counts carry census weights, so they are decimals; the sum over
// destinations is the number of employed residents. Two rows name a commune that does not exist.
func (s *sheet) flows() error {
	r := s.w.Stream("census weights")
	counts := commuters(s.w)
	return s.text(func(o *out) {
		o.row(';', "CODGEO", "LIBGEO", "DCLT", "L_DCLT", "NBFLUX_C22_ACTOCC15P")
		row := func(cells ...string) {
			o.row(';', cells...)
			s.rows++
		}
		for i, line := range counts {
			weighted, total, sum := make([]float64, len(line)), 0.0, 0.0
			for j, n := range line {
				for range n { // each sampled person stands for about one: weights within 12 %
					weighted[j] += 1 + 0.12*(2*r.Float64()-1)
				}
				total, sum = total+float64(n), sum+weighted[j]
			}
			for j, n := range line {
				if n > 0 {
					a, b := s.w.Communes[i], s.w.Communes[j]
					row(a.Code, a.Name, b.Code, b.Name, strconv.FormatFloat(weighted[j]*total/sum, 'f', 12, 64))
				}
			}
		}
		first := s.w.Communes[0]
		row(first.Code, first.Name, "99999", "Commune inconnue", "12.481516342301")
		row("99998", "Autre commune inconnue", first.Code, first.Name, "5.004127719834")
	})
}
