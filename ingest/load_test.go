package ingest

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"jumeau/model"
	"jumeau/model/store"
)

// bench is a folder of files and a build file.
type bench struct {
	dir   string
	store *store.Store
	opt   Options
}

func newBench(t *testing.T, files map[string]string) *bench {
	t.Helper()
	b := &bench{dir: t.TempDir()}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	if b.store, err = store.Create(t.Context(), filepath.Join(t.TempDir(), "build.duckdb"), store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.store.Close() })
	if err := Prepare(t.Context(), b.store); err != nil {
		t.Fatal(err)
	}
	b.opt = Options{Folders: []string{b.dir}, Zone: zone, Log: slog.New(slog.DiscardHandler)}
	return b
}

func (b *bench) load(t *testing.T, src *model.Source) (*Account, error) {
	t.Helper()
	a, err := Load(t.Context(), b.store, src, b.opt)
	if err == nil && !a.Absent && a.Read != a.Loaded+a.Skipped+a.RejectedRows() {
		t.Errorf("%s: read %d, loaded %d, skipped %d, rejected %d", src.ID, a.Read, a.Loaded, a.Skipped, a.RejectedRows())
	}
	return a, err
}

func table(id, path string, columns map[string]*model.Column) *model.Source {
	return &model.Source{ID: id, From: model.From{Path: path}, Contract: model.Contract{Columns: columns, RejectAtMost: 1}}
}

func (b *bench) rejects(t *testing.T) (out []string) {
	t.Helper()
	rows, err := b.store.Rows(t.Context(), `SELECT source, file, line, code, "column", reason FROM reject ORDER BY ALL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var source, file, code, column, reason string
		var line int64
		if err := rows.Scan(&source, &file, &line, &code, &column, &reason); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %s:%d %s %s", source, file, line, code, column))
	}
	return out
}

func TestRulesThatNeedTheWholeSource(t *testing.T) {
	b := newBench(t, map[string]string{
		"communes.csv": "code\n31001\n31002\n31001\n",
		"stops-1.csv":  "id,commune\n1,31001\n2,31002\n",
		"stops-2.csv":  "id,commune\n2,31001\n3,31999\n4,\n",
	})
	if _, err := b.load(t, table("communes", "communes.csv", map[string]*model.Column{"code": {Type: "text", Role: "id"}})); err != nil {
		t.Fatal(err)
	}
	a, err := b.load(t, table("stops", "stops-*.csv", map[string]*model.Column{
		"id": {Type: "integer", Unique: true}, "commune": {Type: "text", Refers: "communes.code"}}))
	if err != nil {
		t.Fatal(err)
	}
	if a.Read != 5 || a.Loaded != 3 {
		t.Errorf("read %d, loaded %d", a.Read, a.Loaded)
	}
	want := []string{
		"communes communes.csv:4 duplicate code", "stops stops-2.csv:2 duplicate id", "stops stops-2.csv:3 reference_unknown commune",
	}
	if diff := cmp.Diff(want, b.rejects(t)); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyOwnRowsAreKept(t *testing.T) {
	b := newBench(t, map[string]string{
		"members.csv":  "siren,code\n243100633,31001\n200000172,74001\n",
		"communes.csv": "code\n31001\n31002\n",
	})
	members := table("members", "members.csv", map[string]*model.Column{"siren": {Type: "text"}, "code": {Type: "text"}})
	members.Keep = []model.Keep{{Column: "siren", In: []string{"243100633"}}}
	communes := table("communes", "communes.csv", map[string]*model.Column{"code": {Type: "text"}})
	communes.Keep = []model.Keep{{Column: "code", FoundIn: "members.code"}}
	for _, src := range []*model.Source{members, communes} {
		a, err := b.load(t, src)
		if err != nil {
			t.Fatal(err)
		}
		if a.Loaded != 1 || a.Skipped != 1 || a.RejectedRows() != 0 {
			t.Errorf("%s: %+v", src.ID, a)
		}
	}
}

func TestTooManyRejectsStopTheRunAndSayWhere(t *testing.T) {
	b := newBench(t, map[string]string{"n.csv": "n\n1\nx\n3\n4\n"})
	src := table("n", "n.csv", map[string]*model.Column{"n": {Type: "integer"}})
	src.Contract.RejectAtMost = 0.2
	_, err := b.load(t, src)
	for _, want := range []string{"1 of 4 rows", "25 %", "20 %", "type_integer", "n.csv:3"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if model.HintOf(err) == "" || model.KindOf(err) != model.Invalid {
		t.Errorf("kind %v, hint %q", model.KindOf(err), model.HintOf(err))
	}
	src.ID, src.Contract.RejectAtMost = "m", 0.25
	if _, err := b.load(t, src); err != nil {
		t.Error(err)
	}
}

func TestAbsentFiles(t *testing.T) {
	b := newBench(t, nil)
	src := table("n", "n.csv", map[string]*model.Column{"n": {Type: "integer"}})
	src.From.URL = "https://example.org/n.csv"
	_, err := b.load(t, src)
	if model.KindOf(err) != model.NotFound || !strings.Contains(model.HintOf(err), src.From.URL) {
		t.Errorf("got %v, hint %q", err, model.HintOf(err))
	}
	src.Optional = true
	if a, err := b.load(t, src); err != nil || !a.Absent {
		t.Errorf("got %+v, %v", a, err)
	}
	src.From.Path = "../n.csv"
	if _, err := b.load(t, src); model.KindOf(err) != model.Invalid {
		t.Errorf("a path that leaves its folder: %v", err)
	}
}

func TestABrokenFileIsAnErrorThatNamesIt(t *testing.T) {
	b := newBench(t, map[string]string{"n.csv.gz": "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03cut"})
	_, err := b.load(t, table("n", "n.csv.gz", map[string]*model.Column{"n": {Type: "integer"}}))
	if err == nil || !strings.Contains(err.Error(), "n.csv.gz") {
		t.Errorf("got %v", err)
	}
}

func TestNothingAboutPersonsIsRead(t *testing.T) {
	b := newBench(t, map[string]string{"cards.csv": "card,stop\nsecret-card-id,1\n"})
	for _, class := range []string{"C", "E", "F", "G"} {
		src := table("cards", "cards.csv", map[string]*model.Column{"stop": {Type: "text"}})
		src.Behaviour = &model.Behaviour{Class: class}
		_, err := b.load(t, src)
		if model.KindOf(err) != model.Withheld || !strings.Contains(err.Error(), "class "+class) {
			t.Errorf("class %s: %v", class, err)
		}
	}
	src := table("cards", "cards.csv", map[string]*model.Column{"card": {Type: "text", Role: "unit"}})
	if _, err := b.load(t, src); model.KindOf(err) != model.Withheld {
		t.Errorf("a column that identifies persons: %v", err)
	}
	if _, err := b.store.Exec(t.Context(), "FROM "+Table("cards")); err == nil {
		t.Error("a table was made")
	}
}

func TestSourcesAreReadAfterThoseTheyReferTo(t *testing.T) {
	member := table("b_members", "", nil)
	communes := table("a_communes", "", nil)
	communes.Keep = []model.Keep{{Column: "code", FoundIn: "b_members.code"}}
	communes.Zones = &model.ZoneSystem{System: "commune"}
	stops := table("a_stops", "", nil)
	stops.Keep = []model.Keep{{Within: "commune"}}
	order, err := Order(&model.Territory{Sources: []*model.Source{stops, communes, member}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range order {
		got = append(got, s.ID)
	}
	if diff := cmp.Diff([]string{"b_members", "a_communes", "a_stops"}, got); diff != "" {
		t.Error(diff)
	}
	member.Contract.Columns = map[string]*model.Column{"x": {Refers: "a_stops.id"}}
	if _, err := Order(&model.Territory{Sources: []*model.Source{stops, communes, member}}); err == nil || !strings.Contains(err.Error(), "refer to each other") {
		t.Errorf("a circle: %v", err)
	}
}

func TestLocatingOpensNoFile(t *testing.T) {
	b := newBench(t, map[string]string{"huge.csv": ""})
	if err := os.Truncate(filepath.Join(b.dir, "huge.csv"), 1<<42); err != nil { // hours to read
		t.Skip(err)
	}
	files, err := Locate(table("huge", "huge.csv", nil), b.opt.Folders)
	if err != nil || len(files) != 1 || files[0].Bytes != 1<<42 || files[0].SHA256 != "" {
		t.Errorf("%+v, %v", files, err)
	}
}

// meddler writes into a file as soon as its reading begins.
type meddler struct{ path string }

func (m meddler) Begin(string, int64) (func(int64), func(string)) {
	os.WriteFile(m.path, []byte("n\n1\n2\n3\n4\n"), 0o600)
	return func(int64) {}, func(string) {}
}

func TestAFileThatChangesWhileItIsReadIsAnError(t *testing.T) {
	b := newBench(t, map[string]string{"n.csv": "n\n1\n2\n"})
	b.opt.Progress = meddler{filepath.Join(b.dir, "n.csv")}
	_, err := b.load(t, table("n", "n.csv", map[string]*model.Column{"n": {Type: "integer"}}))
	if model.KindOf(err) != model.Unavailable || !strings.Contains(err.Error(), "changed while it was read") || model.HintOf(err) == "" {
		t.Errorf("%v, hint %q", err, model.HintOf(err))
	}
}

func TestOnlyOpenClassesAreLoaded(t *testing.T) {
	for name, c := range map[string]struct {
		behaviour *model.Behaviour
		refused   bool
	}{
		"none":                  {nil, false},
		"A":                     {&model.Behaviour{Class: "A"}, false},
		"B":                     {&model.Behaviour{Class: "B"}, false},
		"D":                     {&model.Behaviour{Class: "D", Threshold: 20}, false},
		"unknown":               {&model.Behaviour{Class: "H"}, true},
		"none_given":            {&model.Behaviour{}, true},
		"open_with_a_unit":      {&model.Behaviour{Class: "A", Unit: "person"}, true},
		"open_through_the_gate": {&model.Behaviour{Class: "B", Publish: map[string]*model.Published{}}, true},
	} {
		src := table("s", "s.csv", nil)
		src.Behaviour = c.behaviour
		if err := Refuse(src); (err != nil) != c.refused || err != nil && model.KindOf(err) != model.Withheld {
			t.Errorf("%s: %v", name, err)
		}
	}
}
