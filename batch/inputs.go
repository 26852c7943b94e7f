package batch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"jumeau/batch/reuse"
	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/geom"
	"jumeau/model/zone"
)

// What is kept from run to run.
const (
	keptSource  = "source"
	keptMeasure = "measure"
	keptFlow    = "flow"
	keptLayer   = "layer"
	keptWhole   = "run"
)

// absentKey stands for the key of a source that is not there.
const absentKey = "absent"

// tracer says what the parts of a release follow from. Titles, licences and the like are not inputs: they are in the catalogue,
// which every run writes.
type tracer struct {
	territory *model.Territory
	program   string
	sources   map[string]string // key of each source that is known so far
	zones     map[string]string // hash of each zone system, once it is made
}

// measureShape is what of a measure changes figures, or how rows are read.
type measureShape struct {
	Value, Aggregate, Zones, Zone, Time, Estimated string
	Slots, Rollup                                  []string
}

func shapeOf(m *model.Measure) measureShape {
	return measureShape{m.Value, m.Aggregate, m.Zones, m.Zone, m.Time, m.Estimated, m.Slots, m.Rollup}
}

// source lists what the rows of a source follow from. Files without a hash are left out.
func (t *tracer) source(src *model.Source, files []ingest.File) reuse.Inputs {
	in := reuse.Inputs{"program": t.program, "territory time_zone": t.territory.TimeZone}
	contract := src.Contract
	contract.Drift = nil // judged in every run
	contract.Columns = map[string]*model.Column{}
	for name, c := range src.Contract.Columns {
		bare := *c
		bare.Title, bare.Unit = model.Text{}, ""
		contract.Columns[name] = &bare
	}
	in.Declare("declaration contract", contract)
	in.Declare("declaration read", src.Read)
	in.Declare("declaration keep", src.Keep)
	in.Declare("declaration cog", src.COG)
	in.Declare("declaration from.member", src.From.Member)
	in.Declare("declaration vintage", src.Vintage)
	in.Declare("declaration behaviour.class", class(src))
	for id, m := range src.Measures { // which columns must be there, and which tell rows apart
		in.Declare("declaration measures."+id, []string{m.Value, m.Aggregate, m.Zone, m.Time, m.Estimated})
	}
	for id, f := range src.Flows {
		in.Declare("declaration flows."+id, []string{f.Value, f.Origin, f.Destination})
	}
	if z := src.Zones; z != nil {
		in.Declare("declaration zones", []any{z.ID, z.Name, z.Members})
	}
	if src.COG != nil {
		in.Declare("territory cog", t.territory.COG)
	}
	for _, k := range src.Keep {
		if k.Within != "" {
			in.Declare("territory zones", t.territory.Zones)
		}
	}
	switch clip := src.Read.Clip; clip {
	case "":
	case model.ClipTerritory:
		in.Declare("territory bbox", t.territory.BBox)
	default:
		in.Declare("territory zones", t.territory.Zones)
	}
	for _, id := range ingest.Needs(t.territory, src) {
		in["source "+id] = t.sources[id]
	}
	for _, f := range files {
		in["file "+f.Name] = f.SHA256
	}
	return in
}

// of adds the key of a source.
func (t *tracer) of(in reuse.Inputs, source string) { in["source "+source] = t.sources[source] }

func (t *tracer) measure(src *model.Source, id string, m *model.Measure) reuse.Inputs {
	in := reuse.Inputs{"program": t.program, "territory time_zone": t.territory.TimeZone}
	in.Declare("declaration measures."+id, shapeOf(m))
	t.of(in, src.ID)
	for _, system := range append([]string{m.Zones}, m.Rollup...) {
		in["zone system "+system] = t.zones[system]
	}
	return in
}

func (t *tracer) flow(src *model.Source, id string, f *model.Flow) reuse.Inputs {
	in := reuse.Inputs{"program": t.program}
	in.Declare("declaration flows."+id, []string{f.Value, f.Origin, f.Destination, f.Zones})
	t.of(in, src.ID)
	in["zone system "+f.Zones] = t.zones[f.Zones]
	return in
}

// layer of open data; giver is the source of its zones, "" when no source gives them.
func (t *tracer) layer(l *model.Layer, giver string) reuse.Inputs {
	in := reuse.Inputs{"program": t.program, "territory time_zone": t.territory.TimeZone}
	in.Declare("declaration geometry", l.Geometry)
	in.Declare("declaration properties", l.Properties)
	if l.Geometry.Zones != "" {
		in["zone system "+l.Geometry.Zones] = t.zones[l.Geometry.Zones]
		if giver != "" && len(l.Properties) > 0 {
			t.of(in, giver)
		}
		return in
	}
	t.of(in, l.Geometry.Source)
	return in
}

// system lists what a zone system follows from: the sources that give it or that name its cells.
func (t *tracer) system(id string) reuse.Inputs {
	in := reuse.Inputs{"program": t.program}
	in.Declare("territory zones", t.territory.Zones)
	for _, src := range t.territory.Sources {
		if z := src.Zones; z != nil && (z.System == id || model.GridSize(id) > 0) {
			in.Declare("declaration of "+src.ID, []any{z.System, z.ID, z.Name, z.Members})
			t.of(in, src.ID)
			if z.Members != nil && z.System == id {
				for name, hash := range t.system(z.Members.System) {
					in[name] = hash
				}
			}
		}
		if ingest.AboutPeople(src) {
			if src.Behaviour != nil && model.GridSize(id) > 0 {
				in.Declare("declaration of "+src.ID, src.Behaviour.Publish)
			}
			continue
		}
		if slices.ContainsFunc(gridUses(src), func(u gridUse) bool { return u.system == id }) {
			in.Declare("grids of "+src.ID, gridUses(src))
			t.of(in, src.ID)
		}
	}
	return in
}

// run lists what the whole release follows from.
func (t *tracer) run(people map[string]string) reuse.Inputs {
	in := reuse.Inputs{"program": t.program}
	bare := *t.territory
	bare.Schedule, bare.Contact, bare.Announce = "", "", nil // they do not enter a release
	in.Declare("territory", bare)
	for _, src := range t.territory.Sources {
		declared := *src
		declared.Examples = nil
		in["declaration of "+src.ID] = reuse.Hash(declared)
		if ingest.AboutPeople(src) {
			in["figures of "+src.ID] = people[src.ID]
		} else {
			t.of(in, src.ID)
		}
	}
	for i, l := range t.territory.Layers {
		in["layer "+l.ID] = fmt.Sprint(i, " ", reuse.Hash(l))
	}
	for i, tour := range t.territory.Tours {
		in["tour "+tour.ID] = fmt.Sprint(i, " ", reuse.Hash(tour))
	}
	return in
}

// hashOf a zone system: its zones, in order, and their shapes.
func hashOf(s *zone.System) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %q %d\n", s.ID, s.Kind, s.CellSize())
	var shape []byte
	for i := range s.Zones {
		z := &s.Zones[i]
		if shape = shape[:0]; s.CellSize() == 0 { // a cell is the square that its id says
			shape = geom.AppendWKB(shape, z.Geometry)
		}
		fmt.Fprintf(sum, "%q %q %d ", z.ID, z.Name, len(shape))
		sum.Write(shape)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
