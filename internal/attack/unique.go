package attack

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"jumeau/model"
)

// index lists the persons of each point (200 m cell, hour), in order.
type index map[int64][]int32

func point(cell int32, hour int) int64 { return int64(cell)*24 + int64(hour) }

func newIndex(t *Town) index {
	x := index{}
	for p, cells := range t.Cell {
		for h, c := range cells {
			x[point(c, h)] = append(x[point(c, h)], int32(p))
		}
	}
	return x
}

// matching counts the persons who were at all the points, up to limit.
func (x index) matching(points []int64, limit int) int {
	lists := make([][]int32, len(points))
	for i, q := range points {
		lists[i] = x[q]
	}
	slices.SortFunc(lists, func(a, b []int32) int { return len(a) - len(b) })
	n := 0
	for _, p := range lists[0] {
		in := true
		for _, l := range lists[1:] {
			if _, found := slices.BinarySearch(l, p); !found {
				in = false
				break
			}
		}
		if in {
			if n++; n == limit {
				break
			}
		}
	}
	return n
}

// Uniqueness is the share of persons whom p random points (200 m cell, hour) of theirs make unique, for p from 1 to most
// (de Montjoye et al. 2013).
func Uniqueness(t *Town, sample, most int, random *rand.Rand) []float64 {
	x := newIndex(t)
	out := make([]float64, most)
	for range sample {
		p := random.IntN(t.Persons())
		hours := random.Perm(24)
		var points []int64
		for i := range most {
			points = append(points, point(t.Cell[p][hours[i]], hours[i]))
			if x.matching(points, 2) == 1 {
				out[i]++
			}
		}
	}
	for i := range out {
		out[i] /= float64(max(1, sample))
	}
	return out
}

// uniqueness is T12: how many are unique in the raw data, which goes into the impact assessment, and how many published cells have
// fewer than k persons.
func (s *suite) uniqueness(ctx context.Context) ([]*Result, error) {
	sample := 10 * s.Sample
	raw := Uniqueness(s.town, sample, 5, s.random)
	r := &Result{Test: "T12", Name: "uniqueness",
		What:    model.Text{FR: "Compter les cases publiées où il y a moins de k personnes.", EN: "Count the published cells with fewer than k persons."},
		Measure: model.Text{FR: "cases publiées de moins de k personnes", EN: "published cells with fewer than k persons"},
		Note: model.Text{FR: fmt.Sprintf("Dans les données brutes, p points (carreau de 200 m, heure) rendent unique : %s des personnes pour p = 1 à 5 (%d tirées).", percents(raw, ","), sample),
			EN: fmt.Sprintf("In the raw data p points (200 m cell, hour) single out %s of people for p = 1 to 5 (%d drawn).", percents(raw, "."), sample)}}
	for i, v := range raw {
		r.Raw = append(r.Raw, Raw{model.Text{FR: fmt.Sprintf("rendus uniques par %d point(s) (carreau de 200 m, heure)", i+1), EN: fmt.Sprintf("made unique by %d point(s) (200 m cell, hour)", i+1)}, v})
	}
	var err error
	if r.Gate, r.Trials, err = s.tooFew(ctx, s.gate); err != nil {
		return nil, err
	}
	r.Redaction, _, err = s.tooFew(ctx, s.plain)
	return []*Result{r}, err
}

func percents(v []float64, decimal string) (text string) {
	for i, x := range v {
		if i > 0 {
			text += ", "
		}
		n := fmt.Sprintf("%.1f %%", 100*x)
		if decimal == "," {
			n = fmt.Sprintf("%d,%d %%", int(math.Round(1000*x))/10, int(math.Round(1000*x))%10)
		}
		text += n
	}
	return text
}

func (s *suite) tooFew(ctx context.Context, p Publisher) (share float64, cells int, err error) {
	seen, err := p.Publish(ctx, s.town, s.tables, nil)
	if err != nil {
		return 0, 0, err
	}
	few := 0
	for i := range s.tables {
		truth, _ := s.tables[i].Count(nil)
		for c, y := range seen[i].Cells {
			if !math.IsNaN(y) {
				cells++
				if truth[c] < float64(s.K) {
					few++
				}
			}
		}
	}
	if cells == 0 {
		return 0, 0, nil
	}
	return float64(few) / float64(cells), cells, nil
}
