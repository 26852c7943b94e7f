package attack

import (
	"context"
	"math"
	"path/filepath"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// averaging is T10: the same release again and again, to average the noise away. The ledger refuses; what the mean would tell if it
// did not is reported beside.
func (s *suite) averaging(ctx context.Context) ([]*Result, error) {
	l := ledger.At(filepath.Join(s.gate.Dir, "averaged.jsonl"))
	beyond, err := s.again(ctx, func(int) *ledger.Ledger { return l })
	if err != nil {
		return nil, err
	}
	entries, err := ledger.Read(l.Path())
	if err != nil {
		return nil, err
	}
	r := &Result{Test: "T10", Name: "averaging",
		What:    model.Text{FR: "Refaire mille fois la même publication et faire la moyenne.", EN: "Make the same release again and again, and average."},
		Measure: model.Text{FR: "publications obtenues de plus que la première", EN: "releases obtained beyond the first"},
		Gate:    beyond, Redaction: 1, Bound: 0, Trials: 5 * s.Runs}
	if len(entries) != 1 {
		r.Gate = 1
	}
	unguarded, err := Average(ctx, s.gate, s.town, s.tables, s.Runs)
	r.Note = model.Text{FR: "Sans le registre, la moyenne ramènerait l'erreur médiane de " + num(unguarded.One) + " à " + num(unguarded.Mean) + " personnes. Une répétition du caviardage redonne les chiffres exacts.",
		EN: "Without the ledger the mean would take the median error from " + num(unguarded.One) + " to " + num(unguarded.Mean) + " persons. Repeating the redaction gives the exact figures again."}
	return []*Result{r}, err
}

// again makes one release again and again, and says which share of the tries beyond the first was drawn.
func (s *suite) again(ctx context.Context, ledgerOf func(i int) *ledger.Ledger) (beyond float64, err error) {
	tries, drawn := 5*s.Runs, 0
	for i := range tries {
		in := s.town
		if i > 0 { // a refusal does not depend on the rows: the rest of the tries feed a few
			in = s.few()
		}
		if _, err := s.gate.release(ctx, ledgerOf(i), "once", in, nil); err == nil {
			drawn++
		} else if model.KindOf(err) != model.Withheld {
			return 0, err
		}
	}
	return float64(drawn-1) / float64(tries-1), nil
}

// few are the first persons of the town.
func (s *suite) few() *Town {
	n := min(50, s.town.Persons())
	t := *s.town
	t.Stay, t.Trips, t.Cell = t.Stay[:n], t.Trips[:n], t.Cell[:n]
	return &t
}

// Averaged is the median error of published cells, of one release and of the mean of several.
type Averaged struct{ One, Mean float64 }

// Average publishes several times and averages: what somebody could do whom no ledger stops.
func Average(ctx context.Context, p Publisher, t *Town, tables []Table, runs int) (Averaged, error) {
	sums, times := make([]float64, tables[presence].Cells), make([]float64, tables[presence].Cells)
	var out Averaged
	var k knowledge
	for run := range runs {
		seen, err := p.Publish(ctx, t, tables, nil)
		if err != nil {
			return out, err
		}
		k = expect(tables, seen, make([]bool, t.Persons()))
		var errors []float64
		for c, y := range seen[presence].Cells {
			if !math.IsNaN(y) {
				sums[c] += y
				times[c]++
				errors = append(errors, math.Abs(y-k.cells[presence][c]))
			}
		}
		if run == 0 {
			out.One = median(errors)
		}
	}
	var errors []float64
	for c, n := range times {
		if n == float64(runs) { // published each time: the mean has no bias of selection
			errors = append(errors, math.Abs(sums[c]/n-k.cells[presence][c]))
		}
	}
	out.Mean = median(errors)
	return out, nil
}
