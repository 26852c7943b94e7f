package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
)

func create(t *testing.T) *Store {
	t.Helper()
	s, err := Create(t.Context(), filepath.Join(t.TempDir(), "build.duckdb"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// batches delivers n batches of three rows, then fails when err is set.
type batches struct {
	schema  *arrow.Schema
	current arrow.RecordBatch
	left    int
	err     error
}

func points(n int, err error) *batches {
	return &batches{schema: arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "geometry", Type: arrow.BinaryTypes.Binary, Nullable: true},
	}, nil), left: n, err: err}
}

func (b *batches) Retain()                        {}
func (b *batches) Release()                       {}
func (b *batches) Schema() *arrow.Schema          { return b.schema }
func (b *batches) RecordBatch() arrow.RecordBatch { return b.current }
func (b *batches) Record() arrow.RecordBatch      { return b.current }
func (b *batches) Next() bool {
	if b.left == 0 {
		return false
	}
	b.left--
	build := array.NewRecordBuilder(memory.DefaultAllocator, b.schema)
	for i := range 3 {
		build.Field(0).(*array.Int64Builder).Append(int64(i))
		build.Field(1).(*array.BinaryBuilder).Append(wkb.MustMarshal(orb.Point{1.5, 43.5}))
	}
	b.current = build.NewRecordBatch()
	return true
}
func (b *batches) Err() error {
	if b.left == 0 {
		return b.err
	}
	return nil
}

func TestLoad(t *testing.T) {
	t.Run("streams_batches_and_types_geometry", func(t *testing.T) {
		s := create(t)
		n, err := s.Load(t.Context(), "place", points(1000, nil))
		if err != nil || n != 3000 {
			t.Fatalf("loaded %d rows, error %v", n, err)
		}
		var kind string
		if err := s.Scan(t.Context(), "SELECT typeof(geometry) FROM place LIMIT 1", nil, &kind); err != nil {
			t.Fatal(err)
		}
		if kind != "GEOMETRY('OGC:CRS84')" {
			t.Errorf("geometry is %s", kind)
		}
	})
	t.Run("fails_with_the_readers_own_error", func(t *testing.T) {
		s := create(t)
		broken := errors.New("the file ends in the middle of a record")
		if _, err := s.Load(t.Context(), "place", points(3, broken)); !errors.Is(err, broken) {
			t.Fatalf("got %v", err)
		}
		if n, err := s.Load(t.Context(), "other", points(1, nil)); err != nil || n != 3 {
			t.Errorf("the store is unusable after a failed load: %d, %v", n, err)
		}
	})
}

func TestQuery(t *testing.T) {
	s := create(t)
	if _, err := s.Load(t.Context(), "place", points(10, nil)); err != nil {
		t.Fatal(err)
	}
	t.Run("geometry_arrives_as_wkb", func(t *testing.T) {
		r, err := s.Query(t.Context(), "SELECT ST_AsWKB(geometry) FROM place")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		if !r.Next() {
			t.Fatal("no batch")
		}
		g, err := wkb.Unmarshal(r.RecordBatch().Column(0).(*array.Binary).Value(0))
		if err != nil || !orb.Equal(g, orb.Point{1.5, 43.5}) {
			t.Errorf("got %v, %v", g, err)
		}
	})
	t.Run("may_be_drained_by_a_load", func(t *testing.T) {
		r, err := s.Query(t.Context(), "SELECT id, ST_AsWKB(geometry) AS geometry FROM place")
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		if n, err := s.Load(t.Context(), "copy", r); err != nil || n != 30 {
			t.Errorf("loaded %d, %v", n, err)
		}
	})
	t.Run("stops_when_cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Exec(ctx, "SELECT count(*) FROM range(1000000000)"); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNoExtensionIsEverInstalled(t *testing.T) {
	s := create(t)
	for _, statement := range []string{"SELECT ST_Area(geometry) FROM (SELECT ST_GeomFromWKB(NULL) AS geometry)"} {
		if _, err := s.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s should need an extension and fail", statement)
		}
	}
}

func TestQuote(t *testing.T) {
	s := create(t)
	name := `a"; DROP TABLE x; --`
	if _, err := s.Exec(t.Context(), "CREATE TABLE "+Quote(name)+" AS SELECT 1 AS "+Quote(name)); err != nil {
		t.Fatal(err)
	}
	var text string
	if err := s.Scan(t.Context(), "SELECT column_name FROM duckdb_columns() WHERE table_name = ?", []any{name}, &text); err != nil || text != name {
		t.Errorf("got %q, %v", text, err)
	}
	if err := s.Scan(t.Context(), "SELECT "+Literal("l'été"), nil, &text); err != nil || text != "l'été" {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestWhatFillsAHoleIsNotLookedAtAgain(t *testing.T) {
	got := Fill("COPY :table: TO :path:; SELECT 1::INTEGER", map[string]string{"table": "zone", "path": "'/srv/ :table: :x:/a'"})
	if want := "COPY zone TO '/srv/ :table: :x:/a'; SELECT 1::INTEGER"; got != want {
		t.Errorf("got %s", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a hole was left, and nobody said so")
		}
	}()
	Fill("SELECT :nothing:", nil)
}
