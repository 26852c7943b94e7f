package gate

import (
	"fmt"
	"math"
	"slices"

	"jumeau/ingest/gate/internal/noise"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// Alternative is one way to publish a source, to be weighed before anything is charged. Nothing of it may come from the source's
// own rows: Expected comes from a synthetic population, open data or a round figure.
type Alternative struct {
	System   string    // zone system
	Slot     string    // slot kind
	Expected []float64 // Required: units expected in each cell (zone × slot), before bounding
	Units    float64   // Required: units expected in all
	L0       []int     // candidates; default 1, 2, 4, 8, 16, 24, 48, 72 up to the cells one unit is in
	Linf     int       // default 1
}

// Row is one line of a plan.
type Row struct {
	System       string  `json:"system"`
	Slot         string  `json:"slot"`
	L0           int     `json:"l0"`
	Mechanism    string  `json:"mechanism"`
	HalfWidth    int64   `json:"half_width"`
	Threshold    int64   `json:"threshold"`
	Cells        int     `json:"cells"`         // zone × slot
	CellsShown   float64 `json:"cells_shown"`   // share of cells with anybody expected that would be published
	HoursShown   float64 `json:"hours_shown"`   // share of people-hours that lie in published cells
	Error        float64 `json:"error"`         // median of half-width over bounded figure, over the people-hours shown; 0 when none is
	Kept         float64 `json:"kept"`          // share of contributions that bounding keeps
	Epsilon      float64 `json:"epsilon"`       // cost
	YearAfter    float64 `json:"year_after"`    // epsilon of the year once charged
	YearCap      float64 `json:"year_cap"`      //
	ReleasesLeft int     `json:"releases_left"` // more releases at this cost that the year allows
	Best         bool    `json:"best"`          // among the L0 of its system and slot kind
}

// Plan says, for each alternative and L0, what would be published, with what error, and what it would cost. It is arithmetic on
// the closed forms of the noise: it reads no row and spends nothing. spent is what the ledger says of the year.
func Plan(privacy model.Privacy, spent ledger.Spent, alternatives []Alternative) ([]Row, error) {
	e, err := noise.EpsilonOf(privacy.Epsilon)
	if err != nil {
		return nil, &model.Error{Kind: model.Invalid, Op: "plan", Err: err, Hint: "set privacy.epsilon in territory.yaml"}
	}
	var rows []Row
	for _, a := range alternatives {
		set(&a.Linf, 1)
		contributions := 0.0
		for _, n := range a.Expected {
			contributions += n
		}
		if !(a.Units > 0) || len(a.Expected) == 0 {
			return nil, &model.Error{Kind: model.Invalid, Op: "plan", Subject: a.System + " " + a.Slot,
				Err: fmt.Errorf("no expected units"), Hint: "give the units expected in each cell"}
		}
		each := contributions / a.Units // cells of one unit
		first := len(rows)
		for _, l0 := range a.candidates(each) {
			m, err := noise.Choose(e, privacy.Delta, noise.Leaf(l0, int64(a.Linf)), max(11, privacy.K))
			if err != nil {
				continue // this L0 would drown every figure
			}
			rows = append(rows, a.row(m, l0, min(1, float64(l0)/each), privacy, spent))
		}
		if first < len(rows) {
			best := slices.MaxFunc(rows[first:], better)
			rows[first+slices.Index(rows[first:], best)].Best = true
		}
	}
	return rows, nil
}

// better puts the larger share of people-hours first, in steps of five points, then the smaller error.
func better(a, b Row) int {
	if x, y := math.Round(20*a.HoursShown), math.Round(20*b.HoursShown); x != y {
		return int(x - y)
	}
	switch {
	case a.Error < b.Error:
		return 1
	case a.Error > b.Error:
		return -1
	}
	return b.L0 - a.L0
}

func (a *Alternative) candidates(each float64) (out []int) {
	if len(a.L0) > 0 {
		return a.L0
	}
	for _, l0 := range []int{1, 2, 4, 8, 16, 24, 48, 72} {
		out = append(out, l0)
		if float64(l0) >= each {
			break
		}
	}
	return out
}

func (a *Alternative) row(m noise.Mechanism, l0 int, kept float64, privacy model.Privacy, spent ledger.Spent) Row {
	r := Row{System: a.System, Slot: a.Slot, L0: l0, Mechanism: m.Law.Name(), HalfWidth: m.HalfWidth, Threshold: m.Threshold,
		Cells: len(a.Expected), Kept: kept, Epsilon: privacy.Epsilon, YearCap: privacy.EpsilonYear}
	r.YearAfter = spent.Epsilon.Float() + privacy.Epsilon
	r.ReleasesLeft = int(max(0, (privacy.EpsilonYear-spent.Epsilon.Float())/privacy.Epsilon+1e-9))
	type weighted struct{ error, hours float64 }
	var errors []weighted
	var hours, shown, cells, cellsShown float64
	for _, n := range a.Expected {
		if n <= 0 {
			continue
		}
		bounded := n * kept
		p := 0.0
		if bounded >= float64(max(11, privacy.K)) {
			p = m.Law.Tail(m.Threshold - int64(math.Round(bounded)))
		}
		hours, shown, cells, cellsShown = hours+n, shown+n*p, cells+1, cellsShown+p
		errors = append(errors, weighted{float64(m.HalfWidth) / bounded, n * p})
	}
	if hours == 0 {
		return r
	}
	r.HoursShown, r.CellsShown = shown/hours, cellsShown/cells
	if shown < 1e-6*hours {
		return r
	}
	slices.SortFunc(errors, func(x, y weighted) int {
		switch {
		case x.error < y.error:
			return -1
		case x.error > y.error:
			return 1
		}
		return 0
	})
	half := shown / 2
	for _, w := range errors {
		if half -= w.hours; half <= 0 {
			r.Error = w.error
			break
		}
	}
	return r
}
