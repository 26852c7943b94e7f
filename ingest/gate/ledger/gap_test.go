package ledger

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jumeau/model"
)

// A ledger that was restored from a backup lets nothing be drawn that may have been drawn already.
func TestWhatMayHaveBeenSpentBeforeARestorationIsSpent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	l := At(path)
	gap := model.LedgerGap{From: time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)}
	write := func() {
		text, err := json.Marshal(gap)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(model.LedgerGapPath(path), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	of := func(from, to string) Charge {
		return Charge{Source: "phones", Release: from, Period: Period{from, to}, Class: "C", Epsilon: 1e6, Delta: 1e-6, K: 20, Mechanism: "m", Author: "a", Contract: "c"}
	}
	write()
	for _, c := range []Charge{of("2026-10-01", "2026-11-01"), of("2026-12-01", "2027-01-01"), of("2026-12-15", "2027-01-15")} {
		_, err := l.Charge(t.Context(), c, 9e6)
		if model.KindOf(err) != model.Withheld || !strings.Contains(err.Error(), "backup of 2026-11-10") {
			t.Errorf("%s is charged: %v", c.Release, err)
		}
		if l.Would(c, 9e6) == nil {
			t.Errorf("%s would be charged", c.Release)
		}
	}
	if _, err := l.Charge(t.Context(), of("2027-01-01", "2027-02-01"), 9e6); err != nil {
		t.Errorf("the next year: %v", err)
	}
	gap.Stated = &model.Statement{By: "dpo", Why: "the machine was off"}
	write()
	if _, err := l.Charge(t.Context(), of("2026-10-01", "2026-11-01"), 9e6); err != nil {
		t.Errorf("with a statement: %v", err)
	}
	if err := os.WriteFile(model.LedgerGapPath(path), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Charge(t.Context(), of("2027-03-01", "2027-04-01"), 9e6); err == nil {
		t.Error("a gap that cannot be read is taken for none")
	}
}
