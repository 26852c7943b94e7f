package attack

import (
	"context"
	"fmt"
	"math"
	"slices"

	"jumeau/model"
)

func num(v float64) string { return fmt.Sprintf("%.3g", v) }

func median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// uneven is the share of one category beyond which a breakdown says what everybody does.
const uneven = 0.95

// homogeneity is T15: breakdowns in which one category is nearly everybody's.
func (s *suite) homogeneity(ctx context.Context) ([]*Result, error) {
	r := &Result{Test: "T15", Name: "homogeneity",
		What: model.Text{FR: "Chercher les ventilations où presque tout le monde fait la même chose : y habiter suffit pour être connu.",
			EN: "Look for breakdowns in which nearly everybody does the same: living there is enough to be known."},
		Measure: model.Text{FR: "ventilations publiées où une catégorie dépasse 95 %", EN: "published breakdowns in which one category exceeds 95 %"}}
	var err error
	if r.Gate, r.Trials, err = s.homogeneous(ctx, s.gate); err != nil {
		return nil, err
	}
	r.Redaction, _, err = s.homogeneous(ctx, s.plain)
	if r.Redaction == 0 {
		r.Note = model.Text{FR: "Nulle zone de ce territoire n'est homogène : rien à trouver.", EN: "No zone of this territory is homogeneous: there is nothing to find."}
	}
	return []*Result{r}, err
}

func (s *suite) homogeneous(ctx context.Context, p Publisher) (share float64, trials int, err error) {
	seen, err := p.Publish(ctx, s.town, s.tables, nil)
	if err != nil {
		return 0, 0, err
	}
	alike := 0
	for _, e := range s.tables[modes].Totals {
		sum, most, shown := 0.0, 0.0, 0
		for _, c := range e {
			if y := seen[modes].Cells[c]; !math.IsNaN(y) {
				sum += y
				most = max(most, y)
				shown++
			}
		}
		if shown == 0 {
			continue
		}
		trials++
		if most > uneven*sum {
			alike++
		}
	}
	if trials == 0 {
		return 0, 0, nil
	}
	return float64(alike) / float64(trials), trials, nil
}
