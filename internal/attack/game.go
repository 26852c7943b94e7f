package attack

import (
	"context"
	"math"

	"jumeau/model"
)

// The game: a coin decides for each target whether its rows are in the source. The attacker sees what is published, knows the rows
// of everybody else (the coins of other targets too) and every rule, and guesses the coin. Targets of one run share no small
// cell, so one run tosses many coins.

// knowledge is what the attacker expects to see of a run without his target: counts after bounding, and their variance.
type knowledge struct {
	cells, cellVar, totals, totalVar [][]float64 // by table
}

// kept is the share of a person's cells that bounding keeps.
func kept(keep, cells int) float64 {
	if keep == 0 || cells <= keep {
		return 1
	}
	return float64(keep) / float64(cells)
}

// expect works out what is expected of everybody who is in.
func expect(tables []Table, seen []Published, out []bool) knowledge {
	var k knowledge
	for i := range tables {
		t := &tables[i]
		cells, variance := make([]float64, t.Cells), make([]float64, t.Cells)
		for p, of := range t.Of {
			if out[p] {
				continue
			}
			q := kept(seen[i].Keep, len(of))
			for _, c := range of {
				cells[c] += q
				variance[c] += q * (1 - q)
			}
		}
		totals, totalVar := make([]float64, len(t.Totals)), make([]float64, len(t.Totals))
		for j, e := range t.Totals {
			for _, c := range e {
				totals[j] += cells[c]
				totalVar[j] += variance[c]
			}
		}
		k.cells, k.cellVar = append(k.cells, cells), append(k.cellVar, variance)
		k.totals, k.totalVar = append(k.totals, totals), append(k.totalVar, totalVar)
	}
	return k
}

// evidence adds up the log-likelihood ratio of normal laws: seen is what is published, without is expected of the others, q what the
// target would add.
func evidence(seen, without, variance, q float64) float64 {
	return (seen - without - q/2) * q / max(variance, 1e-3)
}

// statistic weighs what is published for or against the target being in: above zero is for. false: nothing published is about it.
type statistic func(s *suite, seen []Published, k *knowledge, target int, in bool) (float64, bool)

// play tosses coins for the targets, publishes, and counts right guesses. Where nothing is published about a target the attacker
// tosses a coin himself, which is half a right guess.
func (s *suite) play(ctx context.Context, p Publisher, targets []int, runs int, weigh statistic) (success float64, trials int, err error) {
	right := 0.0
	for range runs {
		out := make([]bool, s.town.Persons())
		in := make([]bool, len(targets))
		for i, t := range targets {
			in[i] = s.random.IntN(2) == 0
			out[t] = !in[i]
		}
		seen, err := p.Publish(ctx, s.town, s.tables, out)
		if err != nil {
			return 0, 0, err
		}
		k := expect(s.tables, seen, out)
		for i, t := range targets {
			score, told := weigh(s, seen, &k, t, in[i])
			switch {
			case !told || score == 0:
				right += 0.5
			case score > 0 == in[i]:
				right++
			}
			trials++
		}
	}
	if trials == 0 {
		return 0.5, 0, nil
	}
	return right / float64(trials), trials, nil
}

// everything weighs every published cell and total that the target is in.
func everything(s *suite, seen []Published, k *knowledge, target int, in bool) (score float64, told bool) {
	for i := range s.tables {
		t, v := &s.tables[i], &seen[i]
		of := t.Of[target]
		q := kept(v.Keep, len(of))
		own := 0.0 // what the target itself added to what is expected
		if in {
			own = q
		}
		mine := map[int]bool{}
		for _, c := range of {
			mine[int(c)] = true
			if y := v.Cells[c]; !math.IsNaN(y) {
				told = true
				score += evidence(y, k.cells[i][c]-own, k.cellVar[i][c]+v.CellSD[c]*v.CellSD[c], q)
			}
		}
		for j, e := range t.Totals {
			n := 0.0
			for _, c := range e {
				if mine[c] {
					n++
				}
			}
			if y := v.Totals[j]; n > 0 && !math.IsNaN(y) {
				told = true
				score += evidence(y, k.totals[i][j]-n*own, k.totalVar[i][j]+v.TotalSD[j]*v.TotalSD[j], n*q)
			}
		}
	}
	return score, told
}

// rare finds persons in a pair of communes that at most most persons travel, one a pair at least.
func (s *suite) rare(most float64, count int) (targets []int) {
	t := &s.tables[flows]
	cells, _ := t.Count(nil)
	for _, p := range s.random.Perm(s.town.Persons()) {
		for _, c := range t.Of[p] {
			if cells[c] <= most {
				targets = append(targets, p)
				break
			}
		}
		if len(targets) == count {
			break
		}
	}
	return targets
}

// membership is T7: is this person with a rare pair of communes in the source?
func (s *suite) membership(ctx context.Context) ([]*Result, error) {
	var targets []int
	for most := 5.0; len(targets) < 10 && most < float64(s.town.Persons()); most *= 4 {
		targets = s.rare(most, s.Targets)
	}
	r := &Result{Test: "T7", Name: "membership",
		What: model.Text{FR: "Cette personne, seule ou presque à faire ce trajet, est-elle dans les données ? L'attaquant connaît toutes les autres.",
			EN: "Is this person, nearly alone on her trip, in the data? The attacker knows everybody else."},
		Measure: model.Text{FR: "réponses justes, une sur deux au hasard", EN: "right guesses, one in two by chance"},
		Bound:   GuessBound(s.Epsilon, s.Delta)}
	var err error
	if r.Gate, r.Trials, err = s.play(ctx, s.gate, targets, s.Runs, everything); err != nil {
		return nil, err
	}
	r.Slack = threeSigma(r.Bound, r.Trials)
	r.Redaction, _, err = s.play(ctx, s.plain, targets, 2, everything)
	return []*Result{r}, err
}

// residual weighs one question less another: a total, less its published parts, where fewer than k persons are between the two.
func residual(s *suite, seen []Published, k *knowledge, target int, in bool) (score float64, told bool) {
	best := math.Inf(1)
	for i := range s.tables {
		t, v := &s.tables[i], &seen[i]
		q := kept(v.Keep, len(t.Of[target]))
		own := 0.0
		if in {
			own = q
		}
		mine := map[int]bool{}
		for _, c := range t.Of[target] {
			mine[int(c)] = true
		}
		for j, e := range t.Totals {
			if math.IsNaN(v.Totals[j]) {
				continue
			}
			left, expected, variance, hidden := v.Totals[j], 0.0, v.TotalSD[j]*v.TotalSD[j], 0.0
			for _, c := range e {
				if y := v.Cells[c]; !math.IsNaN(y) {
					left -= y
					variance += v.CellSD[c] * v.CellSD[c]
					continue
				}
				expected += k.cells[i][c]
				variance += k.cellVar[i][c]
				if mine[c] {
					hidden++
				}
			}
			if hidden == 0 || expected >= float64(s.K) || variance >= best {
				continue
			}
			best, told = variance, true // the sharpest pair of questions about the target
			score = evidence(left, expected-hidden*own, variance, hidden*q)
		}
	}
	return score, told
}

// differencing is T8: every pair of questions, a total and its parts, between which fewer than k persons lie.
func (s *suite) differencing(ctx context.Context) ([]*Result, error) {
	targets := s.small(s.Targets)
	r := &Result{Test: "T8", Name: "differencing",
		What: model.Text{FR: "Poser deux questions dont les zones ne diffèrent que de quelques personnes, et soustraire les réponses.",
			EN: "Ask two questions whose zones differ by a few persons, and subtract the answers."},
		Measure: model.Text{FR: "réponses justes sur une personne entre les deux, une sur deux au hasard", EN: "right guesses about a person between the two, one in two by chance"},
		Bound:   GuessBound(s.Epsilon, s.Delta)}
	var err error
	if r.Gate, r.Trials, err = s.play(ctx, s.gate, targets, s.Runs, residual); err != nil {
		return nil, err
	}
	r.Slack = threeSigma(r.Bound, r.Trials)
	if r.Redaction, _, err = s.play(ctx, s.plain, targets, 2, residual); err != nil {
		return nil, err
	}
	exact, err := s.subtract(ctx, s.gate)
	if err != nil {
		return nil, err
	}
	plain, err := s.subtract(ctx, s.plain)
	if err != nil {
		return nil, err
	}
	exact.Redaction = plain.Gate
	exact.Note = model.Text{FR: "La borne est la probabilité du bruit le plus fréquent.", EN: "The bound is the probability of the likeliest noise."}
	return []*Result{r, exact}, nil
}

// small finds persons in cells where at most RedactionLimit persons are, so that the redaction hides them, each in another cell.
func (s *suite) small(count int) (targets []int) {
	taken := map[[2]int32]bool{}
	var counts [tables][]float64
	for i := range s.tables {
		counts[i], _ = s.tables[i].Count(nil)
	}
	for _, p := range s.random.Perm(s.town.Persons()) {
	person:
		for i := range s.tables {
			for _, c := range s.tables[i].Of[p] {
				at := [2]int32{int32(i), c}
				if n := counts[i][c]; n > 0 && n <= RedactionLimit && !taken[at] && s.alone(i, int(c), counts[i]) {
					taken[at] = true
					targets = append(targets, p)
					break person
				}
			}
		}
		if len(targets) == count {
			break
		}
	}
	return targets
}

// alone says whether some total has this cell as its only small one: the question that gives it away.
func (s *suite) alone(table, cell int, counts []float64) bool {
	for _, e := range s.tables[table].Totals {
		has, others := false, 0.0
		for _, c := range e {
			if c == cell {
				has = true
			} else if counts[c] <= RedactionLimit {
				others += counts[c]
			}
		}
		if has && others == 0 {
			return true
		}
	}
	return false
}

// subtract looks for totals with hidden parts in which there are from 1 to k-1 persons, and says how many of these are found
// exactly by subtraction.
func (s *suite) subtract(ctx context.Context, p Publisher) (*Result, error) {
	r := &Result{Test: "T8", Name: "subtraction",
		What:    model.Text{FR: "Retrancher d'un total ses parties publiées, pour compter les personnes retenues.", EN: "Take the published parts off a total, to count those withheld."},
		Measure: model.Text{FR: "restes de moins de k personnes retrouvés exactement", EN: "rests of fewer than k persons found exactly"}}
	seen, err := p.Publish(ctx, s.town, s.tables, nil)
	if err != nil {
		return nil, err
	}
	found := 0
	likely := 0.0
	for i := range s.tables {
		truth, _ := s.tables[i].Count(nil)
		for j, e := range s.tables[i].Totals {
			left, hidden, sd := seen[i].Totals[j], 0.0, seen[i].TotalSD[j]
			if math.IsNaN(left) {
				continue
			}
			for _, c := range e {
				if y := seen[i].Cells[c]; math.IsNaN(y) {
					hidden += truth[c]
				} else {
					left -= y
				}
			}
			if hidden < 1 || hidden >= float64(s.K) {
				continue
			}
			r.Trials++
			if math.Round(left) == hidden {
				found++
			}
			likely += 1 / (1 + sd*math.Sqrt2) // about the probability of no noise at all
		}
	}
	if r.Trials > 0 {
		r.Gate = float64(found) / float64(r.Trials)
		r.Bound = likely / float64(r.Trials)
		r.Slack = threeSigma(max(r.Bound, 0.05), r.Trials)
	}
	return r, nil
}
