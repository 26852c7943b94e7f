package query

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"jumeau/model"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

// protected publishes a tiny release with a card that the gate gave, one of a producer's table, and one of a source nobody shows.
func protected(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	d, err := release.Begin(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), tiny)
	if err != nil {
		t.Fatal(err)
	}
	m.Privacy = []release.Card{
		{Source: "counts", Class: "C", Purpose: model.Text{FR: "Adapter les bus", EN: "Fit buses"}, LegalBasis: "public task", Retention: "P30D",
			Gate: json.RawMessage(`{"k":20,"words":[{"fr":"Au moins 20 <personnes>.","en":"At least 20 <people>."}]}`)},
		{Source: "communes", Class: "D", Threshold: 20},
		{Source: "elsewhere", Class: "C"},
	}
	if _, _, err := d.Publish(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestThePrivacyCardsAreReadByPeopleInTheirLanguage(t *testing.T) {
	s, _ := serve(t, protected(t), Options{})
	for lang, wants := range map[string][]string{
		"fr": {"Adapter les bus", "Au moins 20 &lt;personnes&gt;.", "Le producteur ne transmet aucun effectif", "anonymes au sens de la loi", "public task"},
		"en": {"Fit buses", "At least 20 &lt;people&gt;.", "hands over no count", "<html lang=\"en\">"},
	} {
		w := ask(s, "/privacy", "Accept", "text/html", "Accept-Language", lang)
		text := w.Body.String()
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", lang, want, text)
			}
		}
		if strings.Contains(text, "elsewhere") {
			t.Error("a source that the audience may not see has its card shown")
		}
	}
	if !strings.Contains(ask(s, "/status", "Accept", "text/html").Body.String(), `href="privacy"`) {
		t.Error("the status page does not lead to the cards")
	}
}

func TestThePrivacyCardsAreJSONForPrograms(t *testing.T) {
	s, _ := serve(t, protected(t), Options{})
	type document struct {
		Release string
		Cards   []struct {
			Source string
			Words  []model.Text
			Gate   struct{ K int }
		}
	}
	all := decode[document](t, ask(s, "/privacy"))
	if len(all.Cards) != 2 || all.Release == "" || all.Cards[0].Gate.K != 20 || len(all.Cards[1].Words) != 1 {
		t.Errorf("%+v", all)
	}
	if one := decode[document](t, ask(s, "/privacy/counts")); len(one.Cards) != 1 || one.Cards[0].Source != "counts" {
		t.Errorf("%+v", one)
	}
	for _, address := range []string{"/privacy/elsewhere", "/privacy/nothing", "/privacyx", "/privacy/"} {
		if w := ask(s, address); w.Code != 404 {
			t.Errorf("%s: %d", address, w.Code)
		}
	}
}
