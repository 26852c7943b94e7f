package batch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"jumeau/ingest"
	"jumeau/ingest/gate"
	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// PlanOptions say what is expected of a source. Nothing of it comes from the source's own rows.
type PlanOptions struct {
	Source     *model.Source    // required: of class C
	Territory  *model.Territory // required
	Release    *release.Release // required: holds the population
	Ledger     string           // path of the ledger; read only. "" or absent: nothing is spent yet
	Population string           // measure by which units are expected to be spread; default "residents"
	Units      float64          // expected in all; default the population
	Visits     float64          // hours of the 72 (day type × hour) in which a unit is seen in a month; default all
}

// PlanRow is what one grain would publish.
type PlanRow struct {
	Period string `json:"period"` // month or quarter
	gate.Row
	YearCost float64 `json:"year_cost"` // epsilon of a whole year at this cadence
	Fits     bool    `json:"fits"`      // within the cap of the year
}

// Plan weighs the grains at which a source could publish presence: zone systems from the population's own up to the coarsest, hour, three
// hours, half day, month, quarter. It is arithmetic on an open measure of a release: it reads no row of the source, and spends nothing.
func Plan(opt PlanOptions) ([]PlanRow, error) {
	if opt.Population == "" {
		opt.Population = "residents"
	}
	levels, err := population(opt)
	if err != nil {
		return nil, err
	}
	total := 0.0
	for _, v := range levels[0].residents {
		total += v
	}
	if opt.Units <= 0 {
		opt.Units = total
	}
	spent, err := ledger.At(opt.Ledger).Year(opt.Source.ID, opt.year())
	if err != nil {
		return nil, err
	}
	var out []PlanRow
	for _, period := range []struct {
		name            string
		months, perYear float64
	}{{"month", 1, 12}, {"quarter", 3, 4}} {
		var alternatives []gate.Alternative
		for _, level := range levels {
			for _, slots := range []struct {
				kind string
				n    int
			}{{model.SlotHour, 72}, {model.SlotThreeHours, 24}, {model.SlotHalfDay, 6}} {
				each := float64(slots.n) // slots in which a unit is seen
				if opt.Visits > 0 {
					each = min(each, opt.Visits*period.months)
				}
				a := gate.Alternative{System: level.system, Slot: slots.kind, Units: opt.Units}
				for _, residents := range level.residents {
					n := residents / total * opt.Units * each / float64(slots.n)
					a.Expected = append(a.Expected, slices.Repeat([]float64{n}, slots.n)...)
				}
				alternatives = append(alternatives, a)
			}
		}
		rows, err := gate.Plan(opt.Territory.Privacy, spent, alternatives)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			cost := r.Epsilon * period.perYear
			out = append(out, PlanRow{Period: period.name, Row: r, YearCost: cost, Fits: cost <= r.YearCap+1e-9})
		}
	}
	return out, nil
}

// year of the data that a drawing would be charged to.
func (o PlanOptions) year() int {
	period := o.Source.Behaviour.Period
	year, _ := strconv.Atoi(period[:min(4, len(period))])
	return year
}

// crowd is a population in one zone system.
type crowd struct {
	system    string
	residents []float64
}

// population is the measure of an open source in its finest system and, added up, in those above it.
func population(opt PlanOptions) ([]crowd, error) {
	wrong := func(hint, format string, args ...any) error {
		return &model.Error{Kind: model.Invalid, Op: "plan", Subject: opt.Source.ID, Hint: hint, Err: fmt.Errorf(format, args...)}
	}
	m, ok := opt.Release.Manifest.Catalog.Measure(opt.Population)
	if !ok {
		return nil, wrong("name an open measure of the release with --population", "the release has no measure %q", opt.Population)
	}
	if model.Personal(m.Class) {
		return nil, wrong("name an open measure", "%q is itself drawn from rows about people: a plan from it would not be free", opt.Population)
	}
	finest := m.Systems[0].Zones
	values, err := frame.OpenValues(opt.Release.Path(release.ValuesPath(m.ID, finest)))
	if err != nil {
		return nil, err
	}
	defer values.Close()
	figures, ok := values.At(model.All)
	if !ok {
		return nil, wrong("name a measure that does not depend on time", "%q has no slot %q", opt.Population, model.All)
	}
	zones, err := frame.ReadZones(opt.Release.Path(release.ZonesPath(finest)))
	if err != nil {
		return nil, err
	}
	leaves := crowd{system: finest, residents: make([]float64, zones.Len())}
	for i, v := range figures.Value {
		if !math.IsNaN(v) {
			leaves.residents[i] = v
		}
	}
	out := []crowd{leaves}
	for i := len(zones.Parents) - 1; i >= 0; i-- { // from the finest of the coarser ones
		p := zones.Parents[i]
		z, ok := opt.Release.Manifest.Catalog.ZoneSystem(p.System)
		if !ok || z.Count < 2 {
			continue
		}
		up := crowd{system: p.System, residents: make([]float64, z.Count)}
		for leaf, parent := range p.Index {
			if parent != frame.NoParent {
				up.residents[parent] += leaves.residents[leaf]
			}
		}
		out = append(out, up)
	}
	if slices.Max(leaves.residents) <= 0 {
		return nil, wrong("name another measure", "%q is empty", opt.Population)
	}
	return out, nil
}

// OpenOnly publishes, into a folder of its own, what the territory has without the sources about people and without layers: the
// population of a plan, when there is no release yet.
func OpenOnly(ctx context.Context, opt Options) (*release.Release, error) {
	t := *opt.Territory
	t.Sources = slices.DeleteFunc(slices.Clone(t.Sources), ingest.AboutPeople)
	t.Layers = nil
	opt.Territory = &t
	result, err := Run(ctx, opt)
	if err != nil {
		return nil, err
	}
	return release.Open(opt.Releases, result.Release)
}
