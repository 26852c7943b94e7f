package edition

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"pgregory.net/rapid"

	"jumeau/model"
)

// editionFile writes rows by key, in batches of a size.
func editionFile(t interface {
	Fatal(...any)
	TempDir() string
}, columns string, rows map[uint64]uint64, size int) string {
	schema := arrow.NewSchema([]arrow.Field{{Name: "key", Type: arrow.PrimitiveTypes.Uint64}, {Name: "row", Type: arrow.PrimitiveTypes.Uint64}}, nil)
	var batches []arrow.RecordBatch
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(rows)), size) {
		build := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		for _, k := range keys {
			build.Field(0).(*array.Uint64Builder).Append(k)
			build.Field(1).(*array.Uint64Builder).Append(rows[k])
		}
		batches = append(batches, build.NewRecordBatch())
	}
	reader, err := array.NewRecordReader(schema, batches)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "e.bin")
	if err := Write(reader, columns, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestComparingIsWhatASetOfRowsSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.MapOf(rapid.Uint64Range(0, 30), rapid.Uint64Range(0, 3))
		a, b := rows.Draw(r, "a"), rows.Draw(r, "b")
		var want Change
		for k, v := range a {
			now, ok := b[k]
			switch {
			case !ok:
				want.Removed++
			case now != v:
				want.Changed++
			default:
				want.Same++
			}
		}
		for k := range b {
			if _, ok := a[k]; !ok {
				want.Added++
			}
		}
		size := rapid.IntRange(1, 7).Draw(r, "size")
		got, err := Compare(editionFile(tempIn{t, r}, "x", a, size), editionFile(tempIn{t, r}, "x", b, 8-size))
		if err != nil || got != want {
			r.Fatalf("%+v %v, want %+v", got, err, want)
		}
	})
}

type tempIn struct {
	t *testing.T
	r *rapid.T
}

func (t tempIn) Fatal(args ...any) { t.r.Fatal(args...) }
func (t tempIn) TempDir() string   { return t.t.TempDir() }

func TestOtherColumnsAreNoChangeOfEveryRow(t *testing.T) {
	got, err := Compare(editionFile(t, "id name", map[uint64]uint64{1: 1, 2: 2}, 9), editionFile(t, "id", map[uint64]uint64{2: 7, 3: 3}, 9))
	if want := (Change{Added: 1, Removed: 1, Same: 1, Redeclared: true}); err != nil || got != want {
		t.Errorf("%+v %v, want %+v", got, err, want)
	}
}

func TestTheKeyIsTheIdOrTheOnlyUniqueColumn(t *testing.T) {
	id, unique, plain := &model.Column{Type: "text", Role: "id"}, &model.Column{Type: "text", Unique: true, Required: true}, &model.Column{Type: "text"}
	for _, c := range []struct {
		columns   map[string]*model.Column
		behaviour *model.Behaviour
		want      string
	}{
		{map[string]*model.Column{"b": id, "a": unique}, nil, "b"},
		{map[string]*model.Column{"a": plain, "b": unique}, nil, "b"},
		{map[string]*model.Column{"a": unique, "b": unique}, nil, ""},
		{map[string]*model.Column{"a": plain}, nil, ""},
		{map[string]*model.Column{"a": id}, &model.Behaviour{Class: "A"}, "a"},
		{map[string]*model.Column{"a": id}, &model.Behaviour{Class: "B"}, ""},
		{map[string]*model.Column{"a": id, "p": {Type: "text", Role: "unit"}}, nil, ""},
	} {
		src := &model.Source{ID: "s", Contract: model.Contract{Columns: c.columns}, Behaviour: c.behaviour}
		if got := Key(src); got != c.want {
			t.Errorf("%v: key %q, want %q", c.columns, got, c.want)
		}
	}
}

// Any bytes are an edition or an error of the model's kind.
func FuzzEdition(f *testing.F) {
	seed, err := os.ReadFile(editionFile(f, "id", map[uint64]uint64{1: 1, 2: 5, 9: 3}, 2))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add(seed[:len(seed)-3])
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "e.bin")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Compare(path, path)
		var e *model.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%v", err)
		}
	})
}
