package attack

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/verify"
)

func fail(r *release.Release, hint string, err error) error {
	return &model.Error{Kind: model.Invalid, Op: "attack", Subject: r.Manifest.ID, Err: err, Hint: hint}
}

// Invented says whether a release can be of the demonstration territory: the truth about a real one is not known, and must not be.
func Invented(r *release.Release) error {
	c := &r.Manifest.Catalog
	if _, ok := c.ZoneSystem("iris"); !ok || !c.Territory.Synthetic {
		return fail(r, "publish the demonstration territory: jumeau demo --build", errors.New("it is not of the demonstration territory, whose truth is known because it is invented"))
	}
	return nil
}

// Check says whether a release is of the territory that the truth is about: the same IRIS, and the operator's table (class D, within
// a few percent of the truth) agrees with it.
func (t *Truth) Check(r *release.Release) error {
	if err := Invented(r); err != nil {
		return err
	}
	const hint = "give the seed with which it was generated: --seed"
	zones, err := frame.ReadZones(r.Path(release.ZonesPath("iris")))
	if err != nil || !sameZones(zones.ID, t.Iris) {
		return fail(r, hint, errors.New("its IRIS are not those of the demonstration territory of this seed"))
	}
	m, ok := r.Manifest.Catalog.Measure("presence")
	if !ok || m.Class != "D" {
		return nil
	}
	v, err := frame.OpenValues(r.Path(release.ValuesPath("presence", "iris")))
	if err != nil {
		return err
	}
	defer v.Close()
	index := zones.Index()
	near, all := 0, 0
	for slot, truth := range t.Presence {
		figures, ok := v.At(slot)
		for z, code := range t.Iris {
			if ok && !math.IsNaN(figures.Value[index[code]]) {
				all++
				if math.Abs(figures.Value[index[code]]-truth[z]) <= 0.2*truth[z]+3 {
					near++
				}
			}
		}
	}
	if near*10 < all*9 {
		return fail(r, hint, fmt.Errorf("its figures are not those of the demonstration territory of this seed (%d of %d agree)", near, all))
	}
	return nil
}

func sameZones(a, b []string) bool {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	return slices.Equal(a, b)
}

// known are the measures of the demonstration territory that count residents half past each hour, by IRIS.
var known = []string{"presence", "people_present"}

// Files attacks the files of the release itself: it subtracts, from each coarser figure of a measure about persons, the published
// figures of its IRIS; and it holds the figures that the gate drew to the truth. What a plain redaction of the same table would
// give away is reported beside.
func (t *Truth) Files(r *release.Release, cards []verify.Card) ([]*Result, error) {
	zones, err := frame.ReadZones(r.Path(release.ZonesPath("iris")))
	if err != nil {
		return nil, err
	}
	var out []*Result
	for _, m := range r.Manifest.Catalog.Measures {
		if !slices.Contains(known, m.ID) {
			continue
		}
		f := &files{truth: t, release: r, measure: m, zones: zones, index: zones.Index(), k: defaultK}
		for _, c := range cards {
			if c.Source == m.Source && c.K > 0 {
				f.k = float64(c.K)
			}
		}
		results, err := f.attack()
		if err != nil {
			return nil, err
		}
		for _, one := range results {
			out = append(out, one.judge())
		}
	}
	return out, nil
}

const defaultK = 20

// files are those of one measure.
type files struct {
	truth   *Truth
	release *release.Release
	measure release.Measure
	zones   *frame.Zones
	index   map[string]int
	k       float64
	leaves  *frame.Values
}

func (f *files) attack() (out []*Result, err error) {
	if f.leaves, err = frame.OpenValues(f.release.Path(release.ValuesPath(f.measure.ID, "iris"))); err != nil {
		return nil, err
	}
	defer f.leaves.Close()
	for _, system := range f.measure.Systems {
		if system.Zones != "iris" {
			one, err := f.subtract(system.Zones)
			if err != nil {
				return nil, err
			}
			out = append(out, one)
		}
	}
	if f.measure.Class == "C" {
		out = append(out, f.truths()...)
	}
	return out, nil
}

// subtract looks for coarser figures between which and their published IRIS from 1 to k-1 persons lie (for figures without noise:
// any number).
func (f *files) subtract(system string) (*Result, error) {
	coarse, err := frame.OpenValues(f.release.Path(release.ValuesPath(f.measure.ID, system)))
	if err != nil {
		return nil, err
	}
	defer coarse.Close()
	var up []uint32
	for _, p := range f.zones.Parents {
		if p.System == system {
			up = p.Index
		}
	}
	out := &Result{Test: "T8", Name: "files: " + f.measure.ID,
		What:    model.Text{FR: "Dans les fichiers publiés, retrancher de chaque " + system + " ses IRIS publiés.", EN: "In the published files, take its published IRIS off each " + system + "."},
		Measure: model.Text{FR: "effectifs retenus retrouvés à 10 % près", EN: "withheld counts found within 10 %"}}
	found, plain := 0, 0
	for slot, truth := range f.truth.Presence {
		fine, ok1 := f.leaves.At(slot)
		total, ok2 := coarse.At(slot)
		if !ok1 || !ok2 || up == nil {
			continue
		}
		left, hidden, exact := slices.Clone(total.Value), make([]float64, len(total.Value)), make([]float64, len(total.Value))
		for z, code := range f.truth.Iris {
			leaf := f.index[code]
			p := up[leaf]
			if p == frame.NoParent {
				continue
			}
			exact[p] += truth[z]
			if y := fine.Value[leaf]; math.IsNaN(y) {
				hidden[p] += truth[z]
			} else {
				left[p] -= y
				exact[p] -= truth[z]
			}
		}
		for p, n := range hidden {
			if n <= 0 || f.measure.Class == "C" && (n >= f.k || math.IsNaN(left[p])) {
				continue
			}
			out.Trials++
			if math.Abs(left[p]-n) <= 0.1*n {
				found++
			}
			if exact[p] == n {
				plain++
			}
		}
	}
	if out.Trials > 0 {
		out.Gate, out.Redaction = float64(found)/float64(out.Trials), float64(plain)/float64(out.Trials)
	}
	if f.measure.Class == "C" { // noise may be small by chance
		out.Bound = 0.1
		out.Slack = threeSigma(out.Bound, out.Trials)
	}
	return out, nil
}

// truths holds the figures that the gate drew to what they count: k persons at least (T12), and intervals that hold the truth (T16).
func (f *files) truths() []*Result {
	few := &Result{Test: "T12", Name: "files: " + f.measure.ID,
		What:    model.Text{FR: "Compter, dans les fichiers publiés, les chiffres de moins de k personnes.", EN: "Count, in the published files, the figures of fewer than k persons."},
		Measure: model.Text{FR: "chiffres publiés de moins de k personnes", EN: "published figures of fewer than k persons"}}
	missed := &Result{Test: "T16", Name: "files: " + f.measure.ID, Bound: 0.05,
		What:    model.Text{FR: "Comparer chaque chiffre publié à la vérité : une mesure d'utilité, non une attaque.", EN: "Compare each published figure with the truth: a measure of use, not an attack."},
		Measure: model.Text{FR: "vérités hors de l'intervalle à 95 %", EN: "truths outside the 95 % interval"}}
	small, outside, redacted, kept := 0, 0, 0, 0
	var errors []float64
	for slot, truth := range f.truth.Presence {
		figures, ok := f.leaves.At(slot)
		if !ok {
			continue
		}
		for z, code := range f.truth.Iris {
			if n := truth[z]; n > RedactionLimit {
				if kept++; n < f.k {
					redacted++
				}
			}
			i := f.index[code]
			y := figures.Value[i]
			if math.IsNaN(y) {
				continue
			}
			few.Trials++
			if truth[z] < f.k {
				small++
			}
			if truth[z] < figures.Lo[i] || truth[z] > figures.Hi[i] {
				outside++
			}
			errors = append(errors, math.Abs(y-truth[z])/max(1, truth[z]))
		}
	}
	if few.Trials > 0 {
		few.Gate, few.Redaction = float64(small)/float64(few.Trials), float64(redacted)/float64(max(1, kept))
		missed.Gate, missed.Trials = float64(outside)/float64(few.Trials), few.Trials
		missed.Slack = threeSigma(missed.Bound, missed.Trials)
		missed.Note = model.Text{FR: fmt.Sprintf("Erreur relative médiane : %.1f %%.", 100*median(errors)), EN: fmt.Sprintf("Median relative error: %.1f %%.", 100*median(errors))}
	}
	return []*Result{few, missed}
}
