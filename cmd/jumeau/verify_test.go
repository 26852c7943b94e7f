package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jumeau/ingest/gate/ledger"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/model/store"
	"jumeau/model/verify"
)

// tinyRelease publishes a tiny release with a database that is one.
func tinyRelease(t *testing.T, columns string) (releases, id string) {
	t.Helper()
	releases = t.TempDir()
	d, err := release.Begin(releases)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m, err := releasetest.Write(d.Dir(), releasetest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.Catalog.Measures = m.Catalog.Measures[:1] // the open figures
	m.Catalog.Flows = nil
	for i := range m.Catalog.Layers {
		m.Catalog.Layers[i].Flows, m.Catalog.Layers[i].Measures = nil, nil
	}
	for _, gone := range []string{"model.duckdb", release.ValuesPath("presence", "commune"), release.FlowsPath("commuters", "commune")} {
		if err := os.Remove(filepath.Join(d.Dir(), gone)); err != nil {
			t.Fatal(err)
		}
	}
	pretended, err := filepath.Glob(filepath.Join(d.Dir(), "layers", "*.parquet")) // files of this name that are not Parquet
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range pretended {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	db, err := store.Create(context.Background(), filepath.Join(d.Dir(), "model.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(context.Background(), "CREATE TABLE measure ("+columns+")"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	id, _, err = d.Publish(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	return releases, id
}

func verified(t *testing.T, args ...string) (code int, text string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = run(append([]string{"verify"}, args...), &out, &errOut)
	return code, out.String() + errOut.String()
}

const measureColumns = "measure VARCHAR, system VARCHAR, slot VARCHAR, zone INTEGER, value DOUBLE, lo DOUBLE, hi DOUBLE, flag UTINYINT"

func TestVerifyTellsALineACheckAndFailsWithTheRelease(t *testing.T) {
	releases, id := tinyRelease(t, measureColumns)
	code, text := verified(t, "--releases", releases)
	if code != 0 || strings.Contains(text, "✗") || strings.Count(text, "✓") < 7 {
		t.Fatalf("exit %d\n%s", code, text)
	}
	if _, text = verified(t, id, "--releases", releases, "--lang", "fr"); !strings.Contains(text, "signé par une clé de confiance") {
		t.Errorf("not in French:\n%s", text)
	}
	if err := os.WriteFile(filepath.Join(releases, id, "model.duckdb"), []byte("another"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, text = verified(t, "--releases", releases); code != exitFailed || !strings.Contains(text, "✗ files") {
		t.Errorf("exit %d\n%s", code, text)
	}
	if code, text = verified(t, "--releases", releases, "--json"); code != exitFailed || !strings.Contains(text, `"state": "failed"`) {
		t.Errorf("exit %d\n%s", code, text)
	}
}

func TestVerifyLooksIntoTheDatabase(t *testing.T) {
	releases, _ := tinyRelease(t, measureColumns+", card VARCHAR")
	if code, text := verified(t, "--releases", releases); code != exitFailed || !strings.Contains(text, "table measure: column card of type VARCHAR") {
		t.Errorf("exit %d\n%s", code, text)
	}
}

func TestVerifyWithAnotherKeyFails(t *testing.T) {
	releases, _ := tinyRelease(t, measureColumns)
	other, _ := tinyRelease(t, measureColumns)
	if code, text := verified(t, "--releases", releases, "--key", filepath.Join(other, "key", "release.pub")); code != exitFailed || !strings.Contains(text, "✗ signature") {
		t.Errorf("exit %d\n%s", code, text)
	}
}

// The verifier has its own reading of the ledger: what the gate's ledger writes must be sound to it, and a byte changed must not.
func TestTheVerifierReadsTheGatesLedger(t *testing.T) {
	l := ledger.At(filepath.Join(t.TempDir(), "ledger.jsonl"))
	for i, p := range []ledger.Period{{From: "2026-01-01", To: "2026-04-01"}, {From: "2026-04-01", To: "2026-07-01"}} {
		if _, err := l.Charge(context.Background(), ledger.Charge{Source: "tickets", Release: string(rune('a' + i)), Period: p, Class: "C", Epsilon: 1_000_000, Delta: 1e-6,
			Rho: 0.03125, K: 20, L0: 4, Linf: 1, Mechanism: "discrete Laplace <1>", Author: "steward & co", Contract: "ab12"}, 4_000_000); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(l.Path())
	if err != nil {
		t.Fatal(err)
	}
	entries, faults := verify.ReadLedger(text)
	if len(entries) != 2 || len(faults) > 0 {
		t.Fatalf("%d entries, %v", len(entries), faults)
	}
	theirs, err := ledger.Read(l.Path())
	if err != nil || theirs[1].Hash != entries[1].Hash || float64(theirs[1].Epsilon) != float64(entries[1].Epsilon) || theirs[1].Period.To != entries[1].Period.To {
		t.Errorf("%+v, %+v (%v)", theirs, entries, err)
	}
	for i := range text {
		if text[i] == '\n' {
			continue
		}
		changed := bytes.Clone(text)
		changed[i] ^= 1
		if _, faults := verify.ReadLedger(changed); len(faults) == 0 {
			t.Fatalf("byte %d (%q) changed unseen", i, text[i])
		}
	}
}

func TestAttackRefusesATerritoryThatIsNotTheDemonstration(t *testing.T) {
	releases, _ := tinyRelease(t, measureColumns)
	var out, errOut bytes.Buffer
	if code := run([]string{"attack", "--releases", releases}, &out, &errOut); code != exitFailed || !strings.Contains(errOut.String(), "not of the demonstration territory") {
		t.Errorf("exit %d: %s", code, errOut.String())
	}
}
