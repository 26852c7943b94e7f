package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"jumeau/ingest/gate/ledger"
	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
)

const cards = `source: cards
title: {fr: Cartes, en: Cards}
from: {path: cards.csv}
producer: nobody
licence: none
vintage: "2026"
contract:
  columns:
    card: {type: text, role: unit, required: true}
    at: {type: timestamp, role: time, required: true}
    stop: {type: text, role: place, required: true, refers: stops.id}
  reject_at_most: 10%
behaviour:
  class: C
  unit: person
  purpose: {fr: essai, en: test}
  legal_basis: public task
  retention: P30D
  period: 2026-Q1
  publish:
    seen: {title: {fr: Vus, en: Seen}, shape: presence, zones: commune, l0: 1}
`

// canary marks whatever belongs to one person in the files below; it must be found in nothing that a run leaves.
const canary = "ZQXJ"

// withPeople is the small territory with 300 cards at stop a and 2 at stop c, and rows that break their contract, each of which
// bears the canary.
func withPeople(t testing.TB, change map[string]string) string {
	t.Helper()
	dir := write(t, map[string]string{"layers/communes.yaml": strings.Replace(small["layers/communes.yaml"], "[stops]", "[stops, seen]", 1)})
	var rows strings.Builder
	rows.WriteString("card,at,stop,name\n")
	for i := range 300 {
		fmt.Fprintf(&rows, "%s-card-%d,2026-02-03T08:%02d:00,a,%s-name-%d\n", canary, i, i%60, canary, i)
	}
	fmt.Fprintf(&rows, "%[1]s-card-x,2026-02-03T08:00:00,c,%[1]s-name\n%[1]s-card-y,2026-02-03T08:00:00,c,%[1]s\n", canary)
	fmt.Fprintf(&rows, "%[1]s-card-z,%[1]s-time,a,\n%[1]s-card-z,2026-02-03T08:00:00,%[1]s-stop,\n,2026-02-03T08:00:00,a,%[1]s\n", canary)
	files := map[string]string{"sources/cards.yaml": cards, "cards.csv": rows.String()}
	maps.Copy(files, change)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func figuresOf(t testing.TB, releases, id, measure, system string, slot model.Slot) frame.Figures {
	t.Helper()
	v, err := frame.OpenValues(filepath.Join(releases, id, filepath.FromSlash(release.ValuesPath(measure, system))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	f, ok := v.At(slot)
	if !ok {
		t.Fatalf("%s has no slot %s", measure, slot)
	}
	return f
}

func charges(t testing.TB, releases string) []ledger.Entry {
	t.Helper()
	entries, err := ledger.Read(filepath.Join(releases, LedgerName))
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestASourceAboutPeopleIsDrawnOnceAndCarriedOver(t *testing.T) {
	dir, releases := withPeople(t, nil), t.TempDir()
	first, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	drawn := figuresOf(t, releases, first.Release, "seen", "commune", model.All)
	if v := drawn.Value[0]; v < 250 || v > 350 || drawn.Lo[0] >= v || drawn.Hi[0] <= v {
		t.Errorf("300 cards were seen in the first commune: %v (%v to %v)", v, drawn.Lo[0], drawn.Hi[0])
	}
	if drawn.Flag[1] != model.NotPublished {
		t.Errorf("two cards in the second commune: flag %v", drawn.Flag[1])
	}
	if n := len(charges(t, releases)); n != 1 {
		t.Fatalf("%d charges", n)
	}
	// The raw file goes when its retention ends; a run without it publishes the same figures and spends nothing.
	if err := os.Remove(filepath.Join(dir, "cards.csv")); err != nil {
		t.Fatal(err)
	}
	for range 3 { // T10
		again, err := runIn(t.Context(), t, dir, releases)
		if err != nil || again.Published || again.Release != first.Release {
			t.Errorf("run again: %+v, %v", again, err)
		}
	}
	// Another source changes, and the zones are numbered anew: a commune comes before the others.
	change := strings.Replace(small["communes.geojson"], `{"type":"FeatureCollection","features":[`, `{"type":"FeatureCollection","features":[
{"type":"Feature","properties":{"code":"0","name":"Nord"},"geometry":{"type":"Polygon","coordinates":[[[1,44],[2,44],[2,45],[1,45],[1,44]]]}},`, 1)
	if err := os.WriteFile(filepath.Join(dir, "communes.geojson"), []byte(change), 0o600); err != nil {
		t.Fatal(err)
	}
	next, err := runIn(t.Context(), t, dir, releases)
	if err != nil || !next.Published {
		t.Fatalf("%+v, %v", next, err)
	}
	carried := figuresOf(t, releases, next.Release, "seen", "commune", model.All)
	if carried.Flag[0] != model.NotPublished || carried.Value[1] != drawn.Value[0] || carried.Lo[1] != drawn.Lo[0] || carried.Hi[1] != drawn.Hi[0] {
		t.Errorf("drawn %v, carried over %v", drawn.Value, carried.Value)
	}
	if a := next.Accounts[len(next.Accounts)-1]; a.Carried != first.Release || a.Read != 0 {
		t.Errorf("account %+v", a)
	}
	if n := len(charges(t, releases)); n != 1 {
		t.Errorf("%d charges", n)
	}
}

// Cells exist because the territory does, not because somebody was there.
func TestCellsOfFiguresAboutPeopleCoverTheTerritory(t *testing.T) {
	dir := withPeople(t, map[string]string{
		"territory.yaml": strings.Replace(small["territory.yaml"], "[commune]", "[commune, cell_1km]", 1),
		"sources/cards.yaml": strings.Replace(cards, "shape: presence, zones: commune, l0: 1",
			"shape: presence, zones: cell_1km, levels: [commune], l0: 1", 1)})
	releases := t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := result.Manifest.Catalog.ZoneSystem("cell_1km") // two degrees of longitude by one of latitude, at 43.5° north
	if area := 2 * 80.7 * 111.1; float64(z.Count) < 0.97*area || float64(z.Count) > 1.03*area {
		t.Errorf("%d cells of 1 km² on %.0f km²", z.Count, area)
	}
	shown := 0
	for _, flag := range figuresOf(t, releases, result.Release, "seen", "cell_1km", model.All).Flag {
		if flag == model.OK {
			shown++
		}
	}
	if f := figuresOf(t, releases, result.Release, "seen", "commune", model.All); shown != 1 || f.Flag[0] != model.OK || f.Flag[1] != model.NotPublished {
		t.Errorf("%d cells published, communes %v", shown, f.Flag)
	}
}

func TestACorrectionIsANewEditionAndIsCharged(t *testing.T) {
	dir, releases := withPeople(t, nil), t.TempDir()
	if _, err := runIn(t.Context(), t, dir, releases); err != nil {
		t.Fatal(err)
	}
	edited := strings.Replace(cards, "  period: 2026-Q1\n", "  period: 2026-Q1\n  edition: 2\n", 1)
	if err := os.WriteFile(filepath.Join(dir, "sources", "cards.yaml"), []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := runIn(t.Context(), t, dir, releases); err != nil {
		t.Fatal(err)
	}
	entries := charges(t, releases)
	if len(entries) != 2 || entries[1].Release != "2026-Q1.2" || entries[1].Corrects != "2026-Q1" {
		t.Errorf("charges %+v", entries)
	}
}

// A run that is stopped between its charge and its release has spent, and has nothing to show: this is said, night after night,
// and the other sources go on.
func TestFiguresLostAfterTheirChargeStopNobodyElse(t *testing.T) {
	dir, releases := withPeople(t, nil), t.TempDir()
	first, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"current", first.Release} {
		if err := os.RemoveAll(filepath.Join(releases, name)); err != nil {
			t.Fatal(err)
		}
	}
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	if a := result.Accounts[len(result.Accounts)-1]; !a.Lost {
		t.Errorf("account %+v", a)
	}
	if _, ok := result.Manifest.Catalog.Measure("seen"); ok {
		t.Error("the figures were drawn again under the same charge")
	}
	if _, ok := result.Manifest.Catalog.Measure("stops"); !ok || len(charges(t, releases)) != 1 {
		t.Error("the other figures are missing, or a second charge was made")
	}
}

func TestTheManifestCarriesTheCardAndTheLineOfTheLedger(t *testing.T) {
	dir, releases := withPeople(t, nil), t.TempDir()
	result, err := runIn(t.Context(), t, dir, releases)
	if err != nil {
		t.Fatal(err)
	}
	open, err := release.Open(releases, result.Release)
	if err != nil {
		t.Fatal(err)
	}
	m := open.Manifest
	if len(m.Ledger) != 1 || len(m.Privacy) != 2 {
		t.Fatalf("ledger %+v, privacy %+v", m.Ledger, m.Privacy)
	}
	var line bytes.Buffer
	if err := json.Compact(&line, m.Ledger[0].Line); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(releases, LedgerName))
	if err != nil || string(file) != line.String()+"\n" {
		t.Errorf("the manifest has %s, the ledger %s (%v)", line.String(), file, err)
	}
	for _, c := range m.Privacy {
		if (c.Source == "cards") != (len(c.Gate) > 0) {
			t.Errorf("card of %s: %s", c.Source, c.Gate)
		}
	}
	// Nothing exact about the rows: not their number, not the digest of the file, not what was rejected.
	s, _ := m.Catalog.Source("cards")
	if !s.Protected || s.Read != 0 || s.Loaded != 0 || len(s.Rejected) != 0 || s.SHA256 != "" {
		t.Errorf("the catalogue says %+v", s)
	}
}

func TestWhatFailsBeforeTheChargeSpendsNothingAndQuotesNobody(t *testing.T) {
	for name, change := range map[string]map[string]string{
		"too_many_rejects": {"cards.csv": "card,at,stop\n" + canary + ",2026-02-03T08:00:00," + canary + "\n"},
		"no_header":        {"cards.csv": canary + "-card," + canary + "-at," + canary + "-stop\n"},
		"cut_quote":        {"cards.csv": "card,at,stop\n\"" + canary + ",2026-02-03T08:00:00,a\n"},
		"empty":            {"cards.csv": ""},
		"absent_place":     {"cards.csv": "card,at,nowhere\n" + canary + ",2026-02-03T08:00:00," + canary + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, releases := withPeople(t, change), t.TempDir()
			_, err := runIn(t.Context(), t, dir, releases)
			if err == nil {
				t.Fatal("the run succeeded")
			}
			if text := fmt.Sprint(err, model.HintOf(err)); strings.Contains(text, canary) || model.HintOf(err) == "" {
				t.Errorf("the message is %s", text)
			}
			if n := len(charges(t, releases)); n != 0 {
				t.Errorf("%d charges", n)
			}
		})
	}
}

// T2 at the level of the pipeline: nothing of a row about a person is in any byte that a run writes, while it runs or after, nor in its
// logs. The scan itself is shown to find what is there.
func TestNoByteOfAPersonIsWritten(t *testing.T) {
	dir, releases, temp := withPeople(t, nil), t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	var logs lockedBuffer
	quit, found := make(chan struct{}), make(chan []string)
	go func() { // during the run: drafts, build files, whatever comes and goes
		var hits []string
		for {
			hits = append(hits, scan(t, canary, releases, temp)...)
			select {
			case <-quit:
				found <- hits
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	result, err := Run(t.Context(), Options{Territory: territory(t, dir), Releases: releases, Folders: []string{dir},
		Log: slog.New(slog.NewJSONHandler(&logs, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	close(quit)
	hits := <-found
	if err != nil {
		t.Fatal(err)
	}
	hits = append(hits, scan(t, canary, releases, temp)...)
	if strings.Contains(logs.String(), canary) {
		hits = append(hits, "the log")
	}
	about, err := json.Marshal(result)
	if err != nil || bytes.Contains(about, []byte(canary)) {
		hits = append(hits, "the account")
	}
	if len(hits) > 0 {
		t.Errorf("found in %v", hits)
	}
	planted := filepath.Join(releases, result.Release, "planted")
	if err := os.WriteFile(planted, []byte("……"+canary+"-card-7……"), 0o600); err != nil {
		t.Fatal(err)
	}
	if hits := scan(t, canary, releases, temp); len(hits) != 1 {
		t.Errorf("the scan finds %v, one file was planted", hits)
	}
	if hits := scan(t, canary, dir); len(hits) == 0 {
		t.Error("the scan does not find the raw file")
	}
}

// scan is the names of the files below the folders that hold the text.
func scan(t testing.TB, text string, folders ...string) (hits []string) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil // it went while we looked
			}
			if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte(text)) {
				hits = append(hits, path)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	return hits
}

type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
