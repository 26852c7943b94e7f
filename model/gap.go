package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// LedgerGap is a time of which a privacy ledger knows nothing: it was restored from a backup, and what was charged after the backup
// is lost. A loss that is not known may have been spent, so within the gap it counts as spent.
type LedgerGap struct {
	From  time.Time `json:"from"`  // of the backup
	Until time.Time `json:"until"` // of the restoration
	// Somebody answers for it that nothing was drawn in the gap: who, when, and how they know.
	Stated *Statement `json:"stated,omitempty"`
}

// Statement is what somebody answers for.
type Statement struct {
	By  string    `json:"by"`
	At  time.Time `json:"at"`
	Why string    `json:"why"`
}

// LedgerGapPath is the file beside a ledger that tells of a gap.
func LedgerGapPath(ledger string) string { return ledger + ".gap" }

// ReadLedgerGap is the gap of a ledger, nil when there is none. One that cannot be read is an error: it is not taken for none.
func ReadLedgerGap(ledger string) (*LedgerGap, error) {
	text, err := os.ReadFile(LedgerGapPath(ledger))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	g := &LedgerGap{}
	if err == nil {
		err = json.Unmarshal(text, g)
	}
	if err == nil && (g.Until.IsZero() || g.Until.Before(g.From)) {
		err = errors.New("it has no beginning and end")
	}
	if err != nil {
		return nil, &Error{Kind: Invalid, Op: "read", Subject: LedgerGapPath(ledger), Hint: "restore it from a backup: nothing is drawn while it cannot be read", Err: err}
	}
	return g, nil
}

// Hides says whether what was drawn about a window of data, which begins on a date, may stand in what was lost; then why. Windows of
// later years share neither a day nor a yearly cap with anything that can have been drawn before the end of the gap.
func (g *LedgerGap) Hides(from string) error {
	if g == nil || g.Stated != nil || from >= fmt.Sprintf("%04d-01-01", g.Until.UTC().Year()+1) {
		return nil
	}
	return fmt.Errorf("the ledger was restored from a backup of %s: what was charged from then until %s is not known, and counts as spent",
		g.From.Format(time.DateOnly), g.Until.Format(time.DateOnly))
}
