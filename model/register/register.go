package register

import (
	"bytes"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/verify"
)

//go:embed templates
var files embed.FS

// Input of Write.
type Input struct {
	Manifest *release.Manifest // Required
	Cards    []verify.Card     // Required
	Report   *verify.Report    // Required
	Raw      []Raw             // what attacks did to raw data, when they were played
}

// Raw is the success of an attack on raw data, for the impact assessment.
type Raw struct {
	Attack model.Text `json:"name"`
	Value  float64    `json:"value"`
}

// Document is one file to be kept by the controller.
type Document struct {
	Name string
	Text []byte
}

// Documents are the register of processing and the skeleton of the impact assessment, in French, then in English.
func Documents(in Input) (out []Document, err error) {
	for _, lang := range []string{"fr", "en"} {
		for _, name := range []string{"register", "impact"} {
			var text bytes.Buffer
			t, err := template.New(name+".md").Funcs(functions(lang)).ParseFS(files, "templates/"+name+"."+lang+".md")
			if err != nil {
				return nil, err
			}
			if err := t.ExecuteTemplate(&text, name+"."+lang+".md", in); err != nil {
				return nil, err
			}
			out = append(out, Document{name + "." + lang + ".md", text.Bytes()})
		}
	}
	return out, nil
}

// Personal are the cards of sources about single units, which are processing of personal data.
func (in Input) Personal() (out []verify.Card) {
	for _, c := range in.Cards {
		if model.Personal(c.Class) {
			out = append(out, c)
		}
	}
	return out
}

// Loss is the sum of epsilon over the sources: what the release costs at most to somebody who is in all of them.
func (in Input) Loss() (sum float64) {
	for _, c := range in.Personal() {
		sum += c.Epsilon
	}
	return sum
}

// Source of a card, for its title and producer.
func (in Input) Source(id string) release.Source {
	if s, ok := in.Manifest.Catalog.Source(id); ok {
		return *s
	}
	return release.Source{ID: id}
}

// Passed counts the checks that passed and those that were made.
func (in Input) Passed() (s string) {
	passed, made := 0, 0
	for _, c := range in.Report.Checks {
		switch c.State {
		case verify.Passed:
			passed++
			made++
		case verify.Failed:
			made++
		}
	}
	return fmt.Sprintf("%d/%d", passed, made)
}

var units = map[string]model.Text{
	"person": {FR: "personnes", EN: "persons"}, "device": {FR: "porteurs d'appareils", EN: "holders of devices"}, "vehicle": {FR: "conducteurs et passagers de véhicules", EN: "drivers and passengers of vehicles"},
	"household": {FR: "ménages", EN: "households"}, "enterprise": {FR: "entreprises", EN: "enterprises"}, "respondent": {FR: "répondants d'enquête", EN: "survey respondents"},
}

func functions(lang string) template.FuncMap {
	number := func(v float64) string {
		s := strconv.FormatFloat(v, 'g', 4, 64)
		if lang == "fr" {
			s = strings.ReplaceAll(s, ".", ",")
		}
		return s
	}
	return template.FuncMap{
		"say": func(t model.Text) string { return t.In(lang) },
		"unit": func(u string) string {
			if t, ok := units[u]; ok {
				return t.In(lang)
			}
			return u
		},
		"basis":      func(b string) string { return basis(b, lang) },
		"duration":   func(d string) string { return duration(d, lang) },
		"number":     number,
		"percent":    func(v float64) string { return number(float64(int(1000*v+0.5))/10) + " %" },
		"millionths": func(v int64) string { return number(float64(v) / 1e6) },
		"date":       func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") },
		"open": func() string {
			return model.Text{FR: "*(à compléter par le responsable du traitement)*", EN: "*(to be completed by the controller)*"}.In(lang)
		},
		"state": func(s verify.State) string {
			return map[verify.State]model.Text{verify.Passed: {FR: "tenu", EN: "held"}, verify.Failed: {FR: "**non tenu**", EN: "**not held**"},
				verify.Nothing: {FR: "sans objet", EN: "nothing to check"}}[s].In(lang)
		},
	}
}

// basis names the grounds of article 6 that declarations use.
func basis(text, lang string) string {
	for _, known := range []struct{ text, fr, en string }{
		{"public task", "mission d'intérêt public (article 6, 1, e du RGPD)", "task in the public interest (article 6(1)(e) GDPR)"},
		{"consent", "consentement (article 6, 1, a du RGPD)", "consent (article 6(1)(a) GDPR)"},
		{"legal obligation", "obligation légale (article 6, 1, c du RGPD)", "legal obligation (article 6(1)(c) GDPR)"},
		{"legitimate interest", "intérêt légitime (article 6, 1, f du RGPD)", "legitimate interest (article 6(1)(f) GDPR)"},
	} {
		if strings.EqualFold(text, known.text) {
			return model.Text{FR: known.fr, EN: known.en}.In(lang)
		}
	}
	return text
}

// duration reads the ISO 8601 durations of declarations (P30D, P6M, P1Y).
func duration(text, lang string) string {
	if len(text) < 3 || text[0] != 'P' {
		return text
	}
	n, err := strconv.Atoi(text[1 : len(text)-1])
	word, ok := map[byte]model.Text{'D': {FR: "jours", EN: "days"}, 'W': {FR: "semaines", EN: "weeks"}, 'M': {FR: "mois", EN: "months"}, 'Y': {FR: "ans", EN: "years"}}[text[len(text)-1]]
	if err != nil || !ok {
		return text
	}
	return fmt.Sprintf("%d %s", n, word.In(lang))
}
