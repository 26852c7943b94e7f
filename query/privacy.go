package query

import (
	"context"
	"encoding/json"
	"html/template"
	"math"
	"net/http"
	"strings"

	"jumeau/model"
	"jumeau/model/release"
)

var privacyTemplate = template.Must(template.New("privacy.html").Funcs(template.FuncMap{"when": when}).ParseFS(templates, "templates/privacy.html"))

// privacyCard is the privacy card of a source: how its figures were protected, in sentences, with the gate's own card beside.
type privacyCard struct {
	Source     string          `json:"source"`
	Title      model.Text      `json:"title"`
	Class      string          `json:"class"`
	Purpose    model.Text      `json:"purpose,omitzero"`
	LegalBasis string          `json:"legal_basis,omitempty"`
	Retention  string          `json:"retention,omitempty"`
	Words      []model.Text    `json:"words"`
	Gate       json.RawMessage `json:"gate,omitempty"`
}

// loss is what a release, and a year, tell at most about somebody who is in every source that has a budget. The cap is by source, and
// nobody can know who is in several, so the worst case is the sum.
type loss struct {
	Sources int     `json:"sources"`
	Release float64 `json:"release"` // epsilon
	Year    float64 `json:"year"`    // epsilon, by the caps in force when the figures were charged
	Guess   float64 `json:"guess"`   // chance of guessing right after reading the release, from even chances
}

func lossOf(m *release.Manifest) (l loss) {
	delta := 0.0
	for _, e := range m.Ledger {
		if e.Epsilon <= 0 {
			continue
		}
		var line struct {
			Cap float64 `json:"cap_millionths"`
		}
		_ = json.Unmarshal(e.Line, &line) // without a line the cap is what was spent
		l.Sources++
		l.Release += e.Epsilon
		l.Year += max(e.Epsilon, line.Cap/1e6)
		delta += e.Delta
	}
	if l.Sources > 0 {
		l.Guess = min(1, 1/(1+math.Exp(-l.Release))+delta)
	}
	return l
}

// Percent of the guess, rounded up.
func (l loss) Percent() int { return int(math.Ceil(100*l.Guess - 1e-9)) }

// privacyCards of the sources that the visitor may see.
func privacyCards(rel *view, only string) (out []privacyCard) {
	for _, c := range rel.release.Manifest.Privacy {
		source, ok := rel.catalog.Source(c.Source)
		if !ok || only != "" && c.Source != only {
			continue
		}
		out = append(out, privacyCard{Source: c.Source, Title: source.Title, Class: c.Class, Purpose: c.Purpose, LegalBasis: c.LegalBasis,
			Retention: c.Retention, Words: cardWords(&c), Gate: c.Gate})
	}
	return out
}

// cardWords are the sentences of the gate, or what is known of a source that did not go through it.
func cardWords(c *release.Card) []model.Text {
	var own struct {
		Words []model.Text `json:"words"`
	}
	if json.Unmarshal(c.Gate, &own) == nil && len(own.Words) > 0 {
		return own.Words
	}
	switch c.Class {
	case "B":
		return []model.Text{{FR: "Des passages sont comptés, sans savoir de qui.", EN: "Passages are counted, without knowing whose."}}
	case "D":
		return []model.Text{{FR: "Le producteur ne transmet aucun effectif sous son seuil. Ce qu'il retient n'est pas reconstitué : les totaux sont les sommes de ce qui est publié.",
			EN: "The producer hands over no count below his threshold. What he withholds is not worked out: totals are sums of what is published."}}
	}
	return []model.Text{{FR: "Des chiffres déjà publiés par leur producteur, avec ses marques de secret.", EN: "Figures already published by their producer, with its marks of secrecy."}}
}

// privacy answers GET /privacy and GET /privacy/{source}, also of a named release: HTML for people, JSON for programs.
func (s *Server) privacy(w http.ResponseWriter, q *request, only string) error {
	if _, err := q.parameters(); err != nil {
		return err
	}
	leave, err := s.see(q)
	if err != nil {
		return err
	}
	defer leave()
	rel := q.rel
	cards := privacyCards(rel, only)
	if only != "" && len(cards) == 0 {
		return unknownAddress(q)
	}
	answered := struct {
		Release   string            `json:"release"`
		Territory release.Territory `json:"territory"`
		Loss      loss              `json:"loss"`
		Cards     []privacyCard     `json:"cards"`
	}{rel.id, rel.catalog.Territory, lossOf(rel.release.Manifest), cards}
	if mediaType(q.Header.Get("Accept"), jsonType, "text/html") == "text/html" {
		lang := language(q.Header.Get("Accept-Language"))
		return s.html(w, q, privacyTemplate, struct {
			Release string
			Title   string
			Cards   []privacyCard
			Loss    loss
			Lang    string
			FR      bool
			Style   template.CSS
		}{rel.id, rel.catalog.Territory.Title.In(lang), cards, answered.Loss, lang, lang == "fr", sheet})
	}
	return s.send(w, q, answer{contentType: jsonType, fresh: true, vary: "Accept, Accept-Language", build: func(context.Context) ([]byte, error) { return marshal(answered) }})
}

// privacyOf is the source asked about at /privacy/{source}; false for other addresses.
func privacyOf(address string) (source string, ok bool) {
	rest, ok := strings.CutPrefix(address, "privacy")
	if rest == "" {
		return "", ok
	}
	source, slash := strings.CutPrefix(rest, "/")
	return source, ok && slash && source != ""
}
