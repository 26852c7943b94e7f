package register

import (
	"strings"
	"testing"
	"time"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/verify"
)

func input() Input {
	return Input{
		Manifest: &release.Manifest{ID: "2026-04-02T0200Z-abcdef", BuiltAt: time.Date(2026, 4, 2, 2, 0, 0, 0, time.UTC), Tool: release.Tool{Name: "jumeau", Version: "1"},
			Catalog: release.Catalog{Territory: release.Territory{Title: model.Text{FR: "Orbelle", EN: "Orbelle"}, Synthetic: true},
				Sources: []release.Source{{ID: "tickets", Title: model.Text{FR: "Validations", EN: "Validations"}, Producer: "Orbelle Bus", Class: "C"}}}},
		Cards: []verify.Card{{Source: "carreaux", Class: "A"}, {Source: "tickets", Class: "C", Unit: "person", Purpose: model.Text{FR: "Adapter les bus", EN: "Fit buses"}, LegalBasis: "public task",
			Retention: "P30D", K: 20, Epsilon: 1, Delta: 1e-6, Guess: 0.731, Period: verify.Period{From: "2026-01-01", To: "2026-04-01"},
			Tables: []verify.CardTable{{Name: "passengers", Shape: "presence", Slot: "hour", L0: 4, Levels: []verify.CardLevel{{System: "iris", HalfWidth: 13, Cells: 64, Published: 50}}}},
			Entry:  &verify.Entry{Seq: 3, Epsilon: 1_000_000, Cap: 4_000_000, Author: "Mairie", Contract: "0123456789abcdef", Hash: "fedcba9876543210"}}},
		Report: &verify.Report{Checks: []verify.Check{{ID: "signature", State: verify.Passed, Means: model.Text{FR: "signé", EN: "signed"}}, {ID: "totals", State: verify.Failed, Means: model.Text{FR: "sommes", EN: "sums"}}}},
	}
}

func TestEveryFieldOfArticle30IsThereInBothLanguages(t *testing.T) {
	docs, err := Documents(input())
	if err != nil || len(docs) != 4 || docs[0].Name != "register.fr.md" {
		t.Fatalf("%d documents (%v)", len(docs), err)
	}
	wants := map[string][]string{
		"register.fr.md": {"Adapter les bus", "article 6, 1, e", "personnes", "30 jours", "Destinataires", "seuil de 20", "ε = 1", "entrée 3", "1/2 contrôles", "à compléter", "délégué"},
		"register.en.md": {"Fit buses", "article 6(1)(e)", "persons", "30 days", "Recipients", "threshold of 20", "entry 3", "1/2 checks", "officer"},
		"impact.fr.md":   {"73,1 %", "**non tenu**", "50 chiffres publiés sur 64 possibles, à ± 13 près", "Non mesurés ici", "s'additionne : 1 au plus"},
		"impact.en.md":   {"73.1 %", "**not held**", "50 figures published of 64 possible", "Not measured here"},
	}
	for _, d := range docs {
		text := string(d.Text)
		for _, want := range wants[d.Name] {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", d.Name, want, text)
			}
		}
		if strings.Contains(text, "carreaux") || strings.Contains(text, "<no value>") {
			t.Errorf("%s speaks of open aggregates, or has a hole", d.Name)
		}
	}
}

func TestWhatAttacksDidToRawDataGoesIntoTheAssessment(t *testing.T) {
	in := input()
	in.Raw = []Raw{{model.Text{FR: "uniques", EN: "unique"}, 0.342}}
	docs, err := Documents(in)
	if err != nil || !strings.Contains(string(docs[1].Text), "| uniques | 34,2 % |") {
		t.Errorf("%s (%v)", docs[1].Text, err)
	}
}

func TestAReleaseWithoutPersonsSaysSo(t *testing.T) {
	in := input()
	in.Cards = in.Cards[:1]
	docs, err := Documents(in)
	if err != nil || !strings.Contains(string(docs[0].Text), "ne traite aucune source") {
		t.Errorf("%s (%v)", docs[0].Text, err)
	}
}
