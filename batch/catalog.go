package batch

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"jumeau/ingest"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

// catalog says what the release holds, from the declarations and from what was built.
func (r *run) catalog() (release.Catalog, error) {
	t := r.Territory
	c := release.Catalog{
		Territory: release.Territory{ID: t.ID, Title: t.Title, Publisher: t.Publisher, Synthetic: t.Synthetic, BBox: t.BBox, TimeZone: t.TimeZone},
	}
	for _, id := range r.systems.order {
		c.ZoneSystems = append(c.ZoneSystems, r.zoneSystem(id))
	}
	for _, b := range r.frames {
		m, err := r.measure(b)
		if err != nil {
			return c, err
		}
		c.Measures = append(c.Measures, m)
	}
	slices.SortFunc(c.Measures, func(a, b release.Measure) int { return cmp.Compare(a.ID, b.ID) })
	for _, b := range r.flows {
		c.Flows = append(c.Flows, flowEntry(b))
	}
	for _, b := range r.layers {
		c.Layers = append(c.Layers, r.layer(b))
	}
	slices.SortStableFunc(c.Layers, func(a, b release.Layer) int { return cmp.Compare(a.Order, b.Order) })
	for _, src := range t.Sources {
		c.Sources = append(c.Sources, r.sourceEntry(src))
	}
	c.Tours = r.tours
	return c, nil
}

func (r *run) zoneSystem(id string) release.ZoneSystem {
	system := r.systems.byID[id]
	z := release.ZoneSystem{ID: id, Title: system.Title, Count: len(system.Zones), Geometry: shape(system), Source: r.systems.source[id]}
	if model.GridSize(id) > 0 {
		z.Geometry = "cell"
	}
	declared := r.Territory.Zones
	if at := slices.Index(declared, id); at >= 0 {
		if at > 0 {
			z.Coarser = declared[at-1]
		}
		if at+1 < len(declared) {
			z.Finer = declared[at+1]
		}
	}
	return z
}

func (r *run) measure(b builtMeasure) (release.Measure, error) {
	m := b.measure
	out := release.Measure{ID: b.id, Title: m.Title, Summary: m.Summary, Unit: m.Unit, Decimals: m.Decimals, Class: class(b.source),
		Source: b.source.ID, Slots: b.frames[0].Slots, Mean: m.Aggregate == "mean", Table: b.table, Member: b.member,
		Totals: b.totals}
	options := r.scale(b)
	for _, f := range b.frames {
		values, err := frame.OpenValues(r.path(release.ValuesPath(b.id, f.System)))
		if err != nil {
			return out, err
		}
		system := release.Summarize(values, options)
		system.Account = release.Account{Rows: f.account.Rows, Outside: f.account.Unplaced, Untimed: f.account.Untimed, Orphans: f.orphans}
		out.Systems = append(out.Systems, system)
		if err := values.Close(); err != nil {
			return out, err
		}
	}
	return out, nil
}

// scale is how the first layer that shows a measure wants its figures classed.
func (r *run) scale(b builtMeasure) release.ScaleOptions {
	out := release.ScaleOptions{Decimals: b.measure.Decimals}
	for _, l := range r.Territory.Layers {
		if slices.Contains(l.Measures, b.id) || slices.Contains(l.Measures, b.table) {
			out.Classes, out.Diverging = l.Style.Classes, l.Style.Ramp == "diverging"
			break
		}
	}
	return out
}

func flowEntry(b builtFlow) release.Flow {
	f := b.flow
	out := release.Flow{ID: b.id, Title: f.Title, Summary: f.Summary, Unit: f.Unit, Decimals: f.Decimals, Class: class(b.source),
		Source: b.source.ID, Zones: f.Zones, Slots: b.flows.Slots, Table: b.table, Totals: b.totals,
		Account: release.FlowAccount{Rows: b.account.Rows, Outside: b.account.Outside, Unknown: b.account.Unknown}}
	for i, pairs := range b.flows.Pairs {
		for _, v := range pairs.Value {
			if math.IsNaN(v) {
				continue
			}
			if out.Max = max(out.Max, v); i == 0 {
				out.Total += v
			}
		}
	}
	return out
}

func class(src *model.Source) string {
	if src.Behaviour == nil {
		return ""
	}
	return src.Behaviour.Class
}

func (r *run) layer(b *builtLayer) release.Layer {
	l := b.layer
	out := release.Layer{ID: l.ID, Title: l.Title, Summary: l.Summary, Question: l.Question, Geometry: b.spec.Geometry,
		Zones: l.Geometry.Zones, Source: l.Geometry.Source, MinZoom: l.Geometry.Zoom.Min, MaxZoom: l.Geometry.Zoom.Max,
		BBox: b.bbox, Features: b.stats.Features, Background: l.Background, Order: l.Order, Audience: l.Audience, Style: l.Style, Search: b.found}
	credited := map[string]bool{}
	credit := func(source string) {
		if source != "" {
			credited[source] = true
		}
	}
	credit(l.Geometry.Source)
	credit(r.systems.source[l.Geometry.Zones])
	for _, built := range r.frames {
		if (slices.Contains(l.Measures, built.id) || slices.Contains(l.Measures, built.table)) && r.hasFrames(built, l.Geometry.Zones) {
			credit(built.source.ID)
		}
	}
	for _, id := range l.Measures {
		out.Measures = append(out.Measures, r.shown(id, l.Geometry.Zones, out.Measures)...)
	}
	for _, built := range r.flows {
		if slices.Contains(l.Flows, built.id) {
			out.Flows = append(out.Flows, built.id)
			credit(built.source.ID)
		}
	}
	out.Sources = slices.Sorted(maps.Keys(credited))
	out.Properties = r.properties(b)
	return out
}

// shown are the measures of a name that have figures in a zone system: one, or those of a protected table, by id.
func (r *run) shown(id, zones string, already []string) (out []string) {
	for _, built := range r.frames {
		if (built.id == id || built.table == id) && r.hasFrames(built, zones) && !slices.Contains(already, built.id) {
			out = append(out, built.id)
		}
	}
	slices.Sort(out)
	return out
}

// hasFrames says whether a measure has figures in a zone system.
func (r *run) hasFrames(b builtMeasure, system string) bool {
	for _, f := range b.frames {
		if f.System == system {
			return true
		}
	}
	return false
}

func (r *run) properties(b *builtLayer) []release.Property {
	var out []release.Property
	g := b.layer.Geometry
	src := r.layerSource(b.layer)
	for i, p := range b.spec.Properties {
		entry := release.Property{Name: p.Name, Type: p.Type, Title: model.Text{FR: p.Name, EN: p.Name}}
		if g.Zones != "" && i == 0 {
			entry.Title = model.Text{FR: "Nom", EN: "Name"}
		} else if r.systems.mosaics[g.Zones] {
			entry.Title = model.Text{FR: "Niveau", EN: "Level"}
		} else {
			c := src.Contract.Columns[p.Name]
			entry.Unit = c.Unit
			if c.Title != (model.Text{}) {
				entry.Title = c.Title
			}
		}
		out = append(out, entry)
	}
	return out
}

func (r *run) sourceEntry(src *model.Source) release.Source {
	a := r.accounts[src.ID]
	if ingest.AboutPeople(src) { // their number and the digest of the file change with one person
		a = &ingest.Account{Absent: a.Absent}
	}
	out := release.Source{ID: src.ID, Title: src.Title, Producer: src.Producer, Licence: src.Licence, Attribution: cmp.Or(src.Attribution, src.Producer),
		Vintage: src.Vintage, URL: src.From.URL, Class: class(src), Absent: a.Absent, Read: a.Read, Loaded: a.Loaded, Skipped: a.Skipped,
		Protected: ingest.AboutPeople(src)}
	if b := src.Behaviour; out.Protected && b != nil {
		out.Unit, out.Period = b.Unit, b.Period
	}
	for _, c := range a.Rejected {
		out.Rejected = append(out.Rejected, release.Rejected{Code: c.Code, Count: c.Rows})
	}
	for _, kind := range sortedKeys(a.Repairs) {
		out.Repaired = append(out.Repaired, release.Repaired{Kind: kind, Count: a.Repairs[kind]})
	}
	out.SHA256 = digestOf(a.Files)
	return out
}

// makeManifest gathers everything that the release says of itself.
func (r *run) makeManifest(ctx context.Context) error {
	catalog, err := r.catalog()
	if err != nil {
		return err
	}
	bytes := int64(0)
	m := &release.Manifest{Catalog: catalog, Tool: release.Tool{Name: "jumeau", Version: r.Version}, Baked: r.baked, Editions: r.editions}
	if err := r.store.Scan(ctx, "SELECT 'DuckDB ' || version()", nil, &m.Tool.Engine); err != nil {
		return err
	}
	for _, a := range r.order {
		if b := a.Source.Behaviour; b != nil && !a.Absent {
			card := release.Card{Source: a.Source.ID, Class: b.Class, Purpose: b.Purpose, LegalBasis: b.LegalBasis,
				Retention: b.Retention, Threshold: b.Threshold}
			if d := r.drawn[a.Source.ID]; d != nil {
				card = d.card
				m.Ledger = append(m.Ledger, d.entry)
			}
			m.Privacy = append(m.Privacy, card)
		}
		if ingest.AboutPeople(a.Source) {
			continue
		}
		for _, f := range a.Files {
			bytes += f.Bytes
		}
	}
	r.whole, m.Cost = r.cost(bytes)
	r.about = m
	return nil
}
