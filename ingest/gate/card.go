package gate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
)

// Card is the privacy card of a cube: what was done, in numbers and in words. Everything on it follows from the declaration or from
// published figures, so that the card itself costs nothing.
type Card struct {
	Source     string        `json:"source"`
	Release    string        `json:"release"`
	Period     ledger.Period `json:"period"`
	Class      string        `json:"class"`
	Profile    string        `json:"profile"`
	Unit       string        `json:"unit"`
	Purpose    model.Text    `json:"purpose"`
	LegalBasis string        `json:"legal_basis"`
	Retention  string        `json:"retention"`
	K          int           `json:"k"`
	Epsilon    float64       `json:"epsilon,omitempty"`
	Delta      float64       `json:"delta,omitempty"`
	// Greatest chance that somebody who can guess right one time in two whether a person is in the source guesses right after
	// reading the release: e^epsilon / (1 + e^epsilon) + delta.
	Guess  float64      `json:"guess,omitempty"`
	Tables []TableCard  `json:"tables"`
	Entry  ledger.Entry `json:"ledger_entry"`
	Tests  []string     `json:"tests"` // of the specification, that hold the gate to this
	Words  []model.Text `json:"words"`
}

// TableCard is the part of a card about one table.
type TableCard struct {
	Name   string      `json:"name"`
	Title  model.Text  `json:"title,omitzero"` // as declared
	Shape  Shape       `json:"shape"`
	Slot   string      `json:"slot"`
	L0     int         `json:"l0,omitempty"`
	Linf   int         `json:"linf,omitempty"`
	Levels []LevelCard `json:"levels"`
	Bias   *Scale      `json:"bias,omitempty"`
	// Share of the published totals that is also published leaf by leaf; absent without totals.
	Detailed *float64 `json:"detailed,omitempty"`

	counts bool // its figures are counts, which the half-width is about, and not sums
}

// LevelCard is the part of a card about one level of a table.
type LevelCard struct {
	System    string  `json:"system"` // "" for totals
	Mechanism string  `json:"mechanism,omitempty"`
	Epsilon   float64 `json:"epsilon,omitempty"`
	HalfWidth int64   `json:"half_width"` // 95 %
	Threshold int64   `json:"threshold,omitempty"`
	Cells     int     `json:"cells"` // that could be published
	Published int     `json:"published"`
	Near      int     `json:"near"`  // just above the limit
	Error     float64 `json:"error"` // median of half-width over figure, of those published; 0 when none is
}

// proven are the tests of the specification (doc/gate) that this package runs.
var proven = []string{"T3", "T4", "T5", "T6", "T10", "T11", "T12", "T14", "T15", "T16"}

func (g *Gate) card(c *Cube) Card {
	b, entry := g.setup.Source.Behaviour, c.entry
	card := Card{Source: entry.Source, Release: entry.Release, Period: entry.Period, Class: entry.Class, Profile: g.profile.Name, Unit: b.Unit,
		Purpose: b.Purpose, LegalBasis: b.LegalBasis, Retention: b.Retention, K: entry.K, Delta: entry.Delta, Entry: entry, Tests: proven}
	if g.profile.Noise {
		card.Epsilon = entry.Epsilon.Float()
		card.Guess = min(1, 1/(1+math.Exp(-card.Epsilon))+card.Delta)
	}
	for i, t := range g.tables {
		tc := t.card(c.tables[i], g.profile)
		if spec := b.Publish[t.Name]; spec != nil {
			tc.Title = spec.Title
		}
		card.Tables = append(card.Tables, tc)
	}
	card.Words = card.words(g.profile)
	return card
}

func (t *table) card(p *Protected, profile Profile) TableCard {
	out := TableCard{Name: t.Name, Shape: t.Shape, Slot: t.Slot, Bias: p.scale, counts: t.Value == "" || t.Shape == Histogram}
	if t.tally != nil {
		out.L0, out.Linf = t.L0, t.Linf
	}
	for i := range p.levels {
		l := &p.levels[i]
		lc := LevelCard{System: l.system, HalfWidth: l.half, Threshold: l.threshold, Cells: l.places * len(p.slots), Published: len(l.figures)}
		if t.tally != nil {
			lc.Mechanism, lc.Epsilon = t.levels[i].mechanism.Law.Name(), t.levels[i].epsilon.Float()
		}
		if t.exact != nil {
			lc.Mechanism = profile.mechanism()
		}
		var errors []float64
		for _, f := range l.figures {
			if f.Near {
				lc.Near++
			}
			if f.Y > 0 {
				errors = append(errors, (f.Hi-f.Lo)/2/f.Y)
			}
		}
		lc.Error = median(errors)
		out.Levels = append(out.Levels, lc)
	}
	if t.Totals {
		if total := sum(p.levels[len(p.levels)-1].figures); total > 0 {
			share := min(1, sum(p.levels[0].figures)/total)
			out.Detailed = &share
		}
	}
	return out
}

func sum(figures []Figure) (s float64) {
	for _, f := range figures {
		s += f.Y
	}
	return s
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return math.Round(1e4*(v[(len(v)-1)/2]+v[len(v)/2])/2) / 1e4
}

var unitWords = map[string]model.Text{
	"person": {FR: "personnes", EN: "people"}, "device": {FR: "appareils", EN: "devices"}, "vehicle": {FR: "véhicules", EN: "vehicles"},
	"household": {FR: "ménages", EN: "households"}, "enterprise": {FR: "entreprises", EN: "enterprises"},
	"respondent": {FR: "répondants", EN: "respondents"},
}

// words say the card in French and in English, for somebody who has never heard of epsilon.
func (c *Card) words(p Profile) []model.Text {
	unit, ok := unitWords[c.Unit]
	if !ok {
		unit = model.Text{FR: "unités", EN: "units"}
	}
	say := func(fr, en string, args ...any) model.Text {
		return model.Text{FR: fmt.Sprintf(fr, args...), EN: fmt.Sprintf(en, args...)}
	}
	out := []model.Text{
		{FR: fmt.Sprintf("Aucun chiffre n'est publié à partir de moins de %d %s. Zéro et « trop peu » ne se distinguent pas.", c.K, unit.FR),
			EN: fmt.Sprintf("No figure is published from fewer than %d %s. Zero and “too few” look the same.", c.K, unit.EN)},
	}
	switch {
	case p.Noise:
		out = append(out,
			say("Un bruit aléatoire est ajouté à chaque chiffre : la publication dit presque la même chose que chaque personne soit dans les données ou non (ε = %[1]s, δ = %.0[2]e).",
				"Random noise is added to every figure: the publication says almost the same thing whether or not any one person is in the data (ε = %[1]s, δ = %.0[2]e).",
				strconv.FormatFloat(c.Epsilon, 'g', -1, 64), c.Delta),
			say("Celui qui devine une fois sur deux si une personne est dans les données devinerait juste au plus %.0f fois sur 100 après lecture.",
				"Somebody who guesses right one time in two whether a person is in the data would guess right at most %.0f times in 100 after reading.",
				math.Ceil(100*c.Guess-1e-9)),
			model.Text{FR: "Les pseudonymes changent à chaque publication et ne sont jamais écrits : on ne peut suivre personne d'une publication à l'autre.",
				EN: "Pseudonyms change with every publication and are never written: nobody can be followed from one to the next."})
	case p.CellKey:
		out = append(out, say("Un petit bruit, toujours le même pour le même groupe, est ajouté à chaque effectif (écart d'au plus %d).",
			"A small noise, always the same for the same group, is added to every count (at most %d off).", cellKeyReach))
	}
	if p.Largest > 0 {
		out = append(out, say("Aucune contribution ne dépasse %d %% d'un chiffre publié.", "No contribution exceeds %d %% of a published figure.", p.Largest))
	}
	if p.margins() {
		out = append(out,
			say("La plus grande contribution ne peut pas être estimée à moins de %d %% près par la deuxième.", "The second largest contributor cannot estimate the largest within %d %%.", dominancePercent),
			model.Text{FR: "D'autres chiffres sont retenus, pour qu'aucun chiffre caché ne se retrouve en soustrayant ceux qui sont publiés de leurs totaux ; les mêmes d'une publication à l'autre, autant que possible.",
				EN: "More figures are withheld, so that no hidden one is found by subtracting those published from their totals; the same ones from one publication to the next, as far as possible."})
	}
	for _, t := range c.Tables {
		out = append(out, t.words(p, unit)...)
	}
	return append(out, model.Text{
		FR: "Ces règles ont été éprouvées par des tests et des attaques ; elles demandent l'avis du délégué à la protection des données, et ne disent rien de ce que l'on peut conclure sur un groupe entier.",
		EN: "These rules were tried by tests and attacks; they call for the data-protection officer's opinion, and say nothing about what can be concluded on a whole group."})
}

func (t *TableCard) words(p Profile, unit model.Text) (out []model.Text) {
	title := t.Title
	if title == (model.Text{}) {
		title = model.Text{FR: t.Name, EN: t.Name}
	}
	if p.Noise {
		out = append(out, model.Text{
			FR: fmt.Sprintf("%s : chacun compte dans %d cases au plus, tirées au hasard parmi les siennes.", title.In("fr"), t.L0),
			EN: fmt.Sprintf("%s: each of the %s counts in at most %d cells, drawn at random among their own.", title.In("en"), unit.EN, t.L0)})
	}
	if t.Bias != nil {
		out = append(out, model.Text{
			FR: fmt.Sprintf("%s : %.0f %% des présences sont comptées ; les totaux réels sont environ %.2g fois plus grands (entre %.3g et %.3g).", title.In("fr"), 100*t.Bias.Kept, t.Bias.Factor, t.Bias.Lo, t.Bias.Hi),
			EN: fmt.Sprintf("%s: %.0f %% of contributions are counted; real totals are about %.2g times larger (from %.3g to %.3g).", title.In("en"), 100*t.Bias.Kept, t.Bias.Factor, t.Bias.Lo, t.Bias.Hi)})
	}
	for _, l := range t.Levels {
		name := l.System
		if name == "" {
			name = "total"
		}
		fr, en := "%s, %s : %d cases publiées sur %d possibles", "%s, %s: %d cells published of %d possible"
		if l.Published < 2 {
			fr, en = "%s, %s : %d case publiée sur %d possibles", "%s, %s: %d cell published of %d possible"
		}
		s := model.Text{FR: fmt.Sprintf(fr, title.In("fr"), name, l.Published, l.Cells), EN: fmt.Sprintf(en, title.In("en"), name, l.Published, l.Cells)}
		if l.HalfWidth > 0 && t.counts {
			s.FR += fmt.Sprintf(", à ± %d près (95 %%)", l.HalfWidth)
			s.EN += fmt.Sprintf(", within ± %d (95 %%)", l.HalfWidth)
		}
		out = append(out, model.Text{FR: s.FR + ".", EN: s.EN + "."})
	}
	return out
}

// Text is the card in one language, a sentence a line.
func (c *Card) Text(lang string) string {
	var b strings.Builder
	for _, w := range c.Words {
		b.WriteString(w.In(lang))
		b.WriteByte('\n')
	}
	return b.String()
}
