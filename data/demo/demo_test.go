// Package demo_test loads the demonstration territory as a run would, and holds its declarations to its files.
package demo_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jumeau/data/demo/generate"
	"jumeau/ingest"
	"jumeau/ingest/contract"
	"jumeau/model"
	"jumeau/model/declare"
	"jumeau/model/store"
)

func territory(t *testing.T) *model.Territory {
	t.Helper()
	d, err := declare.Read(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// accounts loads every source of the full-size territory of seed 1.
func accounts(t *testing.T, d *model.Territory) (map[string]*ingest.Account, *generate.Report) {
	t.Helper()
	dir := t.TempDir()
	report, err := generate.Generate(t.Context(), dir, generate.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation(d.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "build.duckdb"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := ingest.Prepare(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	order, err := ingest.Order(d)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*ingest.Account{}
	for _, src := range order {
		if ingest.AboutPeople(src) {
			continue // through the gate: batch tests that
		}
		a, err := ingest.Load(t.Context(), st, src, ingest.Options{Folders: []string{dir}, Zone: zone, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatalf("%s: %v", src.ID, err)
		}
		out[src.ID] = a
	}
	return out, report
}

func TestEveryFileKeepsItsContractButForTheDefectsListed(t *testing.T) {
	got, report := accounts(t, territory(t))
	want := map[string]map[string]int64{}
	repairs := 0
	for _, d := range generate.Defects {
		if d.Repair {
			repairs++
			if n := got[d.Source].Repairs[d.Code]; n != int64(d.Count) {
				t.Errorf("%s: %d repairs %s, want %d (%s)", d.Source, n, d.Code, d.Count, d.What)
			}
			continue
		}
		if want[d.Source] == nil {
			want[d.Source] = map[string]int64{}
		}
		want[d.Source][d.Code] += int64(d.Count)
	}
	if repairs == 0 {
		t.Error("no defect is repaired")
	}
	rows := map[string]int{}
	for _, f := range report.Files {
		rows[f.Name] = f.Rows
	}
	for id, a := range got {
		codes := map[string]int64{}
		for _, c := range a.Rejected {
			codes[c.Code] = c.Rows
		}
		if diff := cmp.Diff(want[id], codes); diff != "" && len(want[id])+len(codes) > 0 {
			t.Errorf("%s: rejects differ (-listed +found):\n%s", id, diff)
		}
		if a.Read != a.Loaded+a.Skipped+a.RejectedRows() {
			t.Errorf("%s: read %d, loaded %d, skipped %d, rejected %d", id, a.Read, a.Loaded, a.Skipped, a.RejectedRows())
		}
		if n := rows[a.Files[0].Name]; a.Read != int64(n) {
			t.Errorf("%s: read %d rows, the generator wrote %d", id, a.Read, n)
		}
	}
}

func TestExamplesOfEveryDeclarationHold(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, src := range territory(t).Sources {
		for i, e := range src.Examples {
			count++
			if err := contract.CheckExample(src, e, zone); err != nil {
				t.Errorf("%s, example %d: %v", src.ID, i+1, err)
			}
		}
	}
	if count < 10 {
		t.Errorf("only %d examples", count)
	}
}

func TestTheTerritoryAnswersTheQuestionsOfTheFirstRelease(t *testing.T) {
	d := territory(t)
	if !d.Synthetic {
		t.Error("the territory is not marked synthetic")
	}
	asked := map[int]bool{}
	for _, l := range d.Layers {
		asked[l.Question] = true
		if l.Title.FR == "" || l.Title.EN == "" {
			t.Errorf("layer %s lacks a title", l.ID)
		}
		if !l.Background && (l.Summary.FR == "" || l.Summary.EN == "") {
			t.Errorf("layer %s lacks a summary", l.ID)
		}
	}
	for _, q := range []int{1, 2, 3, 4, 5, 12} {
		if !asked[q] {
			t.Errorf("no layer for question %d", q)
		}
	}
}

func TestSourcesAboutPersonsPublishThroughTheGateOnly(t *testing.T) {
	people := 0
	for _, src := range territory(t).Sources {
		folder := filepath.Dir(src.From.Path)
		if !ingest.AboutPeople(src) {
			if folder != "raw" {
				t.Errorf("%s reads %s", src.ID, src.From.Path)
			}
			continue
		}
		people++
		if folder != "raw-people" || len(src.Behaviour.Publish) == 0 || len(src.Measures)+len(src.Flows) > 0 {
			t.Errorf("%s reads %s and publishes %v", src.ID, src.From.Path, declare.Figures(src))
		}
	}
	if people != 7 {
		t.Errorf("%d sources about persons", people)
	}
}

// As a table they are refused, whatever else happens.
func TestRowsAboutPersonsNeverBecomeATable(t *testing.T) {
	for _, src := range territory(t).Sources {
		if !ingest.AboutPeople(src) {
			continue
		}
		_, err := ingest.Load(t.Context(), nil, src, ingest.Options{Log: slog.New(slog.DiscardHandler)})
		if fmt.Sprint(model.KindOf(err)) != "withheld" {
			t.Errorf("%s: %v", src.ID, err)
		}
	}
}
