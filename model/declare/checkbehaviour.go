package declare

import (
	"slices"

	"jumeau/model"
)

func personal(class string) bool { return model.Personal(class) }

// unitsOf a class: what one row may be about.
var unitsOf = map[string][]string{
	"C": {"person", "device", "vehicle"},
	"E": {"enterprise"},
	"F": {"household", "person"},
	"G": {"respondent", "person", "household"},
}

func (c *checker) checkBehaviour(s *model.Source, d *document) {
	b := s.Behaviour
	if b == nil {
		if len(s.Measures)+len(s.Flows) > 0 && !d.broken {
			key := "measures"
			if len(s.Measures) == 0 {
				key = "flows"
			}
			d.addKey(key, "behaviour.class is missing: figures say how they protect people (A open aggregates, B counts without identity, D thresholded by the producer, …)")
		}
		return
	}
	if personal(b.Class) {
		c.checkPersonal(s, d)
	} else if b.Class != "" {
		for key, given := range map[string]bool{"unit": b.Unit != "", "publish": b.Publish != nil, "period": b.Period != "",
			"edition": b.Edition != 0, "days": b.Days != nil, "units": b.Units != 0} {
			if given {
				d.addKey("behaviour."+key, "%s is for classes C, E, F and G: rows of class %s are about nobody", key, b.Class)
			}
		}
	}
	if b.Threshold != 0 && b.Class != "D" && !personal(b.Class) && b.Class != "" {
		d.addKey("behaviour.threshold", "threshold is for class D, and for classes C, E, F and G whose producer is stricter than territory.yaml (privacy)")
	}
}

// checkPersonal asks for what must be known before a row about a person may be read.
func (c *checker) checkPersonal(s *model.Source, d *document) {
	b := s.Behaviour
	if d.broken {
		return
	}
	for _, needed := range []struct {
		key, example string
		given        bool
	}{
		{"unit", "what one row is about: " + quoted(unitsOf[b.Class]), b.Unit != ""},
		{"purpose", `what the figures are for: {fr: "…", en: "…"}`, b.Purpose != (model.Text{})},
		{"legal_basis", `on which ground: "public task"`, b.LegalBasis != ""},
		{"retention", `when raw files must be deleted: P30D`, b.Retention != ""},
	} {
		if !needed.given {
			d.addKey("behaviour", "behaviour.%s is missing: class %s needs it (%s)", needed.key, b.Class, needed.example)
		}
	}
	if b.Unit != "" && !slices.Contains(unitsOf[b.Class], b.Unit) {
		d.addValue("behaviour.unit", "rows of class %s are about %s, not about %q", b.Class, quoted(unitsOf[b.Class]), b.Unit)
	}
	if len(s.Measures)+len(s.Flows) > 0 {
		d.addKey("behaviour.class", "class %s publishes through the gate: use behaviour.publish, not measures and flows", b.Class)
	}
	units := 0
	for _, col := range s.Contract.Columns {
		if col.Role == "unit" {
			units++
		}
	}
	if units != 1 {
		d.addKey("contract.columns", "class %s needs exactly one column with role unit (it has %d): whom or what a row is about", b.Class, units)
	}
	if len(b.Publish) > 0 && b.Period == "" {
		d.addKey("behaviour", `behaviour.period is missing: which window are figures drawn from, once? ("2025-11")`)
	}
	c.checkColumnsAboutPeople(s, d)
	c.checkPublish(s, d)
}
