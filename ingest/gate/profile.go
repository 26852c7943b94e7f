package gate

import (
	"fmt"

	"jumeau/model"
)

// Profile is what a class of sources is held to.
type Profile struct {
	Class   string `json:"class"`
	Name    string `json:"name"`
	Floor   int    `json:"floor"`    // least number of units behind a figure, whatever a declaration says
	Largest int    `json:"largest"`  // greatest share of one unit in a figure, in hundredths; 0: no such rule
	Noise   bool   `json:"noise"`    // differentially private noise, charged to the ledger
	CellKey bool   `json:"cell_key"` // bounded noise of the cell-key method
	Rows    bool   `json:"rows"`     // its rows are about single units, so that only the gate may read them
}

var profiles = map[string]Profile{
	"A": {Class: "A", Name: "pass"},
	"B": {Class: "B", Name: "count"},
	"C": {Class: "C", Name: "dp", Floor: 11, Noise: true, Rows: true},
	"D": {Class: "D", Name: "threshold", Floor: 11},
	"E": {Class: "E", Name: "magnitude", Floor: 3, Largest: 85, Rows: true},
	"F": {Class: "F", Name: "household", Floor: 11, Largest: 85, CellKey: true, Rows: true},
	"G": {Class: "G", Name: "survey", Floor: 30, CellKey: true, Rows: true},
}

// ProfileOf is the profile of a class. An unknown class is refused.
func ProfileOf(class string) (Profile, error) {
	p, ok := profiles[class]
	if !ok {
		return Profile{}, &model.Error{Kind: model.Withheld, Op: "open", Subject: "class " + class, Err: fmt.Errorf("class %q is unknown", class),
			Hint: "declare behaviour.class: A open aggregates, B counts, C persons or devices, D thresholded by the producer, E enterprises, F households, G survey"}
	}
	return p, nil
}

// least is the number of distinct units a figure of the source needs: the strictest of the profile, the territory and the
// producer. Classes E and G have their own number, which the territory's k does not lower.
func (p Profile) least(privacy model.Privacy, producer int) int {
	k := max(p.Floor, producer)
	if p.Class == "C" || p.Class == "F" || p.Class == "D" {
		k = max(k, privacy.K)
	}
	return k
}

// margins says whether figures are exact, so that those that add up to others must be hidden with care.
func (p Profile) margins() bool { return p.Rows && !p.Noise && !p.CellKey }

// mechanism of a profile without drawn noise, as the ledger and the card say it.
func (p Profile) mechanism() string {
	if p.CellKey {
		return "cell key"
	}
	return "exact figures under " + p.Name + " rules"
}
