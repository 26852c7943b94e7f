package verify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"jumeau/model"
)

// Card is the privacy card of a source, as the manifest has it.
type Card struct {
	Source     string       `json:"source"`
	Release    string       `json:"release,omitempty"`
	Period     Period       `json:"period,omitzero"`
	Class      string       `json:"class"`
	Profile    string       `json:"profile,omitempty"`
	Unit       string       `json:"unit,omitempty"`
	Purpose    model.Text   `json:"purpose"`
	LegalBasis string       `json:"legal_basis"`
	Retention  string       `json:"retention,omitempty"`
	Threshold  int          `json:"threshold,omitempty"` // class D: the producer's
	K          int          `json:"k,omitempty"`
	Epsilon    float64      `json:"epsilon,omitempty"`
	Delta      float64      `json:"delta,omitempty"`
	Guess      float64      `json:"guess,omitempty"`
	Tables     []CardTable  `json:"tables,omitempty"`
	Entry      *Entry       `json:"ledger_entry,omitempty"`
	Tests      []string     `json:"tests,omitempty"`
	Words      []model.Text `json:"words,omitempty"`

	differs bool // what the manifest says beside it is not what it says
}

// CardTable is one table of protected figures.
type CardTable struct {
	Name   string      `json:"name"`
	Shape  string      `json:"shape"`
	Slot   string      `json:"slot"`
	L0     int         `json:"l0,omitempty"`
	Levels []CardLevel `json:"levels"`
}

// CardLevel is one level of a table.
type CardLevel struct {
	System    string  `json:"system"`
	Mechanism string  `json:"mechanism,omitempty"`
	Epsilon   float64 `json:"epsilon,omitempty"`
	HalfWidth int64   `json:"half_width"`
	Threshold int64   `json:"threshold,omitempty"`
	Cells     int     `json:"cells"`
	Published int     `json:"published"`
	Near      int     `json:"near"`
	Error     float64 `json:"error"`
}

// readCards takes the gate's own card, where there is one, over what the manifest says beside it.
func readCards(manifest []byte) (cards []Card, err error) {
	var m struct {
		Privacy []json.RawMessage `json:"privacy"`
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, err
	}
	for _, text := range m.Privacy {
		var c Card
		var within struct {
			Gate json.RawMessage `json:"gate"`
		}
		if err := errors.Join(json.Unmarshal(text, &c), json.Unmarshal(text, &within)); err != nil {
			return nil, err
		}
		said := c
		if within.Gate != nil {
			if err := json.Unmarshal(within.Gate, &c); err != nil {
				return nil, err
			}
			c.differs = c.Source != said.Source || c.Class != said.Class || c.LegalBasis != said.LegalBasis || c.Purpose != said.Purpose
		}
		cards = append(cards, c)
	}
	return cards, nil
}

// single says whether the rows of a class are about single units, so that only the gate may have read them.
func single(class string) bool { return class != "" && strings.Contains("CEFG", class) }

// floors are the least numbers of units behind a figure, whatever a declaration says.
var floors = map[string]int{"C": 11, "D": 11, "E": 3, "F": 11, "G": 30}

func (s *subject) card(source string) *Card {
	for i := range s.cards {
		if s.cards[i].Source == source {
			return &s.cards[i]
		}
	}
	return nil
}

// complete holds the manifest to what must be said of every source with figures about people or enterprises.
func (s *subject) complete(_ context.Context, f *finding) error {
	c := &s.manifest.Catalog
	if s.manifest.Tool.Name == "" || s.manifest.BuiltAt.IsZero() || c.Territory.ID == "" {
		f.add("tool, date or territory are missing")
	}
	for _, src := range c.Sources {
		if src.Absent || !slices.Contains([]string{"C", "D", "E", "F", "G"}, src.Class) {
			continue
		}
		f.looked++
		card := s.card(src.ID)
		if card == nil {
			f.add("%s (class %s) has no privacy card", src.ID, src.Class)
			continue
		}
		if card.Class != src.Class {
			f.add("%s is of class %s in the catalogue, %s on its card", src.ID, src.Class, card.Class)
		}
		if !single(src.Class) {
			continue
		}
		if card.differs {
			f.add("%s: what the manifest says is not that of its gate, on its card", src.ID)
		}
		for name, given := range map[string]bool{"purpose": card.Purpose != (model.Text{}), "legal basis": card.LegalBasis != "",
			"retention": card.Retention != "", "unit": card.Unit != "", "table": len(card.Tables) > 0} {
			if !given {
				f.add("%s: its card says no %s", src.ID, name)
			}
		}
		if card.K < floors[src.Class] {
			f.add("%s: k = %d is below %d, the least of class %s", src.ID, card.K, floors[src.Class], src.Class)
		}
		if src.Class == "C" && !(card.Epsilon > 0 && card.Delta > 0) {
			f.add("%s: its card says no epsilon or delta", src.ID)
		}
	}
	for _, class := range s.classes() {
		if class.class != "" && class.class != "A" && class.class != "B" && s.card(class.source) == nil {
			f.add("%s comes from %s, of class %s, which has no card", class.id, class.source, class.class)
		}
	}
	return nil
}

// figure is a measure or a flow of the catalogue with its class.
type figure struct{ id, source, class, table string }

func figureOf(id, source, class, table string) figure {
	return figure{id, source, class, cmp.Or(table, id)}
}

// rest says whether the figures are what is left of a total once its published parts are taken off.
func (f figure) rest() bool { return f.table != f.id && f.id == f.table+"_rest" }

func (s *subject) classes() (out []figure) {
	for _, m := range s.manifest.Catalog.Measures {
		out = append(out, figureOf(m.ID, m.Source, m.Class, m.Table))
	}
	for _, f := range s.manifest.Catalog.Flows {
		out = append(out, figureOf(f.ID, f.Source, f.Class, f.Table))
	}
	return out
}

// level of a card for the figures of one of its tables in a zone system, the most lenient where there are several (a flow and its
// totals by origin). Nil: the table has no level there, so that the figures can only be sums. alone: it is the table's only level.
func (c *Card) level(table, system string) (level *CardLevel, alone bool) {
	for i := range c.Tables {
		t := &c.Tables[i]
		if t.Name != table {
			continue
		}
		for _, l := range t.Levels {
			if l.System != system {
				continue
			}
			if level == nil {
				level, alone = &l, len(t.Levels) == 1
				continue
			}
			level.Threshold, level.HalfWidth = min(level.Threshold, l.Threshold), min(level.HalfWidth, l.HalfWidth)
		}
	}
	return level, alone
}

// CardsOf reads the privacy cards of the release in a folder.
func CardsOf(dir string) ([]Card, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	return readCards(text)
}
