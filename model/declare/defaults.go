package declare

import (
	"jumeau/model"
)

// fillDefaults gives every key that was left out the value that holds.
func fillDefaults(t *model.Territory) {
	set(&t.Privacy.K, 20)
	set(&t.Privacy.Epsilon, 1)
	set(&t.Privacy.Delta, 1e-6)
	set(&t.Privacy.EpsilonYear, 4)
	if t.Announce != nil {
		set(&t.Announce.Language, "fr")
	}
	sources, systems := map[string]*model.Source{}, map[string]*model.Source{}
	for _, s := range t.Sources {
		sources[s.ID] = s
		if s.Zones != nil {
			systems[s.Zones.System] = s
		}
	}
	for _, s := range t.Sources {
		fillSource(s, t, systems)
	}
	for _, l := range t.Layers {
		fillLayer(l, shapeOf(l, sources, systems))
	}
}

func set[T comparable](v *T, value T) {
	var zero T
	if *v == zero {
		*v = value
	}
}

func fillSource(s *model.Source, t *model.Territory, systems map[string]*model.Source) {
	set(&s.Read.Decimal, ".")
	set(&s.Contract.Match, "exact")
	set(&s.Attribution, s.Producer)
	if s.From.URL != "" {
		set(&s.From.Every, "PT12H")
		set(&s.From.MaxMiB, 8192)
	}
	if b := s.Behaviour; b != nil && b.Class == "D" {
		set(&b.Threshold, t.Privacy.K)
	}
	if b := s.Behaviour; b != nil && personal(b.Class) {
		fillPersonal(s, systems)
	}
	if z := s.Zones; z != nil {
		set(&z.Name, z.ID)
		// A zone without id is no zone, and only groups name one several times.
		id := s.Contract.Columns[z.ID]
		id.Required = true
		id.Unique = id.Unique || z.Members == nil
	}
	for _, m := range s.Measures {
		set(&m.Aggregate, "sum")
		if m.Slots == nil {
			m.Slots = []string{model.SlotAll}
		}
	}
}

// unitWords name the units of figures about people.
var unitWords = map[string]model.Text{
	"person": {FR: "personnes", EN: "people"}, "device": {FR: "appareils", EN: "devices"}, "vehicle": {FR: "véhicules", EN: "vehicles"},
	"household": {FR: "ménages", EN: "households"}, "enterprise": {FR: "entreprises", EN: "enterprises"},
	"respondent": {FR: "répondants", EN: "respondents"},
}

func fillPersonal(s *model.Source, systems map[string]*model.Source) {
	b := s.Behaviour
	set(&b.Edition, 1)
	if b.Class == "C" {
		set(&b.Units, 100_000)
	}
	role := func(into *string, name string) {
		for _, column := range columnNames(s) {
			if *into == "" && s.Contract.Columns[column].Role == name {
				*into = column
			}
		}
	}
	for _, p := range b.Publish {
		set(&p.Unit, unitWords[b.Unit])
		set(&p.Slot, model.SlotAll)
		if z := systems[p.Zones]; z != nil && z.Contract.Geometry != nil && z.Contract.Geometry.Type == "line" {
			set(&p.Snap, 30)
		}
		if p.Shape == model.ShapeFlow {
			p.Totals = b.Class == "C"
			role(&p.Origin, "origin")
			role(&p.Destination, "destination")
		} else if p.Shape != model.ShapeLinks {
			role(&p.Place, "place")
		}
		if b.Class == "C" {
			set(&p.L0, cellsFor(p))
			set(&p.Linf, 1)
		}
	}
}

// cellsFor is an L0 that suits a presence when nothing else is known: every slot of a unit where they are few, a day's worth where
// they are many. `jumeau plan` finds a better one.
func cellsFor(p *model.Published) int {
	if p.Shape != model.ShapePresence {
		return 4
	}
	switch p.Slot {
	case model.SlotDayType:
		return 3
	case model.SlotHalfDay:
		return 6
	case model.SlotThreeHours, model.SlotMonth:
		return 12
	case model.SlotHour, model.SlotDate:
		return 24
	}
	return 4
}

// Widths in pixels at zoom 14, opacities and colours that read well together on a white ground.
var styleOf = map[string]model.Style{
	"point":   {As: "circle", Colour: "#2f6f8f", Opacity: 0.9, Width: 4},
	"line":    {As: "line", Colour: "#7a7f87", Opacity: 1, Width: 1.5},
	"polygon": {As: "fill", Colour: "#c9d6cf", Opacity: 0.7, Width: 1},
	"any":     {As: "fill", Colour: "#c9d6cf", Opacity: 0.7, Width: 1},
}

func fillLayer(l *model.Layer, shape string) {
	set(&l.Audience, "public")
	set(&l.Order, 50)
	st, usual := &l.Style, styleOf[shape]
	set(&st.As, usual.As)
	if st.As == "line" {
		usual = styleOf["line"]
	}
	if st.As == "extrusion" {
		usual.Opacity = 0.9
	}
	set(&st.Colour, usual.Colour)
	set(&st.Opacity, usual.Opacity)
	set(&st.Width, usual.Width)
	if len(l.Measures) > 0 {
		set(&st.Ramp, "sequential")
		set(&st.Classes, 6)
	}
}
