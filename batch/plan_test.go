package batch

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"jumeau/model"
	"jumeau/model/release"
)

func TestAPlanReadsNoRowAndSpendsNothing(t *testing.T) {
	dir, releases := withPeople(t, nil), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(releases, LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "cards.csv")); err != nil { // there is nothing to peek at
		t.Fatal(err)
	}
	open, err := release.Open(releases, result.Release)
	if err != nil {
		t.Fatal(err)
	}
	of := territory(t, dir)
	var src *model.Source
	for _, s := range of.Sources {
		if s.ID == "cards" {
			src = s
		}
	}
	opt := PlanOptions{Source: src, Territory: of, Release: open, Ledger: filepath.Join(releases, LedgerName), Population: "stops", Units: 3000}
	rows, err := Plan(opt)
	if err != nil {
		t.Fatal(err)
	}
	grains, spent := map[string]bool{}, false
	for _, r := range rows {
		grains[r.System+" "+r.Slot+" "+r.Period] = true
		spent = spent || r.YearAfter == 2 && r.ReleasesLeft == 3
		if r.Fits != (r.Period == "quarter") {
			t.Errorf("%s at epsilon %v costs %v a year of %v: fits %v", r.Period, r.Epsilon, r.YearCost, r.YearCap, r.Fits)
		}
	}
	if len(grains) != 6 || !spent { // one system, three slot kinds, two periods
		t.Errorf("grains %v; the entry of the ledger is counted: %v", grains, spent)
	}
	if after, err := os.ReadFile(filepath.Join(releases, LedgerName)); err != nil || string(after) != string(before) {
		t.Errorf("the ledger changed: %v", err)
	}
	opt.Population = "seen"
	if _, err := Plan(opt); model.KindOf(err) != model.Invalid {
		t.Errorf("a plan from figures about people: %v", err)
	}
}

func TestAPlanNeedsNoReleaseButTheOpenSources(t *testing.T) {
	dir := withPeople(t, map[string]string{"cards.csv": ""}) // a run would stop at this file
	of := territory(t, dir)
	open, err := OpenOnly(t.Context(), Options{Territory: of, Releases: t.TempDir(), Folders: []string{dir}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := open.Manifest.Catalog.Measure("stops"); !ok || len(open.Manifest.Ledger) > 0 {
		t.Errorf("the release of the open sources: %+v", open.Manifest.Catalog.Measures)
	}
	if len(of.Layers) == 0 || len(of.Sources) < 3 {
		t.Error("the territory was changed")
	}
}
