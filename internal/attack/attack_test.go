package attack

import (
	"context"
	"os"
	"testing"
)

func size(short, full int) int {
	if os.Getenv("JUMEAU_PRIVACY") == "full" {
		return full
	}
	return short
}

func TestTheGateHoldsWhereARedactionBreaks(t *testing.T) {
	town := Invent(1, size(6000, 20000))
	results, err := Run(context.Background(), town, Options{K: 20, Epsilon: 1, Delta: 1e-6, Seed: 1, Runs: size(12, 100), Targets: size(100, 400), Sample: size(100, 300)})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		t.Logf("%s %s: gate %.3f, bound %.3f ± %.3f, redaction %.3f, %d trials %s", r.Test, r.Name, r.Gate, r.Bound, r.Slack, r.Redaction, r.Trials, r.Note.EN)
		if !r.Held {
			t.Errorf("%s %s succeeds: %.3f, bound %.3f ± %.3f", r.Test, r.Name, r.Gate, r.Bound, r.Slack)
		}
		if !r.Broken {
			t.Errorf("%s %s does not break the redaction: %.3f", r.Test, r.Name, r.Redaction)
		}
	}
}
