package store

import (
	"path/filepath"
	"testing"
)

func TestTheTablesOfAPartOutliveTheBuildFile(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	part := filepath.Join(dir, "part.duckdb")
	build := func(name string) *Store {
		s, err := Create(ctx, filepath.Join(dir, name), Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	exec := func(s *Store, text string) {
		t.Helper()
		if _, err := s.Exec(ctx, text); err != nil {
			t.Fatal(err)
		}
	}
	count := func(s *Store, table string) (n int64, err error) {
		err = s.Scan(ctx, "SELECT count(*) FROM "+table, nil, &n)
		return n, err
	}
	first := build("build.duckdb")
	exec(first, "CREATE TABLE own AS SELECT * FROM range(3)")
	if err := first.BeginPart(ctx, part); err != nil {
		t.Fatal(err)
	}
	exec(first, "CREATE TABLE kept AS SELECT * FROM range(5)")
	exec(first, "CREATE TABLE passing AS SELECT * FROM range(7)")
	exec(first, "INSERT INTO own SELECT * FROM kept") // the one of the build file
	if err := first.EndPart(ctx, "kept"); err != nil {
		t.Fatal(err)
	}
	if n, err := count(first, "own"); n != 8 || err != nil {
		t.Errorf("own: %d, %v", n, err)
	}
	if _, err := count(first, "kept"); err == nil {
		t.Error("the table of a part that is closed was found")
	}
	second := build("again.duckdb")
	if _, err := second.Attach(ctx, part); err != nil {
		t.Fatal(err)
	}
	if n, err := count(second, "kept"); n != 5 || err != nil {
		t.Errorf("kept: %d, %v", n, err)
	}
	if _, err := count(second, "passing"); err == nil {
		t.Error("a table that was not to be kept was kept")
	}
	if _, err := second.Exec(ctx, "DELETE FROM kept"); err == nil {
		t.Error("a row of an attached part was deleted")
	}
	r, err := second.Query(ctx, "SELECT * FROM kept")
	if err != nil {
		t.Fatal(err)
	}
	r.Release()
	exec(second, "CREATE OR REPLACE TABLE fresh AS SELECT * FROM kept")
	if n, err := count(second, "again.fresh"); n != 5 || err != nil {
		t.Errorf("a new table is not in the build file: %d, %v", n, err)
	}
}
