package attack

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"jumeau/model"
)

// visit is a stay in a 200 m cell from an hour on.
type visit struct {
	cell int32
	hour int
}

// path is a person's day as visits, with how often each cell comes.
type path struct {
	visits []visit
	times  map[int32]int
	ranked []int32 // cells by number of hours, most first
}

func pathOf(cells [24]int32) path {
	p := path{times: map[int32]int{}}
	hours := map[int32]int{}
	for h, c := range cells {
		hours[c]++
		if h == 0 || cells[h-1] != c {
			p.visits = append(p.visits, visit{c, h})
			p.times[c]++
		}
	}
	for c := range hours {
		p.ranked = append(p.ranked, c)
	}
	slices.SortFunc(p.ranked, func(a, b int32) int {
		if hours[a] != hours[b] {
			return hours[b] - hours[a]
		}
		return int(a - b)
	})
	return p
}

// Trajectory attacks of scikit-mobility (Pellungrini, Pappalardo, Pratesi, Monreale 2018): what the attacker knows of two visits of
// his target, and whether another path agrees with it.
var trajectoryAttacks = []struct {
	name  model.Text
	agree func(known []visit, of, other *path) bool
}{
	{model.Text{FR: "lieux", EN: "location"}, func(known []visit, _, other *path) bool { // as often as known
		for _, v := range known {
			if n := count(known, v.cell); other.times[v.cell] < n {
				return false
			}
		}
		return true
	}},
	{model.Text{FR: "suite des lieux", EN: "sequence"}, func(known []visit, _, other *path) bool {
		at := 0
		for _, v := range other.visits {
			if at < len(known) && v.cell == known[at].cell {
				at++
			}
		}
		return at == len(known)
	}},
	{model.Text{FR: "lieux et heures", EN: "time"}, func(known []visit, _, other *path) bool {
		for _, v := range known {
			if !slices.Contains(other.visits, v) {
				return false
			}
		}
		return true
	}},
	{model.Text{FR: "lieux, sans leur nombre", EN: "unique location"}, func(known []visit, _, other *path) bool {
		for _, v := range known {
			if other.times[v.cell] == 0 {
				return false
			}
		}
		return true
	}},
	{model.Text{FR: "fréquence des lieux", EN: "frequency"}, func(known []visit, of, other *path) bool {
		for _, v := range known {
			if other.times[v.cell] != of.times[v.cell] {
				return false
			}
		}
		return true
	}},
	{model.Text{FR: "part des lieux", EN: "probability"}, func(known []visit, of, other *path) bool {
		for _, v := range known {
			if other.times[v.cell] == 0 || other.times[v.cell]*len(of.visits) != of.times[v.cell]*len(other.visits) {
				return false
			}
		}
		return true
	}},
	{model.Text{FR: "rapport des lieux", EN: "proportion"}, func(known []visit, of, other *path) bool {
		a, b := known[0].cell, known[len(known)-1].cell
		return other.times[a] > 0 && other.times[b] > 0 && other.times[a]*of.times[b] == of.times[a]*other.times[b]
	}},
	{model.Text{FR: "domicile et travail", EN: "home and work"}, func(_ []visit, of, other *path) bool {
		n := min(2, len(of.ranked))
		return len(other.ranked) >= n && slices.Equal(of.ranked[:n], other.ranked[:n])
	}},
}

func count(known []visit, cell int32) (n int) {
	for _, v := range known {
		if v.cell == cell {
			n++
		}
	}
	return n
}

// risks is, for each attack on trajectories, the mean over a sample of persons of the greatest 1/(paths that agree) over what the
// attacker may know.
func (s *suite) risks() (names []model.Text, risks []float64) {
	paths := make([]path, s.town.Persons())
	seen := map[int32][]int32{} // cell: persons
	for p, cells := range s.town.Cell {
		paths[p] = pathOf(cells)
		for c := range paths[p].times {
			seen[c] = append(seen[c], int32(p))
		}
	}
	sample := s.random.Perm(s.town.Persons())[:min(s.Sample, s.town.Persons())]
	for _, a := range trajectoryAttacks {
		sum := 0.0
		for _, p := range sample {
			of, fewest := &paths[p], math.MaxInt
			for i := range of.visits {
				for j := i; j < len(of.visits); j++ {
					known := []visit{of.visits[i]}
					if j > i {
						known = append(known, of.visits[j])
					} else if len(of.visits) > 1 {
						continue
					}
					agree := 0
					for _, other := range rarest(seen, known) {
						if a.agree(known, of, &paths[other]) {
							agree++
						}
					}
					fewest = min(fewest, max(1, agree))
				}
			}
			sum += 1 / float64(fewest)
		}
		names, risks = append(names, a.name), append(risks, sum/float64(max(1, len(sample))))
	}
	return names, risks
}

// rarest are the persons seen in the known cell where fewest were.
func rarest(seen map[int32][]int32, known []visit) []int32 {
	best := seen[known[0].cell]
	for _, v := range known[1:] {
		if l := seen[v.cell]; len(l) < len(best) {
			best = l
		}
	}
	return best
}

// trajectories is T13. No table of one row or one sequence a person is published, so that these attacks have nothing to match
// against; the nearest thing is a pair of places, of which at least k persons travel each.
func (s *suite) trajectories(ctx context.Context) ([]*Result, error) {
	names, risks := s.risks()
	var fr, en []string
	for i, n := range names {
		fr, en = append(fr, fmt.Sprintf("%s %.0f %%", n.FR, 100*risks[i])), append(en, fmt.Sprintf("%s %.0f %%", n.EN, 100*risks[i]))
	}
	r := &Result{Test: "T13", Name: "trajectories",
		What:    model.Text{FR: "Reconnaître quelqu'un dont on connaît deux lieux (les 8 attaques de scikit-mobility).", EN: "Recognise somebody of whom two places are known (the 8 attacks of scikit-mobility)."},
		Measure: model.Text{FR: "risque le plus grand d'une paire de lieux publiée : 1/personnes", EN: "greatest risk of a published pair of places: 1/persons"},
		Bound:   1 / float64(s.K),
		Note: model.Text{FR: "Aucune table de trajets de personnes n'est publiée. Sur les données brutes, le risque moyen serait : " + strings.Join(fr, ", ") + ".",
			EN: "No table of individual journeys is published. On the raw data the mean risk would be: " + strings.Join(en, ", ") + "."}}
	for i, n := range names {
		r.Raw = append(r.Raw, Raw{n, risks[i]})
	}
	var err error
	if r.Gate, r.Trials, err = s.pairRisk(ctx, s.gate); err != nil {
		return nil, err
	}
	r.Redaction, _, err = s.pairRisk(ctx, s.plain)
	return []*Result{r}, err
}

func (s *suite) pairRisk(ctx context.Context, p Publisher) (risk float64, pairs int, err error) {
	seen, err := p.Publish(ctx, s.town, s.tables, nil)
	if err != nil {
		return 0, 0, err
	}
	truth, _ := s.tables[flows].Count(nil)
	for c, y := range seen[flows].Cells {
		if !math.IsNaN(y) {
			pairs++
			risk = max(risk, 1/max(1, truth[c]))
		}
	}
	return risk, pairs, nil
}
