package attack

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
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

// Files subtracts in the files of the release itself: from each coarser figure of a measure about persons, the published figures of
// its zones. Where one or several of them are withheld, the difference is what an attacker takes for their count. What a plain
// redaction of the same table would give away is reported beside.
func (t *Truth) Files(r *release.Release) ([]*Result, error) {
	var out []*Result
	zones, err := frame.ReadZones(r.Path(release.ZonesPath("iris")))
	if err != nil {
		return nil, err
	}
	index := zones.Index()
	for _, m := range r.Manifest.Catalog.Measures {
		if m.ID != "presence" || !slices.ContainsFunc(m.Systems, func(s release.MeasureSystem) bool { return s.Zones == "iris" }) {
			continue
		}
		leaves, err := frame.OpenValues(r.Path(release.ValuesPath(m.ID, "iris")))
		if err != nil {
			return nil, err
		}
		for _, system := range m.Systems {
			if system.Zones != "iris" {
				one, err := t.subtract(r, m, leaves, zones, index, system.Zones)
				if err != nil {
					leaves.Close()
					return nil, err
				}
				out = append(out, one)
			}
		}
		if err := leaves.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *Truth) subtract(r *release.Release, m release.Measure, leaves *frame.Values, zones *frame.Zones, index map[string]int, system string) (*Result, error) {
	coarse, err := frame.OpenValues(r.Path(release.ValuesPath(m.ID, system)))
	if err != nil {
		return nil, err
	}
	defer coarse.Close()
	var up []uint32
	for _, p := range zones.Parents {
		if p.System == system {
			up = p.Index
		}
	}
	out := &Result{Test: "T8", Name: "files: " + m.ID,
		What:    model.Text{FR: "Dans les fichiers publiés, retrancher de chaque " + system + " ses IRIS publiés.", EN: "In the published files, take its published IRIS off each " + system + "."},
		Measure: model.Text{FR: "effectifs retenus retrouvés à 10 % près", EN: "withheld counts found within 10 %"}}
	found, plain := 0, 0
	for slot, truth := range t.Presence {
		fine, ok1 := leaves.At(slot)
		total, ok2 := coarse.At(slot)
		if !ok1 || !ok2 || up == nil {
			continue
		}
		left, hidden := slices.Clone(total.Value), make([]float64, len(total.Value))
		for z, code := range t.Iris {
			leaf := index[code]
			p := up[leaf]
			if p == frame.NoParent {
				continue
			}
			if y := fine.Value[leaf]; math.IsNaN(y) {
				hidden[p] += truth[z]
			} else {
				left[p] -= y
			}
		}
		for p, n := range hidden {
			if n > 0 {
				out.Trials++
				plain++ // exact totals: the difference is the count
				if math.Abs(left[p]-n) <= 0.1*n {
					found++
				}
			}
		}
	}
	if out.Trials > 0 {
		out.Gate, out.Redaction = float64(found)/float64(out.Trials), float64(plain)/float64(out.Trials)
	}
	return out.judge(), nil
}
