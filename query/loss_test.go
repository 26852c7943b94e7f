package query

import (
	"context"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"jumeau/model/release"
	"jumeau/model/release/releasetest"
)

// Budgets are by source: somebody who is in several loses the sum, which the page about protection says.
func TestTheLossOverAllSourcesIsSaid(t *testing.T) {
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
	line := func(cap string) json.RawMessage { return json.RawMessage(`{"cap_millionths":` + cap + `}`) }
	m.Ledger = []release.Entry{{Source: "a", Epsilon: 1, Delta: 1e-6, Line: line("4000000")}, {Source: "b", Epsilon: 0.5, Delta: 1e-6, Line: line("2000000")},
		{Source: "firms", Line: line("4000000")}} // no noise, no budget
	if _, _, err := d.Publish(context.Background(), m); err != nil {
		t.Fatal(err)
	}
	s, _ := serve(t, dir, Options{})
	var told struct {
		Loss loss `json:"loss"`
	}
	if err := json.Unmarshal(ask(s, "/privacy", "Accept", "application/json").Body.Bytes(), &told); err != nil {
		t.Fatal(err)
	}
	if l := told.Loss; l.Sources != 2 || l.Release != 1.5 || l.Year != 6 || math.Abs(l.Guess-(math.E*math.Sqrt(math.E)/(1+math.E*math.Sqrt(math.E))+2e-6)) > 1e-9 {
		t.Errorf("loss %+v", l)
	}
	for lang, want := range map[string]string{"fr": "les 2 sources qui en ont un perd au plus ε = 1.5 dans cette publication et 6 en un an", "en": "at most 82 times in 100"} {
		if text := ask(s, "/privacy", "Accept", "text/html", "Accept-Language", lang).Body.String(); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", lang, want, text)
		}
	}
}
