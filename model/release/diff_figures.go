package release

import (
	"math"
	"sort"

	"jumeau/model/frame"
)

func (d *Diff) figures(a, b *Release) error {
	for _, m := range b.Manifest.Catalog.Measures {
		for _, s := range m.Systems {
			path := ValuesPath(m.ID, s.Zones)
			if unchanged(a, b, path, ZonesPath(s.Zones)) {
				continue
			}
			f := FigureDiff{Kind: "measure", ID: m.ID, Zones: s.Zones, Largest: []Difference{}}
			if err := f.values(a, b, path); err != nil {
				return err
			}
			d.add(f)
		}
	}
	for _, flow := range b.Manifest.Catalog.Flows {
		path := FlowsPath(flow.ID, flow.Zones)
		if unchanged(a, b, path, ZonesPath(flow.Zones)) {
			continue
		}
		f := FigureDiff{Kind: "flow", ID: flow.ID, Zones: flow.Zones, Largest: []Difference{}}
		if err := f.flows(a, b, path); err != nil {
			return err
		}
		d.add(f)
	}
	return nil
}

// add keeps a comparison that found something.
func (d *Diff) add(f FigureDiff) {
	if f.Added+f.Removed+f.Numbers+f.Flags > 0 {
		d.Figures = append(d.Figures, f)
	}
}

// unchanged says whether all paths have the same bytes in both, or one is missing in a release: then there is nothing to compare.
func unchanged(a, b *Release, paths ...string) bool {
	same := true
	for _, path := range paths {
		x, inA := a.Manifest.File(path)
		y, inB := b.Manifest.File(path)
		if !inA || !inB {
			return true
		}
		same = same && x.SHA256 == y.SHA256
	}
	return same
}

// match gives the index in a of each zone of b, -1 for a zone that is new.
func match(a, b *frame.Zones) []int {
	index := a.Index()
	out := make([]int, b.Len())
	for i, id := range b.ID {
		j, ok := index[id]
		if out[i] = j; !ok {
			out[i] = -1
		}
	}
	return out
}

func zonesOf(a, b *Release, system string) (za, zb *frame.Zones, err error) {
	if za, err = frame.ReadZones(a.Path(ZonesPath(system))); err != nil {
		return nil, nil, err
	}
	zb, err = frame.ReadZones(b.Path(ZonesPath(system)))
	return za, zb, err
}

func (f *FigureDiff) values(a, b *Release, path string) error {
	za, zb, err := zonesOf(a, b, f.Zones)
	if err != nil {
		return err
	}
	va, err := frame.OpenValues(a.Path(path))
	if err != nil {
		return err
	}
	defer va.Close()
	vb, err := frame.OpenValues(b.Path(path))
	if err != nil {
		return err
	}
	defer vb.Close()
	was := match(za, zb)
	compared := 0
	for _, slot := range vb.Slots {
		after, _ := vb.At(slot)
		before, ok := va.At(slot)
		for i, j := range was {
			if !ok || j < 0 {
				f.Added++
				continue
			}
			compared++
			f.one(before, j, after, i, func() Difference { return Difference{Zone: zb.ID[i], Name: zb.Name[i], Slot: slot} })
		}
	}
	f.Compared, f.Removed = compared, len(va.Slots)*va.Zones-compared
	return nil
}

func (f *FigureDiff) flows(a, b *Release, path string) error {
	za, zb, err := zonesOf(a, b, f.Zones)
	if err != nil {
		return err
	}
	va, err := frame.OpenFlows(a.Path(path))
	if err != nil {
		return err
	}
	defer va.Close()
	vb, err := frame.OpenFlows(b.Path(path))
	if err != nil {
		return err
	}
	defer vb.Close()
	was := match(za, zb)
	total := 0
	for _, slot := range va.Slots {
		p, _ := va.At(slot)
		total += p.Len()
	}
	for _, slot := range vb.Slots {
		after, _ := vb.At(slot)
		before, _ := va.At(slot)
		index := make(map[[2]uint32]int, before.Len())
		for i := range before.Origin {
			index[[2]uint32{before.Origin[i], before.Destination[i]}] = i
		}
		for i := range after.Origin {
			o, d := after.Origin[i], after.Destination[i]
			j, ok := 0, was[o] >= 0 && was[d] >= 0
			if ok {
				j, ok = index[[2]uint32{uint32(was[o]), uint32(was[d])}]
			}
			if !ok {
				f.Added++
				continue
			}
			f.Compared++
			f.one(before.Figures, j, after.Figures, i, func() Difference {
				return Difference{Zone: zb.ID[o] + " → " + zb.ID[d], Name: zb.Name[o] + " → " + zb.Name[d], Slot: slot}
			})
		}
	}
	f.Removed = total - f.Compared
	return nil
}

// one compares a figure with what it was.
func (f *FigureDiff) one(before frame.Figures, j int, after frame.Figures, i int, name func() Difference) {
	if before.Flag[j] != after.Flag[i] {
		f.Flags++
	}
	x, y := before.Value[j], after.Value[i]
	if math.IsNaN(x) || math.IsNaN(y) || x == y {
		return
	}
	f.Numbers++
	const keep = 5
	size := math.Abs(y - x)
	if n := len(f.Largest); n == keep && size <= math.Abs(f.Largest[n-1].After-f.Largest[n-1].Before) {
		return
	}
	d := name()
	d.Before, d.After = x, y
	f.Largest = append(f.Largest, d)
	sort.SliceStable(f.Largest, func(p, q int) bool {
		return math.Abs(f.Largest[p].After-f.Largest[p].Before) > math.Abs(f.Largest[q].After-f.Largest[q].Before)
	})
	f.Largest = f.Largest[:min(keep, len(f.Largest))]
}
