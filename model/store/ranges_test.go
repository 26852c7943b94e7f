package store

import (
	"context"
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
)

const someRows = `CREATE TABLE numbered AS SELECT i AS _row, repeat('x', i % 7) AS text FROM range(100000) t(i)`

func numbers(t *testing.T, s *Store, ctx context.Context, end int64) array.RecordReader {
	t.Helper()
	r, err := s.Ranges(ctx, "SELECT _row, text FROM numbered WHERE _row >= ? AND _row < ?", end)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRanges(t *testing.T) {
	t.Run("give_every_row_once_in_the_order_of_insertion", func(t *testing.T) {
		s := create(t)
		if _, err := s.Exec(t.Context(), someRows+"; DELETE FROM numbered WHERE _row % 1000 = 17"); err != nil {
			t.Fatal(err)
		}
		r := numbers(t, s, t.Context(), 100000)
		defer r.Release()
		var want int64
		for r.Next() {
			for _, got := range r.RecordBatch().Column(0).(*array.Int64).Int64Values() {
				if want%1000 == 17 {
					want++
				}
				if got != want {
					t.Fatalf("row %d where %d was due", got, want)
				}
				want++
			}
		}
		if r.Err() != nil || want != 100000 {
			t.Errorf("%d rows, %v", want, r.Err())
		}
	})
	t.Run("of_an_empty_table_have_no_batch", func(t *testing.T) {
		s := create(t)
		if _, err := s.Exec(t.Context(), someRows+" LIMIT 0"); err != nil {
			t.Fatal(err)
		}
		r := numbers(t, s, t.Context(), 0)
		defer r.Release()
		if r.Next() || r.Err() != nil {
			t.Errorf("a batch, or %v", r.Err())
		}
	})
	t.Run("say_the_error_of_a_later_part", func(t *testing.T) {
		s := create(t)
		if _, err := s.Exec(t.Context(), "CREATE TABLE words AS SELECT i AS _row, CASE WHEN i < 90000 THEN '1' ELSE 'one' END AS text FROM range(100000) t(i)"); err != nil {
			t.Fatal(err)
		}
		r, err := s.Ranges(t.Context(), "SELECT CAST(text AS INTEGER) FROM words WHERE _row >= ? AND _row < ?", 100000)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		for r.Next() {
		}
		if r.Err() == nil {
			t.Error("no error")
		}
	})
	t.Run("end_when_released_early_or_cancelled", func(t *testing.T) {
		s := create(t)
		if _, err := s.Exec(t.Context(), someRows); err != nil {
			t.Fatal(err)
		}
		r := numbers(t, s, t.Context(), 100000)
		r.Next()
		r.Release()
		ctx, cancel := context.WithCancel(t.Context())
		r = numbers(t, s, ctx, 1<<40) // without end, were it not cancelled
		defer r.Release()
		r.Next()
		cancel()
		for r.Next() {
		}
		if !errors.Is(r.Err(), context.Canceled) {
			t.Errorf("%v", r.Err())
		}
	})
}
