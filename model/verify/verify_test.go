package verify_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"jumeau/model"
	"jumeau/model/frame"
	"jumeau/model/release"
	"jumeau/model/release/releasetest"
	"jumeau/model/verify"
)

// world is a release being made, which a test may spoil before it is sealed (as a dishonest publisher would) or after (as anybody
// who reaches the disk).
type world struct {
	t        *testing.T
	releases string
	dir      string
	key      ed25519.PrivateKey
	m        release.Manifest
	card     verify.Card
	ledger   []verify.Entry
	database verify.Database
	beside   string // legal basis beside the gate's card

	presence, rollup frame.Figures
}

func made(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, releases: t.TempDir(), key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))}
	w.dir = filepath.Join(w.releases, "draft")
	if err := os.Mkdir(w.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.m, err = releasetest.Write(w.dir, releasetest.Options{}); err != nil {
		t.Fatal(err)
	}
	w.m.Format, w.m.BuiltAt, w.m.Key = release.Format, time.Date(2026, 4, 2, 2, 0, 0, 0, time.UTC), release.Fingerprint(w.key.Public().(ed25519.PublicKey))
	c := &w.m.Catalog
	c.Flows, c.Layers[0].Flows = nil, nil
	os.Remove(w.path(release.FlowsPath("commuters", "commune")))
	for _, l := range c.Layers { // the tiny release has files of this name that are not Parquet
		if _, err := os.Stat(w.path(release.ParquetPath(l.ID))); err == nil {
			w.must(os.Remove(w.path(release.ParquetPath(l.ID))))
		}
	}
	os.Remove(w.path(release.ValuesPath("presence", "commune")))
	c.Measures[1].Class, c.Measures[1].Slots = "C", []model.Slot{"weekday-08"}
	c.Measures[1].Systems = append(c.Measures[1].Systems, release.MeasureSystem{Zones: "epci"})
	c.Sources[1] = release.Source{ID: "counts", Class: "C"}
	w.presence, w.rollup = figures(97, math.NaN()), figures(97)
	w.rollup.Flag[0] = model.Partial
	w.card = verify.Card{Source: "counts", Class: "C", Profile: "dp", Unit: "person", Purpose: model.Text{FR: "bus", EN: "buses"}, LegalBasis: "public task", Retention: "P30D",
		K: 20, Epsilon: 1, Delta: 1e-6, Tables: []verify.CardTable{{Name: "presence", Shape: "presence", Slot: "hour", L0: 4,
			Levels: []verify.CardLevel{{System: "commune", Mechanism: "discrete Laplace", Epsilon: 1, HalfWidth: 13, Threshold: 79, Cells: 2, Published: 1}}}}}
	w.ledger = []verify.Entry{entry("counts", "2025-q4", "2025-10-01", "2026-01-01"), entry("counts", "2026-q1", "2026-01-01", "2026-04-01")}
	w.database = verify.Database{Columns: map[string][]verify.Column{"measure": {{Name: "value", Type: "DOUBLE"}, {Name: "flag", Type: "UTINYINT"}}},
		Figures: []verify.Sum{{ID: "presence", System: "commune", Numbers: 1, Sum: 97}}}
	return w
}

func entry(source, release, from, to string) verify.Entry {
	return verify.Entry{At: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC), Source: source, Release: release, Period: verify.Period{From: from, To: to}, Class: "C",
		Epsilon: 1_000_000, Delta: 1e-6, Rho: 0.5, K: 20, L0: 4, Linf: 1, Mechanism: "discrete Laplace", Author: "steward", Contract: "ab12", Cap: 4_000_000}
}

// figures that are published with ± 13, or not at all.
func figures(values ...float64) frame.Figures {
	f := frame.NewFigures(len(values))
	for i, v := range values {
		if f.Flag[i] = model.NotPublished; !math.IsNaN(v) {
			f.Value[i], f.Lo[i], f.Hi[i], f.Flag[i] = v, v-13, v+13, model.OK
		}
	}
	return f
}

func (w *world) path(file string) string { return filepath.Join(w.dir, filepath.FromSlash(file)) }

// chained writes the ledger as its own program does: a line an entry, each with its hash.
func chained(t *testing.T, entries []verify.Entry) (text []byte) {
	t.Helper()
	previous := ""
	for i := range entries {
		e := &entries[i]
		e.Seq, e.Previous, e.Hash = i+1, previous, ""
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(line)
		e.Hash = hex.EncodeToString(sum[:])
		previous = e.Hash
		line, _ = json.Marshal(e)
		text = append(append(text, line...), '\n')
	}
	return text
}

// seal writes figures, ledger, manifest and signature, and gives the folder its name.
func (w *world) seal() *world {
	w.t.Helper()
	for system, f := range map[string]frame.Figures{"commune": w.presence, "epci": w.rollup} {
		out, err := frame.CreateValues(w.path(release.ValuesPath("presence", system)), frame.ValuesSpec{Measure: "presence", System: system, Zones: f.Len(), Slots: []model.Slot{"weekday-08"}})
		if err != nil {
			w.t.Fatal(err)
		}
		if err := out.Write(f); err != nil {
			w.t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	w.must(os.WriteFile(filepath.Join(w.releases, verify.LedgerName), chained(w.t, w.ledger), 0o644))
	if n := len(w.ledger); n > 0 && w.card.Entry == nil {
		last := w.ledger[n-1]
		w.card.Entry = &last
	}
	w.sign()
	return w
}

func (w *world) sign() {
	w.m.Files = nil
	w.must(filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(w.dir, path)
		sum := sha256.Sum256(data)
		w.m.Files = append(w.m.Files, release.File{Path: filepath.ToSlash(name), Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])})
		return err
	}))
	own, err := json.Marshal(w.card)
	w.must(err)
	said := release.Card{Source: w.card.Source, Class: w.card.Class, Purpose: w.card.Purpose, LegalBasis: w.card.LegalBasis, Retention: w.card.Retention, Threshold: w.card.Threshold}
	if w.beside != "" {
		said.LegalBasis = w.beside
	}
	if w.card.Class == "C" {
		said.Gate = own
	}
	cards, err := json.Marshal([]release.Card{said})
	w.must(err)
	if e := w.card.Entry; e != nil {
		line, err := json.Marshal(e)
		w.must(err)
		w.m.Ledger = []release.Entry{{Source: e.Source, Hash: e.Hash, Line: line}}
	}
	w.must(json.Unmarshal(cards, &w.m.Privacy))
	if w.m.Content, err = w.m.ContentID(); err != nil {
		w.t.Fatal(err)
	}
	w.m.ID = w.m.BuiltAt.Format("2006-01-02T1504Z") + "-" + w.m.Content[:6]
	text, err := json.Marshal(w.m)
	w.must(err)
	var whole map[string]any
	w.must(json.Unmarshal(text, &whole))
	whole["privacy"] = json.RawMessage(cards)
	text, err = json.Marshal(whole)
	w.must(err)
	w.must(os.WriteFile(w.path("manifest.json"), text, 0o644))
	w.must(os.WriteFile(w.path("manifest.sig"), ed25519.Sign(w.key, text), 0o644))
	named := filepath.Join(w.releases, w.m.ID)
	w.must(os.Rename(w.dir, named))
	w.dir = named
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) verified() *verify.Report {
	w.t.Helper()
	r, err := verify.Run(context.Background(), verify.Options{Releases: w.releases, ID: w.m.ID, Keys: []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)},
		Database: func(context.Context, string) (*verify.Database, error) { return &w.database, nil }})
	w.must(err)
	return r
}

// failed lists the checks that failed, with what they found.
func failed(r *verify.Report) (ids []string, found string) {
	for _, c := range r.Checks {
		if c.State == verify.Failed {
			ids = append(ids, c.ID)
			found += c.ID + ": " + strings.Join(c.Found, "; ") + "\n"
		}
	}
	return ids, found
}

func TestASoundReleasePassesEveryCheck(t *testing.T) {
	r := made(t).seal().verified()
	for _, c := range r.Checks {
		if c.State == verify.Failed || c.State == verify.Nothing && c.ID != "producer" {
			t.Errorf("%s: %s %q", c.ID, c.State, c.Found)
		}
		if c.Means.FR == "" || c.Means.EN == "" {
			t.Errorf("%s does not say what it means", c.ID)
		}
	}
	if !r.OK() || len(r.Checks) != 16 {
		t.Errorf("%d checks", len(r.Checks))
	}
}

// Each spoils one thing before the release is sealed: everything is signed, and one rule is broken.
func TestTotalsWithTheirRestsPass(t *testing.T) {
	w := made(t)
	w.m.Catalog.Measures[1].Totals = []release.Total{{Slot: "weekday-08", Value: 200, Lo: 180, Hi: 220, Rests: map[string]float64{"commune": 103}}}
	if ids, found := failed(w.seal().verified()); len(ids) > 0 {
		t.Errorf("%v\n%s", ids, found)
	}
}

// A mosaic of the commune whose figure is told, and of what is left of the authority around it.
func TestPiecesOfAMosaicAreHeldToTheirZones(t *testing.T) {
	for _, c := range []struct {
		whole, rest float64
		says        string
	}{{97, 90, ""}, {98, 90, "another figure"}, {97, 99, "another figure"}, {97, math.NaN(), ""}} {
		w := made(t)
		w.m.Catalog.ZoneSystems = append(w.m.Catalog.ZoneSystems, release.ZoneSystem{ID: "grain", Title: model.Text{FR: "g", EN: "g"}, Count: 2, Geometry: "polygon"})
		w.m.Catalog.Measures[1].Systems = append(w.m.Catalog.Measures[1].Systems, release.MeasureSystem{Zones: "grain"})
		w.must(frame.WriteZones(w.path(release.ZonesPath("grain")), &frame.Zones{System: "grain", ID: []string{"commune:31001", "epci:243100633"},
			Name: []string{"Ayguesvives", "Sicoval (reste)"}, Lon: []float64{1.5, 1.5}, Lat: []float64{43.5, 43.5}, BBox: make([][4]float64, 2), Area: []float64{1, 1}}))
		out, err := frame.CreateValues(w.path(release.ValuesPath("presence", "grain")), frame.ValuesSpec{Measure: "presence", System: "grain", Zones: 2, Slots: []model.Slot{"weekday-08"}})
		w.must(err)
		w.must(out.Write(figures(c.whole, c.rest)))
		w.must(out.Close())
		ids, found := failed(w.seal().verified())
		if slices.Contains(ids, "totals") != (c.says != "") || !strings.Contains(found, c.says) {
			t.Errorf("%v and %v: %v, want %q\n%s", c.whole, c.rest, ids, c.says, found)
		}
	}
}

func TestADishonestReleaseIsCaught(t *testing.T) {
	for _, c := range []struct {
		name, check, says string
		spoil             func(*world)
	}{
		{"no purpose", "manifest", "no purpose", func(w *world) { w.card.Purpose = model.Text{} }},
		{"no unit", "manifest", "no unit", func(w *world) { w.card.Unit = "" }},
		{"k under the floor", "manifest", "k = 10", func(w *world) { w.card.K, w.ledger[1].K = 10, 10 }},
		{"another card than the gate's", "manifest", "not that of its gate", func(w *world) { w.beside = "consent" }},
		{"no card", "manifest", "no privacy card", func(w *world) { w.card.Source = "other"; w.card.Class = "A" }},
		{"over the cap", "ledger", "spent epsilon", func(w *world) {
			w.ledger[0].Period.To, w.ledger[1].Epsilon = "2025-12-31", 4_000_001
			w.card.Epsilon = 4.000001
		}},
		{"cap over New Year", "ledger", "of the 4 that 2026", func(w *world) {
			w.ledger[0].Period, w.ledger[0].Epsilon = verify.Period{From: "2025-12-01", To: "2026-01-01"}, 4_000_000
			w.ledger[1].Epsilon = 4_000_001
			w.card.Epsilon = 4.000001
		}},
		{"overlapping windows", "ledger", "overlaps", func(w *world) { w.ledger[0].Period.To = "2026-01-02" }},
		{"released twice", "ledger", "twice", func(w *world) { w.ledger[0].Release = "2026-q1" }},
		{"corrects what never was", "ledger", "never charged", func(w *world) { w.ledger[1].Corrects = "2019-q1" }},
		{"not charged", "entries", "no entry of the ledger", func(w *world) {
			e := entry("counts", "x", "2026-01-01", "2026-04-01")
			e.Hash = "00"
			w.card.Entry = &e
			w.card.Entry = nil
			w.ledger = nil
		}},
		{"charged to somebody else", "entries", "the ledger has no entry", func(w *world) {
			e := entry("counts", "x", "2026-01-01", "2026-04-01")
			e.Hash = "00"
			w.card.Entry = &e
		}},
		{"cheaper than it was", "entries", "the card says epsilon", func(w *world) { w.card.Epsilon = 0.5 }},
		{"another k", "entries", "k = 30", func(w *world) { w.card.K = 30 }},
		{"rows counted exactly", "rows", "counted exactly", func(w *world) { w.m.Catalog.Sources[1].Loaded = 80_123 }},
		{"hash of the raw file", "rows", "hash of its raw file", func(w *world) { w.m.Catalog.Sources[1].SHA256 = "ab" }},
		{"a layer of rows", "rows", "draws the rows", func(w *world) { w.m.Catalog.Layers[1].Source = "counts" }},
		{"an extra Arrow column", "columns", "column card of type utf8", func(w *world) { w.addColumn("card") }},
		{"a file nobody knows", "columns", "nothing that would be in it", func(w *world) { w.must(os.WriteFile(w.path("values/raw.arrow"), []byte("ARROW1"), 0o644)) }},
		{"an extra table", "database", "table fact_row", func(w *world) { w.database.Columns["fact_row"] = nil }},
		{"an extra database column", "database", "column unit", func(w *world) {
			w.database.Columns["measure"] = append(w.database.Columns["measure"], verify.Column{Name: "unit", Type: "VARCHAR"})
		}},
		{"a reason that quotes", "database", "may quote the row", func(w *world) { w.database.Explained = []string{"counts"} }},
		{"withheld numbers in the database", "database", "carry a number", func(w *world) { w.database.Figures[0].Loose = 1 }},
		{"other numbers in the database", "database", "other figures", func(w *world) { w.database.Figures[0].Sum = 92 }},
		{"a fine slot", "slots", "08:15", func(w *world) { w.m.Catalog.Measures[1].Slots = []model.Slot{"weekday-08:15"} }},
		{"below the threshold", "threshold", "below 79", func(w *world) {
			w.presence, w.rollup = figures(78, math.NaN()), figures(78)
			w.rollup.Flag[0] = model.Partial
			w.database.Figures[0].Sum = 78
		}},
		{"a producer's small count", "producer", "producer's threshold 20", func(w *world) { w.classD(7) }},
		{"a narrow interval", "intervals", "narrower than ± 13", func(w *world) { w.presence.Lo[0]++ }},
		{"no interval", "intervals", "narrower", func(w *world) { w.presence.Hi[0] = math.NaN() }},
		{"a rest that is not what is left", "totals", "the rest by commune", func(w *world) {
			w.m.Catalog.Measures[1].Totals = []release.Total{{Slot: "weekday-08", Value: 200, Lo: 180, Hi: 220, Rests: map[string]float64{"commune": 104}}}
		}},
		{"a total without interval", "totals", "outside its interval", func(w *world) {
			w.m.Catalog.Measures[1].Totals = []release.Total{{Slot: "weekday-08", Value: 200, Lo: 210, Hi: 220}}
		}},
		{"a total of no slot", "totals", "no slot of it", func(w *world) {
			w.m.Catalog.Measures[1].Totals = []release.Total{{Slot: "weekday-09", Value: 200, Lo: 180, Hi: 220}}
		}},
		{"the exact total", "totals", "the difference tells", func(w *world) { w.rollup.Value[0], w.rollup.Hi[0] = 103, 120 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := made(t)
			c.spoil(w)
			ids, found := failed(w.seal().verified())
			if !slices.Contains(ids, c.check) || !strings.Contains(found, c.says) {
				t.Errorf("got %v, want %s to say %q\n%s", ids, c.check, c.says, found)
			}
			for _, id := range ids { // nothing else is to blame, save what follows from it
				if follows := map[string]string{"entries": "ledger manifest", "columns": "flags texts threshold", "manifest": "entries"}[c.check]; id != c.check && !strings.Contains(follows, id) {
					t.Errorf("%s failed as well:\n%s", id, found)
				}
			}
		})
	}
}

// classD makes the release one of a producer's thresholded table, with a small count.
func (w *world) classD(v float64) {
	w.m.Catalog.Measures[1].Class, w.m.Catalog.Sources[1].Class = "D", "D"
	w.card = verify.Card{Source: "counts", Class: "D", Threshold: 20}
	w.presence, w.rollup = figures(v, math.NaN()), figures(v)
	w.rollup.Flag[0] = model.Partial
	w.database.Figures = nil
}

// addColumn gives the release another measure whose file has a column of texts more.
func (w *world) addColumn(column string) {
	slots := []model.Slot{"weekday-08"}
	plain := filepath.Join(w.t.TempDir(), "figures.arrow")
	out, err := frame.CreateValues(plain, frame.ValuesSpec{Measure: "copy", System: "commune", Zones: 2, Slots: slots})
	w.must(err)
	w.must(out.Write(w.presence))
	w.must(out.Close())
	in, err := os.Open(plain)
	w.must(err)
	defer in.Close()
	r, err := ipc.NewFileReader(in)
	w.must(err)
	batch, err := r.RecordBatch(0)
	w.must(err)
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues([]string{"04A1", "04A2"}, nil)
	meta := r.Schema().Metadata()
	schema := arrow.NewSchema(append(slices.Clone(r.Schema().Fields()), arrow.Field{Name: column, Type: arrow.BinaryTypes.String}), &meta)
	w.m.Catalog.Measures = append(w.m.Catalog.Measures, release.Measure{ID: "copy", Source: "counts", Class: "C", Slots: slots, Systems: []release.MeasureSystem{{Zones: "commune"}}})
	to, err := os.Create(w.path(release.ValuesPath("copy", "commune")))
	w.must(err)
	defer to.Close()
	f, err := ipc.NewFileWriter(to, ipc.WithSchema(schema))
	w.must(err)
	w.must(f.Write(array.NewRecordBatch(schema, append(slices.Clone(batch.Columns()), b.NewArray()), 2)))
	w.must(f.Close())
}

// Each changes the disk after the release was sealed.
func TestATamperedReleaseIsCaught(t *testing.T) {
	change := func(file string, edit func([]byte) []byte) func(*world) {
		return func(w *world) {
			text, err := os.ReadFile(w.path(file))
			w.must(err)
			w.must(os.WriteFile(w.path(file), edit(text), 0o644))
		}
	}
	flip := func(b []byte) []byte { b[len(b)/2] ^= 1; return b }
	for _, c := range []struct {
		name, check, says string
		tamper            func(*world)
	}{
		{"a byte of a figure", "files", "values/presence.commune.arrow are not", change("values/presence.commune.arrow", flip)},
		{"a byte of the database", "files", "model.duckdb are not", change("model.duckdb", flip)},
		{"a file is gone", "files", "is missing", func(w *world) { os.Remove(w.path("zones/epci.arrow")) }},
		{"a file is added", "files", "does not name it", func(w *world) { w.must(os.WriteFile(w.path("layers/raw.csv"), nil, 0o644)) }},
		{"a word of the manifest", "signature", "not by a trusted key", change("manifest.json", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("public task"), []byte("public cask")) })},
		{"the signature", "signature", "not by a trusted key", change("manifest.sig", flip)},
		{"signed by another key", "signature", "not by a trusted key", func(w *world) {
			text, _ := os.ReadFile(w.path("manifest.json"))
			w.must(os.WriteFile(w.path("manifest.sig"), ed25519.Sign(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32)), text), 0o644))
		}},
		{"the folder's name", "content", "the manifest is that of", func(w *world) {
			other := "2026-05-02T0200Z-" + w.m.Content[:6]
			w.must(os.Rename(w.dir, filepath.Join(w.releases, other)))
			w.m.ID = other
		}},
		{"an amount in the ledger", "ledger", "hash it says", func(w *world) { w.editLedger("1000000", "1000001") }},
		{"a line of the ledger is taken out", "ledger", "does not follow", func(w *world) {
			path := filepath.Join(w.releases, verify.LedgerName)
			text, _ := os.ReadFile(path)
			_, rest, _ := bytes.Cut(text, []byte("\n"))
			w.must(os.WriteFile(path, rest, 0o644))
		}},
		{"the ledger is gone", "ledger", "there is no ledger", func(w *world) { os.Remove(filepath.Join(w.releases, verify.LedgerName)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := made(t).seal()
			c.tamper(w)
			r := w.verified()
			ids, found := failed(r)
			if r.OK() || !slices.Contains(ids, c.check) || !strings.Contains(found, c.says) {
				t.Errorf("got %v, want %s to say %q\n%s", ids, c.check, c.says, found)
			}
		})
	}
}

func (w *world) editLedger(from, to string) {
	path := filepath.Join(w.releases, verify.LedgerName)
	text, err := os.ReadFile(path)
	w.must(err)
	w.must(os.WriteFile(path, bytes.Replace(text, []byte(from), []byte(to), 1), 0o644))
}

func TestAWithheldNumberInAFileIsCaught(t *testing.T) {
	w := made(t).seal()
	path := w.path("values/presence.commune.arrow")
	text, err := os.ReadFile(path)
	w.must(err)
	nan := hexOf(math.NaN())
	at := bytes.Index(text, append(hexOf(97), nan...)) // value column: 97, then nothing
	if at < 0 {
		t.Fatal("the value column is not where it was")
	}
	copy(text[at+8:], hexOf(12))
	w.must(os.WriteFile(path, text, 0o644))
	if c := w.verified().Check("flags"); c.State != verify.Failed || !strings.Contains(c.Found[0], "carries a number") || strings.Contains(c.Found[0], "12") {
		t.Errorf("%+v", c)
	}
}

func hexOf(v float64) []byte {
	bits := math.Float64bits(v)
	out := make([]byte, 8)
	for i := range out {
		out[i] = byte(bits >> (8 * i))
	}
	return out
}

func TestTracesOfPersonsAndDevicesAreSeen(t *testing.T) {
	for text, want := range map[string]string{
		"marie.dupont@example.org": "an e-mail address", "seen 3c:22:fb:01:9a:7e": "a network address of a device", "AB-123-CD": "a number plate",
		"2026-03-02T08:14:22Z": "an instant", "0b3c7f7e9d0b3c7f7e9d0b3c7f7e9d00": "a hash", "8f14e45f-ceea-467f-a5c1-0b3c7f7e9d00": "a UUID",
		"12 rue de l'Église": "", "BATIMENT0000000248101": "", "CRS3035RES200mN2315600E3690400": "", "31555_1234_00012": "", "2026-03-02": "", "Collège Jean-Jaurès": "",
	} {
		if got := verify.Trace(text); got != want {
			t.Errorf("%q looks like %q, want %q", text, got, want)
		}
	}
}

func FuzzReadLedger(f *testing.F) {
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"seq":1,"hash":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, faults := verify.ReadLedger(data)
		if len(faults) == 0 && len(entries) > 0 && (entries[0].Seq != 1 || entries[0].Previous != "") {
			t.Fatal(fmt.Sprint("accepted: ", entries))
		}
	})
}
